package sqltext

import "strings"

// MagicLine is a magic: %name arguments.
type MagicLine struct {
	// Name is the name without percent signs.
	Name string
	// Cell: it was written %%name.
	Cell bool
	// Args is what follows the name, without the blanks around it and without a closing semicolon:
	// cell[ArgsStart:ArgsEnd]. It holds line breaks where the magic goes on over lines.
	Args               string
	ArgsStart, ArgsEnd int
}

// magic recognises a magic at t, goes past its last line and reports whether it was one. No statement begins with %,
// so it need not be the first thing on its line, only what stands where a statement could begin.
func (s *scanner) magic(t token, p *Part) bool {
	i := t.start
	if s.src[i] != '%' {
		return false
	}
	i++
	if i < len(s.src) && s.src[i] == '%' {
		p.Magic.Cell = true
		i++
	}
	name := i
	for i < len(s.src) && (isIdentStart(s.src[i]) || i > name && isDigit(s.src[i])) && unicodeBlank(s.src, i) == 0 {
		i++
	}
	if i == name {
		p.Magic.Cell = false
		return false
	}
	p.Magic.Name = s.src[name:i]
	if queryMagics[lower(p.Magic.Name)] && startsQuery(s.src[i:]) {
		p.Kind, p.Closed = Magic, true
		p.End, p.Magic.ArgsStart, p.Magic.ArgsEnd = i, i, i
		s.steps += i - t.start
		s.pos = i
		return true
	}
	end, open := argsEnd(s.src, i)
	s.steps += 2 * (end - t.start)
	s.pos = end
	p.Closed = open == "" && end < len(s.src)
	p.Unterminated = open
	start := i
	start, end = trimBlanks(s.src, start, end)
	if open != "" {
		end = len(s.src)
	} else if end > start && s.src[end-1] == ';' {
		start, end = trimBlanks(s.src, start, end-1)
	}
	if start == end {
		start, end = i, i
	}
	p.Kind = Magic
	p.End = end
	p.Magic.ArgsStart, p.Magic.ArgsEnd = start, end
	p.Magic.Args = s.src[start:end]
	return true
}

// queryMagics work on the statement below, which may also begin on their own line: %explain SELECT ….
var queryMagics = wordSet("describe explain profile")

// queryStarts are the words that such a statement begins with.
var queryStarts = wordSet("select from with values table pivot unpivot insert update delete merge create copy summarize show")

// startsQuery reports whether a statement follows on the same line.
func startsQuery(text string) bool {
	s := scanner{d: DuckDB, src: text}
	for {
		t, ok := s.next()
		switch {
		case !ok, t.kind == blank && strings.ContainsAny(text[t.start:t.end], "\n\r"):
			return false
		case t.skip() && !t.open, t.kind == op && text[t.start] == '(':
			continue
		default:
			return t.kind == word && queryStarts[lower(text[t.start:t.end])]
		}
	}
}

// trimBlanks narrows src[start:end] by the blanks at either end.
func trimBlanks(src string, start, end int) (int, int) {
	for start < end {
		if isBlank(src[start]) {
			start++
		} else if n := unicodeBlank(src, start); n > 0 {
			start += n
		} else {
			break
		}
	}
	for start < end && isBlank(src[end-1]) {
		end--
	}
	return start, end
}

// argsEnd is where the arguments of a magic that begin at i end: with the line, except after a backslash and within
// quotes and brackets. open names what the end of the text cut off.
func argsEnd(src string, i int) (end int, open string) {
	depth := 0
	for i < len(src) {
		switch c := src[i]; {
		case c == '\n' || c == '\r':
			if depth == 0 {
				return i, ""
			}
			i++
		case c == '\\':
			i++
			if i == len(src) {
				return i, "continuation"
			}
			i += newlineLen(src, i)
		case c == '\'' || c == '"':
			n, closed := argQuote(src, i)
			if !closed {
				return len(src), "string"
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
	if depth > 0 {
		return i, "parenthesis"
	}
	return i, ""
}

// argQuote is the end of the quoted text that begins at i in the arguments of a magic. A quote in the middle of a word
// is an apostrophe, and goes on for one byte, unless the next one on its line ends a word: so a title may say "don't",
// and a date is DATE'2024-01-01'. After E it begins a string with backslashes.
func argQuote(src string, i int) (end int, closed bool) {
	s := scanner{src: src, pos: i}
	inWord := i > 0 && (isIdentStart(src[i-1]) || isDigit(src[i-1]))
	if inWord && src[i] == '\'' && (src[i-1] == 'e' || src[i-1] == 'E') && (i == 1 || !isIdentStart(src[i-2]) && !isDigit(src[i-2])) {
		return s.quoteEnd(true)
	}
	if inWord {
		n := strings.IndexAny(src[i+1:], string(src[i])+"\n\r")
		if n < 0 || src[i+1+n] != src[i] || i+n+2 < len(src) && (isIdentStart(src[i+n+2]) || isDigit(src[i+n+2])) {
			return i + 1, true
		}
	}
	return s.quoteEnd(false)
}

func (s *scanner) quoteEnd(backslash bool) (end int, closed bool) {
	closed = s.quote(s.src[s.pos], backslash)
	return s.pos, closed
}
