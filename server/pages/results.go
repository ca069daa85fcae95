package pages

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sextant/content"
	"sextant/content/iam"
	"sextant/content/result"
	"sextant/server/api"
	"sextant/server/web"
	"sextant/sessions/results"
)

// shownResult is the page of a stored result.
type shownResult struct {
	*view
	Result content.StoredResult
	// Of is what it belongs to: a document's or a job's address below the base path.
	Of    string
	Query result.Query
	// Labels are the result's own columns.
	Labels []string
	// Snapshots are views of it under names; Encoded is the query as an address has it.
	Snapshots []shownSnapshot
	Encoded   string
	Heads     []resultHead
	Rows      [][]resultCell
	// First and Last number the rows of the page; Total is of all.
	First, Last, Total int64
	Chips              []resultChip
	Hidden             []resultField
	Formats            []resultFormat
	Pages              map[string]string
	// Scoped is a page for who has not signed in, Embedded one of those within another site's; keep are fields that all its
	// addresses have.
	Scoped, Embedded bool
	keep             url.Values
	// Made is the address of a link that was just made, Linkable tells that its reader may make some.
	Made     string
	Linkable bool
	Plain    string // the address of all of it
	Back     string // the address of the rows that a column's page is about
	Note     string
	// Notes say what is left out.
	Notes []string
	Cut   int
	// Grid is what the program in browsers shows all rows by; nil where they are grouped, or there are none.
	Grid  *resultGrid
	Ops   []resultField
	Funcs []string
	Parts []string
	// Kinds are the columns' kinds, by which forms offer only what makes sense of them.
	Kinds []string
}

// resultGrid describes a table of any length: Address is where pages of its rows are.
type resultGrid struct {
	Address string       `json:"address"`
	Rows    int64        `json:"rows"`
	Columns []gridColumn `json:"columns"`
}

// gridColumn is a column of it; Sort and Values are where its head leads.
type gridColumn struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Numeric bool   `json:"numeric"`
	Dir     string `json:"dir,omitempty"`
	Sort    string `json:"sort"`
	Values  string `json:"values"`
}

// resultHead is the head of a column: Sort is where it leads, Dir how it is sorted now, Values where its frequent values are,
// Drill where the rows of a pivot's value are.
type resultHead struct{ Name, Type, Sort, Dir, Values, Drill string }

// resultCell is a value; Drill leads to the rows behind it.
type resultCell struct {
	Text          string
	Null, Numeric bool
	Drill         string
}

// resultChip is a condition, with the address without it.
type resultChip struct{ Text, Without string }

// resultField is a field of a form, or a choice of one.
type resultField struct{ Name, Value string }

// resultFormat is a form to download.
type resultFormat struct{ Name, Address string }

// pageRows is how many rows a page of a result shows.
const pageRows = 100

var opWords = []resultField{{"has", "contains"}, {"hasnt", "does not contain"}, {"starts", "begins with"}, {"eq", "is"}, {"ne", "is not"}, {"gt", "is more than"}, {"ge", "is at least"},
	{"lt", "is less than"}, {"le", "is at most"}, {"null", "is NULL"}, {"notnull", "is not NULL"}}

var resultFormats = []resultFormat{{"CSV", "csv"}, {"CSV for Excel", "csv-excel"}, {"Excel", "xlsx"}, {"Parquet", "parquet"}, {"JSON", "json"}, {"Arrow", "arrow"}}

// kindOfColumn is number, date, time (a date with it), truth, or text for all others, by a column's SQL type.
func kindOfColumn(typ string) string {
	switch scale := result.ScaleOf(typ); {
	case scale == result.Numeric:
		return "number"
	case typ == "DATE":
		return "date"
	case scale == result.Temporal:
		return "time"
	case typ == "BOOLEAN":
		return "truth"
	}
	return "text"
}

// resultPage shows a stored result: a page of its rows, as the address asks for them.
func (p *Pages) resultPage(w http.ResponseWriter, r *http.Request) error {
	return p.showResult(w, r, "")
}

