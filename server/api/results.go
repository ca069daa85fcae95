package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sextant/content"
	"sextant/content/result"
	"sextant/server/web"
	"sextant/sessions/results"
)

// StoredResult is all rows that a statement gave, kept apart from the table that its document shows of it.
type StoredResult struct {
	ID        string         `json:"id"`
	Document  string         `json:"document,omitempty"`
	Job       string         `json:"job,omitempty"`
	Cell      string         `json:"cell,omitempty"`
	Principal string         `json:"principal" doc:"Who ran it"`
	CreatedAt time.Time      `json:"createdAt"`
	Rows      int64          `json:"rows"`
	Size      int64          `json:"size" doc:"Of the Parquet file, in bytes"`
	Complete  bool           `json:"complete" doc:"False where rows were left out, at a limit"`
	Columns   []ResultColumn `json:"columns" nullable:"false"`
	CopyOf    string         `json:"copyOf,omitempty" doc:"By which id outputs of the document name it, where the document is a copy; absent: by its own"`
	EvictedAt *time.Time     `json:"evictedAt,omitempty" doc:"When its rows were given up; absent: they are there"`
}

// ResultColumn is a column of a result.
type ResultColumn struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Numeric bool   `json:"numeric,omitempty"`
}

func viewResult(r content.StoredResult) StoredResult {
	out := StoredResult{ID: r.ID, Document: string(r.Document), Job: r.Job, Cell: r.Cell, Principal: string(r.Principal), CreatedAt: r.CreatedAt, Rows: r.Rows, Size: r.Size,
		Complete: r.Complete, CopyOf: r.CopyOf, Columns: []ResultColumn{}, EvictedAt: optional(r.EvictedAt)}
	for _, c := range r.Columns {
		out.Columns = append(out.Columns, ResultColumn{Name: c.Name, Type: c.Type})
	}
	return out
}

// ResultPage is a part of what a query over a stored result gives.
type ResultPage struct {
	Columns []ResultColumn `json:"columns" nullable:"false"`
	Rows    [][]*string    `json:"rows" nullable:"false" doc:"Values as SQL writes them; null is NULL. Fewer than asked for where they have more than 16 MB"`
	Offset  int64          `json:"offset"`
	Total   int64          `json:"total" doc:"How many rows the query gives in all"`
	Cut     int            `json:"cut,omitempty" doc:"How many values are shortened to 10,000 characters"`
	// PivotCut tells that the pivot has more values than columns.
	PivotCut bool `json:"pivotCut,omitempty" doc:"The pivot has more values; the most frequent are columns"`
}

// Snapshot is a view of a stored result under a name.
type Snapshot struct {
	ID        string    `json:"id"`
	Result    string    `json:"result"`
	Principal string    `json:"principal" doc:"Who made it"`
	Name      string    `json:"name"`
	Query     string    `json:"query,omitempty" doc:"What is asked of the rows, as readResult's address has it"`
	CreatedAt time.Time `json:"createdAt"`
}

func viewSnapshot(s content.Snapshot) Snapshot {
	return Snapshot{s.ID, s.Result, string(s.Principal), s.Name, s.Query, s.CreatedAt}
}

// cleanQuery is a query as addresses write it, without what is none.
func cleanQuery(text string) (string, error) {
	v, err := url.ParseQuery(text)
	if err != nil {
		return "", fmt.Errorf("%w query: it cannot be read", content.ErrInvalid)
	}
	q, err := result.Parse(v)
	return q.Values().Encode(), err
}

// ColumnSummary is what is known of a column's values.
type ColumnSummary struct {
	Name     string      `json:"name"`
	Type     string      `json:"type"`
	Rows     int64       `json:"rows"`
	Nulls    int64       `json:"nulls"`
	Distinct int64       `json:"distinct" doc:"Roughly how many values there are"`
	Min      *string     `json:"min,omitempty"`
	Max      *string     `json:"max,omitempty"`
	Mean     *float64    `json:"mean,omitempty" doc:"Of numbers"`
	Top      []ResultBar `json:"top" nullable:"false" doc:"The most frequent values, at most ten"`
	Bars     []ResultBar `json:"bars" nullable:"false" doc:"A histogram of numbers and times; empty of all else"`
}

