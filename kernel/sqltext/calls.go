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
