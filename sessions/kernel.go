package sessions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sextant/content/iam"
	"sextant/kernel/wire"
	"sextant/sessions/link"
)

// Kernel is what clients see as one Jupyter kernel. Its fields are guarded by its session's lock.
type Kernel struct {
	s        *Session
	id       string
	subshell string // its subshell in a shared session; "" in one of its own
	path     string // where its document is, as clients call it
	document string // the document's id; "" where it has none
	folder   string // the folder in its working directory; "" for none
	bindings []Binding
	notes    []string // for the next cell
	clients  map[string]*Client
	state    string
	running  int // executions
	active   time.Time
	// held are messages for a subshell that is being made anew; nil while there is one.
	held    []*wire.Message
	holding bool
	ended   bool
}

// KernelInfo is a kernel at one moment.
type KernelInfo struct {
	ID         string
	Name       string // of its kernelspec
	User       iam.Member
	Session    string
	Path       string
	Document   string
	State      string // one of the wire.State constants
	Reason     string // why it is dead or restarting
	Active     time.Time
	Clients    int
	Shared     bool
	Subshell   string
	Executions int // that run
}

// Info gives what there is to know of the kernel now.
func (k *Kernel) Info() KernelInfo {
	k.s.mu.Lock()
	defer k.s.mu.Unlock()
	return k.info()
}

func (k *Kernel) info() KernelInfo {
	s := k.s
	connected := 0
	for _, c := range k.clients {
		if c.connected {
			connected++
		}
	}
	state := k.state
	switch {
	case s.ended != nil:
		state = wire.StateDead
	case s.state.Execution == wire.StateDead || s.state.Execution == wire.StateStarting || s.state.Execution == wire.StateRestarting:
		state = s.state.Execution
	}
	return KernelInfo{ID: k.id, Name: s.meta.Kernelspec.Name, User: s.meta.User, Session: s.meta.ID, Path: k.path, Document: k.document,
		State: state, Reason: s.state.Reason, Active: k.active, Clients: connected, Shared: s.meta.Shared, Subshell: k.subshell, Executions: k.running}
}

// Session is the session that the kernel is in.
func (k *Kernel) Session() *Session { return k.s }

// ID is the kernel's id.
func (k *Kernel) ID() string { return k.id }

func (k *Kernel) meta() kernelMeta {
	m := kernelMeta{ID: k.id, Subshell: k.subshell, Path: k.path, Document: k.document, Folder: k.folder, Active: k.active, Bindings: k.bindings}
	for _, c := range k.clients {
		m.Clients = append(m.Clients, clientMeta{ID: c.id, At: c.confirmed(), Left: c.left, Holds: c.holds})
	}
	slices.SortFunc(m.Clients, func(a, b clientMeta) int {
		return int(min(max(int64(a.At)-int64(b.At), -1), 1))
	})
	return m
}

// status follows a status message. The caller holds the session's lock.
func (k *Kernel) status(state string, p Parent, now time.Time) {
	k.active = now
	if p.MsgType == "execute_request" {
		if state == wire.StateBusy {
			k.running = 1
		} else {
			k.running = 0
		}
	}
	k.state = state
	if k.running > 0 {
		k.state = wire.StateBusy
	}
}

// reset follows a change of the whole process. The caller holds the session's lock.
func (k *Kernel) reset(state string) {
	k.state, k.running = state, 0
	if state == wire.StateRestarting && k.s.meta.Shared {
		k.holding = true
	}
}

// KernelInfoReply gives what the kernel says of itself, once it is ready.
func (k *Kernel) KernelInfoReply(ctx context.Context) ([]byte, error) {
	if err := k.s.awaitReady(ctx); err != nil {
		return nil, err
	}
	k.s.mu.Lock()
	defer k.s.mu.Unlock()
	return k.s.state.Info, nil
}

// Ready returns once the kernel answers, or why it does not.
func (k *Kernel) Ready(ctx context.Context) error { return k.s.awaitReady(ctx) }

