package display

import "strings"

// rowsPhrase says honestly how many of how many rows there are to see.
func (t *Table) rowsPhrase(s Summary) string {
	rows := int64(t.rows)
	more := s.More || t.refused || s.TotalRows > rows
	switch {
	case !more:
		return counted(rows, "row")
	case s.TotalRows > rows:
		return grouped(rows) + " of " + counted(s.TotalRows, "row")
	}
	return "First " + counted(rows, "row") + "; there are more"
}

func (t *Table) hasMore(s Summary) bool {
	return s.More || t.refused || s.TotalRows > int64(t.rows)
}

func (t *Table) columnsPhrase() string {
	if len(t.cols) < t.columns {
		return grouped(int64(len(t.cols))) + " of " + counted(int64(t.columns), "column")
	}
	return counted(int64(t.columns), "column")
}

// notes are the parts of the footer about what is not shown, beside missing rows and columns.
func (t *Table) notes() []string {
	var notes []string
	if t.tight && t.refused {
		notes = append(notes, "output is limited to "+byteSize(int64(t.limits.Bytes)))
	}
	if t.cut > 0 {
		notes = append(notes, counted(int64(t.cut), "long value")+" cut")
	}
	return notes
}

func joinPhrases(parts ...string) string {
	kept := parts[:0]
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.Join(kept, " · ")
}

// phrase says how much there is of a cut value: "12,345 characters".
func (c cut) phrase() string {
	if c.size < 0 {
		return "over " + counted(-c.size, c.unit)
	}
	return counted(c.size, c.unit)
}
