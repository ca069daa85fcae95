package notebook

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"
)

// TextOnly is a notebook in nbformat 4 without what [Passages] does not look at: a displayed value that is neither
// text/plain nor text/markdown becomes "", an attachment too, and a string ends after about maxString bytes of JSON. So
// the text of a notebook full of pictures can be read in memory that its text decides. What is no such notebook comes
// out as it is. Errors are r's.
func TextOnly(r io.Reader, maxString int) io.Reader {
	return &textOnly{r: r, in: make([]byte, 32<<10), maxString: maxString}
}

// within is what a container is in a notebook.
type within byte

const (
	elsewhere within = iota
	inRoot
	inCells
	inCell
	inOutputs
	inOutput
	inData
	inAttachments
	inAttachment
)

// textOnly follows JSON byte by byte and keeps none of it but what has not been read yet.
type textOnly struct {
	r         io.Reader
	in        []byte
	out       bytes.Buffer
	err       error
	maxString int

	depth  int
	places [8]within // of the containers down to depth 8
	key    string
	text   [24]byte // the beginning of the last string
	textN  int      // its length

	inString, escaped bool
	hex               int // digits of \u still to come
	dropping          bool

	// skip is set while a value is left out: skipDepth is how many containers of it are open, skipBegun tells that its
	// first byte has come.
	skip, skipBegun bool
	skipDepth       int
}

// Read implements io.Reader.
func (t *textOnly) Read(p []byte) (int, error) {
	for t.out.Len() == 0 {
		if t.err != nil {
			return 0, t.err
		}
		t.out.Reset()
		var n int
		n, t.err = t.r.Read(t.in)
		for b := t.in[:n]; len(b) > 0; {
			b = b[t.take(b):]
		}
	}
	return t.out.Read(p)
}

// take takes in the beginning of b and says how much of it.
func (t *textOnly) take(b []byte) int {
	if t.inString {
		return t.string(b)
	}
	c := b[0]
	if t.skip && t.skipBegun && t.skipDepth == 0 {
		// After a number or a word, or after a string or container that has just ended.
		switch c {
		case ',', '}', ']':
			t.skip = false
		default:
			return 1
		}
	}
	switch c {
	case '"':
		t.inString, t.textN, t.dropping = true, 0, false
		t.skipBegun = true
	case ':':
		if !t.skip {
			t.key = ""
			if t.textN <= len(t.text) {
				t.key = string(t.text[:t.textN])
			}
			t.out.WriteByte(c)
			t.beginSkip()
			return 1
		}
	case '{', '[':
		if t.skip {
			t.skipBegun = true
			t.skipDepth++
			return 1
		}
		t.open(c)
	case '}', ']':
		if t.skip {
			t.skipDepth--
			return 1
		}
		if t.depth > 0 {
			t.depth--
		}
	case ' ', '\t', '\r', '\n':
	default:
		t.skipBegun = true
	}
	if !t.skip {
		t.out.WriteByte(c)
	}
	return 1
}

// beginSkip leaves the value of the key out, where nobody looks at it.
func (t *textOnly) beginSkip() {
	switch t.place() {
	case inData:
		if t.key == "text/plain" || t.key == "text/markdown" || strings.Contains(t.key, "\\") {
			return // with an escape it may be either
		}
	case inAttachment:
	default:
		return
	}
	t.out.WriteString(`""`)
	t.skip, t.skipBegun, t.skipDepth = true, false, 0
}

// string takes in what of b belongs to the string.
func (t *textOnly) string(b []byte) int {
	if !t.escaped && t.hex == 0 {
		n := len(b)
		if i := bytes.IndexByte(b, '"'); i >= 0 {
			n = i
		}
		if i := bytes.IndexByte(b[:n], '\\'); i >= 0 {
			n = i
		}
		if n > 0 {
			t.plain(b[:n])
			return n
		}
	}
	c := b[0]
	switch {
	case t.escaped:
		t.escaped = false
		if c == 'u' {
			t.hex = 4
		}
	case t.hex > 0:
		t.hex--
	case c == '\\':
		t.escaped = true
	case c == '"':
		t.inString = false
		if !t.skip {
			t.out.WriteByte(c)
		}
		return 1
	}
	t.count(c)
	if !t.skip && !t.dropping {
		t.out.WriteByte(c)
	}
	return 1
}

// plain takes in a stretch of a string without escapes. Only here may a string end early, between two characters.
func (t *textOnly) plain(b []byte) {
	if left := t.maxString - t.textN; !t.skip && !t.dropping {
		if cut := max(left, 0); cut < len(b) {
			for cut < len(b) && !utf8.RuneStart(b[cut]) {
				cut++
			}
			t.out.Write(b[:cut])
			t.dropping = cut < len(b)
		} else {
			t.out.Write(b)
		}
	}
	if t.textN < len(t.text) {
		copy(t.text[t.textN:], b)
	}
	t.textN += len(b)
}

func (t *textOnly) count(c byte) {
	if t.textN < len(t.text) {
		t.text[t.textN] = c
	}
	t.textN++
}

func (t *textOnly) open(c byte) {
	next := elsewhere
	switch parent := t.place(); {
	case t.depth == 0 && c == '{':
		next = inRoot
	case parent == inRoot && c == '[' && t.key == "cells":
		next = inCells
	case parent == inCells && c == '{':
		next = inCell
	case parent == inCell && c == '[' && t.key == "outputs":
		next = inOutputs
	case parent == inCell && c == '{' && t.key == "attachments":
		next = inAttachments
	case parent == inAttachments && c == '{':
		next = inAttachment
	case parent == inOutputs && c == '{':
		next = inOutput
	case parent == inOutput && c == '{' && t.key == "data":
		next = inData
	}
	if t.depth < len(t.places) {
		t.places[t.depth] = next
	}
	t.depth++
}

// place is that of the innermost container.
func (t *textOnly) place() within {
	if t.depth == 0 || t.depth > len(t.places) {
		return elsewhere
	}
	return t.places[t.depth-1]
}
