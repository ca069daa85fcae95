package link

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// ErrGone says that the agent has closed the link, or died.
var ErrGone = errors.New("the session's agent is gone")

// RemoteError is what an agent answered to a call that it could not do.
type RemoteError struct{ Text string }

func (e *RemoteError) Error() string { return e.Text }

// Received is a kernel message with its position.
type Received struct {
	Position uint64
	Frame    []byte // websocket v1; immutable
}

// Conn is the server's end of a link. Its methods are safe for concurrent use. Whoever called Dial closes it.
type Conn struct {
	Welcome Welcome

	raw     net.Conn
	deliver func(Received)
	done    chan struct{}

	write sync.Mutex

	mu      sync.Mutex
	last    uint32
	waiting map[uint32]*call
	err     error
}

type call struct {
	answer chan Answer // of capacity 1
	replay []Received
}

// handshakeTimeout bounds how long an agent may take to answer a Hello.
const handshakeTimeout = 10 * time.Second

// Dial connects to the agent at a socket and begins to receive: deliver is called with each message of the kernel in
// order, from one goroutine, and must not wait for a call of this Conn. ctx bounds the connecting alone.
func Dial(ctx context.Context, socket string, hello Hello, deliver func(Received)) (*Conn, error) {
	raw, err := (&net.Dialer{}).DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, err
	}
	c := &Conn{raw: raw, deliver: deliver, done: make(chan struct{}), waiting: map[uint32]*call{}}
	stop := context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	in := bufio.NewReaderSize(raw, 64<<10)
	err = c.open(in, hello)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("agent at %s: %w", socket, err), raw.Close())
	}
	go c.receive(in)
	return c, nil
}

func (c *Conn) open(in io.Reader, hello Hello) error {
	if err := c.raw.SetDeadline(time.Now().Add(handshakeTimeout)); err != nil {
		return err
	}
	b, err := AppendJSON(nil, KindHello, hello)
	if err != nil {
		return err
	}
	if _, err := c.raw.Write(b); err != nil {
		return err
	}
	kind, payload, err := ReadFrame(in, 16<<20)
	if err != nil {
		if err == io.EOF {
			return errors.New("it refused the connection")
		}
		return err
	}
	if kind != KindWelcome {
		return fmt.Errorf("%w: it began with kind %d", ErrProtocol, kind)
	}
	if err := json.Unmarshal(payload, &c.Welcome); err != nil {
		return fmt.Errorf("%w: welcome: %v", ErrProtocol, err)
	}
	return c.raw.SetDeadline(time.Time{})
}

func (c *Conn) receive(in io.Reader) {
	err := c.receiveAll(in)
	c.mu.Lock()
	c.err = fmt.Errorf("%w: %v", ErrGone, err)
	c.mu.Unlock()
	close(c.done)
	_ = c.raw.Close() // it is broken or closed already
}

func (c *Conn) receiveAll(in io.Reader) error {
	for {
		kind, payload, err := ReadFrame(in, MaxFrame)
		if err != nil {
			return err
		}
		switch kind {
		case KindMessage:
			position, frame, err := SplitMessage(payload)
			if err != nil {
				return err
			}
			c.deliver(Received{position, frame})
		case KindReplay:
			id, position, frame, err := splitReplay(payload)
			if err != nil {
				return err
			}
			c.mu.Lock()
			if w := c.waiting[id]; w != nil {
				w.replay = append(w.replay, Received{position, frame})
			}
			c.mu.Unlock()
		case KindAnswer:
			var a Answer
			if err := json.Unmarshal(payload, &a); err != nil {
				return fmt.Errorf("%w: answer: %v", ErrProtocol, err)
			}
			c.mu.Lock()
			w := c.waiting[a.ID]
			delete(c.waiting, a.ID)
			c.mu.Unlock()
			if w != nil {
				w.answer <- a
			}
		default:
			return fmt.Errorf("%w: kind %d", ErrProtocol, kind)
		}
	}
}

// Done is closed when the link has ended; Err then says why.
func (c *Conn) Done() <-chan struct{} { return c.done }

// Err says why the link ended, with ErrGone in its chain; nil while it has not.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Close ends the link; the agent and its kernel run on.
func (c *Conn) Close() error {
	err := c.raw.Close()
	<-c.done
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Send passes a message on to the kernel, as a frame of websocket protocol v1. That it returns nil is no proof that the
// kernel got it.
func (c *Conn) Send(frame []byte) error {
	if len(frame) > MaxFrame-16 {
		return fmt.Errorf("%w: message of %d bytes", ErrProtocol, len(frame))
	}
	return c.put(AppendMessage(make([]byte, 0, len(frame)+16), 0, frame))
}

func (c *Conn) put(b []byte) error {
	c.write.Lock()
	defer c.write.Unlock()
	if _, err := c.raw.Write(b); err != nil {
		return fmt.Errorf("%w: %v", ErrGone, err)
	}
	return nil
}

// Call asks the agent for something and reads its result into result, unless that is nil. An agent that cannot do it gives
// a *RemoteError.
func (c *Conn) Call(ctx context.Context, method Method, params, result any) error {
	_, err := c.call(ctx, method, params, result)
	return err
}

// Replay gives messages after a position out of the journal, at most so many bytes of them but at least one if there is
// any. First is the oldest position that the journal still holds.
func (c *Conn) Replay(ctx context.Context, after uint64, bytes int) (messages []Received, first uint64, err error) {
	var r ReadResult
	messages, err = c.call(ctx, Read, ReadParams{After: after, Bytes: bytes}, &r)
	return messages, r.First, err
}

func (c *Conn) call(ctx context.Context, method Method, params, result any) ([]Received, error) {
	w := &call{answer: make(chan Answer, 1)}
	c.mu.Lock()
	c.last++
	id := c.last
	c.waiting[id] = w
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.waiting, id)
		c.mu.Unlock()
	}()
	message := Call{ID: id, Method: method}
	if params != nil {
		raw, err := json.Marshal(params)
		if err != nil {
			return nil, err
		}
		message.Params = raw
	}
	b, err := AppendJSON(nil, KindCall, message)
	if err != nil {
		return nil, err
	}
	if err := c.put(b); err != nil {
		return nil, err
	}
	select {
	case a := <-w.answer:
		if a.Error != "" {
			return nil, &RemoteError{a.Error}
		}
		if result != nil {
			if err := json.Unmarshal(a.Result, result); err != nil {
				return nil, fmt.Errorf("%w: result of %s: %v", ErrProtocol, method, err)
			}
		}
		return w.replay, nil
	case <-c.done:
		return nil, c.Err()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
