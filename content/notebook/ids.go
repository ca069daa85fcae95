package notebook

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// ValidID says whether id can be a cell's id: 1 to 64 letters, digits, dashes and underscores (JEP 62).
func ValidID(id string) bool {
	if len(id) < 1 || len(id) > 64 {
		return false
	}
	for _, c := range []byte(id) {
		if c != '-' && c != '_' && !('a' <= c && c <= 'z') && !('A' <= c && c <= 'Z') && !('0' <= c && c <= '9') {
			return false
		}
	}
	return true
}

// RepairIDs gives an id to every cell whose own is missing, unusable or taken by an earlier cell, and says where
// (the first 100 places). The ids depend on nothing but the cells.
func RepairIDs(nb *Notebook) []Note {
	r := reader{report: &Report{}}
	r.repairIDs(nb)
	return r.report.Repairs
}

func (r *reader) repairIDs(nb *Notebook) {
	ids := newIDMaker()
	var without []int
	for i := range nb.Cells {
		c := &nb.Cells[i]
		if c.ID == "" {
			// Where Colab keeps a cell's id.
			if id, ok := c.Metadata["id"].Text(); ok && ValidID(id) && !ids.taken[id] {
				c.ID = id
			}
		}
		if !ValidID(c.ID) || ids.taken[c.ID] {
			without = append(without, i)
			continue
		}
		ids.taken[c.ID] = true
	}
	old := r.report.Major > 0 && (r.report.Major < 4 || r.report.Major == 4 && r.report.Minor < 5)
	for _, i := range without {
		c := &nb.Cells[i]
		was := c.ID
		c.ID = ids.derive(*c)
		if at := (place{"cells", i, "id"}); was == "" && !old {
			r.repaired(at, "missing; now %s", c.ID)
		} else if was != "" && ValidID(was) {
			r.repaired(at, "%s is another cell's; now %s", was, c.ID)
		} else if was != "" {
			r.repaired(at, "unusable; now %s", c.ID)
		}
	}
}

// idMaker makes ids that are not taken.
type idMaker struct {
	taken map[string]bool
	// next is how many ids were made for cells of one content, so that a thousand equal cells are not a million tries.
	next map[[sha256.Size]byte]int
}

// derive makes an id of eight hexadecimal digits, as nbformat's own, from what the cell holds and not from where it
// stands: so a notebook without ids that was edited elsewhere still has most of the ids it had here.
func (m *idMaker) derive(c Cell) string {
	content := sha256.Sum256([]byte(c.ID + "\x00" + string(c.Type) + "\x00" + c.Source))
	for {
		n := m.next[content]
		m.next[content]++
		sum := sha256.Sum256(strconv.AppendInt(content[:], int64(n), 10))
		if id := hex.EncodeToString(sum[:4]); !m.taken[id] {
			m.taken[id] = true
			return id
		}
	}
}

func newIDMaker() *idMaker {
	return &idMaker{taken: map[string]bool{}, next: map[[sha256.Size]byte]int{}}
}
