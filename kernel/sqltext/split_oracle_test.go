package sqltext

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCorpusIsOneStatementEach(t *testing.T) {
	o := newOracle(t)
	statements := corpus(t)
	if len(statements) < 400 {
		t.Fatalf("the corpus has only %d statements", len(statements))
	}
	for _, sql := range statements {
		n, msg := o.count(sql)
		if n == 0 {
			t.Errorf("DuckDB does not parse %q: %s", sql, msg)
		}
		parts := Split(sql)
		if len(parts) != 1 || parts[0].Kind != Statement || parts[0].Unterminated != "" {
			t.Errorf("Split(%q) = %q", sql, show(parts))
			continue
		}
		if m, msg := o.count(parts[0].Text); m != n {
			t.Errorf("DuckDB sees %d statements in %q and %d in its piece %q: %s", n, sql, m, parts[0].Text, msg)
		}
	}
}

// between draws what may stand between two statements: a semicolon with blanks and comments around it.
func between(t *rapid.T, label string) string {
	filler := rapid.SampledFrom([]string{
		"", " ", "\n", "\r\n", "\t", "\f", "\u00a0 ", "\u3000 ", "\ufeff ", "\u200b ",
		"-- a; b\n", "-- it's\r", "--\n", "/* ; */", "/* a /* b */ ; */", "/***/", "-- \"\n", "-- $$\n", "/* $$ */", ";",
		"/*\n--*/", "-- /*\n",
	})
	var b strings.Builder
	for _, f := range rapid.SliceOfN(filler, 0, 4).Draw(t, label+" before") {
		b.WriteString(f)
	}
	b.WriteString(";")
	for _, f := range rapid.SliceOfN(filler, 0, 4).Draw(t, label+" after") {
		b.WriteString(f)
	}
	return b.String()
}

// TestSplitAgreesWithDuckDB joins statements in every way: each comes out as the piece that it is alone, and DuckDB
// counts as many in the whole as in the pieces.
func TestSplitAgreesWithDuckDB(t *testing.T) {
	o := newOracle(t)
	statements := corpus(t)
	rapid.Check(t, func(t *rapid.T) {
		var cell strings.Builder
		var want []string
		n := 0
		for i := range rapid.IntRange(1, 6).Draw(t, "statements") {
			sql := rapid.SampledFrom(statements).Draw(t, "statement")
			c, _ := o.count(sql)
			n += c
			want = append(want, Split(sql)[0].Text)
			cell.WriteString(sql)
			if strings.Contains(sql, "--") {
				cell.WriteString("\n")
			}
			cell.WriteString(between(t, fmt.Sprint(i)))
		}
		parts := Split(cell.String())
		checkParts(t, cell.String(), parts)
		if got := show(parts); !reflect.DeepEqual(got, want) {
			t.Fatalf("Split(%q)\n got %q\nwant %q", cell.String(), got, want)
		}
		// Unicode blanks beside a quote in a comment are beyond DuckDB itself; it then reads them as a name.
		if strings.ContainsAny(cell.String(), "\u00a0\u3000\ufeff\u200b") {
			return
		}
		if got, msg := o.count(cell.String()); got != n && !mixed(msg) {
			t.Fatalf("DuckDB counts %d statements in %q and %d in the pieces: %s", got, cell.String(), n, msg)
		}
	})
}

// mixed: DuckDB refuses a text as a whole in which one statement has named parameters and another has not.
func mixed(msg string) bool { return strings.Contains(msg, "Mixing named and positional") }

// TestPiecesExecuteAsTheWhole writes random texts through random ways of quoting, once as a whole and once piece by
// piece: the same must arrive in the table.
func TestPiecesExecuteAsTheWhole(t *testing.T) {
	o := newOracle(t)
	fragment := rapid.SampledFrom([]string{
		"'", "''", "\"", "$$", "$a$", "$", "--", "/*", "*/", ";", "\n", "\r", "\\", "%x", "?", "a", "é", "🦆", " ", "E'", "%", "$1", "#",
	})
	rapid.Check(t, func(t *rapid.T) {
		var cell strings.Builder
		var want []string
		for i := range rapid.IntRange(1, 5).Draw(t, "statements") {
			text := strings.Join(rapid.SliceOfN(fragment, 0, 6).Draw(t, "text"), "")
			want = append(want, text)
			var literal string
			switch rapid.IntRange(0, 3).Draw(t, "quoting") {
			case 0:
				literal = "'" + strings.ReplaceAll(text, "'", "''") + "'"
			case 1:
				r := strings.NewReplacer("'", "\\'", "\\", "\\\\")
				literal = "E'" + r.Replace(text) + "'"
			case 2:
				literal = "E'' -- '\n 'x" + strings.NewReplacer("'", "\\'", "\\", "\\\\").Replace(text) + "'"
				want[len(want)-1] = "x" + text
			case 3:
				if strings.Contains(text+"$", "$tag$") {
					t.Skip()
				}
				literal = "$tag$" + text + "$tag$"
			}
			fmt.Fprintf(&cell, "INSERT INTO log /* %d */ VALUES (%s)%s", i, literal, between(t, fmt.Sprint(i)))
		}
		setup := "CREATE OR REPLACE TABLE log (x VARCHAR)"
		content := "SELECT x FROM log"

		if _, msg := o.run(setup); msg != "" {
			t.Fatal(msg)
		}
		for _, p := range Split(cell.String()) {
			if _, msg := o.run(p.Text); msg != "" {
				t.Fatalf("%q in %q: %s", p.Text, cell.String(), msg)
			}
		}
		if got, _ := o.run(content); !reflect.DeepEqual(got, want) {
			t.Fatalf("the pieces of %q give %q, want %q", cell.String(), got, want)
		}
	})
}
