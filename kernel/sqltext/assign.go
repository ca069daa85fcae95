package sqltext

import "strings"

// Assignment is name=value or name:TYPE=value, where value is a literal. Ranges are bytes in the cell.
type Assignment struct {
	Name               string
	NameStart, NameEnd int
	// Type is the SQL type to cast to: as written after the colon, else what the literal names, else empty.
	Type               string
	TypeStart, TypeEnd int
	// Raw is the value as written; Value is nil, bool, int64, float64, string, []any or map[string]any. Where a type
	// was written, a number with a fraction or exponent comes as a string of its digits, so that the cast is exact.
	Raw                  string
	Value                any
	ValueStart, ValueEnd int
}

// ParseAssignments reads the arguments of a magic such as
//
//	region='EU' since:DATE='2024-01-01' limit=10 tags=['a', 'b']
//
// Blanks may stand around the equals sign and a comma between assignments. at is where args begins in the cell. The
// error is an *Error at the first place that is no assignment of a literal, or names what was named before; the
// assignments before it come with it.
func ParseAssignments(args string, at int) ([]Assignment, error) {
	var out []Assignment
	names := map[string]bool{}
	p := literalParser{scanner: scanner{d: DuckDB, src: args, pos: skipArgBlanks(args, 0)}, at: at}
	for p.scanner.pos < len(args) {
		p.advance()
		if !p.more {
			break
		}
		a, err := p.assignment()
		if err == nil && names[lower(a.Name)] {
			err = &Error{Start: a.NameStart, End: a.NameEnd, Message: a.Name + " is given twice"}
		}
		if err != nil {
			return out, err
		}
		names[lower(a.Name)] = true
		out = append(out, a)
		end := a.ValueEnd - at
		i := skipArgBlanks(args, end)
		if i < len(args) && args[i] == ',' {
			i = skipArgBlanks(args, i+1)
		} else if i == end && i < len(args) {
			return out[:len(out)-1], &Error{Start: at + i, End: at + i + 1, Message: "a blank is missing after the value"}
		}
		p.scanner.pos = i
		p.tok.end = i
	}
	return out, nil
}

func (p *literalParser) assignment() (Assignment, *Error) {
	var a Assignment
	if p.tok.kind != word && p.tok.kind != quoted || p.tok.open {
		return a, p.failure("name=value is expected here")
	}
	a.Name = Unquote(p.text())
	a.NameStart, a.NameEnd = p.at+p.tok.start, p.at+p.tok.end
	p.advance()
	a.TypeStart, a.TypeEnd = a.NameEnd, a.NameEnd
	if p.is(":") || p.is("::") {
		i := p.tok.end
		for i < len(p.src) && isBlank(p.src[i]) {
			i++
		}
		end := typeEnd(p.src, i)
		if end == i {
			p.advance()
			return a, p.failure("a type is missing after the colon")
		}
		a.Type = p.src[i:end]
		a.TypeStart, a.TypeEnd = p.at+i, p.at+end
		p.scanner.pos, p.tok.end = end, end
		p.advance()
	} else if p.is(":=") {
		p.tok.start++ // name := value, read as name = value
	}
	if !p.is("=") {
		return a, p.failure("= is missing after " + a.Name)
	}
	p.advance()
	a.ValueStart = p.at + p.tok.start
	l, err := p.top()
	if err != nil {
		return a, err
	}
	a.ValueEnd = p.at + p.last
	a.Raw, a.Value = l.Text, l.Value
	if a.Type == "" {
		a.Type = l.Type
	} else if _, ok := l.Value.(float64); ok {
		a.Value = strings.ReplaceAll(strings.ReplaceAll(l.Text, "_", ""), " ", "")
	}
	return a, nil
}
