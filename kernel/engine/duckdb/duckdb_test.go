package duckdb

import (
	"context"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"

	"sextant/kernel/engine"
)

func open(t *testing.T, cfg Config) *Engine {
	t.Helper()
	e, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func connect(t *testing.T, e *Engine) *session {
	t.Helper()
	s, err := e.newSession()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// cells runs a query to its end and gives its cells as text.
func cells(t *testing.T, s *session, sql string) [][]string {
	t.Helper()
	r, err := s.Query(t.Context(), engine.Query{SQL: sql})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer r.Close()
	var out [][]string
	for {
		rec, err := r.(*result).next(t.Context())
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		if rec == nil {
			return out
		}
		out = appendCells(out, rec)
		rec.Release()
	}
}

func TestHugeintIsADecimalOfAllItsBits(t *testing.T) {
	s := connect(t, open(t, Config{}))
	r, err := s.Query(t.Context(), engine.Query{SQL: "SELECT hugeint FROM test_all_types()"})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	rec, err := r.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer rec.Release()
	col := rec.Column(0).(*array.Decimal128)
	for i, want := range []string{"-170141183460469231731687303715884105728", "170141183460469231731687303715884105727"} {
		if got := col.Value(i).BigInt().String(); got != want {
			t.Errorf("row %d: %s, want %s", i, got, want)
		}
	}
	if !col.IsNull(2) {
		t.Error("row 2 is not NULL")
	}
}

// DuckDB's own cast is the oracle for the types that we turn into text.
func TestTextOfTypesWithoutArrowForm(t *testing.T) {
	s := connect(t, open(t, Config{}))
	for _, column := range []string{"uhugeint", "time_tz", "bit", "bignum", "uuid", "geometry"} {
		for i, row := range cells(t, s, `SELECT "`+column+`", CAST("`+column+`" AS VARCHAR) FROM test_all_types()`) {
			if row[0] == "(null)" {
				row[0] = ""
			}
			if row[0] != row[1] {
				t.Errorf("%s row %d: %q, want %q", column, i, row[0], row[1])
			}
		}
	}
	for _, expr := range []string{
		"'MULTIPOINT(1 2, 3 4)'::GEOMETRY", "'POINT ZM(1 2 3 4)'::GEOMETRY", "'POINT EMPTY'::GEOMETRY",
		"'LINESTRING M (0 0 1e20, 1.5 1e-7 2)'::GEOMETRY", "'MULTIPOINT(1 2, EMPTY)'::GEOMETRY",
		"'GEOMETRYCOLLECTION(POINT(1 2), POLYGON((0 0,1 1,1 0,0 0)))'::GEOMETRY", "1::VARIANT", "{'a': [1, NULL]}::VARIANT",
		"'12:30:00.5+05:30'::TIMETZ", "'0101'::BIT", "''::VARCHAR::BLOB::VARCHAR",
	} {
		for _, row := range cells(t, s, "SELECT "+expr+", CAST("+expr+" AS VARCHAR)") {
			if row[0] != row[1] {
				t.Errorf("%s: %q, want %q", expr, row[0], row[1])
			}
		}
	}
}

func TestKinds(t *testing.T) {
	s := connect(t, open(t, Config{}))
	for _, c := range []struct {
		sql     string
		kind    engine.Kind
		verb    string
		changed int64
		pure    bool
	}{
		{"CREATE TABLE t (a INTEGER, b VARCHAR)", engine.Done, "CREATE TABLE", 0, false},
		{"INSERT INTO t SELECT i, 'x' FROM range(5000) r(i)", engine.Changed, "INSERT", 5000, false},
		{"UPDATE t SET b = 'y' WHERE a < 10", engine.Changed, "UPDATE", 10, false},
		{"DELETE FROM t WHERE a < 3", engine.Changed, "DELETE", 3, false},
		{"-- hello\n(SELECT 1)", engine.Rows, "SELECT", 0, true},
		{"FROM t", engine.Rows, "FROM", 0, true},
		{"INSERT INTO t VALUES (1, 'z') RETURNING *", engine.Rows, "INSERT", 0, false},
		{"EXPLAIN SELECT 1", engine.Rows, "EXPLAIN", 0, true},
		{"SET threads = 2", engine.Done, "SET", 0, false},
		{"CREATE OR REPLACE TEMP VIEW v AS SELECT 1 AS x", engine.Done, "CREATE VIEW", 0, false},
		{"CREATE TABLE c AS FROM range(7)", engine.Changed, "CREATE TABLE", 7, false},
		{"PIVOT t ON b USING count(*)", engine.Rows, "PIVOT", 0, true},
		{"SHOW TABLES", engine.Rows, "SHOW", 0, true},
		{"DESCRIBE t", engine.Rows, "DESCRIBE", 0, true},
		{"SUMMARIZE t", engine.Rows, "SUMMARIZE", 0, true},
		{"CALL pragma_version()", engine.Rows, "CALL", 0, false},
		{"PREPARE p AS SELECT $1 + 1", engine.Done, "PREPARE", 0, false},
		{"EXECUTE p(1)", engine.Rows, "EXECUTE", 0, false},
		{"BEGIN", engine.Done, "BEGIN", 0, false},
		{"ROLLBACK", engine.Done, "ROLLBACK", 0, false},
	} {
		r, err := s.Query(t.Context(), engine.Query{SQL: c.sql})
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		if r.Kind() != c.kind || r.Verb() != c.verb || r.RowsChanged() != c.changed || r.Pure() != c.pure {
			t.Errorf("%s: kind %v verb %q changed %d pure %v", c.sql, r.Kind(), r.Verb(), r.RowsChanged(), r.Pure())
		}
		r.Close()
	}
}

func TestCancelStopsAndSpares(t *testing.T) {
	s := connect(t, open(t, Config{}))
	for _, sql := range []string{
		"SELECT count(*) FROM range(100000000) a, range(100000) b",
		"SELECT hash(i) h FROM range(2000000000) r(i) ORDER BY h",
		"CREATE TABLE big AS SELECT i, hash(i) FROM range(10000000000) r(i)",
		"WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r",
	} {
		ctx, cancel := context.WithCancel(t.Context())
		type outcome struct {
			err error
			at  time.Time
		}
		done := make(chan outcome)
		go func() {
			r, err := s.Query(ctx, engine.Query{SQL: sql})
			if err == nil {
				_, err = r.Next(ctx)
				r.Close()
			}
			done <- outcome{err, time.Now()}
		}()
		for s.Progress().Elapsed < 200*time.Millisecond {
		}
		cancel()
		if o := <-done; o.err != engine.ErrInterrupted {
			t.Errorf("%s: %v", sql, o.err)
		}
		if got := cells(t, s, "SELECT 42"); got[0][0] != "42" {
			t.Errorf("after %s: %v", sql, got)
		}
	}
}

func TestErrors(t *testing.T) {
	s := connect(t, open(t, Config{}))
	for _, c := range []struct {
		sql, class string
		position   int
		candidate  string
	}{
		{"SELECT 1 frm x", "ParserException", 13, ""},
		{"SELECT * FROM (SELECT 1 AS abc) WHERE abd = 1", "BinderException", 38, "abc"},
		{"SELECT fooor(1)", "CatalogException", 7, "floor"},
		{"SELECT 'x'::INTEGER", "ConversionException", 10, ""},
		{"SELECT error('boo')", "InvalidInputException", -1, ""},
	} {
		r, err := s.Query(t.Context(), engine.Query{SQL: c.sql})
		if err == nil {
			_, err = r.Next(t.Context())
			r.Close()
		}
		e, ok := err.(*engine.Error)
		if !ok || e.Class != c.class || e.Position != c.position || (c.candidate != "" && (len(e.Candidates) == 0 || e.Candidates[0] != c.candidate)) {
			t.Errorf("%s: %#v", c.sql, err)
		}
	}
}
