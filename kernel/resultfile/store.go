package resultfile

import (
	"math"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/bitutil"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"sextant/kernel/display"
)

// store gives arr in the stored type. The caller releases what it gets.
func (f *form) store(arr arrow.Array) arrow.Array {
	switch f.kind {
	case asText:
		return f.storeText(arr)
	case asMicros:
		return scaleTimestamps(arr.(*array.Timestamp), f.stored, perMicros(f.typ), true)
	case asNothing:
		b := array.NewStringBuilder(memory.DefaultAllocator)
		defer b.Release()
		b.AppendNulls(arr.Len())
		return b.NewArray()
	case asList:
		return f.storeList(arr.(array.ListLike))
	case asStruct:
		s := arr.(*array.Struct)
		children := make([]arrow.Array, len(f.inner))
		for i, in := range f.inner {
			children[i] = in.store(s.Field(i))
			defer children[i].Release()
		}
		return newStruct(f.stored, arr, children)
	case asMap:
		return f.storeMap(arr.(*array.Map))
	case asTagged:
		return f.storeTagged(arr.(*array.SparseUnion))
	case restoring:
		return f.inner[0].restore(arr)
	}
	arr.Retain()
	return arr
}

func (f *form) storeText(arr arrow.Array) arrow.Array {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	defer b.Release()
	b.Reserve(arr.Len())
	if d, ok := arr.(*array.Dictionary); ok {
		if words, ok := d.Dictionary().(*array.String); ok {
			for i := range d.Len() {
				if display.IsNull(d, i) {
					b.AppendNull()
				} else {
					b.Append(words.Value(d.GetValueIndex(i)))
				}
			}
			return b.NewArray()
		}
	}
	var buf []byte
	for i := range arr.Len() {
		if display.IsNull(arr, i) {
			b.AppendNull()
			continue
		}
		buf = f.text.Append(buf[:0], arr, i)
		b.BinaryBuilder.Append(buf)
	}
	return b.NewArray()
}

// storeList makes every list-like array a list. Parquet has no place for what stands behind a NULL list, so only the
// values of lists that are there are kept.
func (f *form) storeList(arr array.ListLike) arrow.Array {
	n := arr.Len()
	offsets := make([]int32, n+1)
	values := arr.ListValues()
	var runs []arrow.Array
	from, to := int64(0), int64(0) // the run of values being gathered
	total := int32(0)
	flush := func() {
		if to > from {
			runs = append(runs, array.NewSlice(values, from, to))
		}
	}
	for i := range n {
		if !arr.IsNull(i) {
			start, end := arr.ValueOffsets(i)
			if start != to {
				flush()
				from = start
			}
			to = end
			total += int32(end - start)
		}
		offsets[i+1] = total
	}
	flush()
	gathered := concatenate(values, runs)
	defer gathered.Release()
	elems := f.inner[0].store(gathered)
	defer elems.Release()
	return newList(f.stored, arr, offsets, elems)
}

// concatenate joins slices of values and releases them.
func concatenate(values arrow.Array, runs []arrow.Array) arrow.Array {
	switch len(runs) {
	case 0:
		return array.NewSlice(values, 0, 0)
	case 1:
		return runs[0]
	}
	defer func() {
		for _, r := range runs {
			r.Release()
		}
	}()
	// It fails only for types that cannot be joined, and past 2 GB, which the row group's bound keeps away.
	joined, err := array.Concatenate(runs, memory.DefaultAllocator)
	if err != nil {
		panic(err)
	}
	return joined
}

func (f *form) storeMap(m *array.Map) arrow.Array {
	n := m.Len()
	offsets := make([]int32, n+1)
	first, last := int64(0), int64(0)
	if n > 0 {
		first, _ = m.ValueOffsets(0)
		_, last = m.ValueOffsets(n - 1)
	}
	for i := range n {
		_, end := m.ValueOffsets(i)
		offsets[i+1] = int32(end - first)
	}
	children := make([]arrow.Array, 2)
	for i, arr := range []arrow.Array{m.Keys(), m.Items()} {
		part := array.NewSlice(arr, first, last)
		children[i] = f.inner[i].store(part)
		part.Release()
		defer children[i].Release()
	}
	entries := f.stored.(*arrow.MapType).Elem()
	pairs := array.NewData(entries, int(last-first), []*memory.Buffer{nil}, []arrow.ArrayData{children[0].Data(), children[1].Data()}, 0, 0)
	defer pairs.Release()
	return newOffsets(f.stored, m, offsets, pairs)
}

func (f *form) storeTagged(u *array.SparseUnion) arrow.Array {
	tags := array.NewStringBuilder(memory.DefaultAllocator)
	defer tags.Release()
	fields := u.UnionType().Fields()
	for i := range u.Len() {
		tags.Append(fields[u.ChildID(i)].Name)
	}
	children := make([]arrow.Array, 1, len(fields)+1)
	children[0] = tags.NewArray()
	for i, in := range f.inner {
		children = append(children, in.store(u.Field(i)))
	}
	defer func() {
		for _, c := range children {
			c.Release()
		}
	}()
	return newStruct(f.stored, u, children)
}

// newStruct makes a struct with the validity of like.
func newStruct(typ arrow.DataType, like arrow.Array, children []arrow.Array) arrow.Array {
	data := make([]arrow.ArrayData, len(children))
	for i, c := range children {
		data[i] = c.Data()
	}
	valid, nulls := validity(like)
	d := array.NewData(typ, like.Len(), []*memory.Buffer{valid}, data, nulls, 0)
	defer d.Release()
	return array.MakeFromData(d)
}

func newList(typ arrow.DataType, like arrow.Array, offsets []int32, elems arrow.Array) arrow.Array {
	return newOffsets(typ, like, offsets, elems.Data())
}

func newOffsets(typ arrow.DataType, like arrow.Array, offsets []int32, child arrow.ArrayData) arrow.Array {
	valid, nulls := validity(like)
	bounds := memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(offsets))
	d := array.NewData(typ, like.Len(), []*memory.Buffer{valid, bounds}, []arrow.ArrayData{child}, nulls, 0)
	defer d.Release()
	return array.MakeFromData(d)
}

// validity copies an array's validity so that it begins at bit 0; nil where all is valid.
func validity(arr arrow.Array) (*memory.Buffer, int) {
	if arr.NullN() == 0 || len(arr.NullBitmapBytes()) == 0 {
		return nil, 0
	}
	bits := make([]byte, bitutil.BytesForBits(int64(arr.Len())))
	nulls := 0
	for i := range arr.Len() {
		if arr.IsNull(i) {
			nulls++
		} else {
			bitutil.SetBit(bits, i)
		}
	}
	return memory.NewBufferBytes(bits), nulls
}

func perMicros(typ arrow.DataType) int64 {
	if typ.(*arrow.TimestampType).Unit == arrow.Second {
		return 1_000_000
	}
	return 1_000
}

// scaleTimestamps multiplies or divides, but for the two infinities.
func scaleTimestamps(arr *array.Timestamp, typ arrow.DataType, by int64, multiply bool) arrow.Array {
	b := array.NewTimestampBuilder(memory.DefaultAllocator, typ.(*arrow.TimestampType))
	defer b.Release()
	b.Reserve(arr.Len())
	for i := range arr.Len() {
		v := int64(arr.Value(i))
		switch {
		case arr.IsNull(i):
			b.AppendNull()
			continue
		case v == math.MaxInt64 || v == -math.MaxInt64:
		case multiply:
			v *= by
		default:
			v /= by
		}
		b.Append(arrow.Timestamp(v))
	}
	return b.NewArray()
}
