package duckdb

import (
	"io"
	"unsafe"

	"github.com/apache/arrow-go/v18/arrow"
	duck "github.com/duckdb/duckdb-go-bindings"
)

// A chunk has up to 2,048 rows whatever their size, and its Arrow form is a copy: of rows of a megabyte, two gigabytes,
// which is also the most that an Arrow string array holds. So a chunk of large rows is handed on in pieces.

// pieceBytes is how much of strings and blobs a batch holds, unless a single row has more.
const pieceBytes = 16 << 20

// stringsOf adds up the bytes of the strings and blobs within the first rows of a column's vector.
type stringsOf func(vec duck.Vector, rows int) int

// stringsIn gives the function for a type, or nil for one that holds none.
func stringsIn(t duck.LogicalType) stringsOf {
	switch duck.GetTypeId(t) {
	case duck.TypeVarchar, duck.TypeBlob:
		return stringBytes
	case duck.TypeList, duck.TypeMap:
		child := duck.ListTypeChildType(t)
		defer duck.DestroyLogicalType(&child)
		return within(child, func(vec duck.Vector, _ int) (duck.Vector, int) {
			return duck.ListVectorGetChild(vec), int(duck.ListVectorGetSize(vec))
		})
	case duck.TypeArray:
		child := duck.ArrayTypeChildType(t)
		defer duck.DestroyLogicalType(&child)
		size := int(duck.ArrayTypeArraySize(t))
		return within(child, func(vec duck.Vector, rows int) (duck.Vector, int) {
			return duck.ArrayVectorGetChild(vec), rows * size
		})
	case duck.TypeStruct:
		return stringsInStruct(t)
	}
	return nil
}

func within(child duck.LogicalType, enter func(duck.Vector, int) (duck.Vector, int)) stringsOf {
	inner := stringsIn(child)
	if inner == nil {
		return nil
	}
	return func(vec duck.Vector, rows int) int { return inner(enter(vec, rows)) }
}

func stringsInStruct(t duck.LogicalType) stringsOf {
	fields := map[duck.IdxT]stringsOf{}
	for i := range duck.StructTypeChildCount(t) {
		child := duck.StructTypeChildType(t, i)
		if f := stringsIn(child); f != nil {
			fields[i] = f
		}
		duck.DestroyLogicalType(&child)
	}
	if len(fields) == 0 {
		return nil
	}
	return func(vec duck.Vector, rows int) int {
		total := 0
		for i, f := range fields {
			total += f(duck.StructVectorGetChild(vec, i), rows)
		}
		return total
	}
}

// stringBytes adds up the lengths of a flat vector of duckdb_string_t: 16 bytes each, the first four its length.
func stringBytes(vec duck.Vector, rows int) int {
	if rows == 0 {
		return 0
	}
	type stringT struct {
		length uint32
		_      [12]byte
	}
	validity := duck.VectorGetValidity(vec)
	total := 0
	for i, s := range unsafe.Slice((*stringT)(duck.VectorGetData(vec)), rows) {
		if validity == nil || unsafe.Slice((*uint64)(validity), rows/64+1)[i/64]>>(i%64)&1 == 1 {
			total += int(s.length)
		}
	}
	return total
}

// pieces hands on one chunk, which it owns, in batches of a bounded size.
type pieces struct {
	chunk      duck.DataChunk
	from, rows int
	step       int
}

func (r *result) cut(chunk duck.DataChunk) pieces {
	p := pieces{chunk: chunk, rows: int(duck.DataChunkGetSize(chunk))}
	p.step = p.rows
	total := 0
	for i, f := range r.strings {
		if f != nil {
			total += f(duck.DataChunkGetVector(chunk, duck.IdxT(i)), p.rows)
		}
	}
	if total > pieceBytes {
		p.step = max(1, int(int64(p.rows)*pieceBytes/int64(total)))
	}
	return p
}

func (p *pieces) destroy() { duck.DestroyDataChunk(&p.chunk) }

// nextPiece gives the next batch as DuckDB exports it, or io.EOF after the last, when the chunk has been destroyed.
func (r *result) nextPiece() (arrow.RecordBatch, error) {
	p := &r.now
	if p.from >= p.rows {
		p.destroy()
		return nil, io.EOF
	}
	if p.step >= p.rows {
		p.from = p.rows
		return r.export(p.chunk)
	}
	n := min(p.step, p.rows-p.from)
	piece := r.slice(p.from, n)
	defer duck.DestroyDataChunk(&piece)
	p.from += n
	return r.export(piece)
}

// slice makes a chunk that refers to n rows of the current one, without copying what they hold.
func (r *result) slice(from, n int) duck.DataChunk {
	columns := duck.DataChunkGetColumnCount(r.now.chunk)
	types := make([]duck.LogicalType, columns)
	for i := range columns {
		types[i] = duck.VectorGetColumnType(duck.DataChunkGetVector(r.now.chunk, i))
	}
	defer func() {
		for i := range types {
			duck.DestroyLogicalType(&types[i])
		}
	}()
	piece := duck.CreateDataChunk(types)
	sel := duck.CreateSelectionVector(duck.IdxT(n))
	defer duck.DestroySelectionVector(&sel)
	for i, rows := 0, unsafe.Slice(duck.SelectionVectorGetDataPtr(sel), n); i < n; i++ {
		rows[i] = duck.SelT(from + i)
	}
	for i := range columns {
		vec := duck.DataChunkGetVector(piece, i)
		duck.VectorReferenceVector(vec, duck.DataChunkGetVector(r.now.chunk, i))
		duck.SliceVector(vec, sel, duck.IdxT(n))
	}
	duck.DataChunkSetSize(piece, duck.IdxT(n))
	return piece
}

func (r *result) export(chunk duck.DataChunk) (arrow.RecordBatch, error) {
	rec, errData := duck.DataChunkToArrowArray(r.options, r.raw, chunk)
	defer duck.DestroyErrorData(&errData)
	if duck.ErrorDataHasError(errData) {
		r.ended = true
		return nil, parseError(duck.ErrorDataMessage(errData))
	}
	return plainBatch(rec, r.schema, r.convert), nil
}
