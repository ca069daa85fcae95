package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"syscall"
	"time"

	"sextant/kernel/wire"
	"sextant/sessions/link"
)

// errNoKernel is for what needs a kernel while there is none.
var errNoKernel = errors.New("there is no kernel: it is starting, or has died")

// do carries out one call and gives its result.
func (a *Agent) do(c link.Call) (any, error) {
	switch c.Method {
	case link.Interrupt:
		var p link.InterruptParams
		if err := params(c, &p); err != nil {
			return nil, err
		}
		return nil, a.interrupt(p.Subshell)
	case link.Restart:
		return nil, a.restart()
	case link.Measure:
		return a.measure(), nil
	case link.Trim:
		var p link.TrimParams
		if err := params(c, &p); err != nil {
			return nil, err
		}
		a.journal.trim(p.Through)
		return nil, nil
	}
	return nil, fmt.Errorf("unknown method %.40q", string(c.Method))
}

func params(c link.Call, dst any) error {
	if err := json.Unmarshal(c.Params, dst); err != nil {
		return fmt.Errorf("parameters of %s: %w", c.Method, err)
	}
	return nil
}

// interrupt asks the kernel to stop what a subshell runs, and sees to it that it does.
func (a *Agent) interrupt(subshell string) error {
	a.mu.Lock()
	r := a.current
	var target request
	found := false
	if r != nil {
		target, found = a.book.running(subshell)
	}
	a.mu.Unlock()
	if r == nil {
		return errNoKernel
	}
	if a.spec.Signal {
		r.signal(syscall.SIGINT)
	} else {
		m, err := wire.NewMessage(a.own, "agent", "interrupt_request", nil)
		if err != nil {
			return err
		}
		m.Channel, m.Header.SubshellID = wire.Control, subshell
		if err := r.conn.Send(m); err != nil {
			return err
		}
	}
	if found {
		go a.enforce(r, target.id)
	}
	return nil
}

// enforce kills a kernel that still runs what it was told to stop when the grace is over.
func (a *Agent) enforce(r *running, id string) {
	grace := time.NewTimer(a.spec.InterruptGrace)
	defer grace.Stop()
	select {
	case <-grace.C:
	case <-r.ended:
		return
	}
	a.mu.Lock()
	runs := a.current == r && a.book.has(id)
	a.mu.Unlock()
	if runs {
		r.kill(fmt.Sprintf("what it ran did not stop within %s of the interrupt", a.spec.InterruptGrace))
	}
}

// restart ends the kernel and starts another in its place.
func (a *Agent) restart() error {
	a.control.Lock()
	defer a.control.Unlock()
	if a.ctx.Err() != nil {
		return errNoKernel
	}
	a.mu.Lock()
	r := a.current
	a.current = nil
	a.mu.Unlock()
	const reason = "The kernel was restarted."
	if r != nil {
		r.expected.Store(true)
		a.restarting(reason)
		spent := r.cpuSeconds()
		r.stop(a.spec.ShutdownGrace, true, "it was restarted")
		a.mu.Lock()
		a.spent += spent
		a.mu.Unlock()
	} else {
		a.setState(func(s *link.State) { s.Execution = wire.StateStarting })
	}
	a.startOrDie()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.current == nil {
		return errors.New(a.state.Reason)
	}
	a.state.Reason = ""
	return nil
}
