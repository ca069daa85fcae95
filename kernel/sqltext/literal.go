package sqltext

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// literalDepth bounds lists within lists.
const literalDepth = 64

// Literal is a SQL literal read into Go: nil, bool, int64, float64, string, []any or map[string]any.
type Literal struct {
	Value any
	// Type is the SQL type that the literal itself names (DATE '2024-01-01', '1'::INT) or needs (HUGEINT for an
	// integer beyond 64 bits, whose Value is its text); else empty.
	Type string
	// Text is the literal as written: of a number with its exact digits.
	Text string
}

// ParseLiteral reads a text that is one literal and nothing else: a string, a number, TRUE, FALSE, NULL, a list
// [1, 2] or a struct {'a': 1} of such, TYPE 'text', or any of them with ::TYPE after it. at is where the text begins
// in the cell. The error is an *Error.
func ParseLiteral(text string, at int) (Literal, error) {
	p := literalParser{scanner: scanner{d: DuckDB, src: text}, at: at}
	p.advance()
	l, err := p.top()
	if err == nil && p.more {
		err = p.failure("a literal ends before this")
	}
	if err != nil {
		return Literal{}, err
	}
	return l, nil
}

// literalParser reads literals; tok is the token not read yet.
type literalParser struct {
	scanner
	at   int
	tok  token
	more bool
	last int // end of the last token read
}

func (p *literalParser) advance() {
	p.last = p.tok.end
	p.tok, p.more = p.significant()
}

func (p *literalParser) text() string { return p.src[p.tok.start:p.tok.end] }

func (p *literalParser) is(s string) bool { return p.more && p.tok.kind == op && p.text() == s }

func (p *literalParser) failure(message string) *Error {
	return &Error{Start: p.at + p.tok.start, End: p.at + p.tok.end, Message: message}
}

// top reads a literal with the type it may name.
func (p *literalParser) top() (Literal, *Error) {
	start := p.tok.start
	var l Literal
	if p.more && p.tok.kind == word && !isWordLiteral(p.text()) {
		name := p.tok
		after := p.scanner
		if next, ok := after.significant(); ok && next.kind == str && !next.open {
			l.Type = strings.ToUpper(p.src[name.start:name.end])
			p.advance()
		}
	}
	v, err := p.value(0)
	if err != nil {
		return l, err
	}
	l.Value = v
	if big, ok := v.(bigInteger); ok {
		l.Value, l.Type = string(big), "HUGEINT"
	}
	if p.is("::") {
		p.scanner.pos = p.tok.end
		i := p.tok.end
		for i < len(p.src) && isBlank(p.src[i]) {
			i++
		}
		end := typeEnd(p.src, i)
		if end == i {
			p.advance()
			return l, p.failure("a type is missing after ::")
		}
		l.Type = p.src[i:end]
		p.scanner.pos = end
		p.tok.end = end
		p.advance()
	}
	l.Text = p.src[start:p.last]
	return l, nil
}

// bigInteger is an integer that does not fit into int64.
type bigInteger string

func isWordLiteral(w string) bool {
	return strings.EqualFold(w, "null") || strings.EqualFold(w, "true") || strings.EqualFold(w, "false")
}

func (p *literalParser) value(depth int) (any, *Error) {
	if !p.more {
		return nil, p.failure("a value is missing")
	}
	if p.tok.open {
		return nil, p.failure("the " + p.tok.unterminated() + " is not closed")
	}
	if depth > literalDepth {
		return nil, p.failure("lists and structs go too deep")
	}
	text := p.text()
	switch p.tok.kind {
	case str:
		v, ok := stringValue(text)
		if !ok {
			return nil, p.failure("this string has an escape that is not known")
		}
		p.advance()
		return v, nil
	case dollar:
		tag := strings.IndexByte(text[1:], '$') + 2
		p.advance()
		return text[tag : len(text)-tag], nil
	case number:
		return p.number("")
	case quoted:
		return nil, p.failure("double quotes make a name; write " + QuoteString(Unquote(text)))
	case word:
		switch {
		case strings.EqualFold(text, "null"):
			p.advance()
			return nil, nil
		case strings.EqualFold(text, "true"), strings.EqualFold(text, "false"):
			p.advance()
			return strings.EqualFold(text, "true"), nil
		}
		return nil, p.failure(text + " is not a literal; write " + QuoteString(text) + " if it is text")
	case op:
		switch text {
		case "-", "+":
			p.advance()
			if p.more && p.tok.kind == number {
				return p.number(strings.TrimPrefix(text, "+"))
			}
		case "[":
			return p.list(depth)
		case "{":
			return p.fields(depth)
		}
	}
	return nil, p.failure("only a literal can stand here: 'text', 1.5, true, null, [1, 2], {'a': 1}")
}

