package sqltext

import (
	"os"
	"strings"
	"testing"

	duckdb "github.com/duckdb/duckdb-go-bindings"
)

// oracle is a DuckDB that says what its own parser makes of a text.
type oracle struct {
	db   duckdb.Database
	conn duckdb.Connection
}

func newOracle(t testing.TB) *oracle {
	t.Helper()
	o := &oracle{}
	if duckdb.Open(":memory:", &o.db) == duckdb.StateError {
		t.Fatal("DuckDB does not open")
	}
	if duckdb.Connect(o.db, &o.conn) == duckdb.StateError {
		t.Fatal("DuckDB does not connect")
	}
	t.Cleanup(func() {
		duckdb.Disconnect(&o.conn)
		duckdb.Close(&o.db)
	})
	return o
}

// count is the number of statements that DuckDB sees, and its complaint if there is one. A PIVOT without its values
// counts for more than one.
func (o *oracle) count(sql string) (int, string) {
	var out duckdb.ExtractedStatements
	n := duckdb.ExtractStatements(o.conn, sql, &out)
	msg := duckdb.ExtractStatementsError(out)
	duckdb.DestroyExtracted(&out)
	return int(n), msg
}

// run executes sql and gives the first column, which must be of type VARCHAR if there are rows.
func (o *oracle) run(sql string) (rows []string, complaint string) {
	var r duckdb.Result
	defer duckdb.DestroyResult(&r)
	if duckdb.Query(o.conn, sql, &r) == duckdb.StateError {
		return nil, duckdb.ResultError(&r)
	}
	if duckdb.ColumnCount(&r) == 0 || duckdb.ColumnType(&r, 0) != duckdb.TypeVarchar {
		return nil, ""
	}
	for {
		chunk := duckdb.FetchChunk(r)
		if chunk.Ptr == nil {
			return rows, ""
		}
		rows = append(rows, varchars(chunk)...)
		duckdb.DestroyDataChunk(&chunk)
	}
}

// corpus is the statements of testdata/statements.txt. Each is one statement to DuckDB's parser, however much of
// what it names is missing.
func corpus(t testing.TB) []string {
	t.Helper()
	b, err := os.ReadFile("testdata/statements.txt")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n=====\n")
}
