package query

import (
	"math"
	"strings"
	"time"

	"sextant/content"
	"sextant/content/iam"
)

// last is above every id and first below.
const last = "~"

// newestAfter is the keyset of a cursor in order of time, newest first.
func newestAfter(c content.Cursor) (int64, content.ResourceID) {
	if c.ID == "" {
		return math.MaxInt64, last
	}
	return micros(c.Time), c.ID
}

// Children implements content.ListingTx.
func (t *tx) Children(folder content.ResourceID, order content.Order, types []content.Type, after content.Cursor, limit int) ([]content.Placed, error) {
	var a arguments
	within := " WHERE r.parent_id = " + a.add(string(folder))
	if len(types) > 0 {
		within += " AND " + t.inList("r.type", a.add(list(types)))
	}
	if order == content.ByNewest {
		at, id := newestAfter(after)
		within += " AND (r.updated_at, r.id) < (" + a.add(at) + ", " + a.add(id) + ") AND" + notHidden + " ORDER BY r.updated_at DESC, r.id DESC"
	} else {
		within += " AND r.name > " + a.add(after.Name) + " AND" + notHidden + " ORDER BY r.name"
	}
	return t.placed(placedFrom+within+" LIMIT "+a.add(limit), a.values...)
}

// conditions turns a filter into SQL conditions on r and f, each with "AND" before it.
func (t *tx) conditions(f content.Filter, a *arguments) (string, error) {
	var b strings.Builder
	if len(f.Types) > 0 {
		b.WriteString(" AND " + t.inList("r.type", a.add(list(f.Types))))
	}
	if f.Owner != "" {
		b.WriteString(" AND r.owner = " + a.add(string(f.Owner)))
	}
	if f.Tag != "" {
		// Tags are a JSON array of strings, so a tag stands in it between quotes, escaped as JSON does.
		quoted := strings.Trim(list([]string{f.Tag}), "[]")
		b.WriteString(" AND " + t.store.dialect.position("r.tags", a.add(quoted)) + " > 0")
	}
	if f.Folder != "" {
		var chain string
		if err := t.into("SELECT chain FROM folders WHERE id = $1", []any{f.Folder}, &chain); err != nil {
			return "", err
		}
		b.WriteString(" AND f.chain >= " + a.add(chain) + " AND f.chain < " + a.add(upper(chain)))
	}
	if !f.UpdatedAfter.IsZero() {
		b.WriteString(" AND r.updated_at > " + a.add(micros(f.UpdatedAfter)))
	}
	if !f.UpdatedBefore.IsZero() {
		b.WriteString(" AND r.updated_at < " + a.add(micros(f.UpdatedBefore)))
	}
	return b.String(), nil
}

// position is the place of a text in another one, from 1, or 0. The function's name differs.
func (d Dialect) position(in, what string) string { return d.Position + "(" + in + ", " + what + ")" }

// Newest implements content.ListingTx.
func (t *tx) Newest(filter content.Filter, after content.Cursor, limit int) ([]content.Placed, error) {
	var a arguments
	at, id := newestAfter(after)
	keyset := "(r.updated_at, r.id) < (" + a.add(at) + ", " + a.add(id) + ")"
	conditions, err := t.conditions(filter, &a)
	if err != nil {
		return nil, err
	}
	return t.placed(placedFrom+" WHERE "+keyset+" AND"+notHidden+conditions+
		" ORDER BY r.updated_at DESC, r.id DESC LIMIT "+a.add(limit), a.values...)
}

// NewestWithin implements content.ListingTx.
func (t *tx) NewestWithin(roots []content.ResourceID, filter content.Filter, after content.Cursor, limit int) ([]content.Placed, error) {
	if len(roots) == 0 {
		return nil, nil
	}
	var a arguments
	within := a.add(list(roots))
	at, id := newestAfter(after)
	conditions, err := t.conditions(filter, &a)
	if err != nil {
		return nil, err
	}
	candidates := `SELECT r.id AS id, r.updated_at AS at FROM resources r JOIN folders f ON f.id = r.parent_id
		WHERE (r.updated_at, r.id) < (` + a.add(at) + ", " + a.add(id) + ") AND" + notHidden + conditions + " AND "
	// First only what orders the page: most of what is found does not stand on it.
	return t.placed(` FROM (`+candidates+t.in("r.parent_id", t.below(within))+" UNION "+candidates+t.inList("r.id", within)+
		" ORDER BY at DESC, id DESC LIMIT "+a.add(limit)+`) page
		JOIN resources r ON r.id = page.id LEFT JOIN folders f ON f.id = r.parent_id ORDER BY r.updated_at DESC, r.id DESC`, a.values...)
}

