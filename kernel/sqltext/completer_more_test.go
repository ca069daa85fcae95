package sqltext

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"sextant/kernel/engine"
)

func TestCompletionRange(t *testing.T) {
	for _, c := range []struct{ cell, want string }{
		{"SELECT am| FROM orders", "am"},
		{"SELECT a|mo FROM orders", "amo"},
		{"SELECT o.am|", "am"},
		{"SELECT '🦆e\u0301', \"fi|", "\"fi"},
		{"SELECT '🦆', ü|nï FROM \"My Table\"", "ünï"},
		{"SELECT | FROM orders", ""},
		{"SELECT \"fi| FROM customers", "\"fi"},
		{"SELECT \"fi|x\" FROM customers", "\"fix\""},
		{"-- 🦆\n%ch|", "%ch"},
		{"SELECT $r|", "$r"},
		{"FROM 'data/|'", "data/"},
		{"%chart 🦆 x=am|", "am"},
	} {
		cell, cursor := marked(t, c.cell)
		got := newCompleter(shop()).Complete(context.Background(), cell, cursor)
		if text := string([]rune(cell)[got.Start:got.End]); text != c.want {
			t.Errorf("%s replaces %q, want %q", c.cell, text, c.want)
		}
	}
}

func TestCompletionDetails(t *testing.T) {
	for _, c := range []struct {
		cell string
		want Candidate
	}{
		{"SELECT amo| FROM orders", Candidate{Text: "amount", Kind: KindColumn, Signature: "DECIMAL(18,2)", Detail: "orders"}},
		{"SELECT sum| ", Candidate{Text: "sum", Kind: KindFunction, Signature: "sum(arg DOUBLE) → DOUBLE (+1)"}},
		{"SELECT coun| ", Candidate{Text: "count", Kind: KindFunction, Signature: "count(ANY…) → BIGINT"}},
		{"FROM rec|", Candidate{Text: "recent_orders", Kind: KindView, Signature: "view"}},
		{"SET thr|", Candidate{Text: "threads", Kind: KindSetting, Signature: "BIGINT", Detail: "now 2; "}},
		{"WITH recents AS (SELECT 1) FROM recents|", Candidate{Text: "recents", Kind: KindCTE}},
		{"%par|", Candidate{Text: "%params", Kind: KindMagic}},
	} {
		cell, cursor := marked(t, c.cell)
		got := newCompleter(shop()).Complete(context.Background(), cell, cursor)
		if len(got.Items) == 0 || got.Items[0] != c.want {
			t.Errorf("%s gives %+v, want %+v", c.cell, got.Items, c.want)
		}
	}
}

func TestCompletionLimit(t *testing.T) {
	c := newCompleter(warehouse(600))
	got := c.Complete(context.Background(), "FROM ", 5)
	if len(got.Items) != DefaultLimit || !got.More {
		t.Errorf("%d candidates, more %v", len(got.Items), got.More)
	}
	if got.Items[0].Text != "customers" {
		t.Errorf("the first is %q", got.Items[0].Text)
	}
	c.Limit = 3
	if got := c.Complete(context.Background(), "FROM fact_0", 11); len(got.Items) != 3 || !got.More || got.Items[2].Text != "fact_00002" {
		t.Errorf("%+v", got)
	}
}

// TestOnlyTablesInScopeAreAsked: the columns of no other table are looked at.
func TestOnlyTablesInScopeAreAsked(t *testing.T) {
	m := warehouse(50)
	c := newCompleter(m)
	cell := "WITH a AS (SELECT * FROM orders) SELECT  FROM a JOIN a AS b USING (amount) JOIN customers ON true"
	c.Complete(context.Background(), cell, strings.Index(cell, "  FROM a")+1)
	if m.columnsAsked > 3 {
		t.Errorf("the catalog was asked %d times for the columns of 2 tables", m.columnsAsked)
	}
}

// mute answers everything with an error.
type mute struct{ engine.Catalog }

var errMute = errors.New("mute")

