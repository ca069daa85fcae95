package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/google/uuid"

	"sextant/kernel/wire"
	"sextant/sessions/sandbox"
)

// process is one kernel process, from its start to its end.
type process struct {
	cmd    *exec.Cmd
	info   wire.ConnectionInfo
	report sandbox.Report
	log    *tailLog
	began  time.Time
	ended  chan struct{} // closed once it has been reaped; state is then set
	state  *os.ProcessState
	// killed says why we ended it ourselves; nil where we did not.
	killed atomic.Pointer[string]
}

// spawner starts processes from one thread that never ends: the death signal of a child is sent when the thread that made
// it ends, not the process.
type spawner struct {
	requests chan func()
	stop     sync.Once
}

func newSpawner() *spawner {
	s := &spawner{requests: make(chan func())}
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with the agent
		for f := range s.requests {
			f()
		}
	}()
	return s
}

func (s *spawner) start(cmd *exec.Cmd) error {
	done := make(chan error)
	s.requests <- func() { done <- cmd.Start() }
	return <-done
}

func (s *spawner) close() { s.stop.Do(func() { close(s.requests) }) }

// launch starts a kernel with a fresh connection file. The sandbox's report is awaited; the kernel is not.
func (a *Agent) launch() (*process, error) {
	kdir := filepath.Join(a.dir, KernelDir)
	info := wire.ConnectionInfo{Transport: "ipc", IP: filepath.Join(kdir, "s"), Key: uuid.NewString() + uuid.NewString(),
		SignatureScheme: wire.SchemeHMACSHA256, KernelName: "sextant-session"}
	for i, ch := range []wire.Channel{wire.Shell, wire.IOPub, wire.Stdin, wire.Control, wire.Heartbeat} {
		info.SetPort(ch, i+1)
		_, address := info.Address(ch)
		if err := os.Remove(address); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	file := filepath.Join(kdir, "connection.json")
	if err := info.Write(file); err != nil {
		return nil, err
	}
	if uid := a.spec.Sandbox.UID; uid != 0 {
		for _, name := range []string{kdir, file} {
			if err := os.Lchown(name, uid, max(a.spec.Sandbox.GID, uid)); err != nil {
				return nil, err
			}
		}
	}
	argv := make([]string, len(a.spec.Argv))
	for i, arg := range a.spec.Argv {
		argv[i] = strings.ReplaceAll(arg, "{connection_file}", file)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	specR, specW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer specR.Close()
	defer specW.Close()
	reportR, reportW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer reportR.Close()
	defer reportW.Close()
	p := &process{info: info, log: newTailLog(filepath.Join(a.dir, KernelLog), a.masker), began: time.Now(), ended: make(chan struct{})}
	p.cmd = exec.Command(self, append([]string{"sandbox", "--"}, argv...)...)
	p.cmd.Env, p.cmd.Dir = slices.Concat(a.spec.Env, a.secrets.Env), a.spec.Dir
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	p.cmd.ExtraFiles = []*os.File{specR, reportW}
	p.cmd.SysProcAttr = ownGroup()
	p.cmd.WaitDelay = time.Second // what it started may hold its output open
	if err := a.spawner.start(p.cmd); err != nil {
		return nil, fmt.Errorf("kernel: %w", err)
	}
	go func() {
		_ = p.cmd.Wait() // its state says more
		p.state = p.cmd.ProcessState
		killGroup(p.cmd.Process.Pid)
		p.log.Close()
		close(p.ended)
	}()
	_ = reportW.Close()
	if err := json.NewEncoder(specW).Encode(a.spec.Sandbox); err != nil {
		p.kill("it could not be confined")
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	_ = specW.Close()
	dec := json.NewDecoder(io.LimitReader(reportR, 1<<20))
	if err := dec.Decode(&p.report); err != nil {
		p.kill("it could not be confined")
		<-p.ended
		return nil, fmt.Errorf("sandbox: no report: %s", p.log.Tail(3))
	}
	// The kernel has begun once the report's other end is closed without an error in it.
	var failure sandbox.Report
	if dec.Decode(&failure) == nil {
		p.report.Error = failure.Error
	}
	if p.report.Error != "" {
		<-p.ended
		return nil, fmt.Errorf("the kernel could not be started: %s", p.report.Error)
	}
	return p, nil
}

// kill ends the process and all of its group at once.
func (p *process) kill(why string) {
	p.killed.CompareAndSwap(nil, &why)
	killGroup(p.cmd.Process.Pid)
	_ = p.cmd.Process.Kill() // it may have ended
}

// signal sends a signal to the process and all of its group.
func (p *process) signal(sig syscall.Signal) {
	select {
	case <-p.ended:
	default:
		signalGroup(p.cmd.Process.Pid, sig)
	}
}

// obituary says in words how the process came to its end.
func (p *process) obituary() string {
	why := ""
	if k := p.killed.Load(); k != nil {
		why = *k
	}
	return deathWords(ending(p.state), why, p.log.Tail(5))
}

// end is how a process ended.
type end struct {
	Exited bool
	Code   int
	Signal syscall.Signal
}

func ending(s *os.ProcessState) end {
	if s == nil {
		return end{}
	}
	if ws, ok := s.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return end{Signal: ws.Signal()}
	}
	return end{Exited: true, Code: s.ExitCode()}
}

// deathWords says for people how a kernel ended: killed is why we ended it, said the last it wrote.
func deathWords(e end, killed, said string) string {
	var text string
	switch {
	case killed != "":
		return "The kernel was stopped: " + killed + "."
	case e.Signal == syscall.SIGKILL:
		text = "The kernel was killed by the system, most likely because memory ran out. Use less at a time, or an environment with more memory."
	case e.Signal == syscall.SIGXCPU:
		text = "The kernel was killed: it used up its processor time."
	case e.Signal == syscall.SIGXFSZ:
		text = "The kernel was killed: it wrote a file over the size limit."
	case e.Signal == syscall.SIGSYS:
		text = "The kernel was killed: it made a system call that its sandbox forbids."
	case e.Signal != 0:
		text = fmt.Sprintf("The kernel crashed (%s).", e.Signal)
	case e.Code == 0:
		return "The kernel ended by itself."
	default:
		text = fmt.Sprintf("The kernel ended with an error (exit status %d).", e.Code)
	}
	if said != "" {
		text += " It said last:\n" + said
	}
	return text
}

// tailLog keeps the end of what a kernel writes to its standard output and error, in a file of at most twice maxLog.
type tailLog struct {
	name   string
	masker *masker

	mu   sync.Mutex
	file *os.File
	size int64
	tail []byte
}

const (
	maxLog  = 1 << 20
	maxTail = 4 << 10
)

func newTailLog(name string, k *masker) *tailLog { return &tailLog{name: name, masker: k} }

// Write implements io.Writer; it never fails, since a kernel is not to stop for its log.
func (l *tailLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	whole := len(b)
	b = l.masker.raw(b)
	l.tail = append(l.tail, b[max(0, len(b)-maxTail):]...)
	l.tail = l.tail[max(0, len(l.tail)-maxTail):]
	if l.file == nil || l.size > maxLog {
		if l.file != nil {
			_ = l.file.Close()
			_ = os.Rename(l.name, l.name+".1")
		}
		f, err := os.OpenFile(l.name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return whole, nil
		}
		l.file, l.size = f, 0
	}
	n, _ := l.file.Write(b)
	l.size += int64(n)
	return whole, nil
}

// Tail is the last lines that are not empty.
func (l *tailLog) Tail(lines int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := strings.Split(strings.TrimSpace(strings.ToValidUTF8(string(l.tail), "\uFFFD")), "\n")
	return strings.TrimSpace(strings.Join(all[max(0, len(all)-lines):], "\n"))
}

// Forget leaves what was written so far out of Tail; it stays in the file.
func (l *tailLog) Forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tail = nil
}

func (l *tailLog) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		_ = l.file.Close()
		l.file = nil
	}
}