// showResult shows it, and the address of a link that was made just before.
func (p *Pages) showResult(w http.ResponseWriter, r *http.Request, made string) error {
	ctx, id := r.Context(), r.PathValue("id")
	stored, err := p.o.Service.Result(ctx, id)
	if err != nil {
		return p.refuseResult(w, r, err)
	}
	there := p.o.Base + "r/" + url.PathEscape(id)
	out := &shownResult{Result: stored, Plain: there, Pages: map[string]string{}, Made: made}
	if err := p.ofResult(r, out); err != nil {
		return p.refuseResult(w, r, err)
	}
	if !stored.EvictedAt.IsZero() {
		return p.message(w, r, http.StatusGone, message{Self: out.Self, Title: "The rows of this result are no longer kept", Run: p.runAgain(r, out),
			Text: fmt.Sprintf("%d rows were kept until %s. What the document shows of them is still there; to have all of them again, run it again.", stored.Rows, stored.EvictedAt.Format("2 January 2006")), Back: out.Of})
	}
	asked, err := askedOfResult(r.URL.Query())
	status := http.StatusOK
	var page *results.Page
	if err == nil {
		out.Query = asked
		page, err = p.o.Results.Page(ctx, id, asked)
	}
	if err != nil {
		if status, out.Note = told(err); out.Note == "" {
			return p.refuseResult(w, r, err)
		}
		page = &results.Page{Result: stored}
	}
	out.fill(there, page)
	if err := p.snapshots(r, there, out); err != nil {
		return p.refuseResult(w, r, err)
	}
	out.grid(p.o.Base+"v1/results/"+url.PathEscape(id)+"/arrow", page)
	out.Linkable = stored.Document != "" && out.May[string(iam.ResourcesSetIamPolicy)]
	w.Header().Set("Cache-Control", "private, no-cache")
	if made != "" {
		w.Header().Set("Cache-Control", "no-store") // the address is told once
	}
	return p.showStatus(w, r, status, "result.html", out, out.view)
}

// grid describes the rows for the program in browsers; those of groups are few.
func (s *shownResult) grid(address string, page *results.Page) {
	if len(page.Rows) == 0 || len(s.Query.Group)+len(s.Query.Measures) > 0 {
		return
	}
	s.Grid = &resultGrid{Address: s.address(address, s.Query), Rows: page.Total}
	for i, h := range s.Heads {
		s.Grid.Columns = append(s.Grid.Columns, gridColumn{h.Name, h.Type, page.Columns[i].Numeric, h.Dir, h.Sort, h.Values})
	}
}

// runAgain is where what gave a result is run again, for those who may.
func (p *Pages) runAgain(r *http.Request, of *shownResult) string {
	document := of.Result.Document
	if of.Result.Job != "" {
		if j, err := p.o.Service.Job(r.Context(), of.Result.Job); err == nil {
			document = j.Document
		}
	}
	if p.o.Runner == nil || document == "" || p.o.Service.MayRun(r.Context(), document, false) != nil {
		return ""
	}
	return "n/" + url.PathEscape(string(document)) + "/run"
}

// ofResult finds out what a result belongs to.
func (p *Pages) ofResult(r *http.Request, out *shownResult) error {
	ctx, s := r.Context(), p.o.Service
	if out.Result.Job != "" {
		j, err := s.Job(ctx, out.Result.Job)
		if err != nil {
			return err
		}
		out.view = &view{Self: j.Principal.Value(), Names: names{}, Title: j.Spec.Title}
		out.Of = "jobs/" + url.PathEscape(j.ID)
		return nil
	}
	resource, err := s.Get(ctx, out.Result.Document)
	if err != nil {
		return err
	}
	if out.view, err = p.view(ctx, asked{id: resource.ID}, &content.Reading{Resource: resource}); err != nil {
		return err
	}
	out.Of = "n/" + url.PathEscape(string(resource.ID)) + "#cell-" + url.PathEscape(out.Result.Cell)
	return nil
}

// askedOfResult reads what the address asks for: a query and, from the forms of the page, one more condition or group.
func askedOfResult(v url.Values) (result.Query, error) {
	q, err := result.Parse(v)
	if err != nil {
		return q, err
	}
	if column, err := strconv.Atoi(v.Get("column")); err == nil {
		c := result.Condition{Column: column, Op: result.Op(v.Get("op"))}
		if c.Op != result.Null && c.Op != result.NotNull {
			c.Values = []string{v.Get("value")}
		}
		q.Where = append(q.Where, c)
	}
	if column, err := strconv.Atoi(v.Get("across")); err == nil {
		q.Pivot, q.Sort = &result.Group{Column: column, Part: result.Part(v.Get("acrosspart"))}, nil
		if len(q.Measures) == 0 {
			q.Measures = []result.Measure{{Func: result.Count}}
		}
	}
	if column, err := strconv.Atoi(v.Get("by")); err == nil {
		q.Group, q.Sort = append(q.Group, result.Group{Column: column, Part: result.Part(v.Get("part"))}), nil
		if len(q.Measures) == 0 {
			q.Measures = []result.Measure{{Func: result.Count}}
		}
	}
	if f := result.Func(v.Get("func")); f != "" && f != result.Count {
		if column, err := strconv.Atoi(v.Get("of")); err == nil {
			q.Measures, q.Sort = append(q.Measures, result.Measure{Func: f, Column: column}), nil
		}
	}
	q.Limit = pageRows
	if n, err := strconv.ParseInt(v.Get("from"), 10, 64); err == nil && n > 0 {
		q.Offset = n
	}
	return q, nil
}

