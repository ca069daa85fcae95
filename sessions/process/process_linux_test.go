package process

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"sextant/kernel/wire"
	"sextant/sessions/agent"
	"sextant/sessions/link"
)

func TestMain(m *testing.M) {
	if code, handled := agent.Main(os.Args[1:]); handled {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

const patience = 60 * time.Second

// kernelArgv is the command line of a kernel under test; it must be built.
func kernelArgv(t *testing.T, name string) []string {
	t.Helper()
	python := os.Getenv("SEXTANT_TEST_PYTHON")
	if python == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("SEXTANT_TEST_PYTHON is not set")
		}
		t.Skip("SEXTANT_TEST_PYTHON is not set")
	}
	if name == "python" {
		return []string{python, "-m", "ipykernel_launcher", "-f", "{connection_file}"}
	}
	return []string{filepath.Join(filepath.Dir(python), "sextant-kernel"), "-f", "{connection_file}"}
}

// fixture is a session with a connection to it.
type fixture struct {
	t    *testing.T
	h    *Handle
	conn *link.Conn
	got  chan link.Received
}

func launcher(t *testing.T) *Launcher {
	t.Helper()
	root, err := os.MkdirTemp("", "sxt")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	l, err := New(root, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func start(t *testing.T, l *Launcher, spec agent.Spec) *fixture {
	t.Helper()
	if spec.Session == "" {
		spec.Session = "0193b0c4-0000-7000-8000-" + "00000000000" + string('0'+byte(len(t.Name())%10))
	}
	if spec.Env == nil {
		spec.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	}
	spec.Dir = t.TempDir()
	h, err := l.Launch(within(t), spec, agent.Secrets{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{t: t, h: h}
	t.Cleanup(func() {
		if h.Alive() {
			f.dial(0)
			_ = f.conn.Call(within(t), link.Shutdown, nil, nil)
		}
		_ = f.conn.Close()
		if t.Failed() {
			b, _ := os.ReadFile(filepath.Join(h.Dir, agent.LogFile))
			t.Logf("agent said:\n%s", b)
		}
	})
	f.dial(0)
	return f
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// dial connects anew, after a position.
func (f *fixture) dial(after uint64) {
	f.t.Helper()
	if f.conn != nil {
		_ = f.conn.Close()
	}
	got := make(chan link.Received, 100_000)
	conn, err := f.h.Dial(within(f.t), after, func(r link.Received) { got <- r })
	if err != nil {
		f.t.Log("dial:", err)
		f.t.FailNow()
	}
	f.conn, f.got = conn, got
}

// execute sends code and gives the request's id.
func (f *fixture) execute(code string) string {
	f.t.Helper()
	m, err := wire.NewMessage("client", "ana", "execute_request", wire.ExecuteRequest{Code: code, StoreHistory: true, StopOnError: true})
	if err != nil {
		f.t.Fatal(err)
	}
	m.Channel = wire.Shell
	frame, err := wire.EncodeWebsocketV1(m)
	if err != nil {
		f.t.Fatal(err)
	}
	if err := f.conn.Send(frame); err != nil {
		f.t.Fatal(err)
	}
	return m.Header.MsgID
}

// until gives the message of a type that answers a request, and the position it came at.
func (f *fixture) until(id, msgType string) (*wire.Message, uint64) {
	f.t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case r := <-f.got:
			m, err := wire.DecodeWebsocketV1(r.Frame)
			if err != nil {
				f.t.Fatal(err)
			}
			if (id == "" || m.Parent().MsgID == id) && m.Header.MsgType == msgType {
				return m, r.Position
			}
		case <-deadline:
			f.t.Fatalf("no %s for %q", msgType, id)
		}
	}
}

func TestCellRunsOnWhileNobodyIsThere(t *testing.T) {
	for _, kernel := range []string{"sql", "python"} {
		t.Run(kernel, func(t *testing.T) {
			f := start(t, launcher(t), agent.Spec{Argv: kernelArgv(t, kernel), Signal: kernel == "python"})
			code, want := "SELECT 41 + 1 AS answer", "42"
			if kernel == "python" {
				code = "print(41 + 1)"
			}
			id := f.execute(code)
			_, position := f.until(id, "execute_input")
			f.dial(position)
			m, _ := f.until(id, map[string]string{"sql": "execute_result", "python": "stream"}[kernel])
			if !strings.Contains(string(m.Content), want) {
				t.Errorf("got %s", m.Content)
			}
			// From the beginning, the very same once more.
			f.dial(0)
			if _, again := f.until(id, "execute_input"); again != position {
				t.Errorf("position %d, then %d", position, again)
			}
		})
	}
}

func TestDeathIsTold(t *testing.T) {
	f := start(t, launcher(t), agent.Spec{Argv: kernelArgv(t, "python"), Signal: true})
	id := f.execute("import os; print('alive', flush=True); os.kill(os.getpid(), 11)")
	queued := f.execute("print('never')")
	if m, _ := f.until(id, "error"); !strings.Contains(string(m.Content), "crashed (segmentation fault)") {
		t.Errorf("got %s", m.Content)
	}
	f.until(id, "status")
	if m, _ := f.until(queued, "execute_reply"); !strings.Contains(string(m.Content), wire.StatusAborted) {
		t.Errorf("queued: %s", m.Content)
	}
	// Another kernel has come by itself.
	id = f.execute("print('again')")
	if m, _ := f.until(id, "stream"); !strings.Contains(string(m.Content), "again") {
		t.Errorf("got %s", m.Content)
	}
}

func TestKernelThatIgnoresInterruptsIsKilled(t *testing.T) {
	f := start(t, launcher(t), agent.Spec{Argv: kernelArgv(t, "python"), Signal: true, InterruptGrace: 300 * time.Millisecond})
	id := f.execute("import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nprint('on', flush=True)\ntime.sleep(1000)")
	f.until(id, "stream")
	if err := f.conn.Call(within(t), link.Interrupt, link.InterruptParams{}, nil); err != nil {
		t.Fatal(err)
	}
	if m, _ := f.until(id, "error"); !strings.Contains(string(m.Content), "did not stop within") {
		t.Errorf("got %s", m.Content)
	}
}

func TestKernelEndsWithItsAgent(t *testing.T) {
	l := launcher(t)
	f := start(t, l, agent.Spec{Argv: kernelArgv(t, "python"), Signal: true})
	id := f.execute("import os; print(os.getpid())")
	m, _ := f.until(id, "stream")
	var u link.Usage
	if err := f.conn.Call(within(t), link.Measure, nil, &u); err != nil {
		t.Fatal(err)
	}
	if u.Processes < 1 || u.MemoryBytes == 0 || u.State.KernelPID == 0 {
		t.Errorf("usage %+v", u)
	}
	if !strings.Contains(string(m.Content), itoa(u.State.KernelPID)) {
		t.Errorf("kernel %d said %s", u.State.KernelPID, m.Content)
	}
	agentPID := ppid(t, u.State.KernelPID)
	if err := syscall.Kill(agentPID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-f.conn.Done()
	awaitEnd(t, u.State.KernelPID)
	awaitEnd(t, agentPID) // its socket is closed a little before it is gone
	found, err := l.Find()
	if err != nil || len(found) != 0 {
		t.Errorf("found %v, %v", found, err)
	}
	if _, err := os.Stat(f.h.Dir); !os.IsNotExist(err) {
		t.Errorf("its directory: %v", err)
	}
}
