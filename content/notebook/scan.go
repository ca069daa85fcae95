package notebook

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// scanner reads JSON in Python's dialect and rewrites it canonically as it goes, in one pass and without a tree. There
// is no library for this: those at hand refuse NaN, replace lone surrogates, renormalise numbers or build maps.
type scanner struct {
	src      string
	pos      int
	depth    int
	maxDepth int
	// keepParts leaves the placeholders of Split as they stand.
	keepParts bool
	// lone is set when a string held a surrogate without its partner.
	lone bool
	// members is a stack: the open objects' members, innermost last.
	members []member
	scratch []byte
	buf     []byte
}

// member is where a member stands in the text that is being built.
type member struct{ start, keyEnd, end int }

// newScanner checks what holds for the whole text: UTF-8, with a byte order mark skipped.
func newScanner(text []byte, maxDepth int) (*scanner, error) {
	s := &scanner{src: borrow(text), maxDepth: maxDepth}
	if strings.HasPrefix(s.src, byteOrderMark) {
		s.pos = len(byteOrderMark)
	}
	if !utf8.ValidString(s.src) {
		return nil, &ReadError{Err: ErrNotJSON, Detail: "the text is not UTF-8"}
	}
	return s, nil
}

const byteOrderMark = "\ufeff"

func (s *scanner) fail(format string, args ...any) error {
	return &ReadError{Err: ErrNotJSON, Offset: s.pos, Detail: fmt.Sprintf(format, args...)}
}

