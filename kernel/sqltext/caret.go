package sqltext

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// caretWidth is the number of columns of a line that Caret shows.
const caretWidth = 80

// Caret shows the place of the byte offset in the user's own text: its line after "LINE 3: ", and on the next line a ^
// under the place. A tab shows as one blank and other control characters as a dot, wide characters take two columns,
// and of a line longer than 80 columns only the part around the place is shown, with … where it is cut.
func Caret(cell string, offset int) string {
	start, end, line := lineAt(cell, offset)
	offset = runeStart(cell, max(start, min(offset, end)))

	left, leftWidth := offset, 0
	right, width := offset, 0
	take := func(from int) bool { // the next rune on the right, if it fits
		r, n := utf8.DecodeRuneInString(cell[from:end])
		if n == 0 || width+leftWidth+runeWidth(r) > caretWidth {
			return false
		}
		right = from + n
		width += runeWidth(r)
		return true
	}
	// Half of the window is for what stands on the right; what the right does not need goes to the left.
	for width < caretWidth/2 && take(right) {
	}
	for left > start {
		r, n := utf8.DecodeLastRuneInString(cell[start:left])
		if width+leftWidth+runeWidth(r) > caretWidth {
			break
		}
		left -= n
		leftWidth += runeWidth(r)
	}
	for take(right) {
	}

	var b strings.Builder
	prefix := fmt.Sprintf("LINE %d: ", line)
	b.WriteString(prefix)
	indent := len(prefix) + leftWidth
	if left > start {
		b.WriteString("…")
		indent++
	}
	for _, r := range cell[left:right] {
		b.WriteRune(visible(r))
	}
	if right < end {
		b.WriteString("…")
	}
	b.WriteByte('\n')
	b.WriteString(strings.Repeat(" ", indent))
	b.WriteByte('^')
	return b.String()
}

// visible is what Caret shows for a rune, of the width that runeWidth tells.
func visible(r rune) rune {
	switch {
	case r == '\t':
		return ' '
	case runeWidth(r) == 1 && unicode.IsControl(r):
		return '·'
	}
	return r
}

// wide are the ranges that terminals show in two columns: East Asian wide and full-width characters and emoji.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x1100, 0x115F, 1}, {0x231A, 0x231B, 1}, {0x23E9, 0x23EC, 1}, {0x2614, 0x2615, 1}, {0x26A1, 0x26A1, 1},
		{0x2705, 0x2705, 1}, {0x274C, 0x274C, 1}, {0x2B50, 0x2B50, 1}, {0x2E80, 0x303E, 1}, {0x3041, 0x33FF, 1},
		{0x3400, 0x4DBF, 1}, {0x4E00, 0x9FFF, 1}, {0xA000, 0xA4CF, 1}, {0xA960, 0xA97F, 1}, {0xAC00, 0xD7A3, 1},
		{0xF900, 0xFAFF, 1}, {0xFE30, 0xFE6F, 1}, {0xFF00, 0xFF60, 1}, {0xFFE0, 0xFFE6, 1},
	},
	R32: []unicode.Range32{
		{0x17000, 0x18CFF, 1}, {0x1B000, 0x1B2FF, 1}, {0x1F004, 0x1F004, 1}, {0x1F0CF, 0x1F0CF, 1},
		{0x1F18E, 0x1F18E, 1}, {0x1F191, 0x1F19A, 1}, {0x1F200, 0x1F320, 1}, {0x1F32D, 0x1F64F, 1},
		{0x1F680, 0x1F6FF, 1}, {0x1F7E0, 0x1F7EB, 1}, {0x1F900, 0x1F9FF, 1}, {0x1FA70, 0x1FAFF, 1},
		{0x20000, 0x3FFFD, 1},
	},
}

// runeWidth is the number of terminal columns a rune takes: 0 for combining marks and joiners.
func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}
