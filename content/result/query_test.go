package result

import (
	"errors"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"sextant/content"
)

func TestSQL(t *testing.T) {
	its := "it's"
	for _, c := range []struct {
		q           Query
		want, count string
	}{
		{Query{}, "SELECT c0, c1 FROM r", "SELECT count(*) FROM r"},
		{Query{Where: []Condition{{0, Equal, []string{"it's", "b"}}, {1, Null, nil}, {1, Greater, []string{"3"}}}, Sort: []Sort{{1, true}, {0, false}}, Offset: 10, Limit: 5},
			"SELECT c0, c1 FROM r WHERE c0 IN ('it''s', 'b') AND c1 IS NULL AND c1 > '3' ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS LAST LIMIT 5 OFFSET 10",
			"SELECT count(*) FROM r WHERE c0 IN ('it''s', 'b') AND c1 IS NULL AND c1 > '3'"},
		{Query{Search: "x"}, "SELECT c0, c1 FROM r WHERE (contains(lower(CAST(c0 AS VARCHAR)), lower('x')) OR contains(lower(CAST(c1 AS VARCHAR)), lower('x')))", ""},
		{Query{Group: []Group{{0, Month}, {1, Whole}}, Measures: []Measure{{Count, 0}, {Mean, 1}}, Sort: []Sort{{2, true}}},
			"SELECT date_trunc('month', c0), c1, count(*), avg(c1) FROM r GROUP BY 1, 2 ORDER BY 3 DESC NULLS LAST",
			"SELECT count(*) FROM (SELECT date_trunc('month', c0), c1, count(*), avg(c1) FROM r GROUP BY 1, 2)"},
		{Query{Group: []Group{{0, Year}}, Pivot: &Group{1, Whole}, PivotValues: []*string{&its, nil}, Measures: []Measure{{Sum, 1}}, Sort: []Sort{{3, true}}, Limit: 9},
			"SELECT g0, any_value(CASE WHEN t = 0 AND p IS NOT DISTINCT FROM 'it''s' THEN m0 END), any_value(CASE WHEN t = 0 AND p IS NOT DISTINCT FROM NULL THEN m0 END), any_value(CASE WHEN t = 1 THEN m0 END)" +
				" FROM (SELECT g0, p, sum(c1) AS m0, GROUPING(p) AS t FROM (SELECT *, date_trunc('year', c0) AS g0, CAST(c1 AS VARCHAR) AS p FROM r) GROUP BY GROUPING SETS ((g0, p), (g0))) GROUP BY g0 ORDER BY 4 DESC NULLS LAST LIMIT 9",
			"SELECT count(*) FROM (SELECT date_trunc('year', c0), sum(c1) FROM r GROUP BY 1)"},
		{Query{Measures: []Measure{{Distinct, 1}}}, "SELECT count(DISTINCT c1) FROM r", ""},
	} {
		got, err := c.q.SQL(2)
		if err != nil || got != c.want {
			t.Errorf("%+v:\n%s %v\nwant\n%s", c.q, got, err, c.want)
		}
		if got, err := c.q.CountSQL(2); c.count != "" && (err != nil || got != c.count) {
			t.Errorf("%+v:\n%s %v\nwant\n%s", c.q, got, err, c.count)
		}
		back, err := Parse(c.q.Values())
		back.Offset, back.Limit, back.PivotValues = c.q.Offset, c.q.Limit, c.q.PivotValues
		if err != nil || !reflect.DeepEqual(back, c.q) {
			t.Errorf("%+v came back as %+v %v", c.q, back, err)
		}
	}
	for _, bad := range []Query{
		{Where: []Condition{{2, Null, nil}}}, {Where: []Condition{{-1, Null, nil}}}, {Where: []Condition{{0, "; DROP", nil}}}, {Where: []Condition{{0, Less, nil}}}, {Where: []Condition{{0, Equal, nil}}},
		{Where: []Condition{{0, Null, []string{"x"}}}}, {Group: []Group{{0, "x'"}}}, {Group: []Group{{9, Whole}}}, {Measures: []Measure{{"f(", 0}}}, {Measures: []Measure{{Sum, 2}}}, {Sort: []Sort{{2, true}}},
		{Pivot: &Group{0, Whole}, PivotValues: []*string{}}, {Pivot: &Group{2, Whole}, PivotValues: []*string{}, Measures: []Measure{{Count, 0}}},
		{Pivot: &Group{0, "x'"}, PivotValues: []*string{}, Measures: []Measure{{Count, 0}}}, {Pivot: &Group{0, Whole}, PivotValues: make([]*string, MaxPivot+1), Measures: []Measure{{Count, 0}}},
		{Group: []Group{{0, Whole}}, Sort: []Sort{{1, true}}}, {Offset: -1}, {Limit: -1}, {Search: "a\x00"}, {Search: strings.Repeat("x", maxValue+1)},
	} {
		if sql, err := bad.SQL(2); !errors.Is(err, content.ErrInvalid) {
			t.Errorf("%+v: %s %v", bad, sql, err)
		}
		if sql, err := bad.CountSQL(2); !errors.Is(err, content.ErrInvalid) && bad.Pivot == nil && len(bad.Sort) == 0 && bad.Offset == 0 && bad.Limit == 0 {
			t.Errorf("%+v: %s %v", bad, sql, err)
		}
	}
}

