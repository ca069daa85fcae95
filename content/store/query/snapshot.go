package query

import (
	"sextant/content"
	"sextant/content/iam"
)

// PutSnapshot implements content.ResultTx.
func (t *tx) PutSnapshot(s content.Snapshot) error {
	return t.exec(`INSERT INTO snapshots (id, result_id, principal, name, query, created_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name`, s.ID, s.Result, s.Principal, s.Name, s.Query, micros(s.CreatedAt))
}

func (t *tx) snapshots(text string, args ...any) ([]content.Snapshot, error) {
	var out []content.Snapshot
	err := t.each(func(row func(...any) error) error {
		var s content.Snapshot
		var created int64
		err := row(&s.ID, &s.Result, &s.Principal, &s.Name, &s.Query, &created)
		s.CreatedAt = fromMicros(created)
		out = append(out, s)
		return err
	}, "SELECT id, result_id, principal, name, query, created_at FROM snapshots"+text, args...)
	return out, err
}

// Snapshot implements content.ResultTx.
func (t *tx) Snapshot(id string) (content.Snapshot, error) {
	return first(t.snapshots(" WHERE id = $1", id))
}

// Snapshots implements content.ResultTx.
func (t *tx) Snapshots(result string, limit int) ([]content.Snapshot, error) {
	return t.snapshots(" WHERE result_id = $1 ORDER BY id DESC LIMIT $2", result, limit)
}

// SnapshotsOf implements content.ResultTx.
func (t *tx) SnapshotsOf(principal iam.Member, limit int) ([]content.Snapshot, error) {
	return t.snapshots(" WHERE principal = $1 ORDER BY id DESC LIMIT $2", principal, limit)
}

// DeleteSnapshot implements content.ResultTx.
func (t *tx) DeleteSnapshot(id string) error {
	return t.execOne("DELETE FROM snapshots WHERE id = $1", id)
}
