package notebook

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// PartSize is the length in bytes from which Split takes a value out. It is the block of a file system: a shorter one
// would cost as much in a blob of its own as in every revision.
const PartSize = 4096

// partMark begins a placeholder after its quote. In JSON "\/part/0" is a string like any other, but canonical text
// never escapes a slash, so that nothing a user writes can be taken for one.
const partMark = `\/part/`

// Parts is a notebook with its large values apart, so that a store that keeps equal blobs once keeps a result once,
// however often its notebook is saved. What is cut out are values of at least PartSize bytes: each MIME value of an
// output, its text or traceback, each attachment, and each key of notebook and cell metadata (widget state). An
// output's execution count stays behind: a cell that was run again with the same result costs nothing.
type Parts struct {
	// Source is the rest as JSON, placeholders in place of the values.
	Source []byte
	// Values are what was cut out, the n-th being placeholder n. Equal values have one placeholder.
	Values []Value
}

// Split takes a notebook apart. The same notebook always gives the same bytes. Errors are those of [Write].
func Split(nb *Notebook) (Parts, error) {
	var p Parts
	var source strings.Builder
	known := map[Value]int{}
	e := emitter{w: bufio.NewWriterSize(&source, 1<<12)}
	e.cut = func(v Value) (Value, bool) {
		if len(v) < PartSize {
			return "", false
		}
		n, ok := known[v]
		if !ok {
			n = len(p.Values)
			known[v] = n
			p.Values = append(p.Values, v)
		}
		return Value(`"` + partMark + strconv.Itoa(n) + `"`), true
	}
	err := e.finish(nb)
	p.Source = []byte(source.String())
	return p, err
}

// partNumber reads a placeholder.
func partNumber(quoted string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSuffix(quoted[1+len(partMark):], `"`))
	if err != nil || n < 0 {
		return 0, fmt.Errorf("notebook: %s is no placeholder", clip(Value(quoted)))
	}
	return n, nil
}

// Join puts a notebook together again: it equals the one that was split. part gives Values[n] and is asked for it
// wherever it stands; its error is returned as it is. For a source that cannot be read it is a *[ReadError].
func Join(source []byte, part func(n int) (Value, error)) (*Notebook, error) {
	nb, err := joined(source)
	if err != nil {
		return nil, err
	}
	fill := func(v Value) (Value, error) {
		if !strings.Contains(string(v), `"`+partMark) {
			return v, nil
		}
		var b strings.Builder
		e := emitter{w: bufio.NewWriterSize(&b, 1<<12), part: part}
		e.value(v, asIs)
		if err := e.w.Flush(); e.err == nil {
			e.err = err
		}
		return Value(b.String()), e.err
	}
	objects := []Object{nb.Metadata}
	for i := range nb.Cells {
		c := &nb.Cells[i]
		objects = append(objects, c.Metadata, c.Attachments)
		for j := range c.Outputs {
			if c.Outputs[j].json, err = fill(c.Outputs[j].json); err != nil {
				return nil, err
			}
		}
	}
	for _, o := range objects {
		for key, v := range o {
			if o[key], err = fill(v); err != nil {
				return nil, err
			}
		}
	}
	return nb, nil
}

// WriteJoined writes a split notebook as [Write] would the whole, holding no more of it than the source and one value.
func WriteJoined(w io.Writer, source []byte, part func(n int) (Value, error)) error {
	nb, err := joined(source)
	if err != nil {
		return err
	}
	e := emitter{w: bufio.NewWriterSize(w, 1<<16), pretty: true, part: part}
	return e.finish(nb)
}

// WriteJoinedJSON writes a split notebook as [WriteJSON] would the whole; otherwise as [WriteJoined].
func WriteJoinedJSON(w io.Writer, source []byte, part func(n int) (Value, error)) error {
	nb, err := joined(source)
	if err != nil {
		return err
	}
	e := emitter{w: bufio.NewWriterSize(w, 1<<16), strict: true, part: part}
	return e.finish(nb)
}

// joined reads a source with its placeholders left in.
func joined(source []byte) (*Notebook, error) {
	s, err := newScanner(source, DefaultLimits().Depth)
	if err != nil {
		return nil, err
	}
	s.keepParts = true
	r := reader{scanner: s, limits: DefaultLimits(), report: &Report{}}
	return r.notebook()
}
