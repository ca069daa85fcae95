package notebook

import (
	"bufio"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Write writes nb as a file: the bytes that Jupyter (nbformat.write) writes for it. That is JSON indented by one
// blank, keys sorted, nothing escaped that need not be, source, stream text, text/*, application/javascript and
// image/svg+xml split into arrays of lines, and a line end after it all. It differs from Python in three things:
// numbers keep the digits they were read with; half of a surrogate pair, for which Python fails, is written escaped;
// of two equal keys in what Extra holds and what the format names, the latter is written.
//
// It writes as it goes and holds no copy of nb. The error is that of w, or says which cell has no usable id.
func Write(w io.Writer, nb *Notebook) error {
	e := emitter{w: bufio.NewWriterSize(w, 1<<16), pretty: true}
	return e.finish(nb)
}

// WriteJSON writes nb in the form of the Jupyter contents API: one line, multi-line strings joined, and strict JSON
// (NaN and the infinities, which browsers refuse, become null).
func WriteJSON(w io.Writer, nb *Notebook) error {
	e := emitter{w: bufio.NewWriterSize(w, 1<<16), strict: true}
	return e.finish(nb)
}

// WriteJSONTrusted is [WriteJSON] with every code cell marked as trusted or not, as the Jupyter contents API gives
// notebooks: trusted output may run scripts in its reader's page.
func WriteJSONTrusted(w io.Writer, nb *Notebook, trusted bool) error {
	e := emitter{w: bufio.NewWriterSize(w, 1<<16), strict: true, trusted: "false"}
	if trusted {
		e.trusted = "true"
	}
	return e.finish(nb)
}

// Trusted reports whether all that a notebook's cells show is trusted: each code cell is marked so, or has nothing but
// streams and errors, which run nothing (nbformat.sign.NotebookNotary.check_cells).
func Trusted(nb *Notebook) bool {
	for i := range nb.Cells {
		c := &nb.Cells[i]
		if c.Type != Code || c.Trusted {
			continue
		}
		for _, out := range c.Outputs {
			if t := out.Type(); t != Stream && t != ErrorOutput {
				return false
			}
		}
	}
	return true
}

// MarshalJSON is [WriteJSON] for use within other JSON. For a large notebook WriteJSON is much cheaper.
func (nb *Notebook) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	err := WriteJSON(&b, nb)
	return []byte(b.String()), err
}

// UnmarshalJSON is [Read] without the report.
func (nb *Notebook) UnmarshalJSON(text []byte) error {
	read, _, err := Read(text)
	if err == nil {
		*nb = *read
	}
	return err
}

// emitter writes canonical values in one of the forms.
type emitter struct {
	w       *bufio.Writer
	pretty  bool // indent and split lines
	strict  bool // no NaN
	depth   int
	started bool // something stands in the innermost brackets
	scratch []byte
	err     error
	// part gives the value that a placeholder of Split stands for; nil if there can be none.
	part func(n int) (Value, error)
	// cut takes a large value out and gives the placeholder to write in its stead; nil to write all.
	cut func(v Value) (placeholder Value, ok bool)
	// trusted is the mark that every code cell gets; empty for none.
	trusted Value
}

func (e *emitter) finish(nb *Notebook) error {
	ids := make(map[string]bool, len(nb.Cells))
	for i, c := range nb.Cells {
		if !ValidID(c.ID) || ids[c.ID] {
			return &ReadError{Err: ErrInvalid, Place: place{"cells", i, "id"}.String(), Detail: "missing, unusable or repeated"}
		}
		ids[c.ID] = true
	}
	e.notebook(nb)
	if e.pretty {
		e.raw("\n")
	}
	if err := e.w.Flush(); e.err == nil {
		e.err = err
	}
	return e.err
}

func (e *emitter) raw(s string) {
	if _, err := e.w.WriteString(s); err != nil && e.err == nil {
		e.err = err
	}
}

// open, item and close write brackets, and what goes before each element.
func (e *emitter) open(bracket string) {
	e.raw(bracket)
	e.depth++
	e.started = false
}

func (e *emitter) item() {
	if e.started {
		e.raw(",")
	}
	e.started = true
	e.line()
}

func (e *emitter) line() {
	if e.pretty {
		const blanks = "\n                                "
		n := min(1+e.depth, len(blanks))
		e.raw(blanks[:n])
		for range 1 + e.depth - n {
			e.raw(" ")
		}
	}
}

func (e *emitter) close(bracket string) {
	e.depth--
	if e.started {
		e.line()
	}
	e.started = true
	e.raw(bracket)
}

func (e *emitter) colon() {
	if e.pretty {
		e.raw(": ")
	} else {
		e.raw(":")
	}
}

func (e *emitter) key(name string) {
	e.item()
	e.scratch = appendQuoted(e.scratch[:0], name)
	e.raw(string(e.scratch))
	e.colon()
}

