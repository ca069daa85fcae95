package resultfile

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

// Reader gives pages of a stored result. It is used by one goroutine at a time.
type Reader struct {
	file   *file.Reader
	arrow  *pqarrow.FileReader
	info   Info
	forms  []*form
	schema *arrow.Schema
	starts []int64 // the first row of each row group, and the number of rows
}

// pageRows is how many rows a batch of a page has at most.
const pageRows = 8_192

// Open opens a file that a Writer made. The caller closes the reader.
func Open(path string) (r *Reader, err error) {
	defer func() {
		if p := recover(); p != nil { // the library's way with some damaged files
			r, err = nil, fmt.Errorf("open result %s: damaged: %v", path, p)
		}
	}()
	pf, err := file.OpenParquetFile(path, false)
	if err != nil {
		return nil, fmt.Errorf("open result %s: %w", path, err)
	}
	r = &Reader{file: pf}
	if err := r.readMetadata(path); err != nil {
		pf.Close()
		return nil, fmt.Errorf("open result %s: %w", path, err)
	}
	return r, nil
}

func (r *Reader) readMetadata(path string) error {
	meta := r.file.MetaData()
	find := func(key string) string {
		if v := meta.KeyValueMetadata().FindValue(key); v != nil {
			return *v
		}
		return ""
	}
	if v := find(keyVersion); v != "1" {
		return fmt.Errorf("not a stored result, or of an unknown version %q", v)
	}
	r.info = Info{Path: path, Rows: r.file.NumRows(), Bytes: meta.GetSourceFileSize(), Complete: find(keyComplete) == "true"}
	if err := json.Unmarshal([]byte(find(keyColumns)), &r.info.Columns); err != nil {
		return fmt.Errorf("columns in metadata: %w", err)
	}
	schema, err := decodeSchema(find(keySchema))
	if err != nil {
		return err
	}
	if schema.NumFields() != len(r.info.Columns) {
		return fmt.Errorf("metadata describes %d columns and %d fields", len(r.info.Columns), schema.NumFields())
	}
	fields := make([]arrow.Field, schema.NumFields())
	for i, field := range schema.Fields() {
		f := formOf(field.Type, r.info.Columns[i].Type)
		r.forms = append(r.forms, f)
		fields[i] = arrow.Field{Name: r.info.Columns[i].Name, Type: f.restored(), Nullable: true}
	}
	r.schema = arrow.NewSchema(fields, nil)
	r.arrow, err = pqarrow.NewFileReader(r.file, pqarrow.ArrowReadProperties{BatchSize: pageRows}, memory.DefaultAllocator)
	if err != nil {
		return err
	}
	r.starts = []int64{0}
	for i := range meta.NumRowGroups() {
		r.starts = append(r.starts, r.starts[i]+meta.RowGroup(i).NumRows())
	}
	return nil
}

// Info describes the file.
func (r *Reader) Info() Info { return r.info }

// Rows is the number of rows stored.
func (r *Reader) Rows() int64 { return r.info.Rows }

// Schema is what the batches have: the engine's, with the result's own names, but an ENUM is a string.
func (r *Reader) Schema() *arrow.Schema { return r.schema }

// ReadRange gives rows offset to offset+limit, fewer at the end, in order. It reads only the row groups these rows are
// in. The caller releases the batches.
func (r *Reader) ReadRange(ctx context.Context, offset, limit int64) (batches []arrow.RecordBatch, err error) {
	if offset < 0 || limit < 0 {
		return nil, fmt.Errorf("read result: offset %d, limit %d", offset, limit)
	}
	end := r.info.Rows
	if limit < end-offset {
		end = offset + limit
	}
	if offset >= end {
		return nil, nil
	}
	defer func() {
		if err != nil {
			releaseAll(batches)
			batches = nil
		}
	}()
	first := sort.Search(len(r.starts), func(i int) bool { return r.starts[i] > offset }) - 1
	for g := first; g < len(r.starts)-1 && r.starts[g] < end; g++ {
		part, err := r.readGroup(ctx, g, max(offset-r.starts[g], 0), end-r.starts[g])
		batches = append(batches, part...)
		if err != nil {
			return batches, fmt.Errorf("read result: %w", err)
		}
	}
	return batches, nil
}

// readGroup gives rows from to to of one row group.
func (r *Reader) readGroup(ctx context.Context, group int, from, to int64) (batches []arrow.RecordBatch, err error) {
	defer func() {
		if p := recover(); p != nil { // a damaged file
			err = fmt.Errorf("row group %d: %v", group, p)
		}
	}()
	records, err := r.arrow.GetRecordReader(ctx, nil, []int{group})
	if err != nil {
		return nil, err
	}
	defer records.Release()
	at := int64(0)
	for at < to && records.Next() {
		stored := records.RecordBatch()
		start, end := max(from-at, 0), min(to-at, stored.NumRows())
		at += stored.NumRows()
		if start >= end {
			continue
		}
		part := stored.NewSlice(start, end)
		batches = append(batches, r.restore(part))
		part.Release()
	}
	if at < to && records.Err() != nil {
		return batches, records.Err()
	}
	return batches, nil
}

func (r *Reader) restore(stored arrow.RecordBatch) arrow.RecordBatch {
	cols := make([]arrow.Array, len(r.forms))
	for i, f := range r.forms {
		cols[i] = f.restore(stored.Column(i))
		defer cols[i].Release()
	}
	return array.NewRecordBatch(r.schema, cols, stored.NumRows())
}

// Close closes the file.
func (r *Reader) Close() error { return r.file.Close() }
