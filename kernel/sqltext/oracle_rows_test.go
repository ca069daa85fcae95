package sqltext

import (
	"unsafe"

	duckdb "github.com/duckdb/duckdb-go-bindings"
)

// varchars copies the first column of a chunk.
func varchars(chunk duckdb.DataChunk) []string {
	data := duckdb.VectorGetData(duckdb.DataChunkGetVector(chunk, 0))
	var out []string
	for i := range int(duckdb.DataChunkGetSize(chunk)) {
		s := (*duckdb.StringT)(unsafe.Add(data, i*int(unsafe.Sizeof(duckdb.StringT{}))))
		out = append(out, duckdb.StringTData(s))
	}
	return out
}
