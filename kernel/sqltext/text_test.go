package sqltext

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestQuoteIdent(t *testing.T) {
	for name, want := range map[string]string{
		"a": "a", "Name": "Name", "first name": `"first name"`, "order": `"order"`, "ORDER": `"ORDER"`, "1a": `"1a"`, "a1": "a1",
		`a"b`: `"a""b"`, "": `""`, "ünï": "ünï", "a\u00a0b": "\"a\u00a0b\"", "a.b": `"a.b"`, "a$": `"a$"`, "timestamp": "timestamp",
	} {
		if got := QuoteIdent(name); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
		if name != "" && Unquote(want) != name {
			t.Errorf("Unquote(%s) = %q", want, Unquote(want))
		}
	}
}

// TestQuotedKeywordsAreNames: every keyword of DuckDB is a name to it as QuoteIdent writes it, and those that would be
// one without quotes are not quoted.
func TestQuotedKeywordsAreNames(t *testing.T) {
	o := newOracle(t)
	keywords, msg := o.run("SELECT DISTINCT keyword_name FROM duckdb_keywords()")
	if msg != "" || len(keywords) < 400 {
		t.Fatal(len(keywords), msg)
	}
	forms := []string{"SELECT @ FROM t", "SELECT 1 FROM @", "SELECT 1 FROM t WHERE @ = 1", "SELECT 1 FROM t ORDER BY @",
		"INSERT INTO t (@) VALUES (1)", "SELECT @.x FROM t", "SELECT 1 FROM t JOIN u USING (@)"}
	for _, k := range keywords {
		bare := true
		for _, f := range forms {
			if _, msg := o.count(strings.ReplaceAll(f, "@", QuoteIdent(k))); msg != "" {
				t.Errorf("%s: %s", k, msg)
			}
			_, msg := o.count(strings.ReplaceAll(f, "@", k))
			bare = bare && msg == ""
		}
		if !bare && QuoteIdent(k) == k {
			t.Errorf("%s needs quotes", k)
		}
	}
}

func TestQuotingRoundTrip(t *testing.T) {
	o := newOracle(t)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringOfN(rapid.SampledFrom([]rune("aB1_\"'$ .-é🦆\u00a0;\n")), 1, 8, -1).Draw(t, "name")
		got, msg := o.run("SELECT column_name FROM (DESCRIBE SELECT 1 AS " + QuoteIdent(name) + ")")
		if msg != "" || len(got) != 1 || got[0] != name {
			t.Fatalf("%q as %s is %q to DuckDB: %s", name, QuoteIdent(name), got, msg)
		}
		if path := SplitPath("a." + QuoteIdent(name)); !reflect.DeepEqual(path, []string{"a", name}) {
			t.Fatalf("SplitPath: %q", path)
		}
		got, msg = o.run("SELECT " + QuoteString(name))
		if msg != "" || len(got) != 1 || got[0] != name {
			t.Fatalf("%q as %s is %q to DuckDB: %s", name, QuoteString(name), got, msg)
		}
	})
}

func TestFirstKeyword(t *testing.T) {
	for sql, want := range map[string]string{
		"select 1": "SELECT", "-- a\n/* b */ From t": "FROM", "((select 1))": "SELECT", "": "", "'a'": "", "%x": "", "é": "É",
	} {
		if got := FirstKeyword(sql); got != want {
			t.Errorf("%q: %q", sql, got)
		}
	}
}

