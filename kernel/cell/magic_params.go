package cell

import (
	"context"
	"errors"
	"strings"

	"sextant/kernel/display"
	"sextant/kernel/engine"
	"sextant/kernel/sqltext"
)

func paramsMagic() magic {
	return magic{
		name: "params", usage: "[NAME[:TYPE]=VALUE …]", short: "set parameters, which statements use as $name",
		long: "Values are literals: `'EU'`, `10`, `1.5`, `true`, `null`, `[1, 2]`, `{'a': 1}`. A type after a colon casts: `since:DATE='2024-01-01'`.\n\n" +
			"Use them as `$name` in any statement, or as `getvariable('name')`. A value is bound, never pasted into SQL.\n\n" +
			"A parameter keeps the type it was declared with. A runner (papermill, a schedule, an embed) may override its value.\n\n" +
			"Without arguments: list them.",
		run: (*run).paramsMagic,
	}
}

func (r *run) paramsMagic(ctx context.Context, c call) error {
	if strings.TrimSpace(c.part.Magic.Args) == "" {
		return r.listParams(ctx)
	}
	assignments, err := sqltext.ParseAssignments(c.part.Magic.Args, c.part.Magic.ArgsStart)
	var bad *sqltext.Error
	if errors.As(err, &bad) {
		return r.usage(c, bad.Start, bad.Message)
	}
	if err != nil {
		return err
	}
	var kept []string
	for _, a := range assignments {
		if a.Type != "" {
			if at, ok := r.isType(ctx, a.Type); !ok {
				return r.fail(a.TypeStart, "UsageError", at, "")
			}
		}
		p := param{value: engine.Value{V: a.Value, Type: a.Type}}
		r.mu.Lock()
		old, have := r.Shell.params[a.Name]
		r.mu.Unlock()
		if a.Type == "" { // papermill and the like write NAME=VALUE into a cell of their own
			p.value.Type = old.value.Type
		}
		if have && old.overridden {
			p.value.V, p.overridden = old.value.V, true
			kept = append(kept, a.Name)
		}
		if err := r.setParam(ctx, a.Name, p); err != nil {
			var e *engine.Error
			if errors.As(err, &e) {
				if p.overridden {
					return r.fail(a.ValueStart, e.Class, "the value given for "+a.Name+" from outside does not fit: "+e.Message, "")
				}
				hint := ""
				if a.Type == "" && p.value.Type != "" {
					hint = a.Name + " was declared as " + p.value.Type + "; give another type as %params " + a.Name + ":TYPE=…"
				}
				return r.fail(a.ValueStart, e.Class, e.Message, hint)
			}
			return r.failureOf(ctx, err, statement{start: -1}, nil)
		}
	}
	if len(kept) > 0 {
		r.screen.stream("stdout", "Set from outside: "+strings.Join(kept, ", ")+".\n")
	}
	return nil
}

// isType asks the engine whether a text is a type and nothing else, before it becomes part of a cast.
func (r *run) isType(ctx context.Context, text string) (problem string, ok bool) {
	if !typeText(text) {
		return "“" + text + "” is no type", false
	}
	if _, err := r.query(ctx, "SELECT CAST(NULL AS "+text+")", nil); err != nil {
		var e *engine.Error
		if errors.As(err, &e) {
			return e.Message, false
		}
		return err.Error(), false
	}
	return "", true
}

// typeText lets through only what types are written with: names, numbers, brackets, commas and quoted names.
func typeText(text string) bool {
	depth := 0
	quoted := false
	for _, c := range text {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth < 0 {
				return false
			}
		case c == '_' || c == ' ' || c == ',' || c == '[' || c == ']' || c == '.' || c == '\'',
			c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c > 0x7f:
		default:
			return false
		}
	}
	return depth == 0 && !quoted
}

func (r *run) listParams(ctx context.Context) error {
	res, err := r.session.Query(ctx, engine.Query{SQL: "SELECT name, type, value FROM duckdb_variables() ORDER BY name"})
	if err != nil {
		return err
	}
	return r.showAll(ctx, res, display.Limits{})
}
