// Package postgres keeps everything but content itself in a PostgreSQL database.
package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"sextant/content"
	"sextant/content/store/query"
)

//go:embed migrations/*.sql
var migrations embed.FS

// writerLock is the advisory lock that every writing transaction takes, on every server: "sextant" in ASCII.
const writerLock = 0x73657874616e74

// Open opens the database that a URL names, postgres://user@host/name, and brings its schema up to date. Servers that
// start at the same time wait for each other. The caller closes it.
func Open(ctx context.Context, url string) (*query.Store, error) {
	db, err := pool(url)
	if err != nil {
		return nil, err
	}
	if err := Migrate(ctx, db, 0); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return query.New(db, db, Dialect()), nil
}

func pool(url string) (*sql.DB, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		// The error quotes the URL, with its password.
		return nil, fmt.Errorf("postgres: %w URL", content.ErrInvalid)
	}
	// What was acknowledged is on disk, whatever the server's own default is.
	config.RuntimeParams["synchronous_commit"] = "on"
	config.RuntimeParams["application_name"] = cmp.Or(config.RuntimeParams["application_name"], "sextant")
	// The lists that statements take are short; compiling a plan for them costs more than it can save.
	config.RuntimeParams["jit"] = "off"
	db := stdlib.OpenDB(*config)
	connections := max(8, 4*runtime.GOMAXPROCS(0))
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// Migrate brings a database's schema to a version; 0 is the newest. A schema newer than this program is an error.
func Migrate(ctx context.Context, db *sql.DB, version int64) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	// Asked for once a second, for five minutes: what another server's migration may take.
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 300))
	if err != nil {
		return fmt.Errorf("postgres: migrate: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(locker),
		goose.WithGoMigrations(query.TitleWords(search{})))
	if err != nil {
		return fmt.Errorf("postgres: migrate: %w", err)
	}
	return query.Migrate(ctx, p, version)
}

// Dialect is PostgreSQL's.
func Dialect() query.Dialect {
	return query.Dialect{
		Lock:        fmt.Sprintf("SELECT pg_advisory_xact_lock(%d)", int64(writerLock)),
		ReadOptions: &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
		// Each statement sees what was committed before it: after the lock, everything that any writer did.
		WriteOptions: &sql.TxOptions{Isolation: sql.LevelReadCommitted},
		Elements:     "SELECT json_array_elements_text(%s::json) AS value",
		// As an array the list is made once, before the plan that uses it looks up its elements in an index.
		In:       "%s = ANY(ARRAY(%s))",
		Position: "strpos",
		Taken:    isCode("23505"),
		Missing:  isCode("23503"),
		Search:   search{},
		Fence:    true,
		// The planner, which knows nothing of how few groups there are, would read all of group_members.
		Climb: `up CROSS JOIN LATERAL (SELECT m.member, m.group_member FROM group_members m
			WHERE m.member = up.group_member OFFSET 0) g`,
	}
}

func isCode(code string) func(error) bool {
	return func(err error) bool {
		var e *pgconn.PgError
		return errors.As(err, &e) && e.Code == code
	}
}

// search is tsvector. Words come split and folded, so the vector is written out instead of parsed from text: so both
// databases find the same, whatever the server's locale.
type search struct{}

// maxVector is PostgreSQL's bound on a tsvector's lexemes, with room for what each costs.
const maxVector = 900 << 10

// Index implements query.Search.
func (search) Index(ctx context.Context, tx query.Conn, seq int64, id content.ResourceID, t content.SearchText, title, body []string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO search_docs (seq, resource_id, name, tags, description, source, outputs, words)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text::tsvector)`,
		seq, id, t.Name, t.Tags, t.Description, t.Source, t.Outputs, vector(seq, title, body))
	return err
}

// Clear implements query.Search: each row's words are replaced.
func (search) Clear(context.Context, query.Conn) error { return nil }

// Words implements query.Search.
func (search) Words(ctx context.Context, tx query.Conn, seq int64, title, body []string) error {
	_, err := tx.ExecContext(ctx, "UPDATE search_docs SET words = $2::text::tsvector WHERE seq = $1", seq, vector(seq, title, body))
	return err
}

// stretch is how many places share a lexeme of their own, "#" and a number, by which the index finds them: so it meets
// a frequent word with a few documents instead of fetching all that hold it.
const stretch = 1024

// vector writes a tsvector: each word once, without places.
func vector(seq int64, title, body []string) string {
	words := slices.Concat(title, body)
	slices.Sort(words)
	words = slices.Compact(words)
	var b strings.Builder
	fmt.Fprintf(&b, "'#%d' ", seq/stretch)
	for _, w := range words {
		if b.Len()+len(w) > maxVector {
			break
		}
		b.WriteString("'" + w + "' ")
	}
	return b.String()
}

// Match implements query.Search.
func (search) Match(terms []content.Term, from, to int64, arg func(any) string) (tables, where, order string) {
	var parts, prefixes []string
	for _, t := range terms {
		part := "'" + t.Word + "'"
		if t.Prefix {
			part += ":*"
		}
		for _, w := range t.Or {
			part += " | '" + w + "'"
		}
		part = "(" + part + ")"
		if t.Prefix && to > 0 && to-from <= stretch+1 {
			// The index would collect every document with any word that begins so, before it looks where they are.
			prefixes = append(prefixes, part)
		} else {
			parts = append(parts, part)
		}
	}
	if to > 0 {
		var stretches []string
		for n := from / stretch; n <= (to-1)/stretch; n++ {
			stretches = append(stretches, fmt.Sprintf("'#%d'", n))
		}
		parts = append(parts, "("+strings.Join(stretches, " | ")+")")
	}
	where = "d.words @@ " + arg(strings.Join(parts, " & ")) + "::text::tsquery"
	if len(prefixes) > 0 {
		where += " AND COALESCE(d.words, '') @@ " + arg(strings.Join(prefixes, " & ")) + "::text::tsquery"
	}
	return "search_docs d", where, "d.seq"
}

// Reaches implements query.Search.
func (search) Reaches() []int64 { return []int64{stretch, 16 * stretch} }
