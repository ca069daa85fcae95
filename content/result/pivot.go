package result

import (
	"fmt"
	"strconv"
	"strings"

	"sextant/content"
)

// MaxPivot is how many values of a pivot become columns, MaxPivoted how many columns they and the measures make.
const (
	MaxPivot   = 200
	MaxPivoted = 1_000
)

// key is what a group's rows have in common.
func (g Group) key() string {
	if g.Part == Whole {
		return Column(g.Column)
	}
	return "date_trunc('" + parts[g.Part] + "', " + Column(g.Column) + ")"
}

// measure is what is worked out.
func (m Measure) sql() string {
	if m.Func == Count {
		return "count(*)"
	}
	return fmt.Sprintf(funcs[m.Func], Column(m.Column))
}

// PivotValuesSQL gives the values of the pivot as texts in the order of the values, with the number of their rows: the
// MaxPivot that most rows have, and one more where there are more.
func (q Query) PivotValuesSQL(columns int) (string, error) {
	if q.Pivot == nil {
		return "", fmt.Errorf("%w query: it has no pivot", content.ErrInvalid)
	}
	q.PivotValues = []*string{}
	if err := q.check(columns); err != nil {
		return "", err
	}
	key := q.Pivot.key()
	return "SELECT p, n FROM (SELECT CAST(" + key + " AS VARCHAR) AS p, min(" + key + ") AS v, count(*) AS n FROM " + q.source() + q.where(columns) +
		" GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT " + strconv.Itoa(MaxPivot+1) + ") ORDER BY v NULLS LAST", nil
}

// pivotSQL gives a row for each combination of the groups' values, with the measures of each of PivotValues, and of all.
func (q Query) pivotSQL(columns int) string {
	var keys, names, measures, outer []string
	for i, g := range q.Group {
		name := "g" + strconv.Itoa(i)
		keys, names = append(keys, g.key()+" AS "+name), append(names, name)
	}
	for i, m := range q.Measures {
		measures = append(measures, m.sql()+" AS m"+strconv.Itoa(i))
	}
	outer = append(outer, names...)
	// Not by FILTER: there the engine keeps all columns once for each.
	for _, v := range q.PivotValues {
		value := "NULL"
		if v != nil {
			value = quote(*v)
		}
		for i := range q.Measures {
			outer = append(outer, fmt.Sprintf("any_value(CASE WHEN t = 0 AND p IS NOT DISTINCT FROM %s THEN m%d END)", value, i))
		}
	}
	for i := range q.Measures {
		outer = append(outer, fmt.Sprintf("any_value(CASE WHEN t = 1 THEN m%d END)", i))
	}
	list := func(parts ...[]string) string {
		var all []string
		for _, p := range parts {
			all = append(all, p...)
		}
		return strings.Join(all, ", ")
	}
	text := []string{"CAST(" + q.Pivot.key() + " AS VARCHAR) AS p"}
	sql := "SELECT " + list(outer) + " FROM (SELECT " + list(names, []string{"p"}, measures, []string{"GROUPING(p) AS t"}) +
		" FROM (SELECT *, " + list(keys, text) + " FROM " + q.source() + q.where(columns) + ") GROUP BY GROUPING SETS ((" + list(names, []string{"p"}) + "), (" + list(names) + ")))"
	if len(names) > 0 {
		sql += " GROUP BY " + list(names)
	}
	return sql
}

// pivotLabels are the names of the columns behind the groups.
func (q Query) pivotLabels(measure func(Measure) string) []string {
	var out []string
	add := func(value string) {
		for _, m := range q.Measures {
			if len(q.Measures) == 1 {
				out = append(out, value)
			} else {
				out = append(out, value+" · "+measure(m))
			}
		}
	}
	for _, v := range q.PivotValues {
		if v == nil {
			add("NULL")
		} else {
			add(q.Pivot.Part.Short(*v))
		}
	}
	add("all")
	return out
}
