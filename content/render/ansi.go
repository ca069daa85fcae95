package render

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// What programs write to a terminal, as HTML, in one pass: colours and styles (ECMA-48 SGR, 256 and true colours), and the
// moves by which progress bars write over themselves: carriage return, backspace, cursor moves, erasing. A move upwards
// reaches at most windowLines back; what lies before is written and done with, so memory is bounded by the window.
// Other control sequences, hyperlinks (OSC 8) among them, are dropped and their text is kept.

const (
	windowLines = 200
	maxColumn   = 1_000 // how far a move to the right can go; text itself may be longer
)

// colour is 0 for the default, 1 to 256 for the palette, and 1<<24 and more for true colours.
type colour int32

const trueColour colour = 1 << 24

type pen struct {
	fg, bg colour
	marks  uint8
}

const (
	bold uint8 = 1 << iota
	faint
	italic
	underline
	inverse
	strike
	conceal
	overline
)

type glyph struct {
	r   rune
	pen uint16
}

type terminal struct {
	w      stringWriter
	styles *styles
	lines  [][]glyph
	row    int
	col    int
	pens   []pen
	index  map[pen]uint16
	pen    uint16
	saved  [2]int
	opened string
	wrote  bool
	// blanks is how many blanks moves may still leave behind: a few bytes must not become a page of nothing.
	blanks int
}

func newTerminal(w stringWriter, st *styles, text string) *terminal {
	return &terminal{w: w, styles: st, lines: [][]glyph{nil}, pens: []pen{{}}, index: map[pen]uint16{{}: 0}, blanks: 2*len(text) + maxColumn}
}

// ansi writes text as the inside of a pre element. Line ends at its end are dropped.
func ansi(w stringWriter, st *styles, text string) {
	text = strings.TrimRight(text, "\n")
	if !strings.ContainsAny(text, "\x1b\r\b\v\f\u009b") {
		writeText(w, text)
		return
	}
	t := newTerminal(w, st, text)
	t.run(text)
	for n := len(t.lines); n > 1 && len(t.lines[n-1]) == 0; n-- {
		t.lines = t.lines[:n-1]
	}
	for len(t.lines) > 0 {
		t.commit()
	}
	t.span("")
}

func (t *terminal) run(s string) {
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '\n' || c == '\v' || c == '\f':
			t.down(1)
			t.col = 0
			i++
		case c == '\r':
			t.col = 0
			i++
		case c == '\b':
			t.col = max(0, t.col-1)
			i++
		case c == '\t':
			for n := 8 - t.col%8; n > 0; n-- {
				t.put(' ')
			}
			i++
		case c == 0x1b:
			i = t.escape(s, i+1)
		case c < ' ' || c == 0x7f:
			i++
		case c < utf8.RuneSelf:
			t.put(rune(c))
			i++
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			i += n
			if r == 0x9b {
				i = t.control(s, i)
			} else if r >= 0xa0 || r == utf8.RuneError {
				t.put(r)
			}
		}
	}
}

// escape reads what follows an escape character and says where it ends.
func (t *terminal) escape(s string, i int) int {
	if i == len(s) {
		return i
	}
	switch s[i] {
	case '[':
		return t.control(s, i+1)
	case ']', 'P', 'X', '^', '_':
		// A string for the terminal, ended by BEL or ST. One without an end is taken for text again after its line.
		end := min(len(s), i+1+8_192)
		for k := i + 1; k < end; k++ {
			switch {
			case s[k] == 7:
				return k + 1
			case s[k] == 0x1b && k+1 < len(s) && s[k+1] == '\\':
				return k + 2
			case s[k] == '\n':
				return k
			}
		}
		return end
	case '7':
		t.saved = [2]int{t.row, t.col}
	case '8':
		t.restore()
	case '(', ')', '*', '+', '#', '%', ' ':
		return min(len(s), i+2)
	case 'M':
		t.row = max(0, t.row-1)
	case 'c':
		t.pen = 0
	}
	_, n := utf8.DecodeRuneInString(s[i:])
	return i + n
}

func (t *terminal) restore() {
	t.row, t.col = min(t.saved[0], len(t.lines)-1), t.saved[1]
}

