// Package process runs sessions as processes of this machine: an agent each, which outlives the server, in a directory of
// its own.
package process

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"sextant/sessions/agent"
	"sextant/sessions/link"
	"sextant/sessions/sandbox"
)

// Launcher starts agents and finds them again. Its methods are safe for concurrent use.
type Launcher struct {
	root string
	log  *slog.Logger

	mu     sync.Mutex
	spare  *spare // an agent that waits for a session; nil while there is none
	closed bool
}

// spare is an agent that has started, and is yet to be told which session is its.
type spare struct {
	cmd   *exec.Cmd
	tell  io.WriteCloser
	ended chan struct{}
}

// maxRoot keeps the paths of a session's sockets below what a unix socket's name can hold.
const maxRoot = 50

// New is a launcher of sessions in directories below root, which is made, for its owner alone.
func New(root string, log *slog.Logger) (*Launcher, error) {
	if len(root) > maxRoot {
		return nil, fmt.Errorf("the directory of sessions, %s, has too long a name for sockets: at most %d bytes", root, maxRoot)
	}
	if err := os.MkdirAll(root, 0o711); err != nil {
		return nil, fmt.Errorf("directory of sessions: %w", err)
	}
	info, err := os.Lstat(root)
	if err != nil {
		return nil, err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !info.IsDir() || ok && int(st.Uid) != os.Geteuid() {
		return nil, fmt.Errorf("directory of sessions: %s belongs to somebody else", root)
	}
	return &Launcher{root: root, log: log}, nil
}

// Handle is a session that has an agent.
type Handle struct {
	// Session is the session's id, Dir its directory.
	Session string
	Dir     string
	token   string
}

// Dir is the directory that a session of that id has, or would have.
func (l *Launcher) Dir(session string) string {
	// Ids are UUIDv7: the end of one is random, and short enough for a socket's path.
	return filepath.Join(l.root, session[max(0, len(session)-12):])
}

// Launch starts an agent, which starts the kernel. It returns when the agent answers, the kernel is still starting; ctx
// bounds that alone. Spec.Token is made here. The secrets go to the agent's memory and touch no disk. prepare, where not nil, is called with the session's directory before.
func (l *Launcher) Launch(ctx context.Context, spec agent.Spec, secrets agent.Secrets, prepare func(dir string) error) (h *Handle, err error) {
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return nil, err
	}
	spec.Token = hex.EncodeToString(secret)
	dir := l.Dir(spec.Session)
	if err := os.Mkdir(dir, 0o711); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	if prepare != nil {
		if err := prepare(dir); err != nil {
			return nil, err
		}
	}
	if err := spec.Write(dir); err != nil {
		return nil, err
	}
	a, err := l.take()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(secrets)
	if err != nil {
		return nil, errors.Join(err, a.tell.Close())
	}
	if _, err := io.WriteString(a.tell, dir+"\n"); err != nil {
		return nil, errors.Join(fmt.Errorf("agent: %w", err), a.tell.Close())
	}
	if _, err := a.tell.Write(text); err != nil {
		return nil, errors.Join(fmt.Errorf("agent: %w", err), a.tell.Close())
	}
	_ = a.tell.Close() // it has been told
	ended := a.ended
	h = &Handle{Session: spec.Session, Dir: dir, token: spec.Token}
	for socket := filepath.Join(dir, agent.SocketFile); ; {
		if _, err := os.Lstat(socket); err == nil {
			return h, nil
		}
		select {
		case <-time.After(time.Millisecond):
		case <-ended:
			text, _ := os.ReadFile(filepath.Join(dir, agent.LogFile))
			return nil, fmt.Errorf("the session's agent did not start: %s", strings.TrimSpace(string(text)))
		case <-ctx.Done():
			_ = a.cmd.Process.Kill()
			<-ended
			return nil, ctx.Err()
		}
	}
}

