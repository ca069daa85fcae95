package results

import (
	"context"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"sextant/content"
	"sextant/content/result"
	"sextant/kernel/wire"
)

// Reader reads stored results as the actor, whose rights each call asks anew.
type Reader struct {
	Service *content.Service
	Pool    *Pool
	// link and scope are of a Reader that Shared gave.
	link  string
	scope *result.Scope
}

// Shared is a Reader of results of the document that a link opens, which sees of them what is in the scope. It is for the code
// that checked the signature of an embed.
func (r *Reader) Shared(link string, scope result.Scope) *Reader {
	return &Reader{Service: r.Service, Pool: r.Pool, link: link, scope: &scope}
}

// MaxPage bounds the rows of a page.
const MaxPage = 10_000

// Page is a part of what a query gives.
type Page struct {
	Result  content.StoredResult
	Columns []wire.ResultColumn
	Rows    [][]*string
	// Arrow has the rows where ArrowPage gave them: whole numbers and truth values as they are, all else as text.
	Arrow []byte
	// Total is how many rows the query gives in all. Rows are fewer than asked for where they are very long, too: the next page
	// begins after those that are given.
	Total int64
	// Cut is how many values are shortened.
	Cut int
	// Query is what was asked, with the values of its pivot; PivotCut tells that there are more of those.
	Query    result.Query
	PivotCut bool
}

// source is a result's file, read as the actor of ctx.
func (r *Reader) source(id string) Source {
	return Source{ID: id, Open: func(ctx context.Context) (io.ReadCloser, error) {
		if r.scope != nil {
			_, body, err := r.Service.ReadSharedResult(ctx, r.link, id)
			return body, err
		}
		_, body, err := r.Service.ReadResult(ctx, id)
		return body, err
	}}
}

// Expect is for a result that was just kept, which somebody will soon look into.
func (r *Reader) Expect(ctx context.Context, kept content.StoredResult) {
	r.Pool.Expect(ctx, r.source(kept.ID), kept.Size)
}

// Known tells of a result that the actor may read and whose rows are there. Within a scope its columns are the scope's, and how
// many rows there are is not told.
func (r *Reader) Known(ctx context.Context, id string) (content.StoredResult, error) {
	stored, _, err := r.known(ctx, id)
	return stored, err
}

func (r *Reader) known(ctx context.Context, id string) (stored content.StoredResult, scope *result.Scope, err error) {
	if r.scope != nil {
		if stored, err = r.Service.SharedResult(ctx, r.link, id); err == nil {
			scope, stored.Columns, err = r.scope.Bind(stored.Columns)
			stored.Rows, stored.Size = -1, 0
		}
	} else {
		stored, err = r.Service.Result(ctx, id)
	}
	if err == nil && !stored.EvictedAt.IsZero() {
		err = content.ErrEvicted
	}
	return stored, scope, err
}

// Page gives a page of a query. Errors: content.ErrNotFound, content.ErrEvicted, content.ErrInvalid, *Error, ErrTimeout,
// ErrLost.
func (r *Reader) Page(ctx context.Context, id string, q result.Query) (*Page, error) {
	return r.page(ctx, id, q, false, true)
}

// ArrowPage is Page with the rows as an Arrow IPC stream instead. They are counted only where that is wanted: else Total is -1
// where it takes a count to know it.
func (r *Reader) ArrowPage(ctx context.Context, id string, q result.Query, count bool) (*Page, error) {
	return r.page(ctx, id, q, true, count)
}

