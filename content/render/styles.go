package render

import (
	"fmt"
	"strings"
)

// styles turns inline styles, which a strict page forbids, into classes. A class is defined before it is first used,
// in a style element with the page's nonce.
type styles struct {
	nonce string
	part  string            // stands in every name, so that renders within one page do not share any
	known map[string]string // an attribute's text → its class, "" if nothing of it is allowed
	class map[string]string // declarations in normal form → class
	fresh strings.Builder   // rules not yet written
	scope int
}

const maxStyles = 20_000

// attribute gives the class for the text of a style attribute; "" if nothing is left of it.
func (s *styles) attribute(text string) string {
	if class, ok := s.known[text]; ok {
		return class
	}
	if s.known == nil {
		s.known, s.class = map[string]string{}, map[string]string{}
	}
	if len(s.known) >= maxStyles {
		return ""
	}
	class := s.define(declarations(text, ""))
	s.known[strings.Clone(text)] = class
	return class
}

// define gives the class of declarations in normal form.
func (s *styles) define(decls string) string {
	if decls == "" {
		return ""
	}
	if decls == hiddenDecls {
		return "sx-hidden"
	}
	if s.class == nil {
		s.known, s.class = map[string]string{}, map[string]string{}
	}
	if class, ok := s.class[decls]; ok {
		return class
	}
	if len(s.class) >= maxStyles {
		return ""
	}
	class := "sx-s" + s.part + itoa(len(s.class))
	s.class[decls] = class
	fmt.Fprintf(&s.fresh, ".sx .%s{%s}", class, decls)
	return class
}

// flush writes the rules that came up since the last call.
func (s *styles) flush(w stringWriter) {
	if s.fresh.Len() == 0 {
		return
	}
	_, _ = w.WriteString("<style")
	if s.nonce != "" {
		_, _ = w.WriteString(` nonce="`)
		writeText(w, s.nonce)
		_, _ = w.WriteString(`"`)
	}
	_, _ = w.WriteString(">" + s.fresh.String() + "</style>\n")
	s.fresh.Reset()
}

// hiddenDecls is what stays of the style that hides a text from the eye and not from a screen reader, as the kernel's
// tables have it: position is allowed to nothing else.
const hiddenDecls = "sx-hidden"

// properties that documents may set. None of them can load anything, lie over the page, or move out of its place.
var properties = set(`color background background-color background-image font-weight font-style font-size font-family
	font-variant-numeric text-decoration text-decoration-line text-decoration-color text-decoration-style text-align
	text-indent text-transform letter-spacing word-break overflow-wrap word-wrap line-height vertical-align white-space
	width max-width min-width height max-height min-height overflow overflow-x overflow-y opacity
	border border-top border-right border-bottom border-left border-color border-style border-width border-radius
	border-top-color border-bottom-color border-left-color border-right-color border-top-style border-bottom-style
	border-left-style border-right-style border-top-width border-bottom-width border-left-width border-right-width
	border-collapse border-spacing padding padding-top padding-right padding-bottom padding-left
	margin margin-top margin-right margin-bottom margin-left display list-style-type list-style table-layout float clear
	flex flex-direction flex-wrap gap justify-content align-items justify-items align-content grid-template-columns
	caption-side box-sizing empty-cells direction`)

// functions that a value may call.
var cssFunctions = set(`rgb rgba hsl hsla linear-gradient min max minmax repeat`)

// declarations is the text of a style attribute or rule in normal form, with only what is allowed. Each one is followed
// by suffix, such as " !important", and a semicolon.
func declarations(text, suffix string) string {
	if strings.Contains(text, "clip:rect(0,0,0,0)") && strings.Contains(text, "position:absolute") {
		return hiddenDecls
	}
	if len(text) > 4_096 || strings.Contains(text, "/*") {
		return ""
	}
	var b strings.Builder
	for decl := range strings.SplitSeq(text, ";") {
		name, value, ok := strings.Cut(decl, ":")
		name = strings.ToLower(strings.TrimSpace(name))
		value = strings.TrimSpace(value)
		if !ok || !properties[name] || !safeValue(name, value) {
			continue
		}
		value = strings.TrimSpace(strings.TrimSuffix(value, "!important"))
		b.WriteString(name + ":" + strings.Join(strings.Fields(value), " ") + suffix + ";")
	}
	return b.String()
}