func TestNearest(t *testing.T) {
	magics := []string{"row", "chart", "connect", "params", "profile"}
	for word, want := range map[string]string{
		"chrat": "chart", "charts": "chart", "Chart": "chart", "parms": "params", "conect": "connect", "x": "", "": "", "zzzzz": "",
		"profil": "profile", "rwo": "row", "crt": "", "chxxt": "",
	} {
		if got := Nearest(word, magics); got != want {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
	if got := Nearest(strings.Repeat("x", 1000), []string{strings.Repeat("x", 999)}); got == "" {
		t.Error("long words")
	}
}

func TestPositions(t *testing.T) {
	s := "a🦆\r\né\n\rz"
	for _, c := range []struct{ offset, points, line, column int }{
		{0, 0, 1, 1}, {1, 1, 1, 2}, {2, 1, 1, 2}, {5, 2, 1, 3}, {7, 4, 2, 1}, {9, 5, 2, 2}, {10, 6, 3, 1}, {11, 7, 4, 1}, {12, 8, 4, 2},
		{99, 8, 4, 2}, {-1, 0, 1, 1},
	} {
		if got := CodePoints(s, c.offset); got != c.points {
			t.Errorf("CodePoints(%d) = %d, want %d", c.offset, got, c.points)
		}
		if line, column := LineColumn(s, c.offset); line != c.line || column != c.column {
			t.Errorf("LineColumn(%d) = %d, %d, want %d, %d", c.offset, line, column, c.line, c.column)
		}
	}
}

func TestPositionsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
		n := 0
		for i := range s {
			if got := CodePoints(s, i); got != n {
				t.Fatalf("CodePoints(%q, %d) = %d, want %d", s, i, got, n)
			}
			if got := ByteOffset(s, n); got != i {
				t.Fatalf("ByteOffset(%q, %d) = %d, want %d", s, n, got, i)
			}
			n++
		}
	})
}

func TestCaret(t *testing.T) {
	for _, c := range []struct {
		cell   string
		offset int
		want   string
	}{
		{"select x", 7, "LINE 1: select x\n               ^"},
		{"a\nb c\nd", 4, "LINE 2: b c\n          ^"},
		{"a", 1, "LINE 1: a\n         ^"},
		{"", 0, "LINE 1: \n        ^"},
		{"\ta", 1, "LINE 1:  a\n         ^"},
		{"日本 x", 7, "LINE 1: 日本 x\n             ^"},
		{"🦆x", 4, "LINE 1: 🦆x\n          ^"},
		{"🦆x", 2, "LINE 1: 🦆x\n        ^"},
		{"e\u0301x", 3, "LINE 1: e\u0301x\n         ^"},
		{"a\r\nb", 3, "LINE 2: b\n        ^"},
		{"a\x01b", 2, "LINE 1: a·b\n          ^"},
		{strings.Repeat("x", 100) + "y" + strings.Repeat("z", 100), 100,
			"LINE 1: …" + strings.Repeat("x", 40) + "y" + strings.Repeat("z", 39) + "…\n" + strings.Repeat(" ", 49) + "^"},
		{strings.Repeat("x", 100) + "y", 100, "LINE 1: …" + strings.Repeat("x", 79) + "y\n" + strings.Repeat(" ", 88) + "^"},
		{"y" + strings.Repeat("x", 100), 0, "LINE 1: y" + strings.Repeat("x", 79) + "…\n        ^"},
	} {
		if got := Caret(c.cell, c.offset); got != c.want {
			t.Errorf("%q at %d:\n%s\nwant\n%s", c.cell, c.offset, got, c.want)
		}
	}
}

func TestSplitPath(t *testing.T) {
	for path, want := range map[string][]string{
		"a": {"a"}, `db."my schema".t`: {"db", "my schema", "t"}, "": nil, `"a""b"`: {`a"b`}, "a.": {"a"},
	} {
		if got := SplitPath(path); !slices.Equal(got, want) {
			t.Errorf("%s: %q", path, got)
		}
	}
}

