// Package query is the one set of SQL statements that every database runs: content.Store over database/sql. A Dialect
// holds the little that differs. Parameters are $1, $2; times are microseconds; a list is one JSON parameter.
package query

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/semaphore"

	"sextant/content"
)

// Dialect is what differs between databases.
type Dialect struct {
	// Lock is run first in each writing transaction; it makes all of them wait for each other. Empty where the
	// database does that by itself.
	Lock string
	// ReadOptions begins a reading transaction, WriteOptions a writing one; nil is the database's default.
	ReadOptions, WriteOptions *sql.TxOptions
	// Elements selects the elements of a JSON array given as a parameter, as value; %s is its place.
	Elements string
	// In is the condition that a column is one of what a query selects; %[1]s is the column, %[2]s the query.
	In string
	// Taken reports whether an error is a broken uniqueness constraint, Missing a broken reference.
	Taken, Missing func(error) bool
	// Position is the function that finds a text in another.
	Position string
	// Climb joins group_members as g to the groups found so far, which are up, in a way that looks them up one by one.
	Climb string
	// Search is the full-text statements.
	Search Search
	// Fence tells that a planner has to be kept from mixing a search with the rest of its statement.
	Fence bool
	// Embedded tells that statements run within this process, where a short one need not be told to stop: listening
	// for that costs as much as running it. Transactions are then begun by BeginRead and BeginWrite, since database/sql's
	// own start a goroutine, and another for each of their queries.
	Embedded              bool
	BeginRead, BeginWrite string
	// Filter stands before a match's number where it is compared with a list, to say how: by going through the
	// matches ("+") or through the list ("").
	Filter string
}

// Conn is what statements of one transaction run on.
type Conn interface {
	ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error)
}

// Search is how a database indexes and finds words. Those of names, tags and descriptions are indexed twice: as they
// are, and with TitleMark before them, so that what is searched in titles alone meets no other document.
type Search interface {
	// Index adds a row to search_docs with its words: title is marked already, body is every word.
	Index(ctx context.Context, tx Conn, seq int64, id content.ResourceID, text content.SearchText, title, body []string) error
	// Clear drops the words of all rows, Words sets those of one.
	Clear(ctx context.Context, tx Conn) error
	Words(ctx context.Context, tx Conn, seq int64, title, body []string) error
	// Match gives the tables and the condition of a search, as in "FROM … WHERE …", with search_docs as d; arg adds
	// a parameter and gives its place. order is the column to sort by. Terms come marked where titles are searched.
	// With to over 0 only places from from up to to need be found, where the database can tell them apart quickly.
	Match(terms []content.Term, from, to int64, arg func(any) string) (tables, where, order string)
	// Reaches are how many of the newest places to look through before all, one after the other; none: all at once.
	Reaches() []int64
}

// TitleMark begins the words of titles in the index. It is a letter to every tokenizer, of the Vai syllabary, which
// words of no other script have.
const TitleMark = "\uA500"

func marked(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = TitleMark + w
	}
	return out
}

// Store is content.Store over two pools, one of which writes; they can be the same.
type Store struct {
	read, write *sql.DB
	dialect     Dialect
	// turn lets writers of an embedded database begin in the order they came; database/sql picks any.
	turn *semaphore.Weighted
}

// New takes the pools over; Close closes them.
func New(read, write *sql.DB, d Dialect) *Store {
	return &Store{read: read, write: write, dialect: d, turn: semaphore.NewWeighted(1)}
}

// Close implements content.Store.
func (s *Store) Close() error {
	err := s.write.Close()
	if s.read != s.write {
		err = errors.Join(err, s.read.Close())
	}
	return err
}

// View implements content.Store.
func (s *Store) View(ctx context.Context, fn func(content.Tx) error) error {
	if s.dialect.Embedded {
		return s.embedded(ctx, s.read, s.dialect.BeginRead, fn)
	}
	return s.run(ctx, s.read, s.dialect.ReadOptions, "", fn)
}

