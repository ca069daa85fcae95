package resultfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/apache/arrow-go/v18/arrow"

	"sextant/kernel/engine"
)

// Options bound a file and tune how it is written. Zero fields take the defaults.
type Options struct {
	// RowGroupRows is how many rows may share a row group, the unit of random access and of memory; default 40,960, a third
	// of DuckDB's own.
	RowGroupRows int
	// RowGroupBytes cuts row groups by the size of their Arrow data; default 16 MB.
	RowGroupBytes int64
	// MaxRows is how many rows the file takes; 0 for no limit.
	MaxRows int64
	// MaxBytes ends the file with the row groups under way when it is reached (at most Workers + 1 of them); 0 for no
	// limit.
	MaxBytes int64
	// Level is the zstd level, 1 (fast) to 19; default 1.
	Level int
	// NoSync leaves it to the caller to make the file durable.
	NoSync bool
	// Workers encode row groups at the same time; default the number of cores, at most 4.
	Workers int
}

func (o Options) withDefaults() Options {
	if o.RowGroupRows <= 0 {
		o.RowGroupRows = 40_960
	}
	if o.RowGroupBytes <= 0 {
		o.RowGroupBytes = 16 << 20
	}
	if o.Level <= 0 {
		o.Level = 1
	}
	if o.Workers <= 0 {
		o.Workers = min(runtime.GOMAXPROCS(0), 4)
	}
	return o
}

// ErrClosed is what Write gives after Close or Abort.
var ErrClosed = errors.New("the result file is closed")

// Writer writes one result to one file. Its methods are called by one goroutine, which must end with Close or Abort;
// both wait for the writer's own goroutines.
//
// Memory: the row group being gathered, one per worker being encoded, and their encoded bytes: with the defaults and
// two workers at most about 16 MB × 5, unless one batch alone is larger.
type Writer struct {
	opts    Options
	path    string
	temp    *os.File
	out     io.Writer // temp, but for tests of a disk that fails
	cols    []engine.Column
	schema  *arrow.Schema // the engine's
	layout  *layout
	enc     *encoder
	pending []arrow.RecordBatch // of the row group being gathered
	rows    int                 // in pending
	bytes   int64               // in pending
	total   int64               // rows taken
	cut     bool                // rows were refused, or MarkIncomplete was called
	closed  bool
}

