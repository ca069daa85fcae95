package content

import (
	"testing"

	"sextant/content/iam"
)

func TestWhatWasFoundHoldsAtItsVersionOnly(t *testing.T) {
	var r remembered[string, int]
	look := func(version int64, key string, want int, known bool) {
		t.Helper()
		if got, ok := r.get(version, key); ok != known || got != want {
			t.Errorf("%s at %d is %d, %v; want %d, %v", key, version, got, ok, want, known)
		}
	}
	look(0, "a", 0, false)
	r.put(3, "a", 1, 1)
	look(3, "a", 1, true)
	look(2, "a", 0, false)
	look(4, "a", 0, false)
	r.put(2, "b", 2, 1) // by who began before the change
	look(2, "b", 0, false)
	look(3, "b", 0, false)
	r.put(4, "b", 2, 1)
	look(4, "b", 2, true)
	look(4, "a", 0, false)
	look(3, "a", 0, false)
	r.put(4, "large", 3, maxRemembered+1)
	look(4, "large", 0, false)
	look(4, "b", 2, true)
	r.put(4, "fills", 3, maxRemembered)
	look(4, "fills", 3, true)
	look(4, "b", 0, false)
	if n := weigh([]Ancestor{{}, {Policy: iam.Policy{Bindings: []iam.Binding{{Members: []iam.Member{"a", "b"}}}}}}); n != 12 {
		t.Errorf("a lineage weighs %d", n)
	}
}
