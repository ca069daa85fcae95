package query

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"sextant/content"
	"sextant/content/iam"
)

// placedColumns and placedFrom read a resource with its place; r is the resource, f its folder.
const (
	placedColumns = `r.id, r.parent_id, r.type, r.name, r.owner, r.description, r.tags, r.created_at, r.updated_at,
		r.version, r.trashed_at, r.trashed_by, r.retention, r.head_id, r.head_number, r.size, r.digest, r.problem,
		COALESCE(f.chain, ''), COALESCE(f.hidden, 0)`
	placedFrom = ` FROM resources r LEFT JOIN folders f ON f.id = r.parent_id`
	notHidden  = ` r.trashed_at IS NULL AND f.hidden = 0`
)

func scanPlaced(row func(...any) error, more ...any) (content.Placed, error) {
	var (
		p                 content.Placed
		parent, retention *string
		tags, chain       string
		created, updated  int64
		trashed           *int64
		digest            []byte
		hidden            int64
	)
	err := row(append([]any{&p.ID, &parent, &p.Type, &p.Name, &p.Owner, &p.Description, &tags, &created, &updated,
		&p.Version, &trashed, &p.TrashedBy, &retention, &p.Head, &p.HeadNumber, &p.Size, &digest, &p.Problem, &chain, &hidden}, more...)...)
	if err != nil {
		return p, err
	}
	if parent != nil {
		p.ParentID = content.ResourceID(*parent)
	}
	if tags != "[]" {
		if err := json.Unmarshal([]byte(tags), &p.Tags); err != nil {
			return p, fmt.Errorf("store: tags of %s: %w", p.ID, err)
		}
	}
	if retention != nil {
		p.Retention = new(content.Retention)
		if err := json.Unmarshal([]byte(*retention), p.Retention); err != nil {
			return p, fmt.Errorf("store: retention of %s: %w", p.ID, err)
		}
	}
	p.CreatedAt, p.UpdatedAt = fromMicros(created), fromMicros(updated)
	if trashed != nil {
		p.TrashedAt = fromMicros(*trashed)
	}
	p.Digest = toDigest(digest)
	p.Chain = splitChain(chain)
	p.Hidden = trashed != nil || hidden > 0
	return p, nil
}

func (t *tx) placed(text string, args ...any) ([]content.Placed, error) {
	var out []content.Placed
	err := t.each(func(row func(...any) error) error {
		p, err := scanPlaced(row)
		out = append(out, p)
		return err
	}, "SELECT "+placedColumns+text, args...)
	return out, err
}

// Resource implements content.TreeTx.
func (t *tx) Resource(id content.ResourceID) (p content.Placed, err error) {
	err = t.one(func(row func(...any) error) error { p, err = scanPlaced(row); return err },
		"SELECT "+placedColumns+placedFrom+" WHERE r.id = $1", id)
	return p, err
}

// Child implements content.TreeTx.
func (t *tx) Child(parent content.ResourceID, name string) (content.Resource, error) {
	var p content.Placed
	err := t.one(func(row func(...any) error) (err error) { p, err = scanPlaced(row); return err },
		"SELECT "+placedColumns+placedFrom+" WHERE r.parent_id = $1 AND r.name = $2 AND r.trashed_at IS NULL", parent, name)
	return p.Resource, err
}

// Located implements content.TreeTx.
func (t *tx) Located(id content.ResourceID) (p content.Placed, own content.Ancestor, version int64, err error) {
	var etag, bindings *string
	err = t.one(func(row func(...any) error) error {
		p, err = scanPlaced(row, &etag, &bindings, &version)
		return err
	}, "SELECT "+placedColumns+", p.etag, p.bindings, (SELECT version FROM rights_version)"+placedFrom+
		" LEFT JOIN policies p ON p.resource_id = r.id WHERE r.id = $1", id)
	if err != nil {
		return p, own, version, err
	}
	own = content.Ancestor{ID: id, Name: p.Name, Trashed: !p.TrashedAt.IsZero(), Retention: p.Retention}
	own.Policy, err = toPolicy(id, etag, bindings)
	return p, own, version, err
}

// Lineage implements content.TreeTx.
func (t *tx) Lineage(id content.ResourceID) ([]content.Ancestor, error) {
	var chain string
	err := t.into(`SELECT COALESCE(f.chain, '') FROM resources r LEFT JOIN folders f ON f.id = r.parent_id WHERE r.id = $1`,
		[]any{id}, &chain)
	if err != nil {
		return nil, err
	}
	return t.lineage(splitChain(chain), id)
}

func (t *tx) lineage(chain []content.ResourceID, id content.ResourceID) ([]content.Ancestor, error) {
	ids := append(slices.Clone(chain), id)
	place := make(map[content.ResourceID]int, len(ids))
	for i, ancestor := range ids {
		place[ancestor] = len(ids) - 1 - i
	}
	out := make([]content.Ancestor, len(ids))
	found := 0
	err := t.few(func(row func(...any) error) error {
		var (
			a                         content.Ancestor
			retention, etag, bindings *string
			trashed                   *int64
		)
		if err := row(&a.ID, &a.Name, &trashed, &retention, &etag, &bindings); err != nil {
			return err
		}
		a.Trashed = trashed != nil
		if retention != nil {
			a.Retention = new(content.Retention)
			if err := json.Unmarshal([]byte(*retention), a.Retention); err != nil {
				return fmt.Errorf("store: retention of %s: %w", a.ID, err)
			}
		}
		var err error
		a.Policy, err = toPolicy(a.ID, etag, bindings)
		out[place[a.ID]] = a
		found++
		return err
	}, `SELECT r.id, r.name, r.trashed_at, r.retention, p.etag, p.bindings
		FROM resources r LEFT JOIN policies p ON p.resource_id = r.id WHERE `+t.inList("r.id", "$1"), list(ids))
	if err == nil && found != len(ids) {
		err = fmt.Errorf("store: lineage of %s: %w: an ancestor is missing", id, content.ErrCorrupt)
	}
	return out, err
}

