// Package cell gives the cells of a SQL notebook their meaning: statements, magics and help lines in order, their
// results shown as they come, progress while they run, and errors at the place in the user's own text.
package cell

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"sextant/kernel"
	"sextant/kernel/engine"
	"sextant/kernel/sqltext"
	"sextant/kernel/wire"
)

// Options are what shells of one kernel have in common.
type Options struct {
	// Rows shown of a result; 0 means 1,000.
	Rows int
	// ResultDir is where full results are stored for requests that ask for it; empty: where the request says.
	ResultDir string
	// Directory is what the names of files in statements are relative to, where such a file is there; empty: the process's
	// working directory alone.
	Directory string
	// Locked: requests may not name a directory of their own for results.
	Locked bool
	// Notices are lines that a shell's first cell begins with.
	Notices []string
	// Parameters are SQL variables that a shell begins with, as JSON.
	Parameters map[string]json.RawMessage
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Shell runs cells over one engine session. It implements kernel.Shell.
type Shell struct {
	opts    Options
	eng     engine.Engine
	session engine.Session

	mu     sync.Mutex // guards what follows: looks read while a cell runs
	limit  int
	timing bool
	params map[string]param

	noticed bool // the notices were shown

	lastQuery string // the last SELECT run, for magics that come after it
}

var _ kernel.Shell = (*Shell)(nil)

// New opens a session of eng for a shell, which closes it.
func New(ctx context.Context, eng engine.Engine, opts Options) (*Shell, error) {
	s, err := eng.NewSession(ctx)
	if err != nil {
		return nil, err
	}
	if opts.Rows <= 0 {
		opts.Rows = 1000
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	sh := &Shell{opts: opts, eng: eng, session: s, limit: opts.Rows, params: map[string]param{}}
	if err := sh.begin(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return sh, nil
}

// begin sets the variables that a shell begins with.
func (s *Shell) begin(ctx context.Context) error {
	r := &run{Shell: s}
	for _, name := range slices.Sorted(maps.Keys(s.opts.Parameters)) {
		v, err := jsonValue(s.opts.Parameters[name])
		if err == nil {
			err = r.setParam(ctx, name, param{value: engine.Value{V: v}})
		}
		if err != nil {
			return fmt.Errorf("parameter %s: %w", name, err)
		}
	}
	return nil
}

// Close ends the session.
func (s *Shell) Close() error { return s.session.Close() }

// metadata is what an execute_request may ask of us, under the key "sextant" of its metadata.
type metadata struct {
	Sextant struct {
		// StoreResult asks for each full result to be written as Parquet.
		StoreResult *storeRequest `json:"store_result"`
		// Parameters override what %params sets in this and later cells, by name.
		Parameters map[string]json.RawMessage `json:"parameters"`
	} `json:"sextant"`
}

// run is the running of one cell.
type run struct {
	*Shell
	cell   kernel.Cell
	meta   metadata
	screen *screen
	parts  []sqltext.Part
	at     int // the part being run
	count  int // statements begun
	total  int // statements in the cell
	stored int // results that storing was begun for
	// pending is a magic that waits for the statement under it.
	pending *pendingMagic
}

// pendingMagic is a magic such as %chart, which says what to do with the statement that follows.
type pendingMagic struct {
	part sqltext.Part
	do   func(ctx context.Context, stmt statement) error
}

// statement is a piece of SQL and where it stands in the cell.
type statement struct {
	sql   string
	start int // byte offset in the cell; negative for SQL that is not in it
	last  bool
}

// Run runs one cell; see kernel.Shell.
func (s *Shell) Run(ctx context.Context, cell kernel.Cell, out kernel.Output) error {
	r := &run{Shell: s, cell: cell, screen: newScreen(out)}
	if len(cell.Metadata) > 0 {
		if err := json.Unmarshal(cell.Metadata, &r.meta); err != nil {
			return &kernel.Failure{Name: "BadRequest", Value: "the request's metadata: " + err.Error()}
		}
	}
	defer r.screen.finish()
	if !s.noticed && len(s.opts.Notices) > 0 && !cell.Silent {
		s.noticed = true
		r.screen.stream("stderr", strings.Join(s.opts.Notices, "\n")+"\n")
	}
	if err := r.override(ctx); err != nil {
		return err
	}
	r.parts = sqltext.Split(cell.Code)
	for _, p := range r.parts {
		if p.Kind == sqltext.Statement {
			r.total++
		}
	}
	for i, p := range r.parts {
		r.at = i
		if err := r.part(ctx, p); err != nil {
			return err
		}
	}
	if r.pending != nil {
		return r.runPendingOnLast(ctx)
	}
	return nil
}

func (r *run) part(ctx context.Context, p sqltext.Part) error {
	if err := ctx.Err(); err != nil {
		return r.interrupted()
	}
	switch p.Kind {
	case sqltext.Magic:
		if r.pending != nil {
			return r.fail(r.pending.part.Start, "UsageError", fmt.Sprintf("%%%s needs a query below it", r.pending.part.Magic.Name), "")
		}
		return r.magic(ctx, p)
	case sqltext.Help:
		return r.help(ctx, p.Help.Target, p.Help.Detail)
	}
	r.count++
	stmt := statement{sql: p.Text, start: p.Start, last: r.at == len(r.parts)-1}
	if r.pending != nil {
		do := r.pending.do
		r.pending = nil
		return do(ctx, stmt)
	}
	return r.statement(ctx, stmt)
}

// runPendingOnLast gives a magic that has nothing below it the last query that was run.
func (r *run) runPendingOnLast(ctx context.Context) error {
	p := r.pending
	r.pending = nil
	if r.lastQuery == "" {
		return r.fail(p.part.Start, "UsageError", fmt.Sprintf("%%%s needs a query: write one below it, or run one first", p.part.Magic.Name), "")
	}
	return p.do(ctx, statement{sql: r.lastQuery, start: -1, last: true})
}

// Evaluate gives a user expression's value as text.
func (s *Shell) Evaluate(ctx context.Context, expression string) (wire.MIMEBundle, error) {
	r := &run{Shell: s}
	rows, err := r.query(ctx, "SELECT "+expression, nil)
	if err != nil {
		return nil, err
	}
	text := ""
	if len(rows) > 0 && len(rows[0]) > 0 {
		text = rows[0][0]
	}
	raw, err := wire.Marshal(text)
	return wire.MIMEBundle{"text/plain": raw}, err
}

// IsComplete tells a console whether to run the text on Enter.
func (s *Shell) IsComplete(code string) wire.IsCompleteReply {
	c := sqltext.Complete(code, nil)
	return wire.IsCompleteReply{Status: string(c.Status), Indent: c.Indent}
}