// words is all that SQL of this package has beside quoted values.
var words = regexp.MustCompile(`^(SELECT|FROM|WHERE|AND|OR|NOT|IN|IS|NULL|NULLS|LAST|GROUP|ORDER|BY|ASC|DESC|LIMIT|OFFSET|AS|VARCHAR|CAST|DISTINCT|count|sum|avg|median|min|max|contains|starts_with|lower|date_trunc|any_value|approx_count_distinct|isfinite|floor|DOUBLE|BIGINT|CASE|WHEN|THEN|END|GROUPING|SETS|p|n|t|v|[gm]\d+|r|c\d+|\d+)$`)

var quoted = regexp.MustCompile(`'(?:[^']|'')*'|"(?:[^"]|"")*"`)

var literal = regexp.MustCompile(`'(?:[^']|'')*'`)

// FuzzNothingBecomesSQL holds that whatever an address says, the SQL of it is of these words, signs and quoted values.
func FuzzNothingBecomesSQL(f *testing.F) {
	for _, seed := range []string{"where=0.eq.x&where=%2By", "q=x'&sort=-1&group=0.month&measure=count&measure=sum.1", "where=0.has.'%3B--", "sort=1&where=0.null", "pivot=1.year&group=0&measure=count&q=%27%29"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, address string) {
		v, err := url.ParseQuery(address)
		if err != nil {
			return
		}
		q, err := Parse(v)
		if err != nil {
			return
		}
		// Within a scope there is nothing but what it shows: whatever is asked, the result itself stands in the scope's text alone.
		bound, _, err := Scope{Where: []Condition{{2, Equal, []string{"it's", address}}, {1, Null, nil}}, Columns: []int{2, 0}}.Bind([]content.ResultColumn{{}, {}, {}})
		if err == nil {
			within := q
			within.Scope = bound
			if q.Pivot != nil {
				within.PivotValues = []*string{&q.Search}
			}
			for _, make := range []func(int) (string, error){within.SQL, within.CountSQL, within.PivotValuesSQL,
				func(n int) (string, error) { return within.SummarySQL(n, 0, Numeric) }, func(n int) (string, error) { return within.BinsSQL(n, 1, Bins{1, .5, 3, true}) },
				func(int) (string, error) { return within.CopySQL([]content.ResultColumn{{}, {}}, CSV, "x") }} {
				sql, err := make(2)
				if err != nil {
					continue
				}
				if rest := quoted.ReplaceAllString(strings.ReplaceAll(sql, bound.sql, "scoped"), ""); !strings.Contains(rest, "scoped AS r") || strings.Contains(rest, "FROM r") || regexp.MustCompile(`\bc([2-9]|\d\d)`).MatchString(rest) {
					t.Fatalf("beyond its scope: %s", sql)
				}
			}
		}
		if q.Pivot != nil { // what is in a result may be anything, too
			q.PivotValues = []*string{&q.Search, nil, &address}
		}
		for _, make := range []func(int) (string, error){q.SQL, q.CountSQL, q.PivotValuesSQL,
			func(n int) (string, error) { return q.SummarySQL(n, len(q.Search)%4, Scale(len(q.Where)%3)) },
			func(n int) (string, error) { return q.BinsSQL(n, len(q.Search)%4, Bins{1, .5, 3, true}) }} {
			sql, err := make(3)
			if err != nil {
				continue
			}
			rest := literal.ReplaceAllString(sql, " ")
			for _, word := range regexp.MustCompile(`[ (),]+|<=|>=|[-<>*=/]`).Split(rest, -1) {
				if word != "" && !words.MatchString(word) {
					t.Fatalf("%q in %s", word, sql)
				}
			}
		}
		if again, err := Parse(q.Values()); err == nil && len(q.Where) == len(again.Where) && !reflect.DeepEqual(again.Sort, q.Sort) {
			t.Errorf("%+v came back as %+v", q, again)
		}
	})
}

