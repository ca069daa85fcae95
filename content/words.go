package content

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MaxWordLength bounds a word in bytes; what is longer is cut, in texts and in queries alike.
const MaxWordLength = 64

// Words splits a text into the words that are indexed: runs of letters and digits, in lower case and without accents;
// each Chinese or Japanese character is a word of its own. So "total_Café" is "total" and "cafe".
func Words(text string) []string {
	var out []string
	EachWord(text, func(word string, _, _ int) bool {
		out = append(out, word)
		return true
	})
	return out
}

// EachWord calls fn for each word of a text as Words gives it, with its place text[start:end], until fn gives false.
func EachWord(text string, fn func(word string, start, end int) bool) {
	start := -1
	emit := func(end int) bool {
		if start < 0 {
			return true
		}
		word := fold(text[start:end])
		s := start
		start = -1
		return word == "" || fn(word, s, end)
	}
	for i, r := range text {
		if r < utf8.RuneSelf { // most text, and far quicker decided
			inside := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
			if inside && start < 0 {
				start = i
			} else if !inside && start >= 0 && !emit(i) {
				return
			}
			continue
		}
		ideograph := unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
		// A combining mark goes on with the letter before it.
		inside := unicode.IsLetter(r) || unicode.IsDigit(r) || start >= 0 && unicode.Is(unicode.Mn, r)
		if start >= 0 && (!inside || ideograph) && !emit(i) {
			return
		}
		switch {
		case ideograph:
			start = i
			if !emit(i + utf8.RuneLen(r)) {
				return
			}
		case inside && start < 0:
			start = i
		}
	}
	emit(len(text))
}

// fold is a word in the form it is indexed in.
func fold(word string) string {
	ascii := true
	for i := 0; i < len(word) && ascii; i++ {
		ascii = word[i] < utf8.RuneSelf
	}
	if !ascii {
		word = strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Mn, r) {
				return -1
			}
			return r
		}, norm.NFKD.String(word))
	}
	word = strings.ToLower(word)
	if len(word) > MaxWordLength {
		word = strings.ToValidUTF8(word[:MaxWordLength], "")
	}
	return word
}

// Bound cuts each field to MaxIndexedText and makes it valid UTF-8 without zero bytes, which PostgreSQL cannot keep.
func (t SearchText) Bound() SearchText {
	for _, field := range []*string{&t.Name, &t.Tags, &t.Description, &t.Source, &t.Outputs} {
		s := *field
		if len(s) > MaxIndexedText {
			s = s[:MaxIndexedText]
		}
		*field = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", " ")
	}
	return t
}
