package wire

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

var jsonSamples = []string{
	`{}`, ` { } `, `{"a":1}`, `{"a":[]}`, `{"a":[1,-0,0.5,1e9,1E-2,true,false,null,"x"]}`, `{"a":{"b":{"c":[[[]]]}}}`,
	`{"a":"long enough for eight bytes \" \\ \/ \b\f\n\r\t \u00e9 \ud83d\ude00"}`, `{"ä":"😀😀😀😀😀😀"}`,
	``, ` `, `{`, `}`, `[]`, `1`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{"a":01}`, `{"a":1.}`, `{"a":.5}`, `{"a":1e}`,
	`{"a":-}`, `{"a":NaN}`, `{"a":Infinity}`, `{"a":tru}`, `{"a":"` + "\n" + `"}`, `{"a":"\x"}`, `{"a":"\u12g4"}`, `{"a":"`,
	`{"a":1}{}`, `{"a":1}x`, `{"a":[1}`, `{a:1}`, `{'a':1}`, "{\"a\":\"\xff\"}", "\xef\xbb\xbf{}", `{"a":[,]}`, `{"a":[1,]}`,
	strings.Repeat(`{"a":`, 200) + `1` + strings.Repeat(`}`, 200),
}

// agree compares checkObject with the standard library, except for the nesting bound, which differs by one at most.
func agree(t *testing.T, b []byte) {
	want := utf8.Valid(b) && json.Valid(b) && bytes.HasPrefix(bytes.TrimLeft(b, " \t\r\n"), []byte("{"))
	if err := checkObject(b); (err == nil) != want && bytes.Count(b, []byte("["))+bytes.Count(b, []byte("{")) < maxDepth {
		t.Errorf("%q: %v, the standard library says %v", b, err, want)
	}
}

func TestCheckAgreesWithStandardLibrary(t *testing.T) {
	for _, s := range jsonSamples {
		agree(t, []byte(s))
	}
	if checkObject([]byte(strings.Repeat(`{"a":`, maxDepth+1)+`1`+strings.Repeat(`}`, maxDepth+1))) == nil {
		t.Error("no bound on nesting")
	}
}

func FuzzCheck(f *testing.F) {
	for _, s := range jsonSamples {
		f.Add([]byte(s))
	}
	f.Fuzz(agree)
}

func bigResult() ExecuteResult {
	return ExecuteResult{Data: MIMEBundle{"text/plain": json.RawMessage(`"` + strings.Repeat("0123456789abcdef", 10<<20/16) + `"`)}}
}

func BenchmarkTenMegabytes(b *testing.B) {
	content := bigResult()
	signer, _ := NewSigner("", "a key")
	b.Run("make", func(b *testing.B) {
		b.SetBytes(10 << 20)
		for b.Loop() {
			if _, err := NewMessage("s", "u", "execute_result", content); err != nil {
				b.Fatal(err)
			}
		}
	})
	m, _ := NewMessage("s", "u", "execute_result", content)
	b.Run("encode", func(b *testing.B) {
		b.SetBytes(10 << 20)
		for b.Loop() {
			if _, err := Encode(m, signer); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("check", func(b *testing.B) {
		b.SetBytes(10 << 20)
		for b.Loop() {
			if err := checkObject(m.Content); err != nil {
				b.Fatal(err)
			}
		}
	})
}
