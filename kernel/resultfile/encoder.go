package resultfile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
)

const magic = "PAR1"

// encoder turns row groups into Parquet on several goroutines and writes them in order.
//
// The Parquet library writes a file front to back on one goroutine. So each row group is encoded as a small file of
// its own in memory, and its pages are copied behind those before; only their places in the metadata move.
type encoder struct {
	out    io.Writer
	layout *layout
	props  *parquet.WriterProperties
	arrow  pqarrow.ArrowWriterProperties

	slots chan struct{} // one per row group under way
	tasks sync.WaitGroup
	next  int // the number of the next row group; used by the goroutine that adds

	mu     sync.Mutex
	turn   sync.Cond // for the row group whose number is groups
	groups int
	pos    int64
	whole  *metadata.FileMetaData // of the row groups written so far
	err    error
}

func startEncoder(out io.Writer, l *layout, props *parquet.WriterProperties, workers int) *encoder {
	e := &encoder{out: out, layout: l, props: props, arrow: pqarrow.NewArrowWriterProperties(), slots: make(chan struct{}, workers)}
	e.turn.L = &e.mu
	return e
}

// add takes a row group and releases its batches when it is done with them. It waits while all workers are busy.
func (e *encoder) add(group []arrow.RecordBatch) error {
	if err := e.failure(); err != nil {
		releaseAll(group)
		return err
	}
	e.slots <- struct{}{}
	number := e.next
	e.next++
	e.tasks.Go(func() {
		defer func() { <-e.slots }()
		content, meta, err := e.encode(group)
		releaseAll(group)
		e.append(number, content, meta, err)
	})
	return nil
}

// encode makes a file in memory of one row group.
func (e *encoder) encode(group []arrow.RecordBatch) (content []byte, meta *metadata.FileMetaData, err error) {
	// The library panics on what it does not expect; one bad row group must not end the process.
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("encode row group: %v", p)
		}
	}()
	var buf bytes.Buffer
	w, err := pqarrow.NewFileWriter(e.layout.stored, &buf, e.props, e.arrow)
	if err != nil {
		return nil, nil, err
	}
	if group != nil {
		if err := w.NewRowGroupChecked(); err != nil {
			return nil, nil, err
		}
		for i := range e.layout.forms {
			col := e.layout.column(group, i)
			if e.layout.repeats[i] {
				if d := dictionary(col); d != nil {
					col.Release()
					col = d
				}
			}
			err := w.WriteColumnChunked(col, 0, int64(col.Len()))
			col.Release()
			if err != nil {
				return nil, nil, fmt.Errorf("encode column %q: %w", e.layout.stored.Field(i).Name, err)
			}
		}
	}
	if err := w.Close(); err != nil {
		return nil, nil, err
	}
	meta, err = w.FileMetadata()
	return buf.Bytes(), meta, err
}

// append writes an encoded row group when its turn has come. After an error the others pass through.
func (e *encoder) append(number int, content []byte, meta *metadata.FileMetaData, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for e.groups != number {
		e.turn.Wait()
	}
	e.groups++
	e.turn.Broadcast()
	if err != nil && e.err == nil {
		e.err = err
	}
	if e.err == nil {
		e.err = e.place(content, meta)
	}
}

func (e *encoder) place(content []byte, meta *metadata.FileMetaData) error {
	if e.pos == 0 {
		if err := e.write([]byte(magic)); err != nil {
			return err
		}
	}
	pages := content[len(magic):pagesEnd(meta)]
	move(meta, e.pos-int64(len(magic)), e.groups-1)
	if err := e.write(pages); err != nil {
		return err
	}
	if e.whole == nil {
		e.whole = meta
		return nil
	}
	return e.whole.AppendRowGroups(meta)
}

func (e *encoder) write(content []byte) error {
	n, err := e.out.Write(content)
	e.pos += int64(n)
	var path *fs.PathError
	if errors.As(err, &path) { // the temporary name helps nobody
		err = path.Err
	}
	return err
}

// pagesEnd gives the offset behind the last page.
func pagesEnd(meta *metadata.FileMetaData) int64 {
	end := int64(len(magic))
	for _, group := range meta.RowGroups {
		for _, c := range group.Columns {
			start := c.MetaData.DataPageOffset
			if d := c.MetaData.DictionaryPageOffset; d != nil && *d > 0 {
				start = min(start, *d)
			}
			end = max(end, start+c.MetaData.TotalCompressedSize)
		}
	}
	return end
}

// move shifts the places of a file's only row group and numbers it.
func move(meta *metadata.FileMetaData, by int64, number int) {
	for _, group := range meta.RowGroups {
		if group.FileOffset != nil {
			*group.FileOffset += by
		}
		group.Ordinal = nil
		if number <= math.MaxInt16 {
			ordinal := int16(number)
			group.Ordinal = &ordinal
		}
		for _, c := range group.Columns {
			c.FileOffset += by
			c.MetaData.DataPageOffset += by
			if c.MetaData.DictionaryPageOffset != nil {
				*c.MetaData.DictionaryPageOffset += by
			}
		}
	}
}

func (e *encoder) failure() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

// written is how many bytes are in the file.
func (e *encoder) written() int64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.pos
}

// wait returns when every row group given to add is in the file, with the first error.
func (e *encoder) wait() error {
	e.tasks.Wait()
	return e.failure()
}

// footer ends the file and gives its size. The facts in info go into the metadata.
func (e *encoder) footer(schema *arrow.Schema, info Info) (int64, error) {
	var buf bytes.Buffer
	w, err := pqarrow.NewFileWriter(e.layout.stored, &buf, e.props, e.arrow)
	if err != nil {
		return 0, err
	}
	for _, kv := range [][2]string{
		{keyVersion, "1"},
		{keyColumns, encodeColumns(info.Columns)},
		{keyComplete, formatBool(info.Complete)},
		{keySchema, encodeSchema(schema)},
	} {
		if err := w.AppendKeyValueMetadata(kv[0], kv[1]); err != nil {
			return 0, err
		}
	}
	if err := w.Close(); err != nil {
		return 0, err
	}
	meta, err := w.FileMetadata()
	if err != nil {
		return 0, err
	}
	if e.whole != nil {
		if err := meta.AppendRowGroups(e.whole); err != nil {
			return 0, err
		}
	}
	var foot bytes.Buffer
	if e.pos == 0 {
		foot.WriteString(magic)
	}
	n, err := meta.WriteTo(&foot, nil)
	if err != nil {
		return 0, err
	}
	foot.Write(binary.LittleEndian.AppendUint32(nil, uint32(n)))
	foot.WriteString(magic)
	err = e.write(foot.Bytes())
	return e.pos, err
}
