// Package engine is the contract between the kernel and what executes SQL.
//
// An Engine is one database in this process. A Session is one connection to it: its own transaction, temporary
// tables and settings. A Result is a stream of Arrow record batches. What only some engines can do is an optional
// interface that a Session may also have: Progresser, Catalog, Describer.
package engine

import (
	"context"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
)

// Engine opens sessions over one database. It is safe for concurrent use.
type Engine interface {
	// Name is the engine's name for people: "DuckDB".
	Name() string
	// Version is the engine's own version: "v1.5.5".
	Version() string
	// NewSession opens a connection of its own. The caller closes it.
	NewSession(ctx context.Context) (Session, error)
	// Close ends the database. Every session must have been closed before.
	Close() error
}

// Session is one connection. Query and Close are called by one goroutine at a time.
type Session interface {
	// Query starts one statement and returns when its first rows are there, or when it has ended if it gives none.
	// Errors are *Error wherever the engine itself spoke, and ErrInterrupted when ctx ended first. A cancelled ctx
	// interrupts the statement; Query returns only when the engine has let go of it, so the next statement is never
	// hit by an old interrupt. The caller closes the result before the next Query.
	Query(ctx context.Context, q Query) (Result, error)
	// InTransaction reports whether an explicit transaction is open, and whether an error has aborted it.
	InTransaction(ctx context.Context) (open, aborted bool)
	Close() error
}

// Query is one statement and its parameters.
type Query struct {
	SQL string
	// Params binds the statement's named parameters ($name). A statement that uses a name not given here is an error.
	Params map[string]Value
}

// Value is a parameter's value: nil, bool, int64, float64, string, []any or map[string]any (as encoding/json gives
// them, but integers as int64), cast to the SQL type named by Type where that is not empty.
type Value struct {
	V    any
	Type string
}

// Kind says what a statement gives.
type Kind int

const (
	// Rows is a result with columns, possibly of no rows.
	Rows Kind = iota
	// Changed is the number of rows that an INSERT, UPDATE, DELETE or COPY changed.
	Changed
	// Done is a statement that gives nothing: DDL, SET, BEGIN.
	Done
)

// Result is the outcome of one statement. Next and Close are called by one goroutine.
type Result interface {
	Kind() Kind
	// Columns describes the result for people, in order. Empty unless Kind is Rows.
	Columns() []Column
	// Schema is the Arrow schema of every batch: plain Arrow types only, no extension types. What has no faithful
	// Arrow type (TIMETZ, UHUGEINT, BIT, BIGNUM, VARIANT, UUID, GEOMETRY) comes as a string, written as the engine
	// writes it; HUGEINT comes as decimal128(38, 0) holding the full 128 bits.
	Schema() *arrow.Schema
	// Next gives the next batch, which the caller releases, or io.EOF. It holds at most one engine chunk in memory.
	Next(ctx context.Context) (arrow.RecordBatch, error)
	// RowsChanged is the number of rows changed. Valid when Kind is Changed.
	RowsChanged() int64
	// Verb is the statement's kind in SQL words: "SELECT", "CREATE TABLE", "INSERT".
	Verb() string
	// Pure reports that leaving the rest of the rows unread changes nothing in the database.
	Pure() bool
	// Close ends the statement and frees it. It may be called at any time and more than once.
	Close() error
}

// Column is one column of a result.
type Column struct {
	Name string
	// Type is the engine's own name of the type: "DECIMAL(18,3)", "STRUCT(a INTEGER, b VARCHAR[])".
	Type string
}

// Progress is how far a running statement is.
type Progress struct {
	// Percent is 0 to 100, or negative while it is not known.
	Percent float64
	// Rows done and rows expected; 0 while not known.
	Rows, Total uint64
	Elapsed     time.Duration
}

// Progresser reports progress; it may be called while Query or Next runs.
type Progresser interface {
	Progress() Progress
}
