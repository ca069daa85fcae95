package sessions

import (
	"sync"
	"time"

	"sextant/content/iam"
)

// Spent is what a user's sessions in one environment have used since it was last taken.
type Spent struct {
	User        iam.Member
	Environment string
	Executions  int64
	Execution   time.Duration
	CPUSeconds  float64
	PeakBytes   int64
}

// meter sums what is used until somebody takes it.
type meter struct {
	mu  sync.Mutex
	sum map[[2]string]*Spent
}

func newMeter() *meter { return &meter{sum: map[[2]string]*Spent{}} }

func (m *meter) add(user iam.Member, environment string, change func(*Spent)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := [2]string{string(user), environment}
	s := m.sum[key]
	if s == nil {
		s = &Spent{User: user, Environment: environment}
		m.sum[key] = s
	}
	change(s)
}

func (m *meter) executed(user iam.Member, environment string, d time.Duration) {
	m.add(user, environment, func(s *Spent) { s.Executions++; s.Execution += d })
}

func (m *meter) computed(user iam.Member, environment string, seconds float64, peak int64) {
	m.add(user, environment, func(s *Spent) { s.CPUSeconds += seconds; s.PeakBytes = max(s.PeakBytes, peak) })
}

// TakeSpent gives what was used since the last call.
func (m *Manager) TakeSpent() []Spent {
	m.meter.mu.Lock()
	defer m.meter.mu.Unlock()
	out := make([]Spent, 0, len(m.meter.sum))
	for _, s := range m.meter.sum {
		out = append(out, *s)
	}
	clear(m.meter.sum)
	return out
}
