package notebook

import (
	"maps"
	"slices"
	"time"
)

// runKey is the metadata that belongs to a cell's run: when it was asked for, began and ended.
const runKey = "execution"

// withoutRun is the metadata that people set.
func withoutRun(c Cell) Object {
	if _, ok := c.Metadata[runKey]; !ok {
		return c.Metadata
	}
	m := maps.Clone(c.Metadata)
	delete(m, runKey)
	return m
}

func sameRun(a, b Cell) bool {
	return a.Metadata[runKey] == b.Metadata[runKey] && equalCount(a.ExecutionCount, b.ExecutionCount) && slices.Equal(a.Outputs, b.Outputs)
}

// mergeRun gives the cell whose run the merged cell keeps, given whose source it has; not ok if a run is lost.
func mergeRun(isOurs, isTheirs bool, base, ours, theirs Cell) (run Cell, ok bool) {
	switch {
	case sameRun(ours, theirs) && (isOurs || isTheirs), isOurs && !isTheirs:
		return ours, true
	case isTheirs && !isOurs:
		return theirs, true
	case isOurs && sameRun(theirs, base):
		return ours, true
	case isOurs && sameRun(ours, base):
		return theirs, true
	case isOurs:
		oursAt, theirsAt := lastRun(ours), lastRun(theirs)
		if !oursAt.IsZero() && !theirsAt.IsZero() && !oursAt.Equal(theirsAt) {
			if oursAt.After(theirsAt) {
				return ours, true
			}
			return theirs, true
		}
	}
	return Cell{}, sameRun(ours, Cell{}) && sameRun(theirs, Cell{})
}

// lastRun is the latest time of a cell's run; zero if it has none.
func lastRun(c Cell) time.Time {
	var last time.Time
	for _, v := range c.Metadata[runKey].Object() {
		text, _ := v.Text()
		if at, err := time.Parse(time.RFC3339Nano, text); err == nil && at.After(last) {
			last = at
		}
	}
	return last
}
