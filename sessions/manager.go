package sessions

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"sextant/content"
	"sextant/content/iam"
	"sextant/kernel/wire"
	"sextant/sessions/agent"
	"sextant/sessions/files"
	"sextant/sessions/process"
)

// Options are what a Manager works with.
type Options struct {
	Launcher *process.Launcher
	Planner  Planner
	Log      *slog.Logger
	// MaxPerUser bounds the sessions of one user, MaxSessions those of all; 0 is 50 and 500. Who wants one more waits for
	// QueueWait until one ends, in turn, and is refused then; 0 is 30 s, less than 0 does not wait.
	MaxPerUser  int
	MaxSessions int
	QueueWait   time.Duration
	// Quotas gives what else bounds a user's sessions; nil: nothing does.
	Quotas func(ctx context.Context, user iam.Member) ([]Quota, error)
	// StartTimeout bounds the start of a session; default 60 s.
	StartTimeout time.Duration
	// Orphan is how long a session waits for a server that has gone; default 1 hour.
	Orphan time.Duration
	// Service, where not nil, is where the files of working directories come from and go to.
	Service *content.Service
	// Files bounds them.
	Files files.Limits
	// Now is the clock; default time.Now.
	Now func() time.Time
	// Recorder is told of each session, from when it is there, in a goroutine of its own; it returns when the session's
	// messages end. Nil records nothing.
	Recorder func(ctx context.Context, s *Session)
}

// Manager has all sessions of this server. Its methods are safe for concurrent use. Whoever made it closes it.
type Manager struct {
	Options
	log    *slog.Logger
	now    func() time.Time
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
	meter  *meter
	line   *line

	mu       sync.Mutex
	sessions map[string]*Session
	kernels  map[string]*Kernel
	starting map[string]*starting // shared sessions that are being started, by what makes them the same
	closed   bool
}

// starting is a session that several may wait for.
type starting struct {
	done    chan struct{}
	session *Session
	err     error
}

const restartTimeout = 90 * time.Second

// New is a manager of the sessions that its launcher finds, and of those to come.
func New(o Options) (*Manager, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.MaxPerUser == 0 {
		o.MaxPerUser = 50
	}
	if o.MaxSessions == 0 {
		o.MaxSessions = 500
	}
	if o.QueueWait == 0 {
		o.QueueWait = 30 * time.Second
	}
	if o.StartTimeout == 0 {
		o.StartTimeout = time.Minute
	}
	m := &Manager{Options: o, log: o.Log, now: o.Now, sessions: map[string]*Session{}, kernels: map[string]*Kernel{},
		starting: map[string]*starting{}, meter: newMeter(), line: newLine()}
	m.ctx, m.cancel = context.WithCancel(context.Background())
	handles, err := o.Launcher.Find()
	if err != nil {
		return nil, err
	}
	for _, h := range handles {
		if err := m.adopt(h); err != nil {
			m.log.Warn("a session could not be taken over", "session", h.Session, "error", err)
		}
	}
	m.work.Go(m.watch)
	return m, nil
}

// Close lets go of all sessions, which run on; they are found again by the next Manager.
func (m *Manager) Close() error {
	m.mu.Lock()
	m.closed = true
	all := m.all()
	m.mu.Unlock()
	m.cancel()
	for _, s := range all {
		s.mu.Lock()
		s.persist()
		conn := s.conn
		s.mu.Unlock()
		s.feed.close(ErrClosed)
		if conn != nil {
			_ = conn.Close()
		}
	}
	m.work.Wait()
	m.Launcher.Close()
	return nil
}

// all lists the sessions. The caller holds m.mu.
func (m *Manager) all() []*Session {
	out := make([]*Session, 0, len(m.sessions))
	for _, s := range m.sessions {
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b *Session) int { return strings.Compare(a.meta.ID, b.meta.ID) })
	return out
}