// ResultBar is a value, or a stretch of values.
type ResultBar struct {
	Label string   `json:"label" doc:"The value, or where the stretch begins"`
	To    string   `json:"to,omitempty" doc:"Where the stretch ends"`
	Null  bool     `json:"null,omitempty" doc:"The value is NULL"`
	Rows  int64    `json:"rows"`
	Where []string `json:"where" nullable:"false" doc:"Conditions that lead to its rows, as of readResult"`
}

func viewBar(b results.Bar) ResultBar {
	return ResultBar{b.Label, b.To, b.Null, b.Rows, result.Query{Where: b.Where}.Values()["where"]}
}

// ResultError gives an error of results its meaning in answers.
func ResultError(err error) error {
	var told *results.Error
	switch {
	case errors.As(err, &told):
		return &web.StatusError{Status: http.StatusUnprocessableEntity, Text: told.Text}
	case errors.Is(err, results.ErrTimeout):
		return &web.StatusError{Status: http.StatusGatewayTimeout, Text: err.Error()}
	case errors.Is(err, results.ErrLost):
		return &web.StatusError{Status: http.StatusInsufficientStorage, Text: err.Error()}
	case errors.Is(err, results.ErrClosed):
		return &web.StatusError{Status: http.StatusServiceUnavailable, Text: err.Error()}
	}
	return err
}

