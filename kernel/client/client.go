// Package client speaks to a running kernel, ours or anybody's, over its ZeroMQ sockets: it sends requests and brings
// each its reply and its outputs.
package client

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"syscall"
	"time"

	"sextant/kernel/wire"
	"sextant/kernel/zmq"
)

// redialPause is how long Dial waits before it tries a kernel again that does not listen yet.
const redialPause = 20 * time.Millisecond

// Client is a connection to one kernel. Its methods are safe for concurrent use. Whoever called [Dial] closes it.
//
// It does not reconnect. Once the kernel is gone every call returns an error that wraps [zmq.ErrPeerGone].
type Client struct {
	conn   *zmq.Conn
	ctx    context.Context // the life of the client
	cancel context.CancelFunc
	wg     sync.WaitGroup

	ended map[wire.Channel]chan struct{} // each closed after the kernel's last message on it

	mu      sync.Mutex
	pending map[string]*pending // by msg_id
	heard   chan struct{}       // closed by the first message on iopub
	once    sync.Once
}

// pending is a request that waits for its reply.
type pending struct {
	channel wire.Channel
	reply   chan *wire.Message // of capacity 1
	exec    *Execution         // of an execute_request, else nil
}

// Error is a reply with status error or aborted.
type Error struct {
	// Status is wire.StatusError or wire.StatusAborted.
	Status string
	wire.Failure
}

func (e *Error) Error() string {
	if e.EName == "" {
		return "kernel: " + e.Status
	}
	return fmt.Sprintf("kernel: %s: %s", e.EName, e.EValue)
}

// Dial connects to a kernel. While the kernel does not listen yet it tries again, until ctx ends; later ctx has no effect.
// Connected does not mean ready: see [Client.WaitReady].
func Dial(ctx context.Context, info wire.ConnectionInfo, opts zmq.Options) (*Client, error) {
	for {
		conn, err := zmq.Dial(ctx, info, opts)
		if err == nil {
			return start(conn), nil
		}
		if !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ctx.Err(), err)
		case <-time.After(redialPause):
		}
	}
}

func start(conn *zmq.Conn) *Client {
	c := &Client{conn: conn, pending: make(map[string]*pending), heard: make(chan struct{})}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.ended = make(map[wire.Channel]chan struct{})
	for ch, handle := range map[wire.Channel]func(*wire.Message){
		wire.Shell: c.onReply, wire.Control: c.onReply, wire.IOPub: c.onOutput, wire.Stdin: c.onInput,
	} {
		ended := make(chan struct{})
		c.ended[ch] = ended
		c.wg.Go(func() {
			defer close(ended)
			for {
				m, err := conn.Receive(c.ctx, ch)
				if err != nil {
					return
				}
				handle(m)
			}
		})
	}
	return c
}

// Close ends the connection and every call under way. The kernel runs on.
func (c *Client) Close() error {
	c.cancel()
	err := c.conn.Close()
	c.wg.Wait()
	return err
}

// Session is this client's session id, which the kernel sees in the headers of its requests.
func (c *Client) Session() string { return c.conn.Session() }

// Done is closed when the connection is lost or closed.
func (c *Client) Done() <-chan struct{} { return c.conn.Done() }

// Alive asks for a heartbeat, which a kernel answers however busy it is, until ctx ends; the caller sets the deadline.
func (c *Client) Alive(ctx context.Context) error { return c.conn.Beat(ctx) }

// WaitReady returns once the kernel answers on shell and this client hears it on iopub, so that no output of a later
// request is missed. A kernel that does not answer within a second is asked again, until ctx ends.
func (c *Client) WaitReady(ctx context.Context) error {
	for {
		attempt, cancel := context.WithTimeout(ctx, time.Second)
		_, err := c.KernelInfo(attempt)
		if err == nil {
			select {
			case <-c.heard:
				cancel()
				return nil
			case <-attempt.Done():
				err = attempt.Err()
			}
		}
		cancel()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
	}
}

// send registers a request and sends it.
func (c *Client) send(p *pending, msgType, subshell string, content any) (*wire.Message, error) {
	m, err := wire.NewMessage(c.conn.Session(), c.conn.Username(), msgType, content)
	if err != nil {
		return nil, err
	}
	m.Header.SubshellID = subshell
	m.Channel = p.channel
	p.reply = make(chan *wire.Message, 1)
	c.mu.Lock()
	c.pending[m.Header.MsgID] = p
	c.mu.Unlock()
	if err := c.conn.Send(m); err != nil {
		c.forget(m.Header.MsgID)
		return nil, fmt.Errorf("%s: %w", msgType, err)
	}
	return m, nil
}

func (c *Client) forget(id string) {
	c.mu.Lock()
	delete(c.pending, id)
	c.mu.Unlock()
}

func (c *Client) find(m *wire.Message) (*pending, *Execution) {
	id := m.Parent().MsgID
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.pending[id]
	if p == nil {
		return nil, nil
	}
	return p, p.exec
}

// call makes one request and reads its reply into dst. A reply with another status than ok is an [*Error].
func (c *Client) call(ctx context.Context, ch wire.Channel, msgType string, content, dst any) error {
	p := &pending{channel: ch}
	m, err := c.send(p, msgType, "", content)
	if err != nil {
		return err
	}
	defer c.forget(m.Header.MsgID)
	reply, err := c.await(ctx, p)
	if err != nil {
		return fmt.Errorf("%s: %w", msgType, err)
	}
	if err := failed(reply); err != nil {
		return err
	}
	return reply.Read(dst)
}

// await waits for a reply.
func (c *Client) await(ctx context.Context, p *pending) (*wire.Message, error) {
	select {
	case m := <-p.reply:
		return m, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-c.ended[p.channel]:
	}
	select { // the reply may have been the kernel's last word
	case m := <-p.reply:
		return m, nil
	default:
		return nil, c.gone()
	}
}

// gone says why nothing more comes.
func (c *Client) gone() error {
	if c.ctx.Err() != nil {
		return zmq.ErrClosed
	}
	return zmq.ErrPeerGone
}

// failed turns a reply with status error or aborted into an [*Error].
func failed(m *wire.Message) error {
	var r wire.ErrorReply
	if err := m.Read(&r); err != nil {
		return err
	}
	if r.Status == wire.StatusError || r.Status == wire.StatusAborted {
		return &Error{r.Status, r.Failure}
	}
	return nil
}

// onReply brings a reply to its request. A second reply, and one nobody waits for, is dropped.
func (c *Client) onReply(m *wire.Message) {
	p, _ := c.find(m)
	if p == nil || p.channel != m.Channel {
		return
	}
	select {
	case p.reply <- m:
	default:
	}
}

// onOutput brings an iopub message to the execution it belongs to.
func (c *Client) onOutput(m *wire.Message) {
	c.once.Do(func() { close(c.heard) })
	if _, e := c.find(m); e != nil {
		e.take(m)
	}
}

// onInput answers an input_request through the execution's callback.
func (c *Client) onInput(m *wire.Message) {
	if m.Header.MsgType != "input_request" {
		return
	}
	if _, e := c.find(m); e != nil && e.input != nil {
		c.wg.Go(func() { e.answer(m) })
	}
}
