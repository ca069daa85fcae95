// Package sqlite keeps everything but content itself in one SQLite database file.
//
// One connection writes and a pool of others reads; in WAL mode neither waits for the other. A commit is synced
// (synchronous = FULL) before it is answered.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"sextant/content"
	"sextant/content/store/query"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is content.Store in a file.
type Store struct {
	*query.Store
	path        string
	read, write *sql.DB
	readers     int
}

// Trim gives back the pages that connections keep in memory, for when nothing is asked: readers are closed, to be opened
// again when they are needed, and the writer lets go of what it does not use.
func (s *Store) Trim(ctx context.Context) error {
	s.read.SetMaxIdleConns(-1)
	s.read.SetMaxIdleConns(s.readers)
	if _, err := s.write.ExecContext(ctx, "PRAGMA shrink_memory"); err != nil {
		return fmt.Errorf("sqlite: %w", err)
	}
	return nil
}

// Open opens the database in a file, making it and bringing its schema up to date. The caller closes it.
func Open(ctx context.Context, path string) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	if err := create(path); err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	write, err := pool(path, false)
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1)
	if err := Migrate(ctx, write, 0); err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read, err := pool(path, true)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	readers := max(4, 2*runtime.GOMAXPROCS(0))
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return &Store{query.New(read, write, Dialect()), path, read, write, readers}, nil
}

// create makes the file where it is not there, for its owner alone: SQLite gives its other files the same rights. The
// directory is synced, so that the file is found after a crash.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// pool opens connections with the settings that every one of them needs.
func pool(path string, readOnly bool) (*sql.DB, error) {
	q := url.Values{"_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)", "temp_store(MEMORY)",
		"mmap_size(2147418112)",
	}}
	if readOnly {
		// What is in the file is read where it is mapped; the cache is for what is in the log alone.
		q["_pragma"] = append(q["_pragma"], "query_only(1)", "cache_size(-4000)")
	} else {
		// A writer takes its lock at once, so that it never has to be told to begin again.
		q.Set("_txlock", "immediate")
		q["_pragma"] = append(q["_pragma"], "wal_autocheckpoint(2000)", "cache_size(-8000)", "journal_size_limit(67108864)")
	}
	name := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}
	connector, err := sqlite.NewConnector(name.String())
	if err != nil {
		return nil, fmt.Errorf("sqlite: %w", err)
	}
	return sql.OpenDB(preparing{connector}), nil
}

// Migrate brings a database's schema to a version; 0 is the newest. A schema newer than this program is an error.
func Migrate(ctx context.Context, db *sql.DB, version int64) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithGoMigrations(query.TitleWords(search{})))
	if err != nil {
		return fmt.Errorf("sqlite: migrate: %w", err)
	}
	return query.Migrate(ctx, p, version)
}

// Dialect is SQLite's.
func Dialect() query.Dialect {
	return query.Dialect{
		Elements:  "SELECT value FROM json_each(%s)",
		In:        "%s IN (%s)",
		Position:  "instr",
		Taken:     isCode(sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY),
		Missing:   isCode(sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY),
		Search:    search{},
		Embedded:  true,
		BeginRead: "BEGIN",
		// A writer takes its lock at once, so that it never has to be told to begin again.
		BeginWrite: "BEGIN IMMEDIATE",
		Climb:      "up JOIN group_members g ON g.member = up.group_member",
		// Looking a row up in the full-text index runs the search anew each time.
		Filter: "+",
	}
}

func isCode(codes ...int) func(error) bool {
	return func(err error) bool {
		var e *sqlite.Error
		if !errors.As(err, &e) {
			return false
		}
		for _, c := range codes {
			if e.Code() == c {
				return true
			}
		}
		return false
	}
}

// search is FTS5, whose matches come by place, newest first where asked for.
type search struct{}

// Index implements query.Search.
func (s search) Index(ctx context.Context, tx query.Conn, seq int64, id content.ResourceID, t content.SearchText, title, body []string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO search_docs (seq, resource_id, name, tags, description, source, outputs)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, seq, id, t.Name, t.Tags, t.Description, t.Source, t.Outputs)
	if err != nil {
		return err
	}
	return s.Words(ctx, tx, seq, title, body)
}

// Clear implements query.Search.
func (search) Clear(ctx context.Context, tx query.Conn) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO search_words (search_words) VALUES ('delete-all')")
	return err
}

// Words implements query.Search.
func (search) Words(ctx context.Context, tx query.Conn, seq int64, title, body []string) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO search_words (rowid, title, body) VALUES ($1, $2, $3)",
		seq, strings.Join(title, " "), strings.Join(body, " "))
	return err
}

// Match implements query.Search.
func (search) Match(terms []content.Term, _, _ int64, arg func(any) string) (tables, where, order string) {
	var b strings.Builder
	for i, t := range terms {
		if i > 0 {
			b.WriteString(" AND ")
		}
		// A word has only letters and digits, and nothing in quotes is an operator.
		b.WriteString(`("` + t.Word + `"`)
		if t.Prefix {
			b.WriteString("*")
		}
		for _, w := range t.Or {
			b.WriteString(` OR "` + w + `"`)
		}
		b.WriteString(")")
	}
	return "search_words w JOIN search_docs d ON d.seq = w.rowid", "search_words MATCH " + arg(b.String()), "w.rowid"
}

// Reaches implements query.Search.
func (search) Reaches() []int64 { return nil }
