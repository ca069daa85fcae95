package zmq

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"
	"golang.org/x/sync/errgroup"

	"sextant/kernel/wire"
)

// Conn is a client's end of a kernel's sockets. Its methods are safe for concurrent use. Whoever called [Dial] closes it.
//
// A Conn does not reconnect: messages may have been lost by then, and only the caller knows what that means. Done tells
// when to dial anew.
type Conn struct {
	opts   Options
	info   wire.ConnectionInfo
	signer *wire.Signer
	log    *throttle

	mu      sync.Mutex
	sockets map[wire.Channel]*socket
	inbox   map[wire.Channel]*inbox

	beating chan struct{} // holds one token while somebody has hold of heart
	heart   *heart

	closing   chan struct{}
	closed    chan struct{}
	closeOnce sync.Once
	done      chan struct{}
	doneOnce  sync.Once
}

// inbox holds what one channel received; gone is closed after the kernel's last message.
type inbox struct {
	messages chan *wire.Message
	peer     *peer
	gone     chan struct{}
	goneOnce sync.Once
}

// clientRoles are the sockets that Dial connects. Heartbeat is connected by the first Beat.
var clientRoles = [...]role{
	{wire.Shell, zmq4.Dealer}, {wire.Control, zmq4.Dealer}, {wire.Stdin, zmq4.Dealer}, {wire.IOPub, zmq4.Sub},
}

// Dial connects to a kernel's shell, control, stdin and iopub, and subscribes to everything on iopub. It tries once: a
// kernel that is still starting refuses. The subscription may take a moment to reach the kernel; one that speaks JEP 65
// says so with an iopub_welcome. Dial returns when all are connected or ctx ends; later, ctx has no effect.
func Dial(ctx context.Context, info wire.ConnectionInfo, opts Options) (*Conn, error) {
	if err := info.Validate(); err != nil {
		return nil, err
	}
	signer, err := wire.NewSigner(info.SignatureScheme, info.Key)
	if err != nil {
		return nil, err
	}
	opts = opts.withDefaults("client")
	c := &Conn{
		opts: opts, info: info, signer: signer, log: newThrottle(opts.Logger),
		sockets: make(map[wire.Channel]*socket), inbox: make(map[wire.Channel]*inbox),
		beating: make(chan struct{}, 1), closing: make(chan struct{}), closed: make(chan struct{}), done: make(chan struct{}),
	}
	grp, dialCtx := errgroup.WithContext(ctx)
	for _, r := range clientRoles {
		grp.Go(func() error { return c.connect(dialCtx, r) })
	}
	if err := grp.Wait(); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// dialPeer connects one socket.
func (c *Conn) dialPeer(ctx context.Context, r role) (*socket, *peer, error) {
	var d net.Dialer
	network, address := c.info.Address(r.channel)
	raw, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, nil, fmt.Errorf("dial %s at %s: %w", r.channel, c.info.Endpoint(r.channel), err)
	}
	stop := context.AfterFunc(ctx, func() { raw.Close() }) // ends a handshake that ctx no longer waits for
	g := newGuard(r.channel, r.typ, c.opts)
	if r.typ == zmq4.Dealer {
		g.identity = []byte(c.opts.Session) // the same on all channels, so that stdin finds the requester
	}
	s, p, err := connected(g, raw)
	if !stop() && err == nil {
		s.close(closedChannel)
		err = ctx.Err()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("dial %s at %s: %w", r.channel, c.info.Endpoint(r.channel), err)
	}
	return s, p, nil
}

func (c *Conn) connect(ctx context.Context, r role) error {
	s, p, err := c.dialPeer(ctx, r)
	if err != nil {
		return err
	}
	in := &inbox{messages: make(chan *wire.Message, receiveAhead), peer: p, gone: make(chan struct{})}
	c.mu.Lock()
	c.sockets[r.channel], c.inbox[r.channel] = s, in
	c.mu.Unlock()
	s.receive(func(frames [][]byte) { c.take(r.channel, in, frames) }, func() {
		in.goneOnce.Do(func() { close(in.gone) })
		c.doneOnce.Do(func() { close(c.done) })
	})
	if r.typ == zmq4.Sub {
		return s.SetOption(zmq4.OptionSubscribe, "")
	}
	return nil
}

// take decodes and verifies what a socket received.
func (c *Conn) take(ch wire.Channel, in *inbox, frames [][]byte) {
	m, err := wire.Decode(frames, c.signer)
	if err != nil {
		c.log.warn("refused a message", slog.String("channel", string(ch)), slog.Any("error", err))
		return
	}
	m.Channel = ch
	select {
	case in.messages <- m:
	case <-c.closing:
	}
}

// Session returns the session id of this end, which is its ZeroMQ identity as well.
func (c *Conn) Session() string { return c.opts.Session }

// Username returns the user name for messages made at this end.
func (c *Conn) Username() string { return c.opts.Username }

// Done is closed when the kernel has closed or broken any of the connections.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Send signs m and queues it on m.Channel: shell, control or stdin. It does not wait for the kernel to read. m.Identities
// are not sent: they are what a router added. It returns [ErrPeerGone] when the connection is lost and [ErrClosed] after
// Close. That it returns nil is no proof that the kernel got m. Parts of m are referenced, not copied: do not change them
// afterwards.
func (c *Conn) Send(m *wire.Message) error {
	c.mu.Lock()
	s, in := c.sockets[m.Channel], c.inbox[m.Channel]
	c.mu.Unlock()
	if s == nil || s.guard.typ != zmq4.Dealer {
		return fmt.Errorf("zmq: nothing is sent on %q", m.Channel)
	}
	bare := *m
	bare.Identities = nil
	frames, err := wire.Encode(&bare, c.signer)
	if err != nil {
		return err
	}
	select {
	case <-c.closing:
		return ErrClosed
	case <-in.peer.dead: // the library would take the message and lose it
		return ErrPeerGone
	default:
	}
	if err := s.Socket.Send(zmq4.NewMsgFrom(frames...)); err != nil {
		return fmt.Errorf("%w: %v", ErrPeerGone, err)
	}
	return nil
}

// Receive returns the next message of shell, control, stdin or iopub, decoded and verified, in order. A channel that nobody
// receives from fills up, and the kernel has to queue or lose what more there is. It returns [ErrPeerGone] after the
// kernel's last message, [ErrClosed] after Close, and ctx's error when that ends first.
func (c *Conn) Receive(ctx context.Context, ch wire.Channel) (*wire.Message, error) {
	c.mu.Lock()
	in := c.inbox[ch]
	c.mu.Unlock()
	if in == nil {
		return nil, fmt.Errorf("zmq: nothing is received on %q", ch)
	}
	select {
	case m := <-in.messages:
		return m, nil
	case <-c.closing:
		return nil, ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-in.gone:
		select { // gone comes last, but select does not know
		case m := <-in.messages:
			return m, nil
		default:
			return nil, ErrPeerGone
		}
	}
}

// Close sends what is queued, for at most Options.Linger, then closes all sockets and returns when every goroutine of the
// connection has ended. It may be called again, and waits each time.
func (c *Conn) Close() error {
	c.closeOnce.Do(func() {
		close(c.closing)
		c.doneOnce.Do(func() { close(c.done) })
		timer := make(chan struct{})
		t := time.AfterFunc(c.opts.Linger, func() { close(timer) })
		defer t.Stop()
		c.stopBeat()
		var wg sync.WaitGroup
		for _, s := range c.sockets {
			wg.Go(func() { s.close(timer) })
		}
		wg.Wait()
		close(c.closed)
	})
	<-c.closed
	return nil
}
