package sqltext

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseAssignments(t *testing.T) {
	type values map[string]any
	for _, c := range []struct {
		args string
		want values // "name" or "name:TYPE"
		bad  string // the text the error points at, then its message
	}{
		{"", values{}, ""},
		{"region='EU' since:DATE='2024-01-01' limit=10 tags=['a','b']",
			values{"region": "EU", "since:DATE": "2024-01-01", "limit": int64(10), "tags": []any{"a", "b"}}, ""},
		{"a = 1, b= -2,c =+3", values{"a": int64(1), "b": int64(-2), "c": int64(3)}, ""},
		{"a := 1", values{"a": int64(1)}, ""},
		{"a=1.5 b=1e3 c=.5 d=1_000", values{"a": 1.5, "b": 1000.0, "c": 0.5, "d": int64(1000)}, ""},
		{"a:DECIMAL(18, 2)=1.10 b:INT[]=[1]", values{"a:DECIMAL(18, 2)": "1.10", "b:INT[]": []any{int64(1)}}, ""},
		{"a:DECIMAL(9,2) = - 1.10", values{"a:DECIMAL(9,2)": "-1.10"}, ""},
		{"a=NULL b=true c=False", values{"a": nil, "b": true, "c": false}, ""},
		{"a=DATE '2024-01-01' b='1'::INT c=INTERVAL '1 day'", values{"a:DATE": "2024-01-01", "b:INT": "1", "c:INTERVAL": "1 day"}, ""},
		{"a=9223372036854775807 b=9223372036854775808", values{"a": int64(math.MaxInt64), "b:HUGEINT": "9223372036854775808"}, ""},
		{"a='it''s' b=E'x\\ny\\'' c=$$;$$ d=$t$a$$b$t$", values{"a": "it's", "b": "x\ny'", "c": ";", "d": "a$$b"}, ""},
		{"a={'x': 1, y: [true, {}]} b=[]", values{"a": map[string]any{"x": int64(1), "y": []any{true, map[string]any{}}}, "b": []any{}}, ""},
		{"a=1 \\\n b=2", values{"a": int64(1), "b": int64(2)}, ""},
		{"\"my name\"='x'", values{"my name": "x"}, ""},

		{"region=EU", values{}, "EU: EU is not a literal; write 'EU' if it is text"},
		{"region=\"EU\"", values{}, "\"EU\": double quotes make a name; write 'EU'"},
		{"a=1 b=(select 1)", values{"a": int64(1)}, "(: only a literal can stand here: 'text', 1.5, true, null, [1, 2], {'a': 1}"},
		{"a=1+1", values{}, "+: a blank is missing after the value"},
		{"a=1 a=2", values{"a": int64(1)}, "a: a is given twice"},
		{"a=", values{}, ": a value is missing"},
		{"a", values{}, ": = is missing after a"},
		{"=1", values{}, "=: name=value is expected here"},
		{"a='x", values{}, "'x: the string is not closed"},
		{"a=[1 2]", values{}, "2: a comma or ] is missing"},
		{"a=now()", values{}, "now: now is not a literal; write 'now' if it is text"},
		{"a:=", values{}, ": a value is missing"},
		{"a:='x'", values{"a": "x"}, ""},
		{"a=1x", values{}, "1: this is not a number"},
		{"a=1;drop table t", values{}, ";: a blank is missing after the value"},
	} {
		const at = 100
		got := values{}
		list, err := ParseAssignments(c.args, at)
		for _, a := range list {
			key := a.Name
			if a.Type != "" {
				key += ":" + a.Type
			}
			got[key] = a.Value
			if raw := c.args[a.ValueStart-at : a.ValueEnd-at]; raw != a.Raw {
				t.Errorf("%q: raw value %q is at %q", c.args, a.Raw, raw)
			}
			if name := c.args[a.NameStart-at : a.NameEnd-at]; Unquote(name) != a.Name {
				t.Errorf("%q: name %q is at %q", c.args, a.Name, name)
			}
		}
		bad := ""
		var e *Error
		if errors.As(err, &e) {
			bad = c.args[e.Start-at:e.End-at] + ": " + e.Message
		}
		if !reflect.DeepEqual(got, c.want) || bad != c.bad {
			t.Errorf("%q\n got %#v, %q\nwant %#v, %q", c.args, got, bad, c.want, c.bad)
		}
	}
}