// Trashed implements content.ListingTx.
func (t *tx) Trashed(after content.Cursor, limit int) ([]content.Placed, error) {
	at, id := newestAfter(after)
	return t.placed(placedFrom+` WHERE r.trashed_at IS NOT NULL AND (r.trashed_at, r.id) < ($1, $2)
		ORDER BY r.trashed_at DESC, r.id DESC LIMIT $3`, at, id, limit)
}

// TrashedBefore implements content.ListingTx.
func (t *tx) TrashedBefore(before time.Time, limit int) ([]content.ResourceID, error) {
	return t.ids("SELECT id FROM resources WHERE trashed_at IS NOT NULL AND trashed_at < $1 ORDER BY trashed_at, id LIMIT $2",
		micros(before), limit)
}

// Grants implements content.ListingTx.
func (t *tx) Grants(members []iam.Member) ([]content.Grant, error) {
	return t.grants(`SELECT g.resource_id, g.role, g.member, g.condition, g.granted_at FROM grants g WHERE `+
		t.inList("g.member", "$1"), list(members))
}

func (t *tx) grants(text string, args ...any) ([]content.Grant, error) {
	var out []content.Grant
	err := t.each(func(row func(...any) error) error {
		var g content.Grant
		var at int64
		err := row(&g.ResourceID, &g.Role, &g.Member, &g.Condition, &at)
		g.GrantedAt = fromMicros(at)
		out = append(out, g)
		return err
	}, text, args...)
	return out, err
}

// Placed implements content.ListingTx.
func (t *tx) Placed(ids []content.ResourceID) (map[content.ResourceID]content.Placed, error) {
	out := make(map[content.ResourceID]content.Placed, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	found, err := t.placed(placedFrom+" WHERE "+t.inList("r.id", "$1")+" AND r.trashed_at IS NULL AND COALESCE(f.hidden, 0) = 0", list(ids))
	for _, p := range found {
		out[p.ID] = p
	}
	return out, err
}

// SetMark implements content.ListingTx.
func (t *tx) SetMark(principal iam.Member, id content.ResourceID, mark content.Mark, at time.Time) error {
	if at.IsZero() {
		return t.exec("DELETE FROM marks WHERE principal = $1 AND mark = $2 AND resource_id = $3", principal, mark, id)
	}
	return t.exec(`INSERT INTO marks (principal, mark, resource_id, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (principal, mark, resource_id) DO UPDATE SET at = excluded.at`, principal, mark, id, micros(at))
}

// Marked implements content.ListingTx.
func (t *tx) Marked(principal iam.Member, mark content.Mark, after content.Cursor, limit int) ([]content.MarkedResource, error) {
	at, id := newestAfter(after)
	var out []content.MarkedResource
	err := t.each(func(row func(...any) error) error {
		var at int64
		p, err := scanPlaced(row, &at)
		out = append(out, content.MarkedResource{Placed: p, At: fromMicros(at)})
		return err
	}, "SELECT "+placedColumns+`, m.at FROM marks m JOIN resources r ON r.id = m.resource_id LEFT JOIN folders f ON f.id = r.parent_id
		WHERE m.principal = $1 AND m.mark = $2 AND (m.at, m.resource_id) < ($3, $4) AND r.trashed_at IS NULL AND COALESCE(f.hidden, 0) = 0
		ORDER BY m.at DESC, m.resource_id DESC LIMIT $5`, principal, mark, at, id, limit)
	return out, err
}

// Marks implements content.ListingTx.
func (t *tx) Marks(principal iam.Member, ids []content.ResourceID) (map[content.ResourceID][]content.Mark, error) {
	out := map[content.ResourceID][]content.Mark{}
	return out, t.each(func(row func(...any) error) error {
		var id content.ResourceID
		var mark content.Mark
		err := row(&id, &mark)
		out[id] = append(out[id], mark)
		return err
	}, `SELECT m.resource_id, m.mark FROM marks m WHERE m.principal = $1 AND m.mark <> 'recent' AND `+
		t.inList("m.resource_id", "$2")+" ORDER BY m.mark", principal, list(ids))
}

// TrimMarks implements content.ListingTx.
func (t *tx) TrimMarks(principal iam.Member, mark content.Mark, keep int) error {
	return t.exec(`DELETE FROM marks WHERE principal = $1 AND mark = $2 AND resource_id IN (
		SELECT resource_id FROM marks WHERE principal = $1 AND mark = $2 ORDER BY at DESC, resource_id DESC LIMIT 100000 OFFSET $3)`,
		principal, mark, keep)
}
