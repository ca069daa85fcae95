package sqltext

// HelpLine asks what something is: name?, name?? or ?name.
type HelpLine struct {
	// Target is what is asked about, as written: a name, a path of names, or a magic with its percent sign.
	// It is cell[Start:End].
	Target     string
	Start, End int
	// Detail: two question marks, more is wanted.
	Detail bool
}

// help recognises a help line at t, goes past it and reports whether it was one. The question marks touch the name
// and nothing else stands on the rest of the line, which no statement does: SELECT ? has a blank, and a statement
// that begins with a parameter is none.
func (s *scanner) help(t token, p *Part) bool {
	i := t.start
	before := questionMarks(s.src, i)
	i += before
	name := i
	for n := 0; n < 2 && i < len(s.src) && s.src[i] == '%'; n++ {
		i++
	}
	end := pathEnd(s.src, i)
	s.steps += end - t.start
	if end == i {
		return false
	}
	after := questionMarks(s.src, end)
	if (before == 0) == (after == 0) {
		return false
	}
	last := end + after
	rest := last
	for rest < len(s.src) && (s.src[rest] == ';' || isBlank(s.src[rest]) && newlineLen(s.src, rest) == 0) {
		rest++
	}
	s.steps += rest - last
	if rest < len(s.src) && newlineLen(s.src, rest) == 0 {
		return false
	}
	s.pos = rest
	p.Kind = Help
	p.End = last
	p.Closed = rest < len(s.src)
	p.Help = HelpLine{Target: s.src[name:end], Start: name, End: end, Detail: before+after > 1}
	return true
}

// questionMarks counts the question marks at i, up to two.
func questionMarks(src string, i int) int {
	n := 0
	for n < 2 && i+n < len(src) && src[i+n] == '?' {
		n++
	}
	return n
}

// pathEnd is the end of the names joined by dots that begin at i, or i where there are none.
func pathEnd(src string, i int) int {
	s := scanner{d: DuckDB, src: src, pos: i}
	for {
		switch c := s.at(0); {
		case c == '"':
			if !s.quote('"', false) {
				return i
			}
		case isIdentStart(c) && unicodeBlank(src, s.pos) == 0:
			s.word()
		default:
			return i
		}
		if s.at(0) != '.' {
			return s.pos
		}
		s.pos++
	}
}
