package query

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"sextant/content"
	"sextant/content/iam"
)

// PutJob implements content.JobTx.
func (t *tx) PutJob(j content.Job) error {
	spec, err := json.Marshal(j.Spec)
	if err != nil {
		return err
	}
	progress, err := json.Marshal(j.JobProgress)
	if err != nil {
		return err
	}
	var document any
	if j.Document != "" {
		document = j.Document
	}
	return t.exec(`INSERT INTO jobs (id, principal, resource_id, state, created_at, ended_at, server, spec, progress, size, layout)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (id) DO UPDATE SET state = excluded.state, ended_at = excluded.ended_at, progress = excluded.progress, size = excluded.size, layout = excluded.layout`,
		j.ID, j.Principal, document, j.State, micros(j.CreatedAt), micros(j.EndedAt), j.Server, string(spec), string(progress), j.Size, j.Layout.Encode())
}

// jobs reads jobs, with their layouts where text asks for them as the last column.
func (t *tx) jobs(layouts bool, text string, args ...any) ([]content.Job, error) {
	columns := "id, principal, COALESCE(resource_id, ''), state, created_at, ended_at, server, spec, progress, size"
	if layouts {
		columns += ", layout"
	}
	var out []content.Job
	err := t.each(func(row func(...any) error) error {
		var j content.Job
		var created, ended int64
		var spec, progress string
		var layout []byte
		to := []any{&j.ID, &j.Principal, &j.Document, &j.State, &created, &ended, &j.Server, &spec, &progress, &j.Size}
		if layouts {
			to = append(to, &layout)
		}
		if err := row(to...); err != nil {
			return err
		}
		j.CreatedAt, j.EndedAt = fromMicros(created), fromMicros(ended)
		if err := json.Unmarshal([]byte(spec), &j.Spec); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(progress), &j.JobProgress); err != nil {
			return err
		}
		if layouts {
			var err error
			if j.Layout, err = content.DecodeLayout(layout); err != nil {
				return err
			}
		}
		out = append(out, j)
		return nil
	}, "SELECT "+columns+" FROM jobs"+text, args...)
	return out, err
}

// Job implements content.JobTx.
func (t *tx) Job(id string) (content.Job, error) {
	return first(t.jobs(true, " WHERE id = $1", id))
}

// Jobs implements content.JobTx.
func (t *tx) Jobs(principal iam.Member, f content.JobFilter) ([]content.Job, error) {
	where, args := []string{"principal = $1"}, []any{principal, f.Limit}
	put := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	if f.Document != "" {
		where = append(where, "resource_id = "+put(f.Document))
	}
	if len(f.States) > 0 {
		any := make([]string, len(f.States))
		for i, s := range f.States {
			any[i] = put(s)
		}
		where = append(where, "state IN ("+strings.Join(any, ", ")+")")
	}
	if f.Before != "" {
		where = append(where, "id < "+put(f.Before))
	}
	return t.jobs(false, " WHERE "+strings.Join(where, " AND ")+" ORDER BY id DESC LIMIT $2", args...)
}

// UnfinishedJobs implements content.JobTx.
func (t *tx) UnfinishedJobs(server string) ([]content.Job, error) {
	return t.jobs(false, " WHERE server = $1 AND ended_at = 0 ORDER BY id", server)
}

// CountJobs implements content.JobTx.
func (t *tx) CountJobs(principal iam.Member) (int, error) {
	var n int64
	err := t.into("SELECT count(*) FROM jobs WHERE principal = $1 AND ended_at = 0", []any{principal}, &n)
	return int(n), err
}

// DeleteJob implements content.JobTx.
func (t *tx) DeleteJob(id string) error { return t.execOne("DELETE FROM jobs WHERE id = $1", id) }

// ExpireJobs implements content.JobTx.
func (t *tx) ExpireJobs(before time.Time) error {
	return t.exec("DELETE FROM jobs WHERE ended_at > 0 AND ended_at < $1", micros(before))
}
