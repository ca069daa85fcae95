package duckdb

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	duck "github.com/duckdb/duckdb-go-bindings"

	"sextant/kernel/engine"
)

// sessionSettings are set on each connection. A streaming buffer that holds a single chunk keeps memory bounded for
// wide rows too: DuckDB counts a chunk's vectors but not the strings behind them, and would fill its default buffer
// with hundreds of megabytes (throughput was measured to be the same). Progress is only counted when its bar is on.
const sessionSettings = "SET streaming_buffer_size='1KB'; SET enable_progress_bar_print=false; " +
	"SET enable_progress_bar=true; SET progress_bar_time=0"

// interruptEvery is how often a cancelled statement is told to stop until it has: DuckDB clears the flag when a
// statement starts, so a single call between two of them would be lost.
const interruptEvery = 2 * time.Millisecond

type session struct {
	eng  *Engine
	conn duck.Connection

	// busy is held from Query until its result is closed: the catalogue takes it to use this connection in between.
	busy sync.Mutex
	open *result // the result that holds busy; used by the session's own goroutine only

	began   atomic.Int64 // unix nanoseconds of the running statement's start, 0 when none runs
	txOpen  atomic.Bool  // a transaction is open
	txFail  atomic.Bool  // and an error has aborted it
	hasTemp atomic.Bool  // a temporary table or view may be there
	catalog sessionCatalog
}

var (
	_ engine.Session    = (*session)(nil)
	_ engine.Progresser = (*session)(nil)
	_ engine.Catalog    = (*session)(nil)
	_ engine.Describer  = (*session)(nil)
)

// NewSession opens a connection of its own over the same database.
func (e *Engine) NewSession(context.Context) (engine.Session, error) { return e.newSession() }

func (e *Engine) newSession() (*session, error) {
	s := &session{eng: e}
	if duck.Connect(e.db, &s.conn) == duck.StateError {
		return nil, errors.New("duckdb: could not open another connection")
	}
	var res duck.Result
	defer duck.DestroyResult(&res)
	if duck.Query(s.conn, sessionSettings, &res) == duck.StateError {
		err := parseError(duck.ResultError(&res))
		duck.Disconnect(&s.conn)
		return nil, err
	}
	return s, nil
}

// Close ends the session; an open result is closed and an open transaction rolled back.
func (s *session) Close() error {
	if s.open != nil {
		s.open.Close()
	}
	if s.conn.Ptr != nil {
		duck.Disconnect(&s.conn)
	}
	return nil
}

// guard runs f, a call into DuckDB, and interrupts it when ctx ends. It returns when both f and the interrupter have
// ended, so that no interrupt hits what comes next.
func (s *session) guard(ctx context.Context, f func()) {
	if ctx.Done() == nil {
		f()
		return
	}
	finished, stopped := make(chan struct{}), make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		tick := time.NewTicker(interruptEvery)
		defer tick.Stop()
		for {
			duck.Interrupt(s.conn)
			select {
			case <-finished:
				return
			case <-tick.C:
			}
		}
	})
	f()
	close(finished)
	if !stop() {
		<-stopped
	}
}

// Query runs one statement; see engine.Session.
func (s *session) Query(ctx context.Context, q engine.Query) (engine.Result, error) {
	if s.open != nil {
		s.open.Close()
	}
	if ctx.Err() != nil {
		return nil, engine.ErrInterrupted
	}
	s.busy.Lock()
	s.began.Store(time.Now().UnixNano())
	r, err := s.allowed(ctx, q)
	if err != nil {
		s.noteFailure()
		s.began.Store(0)
		s.busy.Unlock()
		return nil, err
	}
	s.open = r
	return r, nil
}

// query starts the statement. A text that DuckDB's parser turns into several (a PIVOT whose columns come from the
// data, IMPORT DATABASE) runs all of them; the last one's result is the result.
func (s *session) query(ctx context.Context, q engine.Query) (*result, error) {
	var extracted duck.ExtractedStatements
	n := duck.ExtractStatements(s.conn, q.SQL, &extracted)
	defer duck.DestroyExtracted(&extracted)
	if n == 0 {
		if msg := duck.ExtractStatementsError(extracted); msg != "" {
			return nil, parseError(msg)
		}
		return &result{sess: s, kind: engine.Done}, nil
	}
	for i := range n {
		var ps duck.PreparedStatement
		var ok bool
		s.guard(ctx, func() { ok = duck.PrepareExtractedStatement(s.conn, extracted, i, &ps) != duck.StateError })
		r, err := s.start(ctx, q, ps, ok, n == 1)
		if err != nil {
			return nil, err
		}
		if i == n-1 {
			return r, nil
		}
		err = r.drain(ctx)
		r.free()
		if err != nil {
			return nil, err
		}
	}
	panic("unreachable")
}

