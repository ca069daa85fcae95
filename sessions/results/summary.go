package results

import (
	"context"
	"fmt"
	"strconv"

	"sextant/content"
	"sextant/content/result"
	"sextant/kernel/wire"
)

// Summary is what is known of a column's values, among the rows of a query.
type Summary struct {
	Result content.StoredResult
	Column int
	// Rows are all, Filled those that are not NULL, Distinct roughly how many values there are.
	Rows, Filled, Distinct int64
	// Min and Max are texts; nil where there are no values. Mean is of numbers alone.
	Min, Max *string
	Mean     *float64
	// Top are the most frequent values, at most ten; Bars a histogram of numbers and times, nil of all else.
	Top, Bars []Bar
}

// Bar is a value, or a stretch of values, with the number of its rows and the conditions that lead to them.
type Bar struct {
	// Label is short, To where the stretch ends; empty for a single value. Null tells that the value is NULL.
	Label, To string
	Null      bool
	Rows      int64
	Where     []result.Condition
}

// maxTop is how many frequent values a summary has.
const maxTop = 10

// Summary summarises a column of a query's rows; groups, measures and order of the query count for nothing. Errors are as of Page.
func (r *Reader) Summary(ctx context.Context, id string, q result.Query, column int) (*Summary, error) {
	stored, scope, err := r.known(ctx, id)
	if err != nil {
		return nil, err
	}
	if column < 0 || column >= len(stored.Columns) {
		return nil, fmt.Errorf("%w column: there is no column %d", content.ErrInvalid, column)
	}
	q.Scope = scope
	q = q.Rows()
	kind := stored.Columns[column].Type
	scale := result.ScaleOf(kind)
	sql, err := q.SummarySQL(len(stored.Columns), column, scale)
	if err != nil {
		return nil, err
	}
	rows, err := r.ask(ctx, stored, sql, 1)
	if err != nil || len(rows) != 1 || len(rows[0]) != 8 {
		return nil, lost(err)
	}
	first := rows[0]
	out := &Summary{Result: stored, Column: column, Min: first[3], Max: first[4]}
	for i, to := range []*int64{&out.Rows, &out.Filled, &out.Distinct} {
		if *to, err = number(first[i]); err != nil {
			return nil, err
		}
	}
	out.Distinct = min(out.Distinct, out.Filled) // it is rough
	if mean, ok := float(first[7]); ok {
		out.Mean = &mean
	}
	if err := r.top(ctx, stored, q, out); err != nil {
		return nil, err
	}
	if out.Filled == 0 {
		return out, nil
	}
	switch scale {
	case result.Numeric:
		least, ok := float(first[5])
		most, ok2 := float(first[6])
		if ok && ok2 {
			err = r.numeric(ctx, stored, q, out, result.BinsOf(least, most, kind != "FLOAT" && kind != "DOUBLE" && !isDecimal(kind)))
		}
	case result.Temporal:
		err = r.temporal(ctx, stored, q, out)
	}
	return out, err
}

func isDecimal(kind string) bool { return len(kind) > 8 && kind[:8] == "DECIMAL(" }

func (r *Reader) top(ctx context.Context, stored content.StoredResult, q result.Query, out *Summary) error {
	g := result.Group{Column: out.Column}
	q.Group, q.Measures, q.Sort, q.Limit = []result.Group{g}, []result.Measure{{Func: result.Count}}, []result.Sort{{Column: 1, Descending: true}, {Column: 0}}, maxTop
	return r.bars(ctx, stored, q, func(value *string, n int64) {
		conditions, _ := g.Behind(value)
		bar := Bar{Null: value == nil, Rows: n, Where: conditions}
		if value != nil {
			bar.Label = *value
		}
		out.Top = append(out.Top, bar)
	})
}

// bars asks for groups of one key and their numbers of rows.
func (r *Reader) bars(ctx context.Context, stored content.StoredResult, q result.Query, each func(value *string, n int64)) error {
	sql, err := q.SQL(len(stored.Columns))
	if err != nil {
		return err
	}
	rows, err := r.ask(ctx, stored, sql, MaxPage)
	for _, row := range rows {
		n, err := number(row[1])
		if err != nil {
			return err
		}
		each(row[0], n)
	}
	return err
}

func (r *Reader) numeric(ctx context.Context, stored content.StoredResult, q result.Query, out *Summary, b result.Bins) error {
	sql, err := q.BinsSQL(len(stored.Columns), out.Column, b)
	if err != nil {
		return err
	}
	rows, err := r.ask(ctx, stored, sql, MaxPage)
	if err != nil {
		return err
	}
	counts := make([]int64, b.N)
	for _, row := range rows {
		at, err := number(row[0])
		n, err2 := number(row[1])
		if err != nil || err2 != nil {
			return ErrLost
		}
		counts[min(max(at, 0), int64(b.N-1))] += n // what binary fractions put beside the edge
	}
	for i, n := range counts {
		below := result.Less
		if b.Closed && i == b.N-1 {
			below = result.LessEqual
		}
		out.Bars = append(out.Bars, Bar{Label: b.Text(i), To: b.Text(i + 1), Rows: n,
			Where: []result.Condition{{Column: out.Column, Op: result.GreaterEqual, Values: []string{b.Text(i)}}, {Column: out.Column, Op: below, Values: []string{b.Text(i + 1)}}}})
	}
	return nil
}

func (r *Reader) temporal(ctx context.Context, stored content.StoredResult, q result.Query, out *Summary) error {
	part, ok := result.PartFor(*out.Min, *out.Max)
	if !ok {
		return nil
	}
	g := result.Group{Column: out.Column, Part: part}
	q.Where = append(q.Where[:len(q.Where):len(q.Where)], result.Condition{Column: out.Column, Op: result.NotNull})
	q.Group, q.Measures, q.Sort, q.Limit = []result.Group{g}, []result.Measure{{Func: result.Count}}, []result.Sort{{Column: 0}}, 1_000
	next := "" // where the bar before ends
	add := func(value string, n int64) bool {
		conditions, ok := g.Behind(&value)
		if ok {
			out.Bars = append(out.Bars, Bar{Label: part.Short(value), Rows: n, Where: conditions})
			next = conditions[1].Values[0]
		}
		return ok
	}
	return r.bars(ctx, stored, q, func(value *string, n int64) {
		if value == nil {
			return
		}
		// Where nothing is there is a bar of nothing.
		for next != "" && next < *value && len(out.Bars) < maxBars && add(next, 0) {
		}
		add(*value, n)
	})
}

// maxBars bounds the bars of times, of which those between may be empty.
const maxBars = 400

func (r *Reader) ask(ctx context.Context, stored content.StoredResult, sql string, rows int) ([][]*string, error) {
	a, err := r.Pool.Ask(ctx, r.source(stored.ID), wire.ResultRequest{SQL: sql, Rows: rows})
	if err != nil {
		return nil, err
	}
	return a.Rows, nil
}

// lost is the error, or that an answer is none that was asked for.
func lost(err error) error {
	if err == nil {
		return ErrLost
	}
	return err
}

func number(text *string) (int64, error) {
	if text == nil {
		return 0, ErrLost
	}
	n, err := strconv.ParseInt(*text, 10, 64)
	if err != nil {
		return 0, ErrLost
	}
	return n, nil
}

func float(text *string) (float64, bool) {
	if text == nil {
		return 0, false
	}
	v, err := strconv.ParseFloat(*text, 64)
	return v, err == nil
}
