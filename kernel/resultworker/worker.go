// Package resultworker answers queries over one stored result, for people who have no session. It is the whole of what a
// results worker does: it reads requests from its standard input, one JSON object a line, and writes an answer of one
// line to each. It knows no users: who may ask was decided by whoever started it.
package resultworker

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"

	"sextant/kernel/display"
	"sextant/kernel/engine"
	"sextant/kernel/resultfile"
	"sextant/kernel/sqltext"
	"sextant/kernel/wire"
)

// maxRequest bounds a request in bytes, maxAnswer the values of an answer.
const (
	maxRequest = 16 << 20
	maxAnswer  = 16 << 20
)

// Worker answers over one file. It is used by one goroutine.
type Worker struct {
	session engine.Session
	// file gives pages of the result as it is, from the row groups that they lie in; nil until there is one.
	file *resultfile.Reader
}

// New is a worker on a session of a locked engine, which may read the file that it will be told of.
func New(session engine.Session) *Worker { return &Worker{session: session} }

// open makes the result of a file known to the session.
func (w *Worker) open(ctx context.Context, file string) error {
	r, err := resultfile.Open(file)
	if err != nil {
		return err
	}
	w.file = r
	columns := r.Info().Columns
	names := make([]string, len(columns))
	for i := range columns {
		names[i] = fmt.Sprintf("c%d", i)
	}
	_, err = w.query(ctx, wire.ResultRequest{SQL: "CREATE VIEW r(" + strings.Join(names, ", ") + ") AS SELECT " + resultfile.SelectList(columns) + " FROM read_parquet(" + sqltext.QuoteString(file) + ")"})
	return err
}

// Serve answers requests until in ends.
func (w *Worker) Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), maxRequest)
	for lines.Scan() {
		var q wire.ResultRequest
		a := wire.ResultAnswer{Error: "the request cannot be read"}
		if json.Unmarshal(lines.Bytes(), &q) == nil {
			a = w.answer(ctx, q)
		}
		text, err := json.Marshal(a)
		if err != nil {
			return err
		}
		if _, err := out.Write(append(text, '\n')); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (w *Worker) answer(ctx context.Context, q wire.ResultRequest) wire.ResultAnswer {
	var a wire.ResultAnswer
	var err error
	switch {
	case q.Open != "":
		err = w.open(ctx, q.Open)
	case q.Data != "":
		_, err = w.query(ctx, wire.ResultRequest{SQL: "CREATE VIEW r AS FROM read_parquet(" + sqltext.QuoteString(q.Data) + ")"})
	case q.ArrowTo != "":
		a, err = w.stream(ctx, q)
	case q.SQL != "":
		a, err = w.query(ctx, q)
	case w.file != nil:
		a, err = w.page(ctx, q)
	default:
		err = errors.New("there is no result yet")
	}
	if err != nil {
		a = wire.ResultAnswer{Error: err.Error()}
	}
	return a
}

// page reads rows of the result as it is.
func (w *Worker) page(ctx context.Context, q wire.ResultRequest) (wire.ResultAnswer, error) {
	g := gatheringFor(&q, w.file.Info().EngineColumns(), w.file.Schema())
	batches, err := w.file.ReadRange(ctx, q.Offset, int64(q.Rows))
	if err != nil {
		return wire.ResultAnswer{}, err
	}
	for _, batch := range batches {
		g.take(batch)
		batch.Release()
	}
	return g.finish()
}

func (w *Worker) query(ctx context.Context, q wire.ResultRequest) (wire.ResultAnswer, error) {
	res, err := w.session.Query(ctx, engine.Query{SQL: q.SQL})
	if err != nil {
		return wire.ResultAnswer{}, err
	}
	defer res.Close()
	g := gatheringFor(&q, res.Columns(), res.Schema())
	if res.Kind() != engine.Rows {
		return g.finish()
	}
	for !g.full() {
		batch, err := res.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return wire.ResultAnswer{}, err
		}
		g.take(batch)
		batch.Release()
	}
	return g.finish()
}

// gatherer makes an answer of batches, until it is full.
type gatherer interface {
	take(arrow.RecordBatch)
	full() bool
	finish() (wire.ResultAnswer, error)
}

func gatheringFor(q *wire.ResultRequest, columns []engine.Column, schema *arrow.Schema) gatherer {
	if q.Arrow {
		return newArrowGathering(q, columns, schema)
	}
	return newGathering(q, columns, schema)
}

func (g *gathering) full() bool { return g.answer.More }

func (g *gathering) finish() (wire.ResultAnswer, error) { return g.answer, nil }

// gathering makes an answer of batches.
type gathering struct {
	q       *wire.ResultRequest
	formats []*display.Formatter
	size    int
	text    []byte
	answer  wire.ResultAnswer
}

// newGathering fills in what the request leaves out.
func newGathering(q *wire.ResultRequest, columns []engine.Column, schema *arrow.Schema) *gathering {
	if q.Rows <= 0 {
		q.Rows = 1_000
	}
	if q.Chars <= 0 {
		q.Chars = 10_000
	}
	g := &gathering{q: q, answer: wire.ResultAnswer{Columns: []wire.ResultColumn{}, Rows: [][]*string{}}}
	for i, c := range columns {
		typ := schema.Field(i).Type
		g.formats = append(g.formats, display.NewFormatter(typ, c))
		g.answer.Columns = append(g.answer.Columns, wire.ResultColumn{Name: c.Name, Type: c.Type, Numeric: display.IsNumeric(typ)})
	}
	return g
}

// take takes the rows of a batch for which there is room, and notes where there is none.
func (g *gathering) take(batch arrow.RecordBatch) {
	for r := range int(batch.NumRows()) {
		if len(g.answer.Rows) == g.q.Rows || g.size > maxAnswer {
			g.answer.More = true
			return
		}
		row := make([]*string, len(g.formats))
		for i, f := range g.formats {
			col := batch.Column(i)
			if display.IsNull(col, r) {
				continue
			}
			g.text = f.Append(g.text[:0], col, r)
			value, cut := clip(g.text, g.q.Chars)
			row[i] = &value
			g.size += len(value)
			if cut {
				g.answer.Cut++
			}
		}
		g.answer.Rows = append(g.answer.Rows, row)
	}
}

// clip cuts a text to so many characters, with an ellipsis where something is cut.
func clip(text []byte, chars int) (string, bool) {
	if len(text) <= chars {
		return strings.ToValidUTF8(string(text), "\uFFFD"), false
	}
	n, at := 0, 0
	for at < len(text) && n < chars {
		_, size := utf8.DecodeRune(text[at:])
		at += size
		n++
	}
	if at == len(text) {
		return strings.ToValidUTF8(string(text), "\uFFFD"), false
	}
	return strings.ToValidUTF8(string(text[:at]), "\uFFFD") + "…", true
}
