package notebook

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTitle(t *testing.T) {
	for source, want := range map[string]string{
		"# Sales":                       "Sales",
		"text\n\n## A *b* `c` [d](e) #": "A b c d",
		"#hash\n# C#":                   "C#",
		"```\n# no\n```\n# yes":         "yes",
		"~~~~\n# no\n~~~\n# no\n~~~~":   "",
		"    # code":                    "",
		"\t# code":                      "",
		"Setext\n===":                   "Setext",
		"Second\n---\r\n":               "Second",
		"para\n\n---\n":                 "",
		"| a |\n---":                    "",
		"> quote\n---":                  "",
		"####### seven":                 "",
		"#\n## \n# x":                   "x",
		`# a\*b snake_case`:             "a*b snake_case",
		"# 🧭 Sextant ##":                "🧭 Sextant",
	} {
		nb := &Notebook{Cells: []Cell{{Type: Code, Source: "# comment"}, {Type: Markdown, Source: source}}}
		if got := Title(nb); got != want {
			t.Errorf("%q: %q, not %q", source, got, want)
		}
	}
	if got := Title(&Notebook{Metadata: Object{"title": `" Named "`}}); got != "Named" {
		t.Error(got)
	}
}

func TestPassages(t *testing.T) {
	nb := &Notebook{Cells: []Cell{
		{ID: "a", Type: Markdown, Source: "# Title"},
		{ID: "b", Type: Code, Source: "x", Outputs: []Output{
			NewStream("stdout", "\x1b[1;31mred\x1b[0m\x1b]8;;http://x\x07link\x1b]8;;\x1b\\ done\r50%\x00"),
			NewDisplayData(Object{"text/plain": `"plain\n\ud83d"`, "text/html": `"<b>no</b>"`}, nil),
			NewDisplayData(Object{"text/markdown": `"*md*"`}, nil),
			NewDisplayData(Object{"image/png": `"AAAA"`}, nil),
			NewError("KeyError", "'k'", []string{"frame"}),
		}},
		{ID: "c", Type: Code, Outputs: []Output{NewStream("stdout", strings.Repeat("é", 1000))}},
		{ID: "d", Type: Code, Outputs: []Output{NewStream("stdout", "no room")}},
	}}
	got := Passages(nb, 101, 150)
	want := []Passage{
		{"a", SourcePassage, "# Title"},
		{"b", SourcePassage, "x"},
		{"b", OutputPassage, "redlink done\n50%\nplain\n�\n*md*\nKeyError: 'k'"},
		{"c", OutputPassage, strings.Repeat("é", 50)},
		{"d", OutputPassage, "no ro"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for n := range 40 {
		for _, p := range Passages(nb, n, n) {
			if p.Kind == OutputPassage && (len(p.Text) > n || !utf8.ValidString(p.Text)) {
				t.Errorf("%d: %q", n, p.Text)
			}
		}
	}
}

func TestStrip(t *testing.T) {
	nb := mustRead(t, corpus(t)["widgets"])
	nb.Cells[0].Metadata = Object{"execution": "{}", "tags": "[]"}
	before := nb.Clone()
	got := Strip(nb)
	if !nb.Equal(before) {
		t.Error("the original was changed")
	}
	want := &Notebook{Metadata: Object{}, Cells: []Cell{{ID: "a", Type: Code, Source: "w", Metadata: Object{"tags": "[]"}}}}
	if !got.Equal(want) {
		t.Errorf("%s", written(t, got))
	}
}
