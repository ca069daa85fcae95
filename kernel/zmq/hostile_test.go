package zmq

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"

	"sextant/kernel/wire"
)

// raw is a peer that speaks ZMTP by hand, and badly if the test wants it.
type raw struct {
	net.Conn
	r *bufio.Reader
}

func connectRaw(t *testing.T, s *Server, ch wire.Channel) *raw {
	t.Helper()
	info := s.Info()
	network, address := info.Address(ch)
	c, err := net.Dial(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	return &raw{c, bufio.NewReader(c)}
}

// shakeRaw is connectRaw and a proper handshake.
func shakeRaw(t *testing.T, s *Server, ch wire.Channel, typ zmq4.SocketType, identity string) *raw {
	t.Helper()
	p := connectRaw(t, s, ch)
	p.write(t, greeting(1), readyAs(typ, identity))
	if err := readGreeting(p.r); err != nil {
		t.Fatal(err)
	}
	if h, err := readFrameHeader(p.r); err != nil {
		t.Fatal(err)
	} else if _, err := p.r.Discard(int(h.size)); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *raw) write(t *testing.T, parts ...[]byte) {
	t.Helper()
	if _, err := p.Write(bytes.Join(parts, nil)); err != nil {
		t.Fatal(err)
	}
}

// frame reads one frame.
func (p *raw) frame(t *testing.T) (frameHeader, []byte) {
	t.Helper()
	h, err := readFrameHeader(p.r)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, h.size)
	if _, err := io.ReadFull(p.r, b); err != nil {
		t.Fatal(err)
	}
	return h, b
}

// dropped waits until the other end hangs up.
func (p *raw) dropped(t *testing.T) {
	t.Helper()
	if _, err := io.Copy(io.Discard, p.r); errors.Is(err, net.ErrClosed) || isTimeout(err) {
		t.Errorf("still connected: %v", err)
	}
}

func isTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

