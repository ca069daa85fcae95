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

// RepairIDs gives an id to every cell whose own is missing, unusable or taken by an earlier cell, and says where. The
// ids depend on nothing but the cells.
func RepairIDs(nb *Notebook) []Note {
	var notes []Note
	r := reader{report: &Report{}}
	r.repairIDs(nb)
	return append(notes, r.report.Repairs...)
}

func (r *reader) repairIDs(nb *Notebook) {
	taken := make(map[string]bool, len(nb.Cells))
	var without []int
	for i := range nb.Cells {
		c := &nb.Cells[i]
		if c.ID == "" {
			// Where Colab keeps a cell's id.
			if id, ok := c.Metadata["id"].Text(); ok && ValidID(id) && !taken[id] {
				c.ID = id
			}
		}
		if !ValidID(c.ID) || taken[c.ID] {
			without = append(without, i)
			continue
		}
		taken[c.ID] = true
	}
	old := r.report.Major > 0 && (r.report.Major < 4 || r.report.Major == 4 && r.report.Minor < 5)
	for _, i := range without {
		c := &nb.Cells[i]
		was := c.ID
		c.ID = deriveID(*c, taken)
		taken[c.ID] = true
		if at := (place{"cells", i, "id"}); was == "" && !old {
			r.repaired(at, "missing; now %s", c.ID)
		} else if was != "" && ValidID(was) {
			r.repaired(at, "%s is another cell's; now %s", was, c.ID)
		} else if was != "" {
			r.repaired(at, "unusable; now %s", c.ID)
		}
	}
}

// deriveID makes an id of eight hexadecimal digits, as nbformat's own, from what the cell holds and not from where it
// stands: so a notebook without ids that was edited elsewhere still has most of the ids it had here.
func deriveID(c Cell, taken map[string]bool) string {
	for n := 0; ; n++ {
		sum := sha256.Sum256([]byte(c.ID + "\x00" + string(c.Type) + "\x00" + c.Source + "\x00" + strconv.Itoa(n)))
		if id := hex.EncodeToString(sum[:4]); !taken[id] {
			return id
		}
	}
}
