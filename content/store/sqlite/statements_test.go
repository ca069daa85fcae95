package sqlite

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
)

// TestStatementsAreReused runs a text again while its rows are read, beside changes of the schema, and more texts than
// are kept.
func TestStatementsAreReused(t *testing.T) {
	db, err := pool(filepath.Join(t.TempDir(), "s.db"), false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	db.SetMaxOpenConns(1)
	exec := func(text string, args ...any) {
		t.Helper()
		if _, err := db.Exec(text, args...); err != nil {
			t.Fatal(text, err)
		}
	}
	exec("CREATE TABLE t (n INTEGER PRIMARY KEY)")
	for n := range 3 {
		exec("INSERT INTO t (n) VALUES ($1)", n)
	}
	if _, err := db.Exec("INSERT INTO t (n) VALUES ($1)", 1); err == nil {
		t.Fatal("a number was taken twice")
	}
	exec("INSERT INTO t (n) VALUES ($1)", 3) // after its failure it serves as before
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := pairs(tx, 4); err != nil || fmt.Sprint(got) != "[0.0 0.1 0.2 0.3 1.0 1.1 1.2 1.3 2.0 2.1 2.2 2.3 3.0 3.1 3.2 3.3]" {
		t.Error(got, err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	exec("ALTER TABLE t ADD COLUMN m INTEGER NOT NULL DEFAULT 7")
	exec("INSERT INTO t (n) VALUES ($1)", 4)
	for i := range 3 * maxStatements {
		var sum int
		if err := db.QueryRow(fmt.Sprintf("SELECT sum(m) + %d FROM t", i)).Scan(&sum); err != nil || sum != 35+i {
			t.Fatal(i, sum, err)
		}
	}
	raw, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	err = raw.Raw(func(driver any) error {
		c := driver.(*conn)
		waiting := 0
		for _, s := range c.idle {
			waiting += len(s)
		}
		if waiting != c.kept || waiting > maxStatements {
			t.Errorf("%d statements are kept, counted are %d", waiting, c.kept)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := raw.Close(); err != nil {
		t.Error(err)
	}
}

// pairs reads one statement's rows within the rows of another of the same text.
func pairs(tx *sql.Tx, n int) (out []string, err error) {
	const text = "SELECT n FROM t WHERE n < $1 ORDER BY n"
	outer, err := tx.Query(text, n)
	if err != nil {
		return nil, err
	}
	defer outer.Close()
	for outer.Next() {
		var a int
		if err := outer.Scan(&a); err != nil {
			return nil, err
		}
		inner, err := tx.Query(text, n)
		if err != nil {
			return nil, err
		}
		for inner.Next() {
			var b int
			if err := inner.Scan(&b); err != nil {
				return nil, err
			}
			out = append(out, fmt.Sprintf("%d.%d", a, b))
		}
		if err := inner.Close(); err != nil {
			return nil, err
		}
	}
	return out, outer.Err()
}