// adopt takes over a session that an earlier server started.
func (m *Manager) adopt(h *process.Handle) error {
	meta, err := readMeta(h.Dir)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		// The server died before anybody could use it.
		meta.ID = h.Session
	}
	s := m.newSession(h, meta, meta.Recorded)
	s.usage.CPUSeconds = meta.CPUSeconds
	for _, km := range meta.Kernels {
		k := &Kernel{s: s, id: km.ID, subshell: km.Subshell, path: km.Path, document: km.Document, folder: km.Folder, active: km.Active, bindings: km.Bindings,
			state: wire.StateIdle, clients: map[string]*Client{}}
		for _, cm := range km.Clients {
			k.clients[cm.ID] = &Client{k: k, id: cm.ID, at: cm.At, left: cm.Left, holds: cm.Holds, asked: map[string]bool{}}
		}
		s.kernels[km.ID] = k
	}
	ctx, cancel := context.WithTimeout(m.ctx, 10*time.Second)
	defer cancel()
	s.reshow(ctx)
	// What was said since the last recording is read again, in order; the feed begins there.
	if err := s.connect(ctx, meta.Recorded); err != nil {
		return err
	}
	if meta.Shared {
		m.work.Go(s.checkSubshells)
	}
	s.quotas = m.quotas(ctx, meta.User)
	m.line.take(s.quotas)
	m.mu.Lock()
	m.sessions[meta.ID] = s
	for id, k := range s.kernels {
		m.kernels[id] = k
	}
	m.mu.Unlock()
	m.log.Info("session taken over", "id", meta.ID, "user", meta.User, "kernels", len(meta.Kernels))
	if len(meta.Kernels) == 0 && !meta.Shared {
		close(s.recorded) // there is nothing to record
		m.work.Go(func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(m.ctx), restartTimeout)
			defer cancel()
			if err := s.shutdown(ctx, errors.New("nobody uses it")); err != nil {
				m.log.Warn("session", "id", meta.ID, "error", err)
			}
		})
		return nil
	}
	m.record(s)
	return nil
}

func (m *Manager) newSession(h *process.Handle, meta meta, recorded uint64) *Session {
	return &Session{m: m, handle: h, feed: newFeed(feedBytes, recorded), own: "server-" + uuid.NewString(), began: meta.Began, meta: meta,
		ready: make(chan struct{}), done: make(chan struct{}), recorded: make(chan struct{}), kernels: map[string]*Kernel{}, replies: map[string]chan *Message{},
		executing: map[string]time.Time{}, shown: map[string]*shownFolder{}, active: m.now()}
}

func (m *Manager) record(s *Session) {
	if m.Recorder == nil {
		close(s.recorded)
		return
	}
	m.work.Go(func() {
		defer close(s.recorded)
		m.Recorder(m.ctx, s)
	})
}

// Request asks for a kernel.
type Request struct {
	User iam.Member
	// ID is the kernel's id to be; empty makes one.
	ID string
	// Environment and Kernel are as for Planner.Plan.
	Environment string
	Kernel      string
	// Path is where the document is, as the client calls it; Document its id, or empty.
	Path     string
	Document string
	// Plan, where not nil, stands in the planner's place.
	Plan *Plan
	// Folder is the folder whose files the kernel finds in its working directory; empty shows none.
	Folder content.ResourceID
}

