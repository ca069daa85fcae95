package duckdb

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"sextant/kernel/engine"
)

// unitSeparator joins lists of texts in catalogue queries; it occurs in no name.
const unitSeparator = "\x1f"

// lookup runs f with a connection that is free: this session's own, which sees its temporary tables and open
// transaction, or the engine's spare one while a statement runs here or the transaction is aborted.
func (s *session) lookup(ctx context.Context, own bool, f func(*session) error) error {
	if own && !s.txFail.Load() && s.busy.TryLock() {
		defer s.busy.Unlock()
		return f(s)
	}
	e := s.eng
	select {
	case e.auxFree <- struct{}{}:
		defer func() { <-e.auxFree }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if e.aux == nil {
		aux, err := e.newSession()
		if err != nil {
			return err
		}
		e.aux = aux
	}
	return f(e.aux)
}

// rows runs a catalogue query on a connection that lookup gave, and returns its cells as text; NULL is "".
func (s *session) rows(ctx context.Context, sql string) ([][]string, error) {
	r, err := s.query(ctx, engine.Query{SQL: sql})
	if err != nil {
		return nil, err
	}
	defer r.free()
	var out [][]string
	for {
		rec, err := r.next(ctx)
		if err != nil {
			return nil, err
		}
		if rec == nil {
			return out, nil
		}
		out = appendCells(out, rec)
		rec.Release()
	}
}

// next is Next without io.EOF: nil at the end.
func (r *result) next(ctx context.Context) (arrow.RecordBatch, error) {
	rec, err := r.Next(ctx)
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	return rec, err
}

func appendCells(out [][]string, rec arrow.RecordBatch) [][]string {
	n, width := int(rec.NumRows()), int(rec.NumCols())
	cells := make([]string, n*width)
	for c := range width {
		col := rec.Column(c)
		for i := range n {
			if !col.IsNull(i) {
				// The strings are copied: the batch's memory is DuckDB's.
				cells[i*width+c] = strings.Clone(col.ValueStr(i))
			}
		}
	}
	for i := range n {
		out = append(out, cells[i*width:(i+1)*width:(i+1)*width])
	}
	return out
}

// Databases lists the attached databases.
func (s *session) Databases(ctx context.Context) ([]string, error) {
	var out []string
	err := s.lookup(ctx, true, func(conn *session) error {
		rows, err := conn.rows(ctx, "SELECT database_name FROM duckdb_databases() WHERE NOT internal ORDER BY 1")
		for _, r := range rows {
			out = append(out, r[0])
		}
		return err
	})
	return out, err
}

// Schemas lists the schemas of all databases.
func (s *session) Schemas(ctx context.Context) ([]engine.SchemaName, error) {
	return s.schemaNames(ctx, "SELECT database_name, schema_name FROM duckdb_schemas() ORDER BY ALL")
}

func (s *session) schemaNames(ctx context.Context, sql string) (out []engine.SchemaName, err error) {
	err = s.lookup(ctx, true, func(conn *session) (err error) {
		out, err = conn.schemaPairs(ctx, sql)
		return err
	})
	return out, err
}

func (s *session) schemaPairs(ctx context.Context, sql string) ([]engine.SchemaName, error) {
	rows, err := s.rows(ctx, sql)
	var out []engine.SchemaName
	for _, r := range rows {
		out = append(out, engine.SchemaName{Database: r[0], Schema: r[1]})
	}
	return out, err
}

// Files lists what a path may be completed to; see engine.Catalog.
func (s *session) Files(_ context.Context, prefix string) ([]string, error) {
	return listFiles(prefix, s.eng.cfg), nil
}
