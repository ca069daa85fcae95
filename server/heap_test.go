package server

import (
	"runtime"
	"testing"
)

func TestHeapGrowsByAtLeastWhatIsSpare(t *testing.T) {
	for live, want := range map[uint64]int{0: 1600, 1 << 20: 1600, 8 << 20: 200, 32 << 20: 50, 1 << 30: 33} {
		if got := heapPercent(live); got != want {
			t.Errorf("%d bytes are live: %d %%, want %d", live, got, want)
		}
	}
}

func TestEachCollectionIsNoticed(t *testing.T) {
	seen := make(chan int, 3)
	n := 0
	afterEachCollection(func() bool {
		n++
		seen <- n
		return n < 3
	})
	for want := 1; want <= 3; want++ {
		for noticed := false; !noticed; {
			runtime.GC() // the next one may come before the last one has been noticed
			select {
			case got := <-seen:
				if noticed = true; got != want {
					t.Fatalf("collection %d was noticed as %d", want, got)
				}
			default:
			}
		}
	}
}