func (a *API) results() {
	const tag = "results"
	s := a.o.Service
	add(a, route{"listResults", http.MethodGet, "/resources/{id}/results", "List the stored results of a document, newest first", tag, uses("Results"), 0},
		func(ctx context.Context, in *struct{ ByID }) (*Body[Page[StoredResult]], error) {
			found, err := s.Results(ctx, in.id())
			return body(Page[StoredResult]{Items: viewAll(found, viewResult)}), err
		})
	add(a, route{"getResult", http.MethodGet, "/results/{id}", "Get what is known of a stored result", tag, uses("Result"), 0},
		func(ctx context.Context, in *ByID) (*Body[StoredResult], error) {
			r, err := s.Result(ctx, string(in.id()))
			return body(viewResult(r)), err
		})
	add(a, route{"createSnapshot", http.MethodPost, "/results/{id}/snapshots", "Keep a view of a stored result under a name, and its rows for as long", tag, uses("CreateSnapshot"), http.StatusCreated},
		func(ctx context.Context, in *struct {
			ByID
			Body struct {
				Name  string `json:"name" minLength:"1" maxLength:"200"`
				Query string `json:"query,omitempty" maxLength:"16384" doc:"What is asked of the rows, as readResult's address has it: where=0.gt.5&sort=-1"`
			}
		}) (*Body[Snapshot], error) {
			query, err := cleanQuery(in.Body.Query)
			if err != nil {
				return nil, err
			}
			snap, err := s.CreateSnapshot(ctx, content.Snapshot{Result: string(in.id()), Name: in.Body.Name, Query: query})
			return body(viewSnapshot(snap)), err
		})
	add(a, route{"listSnapshots", http.MethodGet, "/results/{id}/snapshots", "List the snapshots of a stored result, newest first", tag, uses("Snapshots"), 0},
		func(ctx context.Context, in *ByID) (*Body[Page[Snapshot]], error) {
			found, err := s.Snapshots(ctx, string(in.id()))
			return body(Page[Snapshot]{Items: viewAll(found, viewSnapshot)}), err
		})
	add(a, route{"listOwnSnapshots", http.MethodGet, "/me/snapshots", "List the snapshots that one made, newest first", tag, uses("OwnSnapshots"), 0},
		func(ctx context.Context, _ *struct{}) (*Body[Page[Snapshot]], error) {
			found, err := s.OwnSnapshots(ctx)
			return body(Page[Snapshot]{Items: viewAll(found, viewSnapshot)}), err
		})
	add(a, route{"deleteSnapshot", http.MethodDelete, "/snapshots/{snapshot}", "Delete a snapshot", tag, uses("DeleteSnapshot"), http.StatusNoContent},
		func(ctx context.Context, in *struct {
			ID string `path:"snapshot" maxLength:"100"`
		}) (*None, error) {
			return nil, s.DeleteSnapshot(ctx, in.ID)
		})
	add(a, route{"listJobResults", http.MethodGet, "/jobs/{id}/results", "List the stored results of a job, oldest first", tag, uses("JobResults"), 0},
		func(ctx context.Context, in *ByJob) (*Body[Page[StoredResult]], error) {
			found, err := s.JobResults(ctx, in.ID)
			return body(Page[StoredResult]{Items: viewAll(found, viewResult)}), err
		})
	if a.o.Results == nil {
		return
	}
	add(a, route{"readResult", http.MethodGet, "/results/{id}/rows", "Read rows of a stored result: filtered, searched, sorted, grouped", tag, uses("ReadResult"), 0},
		func(ctx context.Context, in *struct {
			ByID
			Where   []string `query:"where,explode" doc:"COLUMN.OP[.VALUE], once for each condition; columns count from 0; operators: eq, ne, lt, le, gt, ge, has, hasnt, starts, null, notnull; a further value of eq or ne follows as +VALUE"`
			Search  string   `query:"q" doc:"What any column has to contain"`
			Group   []string `query:"group,explode" doc:"COLUMN[.PART]: a row for each value, or year, quarter, month, week, day or hour"`
			Measure []string `query:"measure,explode" doc:"count, or FUNC.COLUMN: sum, mean, median, min, max, distinct, filled"`
			Pivot   string   `query:"pivot" maxLength:"100" doc:"COLUMN[.PART]: a column of each measure for each value, the 200 most frequent, and one of all"`
			Sort    []string `query:"sort,explode" doc:"COLUMN, or -COLUMN for the largest first; where rows are grouped it counts groups and measures"`
			Offset  int64    `query:"offset" minimum:"0"`
			Limit   int64    `query:"limit" minimum:"0" maximum:"10000" doc:"0: 100"`
		}) (*Body[ResultPage], error) {
			v := map[string][]string{"where": in.Where, "group": in.Group, "measure": in.Measure, "sort": in.Sort, "q": {in.Search}, "pivot": {in.Pivot}}
			q, err := result.Parse(v)
			if err != nil {
				return nil, err
			}
			q.Offset, q.Limit = in.Offset, in.Limit
			p, err := a.o.Results.Page(ctx, string(in.id()), q)
			if err != nil {
				return nil, ResultError(err)
			}
			out := ResultPage{Columns: []ResultColumn{}, Rows: p.Rows, Offset: in.Offset, Total: p.Total, Cut: p.Cut, PivotCut: p.PivotCut}
			for _, c := range p.Columns {
				out.Columns = append(out.Columns, ResultColumn(c))
			}
			return body(out), nil
		})
	add(a, route{"summarizeColumn", http.MethodGet, "/results/{id}/columns/{column}", "Summarise a column of a stored result", tag, uses("ReadResult"), 0},
		func(ctx context.Context, in *struct {
			ByID
			Column int      `path:"column" minimum:"0" doc:"Counts from 0"`
			Where  []string `query:"where,explode" doc:"Of which rows, as of readResult"`
			Search string   `query:"q"`
		}) (*Body[ColumnSummary], error) {
			q, err := result.Parse(map[string][]string{"where": in.Where, "q": {in.Search}})
			if err != nil {
				return nil, err
			}
			s, err := a.o.Results.Summary(ctx, string(in.id()), q, in.Column)
			if err != nil {
				return nil, ResultError(err)
			}
			c := s.Result.Columns[s.Column]
			return body(ColumnSummary{Name: c.Name, Type: c.Type, Rows: s.Rows, Nulls: s.Rows - s.Filled, Distinct: s.Distinct, Min: s.Min, Max: s.Max, Mean: s.Mean, Top: viewAll(s.Top, viewBar), Bars: viewAll(s.Bars, viewBar)}), nil
		})
	a.addStream(route{"readResultArrow", http.MethodGet, "/results/{id}/arrow", "Read rows of a stored result as an Arrow IPC stream, for those who show them", tag, uses("ReadResult"), 0},
		func(op *huma.Operation) {
			text, number := &huma.Schema{Type: "string"}, &huma.Schema{Type: "integer"}
			op.Description = "Whole numbers and truth values are as they are, all else is text as SQL writes it. Sextant-Total-Rows tells how many rows the query gives in all, Sextant-Cut how many values are shortened to 10,000 characters."
			op.Parameters = []*huma.Param{{Name: "id", In: "path", Required: true, Schema: text},
				{Name: "where", In: "query", Schema: text, Description: "This and the others as of readResult"},
				{Name: "offset", In: "query", Schema: number}, {Name: "limit", In: "query", Schema: number, Description: "0: 100; at most 10000"},
				{Name: "count", In: "query", Schema: &huma.Schema{Type: "boolean"}, Description: "false does not count the rows where that takes a query"}}
			op.Responses["200"] = &huma.Response{Description: "The rows", Content: map[string]*huma.MediaType{arrowStream: {}}}
		}, func(w http.ResponseWriter, r *http.Request) error {
			return SendArrow(a.o.Results, r.PathValue("id"), w, r)
		})
	a.addStream(route{"downloadResult", http.MethodGet, "/results/{id}/download", "Download a stored result, or what a query over it gives", tag, uses("ReadResult"), 0},
		func(op *huma.Operation) {
			text := &huma.Schema{Type: "string"}
			op.Parameters = []*huma.Param{{Name: "id", In: "path", Required: true, Schema: text},
				{Name: "format", In: "query", Schema: &huma.Schema{Type: "string", Enum: []any{"csv", "csv-excel", "parquet", "json", "ndjson", "xlsx", "arrow"}}, Description: "csv-excel opens well in Excel: nothing in it is taken for a formula"},
				{Name: "where", In: "query", Schema: text, Description: "This and the others as of readResult"}}
			op.Responses["200"] = &huma.Response{Description: "The file"}
		}, func(w http.ResponseWriter, r *http.Request) error {
			return SendResult(a.o.Results, r.PathValue("id"), w, r)
		})
}

