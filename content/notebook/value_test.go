package notebook

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestParseValue(t *testing.T) {
	for text, want := range map[string]Value{
		` { "b" : 1 , "a" : [ ] } `:          `{"a":[],"b":1}`,
		`{"a":1,"a":2}`:                      `{"a":2}`,
		`{"b":0,"a":1,"a":2,"\u0061":3}`:     `{"a":3,"b":0}`,
		`{"\ud83e\udded":1,"\uffff":2}`:      "{\"\uffff\":2,\"🧭\":1}", // by code point, not by UTF-16 unit
		`{"\ue000":1,"\ud800":2,"\\":3}`:     `{"\\":3,"\ud800":2,"` + "\ue000" + `":1}`,
		`{"\n":1,"\"":2,"!":3}`:              `{"\n":1,"!":3,"\"":2}`,
		`"\/\u002f\u0022\u005C\u0000\u001F"`: `"//\"\\\u0000\u001f"`,
		`"\uD83E\uDDED\uD83E\uDDEd"`:         `"🧭🧭"`,
		`"\ud83e\ud83e\udded\udded"`:         `"\ud83e🧭\udded"`,
		"\"\u2028\u007f<\"":                  "\"\u2028\u007f<\"",
		`-0`:                                 `-0`,
		`1.50E+07`:                           `1.50E+07`,
		`[NaN,-Infinity,Infinity]`:           `[NaN,-Infinity,Infinity]`,
		"\ufeff1":                            `1`,
	} {
		got, err := ParseValue([]byte(text))
		if err != nil || got != want {
			t.Errorf("%s: %s, %v", text, got, err)
		}
		if again, err := ParseValue([]byte(got)); err != nil || again != got {
			t.Errorf("%s: again %s, %v", text, again, err)
		}
	}
	for _, text := range []string{"", " ", "{", "[1", "[1,]", "[,1]", `{"a"}`, `{"a":}`, `{"a":1,}`, `{a:1}`, "01", "1.", ".5", "-", "+1", "1e", "tru", "nul", "nan",
		`"a`, `"\x"`, `"\u12"`, `"\u12g4"`, "\"\n\"", `"\`, "1 2", "[1]]", "'a'", "\xff", "\"\xff\"", "-Infinit", "[1}", `{"a":1]`} {
		v, err := ParseValue([]byte(text))
		var where *ReadError
		if !errors.Is(err, ErrNotJSON) || !errors.As(err, &where) {
			t.Errorf("%q: %q, %v", text, v, err)
		}
	}
	if _, err := ParseValue([]byte(strings.Repeat("[", 300) + strings.Repeat("]", 300))); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
}

func TestValueParts(t *testing.T) {
	v, err := ParseValue([]byte(`{"a\"}":{"b":[1,"]",{}]},"c":"\\","":[],"n":null}`))
	if err != nil {
		t.Fatal(err)
	}
	want := Object{`a"}`: `{"b":[1,"]",{}]}`, "c": `"\\"`, "": "[]", "n": "null"}
	if got := v.Object(); !maps.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got := want[`a"}`].Object()["b"].Array(); !slices.Equal(got, []Value{"1", `"]"`, "{}"}) {
		t.Errorf("%q", got)
	}
	if v.Array() != nil || Value("[]").Object() != nil || Value("[]").Array() == nil || Value("{}").Object() == nil || Value("").Object() != nil {
		t.Error("what is no object or array is nil, and what is empty is not")
	}
	for text, want := range map[Value]string{`"a\nb"`: "a\nb", `"\ud800x"`: "\ufffdx", `""`: ""} {
		if got, ok := text.Text(); !ok || got != want {
			t.Errorf("%s: %q", text, got)
		}
	}
	if _, ok := Value("1").Text(); ok {
		t.Error("1 is no text")
	}
	if got := StringValue("a\xff\"\x01\u2028"); got != "\"a\ufffd\\\"\\u0001\u2028\"" {
		t.Error(got)
	}
}

// TestValueJSON: within other JSON a value is strict, and null is told from absence.
func TestValueJSON(t *testing.T) {
	text, err := json.Marshal(map[string]Value{"a": `{"x":[NaN,-Infinity,"NaN \" Infinity",Infinity]}`, "b": ""})
	if err != nil || string(text) != `{"a":{"x":[null,null,"NaN \" Infinity",null]},"b":null}` {
		t.Errorf("%s %v", text, err)
	}
	var got struct{ A, B, C Value }
	if err := json.Unmarshal([]byte(`{"A":null,"B":{"y":1,"x":2}}`), &got); err != nil || got.A != "null" || got.B != `{"x":2,"y":1}` || got.C != "" {
		t.Errorf("%+v %v", got, err)
	}
}
