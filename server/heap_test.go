package server

import (
	"runtime"
	"testing"
)

func TestHeapGrowsByAtLeastWhatIsSpare(t *testing.T) {
	for live, want := range map[uint64]int{0: 2400, 1 << 20: 2400, 12 << 20: 200, 48 << 20: 50, 1 << 30: 50} {
		if got := heapPercent(live); got != want {
			t.Errorf("%d bytes are live: %d %%, want %d", live, got, want)
		}
	}
}

func TestEachCollectionIsNoticed(t *testing.T) {
	seen := make(chan int)
	n := 0
	afterEachCollection(func() bool {
		n++
		seen <- n
		return n < 3
	})
	for want := 1; want <= 3; want++ {
		runtime.GC()
		if got := <-seen; got != want {
			t.Fatalf("collection %d was noticed as %d", want, got)
		}
	}
}
