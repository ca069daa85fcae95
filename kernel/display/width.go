package display

import (
	"unicode"

	"golang.org/x/text/width"
)

// textWidth counts the terminal columns that text takes.
func textWidth(text string) int {
	n := 0
	joined := false
	for _, r := range text {
		n += runeWidth(r, joined)
		joined = r == zeroWidthJoiner
	}
	return n
}

const zeroWidthJoiner = 0x200D

// runeWidth counts terminal columns: 2 for East Asian wide runes and most emoji, 0 for what combines with the rune
// before it, also for what a joiner glues to it.
func runeWidth(r rune, joined bool) int {
	if r < 0x300 {
		if r == 0xAD {
			return 0
		}
		return 1
	}
	switch {
	case r == zeroWidthJoiner, r == 0x200C, joined && r > 0x2000,
		unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf),
		r >= 0x1160 && r <= 0x11FF,   // Hangul vowels and finals
		r >= 0x1F3FB && r <= 0x1F3FF: // skin tones
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// fitWidth cuts text to at most max columns, the last of them '…' where something was cut.
func fitWidth(text string, max int) string {
	if len(text) <= max || textWidth(text) <= max {
		return text
	}
	n, joined := 0, false
	for i, r := range text {
		w := runeWidth(r, joined)
		if n+w > max-1 {
			return text[:i] + "…"
		}
		n += w
		joined = r == zeroWidthJoiner
	}
	return text
}
