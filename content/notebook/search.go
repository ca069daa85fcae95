package notebook

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// PassageKind says what a passage was taken from.
type PassageKind string

// The kinds of passage.
const (
	SourcePassage PassageKind = "source"
	OutputPassage PassageKind = "output"
)

// Passage is the text of one cell, or of its outputs, for a search index.
type Passage struct {
	CellID string
	Kind   PassageKind
	Text   string
}

// Passages gives the sources of all cells, whole, and what their outputs say: streams, errors, and of displayed data
// text/plain or else text/markdown, without ANSI codes and other control characters. The outputs of one cell count up
// to perCell bytes and those of all together up to total; the beginning is kept, as a rule a result's most telling
// part. Empty passages are left out. The notebook's order is kept, a source before its outputs.
func Passages(nb *Notebook, perCell, total int) []Passage {
	var out []Passage
	for _, c := range nb.Cells {
		if strings.TrimSpace(c.Source) != "" {
			out = append(out, Passage{c.ID, SourcePassage, c.Source})
		}
		room := min(perCell, total)
		var b strings.Builder
		for _, o := range c.Outputs {
			if b.Len() >= room {
				break
			}
			text := strings.TrimSpace(o.plain(room - b.Len()))
			if text == "" {
				continue
			}
			if b.Len() > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(text)
		}
		if text := prefix(b.String(), room); text != "" {
			out = append(out, Passage{c.ID, OutputPassage, text})
			total -= len(text)
		}
	}
	return out
}

// plain is what the output says in words, at most n bytes.
func (o Output) plain(n int) string {
	fields := o.json.Object()
	switch {
	case o.kind == Stream:
		return withoutCodes(fields["text"].start(n))
	case o.kind == ErrorOutput:
		return prefix(withoutCodes(fields["ename"].start(n)+": "+fields["evalue"].start(n)), n)
	case o.display():
		data := fields["data"].Object()
		v := data["text/plain"]
		if v == "" {
			v = data["text/markdown"]
		}
		return withoutCodes(v.start(n))
	}
	return ""
}

// start is the first n bytes of a string's content, or a little less; "" if v is no string. It reads no further.
func (v Value) start(n int) string {
	if len(v) < 2 || v[0] != '"' {
		return ""
	}
	var b strings.Builder
	for body := string(v[1 : len(v)-1]); body != "" && b.Len() < n; {
		chunk := body[:min(len(body), n-b.Len())]
		i := strings.IndexByte(chunk, '\\')
		if i < 0 {
			b.WriteString(chunk)
			body = body[len(chunk):]
			continue
		}
		b.WriteString(chunk[:i])
		r, size := unescape(body[i:])
		if utf16.IsSurrogate(r) {
			r = utf8.RuneError
		}
		b.WriteRune(r)
		body = body[i+size:]
	}
	return prefix(b.String(), n)
}

// prefix is at most n bytes of s, cut between characters.
func prefix(s string, n int) string {
	if len(s) <= n {
		n = len(s)
	}
	for n > 0 && n < len(s) && !utf8.RuneStart(s[n]) {
		n--
	}
	// The text may itself end within a character, having been cut by bytes.
	return strings.TrimSuffix(strings.ToValidUTF8(s[:n], "\x00"), "\x00")
}

// withoutCodes drops ANSI escape sequences and control characters other than line ends and tabs.
func withoutCodes(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == 0x1b:
			i += codeLen(s[i:])
			continue
		case r == '\r':
			b.WriteByte('\n')
		case !unicode.IsControl(r) || r == '\n' || r == '\t':
			b.WriteRune(r)
		}
		i += size
	}
	return b.String()
}

// codeLen is the length of the escape sequence that s begins with (ECMA-48: CSI with its parameters, or OSC up to its
// end, or two bytes).
func codeLen(s string) int {
	if len(s) < 2 {
		return len(s)
	}
	switch s[1] {
	case '[':
		for i := 2; i < len(s); i++ {
			if 0x40 <= s[i] && s[i] <= 0x7e {
				return i + 1
			}
		}
		return len(s)
	case ']':
		for i := 2; i < len(s); i++ {
			if s[i] == 7 {
				return i + 1
			}
			if s[i] == 0x1b && i+1 < len(s) && s[i+1] == '\\' {
				return i + 2
			}
		}
		return len(s)
	}
	_, size := utf8.DecodeRuneInString(s[1:])
	return 1 + size
}

// Title is the text of the first heading of a Markdown cell, of whatever level, its markup removed; without one it is
// metadata.title, or "".
func Title(nb *Notebook) string {
	for _, c := range nb.Cells {
		if c.Type == Markdown {
			if title := heading(c.Source); title != "" {
				return title
			}
		}
	}
	title, _ := nb.Metadata["title"].Text()
	return strings.TrimSpace(title)
}

// heading finds the first ATX or setext heading outside fenced code (CommonMark 4.2, 4.3, 4.5).
func heading(markdown string) string {
	fence, before := "", ""
	for line := range strings.Lines(markdown) {
		line = strings.TrimRight(line, "\r\n")
		text := strings.TrimSpace(line)
		indented := len(line)-len(strings.TrimLeft(line, " ")) > 3 || strings.HasPrefix(line, "\t")
		switch {
		case fence != "":
			if strings.HasPrefix(text, fence) && strings.Trim(text, fence[:1]) == "" {
				fence = ""
			}
			continue
		case indented:
		case strings.HasPrefix(text, "```"), strings.HasPrefix(text, "~~~"):
			fence = text[:len(text)-len(strings.TrimLeft(text, text[:1]))]
			before = ""
			continue
		case strings.HasPrefix(text, "#"):
			marks := len(text) - len(strings.TrimLeft(text, "#"))
			if rest := text[marks:]; marks <= 6 && (rest == "" || rest[0] == ' ' || rest[0] == '\t') {
				if closed := strings.TrimRight(rest, "#"); closed == "" || strings.HasSuffix(closed, " ") {
					rest = closed
				}
				if title := withoutMarkup(rest); title != "" {
					return title
				}
				before = ""
				continue
			}
		case before != "" && (strings.Trim(text, "=") == "" || strings.Trim(text, "-") == "") && text != "":
			return withoutMarkup(before)
		}
		if before = text; indented || strings.HasPrefix(text, ">") || strings.HasPrefix(text, "|") || strings.HasPrefix(text, "- ") {
			before = ""
		}
	}
	return ""
}

// withoutMarkup takes emphasis, code marks and link targets off a heading.
func withoutMarkup(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && strings.IndexByte("\\`*_{}[]()#+-.!|<>~", s[i+1]) >= 0:
			i++
			b.WriteByte(s[i])
		case c == '*' || c == '`' || c == '[' || c == '!' && strings.HasPrefix(s[i:], "!["):
		case c == ']':
			if end := strings.IndexByte(s[i:], ')'); strings.HasPrefix(s[i:], "](") && end > 0 {
				i += end
			}
		default:
			b.WriteByte(c)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
