package notebook

import (
	"bufio"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff/lcs"
)

// ErrPatch is the error of [Apply] for a patch made for another notebook.
var ErrPatch = errors.New("the patch is for another notebook")

// Patch is what makes one notebook of another. As JSON it is what the API gives and the UI shows; only NaN and the
// infinities within values are lost there, as in all strict JSON.
type Patch struct {
	// Minor is the new minor version; 0 if it stays.
	Minor int `json:"nbformatMinor,omitempty"`
	// Metadata and Extra are the changed keys of the notebook's metadata and of its other top-level fields, in order.
	Metadata []KeyChange `json:"metadata,omitempty"`
	Extra    []KeyChange `json:"extra,omitempty"`
	// Cells are all cells of the new notebook in their order, and between them those that are gone, after the cell
	// that they followed.
	Cells []CellChange `json:"cells"`
}

// CellOp says what became of a cell.
type CellOp string

// The fates of a cell.
const (
	SameCell    CellOp = "same"
	ChangedCell CellOp = "changed"
	AddedCell   CellOp = "added"
	RemovedCell CellOp = "removed"
)

// CellChange is what became of one cell.
type CellChange struct {
	Op CellOp `json:"op"`
	// ID is the cell's id: the old one, for an added cell the new.
	ID string `json:"id"`
	// From is the cell's place in the old notebook, counted from 0; -1 for an added one.
	From int `json:"from"`
	// To is its place in the new; -1 for a removed one.
	To int `json:"to"`
	// Moved: it changed its place among the cells that both notebooks have.
	Moved bool `json:"moved,omitempty"`
	// Cell is the whole of an added cell, in the form of the contents API.
	Cell *Cell `json:"cell,omitempty"`

	// What follows is set for a changed cell where it changed.

	NewID   string       `json:"newId,omitempty"`
	NewType CellType     `json:"newType,omitempty"`
	Source  []LineChange `json:"source,omitempty"`
	// Metadata, Attachments and Extra are changed keys, in order.
	Metadata    []KeyChange `json:"metadata,omitempty"`
	Attachments []KeyChange `json:"attachments,omitempty"`
	Extra       []KeyChange `json:"extra,omitempty"`
	// HasAttachments is set if the field as such came (true) or went (false).
	HasAttachments *bool          `json:"hasAttachments,omitempty"`
	ExecutionCount *CountChange   `json:"executionCount,omitempty"`
	Outputs        []OutputChange `json:"outputs,omitempty"`
}

// KeyChange is one key of an object. An absent Old means that it is new, an absent New that it is gone.
type KeyChange struct {
	Key string `json:"key"`
	Old Value  `json:"old,omitempty"`
	New Value  `json:"new,omitempty"`
}

// CountChange is a change of the execution count; null is a cell that has not run.
type CountChange struct {
	Old *int64 `json:"old"`
	New *int64 `json:"new"`
}

// OutputChange replaces outputs of a cell.
type OutputChange struct {
	// Start is the first output replaced, counted from 0 in the old cell; where outputs are only added, the one before
	// which.
	Start int `json:"start"`
	// Removed is how many go, Added are those that come.
	Removed int      `json:"removed"`
	Added   []Output `json:"added,omitempty"`
}

// Diff says how b differs from a, cell by cell: cells are the same by id, or else by like content. The changes of a
// source are by lines and words, those of outputs and metadata apart from it. Both are to be as [Read] gives them:
// ids usable and unique. Apply(Diff(a, b), a) equals b.
func Diff(a, b *Notebook) Patch {
	p := Patch{Metadata: diffKeys(a.Metadata, b.Metadata), Extra: diffKeys(a.Extra, b.Extra), Cells: []CellChange{}}
	if n := max(b.Minor, Minor); n != max(a.Minor, Minor) {
		p.Minor = n
	}
	of := align(a.Cells, b.Cells)
	stay := inOrder(of)
	kept := make([]bool, len(a.Cells))
	moved := make([]bool, len(a.Cells))
	for to, from := range of {
		if from >= 0 {
			kept[from], moved[from] = true, !stay[to]
		}
	}
	// Gone cells come after the cell before them that stayed.
	gone := func(from int) {
		for ; from < len(a.Cells) && (!kept[from] || moved[from]); from++ {
			if !kept[from] {
				p.Cells = append(p.Cells, CellChange{Op: RemovedCell, ID: a.Cells[from].ID, From: from, To: -1})
			}
		}
	}
	gone(0)
	for to, from := range of {
		if from < 0 {
			cell := b.Cells[to].Clone()
			p.Cells = append(p.Cells, CellChange{Op: AddedCell, ID: cell.ID, From: -1, To: to, Cell: &cell})
			continue
		}
		c := diffCell(a.Cells[from], b.Cells[to])
		c.From, c.To, c.Moved = from, to, !stay[to]
		p.Cells = append(p.Cells, c)
		if stay[to] {
			gone(from + 1)
		}
	}
	return p
}

// Empty says whether the patch changes nothing.
func (p Patch) Empty() bool {
	return p.Minor == 0 && len(p.Metadata) == 0 && len(p.Extra) == 0 &&
		!slices.ContainsFunc(p.Cells, func(c CellChange) bool { return c.Op != SameCell || c.Moved })
}

func diffCell(a, b Cell) CellChange {
	c := CellChange{Op: SameCell, ID: a.ID}
	if a.Equal(b) {
		return c
	}
	c.Op = ChangedCell
	if a.ID != b.ID {
		c.NewID = b.ID
	}
	if a.Type != b.Type {
		c.NewType = b.Type
	}
	c.Source = DiffText(a.Source, b.Source)
	c.Metadata = diffKeys(a.Metadata, b.Metadata)
	c.Attachments = diffKeys(a.Attachments, b.Attachments)
	c.Extra = diffKeys(a.Extra, b.Extra)
	if has := b.Attachments != nil; has != (a.Attachments != nil) {
		c.HasAttachments = &has
	}
	if !equalCount(a.ExecutionCount, b.ExecutionCount) {
		c.ExecutionCount = &CountChange{a.ExecutionCount, b.ExecutionCount}
	}
	for _, d := range lcs.DiffLines(outputTexts(a.Outputs), outputTexts(b.Outputs)) {
		c.Outputs = append(c.Outputs, OutputChange{d.Start, d.End - d.Start, slices.Clone(b.Outputs[d.ReplStart:d.ReplEnd])})
	}
	return c
}

func outputTexts(outputs []Output) []string {
	texts := make([]string, len(outputs))
	for i, o := range outputs {
		texts[i] = string(o.json)
	}
	return texts
}

func diffKeys(a, b Object) []KeyChange {
	keys := slices.Collect(maps.Keys(a))
	for key := range b {
		if _, both := a[key]; !both {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	var out []KeyChange
	for _, key := range keys {
		if a[key] != b[key] {
			out = append(out, KeyChange{key, a[key], b[key]})
		}
	}
	return out
}

// MarshalJSON gives the cell in the form of the contents API.
func (c Cell) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	e := emitter{w: bufio.NewWriterSize(&b, 1<<10), strict: true}
	e.cell(&c)
	if err := e.w.Flush(); e.err == nil {
		e.err = err
	}
	return []byte(b.String()), e.err
}

// UnmarshalJSON reads a version 4 cell; errors are those of [Read].
func (c *Cell) UnmarshalJSON(text []byte) error {
	s, err := newScanner(text, DefaultLimits().Depth)
	if err != nil {
		return err
	}
	r := reader{scanner: s, limits: DefaultLimits()}
	*c, err = r.cell(0)
	return err
}
