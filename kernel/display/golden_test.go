package display

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"sextant/kernel/engine"
)

// golden runs every file of a folder. A file holds its input and its outputs as sections headed "--- name ---"; run
// computes the outputs from the input. With SEXTANT_ACCEPT=1 the outputs are written instead of compared.
func golden(t *testing.T, folder string, inputs int, run func(t *testing.T, section map[string]string) []output) {
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files in %s: %v", folder, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			names, sections := parseSections(string(content))
			if len(names) < inputs {
				t.Fatalf("%s: want %d input sections, have %q", file, inputs, names)
			}
			outputs := run(t, sections)
			if os.Getenv("SEXTANT_ACCEPT") != "" {
				var b strings.Builder
				for _, name := range names[:inputs] {
					b.WriteString("--- " + name + " ---\n" + sections[name])
				}
				for _, o := range outputs {
					b.WriteString("--- " + o.name + " ---\n" + strings.TrimRight(o.text, "\n") + "\n")
				}
				if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			for _, o := range outputs {
				if want := sections[o.name]; strings.TrimRight(o.text, "\n")+"\n" != want {
					t.Errorf("%s: section %s:\n%s\nwant\n%s", file, o.name, o.text, want)
				}
			}
		})
	}
}

type output struct{ name, text string }

func parseSections(content string) (names []string, sections map[string]string) {
	sections = map[string]string{}
	name := ""
	for line := range strings.Lines(content) {
		if head, ok := strings.CutPrefix(strings.TrimSpace(line), "--- "); ok && strings.HasSuffix(head, " ---") {
			name = strings.TrimSuffix(head, " ---")
			names = append(names, name)
			continue
		}
		sections[name] += line
	}
	return names, sections
}

// column is a column of a test table: its values as encoding/json writes them, null for NULL.
type column struct {
	Name, Type string
	Values     []any
}

var arrowTypes = map[string]arrow.DataType{
	"VARCHAR": arrow.BinaryTypes.String, "JSON": arrow.BinaryTypes.String, "INTEGER": arrow.PrimitiveTypes.Int32,
	"BIGINT": arrow.PrimitiveTypes.Int64, "DOUBLE": arrow.PrimitiveTypes.Float64, "BOOLEAN": arrow.FixedWidthTypes.Boolean,
	"DATE": arrow.FixedWidthTypes.Date32, "TIMESTAMP": &arrow.TimestampType{Unit: arrow.Microsecond},
	"DECIMAL(10,2)": &arrow.Decimal128Type{Precision: 10, Scale: 2}, "BLOB": arrow.BinaryTypes.Binary,
	"INTEGER[]": arrow.ListOf(arrow.PrimitiveTypes.Int32), "VARCHAR[]": arrow.ListOf(arrow.BinaryTypes.String),
	"NULL": arrow.Null,
}

// batchOf makes a batch of the columns; it is released when the test ends.
func batchOf(t testing.TB, columns ...column) ([]engine.Column, arrow.RecordBatch) {
	t.Helper()
	var cols []engine.Column
	var fields []arrow.Field
	rows := []map[string]any{}
	for i, c := range columns {
		typ := arrowTypes[c.Type]
		if typ == nil {
			t.Fatalf("no Arrow type for %s", c.Type)
		}
		key := string(rune('a' + i))
		if i > 25 {
			key = string(rune(0x4E00 + i))
		}
		cols = append(cols, engine.Column{Name: c.Name, Type: c.Type})
		fields = append(fields, arrow.Field{Name: key, Type: typ, Nullable: true})
		for r, v := range c.Values {
			if r == len(rows) {
				rows = append(rows, map[string]any{})
			}
			rows[r][key] = v
		}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		t.Fatal(err)
	}
	schema := arrow.NewSchema(fields, nil)
	batch, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(batch.Release)
	return cols, batch
}
