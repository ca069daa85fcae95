package run

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"sextant/content"
	"sextant/content/notebook"
)

func TestLiterals(t *testing.T) {
	for _, c := range []struct{ value, python, sql string }{
		{"null", "None", "NULL"},
		{"true", "True", "true"},
		{" false ", "False", "false"},
		{"-1.5e3", "-1.5e3", "-1.5e3"},
		{"12345678901234567890", "12345678901234567890", "12345678901234567890"},
		{`"it's"`, `"it's"`, "'it''s'"},
		{`"a\"\\\nb"`, `"a\"\\\nb"`, "'a\"\\\nb'"},
		{`"ü😀"`, `"\u00fc\U0001f600"`, "'ü😀'"},
		{`"'; DROP TABLE t --"`, `"'; DROP TABLE t --"`, "'''; DROP TABLE t --'"},
		{`[1, "x", [null]]`, `[1, "x", [None]]`, "[1, 'x', [NULL]]"},
		{`{"b": 1, "a'": {}}`, `{"a'": {}, "b": 1}`, "{'a''': {}, 'b': 1}"},
	} {
		for _, d := range []struct {
			dialect
			want string
		}{{python, c.python}, {sql, c.sql}} {
			if got, err := literal(json.RawMessage(c.value), d.dialect, 0); err != nil || got != d.want {
				t.Errorf("%s: %s %v, want %s", c.value, got, err, d.want)
			}
		}
	}
	for _, bad := range []string{"", "nul", "1 1", `"a` + "\x00" + `"`, `"a\u0000"`, strings.Repeat("[", 30) + strings.Repeat("]", 30), "__import__('os')"} {
		if got, err := literal(json.RawMessage(bad), python, 0); !errors.Is(err, content.ErrInvalid) {
			t.Errorf("%q: %s %v", bad, got, err)
		}
	}
}

// cells is a notebook of code cells with tags.
func cells(t *testing.T, lang string, tags ...string) *notebook.Notebook {
	t.Helper()
	text := `{"nbformat":4,"nbformat_minor":5,"metadata":{"language_info":{"name":"` + lang + `"}},"cells":[`
	for i, tag := range tags {
		if i > 0 {
			text += ","
		}
		text += `{"cell_type":"code","id":"c` + string(rune('0'+i)) + `","metadata":{"tags":["` + tag + `"]},"source":"x","outputs":[],"execution_count":null}`
	}
	nb, _, err := notebook.Read([]byte(text + "]}"))
	if err != nil {
		t.Fatal(err)
	}
	return nb
}

func TestInjection(t *testing.T) {
	values := map[string]json.RawMessage{"b": json.RawMessage("1"), "a": json.RawMessage(`"x"`)}
	for _, c := range []struct {
		lang string
		tags []string
		at   int
		want string
	}{
		{"python", []string{"x", "parameters", "y"}, 2, "# Parameters\na = \"x\"\nb = 1"},
		{"python", []string{"x"}, 0, "# Parameters\na = \"x\"\nb = 1"},
		{"python", []string{"parameters", "x", "injected-parameters"}, 2, "# Parameters\na = \"x\"\nb = 1"},
		{"sql", []string{"parameters"}, 1, "-- Parameters\n%params a='x'\n%params b=1"},
	} {
		nb := cells(t, c.lang, c.tags...)
		before := len(nb.Cells)
		id, err := inject(nb, values)
		if err != nil {
			t.Fatal(err)
		}
		if got := nb.Cells[c.at]; got.ID != id || got.Source != c.want || !tagged(got, "injected-parameters") {
			t.Errorf("%v: %+v", c, got)
		}
		replaced := strings.Contains(strings.Join(c.tags, " "), "injected")
		if len(nb.Cells) != before+1 && !replaced || len(nb.Cells) != before && replaced {
			t.Errorf("%v: %d cells", c, len(nb.Cells))
		}
	}
	if _, err := inject(cells(t, "julia", "parameters"), values); !errors.Is(err, content.ErrInvalid) {
		t.Error(err)
	}
	if code, err := assignments("sql", map[string]json.RawMessage{"a": json.RawMessage(`"two\nlines"`)}); err != nil || code != "SET VARIABLE a = 'two\nlines';\n" {
		t.Error(code, err)
	}
	for _, bad := range []string{"", "1a", "a b", "a;", "ü", strings.Repeat("a", 65)} {
		if err := checkParameters(map[string]json.RawMessage{bad: nil}); !errors.Is(err, content.ErrInvalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestScriptParameters(t *testing.T) {
	h := notebook.Header{Parameters: []notebook.Parameter{{Name: "region", Type: "VARCHAR", Default: "'EU'"}, {Name: "n", Default: "1"}, {Name: "since", Type: "DATE"}}}
	got, err := scriptParameters(h, map[string]json.RawMessage{"since": json.RawMessage(`"2024-01-01"`), "n": json.RawMessage("2")})
	want := "SET VARIABLE \"region\" = CAST('EU' AS VARCHAR);\nSET VARIABLE \"n\" = 2;\nSET VARIABLE \"since\" = CAST('2024-01-01' AS DATE);\n"
	if err != nil || got != want {
		t.Errorf("%s %v", got, err)
	}
	for _, values := range []map[string]json.RawMessage{{}, {"since": json.RawMessage("1"), "other": json.RawMessage("1")}, {"since": json.RawMessage("x")}} {
		if _, err := scriptParameters(h, values); !errors.Is(err, content.ErrInvalid) {
			t.Errorf("%v: %v", values, err)
		}
	}
}
