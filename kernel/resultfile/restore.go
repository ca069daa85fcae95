package resultfile

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// restored is the type that restore gives: the engine's own, but for text that stays text.
func (f *form) restored() arrow.DataType {
	switch f.kind {
	case asText:
		switch f.typ.ID() {
		case arrow.DECIMAL128, arrow.INTERVAL_MONTH_DAY_NANO:
			return f.typ
		}
		return arrow.BinaryTypes.String
	case asList:
		elem := f.inner[0].restored()
		if t, ok := f.typ.(*arrow.FixedSizeListType); ok {
			return arrow.FixedSizeListOfField(t.Len(), arrow.Field{Name: t.ElemField().Name, Type: elem, Nullable: true})
		}
		return arrow.ListOfField(arrow.Field{Name: f.typ.(*arrow.ListType).ElemField().Name, Type: elem, Nullable: true})
	case asStruct:
		fields := f.typ.(*arrow.StructType).Fields()
		out := make([]arrow.Field, len(fields))
		for i, field := range fields {
			out[i] = arrow.Field{Name: field.Name, Type: f.inner[i].restored(), Nullable: true}
		}
		return arrow.StructOf(out...)
	case asMap:
		return arrow.MapOf(f.inner[0].restored(), f.inner[1].restored())
	case asTagged:
		t := f.typ.(*arrow.SparseUnionType)
		out := make([]arrow.Field, len(f.inner))
		for i, field := range t.Fields() {
			out[i] = arrow.Field{Name: field.Name, Type: f.inner[i].restored(), Nullable: true}
		}
		return arrow.SparseUnionOf(out, t.TypeCodes())
	}
	return f.typ
}

// restore undoes store. The caller releases what it gets.
func (f *form) restore(arr arrow.Array) arrow.Array {
	switch f.kind {
	case asText:
		return f.restoreText(arr.(*array.String))
	case asMicros:
		return scaleTimestamps(arr.(*array.Timestamp), f.typ, perMicros(f.typ), false)
	case asNothing:
		return array.NewNull(arr.Len())
	case asList:
		return f.restoreList(arr.(*array.List))
	case asStruct:
		s := arr.(*array.Struct)
		children := make([]arrow.Array, len(f.inner))
		for i, in := range f.inner {
			children[i] = in.restore(s.Field(i))
			defer children[i].Release()
		}
		return newStruct(f.restored(), arr, children)
	case asMap:
		back := &form{stored: f.restored(), inner: []*form{f.inner[0].back(), f.inner[1].back()}}
		return back.storeMap(arr.(*array.Map))
	case asTagged:
		return f.restoreTagged(arr.(*array.Struct))
	}
	return relabel(arr, f.typ)
}

// back is a form whose store is this one's restore.
func (f *form) back() *form { return &form{kind: restoring, inner: []*form{f}} }

// relabel gives the same data another type of the same layout: the zone of a timestamp and the names of elements do
// not go through Parquet.
func relabel(arr arrow.Array, typ arrow.DataType) arrow.Array {
	if arrow.TypeEqual(arr.DataType(), typ) || arr.DataType().ID() != typ.ID() {
		arr.Retain()
		return arr
	}
	data := relabelData(arr.Data(), typ)
	defer data.Release()
	return array.MakeFromData(data)
}

func relabelData(data arrow.ArrayData, typ arrow.DataType) arrow.ArrayData {
	children := append([]arrow.ArrayData{}, data.Children()...)
	if nested, ok := typ.(arrow.NestedType); ok {
		fields := nested.Fields()
		for i, child := range children {
			if i < len(fields) {
				children[i] = relabelData(child, fields[i].Type)
				defer children[i].Release()
			}
		}
	}
	return array.NewData(typ, data.Len(), data.Buffers(), children, data.NullN(), data.Offset())
}

func (f *form) restoreText(arr *array.String) arrow.Array {
	var b array.Builder
	var add func(text string) bool
	switch t := f.typ.(type) {
	case *arrow.Decimal128Type:
		db := array.NewDecimal128Builder(memory.DefaultAllocator, t)
		b, add = db, func(text string) bool {
			n, ok := new(big.Int).SetString(text, 10)
			if !ok || n.BitLen() > 128 {
				return false
			}
			// Not decimal128.FromBigInt: it refuses the least of all, whose magnitude has 128 bits.
			high := new(big.Int).Rsh(n, 64) // rounds down, also below zero
			low := new(big.Int).And(n, new(big.Int).SetUint64(math.MaxUint64))
			db.Append(decimal128.New(high.Int64(), low.Uint64()))
			return true
		}
	case *arrow.MonthDayNanoIntervalType:
		ib := array.NewMonthDayNanoIntervalBuilder(memory.DefaultAllocator)
		b, add = ib, func(text string) bool {
			v, ok := parseInterval(text)
			if ok {
				ib.Append(v)
			}
			return ok
		}
	default:
		arr.Retain()
		return arr
	}
	defer b.Release()
	for i := range arr.Len() {
		if arr.IsNull(i) || !add(arr.Value(i)) {
			b.AppendNull()
		}
	}
	return b.NewArray()
}

