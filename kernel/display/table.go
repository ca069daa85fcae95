package display

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"sextant/kernel/engine"
)

// Limits bound what a Table keeps and shows. Zero fields take the defaults.
type Limits struct {
	// Rows kept and shown in HTML; default 1,000.
	Rows int
	// Bytes of HTML that all cells together may take; default 4,000,000. One row is always kept.
	Bytes int
	// CellChars is how many characters of one value are shown; default 2,000.
	CellChars int
	// Columns shown; default 200.
	Columns int
	// Value is how many bytes of the only value of a result (one row, one column) text/plain carries; default
	// 16,000,000. The HTML of such a value shows its first 64,000 characters.
	Value int
	// TextWidth is the width of text/plain in terminal columns; default 120.
	TextWidth int
	// TextRows is how many rows text/plain shows; default 40.
	TextRows int
}

func (l Limits) withDefaults() Limits {
	set := func(v *int, to int) {
		if *v <= 0 {
			*v = to
		}
	}
	set(&l.Rows, 1_000)
	set(&l.Bytes, 4_000_000)
	set(&l.CellChars, 2_000)
	set(&l.Columns, 200)
	set(&l.Value, 16_000_000)
	set(&l.TextWidth, 120)
	set(&l.TextRows, 40)
	return l
}

// Summary is what the kernel knows of a result beyond the rows that the Table took.
type Summary struct {
	// TotalRows is the number of rows of the whole result, or negative when not known.
	TotalRows int64
	// More says that the result has rows which were not added. A Table knows by itself of those it refused.
	More bool
	// Elapsed is shown in the footer where it is positive; in text/plain only with TextElapsed, so that the text of
	// the same query stays the same.
	Elapsed     time.Duration
	TextElapsed bool
	// Link leads to the whole result, for people: it stands under the table. May be empty.
	Link string
}

// Table collects the first rows of a result and shows them. It holds copies: batches may be released after Add.
// Its memory is bounded by about three times Limits.Bytes, plus Limits.Value. It is used by one goroutine.
type Table struct {
	limits  Limits
	cols    []engine.Column // those shown
	typs    []arrow.DataType
	formats []*Formatter
	columns int // of the whole result

	text  []byte // every kept cell's text, one after another
	cells []cell // row by row
	rows  int
	bytes int // of HTML, so far

	refused bool // rows were offered that did not fit
	tight   bool // the reason was Limits.Bytes
	cut     int  // cells not shown whole

	whole      string // the first value of a result of one column, where it is longer than a cell shows
	wholeIsCut bool
}

// cell is one value's text within Table.text.
type cell struct {
	end  int // the end of the text; it begins where the cell before it ends
	null bool
	cut  cut
}

// cut says how much there is of a value that is not shown whole.
type cut struct {
	size int64 // 0: shown whole; negative: at least -size
	unit string
}

// NewTable makes an empty table for results of the given columns and schema, which are of the same length.
func NewTable(cols []engine.Column, schema *arrow.Schema, limits Limits) *Table {
	t := &Table{limits: limits.withDefaults(), columns: len(cols)}
	t.cols = cols[:min(len(cols), t.limits.Columns)]
	for i, col := range t.cols {
		typ := schema.Field(i).Type
		t.typs = append(t.typs, typ)
		t.formats = append(t.formats, NewFormatter(typ, col))
	}
	return t
}

// Rows is the number of rows kept.
func (t *Table) Rows() int { return t.rows }

// Add copies the batch's rows as far as they fit and reports whether the table will take no more. A full table that
// is given rows remembers that there are more.
func (t *Table) Add(batch arrow.RecordBatch) (full bool) {
	for r := range int(batch.NumRows()) {
		if t.isFull() {
			t.refused = true
			return true
		}
		t.addRow(batch, r)
	}
	return t.isFull()
}

func (t *Table) isFull() bool {
	if t.rows > 0 && t.bytes >= t.limits.Bytes {
		t.tight = true
		return true
	}
	return t.rows >= t.limits.Rows
}

