package render

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

type stringWriter interface{ WriteString(string) (int, error) }

// escapes says what each byte of text becomes: itself where it is "".
var escapes = func() (t [256]string) {
	t['&'], t['<'], t['>'], t['"'], t['\''] = "&amp;", "&lt;", "&gt;", "&#34;", "&#39;"
	for c := range 0x20 {
		if c != '\n' && c != '\t' && c != '\r' {
			t[c] = "\ufffd"
		}
	}
	t['\r'] = "&#13;"
	t[0x7f] = "\ufffd"
	return t
}()

// writeText writes text for an element or a quoted attribute. What is not UTF-8, and control characters, become U+FFFD.
func writeText(w stringWriter, s string) {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\ufffd")
	}
	from := 0
	for i := 0; i < len(s); i++ {
		if e := escapes[s[i]]; e != "" {
			_, _ = w.WriteString(s[from:i])
			_, _ = w.WriteString(e)
			from = i + 1
		}
	}
	_, _ = w.WriteString(s[from:])
}

func escaped(s string) string {
	var b strings.Builder
	writeText(&b, s)
	return b.String()
}

// size is a length for people, in powers of 1,000.
func size(n int64) string {
	switch {
	case n < 1_000:
		return fmt.Sprintf("%d bytes", n)
	case n < 1_000_000:
		return fmt.Sprintf("%.3g kB", float64(n)/1e3)
	case n < 1_000_000_000:
		return fmt.Sprintf("%.3g MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.3g GB", float64(n)/1e9)
}

// grouped is a count with its thousands apart.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// clip is at most n bytes of s, at the end of a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// clipEnd is at most the last n bytes of s, from the beginning of a line where there is one.
func clipEnd(s string, n int) string {
	if len(s) <= n {
		return s
	}
	from := len(s) - n
	for from < len(s) && !utf8.RuneStart(s[from]) {
		from++
	}
	if i := strings.IndexByte(s[from:], '\n'); i >= 0 && i < n/2 {
		from += i + 1
	}
	return s[from:]
}