func (mute) Databases(context.Context) ([]string, error)                         { return nil, errMute }
func (mute) Schemas(context.Context) ([]engine.SchemaName, error)                { return nil, errMute }
func (mute) Current(context.Context) ([]engine.SchemaName, error)                { return nil, errMute }
func (mute) Tables(context.Context) ([]engine.Table, error)                      { return nil, errMute }
func (mute) Columns(context.Context, []string) ([]engine.TableColumn, error)     { return nil, errMute }
func (mute) SourceColumns(context.Context, string) ([]engine.TableColumn, error) { return nil, errMute }
func (mute) Functions(context.Context) ([]engine.Function, error)                { return nil, errMute }
func (mute) Settings(context.Context) ([]engine.Setting, error)                  { return nil, errMute }
func (mute) Keywords(context.Context) ([]string, error)                          { return nil, errMute }
func (mute) Types(context.Context) ([]string, error)                             { return nil, errMute }
func (mute) Files(context.Context, string) ([]string, error)                     { return nil, errMute }

// TestCompletionWithoutCatalog: no catalog and one that fails leave keywords and what the text itself names.
func TestCompletionWithoutCatalog(t *testing.T) {
	for _, cat := range []engine.Catalog{nil, mute{}} {
		for _, c := range completionCases {
			cell, cursor := marked(t, c.cell)
			Completer{Dialect: DuckDB, Catalog: cat, Magics: testMagics()}.Complete(context.Background(), cell, cursor)
			Completer{Dialect: DuckDB, Catalog: cat}.Target(context.Background(), cell, cursor)
		}
		cell, cursor := marked(t, "WITH a AS (SELECT 1 AS x) SELECT a.| FROM a")
		got := Completer{Dialect: DuckDB, Catalog: cat}.Complete(context.Background(), cell, cursor)
		if len(got.Items) == 0 || got.Items[0].Text != "x" {
			t.Errorf("%+v", got)
		}
	}
}

// checkCompletions holds what is true of the completions of any cell.
func checkCompletions(t interface{ Fatalf(string, ...any) }, cell string, cursor int) {
	c := newCompleter(shop())
	got := c.Complete(context.Background(), cell, cursor)
	n := utf8.RuneCountInString(cell)
	at := max(0, min(cursor, n))
	if got.Start < 0 || got.End > n || got.Start > at || got.End < at {
		t.Fatalf("%q at %d: replaces %d:%d", cell, cursor, got.Start, got.End)
	}
	if len(got.Items) > DefaultLimit {
		t.Fatalf("%q at %d: %d candidates", cell, cursor, len(got.Items))
	}
	type key struct {
		text string
		kind CandidateKind
	}
	seen := map[key]bool{}
	for _, it := range got.Items {
		if it.Text == "" || it.Kind == "" || seen[key{it.Text, it.Kind}] {
			t.Fatalf("%q at %d: candidate %+v", cell, cursor, it)
		}
		seen[key{it.Text, it.Kind}] = true
	}
	if again := c.Complete(context.Background(), cell, cursor); !reflect.DeepEqual(got, again) {
		t.Fatalf("%q at %d: the second time other candidates", cell, cursor)
	}
	target := c.Target(context.Background(), cell, cursor)
	if target.Start < 0 || target.End > n || target.Start > target.End || target.Kind == "" && target.Name != "" {
		t.Fatalf("%q at %d: target %+v", cell, cursor, target)
	}
}

// cellGen draws cells of tokens, mostly broken.
func cellGen() *rapid.Generator[string] {
	piece := rapid.SampledFrom(strings.Split("SELECT|FROM|WHERE|WITH|AS|(|)|,|.|;|orders|customers|o|*|JOIN|ON|USING|GROUP BY|'|\"|$$|$x|"+
		"::|[|]|{|}|--|/*|*/|\n|%chart|%|?|INSERT INTO|UPDATE|SET|VALUES|CREATE TABLE|COPY|PIVOT|UNION|RECURSIVE|🦆|é|1|=|EXCLUDE|"+
		"address|LATERAL|read_csv(|'data/|CASE|OVER|ALTER TABLE|DROP|x=|\\|DISTINCT|ORDER BY|:|->|\u00a0|\r|E'|#1", "|"))
	return rapid.Custom(func(t *rapid.T) string {
		sep := rapid.SampledFrom([]string{" ", ""})
		var b strings.Builder
		for range rapid.IntRange(0, 25).Draw(t, "pieces") {
			b.WriteString(piece.Draw(t, "piece"))
			b.WriteString(sep.Draw(t, "between"))
		}
		return b.String()
	})
}

func TestCompletionOfAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := cellGen().Draw(t, "cell")
		checkCompletions(t, cell, rapid.IntRange(-1, utf8.RuneCountInString(cell)+1).Draw(t, "cursor"))
	})
}

// TestCompletionAtEveryPlace goes through every place of every statement of the corpus.
func TestCompletionAtEveryPlace(t *testing.T) {
	for _, sql := range corpus(t) {
		for i := range utf8.RuneCountInString(sql) + 1 {
			checkCompletions(t, sql, i)
		}
	}
}

// TestCandidatesOfferedRunInDuckDB takes what is offered for an identifier and has DuckDB read it.
func TestCandidatesOfferedRunInDuckDB(t *testing.T) {
	o := newOracle(t)
	for _, sql := range []string{
		`CREATE TABLE customers (customer_id INTEGER, name VARCHAR, City VARCHAR, "order" INTEGER, "first name" VARCHAR,
			address STRUCT(street VARCHAR, "zip code" VARCHAR, geo STRUCT(lat DOUBLE, lon DOUBLE)))`,
		`CREATE TABLE orders (order_id INTEGER, customer_id INTEGER, amount DECIMAL(18,2), placed DATE)`,
	} {
		if _, msg := o.run(sql); msg != "" {
			t.Fatal(msg)
		}
	}
	for _, text := range []string{
		"SELECT | FROM customers", "SELECT c.| FROM customers c", "SELECT c.address.| FROM customers c",
		"SELECT address.geo.| FROM customers", "SELECT | FROM customers c JOIN orders o USING (customer_id)",
		"WITH a AS (SELECT * FROM customers) SELECT | FROM a", "SELECT s.| FROM (SELECT c.* FROM customers c) s",
		"SELECT * EXCLUDE (|) FROM customers", "SELECT 1 FROM customers GROUP BY |", "UPDATE customers SET | = NULL",
		"SELECT 1 FROM orders JOIN customers USING (|)", "INSERT INTO customers (|) VALUES (NULL)",
	} {
		cell, cursor := marked(t, text)
		got := newCompleter(shop()).Complete(context.Background(), cell, cursor)
		r := []rune(cell)
		n := 0
		for _, it := range got.Items {
			if it.Kind != KindColumn {
				continue
			}
			n++
			sql := string(r[:got.Start]) + it.Text + string(r[got.End:])
			if _, msg := o.run("EXPLAIN " + sql); msg != "" {
				t.Errorf("%s: %s", sql, msg)
			}
		}
		if n == 0 {
			t.Errorf("%s: no columns", text)
		}
	}
}