// TestWorkIsLinear counts the bytes looked at: twice the text, twice the work.
func TestWorkIsLinear(t *testing.T) {
	for _, unit := range []string{
		"select 1;", "a", "'", "''", "'a';", "\"", "$", "$a", "$$", "$a$", "/*", "*/", "-", "--\n", ";", "%", "%a\n", "%a '\n", "%a x'y ",
		"%a (\n", "%a \\\n", "?", "a?\n", "?a\n", "a? ", "E'a'\n", "E'a'-- \n", "E'a' ", "e'\\", "\n", "\r\n", "\u00a0", "é", "1.", "(", "a.", "\"a\".",
		"\"a\"?;", "%a?;",
	} {
		work := func(n int) int {
			_, steps := DuckDB.split(strings.Repeat(unit, n))
			return steps
		}
		small, large := work(1000), work(10000)
		if large > 12*small+1000 || large > 12*10000*len(unit) {
			t.Errorf("%q: %d steps for 1000, %d for 10000", unit, small, large)
		}
	}
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{"select 1; select 2", "%a 'b\nc'\n\"", "E'a'\n'b\\';c'", "$a$;$a$", "/*/*;*/", "a?", "\ufeff;", "%%x \\"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		parts := Split(cell)
		checkParts(t, cell, parts)
		if utf8.ValidString(cell) {
			for _, p := range parts {
				if !utf8.ValidString(p.Text) || !utf8.ValidString(cell[:p.Start]) || !utf8.ValidString(p.Magic.Args) {
					t.Fatalf("%q: %q cuts a code point", cell, p.Text)
				}
			}
		}
		for _, p := range parts {
			if p.Kind != Statement || p.Unterminated != "" {
				continue
			}
			again := Split(p.Text)
			if len(again) == 1 && again[0].Kind == Help {
				continue // a comment behind it made it a statement
			}
			if len(again) != 1 || again[0].Text != p.Text || again[0].Kind != Statement {
				t.Fatalf("%q: the statement %q splits into %q", cell, p.Text, show(again))
			}
			for _, q := range Params(p.Text) {
				if p.Text[q.Start:q.End] != "$"+q.Name {
					t.Fatalf("%q: parameter %+v", p.Text, q)
				}
			}
			FirstKeyword(p.Text)
		}
	})
}

func FuzzComplete(f *testing.F) {
	for _, s := range []string{"select (", "select )", "%a", "select '", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		got := Complete(cell, nil)
		if got.Status != StatusIncomplete && got.Indent != "" || strings.Trim(got.Indent, " ") != "" {
			t.Fatalf("%q: %+v", cell, got)
		}
		Caret(cell, len(cell)/2)
		LineColumn(cell, len(cell)/2)
	})
}

func FuzzCompletions(f *testing.F) {
	for _, c := range completionCases {
		cell, cursor := marked(f, c.cell)
		f.Add(cell, cursor)
	}
	f.Fuzz(func(t *testing.T, cell string, cursor int) {
		checkCompletions(t, cell, cursor)
	})
}

func FuzzAssignments(f *testing.F) {
	for _, s := range []string{"a=1 b:DATE='x'", "a=[1,{'b':2}]", "a=E'\\u00e9'", "a=-1.5::DOUBLE", "--x y='z", "a=$$x$$"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, args string) {
		list, err := ParseAssignments(args, 0)
		end := 0
		for _, a := range list {
			if a.NameStart < end || a.NameEnd < a.NameStart || a.ValueStart < a.NameEnd || a.ValueEnd < a.ValueStart || a.ValueEnd > len(args) ||
				args[a.ValueStart:a.ValueEnd] != a.Raw || a.TypeEnd < a.TypeStart || a.TypeEnd > a.ValueStart {
				t.Fatalf("%q: %+v", args, a)
			}
			end = a.ValueEnd
		}
		if e, ok := err.(*Error); ok && (e.Start < 0 || e.End < e.Start || e.End > len(args)) {
			t.Fatalf("%q: error at %d:%d", args, e.Start, e.End)
		}
		end = 0
		for _, a := range ParseArgs(args, 0) {
			if a.Start < end || a.End <= a.Start || a.End > len(args) || a.KeyStart < a.Start || a.ValueEnd > a.End || a.ValueEnd < a.ValueStart {
				t.Fatalf("%q: %+v", args, a)
			}
			end = a.End
		}
	})
}
