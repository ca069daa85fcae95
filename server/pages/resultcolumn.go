package pages

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"sextant/content"
	"sextant/content/result"
	"sextant/sessions/results"
)

// shownColumn is the page of a column of a stored result.
type shownColumn struct {
	*shownResult
	Name, Type string
	Summary    *results.Summary
	Mean       string
	Nulls      int64
	// Rest is how many rows have other values than the most frequent.
	Rest int64
	// Top are the most frequent values, Bars a histogram, All where all values are.
	Top  []columnBar
	Bars []columnBar
	All  string
	// The first and the last bar's bounds.
	First, Last string
}

// columnBar is a bar of a chart: X, Y, Width and Height are of a picture of 1,000 by 200; Share is of all rows, in percent.
type columnBar struct {
	Label, Drill        string
	Null                bool
	Rows                int64
	Share               float64
	X, Y, Width, Height float64
}

// resultColumn shows what is known of a column's values.
func (p *Pages) resultColumn(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), r.PathValue("id")
	stored, err := p.o.Service.Result(ctx, id)
	if err != nil {
		return p.refuseResult(w, r, err)
	}
	column, err := strconv.Atoi(r.PathValue("column"))
	if err != nil || column < 0 || column >= len(stored.Columns) {
		return p.refuseResult(w, r, content.ErrNotFound)
	}
	there := p.o.Base + "r/" + url.PathEscape(id)
	out := &shownColumn{shownResult: &shownResult{Result: stored, Plain: there + "/columns/" + strconv.Itoa(column)}}
	if err := p.ofResult(r, out.shownResult); err != nil {
		return p.refuseResult(w, r, err)
	}
	q, err := result.Parse(r.URL.Query())
	if err == nil {
		q = result.Query{Where: q.Where, Search: q.Search}
		out.Summary, err = p.o.Results.Summary(ctx, id, q, column)
	}
	out.Query, out.Labels = q, result.Query{}.Labels(stored.Columns)
	out.Name, out.Type = out.Labels[column], stored.Columns[column].Type
	status := http.StatusOK
	if errors.Is(err, content.ErrEvicted) {
		http.Redirect(w, r, there, http.StatusSeeOther) // it says so
		return nil
	}
	if err != nil {
		if status, out.Note = told(err); out.Note == "" {
			return p.refuseResult(w, r, err)
		}
	} else {
		out.fillColumn(there, column)
	}
	out.chips(out.Plain)
	out.Back = address(there, q)
	w.Header().Set("Cache-Control", "private, no-cache")
	return p.showStatus(w, r, status, "column.html", out, out.view)
}

func (s *shownColumn) fillColumn(there string, column int) {
	q, sum := s.Query, s.Summary
	if sum.Mean != nil {
		s.Mean = strconv.FormatFloat(*sum.Mean, 'g', 6, 64)
	}
	s.Nulls, s.Rest = sum.Rows-sum.Filled, sum.Rows
	drill := func(b results.Bar) string {
		return address(there, result.Query{Where: append(q.Where[:len(q.Where):len(q.Where)], b.Where...), Search: q.Search})
	}
	bars := func(of []results.Bar) []columnBar {
		most := int64(1)
		for _, b := range of {
			most = max(most, b.Rows)
		}
		var out []columnBar
		for i, b := range of {
			label := b.Label
			if b.To != "" {
				label += " to " + b.To
			}
			height := float64(b.Rows) / float64(most) * 196
			if b.Rows > 0 {
				height = max(height, 2)
			}
			width := 1000 / float64(len(of))
			out = append(out, columnBar{Label: label, Drill: drill(b), Null: b.Null, Rows: b.Rows, Share: float64(b.Rows) / float64(max(sum.Rows, 1)) * 100,
				X: float64(i) * width, Y: 200 - height, Width: max(width-1, width*.8), Height: height})
		}
		return out
	}
	s.Top, s.Bars = bars(sum.Top), bars(sum.Bars)
	for _, b := range sum.Top {
		s.Rest -= b.Rows
	}
	if n := len(sum.Bars); n > 0 {
		s.First, s.Last = sum.Bars[0].Label, sum.Bars[n-1].Label
		if sum.Bars[n-1].To != "" {
			s.Last = sum.Bars[n-1].To
		}
	}
	s.All = address(there, result.Query{Where: q.Where, Search: q.Search, Group: []result.Group{{Column: column}}, Measures: []result.Measure{{Func: result.Count}}, Sort: []result.Sort{{Column: 1, Descending: true}}})
}

// Fact is a text that is short enough to be one.
func (s *shownColumn) Fact(text *string) string {
	if text == nil {
		return "none"
	}
	if len(*text) > 200 {
		return strings.ToValidUTF8((*text)[:200], "") + "…"
	}
	return *text
}