// Create begins a file that Close will put at path, whose folder must exist. It fails when the folder cannot be
// written to. schema and cols are the result's and of the same length.
func Create(path string, schema *arrow.Schema, cols []engine.Column, opts Options) (*Writer, error) {
	if schema.NumFields() != len(cols) {
		return nil, fmt.Errorf("store result: %d columns for a schema of %d fields", len(cols), schema.NumFields())
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.partial")
	if err != nil {
		return nil, fmt.Errorf("store result: %w", err)
	}
	w := &Writer{opts: opts.withDefaults(), path: path, temp: temp, out: temp, cols: cols, schema: schema, layout: newLayout(schema, cols)}
	return w, nil
}

// Write takes a batch, which it retains as long as it needs: the caller releases its own hold as ever. full reports
// that a limit is reached and further batches would be dropped; a batch that does not fit whole is taken as far as it
// does, and the file then is not Complete. An error (disk full) is final; the caller still calls Abort.
func (w *Writer) Write(batch arrow.RecordBatch) (full bool, err error) {
	if w.closed {
		return true, ErrClosed
	}
	if w.enc != nil {
		if err := w.enc.failure(); err != nil {
			return true, fmt.Errorf("store result: %w", err)
		}
	}
	rows := batch.NumRows()
	if rows == 0 {
		return w.isFull(), nil
	}
	if w.isFull() {
		w.cut = true
		return true, nil
	}
	if room := w.opts.MaxRows - w.total; w.opts.MaxRows > 0 && rows > room {
		rows, w.cut = room, true
	}
	if err := w.gather(batch, rows); err != nil {
		return true, fmt.Errorf("store result: %w", err)
	}
	w.total += rows
	return w.isFull(), nil
}

func (w *Writer) isFull() bool {
	if w.opts.MaxRows > 0 && w.total >= w.opts.MaxRows {
		return true
	}
	return w.opts.MaxBytes > 0 && w.enc != nil && w.enc.written() >= w.opts.MaxBytes
}

// gather adds rows to row groups and hands on those that are done. A batch larger than a row group is cut up.
func (w *Writer) gather(batch arrow.RecordBatch, rows int64) error {
	size := batchSize(batch)
	perRow := max(size/batch.NumRows(), 1)
	for at := int64(0); at < rows; {
		n := min(rows-at, int64(w.opts.RowGroupRows-w.rows), max((w.opts.RowGroupBytes-w.bytes)/perRow, 1))
		if at == 0 && n == batch.NumRows() {
			batch.Retain()
			w.pending = append(w.pending, batch)
		} else {
			w.pending = append(w.pending, batch.NewSlice(at, at+n))
		}
		at += n
		w.rows += int(n)
		w.bytes += n * perRow
		if w.rows >= w.opts.RowGroupRows || w.bytes >= w.opts.RowGroupBytes-perRow {
			if err := w.handOn(); err != nil {
				return err
			}
		}
	}
	return nil
}

// handOn gives the gathered row group to the encoder, waiting while all its workers are busy.
func (w *Writer) handOn() error {
	if w.rows == 0 {
		return nil
	}
	if w.enc == nil {
		// The first row group shows what the columns are like.
		w.enc = startEncoder(w.out, w.layout, w.layout.properties(w.pending, w.opts), w.opts.Workers)
	}
	group := w.pending
	w.pending, w.rows, w.bytes = nil, 0, 0
	return w.enc.add(group)
}

// MarkIncomplete records that rows of the result are missing from the file, as when its stream was interrupted.
func (w *Writer) MarkIncomplete() { w.cut = true }

// Close writes what is left, syncs the file and its folder, and puts it at its path. On an error no file remains.
func (w *Writer) Close() (Info, error) {
	if w.closed {
		return Info{}, ErrClosed
	}
	info, err := w.finish()
	if err != nil {
		w.Abort()
		return Info{}, fmt.Errorf("store result: %w", err)
	}
	w.closed = true
	return info, nil
}

func (w *Writer) finish() (Info, error) {
	if err := w.handOn(); err != nil {
		return Info{}, err
	}
	if w.enc == nil { // a result without rows is a file too
		w.enc = startEncoder(w.out, w.layout, w.layout.properties(nil, w.opts), w.opts.Workers)
	}
	if err := w.enc.wait(); err != nil {
		return Info{}, err
	}
	info := Info{Path: w.path, Rows: w.total, Complete: !w.cut, Columns: describe(w.cols, w.layout.forms, w.layout.stored)}
	size, err := w.enc.footer(w.schema, info)
	if err != nil {
		return Info{}, err
	}
	info.Bytes = size
	if !w.opts.NoSync {
		if err := w.temp.Sync(); err != nil {
			return Info{}, err
		}
	}
	if err := w.temp.Close(); err != nil {
		return Info{}, err
	}
	if err := os.Rename(w.temp.Name(), w.path); err != nil {
		return Info{}, err
	}
	if w.opts.NoSync {
		return info, nil
	}
	return info, syncFolder(filepath.Dir(w.path))
}

// Abort drops the file. It may be called at any time, also after Close, when it does nothing.
func (w *Writer) Abort() {
	if w.closed {
		return
	}
	w.closed = true
	releaseAll(w.pending)
	w.pending = nil
	if w.enc != nil {
		w.enc.wait()
	}
	w.temp.Close()
	os.Remove(w.temp.Name())
}

// syncFolder makes a rename last.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	if err := folder.Sync(); err != nil && runtime.GOOS != "windows" {
		return err
	}
	return nil
}

func releaseAll(batches []arrow.RecordBatch) {
	for _, b := range batches {
		b.Release()
	}
}

// batchSize is what a batch holds in memory. A slice of a larger one counts whole buffers: an estimate from above.
func batchSize(batch arrow.RecordBatch) int64 {
	n := int64(0)
	for _, col := range batch.Columns() {
		n += dataSize(col.Data())
	}
	return n
}

func dataSize(data arrow.ArrayData) int64 {
	n := int64(0)
	for _, b := range data.Buffers() {
		if b != nil {
			n += int64(b.Len())
		}
	}
	for _, c := range data.Children() {
		n += dataSize(c)
	}
	// A dictionary is shared by all batches and so is left out.
	return n
}

// layout is how a result's columns are stored.
type layout struct {
	forms   []*form
	stored  *arrow.Schema
	repeats []bool // which columns are strings worth a dictionary; known with the first row group
}

func newLayout(schema *arrow.Schema, cols []engine.Column) *layout {
	l := &layout{repeats: make([]bool, len(cols))}
	var names names
	fields := make([]arrow.Field, len(cols))
	for i, col := range cols {
		f := formOf(schema.Field(i).Type, col.Type)
		l.forms = append(l.forms, f)
		fields[i] = arrow.Field{Name: names.unique(col.Name, fmt.Sprintf("column%d", i+1)), Type: f.stored, Nullable: true}
	}
	l.stored = arrow.NewSchema(fields, nil)
	return l
}

// column gives one column of a row group in its stored form. The caller releases it.
func (l *layout) column(group []arrow.RecordBatch, i int) *arrow.Chunked {
	f := l.forms[i]
	chunks := make([]arrow.Array, len(group))
	for n, b := range group {
		chunks[n] = f.store(b.Column(i))
	}
	out := arrow.NewChunked(f.stored, chunks)
	for _, c := range chunks {
		c.Release()
	}
	return out
}
