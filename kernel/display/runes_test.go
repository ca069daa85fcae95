package display

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestRuneCountIsThatOfUTF8(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s") + strings.Repeat(rapid.SampledFrom([]string{"", "a", "é", "日", "👩‍👧"}).Draw(t, "unit"), rapid.IntRange(0, 40).Draw(t, "n"))
		if got, want := runeCount(s), utf8.RuneCountInString(s); got != want {
			t.Fatalf("%q: %d, want %d", s, got, want)
		}
	})
}

func BenchmarkRuneCount(b *testing.B) {
	s := strings.Repeat("0123456789", 1_000_000)
	b.SetBytes(int64(len(s)))
	for b.Loop() {
		runeCount(s)
	}
}
