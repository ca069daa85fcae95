package zmq

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"

	"sextant/kernel/wire"
)

func TestRoundTrip(t *testing.T) {
	for name, where := range map[string]func(*testing.T) wire.ConnectionInfo{"tcp": overTCP, "ipc": overIPC} {
		t.Run(name, func(t *testing.T) {
			noLeaks(t)
			s, _ := listenWith(t, where(t), Options{})
			serveEcho(t, s)
			c := dialTo(t, s)
			ctx := within(t)
			expect(t, ctx, c, wire.IOPub, "iopub_welcome", nil)
			for range 10 {
				exchange(t, ctx, c)
			}
			req := request(t, c, wire.Control, "kernel_info_request", nil)
			expect(t, ctx, c, wire.Control, "kernel_info_reply", req)
			for range 3 {
				if err := c.Beat(ctx); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestLastWordsArrive(t *testing.T) {
	noLeaks(t)
	s, _ := listenWith(t, overTCP(t), Options{})
	c := dialTo(t, s)
	ctx := within(t)
	expect(t, ctx, c, wire.IOPub, "iopub_welcome", nil)
	req := request(t, c, wire.Control, "shutdown_request", wire.ShutdownRequest{})
	m, err := s.Receive(ctx, wire.Control)
	if err != nil {
		t.Fatal(err)
	}
	answer(t, s, m)
	s.Close()
	expect(t, ctx, c, wire.Control, "shutdown_reply", req)
	expect(t, ctx, c, wire.IOPub, "status", req)
	expect(t, ctx, c, wire.IOPub, "status", req)
	for _, ch := range []wire.Channel{wire.Control, wire.Shell, wire.IOPub} {
		if _, err := c.Receive(ctx, ch); !errors.Is(err, ErrPeerGone) {
			t.Errorf("%s: %v", ch, err)
		}
	}
	<-c.Done()
	if _, err := s.Receive(context.Background(), wire.Shell); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if err := s.Publish(m); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

func TestManyClients(t *testing.T) {
	noLeaks(t)
	s, _ := listenWith(t, overTCP(t), Options{})
	serveEcho(t, s)
	ctx := within(t)
	var wg sync.WaitGroup
	for range 20 {
		c := dialTo(t, s)
		expect(t, ctx, c, wire.IOPub, "iopub_welcome", nil)
		wg.Go(func() {
			for range 20 {
				req := request(t, c, wire.Shell, "execute_request", wire.ExecuteRequest{Code: "1"})
				for _, ch := range []wire.Channel{wire.Shell, wire.IOPub} {
					for {
						m, err := c.Receive(ctx, ch)
						if err != nil {
							t.Error(err)
							return
						}
						if m.Parent().MsgID == req.Header.MsgID {
							break
						}
					}
				}
			}
		})
	}
	wg.Wait()
}

// TestControlOvertakesShell: nobody receives from shell, which is full of requests, and control is served.
func TestControlOvertakesShell(t *testing.T) {
	noLeaks(t)
	s, _ := listenWith(t, overTCP(t), Options{})
	c := dialTo(t, s)
	for range 500 {
		request(t, c, wire.Shell, "execute_request", wire.ExecuteRequest{Code: "1"})
	}
	req := request(t, c, wire.Control, "interrupt_request", nil)
	m, err := s.Receive(within(t), wire.Control)
	if err != nil || m.Header.MsgID != req.Header.MsgID {
		t.Fatal(m, err)
	}
	for i := range 500 { // and none of them is lost
		if _, err := s.Receive(within(t), wire.Shell); err != nil {
			t.Fatal(i, err)
		}
	}
}

// TestSameIdentityTakesOver: a client that comes back under its identity gets the replies, its former connection none.
func TestSameIdentityTakesOver(t *testing.T) {
	noLeaks(t)
	s, _ := listenWith(t, overTCP(t), Options{})
	ctx := within(t)
	first, err := Dial(ctx, s.Info(), Options{Session: "same"})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	req := request(t, first, wire.Shell, "execute_request", nil)
	m, err := s.Receive(ctx, wire.Shell)
	if err != nil {
		t.Fatal(err)
	}
	second, err := Dial(ctx, s.Info(), Options{Session: "same"})
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	request(t, second, wire.Shell, "kernel_info_request", nil)
	if _, err := s.Receive(ctx, wire.Shell); err != nil { // so the second is known
		t.Fatal(err)
	}
	answer(t, s, m)
	expect(t, ctx, second, wire.Shell, "execute_reply", req)
	second.Close()
	waitPeers(t, s, wire.Shell, 1)
	rep, err := wire.NewReply("k", "k", m, "execute_reply", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(rep); !errors.Is(err, ErrNoPeer) {
		t.Error(err)
	}
}

// TestIdentityCannotBeForged: a peer that calls itself what the library calls another gets nothing of the other's.
func TestIdentityCannotBeForged(t *testing.T) {
	s, _ := listenWith(t, overTCP(t), Options{})
	serveEcho(t, s)
	c := dialTo(t, s)
	expect(t, within(t), c, wire.IOPub, "iopub_welcome", nil) // what is published before that is not for it
	exchange(t, within(t), c)
	g := s.sockets[wire.Shell].guard
	key, _ := g.keyOf([]byte(c.Session()))
	shakeRaw(t, s, wire.Shell, zmq4.Dealer, key)
	waitPeers(t, s, wire.Shell, 2)
	if again, _ := g.keyOf([]byte(c.Session())); again != key {
		t.Error("the identity was taken over")
	}
	exchange(t, within(t), c)
}

func TestRestartOnTheSamePorts(t *testing.T) {
	for name, where := range map[string]func(*testing.T) wire.ConnectionInfo{"tcp": overTCP, "ipc": overIPC} {
		t.Run(name, func(t *testing.T) {
			noLeaks(t)
			s, _ := listenWith(t, where(t), Options{})
			info := s.Info()
			for range 3 {
				serveEcho(t, s)
				stillServes(t, s)
				c := dialTo(t, s) // connected while the kernel goes
				s.Close()
				<-c.Done()
				s, _ = listenWith(t, info, Options{})
			}
		})
	}
}

func TestAddressInUse(t *testing.T) {
	for name, where := range map[string]func(*testing.T) wire.ConnectionInfo{"tcp": overTCP, "ipc": overIPC} {
		t.Run(name, func(t *testing.T) {
			noLeaks(t)
			s, _ := listenWith(t, where(t), Options{})
			serveEcho(t, s)
			_, err := Listen(context.Background(), s.Info(), Options{})
			if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), s.Info().Endpoint(wire.Shell)) {
				t.Error(err)
			}
			stillServes(t, s)
		})
	}
}

func TestSocketFiles(t *testing.T) {
	info := overIPC(t)
	info.ShellPort = 7
	// Left behind by a kernel that was killed.
	dir := filepath.Dir(info.IP)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Net: "unix", Name: info.IP + "-7"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	s, _ := listenWith(t, info, Options{})
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 5 {
		t.Fatal(entries, err)
	}
	for _, e := range entries {
		st, err := e.Info()
		if err != nil || st.Mode().Perm() != 0o600 {
			t.Error(e.Name(), st.Mode(), err)
		}
	}
	s.Close()
	if entries, _ = os.ReadDir(dir); len(entries) != 0 {
		t.Error("left:", entries)
	}
	// What is no socket is not removed.
	if err := os.WriteFile(info.IP+"-7", []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(context.Background(), info, Options{}); !errors.Is(err, ErrInUse) {
		t.Error(err)
	}
	// A directory that had to be made is closed to others.
	made := overIPC(t)
	listenWith(t, made, Options{})
	if st, err := os.Stat(filepath.Dir(made.IP)); err != nil || st.Mode().Perm() != 0o700 {
		t.Error(st.Mode(), err)
	}
}

func TestContextClosesServer(t *testing.T) {
	noLeaks(t)
	ctx, cancel := context.WithCancel(context.Background())
	s, err := Listen(ctx, overTCP(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := dialTo(t, s)
	cancel()
	<-c.Done()
	s.Close()
}

// TestCloseWithAStuckReader: Close lingers no longer than it was told to.
func TestCloseWithAStuckReader(t *testing.T) {
	noLeaks(t)
	s, log := listenWith(t, overTCP(t), Options{MaxQueueBytes: 16 << 20, Linger: 50 * time.Millisecond, StallPatience: 50 * time.Millisecond})
	slow := shakeRaw(t, s, wire.IOPub, zmq4.Sub, "")
	slow.write(t, []byte{0, 1, 1})
	slow.frame(t)
	m, err := wire.NewMessage("s", "k", "stream", wire.Stream{Name: wire.Stdout, Text: strings.Repeat("x", 1<<20)})
	if err != nil {
		t.Fatal(err)
	}
	for range 64 {
		if err := s.Publish(m); err != nil {
			t.Fatal(err)
		}
	}
	log.await(t, "a slow reader loses messages")
	began := time.Now()
	s.Close()
	if took := time.Since(began); took > 5*time.Second {
		t.Error("Close took", took)
	}
}

// TestOneMessageLargerThanTheQueue still arrives.
func TestOneMessageLargerThanTheQueue(t *testing.T) {
	s, _ := listenWith(t, overTCP(t), Options{MaxQueueBytes: 1 << 20})
	c := dialTo(t, s)
	ctx := within(t)
	expect(t, ctx, c, wire.IOPub, "iopub_welcome", nil)
	for range 3 {
		for _, size := range []int{1, 10 << 20} {
			m, err := wire.NewMessage("s", "k", "stream", wire.Stream{Name: wire.Stdout, Text: strings.Repeat("x", size)})
			if err == nil {
				err = s.Publish(m)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range 6 {
		if m := expect(t, ctx, c, wire.IOPub, "stream", nil); i%2 == 1 && len(m.Content) < 10<<20 {
			t.Error(len(m.Content))
		}
	}
}

func BenchmarkRoundTrip(b *testing.B) {
	for name, info := range map[string]wire.ConnectionInfo{
		"tcp": {Transport: "tcp", IP: "127.0.0.1", Key: "k"}, "ipc": {Transport: "ipc", IP: filepath.Join(b.TempDir(), "k"), Key: "k"},
	} {
		b.Run(name, func(b *testing.B) {
			s, err := Listen(context.Background(), info, Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			servePython(b, s)
			ctx := context.Background()
			c, err := Dial(ctx, s.Info(), Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			expect(b, ctx, c, wire.IOPub, "iopub_welcome", nil)
			for b.Loop() {
				req := request(b, c, wire.Shell, "execute_request", wire.ExecuteRequest{Code: "1"})
				expect(b, ctx, c, wire.Shell, "execute_reply", req)
				expect(b, ctx, c, wire.IOPub, "status", req)
				expect(b, ctx, c, wire.IOPub, "status", req)
			}
		})
	}
}

func BenchmarkTenMegabytes(b *testing.B) {
	s, err := Listen(context.Background(), wire.ConnectionInfo{Transport: "tcp", IP: "127.0.0.1", Key: "k"}, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	servePython(b, s)
	ctx := context.Background()
	c, err := Dial(ctx, s.Info(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	expect(b, ctx, c, wire.IOPub, "iopub_welcome", nil)
	b.SetBytes(10 << 20)
	for b.Loop() {
		req := request(b, c, wire.Shell, "execute_request", wire.ExecuteRequest{Code: "big"})
		expect(b, ctx, c, wire.IOPub, "execute_result", req)
	}
}