// take gives an agent that has no session yet, and has the next one started: what an agent needs to begin, nobody waits for.
func (l *Launcher) take() (*spare, error) {
	l.mu.Lock()
	a := l.spare
	l.spare = nil
	l.mu.Unlock()
	if a != nil {
		select {
		case <-a.ended:
			a = nil
		default:
		}
	}
	go l.prepare()
	if a != nil {
		return a, nil
	}
	return startAgent()
}

// prepare starts a spare agent, unless there is one.
func (l *Launcher) prepare() {
	l.mu.Lock()
	wanted := l.spare == nil && !l.closed
	l.mu.Unlock()
	if !wanted {
		return
	}
	a, err := startAgent()
	if err != nil {
		l.log.Warn("a spare agent did not start", "error", err)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.spare != nil || l.closed {
		_ = a.tell.Close() // it ends with that
		return
	}
	l.spare = a
}

// Close lets go of what waits for sessions. Those that run, run on.
func (l *Launcher) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if l.spare != nil {
		_ = l.spare.tell.Close() // it ends with that
		l.spare = nil
	}
}

// startAgent starts an agent that reads its session's directory from its standard input.
func startAgent() (*spare, error) {
	helper, err := sandbox.Helper()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(helper, "agent", "-")
	cmd.Dir = "/"
	cmd.Env = agentEnv(os.Environ())
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // it outlives the server
	tell, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("agent: %w", err)
	}
	a := &spare{cmd: cmd, tell: tell, ended: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // so that it is no zombie; how it ended is in its log
		close(a.ended)
	}()
	return a, nil
}

// agentEnv leaves an agent only what it needs of the server's environment: no secrets.
func agentEnv(all []string) []string {
	var out []string
	for _, v := range all {
		name, _, _ := strings.Cut(v, "=")
		switch name {
		case "PATH", "HOME", "LANG", "TZ", "TMPDIR", "GOCOVERDIR", "SEXTANT_TEST_MAIN":
			out = append(out, v)
		}
	}
	// An agent does little: it is to take little memory.
	return append(out, "GOMAXPROCS=2", "GOGC=50")
}

// Dial connects to the agent: deliver gets all messages after a position; see [link.Dial].
func (h *Handle) Dial(ctx context.Context, after uint64, deliver func(link.Received)) (*link.Conn, error) {
	socket := filepath.Join(h.Dir, agent.SocketFile)
	for {
		c, err := link.Dial(ctx, socket, link.Hello{Token: h.token, After: after}, deliver)
		if err == nil || !errors.Is(err, syscall.ECONNREFUSED) || !h.Alive() {
			return c, err
		}
		select { // the socket has its name a moment before it listens
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Alive reports whether the agent lives.
func (h *Handle) Alive() bool { return agent.Alive(filepath.Join(h.Dir, agent.LockFile)) }

// AwaitEnd returns when the agent has ended, or ctx's error.
func (h *Handle) AwaitEnd(ctx context.Context) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for h.Alive() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Remove deletes a session's directory; its agent has ended.
func (h *Handle) Remove() error { return os.RemoveAll(h.Dir) }

// Find gives the sessions whose agents live, and removes what dead ones left behind.
func (l *Launcher) Find() ([]*Handle, error) {
	entries, err := os.ReadDir(l.root)
	if err != nil {
		return nil, err
	}
	var found []*Handle
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		dir := filepath.Join(l.root, e.Name())
		b, err := os.ReadFile(filepath.Join(dir, agent.SpecFile))
		var spec agent.Spec
		if err == nil {
			err = json.Unmarshal(b, &spec)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			l.log.Warn("session", "directory", dir, "error", err)
		}
		h := &Handle{Session: spec.Session, Dir: dir, token: spec.Token}
		if err == nil && h.Alive() {
			found = append(found, h)
			continue
		}
		l.log.Info("a session's agent has died; its remains are removed", "session", spec.Session)
		if err := h.Remove(); err != nil {
			l.log.Warn("session", "directory", dir, "error", err)
		}
	}
	return found, nil
}
