package notebook

import (
	"fmt"
	"maps"
	"slices"
)

// Apply makes the notebook that [Diff] compared a with; a is left as it is. The error wraps [ErrPatch] if the patch was
// made for another notebook than a, as far as what it changes goes, or is inconsistent.
func Apply(p Patch, a *Notebook) (*Notebook, error) {
	out := a.Clone()
	out.Cells = nil
	if p.Minor != 0 {
		out.Minor = p.Minor
	}
	var err error
	if out.Metadata, err = applyKeys(out.Metadata, p.Metadata, "metadata"); err != nil {
		return nil, err
	}
	if out.Extra, err = applyKeys(out.Extra, p.Extra, "extra"); err != nil {
		return nil, err
	}
	seen := make([]bool, len(a.Cells))
	for _, c := range p.Cells {
		if c.Op == AddedCell {
			if c.Cell == nil {
				return nil, fmt.Errorf("%w: added cell %q is missing", ErrPatch, c.ID)
			}
			out.Cells = append(out.Cells, c.Cell.Clone())
			continue
		}
		if c.From < 0 || c.From >= len(a.Cells) || seen[c.From] || a.Cells[c.From].ID != c.ID {
			return nil, fmt.Errorf("%w: cell %q is not at place %d", ErrPatch, c.ID, c.From)
		}
		seen[c.From] = true
		switch c.Op {
		case RemovedCell:
		case SameCell:
			out.Cells = append(out.Cells, a.Cells[c.From].Clone())
		case ChangedCell:
			cell, err := c.apply(a.Cells[c.From].Clone())
			if err != nil {
				return nil, fmt.Errorf("cell %q: %w", c.ID, err)
			}
			out.Cells = append(out.Cells, cell)
		default:
			return nil, fmt.Errorf("%w: unknown op %q", ErrPatch, c.Op)
		}
	}
	if i := slices.Index(seen, false); i >= 0 {
		return nil, fmt.Errorf("%w: cell %q is not in it", ErrPatch, a.Cells[i].ID)
	}
	return out, nil
}

func (c CellChange) apply(cell Cell) (Cell, error) {
	var err error
	if c.NewID != "" {
		cell.ID = c.NewID
	}
	if c.NewType != "" {
		cell.Type = c.NewType
	}
	if cell.Source, err = ApplyText(cell.Source, c.Source); err != nil {
		return cell, err
	}
	if cell.Metadata, err = applyKeys(cell.Metadata, c.Metadata, "metadata"); err != nil {
		return cell, err
	}
	if cell.Attachments, err = applyKeys(cell.Attachments, c.Attachments, "attachments"); err != nil {
		return cell, err
	}
	if has := c.HasAttachments; has != nil && !*has {
		cell.Attachments = nil
	} else if has != nil && cell.Attachments == nil {
		cell.Attachments = Object{}
	}
	if cell.Extra, err = applyKeys(cell.Extra, c.Extra, "extra"); err != nil {
		return cell, err
	}
	if n := c.ExecutionCount; n != nil {
		if !equalCount(n.Old, cell.ExecutionCount) {
			return cell, fmt.Errorf("%w: its execution count is another", ErrPatch)
		}
		cell.ExecutionCount = n.New
	}
	cell.Outputs, err = applyOutputs(cell.Outputs, c.Outputs)
	return cell.Clone(), err
}

func applyOutputs(old []Output, changes []OutputChange) ([]Output, error) {
	if len(changes) == 0 {
		return old, nil
	}
	var out []Output
	at := 0
	for _, c := range changes {
		if c.Start < at || c.Removed < 0 || c.Start > len(old) || c.Removed > len(old)-c.Start {
			return nil, fmt.Errorf("%w: it has no outputs %d to %d", ErrPatch, c.Start, c.Start+c.Removed)
		}
		out = append(append(out, old[at:c.Start]...), c.Added...)
		at = c.Start + c.Removed
	}
	return append(out, old[at:]...), nil
}

func applyKeys(o Object, changes []KeyChange, what string) (Object, error) {
	if len(changes) == 0 {
		return o, nil
	}
	if o = maps.Clone(o); o == nil {
		o = Object{}
	}
	for _, c := range changes {
		if o[c.Key] != c.Old {
			return nil, fmt.Errorf("%w: %s %q is another", ErrPatch, what, c.Key)
		}
		if o[c.Key] = c.New; c.New == "" {
			delete(o, c.Key)
		}
	}
	return o, nil
}
