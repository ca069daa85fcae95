package sessions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"sextant/content/iam"
	"sextant/kernel/wire"
	"sextant/sessions/link"
	"sextant/sessions/process"
)

// Session is one kernel process with its agent, and the kernels that clients see in it.
type Session struct {
	m      *Manager
	handle *process.Handle
	quotas []Quota // that it counts for
	feed   *feed
	own    string // our session id in the headers of our own requests
	began  time.Time

	// ready is closed when the kernel has answered, or the session has ended.
	ready     chan struct{}
	readyOnce sync.Once

	mu      sync.Mutex
	meta    meta
	conn    *link.Conn // nil while there is no link
	kernels map[string]*Kernel
	state   link.State
	usage   link.Usage
	ended   error // why it has ended; nil while it lives
	done    chan struct{}
	replies map[string]chan *Message // to our own requests, by msg_id
	warned  bool
	// executing is when each unfinished execution began, by msg_id.
	executing map[string]time.Time
	// seen is the position of the newest message that there was when the link was made: what is older is history.
	seen uint64
	// active is when it was last used.
	active time.Time
	// cpuThen is the processor time taken at cpuSince, from which that of what runs is counted.
	cpuSince time.Time
	cpuThen  float64
	// shown are the folders in its working directories, by id.
	shown map[string]*shownFolder
	// recorded is closed when the recorder has done with the session, for this server.
	recorded chan struct{}
}

// meta is what a server needs to take a session over, in a file of its directory.
type meta struct {
	ID          string        `json:"id"`
	User        iam.Member    `json:"user"`
	Environment string        `json:"environment"`
	Title       string        `json:"title"`
	Key         string        `json:"key"`
	Kernelspec  Kernelspec    `json:"kernelspec"`
	Shared      bool          `json:"shared"`
	Idle        time.Duration `json:"idle"`
	Life        time.Duration `json:"life"`
	MaxRun      time.Duration `json:"maxExecution"`
	MaxCPU      time.Duration `json:"maxCpu,omitempty"`
	UID         int           `json:"uid,omitempty"`
	Results     *Results      `json:"results,omitempty"`
	Began       time.Time     `json:"began"`
	Kernels     []kernelMeta  `json:"kernels"`
	// Recorded is the position up to which everything that belongs to documents has been recorded.
	Recorded uint64 `json:"recorded"`
	// Metered is the position up to which executions have been counted, CPUSeconds the processor time that has been: neither is
	// counted again by the next server.
	Metered uint64 `json:"metered,omitempty"`
	// Executed is how long they took together.
	Executed   time.Duration `json:"executed,omitempty"`
	CPUSeconds float64       `json:"cpuSeconds,omitempty"`
}

type kernelMeta struct {
	ID       string       `json:"id"`
	Subshell string       `json:"subshell,omitempty"`
	Path     string       `json:"path"`
	Document string       `json:"document,omitempty"`
	Active   time.Time    `json:"active"`
	Folder   string       `json:"folder,omitempty"`
	Bindings []Binding    `json:"bindings,omitempty"`
	Clients  []clientMeta `json:"clients,omitempty"`
}

type clientMeta struct {
	ID   string `json:"id"`
	At   uint64 `json:"at"`
	Left bool   `json:"left,omitempty"`
	// Holds is as in Client.
	Holds bool `json:"holds,omitempty"`
}

const metaFile = "session.json"

// feedBytes bounds what one session holds for its readers.
const feedBytes = 8 << 20

// persist writes the meta file, whole or not at all. The caller holds s.mu.
func (s *Session) persist() {
	s.meta.Kernels = s.meta.Kernels[:0]
	for _, k := range s.kernels {
		s.meta.Kernels = append(s.meta.Kernels, k.meta())
	}
	slices.SortFunc(s.meta.Kernels, func(a, b kernelMeta) int { return a.Active.Compare(b.Active) })
	s.meta.CPUSeconds = s.usage.CPUSeconds
	b, err := json.Marshal(s.meta)
	if err == nil {
		name := filepath.Join(s.handle.Dir, metaFile)
		if err = os.WriteFile(name+".new", b, 0o600); err == nil {
			err = os.Rename(name+".new", name)
		}
	}
	if err != nil {
		s.m.log.Warn("session", "id", s.meta.ID, "error", err)
	}
}

