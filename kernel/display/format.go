package display

import (
	"strconv"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"sextant/kernel/engine"
)

// null is how a NULL reads in text.
const null = "NULL"

// Format writes value i of arr as DuckDB's CAST(x AS VARCHAR) does; NULL gives "NULL". For many values of one column,
// a Formatter is cheaper.
func Format(arr arrow.Array, i int, col engine.Column) string {
	f := NewFormatter(arr.DataType(), col)
	return string(f.Append(nil, arr, i))
}

// Formatter writes the values of one column as text. It is safe for concurrent use once made.
type Formatter struct {
	zones map[string]*time.Location
	plain *plainText
	// stop is the length of the text at which nested values and blobs are not written on; 0 for never.
	stop int
}

// NewFormatter makes the Formatter of a column whose batches have the given type. col.Type tells apart what Arrow does
// not: strings inside nested values which the engine would not quote (VARIANT). It may be empty.
func NewFormatter(typ arrow.DataType, col engine.Column) *Formatter {
	f := &Formatter{zones: map[string]*time.Location{}}
	f.loadZones(typ)
	if isNested(typ) {
		f.plain = parsePlainText(col.Type)
	}
	return f
}

// Append appends the text of value i of arr to dst. It never fails: an Arrow type that no engine gives is written as
// Arrow itself writes it.
func (f *Formatter) Append(dst []byte, arr arrow.Array, i int) []byte {
	return f.append(dst, arr, i, f.plain)
}

func (f *Formatter) append(dst []byte, arr arrow.Array, i int, plain *plainText) []byte {
	if IsNull(arr, i) {
		return append(dst, null...)
	}
	switch a := arr.(type) {
	case *array.Boolean:
		return strconv.AppendBool(dst, a.Value(i))
	case *array.Int8:
		return strconv.AppendInt(dst, int64(a.Value(i)), 10)
	case *array.Int16:
		return strconv.AppendInt(dst, int64(a.Value(i)), 10)
	case *array.Int32:
		return strconv.AppendInt(dst, int64(a.Value(i)), 10)
	case *array.Int64:
		return strconv.AppendInt(dst, a.Value(i), 10)
	case *array.Uint8:
		return strconv.AppendUint(dst, uint64(a.Value(i)), 10)
	case *array.Uint16:
		return strconv.AppendUint(dst, uint64(a.Value(i)), 10)
	case *array.Uint32:
		return strconv.AppendUint(dst, uint64(a.Value(i)), 10)
	case *array.Uint64:
		return strconv.AppendUint(dst, a.Value(i), 10)
	case *array.Float16:
		return appendFloat(dst, float64(a.Value(i).Float32()), 32)
	case *array.Float32:
		return appendFloat(dst, float64(a.Value(i)), 32)
	case *array.Float64:
		return appendFloat(dst, a.Value(i), 64)
	case *array.Decimal32:
		return appendScaled(dst, strconv.AppendInt(nil, int64(a.Value(i)), 10), a.DataType().(arrow.DecimalType))
	case *array.Decimal64:
		return appendScaled(dst, strconv.AppendInt(nil, int64(a.Value(i)), 10), a.DataType().(arrow.DecimalType))
	case *array.Decimal128:
		return appendDecimal128(dst, a.Value(i), a.DataType().(arrow.DecimalType))
	case *array.Decimal256:
		return appendDecimal(dst, a.Value(i).BigInt(), a.DataType().(arrow.DecimalType))
	case *array.Date32:
		return appendDate(dst, int64(a.Value(i)))
	case *array.Date64:
		return appendDay(dst, floorDiv(int64(a.Value(i)), 86_400_000))
	case *array.Time32:
		return appendTime(dst, int64(a.Value(i)), a.DataType().(*arrow.Time32Type).Unit)
	case *array.Time64:
		return appendTime(dst, int64(a.Value(i)), a.DataType().(*arrow.Time64Type).Unit)
	case *array.Timestamp:
		return f.appendTimestamp(dst, int64(a.Value(i)), a.DataType().(*arrow.TimestampType))
	case *array.Duration:
		return appendDuration(dst, int64(a.Value(i)), a.DataType().(*arrow.DurationType).Unit)
	case *array.MonthInterval:
		return appendInterval(dst, int32(a.Value(i)), 0, 0)
	case *array.DayTimeInterval:
		v := a.Value(i)
		return appendInterval(dst, 0, v.Days, int64(v.Milliseconds)*1_000_000)
	case *array.MonthDayNanoInterval:
		v := a.Value(i)
		return appendInterval(dst, v.Months, v.Days, v.Nanoseconds)
	case *array.String:
		return append(dst, a.Value(i)...)
	case *array.LargeString:
		return append(dst, a.Value(i)...)
	case *array.StringView:
		return append(dst, a.Value(i)...)
	case *array.Binary:
		return appendBlob(dst, f.within(dst, a.Value(i)))
	case *array.LargeBinary:
		return appendBlob(dst, f.within(dst, a.Value(i)))
	case *array.BinaryView:
		return appendBlob(dst, f.within(dst, a.Value(i)))
	case *array.FixedSizeBinary:
		return appendBlob(dst, f.within(dst, a.Value(i)))
	case *array.Dictionary:
		return f.append(dst, a.Dictionary(), a.GetValueIndex(i), plain)
	case *array.RunEndEncoded:
		return f.append(dst, a.Values(), a.GetPhysicalIndex(i), plain)
	case *array.Map: // before ListLike, which it also is
		return f.appendMap(dst, a, i, plain)
	case array.ListLike:
		return f.appendList(dst, a, i, plain)
	case *array.Struct:
		return f.appendStruct(dst, a, i, plain)
	case array.Union:
		child, at := unionValue(a, i)
		return f.append(dst, child, at, plain.child(a.ChildID(i)))
	case array.ExtensionArray:
		return f.append(dst, a.Storage(), i, plain)
	}
	return append(dst, arr.ValueStr(i)...)
}

// IsNull reports whether value i of arr is NULL for people. Unlike Arrow's own IsNull it looks through dictionaries
// and unions, which have no validity of their own.
func IsNull(arr arrow.Array, i int) bool {
	switch a := arr.(type) {
	case *array.Null:
		return true
	case *array.Dictionary:
		return a.IsNull(i) || IsNull(a.Dictionary(), a.GetValueIndex(i))
	case *array.RunEndEncoded:
		return IsNull(a.Values(), a.GetPhysicalIndex(i))
	case array.Union:
		child, at := unionValue(a, i)
		return IsNull(child, at)
	}
	return arr.IsNull(i)
}

// unionValue gives the array and index that hold value i of a union.
func unionValue(u array.Union, i int) (arrow.Array, int) {
	child := u.Field(u.ChildID(i))
	if d, ok := u.(*array.DenseUnion); ok {
		return child, int(d.ValueOffset(i))
	}
	return child, i
}

// isNumeric reports whether values of a type are numbers, which line up at the right.
// IsNumeric reports whether values of a type are numbers.
func IsNumeric(typ arrow.DataType) bool {
	id := typ.ID()
	return arrow.IsInteger(id) || arrow.IsFloating(id) || arrow.IsDecimal(id)
}

// isNested reports whether values of a type hold other values.
func isNested(typ arrow.DataType) bool {
	switch t := typ.(type) {
	case *arrow.DictionaryType:
		return isNested(t.ValueType)
	case arrow.ExtensionType:
		return isNested(t.StorageType())
	}
	return arrow.IsNested(typ.ID())
}
