package zmq

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"

	"sextant/kernel/wire"
)

const (
	// receiveAhead is how many decoded messages per channel wait for Receive. Beyond, the peers are made to wait.
	receiveAhead = 16
	// stdinPatience is how long a request for input waits for its client's stdin connection, which a client opens beside
	// the one that its request came by.
	stdinPatience = 2 * time.Second
)

// Server is the kernel's end of the five sockets. Its methods are safe for concurrent use. Whoever called [Listen] closes
// it.
type Server struct {
	opts   Options
	info   wire.ConnectionInfo
	signer *wire.Signer
	log    *throttle

	sockets  map[wire.Channel]*socket
	received map[wire.Channel]chan *wire.Message

	closing   chan struct{}
	closed    chan struct{}
	closeOnce sync.Once
	life      context.Context // ends when closing does
	end       context.CancelFunc
	stopWatch func() bool
}

// Listen binds the five sockets and begins to serve: heartbeats are echoed and subscribers welcomed from now on, requests
// wait for [Server.Receive]. A port of 0 is replaced by a free one; see [Server.Info]. When ctx ends the server closes.
//
// The error names the channel and the address; it wraps [ErrInUse] when something else is bound there.
func Listen(ctx context.Context, info wire.ConnectionInfo, opts Options) (*Server, error) {
	if err := info.Validate(); err != nil {
		return nil, err
	}
	signer, err := wire.NewSigner(info.SignatureScheme, info.Key)
	if err != nil {
		return nil, err
	}
	opts = opts.withDefaults("kernel")
	s := &Server{
		opts: opts, signer: signer, log: newThrottle(opts.Logger),
		sockets: make(map[wire.Channel]*socket), received: make(map[wire.Channel]chan *wire.Message),
		closing: make(chan struct{}), closed: make(chan struct{}),
	}
	s.life, s.end = context.WithCancel(context.Background())

	// All five are bound before any peer is let in: a client that gets an answer may rely on the rest.
	listeners := make(map[wire.Channel]net.Listener)
	for _, r := range serverRoles {
		l, err := bind(ctx, &info, r.channel)
		if err == nil {
			listeners[r.channel] = l
			err = s.open(r)
		}
		if err != nil {
			for _, l := range listeners {
				l.Close()
			}
			s.shut(closedChannel)
			return nil, err
		}
	}
	s.info = info
	for ch, l := range listeners {
		g := s.sockets[ch].guard
		g.wg.Add(2)
		go g.serve(l)
		go func() { // the guard's closing is what ends Accept
			defer g.wg.Done()
			<-g.closing
			l.Close()
		}()
	}
	s.stopWatch = context.AfterFunc(ctx, func() { s.Close() })
	return s, nil
}

// serverRoles are the kernel's sockets, in the order in which they are bound.
var serverRoles = [...]role{
	{wire.Shell, zmq4.Router}, {wire.Control, zmq4.Router}, {wire.Stdin, zmq4.Router},
	{wire.IOPub, zmq4.XPub}, {wire.Heartbeat, zmq4.Rep},
}

func (s *Server) open(r role) error {
	g := newGuard(r.channel, r.typ, s.opts)
	if r.typ == zmq4.XPub {
		g.lossy, g.welcome = true, s.welcome
	}
	sock, err := bound(g)
	if err != nil {
		return err
	}
	s.sockets[r.channel] = sock
	switch r.typ {
	case zmq4.Router:
		in := make(chan *wire.Message, receiveAhead)
		s.received[r.channel] = in
		sock.receive(func(frames [][]byte) { s.take(r.channel, sock, in, frames) }, nil)
	case zmq4.Rep:
		sock.receive(func(frames [][]byte) {
			_ = sock.Send(zmq4.NewMsgFrom(frames...)) // fails only when the peer is gone
		}, nil)
	default:
		sock.receive(func([][]byte) {}, nil) // subscriptions stay within the library
	}
	return nil
}

// take decodes and verifies what a ROUTER socket received.
func (s *Server) take(ch wire.Channel, sock *socket, in chan<- *wire.Message, frames [][]byte) {
	identity, ok := sock.guard.identityOf(frames[0])
	if !ok {
		return // gone already: nobody is there to answer
	}
	frames[0] = []byte(identity)
	m, err := wire.Decode(frames, s.signer)
	if err != nil {
		s.log.warn("refused a message", slog.String("channel", string(ch)), slog.Any("error", err))
		return
	}
	m.Channel = ch
	select {
	case in <- m:
	case <-s.closing:
	}
}

