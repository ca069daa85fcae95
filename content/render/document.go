package render

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"sextant/content/notebook"
)

// Document is a document as it is stored.
type Document struct {
	// Name is its file name; the extension says what it is.
	Name string
	// Content is what the file holds.
	Content []byte
}

// Kind is what a document is shown as.
type Kind string

// The kinds of documents.
const (
	KindNotebook Kind = "notebook"
	KindSQL      Kind = "sql"
	KindMarkdown Kind = "markdown"
	KindCSV      Kind = "csv"
	KindJSON     Kind = "json"
	KindImage    Kind = "image"
	KindText     Kind = "text"
	KindBinary   Kind = "binary"
)

var imageExtensions = map[string]string{".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
	".svg": "image/svg+xml", ".bmp": "image/bmp", ".avif": "image/avif"}

// codeExtensions say what language a text is in.
var codeExtensions = map[string]string{".py": "python", ".r": "r", ".jl": "julia", ".scala": "scala", ".js": "javascript", ".ts": "typescript",
	".go": "go", ".java": "java", ".c": "c", ".h": "c", ".cpp": "c++", ".rs": "rust", ".sh": "bash", ".yaml": "yaml", ".yml": "yaml",
	".toml": "toml", ".ini": "ini", ".html": "html", ".htm": "html", ".xml": "xml", ".css": "css", ".tex": "tex", ".dockerfile": "docker", ".kt": "kotlin"}

// KindOf says what a document is, by its name, and where that says nothing by its first bytes.
func KindOf(d Document) Kind {
	ext := strings.ToLower(path.Ext(d.Name))
	switch ext {
	case ".ipynb":
		return KindNotebook
	case ".sql":
		return KindSQL
	case ".md", ".markdown":
		return KindMarkdown
	case ".csv", ".tsv":
		return KindCSV
	case ".json", ".geojson", ".vl", ".vg":
		return KindJSON
	}
	if imageExtensions[ext] != "" {
		return KindImage
	}
	head := d.Content[:min(len(d.Content), 8_192)]
	if bytes.IndexByte(head, 0) >= 0 {
		return KindBinary
	}
	return KindText
}

// Document writes any document as a fragment. The error is that of w or ctx; what is wrong with the document is said in
// the page, with its text below where it has any.
func (r *Renderer) Document(ctx context.Context, w io.Writer, d Document, o Options) (*Summary, error) {
	j := r.newJob(ctx, w, o)
	return j.finish(j.document(d))
}

func (j *job) document(d Document) error {
	kind := KindOf(d)
	if kind == KindNotebook {
		nb, _, err := notebook.Read(d.Content)
		if err == nil {
			return j.notebook(nb)
		}
		j.str("<div class=\"sx\">\n")
		j.note("This notebook cannot be read: " + err.Error() + ". It is shown as it was written.")
		j.plainFile(d, "json")
		j.str("</div>\n")
		return nil
	}
	j.str("<div class=\"sx\">\n")
	text := string(bytes.TrimPrefix(d.Content, []byte("\ufeff")))
	switch kind {
	case KindSQL:
		j.script(text)
	case KindMarkdown:
		j.str(`<section class="sx-cell sx-text-cell">` + "\n")
		j.markdown(text, nil)
		j.str("</section>\n")
	case KindCSV:
		j.csv(d)
	case KindJSON:
		j.jsonFile(d)
	case KindImage:
		ext := strings.ToLower(path.Ext(d.Name))
		if address := j.fileAddress(imageExtensions[ext], d.Content); address != "" {
			j.str(`<figure class="sx-file"><img class="sx-picture" alt="`)
			j.text(path.Base(d.Name))
			j.str(`" src="` + address + `"></figure>` + "\n")
		} else {
			j.cut("A picture of %s is not shown; at most %s are.", size(int64(len(d.Content))), size(int64(j.limits.Image)))
		}
	case KindBinary:
		j.note(fmt.Sprintf("This file of %s is not text; it can be downloaded.", size(int64(len(d.Content)))))
	default:
		j.plainFile(d, codeExtensions[strings.ToLower(path.Ext(d.Name))])
	}
	j.str("</div>\n")
	return j.ctx.Err()
}

func (j *job) fileAddress(kind string, content []byte) string {
	if len(content) > j.limits.Image {
		return ""
	}
	return dataAddress(kind, string(content))
}

func (j *job) plainFile(d Document, language string) {
	text := string(d.Content)
	if !utf8.ValidString(text) {
		j.note("Parts of this file are not UTF-8; they are shown as \ufffd.")
	}
	if language == "" && strings.Contains(text, "\x1b") {
		j.preText(text)
		return
	}
	j.sum.Language = language
	j.codeBlock(text, language)
}

