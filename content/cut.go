package content

import (
	"bytes"
	"errors"
	"io"
	"sync"
)

// CutOutputs is the Splitter of notebooks in nbformat 4. The inside of each code cell's "outputs" array is one output
// piece, so that the rest is the same notebook with empty outputs. It follows the JSON byte by byte and keeps nothing,
// so any notebook is cut in constant memory and comes back byte for byte; what is not JSON comes back too.
func CutOutputs(content io.Reader, piece func(PieceKind, io.Reader) error) error {
	c := &cutter{r: content, store: cutBuffers.Get().(*[64 << 10]byte)}
	defer cutBuffers.Put(c.store)
	for !c.ended {
		kind := SourcePiece
		if c.inOutputs {
			kind = OutputPiece
		}
		c.boundary = false
		if err := piece(kind, readerFunc(c.read)); err != nil {
			return err
		}
		if !c.boundary && !c.ended {
			return errors.New("content: a piece was not read to its end")
		}
	}
	if errors.Is(c.err, io.EOF) {
		return nil
	}
	return c.err
}

var cutBuffers = sync.Pool{New: func() any { return new([64 << 10]byte) }}

// readerFunc is a function as a reader.
type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// role is what an array or object is in a notebook.
type role byte

const (
	otherRole role = iota
	rootRole
	cellsRole
	cellRole
	outputsRole
)

// cutter is where in the JSON the reading stands.
type cutter struct {
	r     io.Reader
	buf   []byte // read, not yet handed out
	store *[64 << 10]byte
	err   error
	ended bool

	// boundary is set where a piece ended; inOutputs tells which kind the next one is.
	boundary, inOutputs bool

	depth             int
	roles             [5]role // of the containers down to depth 5
	inString, escaped bool
	// text is the last string's beginning, which may turn out to be a key; key is the last key of a container of ours.
	text    [8]byte
	textLen int
	key     string
}

// read hands out bytes up to the next boundary.
func (c *cutter) read(p []byte) (int, error) {
	if c.boundary || c.ended {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	for len(c.buf) == 0 {
		if c.err != nil {
			c.ended = true
			return 0, c.err
		}
		var n int
		n, c.err = c.r.Read(c.store[:])
		c.buf = c.store[:n]
	}
	limit := min(len(p), len(c.buf))
	n := 0
	for n < limit && !c.boundary {
		b := c.buf[n]
		if c.inOutputs && !c.inString && b == ']' && c.role() == outputsRole {
			// The bracket belongs to the source again.
			c.inOutputs, c.boundary = false, true
			break
		}
		if c.inString && !c.escaped {
			// Most bytes are inside of strings, an image's by the million.
			n += c.skip(c.buf[n:limit])
			if n == limit {
				break
			}
			b = c.buf[n]
		}
		c.follow(b)
		n++
	}
	copy(p, c.buf[:n])
	c.buf = c.buf[n:]
	if n == 0 && c.boundary {
		return 0, io.EOF
	}
	return n, nil
}

// skip takes in what of a string comes before its next quote or backslash.
func (c *cutter) skip(b []byte) int {
	if quote := bytes.IndexByte(b, '"'); quote >= 0 {
		b = b[:quote]
	}
	if escape := bytes.IndexByte(b, '\\'); escape >= 0 {
		b = b[:escape]
	}
	if c.textLen < len(c.text) {
		copy(c.text[c.textLen:], b)
	}
	c.textLen += len(b)
	return len(b)
}

// follow takes one byte of JSON in.
func (c *cutter) follow(b byte) {
	if c.inString {
		switch {
		case c.escaped:
			c.escaped = false
		case b == '\\':
			c.escaped = true
		case b == '"':
			c.inString = false
			return
		}
		if c.textLen < len(c.text) {
			c.text[c.textLen] = b
		}
		c.textLen++
		return
	}
	switch b {
	case '"':
		c.inString, c.textLen = true, 0
	case ':':
		c.key = ""
		if c.textLen <= len(c.text) {
			c.key = string(c.text[:c.textLen])
		}
	case '{', '[':
		c.open(b)
	case '}', ']':
		if c.depth > 0 {
			c.depth--
		}
	}
}

func (c *cutter) open(b byte) {
	next := otherRole
	switch parent := c.role(); {
	case c.depth == 0 && b == '{':
		next = rootRole
	case parent == rootRole && b == '[' && c.key == "cells":
		next = cellsRole
	case parent == cellsRole && b == '{':
		next = cellRole
	case parent == cellRole && b == '[' && c.key == "outputs":
		next = outputsRole
		c.inOutputs, c.boundary = true, true
	}
	if c.depth < len(c.roles) {
		c.roles[c.depth] = next
	}
	c.depth++
}

// role is that of the innermost container.
func (c *cutter) role() role {
	if c.depth == 0 || c.depth > len(c.roles) {
		return otherRole
	}
	return c.roles[c.depth-1]
}
