package result

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sextant/content"
)

// Scope is what of a result somebody may see: rows for which all conditions hold, and some of its columns. A query within a
// scope knows nothing else: its columns are those of the scope, counted from 0.
type Scope struct {
	// Where are conditions on the result's own columns; Columns those that are seen, in this order; nil is all.
	Where   []Condition
	Columns []int
	// sql is the scope as a source of rows, once it is bound.
	sql string
}

// Bind checks the scope against a result's columns, and gives it with the columns that are seen. The error wraps
// content.ErrInvalid.
func (s Scope) Bind(columns []content.ResultColumn) (*Scope, []content.ResultColumn, error) {
	if err := (Query{Where: s.Where}).check(len(columns)); err != nil {
		return nil, nil, err
	}
	if s.Columns == nil {
		for i := range columns {
			s.Columns = append(s.Columns, i)
		}
	}
	if len(s.Columns) == 0 || len(s.Columns) > len(columns) {
		return nil, nil, fmt.Errorf("%w scope: it shows no columns, or more than there are", content.ErrInvalid)
	}
	var seen []content.ResultColumn
	list := make([]string, len(s.Columns))
	for i, n := range s.Columns {
		if n < 0 || n >= len(columns) || slices.Contains(s.Columns[:i], n) {
			return nil, nil, fmt.Errorf("%w scope: column %d", content.ErrInvalid, n)
		}
		seen = append(seen, columns[n])
		list[i] = Column(n) + " AS " + Column(i)
	}
	// Names of conditions are the result's: the inner query comes before what is seen has its own.
	s.sql = "(SELECT " + strings.Join(list, ", ") + " FROM (SELECT * FROM " + Source + Query{Where: s.Where}.where(len(columns)) + "))"
	return &s, seen, nil
}

// Texts are the conditions and columns as an address has them.
func (s Scope) Texts() (where, columns []string) {
	for _, n := range s.Columns {
		columns = append(columns, strconv.Itoa(n))
	}
	return Query{Where: s.Where}.Values()["where"], columns
}

// source is where the query's rows come from.
func (q Query) source() string {
	if q.Scope == nil {
		return Source
	}
	return q.Scope.sql + " AS " + Source
}

// Rows is the query's rows, without groups, order and page.
func (q Query) Rows() Query { return Query{Scope: q.Scope, Where: q.Where, Search: q.Search} }

// IsAll reports whether the query is the whole result as it is stored.
func (q Query) IsAll() bool { return q.Scope == nil && len(q.Values()) == 0 }