func (t *Table) addRow(batch arrow.RecordBatch, r int) {
	if t.columns == 1 && t.rows == 0 {
		t.keepWhole(batch.Column(0), r)
	} else {
		t.whole = ""
	}
	for c := range t.cols {
		arr := batch.Column(c)
		start := len(t.text)
		if IsNull(arr, r) {
			t.cells = append(t.cells, cell{end: start, null: true})
			t.bytes += len("<td><i>NULL</i></td>")
			continue
		}
		var rest cut
		t.text, rest = t.formats[c].appendShown(t.text, arr, r, t.limits.CellChars)
		if rest.size != 0 {
			t.cut++
		}
		t.cells = append(t.cells, cell{end: len(t.text), cut: rest})
		t.bytes += cellCost(t.text[start:])
	}
	t.rows++
}

// keepWhole holds on to a long value that may turn out to be the whole result.
func (t *Table) keepWhole(arr arrow.Array, r int) {
	t.whole, t.wholeIsCut = "", false
	if IsNull(arr, r) {
		return
	}
	if text, ok := stringAt(arr, r); ok {
		if len(text) <= t.limits.CellChars {
			return
		}
		if len(text) > t.limits.Value {
			text, t.wholeIsCut = text[:runeStart(text, t.limits.Value)], true
		}
		t.whole = strings.Clone(text) // the batch is not ours
		return
	}
	text, over := t.formats[0].appendBounded(nil, arr, r, t.limits.Value)
	if len(text) > t.limits.CellChars {
		t.whole, t.wholeIsCut = string(text), over
	}
}

// row gives the cells of one kept row and where the first one's text begins.
func (t *Table) row(r int) ([]cell, int) {
	first := r * len(t.cols)
	start := 0
	if first > 0 {
		start = t.cells[first-1].end
	}
	return t.cells[first : first+len(t.cols)], start
}

// appendShown appends at most chars characters of a value and says what was left out.
func (f *Formatter) appendShown(dst []byte, arr arrow.Array, i, chars int) ([]byte, cut) {
	if text, ok := stringAt(arr, i); ok {
		if len(text) <= chars {
			return append(dst, text...), cut{}
		}
		n := prefix(text, chars)
		dst = append(dst, text[:n]...)
		if n == len(text) {
			return dst, cut{}
		}
		return dst, cut{int64(runeCount(text)), "character"}
	}
	start := len(dst)
	blob, isBlob := blobAt(arr, i)
	// Four bytes for each byte that must be escaped, and for each character: enough for chars of them.
	dst, over := f.appendBounded(dst, arr, i, 4*chars)
	n := prefix(string(dst[start:]), chars)
	if start+n == len(dst) && !over {
		return dst, cut{}
	}
	size := int64(utf8.RuneCount(dst[start:]))
	dst = dst[:start+n]
	switch {
	case isBlob:
		return dst, cut{int64(len(blob)), "byte"}
	case over:
		return dst, cut{-size, "character"}
	}
	return dst, cut{size, "character"}
}

// appendBounded appends a value but stops soon after max bytes; over says that it stopped.
func (f *Formatter) appendBounded(dst []byte, arr arrow.Array, i, max int) (out []byte, over bool) {
	bounded := *f
	bounded.stop = len(dst) + max
	start := len(dst)
	dst = bounded.append(dst, arr, i, f.plain)
	if len(dst)-start > max {
		return dst[:start+runeStart(string(dst[start:start+max+1]), max)], true
	}
	return dst, false
}

func stringAt(arr arrow.Array, i int) (string, bool) {
	switch a := arr.(type) {
	case *array.String:
		return a.Value(i), true
	case *array.LargeString:
		return a.Value(i), true
	case *array.StringView:
		return a.Value(i), true
	}
	return "", false
}

func blobAt(arr arrow.Array, i int) ([]byte, bool) {
	switch a := arr.(type) {
	case *array.Binary:
		return a.Value(i), true
	case *array.LargeBinary:
		return a.Value(i), true
	case *array.BinaryView:
		return a.Value(i), true
	case *array.FixedSizeBinary:
		return a.Value(i), true
	}
	return nil, false
}

// prefix gives the length in bytes of the first chars characters.
func prefix(text string, chars int) int {
	if len(text) <= chars {
		return len(text)
	}
	n := 0
	for i := range text {
		if n == chars {
			return i
		}
		n++
	}
	return len(text)
}

// runeStart moves at back to where a character begins.
func runeStart(text string, at int) int {
	for at > 0 && at < len(text) && !utf8.RuneStart(text[at]) {
		at--
	}
	return at
}
