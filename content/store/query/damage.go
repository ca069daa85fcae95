package query

import (
	"fmt"
	"reflect"

	"sextant/content"
)

// Damage implements content.DamageTx.
func (t *tx) Damage(repair bool) ([]content.Problem, error) {
	var out []content.Problem
	for _, find := range []func(bool) ([]content.Problem, error){t.damagedFolders, t.damagedHeads, t.damagedGrants} {
		found, err := find(repair)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

type folderState struct {
	id, parent content.ResourceID
	trashed    bool
	chain      string
	hidden     int64
	known      bool
}

// damagedFolders derives each folder's chain and whether it is hidden from its parent's.
func (t *tx) damagedFolders(repair bool) ([]content.Problem, error) {
	all := map[content.ResourceID]*folderState{}
	var order []content.ResourceID
	err := t.each(func(row func(...any) error) error {
		var f folderState
		var parent, chain *string
		var trashed, hidden *int64
		if err := row(&f.id, &parent, &trashed, &chain, &hidden); err != nil {
			return err
		}
		if parent != nil {
			f.parent = content.ResourceID(*parent)
		}
		f.trashed = trashed != nil
		if f.known = chain != nil && hidden != nil; f.known {
			f.chain, f.hidden = *chain, *hidden
		}
		all[f.id] = &f
		order = append(order, f.id)
		return nil
	}, `SELECT r.id, r.parent_id, r.trashed_at, f.chain, f.hidden FROM resources r LEFT JOIN folders f ON f.id = r.id
		WHERE r.type = 'folder' ORDER BY r.id`)
	if err != nil {
		return nil, err
	}
	type truth struct {
		chain  string
		hidden int64
	}
	var derive func(id content.ResourceID, seen int) (truth, bool)
	derive = func(id content.ResourceID, seen int) (truth, bool) {
		f := all[id]
		if f == nil || seen > 2*content.MaxDepth {
			return truth{}, false
		}
		if f.parent == "" {
			return truth{string(id) + "/", flag(f.trashed)}, id == content.RootID
		}
		above, ok := derive(f.parent, seen+1)
		return truth{above.chain + string(id) + "/", above.hidden + flag(f.trashed)}, ok
	}
	var out []content.Problem
	for _, id := range order {
		f := all[id]
		want, ok := derive(id, 0)
		if !ok {
			out = append(out, content.Problem{Kind: "place", Resource: id, Detail: "no way leads to the root"})
			continue
		}
		if f.known && f.chain == want.chain && f.hidden == want.hidden {
			continue
		}
		p := content.Problem{Kind: "place", Resource: id, Detail: "its chain of folders is wrong", Repaired: repair}
		if f.known && f.chain == want.chain {
			p.Kind, p.Detail = "trash", fmt.Sprintf("%d folders of its chain are in the trash, noted are %d", want.hidden, f.hidden)
		}
		if repair {
			err := t.exec(`INSERT INTO folders (id, chain, hidden) VALUES ($1, $2, $3)
				ON CONFLICT (id) DO UPDATE SET chain = excluded.chain, hidden = excluded.hidden`, id, want.chain, want.hidden)
			if err != nil {
				return nil, err
			}
		}
		out = append(out, p)
	}
	return out, nil
}

// damagedHeads finds documents whose newest revision is not the one noted.
func (t *tx) damagedHeads(repair bool) ([]content.Problem, error) {
	var out []content.Problem
	heads := map[content.ResourceID]content.RevisionID{}
	err := t.each(func(row func(...any) error) error {
		var id content.ResourceID
		var head content.RevisionID
		var newest *string
		if err := row(&id, &head, &newest); err != nil {
			return err
		}
		p := content.Problem{Kind: "head", Resource: id, Detail: "it has no revision"}
		if newest != nil {
			p.Revision, p.Detail, p.Repaired = content.RevisionID(*newest), "its newest revision is another than noted", repair
			heads[id] = p.Revision
		}
		out = append(out, p)
		return nil
	}, `SELECT r.id, r.head_id, v.id FROM resources r
		LEFT JOIN revisions v ON v.resource_id = r.id AND v.number = (SELECT MAX(number) FROM revisions WHERE resource_id = r.id)
		LEFT JOIN revisions h ON h.id = r.head_id
		WHERE r.type <> 'folder' AND (h.id IS NULL OR v.id IS NULL OR h.id <> v.id) ORDER BY r.id`)
	if err != nil || !repair {
		return out, err
	}
	for id, head := range heads {
		v, err := t.Revision(head)
		if err != nil {
			return nil, err
		}
		err = t.exec(`UPDATE resources SET head_id = $2, head_number = $3, size = $4, digest = $5 WHERE id = $1`,
			id, v.ID, v.Number, v.Size, v.Digest[:])
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// damagedGrants compares every policy with the grants made of it.
func (t *tx) damagedGrants(repair bool) ([]content.Problem, error) {
	type grant struct{ member, role, condition string }
	have := map[content.ResourceID]map[grant]bool{}
	granted := map[content.ResourceID]int64{}
	err := t.each(func(row func(...any) error) error {
		var id content.ResourceID
		var g grant
		var at int64
		if err := row(&id, &g.member, &g.role, &g.condition, &at); err != nil {
			return err
		}
		if have[id] == nil {
			have[id] = map[grant]bool{}
		}
		have[id][g] = true
		granted[id] = max(granted[id], at)
		return nil
	}, "SELECT resource_id, member, role, condition, granted_at FROM grants")
	if err != nil {
		return nil, err
	}
	var wrong []content.ResourceID
	seen := map[content.ResourceID]bool{}
	err = t.each(func(row func(...any) error) error {
		var id content.ResourceID
		var etag, bindings string
		if err := row(&id, &etag, &bindings); err != nil {
			return err
		}
		p, err := toPolicy(id, &etag, &bindings)
		if err != nil {
			return err
		}
		want := map[grant]bool{}
		for _, b := range p.Bindings {
			for _, m := range b.Members {
				g := grant{member: string(m), role: string(b.Role)}
				if b.Condition != nil {
					g.condition = b.Condition.Expression
				}
				want[g] = true
			}
		}
		if seen[id] = true; !reflect.DeepEqual(want, have[id]) {
			wrong = append(wrong, id)
		}
		return nil
	}, "SELECT resource_id, etag, bindings FROM policies ORDER BY resource_id")
	if err != nil {
		return nil, err
	}
	for id := range have {
		if !seen[id] {
			wrong = append(wrong, id)
		}
	}
	var out []content.Problem
	for _, id := range wrong {
		out = append(out, content.Problem{Kind: "grants", Resource: id, Detail: "its grants are not those of its policy", Repaired: repair})
		if !repair {
			continue
		}
		p, err := t.Policy(id)
		if err != nil {
			return nil, err
		}
		if err := t.SetPolicy(id, p, fromMicros(max(granted[id], 1))); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Unindexed implements content.DamageTx.
func (t *tx) Unindexed(after content.ResourceID, limit int) ([]content.ResourceID, error) {
	return t.ids(`SELECT r.id FROM resources r LEFT JOIN search_docs d ON d.resource_id = r.id
		WHERE d.seq IS NULL AND r.id > $1 AND r.parent_id IS NOT NULL ORDER BY r.id LIMIT $2`, after, limit)
}
