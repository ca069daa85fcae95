package sqltext

import "strings"

// kind is what a token is.
type kind uint8

const (
	blank        kind = iota // white space, Unicode blanks and the byte order mark
	lineComment              // -- to the end of the line, which is not part of it
	blockComment             // /* … */
	word                     // an identifier or keyword without quotes
	quoted                   // a quoted identifier
	str                      // '…', E'…' and the like
	dollar                   // $$…$$, $tag$…$tag$
	number                   // 1, 1_000, .5, 1e-5
	param                    // $1, $name, ?, ?1
	op                       // an operator or punctuation, ; and parentheses included
)

// token is one token of a text: src[start:end].
type token struct {
	kind       kind
	start, end int
	// open: the text ended before what closes the token.
	open bool
}

// skip reports that the token means nothing to the parser.
func (t token) skip() bool { return t.kind <= blockComment }

// unterminated names the construct that the end of the text cut off.
func (t token) unterminated() string {
	if !t.open {
		return ""
	}
	switch t.kind {
	case blockComment:
		return "comment"
	case quoted:
		return "quoted identifier"
	case dollar:
		return "dollar-quoted string"
	default:
		return "string"
	}
}

// scanner cuts a text into tokens. The tokens cover the text without gaps.
type scanner struct {
	d   Dialect
	src string
	pos int
	// steps counts the bytes looked at, to within a constant factor; a test holds it linear.
	steps int
}

// next gives the next token; ok is false at the end of the text.
func (s *scanner) next() (t token, ok bool) {
	if s.pos >= len(s.src) {
		return token{start: len(s.src), end: len(s.src)}, false
	}
	t.start = s.pos
	s.scan(&t)
	t.end = s.pos
	s.steps += t.end - t.start
	return t, true
}

// significant gives the next token that is neither blank nor a closed comment.
func (s *scanner) significant() (t token, ok bool) {
	for {
		t, ok = s.next()
		if !ok || !t.skip() || t.open {
			return t, ok
		}
	}
}

// at is the byte n places on, or 0 beyond the end.
func (s *scanner) at(n int) byte {
	if s.pos+n < len(s.src) {
		return s.src[s.pos+n]
	}
	return 0
}

func (s *scanner) scan(t *token) {
	c := s.src[s.pos]
	switch {
	case isBlank(c) || c >= 0x80 && unicodeBlank(s.src, s.pos) > 0:
		t.kind = blank
		s.blanks()
	case c == '-' && s.at(1) == '-':
		t.kind = lineComment
		if n := strings.IndexAny(s.src[s.pos:], "\n\r"); n >= 0 {
			s.pos += n
		} else {
			s.pos = len(s.src)
		}
	case c == '/' && s.at(1) == '*':
		t.kind = blockComment
		t.open = !s.block()
	case c == '\'':
		t.kind = str
		t.open = !s.quote('\'', s.d.Backslash)
	case c == '"' && s.d.DoubleQuoteStrings:
		t.kind = str
		t.open = !s.quote('"', s.d.Backslash)
	case c == '"', c == '`' && s.d.Backticks:
		t.kind = quoted
		t.open = !s.quote(c, false)
	case (c == 'e' || c == 'E') && s.d.EscapeStrings && s.at(1) == '\'':
		t.kind = str
		t.open = !s.escapeString()
	case isIdentStart(c):
		t.kind = word
		s.word()
	case isDigit(c), c == '.' && isDigit(s.at(1)):
		t.kind = number
		s.number()
	case c == '$':
		s.dollar(t)
	case c == '?':
		t.kind = param
		s.pos++
		s.digits()
	default:
		t.kind = op
		s.operator()
	}
}

func (s *scanner) blanks() {
	for s.pos < len(s.src) {
		if isBlank(s.src[s.pos]) {
			s.pos++
		} else if n := unicodeBlank(s.src, s.pos); n > 0 {
			s.pos += n
		} else {
			return
		}
	}
}

// block goes past a block comment and reports whether it was closed.
func (s *scanner) block() bool {
	depth := 1
	s.pos += 2
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == '*' && s.at(1) == '/':
			s.pos += 2
			if depth--; depth == 0 {
				return true
			}
		case c == '/' && s.at(1) == '*' && s.d.NestedComments:
			s.pos += 2
			depth++
		default:
			s.pos++
		}
	}
	return false
}

// quote goes past a string or identifier in q, in which q doubled stands for itself, and reports whether it was closed.
func (s *scanner) quote(q byte, backslash bool) bool {
	s.pos++
	for s.pos < len(s.src) {
		switch c := s.src[s.pos]; {
		case c == '\\' && backslash:
			s.pos = min(s.pos+2, len(s.src))
		case c == q && s.at(1) == q:
			s.pos += 2
		case c == q:
			s.pos++
			return true
		default:
			s.pos++
		}
	}
	return false
}

