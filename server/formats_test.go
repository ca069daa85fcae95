package server

import (
	"strings"
	"testing"
)

// TestLargeNotebooksAreSearchedAlike compares what is searched of a notebook that is parsed with what is when it is too
// large for that.
func TestLargeNotebooksAreSearchedAlike(t *testing.T) {
	text := `{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"cell_type":"code","id":"a","metadata":{},"execution_count":1,
		"source":["revenue = 1\n","print(revenue)"],"outputs":[{"output_type":"stream","name":"stdout","text":["a sunflower\n"]},
		{"output_type":"display_data","metadata":{},"data":{"image/png":"` + strings.Repeat("QUJD", 100_000) + `","text/plain":"a figure"}}]}]}`
	parsed := parseNotebook([]byte(text))
	if parsed.Problem != "" || !strings.Contains(parsed.Source, "revenue = 1") || !strings.Contains(parsed.Outputs, "sunflower") || strings.Contains(parsed.Outputs, "QUJD") {
		t.Fatalf("parsed: %+.300v", parsed)
	}
	source, outputs, err := largeNotebookText(strings.NewReader(text))
	if err != nil || source != parsed.Source || outputs != parsed.Outputs {
		t.Errorf("read as text: %q, %q, %v; want %q and %q", source, outputs, err, parsed.Source, parsed.Outputs)
	}
	if _, _, err := largeNotebookText(strings.NewReader(text[:200])); err == nil {
		t.Error("half a notebook is read")
	}
}
