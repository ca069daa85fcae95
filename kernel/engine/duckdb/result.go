package duckdb

import (
	"context"
	"io"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	duck "github.com/duckdb/duckdb-go-bindings"

	"sextant/kernel/engine"
)

// result streams one statement's chunks. It owns the prepared statement and everything DuckDB made for it.
type result struct {
	sess    *session
	ps      duck.PreparedStatement
	pending duck.PendingResult
	res     duck.Result
	options duck.ArrowOptions

	kind    engine.Kind
	verb    string
	pure    bool
	changed int64
	names   []string
	types   []string
	raw     *arrow.Schema // as DuckDB exports it
	schema  *arrow.Schema // as we hand it on
	convert []converter   // per column; nil where nothing is to be done
	strings []stringsOf   // per column; nil where there are none
	now     pieces        // the chunk that is being handed on
	has     bool          // res holds a result
	ended   bool
	closed  bool
}

// begin reads what kind of result it is, and runs to its end what gives no rows.
func (r *result) begin(ctx context.Context, stype duck.StatementType) error {
	switch duck.ResultReturnType(r.res) {
	case duck.ResultTypeQueryResult:
		r.kind = engine.Rows
		// Only a plain query may be left half read: INSERT … RETURNING, CALL or EXECUTE would be left half done.
		r.pure = stype == duck.StatementTypeSelect || stype == duck.StatementTypeExplain
		return r.describe()
	case duck.ResultTypeChangedRows:
		r.kind = engine.Changed
		return r.countChanged(ctx)
	default:
		r.kind = engine.Done
		if duck.ColumnCount(&r.res) == 1 && duck.ColumnName(&r.res, 0) == "Count" { // CREATE TABLE … AS
			return r.countChanged(ctx)
		}
		return r.drain(ctx)
	}
}

// describe works out names, SQL types, the Arrow schema and how each column is converted.
func (r *result) describe() error {
	n := duck.ColumnCount(&r.res)
	names := make([]string, n)
	types := make([]duck.LogicalType, n)
	texts := make([]string, n)
	for i := range n {
		names[i] = duck.ColumnName(&r.res, i)
		types[i] = duck.ColumnLogicalType(&r.res, i)
		texts[i] = typeName(types[i])
		r.strings = append(r.strings, stringsIn(types[i]))
	}
	defer func() {
		for i := range types {
			duck.DestroyLogicalType(&types[i])
		}
	}()
	if r.names == nil { // set already where the query was wrapped
		r.names, r.types = names, texts
	}
	r.options = duck.ResultGetArrowOptions(&r.res)
	raw, errData := duck.NewArrowSchema(r.options, types, r.names)
	defer duck.DestroyErrorData(&errData)
	if duck.ErrorDataHasError(errData) {
		return parseError(duck.ErrorDataMessage(errData))
	}
	r.raw = raw
	r.schema, r.convert = plainSchema(raw)
	return nil
}

// countChanged reads the one number that a statement which changes rows gives. A plain CREATE TABLE announces it too, but
// gives none.
func (r *result) countChanged(ctx context.Context) error {
	for {
		chunk, err := r.fetch(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if duck.DataChunkGetSize(chunk) > 0 {
			r.kind = engine.Changed
			vec := duck.DataChunkGetVector(chunk, 0)
			r.changed += *(*int64)(unsafe.Pointer(duck.VectorGetData(vec)))
		}
		duck.DestroyDataChunk(&chunk)
	}
}

// fetch gives the next chunk, which the caller destroys, or io.EOF.
func (r *result) fetch(ctx context.Context) (chunk duck.DataChunk, err error) {
	if r.ended || !r.has {
		return chunk, io.EOF
	}
	if ctx.Err() != nil {
		r.ended = true
		return chunk, engine.ErrInterrupted
	}
	r.sess.guard(ctx, func() { chunk = duck.FetchChunk(r.res) })
	if chunk.Ptr != nil {
		return chunk, nil
	}
	r.ended = true
	if msg := duck.ResultError(&r.res); msg != "" {
		err := r.sess.failure(ctx, msg)
		return chunk, err
	}
	return chunk, io.EOF
}

// Next gives the next batch; see engine.Result.
func (r *result) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if r.kind != engine.Rows || r.closed {
		return nil, io.EOF
	}
	for {
		rec, err := r.nextPiece()
		if err != io.EOF {
			return rec, err
		}
		chunk, err := r.fetch(ctx)
		if err != nil {
			return nil, err
		}
		r.now = r.cut(chunk)
	}
}

// drain reads what is left and throws it away.
func (r *result) drain(ctx context.Context) error {
	for {
		chunk, err := r.fetch(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		duck.DestroyDataChunk(&chunk)
	}
}

func (r *result) Kind() engine.Kind     { return r.kind }
func (r *result) Schema() *arrow.Schema { return r.schema }
func (r *result) RowsChanged() int64    { return r.changed }
func (r *result) Verb() string          { return r.verb }
func (r *result) Pure() bool            { return r.pure }

func (r *result) Columns() []engine.Column {
	cols := make([]engine.Column, len(r.names))
	for i := range cols {
		cols[i] = engine.Column{Name: r.names[i], Type: r.types[i]}
	}
	return cols
}

// Close frees the statement and lets the next one run. What was left unread is dropped.
func (r *result) Close() error {
	if r.closed {
		return nil
	}
	r.free()
	s := r.sess
	if s.open == r {
		s.open = nil
		s.began.Store(0)
		s.busy.Unlock()
	}
	return nil
}

// free releases what DuckDB holds, once.
func (r *result) free() {
	r.closed = true
	r.now.destroy()
	duck.DestroyArrowOptions(&r.options)
	duck.DestroyResult(&r.res)
	duck.DestroyPending(&r.pending)
	duck.DestroyPrepare(&r.ps)
}
