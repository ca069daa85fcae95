package notebook

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawSource draws a source of a few lines from few words, so that random texts have something in common.
func drawSource(t *rapid.T) string {
	line := rapid.SampledFrom([]string{"", "select 1", "from t", "where a = b", "é🧭 x", "import pandas as pd", "\r", "# head"})
	return strings.Join(rapid.SliceOfN(line, 0, 7).Draw(t, "lines"), "\n")
}

func drawObject(t *rapid.T, what string) Object {
	keys := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "tags", "x y", "jupyter"}), 0, 3, rapid.ID).Draw(t, what)
	o := Object{}
	for _, key := range keys {
		o[key] = rapid.SampledFrom([]Value{"null", "1", "1.50", `"é\ud800"`, `["a"]`, `{"k":1}`, `{"k":1,"l":{"m":2}}`, `{"k":2}`, "{}"}).Draw(t, key)
	}
	return o
}

func drawOutput(t *rapid.T) Output {
	switch rapid.IntRange(0, 3).Draw(t, "output") {
	case 0:
		return NewStream("stdout", rapid.SampledFrom([]string{"a\nb\n", "", "é"}).Draw(t, "text"))
	case 1:
		return NewError("E", "v", []string{"x"})
	case 2:
		return NewExecuteResult(Object{"text/plain": `"1"`, "text/html": `"<b>\n</b>"`}, drawObject(t, "output metadata"), nil)
	}
	return NewDisplayData(Object{"application/json": rapid.SampledFrom([]Value{`{"a":1}`, Value(`"` + strings.Repeat("x", PartSize) + `"`)}).Draw(t, "data")}, nil)
}

func drawCell(t *rapid.T, id string) Cell {
	c := Cell{ID: id, Type: rapid.SampledFrom([]CellType{Code, Code, Markdown, Raw}).Draw(t, "type"), Source: drawSource(t), Metadata: drawObject(t, "metadata")}
	if c.Type == Code {
		drawRun(t, &c)
	} else if rapid.Bool().Draw(t, "attached") {
		c.Attachments = Object{}
		for key, v := range drawObject(t, "attachments") {
			c.Attachments[key] = objectValue(Object{"image/png": StringValue(string(v))})
		}
	}
	if rapid.IntRange(0, 5).Draw(t, "extra") == 0 {
		c.Extra = drawObject(t, "extra")
	}
	return c
}

func drawRun(t *rapid.T, c *Cell) {
	c.Outputs, c.ExecutionCount = nil, nil
	for range rapid.IntRange(0, 3).Draw(t, "outputs") {
		c.Outputs = append(c.Outputs, drawOutput(t))
	}
	if n := rapid.Int64Range(0, 9).Draw(t, "count"); n > 0 {
		c.ExecutionCount = &n
	}
	if rapid.Bool().Draw(t, "timed") {
		c.Metadata["execution"] = Value(fmt.Sprintf(`{"shell.execute_reply":"2026-01-0%dT00:00:00Z"}`, rapid.IntRange(1, 9).Draw(t, "day")))
	}
}

func drawNotebook(t *rapid.T) *Notebook {
	nb := New()
	nb.Minor = rapid.IntRange(5, 7).Draw(t, "minor")
	nb.Metadata = drawObject(t, "notebook metadata")
	for i := range rapid.IntRange(0, 6).Draw(t, "cells") {
		nb.Cells = append(nb.Cells, drawCell(t, fmt.Sprintf("c%d", i)))
	}
	return nb
}

// edit changes nb at random in up to n places. who keeps the ids of two editors' new cells apart.
func edit(t *rapid.T, nb *Notebook, who string, n int) *Notebook {
	out := nb.Clone()
	for step := range rapid.IntRange(0, n).Draw(t, who) {
		at := rapid.IntRange(0, len(out.Cells)).Draw(t, "at")
		if at == len(out.Cells) {
			out.Cells = append(out.Cells, drawCell(t, fmt.Sprintf("%s%d", who, step)))
			continue
		}
		c := &out.Cells[at]
		switch rapid.IntRange(0, 9).Draw(t, "edit") {
		case 0, 1:
			lines := splitLines(c.Source)
			i := rapid.IntRange(0, len(lines)).Draw(t, "line")
			c.Source = strings.Join(slices.Insert(lines, i, rapid.SampledFrom([]string{"new", "from t", ""}).Draw(t, "new")), "\n")
		case 2:
			c.Source = drawSource(t)
		case 3:
			out.Cells = slices.Insert(out.Cells, at, drawCell(t, fmt.Sprintf("%s%d", who, step)))
		case 4:
			out.Cells = slices.Delete(out.Cells, at, at+1)
		case 5:
			cell := out.Cells[at]
			out.Cells = slices.Delete(out.Cells, at, at+1)
			out.Cells = slices.Insert(out.Cells, rapid.IntRange(0, len(out.Cells)).Draw(t, "to"), cell)
		case 6:
			if c.Type == Code {
				drawRun(t, c)
			}
		case 7:
			c.Metadata = drawObject(t, "metadata")
		case 8:
			*c = drawCell(t, c.ID)
		case 9:
			c.ID = fmt.Sprintf("%s%d", who, step)
		}
	}
	if rapid.IntRange(0, 3).Draw(t, "notebook") == 0 {
		out.Metadata = drawObject(t, "notebook metadata")
		out.Minor = rapid.IntRange(5, 7).Draw(t, "minor")
	}
	return out
}