// Interrupt stops what the kernel executes; a kernel that does not stop is killed after a grace. It returns when the kernel
// has been told.
func (k *Kernel) Interrupt(ctx context.Context) error {
	conn, err := k.s.link()
	if err != nil {
		return err
	}
	k.s.mu.Lock()
	sub := k.subshell
	k.s.mu.Unlock()
	return conn.Call(ctx, link.Interrupt, link.InterruptParams{Subshell: sub}, nil)
}

// Restart gives clients a fresh kernel under the same id: a new process, or in a shared session a new subshell. It returns
// when that is ready.
func (k *Kernel) Restart(ctx context.Context) error {
	s := k.s
	if !s.meta.Shared {
		conn, err := s.link()
		if err != nil {
			return err
		}
		return conn.Call(ctx, link.Restart, nil, nil)
	}
	s.mu.Lock()
	old := k.subshell
	dead := s.state.Execution == wire.StateDead
	k.reset(wire.StateRestarting)
	s.mu.Unlock()
	if dead {
		conn, err := s.link()
		if err == nil {
			err = conn.Call(ctx, link.Restart, nil, nil)
		}
		if err != nil {
			return err
		}
	} else if err := s.ask(ctx, "delete_subshell_request", wire.DeleteSubshellRequest{SubshellID: old}, nil); err != nil {
		s.m.log.Info("a subshell was gone already", "session", s.meta.ID, "error", err)
	}
	id, err := s.subshell(ctx, s.workDir(k))
	s.mu.Lock()
	if err == nil {
		k.subshell = id
	}
	k.reset(wire.StateIdle)
	s.persist()
	s.mu.Unlock()
	k.released()
	if err != nil {
		return err
	}
	k.tell(wire.StateStarting)
	k.tell(wire.StateIdle)
	return nil
}

// released sends what was held while there was no subshell.
func (k *Kernel) released() {
	k.s.mu.Lock()
	held := k.held
	k.held, k.holding = nil, false
	k.s.mu.Unlock()
	for _, m := range held {
		if err := k.forward(m, nil); err != nil {
			k.s.m.log.Warn("a message could not be sent", "kernel", k.id, "error", err)
		}
	}
}

// tell makes all clients hear a status of this kernel alone.
func (k *Kernel) tell(state string) {
	m, err := wire.NewMessage(k.s.own, "server", "status", wire.Status{ExecutionState: state})
	if err != nil {
		k.s.m.log.Error("status", "error", err)
		return
	}
	m.Channel = wire.IOPub
	k.inject(m, nil)
}

// notify makes all clients show a line of text.
func (k *Kernel) notify(text string) {
	m, err := wire.NewMessage(k.s.own, "server", "stream", wire.Stream{Name: wire.Stderr, Text: text + "\n"})
	if err != nil {
		k.s.m.log.Error("message", "error", err)
		return
	}
	m.Channel = wire.IOPub
	k.inject(m, nil)
}

// inject hands a message of our own to one client, or to all.
func (k *Kernel) inject(m *wire.Message, to *Client) {
	frame, err := wire.EncodeWebsocketV1(m)
	if err != nil {
		k.s.m.log.Error("message", "error", err)
		return
	}
	msg := &Message{Frame: frame, Message: m}
	k.s.mu.Lock()
	defer k.s.mu.Unlock()
	for _, c := range k.clients {
		if c.connected && (to == nil || to == c) {
			c.injected = append(c.injected, msg)
			c.wake()
		}
	}
}

// Shutdown ends the kernel for good. A shared session stays for the next document.
func (k *Kernel) Shutdown(ctx context.Context) error {
	s := k.s
	if !s.meta.Shared {
		return s.shutdown(ctx, errors.New("it was shut down"))
	}
	s.mu.Lock()
	if k.ended {
		s.mu.Unlock()
		return nil
	}
	k.ended = true
	delete(s.kernels, k.id)
	for _, c := range k.clients {
		c.kick(fmt.Errorf("%w: it was shut down", ErrEnded))
	}
	sub := k.subshell
	s.persist()
	s.mu.Unlock()
	s.m.forgetKernel(k)
	if err := s.ask(ctx, "delete_subshell_request", wire.DeleteSubshellRequest{SubshellID: sub}, nil); err != nil && s.alive() {
		return err
	}
	return nil
}

func (s *Session) alive() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended == nil
}
