package content_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sextant/content"
	"sextant/content/iam"
	"sextant/content/store/sqlite"
)

// TestCheckFindsAndRepairs damages a store in each way and checks that it is found, named, and repaired where the rest
// tells how it was.
func TestCheckFindsAndRepairs(t *testing.T) {
	for name, c := range map[string]struct {
		sql    string
		file   func(t *testing.T, path string)
		kinds  []string
		repair bool
		held   int
	}{
		"nothing":             {},
		"chain":               {sql: "UPDATE folders SET chain = 'x/' || id || '/' WHERE id = (SELECT id FROM resources WHERE name = 'sub')", kinds: []string{"place"}, repair: true},
		"no chain":            {sql: "DELETE FROM folders WHERE id = (SELECT id FROM resources WHERE name = 'sub')", kinds: []string{"place"}, repair: true},
		"hidden":              {sql: "UPDATE folders SET hidden = 3 WHERE id = (SELECT id FROM resources WHERE name = 'sub')", kinds: []string{"trash"}, repair: true},
		"grant lost":          {sql: "DELETE FROM grants WHERE member = 'user:ana@x.org'", kinds: []string{"grants"}, repair: true},
		"grant forged":        {sql: "INSERT INTO grants SELECT id, 'user:bo@x.org', 'owner', '', 1 FROM resources WHERE name = 'doc.sql'", kinds: []string{"grants"}, repair: true},
		"head":                {sql: "UPDATE resources SET head_id = 'gone' WHERE name = 'doc.sql'", kinds: []string{"head"}, repair: true},
		"no revision":         {sql: "DELETE FROM revisions", kinds: []string{"head"}},
		"not indexed":         {sql: "DELETE FROM search_docs", kinds: []string{"index", "index", "index"}, repair: true},
		"no note":             {sql: "DELETE FROM blobs", kinds: []string{"blob without a note", "blob without a note"}, repair: true},
		"audit":               {sql: "DELETE FROM audit WHERE seq = 2", kinds: []string{"audit"}},
		"held content":        {sql: "UPDATE revisions SET layout = substr(layout, 1, 20) || x'ff' || substr(layout, 22) WHERE number = 2", held: 16 << 10, kinds: []string{"held content damaged"}},
		"blob lost":           {file: func(t *testing.T, path string) { must0(t, os.Remove(path)) }, kinds: []string{"blob missing"}},
		"blob cut":            {file: func(t *testing.T, path string) { must0(t, os.Truncate(path, 7)) }, kinds: []string{"blob damaged"}},
		"one bit of the blob": {file: flipByte, kinds: []string{"blob damaged"}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "s.db")
			store, err := sqlite.Open(t.Context(), path)
			must0(t, err)
			f := newFixture(t, store, content.Options{MaxHeld: c.held})
			team := f.folder(admin, root, "team")
			sub := f.folder(admin, team.ID, "sub")
			doc := f.sql(admin, sub.ID, "doc.sql", "select revenue")
			f.grant(sub.ID, iam.Viewer, "", ana)
			f.save(admin, doc.ID, doc.Head, "select profit from "+incompressible(1000))
			head, err := f.Get(as(admin), doc.ID)
			must0(t, err)
			if c.sql != "" {
				db, err := sql.Open("sqlite", path)
				must0(t, err)
				_, err = db.Exec(c.sql)
				must0(t, errors.Join(err, db.Close()))
			}
			if c.file != nil {
				revision, err := f.Revision(as(admin), doc.ID, head.Head)
				must0(t, err)
				blob := revision.Layout.Blobs[0].String()
				c.file(t, filepath.Join(f.dir, blob[:2], blob))
			}
			check := func(repair bool) (out []content.Problem) {
				must0(t, f.Check(as(admin), content.CheckOptions{Read: true, Repair: repair}, func(p content.Problem) error {
					out = append(out, p)
					return nil
				}))
				return out
			}
			for _, repair := range []bool{false, true} {
				found := check(repair)
				var kinds []string
				for _, p := range found {
					kinds = append(kinds, p.Kind)
					if p.Repaired != (repair && c.repair) {
						t.Errorf("%+v", p)
					}
					if strings.HasPrefix(p.Kind, "blob") && p.Resource != doc.ID {
						t.Errorf("whose? %+v", p)
					}
				}
				if !slices.Equal(kinds, c.kinds) {
					t.Errorf("repair %v: %v, want %v", repair, kinds, c.kinds)
				}
			}
			if c.repair {
				f.clean()
				if text := f.read(ana, doc.ID, content.ReadOptions{}); !strings.HasPrefix(text, "select profit") {
					t.Errorf("%q", text)
				}
				wantError(t, content.ErrNotFound, ignore(f.Get(as(bo), doc.ID)))
				hits, err := f.Search(as(ana), content.SearchRequest{Query: "profit"})
				if err != nil || len(hits.Items) != 1 {
					t.Error(hits, err)
				}
			}
		})
	}
}

func flipByte(t *testing.T, path string) {
	b, err := os.ReadFile(path)
	must0(t, err)
	b[len(b)/2] ^= 1
	must0(t, os.WriteFile(path, b, 0o600))
}

func TestCheckNeedsItsPermission(t *testing.T) {
	f := newFixture(t, openSQLite(t), content.Options{})
	err := f.Check(as(ana), content.CheckOptions{}, func(content.Problem) error { return nil })
	wantError(t, content.ErrDenied, err)
	stop := errors.New("stop")
	f.sql(admin, root, "doc.sql", "select 1")
	must0(t, f.store.Update(t.Context(), func(tx content.Tx) error { return tx.DeleteRevisions([]content.RevisionID{firstRevision(t, f)}) }))
	err = f.Check(as(admin), content.CheckOptions{}, func(content.Problem) error { return stop })
	wantError(t, stop, err)
	// The server's own upkeep may check, and nothing else.
	own := content.WithMaintenance(t.Context())
	must0(t, f.Check(own, content.CheckOptions{}, func(content.Problem) error { return nil }))
	wantError(t, content.ErrNotFound, ignore(f.Get(own, root)))
	wantError(t, content.ErrDenied, ignore(f.Audit(own, content.AuditFilter{}, content.PageRequest{})))
}

func firstRevision(t *testing.T, f *fixture) content.RevisionID {
	t.Helper()
	r, err := f.Resolve(as(admin), "/doc.sql")
	must0(t, err)
	return r.Head
}

func TestMain(m *testing.M) {
	if child := os.Getenv(childEnv); child != "" {
		if err := runChild(child); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}
