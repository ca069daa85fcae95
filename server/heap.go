package server

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
)

// spareHeap is how much may be allocated between two collections at least: a heap of a few megabytes would otherwise be
// gone through some hundred times a second.
const spareHeap = 16 << 20

// tuneHeap sets after each collection how far the heap may grow before the next one. It ends with stop. An operator's
// own GOGC or GOMEMLIMIT is left alone.
func tuneHeap() (stop func()) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return func() {}
	}
	var ended atomic.Bool
	before := debug.SetGCPercent(100)
	afterEachCollection(func() bool {
		if ended.Load() {
			return false
		}
		live, other := heapNow()
		debug.SetGCPercent(heapPercent(live))
		// What is free beyond that goes back to the system before more is taken: large notebooks come and go.
		debug.SetMemoryLimit(other + int64(live) + int64(spare(live)))
		return true
	})
	return func() {
		ended.Store(true)
		debug.SetGCPercent(before)
		debug.SetMemoryLimit(math.MaxInt64)
	}
}

// heapNow is how many bytes of the heap the last collection found in use, and what the runtime needs beside the heap.
func heapNow() (live uint64, other int64) {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/free:bytes"}, {Name: "/memory/classes/heap/unused:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	other = int64(s[1].Value.Uint64())
	for _, heap := range s[2:] {
		other -= int64(heap.Value.Uint64())
	}
	return s[0].Value.Uint64(), other
}

// spare is how much may be allocated before the next collection: a third of what is live, but spareHeap at least.
func spare(live uint64) uint64 { return max(spareHeap, live/3) }

// heapPercent is that in hundredths of what is live.
func heapPercent(live uint64) int {
	live = max(live, 1<<20)
	return int(100 * spare(live) / live)
}

// collected is an object that becomes garbage at once, so that its finalizer runs after the next collection.
type collected struct{ next func() bool }

// afterEachCollection calls f after each collection until it gives false.
func afterEachCollection(f func() bool) {
	c := &collected{f}
	runtime.SetFinalizer(c, again)
}

func again(c *collected) {
	if c.next() {
		runtime.SetFinalizer(c, again)
	}
}
