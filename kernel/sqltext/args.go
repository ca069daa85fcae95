package sqltext

import "strings"

// Arg is one argument of a magic: word, key=value, key:TYPE=value, --key or --key=value. Blanks separate arguments,
// except within quotes and brackets. All ranges are bytes in the cell; a range of no length is a part not given.
type Arg struct {
	// Key is empty for a plain word. Flag: it was written with dashes, which are not part of Key.
	Key  string
	Flag bool
	// Type is the SQL type after a colon, as written.
	Type string
	// Value is the text after =, or the whole of a plain word, with quotes taken off ('it''s' and "it's" give it's).
	Value string
	// HasValue tells key= from key.
	HasValue bool
	// Open: the end of the text cut off a quote or bracket.
	Open bool

	Start, End           int
	KeyStart, KeyEnd     int
	TypeStart, TypeEnd   int
	ValueStart, ValueEnd int
}

// ParseArgs cuts the arguments of a magic into words. at is where args begins in the cell.
func ParseArgs(args string, at int) []Arg {
	var out []Arg
	for i := skipArgBlanks(args, 0); i < len(args); i = skipArgBlanks(args, i) {
		end, open := wordEnd(args, i)
		a := parseArg(args[i:end], at+i)
		a.Open = open
		out = append(out, a)
		i = end
	}
	return out
}

// skipArgBlanks goes past blanks and escaped line ends.
func skipArgBlanks(args string, i int) int {
	for i < len(args) {
		if isBlank(args[i]) {
			i++
		} else if n := unicodeBlank(args, i); n > 0 {
			i += n
		} else if args[i] == '\\' && newlineLen(args, i+1) > 0 {
			i += 1 + newlineLen(args, i+1)
		} else {
			break
		}
	}
	return i
}

// wordEnd is the end of the argument that begins at i.
func wordEnd(args string, i int) (end int, open bool) {
	depth := 0
	for i < len(args) {
		switch c := args[i]; {
		case depth == 0 && (isBlank(c) || unicodeBlank(args, i) > 0 || c == '\\' && newlineLen(args, i+1) > 0):
			return i, false
		case c == '\'' || c == '"':
			n, closed := argQuote(args, i)
			if !closed {
				return len(args), true
			}
			i = n
		case c == '(' || c == '[' || c == '{':
			depth++
			i++
		case c == ')' || c == ']' || c == '}':
			depth = max(0, depth-1)
			i++
		default:
			i++
		}
	}
	return i, depth > 0
}

// parseArg reads one argument that begins at at in the cell.
func parseArg(w string, at int) Arg {
	a := Arg{Start: at, End: at + len(w)}
	i := 0
	for i < 2 && i < len(w) && w[i] == '-' {
		i++
	}
	if i > 0 && i < len(w) && isIdentStart(w[i]) {
		a.Flag = true
	} else {
		i = 0
	}
	key := i
	for i < len(w) && (isIdentStart(w[i]) || i > key && (isDigit(w[i]) || w[i] == '-' || w[i] == '.')) {
		i++
	}
	keyEnd := i
	typ, typEnd := i, i
	if i > key && i < len(w) && w[i] == ':' {
		typ = i + 1
		typEnd = typeEnd(w, typ)
		if typEnd > typ {
			i = typEnd
		}
	}
	assigned := i > key && i < len(w) && w[i] == '=' && !strings.HasPrefix(w[i:], "==")
	if !assigned && !(a.Flag && i == len(w)) {
		a.Flag = false
		a.HasValue = true
		a.Value, a.ValueStart, a.ValueEnd = unquoteArg(w), at, a.End
		a.KeyStart, a.KeyEnd, a.TypeStart, a.TypeEnd = at, at, at, at
		return a
	}
	a.Key, a.KeyStart, a.KeyEnd = w[key:keyEnd], at+key, at+keyEnd
	a.Type, a.TypeStart, a.TypeEnd = w[typ:typEnd], at+typ, at+typEnd
	a.ValueStart, a.ValueEnd = a.End, a.End
	if assigned {
		a.HasValue = true
		a.Value, a.ValueStart = unquoteArg(w[i+1:]), at+i+1
	}
	return a
}

// typeEnd is the end of a SQL type that begins at i, such as DECIMAL(18, 3)[] or "my type", or i.
func typeEnd(w string, i int) int {
	s := scanner{d: DuckDB, src: w, pos: i}
	end := i
	depth := 0
	for {
		t, ok := s.next()
		if !ok || t.open {
			return end
		}
		c := w[t.start]
		switch {
		case t.kind == op && (c == '(' || c == '[') && end > i:
			depth++
		case t.kind == op && (c == ')' || c == ']') && depth > 0:
			depth--
		case depth == 0 && (t.kind == word || t.kind == quoted) && (end == i || w[end-1] == '.'):
		case depth == 0 && c == '.' && t.kind == op && end > i:
		case depth == 0:
			return end
		}
		if depth == 0 {
			end = t.end
		}
	}
}

// unquoteArg takes the quotes off a word, wherever in it they are.
func unquoteArg(w string) string {
	if !strings.ContainsAny(w, `'"`) {
		return w
	}
	if w[0] == '[' || w[0] == '{' || w[0] == '(' {
		return w
	}
	var b strings.Builder
	for i := 0; i < len(w); {
		c := w[i]
		if c != '\'' && c != '"' {
			b.WriteByte(c)
			i++
			continue
		}
		end, closed := argQuote(w, i)
		if end == i+1 && closed {
			b.WriteByte(c)
			i++
			continue
		}
		inner := w[i+1 : end]
		if closed {
			inner = inner[:len(inner)-1]
		}
		b.WriteString(strings.ReplaceAll(inner, string(c)+string(c), string(c)))
		i = end
	}
	return b.String()
}
