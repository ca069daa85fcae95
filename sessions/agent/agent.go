package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"

	"sextant/kernel/wire"
	"sextant/sessions/link"
)

// Agent is one agent. Run makes it, and returns when it has ended.
type Agent struct {
	dir     string
	spec    Spec
	own     string // our session id in the headers of our own requests
	log     *slog.Logger
	secrets Secrets
	masker  *masker
	journal *journal
	spawner *spawner
	ctx     context.Context // the agent's life
	quit    context.CancelFunc

	// control lets one of launch, restart and shutdown happen at a time.
	control sync.Mutex

	mu      sync.Mutex
	current *running // nil while there is no kernel
	state   link.State
	book    *book
	held    []*wire.Message // for a kernel that is starting
	served  *served         // the server that is connected
	absent  time.Time       // when the last one left
	peak    int64
	spent   float64 // processor seconds of kernels that have ended
}

// Run is the agent of the session in a directory, until ctx is done, the session is shut down, or no server has come for
// too long. Its kernel has ended when it returns. The secrets are in memory alone.
func Run(ctx context.Context, dir string, secrets Secrets, log *slog.Logger) (err error) {
	spec, err := readSpec(dir)
	if err != nil {
		return err
	}
	lock, err := lockFile(filepath.Join(dir, LockFile))
	if err != nil {
		return fmt.Errorf("another agent has the session: %w", err)
	}
	defer lock.Close()
	ctx, quit := context.WithCancel(ctx)
	defer quit()
	a := &Agent{dir: dir, spec: spec, own: "agent-" + uuid.NewString(), log: log, secrets: secrets, masker: newMasker(secrets.values()), spawner: newSpawner(), ctx: ctx, quit: quit,
		book: newBook(), absent: time.Now(), state: link.State{Execution: wire.StateStarting}}
	defer a.spawner.close()
	if err := os.MkdirAll(filepath.Join(dir, KernelDir), 0o700); err != nil {
		return err
	}
	if a.journal, err = openJournal(filepath.Join(dir, journalDir), spec.JournalBytes); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.journal.close()) }()
	listener, err := listen(filepath.Join(dir, SocketFile))
	if err != nil {
		return err
	}
	defer listener.Close()
	var group sync.WaitGroup
	defer group.Wait()
	defer quit()
	group.Go(func() { a.accept(listener) })
	group.Go(a.watch)
	group.Go(func() {
		a.control.Lock()
		defer a.control.Unlock()
		a.startOrDie()
	})
	<-ctx.Done()
	_ = listener.Close()
	a.end("the session ended")
	return nil
}

// listen binds a unix socket that only its owner can connect to.
func listen(path string) (*net.UnixListener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	return l, errors.Join(os.Chmod(path, 0o600))
}

// setState changes what is known of the kernel.
func (a *Agent) setState(change func(*link.State)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(&a.state)
}

// say journals an iopub message of our own on the kernel's behalf, as Jupyter servers do for restarts and deaths.
func (a *Agent) say(parent json.RawMessage, msgType string, content any) {
	m, err := wire.NewMessage(a.own, "agent", msgType, content)
	if err != nil {
		a.log.Error("message", "type", msgType, "error", err)
		return
	}
	m.Channel = wire.IOPub
	if parent != nil {
		m.ParentHeader = parent
	}
	a.keep(m, false)
}

// answer journals a reply of our own to a request that no kernel will answer.
func (a *Agent) answer(r request, content any) {
	m, err := wire.NewMessage(a.own, "agent", replyType(r.msgType), content)
	if err != nil {
		a.log.Error("reply", "type", r.msgType, "error", err)
		return
	}
	m.Channel, m.ParentHeader = r.channel, r.header
	a.keep(m, false)
}

// keep puts a message into the journal, from where it goes to the server, with what is secret hidden.
func (a *Agent) keep(m *wire.Message, optional bool) {
	a.masker.keep(m, func(m *wire.Message) { a.put(m, optional) })
}

// put puts a message into the journal as it is.
func (a *Agent) put(m *wire.Message, optional bool) {
	_, err := a.journal.append(m, optional)
	switch {
	case err == nil, errors.Is(err, os.ErrClosed):
	case errors.Is(err, wire.ErrMalformed):
		a.log.Warn("a message of the kernel was dropped", "type", m.Header.MsgType, "error", err)
	case optional:
		a.lose(m, err)
	default:
		a.log.Error("a message could not be kept", "type", m.Header.MsgType, "error", err)
	}
}

// lose notes an output that there was no room for, and says so once for each request.
func (a *Agent) lose(m *wire.Message, why error) {
	a.mu.Lock()
	first := a.book.lose(m.Parent().MsgID)
	a.mu.Unlock()
	if !first {
		return
	}
	a.log.Warn("outputs are left out", "error", why)
	// Not through keep, which this is called from.
	text := fmt.Sprintf("\nFurther output is left out: while nobody received it, it grew over %d MB.\n", a.spec.JournalBytes>>20)
	if !errors.Is(why, errFull) {
		text = "\nFurther output is left out: it could not be stored.\n"
	}
	notice, err := wire.NewMessage(a.own, "agent", "stream", wire.Stream{Name: wire.Stderr, Text: text})
	if err != nil {
		a.log.Error("message", "error", err)
		return
	}
	notice.Channel, notice.ParentHeader = wire.IOPub, m.ParentHeader
	a.put(notice, false)
}

// end ends the kernel, for good.
func (a *Agent) end(why string) {
	a.control.Lock()
	defer a.control.Unlock()
	a.mu.Lock()
	r := a.current
	a.mu.Unlock()
	if r != nil {
		r.expected.Store(true)
		r.stop(a.spec.ShutdownGrace, false, why)
	}
	a.setState(func(s *link.State) { s.Execution, s.KernelPID, s.Reason = wire.StateDead, 0, why })
}
