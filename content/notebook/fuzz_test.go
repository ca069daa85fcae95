package notebook

import "testing"

// FuzzRead: reading never panics, and what it accepts is the same in every form.
func FuzzRead(f *testing.F) {
	for _, data := range corpus(f) {
		if len(data) < 4<<10 {
			f.Add(data)
		}
	}
	// A cell whose type comes twice, and lines under a name that no version knows.
	f.Add([]byte(`{"cells":[{"cell_type":"x","outputs":[],"cell_type":"code"}],"nbformat":4}`))
	f.Add([]byte(`{"cells":[{"cell_type":"x","outputs":[1],"cell_type":"code","outputs":[]}],"nbformat":4}`))
	f.Add([]byte(`{"worksheets":[{"cells":[{"cell_type":"code","outputs":[{"output_type":"pyout","x":["a","b"]}]}]}],"nbformat":3}`))
	// A cell of no type, and outputs that are none, which mean nothing there.
	f.Add([]byte(`{"worksheets":[{"cells":[{"cell_type":"","outputs":[{"output_tyde":"pyout","x":["a","b"]}]}]}],"nbformat":3}`))
	f.Add([]byte(`{"cells":[{"outputs":[{"x":"\ud800"}],"cell_type":"","metadata":{},"source":""}],"nbformat":4}`))
	f.Add([]byte(`{"cells":[{"outputs":[{"output_type":"stream","name":"x","text":["\ud800"]}],"cell_type":"code"}],"nbformat":4}`))
	// Old cells with what only version 4 knows.
	for _, cell := range []string{`"cell_type":"code","source":null,"execution_count":"x","id":"abc"`, `"cell_type":"code","attachments":{"a":{"text/plain":["b","c"]},"d":["e"]}`,
		`"cell_type":"markdown","attachments":3`, `"cell_type":"markdown","id":3,"execution_count":3,"outputs":[1],"trusted":true`} {
		f.Add([]byte(`{"worksheets":[{"cells":[{` + cell + `}]}],"nbformat":3}`))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		nb, report, err := Read(data)
		if (nb == nil) == (err == nil) {
			t.Fatal("neither a notebook nor an error, or both")
		}
		if err != nil {
			_ = err.Error()
			return
		}
		if len(report.Repairs) > maxNotes || len(report.Problems) > maxNotes {
			t.Fatal("the report is not bounded")
		}
		checkRoundTrips(t, "fuzz", nb)
		Title(nb)
		for _, p := range Passages(nb, 100, 1000) {
			if p.Kind == OutputPassage && len(p.Text) > 100 {
				t.Fatal("a passage is not bounded")
			}
		}
		if stripped := Strip(nb); !mustRead(t, written(t, stripped)).Equal(stripped) {
			t.Fatal("stripped it reads back as another")
		}
		// Reading again repairs nothing: what was repaired once is right.
		if _, again, _ := Read(written(t, nb)); len(again.Repairs) > 0 {
			t.Fatalf("repaired again: %v", again.Repairs)
		}
	})
}

// FuzzMerge: whatever three notebooks are merged, the result is valid, and each is reached from each by its patch.
func FuzzMerge(f *testing.F) {
	all := corpus(f)
	f.Add(all["nbformat-4.5"], all["nbconvert"], all["jupytext"])
	f.Add(all["colab"], all["missing-ids"], all["missing-ids"])
	f.Add(all["crlf-source"], all["duplicate-keys"], all["type-after-outputs"])
	f.Add(all["emoji"], all["bom"], all["empty"])
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		var nbs [3]*Notebook
		for i, data := range [][]byte{a, b, c} {
			nb, _, err := Read(data)
			if err != nil {
				return
			}
			nbs[i] = nb
		}
		checkMerge(t, nbs[0], nbs[1], nbs[2])
		wantMerge(t, nbs[0], nbs[0], nbs[1], nbs[1])
		wantMerge(t, nbs[0], nbs[1], nbs[0], nbs[1])
		wantMerge(t, nbs[0], nbs[1], nbs[1], nbs[1])
		p := Diff(nbs[0], nbs[1])
		if got, err := Apply(p, nbs[0]); err != nil || !got.Equal(nbs[1]) {
			t.Fatalf("patched it is another (%v)", err)
		}
	})
}
