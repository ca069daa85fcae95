package display

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
)

func (f *Formatter) appendList(dst []byte, a array.ListLike, i int, plain *plainText) []byte {
	start, end := a.ValueOffsets(i)
	values, elem := a.ListValues(), plain.child(0)
	_, fixed := a.(*array.FixedSizeList)
	dst = append(dst, '[')
	for at := int(start); at < int(end) && !f.isOver(dst); at++ {
		if at > int(start) {
			dst = append(dst, ", "...)
		}
		if fixed { // the engine quotes nothing in an ARRAY
			dst = f.append(dst, values, at, elem)
		} else {
			dst = f.appendInner(dst, values, at, elem)
		}
	}
	return append(dst, ']')
}

func (f *Formatter) appendMap(dst []byte, a *array.Map, i int, plain *plainText) []byte {
	start, end := a.ValueOffsets(i)
	keys, items := a.Keys(), a.Items()
	dst = append(dst, '{')
	for at := start; at < end && !f.isOver(dst); at++ {
		if at > start {
			dst = append(dst, ", "...)
		}
		dst = f.appendInner(dst, keys, int(at), plain.child(0))
		dst = append(dst, '=')
		dst = f.appendInner(dst, items, int(at), plain.child(1))
	}
	return append(dst, '}')
}

// appendStruct writes {'name': value}; a struct without names, which ROW gives, is written (value, value).
func (f *Formatter) appendStruct(dst []byte, a *array.Struct, i int, plain *plainText) []byte {
	fields := a.DataType().(*arrow.StructType).Fields()
	open, shut := byte('{'), byte('}')
	named := len(fields) == 0 || fields[0].Name != ""
	if !named {
		open, shut = '(', ')'
	}
	dst = append(dst, open)
	for n, field := range fields {
		if f.isOver(dst) {
			break
		}
		if n > 0 {
			dst = append(dst, ", "...)
		}
		if named {
			dst = appendQuoted(dst, field.Name)
			dst = append(dst, ": "...)
		}
		dst = f.appendInner(dst, a.Field(n), i, plain.child(n))
	}
	return append(dst, shut)
}

// appendInner writes a value inside a nested one. Text that could be mistaken for the structure around it is quoted,
// so that the string 'NULL' is not NULL and 'a, b' is one element.
func (f *Formatter) appendInner(dst []byte, arr arrow.Array, i int, plain *plainText) []byte {
	start := len(dst)
	dst = f.append(dst, arr, i, plain)
	if IsNull(arr, i) || isNested(arr.DataType()) || plain.isPlain() || !needsQuotes(dst[start:]) {
		return dst
	}
	text := string(dst[start:])
	return appendQuoted(dst[:start], text)
}

func needsQuotes(text []byte) bool {
	if len(text) == 0 || isSpace(text[0]) || isSpace(text[len(text)-1]) {
		return true
	}
	if len(text) == 4 && text[0]|0x20 == 'n' && text[1]|0x20 == 'u' && text[2]|0x20 == 'l' && text[3]|0x20 == 'l' {
		return true
	}
	for _, c := range text {
		switch c {
		case '"', '\'', '(', ')', ',', ':', '=', '[', ']', '{', '}':
			return true
		}
	}
	return false
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

func appendQuoted(dst []byte, text string) []byte {
	dst = append(dst, '\'')
	for i := range len(text) {
		if text[i] == '\'' || text[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, text[i])
	}
	return append(dst, '\'')
}

// isOver reports that enough was written.
func (f *Formatter) isOver(dst []byte) bool { return f.stop > 0 && len(dst) > f.stop }

// within gives as much of a blob as can matter before the stop.
func (f *Formatter) within(dst, blob []byte) []byte {
	if f.stop > 0 && len(dst)+len(blob) > f.stop {
		return blob[:max(0, f.stop-len(dst)+1)]
	}
	return blob
}

// appendBlob writes printable ASCII as it is and every other byte, quotes and the backslash as \xHH.
func appendBlob(dst, blob []byte) []byte {
	const hex = "0123456789ABCDEF"
	for _, c := range blob {
		if c < ' ' || c > '~' || c == '\\' || c == '\'' || c == '"' {
			dst = append(dst, '\\', 'x', hex[c>>4], hex[c&15])
		} else {
			dst = append(dst, c)
		}
	}
	return dst
}
