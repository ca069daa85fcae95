//go:build duckdb_arrow

package resultfile

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	duckdb "github.com/duckdb/duckdb-go-bindings"

	"sextant/kernel/engine"
)

// oracle is a DuckDB in memory: it reads what a Writer wrote.
type oracle struct {
	t    testing.TB
	db   duckdb.Database
	conn duckdb.Connection
}

func newOracle(t testing.TB) *oracle {
	t.Helper()
	o := &oracle{t: t}
	if duckdb.Open(":memory:", &o.db) == duckdb.StateError {
		t.Fatal("cannot open DuckDB")
	}
	if duckdb.Connect(o.db, &o.conn) == duckdb.StateError {
		t.Fatal("cannot connect to DuckDB")
	}
	t.Cleanup(func() {
		duckdb.Disconnect(&o.conn)
		duckdb.Close(&o.db)
	})
	o.exec("SET TimeZone = 'UTC'")
	return o
}

func (o *oracle) exec(sql string) {
	o.t.Helper()
	var res duckdb.Result
	defer duckdb.DestroyResult(&res)
	if duckdb.Query(o.conn, sql, &res) == duckdb.StateError {
		o.t.Fatalf("%s: %s", sql, duckdb.ResultError(&res))
	}
}

// query runs sql and gives its rows as Arrow batches, which live until the test ends.
func (o *oracle) query(sql string) (*arrow.Schema, []engine.Column, []arrow.RecordBatch) {
	o.t.Helper()
	var res duckdb.Result
	defer duckdb.DestroyResult(&res)
	if duckdb.Query(o.conn, sql, &res) == duckdb.StateError {
		o.t.Fatalf("%s: %s", sql, duckdb.ResultError(&res))
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
	if duckdb.ErrorDataHasError(ed) {
		o.t.Fatalf("%s: %s", sql, duckdb.ErrorDataMessage(ed))
	}
	duckdb.DestroyErrorData(&ed)
	var batches []arrow.RecordBatch
	for {
		chunk := duckdb.FetchChunk(res)
		if chunk.Ptr == nil {
			return schema, cols, batches
		}
		b, ed := duckdb.DataChunkToArrowArray(opts, schema, chunk)
		if duckdb.ErrorDataHasError(ed) {
			o.t.Fatalf("%s: %s", sql, duckdb.ErrorDataMessage(ed))
		}
		duckdb.DestroyErrorData(&ed)
		duckdb.DestroyDataChunk(&chunk)
		o.t.Cleanup(b.Release)
		batches = append(batches, b)
	}
}