// script writes a SQL script: what its header says, then its statements.
func (j *job) script(text string) {
	s, err := notebook.ParseScript(text)
	j.sum.Language = "sql"
	if err != nil {
		j.note("The header cannot be read: " + err.Error() + ".")
	}
	h := s.Header
	if h.Engine != "" || h.Environment != "" || len(h.Parameters)+len(h.Fields) > 0 {
		j.str(`<dl class="sx-facts">` + "\n")
		fact := func(name, value string) {
			if value == "" {
				return
			}
			j.str("<div><dt>")
			j.text(clip(name, 200))
			j.str("</dt><dd>")
			j.text(clip(value, 2_000))
			j.str("</dd></div>\n")
		}
		fact("Engine", h.Engine)
		fact("Environment", h.Environment)
		for i, f := range h.Fields {
			if i == 200 {
				break
			}
			fact(f.Name, f.Value)
		}
		j.str("</dl>\n")
		if len(h.Parameters) > 0 {
			j.str(`<div class="sx-table" tabindex="0"><table><caption>Parameters</caption><thead><tr><th scope="col">name</th><th scope="col">type</th><th scope="col">default</th></tr></thead><tbody>` + "\n")
			for i, p := range h.Parameters {
				if i == j.limits.Rows {
					break
				}
				j.str("<tr><td><code>$")
				j.text(clip(p.Name, 200))
				j.str("</code></td><td>")
				j.text(clip(p.Type, 500))
				j.str("</td><td>")
				j.text(clip(p.Default, 2_000))
				j.str("</td></tr>\n")
			}
			j.str("</tbody></table></div>\n")
		}
	}
	j.codeBlock(strings.TrimLeft(s.Body, "\n"), "sql")
}

const (
	maxColumns = 200
	maxField   = 2_000
)

// csv writes a table of values with the types that its rows seem to have.
func (j *job) csv(d Document) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(d.Content, []byte("\ufeff"))))
	r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = -1, true, false
	r.Comma = separator(d)
	var rows [][]string
	more := false
	var failed error
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			failed = err
			break
		}
		if len(rows) > j.limits.Rows {
			more = true
			break
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		j.note("This file has no rows.")
		return
	}
	head, body := rows[0], rows[1:]
	t := Table{Rows: func(yield func([]*string) bool) {
		for _, row := range body {
			values := make([]*string, len(row))
			for i := range row {
				values[i] = &row[i]
			}
			if !yield(values) {
				return
			}
		}
	}}
	for i, kind := range columnKinds(body, min(len(head), maxColumns)) {
		t.Columns = append(t.Columns, TableColumn{head[i], string(kind), kind.right()})
	}
	shown := j.table(t)
	if more || shown < len(body) {
		total := bytes.Count(d.Content, []byte("\n"))
		j.cut("Showing the first %s of about %s rows.", grouped(shown), grouped(max(total-1, len(body))))
	} else {
		j.str(`<p class="sx-quiet">` + plural(len(body), "row") + ", " + plural(len(head), "column") + "</p>\n")
	}
	if len(head) > maxColumns {
		j.cut("Showing the first %d of %s columns.", maxColumns, grouped(len(head)))
	}
	if failed != nil {
		j.note("The file cannot be read further: " + failed.Error() + ".")
	}
}

// separator is the one of comma, semicolon, tab and bar that the first line has most of.
func separator(d Document) rune {
	if strings.EqualFold(path.Ext(d.Name), ".tsv") {
		return '\t'
	}
	line, _, _ := bytes.Cut(d.Content[:min(len(d.Content), 64<<10)], []byte("\n"))
	best, most := ',', bytes.Count(line, []byte(","))
	for _, r := range ";\t|" {
		if n := bytes.Count(line, []byte(string(r))); n > most {
			best, most = r, n
		}
	}
	return best
}

type columnKind string

func (k columnKind) right() bool { return k == "integer" || k == "number" }

// columnKinds looks at the rows shown.
func columnKinds(rows [][]string, columns int) []columnKind {
	kinds := make([]columnKind, columns)
	for _, row := range rows {
		for i := range min(columns, len(row)) {
			v := strings.TrimSpace(row[i])
			if v == "" || kinds[i] == "text" {
				continue
			}
			kind := valueKind(v)
			switch {
			case kinds[i] == "" || kinds[i] == kind:
				kinds[i] = kind
			case kinds[i].right() && kind.right():
				kinds[i] = "number"
			default:
				kinds[i] = "text"
			}
		}
	}
	for i, k := range kinds {
		if k == "" {
			kinds[i] = "empty"
		}
	}
	return kinds
}

func valueKind(v string) columnKind {
	if _, err := strconv.ParseInt(v, 10, 64); err == nil {
		return "integer"
	}
	if c := v[0]; c == '-' || c == '+' || c == '.' || '0' <= c && c <= '9' {
		if _, err := strconv.ParseFloat(v, 64); err == nil {
			return "number"
		}
		if len(v) >= 8 && len(v) <= 40 && v[0] != '-' && strings.Count(v[:8], "-") >= 1 && strings.Trim(v, "0123456789-:. TZ+") == "" {
			if len(v) <= 10 {
				return "date"
			}
			return "timestamp"
		}
	}
	switch strings.ToLower(v) {
	case "true", "false":
		return "boolean"
	}
	return "text"
}

// jsonFile writes JSON as a tree, a Vega-Lite specification as its chart above it.
func (j *job) jsonFile(d Document) {
	v, err := notebook.ParseValue(d.Content)
	if err != nil {
		j.note("This is not JSON that can be laid out: " + err.Error() + ". It is shown as it was written.")
		j.plainFile(d, "json")
		return
	}
	if schema, ok := v.Object()["$schema"].Text(); ok && strings.Contains(schema, "vega.github.io/schema/") {
		j.chart(v, strings.Contains(schema, "/vega-lite/"))
	}
	j.jsonTree(v)
}
