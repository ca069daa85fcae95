package cell

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"sextant/kernel/display"
	"sextant/kernel/engine"
)

// When a statement counts as long, and how often its progress is shown then.
const (
	progressAfter = 600 * time.Millisecond
	progressEvery = 500 * time.Millisecond
)

// statement runs one statement and shows what it gives.
func (r *run) statement(ctx context.Context, stmt statement) error {
	sql, offset, err := r.bind(ctx, stmt)
	if err != nil {
		return err
	}
	began := time.Now()
	watch := r.watch()
	err = r.execute(ctx, sql, stmt, watch, began)
	watch.stop()
	if err != nil {
		return r.failureOf(ctx, err, stmt, offset)
	}
	return nil
}

func (r *run) execute(ctx context.Context, sql string, stmt statement, watch *watch, began time.Time) error {
	res, err := r.session.Query(ctx, engine.Query{SQL: sql})
	if err != nil {
		return err
	}
	defer res.Close()
	switch res.Kind() {
	case engine.Rows:
		if res.Pure() && stmt.start >= 0 {
			r.lastQuery = stmt.sql
		}
		return r.rows(ctx, res, stmt, watch, began)
	case engine.Changed:
		return r.done(display.Status{Verb: res.Verb(), Rows: res.RowsChanged(), Elapsed: time.Since(began)}, watch)
	default:
		if res.Verb() == "" {
			return nil
		}
		return r.done(display.Status{Verb: res.Verb(), Rows: -1, Elapsed: time.Since(began)}, watch)
	}
}

func (r *run) done(s display.Status, watch *watch) error {
	watch.stop()
	return r.screen.display(s.Bundle())
}

// rows streams a result: its first rows to the screen and, where the request asks for it, all of it into a file.
func (r *run) rows(ctx context.Context, res engine.Result, stmt statement, watch *watch, began time.Time) error {
	table := newLiveTable(display.NewTable(res.Columns(), res.Schema(), display.Limits{Rows: r.rowLimit()}))
	watch.show(table)
	store, err := r.openStore(res)
	if err != nil {
		return err
	}
	defer store.abort()
	total, complete := int64(0), true
	for {
		batch, err := res.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		total += batch.NumRows()
		shown := table.add(batch)
		kept, err := store.write(batch)
		batch.Release()
		if err != nil {
			return err
		}
		if shown && kept && res.Pure() {
			// Nobody wants the rest; whether there is any takes one more look.
			more, err := hasMore(ctx, res)
			if err != nil {
				return err
			}
			complete = !more
			break
		}
	}
	watch.stop()
	s := display.Summary{TotalRows: total, Elapsed: time.Since(began), TextElapsed: r.isTiming()}
	if !complete {
		s.TotalRows, s.More = -1, true
	}
	info, err := store.close()
	if err != nil {
		return err
	}
	if info != nil {
		s.Link = info.link
	}
	b := table.bundle(s)
	info.addTo(b.Metadata)
	if stmt.last {
		return r.screen.result(b)
	}
	return r.screen.display(b)
}

// hasMore reports whether the result has another row.
func hasMore(ctx context.Context, res engine.Result) (bool, error) {
	batch, err := res.Next(ctx)
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer batch.Release()
	return batch.NumRows() > 0, nil
}

// query runs a statement of our own and gives its cells as text.
func (r *run) query(ctx context.Context, sql string, params map[string]engine.Value) ([][]string, error) {
	res, err := r.session.Query(ctx, engine.Query{SQL: sql, Params: params})
	if err != nil {
		return nil, err
	}
	defer res.Close()
	cols := res.Columns()
	var out [][]string
	for {
		batch, err := res.Next(ctx)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out = appendText(out, batch, cols)
		batch.Release()
	}
}

func appendText(out [][]string, batch arrow.RecordBatch, cols []engine.Column) [][]string {
	for i := range int(batch.NumRows()) {
		row := make([]string, len(cols))
		for c, col := range cols {
			if !display.IsNull(batch.Column(c), i) {
				row[c] = display.Format(batch.Column(c), i, col)
			}
		}
		out = append(out, row)
	}
	return out
}

// exec runs a statement of our own for its effect.
func (r *run) exec(ctx context.Context, sql string, params map[string]engine.Value) error {
	_, err := r.query(ctx, sql, params)
	return err
}

func (s *Shell) rowLimit() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.limit
}

func (s *Shell) isTiming() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.timing
}

// liveTable is a table that may be looked at while it fills.
type liveTable struct {
	mu sync.Mutex
	t  *display.Table
}

func newLiveTable(t *display.Table) *liveTable { return &liveTable{t: t} }

func (l *liveTable) add(batch arrow.RecordBatch) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.t.Add(batch)
}

func (l *liveTable) bundle(s display.Summary) display.Bundle {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.t.Bundle(s)
}