func (p *literalParser) number(sign string) (any, *Error) {
	text := sign + strings.ReplaceAll(p.text(), "_", "")
	if p.scanner.pos < len(p.src) && isIdentStart(p.at0()) && unicodeBlank(p.src, p.scanner.pos) == 0 {
		return nil, p.failure("this is not a number")
	}
	if !strings.ContainsAny(text, ".eE") {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			p.advance()
			return n, nil
		}
		if len(text) <= 38 {
			p.advance()
			return bigInteger(text), nil
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return nil, p.failure("this number is out of range")
	}
	p.advance()
	return f, nil
}

func (p *literalParser) at0() byte { return p.src[p.scanner.pos] }

func (p *literalParser) list(depth int) (any, *Error) {
	p.advance()
	out := []any{}
	for !p.is("]") {
		v, err := p.nested(depth)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
		if p.is(",") {
			p.advance()
		} else if !p.is("]") {
			return nil, p.failure("a comma or ] is missing")
		}
	}
	p.advance()
	return out, nil
}

func (p *literalParser) fields(depth int) (any, *Error) {
	p.advance()
	out := map[string]any{}
	for !p.is("}") {
		var name string
		switch {
		case p.more && p.tok.kind == str && !p.tok.open:
			name, _ = stringValue(p.text())
		case p.more && (p.tok.kind == word || p.tok.kind == quoted) && !p.tok.open:
			name = Unquote(p.text())
		default:
			return nil, p.failure("a field's name is missing")
		}
		p.advance()
		if !p.is(":") {
			return nil, p.failure("a colon is missing")
		}
		p.advance()
		v, err := p.nested(depth)
		if err != nil {
			return nil, err
		}
		out[name] = v
		if p.is(",") {
			p.advance()
		} else if !p.is("}") {
			return nil, p.failure("a comma or } is missing")
		}
	}
	p.advance()
	return out, nil
}

// nested reads a value within a list or struct, where integers beyond 64 bits become float64.
func (p *literalParser) nested(depth int) (any, *Error) {
	v, err := p.value(depth + 1)
	if big, ok := v.(bigInteger); ok {
		f, _ := strconv.ParseFloat(string(big), 64)
		return f, err
	}
	return v, err
}

// stringValue is the text of a closed string literal, plain or with E before it.
func stringValue(lit string) (string, bool) {
	if rest, ok := strings.CutPrefix(lit, "'"); ok {
		return strings.ReplaceAll(strings.TrimSuffix(rest, "'"), "''", "'"), true
	}
	var b strings.Builder
	s := lit[2 : len(lit)-1]
	for i := 0; i < len(s); i++ {
		if s[i] == '\'' {
			if i++; i >= len(s) || s[i] != '\'' {
				return "", false // the string goes on after white space
			}
			b.WriteByte('\'')
			continue
		}
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		n := 0
		switch c := s[i]; c {
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'v':
			b.WriteByte('\v')
		case 'u':
			n = 4
		case 'U':
			n = 8
		case 'x', '0', '1', '2', '3', '4', '5', '6', '7':
			return "", false // bytes, which may not be text
		default:
			b.WriteByte(c)
		}
		if n > 0 {
			if i+n >= len(s) {
				return "", false
			}
			r, err := strconv.ParseUint(s[i+1:i+1+n], 16, 32)
			if err != nil || !utf8.ValidRune(rune(r)) || r > utf8.MaxRune {
				return "", false
			}
			b.WriteRune(rune(r))
			i += n
		}
	}
	return b.String(), true
}
