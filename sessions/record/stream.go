package record

import "strings"

// terminal is what a stream wrote, as a terminal would show it line by line: a carriage return goes back to the line's begin, and
// what follows replaces what stands there; a backspace goes back by one. Only the last line can still change.
type terminal struct {
	done strings.Builder // whole lines
	line []rune
	at   int // where in line the next character goes
}

// write appends what came.
func (t *terminal) write(s string) {
	for len(s) > 0 {
		i := strings.IndexAny(s, "\n\r\b")
		if i < 0 {
			t.put(s)
			return
		}
		t.put(s[:i])
		switch s[i] {
		case '\n':
			// Whole lines are the rule, and need no runes.
			t.done.WriteString(string(t.line))
			t.done.WriteByte('\n')
			t.line, t.at = t.line[:0], 0
		case '\r':
			t.at = 0
		case '\b':
			t.at = max(0, t.at-1)
		}
		s = s[i+1:]
	}
}

func (t *terminal) put(s string) {
	if s == "" {
		return
	}
	r := []rune(s)
	n := copy(t.line[t.at:], r)
	t.line = append(t.line, r[n:]...)
	t.at += len(r)
}

// size is about how many bytes it has.
func (t *terminal) size() int { return t.done.Len() + len(t.line) }

func (t *terminal) String() string { return t.done.String() + string(t.line) }
