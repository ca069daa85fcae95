// Package result turns what somebody wants to see of a stored result into SQL: which rows, in which order, grouped how. It is
// pure. A query names columns by number and holds values; the SQL that it becomes has nothing of it but numbers and
// quoted values, so that no query can become other SQL.
package result

import (
	"fmt"
	"strconv"
	"strings"

	"sextant/content"
)

// Query is what is wanted of a result. The zero value is all of it.
type Query struct {
	// Scope is what the query sees, bound to its result; nil is all. It is never told by who asks.
	Scope *Scope
	// Where are conditions that all have to hold; Search a text that any column has to contain.
	Where  []Condition
	Search string
	// Group makes a row of each combination of values, with the Measures of its rows; a query with measures but without
	// groups gives one row.
	Group    []Group
	Measures []Measure
	// Pivot makes columns of the measures: one of each for each of its values, and one for all. PivotValues are those values as
	// texts, nil is NULL: found by PivotValuesSQL, never told by who asks.
	Pivot       *Group
	PivotValues []*string
	// Sort orders the rows of what is given: where it is grouped, Column counts groups and measures.
	Sort []Sort
	// Offset and Limit cut a page; Limit 0 is no limit.
	Offset, Limit int64
}

// Op is how a condition compares.
type Op string

// The operators. Equal and NotEqual take any number of values, Null and NotNull none, all others one.
const (
	Equal        Op = "eq"
	NotEqual     Op = "ne"
	Less         Op = "lt"
	LessEqual    Op = "le"
	Greater      Op = "gt"
	GreaterEqual Op = "ge"
	Contains     Op = "has"
	NotContains  Op = "hasnt"
	StartsWith   Op = "starts"
	Null         Op = "null"
	NotNull      Op = "notnull"
)

// Condition is one on a column's value. Values are texts that the engine reads as of the column's type.
type Condition struct {
	Column int
	Op     Op
	Values []string
}

// Part is what of a time is grouped by.
type Part string

// The parts of a time. The empty one is the value itself.
const (
	Whole   Part = ""
	Year    Part = "year"
	Quarter Part = "quarter"
	Month   Part = "month"
	Week    Part = "week"
	Day     Part = "day"
	Hour    Part = "hour"
)

// Group is a column that rows are grouped by.
type Group struct {
	Column int
	Part   Part
}

// Func is what is made of a group's values.
type Func string

// The functions. Count takes no column: it counts rows.
const (
	Count    Func = "count"
	Sum      Func = "sum"
	Mean     Func = "mean"
	Median   Func = "median"
	Min      Func = "min"
	Max      Func = "max"
	Distinct Func = "distinct"
	Filled   Func = "filled" // values that are not NULL
)

// Measure is one value of each group.
type Measure struct {
	Func   Func
	Column int
}

// Sort is one key of the order.
type Sort struct {
	Column     int
	Descending bool
}

// Bounds of a query.
const (
	maxConditions = 50
	maxValues     = 1_000
	maxValue      = 10_000 // bytes
	maxKeys       = 20
)

var (
	compares = map[Op]string{Less: "<", LessEqual: "<=", Greater: ">", GreaterEqual: ">="}
	parts    = map[Part]string{Year: "year", Quarter: "quarter", Month: "month", Week: "week", Day: "day", Hour: "hour"}
	funcs    = map[Func]string{Sum: "sum(%s)", Mean: "avg(%s)", Median: "median(%s)", Min: "min(%s)", Max: "max(%s)", Distinct: "count(DISTINCT %s)", Filled: "count(%s)"}
)

// check says what is wrong with a query of a result with so many columns.
func (q Query) check(columns int) error {
	bad := func(format string, args ...any) error {
		return fmt.Errorf("%w query: %s", content.ErrInvalid, fmt.Sprintf(format, args...))
	}
	column := func(n int) error {
		if n < 0 || n >= columns {
			return bad("there is no column %d", n)
		}
		return nil
	}
	if q.Scope != nil && q.Scope.sql == "" {
		return bad("its scope is not bound")
	}
	if len(q.Where) > maxConditions || len(q.Group) > maxKeys || len(q.Measures) > maxKeys || len(q.Sort) > maxKeys {
		return bad("at most %d conditions and %d groups, measures and keys", maxConditions, maxKeys)
	}
	values := []string{q.Search}
	for _, c := range q.Where {
		if err := column(c.Column); err != nil {
			return err
		}
		want := map[Op]int{Null: 0, NotNull: 0, Equal: -1, NotEqual: -1, Contains: 1, NotContains: 1, StartsWith: 1, Less: 1, LessEqual: 1, Greater: 1, GreaterEqual: 1}
		n, ok := want[c.Op]
		if !ok {
			return bad("there is no operator %.20q", c.Op)
		}
		if n >= 0 && len(c.Values) != n || n < 0 && (len(c.Values) == 0 || len(c.Values) > maxValues) {
			return bad("%s takes another number of values than %d", c.Op, len(c.Values))
		}
		values = append(values, c.Values...)
	}
	for _, v := range values {
		if len(v) > maxValue || strings.ContainsRune(v, 0) {
			return bad("a value has more than %d bytes, or a zero byte", maxValue)
		}
	}
	for _, g := range q.Group {
		if _, ok := parts[g.Part]; !ok && g.Part != Whole {
			return bad("a time has no part %.20q", g.Part)
		}
		if err := column(g.Column); err != nil {
			return err
		}
	}
	for _, m := range q.Measures {
		if m.Func == Count {
			continue
		}
		if funcs[m.Func] == "" {
			return bad("there is no function %.20q", m.Func)
		}
		if err := column(m.Column); err != nil {
			return err
		}
	}
	if q.Pivot != nil {
		if err := column(q.Pivot.Column); err != nil {
			return err
		}
		if _, ok := parts[q.Pivot.Part]; !ok && q.Pivot.Part != Whole {
			return bad("a time has no part %.20q", q.Pivot.Part)
		}
		if len(q.Measures) == 0 {
			return bad("a pivot needs something to work out: a measure")
		}
		if len(q.PivotValues) > MaxPivot || (len(q.PivotValues)+1)*len(q.Measures) > MaxPivoted {
			return bad("a pivot makes at most %d columns", MaxPivoted)
		}
	}
	if q.grouped() {
		columns = len(q.Group) + len(q.Measures)
		if q.Pivot != nil {
			columns += len(q.PivotValues) * len(q.Measures)
		}
	}
	for _, s := range q.Sort {
		if err := column(s.Column); err != nil {
			return err
		}
	}
	if q.Offset < 0 || q.Limit < 0 {
		return bad("a page begins at no negative row")
	}
	return nil
}

