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
		back.Offset, back.Limit = c.q.Offset, c.q.Limit
		if err != nil || !reflect.DeepEqual(back, c.q) {
			t.Errorf("%+v came back as %+v %v", c.q, back, err)
		}
	}
	for _, bad := range []Query{
		{Where: []Condition{{2, Null, nil}}}, {Where: []Condition{{-1, Null, nil}}}, {Where: []Condition{{0, "; DROP", nil}}}, {Where: []Condition{{0, Less, nil}}}, {Where: []Condition{{0, Equal, nil}}},
		{Where: []Condition{{0, Null, []string{"x"}}}}, {Group: []Group{{0, "x'"}}}, {Group: []Group{{9, Whole}}}, {Measures: []Measure{{"f(", 0}}}, {Measures: []Measure{{Sum, 2}}}, {Sort: []Sort{{2, true}}},
		{Group: []Group{{0, Whole}}, Sort: []Sort{{1, true}}}, {Offset: -1}, {Limit: -1}, {Search: "a\x00"}, {Search: strings.Repeat("x", maxValue+1)},
	} {
		if sql, err := bad.SQL(2); !errors.Is(err, content.ErrInvalid) {
			t.Errorf("%+v: %s %v", bad, sql, err)
		}
		if sql, err := bad.CountSQL(2); !errors.Is(err, content.ErrInvalid) && len(bad.Sort) == 0 && bad.Offset == 0 && bad.Limit == 0 {
			t.Errorf("%+v: %s %v", bad, sql, err)
		}
	}
}

// words is all that SQL of this package has beside quoted values.
var words = regexp.MustCompile(`^(SELECT|FROM|WHERE|AND|OR|NOT|IN|IS|NULL|NULLS|LAST|GROUP|ORDER|BY|ASC|DESC|LIMIT|OFFSET|AS|VARCHAR|CAST|DISTINCT|count|sum|avg|median|min|max|contains|starts_with|lower|date_trunc|r|c\d+|\d+)$`)

var literal = regexp.MustCompile(`'(?:[^']|'')*'`)

// FuzzNothingBecomesSQL holds that whatever an address says, the SQL of it is of these words, signs and quoted values.
func FuzzNothingBecomesSQL(f *testing.F) {
	for _, seed := range []string{"where=0.eq.x&where=%2By", "q=x'&sort=-1&group=0.month&measure=count&measure=sum.1", "where=0.has.'%3B--", "sort=1&where=0.null"} {
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
		for _, make := range []func(int) (string, error){q.SQL, q.CountSQL} {
			sql, err := make(3)
			if err != nil {
				continue
			}
			rest := literal.ReplaceAllString(sql, " ")
			for _, word := range regexp.MustCompile(`[ (),]+|<=|>=|[<>*]`).Split(rest, -1) {
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