// control reads a control sequence after its introducer.
func (t *terminal) control(s string, i int) int {
	var params [32]int
	n, has, private := 0, false, false
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case '0' <= c && c <= '9':
			if params[n] < 1_000_000 {
				params[n] = params[n]*10 + int(c-'0')
			}
			has = true
		case c == ';' || c == ':':
			if n+1 < len(params) {
				n++
			}
			has = true
		case '<' <= c && c <= '?':
			private = true
		case ' ' <= c && c <= '/':
			private = true
		case '@' <= c && c <= '~':
			if has {
				n++
			}
			if !private {
				t.perform(c, params[:n])
			}
			return i + 1
		default:
			return i // no sequence after all; the character counts
		}
	}
	return i
}

func (t *terminal) perform(c byte, p []int) {
	n := 1
	if len(p) > 0 && p[0] > 0 {
		n = p[0]
	}
	mode := 0
	if len(p) > 0 {
		mode = p[0]
	}
	switch c {
	case 'm':
		t.sgr(p)
	case 'A', 'F':
		t.row = max(0, t.row-n)
		if c == 'F' {
			t.col = 0
		}
	case 'B', 'E':
		t.down(min(n, windowLines))
		if c == 'E' {
			t.col = 0
		}
	case 'C':
		t.col = max(t.col, min(maxColumn, t.col+n))
	case 'D':
		t.col = max(0, t.col-n)
	case 'G', '`':
		t.col = min(maxColumn, n-1)
	case 'H', 'f':
		// A position on a screen; the lines above it are no screen any more. Column counts, row does not.
		t.col = 0
		if len(p) > 1 && p[1] > 0 {
			t.col = min(maxColumn, p[1]-1)
		}
	case 'K':
		line := t.lines[t.row]
		switch mode {
		case 0:
			t.lines[t.row] = line[:min(len(line), t.col)]
		case 1:
			for k := 0; k < min(len(line), t.col+1); k++ {
				line[k] = glyph{r: ' '}
			}
		case 2:
			t.lines[t.row] = line[:0]
		}
	case 'J':
		switch mode {
		case 0:
			t.lines[t.row] = t.lines[t.row][:min(len(t.lines[t.row]), t.col)]
			t.lines = t.lines[:t.row+1]
		case 2, 3:
			for k := range t.lines {
				t.lines[k] = t.lines[k][:0]
			}
			t.lines, t.row, t.col = t.lines[:1], 0, 0
		}
	case 'P':
		if line := t.lines[t.row]; t.col < len(line) {
			t.lines[t.row] = append(line[:t.col], line[min(len(line), t.col+n):]...)
		}
	case 's':
		t.saved = [2]int{t.row, t.col}
	case 'u':
		t.restore()
	}
}

func (t *terminal) down(n int) {
	for ; n > 0; n-- {
		if t.row++; t.row == len(t.lines) {
			t.lines = append(t.lines, nil)
		}
		if len(t.lines) > windowLines {
			t.commit()
			t.row--
			t.saved[0] = max(0, t.saved[0]-1)
		}
	}
}

func (t *terminal) put(r rune) {
	line := t.lines[t.row]
	for len(line) < t.col && t.blanks > 0 {
		line = append(line, glyph{r: ' '})
		t.blanks--
	}
	t.col = min(t.col, len(line))
	if g := (glyph{r, t.pen}); t.col < len(line) {
		line[t.col] = g
	} else {
		line = append(line, g)
	}
	t.lines[t.row] = line
	t.col++
}

// commit writes the first line.
func (t *terminal) commit() {
	if t.wrote {
		_, _ = t.w.WriteString("\n")
	}
	t.wrote = true
	line := t.lines[0]
	var run []byte
	for i := 0; i < len(line); {
		p := line[i].pen
		run = run[:0]
		for ; i < len(line) && line[i].pen == p; i++ {
			run = utf8.AppendRune(run, line[i].r)
		}
		class := t.class(t.pens[p])
		t.span(class)
		writeText(t.w, string(run))
	}
	t.lines = t.lines[1:]
}

// span ends the span that is open and begins one for class, where they differ.
func (t *terminal) span(class string) {
	if class == t.opened {
		return
	}
	if t.opened != "" {
		_, _ = t.w.WriteString("</span>")
	}
	if class != "" {
		_, _ = t.w.WriteString(`<span class="` + class + `">`)
	}
	t.opened = class
}

