package notebook

// ConflictField says what both sides changed.
type ConflictField string

// What can be in conflict.
const (
	// SourceConflict: lines of a source. The merged source has ours.
	SourceConflict ConflictField = "source"
	// TypeConflict: the cell's type. Ours stays.
	TypeConflict ConflictField = "cell_type"
	// MetadataConflict, AttachmentsConflict and ExtraConflict: one key. Ours stays, or, if one side removed it, what
	// the other made of it.
	MetadataConflict    ConflictField = "metadata"
	AttachmentsConflict ConflictField = "attachments"
	ExtraConflict       ConflictField = "extra"
	// OutputsConflict: the results belong to neither merged source nor one side alone. They are dropped; the cell has
	// to be run again.
	OutputsConflict ConflictField = "outputs"
	// CellConflict: one side removed the cell and the other changed it, and it stays; or both added cells with one id,
	// and both stay, theirs under a new one.
	CellConflict ConflictField = "cell"
	// OrderConflict: both moved cells, differently. The order is ours.
	OrderConflict ConflictField = "order"
)

// Conflict is one thing that both sides changed differently. The merged notebook holds the resolution, which is valid
// but may not be what its authors want.
type Conflict struct {
	Field ConflictField `json:"field"`
	// CellID is the cell's id in base or, if it was added, in ours; empty for the notebook itself.
	CellID string `json:"cell,omitempty"`
	// Key is the key concerned, with dots between the levels.
	Key string `json:"key,omitempty"`
	// Line is where the merged source has our lines, counted from 0.
	Line int `json:"line,omitempty"`
	// Base, Ours and Theirs are the lines of a source (joined by line feeds), the JSON of a key or the name of a type;
	// empty where there is none, and for other fields.
	Base   string `json:"base,omitempty"`
	Ours   string `json:"ours,omitempty"`
	Theirs string `json:"theirs,omitempty"`
}

// Merge makes one notebook of two that were edited apart from a common base. All three are to be as [Read] gives them;
// none is changed. Cells are the same as for [Diff]. Merged are, apart from each other, which cells there are and in
// what order, and each cell's source line by line, its metadata and attachments key by key, and its run.
//
// A cell's run (outputs, execution count, metadata.execution) is one thing, and belongs to the source that made it:
// it is taken from the side whose source the merged cell has; where both have that source, from the side that ran it
// since base; if both did, from the later by metadata.execution; and if that does not tell, or the merged source is of
// neither side or in conflict, it is dropped.
//
// The conflicts say what the authors should look at. What one side alone changed, or both alike, is none. With the
// sides exchanged the same conflicts come out, each with ours and theirs exchanged.
func Merge(base, ours, theirs *Notebook) (*Notebook, []Conflict) {
	m := merger{}
	out := &Notebook{}
	var conflict bool
	if out.Minor, conflict = pick(base.Minor, ours.Minor, theirs.Minor); conflict {
		out.Minor = max(ours.Minor, theirs.Minor)
	}
	out.Metadata = m.object(MetadataConflict, "", base.Metadata, ours.Metadata, theirs.Metadata)
	out.Extra = m.object(ExtraConflict, "", base.Extra, ours.Extra, theirs.Extra)
	if len(out.Extra) == 0 {
		out.Extra = nil
	}
	out.Cells = m.cells(base.Cells, ours.Cells, theirs.Cells)
	RepairIDs(out)
	return out, m.conflicts
}

// merger collects the conflicts.
type merger struct {
	conflicts []Conflict
	// cell is the id to name in conflicts.
	cell string
}

func (m *merger) conflict(c Conflict) {
	c.CellID = m.cell
	m.conflicts = append(m.conflicts, c)
}

// pick merges what cannot be taken apart.
func pick[T comparable](base, ours, theirs T) (merged T, conflict bool) {
	switch {
	case ours == theirs || theirs == base:
		return ours, false
	case ours == base:
		return theirs, false
	}
	return ours, true
}

// mergeCell merges a cell that both sides have.
func (m *merger) mergeCell(base, ours, theirs Cell) Cell {
	var out Cell
	var conflict bool
	out.ID, _ = pick(base.ID, ours.ID, theirs.ID)
	if out.Type, conflict = pick(base.Type, ours.Type, theirs.Type); conflict {
		m.conflict(Conflict{Field: TypeConflict, Base: string(base.Type), Ours: string(ours.Type), Theirs: string(theirs.Type)})
	}
	source, conflicts := MergeText(base.Source, ours.Source, theirs.Source)
	out.Source = source
	for _, c := range conflicts {
		m.conflict(c)
	}
	out.Metadata = m.object(MetadataConflict, "", withoutRun(base), withoutRun(ours), withoutRun(theirs))
	out.Attachments = m.object(AttachmentsConflict, "", base.Attachments, ours.Attachments, theirs.Attachments)
	has, _ := pick(base.Attachments != nil, ours.Attachments != nil, theirs.Attachments != nil)
	if !has && len(out.Attachments) == 0 {
		out.Attachments = nil
	}
	if out.Extra = m.object(ExtraConflict, "", base.Extra, ours.Extra, theirs.Extra); len(out.Extra) == 0 {
		out.Extra = nil
	}
	// A source in conflict is nobody's until somebody decides.
	isOurs := len(conflicts) == 0 && out.Source == ours.Source
	isTheirs := len(conflicts) == 0 && out.Source == theirs.Source
	if run, ok := mergeRun(isOurs, isTheirs, base, ours, theirs); !ok {
		m.conflict(Conflict{Field: OutputsConflict})
	} else {
		if out.Type == Code {
			out.Outputs, out.ExecutionCount = run.Outputs, run.ExecutionCount
		}
		if v, ok := run.Metadata[runKey]; ok {
			out.Metadata[runKey] = v
		}
	}
	return out.Clone()
}