// TestRandomRoundTrips: any notebook that is written reads back as itself.
func TestRandomRoundTrips(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		nb := drawNotebook(r)
		file := written(r, nb)
		if again := mustRead(r, file); !again.Equal(nb) {
			r.Fatalf("reads back as\n%s\nnot\n%s", written(r, again), file)
		}
		checkRoundTrips(r, "random", nb)
	})
}

// drawOdd draws the text of a notebook in no particular form: members in any order, strings escaped or not, in pieces or
// not, and some of them wrong.
func drawOdd(t *rapid.T) []byte {
	text := func() string {
		char := rapid.SampledFrom([]string{"a", " ", "é", "🧭", "\\n", "\\r", "\\r\\n", "\\u000b", "\\f", "\\u001c", "\\u001d", "\\u001e", "\\u001f",
			"\\u0085", "\u0085", "\u2028", "\\u2029", "\\\\", "\\\"", "\\/", "\\t", "\\u00e9", "\\ud83e\\udded", "\u007f", "<", "\\u003c", "\\u0000"})
		return `"` + strings.Join(rapid.SliceOfN(char, 0, 8).Draw(t, "text"), "") + `"`
	}
	var value func(depth int) string
	multi := func() string {
		if rapid.Bool().Draw(t, "whole") {
			return text()
		}
		var pieces []string
		for range rapid.IntRange(0, 3).Draw(t, "pieces") {
			pieces = append(pieces, text())
		}
		return "[" + strings.Join(pieces, ", ") + "]"
	}
	object := func(members ...string) string {
		return "{" + strings.Join(rapid.Permutation(members).Draw(t, "members"), " ,\n") + "}"
	}
	value = func(depth int) string {
		switch n := rapid.IntRange(0, 9).Draw(t, "value"); {
		case n < 4 || depth > 2:
			return text()
		case n < 6:
			return rapid.SampledFrom([]string{"0", "-1", "1.5", "1e-07", "true", "null", "[]", "{}", "123456789012345678901234567890", "NaN", "-Infinity"}).Draw(t, "literal")
		case n < 8:
			return "[" + value(depth+1) + "," + value(depth+1) + "]"
		}
		return object(text()+":"+value(depth+1), `"k":`+value(depth+1))
	}
	mime := func() string {
		return rapid.SampledFrom([]string{`"text/plain"`, `"text/html"`, `"image/svg+xml"`, `"image/png"`, `"application/javascript"`}).Draw(t, "mime") + ":" + multi()
	}
	output := func() string {
		metadata := `"metadata":` + object(`"m":`+value(0))
		switch rapid.IntRange(0, 4).Draw(t, "output") {
		case 0:
			return object(`"output_type":"stream"`, `"name":"stdout"`, `"text":`+multi())
		case 1:
			return object(`"output_type":"error"`, `"ename":`+text(), `"evalue":`+text(), `"traceback":[`+text()+`]`)
		case 2:
			return object(`"output_type":"display_data"`, metadata, `"data":`+object(mime(), `"application/json":`+value(0), `"application/x+json":`+value(0)))
		case 3:
			return object(`"output_type":"execute_result"`, metadata, `"execution_count":1`, `"data":`+object(mime()))
		}
		return object(`"output_type":"execute_result"`, `"data":{}`, `"extra":`+value(0))
	}
	var cells []string
	for i := range rapid.IntRange(0, 4).Draw(t, "cells") {
		members := []string{`"source":` + multi(), `"metadata":` + object(text()+":"+value(0), `"tags":["a"]`), fmt.Sprintf(`"id":"c%d"`, i)}
		switch rapid.IntRange(0, 3).Draw(t, "cell") {
		case 0:
			members = append(members, `"cell_type":"markdown"`, `"attachments":`+object(text()+":"+object(mime())))
		case 1:
			members = append(members, `"cell_type":"raw"`)
		default:
			members = append(members, `"cell_type":"code"`, `"execution_count":null`, `"outputs":[`+output()+","+output()+"]")
		}
		cells = append(cells, object(members...))
	}
	minor := rapid.SampledFrom([]string{"0", "2", "4", "5", "5", "6"}).Draw(t, "minor")
	return []byte(object(`"nbformat":4`, `"nbformat_minor":`+minor, `"metadata":`+object(text()+":"+value(0)), `"cells":[`+strings.Join(cells, ",")+"]"))
}
