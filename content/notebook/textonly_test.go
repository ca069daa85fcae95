package notebook

import (
	"bytes"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

func textOnlyOf(t rapid.TB, data []byte, maxString int) []byte {
	t.Helper()
	var all [2][]byte
	for i, r := range []io.Reader{bytes.NewReader(data), iotest.OneByteReader(bytes.NewReader(data))} {
		var err error
		if all[i], err = io.ReadAll(TextOnly(r, maxString)); err != nil {
			t.Fatal(err)
		}
	}
	if len(all[0]) != len(all[1]) && maxString > len(data) {
		t.Fatalf("read in one piece %q, byte by byte %q", all[0], all[1])
	}
	return all[1]
}

// TestTextOnlyHasTheText compares what is searched of each notebook with what is searched of its text alone.
func TestTextOnlyHasTheText(t *testing.T) {
	compared := 0
	for name, data := range corpus(t) {
		nb, _, err := Read(data)
		if err != nil || nb == nil {
			continue
		}
		small, _, err := Read(textOnlyOf(t, data, 1<<20))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		compared++
		if got, want := Passages(small, 1<<20, 1<<20), Passages(nb, 1<<20, 1<<20); !reflect.DeepEqual(got, want) && !sameButIDs(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if compared < 40 {
		t.Errorf("only %d were compared", compared)
	}
	rapid.Check(t, func(t *rapid.T) {
		nb := &Notebook{Metadata: drawObject(t, "nb")}
		for _, id := range []string{"a", "b", "c"} {
			nb.Cells = append(nb.Cells, drawCell(t, id))
		}
		small := mustRead(t, textOnlyOf(t, written(t, nb), 1<<20))
		if got, want := Passages(small, 1000, 9000), Passages(mustRead(t, written(t, nb)), 1000, 9000); !reflect.DeepEqual(got, want) {
			t.Fatalf("%q, want %q", got, want)
		}
	})
}

// sameButIDs compares passages of notebooks without ids, which are given new ones each time they are read.
func sameButIDs(a, b []Passage) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Kind != b[i].Kind || a[i].Text != b[i].Text {
			return false
		}
	}
	return true
}

func TestTextOnly(t *testing.T) {
	for in, want := range map[string]string{
		"":     "",
		"{\"a": "{\"a",
		`{"cells":[{"outputs":[{"data":{"image/png": "AA\"A" , "text/plain":"x","a/b":{"c":[1,"}"]},"d/e":12,"f/g":[{}]}}]}]}`: `{"cells":[{"outputs":[{"data":{"image/png":"", "text/plain":"x","a/b":"","d/e":"","f/g":""}}]}]}`,
		`{"cells":[{"attachments":{"a.png":{"image/png":"AA"}},"source":["a"]}]}`:                                              `{"cells":[{"attachments":{"a.png":{"image/png":""}},"source":["a"]}]}`,
		`{"data":{"image/png":"AA"},"outputs":[{"data":{"image/png":"AA"}}]}`:                                                  `{"data":{"image/png":"AA"},"outputs":[{"data":{"image/png":"AA"}}]}`,
		`{"cells":[{"outputs":[{"data":{"text\/plain":"kept"}}]}]}`:                                                            `{"cells":[{"outputs":[{"data":{"text\/plain":"kept"}}]}]}`,
	} {
		if got := string(textOnlyOf(t, []byte(in), 1000)); got != want {
			t.Errorf("%s\ngave %s\nwant %s", in, got, want)
		}
	}
	// A long string ends between two characters and never within an escape.
	for _, unit := range []string{"x", "é", "🧭", `\u00e9x`, `\\`, `\ud83e\udded`, `\"y`} {
		in := `{"cells":[{"cell_type":"code","id":"a","metadata":{},"execution_count":null,"outputs":[],"source":"` + strings.Repeat(unit, 500) +
			`"}],"metadata":{},"nbformat":4,"nbformat_minor":5}`
		out := textOnlyOf(t, []byte(in), 100)
		nb := mustRead(t, out)
		whole := mustRead(t, []byte(in))
		if len(nb.Cells) != 1 || !strings.HasPrefix(whole.Cells[0].Source, nb.Cells[0].Source) || len(nb.Cells[0].Source) < 25 {
			t.Errorf("%s: %s", unit, out)
		}
	}
}

// TestTextOnlyHoldsLittle reads a picture of 64 MB and keeps nothing of it.
func TestTextOnlyHoldsLittle(t *testing.T) {
	r := io.MultiReader(strings.NewReader(`{"cells":[{"outputs":[{"data":{"image/png":"`), io.LimitReader(zeros{}, 64<<20), strings.NewReader(`"}}]}]}`))
	got, err := io.ReadAll(TextOnly(r, 1000))
	if want := `{"cells":[{"outputs":[{"data":{"image/png":""}}]}]}`; err != nil || string(got) != want {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}
