package notebook

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// TestSplitOnce is what parts are for: saving again and again costs the large result once.
func TestSplitOnce(t *testing.T) {
	const size = 10 << 20
	nb := mustRead(t, largeNotebook(t, size))
	nb.Cells = nb.Cells[:5]
	stored := map[Value]bool{}
	sources := 0
	for save := range 10 {
		n := int64(save)
		nb.Cells[0].Source = strings.Repeat("edited ", save)
		nb.Cells[0].ExecutionCount = &n
		nb.Cells[0].Outputs[0] = NewExecuteResult(nb.Cells[0].Outputs[0].Data(), nil, &n)
		parts, err := Split(nb)
		if err != nil {
			t.Fatal(err)
		}
		sources += len(parts.Source)
		for _, v := range parts.Values {
			stored[v] = true
		}
	}
	total := 0
	for v := range stored {
		total += len(v)
	}
	if total > size || sources > 10*4096 || len(stored) != 3 {
		t.Errorf("%d values of %d bytes, sources of %d", len(stored), total, sources)
	}
}

func TestSplitPlaces(t *testing.T) {
	large := StringValue(strings.Repeat("large ", PartSize))
	text, _ := large.Text()
	nb := &Notebook{Metadata: Object{"widgets": large, "small": `"x"`}, Cells: []Cell{
		{ID: "a", Type: Markdown, Source: text, Metadata: Object{"m": large}, Attachments: Object{"a.png": objectValue(Object{"image/png": large})}},
		{ID: "b", Type: Code, Metadata: Object{}, Outputs: []Output{
			NewStream("stdout", text), NewError("E", "v", []string{text}), NewDisplayData(Object{"text/plain": large, "text/html": `"small"`}, Object{"m": large}),
		}},
	}}
	checkRoundTrips(t, "large", nb)
	parts, err := Split(nb)
	if err != nil {
		t.Fatal(err)
	}
	// The source of a cell stays where it is: it is what people edit, compare and search.
	if n := strings.Count(string(parts.Source), "large large"); n == 0 || len(parts.Source) > len(large)+2000 {
		t.Errorf("%d bytes are left", len(parts.Source))
	}
	if len(parts.Values) != 4 { // the text, the attachment, the traceback, the output's metadata
		t.Errorf("%d values", len(parts.Values))
	}
	broken := errors.New("no blob")
	fail := func(int) (Value, error) { return "", broken }
	if _, err := Join(parts.Source, fail); !errors.Is(err, broken) {
		t.Error(err)
	}
	if err := WriteJoined(&bytes.Buffer{}, parts.Source, fail); !errors.Is(err, broken) {
		t.Error(err)
	}
	if _, err := Join([]byte(`{"cells":[],"metadata":{"a":"\/part/x"},"nbformat":4,"nbformat_minor":5}`), fail); err == nil {
		t.Error("a placeholder without a number was taken")
	}
	if _, err := Join([]byte("nonsense"), fail); !errors.Is(err, ErrNotJSON) {
		t.Error(err)
	}
}

// TestSplitForged: what a user writes is never taken for a placeholder.
func TestSplitForged(t *testing.T) {
	nb := mustRead(t, []byte(`{"cells":[{"cell_type":"code","id":"a","execution_count":null,"source":"\/part/0","metadata":{"k":"\/part/0"},
		"outputs":[{"output_type":"stream","name":"stdout","text":"\/part/0"},{"output_type":"stream","name":"x","text":"\\/part/0 \"\\/part/0"}]}],
		"metadata":{"k":"\/part/0"},"nbformat":4,"nbformat_minor":5,"\/part/0":"\/part/0"}`))
	if got := nb.Metadata["k"]; got != `"/part/0"` {
		t.Error(got)
	}
	checkRoundTrips(t, "forged", nb)
}

func TestWriteRefuses(t *testing.T) {
	cell := Cell{ID: "a", Type: Code, Metadata: Object{}}
	for name, nb := range map[string]*Notebook{
		"no id":         {Cells: []Cell{{Type: Code}}},
		"bad id":        {Cells: []Cell{{ID: "a b", Type: Code}}},
		"two of one id": {Cells: []Cell{cell, cell}},
		"no JSON":       {Metadata: Object{"a": `{"a"`}},
	} {
		if err := Write(&bytes.Buffer{}, nb); err == nil {
			t.Errorf("%s: written", name)
		}
	}
	if err := Write(failing{}, &Notebook{}); !errors.Is(err, errFull) {
		t.Error(err)
	}
	nb := &Notebook{Minor: 2, Metadata: Object{"signature": `"s"`, "orig_nbformat": "3"}, Cells: []Cell{cell}}
	nb.Cells[0].Metadata["trusted"] = "true"
	if got := mustRead(t, written(t, nb)); len(got.Metadata) > 0 || len(got.Cells[0].Metadata) > 0 || bytes.Contains(written(t, nb), []byte("trusted")) {
		t.Errorf("%s", written(t, nb))
	}
}

type failing struct{}

var errFull = errors.New("disk full")

func (failing) Write([]byte) (int, error) { return 0, errFull }