// parseInterval reads what display writes: 1 year 2 months 3 days -04:05:06.789.
func parseInterval(text string) (v arrow.MonthDayNanoInterval, ok bool) {
	words := strings.Fields(text)
	for i := 0; i < len(words); i++ {
		if strings.Contains(words[i], ":") {
			nanos, ok := parseClock(words[i])
			if !ok {
				return v, false
			}
			v.Nanoseconds = nanos
			continue
		}
		n, err := strconv.ParseInt(words[i], 10, 32)
		if err != nil || i+1 == len(words) {
			return v, false
		}
		i++
		switch strings.TrimSuffix(words[i], "s") {
		case "year":
			v.Months += int32(n) * 12
		case "month":
			v.Months += int32(n)
		case "day":
			v.Days += int32(n)
		default:
			return v, false
		}
	}
	return v, len(words) > 0
}

func parseClock(text string) (nanos int64, ok bool) {
	text, negative := strings.CutPrefix(text, "-")
	text, fraction, _ := strings.Cut(text, ".")
	parts := strings.Split(text, ":")
	if len(parts) != 3 || len(fraction) > 9 {
		return 0, false
	}
	for i, by := range []int64{3600, 60, 1} {
		n, err := strconv.ParseInt(parts[i], 10, 64)
		if err != nil {
			return 0, false
		}
		nanos += n * by * 1_000_000_000
	}
	if fraction != "" {
		n, err := strconv.ParseInt(fraction+strings.Repeat("0", 9-len(fraction)), 10, 64)
		if err != nil {
			return 0, false
		}
		nanos += n
	}
	if negative {
		nanos = -nanos
	}
	return nanos, true
}

func (f *form) restoreList(arr *array.List) arrow.Array {
	fixed, ok := f.restored().(*arrow.FixedSizeListType)
	if !ok {
		back := &form{stored: f.restored(), inner: []*form{f.inner[0].back()}}
		return back.storeList(arr)
	}
	// A NULL array still has its places, which are filled with NULLs.
	size := int(fixed.Len())
	elems := f.inner[0].restore(arr.ListValues())
	defer elems.Release()
	runs := make([]arrow.Array, 0, arr.Len())
	for i := range arr.Len() {
		if arr.IsNull(i) {
			runs = append(runs, array.MakeArrayOfNull(memory.DefaultAllocator, elems.DataType(), size))
		} else {
			start, end := arr.ValueOffsets(i)
			runs = append(runs, array.NewSlice(elems, start, end))
		}
	}
	values := concatenate(elems, runs)
	defer values.Release()
	valid, nulls := validity(arr)
	d := array.NewData(fixed, arr.Len(), []*memory.Buffer{valid}, []arrow.ArrayData{values.Data()}, nulls, 0)
	defer d.Release()
	return array.MakeFromData(d)
}

func (f *form) restoreTagged(s *array.Struct) arrow.Array {
	typ := f.restored().(*arrow.SparseUnionType)
	tags := s.Field(0).(*array.String)
	codes := map[string]arrow.UnionTypeCode{}
	for i, field := range typ.Fields() {
		codes[field.Name] = typ.TypeCodes()[i]
	}
	ids := make([]int8, s.Len())
	for i := range ids {
		ids[i] = typ.TypeCodes()[0]
		if !tags.IsNull(i) {
			ids[i] = codes[tags.Value(i)]
		}
	}
	children := make([]arrow.ArrayData, len(f.inner))
	for i, in := range f.inner {
		c := in.restore(s.Field(i + 1))
		defer c.Release()
		children[i] = c.Data()
	}
	buffers := []*memory.Buffer{nil, memory.NewBufferBytes(arrow.Int8Traits.CastToBytes(ids))}
	d := array.NewData(typ, s.Len(), buffers, children, 0, 0)
	defer d.Release()
	return array.MakeFromData(d)
}