func (q Query) grouped() bool { return len(q.Group)+len(q.Measures) > 0 }

// Source is what a result is called in SQL, and its columns c0, c1 and so on.
const Source = "r"

// Column is what the SQL calls a column.
func Column(n int) string { return "c" + strconv.Itoa(n) }

func quote(v string) string { return "'" + strings.ReplaceAll(v, "'", "''") + "'" }

// SQL gives the query over a result with so many columns. The error wraps content.ErrInvalid.
func (q Query) SQL(columns int) (string, error) {
	if err := q.check(columns); err != nil {
		return "", err
	}
	var b strings.Builder
	if q.Pivot != nil {
		if q.PivotValues == nil {
			return "", fmt.Errorf("%w query: the values of the pivot are not known", content.ErrInvalid)
		}
		b.WriteString(q.pivotSQL(columns))
		q.page(&b)
		return b.String(), nil
	}
	b.WriteString("SELECT ")
	selected := q.selected(columns)
	for i, s := range selected {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(s)
	}
	b.WriteString(" FROM " + q.source() + q.where(columns))
	if q.grouped() && len(q.Group) > 0 {
		b.WriteString(" GROUP BY ")
		for i := range q.Group {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(strconv.Itoa(i + 1))
		}
	}
	q.page(&b)
	return b.String(), nil
}

// page writes the order and the cut.
func (q Query) page(b *strings.Builder) {
	if len(q.Sort) > 0 {
		b.WriteString(" ORDER BY ")
		for i, s := range q.Sort {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(strconv.Itoa(s.Column + 1))
			if s.Descending {
				b.WriteString(" DESC NULLS LAST")
			} else {
				b.WriteString(" ASC NULLS LAST")
			}
		}
	}
	if q.Limit > 0 {
		b.WriteString(" LIMIT " + strconv.FormatInt(q.Limit, 10))
	}
	if q.Offset > 0 {
		b.WriteString(" OFFSET " + strconv.FormatInt(q.Offset, 10))
	}
}

// CountSQL gives the query's number of rows, whatever its page.
func (q Query) CountSQL(columns int) (string, error) {
	q.Sort, q.Offset, q.Limit = nil, 0, 0
	q.Pivot = nil // it adds columns
	if !q.grouped() {
		if err := q.check(columns); err != nil {
			return "", err
		}
		return "SELECT count(*) FROM " + q.source() + q.where(columns), nil
	}
	sql, err := q.SQL(columns)
	return "SELECT count(*) FROM (" + sql + ")", err
}

func (q Query) selected(columns int) []string {
	var out []string
	if !q.grouped() {
		for i := range columns {
			out = append(out, Column(i))
		}
		return out
	}
	for _, g := range q.Group {
		out = append(out, g.key())
	}
	for _, m := range q.Measures {
		out = append(out, m.sql())
	}
	return out
}

func (q Query) where(columns int) string {
	var all []string
	for _, c := range q.Where {
		all = append(all, c.sql())
	}
	if q.Search != "" {
		any := make([]string, columns)
		for i := range columns {
			any[i] = "contains(lower(CAST(" + Column(i) + " AS VARCHAR)), lower(" + quote(q.Search) + "))"
		}
		all = append(all, "("+strings.Join(any, " OR ")+")")
	}
	if len(all) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(all, " AND ")
}

func (c Condition) sql() string {
	col := Column(c.Column)
	text := "lower(CAST(" + col + " AS VARCHAR))"
	switch c.Op {
	case Null:
		return col + " IS NULL"
	case NotNull:
		return col + " IS NOT NULL"
	case Contains:
		return "contains(" + text + ", lower(" + quote(c.Values[0]) + "))"
	case NotContains:
		return "(" + col + " IS NULL OR NOT contains(" + text + ", lower(" + quote(c.Values[0]) + ")))"
	case StartsWith:
		return "starts_with(" + text + ", lower(" + quote(c.Values[0]) + "))"
	case Equal, NotEqual:
		values := make([]string, len(c.Values))
		for i, v := range c.Values {
			values[i] = quote(v)
		}
		if c.Op == Equal {
			return col + " IN (" + strings.Join(values, ", ") + ")"
		}
		return "(" + col + " IS NULL OR " + col + " NOT IN (" + strings.Join(values, ", ") + "))"
	}
	return col + " " + compares[c.Op] + " " + quote(c.Values[0])
}
