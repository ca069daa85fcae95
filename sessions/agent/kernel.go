package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"sextant/kernel/wire"
	"sextant/kernel/zmq"
	"sextant/sessions/link"
)

// running is a kernel process with the connection to it.
type running struct {
	*process
	a    *Agent
	conn *zmq.Conn
	// expected is set where we end the kernel ourselves.
	expected atomic.Bool
	ready    chan struct{} // closed by the first answer
	heard    chan struct{} // closed by the first message on iopub
	once     [2]sync.Once
	pumps    sync.WaitGroup
	first    *beginning
	beat     atomic.Int64 // unix nanoseconds of the last heartbeat
}

// redial is how long a kernel that does not listen yet is given between tries.
const redial = 2 * time.Millisecond

// maxEarlyDeaths is how often in a row a kernel may die before it is ready; then it is dead.
const maxEarlyDeaths = 3

// startOrDie starts a kernel, again where it dies early. The caller holds control.
func (a *Agent) startOrDie() {
	for early := 1; ; early++ {
		err := a.start()
		if err == nil || a.ctx.Err() != nil {
			return
		}
		a.log.Warn("the kernel did not start", "error", err)
		if early == maxEarlyDeaths || !errors.Is(err, errEarlyDeath) {
			a.dead(err.Error())
			return
		}
	}
}

// errEarlyDeath is for a kernel that died before it was ready.
var errEarlyDeath = errors.New("the kernel died as it started")

// start starts one kernel and returns when it is ready.
func (a *Agent) start() error {
	ctx, cancel := context.WithTimeout(a.ctx, a.spec.StartTimeout)
	defer cancel()
	p, err := a.launch()
	if err != nil {
		return err
	}
	r := &running{process: p, a: a, ready: make(chan struct{}), heard: make(chan struct{}), first: &beginning{done: make(chan struct{}), notes: slices.Clone(a.spec.Notices)}}
	layers := make([]string, 0, len(p.report.Layers))
	for _, l := range p.report.Layers {
		layers = append(layers, l.String())
	}
	a.setState(func(s *link.State) {
		s.Execution, s.KernelPID, s.Sandbox = wire.StateStarting, p.cmd.Process.Pid, layers
	})
	if err = r.connect(ctx); err == nil {
		r.pump()
		err = r.awaitReady(ctx)
	}
	if err == nil {
		err = r.begin()
	}
	if err != nil {
		select {
		case <-p.ended:
			err = fmt.Errorf("%w. %s", errEarlyDeath, p.obituary())
		default:
			if errors.Is(err, context.DeadlineExceeded) {
				err = fmt.Errorf("the kernel was not ready within %s. %s", a.spec.StartTimeout, p.log.Tail(5))
			}
		}
		r.stop(0, false, "it did not become ready")
		return err
	}
	p.log.Forget() // how it began, ipykernel with advice for terminals, has nothing to do with how it ends
	// The kernel's own word that it starts may have come before it was listened to.
	a.say(nil, "status", wire.Status{ExecutionState: wire.StateIdle})
	a.mu.Lock()
	a.current = r
	if a.state.Execution == wire.StateStarting {
		a.state.Execution = wire.StateIdle
	}
	held := a.held
	a.held = nil
	for _, m := range held {
		a.book.ask(m)
	}
	a.mu.Unlock()
	for _, m := range held {
		if err := r.conn.Send(m); err != nil {
			a.log.Warn("send", "error", err)
		}
	}
	go r.guard()
	return nil
}

// connect dials the kernel until it listens.
func (r *running) connect(ctx context.Context) error {
	for {
		conn, err := zmq.Dial(ctx, r.info, zmq.Options{Logger: r.a.log, Session: r.a.own, Username: "agent"})
		if err == nil {
			r.conn = conn
			return nil
		}
		// libzmq may also drop a connection that comes before it is quite there.
		if !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-r.ended:
			return errEarlyDeath
		case <-time.After(redial):
		}
	}
}

// awaitReady asks for kernel_info until it is answered and iopub is heard.
func (r *running) awaitReady(ctx context.Context) error {
	for {
		m, err := wire.NewMessage(r.a.own, "agent", "kernel_info_request", nil)
		if err != nil {
			return err
		}
		m.Channel = wire.Shell
		if err := r.conn.Send(m); err != nil {
			return err
		}
		again := time.After(time.Second)
		ready, heard := r.ready, r.heard
		for ready != nil || heard != nil {
			select {
			case <-ready:
				ready = nil
				if heard != nil {
					// A kernel may answer before our subscription has reached it: one more question makes it speak there.
					again = time.After(50 * time.Millisecond)
				}
				continue
			case <-heard:
				heard = nil
				continue
			case <-ctx.Done():
				return ctx.Err()
			case <-r.ended:
				return errEarlyDeath
			case <-again:
			}
			break
		}
		if ready == nil && heard == nil {
			return nil
		}
	}
}

// pump takes up what the kernel says, until the connection ends.
func (r *running) pump() {
	in := newIntake()
	r.pumps.Go(func() {
		defer in.close()
		for {
			m, err := r.conn.Receive(context.Background(), wire.IOPub)
			if err != nil {
				return
			}
			in.put(m)
		}
	})
	r.pumps.Go(func() {
		for all := in.take(); all != nil; all = in.take() {
			for _, m := range all {
				r.take(m)
			}
		}
	})
	for _, ch := range []wire.Channel{wire.Shell, wire.Control, wire.Stdin} {
		r.pumps.Go(func() {
			for {
				m, err := r.conn.Receive(context.Background(), ch)
				if err != nil {
					return
				}
				r.take(m)
			}
		})
	}
}

