package sqltext

import "strings"

// Calls gives the names of the functions that a text calls: every identifier, quoted or not, that stands before an
// opening parenthesis, in lower case and without its schema. It is a scan, not a parse: a name before a parenthesis
// that is no call (a type, a column list) is given too, so it may be used to refuse, never to allow.
func Calls(text string) []string {
	var names []string
	s := scanner{d: DuckDB, src: text}
	name := ""
	for {
		t, ok := s.significant()
		switch {
		case !ok:
			return names
		case t.kind == word || t.kind == quoted:
			name = lower(Unquote(text[t.start:t.end]))
			continue
		case t.kind == op && text[t.start] == '(' && name != "":
			names = append(names, name)
		}
		name = ""
	}
}

// AttachParts is what an ATTACH statement names.
type AttachParts struct {
	// Path is the text between the quotes; PathOK is false where the path is no plain string.
	Path   string
	PathOK bool
	// Type is the TYPE option in lower case, empty without one; given twice, both joined by a comma.
	Type string
	// Alias is the name after AS; empty without one.
	Alias string
}

// ParseAttach reads an ATTACH statement; ok is false for any other.
func ParseAttach(stmt string) (a AttachParts, ok bool) {
	s := scanner{d: DuckDB, src: stmt}
	var words []string // what stands before the path
	for {
		t, more := s.significant()
		if !more {
			return a, len(words) > 0 && words[0] == "attach"
		}
		text := stmt[t.start:t.end]
		if t.kind == word && len(words) < 8 {
			words = append(words, lower(text))
			if words[0] != "attach" {
				return a, false
			}
			continue
		}
		if len(words) == 0 {
			return a, false
		}
		if t.kind == str {
			a.Path, a.PathOK = stringValue(text)
		}
		break
	}
	a.options(&s)
	return a, true
}

// options reads what follows the path: AS name, and TYPE within the parentheses.
func (a *AttachParts) options(s *scanner) {
	before := ""
	for {
		t, more := s.significant()
		if !more {
			return
		}
		text := s.src[t.start:t.end]
		if t.kind == str && before == "" {
			a.PathOK = false // a string goes on in the next one on a line of its own
		}
		if t.kind == op {
			if text != "=" {
				before = ""
			}
			continue
		}
		switch before {
		case "as":
			a.Alias = Unquote(text)
		case "type":
			if value, isString := stringValue(text); t.kind == str && isString {
				text = value
			}
			if a.Type != "" {
				a.Type += ","
			}
			a.Type += strings.ToLower(Unquote(text))
		}
		before = ""
		if t.kind == word || t.kind == quoted {
			before = lower(Unquote(text))
		}
	}
}

// Wrapped gives the statement within EXPLAIN … or PREPARE … AS, and any other as it is.
func Wrapped(stmt string) string {
	for {
		s := scanner{d: DuckDB, src: stmt}
		t, ok := s.significant()
		if !ok || t.kind != word {
			return stmt
		}
		from := -1
		switch lower(stmt[t.start:t.end]) {
		case "explain":
			from = s.afterExplain()
		case "prepare":
			from = s.afterWord("as")
		}
		if from < 0 {
			return stmt
		}
		stmt = stmt[from:]
	}
}

// afterExplain is where the statement begins behind EXPLAIN, ANALYZE and options in parentheses; -1 if nowhere.
func (s *scanner) afterExplain() int {
	depth := 0
	for {
		t, ok := s.significant()
		switch text := s.src[t.start:t.end]; {
		case !ok:
			return -1
		case t.kind == op && text == "(":
			depth++
		case t.kind == op && text == ")":
			depth--
		case depth == 0 && !(t.kind == word && (lower(text) == "analyze" || lower(text) == "verbose")):
			return t.start
		}
	}
}

// afterWord is the place behind the next such word outside of parentheses; -1 if there is none.
func (s *scanner) afterWord(w string) int {
	depth := 0
	for {
		t, ok := s.significant()
		switch text := s.src[t.start:t.end]; {
		case !ok:
			return -1
		case t.kind == op && text == "(":
			depth++
		case t.kind == op && text == ")":
			depth--
		case depth == 0 && t.kind == word && lower(text) == w:
			return t.end
		}
	}
}

// CopyTarget gives the file that COPY … TO writes; copies is false for other statements, and plain is false where the
// target is not one string.
func CopyTarget(stmt string) (path string, plain, copies bool) {
	s := scanner{d: DuckDB, src: stmt}
	if t, ok := s.significant(); !ok || t.kind != word || lower(stmt[t.start:t.end]) != "copy" {
		return "", false, false
	}
	first := s // COPY FROM DATABASE a TO b names databases
	if t, ok := first.significant(); ok && t.kind == word && lower(stmt[t.start:t.end]) == "from" {
		return "", false, false
	}
	if s.afterWord("to") < 0 {
		return "", false, false
	}
	t, ok := s.significant()
	if !ok || t.kind != str {
		return "", false, true
	}
	path, plain = stringValue(stmt[t.start:t.end])
	if next, ok := s.significant(); ok && (next.kind == str || next.kind == op && stmt[next.start] != '(' && stmt[next.start] != ';') {
		plain = false
	}
	return path, plain, true
}
