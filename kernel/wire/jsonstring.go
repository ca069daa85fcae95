package wire

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// AppendString appends s to dst as a JSON string (RFC 8259 §7). Runs that need no escape are found eight bytes at a time and
// copied whole, which is several times faster than encoding/json on the long values that results may hold. Invalid UTF-8
// becomes U+FFFD.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		if i+8 <= len(s) && plainEight(s[i:i+8]) {
			i += 8
			continue
		}
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
			dst = append(append(dst, s[start:i]...), `\ufffd`...)
			i++
			start = i
			continue
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = fmt.Appendf(dst, `\u%04x`, c)
		}
		i++
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}

// plainEight reports whether eight bytes are all printable ASCII other than quote and backslash.
func plainEight(s string) bool {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	w := binary.LittleEndian.Uint64([]byte(s))
	less := w - ones*0x20 // a byte below 0x20 borrows
	quote := w ^ ones*'"' // zero where it is a quote
	back := w ^ ones*'\\' // zero where it is a backslash
	return (w|less|(quote-ones)&^quote|(back-ones)&^back)&highs == 0
}