// stillServes proves that another client is served.
func stillServes(t *testing.T, s *Server) {
	t.Helper()
	c := dialTo(t, s)
	defer c.Close()
	ctx := within(t)
	expect(t, ctx, c, wire.IOPub, "iopub_welcome", nil)
	exchange(t, ctx, c)
	if err := c.Beat(ctx); err != nil {
		t.Error(err)
	}
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

func TestHostileBytes(t *testing.T) {
	huge := []byte{flagLong, 0x3f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	overflow := []byte{flagLong, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
	for name, hostile := range map[string][]byte{
		"a size of 2^62":           huge,
		"a size of 2^64":           overflow,
		"600 MB":                   {flagLong, 0, 0, 0, 0, 0x23, 0xc3, 0x46, 0},
		"a giant command":          {flagLong | flagCommand, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff},
		"a command with more":      {flagCommand | flagMore, 1, 1},
		"reserved flags":           {0x80, 1, 1},
		"an empty command":         {flagCommand, 0},
		"a command without a name": {flagCommand, 3, 9, 'P', 'I'},
		"a PING without TTL":       {flagCommand, 5, 4, 'P', 'I', 'N', 'G'},
		"endless frames":           bytes.Repeat([]byte{flagMore, 0}, 5000),
	} {
		t.Run(name, func(t *testing.T) {
			noLeaks(t)
			s, log := listenWith(t, overTCP(t), Options{})
			serveEcho(t, s)
			stillServes(t, s)
			for _, role := range []struct {
				ch  wire.Channel
				typ zmq4.SocketType
			}{{wire.Shell, zmq4.Dealer}, {wire.IOPub, zmq4.Sub}, {wire.Heartbeat, zmq4.Req}} {
				if name == "endless frames" && role.ch == wire.IOPub {
					continue // ignored there, frame by frame
				}
				before := allocated()
				p := shakeRaw(t, s, role.ch, role.typ, "")
				p.write(t, hostile)
				log.await(t, "dropped a peer")
				p.dropped(t)
				if grown := allocated() - before; grown > 8<<20 {
					t.Errorf("%s: %d bytes were allocated", role.ch, grown)
				}
			}
			stillServes(t, s)
		})
	}
}

func TestHostileHandshakes(t *testing.T) {
	noLeaks(t)
	s, log := listenWith(t, overTCP(t), Options{})
	serveEcho(t, s)
	good := greeting(1)
	with := func(at int, b ...byte) []byte {
		g := bytes.Clone(good)
		copy(g[at:], b)
		return g
	}
	for name, hostile := range map[string][]byte{
		"HTTP":                []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
		"ZMTP 2":              with(10, 2),
		"CURVE":               with(12, []byte("CURVE")...),
		"a message at once":   append(bytes.Clone(good), 0, 1, 'x'),
		"a giant READY":       append(bytes.Clone(good), flagCommand|flagLong, 0x7f, 0, 0, 0, 0, 0, 0, 0),
		"a READY cut short":   append(bytes.Clone(good), appendCommand(nil, "READY", []byte("\x0bSocket-Type\xff\xff\xff\xffx"))...),
		"a property cut":      append(bytes.Clone(good), appendCommand(nil, "READY", []byte("\xff"))...),
		"a wrong socket type": append(bytes.Clone(good), ready(zmq4.Pub, nil)...),
		"no socket type":      append(bytes.Clone(good), appendCommand(nil, "READY", nil)...),
		"an ERROR":            append(bytes.Clone(good), appendCommand(nil, "ERROR", []byte("\x02no"))...),
	} {
		t.Run(name, func(t *testing.T) {
			p := connectRaw(t, s, wire.Shell)
			p.write(t, hostile)
			p.dropped(t)
		})
	}
	log.await(t, "refused a peer")
	stillServes(t, s)
}

// TestSilentPeers: peers that connect and say nothing, or half of a greeting, more than may be half open at once.
func TestSilentPeers(t *testing.T) {
	noLeaks(t)
	s, _ := listenWith(t, overTCP(t), Options{MaxHalfOpen: 8, HandshakeTimeout: time.Hour})
	serveEcho(t, s)
	var silent []*raw
	for i := range 20 {
		for _, ch := range []wire.Channel{wire.Shell, wire.Control, wire.Stdin, wire.IOPub, wire.Heartbeat} {
			p := connectRaw(t, s, ch)
			p.write(t, greeting(1)[:i%9])
			silent = append(silent, p)
		}
	}
	stillServes(t, s)
	silent[0].dropped(t) // displaced by those after it
	stillServes(t, s)
}

// TestHandshakeDeadline: a silent peer is dropped in time.
func TestHandshakeDeadline(t *testing.T) {
	s, log := listenWith(t, overTCP(t), Options{HandshakeTimeout: 50 * time.Millisecond})
	connectRaw(t, s, wire.Shell).dropped(t)
	log.await(t, "refused a peer")
}

// TestPortScan connects and drops, in several states, 300 times per channel.
func TestPortScan(t *testing.T) {
	noLeaks(t)
	s, _ := listenWith(t, overTCP(t), Options{})
	serveEcho(t, s)
	for i := range 300 {
		for _, ch := range []wire.Channel{wire.Shell, wire.IOPub, wire.Heartbeat} {
			p := connectRaw(t, s, ch)
			typ := map[wire.Channel]zmq4.SocketType{wire.Shell: zmq4.Dealer, wire.IOPub: zmq4.Sub, wire.Heartbeat: zmq4.Req}[ch]
			all := append(append(greeting(1), ready(typ, nil)...), flagMore, 5, 'h', 'a')
			p.write(t, all[:i*len(all)/300])
			p.Close()
		}
	}
	stillServes(t, s)
	for _, ch := range []wire.Channel{wire.Shell, wire.IOPub, wire.Heartbeat} {
		waitPeers(t, s, ch, 0)
	}
}

// waitPeers waits until so many peers are connected to a channel.
func waitPeers(t *testing.T, s *Server, ch wire.Channel, want int) {
	t.Helper()
	g := s.sockets[ch].guard
	for deadline := time.Now().Add(patience); ; runtime.Gosched() {
		g.mu.Lock()
		n := len(g.peers)
		g.mu.Unlock()
		if n == want {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s has %d peers, want %d", ch, n, want)
		}
	}
}

func TestMaxPeers(t *testing.T) {
	s, log := listenWith(t, overTCP(t), Options{MaxPeers: 2})
	for range 2 {
		shakeRaw(t, s, wire.Shell, zmq4.Dealer, "")
	}
	waitPeers(t, s, wire.Shell, 2)
	p := connectRaw(t, s, wire.Shell)
	p.write(t, greeting(1), ready(zmq4.Dealer, nil))
	log.await(t, "2 peers are connected")
	p.dropped(t)
}

// TestUnfinishedMessages: what peers may leave unfinished is bounded together, and freed when they go.
func TestUnfinishedMessages(t *testing.T) {
	noLeaks(t)
	s, log := listenWith(t, overTCP(t), Options{MaxMessage: 16 << 20, MaxReceiving: 20 << 20})
	serveEcho(t, s)
	unfinished := append(frameHeader{more: true, size: 12 << 20}.append(nil), make([]byte, 12<<20)...)
	first := shakeRaw(t, s, wire.Shell, zmq4.Dealer, "a")
	first.write(t, unfinished)
	// All of the first is counted, not only on its way: else it may be the first that goes over the bound.
	held := &s.sockets[wire.Shell].guard.receiving
	for ctx := within(t); held.Load() < 12<<20; runtime.Gosched() {
		if ctx.Err() != nil {
			t.Fatalf("%d bytes are counted", held.Load())
		}
	}
	second := shakeRaw(t, s, wire.Shell, zmq4.Dealer, "b")
	go second.Write(unfinished)
	log.await(t, "of unfinished messages")
	first.Close()
	waitPeers(t, s, wire.Shell, 0)
	if n := held.Load(); n != 0 {
		t.Errorf("%d bytes are still counted", n)
	}
	stillServes(t, s)
}

// TestPing: a PING is answered with its context, between the frames of a message as well, and reaches nobody.
func TestPing(t *testing.T) {
	s, _ := listenWith(t, overTCP(t), Options{})
	p := shakeRaw(t, s, wire.Heartbeat, zmq4.Req, "")
	ping := func(context string) []byte { return appendCommand(nil, "PING", append([]byte{0, 10}, context...)) }
	pong := func(context string) {
		t.Helper()
		h, b := p.frame(t)
		if want := "\x04PONG" + context; !h.command || string(b) != want {
			t.Errorf("%+v %q, want %q", h, b, want)
		}
	}
	p.write(t, ping(""))
	pong("")
	p.write(t, ping("sixteen bytes!!!"))
	pong("sixteen bytes!!!")
	p.write(t, []byte{flagMore, 0}, ping("x"))
	pong("x")
	p.write(t, []byte{0, 2, 'h', 'i'})
	if h, b := p.frame(t); !h.more || len(b) != 0 {
		t.Errorf("%+v %q", h, b)
	}
	if h, b := p.frame(t); h.more || string(b) != "hi" {
		t.Errorf("%+v %q", h, b)
	}
}

// TestSlowRouterPeer: a client that sends requests and never reads is dropped, alone.
func TestSlowRouterPeer(t *testing.T) {
	noLeaks(t)
	s, log := listenWith(t, overTCP(t), Options{MaxQueueBytes: 1 << 20})
	p := shakeRaw(t, s, wire.Shell, zmq4.Dealer, "slow")
	waitPeers(t, s, wire.Shell, 1)
	ctx := within(t)
	req, err := wire.NewMessage("x", "x", "execute_request", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Channel, req.Identities = wire.Shell, [][]byte{[]byte("slow")}
	if err := s.sockets[wire.Shell].guard.waitFor(ctx, req.Identities[0]); err != nil {
		t.Fatal(err)
	}
	big := map[string]string{"x": strings.Repeat("x", 1<<20)}
	for {
		rep, err := wire.NewReply("k", "k", req, "execute_reply", big)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Send(rep); err != nil {
			if !errors.Is(err, ErrNoPeer) && !errors.Is(err, ErrPeerGone) {
				t.Error(err)
			}
			break
		}
	}
	log.await(t, "it does not read")
	p.dropped(t)
	serveEcho(t, s)
	stillServes(t, s)
}

// TestSlowReader: one reader of iopub stops while 320 MB are published. The other gets everything, memory stays flat, and
// the slow one loses nothing but whole messages.
func TestSlowReader(t *testing.T) {
	noLeaks(t)
	s, log := listenWith(t, overTCP(t), Options{MaxQueueBytes: 8 << 20})
	slow := shakeRaw(t, s, wire.IOPub, zmq4.Sub, "")
	slow.write(t, []byte{0, 1, 1})
	if h, _ := slow.frame(t); !h.more {
		t.Fatal("no welcome")
	}
	fast := dialTo(t, s)
	ctx := within(t)
	expect(t, ctx, fast, wire.IOPub, "iopub_welcome", nil)

	const count, size = 1280, 256 << 10
	text := strings.Repeat("x", size)
	var peak uint64
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range count {
			m, err := wire.NewMessage(s.Session(), "kernel", "stream", wire.Stream{Name: wire.Stdout, Text: text})
			if err == nil {
				err = s.Publish(m)
			}
			if err != nil {
				t.Error(err)
				return
			}
			if i%64 == 0 {
				var st runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&st)
				peak = max(peak, st.HeapAlloc)
			}
		}
	})
	for i := range count {
		if m := expect(t, ctx, fast, wire.IOPub, "stream", nil); len(m.Content) < size {
			t.Fatalf("message %d is short", i)
		}
	}
	wg.Wait()
	if peak > 96<<20 {
		t.Errorf("the heap grew to %d MB", peak>>20)
	}
	t.Logf("heap peak %d MB", peak>>20)
	log.await(t, "a slow reader loses messages")
	// It wakes up: what it gets are whole messages, and one published now comes last.
	last, err := wire.NewMessage(s.Session(), "kernel", "stream", wire.Stream{Name: wire.Stdout, Text: "last"})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		expect(t, ctx, fast, wire.IOPub, "stream", nil)
	}()
	// The queue has room again only after something was read, so the last is published until it fits.
	signer, _ := wire.NewSigner("", s.Info().Key)
	var parts [][]byte
	for got, published := 0, false; ; {
		h, b := slow.frame(t)
		parts = append(parts, b)
		if h.more {
			continue
		}
		m, err := wire.Decode(parts, signer)
		if err != nil {
			if got == 0 && len(parts) < 7 { // the rest of the welcome
				parts = nil
				continue
			}
			t.Fatalf("torn message after %d: %v", got, err)
		}
		if parts = nil; m.Header.MsgID == last.Header.MsgID {
			break
		}
		if got++; got == 20 && !published {
			published = true
			if err := s.Publish(last); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestHostileKernel: what a kernel does to a client, the other way round.
func TestHostileKernel(t *testing.T) {
	for name, hostile := range map[string][]byte{
		"a size of 2^62":  {flagLong, 0x3f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		"600 MB":          {flagLong, 0, 0, 0, 0, 0x23, 0xc3, 0x46, 0},
		"a giant command": {flagLong | flagCommand, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff},
		"half a frame":    {flagMore, 9, 1, 2, 3},
	} {
		t.Run(name, func(t *testing.T) {
			noLeaks(t)
			info := overTCP(t)
			for ch, typ := range map[wire.Channel]zmq4.SocketType{
				wire.Shell: zmq4.Router, wire.Control: zmq4.Router, wire.Stdin: zmq4.Router, wire.IOPub: zmq4.XPub, wire.Heartbeat: zmq4.Rep,
			} {
				l, err := net.Listen("tcp", "127.0.0.1:0")
				if err != nil {
					t.Fatal(err)
				}
				defer l.Close()
				info.SetPort(ch, l.Addr().(*net.TCPAddr).Port)
				go func() {
					for {
						c, err := l.Accept()
						if err != nil {
							return
						}
						c.Write(append(append(greeting(1), ready(typ, nil)...), hostile...))
						if name == "half a frame" {
							c.Close()
						}
					}
				}()
			}
			before := allocated()
			c, err := Dial(within(t), info, Options{Logger: slog.New(slog.DiscardHandler)})
			if err == nil {
				<-c.Done()
				for _, ch := range []wire.Channel{wire.Shell, wire.Control, wire.Stdin, wire.IOPub} {
					if _, err := c.Receive(within(t), ch); !errors.Is(err, ErrPeerGone) {
						t.Errorf("%s: %v", ch, err)
					}
				}
				if err := c.Beat(within(t)); err == nil {
					t.Error("a heartbeat from nobody")
				}
				c.Close()
			}
			if grown := allocated() - before; grown > 16<<20 {
				t.Errorf("%d bytes were allocated", grown)
			}
		})
	}
}

// TestSilentKernel: a listener that never shakes hands does not hold Dial longer than its context.
func TestSilentKernel(t *testing.T) {
	noLeaks(t)
	info := overTCP(t)
	for _, ch := range []wire.Channel{wire.Shell, wire.Control, wire.Stdin, wire.IOPub, wire.Heartbeat} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		info.SetPort(ch, l.Addr().(*net.TCPAddr).Port)
	}
	if _, err := Dial(within(t), info, Options{HandshakeTimeout: 50 * time.Millisecond}); err == nil {
		t.Error("connected to nobody")
	}
}
