package notebook

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseScript(t *testing.T) {
	text := strings.Join([]string{
		"-- ---", "-- engine: duckdb", "--environment:  nightly load", "--", "-- parameters:",
		"--   region: VARCHAR = 'E=U: x'", "--   price: DECIMAL(9, 2)", "--\tn = 1", "--   plain", "-- owner: ana", "-- ---  ", "SELECT $region;\n",
	}, "\r\n")
	s, err := ParseScript(text)
	if err != nil {
		t.Fatal(err)
	}
	want := Header{Engine: "duckdb", Environment: "nightly load",
		Parameters: []Parameter{{"region", "VARCHAR", "'E=U: x'"}, {"price", "DECIMAL(9, 2)", ""}, {"n", "", "1"}, {"plain", "", ""}},
		Fields:     []Field{{"owner", "ana"}}}
	if !reflect.DeepEqual(s.Header, want) || s.Body != "SELECT $region;\n" {
		t.Errorf("%+v", s)
	}
	if got, err := s.Format(); err != nil || got != text {
		t.Errorf("unchanged it is written as %q, %v", got, err)
	}
	s.Header.Parameters[2].Default = "2"
	got, err := s.Format()
	if err != nil || got != `-- ---
-- engine: duckdb
-- environment: nightly load
-- owner: ana
-- parameters:
--   region: VARCHAR = 'E=U: x'
--   price: DECIMAL(9, 2)
--   n = 2
--   plain
-- ---
SELECT $region;
` {
		t.Errorf("changed it is written as %s, %v", got, err)
	}
	s.Header = Header{}
	if got, err := s.Format(); err != nil || got != s.Body {
		t.Errorf("without header it is written as %q, %v", got, err)
	}
}

func TestParseScriptWithout(t *testing.T) {
	for _, text := range []string{"", "select 1", "-- note\nselect 1", "-- ---\nselect 1", "-- ---", "-- ---\n-- engine: x\nselect 1\n-- ---\n", " -- ---\n-- ---\n"} {
		s, err := ParseScript(text)
		if err != nil || !s.Header.empty() || s.Body != text {
			t.Errorf("%q: %+v %v", text, s, err)
		}
	}
}

func TestParseScriptErrors(t *testing.T) {
	for block, line := range map[string]int{
		"-- nothing":                          2,
		"-- engine: a\n-- engine: b":          3,
		"-- a: 1\n-- b: 2\n-- a: 1":           4,
		"-- parameters: x":                    2,
		"-- parameters:\n--   1x = 1":         3,
		"-- parameters:\n--   a = ":           3,
		"-- parameters:\n--   a: = 1":         3,
		"-- parameters:\n--   a\n--   a: INT": 4,
		"-- my name: x":                       2,
	} {
		text := "-- ---\n" + block + "\n-- ---\nselect 1"
		s, err := ParseScript(text)
		var wrong *ScriptError
		if !errors.As(err, &wrong) || wrong.Line != line || s.Body != text {
			t.Errorf("%q: %v, %+v", block, err, s)
		}
		if got, err := s.Format(); err != nil || got != text {
			t.Errorf("%q is written as %q, %v", text, got, err)
		}
	}
	for _, h := range []Header{{Engine: "a\nb"}, {Environment: " a"}, {Fields: []Field{{"a b", "c"}}}, {Fields: []Field{{"engine", "c"}}},
		{Parameters: []Parameter{{"a", "x=y", ""}}}, {Parameters: []Parameter{{"", "", ""}}}, {Parameters: []Parameter{{"a", "", "1\n"}}}} {
		if got, err := (Script{Header: h}).Format(); err == nil {
			t.Errorf("%+v is written as %q", h, got)
		}
	}
}

// TestScriptHeaders: any header that is written is read back, whatever the body.
func TestScriptHeaders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-zé_][a-z0-9_]{0,5}`)
		value := rapid.OneOf(rapid.Just(""), rapid.StringMatching(`[a-z'=:-]([a-z '=:\t-]{0,9}[a-z'=:-])?`))
		s := Script{
			Header: Header{Engine: value.Draw(t, "engine"), Environment: value.Draw(t, "environment")},
			Body:   rapid.OneOf(rapid.String(), rapid.Just("-- ---\n-- engine: x\n-- ---\n"), rapid.Just("-- ---\n-- wrong\n-- ---\n")).Draw(t, "body"),
		}
		for _, name := range rapid.SliceOfNDistinct(word, 0, 4, rapid.ID).Draw(t, "names") {
			s.Header.Parameters = append(s.Header.Parameters, Parameter{name, strings.ReplaceAll(value.Draw(t, "type"), "=", ""), value.Draw(t, "default")})
			s.Header.Fields = append(s.Header.Fields, Field{"x-" + name, value.Draw(t, "field")})
		}
		for i := range s.Header.Parameters {
			s.Header.Parameters[i].Type = strings.TrimSpace(s.Header.Parameters[i].Type)
		}
		text, err := s.Format()
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseScript(text)
		if broken := strings.HasPrefix(s.Body, "-- ---\n-- wrong") && s.Header.empty(); err != nil && !broken {
			t.Fatal(err)
		} else if !broken && (!again.Header.equal(s.Header) || again.Body != s.Body) {
			t.Fatalf("%q is read as %+v, not %+v", text, again, s)
		}
	})
}

func FuzzScript(f *testing.F) {
	f.Add("-- ---\n-- engine: duckdb\n-- parameters:\n--   a: INT = 1\n-- x: y\n-- ---\nselect 1")
	f.Add("-- ---\r\n--\r\n-- ---\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		s, _ := ParseScript(text)
		if got, err := s.Format(); err != nil || got != text {
			t.Fatalf("written as %q, %v", got, err)
		}
		s.Header.Engine += "x"
		changed, err := s.Format()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := ParseScript(changed); err != nil || !again.Header.equal(s.Header) || again.Body != s.Body {
			t.Fatalf("%q is read as %+v, %v", changed, again, err)
		}
	})
}
