package query

import (
	"encoding/json"
	"time"

	"sextant/content"
)

// CreateResult implements content.ResultTx.
func (t *tx) CreateResult(r content.StoredResult) error {
	columns, err := json.Marshal(r.Columns)
	if err != nil {
		return err
	}
	orNull := func(s string) any {
		if s == "" {
			return nil
		}
		return s
	}
	return t.exec(`INSERT INTO results (id, resource_id, job_id, principal, cell, created_at, row_count, size, complete, columns, evicted_at, layout, copy_of)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		r.ID, orNull(string(r.Document)), orNull(r.Job), r.Principal, r.Cell, micros(r.CreatedAt), r.Rows, r.Size, count(r.Complete), string(columns), micros(r.EvictedAt), r.Layout.Encode(), r.CopyOf)
}

func count(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func (t *tx) results(layouts bool, text string, args ...any) ([]content.StoredResult, error) {
	columns := "id, COALESCE(resource_id, ''), COALESCE(job_id, ''), principal, cell, created_at, row_count, size, complete, columns, evicted_at, copy_of"
	if layouts {
		columns += ", layout"
	}
	var out []content.StoredResult
	err := t.each(func(row func(...any) error) error {
		var r content.StoredResult
		var created, complete, evicted int64
		var names string
		var layout []byte
		to := []any{&r.ID, &r.Document, &r.Job, &r.Principal, &r.Cell, &created, &r.Rows, &r.Size, &complete, &names, &evicted, &r.CopyOf}
		if layouts {
			to = append(to, &layout)
		}
		if err := row(to...); err != nil {
			return err
		}
		r.CreatedAt, r.EvictedAt, r.Complete = fromMicros(created), fromMicros(evicted), complete != 0
		if err := json.Unmarshal([]byte(names), &r.Columns); err != nil {
			return err
		}
		if layouts {
			var err error
			if r.Layout, err = content.DecodeLayout(layout); err != nil {
				return err
			}
		}
		out = append(out, r)
		return nil
	}, "SELECT "+columns+" FROM results"+text, args...)
	return out, err
}

// Result implements content.ResultTx.
func (t *tx) Result(id string) (content.StoredResult, error) {
	return first(t.results(true, " WHERE id = $1", id))
}

// Results implements content.ResultTx.
func (t *tx) Results(document content.ResourceID, limit int) ([]content.StoredResult, error) {
	return t.results(false, " WHERE resource_id = $1 ORDER BY id DESC LIMIT $2", document, limit)
}

// ResultsToCopy implements content.ResultTx.
func (t *tx) ResultsToCopy(document content.ResourceID, limit int) ([]content.StoredResult, error) {
	return t.results(true, " WHERE resource_id = $1 AND evicted_at = 0 ORDER BY id DESC LIMIT $2", document, limit)
}

// CopiesOf implements content.ResultTx.
func (t *tx) CopiesOf(id string, limit int) ([]content.StoredResult, error) {
	return t.results(false, " WHERE copy_of = $1 ORDER BY id DESC LIMIT $2", id, limit)
}

// JobResults implements content.ResultTx.
func (t *tx) JobResults(job string, limit int) ([]content.StoredResult, error) {
	return t.results(true, " WHERE job_id = $1 ORDER BY id LIMIT $2", job, limit)
}

// EvictResults implements content.ResultTx.
func (t *tx) EvictResults(before time.Time, keep int, now time.Time) (int64, error) {
	return t.execCount(`UPDATE results SET evicted_at = $2, layout = $3 WHERE evicted_at = 0 AND (created_at < $1 OR id IN (
		SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY resource_id, cell ORDER BY id DESC) AS place FROM results WHERE resource_id IS NOT NULL) AS placed WHERE place > $4))
		AND NOT EXISTS (SELECT 1 FROM snapshots s WHERE s.result_id = results.id)`,
		micros(before), micros(now), content.Layout{}.Encode(), keep)
}

// ForgetResults implements content.ResultTx.
func (t *tx) ForgetResults(before time.Time) error {
	return t.exec("DELETE FROM results WHERE evicted_at > 0 AND evicted_at < $1", micros(before))
}
