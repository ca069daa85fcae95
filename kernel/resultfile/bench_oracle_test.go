//go:build duckdb_arrow

package resultfile

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	duckdb "github.com/duckdb/duckdb-go-bindings"

	"sextant/kernel/engine"
)

// benchRows is the SELECT of a result of four columns.
func benchRows(rows int) string {
	return fmt.Sprintf(`SELECT i AS id, i::DOUBLE * 0.37 AS price, 'city ' || (i %% 1000) AS city, TIMESTAMP '2024-01-01' + to_seconds(i) AS at FROM range(%d) t(i)`, rows)
}

// BenchmarkAgainstCopy writes the same rows with a Writer fed by a streaming result, as the kernel does, and with
// DuckDB's own COPY. SEXTANT_BENCH_ROWS sets how many; 5,000,000 by default.
func BenchmarkAgainstCopy(b *testing.B) {
	rows := 5_000_000
	if v := os.Getenv("SEXTANT_BENCH_ROWS"); v != "" {
		fmt.Sscan(v, &rows)
	}
	sql := benchRows(rows)
	if v := os.Getenv("SEXTANT_BENCH_SQL"); v != "" {
		sql = v
	}
	o := newOracle(b)
	b.Run("copy", func(b *testing.B) {
		for b.Loop() {
			path := filepath.Join(b.TempDir(), "x.parquet")
			o.exec(fmt.Sprintf("COPY (%s) TO '%s' (FORMAT parquet, COMPRESSION zstd)", sql, path))
			reportSize(b, path, rows)
		}
	})
	b.Run("writer", func(b *testing.B) {
		for b.Loop() {
			path := filepath.Join(b.TempDir(), "x.parquet")
			var w *Writer
			o.stream(sql, func(schema *arrow.Schema, cols []engine.Column, batch arrow.RecordBatch) {
				var err error
				if w == nil {
					if w, err = Create(path, schema, cols, Options{}); err != nil {
						b.Fatal(err)
					}
				}
				if _, err := w.Write(batch); err != nil {
					b.Fatal(err)
				}
			})
			if _, err := w.Close(); err != nil {
				b.Fatal(err)
			}
			reportSize(b, path, rows)
		}
	})
	b.Run("stream only", func(b *testing.B) {
		for b.Loop() {
			o.stream(sql, func(*arrow.Schema, []engine.Column, arrow.RecordBatch) {})
		}
	})
}

func reportSize(b *testing.B, path string, rows int) {
	if fi, err := os.Stat(path); err == nil {
		b.ReportMetric(float64(fi.Size())/float64(rows), "B/row")
	}
	os.Remove(path)
}

// stream runs sql as a streaming result and gives its batches to each.
func (o *oracle) stream(sql string, each func(*arrow.Schema, []engine.Column, arrow.RecordBatch)) {
	o.t.Helper()
	var stmt duckdb.PreparedStatement
	defer duckdb.DestroyPrepare(&stmt)
	if duckdb.Prepare(o.conn, sql, &stmt) == duckdb.StateError {
		o.t.Fatal(duckdb.PrepareError(stmt))
	}
	var pending duckdb.PendingResult
	defer duckdb.DestroyPending(&pending)
	if duckdb.PendingPreparedStreaming(stmt, &pending) == duckdb.StateError {
		o.t.Fatal(duckdb.PendingError(pending))
	}
	var res duckdb.Result
	defer duckdb.DestroyResult(&res)
	if duckdb.ExecutePending(pending, &res) == duckdb.StateError {
		o.t.Fatal(duckdb.ResultError(&res))
	}
	n := duckdb.ColumnCount(&res)
	names := make([]string, n)
	types := make([]duckdb.LogicalType, n)
	cols := make([]engine.Column, n)
	for i := range n {
		names[i] = duckdb.ColumnName(&res, i)
		types[i] = duckdb.ColumnLogicalType(&res, i)
		defer duckdb.DestroyLogicalType(&types[i])
		cols[i] = engine.Column{Name: names[i]}
	}
	var opts duckdb.ArrowOptions
	duckdb.ConnectionGetArrowOptions(o.conn, &opts)
	defer duckdb.DestroyArrowOptions(&opts)
	schema, ed := duckdb.NewArrowSchema(opts, types, names)
	duckdb.DestroyErrorData(&ed)
	for {
		chunk := duckdb.FetchChunk(res)
		if chunk.Ptr == nil {
			return
		}
		b, ed := duckdb.DataChunkToArrowArray(opts, schema, chunk)
		duckdb.DestroyErrorData(&ed)
		duckdb.DestroyDataChunk(&chunk)
		each(schema, cols, b)
		b.Release()
	}
}