// Start gives a user a kernel. Of a session that is shared it returns when the kernel is ready; else while it starts. ctx
// bounds the waiting alone: a session that is being started is there for the next who asks.
func (m *Manager) Start(ctx context.Context, r Request) (*Kernel, error) {
	var plan Plan
	var err error
	if r.Plan != nil {
		plan = *r.Plan
	} else if plan, err = m.Planner.Plan(ctx, r.User, r.Environment, r.Kernel); err != nil {
		return nil, err
	}
	for try := 0; ; try++ {
		s, err := m.session(ctx, r.User, plan, r.Folder)
		if err != nil {
			return nil, err
		}
		k, err := s.addKernel(ctx, r)
		if err != nil {
			// A session may end just as another kernel is wanted in it.
			if errors.Is(err, ErrEnded) && try == 0 && plan.Shared {
				continue
			}
			if !plan.Shared {
				m.work.Go(func() {
					ctx, cancel := context.WithTimeout(context.WithoutCancel(m.ctx), restartTimeout)
					defer cancel()
					_ = s.shutdown(ctx, err) // it has said why it is of no use
				})
			}
			return nil, err
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		if m.closed {
			return nil, ErrClosed
		}
		m.kernels[k.id] = k
		return k, nil
	}
}

// Warm starts the session that a user's next kernel would be in, where that is a shared one, so that it is there at once.
func (m *Manager) Warm(ctx context.Context, user iam.Member, environment, kernel string) error {
	plan, err := m.Planner.Plan(ctx, user, environment, kernel)
	if err != nil || !plan.Shared {
		return err
	}
	s, err := m.session(ctx, user, plan, "")
	if err != nil {
		return err
	}
	return s.awaitReady(ctx)
}

// same names what makes a session the one for a plan.
func same(user iam.Member, p Plan) string {
	return string(user) + "\x00" + p.Environment + "\x00" + p.Key + "\x00" + p.Kernelspec.Name
}

// session finds the session for a plan or starts it. folder is shown in the working directory of one that is not shared.
func (m *Manager) session(ctx context.Context, user iam.Member, plan Plan, folder content.ResourceID) (*Session, error) {
	if !plan.Shared {
		return m.launch(ctx, user, plan, folder)
	}
	key := same(user, plan)
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return nil, ErrClosed
	}
	for _, s := range m.sessions {
		s.mu.Lock()
		fits := s.ended == nil && s.meta.Shared && s.state.Execution != wire.StateDead && same(s.meta.User, Plan{Environment: s.meta.Environment,
			Key: s.meta.Key, Kernelspec: s.meta.Kernelspec}) == key
		s.mu.Unlock()
		if fits {
			m.mu.Unlock()
			return s, nil
		}
	}
	w := m.starting[key]
	if w == nil {
		w = &starting{done: make(chan struct{})}
		m.starting[key] = w
		m.work.Go(func() {
			ctx, cancel := context.WithTimeout(m.ctx, m.StartTimeout)
			defer cancel()
			w.session, w.err = m.launch(ctx, user, plan, "")
			m.mu.Lock()
			delete(m.starting, key)
			m.mu.Unlock()
			close(w.done)
		})
	}
	m.mu.Unlock()
	select {
	case <-w.done:
		return w.session, w.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// launch starts a session, once there is a place for one.
func (m *Manager) launch(ctx context.Context, user iam.Member, plan Plan, folder content.ResourceID) (_ *Session, err error) {
	quotas := m.quotas(ctx, user)
	if err := m.line.enter(ctx, quotas, m.QueueWait); err != nil {
		return nil, err
	}
	booked := false // the place goes with the session from there
	defer func() {
		if !booked {
			m.line.leave(quotas)
		}
	}()
	id := uuid.Must(uuid.NewV7()).String()
	dir := m.Launcher.Dir(id)
	spec, err := m.spec(id, dir, plan)
	if err != nil {
		return nil, err
	}
	var shown *shownFolder
	secrets := agent.Secrets{Masked: plan.Masked}
	for _, name := range slices.Sorted(mapKeys(plan.Secrets)) {
		secrets.Env = append(secrets.Env, name+"="+plan.Secrets[name])
	}
	h, err := m.Launcher.Launch(ctx, spec, secrets, func(dir string) error {
		if err := prepare(dir, plan); err != nil || folder == "" {
			return err
		}
		shown, err = m.show(ctx, user, folder, filepath.Join(dir, WorkDir), plan.Sandbox.UID)
		return err
	})
	if err != nil {
		return nil, errors.Join(err, shown.close())
	}
	s := m.newSession(h, meta{ID: id, User: user, Environment: plan.Environment, Title: plan.Title, Key: plan.Key, Kernelspec: plan.Kernelspec,
		Shared: plan.Shared, Idle: plan.Idle, Life: plan.Life, MaxRun: plan.MaxExecution, MaxCPU: plan.MaxCPU, UID: plan.Sandbox.UID, Results: plan.Results, Began: m.now()}, 0)
	s.quotas = quotas
	if shown != nil {
		s.shown[string(folder)] = shown
	}
	s.mu.Lock()
	s.persist()
	s.mu.Unlock()
	m.mu.Lock()
	if m.closed {
		m.mu.Unlock()
		return nil, ErrClosed
	}
	m.sessions[id], booked = s, true
	m.mu.Unlock()
	if err := s.connect(ctx, 0); err != nil {
		close(s.recorded) // there is nothing to record
		s.end(err)
		return nil, err
	}
	m.log.Info("session started", "id", id, "user", user, "environment", plan.Title, "kernel", plan.Kernelspec.Name)
	m.record(s)
	return s, nil
}

// Files of a session's directory beside the agent's.
const (
	launchFile = "launch.json"
	// HomeDir is the kernel's home, TempDir its temporary files; both are its own and go with the session.
	HomeDir = "home"
	TempDir = "tmp"
	// WorkDir is the working directory; in a shared session there is one in it for each folder.
	WorkDir = "work"
	// ResultDir is where our own kernel puts results that are to be stored.
	ResultDir = "results"
)

// directories are those that a kernel may write in.
func directories(p Plan) []string {
	all := []string{agent.KernelDir, HomeDir, TempDir, WorkDir}
	if p.Results != nil {
		all = append(all, ResultDir)
	}
	return all
}

// spec makes the agent's spec of a plan.
func (m *Manager) spec(id, dir string, p Plan) (agent.Spec, error) {
	in := func(s string) string { return strings.ReplaceAll(s, "{session}", dir) }
	env := map[string]string{
		"PATH": os.Getenv("PATH"), "LANG": "C.UTF-8", "HOME": filepath.Join(dir, HomeDir), "TMPDIR": filepath.Join(dir, TempDir),
		"PYDEVD_DISABLE_FILE_VALIDATION": "1", "JPY_SESSION_NAME": id,
	}
	if tz := os.Getenv("TZ"); tz != "" {
		env["TZ"] = tz
	}
	for _, more := range []map[string]string{p.Kernelspec.Env, p.Env} {
		for name, v := range more {
			env[name] = in(v)
		}
	}
	argv := slices.Clone(p.Kernelspec.Argv)
	if len(argv) == 0 {
		return agent.Spec{}, fmt.Errorf("%w: %s says no command", ErrNoKernelspec, p.Kernelspec.Name)
	}
	for i, a := range argv {
		argv[i] = strings.ReplaceAll(a, "{resource_dir}", p.Kernelspec.Dir)
	}
	program, err := exec.LookPath(argv[0])
	if err != nil {
		return agent.Spec{}, fmt.Errorf("%w: %w", ErrNoKernelspec, err)
	}
	argv[0] = program
	if p.Launch != nil {
		argv = append(argv, "--spec", filepath.Join(dir, agent.KernelDir, launchFile))
	}
	box := p.Sandbox
	box.ReadOnly, box.ReadWrite = slices.Clone(box.ReadOnly), slices.Clone(box.ReadWrite)
	for _, list := range [][]string{box.ReadOnly, box.ReadWrite} {
		for i := range list {
			list[i] = in(list[i])
		}
	}
	if len(box.ReadOnly)+len(box.ReadWrite) > 0 {
		for _, d := range directories(p) {
			box.ReadWrite = append(box.ReadWrite, filepath.Join(dir, d))
		}
	}
	cwd := in(p.Dir)
	if cwd == "" {
		cwd = filepath.Join(dir, WorkDir)
	}
	spec := agent.Spec{Session: id, Argv: argv, Dir: cwd, Signal: p.Kernelspec.Signal, Sandbox: box, StartTimeout: m.StartTimeout, Orphan: m.Orphan, Init: p.Init, Notices: p.Notices}
	for _, name := range slices.Sorted(mapKeys(env)) {
		spec.Env = append(spec.Env, name+"="+env[name])
	}
	return spec, nil
}

// prepare fills a session's directory before its agent starts.
func prepare(dir string, p Plan) error {
	for _, d := range directories(p) {
		name := filepath.Join(dir, d)
		if err := os.Mkdir(name, 0o700); err != nil {
			return err
		}
		if err := own(name, p); err != nil {
			return err
		}
	}
	if p.Launch == nil {
		return nil
	}
	launch := p.Launch.Within(dir)
	name := filepath.Join(dir, agent.KernelDir, launchFile)
	if err := launch.Write(name); err != nil {
		return err
	}
	return own(name, p)
}

// own gives a file to the user that the kernel runs as.
func own(name string, p Plan) error {
	if p.Sandbox.UID == 0 {
		return nil
	}
	gid := p.Sandbox.GID
	if gid == 0 {
		gid = p.Sandbox.UID
	}
	return os.Lchown(name, p.Sandbox.UID, gid)
}

// forget takes an ended session out of the books.
func (m *Manager) forget(s *Session, kernels []*Kernel) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.sessions[s.meta.ID] == s {
		delete(m.sessions, s.meta.ID)
		m.line.leave(s.quotas)
	}
	for _, k := range kernels {
		delete(m.kernels, k.id)
	}
}

func (m *Manager) forgetKernel(k *Kernel) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.kernels, k.id)
}

// Kernel finds a user's kernel by its id.
func (m *Manager) Kernel(user iam.Member, id string) (*Kernel, error) {
	m.mu.Lock()
	k := m.kernels[id]
	m.mu.Unlock()
	if k == nil || k.s.meta.User != user {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	return k, nil
}

// Kernels lists a user's kernels, oldest first.
func (m *Manager) Kernels(user iam.Member) []*Kernel {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []*Kernel
	for _, k := range m.kernels {
		if k.s.meta.User == user {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, func(a, b *Kernel) int { return strings.Compare(a.s.meta.ID+a.id, b.s.meta.ID+b.id) })
	return out
}
