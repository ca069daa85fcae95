package notebook

import "slices"

// unit is one cell as the three notebooks know it: its place in each, or -1.
type unit struct{ base, ours, theirs int }

// cells merges which cells there are and their order.
func (m *merger) cells(base, ours, theirs []Cell) []Cell {
	units, oursOrder, theirsOrder := matchUnits(base, ours, theirs)
	merged := make(map[int][]Cell, len(units))
	for n, u := range units {
		if cells := m.unit(u, base, ours, theirs); len(cells) > 0 {
			merged[n] = cells
		}
	}
	m.cell = ""
	present := func(order []int) []int {
		return slices.DeleteFunc(slices.Clone(order), func(n int) bool { return merged[n] == nil })
	}
	order := m.order(units, present(oursOrder), present(theirsOrder))
	var out []Cell
	for _, n := range order {
		out = append(out, merged[n]...)
	}
	return out
}

// matchUnits finds which cells are the same, and each side's sequence of them.
func matchUnits(base, ours, theirs []Cell) (units []unit, oursOrder, theirsOrder []int) {
	units = make([]unit, len(base))
	for i := range base {
		units[i] = unit{i, -1, -1}
	}
	added := map[string]int{}
	for i, of := range align(base, ours) {
		if of < 0 {
			of = len(units)
			units = append(units, unit{base: -1, theirs: -1})
			added[ours[i].ID] = of
		}
		units[of].ours = i
		oursOrder = append(oursOrder, of)
	}
	for i, of := range align(base, theirs) {
		if of < 0 {
			n, both := added[theirs[i].ID]
			if both && units[n].theirs < 0 {
				of = n
			} else {
				of = len(units)
				units = append(units, unit{base: -1, ours: -1})
			}
		}
		units[of].theirs = i
		theirsOrder = append(theirsOrder, of)
	}
	return units, oursOrder, theirsOrder
}

// unit merges one cell: to none, one, or two that cannot be one.
func (m *merger) unit(u unit, base, ours, theirs []Cell) []Cell {
	switch {
	case u.base >= 0 && u.ours >= 0 && u.theirs >= 0:
		m.cell = base[u.base].ID
		return []Cell{m.mergeCell(base[u.base], ours[u.ours], theirs[u.theirs])}
	case u.base >= 0 && u.ours >= 0:
		return m.removed(base[u.base], ours[u.ours])
	case u.base >= 0 && u.theirs >= 0:
		return m.removed(base[u.base], theirs[u.theirs])
	case u.base >= 0:
		return nil
	case u.theirs < 0:
		return []Cell{ours[u.ours].Clone()}
	case u.ours < 0:
		return []Cell{theirs[u.theirs].Clone()}
	}
	o, t := ours[u.ours], theirs[u.theirs]
	m.cell = o.ID
	if o.Type == t.Type && o.Source == t.Source {
		return []Cell{m.mergeCell(Cell{ID: o.ID, Type: o.Type, Source: o.Source}, o, t)}
	}
	m.conflict(Conflict{Field: CellConflict})
	t = t.Clone()
	t.ID = newIDMaker().derive(t)
	return []Cell{o.Clone(), t}
}

// removed decides on a cell that one side removed: it goes, unless the other side changed what is in it. Having run it
// again is no change.
func (m *merger) removed(base, kept Cell) []Cell {
	b, k := base, kept
	b.Metadata, k.Metadata = withoutRun(b), withoutRun(k)
	for _, c := range []*Cell{&b, &k} {
		c.ID, c.Outputs, c.ExecutionCount = "", nil, nil
	}
	if b.Equal(k) {
		return nil
	}
	m.cell = base.ID
	m.conflict(Conflict{Field: CellConflict})
	return []Cell{kept.Clone()}
}

// order merges two sequences of units. What both have comes in the order of the side that changed it; what one side
// alone has comes after the cell that it followed there, ours before theirs.
func (m *merger) order(units []unit, ours, theirs []int) []int {
	common := func(order []int) []int {
		return slices.DeleteFunc(slices.Clone(order), func(n int) bool {
			return units[n].ours < 0 || units[n].theirs < 0 || units[n].base < 0
		})
	}
	o, t := common(ours), common(theirs)
	unmoved := slices.Sorted(slices.Values(o)) // units of base are numbered by their place there
	lead, other, oursLead := ours, theirs, true
	if slices.Equal(o, unmoved) && !slices.Equal(t, unmoved) {
		lead, other, oursLead = theirs, ours, false
	} else if !slices.Equal(o, t) && !slices.Equal(t, unmoved) {
		m.conflict(Conflict{Field: OrderConflict})
	}
	inOther := make(map[int]bool, len(other))
	for _, n := range other {
		inOther[n] = true
	}
	inLead := make(map[int]bool, len(lead))
	for _, n := range lead {
		inLead[n] = true
	}
	// after lists what comes in after a unit of lead; -1 is the beginning.
	after := map[int][]int{}
	anchor := -1
	for _, n := range other {
		if inLead[n] {
			anchor = n
		} else {
			after[anchor] = append(after[anchor], n)
		}
	}
	var out []int
	waiting := after[-1]
	for _, n := range lead {
		// Our own additions at the same place go first.
		if len(waiting) > 0 && !(oursLead && !inOther[n]) {
			out = append(out, waiting...)
			waiting = nil
		}
		out = append(out, n)
		if more := after[n]; len(more) > 0 {
			waiting = append(waiting, more...)
		}
	}
	return append(out, waiting...)
}
