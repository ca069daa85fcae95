package run

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sextant/content"
	"sextant/content/notebook"
)

// Bounds of parameters.
const (
	maxParameters = 100
	maxDepth      = 20
)

var parameterName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)

// check says what keeps parameters from being set.
func checkParameters(values map[string]json.RawMessage) error {
	if len(values) > maxParameters {
		return fmt.Errorf("%w parameters: at most %d, not %d", content.ErrInvalid, maxParameters, len(values))
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !parameterName.MatchString(name) {
			return fmt.Errorf("%w parameter %.60q: a name is letters, digits and underscores", content.ErrInvalid, name)
		}
	}
	return nil
}

// language is that of a notebook's kernel, as far as parameters can be set in it: "python", "sql", or empty.
func language(nb *notebook.Notebook) string {
	info, spec := nb.Metadata["language_info"].Object(), nb.Metadata["kernelspec"].Object()
	for _, v := range []notebook.Value{info["name"], spec["language"], spec["name"]} {
		name, _ := v.Text()
		switch name = strings.ToLower(name); {
		case strings.Contains(name, "python"):
			return "python"
		case name == "sql", name == "sextant":
			return "sql"
		case name != "":
			return ""
		}
	}
	return ""
}

// assignments is code that sets parameters, in order of their names.
func assignments(lang string, values map[string]json.RawMessage) (string, error) {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(values)) {
		switch lang {
		case "python":
			v, err := literal(values[name], python, 0)
			if err != nil {
				return "", fmt.Errorf("parameter %s: %w", name, err)
			}
			fmt.Fprintf(&b, "%s = %s\n", name, v)
		case "sql":
			v, err := literal(values[name], sql, 0)
			if err != nil {
				return "", fmt.Errorf("parameter %s: %w", name, err)
			}
			if strings.ContainsAny(v, "\r\n") { // a magic is one line
				fmt.Fprintf(&b, "SET VARIABLE %s = %s;\n", name, v)
			} else { // and keeps a parameter's type
				fmt.Fprintf(&b, "%%params %s=%s\n", name, v)
			}
		default:
			return "", fmt.Errorf("%w parameters: they can be set in SQL and in Python; this notebook's kernel speaks another language", content.ErrInvalid)
		}
	}
	return b.String(), nil
}

// dialect writes literals of a language.
type dialect struct {
	null, yes, no string
	text          func(string) string
}

var (
	python = dialect{"None", "True", "False", strconv.QuoteToASCII} // Go's escapes are Python's too
	sql    = dialect{"NULL", "true", "false", func(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }}
)

// literal writes a JSON value as a literal.
func literal(value json.RawMessage, d dialect, depth int) (string, error) {
	broken := func(why string) (string, error) {
		return "", fmt.Errorf("%w value %.60q: %s", content.ErrInvalid, value, why)
	}
	value = bytes.TrimSpace(value)
	if depth > maxDepth {
		return broken("it is nested too deep")
	}
	if !json.Valid(value) {
		return broken("it is no JSON")
	}
	switch value[0] {
	case 'n':
		return d.null, nil
	case 't':
		return d.yes, nil
	case 'f':
		return d.no, nil
	case '"':
		var s string
		if err := json.Unmarshal(value, &s); err != nil {
			return broken(err.Error())
		}
		if strings.ContainsRune(s, 0) {
			return broken("it has a zero byte")
		}
		return d.text(s), nil
	case '[':
		var all []json.RawMessage
		if err := json.Unmarshal(value, &all); err != nil {
			return broken(err.Error())
		}
		parts := make([]string, len(all))
		for i, v := range all {
			var err error
			if parts[i], err = literal(v, d, depth+1); err != nil {
				return "", err
			}
		}
		return "[" + strings.Join(parts, ", ") + "]", nil
	case '{':
		var all map[string]json.RawMessage
		if err := json.Unmarshal(value, &all); err != nil {
			return broken(err.Error())
		}
		parts := make([]string, 0, len(all))
		for _, k := range slices.Sorted(maps.Keys(all)) {
			v, err := literal(all[k], d, depth+1)
			if err != nil {
				return "", err
			}
			parts = append(parts, d.text(k)+": "+v)
		}
		return "{" + strings.Join(parts, ", ") + "}", nil
	}
	return string(value), nil // a number
}

// inject puts parameters into a notebook as papermill does: in a cell tagged injected-parameters, after the one tagged
// parameters, in the place of an earlier one, or at the top. It gives the cell's id.
func inject(nb *notebook.Notebook, values map[string]json.RawMessage) (string, error) {
	code, err := assignments(language(nb), values)
	if err != nil {
		return "", err
	}
	comment := "# Parameters\n"
	if language(nb) == "sql" {
		comment = "-- Parameters\n"
	}
	cell, err := injected(comment + strings.TrimSuffix(code, "\n"))
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(nb.Cells, func(c notebook.Cell) bool { return tagged(c, "injected-parameters") })
	if at >= 0 {
		cell.ID = nb.Cells[at].ID
		nb.Cells[at] = cell
		return cell.ID, nil
	}
	at = 1 + slices.IndexFunc(nb.Cells, func(c notebook.Cell) bool { return tagged(c, "parameters") })
	nb.Cells = slices.Insert(nb.Cells, at, cell)
	notebook.RepairIDs(nb)
	return nb.Cells[at].ID, nil
}

// injected is a cell that sets parameters, without an id.
func injected(code string) (notebook.Cell, error) {
	tags, err := notebook.ParseValue([]byte(`["injected-parameters"]`))
	return notebook.Cell{Type: notebook.Code, Source: code, Metadata: notebook.Object{"tags": tags}}, err
}

// tagged reports whether a cell has a tag.
func tagged(c notebook.Cell, tag string) bool {
	return slices.ContainsFunc(c.Metadata["tags"].Array(), func(v notebook.Value) bool {
		text, ok := v.Text()
		return ok && text == tag
	})
}

// scriptParameters is SQL that sets a script's parameters: the values given, and the defaults of the others.
func scriptParameters(h notebook.Header, values map[string]json.RawMessage) (string, error) {
	var b strings.Builder
	for _, p := range h.Parameters {
		v := p.Default
		if given, ok := values[p.Name]; ok {
			var err error
			if v, err = literal(given, sql, 0); err != nil {
				return "", fmt.Errorf("parameter %s: %w", p.Name, err)
			}
		}
		if v == "" {
			return "", fmt.Errorf("%w parameters: %s has no value", content.ErrInvalid, p.Name)
		}
		if p.Type != "" {
			v = "CAST(" + v + " AS " + p.Type + ")"
		}
		fmt.Fprintf(&b, "SET VARIABLE %q = %s;\n", p.Name, v)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !slices.ContainsFunc(h.Parameters, func(p notebook.Parameter) bool { return p.Name == name }) {
			return "", fmt.Errorf("%w parameters: the script has none called %s", content.ErrInvalid, name)
		}
	}
	return b.String(), nil
}