// Info returns where the server listens, with the ports it chose.
func (s *Server) Info() wire.ConnectionInfo { return s.info }

// Session returns the session id in the messages that the server makes itself.
func (s *Server) Session() string { return s.opts.Session }

// Receive returns the next message of shell, control or stdin, decoded and verified, in the order in which its sender sent
// it. Each channel has a queue of its own, so control never waits behind shell. It returns [ErrClosed] once the server is
// closed, and ctx's error when that ends first.
func (s *Server) Receive(ctx context.Context, ch wire.Channel) (*wire.Message, error) {
	in, ok := s.received[ch]
	if !ok {
		return nil, fmt.Errorf("zmq: nothing is received on %s", ch)
	}
	select {
	case m := <-in:
		return m, nil
	case <-s.closing:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Send signs m and queues it for the peer that m.Identities names, on the ROUTER channel m.Channel: a reply, or an
// input_request. It does not wait for the peer to read. A request for input alone may wait up to two seconds, for a client
// whose stdin connection is still on its way. It returns [ErrNoPeer] when nobody with that identity is connected, and
// [ErrClosed] after Close. Parts of m are referenced, not copied: do not change them afterwards.
func (s *Server) Send(m *wire.Message) error {
	sock, ok := s.sockets[m.Channel]
	if !ok || sock.guard.typ != zmq4.Router || len(m.Identities) == 0 {
		return fmt.Errorf("zmq: a message for %q with %d identities cannot be sent", m.Channel, len(m.Identities))
	}
	if m.Channel == wire.Stdin {
		ctx, cancel := context.WithTimeout(s.life, stdinPatience)
		err := sock.guard.waitFor(ctx, m.Identities[0])
		cancel()
		if err != nil && s.life.Err() == nil {
			return ErrNoPeer
		}
	}
	if s.life.Err() != nil {
		return ErrClosed
	}
	frames, err := wire.Encode(m, s.signer)
	if err != nil {
		return err
	}
	key, ok := sock.guard.keyOf(m.Identities[0])
	if !ok {
		return ErrNoPeer
	}
	frames[0] = []byte(key)
	if err := sock.Socket.Send(zmq4.NewMsgFrom(frames...)); err != nil {
		return fmt.Errorf("%w: %v", ErrPeerGone, err)
	}
	return nil
}

// Publish signs m and broadcasts it on iopub, in order. The topic is m.Identities[0], or "kernel.{session}.{msg_type}" when
// there is none. It goes at the pace of the fastest reader, for whom it waits as long as that one makes progress; slower
// readers lose whole messages. It returns [ErrClosed] after Close. Parts of m are referenced, not copied: do not change
// them afterwards.
func (s *Server) Publish(m *wire.Message) error {
	if len(m.Identities) == 0 {
		withTopic := *m
		withTopic.Identities = [][]byte{[]byte("kernel." + m.Header.Session + "." + m.Header.MsgType)}
		m = &withTopic
	}
	frames, err := wire.Encode(m, s.signer)
	if err != nil {
		return err
	}
	if s.life.Err() != nil {
		return ErrClosed
	}
	pub := s.sockets[wire.IOPub]
	if err := pub.tap.publish(s.life, pub.Socket, frames, pub.guard.pace); err != nil {
		return ErrClosed
	}
	return nil
}

// welcome makes the message that answers a new subscription (JEP 65), under the subscription as its topic, so that the
// subscriber's own filter lets it through.
func (s *Server) welcome(topic []byte) [][]byte {
	m, err := wire.NewMessage(s.opts.Session, s.opts.Username, "iopub_welcome", wire.IOPubWelcome{Subscription: string(topic)})
	if err != nil {
		return nil
	}
	m.Identities = [][]byte{topic}
	frames, err := wire.Encode(m, s.signer)
	if err != nil {
		return nil
	}
	return frames
}

// Close sends what is queued, for at most Options.Linger, then closes all sockets and returns when every goroutine of the
// server has ended. It may be called again, and waits each time.
func (s *Server) Close() error {
	s.closeOnce.Do(func() {
		s.stopWatch()
		timer := make(chan struct{})
		t := time.AfterFunc(s.opts.Linger, func() { close(timer) })
		defer t.Stop()
		s.shut(timer)
		close(s.closed)
	})
	<-s.closed
	return nil
}

// shut ends what is open, all sockets at the same time.
func (s *Server) shut(deadline <-chan struct{}) {
	close(s.closing)
	s.end()
	var wg sync.WaitGroup
	for _, sock := range s.sockets {
		wg.Go(func() { sock.close(deadline) })
	}
	wg.Wait()
}
