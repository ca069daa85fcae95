package notebook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func checkPatch(t rapid.TB, a, b *Notebook) {
	t.Helper()
	p := Diff(a, b)
	before := a.Clone()
	got, err := Apply(p, a)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Equal(b) {
		t.Fatalf("patched it is\n%s\nnot\n%s", written(t, got), written(t, b))
	}
	if !a.Equal(before) {
		t.Fatal("the old notebook was changed")
	}
	if p.Empty() != a.Equal(b) {
		t.Fatalf("empty is %v", p.Empty())
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var again Patch
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	got, err = Apply(again, a)
	if err != nil || !got.Equal(b) {
		t.Fatalf("by way of JSON: %v\n%s", err, text)
	}
}

func TestDiffProperty(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		a := drawNotebook(r)
		checkPatch(r, a, a)
		b := edit(r, a, "b", 6)
		checkPatch(r, a, b)
		checkPatch(r, b, a)
		checkPatch(r, a, drawNotebook(r))
	})
}

func TestDiffCorpus(t *testing.T) {
	var before *Notebook
	for name, data := range corpus(t) {
		nb, _, err := Read(data)
		if err != nil || strings.Contains(name, "nan") {
			continue // NaN does not pass through JSON
		}
		if before != nil {
			checkPatch(t, before, nb)
			checkPatch(t, nb, before)
		}
		before = nb
	}
}

// TestDiffShape fixes the JSON that the API documents.
func TestDiffShape(t *testing.T) {
	code := func(id, source string, outputs ...Output) Cell {
		return Cell{ID: id, Type: Code, Source: source, Metadata: Object{}, Outputs: outputs}
	}
	a := &Notebook{Metadata: Object{"title": `"old"`, "x": "null"}, Cells: []Cell{
		code("keep", "one"),
		code("change", "select 🧭a, b\nfrom t\nwhere x", NewStream("stdout", "1"), NewStream("stdout", "2")),
		code("gone", "bye bye"),
		code("moves", "m"),
		code("old-id", "def f(x):\n  return x + 1"),
		{ID: "md", Type: Markdown, Source: "a", Metadata: Object{}, Attachments: Object{}},
	}}
	n := int64(3)
	b := &Notebook{Minor: 6, Metadata: Object{"title": `"new"`, "y": "null"}, Cells: []Cell{
		code("moves", "m"),
		code("keep", "one"),
		{ID: "change", Type: Code, Source: "select 🧭a, c\nfrom t\nwhere x\nlimit 1", Metadata: Object{"tags": `["a"]`}, ExecutionCount: &n,
			Outputs: []Output{NewStream("stdout", "1"), NewStream("stdout", "3")}},
		code("fresh", "new"),
		code("new-id", "def f(x):\n  return x + 2"),
		{ID: "md", Type: Raw, Source: "a", Metadata: Object{}},
	}}
	checkPatch(t, a, b)
	got, err := json.MarshalIndent(Diff(a, b), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	const file = "testdata/diff.json"
	if os.Getenv("SEXTANT_UPDATE") != "" {
		if err := os.WriteFile(file, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(append(got, '\n'), want) {
		t.Errorf("got %s", got)
	}
}

func TestApplyRefuses(t *testing.T) {
	cell := func(id, source string) Cell {
		return Cell{ID: id, Type: Code, Source: source, Metadata: Object{"k": "1"}}
	}
	a := &Notebook{Metadata: Object{}, Cells: []Cell{cell("a", "1\n2"), cell("b", "3")}}
	b := &Notebook{Metadata: Object{}, Cells: []Cell{cell("a", "1\nx"), cell("b", "3")}}
	b.Cells[1].Metadata = Object{"k": "2"}
	good := Diff(a, b)
	for name, other := range map[string]*Notebook{
		"other id":       {Cells: []Cell{cell("z", "1\n2"), cell("b", "3")}},
		"other line":     {Cells: []Cell{cell("a", "1\n3"), cell("b", "3")}},
		"fewer lines":    {Cells: []Cell{cell("a", "1"), cell("b", "3")}},
		"other metadata": {Cells: []Cell{cell("a", "1\n2"), {ID: "b", Type: Code, Metadata: Object{"k": "3"}}}},
		"fewer cells":    {Cells: []Cell{cell("a", "1\n2")}},
		"more cells":     {Cells: []Cell{cell("a", "1\n2"), cell("b", "3"), cell("c", "4")}},
	} {
		if _, err := Apply(good, other); !errors.Is(err, ErrPatch) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, text := range []string{
		`{"cells":[{"op":"same","id":"a","from":0},{"op":"same","id":"a","from":0},{"op":"same","id":"b","from":1}]}`,
		`{"cells":[{"op":"added","id":"x","from":-1},{"op":"same","id":"a","from":0},{"op":"same","id":"b","from":1}]}`,
		`{"cells":[{"op":"other","id":"a","from":0},{"op":"same","id":"b","from":1}]}`,
		`{"cells":[{"op":"changed","id":"a","from":0,"outputs":[{"start":0,"removed":1}]},{"op":"same","id":"b","from":1}]}`,
		`{"cells":[{"op":"changed","id":"a","from":0,"outputs":[{"start":-1,"removed":0}]},{"op":"same","id":"b","from":1}]}`,
		`{"cells":[{"op":"changed","id":"a","from":0,"source":[{"start":-1}]},{"op":"same","id":"b","from":1}]}`,
		`{"cells":[{"op":"changed","id":"a","from":0,"source":[{"start":0,"old":["1","2"]}]},{"op":"same","id":"b","from":1}]}`,
	} {
		var p Patch
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			t.Fatal(err)
		}
		if got, err := Apply(p, a); !errors.Is(err, ErrPatch) {
			t.Errorf("%s: %+v %v", text, got, err)
		}
	}
}

// TestAlign: a tool that gave every cell a new id does not make every cell another.
func TestAlign(t *testing.T) {
	var a, b []Cell
	for i := range 300 {
		source := fmt.Sprintf("import module%d as m\nm.run(%d)\nprint('step %d done')", i, i, i)
		a = append(a, Cell{ID: fmt.Sprint("a", i), Type: Code, Source: source})
		b = append(b, Cell{ID: fmt.Sprint("b", i), Type: Code, Source: source + "\n# note"})
	}
	b[7].Source = "something else entirely"
	for j, i := range align(a, b) {
		if want := j; (i != want) != (j == 7) {
			t.Errorf("cell %d is old cell %d", j, i)
		}
	}
}

func TestInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.Permutation([]int{0, 1, 2, 3, 4, 5, -1, -1}).Draw(t, "values")
		best := 0
		for set := range 1 << len(values) {
			last, n := -1, 0
			for i, v := range values {
				if set>>i&1 == 1 {
					if v <= last {
						n = -len(values)
					}
					last = v
					n++
				}
			}
			best = max(best, n)
		}
		last, n := -1, 0
		for i, stay := range inOrder(values) {
			if stay {
				if values[i] <= last {
					t.Fatalf("%v: %v", values, inOrder(values))
				}
				last = values[i]
				n++
			}
		}
		if n != best {
			t.Fatalf("%v: %d stay, %d could", values, n, best)
		}
	})
}