func TestLiteralDepth(t *testing.T) {
	_, err := ParseLiteral(strings.Repeat("[", 100000), 0)
	if e, ok := err.(*Error); !ok || e.Start > 2*literalDepth {
		t.Errorf("%#v", err)
	}
}

// TestLiteralsAgreeWithDuckDB: a text that is quoted, read here and read by DuckDB is the same.
func TestLiteralsAgreeWithDuckDB(t *testing.T) {
	o := newOracle(t)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("'\\ab\n\"$;é🦆 "))).Draw(t, "text")
		lit := QuoteString(text)
		if rapid.Bool().Draw(t, "escape") {
			lit = "E'" + strings.NewReplacer("'", "\\'", "\\", "\\\\", "\n", "\\n").Replace(text) + "'"
		}
		l, err := ParseLiteral(lit, 0)
		if err != nil {
			t.Fatalf("%s: %v", lit, err)
		}
		if got, msg := o.run("SELECT " + lit); msg != "" || len(got) != 1 || got[0] != text || l.Value != text {
			t.Fatalf("%s: DuckDB reads %q %s, we %q, want %q", lit, got, msg, l.Value, text)
		}
	})
}

func TestParseArgs(t *testing.T) {
	for _, c := range []struct {
		args string
		want []string
	}{
		{"", nil},
		{"bar x=amount", []string{"bar", "x is amount"}},
		{"'two words' \"it's\" 'it''s'", []string{"two words", "it's", "it's"}},
		{"x='a b' y=\"c\"d", []string{"x is a b", "y is cd"}},
		{"--log --size=3 -v -1 --", []string{"flag log", "flag size is 3", "flag v", "-1", "--"}},
		{"since:DATE='2024' n:DECIMAL(18, 2)=1", []string{"since:DATE is 2024", "n:DECIMAL(18, 2) is 1"}},
		{"http://x.org?a=b a==b x>=1", []string{"http://x.org?a=b", "a==b", "x>=1"}},
		{"t=['a', \"b c\"] (1, 2)", []string{"t is ['a', \"b c\"]", "(1, 2)"}},
		{"a \\\n b\\\r\nc", []string{"a", "b", "c"}},
		{"Don't x=don't", []string{"Don't", "x is don't"}},
		{"C:\\data\\a.csv", []string{"C:\\data\\a.csv"}},
		{"x= y", []string{"x is ", "y"}},
		{"x='open y", []string{"x is open y …"}},
		{"a\u00a0b", []string{"a", "b"}},
	} {
		const at = 7
		var got []string
		for _, a := range ParseArgs(c.args, at) {
			s := a.Value
			if a.Key != "" {
				s = a.Key
				if a.Type != "" {
					s += ":" + a.Type
				}
				if a.HasValue {
					s += " is " + a.Value
				}
				if key := c.args[a.KeyStart-at : a.KeyEnd-at]; key != a.Key {
					t.Errorf("%q: key %q is at %q", c.args, a.Key, key)
				}
				if typ := c.args[a.TypeStart-at : a.TypeEnd-at]; typ != a.Type {
					t.Errorf("%q: type %q is at %q", c.args, a.Type, typ)
				}
			}
			if a.Flag {
				s = "flag " + s
			}
			if a.Open {
				s += " …"
			}
			got = append(got, s)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q\n got %q\nwant %q", c.args, got, c.want)
		}
	}
}

func TestParams(t *testing.T) {
	sql := "select $a, '$b', \"$c\", $$ $d $$, $e$ $f $e$, -- $g\n /* $h */ $1, ?, $a, x$y, $i::int, $é"
	var got []string
	for _, p := range Params(sql) {
		if sql[p.Start:p.End] != "$"+p.Name {
			t.Errorf("%q is at %q", p.Name, sql[p.Start:p.End])
		}
		got = append(got, p.Name)
	}
	if want := "[a a i é]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %v", got, want)
	}
}
