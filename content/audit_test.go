package content_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sextant/content"
	"sextant/content/iam"
	"sextant/content/store/sqlite"
)

func TestAudit(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		doc := f.sql(admin, root, "doc.sql", "select 1")
		f.grant(doc.ID, iam.Viewer, "", ana)
		f.read(ana, doc.ID, content.ReadOptions{})
		wantError(t, content.ErrNotFound, ignore(f.Get(as(bo), doc.ID)))
		wantError(t, content.ErrDenied, f.Trash(as(ana), doc.ID, ""))
		wantError(t, content.ErrDenied, ignore(f.Audit(as(ana), content.AuditFilter{}, content.PageRequest{})))
		query := func(filter content.AuditFilter) (out []string) {
			for _, e := range all(t, 2, func(p content.PageRequest) (content.Page[content.AuditEntry], error) {
				return f.Audit(as(admin), filter, p)
			}) {
				if e.Address != "192.0.2.1" || e.RequestID != "r1" {
					t.Errorf("from %+v", e)
				}
				out = append(out, fmt.Sprintf("%s %s %v", e.Actor, e.Operation, e.Allowed))
			}
			return out
		}
		want := "[user:admin@x.org Create true user:admin@x.org SetIamPolicy true user:ana@x.org Read true user:bo@x.org Get false user:ana@x.org Trash false]"
		if got := fmt.Sprint(query(content.AuditFilter{Resource: doc.ID})); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
		if got := query(content.AuditFilter{Actor: ana, Denied: true}); len(got) != 2 {
			t.Errorf("%v", got)
		}
		if got := query(content.AuditFilter{Operation: "Read"}); len(got) != 1 {
			t.Errorf("%v", got)
		}
		if got := query(content.AuditFilter{Resource: doc.ID, From: f.clock.Now()}); len(got) != 0 {
			t.Errorf("%v", got)
		}
		entries, err := f.Audit(as(admin), content.AuditFilter{Operation: "SetIamPolicy"}, content.PageRequest{})
		must0(t, err)
		var d struct{ Before, After []iam.Binding }
		must0(t, json.Unmarshal(entries.Items[0].Detail, &d))
		if len(d.Before) != 0 || len(d.After) != 1 || d.After[0].Members[0] != ana {
			t.Errorf("%s", entries.Items[0].Detail)
		}
		report, err := f.VerifyAudit(as(admin))
		if err != nil || report.Broken != 0 || report.Entries < 10 || report.Last != report.Entries {
			t.Errorf("%+v, %v", report, err)
		}
		var export bytes.Buffer
		must0(t, f.ExportAudit(as(admin), content.AuditFilter{}, &export))
		lines := strings.Split(strings.TrimSpace(export.String()), "\n")
		if int64(len(lines)) != report.Entries+1 {
			t.Errorf("%d lines, %d entries", len(lines), report.Entries)
		}
		previous := strings.Repeat("0", 64)
		for _, line := range lines {
			var e struct {
				Operation      string
				Previous, Hash string
			}
			must0(t, json.Unmarshal([]byte(line), &e))
			if e.Previous != previous || e.Operation == "" {
				t.Errorf("%s does not follow %s", line, previous)
			}
			previous = e.Hash
		}
	})
}

// TestAuditTampering changes the log behind the program's back, in every way, and asks whether the chain holds.
func TestAuditTampering(t *testing.T) {
	for name, statement := range map[string]string{
		"changed":           "UPDATE audit SET actor = 'user:eve@x.org' WHERE seq = 3",
		"allowed turned":    "UPDATE audit SET allowed = 1 - allowed WHERE seq = 3",
		"dropped":           "DELETE FROM audit WHERE seq = 3",
		"first dropped":     "DELETE FROM audit WHERE seq = 1",
		"last dropped":      "DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)",
		"all dropped":       "DELETE FROM audit",
		"detail":            "UPDATE audit SET detail = '{}' WHERE seq = 2",
		"hash forged":       "UPDATE audit SET hash = zeroblob(32) WHERE seq = 4",
		"time":              "UPDATE audit SET at = at + 1 WHERE seq = 4",
		"two in each other": "UPDATE audit SET previous = (SELECT previous FROM audit WHERE seq = 2) WHERE seq = 3",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "s.db")
			store, err := sqlite.Open(t.Context(), path)
			must0(t, err)
			f := newFixture(t, store, content.Options{})
			f.sql(admin, root, "doc.sql", "select 1")
			db, err := sql.Open("sqlite", path)
			must0(t, err)
			_, err = db.Exec(statement)
			must0(t, errors.Join(err, db.Close()))
			report, err := f.VerifyAudit(as(admin))
			if err != nil || report.Broken == 0 {
				t.Errorf("%+v, %v", report, err)
			}
		})
	}
}

func TestAuditRetention(t *testing.T) {
	f := newFixture(t, openSQLite(t), content.Options{AuditDays: 10})
	f.sql(admin, root, "old.sql", "select 1")
	f.clock.pass(11 * 24 * time.Hour)
	f.sql(admin, root, "new.sql", "select 1")
	must0(t, ignore(f.Maintain(as(admin))))
	report, err := f.VerifyAudit(as(admin))
	if err != nil || report.Broken != 0 || report.First == 1 || report.Entries != 2 {
		t.Errorf("%+v, %v", report, err)
	}
	f.sql(admin, root, "newer.sql", "select 1")
	f.clock.pass(11 * 24 * time.Hour)
	must0(t, ignore(f.Maintain(as(admin))))
	must0(t, ignore(f.Maintain(as(admin))))
	report, err = f.VerifyAudit(as(admin))
	if err != nil || report.Broken != 0 || report.Entries != 1 {
		t.Errorf("%+v, %v", report, err)
	}
}

// readOnly is a store that cannot be written when told so.
type readOnly struct {
	content.Store
	on atomic.Bool
}

func (s *readOnly) Update(ctx context.Context, fn func(content.Tx) error) error {
	if s.on.Load() {
		return errDisk
	}
	return s.Store.Update(ctx, fn)
}

// TestReadsAreRefusedWhereTheyCannotBeLogged: reading on and on over a full disk ends in an error, and what was read
// before is logged once there is room again.
func TestReadsAreRefusedWhereTheyCannotBeLogged(t *testing.T) {
	store := &readOnly{Store: openSQLite(t)}
	f := newFixture(t, store, content.Options{})
	doc := f.sql(admin, root, "doc.sql", "select 1")
	store.on.Store(true)
	reads := 0
	for {
		r, err := f.Read(as(admin), doc.ID, content.ReadOptions{})
		if err != nil {
			wantError(t, errDisk, err)
			break
		}
		must0(t, r.Body.Close())
		if reads++; reads > 10_000 {
			t.Fatal("reads are not refused")
		}
	}
	store.on.Store(false)
	found := all(t, 1000, func(p content.PageRequest) (content.Page[content.AuditEntry], error) {
		return f.Audit(as(admin), content.AuditFilter{Operation: "Read"}, p)
	})
	if len(found) != reads {
		t.Errorf("%d reads, %d logged", reads, len(found))
	}
}
