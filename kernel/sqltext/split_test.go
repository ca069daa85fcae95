package sqltext

import (
	"fmt"
	"reflect"
	"testing"
)

// show writes parts in short: kind, text, and what is special about it.
func show(parts []Part) []string {
	var out []string
	for _, p := range parts {
		s := p.Text
		switch p.Kind {
		case Magic:
			s = fmt.Sprintf("magic %s(%s)", p.Magic.Name, p.Magic.Args)
			if p.Magic.Cell {
				s = "cell " + s
			}
		case Help:
			s = "help " + p.Help.Target
			if p.Help.Detail {
				s += " in detail"
			}
		}
		if p.Unterminated != "" {
			s += " <open " + p.Unterminated + ">"
		}
		out = append(out, s)
	}
	return out
}

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		cell string
		want []string
	}{
		{"", nil},
		{" \n\t", nil},
		{"-- nothing", nil},
		{"/* nothing */ ; ;", nil},
		{"select 1", []string{"select 1"}},
		{"select 1; -- one\nselect 2 -- two", []string{"select 1", "select 2"}},
		{"/* a */ select 1 /* b */ ; /* c */", []string{"select 1"}},
		{"select /* a /* b; */ c; */ 1; select 2", []string{"select /* a /* b; */ c; */ 1", "select 2"}},
		{"select ';', \";\", $$;$$, $a$;$$;$b$;$a$, e'\\';'; x", []string{"select ';', \";\", $$;$$, $a$;$$;$b$;$a$, e'\\';'", "x"}},
		{"select e'a'\n'b\\';c'; x", []string{"select e'a'\n'b\\';c'", "x"}},
		{"select e'a' -- '\n -- \n 'b\\';c'; x", []string{"select e'a' -- '\n -- \n 'b\\';c'", "x"}},
		{"select e'a' 'b\\';x", []string{"select e'a' 'b\\'", "x"}},
		{"select 'it''s; ok' || '\\'; x", []string{"select 'it''s; ok' || '\\'", "x"}},
		{"select $1, $a; select ?; select a$$ ; b$$", []string{"select $1, $a", "select ?", "select a$$", "b$$"}},
		{"select 1 -/* ; */ 2 //* ; */ 3--;\n;x", []string{"select 1 -/* ; */ 2 //* ; */ 3", "x"}},
		{"\ufeffselect 1;\u00a0\u3000select\u20002;\u2003", []string{"select 1", "select\u20002"}},
		{"select 1;\r\n-- c\rselect 2;\r\n", []string{"select 1", "select 2"}},
		{"select 'a; b", []string{"select 'a; b <open string>"}},
		{"select \"a; b", []string{"select \"a; b <open quoted identifier>"}},
		{"select $x$ a; $y$", []string{"select $x$ a; $y$ <open dollar-quoted string>"}},
		{"select 1 /* a; /* b */", []string{"select 1 /* a; /* b */ <open comment>"}},
		{"select 1; /* a; ", []string{"select 1", "/* a;  <open comment>"}},

		{"%chart bar", []string{"magic chart(bar)"}},
		{"  %%time\n%chart  bar x=1 ;  \n\nselect 1", []string{"cell magic time()", "magic chart(bar x=1)", "select 1"}},
		{"select 5\n%chart\n", []string{"select 5\n%chart"}},
		{"select 5;\n%chart\nselect 5 %x; %y z", []string{"select 5", "magic chart()", "select 5 %x", "magic y(z)"}},
		{"-- c\n/* d */ %a b; c\nx", []string{"magic a(b; c)", "x"}},
		{"%a b \\\n  c\nx", []string{"magic a(b \\\n  c)", "x"}},
		{"%a b='x\ny' [1,\n2] (\n)\nx", []string{"magic a(b='x\ny' [1,\n2] (\n))", "x"}},
		{"%a ((\n)\n) b\nx", []string{"magic a(((\n)\n) b)", "x"}},
		{"%title Don't panic\nselect 'a'", []string{"magic title(Don't panic)", "select 'a'"}},
		{"%a d=DATE'2024-01-01' e=E'it\\'s'\nx", []string{"magic a(d=DATE'2024-01-01' e=E'it\\'s')", "x"}},
		{"%a b='x\nselect 1;", []string{"magic a(b='x\nselect 1;) <open string>"}},
		{"%a (b\nselect 1;", []string{"magic a((b\nselect 1;) <open parenthesis>"}},
		{"%a b\\", []string{"magic a(b\\) <open continuation>"}},
		{"%a b\r\nx", []string{"magic a(b)", "x"}},
		{"% 2", []string{"% 2"}},
		{"%2", []string{"%2"}},
		{"%é\u00a0x", []string{"magic é(x)"}},

		{"t?", []string{"help t"}},
		{"?t\nselect 1", []string{"help t", "select 1"}},
		{"main.\"my t\".x?? ;\n%chart?\n?%%time", []string{"help main.\"my t\".x in detail", "help %chart", "help %%time"}},
		{"select ?", []string{"select ?"}},
		{"select 1 +\n?", []string{"select 1 +\n?"}},
		{"t? + 1", []string{"t? + 1"}},
		{"t.?", []string{"t.?"}},
		{"?t?", []string{"?t?"}},
		{"\"t?", []string{"\"t? <open quoted identifier>"}},
	} {
		parts := Split(c.cell)
		if got := show(parts); !reflect.DeepEqual(got, c.want) {
			t.Errorf("Split(%q)\n got %q\nwant %q", c.cell, got, c.want)
		}
		checkParts(t, c.cell, parts)
	}
}

// checkParts holds what is true of the parts of any cell.
func checkParts(t interface{ Fatalf(string, ...any) }, cell string, parts []Part) {
	end, line := 0, 1
	for i, p := range parts {
		if p.Start < end || p.Start >= p.End || p.End > len(cell) {
			t.Fatalf("%q: part %d has range %d:%d after %d", cell, i, p.Start, p.End, end)
		}
		if p.Text != cell[p.Start:p.End] {
			t.Fatalf("%q: part %d has text %q at %d:%d", cell, i, p.Text, p.Start, p.End)
		}
		if p.Unterminated != "" && (i != len(parts)-1 || p.End != len(cell)) {
			t.Fatalf("%q: part %d is not terminated, yet ends at %d", cell, i, p.End)
		}
		if p.Line < line || p.EndLine < p.Line {
			t.Fatalf("%q: part %d is on lines %d to %d after %d", cell, i, p.Line, p.EndLine, line)
		}
		if p.Kind == Magic {
			m := p.Magic
			if m.ArgsStart < p.Start || m.ArgsEnd < m.ArgsStart || m.ArgsEnd > p.End || m.Args != cell[m.ArgsStart:m.ArgsEnd] {
				t.Fatalf("%q: part %d has arguments %q at %d:%d", cell, i, m.Args, m.ArgsStart, m.ArgsEnd)
			}
		}
		if p.Kind == Help && cell[p.Help.Start:p.Help.End] != p.Help.Target {
			t.Fatalf("%q: part %d asks for %q", cell, i, p.Help.Target)
		}
		end, line = p.End, p.EndLine
	}
}

func TestSplitLines(t *testing.T) {
	var got []string
	for _, p := range Split("\r\n%a\r\n\rselect 1,\n'\n';\n\nx; y") {
		got = append(got, fmt.Sprintf("%s %d to %d, closed %v", p.Text[:1], p.Line, p.EndLine, p.Closed))
	}
	want := []string{"% 2 to 2, closed true", "s 4 to 6, closed true", "x 8 to 8, closed true", "y 8 to 8, closed false"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
