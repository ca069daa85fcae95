package wire

import (
	"encoding/binary"
	"unicode/utf8"
)

// maxDepth bounds the nesting of JSON, as encoding/json does.
const maxDepth = 10000

type partError string

func (e partError) Error() string { return string(e) }

// checkObject accepts one JSON object in UTF-8. NaN and Infinity are not JSON and fail here. It agrees with json.Valid, and
// is an order of magnitude faster on long strings, which is what large outputs consist of.
func checkObject(b []byte) error {
	if !utf8.Valid(b) {
		return partError("is not UTF-8")
	}
	i := skipSpace(b, 0)
	if i == len(b) || b[i] != '{' {
		return partError("is not an object")
	}
	if i = skipValue(b, i); i < 0 || skipSpace(b, i) != len(b) {
		return partError("is not JSON")
	}
	return nil
}

// checkValue accepts one JSON value of any kind in UTF-8.
func checkValue(b []byte) error {
	if !utf8.Valid(b) {
		return partError("is not UTF-8")
	}
	if i := skipValue(b, 0); i < 0 || skipSpace(b, i) != len(b) {
		return partError("is not JSON")
	}
	return nil
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipValue returns the index after the value at b[i], or -1. It keeps its own stack, so depth costs a byte a level.
func skipValue(b []byte, i int) int {
	var stack []byte // the closing bracket of each open one
	for {
		// A value begins at b[i].
		if i = skipSpace(b, i); i == len(b) {
			return -1
		}
		opened := false
		switch c := b[i]; c {
		case '{', '[':
			if len(stack) == maxDepth {
				return -1
			}
			stack = append(stack, c+2) // '}' and ']' are two after their opening
			i = skipSpace(b, i+1)
			opened = true
			if i < len(b) && b[i] == c+2 {
				opened = false // empty: closed below
			}
		case '"':
			i = skipString(b, i)
		case 't':
			i = skipWord(b, i, "true")
		case 'f':
			i = skipWord(b, i, "false")
		case 'n':
			i = skipWord(b, i, "null")
		default:
			i = skipNumber(b, i)
		}
		if i < 0 {
			return -1
		}
		if opened {
			if stack[len(stack)-1] == '}' {
				if i = skipKey(b, i); i < 0 {
					return -1
				}
			}
			continue
		}
		// A value has ended at b[i], or an empty bracket is about to.
		for {
			if len(stack) == 0 {
				return i
			}
			if i = skipSpace(b, i); i == len(b) {
				return -1
			}
			closing := stack[len(stack)-1]
			if b[i] == closing {
				stack = stack[:len(stack)-1]
				i++
				continue
			}
			if b[i] != ',' {
				return -1
			}
			i++
			if closing == '}' {
				if i = skipKey(b, i); i < 0 {
					return -1
				}
			}
			break
		}
	}
}

// skipKey passes a member's name and colon.
func skipKey(b []byte, i int) int {
	i = skipSpace(b, i)
	if i == len(b) || b[i] != '"' {
		return -1
	}
	if i = skipString(b, i); i < 0 {
		return -1
	}
	if i = skipSpace(b, i); i == len(b) || b[i] != ':' {
		return -1
	}
	return i + 1
}

func skipWord(b []byte, i int, word string) int {
	if len(b)-i < len(word) || string(b[i:i+len(word)]) != word {
		return -1
	}
	return i + len(word)
}

func skipNumber(b []byte, i int) int {
	digits := func() bool {
		from := i
		for i < len(b) && '0' <= b[i] && b[i] <= '9' {
			i++
		}
		return i > from
	}
	if i < len(b) && b[i] == '-' {
		i++
	}
	if i < len(b) && b[i] == '0' {
		i++
	} else if !digits() {
		return -1
	}
	if i < len(b) && b[i] == '.' {
		if i++; !digits() {
			return -1
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		if i++; i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		if !digits() {
			return -1
		}
	}
	return i
}

// skipString passes a string that begins at b[i], eight bytes at a time where nothing in them needs attention.
func skipString(b []byte, i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	i++
	for {
		for len(b)-i >= 8 {
			x := binary.LittleEndian.Uint64(b[i:])
			quote, escape := x^(ones*'"'), x^(ones*'\\')
			// A byte below 0x20, or one that has become zero, borrows from its high bit.
			if ((x-ones*0x20)&^x|(quote-ones)&^quote|(escape-ones)&^escape)&highs != 0 {
				break
			}
			i += 8
		}
		for n := 0; n < 8; n++ {
			if i == len(b) {
				return -1
			}
			switch c := b[i]; {
			case c == '"':
				return i + 1
			case c < 0x20:
				return -1
			case c == '\\':
				if i = skipEscape(b, i); i < 0 {
					return -1
				}
			default:
				i++
			}
		}
	}
}

func skipEscape(b []byte, i int) int {
	if len(b)-i < 2 {
		return -1
	}
	switch b[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		if len(b)-i < 6 {
			return -1
		}
		for _, c := range b[i+2 : i+6] {
			if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F') {
				return -1
			}
		}
		return i + 6
	}
	return -1
}
