package postgres

import (
	"database/sql"
	"errors"
	"strings"
	"sync"
	"testing"

	"sextant/content"
	"sextant/content/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Store(t, func(t *testing.T) content.Store {
		s, err := Open(t.Context(), storetest.Postgres(t))
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}

func TestMigrateFromEveryVersion(t *testing.T) {
	storetest.Migrations(t, "postgres", func(t *testing.T) (*sql.DB, func() (content.Store, error)) {
		url := storetest.Postgres(t)
		db, err := pool(url)
		if err != nil {
			t.Fatal(err)
		}
		return db, func() (content.Store, error) {
			s, err := Open(t.Context(), url)
			if err != nil {
				return nil, err // not a nil *Store in an interface
			}
			return s, nil
		}
	}, Migrate)
}

// TestOpenAtOnce has several servers start over an empty database together.
func TestOpenAtOnce(t *testing.T) {
	url := storetest.Postgres(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s, err := Open(t.Context(), url)
			if err == nil {
				err = s.Close()
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestURLIsNotShown(t *testing.T) {
	_, err := Open(t.Context(), "postgres://user:secret@host:port/x")
	if !errors.Is(err, content.ErrInvalid) || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
}