func readMeta(dir string) (meta, error) {
	var m meta
	b, err := os.ReadFile(filepath.Join(dir, metaFile))
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(b, &m)
}

// connect links the session to its agent and follows it until the agent is gone.
func (s *Session) connect(ctx context.Context, after uint64) error {
	conn, err := s.handle.Dial(ctx, after, s.deliver)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.conn, s.state, s.seen = conn, conn.Welcome.State, conn.Welcome.Last
	s.mu.Unlock()
	s.feed.setSource(conn, conn.Welcome.Last)
	s.noteState(conn.Welcome.State)
	s.m.work.Go(func() { s.follow(conn) })
	return nil
}

// noteState follows what the agent knows of the kernel.
func (s *Session) noteState(state link.State) {
	s.mu.Lock()
	s.state = state
	s.mu.Unlock()
	switch state.Execution {
	case wire.StateIdle, wire.StateBusy, wire.StateDead:
		s.readyOnce.Do(func() { close(s.ready) })
	}
}

// follow waits for the end of a link. An agent that still lives is dialled again; with the agent the session ends.
func (s *Session) follow(conn *link.Conn) {
	<-conn.Done()
	s.feed.setSource(nil, 0)
	s.mu.Lock()
	s.conn = nil
	s.mu.Unlock()
	if s.m.ctx.Err() != nil {
		return // the server stops; the session goes on
	}
	if s.handle.Alive() {
		ctx, cancel := context.WithTimeout(s.m.ctx, 10*time.Second)
		defer cancel()
		s.feed.mu.Lock()
		last := s.feed.last
		s.feed.mu.Unlock()
		if err := s.connect(ctx, last); err == nil {
			return
		}
	}
	s.end(errors.New("its agent is gone"))
}

// deliver takes up a message of the kernel.
func (s *Session) deliver(r link.Received) {
	m, err := readMessage(r)
	if err != nil {
		s.m.log.Warn("a message of a kernel is not readable", "session", s.meta.ID, "error", err)
		return
	}
	if m.Parent.Session == s.own {
		s.mu.Lock()
		wait := s.replies[m.Parent.MsgID]
		s.mu.Unlock()
		if wait != nil && m.Channel != wire.IOPub {
			select {
			case wait <- m:
			default:
			}
		}
	}
	if m.Channel == wire.IOPub && m.Header.MsgType == "status" {
		s.noteStatus(m)
	}
	s.feed.add(m)
}

// noteStatus follows which executions run, and what the agent says of the kernel as a whole.
func (s *Session) noteStatus(m *Message) {
	var content struct {
		State  string `json:"execution_state"`
		Reason string `json:"reason"`
	}
	if m.Read(&content) != nil {
		return
	}
	now := s.m.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch content.State {
	case wire.StateRestarting, wire.StateDead:
		s.state.Execution, s.state.Reason = content.State, content.Reason
		for _, k := range s.kernels {
			k.reset(content.State)
		}
		clear(s.executing)
		if content.State == wire.StateDead {
			s.readyOnce.Do(func() { close(s.ready) })
		}
		if content.State == wire.StateRestarting && s.meta.Shared && m.Position > s.seen {
			// The subshells went with the kernel that died: they are made anew for those who use them.
			s.m.work.Go(s.remake)
		}
	case wire.StateBusy, wire.StateIdle:
		if m.Parent.MsgID == "" { // the agent says that a kernel is ready
			s.state.Execution = wire.StateIdle
			s.readyOnce.Do(func() { close(s.ready) })
			for _, k := range s.kernels {
				k.reset(wire.StateIdle)
			}
			return
		}
		if m.Parent.Session == s.own {
			return
		}
		s.active = now
		if m.Parent.MsgType == "execute_request" {
			if content.State == wire.StateBusy {
				s.executing[m.Parent.MsgID] = now
			} else {
				if at, ok := s.executing[m.Parent.MsgID]; ok && m.Position > s.meta.Metered {
					s.meta.Metered, s.meta.Executed = m.Position, s.meta.Executed+now.Sub(at)
					s.m.meter.executed(s.meta.User, s.meta.Environment, now.Sub(at))
				}
				delete(s.executing, m.Parent.MsgID)
				if k := s.kernelOf(m.Parent); k != nil && m.Position > s.seen {
					s.m.work.Go(func() { k.collect() })
				}
			}
		}
		if k := s.kernelOf(m.Parent); k != nil {
			k.status(content.State, m.Parent, now)
		}
	}
}

