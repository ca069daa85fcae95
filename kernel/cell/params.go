package cell

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"sextant/kernel"
	"sextant/kernel/engine"
	"sextant/kernel/sqltext"
)

// param is a parameter: a SQL variable whose value came as a value, never as SQL.
type param struct {
	value engine.Value
	// overridden: a runner gave it, and what the notebook says is only its type.
	overridden bool
}

// setParam sets the SQL variable to the value, cast to the parameter's type.
func (r *run) setParam(ctx context.Context, name string, p param) error {
	value := "$v"
	if p.value.Type != "" {
		value = "CAST($v AS " + p.value.Type + ")"
	}
	if err := r.exec(ctx, "SET VARIABLE "+sqltext.QuoteIdent(name)+" = "+value, map[string]engine.Value{"v": p.value}); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Shell.params[name] = p
	return nil
}

// override takes the parameters that the request brings.
func (r *run) override(ctx context.Context) error {
	given := r.meta.Sextant.Parameters
	names := make([]string, 0, len(given))
	for name := range given {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		v, err := jsonValue(given[name])
		if err != nil {
			return &kernel.Failure{Name: "ParameterException", Value: fmt.Sprintf("parameter %s: %v", name, err)}
		}
		p := param{value: engine.Value{V: v}, overridden: true}
		if old, ok := r.Shell.params[name]; ok {
			p.value.Type = old.value.Type
		}
		if err := r.setParam(ctx, name, p); err != nil {
			return r.failureOf(ctx, err, statement{start: -1}, nil)
		}
	}
	return nil
}

// jsonValue reads JSON into the values that engines take: whole numbers as int64.
func jsonValue(raw json.RawMessage) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	return plainValue(v)
}

func plainValue(v any) (any, error) {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n, nil
		}
		return v.Float64()
	case []any:
		for i := range v {
			var err error
			if v[i], err = plainValue(v[i]); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for k := range v {
			var err error
			if v[k], err = plainValue(v[k]); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

// edit replaces a piece of a statement.
type edit struct {
	start, end int
	text       string
}

// bind gives the statement as the engine is to have it, and a function that maps byte offsets in it back to the user's
// text: each $name is a reference to the variable of that name, so that a value never becomes SQL, and each file that lies in
// the shell's directory is named in full.
func (r *run) bind(ctx context.Context, stmt statement) (sql string, offset func(int) int, err error) {
	edits, err := r.bindParams(ctx, stmt)
	if err != nil {
		return "", nil, err
	}
	if r.opts.Directory != "" {
		edits = append(edits, bindPaths(stmt.sql, r.opts.Directory)...)
		slices.SortFunc(edits, func(a, b edit) int { return a.start - b.start })
	}
	sql, offset = apply(stmt.sql, edits)
	return sql, offset, nil
}

// apply makes the edits, which are in order, and gives a function that maps byte offsets of the new text back to the old.
func apply(text string, edits []edit) (string, func(int) int) {
	if len(edits) == 0 {
		return text, func(i int) int { return i }
	}
	var b strings.Builder
	type shift struct{ at, by int } // from this offset of the new text on, the old is that much less
	var shifts []shift
	from := 0
	for _, e := range edits {
		b.WriteString(text[from:e.start])
		b.WriteString(e.text)
		from = e.end
		shifts = append(shifts, shift{at: b.Len(), by: b.Len() - from})
	}
	b.WriteString(text[from:])
	return b.String(), func(i int) int {
		by := 0
		for k, s := range shifts {
			if i < s.at {
				// Within a replacement: the place is what was replaced.
				return min(i-by, edits[k].start)
			}
			by = s.by
		}
		return i - by
	}
}

// within names a file in full, where its name is relative to a directory.
func within(dir, path string) string {
	if dir == "" || path == "" || strings.HasPrefix(path, "~") || strings.Contains(path, ":") || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// bindPaths names the files of a directory in full: those that are there, and those that the statement makes there.
func bindPaths(sql, dir string) []edit {
	var out []edit
	for _, p := range sqltext.Paths(sql) {
		full := within(dir, p.Path)
		if full == p.Path {
			continue
		}
		if !p.Creates {
			if found, err := filepath.Glob(full); (err != nil || len(found) == 0) && !strings.Contains(p.Path, "**") {
				continue // the engine says that it is not there, by the name that the user gave
			}
		}
		out = append(out, edit{p.Start, p.End, sqltext.QuoteString(full)})
	}
	return out
}

// bindParams gives the replacements for parameters.
func (r *run) bindParams(ctx context.Context, stmt statement) ([]edit, error) {
	params := sqltext.Params(stmt.sql)
	// A prepared statement's parameters are its own.
	if len(params) == 0 || sqltext.FirstKeyword(stmt.sql) == "PREPARE" {
		return nil, nil
	}
	known := r.paramNames()
	variables := false
	var edits []edit
	for _, p := range params {
		name := pick(p.Name, known)
		if name == "" && !variables {
			// SET VARIABLE makes a parameter just as well.
			variables = true
			known = append(known, r.variables(ctx)...)
			name = pick(p.Name, known)
		}
		if name == "" {
			at := -1
			if stmt.start >= 0 {
				at = stmt.start + p.Start
			}
			hint := "set it: %params " + p.Name + "=…"
			if near := sqltext.Nearest(p.Name, known); near != "" {
				hint = "did you mean $" + near + "? Or " + hint
			}
			return nil, r.fail(at, "ParameterException", "the parameter $"+p.Name+" has no value", hint)
		}
		edits = append(edits, edit{p.Start, p.End, "getvariable(" + sqltext.QuoteString(name) + ")"})
	}
	return edits, nil
}

// pick finds a name without regard to case; the exact one wins.
func pick(name string, names []string) string {
	found := ""
	for _, have := range names {
		if have == name {
			return have
		}
		if found == "" && strings.EqualFold(have, name) {
			found = have
		}
	}
	return found
}

func (s *Shell) paramNames() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := make([]string, 0, len(s.params))
	for name := range s.params {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// variables names the session's SQL variables.
func (r *run) variables(ctx context.Context) []string {
	rows, err := r.query(ctx, "SELECT name FROM duckdb_variables() ORDER BY 1", nil)
	if err != nil {
		return nil // the parameter is then unknown, which is said in its own words
	}
	names := make([]string, len(rows))
	for i, row := range rows {
		names[i] = row[0]
	}
	return names
}
