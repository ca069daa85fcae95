package resultfile

import (
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// chunked makes a column of strings; "-" is a NULL.
func chunked(t *testing.T, chunks ...[]string) *arrow.Chunked {
	t.Helper()
	var arrays []arrow.Array
	for _, words := range chunks {
		b := array.NewStringBuilder(memory.DefaultAllocator)
		for _, w := range words {
			if w == "-" {
				b.AppendNull()
			} else {
				b.Append(w)
			}
		}
		arrays = append(arrays, b.NewArray())
	}
	return arrow.NewChunked(arrow.BinaryTypes.String, arrays)
}

func TestDictionaryNumbersWordsAcrossChunks(t *testing.T) {
	d := dictionary(chunked(t, []string{"a", "-", "b"}, []string{"b", "", "a"}))
	if d == nil || d.Len() != 6 || len(d.Chunks()) != 1 {
		t.Fatalf("got %v", d)
	}
	arr := d.Chunk(0).(*array.Dictionary)
	words := arr.Dictionary().(*array.String)
	var got []string
	for i := range arr.Len() {
		if arr.IsNull(i) {
			got = append(got, "-")
		} else {
			got = append(got, words.Value(arr.GetValueIndex(i)))
		}
	}
	if s := strings.Join(got, ","); s != "a,-,b,b,,a" || words.Len() != 3 {
		t.Errorf("got %q with %d words", s, words.Len())
	}
}

func TestDictionaryGivesUpOnTooManyWords(t *testing.T) {
	long := strings.Repeat("x", dictionaryBytes/2)
	if d := dictionary(chunked(t, []string{long + "1", long + "2"})); d != nil {
		t.Errorf("a dictionary of %d rows", d.Len())
	}
	if d := dictionary(chunked(t, []string{long, long, long})); d == nil {
		t.Error("no dictionary for one long word")
	}
}
