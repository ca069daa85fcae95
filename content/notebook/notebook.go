package notebook

import (
	"maps"
	"slices"
)

// CellType is what a cell holds. A notebook of a later minor version may have others than these.
type CellType string

// The cell types of nbformat 4.
const (
	Code     CellType = "code"
	Markdown CellType = "markdown"
	Raw      CellType = "raw"
)

// Minor is the minor version of nbformat 4 that this package writes.
const Minor = 5

// Notebook is an nbformat 4 notebook of minor version 5 or later.
type Notebook struct {
	// Minor is 5, or more where a later version was read. Below 5 is written as 5.
	Minor int
	// Metadata has kernelspec, language_info, title, authors and what tools add. What nbformat calls transient
	// (signature, orig_nbformat, orig_nbformat_minor) is neither read nor written.
	Metadata Object
	Cells    []Cell
	// Extra has the top-level fields that the format does not name.
	Extra Object
}

// Cell is one cell. Which fields mean something depends on Type.
type Cell struct {
	// ID is 1 to 64 letters, digits, dashes and underscores, unique in the notebook (JEP 62).
	ID   string
	Type CellType
	// Source is UTF-8 with its line ends as they came.
	Source string
	// Metadata is what the cell says besides, without the transient key trusted.
	Metadata Object
	// Attachments maps a file name to a MIME bundle; nil if the cell has no such field. Multi-line strings within are
	// joined.
	Attachments Object
	// Outputs are those of a code cell.
	Outputs []Output
	// ExecutionCount is the prompt number of a code cell; nil if it has not run.
	ExecutionCount *int64
	// Extra has the fields that the format does not name for this type of cell.
	Extra Object
	// Trusted is set where the text that was read said that its reader trusts the cell: metadata.trusted, which Jupyter's
	// front ends send and expect, and no file has. It is no part of the document: it is not compared, and only
	// [WriteJSONTrusted] writes it.
	Trusted bool
}

// New is a notebook without cells.
func New() *Notebook { return &Notebook{Minor: Minor, Metadata: Object{}} }

// Clone is a copy that shares only what cannot change.
func (nb *Notebook) Clone() *Notebook {
	c := *nb
	c.Metadata, c.Extra = maps.Clone(nb.Metadata), maps.Clone(nb.Extra)
	c.Cells = slices.Clone(nb.Cells)
	for i := range c.Cells {
		c.Cells[i] = c.Cells[i].Clone()
	}
	return &c
}

// Clone is a copy that shares only what cannot change.
func (c Cell) Clone() Cell {
	c.Metadata, c.Attachments, c.Extra = maps.Clone(c.Metadata), maps.Clone(c.Attachments), maps.Clone(c.Extra)
	c.Outputs = slices.Clone(c.Outputs)
	if c.ExecutionCount != nil {
		n := *c.ExecutionCount
		c.ExecutionCount = &n
	}
	return c
}

// Equal says whether both would be written the same.
func (nb *Notebook) Equal(other *Notebook) bool {
	return max(nb.Minor, Minor) == max(other.Minor, Minor) && maps.Equal(nb.Metadata, other.Metadata) &&
		maps.Equal(nb.Extra, other.Extra) && slices.EqualFunc(nb.Cells, other.Cells, Cell.Equal)
}

// Equal says whether both would be written the same.
func (c Cell) Equal(o Cell) bool {
	return c.ID == o.ID && c.Type == o.Type && c.Source == o.Source && equalCount(c.ExecutionCount, o.ExecutionCount) &&
		slices.Equal(c.Outputs, o.Outputs) && maps.Equal(c.Metadata, o.Metadata) && maps.Equal(c.Extra, o.Extra) &&
		(c.Attachments == nil) == (o.Attachments == nil) && maps.Equal(c.Attachments, o.Attachments)
}

func equalCount(a, b *int64) bool { return a == b || a != nil && b != nil && *a == *b }

// Strip is the notebook without its results, to share or to keep under version control: no outputs, no execution
// counts, no run times (metadata.execution), no widget state (metadata.widgets). Sources, ids, attachments and other
// metadata stay. nb is left as it is.
func Strip(nb *Notebook) *Notebook {
	out := nb.Clone()
	delete(out.Metadata, "widgets")
	for i := range out.Cells {
		c := &out.Cells[i]
		c.Outputs, c.ExecutionCount = nil, nil
		delete(c.Metadata, "execution")
	}
	return out
}
