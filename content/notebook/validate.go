package notebook

import (
	"fmt"
	"slices"
	"strings"
)

// Validate says where nb breaks the schema of its minor version (nbformat.v4.5.schema.json), at most 100 places. Such
// a notebook can be written all the same. In a minor version above 5 unknown fields, cell types and output types are
// right, as for Jupyter.
func Validate(nb *Notebook) []Note {
	c := checker{later: nb.Minor > Minor}
	c.unknown(place{}, nb.Extra)
	c.metadata(nb.Metadata)
	ids := make(map[string]bool, len(nb.Cells))
	for i, cell := range nb.Cells {
		at := place{"cells", i}
		if !ValidID(cell.ID) {
			c.note(append(at, "id"), "not 1 to 64 letters, digits, dashes and underscores")
		} else if ids[cell.ID] {
			c.note(append(at, "id"), "%s is another cell's", cell.ID)
		}
		ids[cell.ID] = true
		c.cell(at, cell)
		if len(c.notes) == maxNotes {
			break
		}
	}
	return c.notes
}

type checker struct {
	// later: the schema is of a version yet unknown.
	later bool
	notes []Note
}

func (c *checker) note(at place, format string, args ...any) {
	if len(c.notes) < maxNotes {
		c.notes = append(c.notes, Note{Place: at.String(), Text: fmt.Sprintf(format, args...)})
	}
}

// sub is the place of a field of at; it does not share at's memory.
func (at place) sub(steps ...any) place { return append(at[:len(at):len(at)], steps...) }

func (c *checker) unknown(at place, extra Object) {
	if c.later {
		return
	}
	for key := range sorted(extra) {
		c.note(at.sub(key), "unknown field")
	}
}

// is notes a value that is not of the JSON type wanted. An absent one is fine.
func (c *checker) is(at place, v Value, want string) bool {
	if v == "" || typeOf(v) == want {
		return true
	}
	c.note(at, "not %s", want)
	return false
}

func typeOf(v Value) string {
	switch v[0] {
	case '{':
		return "an object"
	case '[':
		return "an array"
	case '"':
		return "a string"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	}
	return "a number"
}

func (c *checker) metadata(m Object) {
	for _, required := range [][]string{{"kernelspec", "name", "display_name"}, {"language_info", "name"}} {
		key := required[0]
		at := place{"metadata", key}
		if v := m[key]; v != "" && c.is(at, v, "an object") {
			o := v.Object()
			for _, name := range required[1:] {
				if o[name] == "" {
					c.note(at.sub(name), "missing")
				}
				c.is(at.sub(name), o[name], "a string")
			}
			if key == "language_info" {
				for _, name := range []string{"file_extension", "mimetype", "pygments_lexer"} {
					c.is(at.sub(name), o[name], "a string")
				}
				if mode := o["codemirror_mode"]; mode != "" && mode[0] != '"' && mode[0] != '{' {
					c.note(at.sub("codemirror_mode"), "not a string or an object")
				}
			}
		}
	}
	c.is(place{"metadata", "title"}, m["title"], "a string")
	c.is(place{"metadata", "authors"}, m["authors"], "an array")
}

func (c *checker) cell(at place, cell Cell) {
	switch cell.Type {
	case Code:
		if cell.Attachments != nil && !c.later {
			c.note(at.sub("attachments"), "unknown field")
		}
		if n := cell.ExecutionCount; n != nil && *n < 0 {
			c.note(at.sub("execution_count"), "less than 0")
		}
		for i, out := range cell.Outputs {
			c.output(at.sub("outputs", i), out)
		}
		c.codeMetadata(at.sub("metadata"), cell.Metadata)
	case Markdown, Raw:
		for name, v := range sorted(cell.Attachments) {
			c.bundle(at.sub("attachments", name), v)
		}
		if cell.Type == Raw {
			c.is(at.sub("metadata", "format"), cell.Metadata["format"], "a string")
		}
	default:
		if !c.later {
			c.note(at.sub("cell_type"), "%q is none of code, markdown and raw", cell.Type)
		}
		c.names(at.sub("metadata"), cell.Metadata)
		return
	}
	c.unknown(at, cell.Extra)
	c.names(at.sub("metadata"), cell.Metadata)
	c.is(at.sub("metadata", "jupyter"), cell.Metadata["jupyter"], "an object")
}

