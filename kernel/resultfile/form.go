package resultfile

import (
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"sextant/kernel/display"
	"sextant/kernel/engine"
)

// form is how values of one type are stored: the tree follows the type's own.
type form struct {
	kind   kind
	typ    arrow.DataType // as the engine gives it
	stored arrow.DataType // as Parquet holds it
	inner  []*form
	text   *display.Formatter // for asText
}

type kind int

const (
	asIs      kind = iota
	asText         // a string
	asMicros       // a timestamp in microseconds
	asNothing      // strings that are all NULL, for the type of nothing but NULLs
	asList
	asStruct
	asMap
	asTagged // a struct of a tag and the members

	restoring // not a form: storing it restores its inner form
)

// word names the form in the metadata, for readers who must undo it.
func (f *form) word() string {
	switch f.kind {
	case asText:
		return "text"
	case asMicros:
		return "microseconds"
	case asNothing:
		return "null"
	case asTagged:
		return "tagged"
	case asStruct:
		for i, field := range f.stored.(*arrow.StructType).Fields() {
			if f.typ.(*arrow.StructType).Field(i).Name != field.Name {
				return "row"
			}
		}
	case asList:
		if _, ok := f.typ.(*arrow.FixedSizeListType); ok {
			return "list"
		}
	}
	for _, in := range f.inner {
		if in.word() != "plain" {
			return "nested"
		}
	}
	return "plain"
}

// changes reports whether an array must be rebuilt to be stored.
func (f *form) changes() bool { return f.kind != asIs }

// formOf decides the form of a column. sql is its SQL type; inside nested values it is empty, and not known.
func formOf(typ arrow.DataType, sql string) *form {
	same := &form{kind: asIs, typ: typ, stored: typ}
	switch t := typ.(type) {
	case *arrow.NullType:
		return &form{kind: asNothing, typ: typ, stored: arrow.BinaryTypes.String}
	case *arrow.BooleanType, *arrow.Int8Type, *arrow.Int16Type, *arrow.Int32Type, *arrow.Int64Type,
		*arrow.Uint8Type, *arrow.Uint16Type, *arrow.Uint32Type, *arrow.Uint64Type, *arrow.Float32Type, *arrow.Float64Type,
		*arrow.StringType, *arrow.LargeStringType, *arrow.BinaryType, *arrow.LargeBinaryType, *arrow.Date32Type, *arrow.Time64Type:
		return same
	case *arrow.Decimal128Type:
		// A HUGEINT comes as decimal(38, 0) but may have 39 digits, which Parquet's decimal refuses.
		if t.Precision == 38 && t.Scale == 0 && !strings.HasPrefix(strings.ToUpper(sql), "DECIMAL") {
			return textForm(typ, sql)
		}
		return same
	case *arrow.TimestampType:
		if t.Unit == arrow.Second || t.Unit == arrow.Millisecond {
			return &form{kind: asMicros, typ: typ, stored: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: t.TimeZone}}
		}
		return same
	case *arrow.MapType:
		f := &form{kind: asMap, typ: typ, inner: []*form{formOf(t.KeyType(), ""), formOf(t.ItemType(), "")}}
		f.stored = arrow.MapOf(f.inner[0].stored, f.inner[1].stored)
		return f.unlessPlain()
	case *arrow.FixedSizeListType:
		f := &form{kind: asList, typ: typ, inner: []*form{formOf(t.Elem(), "")}}
		f.stored = arrow.ListOf(f.inner[0].stored)
		return f
	case *arrow.ListType:
		f := &form{kind: asList, typ: typ, inner: []*form{formOf(t.Elem(), "")}}
		f.stored = arrow.ListOf(f.inner[0].stored)
		return f.unlessPlain()
	case *arrow.StructType:
		return structForm(t)
	case *arrow.SparseUnionType:
		return unionForm(t)
	}
	return textForm(typ, sql)
}

// unlessPlain keeps a nested array as it is where nothing inside changes.
func (f *form) unlessPlain() *form {
	for _, in := range f.inner {
		if in.changes() {
			return f
		}
	}
	f.kind, f.stored = asIs, f.typ
	return f
}

func textForm(typ arrow.DataType, sql string) *form {
	return &form{kind: asText, typ: typ, stored: arrow.BinaryTypes.String, text: display.NewFormatter(typ, engine.Column{Type: sql})}
}

func structForm(t *arrow.StructType) *form {
	if t.NumFields() == 0 {
		return textForm(t, "")
	}
	f := &form{kind: asStruct, typ: t}
	var names names
	fields := make([]arrow.Field, t.NumFields())
	renamed := false
	for i, field := range t.Fields() {
		in := formOf(field.Type, "")
		f.inner = append(f.inner, in)
		fields[i] = arrow.Field{Name: names.unique(field.Name, fmt.Sprintf("f%d", i+1)), Type: in.stored, Nullable: true}
		renamed = renamed || fields[i].Name != field.Name
	}
	f.stored = arrow.StructOf(fields...)
	if renamed {
		return f
	}
	return f.unlessPlain()
}

func unionForm(t *arrow.SparseUnionType) *form {
	f := &form{kind: asTagged, typ: t}
	var names names
	fields := []arrow.Field{{Name: names.unique("tag", ""), Type: arrow.BinaryTypes.String, Nullable: true}}
	for i, field := range t.Fields() {
		in := formOf(field.Type, "")
		f.inner = append(f.inner, in)
		fields = append(fields, arrow.Field{Name: names.unique(field.Name, fmt.Sprintf("f%d", i+1)), Type: in.stored, Nullable: true})
	}
	f.stored = arrow.StructOf(fields...)
	return f
}

// names hands out names that differ, also without regard to case, as SQL looks them up.
type names struct{ taken map[string]bool }

func (n *names) unique(name, instead string) string {
	if n.taken == nil {
		n.taken = map[string]bool{}
	}
	if name == "" {
		name = instead
	}
	base := name
	for i := 1; n.taken[strings.ToLower(name)]; i++ {
		name = fmt.Sprintf("%s_%d", base, i)
	}
	n.taken[strings.ToLower(name)] = true
	return name
}
