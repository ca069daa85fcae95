package notebook

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestParameters(t *testing.T) {
	for _, c := range []struct {
		source string
		want   []Asked
	}{
		{"# what to look at\nregion = 'EU'  # or US\nn: int = 10\nrate=-1.5e3\nfull = True\nnames = ['a', \"b\"]\nnone = None\n\nx == 1\nf(y=1)\n  z = 1\nn = 11", []Asked{
			{"region", "", AskedText, "EU", false}, {"n", "", AskedNumber, "11", false}, {"rate", "", AskedNumber, "-1.5e3", false}, {"full", "", AskedBoolean, "True", false},
			{"names", "", AskedJSON, "['a', \"b\"]", false}, {"none", "", AskedJSON, "None", false}}},
		{`path = "C:\\x"` + "\nhash = 'a # b'", []Asked{{"path", "", AskedJSON, `"C:\\x"`, false}, {"hash", "", AskedText, "a # b", false}}},
		{"-- Parameters\n%params region='it''s' since:DATE='2024-01-01' n=10 all=true l=[1, 2]\nSET VARIABLE \"x\" = 'y';", []Asked{
			{"region", "", AskedText, "it's", false}, {"since", "DATE", AskedText, "2024-01-01", false}, {"n", "", AskedNumber, "10", false}, {"all", "", AskedBoolean, "true", false},
			{"l", "", AskedJSON, "[1, 2]", false}, {"x", "", AskedText, "y", false}}},
		{"", nil},
	} {
		tags, err := ParseValue([]byte(`["x", "parameters"]`))
		if err != nil {
			t.Fatal(err)
		}
		nb := New()
		nb.Cells = []Cell{{ID: "a", Type: Code, Source: "other = 1"}, {ID: "b", Type: Code, Source: c.source, Metadata: Object{"tags": tags}}}
		if got := Parameters(nb); !slices.Equal(got, c.want) {
			t.Errorf("%s\n%+v\nwant\n%+v", c.source, got, c.want)
		}
	}
	s, err := ParseScript("-- ---\n-- parameters:\n--   region: VARCHAR = 'EU'\n--   n: INTEGER\n--   days = 7\n--   l: INTEGER[]\n-- ---\nSELECT 1")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s.Asked(), []Asked{{"region", "VARCHAR", AskedText, "EU", false}, {"n", "INTEGER", AskedNumber, "", true}, {"days", "", AskedNumber, "7", false}, {"l", "INTEGER[]", AskedJSON, "", true}}; !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestReadingWhatWasAskedFor(t *testing.T) {
	for _, c := range []struct {
		kind      AskedKind
		text      string
		want, bad string
	}{
		{AskedText, "EU", "", ""}, {AskedText, `a"b`, `"a\"b"`, ""}, {AskedText, "", `""`, ""},
		{AskedNumber, " 12 ", "12", ""}, {AskedNumber, "1_000", "", `p: "1_000" is no number`}, {AskedNumber, "__import__('os')", "", `p: "__import__('os')" is no number`},
		{AskedBoolean, "False", "false", ""}, {AskedBoolean, "x", "", `p: "x" is neither true nor false`},
		{AskedJSON, `[1]`, `[1]`, ""}, {AskedJSON, `['a']`, "", `p: "['a']" is no JSON value, such as ["EU", "US"] or null`},
	} {
		got, set, err := Asked{Name: "p", Kind: c.kind, Default: "EU"}.Read(c.text)
		message := ""
		if err != nil {
			message = err.Error()
		}
		if string(got) != c.want || set != (c.want != "") || message != c.bad {
			t.Errorf("%+v: %s %v %v", c, got, set, err)
		}
	}
}

func FuzzParameters(f *testing.F) {
	f.Add("region = 'EU'\nn: int = 10", "1")
	f.Add("%params a='x' b:DATE='2024-01-01'", "x")
	tags, err := ParseValue([]byte(`["parameters"]`))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, source, text string) {
		nb := New()
		nb.Cells = []Cell{{ID: "b", Type: Code, Source: source, Metadata: Object{"tags": tags}}}
		for _, a := range Parameters(nb) {
			value, set, err := a.Read(text)
			if err == nil && set && !json.Valid(value) {
				t.Errorf("%+v %q: %s", a, text, value)
			}
			if _, set, err := a.Read(a.Default); set || err != nil {
				t.Errorf("%+v: its own default is another", a)
			}
		}
	})
}
