package display

import "strings"

// plainText marks, in the tree of a nested SQL type, the parts that come as Arrow strings but which the engine does
// not quote inside others: VARIANT, and JSON as the element of a list (in a struct or map it is quoted). A nil tree
// marks nothing.
type plainText struct {
	plain bool
	inner []*plainText
}

func (p *plainText) isPlain() bool { return p != nil && p.plain }

// child gives the tree of the n-th part: an element is part 0 of its list, a key part 0 and a value part 1 of a map.
func (p *plainText) child(n int) *plainText {
	if p == nil || n < 0 || n >= len(p.inner) {
		return nil
	}
	return p.inner[n]
}

// parsePlainText reads a type as DuckDB names it: STRUCT(a VARIANT, "b c" INTEGER[])[3]. What it cannot read marks
// nothing; a type without VARIANT or JSON is not read at all.
func parsePlainText(sql string) *plainText {
	if upper := strings.ToUpper(sql); !strings.Contains(upper, "VARIANT") && !strings.Contains(upper, "JSON") {
		return nil
	}
	return plainOf(strings.TrimSpace(sql), 0)
}

// maxTypeDepth bounds the recursion over a type's text; deeper parts count as unmarked.
const maxTypeDepth = 200

func plainOf(sql string, depth int) *plainText {
	if depth > maxTypeDepth {
		return nil
	}
	if strings.HasSuffix(sql, "]") {
		if at := strings.LastIndexByte(sql, '['); at > 0 {
			elem := strings.TrimSpace(sql[:at])
			if strings.EqualFold(elem, "JSON") {
				return &plainText{inner: []*plainText{{plain: true}}}
			}
			return &plainText{inner: []*plainText{plainOf(elem, depth+1)}}
		}
		return nil
	}
	if strings.EqualFold(sql, "VARIANT") {
		return &plainText{plain: true}
	}
	open := strings.IndexByte(sql, '(')
	if open < 0 || !strings.HasSuffix(sql, ")") {
		return nil
	}
	kind, parts := strings.ToUpper(sql[:open]), splitType(sql[open+1:len(sql)-1])
	if kind != "STRUCT" && kind != "UNION" && kind != "MAP" {
		return nil
	}
	p := &plainText{}
	for _, part := range parts {
		if kind != "MAP" {
			part = withoutName(part)
		}
		p.inner = append(p.inner, plainOf(part, depth+1))
	}
	return p
}

// splitType cuts at the commas that are in no parenthesis and no quotes.
func splitType(sql string) []string {
	var parts []string
	depth, start, quote := 0, 0, byte(0)
	for i := range len(sql) {
		switch c := sql[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			parts = append(parts, strings.TrimSpace(sql[start:i]))
			start = i + 1
		}
	}
	return append(parts, strings.TrimSpace(sql[start:]))
}

// withoutName drops a field's name, which may be quoted. A field of a struct without names is its type alone.
func withoutName(part string) string {
	if strings.HasPrefix(part, `"`) {
		for i := 1; i < len(part); i++ {
			if part[i] != '"' {
				continue
			}
			if i+1 < len(part) && part[i+1] == '"' {
				i++
				continue
			}
			return strings.TrimSpace(part[i+1:])
		}
		return part
	}
	if at := strings.IndexByte(part, ' '); at > 0 && !strings.ContainsAny(part[:at], "([") {
		return strings.TrimSpace(part[at+1:])
	}
	return part
}