// escapeString goes past E'…'. As in PostgreSQL, a string continues over white space that holds a line break, and the
// continuation keeps its meaning of backslashes. The token ends with the last of these pieces.
func (s *scanner) escapeString() bool {
	s.pos++
	if !s.quote('\'', true) {
		return false
	}
	for {
		n := s.continuation()
		if n < 0 {
			return true
		}
		s.pos += n
		if !s.quote('\'', true) {
			return false
		}
	}
}

// continuation is the distance to the quote that continues a string, or -1.
func (s *scanner) continuation() int {
	newline := false
	i := s.pos
	defer func() { s.steps += i - s.pos }()
	for i < len(s.src) {
		switch c := s.src[i]; {
		case c == '\n' || c == '\r':
			newline = true
			i++
		case isBlank(c):
			i++
		case c == '-' && strings.HasPrefix(s.src[i:], "--"):
			n := strings.IndexAny(s.src[i:], "\n\r")
			if n < 0 {
				return -1
			}
			i += n
		case c == '\'' && newline:
			return i - s.pos
		default:
			return -1
		}
	}
	return -1
}

func (s *scanner) word() {
	for s.pos < len(s.src) {
		c := s.src[s.pos]
		if !isIdentStart(c) && !isDigit(c) && !(c == '$' && s.d.DollarQuotes) || unicodeBlank(s.src, s.pos) > 0 {
			return
		}
		s.pos++
	}
}

func (s *scanner) digits() {
	for isDigit(s.at(0)) || s.at(0) == '_' && isDigit(s.at(1)) {
		s.pos++
	}
}

func (s *scanner) number() {
	s.digits()
	if s.at(0) == '.' && s.at(1) != '.' {
		s.pos++
		if isDigit(s.at(0)) {
			s.digits()
		}
	}
	if c := s.at(0); c == 'e' || c == 'E' {
		if isDigit(s.at(1)) {
			s.pos++
			s.digits()
		} else if (s.at(1) == '+' || s.at(1) == '-') && isDigit(s.at(2)) {
			s.pos += 2
			s.digits()
		}
	}
}

// dollar scans what begins with $: a parameter, a dollar-quoted string, or a lone $.
func (s *scanner) dollar(t *token) {
	if isDigit(s.at(1)) {
		t.kind = param
		s.pos++
		s.digits()
		return
	}
	end := s.pos + 1
	for end < len(s.src) && (isIdentStart(s.src[end]) || isDigit(s.src[end])) && unicodeBlank(s.src, end) == 0 {
		end++
	}
	if s.d.DollarQuotes && end < len(s.src) && s.src[end] == '$' {
		t.kind = dollar
		tag := s.src[s.pos : end+1]
		n := strings.Index(s.src[end+1:], tag)
		if n < 0 {
			s.pos = len(s.src)
			t.open = true
			return
		}
		s.pos = end + 1 + n + len(tag)
		return
	}
	t.kind = param
	if end == s.pos+1 {
		t.kind = op
	}
	s.pos = end
}

// operators of more than one character, longest first.
var operators = [...]string{"->>", "**", "//", "::", ":=", "->", "=>", "<=", ">=", "<>", "!=", "||", "==", "..", "&&"}

// operator goes past an operator, which ends where a comment begins.
func (s *scanner) operator() {
	switch s.at(1) { // what a longer operator can go on with
	case '>', '*', '/', ':', '=', '|', '.', '&':
	default:
		s.pos++
		return
	}
	for _, o := range operators {
		if !strings.HasPrefix(s.src[s.pos:], o) {
			continue
		}
		if rest := s.src[s.pos+len(o)-1:]; strings.HasPrefix(rest, "--") || strings.HasPrefix(rest, "/*") {
			break
		}
		s.pos += len(o)
		return
	}
	s.pos++
}

func isBlank(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isIdentStart: every byte beyond ASCII may begin an identifier, except where unicodeBlank knows better.
func isIdentStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

// unicodeBlank is the length in bytes of the Unicode blank at i, or 0. These are the ones that DuckDB reads as a
// space: U+00A0, U+2000 to U+200B, U+202F, U+205F, U+2060, U+3000 and U+FEFF, the byte order mark.
func unicodeBlank(s string, i int) int {
	switch s[i] {
	case 0xC2:
		if i+1 < len(s) && s[i+1] == 0xA0 {
			return 2
		}
	case 0xE2, 0xE3, 0xEF:
		if i+2 >= len(s) {
			return 0
		}
		switch a, b, c := s[i], s[i+1], s[i+2]; {
		case a == 0xE2 && b == 0x80 && (c <= 0x8B || c == 0xAF),
			a == 0xE2 && b == 0x81 && (c == 0x9F || c == 0xA0),
			a == 0xE3 && b == 0x80 && c == 0x80,
			a == 0xEF && b == 0xBB && c == 0xBF:
			return 3
		}
	}
	return 0
}
