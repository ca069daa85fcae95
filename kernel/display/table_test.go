package display

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"sextant/kernel/engine"
)

func TestTable(t *testing.T) {
	golden(t, "table", 1, func(t *testing.T, section map[string]string) []output {
		var input struct {
			Limits  Limits
			Columns []column
			Summary Summary
		}
		if err := json.Unmarshal([]byte(section["input"]), &input); err != nil {
			t.Fatal(err)
		}
		cols, batch := batchOf(t, input.Columns...)
		table := NewTable(cols, batch.Schema(), input.Limits)
		table.Add(batch)
		b := table.Bundle(input.Summary)
		meta, err := json.MarshalIndent(b.Metadata, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		html := b.Data[MIMEHTML].(string)
		checkHTML(t, html)
		return []output{
			{"text", b.Data[MIMEText].(string)},
			{"html", strings.ReplaceAll(strings.Replace(html, tableStyle, "<style/>", 1), hidden, "hidden")},
			{"metadata", string(meta)},
		}
	})
}

var tag = regexp.MustCompile(`<(/?)([a-z0-9]+)((?: [a-z]+(?:=(?:"[^"<>]*"|[a-z]+))?)*)>`)

var quoted = regexp.MustCompile(`"[^"]*"`)

// checkHTML fails for HTML that has script, is not balanced, or has text that could become markup.
func checkHTML(t interface {
	Errorf(string, ...any)
}, html string) {
	html = strings.ReplaceAll(html, tableStyle, "")
	if strings.Contains(strings.ToLower(html), "<script") {
		t.Errorf("script in %.300q", html)
	}
	rest := tag.ReplaceAllString(html, "")
	if strings.ContainsAny(rest, "<>") {
		t.Errorf("stray markup in %.300q", rest)
	}
	var open []string
	for _, m := range tag.FindAllStringSubmatch(html, -1) {
		for _, attr := range strings.Fields(quoted.ReplaceAllString(m[3], "")) {
			if strings.HasPrefix(attr, "on") {
				t.Errorf("event handler in %q", m[0])
			}
		}
		switch {
		case m[2] == "br":
		case m[1] == "":
			open = append(open, m[2])
		case len(open) == 0 || open[len(open)-1] != m[2]:
			t.Errorf("%s closes %v", m[0], open)
			return
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("left open: %v", open)
	}
	for _, r := range html {
		if r != '\n' && r != '\t' && shown(r) != "" && r != 0xFFFD {
			t.Errorf("%s as it is in %.300q", codePoint(r), html)
		}
	}
}

func TestAnyTextStaysText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
			"<script>", "</table>", "<!--", "]]>", "&lt;", "\u202e", "\x00", "\xff\xfe", "' onclick='x", `" onx="`, "\n\n", "\u2028",
		}), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }))
		cols := []engine.Column{{Name: text.Draw(t, "name"), Type: text.Draw(t, "type")}, {Name: "b"}}
		schema := arrow.NewSchema([]arrow.Field{{Name: "a", Type: arrow.BinaryTypes.String}, {Name: "b", Type: arrow.BinaryTypes.Binary}}, nil)
		b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
		defer b.Release()
		for range rapid.IntRange(1, 3).Draw(t, "rows") {
			b.Field(0).(*array.StringBuilder).Append(text.Draw(t, "value"))
			b.Field(1).(*array.BinaryBuilder).AppendString(text.Draw(t, "blob"))
		}
		batch := b.NewRecordBatch()
		defer batch.Release()
		limits := Limits{CellChars: rapid.IntRange(1, 20).Draw(t, "chars"), TextWidth: rapid.IntRange(1, 80).Draw(t, "width")}
		table := NewTable(cols, schema, limits)
		table.Add(batch)
		bundle := table.Bundle(Summary{TotalRows: -1})
		checkHTML(t, bundle.Data[MIMEHTML].(string))
		lines := strings.Split(bundle.Data[MIMEText].(string), "\n")
		for _, line := range lines[:len(lines)-1] {
			if textWidth(line) != textWidth(lines[0]) {
				t.Fatalf("crooked box:\n%s", strings.Join(lines, "\n"))
			}
		}
	})
}

