package notebook

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aymanbagabas/go-udiff/lcs"
)

// LineChange replaces lines of a text. Lines are what stands between line feeds, without them: a text of n line feeds
// has n+1 lines.
type LineChange struct {
	// Start is the first line replaced, counted from 0 in the old text; where lines are only added, the line before
	// which.
	Start int `json:"start"`
	// Old are the lines that go, New those that come.
	Old []string `json:"old,omitempty"`
	New []string `json:"new,omitempty"`
	// Spans are the pieces that differ within Old and New, for marking them; nil if all does, or for long texts.
	Spans []Span `json:"spans,omitempty"`
}

// Span is a piece of the old lines and what replaced it in the new. Places count UTF-16 code units, as browsers do, in
// the lines joined by line feeds.
type Span struct {
	OldStart int `json:"oldStart"`
	OldEnd   int `json:"oldEnd"`
	NewStart int `json:"newStart"`
	NewEnd   int `json:"newEnd"`
}

// maxSpanText bounds the lines, in bytes, within which differing pieces are looked for.
const maxSpanText = 8 << 10

func splitLines(text string) []string { return strings.Split(text, "\n") }

// DiffText gives the changes that make b of a, in order: of sources, SQL scripts and other text. It is bounded work:
// texts that have little in common may get larger changes than need be.
func DiffText(a, b string) []LineChange {
	if a == b {
		return nil
	}
	old, now := splitLines(a), splitLines(b)
	var changes []LineChange
	for _, d := range lcs.DiffLines(old, now) {
		c := LineChange{Start: d.Start, Old: old[d.Start:d.End:d.End], New: now[d.ReplStart:d.ReplEnd:d.ReplEnd]}
		c.Spans = spans(c.Old, c.New)
		changes = append(changes, c)
	}
	return changes
}

// ApplyText makes the new text. The error wraps [ErrPatch] if the old lines are not those that the changes were made
// for.
func ApplyText(text string, changes []LineChange) (string, error) {
	if len(changes) == 0 {
		return text, nil
	}
	old, at := splitLines(text), 0
	var out []string
	for _, c := range changes {
		if c.Start < at || c.Start+len(c.Old) > len(old) || !slices.Equal(old[c.Start:c.Start+len(c.Old)], c.Old) {
			return "", fmt.Errorf("%w: line %d is another", ErrPatch, c.Start)
		}
		out = append(append(out, old[at:c.Start]...), c.New...)
		at = c.Start + len(c.Old)
	}
	out = append(out, old[at:]...)
	if len(out) == 0 {
		return "", fmt.Errorf("%w: no line is left", ErrPatch)
	}
	return strings.Join(out, "\n"), nil
}

// spans compares word by word, which people read more easily than letter by letter.
func spans(old, now []string) []Span {
	a, b := strings.Join(old, "\n"), strings.Join(now, "\n")
	if a == "" || b == "" || len(a)+len(b) > maxSpanText {
		return nil
	}
	aWords, bWords := words(a), words(b)
	aAt, bAt := offsets(aWords), offsets(bWords)
	var out []Span
	for _, d := range lcs.DiffLines(aWords, bWords) {
		out = append(out, Span{aAt[d.Start], aAt[d.End], bAt[d.ReplStart], bAt[d.ReplEnd]})
	}
	if len(out) == 1 && out[0] == (Span{0, aAt[len(aWords)], 0, bAt[len(bWords)]}) {
		return nil
	}
	return out
}

// words splits text into runs of letters and digits and single other characters.
func words(text string) []string {
	var out []string
	for text != "" {
		n := strings.IndexFunc(text, func(r rune) bool { return !wordRune(r) })
		if n < 0 {
			n = len(text)
		} else if n == 0 {
			_, n = utf8.DecodeRuneInString(text)
		}
		out = append(out, text[:n])
		text = text[n:]
	}
	return out
}

// offsets is where each word begins, and the end, in UTF-16 code units.
func offsets(words []string) []int {
	at := make([]int, 1, len(words)+1)
	n := 0
	for _, w := range words {
		for _, r := range w {
			if n++; r > unicode.MaxRune>>4 {
				n++
			}
		}
		at = append(at, n)
	}
	return at
}