func TestCopying(t *testing.T) {
	columns := []content.ResultColumn{{Name: "a", Type: "VARCHAR"}, {Name: `A"`, Type: "INTEGER[]"}, {Name: "A", Type: "BIGINT"}, {Name: "", Type: "DATE"}}
	for _, c := range []struct {
		q    Query
		f    Format
		want string
	}{
		{Query{}, CSV, `COPY (SELECT v0 AS "a", v1 AS "A""", v2 AS "A_1", v3 AS "column 4" FROM (SELECT c0, c1, c2, c3 FROM r) AS q(v0, v1, v2, v3)) TO '/x''y' (FORMAT csv, HEADER, USE_TMP_FILE false)`},
		{Query{Group: []Group{{0, Whole}, {3, Month}}, Measures: []Measure{{Count, 0}}}, ExcelCSV,
			`COPY (SELECT CASE WHEN regexp_matches(v0, '^[=+@\t\r-]') THEN '''' || v0 ELSE v0 END AS "a", v1 AS "column 4 by month", v2 AS "rows" FROM (SELECT c0, date_trunc('month', c3), count(*) FROM r GROUP BY 1, 2) AS q(v0, v1, v2)) TO '/x''y' (FORMAT csv, HEADER, USE_TMP_FILE false)`},
		{Query{Limit: 1}, XLSX, `COPY (SELECT v0 AS "a", CAST(v1 AS VARCHAR) AS "A""", v2 AS "A_1", v3 AS "column 4" FROM (SELECT c0, c1, c2, c3 FROM r LIMIT 1) AS q(v0, v1, v2, v3)) TO '/x''y' (FORMAT xlsx, HEADER true, USE_TMP_FILE false)`},
	} {
		if got, err := c.q.CopySQL(columns, c.f, "/x'y"); err != nil || got != c.want {
			t.Errorf("%s %v\nwant\n%s", got, err, c.want)
		}
	}
	if _, err := (Query{}).CopySQL(columns, "exe", "x"); !errors.Is(err, content.ErrInvalid) {
		t.Error(err)
	}
}

func TestBehind(t *testing.T) {
	value := func(s string) *string { return &s }
	for _, c := range []struct {
		g     Group
		value *string
		want  []Condition
	}{
		{Group{1, Whole}, value("a"), []Condition{{1, Equal, []string{"a"}}}},
		{Group{1, Month}, nil, []Condition{{1, Null, nil}}},
		{Group{0, Month}, value("2024-12-01"), []Condition{{0, GreaterEqual, []string{"2024-12-01"}}, {0, Less, []string{"2025-01-01"}}}},
		{Group{0, Quarter}, value("2024-10-01 00:00:00"), []Condition{{0, GreaterEqual, []string{"2024-10-01 00:00:00"}}, {0, Less, []string{"2025-01-01 00:00:00"}}}},
		{Group{0, Week}, value("2024-02-26 00:00:00+00"), []Condition{{0, GreaterEqual, []string{"2024-02-26 00:00:00+00"}}, {0, Less, []string{"2024-03-04 00:00:00+00"}}}},
		{Group{0, Hour}, value("2024-02-26 23:00:00"), []Condition{{0, GreaterEqual, []string{"2024-02-26 23:00:00"}}, {0, Less, []string{"2024-02-27 00:00:00"}}}},
		{Group{0, Year}, value("0044-03-15 (BC)"), nil},
	} {
		if got, ok := c.g.Behind(c.value); !reflect.DeepEqual(got, c.want) || ok != (c.want != nil) {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}

func TestShort(t *testing.T) {
	for _, c := range []struct {
		p           Part
		value, want string
	}{
		{Year, "2024-01-01", "2024"}, {Quarter, "2024-10-01 00:00:00", "2024 Q4"}, {Month, "2024-03-01", "2024-03"}, {Week, "2024-03-04 00:00:00", "2024-03-04"},
		{Hour, "2024-03-04 05:00:00+00", "2024-03-04 05:00"}, {Whole, "2024-03-04", "2024-03-04"}, {Year, "0044-03-15 (BC)", "0044"}, {Year, "infinity", "infinity"}, {Month, "", ""},
	} {
		if got := c.p.Short(c.value); got != c.want {
			t.Errorf("%s %s: %s", c.p, c.value, got)
		}
	}
}

func TestScope(t *testing.T) {
	columns := []content.ResultColumn{{Name: "customer"}, {Name: "amount"}, {Name: "note"}}
	scope, seen, err := Scope{Where: []Condition{{0, Equal, []string{"O'Hara"}}}, Columns: []int{2, 1}}.Bind(columns)
	if err != nil || len(seen) != 2 || seen[0].Name != "note" {
		t.Fatal(seen, err)
	}
	const source = "(SELECT c2 AS c0, c1 AS c1 FROM (SELECT * FROM r WHERE c0 IN ('O''Hara'))) AS r"
	got, err := Query{Scope: scope, Where: []Condition{{1, Greater, []string{"5"}}}}.SQL(2)
	if want := "SELECT c0, c1 FROM " + source + " WHERE c1 > '5'"; err != nil || got != want {
		t.Errorf("%s %v\nwant\n%s", got, err, want)
	}
	if (Query{Scope: scope}).IsAll() || !(Query{}).IsAll() || (Query{Scope: scope, Search: "x"}).Rows().Scope != scope {
		t.Error("a scope is lost")
	}
	for _, bad := range []Scope{{Columns: []int{}}, {Columns: []int{0, 0}}, {Columns: []int{3}}, {Columns: []int{-1}}, {Where: []Condition{{3, Null, nil}}}, {Where: []Condition{{0, "x", nil}}}} {
		if _, _, err := bad.Bind(columns); !errors.Is(err, content.ErrInvalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if _, err := (Query{Scope: &Scope{}}).SQL(2); !errors.Is(err, content.ErrInvalid) {
		t.Error("a scope that is not bound is used")
	}
}
