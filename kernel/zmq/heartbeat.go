package zmq

import (
	"context"
	"strconv"

	"github.com/go-zeromq/zmq4"

	"sextant/kernel/wire"
)

// heart is the connected REQ socket of a Conn. Only one Beat has hold of it at a time.
type heart struct {
	socket *socket
	echoes chan string   // what came back
	ended  chan struct{} // the receiving goroutine is gone
	count  int
}

// Beat sends one heartbeat and waits for its echo, until ctx ends; the caller sets the deadline. Heartbeats are answered
// by a kernel that is alive, however busy. After an error the next Beat connects anew. One Beat at a time: others wait.
func (c *Conn) Beat(ctx context.Context) error {
	select {
	case c.beating <- struct{}{}:
		defer func() { <-c.beating }()
	case <-ctx.Done():
		return ctx.Err()
	case <-c.closing:
		return ErrClosed
	}
	if c.heart == nil {
		h, err := c.newHeart(ctx)
		if err != nil {
			return err
		}
		c.heart = h
	}
	err := c.heart.beat(ctx, c.closing)
	if err != nil {
		// A REQ socket that was not answered cannot ask again.
		c.heart.close()
		c.heart = nil
	}
	return err
}

func (c *Conn) newHeart(ctx context.Context) (*heart, error) {
	s, _, err := c.dialPeer(ctx, role{wire.Heartbeat, zmq4.Req})
	if err != nil {
		return nil, err
	}
	return &heart{socket: s, echoes: make(chan string, 1), ended: make(chan struct{})}, nil
}

func (h *heart) beat(ctx context.Context, closing <-chan struct{}) error {
	h.count++
	want := strconv.Itoa(h.count)
	if err := h.socket.Send(zmq4.NewMsgString(want)); err != nil {
		return ErrPeerGone
	}
	if h.count == 1 { // before the first Send the library does not know where to read
		go h.receive()
	}
	for {
		select {
		case got := <-h.echoes:
			if got == want {
				return nil
			}
		case <-h.ended:
			return ErrPeerGone
		case <-closing:
			return ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// receive reads all the time, not only while an echo is due, so that the kernel's own PINGs are answered.
func (h *heart) receive() {
	defer close(h.ended)
	for {
		m, err := h.socket.Recv()
		if err != nil {
			return
		}
		select {
		case h.echoes <- string(m.Bytes()):
		default: // an echo that nobody asked for
		}
	}
}

func (h *heart) close() {
	h.socket.close(closedChannel)
	if h.count > 0 {
		<-h.ended
	}
}

// stopBeat waits for a Beat that is under way, which c.closing ends, and closes the socket.
func (c *Conn) stopBeat() {
	c.beating <- struct{}{}
	if c.heart != nil {
		c.heart.close()
		c.heart = nil
	}
}
