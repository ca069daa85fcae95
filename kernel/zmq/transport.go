package zmq

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/transport"
)

// scheme is the name our transport has in the library's registry, which is one per process and forgets nothing.
const scheme = "sextant"

// handover is the transport through which the library gets its connections. An end point "sextant://{n}" stands for one
// listener or connection deposited beforehand, and is good for one Listen or Dial.
type handover struct {
	mu       sync.Mutex
	next     uint64
	deposits map[string]any // net.Conn, or chan net.Conn for a listener
}

// theHandover is global because the library's registry is.
var theHandover = sync.OnceValues(func() (*handover, error) {
	h := &handover{deposits: make(map[string]any)}
	return h, zmq4.RegisterTransport(scheme, h)
})

// deposit keeps v for the library and returns the end point under which to ask for it.
func (h *handover) deposit(v any) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.next++
	id := strconv.FormatUint(h.next, 10)
	h.deposits[id] = v
	return scheme + "://" + id
}

func (h *handover) collect(id string) any {
	h.mu.Lock()
	defer h.mu.Unlock()
	v := h.deposits[id]
	delete(h.deposits, id)
	return v
}

// Dial hands the deposited connection over.
func (h *handover) Dial(_ context.Context, _ transport.Dialer, id string) (net.Conn, error) {
	c, ok := h.collect(id).(net.Conn)
	if !ok {
		return nil, fmt.Errorf("zmq: no connection %q", id)
	}
	return c, nil
}

// Listen hands over a listener of the deposited channel.
func (h *handover) Listen(ctx context.Context, id string) (net.Listener, error) {
	ready, ok := h.collect(id).(chan net.Conn)
	if !ok {
		return nil, fmt.Errorf("zmq: no listener %q", id)
	}
	return readyListener{ctx, ready}, nil
}

// Addr returns the end point unchanged.
func (h *handover) Addr(id string) (string, error) { return id, nil }

// readyListener yields peers that have shaken hands. It fails only once its socket is closed, because the library tries
// again at once after any failure.
type readyListener struct {
	ctx   context.Context // the socket's life
	ready chan net.Conn
}

func (l readyListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.ready:
		return c, nil
	case <-l.ctx.Done():
		return nil, net.ErrClosed
	}
}

func (l readyListener) Close() error   { return nil }
func (l readyListener) Addr() net.Addr { return nil }
