package notebook

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Why a text cannot be read as a notebook. Its bytes are to be kept as they are and marked as broken. Tell them apart
// with errors.Is; a *[ReadError] around them says where.
var (
	// ErrNotJSON: not JSON, or not UTF-8.
	ErrNotJSON = errors.New("not JSON")
	// ErrInvalid: JSON, but not a notebook, or one with a part that no field can hold (a cell that is a number).
	ErrInvalid = errors.New("not a valid notebook")
	// ErrVersion: a major version above 4, whose meaning is unknown.
	ErrVersion = errors.New("unsupported notebook version")
	// ErrTooLarge: beyond the limits.
	ErrTooLarge = errors.New("too large a notebook")
)

// ReadError says where and why reading stopped.
type ReadError struct {
	// Err is one of [ErrNotJSON], [ErrInvalid], [ErrVersion] and [ErrTooLarge].
	Err error
	// Place is the field, such as cells[3].outputs[0].output_type; empty if only Offset is known.
	Place string
	// Offset is the byte in the text, where known.
	Offset int
	// Detail is a clause for people.
	Detail string
}

// Error is one line: what it is, where, why.
func (e *ReadError) Error() string {
	where := e.Place
	if where == "" && e.Offset > 0 {
		where = "byte " + strconv.Itoa(e.Offset)
	}
	if where != "" {
		where += ": "
	}
	return fmt.Sprintf("%v: %s%s", e.Err, where, e.Detail)
}

// Unwrap gives the sentinel.
func (e *ReadError) Unwrap() error { return e.Err }

// Note is something about one place of a notebook.
type Note struct {
	// Place is a field, such as cells[3].metadata.tags.
	Place string `json:"place"`
	// Text is a clause for people.
	Text string `json:"text"`
}

// String is "place: text".
func (n Note) String() string { return n.Place + ": " + n.Text }

// maxNotes bounds each list of a Report: a notebook may be wrong in every cell.
const maxNotes = 100

// Report says what [Read] met besides the notebook.
type Report struct {
	// Major and Minor are the version that the text declared; 1.0 if none.
	Major int `json:"nbformat"`
	Minor int `json:"nbformatMinor"`
	// Repairs were made: ids given, fields of older versions converted, missing fields filled. At most 100 are listed.
	Repairs []Note `json:"repairs,omitempty"`
	// Problems break the format's schema but were kept as they are, as Jupyter does, which opens and saves such
	// notebooks and warns. At most 100 are listed.
	Problems []Note `json:"problems,omitempty"`
}

// place is a path into a notebook; items are keys (string) and indices (int).
type place []any

// String writes a key with a dot if it is a plain word, else in brackets and quotes.
func (p place) String() string {
	var b strings.Builder
	for _, step := range p {
		switch step := step.(type) {
		case int:
			b.WriteString("[" + strconv.Itoa(step) + "]")
		case string:
			if !plainWord(step) {
				b.WriteString("[" + strconv.Quote(step) + "]")
				continue
			}
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(step)
		}
	}
	return b.String()
}

func plainWord(s string) bool {
	for _, c := range []byte(s) {
		if c != '_' && !('a' <= c && c <= 'z') && !('A' <= c && c <= 'Z') && !('0' <= c && c <= '9') {
			return false
		}
	}
	return s != ""
}
