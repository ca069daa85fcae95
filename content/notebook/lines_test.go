package notebook

import (
	"reflect"
	"strings"
	"testing"
)

func TestDiffLines(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want []LineChange
	}{
		{"a", "a", nil},
		{"", "a", []LineChange{{Old: []string{""}, New: []string{"a"}}}},
		{"a\nb", "a\nb\nc", []LineChange{{Start: 2, New: []string{"c"}}}},
		{"a\nb\n", "b\n", []LineChange{{Old: []string{"a"}}}},
		{"one two", "one 2", []LineChange{{Old: []string{"one two"}, New: []string{"one 2"}, Spans: []Span{{4, 7, 4, 5}}}}},
		{"all", "new", []LineChange{{Old: []string{"all"}, New: []string{"new"}}}}, // nothing in common to mark
	} {
		got := diffLines(c.a, c.b)
		for i := range got {
			if len(got[i].Old) == 0 {
				got[i].Old = nil
			}
			if len(got[i].New) == 0 {
				got[i].New = nil
			}
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q to %q: %+v", c.a, c.b, got)
		}
	}
	long := strings.Repeat("word ", maxSpanText)
	if got := diffLines(long+"a", long+"b"); len(got) != 1 || got[0].Spans != nil {
		t.Error("long lines are not compared word by word")
	}
}