// address is where a query's page begins.
func address(there string, q result.Query) string {
	if text := q.Values().Encode(); text != "" {
		return there + "?" + text
	}
	return there
}

// values are a query's, with the fields that all addresses of the page have.
func (s *shownResult) values(q result.Query) url.Values {
	v := q.Values()
	maps.Copy(v, s.keep)
	return v
}

// address is where a query's page begins.
func (s *shownResult) address(there string, q result.Query) string {
	if text := s.values(q).Encode(); text != "" {
		return there + "?" + text
	}
	return there
}

// fill puts what the page shows into it.
func (s *shownResult) fill(there string, page *results.Page) {
	q := s.Query
	if page.Query.Pivot != nil {
		q.PivotValues = page.Query.PivotValues
	}
	s.Labels = result.Query{}.Labels(s.Result.Columns)
	s.Ops, s.Funcs = opWords, []string{"sum", "mean", "median", "min", "max", "distinct", "filled"}
	for _, c := range s.Result.Columns {
		s.Kinds = append(s.Kinds, kindOfColumn(c.Type))
	}
	s.Parts = []string{"year", "quarter", "month", "week", "day", "hour"}
	grouped := len(q.Group)+len(q.Measures) > 0
	for i, c := range page.Columns {
		head := resultHead{Name: c.Name, Type: c.Type}
		next := q
		next.Sort = []result.Sort{{Column: i}}
		if len(q.Sort) > 0 && q.Sort[0].Column == i {
			head.Dir = "ascending"
			next.Sort = []result.Sort{{Column: i, Descending: true}}
			if q.Sort[0].Descending {
				head.Dir, next.Sort = "descending", nil
			}
		}
		head.Sort = s.address(there, next)
		if !grouped && !s.Scoped {
			head.Values = s.address(there+"/columns/"+strconv.Itoa(i), result.Query{Where: q.Where, Search: q.Search})
		}
		if d, ok := drill(q, nil, i); ok && q.Pivot != nil && i >= len(q.Group) {
			head.Drill = s.address(there, d)
		}
		s.Heads = append(s.Heads, head)
	}
	if page.PivotCut {
		s.Notes = append(s.Notes, fmt.Sprintf("The %d most frequent values are columns; there are more.", len(q.PivotValues)))
	}
	for _, row := range page.Rows {
		cells := make([]resultCell, len(row))
		for i, value := range row {
			cells[i] = resultCell{Null: value == nil, Numeric: page.Columns[i].Numeric}
			if value != nil {
				cells[i].Text = *value
			}
		}
		for i := range cells {
			if d, ok := drill(q, row, i); ok && (i == 0 || i >= len(q.Group) && q.Pivot != nil && row[i] != nil) {
				cells[i].Drill = s.address(there, d)
			}
		}
		s.Rows = append(s.Rows, cells)
	}
	s.Total, s.Cut = page.Total, page.Cut
	s.First, s.Last = q.Offset+1, q.Offset+int64(len(page.Rows))
	turn := func(name string, from int64, there bool) {
		if there {
			v := s.values(q)
			if from > 0 {
				v.Set("from", strconv.FormatInt(from, 10))
			}
			s.Pages[name] = "?" + v.Encode()
		}
	}
	turn("first", 0, q.Offset > 0)
	turn("previous", max(0, q.Offset-pageRows), q.Offset > 0)
	turn("next", s.Last, s.Last < s.Total)
	turn("last", (s.Total-1)/pageRows*pageRows, s.Last < s.Total)
	s.chips(there)
	s.Encoded = q.Values().Encode()
	for name, values := range s.values(q) {
		for _, value := range values {
			s.Hidden = append(s.Hidden, resultField{name, value})
		}
	}
	for _, f := range resultFormats {
		v := s.values(q)
		v.Set("format", f.Address)
		s.Formats = append(s.Formats, resultFormat{f.Name, there + "/download?" + v.Encode()})
	}
}

