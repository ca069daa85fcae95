package zmq

import (
	"bufio"
	"bytes"
	"io"
	"log/slog"
	"net"
	"testing"

	"github.com/go-zeromq/zmq4"

	"sextant/kernel/wire"
)

// scripted is a connection that yields given bytes.
type scripted struct {
	net.Conn
	in  io.Reader
	out bytes.Buffer
}

func (s *scripted) Read(b []byte) (int, error)  { return s.in.Read(b) }
func (s *scripted) Write(b []byte) (int, error) { return s.out.Write(b) }
func (s *scripted) Close() error                { return nil }
func (s *scripted) RemoteAddr() net.Addr        { return nil }

// FuzzGuardIncoming feeds a peer's bytes to the guard and checks that what the library would read is flawless: no command,
// no frame or message over the bounds, nothing but subscriptions to a publisher.
func FuzzGuardIncoming(f *testing.F) {
	for _, b := range [][]byte{
		{0, 1, 1}, {0, 0}, {flagMore, 1, 'a', 0, 1, 'b'}, {flagLong, 0, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3},
		appendCommand(nil, "PING", []byte{0, 1, 'x'}), appendCommand(nil, "SUBSCRIBE", []byte("a")),
		append(appendCommand(nil, "SUBSCRIBE", nil), appendCommand(nil, "CANCEL", nil)...), {0, 2, 1, 'a', 0, 2, 0, 'a'},
		append(frameHeader{size: 3 << 20}.append(nil), 1, 2, 3), {0, 1, 1, 0, 1, 1, 0, 1, 0, 0, 1, 0},
	} {
		f.Add(b, byte(0))
		f.Add(b, byte(1))
	}
	types := []zmq4.SocketType{zmq4.Router, zmq4.XPub, zmq4.Rep, zmq4.Sub}
	opts := Options{Logger: slog.New(slog.DiscardHandler), MaxMessage: 4096, MaxFrames: 16}.withDefaults("x")
	f.Fuzz(func(t *testing.T, b []byte, kind byte) {
		g := newGuard(wire.Shell, types[int(kind)%len(types)], opts)
		g.welcome = func(topic []byte) [][]byte { return [][]byte{topic, []byte("welcome")} }
		p := newPeer(g, &scripted{in: bytes.NewReader(b)}, bufio.NewReader(bytes.NewReader(b)), peerInfo{typ: zmq4.Dealer})
		r := bufio.NewReader(p)
		if err := readGreeting(r); err != nil {
			t.Fatal(err)
		}
		if _, err := readReady(r, zmq4.Router); err != nil {
			t.Fatal(err)
		}
		frames, size := 0, int64(0)
		for {
			h, err := readFrameHeader(r)
			if err != nil {
				break
			}
			frames++
			size += h.size
			if h.command || frames > opts.MaxFrames || size > opts.MaxMessage {
				t.Fatalf("%+v reached the library, frame %d, %d bytes", h, frames, size)
			}
			body := make([]byte, h.size)
			if _, err := io.ReadFull(r, body); err != nil {
				break
			}
			if g.typ == zmq4.XPub && (h.more || len(body) == 0 || body[0] > 1) {
				t.Fatalf("%q reached a publisher", body)
			}
			if !h.more {
				frames, size = 0, 0
			}
		}
		p.kill(nil)
		if n := g.receiving.Load(); n != 0 {
			t.Fatalf("%d bytes are still counted", n)
		}
	})
}

// FuzzGuardHandshake reads a hostile greeting and READY.
func FuzzGuardHandshake(f *testing.F) {
	f.Add(append(greeting(1), readyAs(zmq4.Dealer, "id")...))
	f.Add(append(greeting(0), ready(zmq4.Sub, nil)...))
	f.Add(append(greeting(0), appendCommand(nil, "ERROR", []byte("x"))...))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bufio.NewReader(bytes.NewReader(b))
		if readGreeting(r) != nil {
			return
		}
		info, err := readReady(r, zmq4.Router)
		if err == nil && (len(info.identity) > 255 || info.typ != zmq4.Dealer && info.typ != zmq4.Req) {
			t.Fatalf("%+v", info)
		}
	})
}

// FuzzGuardOutgoing cuts a stream of the library's at arbitrary places and checks that the same messages come out whole.
func FuzzGuardOutgoing(f *testing.F) {
	f.Add([]byte("abc"), []byte{1, 2, 3}, uint16(9000), false)
	f.Add([]byte{}, []byte{}, uint16(0), true)
	f.Fuzz(func(t *testing.T, small, cuts []byte, large uint16, three bool) {
		big := bytes.Repeat([]byte{'x'}, int(large))
		messages := [][][]byte{{small, big}, {big}, {nil}}
		if three {
			messages = append(messages, [][]byte{big, small, nil})
		}
		var stream, want []byte
		stream = append(greeting(0), ready(zmq4.XPub, nil)...)
		counts := []int{}
		for _, m := range messages {
			w := frame(m).parts[0]
			stream, want = append(stream, w...), append(want, w...)
			counts = append(counts, len(m))
		}
		a := newAssembler()
		var got []byte
		done := func(m outMessage, frames int) {
			n := int64(0)
			for _, p := range m.parts {
				got = append(got, p...)
				n += int64(len(p))
			}
			if n != m.size || len(counts) == 0 || frames != counts[0] {
				t.Fatalf("%d bytes said to be %d, %d frames of %v", n, m.size, frames, counts)
			}
			counts = counts[1:]
		}
		for i := 0; len(stream) > 0; i++ {
			n := len(stream)
			if len(cuts) > 0 {
				n = min(n, 1+int(cuts[i%len(cuts)])*int(1+large/256))
			}
			a.feed(stream[:n], done)
			stream = stream[n:]
		}
		if len(counts) > 0 || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes of %d, %v left", len(got), len(want), counts)
		}
	})
}
