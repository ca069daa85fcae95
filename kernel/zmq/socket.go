package zmq

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"

	"sextant/kernel/wire"
)

// newSocket makes a socket of the library that is quiet and does nothing behind our back.
func newSocket(ctx context.Context, typ zmq4.SocketType) zmq4.Socket {
	opts := []zmq4.Option{
		zmq4.WithLogger(log.New(io.Discard, "", 0)),
		zmq4.WithDialerMaxRetries(0),
		zmq4.WithTimeout(time.Minute),
	}
	switch typ {
	case zmq4.Router:
		return zmq4.NewRouter(ctx, opts...)
	case zmq4.XPub:
		return zmq4.NewXPub(ctx, opts...)
	case zmq4.Rep:
		return zmq4.NewRep(ctx, opts...)
	case zmq4.Dealer:
		return zmq4.NewDealer(ctx, opts...)
	case zmq4.Sub:
		return zmq4.NewSub(ctx, opts...)
	}
	return zmq4.NewReq(ctx, opts...)
}

// role says which type of socket one end has on a channel.
type role struct {
	channel wire.Channel
	typ     zmq4.SocketType
}

// socket is one of the library's sockets with its guard.
type socket struct {
	zmq4.Socket
	guard *guard

	ctx    context.Context // the life of the library's socket
	cancel context.CancelFunc
	tap    *tap // of a publishing socket

	// receivers call Recv until the socket is closed, even when nobody wants the messages any more: a reading goroutine of
	// the library that cannot deliver never ends.
	receivers sync.WaitGroup
}

// bound puts a socket of the library behind a guard. Peers come in once the caller starts guard.serve.
func bound(g *guard) (*socket, error) {
	h, err := theHandover()
	if err != nil {
		return nil, err
	}
	s := &socket{guard: g}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.Socket = newSocket(s.ctx, g.typ)
	if err := s.Listen(h.deposit(g.ready)); err != nil {
		s.cancel()
		s.Socket.Close()
		return nil, err
	}
	if g.typ == zmq4.XPub {
		// Together with pace this keeps the fastest reader's queue from ever being full: half of it, plus this quarter.
		s.tap = newTap(max(g.opts.MaxQueueBytes/4, 1))
		g.ready <- s.tap // before any peer, so that the library writes to it first
		<-s.tap.known
	}
	return s, nil
}

// connected puts a socket of the library on one connection, which it shakes hands over. On error c is closed.
func connected(g *guard, c net.Conn) (*socket, *peer, error) {
	h, err := theHandover()
	if err != nil {
		c.Close()
		return nil, nil, err
	}
	p, err := g.shake(c)
	if err == nil {
		err = g.admit(p)
	}
	if err != nil {
		c.Close()
		return nil, nil, err
	}
	s := &socket{guard: g}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.Socket = newSocket(s.ctx, g.typ)
	if err := s.Dial(h.deposit(p)); err != nil {
		p.kill(err)
		p.release()
		s.close(closedChannel)
		return nil, nil, err
	}
	return s, p, nil
}

// receive calls handle with each message, on a goroutine of its own, until the socket is closed. A connecting end is told
// once, by gone, that its peer is gone, after the peer's last message.
func (s *socket) receive(handle func(frames [][]byte), gone func()) {
	s.receivers.Go(func() {
		for s.ctx.Err() == nil {
			m, err := s.Recv()
			switch {
			case err == nil:
				handle(m.Frames)
			case errors.Is(err, ErrPeerGone):
				gone()
			} // any other error before the end is about one message
		}
	})
}

// close sends what is queued until the deadline passes, then ends everything that belongs to the socket and waits for it.
func (s *socket) close(deadline <-chan struct{}) {
	s.guard.stop()
	if s.tap != nil {
		s.tap.end(s.Socket)
	}
	s.guard.drop(deadline)
	if s.tap != nil {
		s.tap.Close()
	}
	s.cancel()
	s.Socket.Close()
	s.receivers.Wait()
	s.guard.wg.Wait()
}

// closedChannel is a deadline that has passed.
var closedChannel = func() chan struct{} { c := make(chan struct{}); close(c); return c }()
