package sessions_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sextant/content/iam"
	"sextant/kernel/wire"
	"sextant/sessions"
	"sextant/sessions/agent"
	"sextant/sessions/process"
)

func TestMain(m *testing.M) {
	if code, handled := agent.Main(os.Args[1:]); handled {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

const (
	patience = 30 * time.Second
	ana      = iam.Member("user:ana@x.org")
	bob      = iam.Member("user:bob@x.org")
)

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// installed plans sessions of the kernels of the test's Python environment.
type installed struct{ bin string }

func (p installed) Plan(_ context.Context, user iam.Member, _, kernel string) (sessions.Plan, error) {
	switch kernel {
	case "sql":
		return sessions.Plan{Environment: "default", Title: "Default", Shared: true, Launch: &wire.LaunchSpec{TempDir: "{session}/tmp"},
			Kernelspec: sessions.Kernelspec{Name: "sql", Argv: []string{filepath.Join(p.bin, "sextant-kernel"), "-f", "{connection_file}"}}}, nil
	case "python":
		return sessions.Plan{Environment: "default", Title: "Default", Kernelspec: sessions.Kernelspec{Name: "python", Signal: true,
			Argv: []string{filepath.Join(p.bin, "python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"}}}, nil
	}
	return sessions.Plan{}, sessions.ErrNoKernelspec
}

// server is a manager that can be replaced, as by a restart.
type server struct {
	t    *testing.T
	root string
	o    sessions.Options
	*sessions.Manager
}

func newServer(t *testing.T) *server {
	t.Helper()
	python := os.Getenv("SEXTANT_TEST_PYTHON")
	if python == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("SEXTANT_TEST_PYTHON is not set")
		}
		t.Skip("SEXTANT_TEST_PYTHON is not set")
	}
	root, err := os.MkdirTemp("", "sxt")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{t: t, root: root, o: sessions.Options{Planner: installed{filepath.Dir(python)}, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}}
	s.open()
	t.Cleanup(func() {
		for _, one := range s.Sessions("") {
			if err := one.Shutdown(within(t)); err != nil {
				t.Error(err)
			}
		}
		s.Close()
		os.RemoveAll(root)
	})
	return s
}

func (s *server) open() {
	s.t.Helper()
	l, err := process.New(s.root, s.o.Log)
	if err != nil {
		s.t.Fatal(err)
	}
	s.o.Launcher = l
	if s.Manager, err = sessions.New(s.o); err != nil {
		s.t.Fatal(err)
	}
}

func (s *server) restart() {
	s.t.Helper()
	if err := s.Close(); err != nil {
		s.t.Fatal(err)
	}
	s.open()
}

func (s *server) start(user iam.Member, kernel string) *sessions.Kernel {
	s.t.Helper()
	k, err := s.Start(within(s.t), sessions.Request{User: user, Kernel: kernel, Path: "a.ipynb", Document: "d"})
	if err != nil {
		s.t.Fatal(err)
	}
	return k
}

func attach(t *testing.T, k *sessions.Kernel, id string) *sessions.Client {
	t.Helper()
	c, err := k.Attach(id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// send sends code and gives the request's id.
func send(t *testing.T, c *sessions.Client, session, code string) string {
	t.Helper()
	m, err := wire.NewMessage(session, "ana", "execute_request", wire.ExecuteRequest{Code: code, StoreHistory: true, StopOnError: true})
	if err != nil {
		t.Fatal(err)
	}
	m.Channel, m.Metadata = wire.Shell, json.RawMessage(`{"cellId":"c1"}`)
	if err := c.Send(m); err != nil {
		t.Fatal(err)
	}
	return m.Header.MsgID
}

// collect reads a client's messages for a request until its reply and idle have come, and gives what of it is output.
func collect(t *testing.T, c *sessions.Client, id string) string {
	t.Helper()
	return collectUntil(t, c, id, func(string) bool { return false })
}

func collectUntil(t *testing.T, c *sessions.Client, id string, enough func(string) bool) string {
	t.Helper()
	var out strings.Builder
	for idle, replied := false, false; !idle || !replied; {
		m, err := c.Next(within(t))
		if err != nil {
			t.Fatalf("%v; so far: %s", err, out.String())
		}
		c.Confirm(m.Position)
		if m.Parent.MsgID != id {
			continue
		}
		switch m.Header.MsgType {
		case "execute_reply":
			replied = true
		case "status":
			idle = strings.Contains(string(m.Content), "idle")
		case "clear_output":
			out.Reset()
		case "stream", "display_data", "execute_result", "error":
			var v struct {
				Text   string         `json:"text"`
				Data   map[string]any `json:"data"`
				EName  string         `json:"ename"`
				EValue string         `json:"evalue"`
			}
			if err := m.Read(&v); err != nil {
				t.Fatal(err)
			}
			fmt.Fprint(&out, v.Text, v.EName, " ", v.EValue)
			if v.Data != nil {
				fmt.Fprint(&out, v.Data["text/plain"])
			}
			if enough(out.String()) {
				return out.String()
			}
		}
	}
	return out.String()
}

func run(t *testing.T, k *sessions.Kernel, code string) string {
	t.Helper()
	id := "client-" + t.Name()
	c := attach(t, k, id)
	defer c.Detach(false)
	return collect(t, c, send(t, c, id, code))
}

func TestDocumentsShareOneDatabase(t *testing.T) {
	s := newServer(t)
	a, b := s.start(ana, "sql"), s.start(ana, "sql")
	if got := len(s.Sessions(ana)); got != 1 {
		t.Fatalf("%d sessions", got)
	}
	run(t, a, "CREATE TABLE t AS SELECT 42 AS answer; CREATE TEMP TABLE mine AS SELECT 1")
	if got := run(t, b, "FROM t"); !strings.Contains(got, "42") {
		t.Errorf("the other document sees %q", got)
	}
	if got := run(t, b, "FROM mine"); !strings.Contains(got, "Exception") {
		t.Errorf("a temporary table of the other: %q", got)
	}
	if err := a.Restart(within(t)); err != nil {
		t.Fatal(err)
	}
	if got := run(t, a, "FROM mine"); !strings.Contains(got, "Exception") {
		t.Errorf("a temporary table from before the restart: %q", got)
	}
	if got := run(t, a, "FROM t"); !strings.Contains(got, "42") {
		t.Errorf("after the restart: %q", got)
	}
	other := s.start(bob, "sql")
	if got := run(t, other, "FROM t"); !strings.Contains(got, "Exception") {
		t.Errorf("somebody else's: %q", got)
	}
	if _, err := s.Kernel(bob, a.ID()); err == nil {
		t.Error("somebody else's kernel was found")
	}
	if err := a.Shutdown(within(t)); err != nil {
		t.Fatal(err)
	}
	if got := run(t, b, "FROM t"); !strings.Contains(got, "42") {
		t.Errorf("after the other's end: %q", got)
	}
}

func TestInterruptStopsOneDocument(t *testing.T) {
	s := newServer(t)
	a, b := s.start(ana, "sql"), s.start(ana, "sql")
	ca, cb := attach(t, a, "a"), attach(t, b, "b")
	const long = "SELECT count(*) FROM range(1000000000000) x, range(1000) y"
	ia, ib := send(t, ca, "a", long), send(t, cb, "b", long)
	awaitBusy(t, ca, ia)
	awaitBusy(t, cb, ib)
	if err := a.Interrupt(within(t)); err != nil {
		t.Fatal(err)
	}
	if got := collect(t, ca, ia); !strings.Contains(strings.ToLower(got), "interrupt") {
		t.Errorf("got %q", got)
	}
	if state := b.Info().State; state != wire.StateBusy {
		t.Errorf("the other is %s", state)
	}
	if err := b.Interrupt(within(t)); err != nil {
		t.Fatal(err)
	}
	collect(t, cb, ib)
}

func awaitBusy(t *testing.T, c *sessions.Client, id string) {
	t.Helper()
	for {
		m, err := c.Next(within(t))
		if err != nil {
			t.Fatal(err)
		}
		if m.Parent.MsgID == id && m.Header.MsgType == "execute_input" {
			return
		}
	}
}

func TestRestartOfTheServerLosesNothing(t *testing.T) {
	for _, kernel := range []string{"sql", "python"} {
		t.Run(kernel, func(t *testing.T) {
			s := newServer(t)
			k := s.start(ana, kernel)
			id := k.ID()
			c := attach(t, k, "tab")
			var request string
			if kernel == "python" {
				request = send(t, c, "tab", "import time\nfor i in range(100):\n  print(i, end=',', flush=True); time.sleep(0.02)")
				collectUntil(t, c, request, func(s string) bool { return strings.Contains(s, ",") })
			} else {
				request = send(t, c, "tab", "SELECT 'first'; SELECT count(*) AS n FROM range(6000000000) x; SELECT 'last'")
				collectUntil(t, c, request, func(s string) bool { return strings.Contains(s, "first") })
			}
			c.Detach(false)
			s.restart()
			k, err := s.Kernel(ana, id)
			if err != nil {
				t.Fatal(err)
			}
			c = attach(t, k, "tab")
			got := collect(t, c, request)
			if kernel == "python" {
				numbers := strings.Split(strings.ReplaceAll(strings.TrimSuffix(strings.TrimSpace(got), ","), " ", ""), ",")
				if len(numbers) < 50 || numbers[len(numbers)-1] != "99" {
					t.Errorf("got %q", got)
				}
				for i := 1; i < len(numbers); i++ {
					var a, b int
					fmt.Sscan(numbers[i-1], &a)
					fmt.Sscan(numbers[i], &b)
					if b != a+1 {
						t.Fatalf("after %d: %d in %q", a, b, got)
					}
				}
			} else if strings.Count(got, "first") > 2 || !strings.Contains(got, "6000000000") || !strings.Contains(got, "last") {
				t.Errorf("got %q", got)
			}
			c.Detach(false)
			if got := run(t, k, map[string]string{"sql": "SELECT 40 + 2", "python": "print(40 + 2)"}[kernel]); !strings.Contains(got, "42") {
				t.Errorf("after it: %q", got)
			}
		})
	}
}

// TestOverTheLimitOneWaits has somebody want more sessions than they may have: the next starts as soon as one ends.
func TestOverTheLimitOneWaits(t *testing.T) {
	s := newServer(t)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s.o.MaxPerUser, s.o.QueueWait = 1, patience
	s.open()
	first := s.start(ana, "python")
	s.start(bob, "sql") // others have their own limit
	s.restart()         // what is taken over counts
	kernels := s.Kernels(ana)
	if len(kernels) != 1 || kernels[0].ID() != first.ID() {
		t.Fatal(kernels)
	}
	type outcome struct {
		k   *sessions.Kernel
		err error
	}
	second := make(chan outcome, 1)
	go func() {
		k, err := s.Start(within(t), sessions.Request{User: ana, Kernel: "sql"})
		second <- outcome{k, err}
	}()
	impatient, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := s.Start(impatient, sessions.Request{User: ana, Kernel: "python"}); !errors.Is(err, sessions.ErrQuota) {
		t.Errorf("over the limit: %v", err)
	}
	if len(second) > 0 {
		t.Fatal("over the limit a session started")
	}
	if err := kernels[0].Shutdown(within(t)); err != nil {
		t.Fatal(err)
	}
	if got := <-second; got.err != nil || got.k.Info().Name != "sql" {
		t.Errorf("%v", got.err)
	}
}