// Names implements content.TreeTx.
func (t *tx) Names(ids []content.ResourceID) (map[content.ResourceID]string, error) {
	out := make(map[content.ResourceID]string, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	return out, t.each(func(row func(...any) error) error {
		var id content.ResourceID
		var name string
		err := row(&id, &name)
		out[id] = name
		return err
	}, "SELECT r.id, r.name FROM resources r WHERE "+t.inList("r.id", "$1"), list(ids))
}

// CreateResource implements content.TreeTx.
func (t *tx) CreateResource(r content.Resource) error {
	var chain string
	var hidden int64
	var parent any
	if r.ParentID != "" {
		parent = r.ParentID
		if err := t.into("SELECT chain, hidden FROM folders WHERE id = $1", []any{r.ParentID}, &chain, &hidden); err != nil {
			return err
		}
	}
	err := t.exec(`INSERT INTO resources (id, parent_id, type, name, owner, description, tags, created_at, updated_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		r.ID, parent, r.Type, r.Name, r.Owner, r.Description, list(r.Tags), micros(r.CreatedAt), micros(r.UpdatedAt), r.Version)
	if err != nil || r.Type != content.Folder {
		return err
	}
	return t.exec("INSERT INTO folders (id, chain, hidden) VALUES ($1, $2, $3)", r.ID, chain+string(r.ID)+"/", hidden)
}

// UpdateResource implements content.TreeTx.
func (t *tx) UpdateResource(r content.Resource) error {
	var retention any
	if r.Retention != nil {
		text, err := json.Marshal(r.Retention)
		if err != nil {
			return err
		}
		retention = string(text)
	}
	return t.execOne(`UPDATE resources SET name = $2, owner = $3, description = $4, tags = $5, updated_at = $6, version = $7,
		retention = $8 WHERE id = $1`,
		r.ID, r.Name, r.Owner, r.Description, list(r.Tags), micros(r.UpdatedAt), r.Version, retention)
}

// MoveResource implements content.TreeTx.
func (t *tx) MoveResource(id, parent content.ResourceID, name string) error {
	var toChain string
	var toHidden int64
	if err := t.into("SELECT chain, hidden FROM folders WHERE id = $1", []any{parent}, &toChain, &toHidden); err != nil {
		return err
	}
	p, err := t.Resource(id)
	if err != nil {
		return err
	}
	for _, above := range splitChain(toChain) {
		if above == id {
			return fmt.Errorf("%w: a folder cannot be moved into itself", content.ErrInvalid)
		}
	}
	if err := t.exec("UPDATE resources SET parent_id = $2, name = $3 WHERE id = $1", id, parent, name); err != nil {
		return err
	}
	if p.Type != content.Folder {
		return nil
	}
	var chain string
	var hidden int64
	if err := t.into("SELECT chain, hidden FROM folders WHERE id = $1", []any{id}, &chain, &hidden); err != nil {
		return err
	}
	moved := toChain + string(id) + "/"
	hiddenAbove := hidden - flag(!p.TrashedAt.IsZero())
	return t.exec(`UPDATE folders SET chain = $1 || substr(chain, $2), hidden = hidden + $3 WHERE chain >= $4 AND chain < $5`,
		moved, int64(len(chain)+1), toHidden-hiddenAbove, chain, upper(chain))
}

// SetTrashed implements content.TreeTx.
func (t *tx) SetTrashed(id content.ResourceID, at time.Time, by iam.Member) error {
	p, err := t.Resource(id)
	if err != nil {
		return err
	}
	var trashed any
	if !at.IsZero() {
		trashed = micros(at)
	}
	if err := t.exec("UPDATE resources SET trashed_at = $2, trashed_by = $3 WHERE id = $1", id, trashed, by); err != nil {
		return err
	}
	change := flag(!at.IsZero()) - flag(!p.TrashedAt.IsZero())
	if p.Type != content.Folder || change == 0 {
		return nil
	}
	chain := joinChain(append(p.Chain, id))
	return t.exec("UPDATE folders SET hidden = hidden + $1 WHERE chain >= $2 AND chain < $3", change, chain, upper(chain))
}

// Below implements content.TreeTx.
func (t *tx) Below(folder content.ResourceID, limit int) ([]content.ResourceID, error) {
	var chain string
	if err := t.into("SELECT chain FROM folders WHERE id = $1", []any{folder}, &chain); err != nil {
		return nil, err
	}
	return t.ids(`SELECT r.id FROM folders f JOIN resources r ON r.parent_id = f.id WHERE f.chain >= $1 AND f.chain < $2
		ORDER BY length(f.chain) DESC, r.id LIMIT $3`, chain, upper(chain), limit)
}

func (t *tx) ids(text string, args ...any) ([]content.ResourceID, error) {
	var out []content.ResourceID
	err := t.each(func(row func(...any) error) error {
		var id content.ResourceID
		err := row(&id)
		out = append(out, id)
		return err
	}, text, args...)
	return out, err
}

// DeleteResource implements content.TreeTx.
func (t *tx) DeleteResource(id content.ResourceID) error {
	return t.execOne("DELETE FROM resources WHERE id = $1", id)
}
