package resultfile

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"

	"sextant/kernel/engine"
)

// The keys of the file's own metadata.
const (
	keyColumns  = "sextant.columns"  // JSON of []Column
	keyComplete = "sextant.complete" // "true" or "false"
	keySchema   = "sextant.schema"   // the engine's Arrow schema, IPC in base64
	keyVersion  = "sextant.version"  // of these conventions
)

// Column describes one column of a stored result.
type Column struct {
	// Name and Type are the result's own: the name may be empty or occur twice, the type is the engine's.
	Name string `json:"name"`
	Type string `json:"type"`
	// Stored is the column's name in the file.
	Stored string `json:"stored"`
	// Form is how the values are stored: plain, text, microseconds, null, tagged, list, row, or nested for a value
	// that has one of these inside; see the package's comment.
	Form string `json:"form"`
}

// Info tells what a file holds.
type Info struct {
	Path  string
	Rows  int64
	Bytes int64
	// Complete is false when rows of the result are missing: a limit was reached, or the stream ended early.
	Complete bool
	Columns  []Column
}

// EngineColumns gives the columns as the engine described them.
func (i Info) EngineColumns() []engine.Column {
	cols := make([]engine.Column, len(i.Columns))
	for n, c := range i.Columns {
		cols[n] = engine.Column{Name: c.Name, Type: c.Type}
	}
	return cols
}

// SelectList gives the expressions that restore the result's own names and types where DuckDB reads the file:
// SELECT <list> FROM read_parquet('…'). What it cannot restore (a union, a row, and forms inside nested values) it leaves
// as stored.
func SelectList(columns []Column) string {
	var parts []string
	for _, c := range columns {
		expr := quoteIdent(c.Stored)
		switch c.Form {
		case "text", "microseconds", "list":
			if c.Type != "" {
				expr = "CAST(" + expr + " AS " + c.Type + ")"
			}
		}
		name := c.Name
		if name == "" {
			name = c.Stored // SQL has no empty identifier
		}
		parts = append(parts, expr+" AS "+quoteIdent(name))
	}
	return strings.Join(parts, ", ")
}

func quoteIdent(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func describe(cols []engine.Column, forms []*form, stored *arrow.Schema) []Column {
	out := make([]Column, len(cols))
	for i, col := range cols {
		out[i] = Column{Name: col.Name, Type: col.Type, Stored: stored.Field(i).Name, Form: forms[i].word()}
	}
	return out
}

func encodeColumns(columns []Column) string {
	text, err := json.Marshal(columns)
	if err != nil { // strings only
		panic(err)
	}
	return string(text)
}

func encodeSchema(schema *arrow.Schema) string {
	var buf bytes.Buffer
	w := ipc.NewWriter(&buf, ipc.WithSchema(schema))
	if err := w.Close(); err != nil { // a buffer takes everything
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(buf.Bytes())
}

func decodeSchema(text string) (*arrow.Schema, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("schema in metadata: %w", err)
	}
	r, err := ipc.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("schema in metadata: %w", err)
	}
	defer r.Release()
	return r.Schema(), nil
}

func formatBool(v bool) string { return strconv.FormatBool(v) }