// next skips blanks and gives the byte there, 0 at the end.
func (s *scanner) next() byte {
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; c {
		case ' ', '\n', '\t', '\r':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// end fails if anything but blanks is left.
func (s *scanner) end() error {
	if s.next(); s.pos < len(s.src) {
		return s.fail("text after the end of the value")
	}
	return nil
}

// value reads one value.
func (s *scanner) value() (Value, error) {
	var err error
	s.buf, err = s.appendValue(s.buf[:0])
	return Value(s.buf), err
}

// open takes an opening bracket and counts the depth; the caller lowers it again.
func (s *scanner) open() error {
	s.pos++
	if s.depth++; s.depth > s.maxDepth {
		return &ReadError{Err: ErrTooLarge, Offset: s.pos, Detail: fmt.Sprintf("nested deeper than %d", s.maxDepth)}
	}
	return nil
}

// more says whether another element follows, having taken the comma before it or the closing bracket.
func (s *scanner) more(first bool, closing byte) (bool, error) {
	c := s.next()
	switch {
	case c == closing:
		s.pos++
		s.depth--
		return false, nil
	case first:
		return true, nil
	case c == ',':
		s.pos++
		return true, nil
	}
	return false, s.fail("a comma or %q is missing", closing)
}

// colon takes the colon after a key.
func (s *scanner) colon() error {
	if s.next() != ':' {
		return s.fail("a colon is missing")
	}
	s.pos++
	return nil
}

// each reads an object; f must read the value of the key it is given.
func (s *scanner) each(f func(key string) error) error {
	if s.next() != '{' {
		return s.fail("an object is missing")
	}
	if err := s.open(); err != nil {
		return err
	}
	for first := true; ; first = false {
		more, err := s.more(first, '}')
		if !more || err != nil {
			return err
		}
		if s.next() != '"' {
			return s.fail("a key in double quotes is missing")
		}
		if s.scratch, err = s.appendString(s.scratch[:0]); err != nil {
			return err
		}
		key, _ := unquote(string(s.scratch))
		if err := s.colon(); err != nil {
			return err
		}
		if err := f(key); err != nil {
			return err
		}
	}
}

// eachItem reads an array; f must read the item.
func (s *scanner) eachItem(f func(i int) error) error {
	if s.next() != '[' {
		return s.fail("an array is missing")
	}
	if err := s.open(); err != nil {
		return err
	}
	for i := 0; ; i++ {
		more, err := s.more(i == 0, ']')
		if !more || err != nil {
			return err
		}
		if err := f(i); err != nil {
			return err
		}
	}
}

// appendValue reads one value and appends its canonical text.
func (s *scanner) appendValue(dst []byte) ([]byte, error) {
	switch c := s.next(); c {
	case '{':
		return s.appendObject(dst, func(_, dst []byte) ([]byte, error) { return s.appendValue(dst) })
	case '[':
		return s.appendArray(dst)
	case '"':
		return s.appendString(dst)
	case 't':
		return s.appendWord(dst, "true")
	case 'f':
		return s.appendWord(dst, "false")
	case 'n':
		return s.appendWord(dst, "null")
	case 'N':
		return s.appendWord(dst, "NaN")
	case 'I':
		return s.appendWord(dst, "Infinity")
	default:
		if strings.HasPrefix(s.src[s.pos:], "-Infinity") {
			return s.appendWord(dst, "-Infinity")
		}
		return s.appendNumber(dst)
	}
}

func (s *scanner) appendWord(dst []byte, word string) ([]byte, error) {
	if !strings.HasPrefix(s.src[s.pos:], word) {
		return dst, s.fail("a value is missing")
	}
	s.pos += len(word)
	return append(dst, word...), nil
}

// appendNumber keeps the digits as written: a float has many spellings, and an integer may be too long for any type.
func (s *scanner) appendNumber(dst []byte) ([]byte, error) {
	start, i := s.pos, s.pos
	digits := func() bool {
		from := i
		for i < len(s.src) && '0' <= s.src[i] && s.src[i] <= '9' {
			i++
		}
		return i > from
	}
	at := func(set string) bool { return i < len(s.src) && strings.IndexByte(set, s.src[i]) >= 0 }
	if at("-") {
		i++
	}
	if at("0") {
		i++
	} else if !digits() {
		return dst, s.fail("a value is missing")
	}
	if at(".") {
		if i++; !digits() {
			return dst, s.fail("a digit is missing after the point")
		}
	}
	if at("eE") {
		if i++; at("+-") {
			i++
		}
		if !digits() {
			return dst, s.fail("a digit is missing in the exponent")
		}
	}
	s.pos = i
	return append(dst, s.src[start:i]...), nil
}

func (s *scanner) appendArray(dst []byte) ([]byte, error) {
	if err := s.open(); err != nil {
		return dst, err
	}
	dst = append(dst, '[')
	for first := true; ; first = false {
		more, err := s.more(first, ']')
		if err != nil {
			return dst, err
		}
		if !more {
			return append(dst, ']'), nil
		}
		if !first {
			dst = append(dst, ',')
		}
		if dst, err = s.appendValue(dst); err != nil {
			return dst, err
		}
	}
}

// appendObject appends an object with its keys in order. value reads and appends the value of a key, which it is
// given as canonical text without quotes.
func (s *scanner) appendObject(dst []byte, value func(key, dst []byte) ([]byte, error)) ([]byte, error) {
	if err := s.open(); err != nil {
		return dst, err
	}
	begin, base, sorted := len(dst)+1, len(s.members), true
	dst = append(dst, '{')
	for first := true; ; first = false {
		more, err := s.more(first, '}')
		if err != nil {
			return dst, err
		}
		if !more {
			break
		}
		if !first {
			dst = append(dst, ',')
		}
		if s.next() != '"' {
			return dst, s.fail("a key in double quotes is missing")
		}
		m := member{start: len(dst)}
		if dst, err = s.appendString(dst); err != nil {
			return dst, err
		}
		m.keyEnd = len(dst)
		if err := s.colon(); err != nil {
			return dst, err
		}
		key := dst[m.start+1 : m.keyEnd-1]
		if n := len(s.members); n > base && sorted {
			last := s.members[n-1]
			sorted = compareKeys(dst[last.start+1:last.keyEnd-1], key) < 0
		}
		dst = append(dst, ':')
		if dst, err = value(key, dst); err != nil {
			return dst, err
		}
		m.end = len(dst)
		s.members = append(s.members, m)
	}
	if !sorted {
		dst = sortMembers(dst, begin, s.members[base:])
	}
	s.members = s.members[:base]
	return append(dst, '}'), nil
}

// sortMembers puts the members that begin at dst[begin] in order; of several with one key the last stays.
func sortMembers(dst []byte, begin int, members []member) []byte {
	old := bytes.Clone(dst[begin:])
	key := func(m member) []byte { return old[m.start+1-begin : m.keyEnd-1-begin] }
	slices.SortStableFunc(members, func(a, b member) int { return compareKeys(key(a), key(b)) })
	dst = dst[:begin]
	for i, m := range members {
		if i+1 < len(members) && bytes.Equal(key(m), key(members[i+1])) {
			continue
		}
		if len(dst) > begin {
			dst = append(dst, ',')
		}
		dst = append(dst, old[m.start-begin:m.end-begin]...)
	}
	return dst
}

// compareKeys orders two canonical keys by code point, as Python does: that is the order of their UTF-8 bytes.
func compareKeys(a, b []byte) int {
	if bytes.IndexByte(a, '\\') < 0 && bytes.IndexByte(b, '\\') < 0 {
		return bytes.Compare(a, b)
	}
	return bytes.Compare(keyOrder(a), keyOrder(b))
}

// appendLines reads a multi-line string: a string, or an array of strings which it joins. joined says whether it did.
// Anything else is appended as it is.
func (s *scanner) appendLines(dst []byte) (_ []byte, joined bool, err error) {
	if s.next() != '[' {
		dst, err = s.appendValue(dst)
		return dst, false, err
	}
	back, begin, lone := *s, len(dst), s.lone
	s.lone = false
	if err := s.open(); err != nil {
		return dst, false, err
	}
	dst = append(dst, '"')
	for first := true; ; first = false {
		more, err := s.more(first, ']')
		if err != nil {
			return dst, false, err
		}
		if !more {
			break
		}
		if s.next() != '"' {
			s.pos, s.depth, s.lone = back.pos, back.depth, lone
			dst, err = s.appendValue(dst[:begin])
			return dst, false, err
		}
		at := len(dst)
		if dst, err = s.appendString(dst); err != nil {
			return dst, false, err
		}
		dst = append(dst[:at], dst[at+1:len(dst)-1]...)
	}
	dst = append(dst, '"')
	if s.lone {
		// Two halves of a pair may have met at a joint.
		again := scanner{src: string(dst[begin:])}
		dst, err = again.appendString(dst[:begin])
		s.lone = again.lone
	}
	s.lone = s.lone || lone
	return dst, true, err
}
