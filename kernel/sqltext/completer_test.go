package sqltext

import (
	"context"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func testMagics() []MagicSpec {
	return []MagicSpec{
		{Name: "chart", Signature: "%chart kind x= y=", Args: []MagicArg{
			{Values: []string{"bar", "line", "pie"}}, {Name: "x", Values: []string{"amount", "two words"}}, {Name: "y"},
			{Name: "from", Kind: ArgTable}, {Name: "log", Flag: true}}},
		{Name: "connect", Args: []MagicArg{{Kind: ArgFile}}},
		{Name: "params"},
	}
}

func newCompleter(m *memory) Completer {
	return Completer{Dialect: DuckDB, Catalog: m, Magics: testMagics(), Params: []string{"region", "since"}}
}

// marked takes the | out of a text and gives its place in code points.
func marked(t testing.TB, text string) (cell string, cursor int) {
	t.Helper()
	before, after, ok := strings.Cut(text, "|")
	if !ok {
		t.Fatalf("%q has no |", text)
	}
	return before + after, utf8.RuneCountInString(before)
}

// The cursor is at |. want are the first candidates, separated by ", "; "=" before them: there are no others; "∅":
// there are none. After " ! " come texts that must not be there.
var completionCases = []struct{ cell, want string }{
	// The beginning.
	{"|", "SELECT, FROM, WITH"},
	{"sel|", "=select"},
	{"Sel|", "=SELECT"},
	{"SELECT 1; |", "SELECT, FROM"},
	{"select 1; ins|", "insert into, install"},
	{"-- sel|", "∅"},
	{"select 1 /* sel| */", "∅"},
	{"explain |", "analyze, select"},
	{"sel|ect 1", "=select"},

	// Columns.
	{"SELECT | FROM orders", "order_id, customer_id, amount, placed, orders, count"},
	{"SELECT am| FROM orders", "=amount"},
	{"select AM| from orders", "=amount"},
	{"SELECT amt| FROM orders", "=amount"},
	{"SELECT o.| FROM orders o", "order_id, customer_id, amount, placed, *"},
	{"SELECT o.| FROM orders AS o", "order_id, customer_id, amount, placed"},
	{"SELECT o.a| FROM orders AS o JOIN customers c ON true", "=amount"},
	{"SELECT orders.| FROM orders", "order_id, customer_id"},
	{"SELECT x.| FROM orders o", "∅"},
	{"SELECT main.orders.pl| FROM main.orders", "=placed"},
	{"SELECT memory.main.orders.pl| FROM memory.main.orders", "=placed"},
	{"SELECT r.| FROM sales.regions r", "region, manager"},
	{"SELECT | FROM lake.raw.events", "event_id, payload"},
	{"SELECT cu| FROM orders o, customers c", "o.customer_id, c.customer_id, current_setting"},
	{"SELECT * FROM orders WHERE |", "order_id, customer_id, amount, placed"},
	{"SELECT * FROM orders WHERE amount > 1 AND pl|", "=placed"},
	{"SELECT sum(|) FROM orders", "order_id, customer_id, amount"},
	{"SELECT sum(| FROM orders", "order_id, customer_id, amount"},
	{"SELECT sum(a| from orders where x in (1)", "amount, array"},
	{"SELECT a, | FROM orders", "order_id"},
	{"SELECT y| FROM orders", "∅"},
	{"SELECT CASE WHEN | FROM orders", "order_id"},
	{"SELECT CASE WHEN a = 1 | FROM orders", "WHEN, THEN"},
	{"SELECT * FROM orders GROUP BY |", "order_id"},
	{"SELECT * FROM orders ORDER BY am|", "=amount"},
	{"SELECT amount * 2 AS twice, placed FROM orders ORDER BY |", "twice, order_id"},
	{"SELECT amount * 2 AS twice FROM orders HAVING tw|", "=twice"},
	{"SELECT amount * 2 AS twice, tw| FROM orders", "=twice"},
	{"SELECT * FROM orders QUALIFY row_number() OVER (PARTITION BY |) = 1", "order_id"},
	{"SELECT sum(amount) OVER (|) FROM orders", "=PARTITION BY, ORDER BY, ROWS, RANGE, GROUPS"},
	{"SELECT * EXCLUDE (| FROM orders", "order_id, customer_id, amount, placed"},
	{"SELECT * EXCLUDE (order_id, am|) FROM orders", "=amount"},
	{"SELECT * FROM orders o JOIN customers c ON o.customer_id = c.|", "customer_id, name, City, \"order\", \"first name\", address"},
	{"SELECT * FROM orders o JOIN customers c ON |", "order_id, o.customer_id, amount, placed, c.customer_id, name"},
	{"SELECT * FROM orders JOIN customers USING (|", "=customer_id"},
	{"SELECT * FROM orders JOIN customers USING (c|)", "=customer_id"},
	{"SELECT \"fi| FROM customers", "=\"first name\""},
	{"SELECT \"fi|\" FROM customers", "=\"first name\""},
	{"SELECT ü| FROM \"My Table\"", "=ünï"},
	{"SELECT '🦆🦆é', ü| FROM \"My Table\"", "=ünï"},
	{"SELECT c.address.| FROM customers c", "street, \"zip code\", geo"},
	{"SELECT address.geo.l| FROM customers c", "=lat, lon"},
	{"SELECT address.geo.lat.| FROM customers c", "∅"},
	{"SELECT | FROM 'data/a.parquet'", "pa, pb"},
	{"SELECT | FROM read_parquet('data/a.parquet') AS p", "pa, pb, p"},
	{"SELECT p.| FROM read_parquet('data/a.parquet') p", "pa, pb"},
	{"SELECT r.| FROM range(10) AS r(i)", "=i, *"},
	{"FROM orders SELECT am|", "=amount"},
	{"FROM orders SELECT |", "order_id"},
	{"FROM orders o SELECT o.|", "order_id"},
	{"SELECT | FROM (SELECT amount AS a, placed, sum(x) FROM orders) s", "a, placed, s"},
	{"SELECT s.| FROM (SELECT amount AS a, placed p FROM orders) s", "a, p"},
	{"SELECT s.| FROM (SELECT * EXCLUDE (order_id) RENAME (amount AS a) FROM orders) s", "customer_id, a, placed"},
	{"SELECT v.| FROM (VALUES (1, 'a')) v(x, y)", "x, y"},
	{"SELECT v.| FROM (VALUES (1, f(2, 3))) v", "col0, col1"},
	{"SELECT s.| FROM (FROM orders) s", "order_id, customer_id, amount, placed"},
	{"SELECT s.| FROM ((SELECT placed FROM orders)) s", "=placed, *"},
	{"SELECT s.| FROM (SELECT o.* FROM orders o JOIN customers c USING (customer_id)) s", "order_id, customer_id, amount, placed"},
	{"SELECT s.| FROM (SELECT amount FROM orders UNION ALL SELECT name FROM customers) s", "=amount, *"},
	{"SELECT amount FROM orders UNION ALL SELECT n| FROM customers", "=name, not, null"},
	{"SELECT (SELECT | FROM customers c WHERE true) FROM orders o", "customer_id, name"},
	{"SELECT * FROM orders o WHERE EXISTS (SELECT 1 FROM customers c WHERE c.customer_id = o.|)", "order_id, customer_id"},
	{"SELECT * FROM orders o, LATERAL (SELECT o.| ) x", "order_id, customer_id"},

	// Common table expressions.
	{"WITH a AS (SELECT amount, placed AS p FROM orders) SELECT | FROM a", "amount, p, a"},
	{"WITH a AS (SELECT amount FROM orders) SELECT a.| FROM a", "=amount, *"},
	{"WITH a(x, y) AS (SELECT amount, placed FROM orders) SELECT a.| FROM a", "x, y"},
	{"WITH a AS (SELECT amount x FROM orders), b AS (SELECT x AS z FROM a) SELECT b.| FROM b", "=z, *"},
	{"WITH a AS (SELECT amount x FROM orders), b AS (SELECT | FROM a) SELECT 1", "x, a"},
	{"WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT r.| FROM r) SELECT 1", "=n, *"},
	{"WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT r.| FROM r", "=n, *"},
	{"WITH recent AS (SELECT 1) SELECT * FROM re|", "recent, recent_orders, sales.regions, read_csv"},
	{"WITH orders AS (SELECT 1 AS mine) SELECT orders.| FROM orders", "=mine, *"},
	{"WITH a AS (SELECT 1) SELECT (WITH b AS (SELECT 2 AS q) SELECT b.| FROM b)", "=q, *"},
	{"WITH a AS (SELECT amount FROM orders) SELECT b.| FROM a, a AS b", "=amount, *"},
	{"WITH a AS (SELECT o.| ) SELECT 1 FROM orders o", "∅"},
	{"SELECT (WITH a AS (SELECT o.am| ) SELECT * FROM a) FROM orders o", "=amount"},
	{"WITH a AS (SELECT amount FROM orders) SELECT | FROM a, a AS b", "a.amount, b.amount"},
	{"WITH a AS (SELECT address.| ) SELECT 1 FROM customers", "∅"},
	{"SELECT | FROM orders WHERE amount IS DISTINCT FROM customers", "order_id, customer_id"},
	{"WITH a |", "=AS"},
	{"SELECT a.| FROM orders WITH", "∅"},

	// Tables.
	{"SELECT * FROM |", "customers, \"My Table\", orders, recent_orders, sales.regions, lake.raw.events, lake.main.visits"},
	{"SELECT * FROM or|", "=orders ! ORDER BY"},
	{"select * from cust|", "=customers"},
	{"SELECT * FROM orders JOIN cu|", "=customers"},
	{"SELECT * FROM orders, cu|", "=customers"},
	{"SELECT * FROM sales.|", "=regions"},
	{"SELECT * FROM sales.r|", "=regions"},
	{"SELECT * FROM lake.|", "main, raw, visits"},
	{"SELECT * FROM lake.raw.|", "=events"},
	{"SELECT * FROM lak|", "=lake"},
	{"SELECT * FROM sale|", "=sales"},
	{"SELECT * FROM information_schema.t|", "=tables"},
	{"SELECT * FROM \"My| WHERE x", "=\"My Table\""},
	{"SELECT * FROM my|", "=\"My Table\""},
	{"SELECT * FROM sales.\nWHERE |", "sales, count ! region"},
	{"SELECT * FROM rang|", "=range"},
	{"SELECT * FROM (|", "SELECT, FROM"},
	{"SELECT * FROM orders WHERE amount IN (SELECT amount FROM rec|)", "=recent_orders"},
	{"DROP TABLE o|", "=orders"},
	{"DROP TABLE IF EXISTS o|", "=orders"},
	{"DROP VIEW |", "=recent_orders, IF EXISTS"},
	{"DROP SCHEMA s|", "=sales"},
	{"ALTER TABLE ord|", "=orders"},
	{"ALTER TABLE orders DROP COLUMN |", "order_id, customer_id, amount, placed"},
	{"ALTER TABLE orders RENAME pl|", "=placed"},
	{"ALTER TABLE orders ADD COLUMN x |", "BIGINT, BOOLEAN"},
	{"ALTER TABLE orders ALTER COLUMN amount TYPE d|", "=date, decimal, double"},
	{"INSERT INTO |", "customers"},
	{"INSERT INTO orders (|", "order_id, customer_id, amount, placed"},
	{"INSERT INTO orders (order_id, am|) VALUES (1, 2)", "=amount"},
	{"INSERT INTO orders |", "VALUES, SELECT"},
	{"INSERT INTO main.orders (|", "order_id, customer_id"},
	{"SELECT * FROM orders WHERE amount IS NOT DISTINCT FROM |", "order_id"},
	{"SELECT extract(year FROM pl|) FROM orders", "=placed"},
	{"INSERT INTO orders VALUES (1) ON CONFLICT DO UPDATE SET amount = EXCLUDED.am|", "=amount"},
	{"UPDATE ord|", "=orders"},
	{"UPDATE orders |", "SET"},
	{"UPDATE orders SET |", "order_id, customer_id"},
	{"UPDATE orders SET amount = 1, pl|", "=placed"},
	{"UPDATE orders SET amount = |", "order_id, customer_id, amount"},
	{"UPDATE orders SET amount = 1 WHERE |", "order_id"},
	{"DELETE FROM orders WHERE pl|", "=placed"},
	{"DELETE FROM orders USING cu|", "=customers"},
	{"COPY or|", "=orders"},
	{"COPY orders (|", "order_id"},
	{"COPY orders |", "TO, FROM"},
	{"COPY orders TO 'x' (|", "FORMAT, HEADER"},
	{"DESCRIBE |", "customers"},
	{"SUMMARIZE or|", "=orders"},
	{"TRUNCATE or|", "=orders"},
	{"PIVOT |", "customers"},
	{"PIVOT orders ON |", "order_id, customer_id"},
	{"PIVOT orders ON placed USING su|", "=substr, sum"},
	{"CREATE INDEX i ON orders (|", "order_id"},
	{"CREATE INDEX i ON or|", "=orders"},
	{"CREATE VIEW v AS SELECT | FROM orders", "order_id"},
	{"CREATE TABLE t AS |", "SELECT, FROM"},
	{"CREATE TABLE t (a |", "BIGINT, BOOLEAN"},
	{"CREATE TABLE IF NOT EXISTS s.t (a INTEGER, b |", "BIGINT, BOOLEAN"},
	{"CREATE TABLE t (a INTEGER |", "NOT NULL, PRIMARY KEY"},
	{"MERGE INTO orders o USING customers c ON o.customer_id = c.c|", "=customer_id, City"},
	{"USE l|", "=lake"},
	{"DETACH |", "lake, memory"},

	// After something whole.
	{"SELECT * FROM orders |", "AS, WHERE"},
	{"SELECT * FROM orders wh|", "=where"},
	{"SELECT * fr|", "=from"},
	{"SELECT a |", "FROM, AS"},
	{"SELECT * FROM orders JOIN customers |", "ON, USING, AS"},
	{"SELECT * FROM orders LEFT |", "JOIN"},
	{"FROM orders |", "SELECT, AS, WHERE"},
	{"SELECT 1 AS |", "∅"},
	{"SELECT 1|", "∅"},
	{"SELECT * FROM orders ORDER |", "=BY"},
	{"SELECT * FROM orders ORDER BY placed |", "ASC, DESC"},

	// Types, settings, parameters.
	{"SELECT x::|", "BIGINT, BOOLEAN"},
	{"SELECT x::var|", "=varchar"},
	{"SELECT CAST(x AS |", "BIGINT"},
	{"SELECT CAST(x AS in|)", "=integer, interval"},
	{"SET |", "memory_limit, threads, timezone, VARIABLE"},
	{"SET thr|", "=threads"},
	{"SET GLOBAL t|", "=threads, timezone"},
	{"RESET t|", "=threads, timezone"},
	{"PRAGMA t|", "=threads, timezone, table_info"},
	{"SELECT current_setting('thr|", "=threads"},
	{"SELECT current_setting('thr|')", "=threads"},
	{"SELECT $|", "=$region, $since"},
	{"SELECT $re|", "=$region"},
	{"SELECT $other; SELECT $o|", "=$other"},
	{"SELECT su|", "=substr, sum"},
	{"select cou|", "=count"},
	{"SELECT my_m|", "=my_macro"},

	// Files.
	{"SELECT * FROM 'da|", "=data/"},
	{"SELECT * FROM 'data/|'", "=data/a.parquet, data/b.csv, data/it''s.csv"},
	{"SELECT * FROM 'data/it''|'", "=data/it''s.csv"},
	{"SELECT * FROM read_parquet('data/a|')", "=data/a.parquet"},
	{"SELECT * FROM read_parquet(['x', 'data/a|", "=data/a.parquet"},
	{"SELECT * FROM read_csv('data/b.csv', |", "delim = , header = , hive_partitioning = "},
	{"SELECT * FROM read_csv('data/b.csv', de|", "delim = "},
	{"COPY orders TO 'no|", "=notes.txt"},
	{"COPY orders FROM 'no|'", "=notes.txt"},
	{"ATTACH 'no|", "=notes.txt"},
	{"SELECT 'da|", "∅"},
	{"SELECT * FROM orders WHERE x = 'da|", "∅"},

	// Magics.
	{"%|", "=%chart, %connect, %params"},
	{"%c|", "=%chart, %connect"},
	{"%%c|", "=%%chart, %%connect"},
	{"  %c|\nselect 1", "=%chart, %connect"},
	{"select 1;\n%par|", "=%params"},
	{"%chart |", "bar, line, pie, x=, y=, from=, --log"},
	{"%chart b|", "=bar"},
	{"%chart bar x=|", "=amount, 'two words'"},
	{"%chart bar x='t|'", "='two words'"},
	{"%chart bar x=amount |", "bar, line, pie, y="},
	{"%chart bar --l|", "=--log"},
	{"%chart bar from=or|", "=orders"},
	{"%chart bar from=lake.raw.|", "=events"},
	{"%connect data/|", "data/a.parquet"},
	{"%connect 'data/|'", "data/a.parquet"},
	{"%chart bar\nsel|", "=select"},
	{"orde|?", "=orders"},
	{"?%ch|", "=%chart"},

	// Broken text around the cursor.
	{"SELECT | FROM orders WHERE (", "order_id"},
	{"SELECT | FROM orders WHERE name = 'abc", "order_id"},
	{"SELECT ) | FROM orders", "FROM, AS"},
	{"SELECT o.| FROM orders o JOIN", "order_id"},
	{"SELECT o.\nFROM orders o WHERE o.|", "order_id"},
	{"SELECT a FROM orders; SELECT | FROM customers", "customer_id, name"},
	{"SELECT a FROM orders WHERE | ; SELECT FROM customers", "order_id"},
}

func TestCompletions(t *testing.T) {
	for _, c := range completionCases {
		cell, cursor := marked(t, c.cell)
		got := newCompleter(shop()).Complete(context.Background(), cell, cursor)
		var texts []string
		for _, it := range got.Items {
			texts = append(texts, it.Text)
		}
		first, not, _ := strings.Cut(c.want, " ! ")
		first, only := strings.CutPrefix(first, "=")
		var want []string
		if first != "∅" {
			want = strings.Split(first, ", ")
		} else {
			only = true
		}
		head := texts[:min(len(texts), len(want))]
		if !slices.Equal(head, want) || only && len(texts) > len(want) {
			t.Errorf("%s\n got %q\nwant %q", c.cell, texts[:min(len(texts), len(want)+4)], want)
		}
		if not != "" && slices.Contains(texts, not) {
			t.Errorf("%s offers %q", c.cell, not)
		}
	}
}