// object writes the fields named and those of extra, all in order. A nil field is left out.
func (e *emitter) object(fields map[string]func(), extra Object) {
	keys := slices.Collect(maps.Keys(fields))
	for key := range extra {
		if fields[key] == nil {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	e.open("{")
	for _, key := range keys {
		e.key(key)
		if write := fields[key]; write != nil {
			write()
		} else {
			e.value(extra[key], asIs)
		}
	}
	e.close("}")
}

func (e *emitter) notebook(nb *Notebook) {
	e.object(map[string]func(){
		"cells": func() {
			e.open("[")
			for i := range nb.Cells {
				e.item()
				e.cell(&nb.Cells[i])
			}
			e.close("]")
		},
		"metadata":       func() { e.values(nb.Metadata, asIs, "signature", "orig_nbformat", "orig_nbformat_minor") },
		"nbformat":       func() { e.raw("4") },
		"nbformat_minor": func() { e.raw(strconv.Itoa(max(nb.Minor, Minor))) },
	}, nb.Extra)
}

func (e *emitter) cell(c *Cell) {
	fields := map[string]func(){
		"cell_type": func() { e.value(StringValue(string(c.Type)), asIs) },
		"id":        func() { e.value(StringValue(c.ID), asIs) },
		"metadata":  func() { e.values(c.Metadata, asIs, "trusted") },
		"source": func() {
			e.scratch = appendQuoted(e.scratch[:0], c.Source)
			e.value(Value(e.scratch), asLines)
		},
	}
	if c.Attachments != nil {
		fields["attachments"] = func() { e.values(c.Attachments, asBundle) }
	}
	if c.Type == Code && e.trusted != "" {
		fields["metadata"] = func() {
			marked := Object{"trusted": e.trusted}
			for key, v := range c.Metadata {
				if key != "trusted" {
					marked[key] = v
				}
			}
			e.values(marked, asIs)
		}
	}
	if c.Type == Code {
		fields["execution_count"] = func() { e.value(countValue(c.ExecutionCount), asIs) }
		fields["outputs"] = func() {
			e.open("[")
			for _, out := range c.Outputs {
				e.item()
				e.output(out)
			}
			e.close("]")
		}
	}
	e.object(fields, c.Extra)
}

// values writes an object without the keys that are not to be stored.
func (e *emitter) values(o Object, how form, transient ...string) {
	e.open("{")
	for key, v := range sorted(o) {
		if !slices.Contains(transient, key) {
			e.key(key)
			e.large(v, how)
		}
	}
	e.close("}")
}

func (e *emitter) output(out Output) {
	how := asOutput
	switch {
	case out.display():
		how = asDisplay
	case out.kind == Stream:
		how = asStream
	}
	e.value(out.json, how)
}

// form says which strings within a value are split into lines.
type form int

const (
	asIs      form = iota
	asLines        // the string itself
	asBundle       // those of a MIME bundle
	asDisplay      // those of the bundle data
	asStream       // text
	asOutput       // none; like the two before it, an output
)

// within is the form of a member. key is canonical text.
func (f form) within(key string) form {
	switch {
	case f == asDisplay && key == "data":
		return asBundle
	case f == asStream && key == "text",
		f == asBundle && (strings.HasPrefix(key, "text/") || key == "application/javascript" || key == "image/svg+xml"):
		return asLines
	}
	return asIs
}

var errNotCanonical = errors.New("a notebook.Value is not canonical JSON: make it with ParseValue")

// value writes v.
func (e *emitter) value(v Value, how form) {
	if v == "" {
		v = "null"
	}
	if end := e.walk(string(v), 0, how); end != len(v) && e.err == nil {
		e.err = errNotCanonical
	}
}

// walk writes the canonical value at text[i] and gives the place after it.
func (e *emitter) walk(text string, i int, how form) int {
	if i >= len(text) || e.err != nil {
		return -1
	}
	switch text[i] {
	case '"':
		end := stringEnd(text, i)
		e.text(text[i:end], how)
		return end
	case '{', '[':
		if !e.pretty && e.part == nil && e.cut == nil {
			end := valueEnd(text, i)
			e.raw(string(e.plain(Value(text[i:end]))))
			return end
		}
		return e.brackets(text, i, how)
	}
	end := valueEnd(text, i)
	if end == i {
		return -1
	}
	e.raw(string(e.plain(Value(text[i:end]))))
	return end
}

func (e *emitter) plain(v Value) Value {
	if e.strict {
		return strict(v)
	}
	return v
}

func (e *emitter) brackets(text string, i int, how form) int {
	closing := text[i] + 2 // in ASCII both closing brackets follow their opening ones at a distance of two
	e.open(text[i : i+1])
	for i++; i < len(text) && text[i] != closing; {
		e.item()
		within := asIs
		if closing == '}' {
			if text[i] != '"' {
				return -1
			}
			end := stringEnd(text, i)
			e.raw(text[i:end])
			e.colon()
			within = how.within(text[i+1 : end-1])
			i = end + 1
		}
		if end := 0; e.cut != nil && how != asIs && within != asBundle {
			if end = valueEnd(text, min(i, len(text))); end == i {
				return -1
			}
			e.large(Value(text[i:end]), within)
			i = end
		} else {
			i = e.walk(text, i, within)
		}
		if i < 0 || i >= len(text) {
			return -1
		}
		if text[i] == ',' {
			i++
		}
	}
	e.close(string(closing))
	return i + 1
}

// large writes v, or what stands for it if it is large and to be kept apart.
func (e *emitter) large(v Value, how form) {
	if e.cut != nil {
		if placeholder, ok := e.cut(v); ok {
			e.raw(string(placeholder))
			return
		}
	}
	e.value(v, how)
}

// text writes a string, in lines where the form of file wants it.
func (e *emitter) text(quoted string, how form) {
	if e.part != nil && strings.HasPrefix(quoted[1:], partMark) {
		n, err := partNumber(quoted)
		var v Value
		if err == nil {
			v, err = e.part(n)
		}
		if err != nil {
			e.err = err
			return
		}
		whole := *e
		whole.part = nil // what is kept apart is kept whole
		whole.value(v, how)
		e.err, e.started = whole.err, whole.started
		return
	}
	if !e.pretty || how != asLines {
		e.raw(quoted)
		return
	}
	e.open("[")
	for body := quoted[1 : len(quoted)-1]; body != ""; {
		n := lineEnd(body)
		e.item()
		e.raw(`"`)
		e.raw(body[:n])
		e.raw(`"`)
		body = body[n:]
	}
	e.close("]")
}