func (r *Reader) page(ctx context.Context, id string, q result.Query, arrow, counted bool) (*Page, error) {
	stored, scope, err := r.known(ctx, id)
	if err != nil {
		return nil, err
	}
	q.Scope = scope
	if q.Limit <= 0 || q.Limit > MaxPage {
		q.Limit = 100
	}
	cut, err := r.resolve(ctx, stored, &q)
	if err != nil {
		return nil, err
	}
	sql, err := q.SQL(len(stored.Columns))
	if err != nil {
		return nil, err
	}
	ask := wire.ResultRequest{Arrow: arrow, Labels: q.Labels(stored.Columns)}
	if q.IsAll() {
		ask.Offset, ask.Rows = q.Offset, int(q.Limit)
	} else {
		ask.SQL, ask.Rows = sql, MaxPage
	}
	a, err := r.Pool.Ask(ctx, r.source(id), ask)
	if err != nil {
		return nil, err
	}
	out := &Page{Result: stored, Columns: a.Columns, Rows: a.Rows, Arrow: a.Arrow, Cut: a.Cut, Query: q, PivotCut: cut}
	for i, label := range q.Labels(stored.Columns) {
		if i < len(out.Columns) {
			out.Columns[i].Name = label
		}
	}
	switch {
	case scope == nil && len(q.Where) == 0 && q.Search == "" && len(q.Group)+len(q.Measures) == 0: // as many as there are
		out.Total = stored.Rows
	case !arrow && !a.More && int64(len(a.Rows)) < q.Limit && (q.Offset == 0 || len(a.Rows) > 0):
		out.Total = q.Offset + int64(len(a.Rows))
	case !counted:
		out.Total = -1
	default:
		count, err := q.CountSQL(len(stored.Columns))
		if err != nil {
			return nil, err
		}
		n, err := r.Pool.Query(ctx, r.source(id), count, 1)
		if err != nil {
			return nil, err
		}
		if len(n.Rows) == 1 && len(n.Rows[0]) == 1 && n.Rows[0][0] != nil {
			if out.Total, err = strconv.ParseInt(*n.Rows[0][0], 10, 64); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// Download writes all rows of a query in a format, and calls begin before the first byte. Errors are as of Page; after
// begin was called out is cut off.
func (r *Reader) Download(ctx context.Context, id string, q result.Query, f result.Format, begin func(content.StoredResult), out io.Writer) error {
	stored, scope, err := r.known(ctx, id)
	if err != nil {
		return err
	}
	q.Scope = scope
	if f == result.Parquet && q.IsAll() {
		// It is what is kept.
		_, body, err := r.Service.ReadResult(ctx, id)
		if err != nil {
			return err
		}
		begin(stored)
		_, err = io.Copy(out, body)
		return errors.Join(err, body.Close())
	}
	if _, err := r.resolve(ctx, stored, &q); err != nil {
		return err
	}
	if _, err := q.CopySQL(stored.Columns, f, ""); err != nil {
		return err
	}
	late := &lateWriter{out: out, begin: func() error {
		begin(stored)
		_, err := io.WriteString(out, f.Prefix())
		return err
	}}
	err = r.Pool.Copy(ctx, r.source(id), func(path string) wire.ResultRequest {
		sql, _ := q.CopySQL(stored.Columns, f, path) // it was made once already
		ask := wire.ResultRequest{SQL: sql}
		if f == result.Arrow {
			ask.ArrowTo, ask.Labels = path, q.Labels(stored.Columns)
		}
		return ask
	}, f.Piped(), late)
	if err == nil {
		err = late.start() // of nothing, too, there is a file
	}
	return err
}

// resolve finds the values that a query's pivot has, and tells whether there are more.
func (r *Reader) resolve(ctx context.Context, stored content.StoredResult, q *result.Query) (cut bool, err error) {
	if q.Pivot == nil {
		return false, nil
	}
	sql, err := q.PivotValuesSQL(len(stored.Columns))
	if err != nil {
		return false, err
	}
	a, err := r.Pool.Query(ctx, r.source(stored.ID), sql, result.MaxPivot+1)
	if err != nil {
		return false, err
	}
	least, at := int64(math.MaxInt64), -1
	q.PivotValues = []*string{}
	for i, row := range a.Rows {
		if len(row) != 2 || row[1] == nil {
			return false, ErrLost
		}
		n, err := strconv.ParseInt(*row[1], 10, 64)
		if err != nil {
			return false, ErrLost
		}
		if n <= least {
			least, at = n, i
		}
		q.PivotValues = append(q.PivotValues, row[0])
	}
	defer func() {
		// What cannot stand in a statement is no column.
		known := len(q.PivotValues)
		q.PivotValues = slices.DeleteFunc(q.PivotValues, func(v *string) bool { return v != nil && strings.ContainsRune(*v, 0) })
		cut = cut || len(q.PivotValues) < known
	}()
	if cut = len(q.PivotValues) > result.MaxPivot; cut {
		q.PivotValues = slices.Delete(q.PivotValues, at, at+1)
	}
	return cut, nil
}

// lateWriter begins at the first byte, so that what goes wrong before is an answer of its own.
type lateWriter struct {
	out   io.Writer
	begin func() error
	begun bool
}

func (w *lateWriter) start() error {
	if w.begun {
		return nil
	}
	w.begun = true
	return w.begin()
}

func (w *lateWriter) Write(b []byte) (int, error) {
	if err := w.start(); err != nil {
		return 0, err
	}
	return w.out.Write(b)
}