const arrowStream = "application/vnd.apache.arrow.stream"

// SendArrow answers with a page of a result, as the request's address asks for it. What a result gives never changes, but who may read it does: browsers keep pages
// and ask whether they still may show them.
func SendArrow(reader *results.Reader, id string, w http.ResponseWriter, r *http.Request) error {
	v := r.URL.Query()
	q, err := result.Parse(v)
	if err != nil {
		return err
	}
	for name, to := range map[string]*int64{"offset": &q.Offset, "limit": &q.Limit} {
		if text := v.Get(name); text != "" {
			if *to, err = strconv.ParseInt(text, 10, 64); err != nil || *to < 0 {
				return fmt.Errorf("%w %s: %.20q is no number of rows", content.ErrInvalid, name, text)
			}
		}
	}
	if _, err := reader.Known(r.Context(), id); err != nil {
		return ResultError(err)
	}
	sum := sha256.Sum256([]byte(id + "?" + q.Values().Encode() + fmt.Sprint(q.Offset, q.Limit, v.Get("count"))))
	etag := `"` + hex.EncodeToString(sum[:12]) + `"`
	h := w.Header()
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", etag)
	if web.Matches(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	p, err := reader.ArrowPage(r.Context(), id, q, v.Get("count") != "false")
	if err != nil {
		h.Del("ETag")
		return ResultError(err)
	}
	h.Set("Content-Type", arrowStream)
	if p.Total >= 0 {
		h.Set("Sextant-Total-Rows", strconv.FormatInt(p.Total, 10))
	}
	if p.Cut > 0 {
		h.Set("Sextant-Cut", strconv.Itoa(p.Cut))
	}
	_, _ = w.Write(p.Arrow) // the client is gone
	return nil
}

// SendResult answers with a stored result as a file, as the request's address says.
func SendResult(reader *results.Reader, id string, w http.ResponseWriter, r *http.Request) error {
	q, err := result.Parse(r.URL.Query())
	if err != nil {
		return err
	}
	f := result.Format(r.URL.Query().Get("format"))
	if f == "" {
		f = result.CSV
	}
	if !f.Known() {
		return fmt.Errorf("%w format %.20q: want %s", content.ErrInvalid, f, result.Formats)
	}
	begun := false
	begin := func(s content.StoredResult) {
		begun = true
		h := w.Header()
		h.Set("Content-Type", f.ContentType())
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": "result-" + s.ID[:8] + f.Extension()}))
		h.Set("Cache-Control", "private, no-cache")
	}
	if r.Method == http.MethodHead {
		stored, err := reader.Known(r.Context(), id)
		if err == nil {
			begin(stored)
		}
		return err
	}
	err = reader.Download(r.Context(), id, q, f, begin, web.Download(w))
	if err != nil && begun {
		web.FromContext(r.Context()).Failure = err
		panic(http.ErrAbortHandler) // half a file must not be taken for a whole one
	}
	return ResultError(err)
}
