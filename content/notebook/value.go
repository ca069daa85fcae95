package notebook

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"unsafe"
)

// Value is one JSON value as canonical text: no blanks, keys sorted by code point and unique (the last of several
// wins, as in Python), strings with no escape that they can do without, numbers with their digits as written. Besides
// JSON it may hold what Python's json module writes: NaN, Infinity and -Infinity. Equal text means equal values, save
// for differently written numbers. The zero Value stands for absence. Make one with [ParseValue] or [StringValue].
type Value string

// Object is a JSON object, one level deep. A nil Object is absent where absence means something.
type Object map[string]Value

// ParseValue makes JSON text canonical. It returns a *ReadError wrapping [ErrNotJSON] for anything else, or
// [ErrTooLarge] where the text nests deeper than [DefaultLimits] allows.
func ParseValue(text []byte) (Value, error) {
	s, err := newScanner(text, DefaultLimits().Depth)
	if err != nil {
		return "", err
	}
	v, err := s.value()
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return "", err
	}
	return v, nil
}

// StringValue is the JSON string of s. Bytes that are not UTF-8 become U+FFFD.
func StringValue(s string) Value { return Value(appendQuoted(nil, s)) }

// Text is the content of a JSON string; ok tells whether v is one. A lone surrogate, which Go text cannot hold, comes
// out as U+FFFD.
func (v Value) Text() (text string, ok bool) {
	if len(v) < 2 || v[0] != '"' {
		return "", false
	}
	text, _ = unquote(string(v))
	return text, true
}

// Object splits a JSON object into its members; nil if v is none. They are pieces of v's text, not copies.
func (v Value) Object() Object {
	if len(v) == 0 || v[0] != '{' {
		return nil
	}
	o, text := Object{}, string(v)
	for i := 1; i < len(text) && text[i] == '"'; {
		end := stringEnd(text, i)
		key, _ := unquote(text[i:end])
		from := min(end+1, len(text))
		i = valueEnd(text, from)
		o[key] = Value(text[from:i])
		i++
	}
	return o
}

// Array splits a JSON array into its items; nil if v is none. They are pieces of v's text, not copies.
func (v Value) Array() []Value {
	if len(v) == 0 || v[0] != '[' {
		return nil
	}
	items, text := []Value{}, string(v)
	for i := 1; i < len(text) && text[i] != ']'; {
		end := valueEnd(text, i)
		items = append(items, Value(text[i:end]))
		i = end + 1
	}
	return items
}

// valueEnd is the place after the canonical value that begins at i.
func valueEnd(s string, i int) int {
	for depth := 0; i < len(s); {
		switch s[i] {
		case '"':
			i = stringEnd(s, i)
		case '{', '[':
			depth++
			i++
			continue
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
			i++
		case ',', ':':
			if depth == 0 {
				return i
			}
			i++
			continue
		default:
			for i < len(s) && s[i] != ',' && s[i] != ']' && s[i] != '}' {
				i++
			}
		}
		if depth == 0 {
			return i
		}
	}
	return len(s)
}

// sorted goes through o by key, so that what is said about it comes in one order.
func sorted(o Object) iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		for _, key := range slices.Sorted(maps.Keys(o)) {
			if !yield(key, o[key]) {
				return
			}
		}
	}
}

// MarshalJSON gives strict JSON for browsers: NaN and the infinities, which JSON lacks, become null.
func (v Value) MarshalJSON() ([]byte, error) {
	if v == "" {
		return []byte("null"), nil
	}
	return []byte(strict(v)), nil
}

// UnmarshalJSON makes text canonical as [ParseValue] does.
func (v *Value) UnmarshalJSON(text []byte) error {
	parsed, err := ParseValue(text)
	*v = parsed
	return err
}

// objectValue is the canonical text of o.
func objectValue(o Object) Value {
	buf := []byte{'{'}
	for key, v := range sorted(o) {
		if len(buf) > 1 {
			buf = append(buf, ',')
		}
		buf = append(appendQuoted(buf, key), ':')
		buf = append(buf, v...)
	}
	return Value(append(buf, '}'))
}

// strict replaces NaN and the infinities by null. Nearly no value has any, so it first looks for the words.
func strict(v Value) Value {
	if !strings.Contains(string(v), "NaN") && !strings.Contains(string(v), "Infinity") {
		return v
	}
	var buf strings.Builder
	for i := 0; i < len(v); {
		switch c := v[i]; {
		case c == '"':
			end := stringEnd(string(v), i)
			buf.WriteString(string(v[i:end]))
			i = end
		case c == 'N' || c == 'I' || c == '-' && strings.HasPrefix(string(v[i:]), "-I"):
			for i < len(v) && v[i] != ',' && v[i] != ']' && v[i] != '}' {
				i++
			}
			buf.WriteString("null")
		default:
			buf.WriteByte(c)
			i++
		}
	}
	return Value(buf.String())
}

// borrow views bytes as text without a copy. It is for scanning only: nothing that outlives the scan may keep a piece.
func borrow(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
