package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sextant/kernel/wire"
	"sextant/kernel/zmq"
)

// patience bounds every wait; it is never waited out in a passing run.
const patience = 60 * time.Second

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func dialTo(t *testing.T, info wire.ConnectionInfo) *Client {
	t.Helper()
	c, err := Dial(within(t), info, zmq.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.WaitReady(within(t)); err != nil {
		t.Fatal(err)
	}
	return c
}

// ipykernel starts the reference kernel and returns where it listens.
func ipykernel(t *testing.T, transport string) (wire.ConnectionInfo, *exec.Cmd) {
	t.Helper()
	python := os.Getenv("SEXTANT_TEST_PYTHON")
	if python == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("SEXTANT_TEST_PYTHON is not set")
		}
		t.Skip("SEXTANT_TEST_PYTHON is not set")
	}
	// Free ports, found by binding all five and letting go of them.
	info := wire.ConnectionInfo{Transport: transport, IP: "127.0.0.1", Key: "a key"}
	if transport == "ipc" {
		info.IP = filepath.Join(t.TempDir(), "k")
	}
	s, err := zmq.Listen(context.Background(), info, zmq.Options{})
	if err != nil {
		t.Fatal(err)
	}
	info = s.Info()
	s.Close()
	file := filepath.Join(t.TempDir(), "kernel.json")
	if err := info.Write(file); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	cmd := exec.Command(python, "-m", "ipykernel_launcher", "-f", file)
	cmd.Env = append(os.Environ(), "IPYTHONDIR="+t.TempDir())
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Logf("ipykernel said:\n%s", said.String())
		}
	})
	return info, cmd
}

// run executes code and returns what came, joined, and the reply.
func run(t *testing.T, c *Client, code string, opts ExecuteOptions) (string, wire.ExecuteReply, error) {
	t.Helper()
	ctx := within(t)
	e, err := c.Execute(ctx, code, opts)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	var said strings.Builder
	for {
		m, err := e.Next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%s: %v", code, err)
		}
		switch m.Header.MsgType {
		case "stream":
			var s wire.Stream
			m.Read(&s)
			said.WriteString(s.Text)
		case "execute_result":
			var r wire.ExecuteResult
			m.Read(&r)
			said.Write(r.Data["text/plain"])
		}
	}
	r, err := e.Reply(ctx)
	return said.String(), r, err
}

func TestReferenceKernel(t *testing.T) {
	for _, transport := range []string{"tcp", "ipc"} {
		t.Run(transport, func(t *testing.T) {
			info, cmd := ipykernel(t, transport)
			c := dialTo(t, info)
			ctx := within(t)
			for i := range 20 {
				got, r, err := run(t, c, fmt.Sprintf("print('x'); %d", i), ExecuteOptions{})
				if err != nil || got != fmt.Sprintf("x\n\"%d\"", i) || r.ExecutionCount == 0 {
					t.Fatal(got, r, err)
				}
			}
			var failure *Error
			if _, r, err := run(t, c, "1/0", ExecuteOptions{}); !errors.As(err, &failure) || failure.EName != "ZeroDivisionError" || r.Status != "error" {
				t.Error(r, err)
			}
			if got, _, err := run(t, c, "'a' * 10_000_000", ExecuteOptions{}); err != nil || len(got) < 10_000_000 {
				t.Error(len(got), err)
			}
			got, _, err := run(t, c, "input('who? ')", ExecuteOptions{Input: func(_ context.Context, r wire.InputRequest) (string, error) {
				return r.Prompt + "me", nil
			}})
			if err != nil || got != `"'who? me'"` {
				t.Error(got, err)
			}
			if _, r, err := run(t, c, "", ExecuteOptions{UserExpressions: map[string]string{"two": "1+1"}}); err != nil || !strings.Contains(string(r.UserExpressions["two"]), `"2"`) {
				t.Error(r, err)
			}
			if r, err := c.Complete(ctx, "pri", 3); err != nil || !strings.Contains(strings.Join(r.Matches, " "), "print") {
				t.Error(r, err)
			}
			if r, err := c.Inspect(ctx, "print", 5, 0); err != nil || !r.Found || len(r.Data) == 0 {
				t.Error(r, err)
			}
			if r, err := c.IsComplete(ctx, "for x in y:"); err != nil || r.Status != wire.Incomplete {
				t.Error(r, err)
			}
			if r, err := c.History(ctx, wire.HistoryRequest{HistAccessType: "tail", N: 3, Raw: true, Output: true}); err != nil || len(r.History) == 0 {
				t.Error(r, err)
			}
			if _, err := c.CommInfo(ctx, ""); err != nil {
				t.Error(err)
			}
			if err := c.Alive(ctx); err != nil {
				t.Error(err)
			}
			id, err := c.CreateSubshell(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if ids, err := c.ListSubshells(ctx); err != nil || len(ids) != 1 || ids[0] != id {
				t.Error(ids, err)
			}
			if got, _, err := run(t, c, "40+2", ExecuteOptions{Subshell: id}); err != nil || got != `"42"` {
				t.Error(got, err)
			}
			if err := c.DeleteSubshell(ctx, id); err != nil {
				t.Error(err)
			}
			if _, err := c.Shutdown(ctx, false); err != nil {
				t.Error(err)
			}
			if err := cmd.Wait(); err != nil {
				t.Error(err)
			}
			<-c.Done()
			if _, err := c.KernelInfo(ctx); !errors.Is(err, zmq.ErrPeerGone) {
				t.Error(err)
			}
		})
	}
}

// TestDyingKernel kills the kernel in the middle of a cell.
func TestDyingKernel(t *testing.T) {
	info, cmd := ipykernel(t, "tcp")
	c := dialTo(t, info)
	ctx := within(t)
	e, err := c.Execute(ctx, "print('started', flush=True)\nimport threading; threading.Event().wait()", ExecuteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	for {
		m, err := e.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if m.Header.MsgType == "stream" {
			break
		}
	}
	if err := c.Alive(ctx); err != nil {
		t.Error("busy, but not dead:", err)
	}
	cmd.Process.Kill()
	for err == nil {
		_, err = e.Next(ctx)
	}
	if !errors.Is(err, zmq.ErrPeerGone) {
		t.Error(err)
	}
	if _, err := e.Reply(ctx); !errors.Is(err, zmq.ErrPeerGone) {
		t.Error(err)
	}
	short, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := c.Alive(short); err == nil {
		t.Error("alive after its death")
	}
}

// TestCloseEndsCalls closes the client while calls wait for a kernel that never answers.
func TestCloseEndsCalls(t *testing.T) {
	s, err := zmq.Listen(context.Background(), wire.ConnectionInfo{Transport: "tcp", IP: "127.0.0.1", Key: "k"}, zmq.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c, err := Dial(within(t), s.Info(), zmq.Options{})
	if err != nil {
		t.Fatal(err)
	}
	failures := make(chan error, 2)
	go func() { _, err := c.KernelInfo(context.Background()); failures <- err }()
	if _, err := s.Receive(within(t), wire.Shell); err != nil {
		t.Fatal(err)
	}
	e, err := c.Execute(context.Background(), "x", ExecuteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	go func() { _, err := e.Next(context.Background()); failures <- err }()
	c.Close()
	for range 2 {
		if err := <-failures; !errors.Is(err, zmq.ErrClosed) {
			t.Error(err)
		}
	}
}
