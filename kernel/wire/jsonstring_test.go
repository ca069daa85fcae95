package wire

import (
	"encoding/json"
	"strings"
	"testing"
)

func FuzzJSONString(f *testing.F) {
	for _, s := range []string{"", "plain", `a"b\c`, "line\nbreak\ttab\r", "\x00\x1f", "ünïcode 🦆", "bad \xff utf8", strings.Repeat("x", 100) + `"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var got string
		if err := json.Unmarshal(AppendString(nil, s), &got); err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		raw, _ := json.Marshal(s)
		var want string
		_ = json.Unmarshal(raw, &want)
		if got != want {
			t.Fatalf("%q: got %q, want %q", s, got, want)
		}
	})
}
