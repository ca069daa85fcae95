package sessions

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"time"

	"sextant/content/iam"
	"sextant/sessions/link"
)

// watchEvery is how often sessions are looked at: measured, warned, ended.
const watchEvery = 10 * time.Second

// usedBy is what decides about a session's life.
type usedBy struct {
	Began, Active time.Time
	Executing     bool
	// Longest is when the oldest execution that runs began.
	Longest time.Time
	Clients int
	// CPU is how much processor time was taken since what runs began.
	CPU time.Duration
}

// verdict is what is to become of a session.
type verdict struct {
	End  string // why it is to end; empty where it is not
	Stop string // why what it executes is to be interrupted
	Warn string // what its users are to be told
}

// judge decides on a session's life. A cell that runs keeps a session, unless the session's life is over; clients that are
// connected but do nothing do not. A minute before the end of its life, users are warned.
func judge(u usedBy, idle, life, maxRun, maxCPU time.Duration, now time.Time) verdict {
	if life > 0 {
		switch age := now.Sub(u.Began); {
		case age >= life:
			return verdict{End: fmt.Sprintf("it has existed for %s, which is the most in its environment", life)}
		case age >= life-lifeWarning && life > 2*lifeWarning:
			left := (life - age).Round(time.Second)
			return verdict{Warn: fmt.Sprintf("This session ends in %s: it may exist for %s. Save what you need.", left, life)}
		}
	}
	if u.Executing {
		if maxRun > 0 && now.Sub(u.Longest) >= maxRun {
			return verdict{Stop: fmt.Sprintf("a cell may run for %s in its environment", maxRun)}
		}
		if maxCPU > 0 && u.CPU >= maxCPU {
			return verdict{Stop: fmt.Sprintf("a cell may take %s of processor time in its environment", maxCPU)}
		}
		return verdict{}
	}
	if idle > 0 && now.Sub(u.Active) >= idle {
		return verdict{End: fmt.Sprintf("it was idle for %s", idle)}
	}
	return verdict{}
}

// lifeWarning is how long before the end of a session's life its users are told.
const lifeWarning = 5 * time.Minute

// watch looks at all sessions from time to time.
func (m *Manager) watch() {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-m.ctx.Done():
			return
		case <-tick.C:
		}
		m.mu.Lock()
		all := m.all()
		m.mu.Unlock()
		for _, s := range all {
			m.look(s)
		}
		m.measured(all)
	}
}

// look measures one session and does what its time demands.
func (m *Manager) look(s *Session) {
	ctx, cancel := context.WithTimeout(m.ctx, watchEvery)
	defer cancel()
	s.mu.Lock()
	before := s.usage.CPUSeconds
	s.mu.Unlock()
	if _, err := s.Measure(ctx); err != nil && m.ctx.Err() == nil && !errors.Is(err, ErrEnded) {
		m.log.Warn("a session does not answer", "id", s.meta.ID, "error", err)
	}
	s.mu.Lock()
	u := usedBy{Began: s.meta.Began, Active: s.active, Executing: len(s.executing) > 0}
	for _, at := range s.executing {
		if u.Longest.IsZero() || at.Before(u.Longest) {
			u.Longest = at
		}
	}
	if !u.Executing || u.Longest.After(s.cpuSince) { // what runs now began after the look before this one
		s.cpuSince, s.cpuThen = m.now(), before
	}
	u.CPU = time.Duration((s.usage.CPUSeconds - s.cpuThen) * float64(time.Second))
	kernels := make([]*Kernel, 0, len(s.kernels))
	for _, k := range s.kernels {
		kernels = append(kernels, k)
	}
	v := judge(u, s.meta.Idle, s.meta.Life, s.meta.MaxRun, s.meta.MaxCPU, m.now())
	warn := v.Warn != "" && !s.warned
	s.warned = s.warned || warn
	s.persist()
	s.mu.Unlock()
	switch {
	case v.End != "":
		if err := s.shutdown(ctx, errors.New(v.End)); err != nil {
			m.log.Warn("session", "id", s.meta.ID, "error", err)
		}
	case v.Stop != "":
		for _, k := range kernels {
			if k.Info().Executions == 0 {
				continue
			}
			k.notify("Stopped: " + v.Stop + ".")
			if err := k.Interrupt(ctx); err != nil {
				m.log.Warn("interrupt", "kernel", k.id, "error", err)
			}
		}
	case warn:
		for _, k := range kernels {
			k.notify(v.Warn)
		}
	}
}