// oneValue is a batch of one row and one column.
func oneValue(t testing.TB, text string) ([]engine.Column, arrow.RecordBatch) {
	return batchOf(t, column{"x", "VARCHAR", []any{text}})
}

func TestOneLargeValueIsSentOnce(t *testing.T) {
	value := strings.Repeat("0123456789", 1_000_000)
	cols, batch := oneValue(t, value)
	table := NewTable(cols, batch.Schema(), Limits{})
	table.Add(batch)
	b := table.Bundle(Summary{TotalRows: 1})
	if b.Data[MIMEText] != value {
		t.Errorf("text/plain is not the value: %d bytes", len(b.Data[MIMEText].(string)))
	}
	message, err := json.Marshal(b.Data)
	if err != nil {
		t.Fatal(err)
	}
	if len(message) > len(value)+200_000 {
		t.Errorf("%d bytes are sent for a value of %d", len(message), len(value))
	}
	if html := b.Data[MIMEHTML].(string); !strings.Contains(html, "the first 64,000 of 10,000,000 characters shown") {
		t.Errorf("the HTML does not say what it leaves out: …%s", html[len(html)-200:])
	}
}

func TestOneValuePastItsLimitSaysSo(t *testing.T) {
	cols, batch := oneValue(t, strings.Repeat("é", 5000))
	table := NewTable(cols, batch.Schema(), Limits{Value: 2001})
	table.Add(batch)
	text := table.Bundle(Summary{TotalRows: -1}).Data[MIMEText].(string)
	if want := strings.Repeat("é", 1000) + "\n… (5,000 characters; the first 2.0 kB shown)"; text != want {
		t.Errorf("got %d bytes ending in %q", len(text), text[len(text)-60:])
	}
}

func TestSecondRowMakesAnOrdinaryTable(t *testing.T) {
	cols, batch := batchOf(t, column{"x", "VARCHAR", []any{strings.Repeat("a", 5000), "b"}})
	table := NewTable(cols, batch.Schema(), Limits{})
	table.Add(batch)
	b := table.Bundle(Summary{TotalRows: -1})
	if text := b.Data[MIMEText].(string); !strings.HasPrefix(text, "┌") || len(text) > 2000 {
		t.Errorf("not a table: %.100q", text)
	}
	if html := b.Data[MIMEHTML].(string); !strings.Contains(html, "<small>… (5,000 characters)</small>") || !strings.Contains(html, "1 long value cut") {
		t.Error("the cut is not marked")
	}
}

func TestTableIsBoundedInBytes(t *testing.T) {
	sb := array.NewStringBuilder(memory.DefaultAllocator)
	defer sb.Release()
	for range 500 {
		sb.Append(strings.Repeat("<", 1000))
	}
	col := sb.NewArray()
	defer col.Release()
	schema := arrow.NewSchema([]arrow.Field{{Name: "x", Type: arrow.BinaryTypes.String}}, nil)
	batch := array.NewRecordBatch(schema, []arrow.Array{col}, 500)
	defer batch.Release()
	table := NewTable([]engine.Column{{Name: "x"}}, schema, Limits{Bytes: 100_000})
	table.Add(batch)
	if !table.Add(batch) {
		t.Error("not full")
	}
	b := table.Bundle(Summary{TotalRows: 1000})
	html := b.Data[MIMEHTML].(string)
	if len(html) > 120_000 {
		t.Errorf("%d bytes of HTML", len(html))
	}
	if want := "of 1,000 rows · 1 column · output is limited to 100.0 kB"; !strings.Contains(html, want) {
		t.Errorf("the footer lacks %q: %s", want, html[len(html)-100:])
	}
}

