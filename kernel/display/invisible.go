package display

import "unicode/utf8"

// shown gives what stands for a rune that cannot be seen or that reorders the text around it; empty for all others.
// Such runes in data could make a value look like another one, or break a table apart.
func shown(r rune) string {
	switch {
	case r == utf8.RuneError:
		return "\uFFFD"
	case r < 0x20:
		return string(rune(0x2400) + r) // the control pictures ␀ to ␟
	case r == 0x7F:
		return "\u2421"
	case r < 0xA0 && r >= 0x80,
		r == 0x00AD,                           // soft hyphen
		r == 0x061C, r == 0x200E, r == 0x200F, // direction marks
		r >= 0x202A && r <= 0x202E,              // embeddings and overrides
		r >= 0x2066 && r <= 0x2069,              // isolates
		r == 0x200B, r >= 0x2060 && r <= 0x2064, // zero width
		r == 0x2028, r == 0x2029, r == 0xFEFF, // separators, byte order mark
		r >= 0xFFF9 && r <= 0xFFFB,   // interlinear annotation
		r >= 0xE0000 && r <= 0xE007F: // tags
		return codePoint(r)
	}
	return ""
}

// codePoint writes U+202E.
func codePoint(r rune) string {
	const hex = "0123456789ABCDEF"
	text := []byte("U+")
	for shift := 16; shift >= 0; shift -= 4 {
		if shift == 16 && r>>16 == 0 {
			continue
		}
		text = append(text, hex[r>>shift&15])
	}
	return string(text)
}
