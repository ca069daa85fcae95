package sqltext

import (
	"strings"
	"unicode/utf8"
)

// CodePoints is the byte offset in s as a number of code points. Bytes that are not UTF-8 count one each. An offset
// inside a code point counts as its beginning; offsets outside of s count as its ends.
func CodePoints(s string, offset int) int {
	if offset <= 0 {
		return 0
	}
	if offset >= len(s) {
		return utf8.RuneCountInString(s)
	}
	return utf8.RuneCountInString(s[:runeStart(s, offset)])
}

// ByteOffset is the number of code points n in s as a byte offset; below and above, the ends of s.
func ByteOffset(s string, n int) int {
	for i := range s {
		if n <= 0 {
			return i
		}
		n--
	}
	return len(s)
}

// runeStart is the beginning of the code point that offset is in.
func runeStart(s string, offset int) int {
	if offset <= 0 || offset >= len(s) || utf8.RuneStart(s[offset]) {
		return max(0, min(offset, len(s)))
	}
	for i := offset - 1; i >= 0 && offset-i < utf8.UTFMax; i-- {
		if utf8.RuneStart(s[i]) {
			if _, n := utf8.DecodeRuneInString(s[i:]); i+n > offset {
				return i
			}
			break
		}
	}
	return offset
}

// LineColumn is the place of the byte offset: line from 1, column in code points from 1. Lines end with \n, \r\n or a
// lone \r.
func LineColumn(s string, offset int) (line, column int) {
	start, _, line := lineAt(s, offset)
	return line, CodePoints(s[start:], offset-start) + 1
}

// lineAt is the range of the line that offset is on, without its line break, and its number from 1.
func lineAt(s string, offset int) (start, end, line int) {
	offset = max(0, min(offset, len(s)))
	line = 1
	for i := 0; i < offset; {
		n := strings.IndexAny(s[i:], "\n\r")
		if n < 0 {
			break
		}
		i += n
		i += newlineLen(s, i)
		if i > offset {
			break
		}
		start = i
		line++
	}
	end = len(s)
	if n := strings.IndexAny(s[start:], "\n\r"); n >= 0 {
		end = start + n
	}
	return start, end, line
}
