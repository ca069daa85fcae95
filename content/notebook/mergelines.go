package notebook

import (
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff/lcs"
)

// MergeText merges two edits of one text, such as a SQL script, as [Merge] does with a source. The conflicts are
// source conflicts without a cell.
func MergeText(base, ours, theirs string) (string, []Conflict) {
	merged, conflict := pick(base, ours, theirs)
	if !conflict {
		return merged, nil
	}
	merged, lines := mergeLines(base, ours, theirs)
	var conflicts []Conflict
	for _, c := range lines {
		conflicts = append(conflicts, Conflict{Field: SourceConflict, Line: c.line, Base: c.base, Ours: c.ours, Theirs: c.theirs})
	}
	return merged, conflicts
}

// lineConflict is a piece that both sides changed differently. line is where it begins in the merged text.
type lineConflict struct {
	line               int
	base, ours, theirs string
}

// mergeLines merges two edits of one text line by line, as diff3 does: changes that overlap or touch are one conflict,
// unless both made the same. A conflict leaves our lines in the text.
func mergeLines(base, ours, theirs string) (string, []lineConflict) {
	b, o, t := splitLines(base), splitLines(ours), splitLines(theirs)
	oursDiffs, theirsDiffs := lcs.DiffLines(b, o), lcs.DiffLines(b, t)
	var out []string
	var conflicts []lineConflict
	// at is the next base line; oursShift and theirsShift take a base line to that side's.
	at, oursShift, theirsShift := 0, 0, 0
	for len(oursDiffs) > 0 || len(theirsDiffs) > 0 {
		lo, hi := 0, 0
		switch {
		case len(theirsDiffs) == 0 || len(oursDiffs) > 0 && oursDiffs[0].Start <= theirsDiffs[0].Start:
			lo, hi = oursDiffs[0].Start, oursDiffs[0].End
		default:
			lo, hi = theirsDiffs[0].Start, theirsDiffs[0].End
		}
		oursFrom, theirsFrom := lo+oursShift, lo+theirsShift
		oursChanged, theirsChanged := false, false
		for {
			if len(oursDiffs) > 0 && oursDiffs[0].Start <= hi {
				d := oursDiffs[0]
				hi, oursDiffs, oursChanged = max(hi, d.End), oursDiffs[1:], true
				oursShift += (d.ReplEnd - d.ReplStart) - (d.End - d.Start)
			} else if len(theirsDiffs) > 0 && theirsDiffs[0].Start <= hi {
				d := theirsDiffs[0]
				hi, theirsDiffs, theirsChanged = max(hi, d.End), theirsDiffs[1:], true
				theirsShift += (d.ReplEnd - d.ReplStart) - (d.End - d.Start)
			} else {
				break
			}
		}
		out = append(out, b[at:lo]...)
		at = hi
		oursLines, theirsLines := o[oursFrom:hi+oursShift], t[theirsFrom:hi+theirsShift]
		switch {
		case !oursChanged:
			out = append(out, theirsLines...)
			continue
		case theirsChanged && !slices.Equal(oursLines, theirsLines):
			conflicts = append(conflicts, lineConflict{len(out), strings.Join(b[lo:hi], "\n"), strings.Join(oursLines, "\n"), strings.Join(theirsLines, "\n")})
		}
		out = append(out, oursLines...)
	}
	return strings.Join(append(out, b[at:]...), "\n"), conflicts
}