func (t *terminal) sgr(p []int) {
	cur := t.pens[t.pen]
	if len(p) == 0 {
		cur = pen{}
	}
	for i := 0; i < len(p); i++ {
		switch n := p[i]; {
		case n == 0:
			cur = pen{}
		case n == 1:
			cur.marks |= bold
		case n == 2:
			cur.marks |= faint
		case n == 3:
			cur.marks |= italic
		case n == 4 || n == 21:
			cur.marks |= underline
		case n == 7:
			cur.marks |= inverse
		case n == 8:
			cur.marks |= conceal
		case n == 9:
			cur.marks |= strike
		case n == 22:
			cur.marks &^= bold | faint
		case n == 23:
			cur.marks &^= italic
		case n == 24:
			cur.marks &^= underline
		case n == 27:
			cur.marks &^= inverse
		case n == 28:
			cur.marks &^= conceal
		case n == 29:
			cur.marks &^= strike
		case n == 53:
			cur.marks |= overline
		case n == 55:
			cur.marks &^= overline
		case 30 <= n && n <= 37:
			cur.fg = colour(n - 30 + 1)
		case n == 39:
			cur.fg = 0
		case 40 <= n && n <= 47:
			cur.bg = colour(n - 40 + 1)
		case n == 49:
			cur.bg = 0
		case 90 <= n && n <= 97:
			cur.fg = colour(n - 90 + 9)
		case 100 <= n && n <= 107:
			cur.bg = colour(n - 100 + 9)
		case n == 38 || n == 48:
			c, used := extended(p[i+1:])
			i += used
			if c == 0 {
				continue
			}
			if n == 38 {
				cur.fg = c
			} else {
				cur.bg = c
			}
		}
	}
	id, ok := t.index[cur]
	if !ok {
		if len(t.pens) > 60_000 {
			return
		}
		id = uint16(len(t.pens))
		t.pens = append(t.pens, cur)
		t.index[cur] = id
	}
	t.pen = id
}

// extended reads "5;n" or "2;r;g;b" and says how many numbers it took.
func extended(p []int) (c colour, used int) {
	if len(p) >= 2 && p[0] == 5 {
		if p[1] > 255 {
			return 0, 2
		}
		return colour(p[1] + 1), 2
	}
	if len(p) >= 4 && p[0] == 2 {
		for _, v := range p[1:4] {
			if v > 255 {
				return 0, 4
			}
		}
		return trueColour | colour(p[1]<<16|p[2]<<8|p[3]), 4
	}
	return 0, len(p)
}

// class is the class list of a pen. The sixteen colours are the page's, so that they can be read in light and dark.
func (t *terminal) class(p pen) string {
	if p == (pen{}) {
		return ""
	}
	var names []string
	if p.marks&inverse != 0 {
		p.fg, p.bg = p.bg, p.fg
		if p.fg == 0 {
			names = append(names, "sx-ifg")
		}
		if p.bg == 0 {
			names = append(names, "sx-ibg")
		}
	}
	if p.fg != 0 {
		names = append(names, t.colour("sx-fg", "color", p.fg))
	}
	if p.bg != 0 {
		names = append(names, t.colour("sx-bg", "background-color", p.bg))
	}
	for i, name := range []string{"sx-bold", "sx-faint", "sx-italic", "sx-underline", "", "sx-strike", "sx-conceal", "sx-overline"} {
		if name != "" && p.marks&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

func (t *terminal) colour(prefix, property string, c colour) string {
	if c <= 16 {
		return prefix + strconv.Itoa(int(c-1))
	}
	if c < trueColour {
		n := int(c - 1)
		if n >= 232 {
			v := 8 + (n-232)*10
			c = colour(v<<16 | v<<8 | v)
		} else {
			n -= 16
			level := func(v int) int {
				if v == 0 {
					return 0
				}
				return 55 + v*40
			}
			c = colour(level(n/36)<<16 | level(n/6%6)<<8 | level(n%6))
		}
	}
	return t.styles.define(fmt.Sprintf("%s:#%06x;", property, int(c)&0xffffff))
}