// kernelOf finds the kernel that a request was for; nil where it is none of ours. The caller holds s.mu.
func (s *Session) kernelOf(p Parent) *Kernel {
	for _, k := range s.kernels {
		if k.subshell == p.SubshellID || !s.meta.Shared {
			return k
		}
	}
	return nil
}

// errNoLink is for what needs an agent while it is not reached.
var errNoLink = errors.New("the session is not reached at the moment; try again")

// link gives the link to the agent.
func (s *Session) link() (*link.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended != nil {
		return nil, fmt.Errorf("%w: %w", ErrEnded, s.ended)
	}
	if s.conn == nil {
		return nil, errNoLink
	}
	return s.conn, nil
}

// awaitReady returns once the kernel answers.
func (s *Session) awaitReady(ctx context.Context) error {
	select {
	case <-s.ready:
	case <-s.m.ctx.Done():
		return ErrClosed
	case <-ctx.Done():
		return fmt.Errorf("the kernel is still starting: %w", ctx.Err())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended != nil {
		return fmt.Errorf("%w: %w", ErrEnded, s.ended)
	}
	if s.state.Execution == wire.StateDead {
		return fmt.Errorf("%w: %s", ErrEnded, s.state.Reason)
	}
	return nil
}

// ask makes a request of our own on control and reads the reply.
func (s *Session) ask(ctx context.Context, msgType string, content, reply any) error {
	conn, err := s.link()
	if err != nil {
		return err
	}
	m, err := wire.NewMessage(s.own, "server", msgType, content)
	if err != nil {
		return err
	}
	m.Channel = wire.Control
	wait := make(chan *Message, 1)
	s.mu.Lock()
	s.replies[m.Header.MsgID] = wait
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.replies, m.Header.MsgID)
		s.mu.Unlock()
	}()
	frame, err := wire.EncodeWebsocketV1(m)
	if err != nil {
		return err
	}
	if err := conn.Send(frame); err != nil {
		return err
	}
	select {
	case r := <-wait:
		var e wire.ErrorReply
		if err := r.Read(&e); err == nil && e.Status == wire.StatusError {
			return errors.New(e.EValue)
		}
		if reply == nil {
			return nil
		}
		return r.Read(reply)
	case <-conn.Done():
		return conn.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// subshell makes a subshell with a working directory.
func (s *Session) subshell(ctx context.Context, dir string) (string, error) {
	content := struct {
		// Directory is our kernel's own: what relative paths are relative to.
		Directory string `json:"directory,omitempty"`
	}{dir}
	var r wire.CreateSubshellReply
	if err := s.ask(ctx, "create_subshell_request", content, &r); err != nil {
		return "", fmt.Errorf("a further notebook in this session: %w", err)
	}
	return r.SubshellID, nil
}

// checkSubshells sees to it that a session taken over has the subshells that its kernels stand for: a kernel process may have
// been started anew while no server was there.
func (s *Session) checkSubshells() {
	ctx, cancel := context.WithTimeout(s.m.ctx, time.Minute)
	defer cancel()
	var r wire.ListSubshellReply
	err := s.awaitReady(ctx)
	if err == nil {
		err = s.ask(ctx, "list_subshell_request", wire.ListSubshellRequest{}, &r)
	}
	if err != nil {
		s.m.log.Warn("subshells", "session", s.meta.ID, "error", err)
		return
	}
	s.mu.Lock()
	lost := false
	for _, k := range s.kernels {
		if k.subshell != "" && !slices.Contains(r.SubshellID, k.subshell) {
			k.holding, lost = true, true
		}
	}
	s.mu.Unlock()
	if lost {
		s.remake()
	}
}

// remake gives each kernel of a shared session a subshell again, after the process was started anew.
func (s *Session) remake() {
	ctx, cancel := context.WithTimeout(s.m.ctx, time.Minute)
	defer cancel()
	s.mu.Lock()
	kernels := make([]*Kernel, 0, len(s.kernels))
	for _, k := range s.kernels {
		if k.holding {
			kernels = append(kernels, k)
		}
	}
	s.mu.Unlock()
	for _, k := range kernels {
		id, err := s.subshell(ctx, s.workDir(k))
		if err != nil {
			s.m.log.Warn("subshell", "session", s.meta.ID, "error", err)
			return
		}
		s.mu.Lock()
		k.subshell = id
		s.persist()
		s.mu.Unlock()
		k.released()
	}
}

// addKernel makes a kernel for clients in the session.
func (s *Session) addKernel(ctx context.Context, r Request) (*Kernel, error) {
	id := r.ID
	if id == "" {
		id = uuid.NewString()
	}
	k := &Kernel{s: s, id: id, path: r.Path, document: r.Document, folder: string(r.Folder), clients: map[string]*Client{}, state: wire.StateStarting,
		active: s.m.now()}
	if s.meta.Shared {
		if err := s.awaitReady(ctx); err != nil {
			return nil, err
		}
		if err := s.show(ctx, k.folder); err != nil {
			return nil, err
		}
		sub, err := s.subshell(ctx, s.workDir(k))
		if err != nil {
			return nil, err
		}
		k.subshell, k.state = sub, wire.StateIdle
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended != nil {
		return nil, fmt.Errorf("%w: %w", ErrEnded, s.ended)
	}
	if s.state.Execution == wire.StateIdle || s.state.Execution == wire.StateBusy {
		k.state = wire.StateIdle
	}
	s.kernels[id] = k
	s.active = s.m.now()
	s.persist()
	return k, nil
}

// shutdown ends the session for a reason.
func (s *Session) shutdown(ctx context.Context, why error) error {
	conn, err := s.link()
	if err == nil {
		err = conn.Call(ctx, link.Shutdown, nil, nil)
		if errors.Is(err, link.ErrGone) {
			err = nil
		}
	}
	if errors.Is(err, ErrEnded) {
		return nil
	}
	s.end(why)
	return err
}

// end notes that the session has ended, tells everybody, and cleans up.
func (s *Session) end(why error) {
	s.mu.Lock()
	if s.ended != nil {
		s.mu.Unlock()
		return
	}
	s.ended = why
	conn := s.conn
	kernels := make([]*Kernel, 0, len(s.kernels))
	for _, k := range s.kernels {
		kernels = append(kernels, k)
	}
	s.mu.Unlock()
	s.m.log.Info("session ended", "id", s.meta.ID, "user", s.meta.User, "why", why)
	s.readyOnce.Do(func() { close(s.ready) })
	s.feed.close(fmt.Errorf("%w: %w", ErrEnded, why))
	if conn != nil {
		_ = conn.Close()
	}
	s.m.forget(s, kernels)
	s.unshow()
	close(s.done)
	s.m.work.Go(func() {
		if err := s.handle.AwaitEnd(s.m.ctx); err != nil {
			return // the next server finds it
		}
		select {
		case <-s.recorded: // there may be results in its directory that are yet to be stored
		case <-s.m.ctx.Done():
			return
		}
		if err := s.handle.Remove(); err != nil {
			s.m.log.Warn("session", "id", s.meta.ID, "error", err)
		}
	})
}