func (c *checker) codeMetadata(at place, m Object) {
	c.is(at.sub("collapsed"), m["collapsed"], "true or false")
	if v := m["scrolled"]; v != "" && v != "true" && v != "false" && v != `"auto"` {
		c.note(at.sub("scrolled"), `not true, false or "auto"`)
	}
	if v := m["execution"]; v != "" && c.is(at.sub("execution"), v, "an object") {
		for key, time := range sorted(v.Object()) {
			c.is(at.sub("execution", key), time, "a string")
		}
	}
}

// names checks what all cells have: a name that is not empty, and tags without commas, each once.
func (c *checker) names(at place, m Object) {
	if v := m["name"]; v != "" && c.is(at.sub("name"), v, "a string") {
		if text, _ := v.Text(); strings.Trim(text, "\n") == "" {
			c.note(at.sub("name"), "empty")
		}
	}
	if v := m["tags"]; v != "" && c.is(at.sub("tags"), v, "an array") {
		seen := map[Value]bool{}
		for i, tag := range v.Array() {
			text, ok := tag.Text()
			switch {
			case !ok:
				c.note(at.sub("tags", i), "not a string")
			case strings.Contains(text, ",") || text == "":
				c.note(at.sub("tags", i), "empty or with a comma")
			case seen[tag]:
				c.note(at.sub("tags", i), "given twice")
			}
			seen[tag] = true
		}
	}
}

func (c *checker) output(at place, out Output) {
	if out.json == "" {
		c.note(at, "missing")
		return
	}
	fields := out.json.Object()
	need := func(name, want string) {
		if fields[name] == "" {
			c.note(at.sub(name), "missing")
		}
		c.is(at.sub(name), fields[name], want)
	}
	var known []string
	switch out.kind {
	case Stream:
		known = []string{"name", "text"}
		need("name", "a string")
		need("text", "a string")
	case ErrorOutput:
		known = []string{"ename", "evalue", "traceback"}
		need("ename", "a string")
		need("evalue", "a string")
		need("traceback", "an array")
		for i, line := range fields["traceback"].Array() {
			c.is(at.sub("traceback", i), line, "a string")
		}
	case ExecuteResult, DisplayData:
		known = []string{"data", "metadata"}
		need("metadata", "an object")
		if need("data", "an object"); fields["data"] != "" {
			c.bundle(at.sub("data"), fields["data"])
		}
		if out.kind == ExecuteResult {
			known = append(known, "execution_count")
			if v := fields["execution_count"]; v == "" {
				c.note(at.sub("execution_count"), "missing")
			} else if n, ok := wholeNumber(v); v != "null" && (!ok || n < 0) {
				c.note(at.sub("execution_count"), "not an integer from 0 on or null")
			}
		}
	default:
		if !c.later {
			c.note(at.sub("output_type"), "%q is no type of output", out.kind)
		}
		return
	}
	if c.later {
		return
	}
	for name := range sorted(fields) {
		if name != "output_type" && !slices.Contains(known, name) {
			c.note(at.sub(name), "unknown field")
		}
	}
}

// bundle checks a MIME bundle: all but JSON types are strings once their lines are joined.
func (c *checker) bundle(at place, v Value) {
	if typeOf(v) != "an object" {
		if len(at) > 2 && at[2] == "attachments" {
			c.note(at, "not an object")
		}
		return
	}
	for mime, item := range sorted(v.Object()) {
		if !jsonMIME(mime) && typeOf(item) != "a string" {
			c.note(at.sub(mime), "not a string or an array of strings")
		}
	}
}