// start executes a prepared statement, which it owns from here on.
func (s *session) start(ctx context.Context, q engine.Query, ps duck.PreparedStatement, prepared, single bool) (_ *result, err error) {
	r := &result{sess: s, ps: ps, verb: verbOf(q.SQL)}
	defer func() {
		if err != nil {
			r.free()
		}
	}()
	if !prepared {
		return nil, s.failure(ctx, duck.PrepareError(ps))
	}
	if err := bind(ps, q.Params); err != nil {
		return nil, err
	}
	stype := duck.PreparedStatementType(ps)
	if single && stype == duck.StatementTypeSelect {
		if wrapped, ok := wrapUnsupported(ps, q.SQL); ok {
			names, types := preparedColumns(ps)
			r.names, r.types = names, types
			duck.DestroyPrepare(&r.ps)
			s.guard(ctx, func() { prepared = duck.Prepare(s.conn, wrapped, &r.ps) != duck.StateError })
			if !prepared {
				return nil, s.failure(ctx, duck.PrepareError(r.ps))
			}
			if err := bind(r.ps, q.Params); err != nil {
				return nil, err
			}
		}
	}
	var ok bool
	s.guard(ctx, func() { ok = duck.PendingPreparedStreaming(r.ps, &r.pending) != duck.StateError })
	if !ok {
		return nil, s.failure(ctx, duck.PendingError(r.pending))
	}
	s.guard(ctx, func() { ok = duck.ExecutePending(r.pending, &r.res) != duck.StateError })
	if !ok {
		return nil, s.failure(ctx, duck.ResultError(&r.res))
	}
	r.has = true
	if err := r.begin(ctx, stype); err != nil {
		return nil, err
	}
	s.noteSuccess(stype, r.verb, q.SQL)
	return r, nil
}

// failure is the error of a call that failed: Interrupted when it was we who stopped it.
func (s *session) failure(ctx context.Context, msg string) error {
	err := parseError(msg)
	if ctx.Err() != nil && (err.Class == "InterruptException" || strings.Contains(err.Message, "Interrupted")) {
		return engine.ErrInterrupted
	}
	return err
}

// exec runs a statement of our own to its end.
func (s *session) exec(ctx context.Context, sql string) error {
	r, err := s.Query(ctx, engine.Query{SQL: sql})
	if err != nil {
		return err
	}
	defer r.Close()
	return r.(*result).drain(ctx)
}

// noteSuccess keeps track of what a statement may have changed.
func (s *session) noteSuccess(stype duck.StatementType, verb, sql string) {
	switch stype {
	case duck.StatementTypeSelect, duck.StatementTypeExplain, duck.StatementTypeInsert, duck.StatementTypeUpdate, duck.StatementTypeDelete:
		return
	case duck.StatementTypeTransaction:
		s.txFail.Store(false)
		s.txOpen.Store(verb == "BEGIN" || verb == "START")
	}
	switch verb {
	case "CREATE TABLE", "CREATE VIEW":
		if words := leadingWords(sql, 4); slices.Contains(words, "TEMP") || slices.Contains(words, "TEMPORARY") {
			s.hasTemp.Store(true)
		}
	case "SET", "RESET":
		if words := leadingWords(sql, 2); len(words) < 2 || words[1] != "VARIABLE" {
			s.notePath()
		}
		return
	case "DROP TABLE", "DROP VIEW", "ALTER TABLE", "ALTER VIEW", "COPY", "COMMENT", "BEGIN", "START", "COMMIT":
	default: // these may bring functions too
		s.eng.functionsChanged.Add(1)
	}
	s.eng.changed.Add(1)
	switch verb {
	case "USE", "PRAGMA", "ATTACH", "DETACH", "DROP SCHEMA":
		s.notePath()
	}
}

// noteFailure finds out whether the error aborted the open transaction: DuckDB does that for some errors only.
func (s *session) noteFailure() {
	if !s.txOpen.Load() || s.txFail.Load() {
		return
	}
	var res duck.Result
	defer duck.DestroyResult(&res)
	if duck.Query(s.conn, "SELECT 1", &res) == duck.StateError {
		s.txFail.Store(true)
	}
}

// InTransaction reports whether a transaction is open, and whether an error has aborted it.
func (s *session) InTransaction(context.Context) (open, aborted bool) {
	return s.txOpen.Load(), s.txFail.Load()
}

// Progress reports how far the running statement is; it may be called from any goroutine.
func (s *session) Progress() engine.Progress {
	began := s.began.Load()
	if began == 0 {
		return engine.Progress{Percent: -1}
	}
	p := duck.QueryProgress(s.conn)
	percent, done, total := duck.QueryProgressTypeMembers(&p)
	if percent <= 0 && done == 0 {
		percent, total = -1, 0 // many operators count nothing: that is not 0 %
	}
	return engine.Progress{Percent: percent, Rows: done, Total: total, Elapsed: time.Since(time.Unix(0, began))}
}
