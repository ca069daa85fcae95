package display

import (
	"encoding/binary"
	"math/bits"
)

// runeCount counts the characters of valid UTF-8, as utf8.RuneCountInString does, eight bytes at a time: every byte that
// does not continue a character begins one.
func runeCount(s string) int {
	const highs = 0x8080808080808080
	n, continued := len(s), 0
	b := []byte(s[:len(s)&^7])
	for ; len(b) >= 8; b = b[8:] {
		w := binary.LittleEndian.Uint64(b)
		continued += bits.OnesCount64(w & highs &^ (w << 1)) // the high bit set, the next not
	}
	for _, c := range []byte(s[len(s)&^7:]) {
		if c&0xc0 == 0x80 {
			continued++
		}
	}
	return n - continued
}
