package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"testing"

	"sextant/content"
)

// Migrations checks that a driver opens databases of every earlier schema, with what was in them, and refuses those of
// a later one. open gives an empty database and what opens it as a store; migrate is the driver's.
func Migrations(t *testing.T, dialect string, open func(*testing.T) (*sql.DB, func() (content.Store, error)), migrate func(context.Context, *sql.DB, int64) error) {
	newest := int64(0)
	db, _ := open(t)
	if err := migrate(t.Context(), db, 0); err != nil {
		t.Fatal(err)
	}
	if err := db.QueryRow("SELECT max(version_id) FROM goose_db_version").Scan(&newest); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if newest < 8 {
		t.Fatalf("%s: the newest version is %d", dialect, newest)
	}
	for version := int64(1); version <= newest; version++ {
		t.Run(fmt.Sprintf("from %d", version), func(t *testing.T) {
			db, store := open(t)
			if err := migrate(t.Context(), db, version); err != nil {
				t.Fatal(err)
			}
			// What every version can hold.
			for _, statement := range []string{
				`INSERT INTO resources (id, type, name, owner, description, tags, created_at, updated_at, version)
					VALUES ('` + string(content.RootID) + `', 'folder', '', 'user:ana@x.org', '', '[]', 1, 1, 1)`,
				`INSERT INTO folders (id, chain) VALUES ('` + string(content.RootID) + `', '` + string(content.RootID) + `/')`,
				`INSERT INTO resources (id, parent_id, type, name, owner, description, tags, created_at, updated_at, version)
					VALUES ('` + string(id(1)) + `', '` + string(content.RootID) + `', 'sql', 'kept', 'user:ana@x.org', '', '["x"]', 1, 1, 1)`,
			} {
				if _, err := db.Exec(statement); err != nil {
					t.Fatal(err)
				}
			}
			indexed := version >= 4 && version < 8
			if indexed { // as versions before the words of titles were marked wrote it
				statements := []string{
					`INSERT INTO search_docs (seq, resource_id, name, tags, description, source, outputs)
						VALUES (7, '` + string(id(1)) + `', 'kept revenue re venu3', '', '', 'hidden', '')`,
					"INSERT INTO search_words (rowid, title, body) VALUES (7, 'kept revenue re venu3', 'hidden')",
				}
				if dialect == "postgres" {
					statements = []string{`INSERT INTO search_docs (seq, resource_id, name, tags, description, source, outputs, words)
						VALUES (7, '` + string(id(1)) + `', 'kept revenue re venu3', '', '', 'hidden', '', 'kept:1A revenue:1A re:1A venu3:1A hidden:2B')`}
				}
				for _, statement := range statements {
					if _, err := db.Exec(statement); err != nil {
						t.Fatal(err)
					}
				}
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			s, err := store()
			if err != nil {
				t.Fatal(err)
			}
			if indexed { // words that an earlier version indexed in its way
				err := s.View(t.Context(), func(tx content.Tx) error {
					title, err := tx.MatchText([]content.Term{{Word: "ke", Prefix: true}}, content.TitleFields, content.Filter{}, nil, 0, 10)
					all, err2 := tx.MatchText([]content.Term{{Word: "kept"}, {Word: "hidden"}}, content.EveryField, content.Filter{}, nil, 0, 10)
					none, err3 := tx.MatchText([]content.Term{{Word: "hidden"}}, content.TitleFields, content.Filter{}, nil, 0, 10)
					if len(title) != 1 || len(all) != 1 || len(none) != 0 {
						err = fmt.Errorf("found %v, %v, %v", title, all, none)
					}
					return errors.Join(err, err2, err3)
				})
				if err != nil {
					t.Error(err)
				}
			}
			err = s.Update(t.Context(), func(tx content.Tx) error {
				if version == 4 {
					found, err := tx.SimilarTerms(content.Trigrams("revenve"), 5)
					if err != nil || !slices.Equal(found, []string{"revenue"}) {
						return fmt.Errorf("similar words are %q: %w", found, err)
					}
					if found, err = tx.SimilarTerms(content.Trigrams("hiden"), 5); err != nil || len(found) > 0 {
						return fmt.Errorf("similar words are %q: %w", found, err)
					}
				}
				r, err := tx.Child(content.RootID, "kept")
				if err == nil && (r.ID != id(1) || len(r.Tags) != 1) {
					err = fmt.Errorf("kept is %+v", r)
				}
				return errors.Join(err, tx.IndexText(id(1), content.SearchText{Name: "kept"}), tx.AppendChange(content.Change{ResourceID: id(1)}),
					tx.AppendAudit([]content.AuditEntry{{Operation: "Get"}}), tx.PutPrincipal(content.Principal{Member: "user:ana@x.org"}))
			})
			if err := errors.Join(err, s.Close()); err != nil {
				t.Fatal(err)
			}
		})
	}
	t.Run("from a later one", func(t *testing.T) {
		db, store := open(t)
		if err := migrate(t.Context(), db, 0); err != nil {
			t.Fatal(err)
		}
		_, err := db.Exec(fmt.Sprintf("UPDATE goose_db_version SET version_id = %d WHERE version_id = %d", newest+1, newest))
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
		if s, err := store(); err == nil {
			t.Error("a later schema was opened", s.Close())
		}
	})
}