// A million-element list is cut without being written whole.
func TestLongNestedValueIsNotWrittenWhole(t *testing.T) {
	lb := array.NewListBuilder(memory.DefaultAllocator, arrow.PrimitiveTypes.Int64)
	defer lb.Release()
	lb.Append(true)
	for i := range 1_000_000 {
		lb.ValueBuilder().(*array.Int64Builder).Append(int64(i))
	}
	arr := lb.NewArray()
	defer arr.Release()
	schema := arrow.NewSchema([]arrow.Field{{Name: "a", Type: arr.DataType()}, {Name: "b", Type: arr.DataType()}}, nil)
	batch := array.NewRecordBatch(schema, []arrow.Array{arr, arr}, 1)
	defer batch.Release()
	table := NewTable([]engine.Column{{Name: "a"}, {Name: "b"}}, schema, Limits{})
	table.Add(batch)
	if cap(table.text) > 100_000 {
		t.Errorf("%d bytes were written", cap(table.text))
	}
	if html := table.Bundle(Summary{}).Data[MIMEHTML].(string); !strings.Contains(html, "<small>… (over 8,") {
		t.Error("the cut is not marked")
	}
}

func TestStatus(t *testing.T) {
	for _, c := range []struct {
		status Status
		want   string
	}{
		{Status{"INSERT", 3, 2 * time.Millisecond}, "3 rows inserted · 2 ms"},
		{Status{"UPDATE", 1, 0}, "1 row updated"},
		{Status{"DELETE", 0, 0}, "0 rows deleted"},
		{Status{"COPY", 50_000_000, 0}, "50,000,000 rows copied"},
		{Status{"MERGE INTO", 2, 0}, "2 rows merged"},
		{Status{"CREATE TABLE", -1, 90 * time.Second}, "Table created · 1 min 30 s"},
		{Status{"CREATE OR REPLACE VIEW", -1, 0}, "View created"},
		{Status{"drop schema", -1, 0}, "Schema dropped"},
		{Status{"SET", -1, 0}, "Setting changed"},
		{Status{"BEGIN", -1, 0}, "Transaction begun"},
		{Status{"<b>", -1, 0}, "Done"},
		{Status{"", -1, 0}, "Done"},
	} {
		if got := c.status.Text(); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.status, got, c.want)
		}
		checkHTML(t, c.status.Bundle().Data[MIMEHTML].(string))
	}
}

func TestProgress(t *testing.T) {
	for _, c := range []struct {
		progress engine.Progress
		text     string
	}{
		{engine.Progress{Percent: -1}, "Running"},
		{engine.Progress{Percent: -1, Elapsed: 3 * time.Second, Rows: 1200}, "Running  1,200 rows · 3.00 s"},
		{engine.Progress{Percent: 50, Rows: 5, Total: 10}, strings.Repeat("█", 15) + strings.Repeat("░", 15) + "  50 % · 5 of 10 rows"},
		{engine.Progress{Percent: 99.99}, strings.Repeat("█", 29) + "░  99 %"},
		{engine.Progress{Percent: 1000}, strings.Repeat("█", 30) + "  100 %"},
	} {
		b := Progress(c.progress)
		if got := b.Data[MIMEText]; got != c.text {
			t.Errorf("%+v: got %q, want %q", c.progress, got, c.text)
		}
		checkHTML(t, b.Data[MIMEHTML].(string))
		if _, err := json.Marshal(b); err != nil {
			t.Error(err)
		}
	}
}

func BenchmarkTableOf1000Rows(b *testing.B) {
	values := func(f func(i int) any) []any {
		out := make([]any, 1000)
		for i := range out {
			out[i] = f(i)
		}
		return out
	}
	cols, batch := batchOf(b,
		column{"id", "BIGINT", values(func(i int) any { return i })},
		column{"price", "DOUBLE", values(func(i int) any { return float64(i) / 7 })},
		column{"city", "VARCHAR", values(func(i int) any { return fmt.Sprint("city number ", i) })},
		column{"list", "INTEGER[]", values(func(i int) any { return []int{i, i + 1} })})
	b.ReportAllocs()
	for b.Loop() {
		table := NewTable(cols, batch.Schema(), Limits{})
		table.Add(batch)
		table.Bundle(Summary{TotalRows: -1})
	}
}

func BenchmarkOneValueOf10MB(b *testing.B) {
	cols, batch := oneValue(b, strings.Repeat("0123456789", 1_000_000))
	b.ReportAllocs()
	for b.Loop() {
		table := NewTable(cols, batch.Schema(), Limits{})
		table.Add(batch)
		table.Bundle(Summary{TotalRows: -1})
	}
}