// drill is the query of the rows behind a cell: of its row's groups, where there is a row, and of its column's value of the
// pivot, where it has one. It reports false where the values do not say which rows they are.
func drill(q result.Query, row []*string, column int) (result.Query, bool) {
	if len(q.Group) == 0 && q.Pivot == nil {
		return q, false
	}
	out := result.Query{Where: slices.Clone(q.Where), Search: q.Search}
	if row != nil {
		for i, g := range q.Group {
			if i >= len(row) {
				return q, false
			}
			conditions, ok := g.Behind(row[i])
			if !ok {
				return q, false
			}
			out.Where = append(out.Where, conditions...)
		}
	}
	if q.Pivot != nil && column >= len(q.Group) {
		if n := (column - len(q.Group)) / len(q.Measures); n < len(q.PivotValues) {
			conditions, ok := q.Pivot.Behind(q.PivotValues[n])
			if !ok {
				return q, false
			}
			out.Where = append(out.Where, conditions...)
		}
	}
	return out, true
}

// chips says what the query asks for, each with the way to do without.
func (s *shownResult) chips(there string) {
	q := s.Query
	name := func(n int) string {
		if n >= 0 && n < len(s.Labels) {
			return s.Labels[n]
		}
		return strconv.Itoa(n)
	}
	words := map[string]string{}
	for _, o := range opWords {
		words[o.Name] = o.Value
	}
	if q.Search != "" {
		without := q
		without.Search = ""
		s.Chips = append(s.Chips, resultChip{"any column contains “" + q.Search + "”", s.address(there, without)})
	}
	for i, c := range q.Where {
		without := q
		without.Where = append(append([]result.Condition{}, q.Where[:i]...), q.Where[i+1:]...)
		text := name(c.Column) + " " + words[string(c.Op)]
		if len(c.Values) > 0 {
			text += " " + strings.Join(c.Values, ", ")
		}
		s.Chips = append(s.Chips, resultChip{text, s.address(there, without)})
	}
	for i, g := range q.Group {
		without := q
		without.Group, without.Sort = append(append([]result.Group{}, q.Group[:i]...), q.Group[i+1:]...), nil
		if len(without.Group) == 0 {
			without.Measures, without.Pivot = nil, nil
		}
		s.Chips = append(s.Chips, resultChip{"by " + groupName(g, name), s.address(there, without)})
	}
	if q.Pivot != nil {
		without := q
		without.Pivot, without.Sort = nil, nil
		s.Chips = append(s.Chips, resultChip{"across " + groupName(*q.Pivot, name), s.address(there, without)})
	}
	if len(q.Group)+len(q.Measures) > 0 {
		for i, m := range q.Measures {
			if m.Func == result.Count && len(q.Measures) == 1 {
				continue // it goes with the groups
			}
			without := q
			without.Measures, without.Sort = slices.Delete(slices.Clone(q.Measures), i, i+1), nil
			if len(without.Measures) == 0 {
				without.Pivot = nil
			}
			text := "number of rows"
			if m.Func != result.Count {
				text = string(m.Func) + " of " + name(m.Column)
			}
			s.Chips = append(s.Chips, resultChip{text, s.address(there, without)})
		}
	}
}

func groupName(g result.Group, name func(int) string) string {
	if g.Part == result.Whole {
		return name(g.Column)
	}
	return name(g.Column) + ", " + string(g.Part)
}

// resultDownload sends a stored result as a file.
func (p *Pages) resultDownload(w http.ResponseWriter, r *http.Request) error {
	err := api.SendResult(p.o.Results, r.PathValue("id"), w, r)
	if errors.Is(err, content.ErrNotFound) || errors.Is(err, content.ErrUnauthenticated) {
		return p.refuseResult(w, r, err)
	}
	return err
}

// told is what to say, beside what was asked, of an error that asking something else mends; the text is empty for others.
func told(err error) (status int, note string) {
	var stated *web.StatusError
	err = api.ResultError(err)
	switch {
	case errors.As(err, &stated):
		return stated.Status, stated.Text
	case errors.Is(err, content.ErrInvalid):
		return http.StatusBadRequest, err.Error()
	}
	return 0, ""
}

// refuseResult answers where there is no result to show. Access is given to documents, so it is not asked for here.
func (p *Pages) refuseResult(w http.ResponseWriter, r *http.Request, err error) error {
	self := content.ActorFrom(r.Context()).Principal
	if errors.Is(err, content.ErrNotFound) && self != "" && strings.Contains(r.Header.Get("Accept"), "text/html") {
		return p.message(w, r, http.StatusNotFound, message{Self: self.Value(), Title: "This result is not here, or not for you",
			Text: "A result is for those who may read the document that it belongs to. Ask whoever sent you the address to share the document."})
	}
	return p.refuse(w, r, err)
}
