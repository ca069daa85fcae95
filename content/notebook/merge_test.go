package notebook

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func checkMerge(t rapid.TB, base, ours, theirs *Notebook) (*Notebook, []Conflict) {
	t.Helper()
	before := []*Notebook{base.Clone(), ours.Clone(), theirs.Clone()}
	got, conflicts := Merge(base, ours, theirs)
	for i, nb := range []*Notebook{base, ours, theirs} {
		if !nb.Equal(before[i]) {
			t.Fatal("a notebook was changed")
		}
	}
	// Whatever was in conflict, the result can be written and read.
	if again := mustRead(t, written(t, got)); !again.Equal(got) {
		t.Fatalf("the result reads back as\n%s", written(t, again))
	}
	if _, err := json.Marshal(conflicts); err != nil {
		t.Fatal(err)
	}
	return got, conflicts
}

func wantMerge(t rapid.TB, base, ours, theirs, want *Notebook) {
	t.Helper()
	got, conflicts := checkMerge(t, base, ours, theirs)
	if !got.Equal(want) || len(conflicts) > 0 {
		t.Fatalf("merged\n%s\nnot\n%s\nconflicts %+v", written(t, got), written(t, want), conflicts)
	}
}

func TestMergeOneSide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawNotebook(t)
		x := edit(t, b, "x", 6)
		wantMerge(t, b, b, x, x)
		wantMerge(t, b, x, b, x)
		wantMerge(t, b, x, x, x)
	})
}

// exchanged is the conflicts as the other side sees them, in an order that does not depend on the side.
func exchanged(conflicts []Conflict, swap bool) []Conflict {
	out := slices.Clone(conflicts)
	for i := range out {
		c := &out[i]
		c.Line = 0
		if swap {
			c.Ours, c.Theirs = c.Theirs, c.Ours
		}
	}
	slices.SortFunc(out, func(a, b Conflict) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return out
}

func TestMergeSymmetry(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawNotebook(t)
		x, y := edit(t, b, "x", 6), edit(t, b, "y", 6)
		_, c1 := checkMerge(t, b, x, y)
		_, c2 := checkMerge(t, b, y, x)
		if !reflect.DeepEqual(exchanged(c1, false), exchanged(c2, true)) {
			t.Fatalf("%+v\n%+v", c1, c2)
		}
	})
}

// TestMergeUnrelated: even what has nothing in common leaves a valid notebook.
func TestMergeUnrelated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkMerge(t, drawNotebook(t), drawNotebook(t), drawNotebook(t)) })
}

// TestMergeDisjoint: edits of different cells, and of different parts of one cell, commute and do not conflict.
func TestMergeDisjoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := New()
		for i := range 6 {
			c := drawCell(t, fmt.Sprintf("c%d", i))
			c.Source = fmt.Sprintf("unique %d\na\nb\nc\nd\nlast %d", i, i)
			b.Cells = append(b.Cells, c)
		}
		x, y := b.Clone(), b.Clone()
		want := b.Clone()
		// Cells 0 to 2 are x's, the others y's.
		change := func(nb *Notebook, at int, who string) {
			for _, nb := range []*Notebook{nb, want} {
				nb.Cells[at].Source = who + "\n" + nb.Cells[at].Source
				nb.Cells[at].Metadata = Object{"by": StringValue(who)}
				nb.Cells[at].Outputs, nb.Cells[at].ExecutionCount = nil, nil
			}
		}
		change(x, rapid.IntRange(0, 2).Draw(t, "x"), "x")
		change(y, rapid.IntRange(3, 5).Draw(t, "y"), "y")
		// Both edit cell 2, far from each other, and add a key each.
		two := func(nb *Notebook, lines func(string) string, key string) {
			for _, nb := range []*Notebook{nb, want} {
				nb.Cells[2].Source = lines(nb.Cells[2].Source)
				if nb.Cells[2].Metadata = (Object{"z": "1"}); nb == want {
					nb.Cells[2].Metadata = Object{"k1": "1", "k2": "1", "z": "1"}
				} else {
					nb.Cells[2].Metadata[key] = "1"
				}
				nb.Cells[2].Outputs, nb.Cells[2].ExecutionCount = nil, nil
			}
		}
		b.Cells[2].Metadata, b.Cells[2].Outputs, b.Cells[2].ExecutionCount = Object{"z": "1"}, nil, nil
		two(x, func(s string) string { return strings.Replace(s, "unique", "UNIQUE", 1) }, "k1")
		two(y, func(s string) string { return strings.Replace(s, "last", "LAST", 1) }, "k2")
		// x adds a cell after the first, y removes the last but one or moves it to the end.
		add := Cell{ID: "added", Type: Markdown, Source: "by x", Metadata: Object{}}
		x.Cells = slices.Insert(x.Cells, 1, add)
		want.Cells = slices.Insert(want.Cells, 1, add)
		if rapid.Bool().Draw(t, "remove") {
			y.Cells = slices.Delete(y.Cells, 4, 5)
			want.Cells = slices.Delete(want.Cells, 5, 6)
		} else {
			y.Cells[4], y.Cells[5] = y.Cells[5], y.Cells[4]
			want.Cells[5], want.Cells[6] = want.Cells[6], want.Cells[5]
		}
		wantMerge(t, b, x, y, want)
		wantMerge(t, b, y, x, want)
	})
}

