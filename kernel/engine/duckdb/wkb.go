package duckdb

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"
)

// maxGeometryDepth bounds how deep collections may nest.
const maxGeometryDepth = 32

var geometryNames = map[uint32]string{
	1: "POINT", 2: "LINESTRING", 3: "POLYGON", 4: "MULTIPOINT", 5: "MULTILINESTRING", 6: "MULTIPOLYGON", 7: "GEOMETRYCOLLECTION",
}

// wkbText writes well-known binary (OGC 06-103r4 §8, ISO numbering of Z and M) as well-known text, as DuckDB does.
// Bytes that are no geometry give "".
func wkbText(b []byte) string {
	r := wkbReader{b: b}
	r.geometry(true, 0)
	if r.bad {
		return ""
	}
	return r.out.String()
}

type wkbReader struct {
	b     []byte
	order binary.ByteOrder
	dims  int
	bad   bool
	out   strings.Builder
}

func (r *wkbReader) take(n int) []byte {
	if len(r.b) < n {
		r.bad = true
		return make([]byte, n)
	}
	head := r.b[:n]
	r.b = r.b[n:]
	return head
}

func (r *wkbReader) uint32() uint32   { return r.order.Uint32(r.take(4)) }
func (r *wkbReader) float64() float64 { return math.Float64frombits(r.order.Uint64(r.take(8))) }

// count reads how many items follow, each of at least size bytes.
func (r *wkbReader) count(size int) int {
	n := int(r.uint32())
	if n > len(r.b)/size+1 {
		r.bad = true
		return 0
	}
	return n
}

func (r *wkbReader) geometry(named bool, depth int) {
	if depth > maxGeometryDepth {
		r.bad = true
	}
	if r.bad {
		return
	}
	r.order = binary.BigEndian
	if r.take(1)[0] == 1 {
		r.order = binary.LittleEndian
	}
	code := r.uint32()
	z, m := code/1000 == 1 || code/1000 == 3, code/1000 == 2 || code/1000 == 3
	r.dims = 2
	name := geometryNames[code%1000]
	if name == "" {
		r.bad = true
		return
	}
	if named {
		r.out.WriteString(name)
		r.out.WriteByte(' ')
		if z || m {
			if z {
				r.out.WriteByte('Z')
			}
			if m {
				r.out.WriteByte('M')
			}
			r.out.WriteByte(' ')
		}
	}
	if z {
		r.dims++
	}
	if m {
		r.dims++
	}
	r.body(code%1000, named, depth)
}

// body writes what follows a geometry's name; a point that is a member of a multi-point stands without parentheses.
func (r *wkbReader) body(kind uint32, named bool, depth int) {
	switch kind {
	case 1:
		r.point(named)
	case 2:
		r.list(r.dims*8, r.coords)
	case 3:
		r.list(4, func() { r.list(r.dims*8, r.coords) })
	case 7:
		r.list(5, func() { r.geometry(true, depth+1) })
	default:
		r.list(5, func() { r.geometry(false, depth+1) })
	}
}

func (r *wkbReader) point(parens bool) {
	start := r.b
	empty := true
	for range r.dims {
		if !math.IsNaN(r.float64()) {
			empty = false
		}
	}
	if empty {
		r.out.WriteString("EMPTY")
		return
	}
	r.b = start
	if !parens {
		r.coords()
		return
	}
	r.out.WriteByte('(')
	r.coords()
	r.out.WriteByte(')')
}

func (r *wkbReader) list(size int, item func()) {
	n := r.count(size)
	if n == 0 {
		r.out.WriteString("EMPTY")
		return
	}
	r.out.WriteByte('(')
	for i := range n {
		if i > 0 {
			r.out.WriteString(", ")
		}
		item()
		if r.bad {
			return
		}
	}
	r.out.WriteByte(')')
}

func (r *wkbReader) coords() {
	for i := range r.dims {
		if i > 0 {
			r.out.WriteByte(' ')
		}
		r.out.WriteString(floatText(r.float64()))
	}
}

// floatText writes a double as DuckDB does: the shortest digits, with an exponent outside 1e-4 … 1e16.
func floatText(f float64) string {
	if abs := math.Abs(f); f != 0 && (abs < 1e-4 || abs >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
