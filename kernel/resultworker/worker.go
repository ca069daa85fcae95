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

	"sextant/kernel/display"
	"sextant/kernel/engine"
	"sextant/kernel/resultfile"
	"sextant/kernel/sqltext"
	"sextant/kernel/wire"
)

// maxRequest bounds a request in bytes, maxAnswer the values of an answer.
const (
	maxRequest = 16 << 20
	maxAnswer  = 64 << 20
)

// Worker answers over one file. It is used by one goroutine.
type Worker struct {
	session engine.Session
}

// New makes the result of a file known to a session of a locked engine that may read it.
func New(ctx context.Context, session engine.Session, file string) (*Worker, error) {
	r, err := resultfile.Open(file)
	if err != nil {
		return nil, err
	}
	columns := r.Info().Columns
	if err := r.Close(); err != nil {
		return nil, err
	}
	names := make([]string, len(columns))
	for i := range columns {
		names[i] = fmt.Sprintf("c%d", i)
	}
	w := &Worker{session}
	sql := "CREATE VIEW r(" + strings.Join(names, ", ") + ") AS SELECT " + resultfile.SelectList(columns) + " FROM read_parquet(" + sqltext.QuoteString(file) + ")"
	if a := w.answer(ctx, wire.ResultRequest{SQL: sql}); a.Error != "" {
		return nil, errors.New(a.Error)
	}
	return w, nil
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
	a, err := w.query(ctx, q)
	if err != nil {
		a = wire.ResultAnswer{Error: err.Error()}
	}
	return a
}

func (w *Worker) query(ctx context.Context, q wire.ResultRequest) (wire.ResultAnswer, error) {
	if q.Rows <= 0 {
		q.Rows = 1_000
	}
	if q.Chars <= 0 {
		q.Chars = 10_000
	}
	a := wire.ResultAnswer{Columns: []wire.ResultColumn{}, Rows: [][]*string{}}
	res, err := w.session.Query(ctx, engine.Query{SQL: q.SQL})
	if err != nil {
		return a, err
	}
	defer res.Close()
	var formats []*display.Formatter
	for i, c := range res.Columns() {
		typ := res.Schema().Field(i).Type
		formats = append(formats, display.NewFormatter(typ, c))
		a.Columns = append(a.Columns, wire.ResultColumn{Name: c.Name, Type: c.Type, Numeric: display.IsNumeric(typ)})
	}
	if res.Kind() != engine.Rows {
		return a, nil
	}
	size := 0
	var text []byte
	for {
		batch, err := res.Next(ctx)
		if errors.Is(err, io.EOF) {
			return a, nil
		}
		if err != nil {
			return a, err
		}
		for r := range int(batch.NumRows()) {
			if len(a.Rows) == q.Rows || size > maxAnswer {
				a.More = true
				batch.Release()
				return a, nil
			}
			row := make([]*string, len(formats))
			for i, f := range formats {
				if col := batch.Column(i); !display.IsNull(col, r) {
					text = f.Append(text[:0], col, r)
					value, cut := clip(text, q.Chars)
					row[i] = &value
					size += len(value)
					if cut {
						a.Cut++
					}
				}
			}
			a.Rows = append(a.Rows, row)
		}
		batch.Release()
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
