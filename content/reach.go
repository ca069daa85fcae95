package content

import "sextant/content/iam"

// reach is everywhere that one permission was granted to the actor. With it a listing decides on each resource without
// asking the store again: one look-up a level of its chain.
type reach struct {
	a *access
	// open is where it was granted without a condition, conditional where with one.
	open        map[ResourceID]bool
	conditional map[ResourceID][]string
	grants      []Grant
}

// reach finds the grants of a permission, once a transaction.
func (a *access) reach(p iam.Permission) (*reach, error) {
	if r, ok := a.reaches[p]; ok {
		return r, nil
	}
	r := &reach{a: a, open: map[ResourceID]bool{}, conditional: map[ResourceID][]string{}}
	if !a.limited(p) {
		grants, err := a.tx.Grants(a.subject.Members())
		if err != nil {
			return nil, err
		}
		for _, g := range grants {
			if !a.roles.Includes(g.Role, p) {
				continue
			}
			r.grants = append(r.grants, g)
			if g.Condition == "" {
				r.open[g.ResourceID] = true
			} else {
				r.conditional[g.ResourceID] = append(r.conditional[g.ResourceID], g.Condition)
			}
		}
	}
	a.reaches[p] = r
	return r, nil
}

// allows decides on one resource, as iam.Evaluate does on its lineage.
func (r *reach) allows(p Placed) (bool, error) {
	if r.open[p.ID] {
		return true, nil
	}
	for _, id := range p.Chain {
		if r.open[id] {
			return true, nil
		}
	}
	if len(r.conditional) == 0 {
		return false, nil
	}
	var attributes iam.Attributes
	loaded := false
	for i := len(p.Chain); i >= 0; i-- {
		id := p.ID
		if i < len(p.Chain) {
			id = p.Chain[i]
		}
		for _, expression := range r.conditional[id] {
			if !loaded {
				var err error
				if attributes, err = r.a.attributes(p); err != nil {
					return false, err
				}
				loaded = true
			}
			if ok, err := r.a.s.conditions.Eval(expression, attributes, r.a.now); err == nil && ok {
				return true, nil
			}
		}
	}
	return false, nil
}

// allowsMatch decides on a match, which is loaded only where that takes more than its place.
func (r *reach) allowsMatch(m Match) (bool, error) {
	if r.open[m.ID] || r.covers(m.Chain) {
		return true, nil
	}
	conditional := len(r.conditional[m.ID]) > 0
	for _, id := range m.Chain {
		conditional = conditional || len(r.conditional[id]) > 0
	}
	if !conditional {
		return false, nil
	}
	p, err := r.a.tx.Resource(m.ID)
	if err != nil {
		return false, err
	}
	return r.allows(p)
}

// covers reports whether a whole folder is open, so that nothing below it needs a decision of its own.
func (r *reach) covers(chain []ResourceID) bool {
	for _, id := range chain {
		if r.open[id] {
			return true
		}
	}
	return false
}

// roots is where the grants are: the resources highest up, those below another one left out. What is in the trash or
// gone is left out too.
func (r *reach) roots() ([]ResourceID, error) {
	ids := make([]ResourceID, 0, len(r.open)+len(r.conditional))
	for id := range r.open {
		ids = append(ids, id)
	}
	for id := range r.conditional {
		if !r.open[id] {
			ids = append(ids, id)
		}
	}
	placed, err := r.a.tx.Placed(ids)
	if err != nil {
		return nil, err
	}
	out := ids[:0]
	for _, id := range ids {
		p, ok := placed[id]
		for _, above := range p.Chain {
			if _, covered := placed[above]; covered {
				ok = false
				break
			}
		}
		if ok {
			out = append(out, id)
		}
	}
	return out, nil
}

// shownTarget is shown for what has been checked, whose lineage tells the same without another question.
func (a *access) shownTarget(t target) (Resource, error) {
	if len(t.Chain) == 0 {
		return t.Resource, nil
	}
	lineage := t.lineage[1:]
	q := iam.Query{Subject: a.subject, Permission: iam.ResourcesGet, Time: a.now, Chain: levels(lineage)}
	for _, l := range q.Chain {
		for _, b := range l.Policy.Bindings {
			if b.Condition != nil { // what it says depends on the folder, which has not been loaded
				return a.shown(t.Placed)
			}
		}
	}
	if a.limited(iam.ResourcesGet) || !iam.Evaluate(q, a.roles, a.s.conditions) {
		t.ParentID = ""
	}
	return t.Resource, nil
}

// shown is a resource as the actor may see it: without its folder's id where they may not see the folder.
func (a *access) shown(p Placed) (Resource, error) {
	r, err := a.reach(iam.ResourcesGet)
	if err != nil {
		return Resource{}, err
	}
	if p.ParentID != "" && !r.covers(p.Chain) {
		parent, err := a.tx.Resource(p.ParentID)
		if err != nil {
			return Resource{}, err
		}
		visible, err := r.allows(parent)
		if err != nil {
			return Resource{}, err
		}
		if !visible {
			p.ParentID = ""
		}
	}
	return p.Resource, nil
}