// Info is a session at one moment.
type Info struct {
	ID          string
	User        iam.Member
	Environment string
	Title       string
	Kernelspec  string
	Shared      bool
	Began       time.Time
	Active      time.Time
	Executing   bool
	State       link.State
	Usage       link.Usage
	Kernels     []KernelInfo
	// EndsIdle and EndsAge say when it ends if it is not used, and at the latest; zero is never.
	EndsIdle time.Time
	EndsAge  time.Time
	// Executed is how long its executions took together, as far as they have ended.
	Executed time.Duration
}

// Info gives what there is to know of the session.
func (s *Session) Info() Info {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := Info{ID: s.meta.ID, User: s.meta.User, Environment: s.meta.Environment, Title: s.meta.Title, Kernelspec: s.meta.Kernelspec.Name,
		Shared: s.meta.Shared, Began: s.meta.Began, Active: s.active, Executing: len(s.executing) > 0, State: s.state, Usage: s.usage, Executed: s.meta.Executed}
	for _, k := range s.kernels {
		i.Kernels = append(i.Kernels, k.info())
	}
	if s.meta.Idle > 0 {
		i.EndsIdle = s.active.Add(s.meta.Idle)
	}
	if s.meta.Life > 0 {
		i.EndsAge = s.meta.Began.Add(s.meta.Life)
	}
	return i
}

// User is whose session it is.
func (s *Session) User() iam.Member { return s.meta.User }

// Program is the program that the session's kernel runs.
func (s *Session) Program() string {
	if len(s.meta.Kernelspec.Argv) == 0 {
		return ""
	}
	return s.meta.Kernelspec.Argv[0]
}

// ID is the session's id.
func (s *Session) ID() string { return s.meta.ID }

// Done is closed when the session has ended.
func (s *Session) Done() <-chan struct{} { return s.done }

// Measure asks the agent what the session uses.
func (s *Session) Measure(ctx context.Context) (link.Usage, error) {
	conn, err := s.link()
	if err != nil {
		return link.Usage{}, err
	}
	var u link.Usage
	if err := conn.Call(ctx, link.Measure, nil, &u); err != nil {
		return u, err
	}
	s.mu.Lock()
	spent := u.CPUSeconds - s.usage.CPUSeconds
	s.usage = u
	s.state.Unresponsive, s.state.KernelPID, s.state.Sandbox = u.State.Unresponsive, u.State.KernelPID, u.State.Sandbox
	s.mu.Unlock()
	if spent > 0 {
		s.m.meter.computed(s.meta.User, s.meta.Environment, spent, u.PeakBytes)
	}
	return u, nil
}

// Shutdown ends the session.
func (s *Session) Shutdown(ctx context.Context) error {
	return s.shutdown(ctx, errors.New("it was shut down"))
}

// Sessions lists the sessions of a user, or of all where user is empty, oldest first.
func (m *Manager) Sessions(user iam.Member) []*Session {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []*Session
	for _, s := range m.all() {
		if user == "" || s.meta.User == user {
			out = append(out, s)
		}
	}
	return out
}

// Session finds a session by its id: a user's, or anybody's where user is empty.
func (m *Manager) Session(user iam.Member, id string) (*Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.sessions[id]
	if s == nil || user != "" && s.meta.User != user {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	return s, nil
}

func mapKeys(m map[string]string) iter.Seq[string] { return maps.Keys(m) }
