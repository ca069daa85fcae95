package auth

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxLimited bounds how many addresses or accounts a limiter remembers.
const maxLimited = 20_000

// Limiter allows each key a burst of attempts and then one every so often.
type Limiter struct {
	burst int
	every time.Duration
	now   func() time.Time

	mu   sync.Mutex
	keys map[string]*rate.Limiter
}

// NewLimiter makes one that allows burst attempts and then one every so often; now is the clock.
func NewLimiter(burst int, every time.Duration, now func() time.Time) *Limiter {
	return &Limiter{burst: burst, every: every, now: now, keys: map[string]*rate.Limiter{}}
}

// Allow takes one attempt, or tells after which time there is one again.
func (l *Limiter) Allow(key string) (wait time.Duration, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	k := l.keys[key]
	if k == nil {
		if len(l.keys) >= maxLimited {
			l.forget(now)
		}
		k = rate.NewLimiter(rate.Every(l.every), l.burst)
		l.keys[key] = k
	}
	reserved := k.ReserveN(now, 1)
	if wait = reserved.DelayFrom(now); wait > 0 {
		reserved.CancelAt(now)
		return wait, false
	}
	return 0, true
}

// Credit gives back the attempt of somebody who turned out to be who they said: an office behind one address must not
// wait for each other. The limiter takes a negative number for that.
func (l *Limiter) Credit(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if k := l.keys[key]; k != nil {
		k.AllowN(l.now(), -1)
	}
}

// forget drops keys that have all their attempts again; where an attack leaves none of these, all: the other limiter
// still stands.
func (l *Limiter) forget(now time.Time) {
	for key, k := range l.keys {
		if k.TokensAt(now) >= float64(l.burst) {
			delete(l.keys, key)
		}
	}
	if len(l.keys) >= maxLimited {
		clear(l.keys)
	}
}

// network is what an address counts as: one IPv4 address, or an IPv6 customer's /64.
func network(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil || a.Is4() {
		return address
	}
	p, _ := a.WithZone("").Prefix(64) // 64 is within an IPv6 address
	return p.String()
}
