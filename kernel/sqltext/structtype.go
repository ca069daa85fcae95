package sqltext

import "strings"

// Field is one field of a STRUCT or member of a UNION.
type Field struct{ Name, Type string }

// StructFields are the fields that the name of a type tells: of STRUCT(a INTEGER, "b c" VARCHAR[]) a and b c. Nil for
// any other type, also for a list of structs.
func StructFields(typ string) []Field {
	s := scanner{d: DuckDB, src: typ}
	t, ok := s.significant()
	if !ok || !strings.EqualFold(typ[t.start:t.end], "STRUCT") && !strings.EqualFold(typ[t.start:t.end], "UNION") {
		return nil
	}
	if t, ok = s.significant(); !ok || typ[t.start] != '(' {
		return nil
	}
	var out []Field
	depth := 1
	name, typeStart, last := "", -1, 0
	for {
		t, ok := s.significant()
		if !ok {
			return nil
		}
		c := typ[t.start]
		if t.kind != op {
			c = 0
		}
		switch {
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		}
		if depth == 0 || depth == 1 && c == ',' {
			if typeStart >= 0 {
				out = append(out, Field{Name: name, Type: typ[typeStart:last]})
			}
			name, typeStart = "", -1
			if depth == 0 {
				break
			}
			continue
		}
		switch {
		case name == "":
			name = Unquote(typ[t.start:t.end])
		case typeStart < 0:
			typeStart = t.start
		}
		last = t.end
	}
	if _, more := s.significant(); more {
		return nil
	}
	return out
}
