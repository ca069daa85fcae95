package kernel

import (
	"sync"
	"time"
)

// idleAfter is how long nothing must have been asked or run before the kernel counts as idle.
const idleAfter = 1500 * time.Millisecond

// idler calls f once each time the kernel has become idle after having started or run a cell. Requests that only look,
// such as a client's regular kernel_info, put it off but do not ask for it again.
type idler struct {
	f     func()
	mu    sync.Mutex
	work  int  // requests being handled
	ran   bool // a cell was run since f was called
	timer *time.Timer
}

func newIdler(f func()) *idler {
	i := &idler{f: f, ran: true}
	if f != nil {
		i.timer = time.AfterFunc(idleAfter, i.fire)
	}
	return i
}

// run notes that a cell is run.
func (i *idler) run() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.ran = true
}

// begin and end stand around the handling of each request.
func (i *idler) begin() {
	if i.f == nil {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.work++
	i.timer.Stop()
}

func (i *idler) end() {
	if i.f == nil {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.work--; i.work == 0 {
		i.timer.Reset(idleAfter)
	}
}

func (i *idler) fire() {
	i.mu.Lock()
	idle := i.work == 0 && i.ran
	if idle {
		i.ran = false
	}
	i.mu.Unlock()
	if idle {
		i.f()
	}
}

// close makes sure that f is not called any more, but for a call that is under way.
func (i *idler) close() {
	if i.f != nil {
		i.timer.Stop()
	}
}
