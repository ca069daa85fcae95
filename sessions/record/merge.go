package record

import (
	"slices"

	"sextant/content/notebook"
)

// MergeRuns gives what is to be saved when a client saves a notebook while outputs were recorded that it may not have seen.
// base is the revision that the client's notebook was made from, head the newest, which differs from base by recorded
// outputs alone, and incoming what the client sends. seen reports whether a client has received all of what was recorded of
// a cell. None of them is changed; incoming itself is returned where nothing of head belongs into it.
//
// Sources, order and everything else are the client's. A cell's run (outputs, execution count, times) is head's where
//
//   - the client still has what base has, and has not seen the new run: a tab that was asleep; or
//   - the client's is the same execution, of which it may have seen only a part.
//
// So a run that the client cleared, or one that was not recorded, stays as the client has it.
func MergeRuns(base, head, incoming *notebook.Notebook, seen func(cell string) bool) *notebook.Notebook {
	was, is := byID(base), byID(head)
	var out *notebook.Notebook
	for i := range incoming.Cells {
		c := &incoming.Cells[i]
		b, h := was[c.ID], is[c.ID]
		if c.Type != notebook.Code || h == nil || b != nil && sameRun(b, h) || sameRun(c, h) || !headWins(b, h, c, seen) {
			continue
		}
		if out == nil {
			out = incoming.Clone()
		}
		takeRun(&out.Cells[i], h)
	}
	if out == nil {
		return incoming
	}
	return out
}

// headWins decides on a cell whose run was recorded since base. b is nil where base has no such cell.
func headWins(b, h, c *notebook.Cell, seen func(string) bool) bool {
	switch {
	case c.ExecutionCount != nil && h.ExecutionCount != nil && *c.ExecutionCount == *h.ExecutionCount:
		return true // the same execution; the recorded one is whole
	case c.ExecutionCount == nil && len(c.Outputs) > 0:
		// It was running when the client last looked; what it has is a part of what was recorded.
		return beginsLike(c.Outputs, h.Outputs) || !seen(c.ID)
	case b != nil && sameRun(b, c) || b == nil && c.ExecutionCount == nil:
		return !seen(c.ID)
	case c.ExecutionCount == nil: // cleared, or running and nothing has come yet
		return !seen(c.ID)
	}
	return false
}

// beginsLike reports whether part may be what whole was at some time: as many outputs or fewer, all but the last the same.
func beginsLike(part, whole []notebook.Output) bool {
	if len(part) > len(whole) {
		return false
	}
	return slices.Equal(part[:max(0, len(part)-1)], whole[:max(0, len(part)-1)])
}

func byID(nb *notebook.Notebook) map[string]*notebook.Cell {
	out := make(map[string]*notebook.Cell, len(nb.Cells))
	for i := range nb.Cells {
		out[nb.Cells[i].ID] = &nb.Cells[i]
	}
	return out
}

func sameRun(a, b *notebook.Cell) bool {
	return (a.ExecutionCount == nil) == (b.ExecutionCount == nil) && (a.ExecutionCount == nil || *a.ExecutionCount == *b.ExecutionCount) &&
		slices.Equal(a.Outputs, b.Outputs)
}

// takeRun gives a cell the run of another.
func takeRun(to, from *notebook.Cell) {
	to.Outputs, to.ExecutionCount = from.Outputs, from.ExecutionCount
	metadata := notebook.Object{}
	for k, v := range to.Metadata {
		if k != "execution" {
			metadata[k] = v
		}
	}
	if v, ok := from.Metadata["execution"]; ok {
		metadata["execution"] = v
	}
	to.Metadata = metadata
}
