package query

import (
	"fmt"
	"strings"
	"time"

	"sextant/content"
)

// table is one table of a backup.
type table struct {
	name    string
	columns string
	// added is how many columns, at the end, earlier backups do not have; they have defaults.
	added int
	// order makes rows come after those they refer to.
	order string
}

// tables are all tables, those referred to first.
func tables() []table {
	return []table{
		{"resources", `id, parent_id, type, name, owner, description, tags, created_at, updated_at, version, trashed_at,
			trashed_by, retention, head_id, head_number, size, digest, problem`, 1,
			"(SELECT COALESCE(MAX(length(f.chain)), 0) FROM folders f WHERE f.id = t.parent_id), id"},
		{"folders", "id, chain, hidden", 0, "id"},
		{"marks", "principal, mark, resource_id, at", 0, "principal, mark, resource_id"},
		{"revisions", "id, resource_id, number, parent_id, author, created_at, message, origin, name, size, digest, layout, problem, imported", 2, "id"},
		{"revision_holds", "revision_id, holder", 0, "revision_id, holder"},
		{"blobs", "digest, size, used_at", 0, "digest"},
		{"policies", "resource_id, etag, bindings", 0, "resource_id"},
		{"grants", "resource_id, member, role, condition, granted_at", 0, "resource_id, member, role, condition"},
		{"roles", "name, title, permissions", 0, "name"},
		{"access_requests", "id, resource_id, requester, role, message, created_at, state, decided_by, decided_at", 0, "id"},
		{"principals", "member, display_name, email, password_hash, disabled_at, created_at, last_seen, invited_by", 1, "member"},
		{"principal_groups", "member, title, description, external, created_at", 0, "member"},
		{"group_members", "group_member, member, added_at", 0, "group_member, member"},
		{"tokens", "id, principal, name, digest, permissions, created_at, expires, last_used, revoked_at", 0, "id"},
		{"sign_ins", "digest, principal, created_at, expires, address, user_agent, method, issuer, subject, provider_session", 3, "digest"},
		{"audit", "seq, at, actor, operation, resource_id, allowed, address, request_id, detail, previous, hash", 0, "seq"},
		{"audit_edges", "edge, seq, hash", 0, "edge"},
		{"changes", "seq, at, kind, resource_id, actor, revision_id, chain", 0, "seq"},
		{"change_head", "only_row, newest, oldest", 0, "only_row"},
		{"idempotency_keys", "principal, key, request, resource_id, created_at", 0, "principal, key"},
		{"settings", "name, value", 0, "name"},
		{"usage", "day, principal, environment, executions, execution_micros, cpu_micros, peak_bytes", 0, "day, principal, environment"},
		{"preferences", "principal, space, name, value, created_at, updated_at", 0, "principal, space, name"},
		{"share_links", `id, resource_id, title, digest, revision_id, password_hash, origins, look, created_by, created_at,
			expires, revoked_at, shows`, 1, "id"},
		{"jobs", "id, principal, resource_id, state, created_at, ended_at, server, spec, progress, size, layout", 0, "id"},
		{"results", "id, resource_id, job_id, principal, cell, created_at, row_count, size, complete, columns, evicted_at, layout, copy_of", 1, "id"},
		{"snapshots", "id, result_id, principal, name, query, created_at", 0, "id"},
		{"secrets", "holder, name, sealed, resource_id, set_by, created_at, updated_at", 0, "holder, name"},
		{searchTable, "seq, resource_id, name, tags, description, source, outputs", 0, "seq"},
	}
}

// searchTable is loaded through the index.
const searchTable = "search_docs"

// Dump implements content.BackupTx.
func (t *tx) Dump(fn func(table string, row []any) error) error {
	for _, tb := range tables() {
		width := strings.Count(tb.columns, ",") + 1
		err := t.each(func(row func(...any) error) error {
			values := make([]any, width)
			pointers := make([]any, width)
			for i := range values {
				pointers[i] = &values[i]
			}
			if err := row(pointers...); err != nil {
				return err
			}
			return fn(tb.name, values)
		}, "SELECT "+tb.columns+" FROM "+tb.name+" t ORDER BY "+tb.order)
		if err != nil {
			return fmt.Errorf("store: dump %s: %w", tb.name, err)
		}
	}
	return nil
}

// Load implements content.BackupTx.
func (t *tx) Load() (func(table string, row []any) error, error) {
	var n int64
	if err := t.into("SELECT count(*) FROM resources", nil, &n); err != nil {
		return nil, err
	}
	if n > 0 {
		return nil, fmt.Errorf("store: load: %w: the store is not empty", content.ErrExists)
	}
	if err := t.exec("DELETE FROM change_head"); err != nil {
		return nil, err
	}
	type form struct {
		table string
		width int
	}
	inserts := map[form]string{}
	for _, tb := range tables() {
		columns := strings.Split(tb.columns, ",")
		places := make([]string, len(columns))
		for i := range places {
			places[i] = fmt.Sprintf("$%d", i+1)
		}
		for n := len(columns) - tb.added; n <= len(columns); n++ {
			inserts[form{tb.name, n}] = "INSERT INTO " + tb.name + " (" + strings.Join(columns[:n], ",") + ") VALUES (" + strings.Join(places[:n], ", ") + ")"
		}
	}
	return func(name string, row []any) error {
		insert, ok := inserts[form{name, len(row)}]
		if !ok {
			return fmt.Errorf("store: load: %w: no table %.40q of %d columns", content.ErrInvalid, name, len(row))
		}
		if name != searchTable {
			return t.exec(insert, row...)
		}
		seq, ok := row[0].(int64)
		fields := make([]string, 0, 6)
		for _, v := range row[1:] {
			s, isText := v.(string)
			ok = ok && isText
			fields = append(fields, s)
		}
		if !ok {
			return fmt.Errorf("store: load: %w row of %s", content.ErrInvalid, name)
		}
		return t.indexText(seq, content.ResourceID(fields[0]), content.SearchText{Name: fields[1], Tags: fields[2],
			Description: fields[3], Source: fields[4], Outputs: fields[5]})
	}, nil
}

// TouchBlobs implements content.BackupTx.
func (t *tx) TouchBlobs(now time.Time) error {
	return t.exec("UPDATE blobs SET used_at = $1", micros(now))
}
