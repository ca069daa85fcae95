package render

import (
	"strings"
	"testing"
)

func TestANSI(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "a <b> & c\nd\n", "a &lt;b&gt; &amp; c\nd"},
		{"colour", "\x1b[31mred\x1b[0m plain", `<span class="sx-fg1">red</span> plain`},
		{"bright", "\x1b[92;105mx", `<span class="sx-fg10 sx-bg13">x</span>`},
		{"styles", "\x1b[1;3;4;9mx\x1b[22;23;24;29my", `<span class="sx-bold sx-italic sx-underline sx-strike">x</span>y`},
		{"a style goes over lines", "\x1b[1ma\nb\x1b[mc", "<span class=\"sx-bold\">a\nb</span>c"},
		{"256, the sixteen", "\x1b[38;5;9mx", `<span class="sx-fg9">x</span>`},
		{"256, the cube", "\x1b[38;5;208mx", `<span class="sx-s0">x</span>`},
		{"256, greys", "\x1b[48;5;240mx", `<span class="sx-s0">x</span>`},
		{"true colour", "\x1b[38;2;1;2;3mx", `<span class="sx-s0">x</span>`},
		{"true colour with colons", "\x1b[38:2:1:2:3mx", `<span class="sx-s0">x</span>`},
		{"true colour out of range", "\x1b[38;2;1;2;300mx", `x`},
		{"unfinished extended colour", "\x1b[38;5mx", `x`},
		{"inverse without colours", "\x1b[7mx", `<span class="sx-ifg sx-ibg">x</span>`},
		{"inverse with colours", "\x1b[31;42;7mx", `<span class="sx-fg2 sx-bg1">x</span>`},
		{"carriage return", "10%\r 50%\r100%\n", "100%"},
		{"carriage return, shorter", "abcdef\rxy", "xycdef"},
		{"carriage return, line end", "a\r\nb\r\n", "a\nb"},
		{"backspace", "abc\b\bX", "aXc"},
		{"backspace at the beginning", "\b\ba", "a"},
		{"erase to the end", "abcdef\r\x1b[Kxy", "xy"},
		{"erase from the beginning", "abcdef\x1b[3D\x1b[1KX", "   Xef"},
		{"erase line", "abc\x1b[2K\rx", "x"},
		{"up", "one\ntwo\x1b[Aup\n\nend", "oneup\ntwo\nend"},
		{"up to the beginning, as progress bars in rows", "a: 0\nb: 0\n\x1b[2A\ra: 1\nb: 1\n", "a: 1\nb: 1"},
		{"previous line", "one\ntwo\x1b[FX", "Xne\ntwo"},
		{"next line", "one\x1b[Etwo", "one\ntwo"},
		{"column", "abcdef\x1b[3GX", "abXdef"},
		{"right", "a\x1b[3Cb", "a   b"},
		{"left", "abc\x1b[2DX", "aXc"},
		{"erase screen", "old\nold\x1b[2J\x1b[Hnew", "new"},
		{"erase below", "a\nb\nc\x1b[2A\x1b[J", "a"},
		{"delete characters", "abcdef\r\x1b[2P", "cdef"},
		{"save and restore", "ab\x1b7cd\x1b8X", "abXd"},
		{"tab", "a\tb", "a\tb"},
		{"tab among moves", "a\tb\r", "a       b"},
		{"hyperlink", "\x1b]8;;https://x.org\x07there\x1b]8;;\x07", "there"},
		{"hyperlink, other end", "\x1b]8;;javascript:x\x1b\\there\x1b]8;;\x1b\\", "there"},
		{"title", "\x1b]0;title\x07x", "x"},
		{"unfinished string ends with its line", "\x1b]0;title\nx", "\nx"},
		{"private sequences", "\x1b[?25lx\x1b[?25h", "x"},
		{"character set", "\x1b(Bx", "x"},
		{"one-byte introducer", "\u009b31mx", `<span class="sx-fg1">x</span>`},
		{"unfinished", "x\x1b[31", "x"},
		{"broken", "x\x1b[3\x01y", "xy"},
		{"alone at the end", "x\x1b", "x"},
		{"controls", "a\x00\x07b\r", "ab"},
		{"not UTF-8", "a\xffb\r", "a\ufffdb"},
		{"wide letters", "日本\r月", "月本"},
		{"far right", "\x1b[99999C.", strings.Repeat(" ", maxColumn) + "."},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b strings.Builder
			ansi(&b, &styles{}, c.in)
			if got := b.String(); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestTerminalColours(t *testing.T) {
	for in, want := range map[string]string{
		"\x1b[38;5;16mx": "color:#000000;", "\x1b[38;5;208mx": "color:#ff8700;", "\x1b[48;5;231mx": "background-color:#ffffff;",
		"\x1b[38;5;232mx": "color:#080808;", "\x1b[38;5;255mx": "color:#eeeeee;", "\x1b[38;2;1;20;255mx": "color:#0114ff;",
	} {
		var st styles
		ansi(&strings.Builder{}, &st, in)
		if st.class[want] == "" {
			t.Errorf("%q gives %v, want %s", in, st.class, want)
		}
	}
}

// TestTheWindow says how far up a move reaches, and that text before stays.
func TestTheWindow(t *testing.T) {
	var in strings.Builder
	for range 2 * windowLines {
		in.WriteString("line\n")
	}
	in.WriteString("\x1b[9999ATOP")
	var b strings.Builder
	ansi(&b, &styles{}, in.String())
	lines := strings.Split(b.String(), "\n")
	at := -1
	for i, line := range lines {
		if line == "TOP" || line == "TOPe" {
			at = i
		}
	}
	if len(lines) != 2*windowLines || at != windowLines+1 {
		t.Errorf("%d lines, the move went to %d", len(lines), at)
	}
}