// take handles one message of the kernel.
func (r *running) take(m *wire.Message) {
	if m.Channel == wire.IOPub {
		r.once[0].Do(func() { close(r.heard) })
		if m.Header.MsgType == "iopub_welcome" {
			return
		}
	}
	parent := m.Parent()
	a := r.a
	if parent.Session == a.own {
		if m.Header.MsgType == "kernel_info_reply" {
			info := append(json.RawMessage(nil), m.Content...)
			a.setState(func(s *link.State) { s.Info = info })
			r.once[1].Do(func() { close(r.ready) })
		}
		if m.Header.MsgType == "execute_reply" {
			r.first.begun(m)
		}
		return
	}
	a.mu.Lock()
	a.book.hear(m, parent)
	if a.state.Execution == wire.StateIdle || a.state.Execution == wire.StateBusy {
		a.state.Execution = wire.StateIdle
		if len(a.book.busy) > 0 {
			a.state.Execution = wire.StateBusy
		}
	}
	a.mu.Unlock()
	switch m.Header.MsgType {
	case "stream", "display_data", "execute_result", "update_display_data", "comm_msg":
		a.keep(m, m.Channel == wire.IOPub)
	default:
		a.keep(m, false)
	}
	r.tell(m, parent)
}

// Heartbeats: how often, and after what silence a kernel is said not to respond.
const (
	beatEvery = 3 * time.Second
	silence   = 10 * time.Second
)

// guard watches a ready kernel until it ends, and starts another where it was not to end.
func (r *running) guard() {
	r.beat.Store(time.Now().UnixNano())
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-r.ended:
			r.bury()
			return
		case <-tick.C:
			ctx, cancel := context.WithTimeout(r.a.ctx, beatEvery)
			if r.conn.Beat(ctx) == nil {
				r.beat.Store(time.Now().UnixNano())
			}
			cancel()
			quiet := time.Since(time.Unix(0, r.beat.Load()))
			r.a.setState(func(s *link.State) {
				s.Unresponsive = 0
				if quiet > silence {
					s.Unresponsive = quiet.Seconds()
				}
			})
		}
	}
}

// bury follows the end of a kernel that was ready: what was asked of it fails, and another one is started.
func (r *running) bury() {
	_ = r.conn.Close()
	r.pumps.Wait() // its last words come first
	if r.expected.Load() {
		return
	}
	a := r.a
	a.control.Lock()
	defer a.control.Unlock()
	a.mu.Lock()
	if a.current != r || a.ctx.Err() != nil {
		a.mu.Unlock()
		return
	}
	a.current = nil
	a.spent += r.cpuSeconds()
	a.mu.Unlock()
	words := r.obituary()
	a.log.Warn("the kernel died", "how", words)
	a.restarting(words)
	// Clients take this for a kernel that died, and say so: it is not for a restart that somebody asked for.
	a.say(nil, "status", map[string]string{"execution_state": wire.StateRestarting, "reason": words})
	a.startOrDie()
}

// restarting notes that the kernel is gone and another one comes; what was asked of it fails for the reason given.
func (a *Agent) restarting(reason string) {
	a.mu.Lock()
	a.state.Execution, a.state.KernelPID, a.state.Reason, a.state.Unresponsive = wire.StateRestarting, 0, reason, 0
	open := a.book.abandon()
	a.mu.Unlock()
	a.fail(open, reason)
	a.setState(func(s *link.State) { s.Execution = wire.StateStarting })
}

// dead tells clients that there is no kernel and none will come by itself.
func (a *Agent) dead(reason string) {
	a.mu.Lock()
	a.current = nil
	a.state.Execution, a.state.KernelPID, a.state.Reason = wire.StateDead, 0, reason
	open := a.book.abandon()
	for _, m := range a.held {
		a.book.ask(m)
	}
	a.held = nil
	open = append(open, a.book.abandon()...)
	a.mu.Unlock()
	a.fail(open, reason)
	a.say(nil, "status", map[string]string{"execution_state": wire.StateDead, "reason": reason})
}

// fail answers requests that no kernel will answer: what ran has failed, what waited is aborted.
func (a *Agent) fail(open []request, reason string) {
	for _, r := range open {
		failure := wire.Failure{EName: "KernelDied", EValue: reason, Traceback: []string{reason}}
		status := wire.StatusError
		if r.msgType == "execute_request" {
			if r.began {
				a.say(r.header, "error", failure)
			} else {
				status, failure = wire.StatusAborted, wire.Failure{}
			}
		}
		a.answer(r, wire.ErrorReply{Status: status, Failure: failure})
		a.say(r.header, "status", wire.Status{ExecutionState: wire.StateIdle})
	}
}

// stop ends a kernel: asked first, then by signals. It returns when the process has been reaped.
func (r *running) stop(grace time.Duration, restart bool, why string) {
	if r.conn != nil && grace > 0 {
		if m, err := wire.NewMessage(r.a.own, "agent", "shutdown_request", wire.ShutdownRequest{Restart: restart}); err == nil {
			m.Channel = wire.Control
			_ = r.conn.Send(m) // a kernel that is gone has ended already
		}
		if !r.endsWithin(grace) {
			r.signal(syscall.SIGTERM)
			r.endsWithin(grace / 2)
		}
	}
	r.kill(why)
	<-r.ended
	if r.conn != nil {
		_ = r.conn.Close()
	}
	r.pumps.Wait()
}

func (r *running) endsWithin(d time.Duration) bool {
	select {
	case <-r.ended:
		return true
	case <-time.After(d):
		return false
	}
}
