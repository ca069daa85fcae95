package resultworker

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"sextant/kernel/display"
	"sextant/kernel/engine"
	"sextant/kernel/wire"
)

// arrowGathering makes an Arrow IPC stream of batches for those who show them: whole numbers and truth values are what they
// are, all else is text, as SQL writes it, so that it looks the same wherever it is read.
type arrowGathering struct {
	*gathering
	builders []array.Builder
	whole    []bool
	rows     int
}

// keepsWhole reports whether values of a type need no text: readers of Arrow everywhere know it.
func keepsWhole(typ arrow.DataType) bool {
	return arrow.IsInteger(typ.ID()) || typ.ID() == arrow.BOOL
}

func newArrowGathering(q *wire.ResultRequest, columns []engine.Column, schema *arrow.Schema) *arrowGathering {
	g := &arrowGathering{gathering: newGathering(q, columns, schema)}
	for i := range columns {
		typ := schema.Field(i).Type
		whole := keepsWhole(typ)
		if !whole {
			typ = arrow.BinaryTypes.String
		}
		g.whole = append(g.whole, whole)
		g.builders = append(g.builders, array.NewBuilder(memory.DefaultAllocator, typ))
	}
	return g
}

// take takes the rows of a batch for which there is room, and notes where there is none.
func (g *arrowGathering) take(batch arrow.RecordBatch) {
	for r := range int(batch.NumRows()) {
		if g.rows == g.q.Rows || g.size > maxAnswer {
			g.answer.More = true
			return
		}
		for i, f := range g.formats {
			col := batch.Column(i)
			switch b := g.builders[i].(type) {
			case *array.StringBuilder:
				if display.IsNull(col, r) {
					b.AppendNull()
					continue
				}
				g.text = f.Append(g.text[:0], col, r)
				value, cut := clip(g.text, g.q.Chars)
				b.Append(value)
				g.size += len(value)
				if cut {
					g.answer.Cut++
				}
			default:
				appendWhole(b, col, r)
				g.size += 8
			}
		}
		g.rows++
	}
}

// appendWhole copies one value of a type that keepsWhole.
func appendWhole(to array.Builder, from arrow.Array, r int) {
	if from.IsNull(r) {
		to.AppendNull()
		return
	}
	switch b := to.(type) {
	case *array.BooleanBuilder:
		b.Append(from.(*array.Boolean).Value(r))
	case *array.Int8Builder:
		b.Append(from.(*array.Int8).Value(r))
	case *array.Int16Builder:
		b.Append(from.(*array.Int16).Value(r))
	case *array.Int32Builder:
		b.Append(from.(*array.Int32).Value(r))
	case *array.Int64Builder:
		b.Append(from.(*array.Int64).Value(r))
	case *array.Uint8Builder:
		b.Append(from.(*array.Uint8).Value(r))
	case *array.Uint16Builder:
		b.Append(from.(*array.Uint16).Value(r))
	case *array.Uint32Builder:
		b.Append(from.(*array.Uint32).Value(r))
	case *array.Uint64Builder:
		b.Append(from.(*array.Uint64).Value(r))
	}
}

// finish gives the answer.
func (g *arrowGathering) finish() (wire.ResultAnswer, error) {
	fields := make([]arrow.Field, len(g.builders))
	arrays := make([]arrow.Array, len(g.builders))
	for i, b := range g.builders {
		arrays[i] = b.NewArray()
		defer arrays[i].Release()
		b.Release()
		fields[i] = arrow.Field{Name: label(g.q.Labels, i, g.answer.Columns[i].Name), Type: arrays[i].DataType(), Nullable: true}
	}
	schema := arrow.NewSchema(fields, nil)
	batch := array.NewRecordBatch(schema, arrays, int64(g.rows))
	defer batch.Release()
	var b bytes.Buffer
	w := ipc.NewWriter(&b, ipc.WithSchema(schema))
	err := errors.Join(w.Write(batch), w.Close())
	g.answer.Arrow = b.Bytes()
	return g.answer, err
}

func label(labels []string, i int, name string) string {
	if i < len(labels) {
		return labels[i]
	}
	return name
}

// stream writes all rows of a statement to a file as an Arrow IPC stream, in the types that the engine gives them.
func (w *Worker) stream(ctx context.Context, q wire.ResultRequest) (wire.ResultAnswer, error) {
	res, err := w.session.Query(ctx, engine.Query{SQL: q.SQL})
	if err != nil {
		return wire.ResultAnswer{}, err
	}
	defer res.Close()
	fields := make([]arrow.Field, res.Schema().NumFields())
	for i := range fields {
		fields[i] = res.Schema().Field(i)
		fields[i].Name = label(q.Labels, i, fields[i].Name)
	}
	schema := arrow.NewSchema(fields, nil)
	file, err := os.OpenFile(q.ArrowTo, os.O_WRONLY, 0)
	if err != nil {
		return wire.ResultAnswer{}, err
	}
	out := ipc.NewWriter(file, ipc.WithSchema(schema), ipc.WithZstd())
	for err == nil {
		var batch arrow.RecordBatch
		if batch, err = res.Next(ctx); err == nil {
			named := array.NewRecordBatch(schema, batch.Columns(), batch.NumRows())
			err = out.Write(named)
			named.Release()
			batch.Release()
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return wire.ResultAnswer{}, errors.Join(err, out.Close(), file.Close())
}
