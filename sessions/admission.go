package sessions

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// line admits sessions within quotas; who comes when one is reached waits, and those who wait are admitted in the order in
// which they came, each as soon as their own quotas allow.
type line struct {
	mu sync.Mutex
	// held, memory and cpu are what is taken of each quota, by its ID.
	held    map[string]int
	memory  map[string]int64
	cpu     map[string]time.Duration
	waiting []*place
}

// place is one who waits.
type place struct {
	quotas   []Quota
	admitted chan struct{} // closed once a place is held
}

// maxWaiting bounds those who wait.
const maxWaiting = 1_000

func newLine() *line { return &line{held: map[string]int{}} }

// full tells which quota keeps somebody out; nil is none. The caller holds l.mu.
func (l *line) full(quotas []Quota) *QuotaError {
	for _, q := range quotas {
		switch {
		case q.Sessions > 0 && l.held[q.ID] >= q.Sessions:
			return &QuotaError{What: ofSessions, Limit: int64(q.Sessions), Whose: q.Whose}
		case q.CPU > 0 && l.cpu[q.ID] >= q.CPU:
			return &QuotaError{What: ofCPU, Limit: int64(q.CPU / time.Second), Whose: q.Whose}
		case q.Memory > 0 && l.memory[q.ID] >= q.Memory:
			return &QuotaError{What: ofMemory, Limit: q.Memory, Whose: q.Whose}
		}
	}
	return nil
}

func (l *line) hold(quotas []Quota) {
	for _, q := range quotas {
		l.held[q.ID]++
	}
}

// take counts a session that is there already, whatever the quotas.
func (l *line) take(quotas []Quota) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hold(quotas)
}

// leave gives a place back, and admits who waits for one.
func (l *line) leave(quotas []Quota) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, q := range quotas {
		if l.held[q.ID]--; l.held[q.ID] <= 0 {
			delete(l.held, q.ID)
		}
	}
	l.admit()
}

// measured says how much memory is held, and spent how much processor time was taken.
func (l *line) measured(memory map[string]int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.memory = memory
	l.admit()
}

func (l *line) spent(cpu map[string]time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cpu = cpu
	l.admit()
}

// admit lets in who may be. The caller holds l.mu.
func (l *line) admit() {
	l.waiting = slices.DeleteFunc(l.waiting, func(p *place) bool {
		if l.full(p.quotas) != nil {
			return false
		}
		l.hold(p.quotas)
		close(p.admitted)
		return true
	})
}

// enter takes a place, waiting up to wait for one, but not for processor time; the error is then a [QuotaError], or ctx's.
// Whoever got a place gives it back by leave.
func (l *line) enter(ctx context.Context, quotas []Quota, wait time.Duration) error {
	l.mu.Lock()
	refused := l.full(quotas)
	if refused == nil {
		l.hold(quotas)
		l.mu.Unlock()
		return nil
	}
	if len(l.waiting) >= maxWaiting || wait <= 0 || refused.What == ofCPU {
		l.mu.Unlock()
		return refused
	}
	p := &place{quotas, make(chan struct{})}
	l.waiting = append(l.waiting, p)
	l.mu.Unlock()
	patience, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	select {
	case <-p.admitted:
		return nil
	case <-patience.Done():
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-p.admitted: // just now
		return nil
	default:
	}
	l.waiting = slices.DeleteFunc(l.waiting, func(o *place) bool { return o == p })
	if err := ctx.Err(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	refused.Waited = wait
	return refused
}
