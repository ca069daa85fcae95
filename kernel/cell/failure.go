package cell

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"sextant/kernel"
	"sextant/kernel/engine"
	"sextant/kernel/sqltext"
)

// fail is an error of ours at a place in the cell; a negative one has no place.
func (r *run) fail(at int, name, value, hint string) *kernel.Failure {
	f := &kernel.Failure{Name: name, Value: value}
	lines := []string{"\x1b[31m" + name + "\x1b[0m: " + value}
	if at >= 0 {
		lines = append(lines, "", sqltext.Caret(r.cell.Code, at))
	}
	if hint != "" {
		lines = append(lines, "", "Hint: "+hint)
	}
	f.Traceback = lines
	return f
}

// failureOf tells an error of a statement in the user's terms: the engine's message, its place in the cell, what may have
// been meant, what to do, and what of the cell was run.
func (r *run) failureOf(ctx context.Context, err error, stmt statement, offset func(int) int) error {
	if errors.Is(err, engine.ErrInterrupted) || errors.Is(err, context.Canceled) {
		return r.interrupted()
	}
	var e *engine.Error
	if !errors.As(err, &e) {
		return err
	}
	message := withoutCandidates(e.Message)
	f := &kernel.Failure{Name: e.Class, Value: message}
	lines := []string{"\x1b[31m" + e.Class + "\x1b[0m: " + message}
	if stmt.start >= 0 && e.Position >= 0 {
		lines = append(lines, "", sqltext.Caret(r.cell.Code, stmt.start+offset(e.Position)))
	}
	if len(e.Candidates) > 0 && !strings.Contains(message, "Candidate functions:") { // which lists them already
		suggestion := "Did you mean " + quoteList(e.Candidates) + "?"
		lines = append(lines, "", suggestion)
		f.Value += " " + suggestion
	}
	if e.Hint != "" {
		lines = append(lines, "", "Hint: "+e.Hint)
	}
	if open, aborted := r.session.InTransaction(ctx); open && aborted && e.Class != "TransactionContextException" {
		lines = append(lines, "", "The transaction is aborted by this error: nothing in it will be kept. Run ROLLBACK, then start again.")
	}
	if r.total > 1 {
		lines = append(lines, "", r.ranSoFar())
	}
	f.Traceback = lines
	return f
}

// ranSoFar says which statements of the cell were run.
func (r *run) ranSoFar() string {
	text := fmt.Sprintf("This is statement %d of %d", r.count, r.total)
	switch {
	case r.count == 2:
		text += "; the one before it was run"
	case r.count > 2:
		text += fmt.Sprintf("; the %d before it were run", r.count-1)
	}
	switch rest := r.total - r.count; {
	case rest == 1:
		text += "; the one after it was not"
	case rest > 1:
		text += fmt.Sprintf("; the %d after it were not", rest)
	}
	return text + "."
}

func (r *run) interrupted() error {
	f := *kernel.Interrupted
	f.Traceback = []string{"\x1b[31mInterrupted\x1b[0m: the statement was stopped; the session, its tables and settings are as they were"}
	return &f
}

// withoutCandidates leaves out DuckDB's own lines of suggestions, which are shown apart.
func withoutCandidates(message string) string {
	lines := strings.Split(message, "\n")
	kept := lines[:0]
	for _, l := range lines {
		if strings.HasPrefix(l, "Did you mean ") || strings.HasPrefix(l, "Candidate bindings:") {
			continue
		}
		kept = append(kept, l)
	}
	return strings.TrimSpace(strings.Join(kept, "\n"))
}

func quoteList(names []string) string {
	const most = 5
	quoted := make([]string, 0, most)
	for _, n := range names[:min(most, len(names))] {
		quoted = append(quoted, `"`+n+`"`)
	}
	if len(quoted) == 1 {
		return quoted[0]
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " or " + quoted[len(quoted)-1]
}
