package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"sextant/content"
	"sextant/content/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Store(t, func(t *testing.T) content.Store {
		s, err := Open(t.Context(), filepath.Join(t.TempDir(), "a?b #c%.db"))
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

// TestSettings asks connections for what durability and integrity rest on.
func TestSettings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for _, readOnly := range []bool{false, true} {
		db, err := pool(path, readOnly)
		if err != nil {
			t.Fatal(err)
		}
		for setting, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "query_only": map[bool]string{false: "0", true: "1"}[readOnly]} {
			var got string
			if err := db.QueryRow("PRAGMA " + setting).Scan(&got); err != nil || got != want {
				t.Errorf("%s = %s, %v; want %s", setting, got, err, want)
			}
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{path, path + "-wal"} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestMigrateFromEveryVersion makes a database of each earlier schema and opens it.
func TestMigrateFromEveryVersion(t *testing.T) {
	storetest.Migrations(t, "sqlite3", func(t *testing.T) (*sql.DB, func() (content.Store, error)) {
		path := filepath.Join(t.TempDir(), "s.db")
		db, err := pool(path, false)
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		return db, func() (content.Store, error) {
			s, err := Open(t.Context(), path)
			if err != nil {
				return nil, err // not a nil *Store in an interface
			}
			return s, nil
		}
	}, Migrate)
}

func TestDamagedFileIsNoDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	if err := errors.Join(writeFile(path, fmt.Sprintf("%100d", 7))); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(t.Context(), path); err == nil {
		t.Error("opened", s.Close())
	}
}

func writeFile(path, text string) error { return os.WriteFile(path, []byte(text), 0o600) }
