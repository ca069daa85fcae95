package sessions

import (
	"context"
	"fmt"
	"time"

	"sextant/content/iam"
)

// Quota bounds what the sessions of some users take together. A bound that is zero is none. The bounds are looked at when a
// session is to be started, and hold nobody up who has one.
type Quota struct {
	// ID tells it from others. Whose is whom it is for, as a sentence begins: "you", "all users of this server".
	ID, Whose string
	// Sessions is how many they may have at a time.
	Sessions int
	// Memory is how many bytes their sessions may hold, as last measured, for another to be started.
	Memory int64
	// CPU is how much processor time they may take in a day (UTC), as last booked, for another session to be started.
	CPU time.Duration
}

// QuotaError says which bound was reached, and what to do.
type QuotaError struct {
	What quantity
	// Limit is a number of sessions, of bytes, or of seconds.
	Limit int64
	// Whose is as of Quota.
	Whose string
	// Waited is how long one has waited for a place.
	Waited time.Duration
}

// quantity is what a quota bounds.
type quantity string

const (
	ofSessions quantity = "sessions"
	ofMemory   quantity = "memory"
	ofCPU      quantity = "processor time"
)

func (e *QuotaError) Error() string {
	waited := ""
	if e.Waited > 0 {
		waited = fmt.Sprintf(", and none ended within %v", e.Waited)
	}
	switch e.What {
	case ofMemory:
		return fmt.Sprintf("%s already hold %.1f GB of memory in sessions or more, which is the limit%s; shut one down first", e.Whose, float64(e.Limit)/1e9, waited)
	case ofCPU:
		return fmt.Sprintf("%s have used the %.1f hours of processor time that there are for a day; there are more from midnight (UTC)", e.Whose, float64(e.Limit)/3600)
	}
	return fmt.Sprintf("%s already have %d %s, which is the limit%s; shut one down first", e.Whose, e.Limit, e.What, waited)
}

// Is makes errors.Is(err, ErrQuota) true.
func (e *QuotaError) Is(target error) bool { return target == ErrQuota }

// quotas are all that hold for a user, the server's own first. Where those that were configured cannot be found out, as for a user
// who is no longer there, the others hold.
func (m *Manager) quotas(ctx context.Context, user iam.Member) []Quota {
	out := []Quota{{ID: string(user), Whose: "you", Sessions: m.MaxPerUser}, {ID: "*", Whose: "all users of this server", Sessions: m.MaxSessions}}
	if m.Quotas == nil {
		return out
	}
	more, err := m.Quotas(ctx, user)
	if err != nil {
		m.log.Warn("quotas", "user", user, "error", err)
	}
	return append(out, more...)
}

// measured sums what sessions hold by quota, and admits who waits for less.
func (m *Manager) measured(all []*Session) {
	memory := map[string]int64{}
	for _, s := range all {
		s.mu.Lock()
		held := s.usage.MemoryBytes
		s.mu.Unlock()
		for _, q := range s.quotas {
			memory[q.ID] += held
		}
	}
	m.line.measured(memory)
}

// SetSpent says how much processor time users have taken today, on all servers of the store.
func (m *Manager) SetSpent(ctx context.Context, today map[iam.Member]time.Duration) {
	cpu := map[string]time.Duration{}
	for user, spent := range today {
		for _, q := range m.quotas(ctx, user) {
			if q.CPU > 0 {
				cpu[q.ID] += spent
			}
		}
	}
	m.line.spent(cpu)
}
