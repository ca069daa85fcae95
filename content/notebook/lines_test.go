package notebook

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
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
		got := DiffText(c.a, c.b)
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
	if got := DiffText(long+"a", long+"b"); len(got) != 1 || got[0].Spans != nil {
		t.Error("long lines are not compared word by word")
	}
}

func TestTextProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.StringMatching(`([abc]?(\r?\n)?){0,12}`), rapid.String())
		b, x, y := text.Draw(t, "b"), text.Draw(t, "x"), text.Draw(t, "y")
		if got, err := ApplyText(b, DiffText(b, x)); err != nil || got != x {
			t.Fatalf("patched it is %q, %v", got, err)
		}
		for _, sides := range [][3]string{{b, x, b}, {b, b, x}, {b, x, x}, {x, x, x}} {
			if got, conflicts := MergeText(sides[0], sides[1], sides[2]); got != x || len(conflicts) > 0 {
				t.Fatalf("%q merged is %q, %v", sides, got, conflicts)
			}
		}
		ours, c1 := MergeText(b, x, y)
		theirs, c2 := MergeText(b, y, x)
		if len(c1) == 0 && ours != theirs || !reflect.DeepEqual(exchanged(c1, false), exchanged(c2, true)) {
			t.Fatalf("%q %+v, %q %+v", ours, c1, theirs, c2)
		}
	})
}
