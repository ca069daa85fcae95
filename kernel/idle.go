package kernel

import (
	"sync"
	"time"
)

// idleAfter is how long nothing must have been asked or run before the kernel counts as idle.
const idleAfter = 2 * time.Second

// idler calls f once each time the kernel has become idle.
type idler struct {
	f     func()
	mu    sync.Mutex
	work  int // requests being handled
	timer *time.Timer
}

func newIdler(f func()) *idler {
	i := &idler{f: f}
	if f != nil {
		i.timer = time.AfterFunc(idleAfter, i.fire)
	}
	return i
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
	idle := i.work == 0
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
