package duckdb

import (
	"encoding/json"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// DuckDB exports what Arrow has no type for as extension types that hold its own bytes ("lossless conversion").
// Here they become plain Arrow: HUGEINT a decimal128 of the same bytes, the rest text as DuckDB writes it.

// converter turns an array as exported into the array that we hand on. It does not release what it is given.
type converter func(arrow.Array) arrow.Array

// extension names an extension type: its Arrow name, and DuckDB's type name where that is opaque.
func extension(f arrow.Field) (name, duckName string, storage arrow.DataType) {
	var meta string
	storage = f.Type
	if ext, ok := f.Type.(arrow.ExtensionType); ok {
		name, meta, storage = ext.ExtensionName(), ext.Serialize(), ext.StorageType()
	} else {
		if i := f.Metadata.FindKey("ARROW:extension:name"); i >= 0 {
			name = f.Metadata.Values()[i]
		}
		if i := f.Metadata.FindKey("ARROW:extension:metadata"); i >= 0 {
			meta = f.Metadata.Values()[i]
		}
	}
	if name == "arrow.opaque" {
		var doc struct {
			TypeName string `json:"type_name"`
		}
		if json.Unmarshal([]byte(meta), &doc) == nil {
			duckName = doc.TypeName
		}
	}
	return name, duckName, storage
}

// plainSchema gives the schema without extension types, and each column's converter (nil: as it is).
func plainSchema(raw *arrow.Schema) (*arrow.Schema, []converter) {
	fields := make([]arrow.Field, raw.NumFields())
	convert := make([]converter, raw.NumFields())
	for i, f := range raw.Fields() {
		fields[i], convert[i] = plainField(f)
	}
	return arrow.NewSchema(fields, nil), convert
}

func plainField(f arrow.Field) (arrow.Field, converter) {
	name, duckName, storage := extension(f)
	t, conv := plainType(name, duckName, storage)
	if _, ok := f.Type.(arrow.ExtensionType); ok {
		inner := conv
		conv = func(a arrow.Array) arrow.Array {
			s := a.(array.ExtensionArray).Storage()
			if inner == nil {
				s.Retain()
				return s
			}
			return inner(s)
		}
	}
	return arrow.Field{Name: f.Name, Type: t, Nullable: f.Nullable}, conv
}

func plainType(name, duckName string, t arrow.DataType) (arrow.DataType, converter) {
	switch {
	case name == "arrow.bool8":
		return arrow.FixedWidthTypes.Boolean, boolFromBytes
	case name == "arrow.uuid":
		return arrow.BinaryTypes.String, textFrom(uuidText)
	case name == "geoarrow.wkb":
		return arrow.BinaryTypes.String, textFrom(wkbText)
	case duckName == "hugeint":
		return hugeintType, hugeintAsDecimal
	case duckName == "uhugeint":
		return arrow.BinaryTypes.String, textFrom(uhugeintText)
	case duckName == "time_tz":
		return arrow.BinaryTypes.String, textFrom(timeTZText)
	case duckName == "bit":
		return arrow.BinaryTypes.String, textFrom(bitText)
	case duckName == "bignum":
		return arrow.BinaryTypes.String, textFrom(bignumText)
	}
	return plainNested(t)
}

// plainNested looks for extension types inside a nested type, and rebuilds it around them.
func plainNested(t arrow.DataType) (arrow.DataType, converter) {
	nested, ok := t.(arrow.NestedType)
	if !ok {
		return t, nil
	}
	if m, ok := t.(*arrow.MapType); ok {
		return plainMap(m)
	}
	fields := nested.Fields()
	plain := make([]arrow.Field, len(fields))
	convs := make([]converter, len(fields))
	changed := false
	for i, f := range fields {
		plain[i], convs[i] = plainField(f)
		changed = changed || convs[i] != nil
	}
	if !changed {
		return t, nil
	}
	var out arrow.DataType
	switch t := t.(type) {
	case *arrow.ListType:
		out = arrow.ListOfField(plain[0])
	case *arrow.LargeListType:
		out = arrow.LargeListOfField(plain[0])
	case *arrow.FixedSizeListType:
		out = arrow.FixedSizeListOfField(t.Len(), plain[0])
	case *arrow.StructType:
		out = arrow.StructOf(plain...)
	case *arrow.SparseUnionType:
		out = arrow.SparseUnionOf(plain, t.TypeCodes())
	case *arrow.DenseUnionType:
		out = arrow.DenseUnionOf(plain, t.TypeCodes())
	default:
		return t, nil
	}
	return out, rebuild(out, convs)
}

func plainMap(m *arrow.MapType) (arrow.DataType, converter) {
	key, keyConv := plainField(m.KeyField())
	item, itemConv := plainField(m.ItemField())
	if keyConv == nil && itemConv == nil {
		return m, nil
	}
	out := arrow.MapOfFields(key, item)
	entries := rebuild(out.Elem(), []converter{keyConv, itemConv})
	return out, rebuild(out, []converter{entries})
}

// rebuild makes an array of type t from one whose children need converting.
func rebuild(t arrow.DataType, convs []converter) converter {
	return func(a arrow.Array) arrow.Array {
		data := a.Data()
		children := make([]arrow.ArrayData, len(data.Children()))
		for i, c := range data.Children() {
			child := array.MakeFromData(c)
			if convs[i] != nil {
				converted := convs[i](child)
				child.Release()
				child = converted
			}
			children[i] = child.Data()
			children[i].Retain()
			child.Release()
		}
		fresh := array.NewData(t, data.Len(), data.Buffers(), children, data.NullN(), data.Offset())
		defer fresh.Release()
		for _, c := range children {
			c.Release()
		}
		return array.MakeFromData(fresh)
	}
}

// plainBatch converts a batch, which it releases.
func plainBatch(rec arrow.RecordBatch, schema *arrow.Schema, convert []converter) arrow.RecordBatch {
	defer rec.Release()
	cols := make([]arrow.Array, rec.NumCols())
	for i := range cols {
		col := rec.Column(i)
		if convert[i] == nil {
			col.Retain()
			cols[i] = col
		} else {
			cols[i] = convert[i](col)
		}
	}
	out := array.NewRecordBatch(schema, cols, rec.NumRows())
	for _, c := range cols {
		c.Release()
	}
	return out
}

var hugeintType = &arrow.Decimal128Type{Precision: 38, Scale: 0}

// hugeintAsDecimal reads the sixteen little-endian bytes as what they are: a 128-bit integer.
func hugeintAsDecimal(a arrow.Array) arrow.Array {
	data := a.Data()
	fresh := array.NewData(hugeintType, data.Len(), data.Buffers(), nil, data.NullN(), data.Offset())
	defer fresh.Release()
	return array.NewDecimal128Data(fresh)
}

func boolFromBytes(a arrow.Array) arrow.Array {
	in := a.(*array.Int8)
	b := array.NewBooleanBuilder(memory.DefaultAllocator)
	defer b.Release()
	b.Reserve(in.Len())
	for i := range in.Len() {
		if in.IsNull(i) {
			b.AppendNull()
		} else {
			b.UnsafeAppend(in.Value(i) != 0)
		}
	}
	return b.NewArray()
}

// textFrom makes a converter from bytes to text.
func textFrom(text func([]byte) string) converter {
	return func(a arrow.Array) arrow.Array {
		b := array.NewStringBuilder(memory.DefaultAllocator)
		defer b.Release()
		b.Reserve(a.Len())
		value := bytesOf(a)
		for i := range a.Len() {
			if a.IsNull(i) {
				b.AppendNull()
			} else {
				b.Append(text(value(i)))
			}
		}
		return b.NewArray()
	}
}

func bytesOf(a arrow.Array) func(int) []byte {
	switch a := a.(type) {
	case *array.FixedSizeBinary:
		return a.Value
	case *array.LargeBinary:
		return a.Value
	default:
		return a.(*array.Binary).Value
	}
}