// RightsVersion implements content.Store.
func (s *Store) RightsVersion(ctx context.Context) (version int64, err error) {
	conn, err := s.read.Conn(ctx)
	if err != nil {
		return 0, beginning(err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	t := &tx{ctx: ctx, short: ctx, tx: conn, store: s}
	if s.dialect.Embedded {
		t.short = context.WithoutCancel(ctx)
	}
	return t.RightsVersion()
}

// Update implements content.Store.
func (s *Store) Update(ctx context.Context, fn func(content.Tx) error) error {
	if s.dialect.Embedded {
		if err := s.turn.Acquire(ctx, 1); err != nil {
			return err
		}
		defer s.turn.Release(1)
		return s.embedded(ctx, s.write, s.dialect.BeginWrite, fn)
	}
	return s.run(ctx, s.write, s.dialect.WriteOptions, s.dialect.Lock, fn)
}

// beginning is the error of a transaction that cannot begin.
func beginning(err error) error {
	if err.Error() == "sql: database is closed" {
		return content.ErrClosed
	}
	return fmt.Errorf("store: begin: %w", err)
}

// embedded runs a transaction on a connection of its own. The context is looked at between short statements.
func (s *Store) embedded(ctx context.Context, db *sql.DB, begin string, fn func(content.Tx) error) (err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return beginning(err)
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	short := context.WithoutCancel(ctx)
	if _, err := conn.ExecContext(short, begin); err != nil {
		return beginning(err)
	}
	done := false
	defer func() {
		if done {
			return
		}
		if _, err := conn.ExecContext(short, "ROLLBACK"); err != nil { // also when fn panics
			// Some failures have rolled it back already. What is left of it ends with the connection.
			_ = conn.Raw(func(any) error { return driver.ErrBadConn })
		}
	}()
	if err := fn(&tx{ctx: ctx, short: short, tx: conn, store: s}); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if _, err := conn.ExecContext(short, "COMMIT"); err != nil {
		return fmt.Errorf("store: commit: %w", err)
	}
	done = true
	return nil
}

func (s *Store) run(ctx context.Context, db *sql.DB, options *sql.TxOptions, lock string, fn func(content.Tx) error) (err error) {
	sqlTx, err := db.BeginTx(ctx, options)
	if err != nil {
		return beginning(err)
	}
	done := false
	defer func() {
		if !done { // also when fn panics
			if rollback := sqlTx.Rollback(); rollback != nil && !errors.Is(rollback, sql.ErrTxDone) {
				err = errors.Join(err, fmt.Errorf("store: rollback: %w", rollback))
			}
		}
	}()
	t := &tx{ctx: ctx, short: ctx, tx: sqlTx, store: s}
	if lock != "" {
		if err := t.exec(lock); err != nil {
			return err
		}
	}
	if err := fn(t); err != nil {
		return err
	}
	if err := sqlTx.Commit(); err != nil {
		// A cancelled context has rolled it back behind our back.
		if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("store: commit: %w", err)
	}
	done = true
	return nil
}

// tx is content.Tx. It keeps its context because it never outlives the call that was given it.
type tx struct {
	ctx context.Context
	// short is for statements that take no longer than telling them to stop would.
	short context.Context
	tx    Conn
	store *Store
}

func (t *tx) exec(text string, args ...any) error {
	_, err := t.execCount(text, args...)
	return err
}

// execCount runs a statement and gives the number of rows it changed.
func (t *tx) execCount(text string, args ...any) (int64, error) {
	if err := t.ctx.Err(); err != nil {
		return 0, err
	}
	result, err := t.tx.ExecContext(t.short, text, args...)
	if err != nil {
		return 0, t.wrap(err)
	}
	n, err := result.RowsAffected()
	return n, t.wrap(err)
}

// execOne runs a statement that changes one row, or is ErrNotFound.
func (t *tx) execOne(text string, args ...any) error {
	n, err := t.execCount(text, args...)
	if err == nil && n == 0 {
		return content.ErrNotFound
	}
	return err
}

// each runs a query and calls scan for each row; scan is given Rows.Scan.
func (t *tx) each(scan func(func(...any) error) error, text string, args ...any) error {
	return t.rows(t.ctx, scan, text, args...)
}

// few is each for a statement that is over at once: look-ups by key.
func (t *tx) few(scan func(func(...any) error) error, text string, args ...any) error {
	if err := t.ctx.Err(); err != nil {
		return err
	}
	return t.rows(t.short, scan, text, args...)
}

func (t *tx) rows(ctx context.Context, scan func(func(...any) error) error, text string, args ...any) (err error) {
	rows, err := t.tx.QueryContext(ctx, text, args...)
	if err != nil {
		return t.wrap(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := scan(rows.Scan); err != nil {
			return err
		}
	}
	return t.wrap(rows.Err())
}

// one runs a query for one row; none is ErrNotFound.
func (t *tx) one(scan func(func(...any) error) error, text string, args ...any) error {
	found := false
	err := t.few(func(row func(...any) error) error {
		found = true
		return scan(row)
	}, text, args...)
	if err == nil && !found {
		return content.ErrNotFound
	}
	return err
}

// into scans the one row of a query into pointers.
func (t *tx) into(text string, args []any, to ...any) error {
	return t.one(func(row func(...any) error) error { return row(to...) }, text, args...)
}

func (t *tx) wrap(err error) error {
	switch {
	case err == nil:
		return nil
	case t.store.dialect.Taken(err):
		return content.ErrExists
	case t.store.dialect.Missing(err):
		return content.ErrNotFound
	}
	return fmt.Errorf("store: %w", err)
}

// elements is a query for the elements of a JSON array.
func (t *tx) elements(place string) string { return fmt.Sprintf(t.store.dialect.Elements, place) }

// in is the condition that a column is one of what a query selects.
func (t *tx) in(column, query string) string {
	return fmt.Sprintf(t.store.dialect.In, column, query)
}

// inList is the condition that a column is one of a JSON array's elements.
func (t *tx) inList(column, place string) string { return t.in(column, t.elements(place)) }

// below is a query for the folders, none of them hidden, that are among a JSON array's elements or stand below one.
func (t *tx) below(place string) string {
	return `SELECT inner_f.id FROM folders root_f JOIN folders inner_f ON inner_f.chain >= root_f.chain AND inner_f.chain < ` +
		upperOf("root_f.chain") + ` WHERE inner_f.hidden = 0 AND ` + t.inList("root_f.id", place)
}

// upperOf is upper as an expression.
func upperOf(column string) string {
	return "(substr(" + column + ", 1, length(" + column + ") - 1) || '0')"
}

// arguments numbers the parameters of a statement that is put together.
type arguments struct{ values []any }

func (a *arguments) add(v any) string {
	a.values = append(a.values, v)
	return "$" + strconv.Itoa(len(a.values))
}

// list is a slice as one parameter.
func list[T any](values []T) string {
	if len(values) == 0 {
		return "[]"
	}
	text, err := json.Marshal(values)
	if err != nil { // only strings and numbers come here
		panic(err)
	}
	return string(text)
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func toDigest(b []byte) content.Digest {
	var d content.Digest
	copy(d[:], b)
	return d
}

// upper is the end of the range of texts that begin with a chain: a chain ends in a slash, which "0" follows.
func upper(chain string) string { return strings.TrimSuffix(chain, "/") + "0" }

func splitChain(chain string) []content.ResourceID {
	if chain == "" {
		return nil
	}
	parts := strings.Split(strings.TrimSuffix(chain, "/"), "/")
	out := make([]content.ResourceID, len(parts))
	for i, p := range parts {
		out[i] = content.ResourceID(p)
	}
	return out
}

func joinChain(ids []content.ResourceID) string {
	var b strings.Builder
	for _, id := range ids {
		b.WriteString(string(id))
		b.WriteByte('/')
	}
	return b.String()
}
