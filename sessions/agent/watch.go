package agent

import (
	"runtime/debug"
	"time"

	"sextant/sessions/link"
)

// watch ends an agent that no server has come back to, and notes how much the kernel uses at most.
func (a *Agent) watch() {
	tick := time.NewTicker(min(2*time.Second, a.spec.Orphan/2+time.Millisecond))
	defer tick.Stop()
	var last, trimmed uint64
	for {
		select {
		case <-a.ctx.Done():
			return
		case <-tick.C:
		}
		a.mu.Lock()
		forsaken := a.served == nil && lost(time.Since(a.absent), a.spec.Orphan, a.book.executing())
		a.mu.Unlock()
		// When nothing was said for a while, memory goes back.
		_, now := a.journal.bounds()
		if now == last && trimmed != now+1 {
			trimmed = now + 1
			debug.FreeOSMemory()
		}
		last = now
		if forsaken {
			a.log.Info("no server has come back", "after", time.Since(a.absent))
			a.quit()
			return
		}
	}
}

// lost decides whether an agent without a server gives up: a busy one is given a day's worth of patience.
func lost(absent, orphan time.Duration, executing bool) bool {
	if executing {
		orphan *= 24
	}
	return absent > orphan
}

// measure gives what the session uses.
func (a *Agent) measure() link.Usage {
	a.mu.Lock()
	r, state, spent := a.current, a.state, a.spent
	a.mu.Unlock()
	u := link.Usage{State: state, CPUSeconds: spent, AgentBytes: ownMemory()}
	if r != nil {
		g := groupUsage(r.cmd.Process.Pid)
		u.CPUSeconds += g.cpu
		u.MemoryBytes, u.Processes, u.ReadBytes = g.memory, g.processes, g.read
	}
	a.mu.Lock()
	a.peak = max(a.peak, u.MemoryBytes)
	u.PeakBytes = a.peak
	a.mu.Unlock()
	return u
}

func (p *process) cpuSeconds() float64 {
	select {
	case <-p.ended:
		return (p.state.UserTime() + p.state.SystemTime()).Seconds()
	default:
		return groupUsage(p.cmd.Process.Pid).cpu
	}
}

type usage struct {
	cpu       float64
	memory    int64
	read      int64
	processes int
}
