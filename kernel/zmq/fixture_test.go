package zmq

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"sextant/kernel/wire"
)

// patience bounds every wait of these tests. It is never waited out in a passing run.
const patience = 60 * time.Second

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// overTCP and overIPC are where a test kernel listens.
func overTCP(*testing.T) wire.ConnectionInfo {
	return wire.ConnectionInfo{Transport: "tcp", IP: "127.0.0.1", Key: "a key"}
}

func overIPC(t *testing.T) wire.ConnectionInfo {
	return wire.ConnectionInfo{Transport: "ipc", IP: filepath.Join(t.TempDir(), "s", "k"), Key: "a key"}
}

// logged collects log lines, so that a test can wait for one.
type logged struct{ lines chan string }

func (l *logged) Enabled(context.Context, slog.Level) bool { return true }
func (l *logged) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *logged) WithGroup(string) slog.Handler            { return l }
func (l *logged) Handle(_ context.Context, r slog.Record) error {
	line := r.Message
	r.Attrs(func(a slog.Attr) bool { line += " " + a.String(); return true })
	select {
	case l.lines <- line:
	default:
	}
	return nil
}

// await waits for a line that contains text.
func (l *logged) await(t *testing.T, text string) {
	t.Helper()
	timeout := time.After(patience)
	for {
		select {
		case line := <-l.lines:
			if strings.Contains(line, text) {
				return
			}
		case <-timeout:
			t.Fatalf("nobody logged %q", text)
		}
	}
}

func listenWith(t *testing.T, info wire.ConnectionInfo, opts Options) (*Server, *logged) {
	t.Helper()
	log := &logged{make(chan string, 1024)}
	opts.Logger = slog.New(log)
	s, err := Listen(context.Background(), info, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, log
}

// serveEcho answers every request of shell and control as a kernel does: busy, execute_result, reply, idle. The request
// "quiet" is only replied to.
func serveEcho(t *testing.T, s *Server) {
	for _, ch := range []wire.Channel{wire.Shell, wire.Control} {
		go func() {
			for {
				m, err := s.Receive(context.Background(), ch)
				if err != nil {
					return
				}
				answer(t, s, m)
			}
		}()
	}
}

func answer(t *testing.T, s *Server, m *wire.Message) {
	say := func(msgType string, content any) {
		out, err := wire.NewOutput(s.Session(), "kernel", m, msgType, content)
		if err == nil {
			err = s.Publish(out)
		}
		if err != nil && !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	}
	say("status", wire.Status{ExecutionState: wire.StateBusy})
	if m.Header.MsgType == "execute_request" {
		say("execute_result", wire.ExecuteResult{Data: wire.MIMEBundle{"text/plain": []byte(`"echo"`)}})
	}
	var content any
	switch m.Header.MsgType {
	case "kernel_info_request":
		content = wire.KernelInfoReply{ProtocolVersion: wire.ProtocolVersion, Implementation: "echo"}
	default:
		content = wire.ExecuteReply{}
	}
	rep, err := wire.NewReply(s.Session(), "kernel", m, strings.Replace(m.Header.MsgType, "_request", "_reply", 1), content)
	if err == nil {
		err = s.Send(rep)
	}
	if err != nil && !errors.Is(err, ErrClosed) && !errors.Is(err, ErrNoPeer) && !errors.Is(err, ErrPeerGone) {
		t.Error(err)
	}
	say("status", wire.Status{ExecutionState: wire.StateIdle})
}

func dialTo(t *testing.T, s *Server) *Conn {
	t.Helper()
	c, err := Dial(within(t), s.Info(), Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func request(t testing.TB, c *Conn, ch wire.Channel, msgType string, content any) *wire.Message {
	t.Helper()
	m, err := wire.NewMessage(c.Session(), c.Username(), msgType, content)
	if err != nil {
		t.Fatal(err)
	}
	m.Channel = ch
	if err := c.Send(m); err != nil {
		t.Fatal(err)
	}
	return m
}

// expect receives until a message of that type whose parent is req; with req nil, of that type.
func expect(t testing.TB, ctx context.Context, c *Conn, ch wire.Channel, msgType string, req *wire.Message) *wire.Message {
	t.Helper()
	for {
		m, err := c.Receive(ctx, ch)
		if err != nil {
			t.Fatalf("waiting for %s on %s: %v", msgType, ch, err)
		}
		if m.Header.MsgType == msgType && (req == nil || m.Parent().MsgID == req.Header.MsgID) {
			return m
		}
	}
}

// exchange makes one whole round trip, with busy and idle.
func exchange(t testing.TB, ctx context.Context, c *Conn) {
	t.Helper()
	req := request(t, c, wire.Shell, "execute_request", wire.ExecuteRequest{Code: "1"})
	expect(t, ctx, c, wire.Shell, "execute_reply", req)
	expect(t, ctx, c, wire.IOPub, "execute_result", req)
	expect(t, ctx, c, wire.IOPub, "status", req)
}

// noLeaks fails the test if goroutines of this module or of the library are left at its end.
func noLeaks(t *testing.T) {
	t.Helper()
	t.Cleanup(func() {
		deadline := time.Now().Add(patience)
		for {
			left := ours()
			if len(left) == 0 {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("%d goroutines are left:\n%s", len(left), strings.Join(left, "\n\n"))
			}
			runtime.Gosched() // the library's own goroutines end on their own after Close, with nothing to wait for
		}
	})
}

func ours() (left []string) {
	buf := make([]byte, 4<<20)
	for g := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(g, "zmq4") || strings.Contains(g, "sextant/kernel") && !strings.Contains(g, "testing.tRunner") {
			left = append(left, g)
		}
	}
	return left
}
