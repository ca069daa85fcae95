package sessions

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"sextant/content/iam"
)

// line admits sessions up to two limits, one for each user and one for all; who comes when either is reached waits, and
// those who wait are admitted in the order in which they came, each as soon as their own limits allow.
type line struct {
	perUser, all int

	mu      sync.Mutex
	held    map[iam.Member]int
	total   int
	waiting []*place
}

// place is one who waits.
type place struct {
	user     iam.Member
	admitted chan struct{} // closed once a place is held
}

// maxWaiting bounds those who wait.
const maxWaiting = 1_000

func newLine(perUser, all int) *line {
	return &line{perUser: perUser, all: all, held: map[iam.Member]int{}}
}

// full tells which limit keeps a user out; nil is none. The caller holds l.mu.
func (l *line) full(user iam.Member) *QuotaError {
	switch {
	case l.held[user] >= l.perUser:
		return &QuotaError{What: "sessions", Limit: l.perUser, Whose: "you"}
	case l.total >= l.all:
		return &QuotaError{What: "sessions", Limit: l.all, Whose: "all users of this server"}
	}
	return nil
}

func (l *line) hold(user iam.Member) {
	l.held[user]++
	l.total++
}

// take counts a session that is there already, whatever the limits.
func (l *line) take(user iam.Member) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hold(user)
}

// leave gives a place back, and admits who waits for one.
func (l *line) leave(user iam.Member) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[user]--; l.held[user] <= 0 {
		delete(l.held, user)
	}
	l.total--
	l.waiting = slices.DeleteFunc(l.waiting, func(p *place) bool {
		if l.full(p.user) != nil {
			return false
		}
		l.hold(p.user)
		close(p.admitted)
		return true
	})
}

// enter takes a place for a user, waiting up to wait for one; the error is then a [QuotaError], or ctx's. Whoever got a
// place gives it back by leave.
func (l *line) enter(ctx context.Context, user iam.Member, wait time.Duration) error {
	l.mu.Lock()
	refused := l.full(user)
	if refused == nil {
		l.hold(user)
		l.mu.Unlock()
		return nil
	}
	if len(l.waiting) >= maxWaiting || wait <= 0 {
		l.mu.Unlock()
		return refused
	}
	p := &place{user, make(chan struct{})}
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
