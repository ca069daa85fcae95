package zmq

import (
	"context"
	"net"
	"runtime"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"
	"golang.org/x/sync/semaphore"
)

// tap is a subscriber within the process, the first on the library's publishing socket, and so the first to be given each
// message. Through it we learn how far the library's publishing goroutine has come:
//
//   - Publish waits while too much is ahead of it, so that the library's queue stays small;
//   - Close knows when all that was published is in the peers' queues;
//   - and it ends that goroutine, which the library forgets to (one would be left per socket).
type tap struct {
	limit int64 // of the bytes in the library's own queue of published messages, which has no bound itself
	ahead *semaphore.Weighted
	head  []byte
	asm   assembler
	ended chan struct{} // the publishing goroutine is gone

	known     chan struct{} // the library has taken in the subscription
	knownOnce sync.Once
	closeOnce sync.Once
	closed    chan struct{}
}

func newTap(limit int64) *tap {
	t := &tap{
		limit: limit, ahead: semaphore.NewWeighted(limit), asm: newAssembler(),
		ended: make(chan struct{}), known: make(chan struct{}), closed: make(chan struct{}),
	}
	t.head = append(greeting(0), ready(zmq4.Sub, nil)...)
	t.head = append(t.head, 0, 1, 1) // subscribe to everything
	return t
}

// The marks are messages of one frame; everything else that is published has more. Peers are not sent them.
var (
	endMark  = []byte("end")
	pastMark = []byte("past")
)

// publish gives the library a message when it is not too far behind and pace lets it through. Pace is asked when what is
// still on its way to the peers' queues is less than the limit, for a message larger than that when nothing is.
func (t *tap) publish(ctx context.Context, s zmq4.Socket, frames [][]byte, pace func(context.Context)) error {
	cost := min(frameCost(frames), t.limit)
	if err := t.ahead.Acquire(ctx, cost); err != nil {
		return err
	}
	pace(ctx)
	if err := s.Send(zmq4.NewMsgFrom(frames...)); err != nil {
		t.ahead.Release(cost)
		return err
	}
	if cost == t.limit {
		return s.Send(zmq4.NewMsg(pastMark)) // when it is here, the message is in the queues
	}
	return nil
}

// end makes the publishing goroutine finish what it has and exit.
func (t *tap) end(s zmq4.Socket) {
	if s.Send(zmq4.NewMsg(endMark)) == nil {
		<-t.ended
	}
}

// frameCost is the weight of a message.
func frameCost(frames [][]byte) int64 {
	n := int64(messageOverhead)
	for _, f := range frames {
		n += frameHeader{size: int64(len(f))}.length() + int64(len(f))
	}
	return n
}

// Write is called on the publishing goroutine.
func (t *tap) Write(b []byte) (int, error) {
	t.asm.feed(b, func(m outMessage, frames int) {
		cost := min(m.size+messageOverhead, t.limit)
		switch {
		case frames > 1 && cost < t.limit:
			t.ahead.Release(cost)
		case frames > 1: // released by the mark that follows
		case m.size == int64(2+len(pastMark)):
			t.ahead.Release(t.limit)
		default:
			close(t.ended)
			runtime.Goexit() // runs the library's deferred unlocks
		}
	})
	return len(b), nil
}

// Read replays the handshake and the subscription, then waits to be closed.
func (t *tap) Read(b []byte) (int, error) {
	if len(t.head) > 0 {
		n := copy(b, t.head)
		t.head = t.head[n:]
		return n, nil
	}
	t.knownOnce.Do(func() { close(t.known) })
	<-t.closed
	return 0, errGone{}
}

func (t *tap) Close() error {
	t.closeOnce.Do(func() { close(t.closed) })
	return nil
}

func (t *tap) LocalAddr() net.Addr              { return nil }
func (t *tap) RemoteAddr() net.Addr             { return nil }
func (t *tap) SetDeadline(time.Time) error      { return nil }
func (t *tap) SetReadDeadline(time.Time) error  { return nil }
func (t *tap) SetWriteDeadline(time.Time) error { return nil }