func TestTarget(t *testing.T) {
	for _, c := range []struct{ cell, want string }{
		{"SELECT am|ount FROM orders", "column amount of orders DECIMAL(18,2)"},
		{"SELECT amount| FROM orders", "column amount of orders DECIMAL(18,2)"},
		{"SELECT o.amo|unt FROM orders o", "column amount of orders DECIMAL(18,2)"},
		{"SELECT s.b| FROM (SELECT amount AS b FROM main.orders) s", "column amount of main.orders DECIMAL(18,2)"},
		{"WITH c(x) AS (SELECT placed FROM orders) SELECT x| FROM c", "column placed of orders DATE"},
		{"SELECT c.address.geo.la|t FROM customers c", "column address of customers then geo.lat DOUBLE"},
		{"SELECT \"first na|me\" FROM customers", "column first name of customers VARCHAR"},
		{"SELECT * FROM ord|ers", "table orders of orders"},
		{"SELECT * FROM sal|es.regions", "table regions of sales.regions"},
		{"SELECT o|.amount FROM orders o", "table orders of orders"},
		{"SELECT * FROM orders o|", "table orders of orders"},
		{"WITH c AS (SELECT 1 AS x) SELECT * FROM c|", "CTE c"},
		{"SELECT su|m(amount) FROM orders", "function sum"},
		{"SELECT sum(|) FROM orders", "function sum"},
		{"SELECT sum(1 + |) FROM orders", "function sum"},
		{"SELECT sum(am|ount) FROM orders", "column amount of orders DECIMAL(18,2)"},
		{"SELECT count(substr('a', |", "function substr"},
		{"SELECT substr('a|b', 1)", "function substr"},
		{"SELECT * FROM range(|10)", "function range from range(10)"},
		{"INSERT INTO orders (|", "table orders of orders"},
		{"INSERT INTO orders (am|ount)", "column amount of orders DECIMAL(18,2)"},
		{"SELECT * FROM 'data/a|.parquet'", "file data/a.parquet from 'data/a.parquet'"},
		{"SET thr|eads = 4", "setting threads"},
		{"PRAGMA memory_li|mit", "setting memory_limit"},
		{"SELECT x::DA|TE", "type DATE"},
		{"SELECT CAST(x AS int|eger)", "type INTEGER"},
		{"SELECT $re|gion", "parameter region"},
		{"sel|ect 1", "keyword SELECT"},
		{"SELECT 1 GROUP B|Y 1", "keyword BY"},
		{"SELECT 1 |", ""},
		{"SELECT 1 -- am|ount", ""},
		{"%cha|rt bar", "magic chart"},
		{"%chart bar x=|", "magic chart"},
		{"orders|?", "table orders of orders"},
		{"?su|m", "function sum"},
		{"threads?|", "setting threads"},
		{"%chart?|", "magic chart"},
		{"", ""},
	} {
		if c.cell == "" {
			c.cell = "|"
		}
		cell, cursor := marked(t, c.cell)
		g := newCompleter(shop()).Target(context.Background(), cell, cursor)
		got := ""
		if g.Kind != "" {
			got = string(g.Kind) + " " + g.Name
			if g.Path != nil {
				got += " of " + strings.Join(g.Path, ".")
			}
			if g.Source != "" {
				got += " from " + g.Source
			}
			if g.Fields != nil {
				got += " then " + strings.Join(g.Fields, ".")
			}
			if g.Type != "" {
				got += " " + g.Type
			}
		}
		if got != c.want {
			t.Errorf("%s is %q, want %q", c.cell, got, c.want)
		}
	}
}

func TestTargetRange(t *testing.T) {
	cell, cursor := marked(t, "SELECT '🦆', sum(|)")
	g := newCompleter(shop()).Target(context.Background(), cell, cursor)
	if got := string([]rune(cell)[g.Start:g.End]); got != "sum" {
		t.Errorf("%q", got)
	}
}

func TestStructFields(t *testing.T) {
	for _, c := range []struct {
		typ  string
		want []Field
	}{
		{"INTEGER", nil},
		{"STRUCT(a INTEGER)", []Field{{"a", "INTEGER"}}},
		{`STRUCT(a DECIMAL(18, 2), "b, c" STRUCT(d VARCHAR[], "e" INT)[], f MAP(VARCHAR, INTEGER))`,
			[]Field{{"a", "DECIMAL(18, 2)"}, {"b, c", `STRUCT(d VARCHAR[], "e" INT)[]`}, {"f", "MAP(VARCHAR, INTEGER)"}}},
		{"STRUCT(a INTEGER)[]", nil},
		{"UNION(n INTEGER, s VARCHAR)", []Field{{"n", "INTEGER"}, {"s", "VARCHAR"}}},
		{"STRUCT(a TIMESTAMP WITH TIME ZONE)", []Field{{"a", "TIMESTAMP WITH TIME ZONE"}}},
		{"STRUCT(", nil}, {"STRUCT", nil}, {"", nil}, {"ENUM('a', 'b')", nil},
	} {
		if got := StructFields(c.typ); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.typ, got, c.want)
		}
	}
}

func BenchmarkCompletions(b *testing.B) {
	m := warehouse(5000)
	c := newCompleter(m)
	for _, text := range []string{
		"SELECT | FROM fact_00042 JOIN fact_00043 ON true",
		"SELECT f.c42_| FROM fact_00042 f",
		"SELECT * FROM |",
		"SELECT * FROM fact_0|",
		"SELECT * FROM fct42|",
		"SELECT cuont| FROM fact_00001, fact_00002, fact_00003",
		"|",
	} {
		cell, cursor := marked(b, text)
		b.Run(fmt.Sprint(text), func(b *testing.B) {
			for b.Loop() {
				c.Complete(context.Background(), cell, cursor)
			}
		})
	}
}
