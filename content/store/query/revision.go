package query

import (
	"encoding/json"
	"fmt"
	"time"

	"sextant/content"
)

const revisionColumns = `SELECT id, resource_id, number, parent_id, author, created_at, message, origin, name, size, digest, layout,
	problem, imported FROM revisions`

func (t *tx) revisions(text string, args ...any) ([]content.Revision, error) {
	var out []content.Revision
	err := t.few(func(row func(...any) error) error {
		var r content.Revision
		var created int64
		var digest, layout []byte
		var imported string
		err := row(&r.ID, &r.ResourceID, &r.Number, &r.Parent, &r.Author, &created, &r.Message, &r.Origin, &r.Name,
			&r.Size, &digest, &layout, &r.Problem, &imported)
		if err != nil {
			return err
		}
		r.CreatedAt, r.Digest = fromMicros(created), toDigest(digest)
		if imported != "" {
			r.Imported = new(content.Imported)
			if err := json.Unmarshal([]byte(imported), r.Imported); err != nil {
				return fmt.Errorf("store: import of revision %s: %w", r.ID, err)
			}
		}
		r.Layout, err = content.DecodeLayout(layout)
		out = append(out, r)
		return err
	}, revisionColumns+text, args...)
	return out, err
}

// CreateRevision implements content.RevisionTx.
func (t *tx) CreateRevision(r content.Revision) error {
	imported := ""
	if r.Imported != nil {
		text, err := json.Marshal(r.Imported)
		if err != nil {
			return err
		}
		imported = string(text)
	}
	err := t.exec(`INSERT INTO revisions (id, resource_id, number, parent_id, author, created_at, message, origin, name, size,
		digest, layout, problem, imported) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		r.ID, r.ResourceID, r.Number, r.Parent, r.Author, micros(r.CreatedAt), r.Message, r.Origin, r.Name, r.Size,
		r.Digest[:], r.Layout.Encode(), r.Problem, imported)
	if err != nil {
		return err
	}
	return t.execOne(`UPDATE resources SET head_id = $2, head_number = $3, size = $4, digest = $5, updated_at = $6, problem = $7
		WHERE id = $1`,
		r.ResourceID, r.ID, r.Number, r.Size, r.Digest[:], micros(r.CreatedAt), r.Problem)
}

// Revision implements content.RevisionTx.
func (t *tx) Revision(id content.RevisionID) (content.Revision, error) {
	found, err := t.revisions(" WHERE id = $1", id)
	if err != nil {
		return content.Revision{}, err
	}
	if len(found) == 0 {
		return content.Revision{}, content.ErrNotFound
	}
	return found[0], nil
}

// Revisions implements content.RevisionTx.
func (t *tx) Revisions(id content.ResourceID, before int64, named bool, limit int) ([]content.Revision, error) {
	if before == 0 {
		before = 1 << 62
	}
	return t.revisions(" WHERE resource_id = $1 AND number < $2 AND ($3 = 0 OR name <> '') ORDER BY number DESC LIMIT $4",
		id, before, flag(named), limit)
}

// NameRevision implements content.RevisionTx.
func (t *tx) NameRevision(id content.RevisionID, name string) error {
	return t.execOne("UPDATE revisions SET name = $2 WHERE id = $1", id, name)
}

// HoldRevision implements content.RevisionTx.
func (t *tx) HoldRevision(id content.RevisionID, holder string) error {
	return t.exec("INSERT INTO revision_holds (revision_id, holder) VALUES ($1, $2) ON CONFLICT DO NOTHING", id, holder)
}

// ReleaseRevision implements content.RevisionTx.
func (t *tx) ReleaseRevision(id content.RevisionID, holder string) error {
	return t.exec("DELETE FROM revision_holds WHERE revision_id = $1 AND holder = $2", id, holder)
}

// Prunable implements content.RevisionTx.
func (t *tx) Prunable(id content.ResourceID, keep int, before time.Time, limit int) ([]content.RevisionID, error) {
	var out []content.RevisionID
	err := t.each(func(row func(...any) error) error {
		var r content.RevisionID
		err := row(&r)
		out = append(out, r)
		return err
	}, `SELECT v.id FROM revisions v JOIN resources r ON r.id = v.resource_id
		WHERE v.resource_id = $1 AND v.id <> r.head_id AND v.name = '' AND v.created_at < $3
		AND NOT EXISTS (SELECT 1 FROM revision_holds h WHERE h.revision_id = v.id)
		AND v.number < COALESCE((SELECT number FROM revisions WHERE resource_id = $1 ORDER BY number DESC LIMIT 1 OFFSET $2), 0) + 1
		ORDER BY v.number LIMIT $4`, id, keep, micros(before), limit)
	return out, err
}

// DeleteRevisions implements content.RevisionTx.
func (t *tx) DeleteRevisions(ids []content.RevisionID) error {
	return t.exec("DELETE FROM revisions WHERE "+t.inList("id", "$1"), list(ids))
}

// Revised implements content.RevisionTx.
func (t *tx) Revised(folder, after content.ResourceID, limit int) ([]content.ResourceID, error) {
	var chain string
	if err := t.into("SELECT chain FROM folders WHERE id = $1", []any{folder}, &chain); err != nil {
		return nil, err
	}
	return t.ids(`SELECT r.id FROM folders f JOIN resources r ON r.parent_id = f.id
		WHERE f.chain >= $1 AND f.chain < $2 AND r.id > $3 AND r.head_number > 1 ORDER BY r.id LIMIT $4`,
		chain, upper(chain), after, limit)
}

// RetentionFolders implements content.RevisionTx.
func (t *tx) RetentionFolders() ([]content.ResourceID, error) {
	return t.ids("SELECT id FROM resources WHERE retention IS NOT NULL ORDER BY id")
}