func TestMergeConflicts(t *testing.T) {
	count := func(n int64) *int64 { return &n }
	cell := func(id, source string) Cell { return Cell{ID: id, Type: Code, Source: source, Metadata: Object{}} }
	ran := func(source, text, at string, n int64) Cell {
		c := cell("a", source)
		c.Outputs, c.ExecutionCount = []Output{NewStream("stdout", text)}, count(n)
		if at != "" {
			c.Metadata["execution"] = Value(`{"iopub.status.busy":"2020-01-01T00:00:00Z","shell.execute_reply":"` + at + `"}`)
		}
		return c
	}
	with := func(c Cell, o Object) Cell { c.Metadata = o; return c }
	typed := func(c Cell, kind CellType) Cell { c.Type = kind; return c }
	type list []Cell
	for name, c := range map[string]struct {
		base, ours, theirs, want list
		conflicts                []Conflict
	}{
		"lines": {
			list{cell("a", "1\n2\n3\n4\n5")}, list{cell("a", "1\nX\n3\n4\n5")}, list{cell("a", "1\nY\n3\n4\n5\n6")}, list{cell("a", "1\nX\n3\n4\n5\n6")},
			[]Conflict{{Field: SourceConflict, CellID: "a", Line: 1, Base: "2", Ours: "X", Theirs: "Y"}},
		},
		"adjacent lines": {
			list{cell("a", "1\n2\n3")}, list{cell("a", "X\n2\n3")}, list{cell("a", "1\nY\n3")}, list{cell("a", "X\n2\n3")},
			[]Conflict{{Field: SourceConflict, CellID: "a", Base: "1\n2", Ours: "X\n2", Theirs: "1\nY"}},
		},
		"the same lines": {
			list{cell("a", "1\n2\n3\n4")}, list{cell("a", "1\nX\n3\n4\n5")}, list{cell("a", "0\n1\nX\n3\n4")}, list{cell("a", "0\n1\nX\n3\n4\n5")}, nil,
		},
		"both at the end": {
			list{cell("a", "1")}, list{cell("a", "1\nX")}, list{cell("a", "1\nY")}, list{cell("a", "1\nX")},
			[]Conflict{{Field: SourceConflict, CellID: "a", Line: 1, Ours: "X", Theirs: "Y"}},
		},
		"type": {
			list{cell("a", "")}, list{typed(cell("a", ""), Raw)}, list{typed(cell("a", ""), Markdown)}, list{typed(cell("a", ""), Raw)},
			[]Conflict{{Field: TypeConflict, CellID: "a", Base: "code", Ours: "raw", Theirs: "markdown"}},
		},
		"metadata": {
			list{with(cell("a", ""), Object{"x": "1", "y": "1", "o": `{"k":1,"l":1}`})},
			list{with(cell("a", ""), Object{"x": "2", "o": `{"k":2,"l":1,"m":1}`})},
			list{with(cell("a", ""), Object{"x": "3", "y": "2", "o": `{"k":3,"l":2}`})},
			list{with(cell("a", ""), Object{"x": "2", "y": "2", "o": `{"k":2,"l":2,"m":1}`})},
			[]Conflict{{Field: MetadataConflict, CellID: "a", Key: "o.k", Base: "1", Ours: "2", Theirs: "3"},
				{Field: MetadataConflict, CellID: "a", Key: "x", Base: "1", Ours: "2", Theirs: "3"},
				{Field: MetadataConflict, CellID: "a", Key: "y", Base: "1", Theirs: "2"}},
		},
		"removed and changed": {
			list{cell("a", "1"), cell("b", "2")}, list{cell("b", "2")}, list{cell("a", "1\nx"), cell("b", "2")}, list{cell("a", "1\nx"), cell("b", "2")},
			[]Conflict{{Field: CellConflict, CellID: "a"}},
		},
		"removed and run": {
			list{cell("a", "1"), cell("b", "2")}, list{cell("b", "2")}, list{ran("1", "out", "", 1), cell("b", "2")}, list{cell("b", "2")}, nil,
		},
		"added twice": {
			list{}, list{cell("a", "X")}, list{cell("a", "Y")}, list{cell("a", "X"), cell(newIDMaker().derive(cell("a", "Y")), "Y")},
			[]Conflict{{Field: CellConflict, CellID: "a"}},
		},
		"added at one place": {
			list{cell("a", "1"), cell("b", "2")}, list{cell("a", "1"), cell("x", "X x"), cell("b", "2")}, list{cell("a", "1"), cell("y", "Y"), cell("z", "Z"), cell("b", "2")},
			list{cell("a", "1"), cell("x", "X x"), cell("y", "Y"), cell("z", "Z"), cell("b", "2")}, nil,
		},
		"moved and added": {
			list{cell("a", "1"), cell("b", "2"), cell("c", "3")}, list{cell("a", "1"), cell("x", "X"), cell("b", "2"), cell("c", "3")},
			list{cell("c", "3"), cell("a", "1"), cell("b", "2")}, list{cell("c", "3"), cell("a", "1"), cell("x", "X"), cell("b", "2")}, nil,
		},
		"moved apart": {
			list{cell("a", "1"), cell("b", "2"), cell("c", "3")}, list{cell("b", "2"), cell("a", "1"), cell("c", "3")},
			list{cell("a", "1"), cell("c", "3"), cell("b", "2")}, list{cell("b", "2"), cell("a", "1"), cell("c", "3")},
			[]Conflict{{Field: OrderConflict}},
		},
		"run and edited": {
			list{ran("1", "old", "", 1)}, list{ran("1", "again", "", 2)}, list{ran("1\nx", "old", "", 1)}, list{ran("1\nx", "old", "", 1)}, nil,
		},
		"run twice, the later stays": {
			list{cell("a", "1")}, list{ran("1", "X", "2026-01-01T00:00:00.5Z", 1)}, list{ran("1", "Y", "2026-01-01T01:00:00+02:00", 2)},
			list{ran("1", "X", "2026-01-01T00:00:00.5Z", 1)}, nil,
		},
		"run twice": {
			list{cell("a", "1")}, list{ran("1", "X", "", 1)}, list{ran("1", "Y", "", 2)}, list{cell("a", "1")},
			[]Conflict{{Field: OutputsConflict, CellID: "a"}},
		},
		"edited twice in one line": {
			list{ran("1", "old", "", 1)}, list{ran("X", "X", "", 2)}, list{ran("Y", "Y", "", 3)}, list{cell("a", "X")},
			[]Conflict{{Field: SourceConflict, CellID: "a", Base: "1", Ours: "X", Theirs: "Y"}, {Field: OutputsConflict, CellID: "a"}},
		},
		"edited twice": {
			list{ran("1\n2\n3", "old", "", 1)}, list{ran("X\n2\n3", "old", "", 1)}, list{ran("1\n2\nY", "Y", "", 2)}, list{cell("a", "X\n2\nY")},
			[]Conflict{{Field: OutputsConflict, CellID: "a"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			nb := func(l list) *Notebook { return &Notebook{Metadata: Object{}, Cells: l} }
			got, conflicts := checkMerge(t, nb(c.base), nb(c.ours), nb(c.theirs))
			if !got.Equal(nb(c.want)) {
				t.Errorf("merged\n%s\nnot\n%s", written(t, got), written(t, nb(c.want)))
			}
			if !reflect.DeepEqual(conflicts, c.conflicts) {
				t.Errorf("conflicts\n%+v\nnot\n%+v", conflicts, c.conflicts)
			}
		})
	}
}

func TestMergeNotebook(t *testing.T) {
	b := &Notebook{Minor: 5, Metadata: Object{"k": "1"}}
	o := &Notebook{Minor: 6, Metadata: Object{"k": "2"}, Extra: Object{"x": "1"}}
	y := &Notebook{Minor: 5, Metadata: Object{"k": "3", "l": "1"}}
	got, conflicts := checkMerge(t, b, o, y)
	want := &Notebook{Minor: 6, Metadata: Object{"k": "2", "l": "1"}, Extra: Object{"x": "1"}}
	if !got.Equal(want) || !reflect.DeepEqual(conflicts, []Conflict{{Field: MetadataConflict, Key: "k", Base: "1", Ours: "2", Theirs: "3"}}) {
		t.Errorf("%+v %+v", got, conflicts)
	}
}
