package notebook

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// special says whether copying a string has to stop at c.
func special(c byte) bool { return c < 0x20 || c == '"' || c == '\\' }

// appendString reads a string and appends it as Python writes it with ensure_ascii=False: escaped are only the quote,
// the backslash and control characters. A surrogate without its partner has no UTF-8 form and stays escaped.
func (s *scanner) appendString(dst []byte) ([]byte, error) {
	src, i := s.src, s.pos+1
	from := i
	dst = append(dst, '"')
	for {
		for i < len(src) && !special(src[i]) {
			i++
		}
		if i == len(src) {
			s.pos = len(src)
			return dst, s.fail("a string is not closed")
		}
		if src[i] == '"' {
			s.pos = i + 1
			return append(append(dst, src[from:i]...), '"'), nil
		}
		if src[i] < 0x20 || i+1 == len(src) {
			s.pos = i
			return dst, s.fail("a control character stands in a string")
		}
		switch src[i+1] {
		case '"', '\\', 'b', 'f', 'n', 'r', 't':
			i += 2
		case '/':
			if s.keepParts && i == s.pos+1 && strings.HasPrefix(src[i:], partMark) {
				i += 2
				continue
			}
			dst = append(dst, src[from:i]...)
			from = i + 1
			i += 2
		case 'u':
			dst = append(dst, src[from:i]...)
			r, ok := hex4(src[i+2:])
			if !ok {
				s.pos = i
				return dst, s.fail("\\u needs four hexadecimal digits")
			}
			i += 6
			if utf16.IsSurrogate(r) {
				low, ok := rune(0), false
				if strings.HasPrefix(src[i:], `\u`) {
					low, ok = hex4(src[i+2:])
				}
				if pair := utf16.DecodeRune(r, low); ok && pair != utf8.RuneError {
					dst = utf8.AppendRune(dst, pair)
					i += 6
				} else {
					dst = append(append(dst, `\u`...), strconv.FormatInt(int64(r), 16)...)
					s.lone = true
				}
			} else {
				dst = appendEscaped(dst, r)
			}
			from = i
		default:
			s.pos = i
			return dst, s.fail("an unknown escape stands in a string")
		}
	}
}

func hex4(s string) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	var r rune
	for i := range 4 {
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case 'A' <= c && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// appendEscaped appends one character of a string.
func appendEscaped(dst []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(dst, '\\', byte(r))
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	}
	if r < 0x20 {
		const digits = "0123456789abcdef"
		return append(dst, '\\', 'u', '0', '0', digits[r>>4], digits[r&15])
	}
	return utf8.AppendRune(dst, r)
}

// appendQuoted appends s as a JSON string.
func appendQuoted(dst []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); i++ {
		if special(s[i]) {
			dst = appendEscaped(append(dst, s[from:i]...), rune(s[i]))
			from = i + 1
		}
	}
	return append(append(dst, s[from:]...), '"')
}

// unquote gives the text of a canonical JSON string. lone says that it held a surrogate without its partner, which
// became U+FFFD.
func unquote(quoted string) (text string, lone bool) {
	body := quoted[1 : len(quoted)-1]
	if strings.IndexByte(body, '\\') < 0 {
		return strings.Clone(body), false
	}
	var b strings.Builder
	b.Grow(len(body))
	for {
		i := strings.IndexByte(body, '\\')
		if i < 0 || i+1 >= len(body) {
			b.WriteString(body)
			return b.String(), lone
		}
		b.WriteString(body[:i])
		r, n := unescape(body[i:])
		if utf16.IsSurrogate(r) {
			r, lone = utf8.RuneError, true
		}
		b.WriteRune(r)
		body = body[i+n:]
	}
}

// unescape reads the escape at the start of s and its length.
func unescape(s string) (rune, int) {
	switch s[1] {
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'u':
		if r, ok := hex4(s[2:]); ok {
			return r, 6
		}
	}
	return rune(s[1]), 2
}

// keyOrder is a key with its escapes resolved, surrogates as the three bytes UTF-8 would give them: bytes whose order
// is that of the code points.
func keyOrder(key []byte) []byte {
	out := make([]byte, 0, len(key))
	for s := string(key); s != ""; {
		if s[0] != '\\' || len(s) == 1 {
			out = append(out, s[0])
			s = s[1:]
			continue
		}
		r, n := unescape(s)
		if utf16.IsSurrogate(r) {
			out = append(out, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f)
		} else {
			out = utf8.AppendRune(out, r)
		}
		s = s[n:]
	}
	return out
}

// stringEnd is the place after the canonical JSON string that begins at i.
func stringEnd(s string, i int) int {
	for j := i + 1; j < len(s); {
		k := strings.IndexByte(s[j:], '"')
		if k < 0 {
			break
		}
		j += k
		slashes := 0
		for s[j-1-slashes] == '\\' && j-1-slashes > i {
			slashes++
		}
		j++
		if slashes%2 == 0 {
			return j
		}
	}
	return len(s)
}

// lineEnd is the place after the first line, its end included, of the inside of a canonical JSON string. Line ends
// are those of Python's str.splitlines, which Jupyter's writer uses.
func lineEnd(s string) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			if i+1 == len(s) {
				return len(s)
			}
			switch r, n := unescape(s[i:]); r {
			case '\r':
				if strings.HasPrefix(s[i+n:], `\n`) {
					n += 2
				}
				return i + n
			case '\n', '\v', '\f', 0x1c, 0x1d, 0x1e:
				return i + n
			default:
				i += n - 1
			}
		case 0xc2:
			if strings.HasPrefix(s[i:], "\u0085") {
				return i + 2
			}
		case 0xe2:
			if strings.HasPrefix(s[i:], "\u2028") || strings.HasPrefix(s[i:], "\u2029") {
				return i + 3
			}
		}
	}
	return len(s)
}
