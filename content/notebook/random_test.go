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
		out.Minor = 6
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