// safeValue reads a value: words, numbers, colours and the functions above. No quotes, no escapes, no url, and nothing
// negative, by which a box could leave its place.
func safeValue(name, value string) bool {
	if value == "" || len(value) > 500 {
		return false
	}
	depth, word := 0, 0
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '#', c == '%', c == '.':
		case c == '-':
			if i+1 < len(value) && (value[i+1] == '.' || '0' <= value[i+1] && value[i+1] <= '9') && (i == 0 || !wordByte(value[i-1])) {
				return false
			}
		case c == ' ', c == ',', c == '\t', c == '\n', c == '/':
			word = i + 1
			continue
		case c == '(':
			if !cssFunctions[strings.ToLower(value[word:i])] {
				return false
			}
			depth++
			word = i + 1
		case c == ')':
			if depth--; depth < 0 {
				return false
			}
		case c == '!':
			if value[i:] != "!important" {
				return false
			}
		case c == '\'' || c == '"':
			// Names of fonts; they hold nothing but letters, digits, blanks and dashes.
			end := strings.IndexByte(value[i+1:], c)
			if name != "font-family" || end < 0 || strings.Trim(value[i+1:i+1+end], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -") != "" {
				return false
			}
			i += end + 1
		default:
			return false
		}
	}
	lower := strings.ToLower(value)
	if name == "display" && (lower == "contents" || strings.HasPrefix(lower, "-")) {
		return false
	}
	return depth == 0 && !strings.Contains(lower, "expression") && !strings.Contains(lower, "sx-")
}

func wordByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-'
}

// sheet reads the style element of an output, such as pandas' Styler writes it, and defines its rules for the elements
// below the class it gives; "" if nothing of it is used. At-rules, pseudo-elements and selectors that are more than
// names, classes, ids and their relations are left out.
func (s *styles) sheet(css string) string {
	if len(css) > 1<<20 {
		return ""
	}
	s.scope++
	scope := "sx-o" + s.part + itoa(s.scope)
	var b strings.Builder
	for rules := 0; css != "" && rules < maxStyles; rules++ {
		head, rest, ok := strings.Cut(css, "{")
		if !ok {
			break
		}
		body, after, _ := strings.Cut(rest, "}")
		css = after
		if strings.Contains(body, "{") {
			break // a nested rule: nothing after it is certain
		}
		decls := declarations(body, "")
		if decls == "" || decls == hiddenDecls {
			continue
		}
		var selectors []string
		for sel := range strings.SplitSeq(head, ",") {
			if sel = selector(sel); sel != "" {
				selectors = append(selectors, "."+scope+" "+sel)
			}
		}
		if len(selectors) > 0 {
			b.WriteString(strings.Join(selectors, ",") + "{" + decls + "}")
		}
	}
	if b.Len() == 0 {
		return ""
	}
	s.fresh.WriteString(b.String())
	return scope
}

// selector is a selector with its ids as they are written in the page; "" for one that is not simple.
func selector(sel string) string {
	sel = strings.TrimSpace(sel)
	if sel == "" || len(sel) > 300 {
		return ""
	}
	var b strings.Builder
	for i := 0; i < len(sel); i++ {
		switch c := sel[i]; {
		case wordByte(c), c == '_', c == '.', c == ' ', c == '>', c == '*', c == '+':
			b.WriteByte(c)
		case c == '\n', c == '\t', c == '\r':
			b.WriteByte(' ')
		case c == '#':
			end := i + 1
			for end < len(sel) && (wordByte(sel[end]) || sel[end] == '_') {
				end++
			}
			b.WriteString("#" + elementID(sel[i+1:end]))
			i = end - 1
		case c == ':':
			found := ""
			for _, pseudo := range []string{":hover", ":first-child", ":last-child", ":nth-child(even)", ":nth-child(odd)", ":only-of-type"} {
				if strings.HasPrefix(sel[i:], pseudo) {
					found = pseudo
				}
			}
			if found == "" {
				return ""
			}
			b.WriteString(found)
			i += len(found) - 1
		default:
			return ""
		}
	}
	if strings.Contains(b.String(), ".sx") {
		return ""
	}
	return b.String()
}

// elementID is the id in the page for one that a document chose: a prefix keeps it from any of the page's own, and from
// names that scripts know.
func elementID(id string) string {
	var b strings.Builder
	if len(id) < 2 || !strings.EqualFold(id[:2], "u-") {
		b.WriteString("u-")
	}
	for _, r := range clip(strings.ToLower(id), 120) {
		switch {
		case r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || r > 0x7f:
			b.WriteRune(r)
		default:
			b.WriteByte('-')
		}
	}
	return b.String()
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}
