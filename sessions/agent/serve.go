package agent

import (
	"bufio"
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"sextant/kernel/wire"
	"sextant/sessions/link"
)

// served is a server that has shown the token.
type served struct {
	conn  net.Conn
	write sync.Mutex
	out   *bufio.Writer
}

// helloTimeout bounds how long a peer may take to show its token, maxStrangers how many may be about it at once.
const (
	helloTimeout = 5 * time.Second
	maxStrangers = 16
)

// accept serves connections until the listener is closed. The newest server is the one that counts.
func (a *Agent) accept(l *net.UnixListener) {
	var group sync.WaitGroup
	defer group.Wait()
	strangers := make(chan struct{}, maxStrangers)
	for {
		conn, err := l.AcceptUnix()
		if err != nil {
			if a.ctx.Err() == nil {
				a.log.Error("accept", "error", err)
				a.quit()
			}
			return
		}
		select {
		case strangers <- struct{}{}:
		default:
			_ = conn.Close()
			continue
		}
		group.Go(func() {
			defer conn.Close()
			stop := context.AfterFunc(a.ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })
			defer stop()
			hello, in, err := a.meet(conn)
			<-strangers
			if err != nil {
				a.log.Warn("a connection was refused", "error", err)
				return
			}
			a.serve(conn, in, hello)
		})
	}
}

// meet reads a Hello and checks it.
func (a *Agent) meet(conn net.Conn) (link.Hello, *bufio.Reader, error) {
	var hello link.Hello
	if err := conn.SetReadDeadline(time.Now().Add(helloTimeout)); err != nil {
		return hello, nil, err
	}
	in := bufio.NewReaderSize(conn, 64<<10)
	kind, payload, err := link.ReadFrame(in, link.MaxHello)
	if err != nil {
		return hello, nil, err
	}
	if kind != link.KindHello {
		return hello, nil, fmt.Errorf("%w: it began with kind %d", link.ErrProtocol, kind)
	}
	if err := json.Unmarshal(payload, &hello); err != nil {
		return hello, nil, fmt.Errorf("%w: %v", link.ErrProtocol, err)
	}
	if subtle.ConstantTimeCompare([]byte(hello.Token), []byte(a.spec.Token)) != 1 {
		return hello, nil, errors.New("wrong token")
	}
	return hello, in, conn.SetReadDeadline(time.Time{})
}

// serve speaks to one server until it goes or another one comes.
func (a *Agent) serve(conn net.Conn, in *bufio.Reader, hello link.Hello) {
	s := &served{conn: conn, out: bufio.NewWriterSize(conn, 256<<10)}
	first, last := a.journal.bounds()
	a.mu.Lock()
	if a.served != nil {
		_ = a.served.conn.Close()
	}
	a.served = s
	welcome := link.Welcome{Session: a.spec.Session, First: first, Last: last, State: a.state}
	a.mu.Unlock()
	ctx, cancel := context.WithCancel(a.ctx)
	var group sync.WaitGroup
	defer func() {
		cancel()
		_ = conn.Close()
		group.Wait()
		a.mu.Lock()
		if a.served == s {
			a.served, a.absent = nil, time.Now()
		}
		a.mu.Unlock()
	}()
	b, err := link.AppendJSON(nil, link.KindWelcome, welcome)
	if err == nil {
		err = s.put(b)
	}
	if err != nil {
		a.log.Warn("welcome", "error", err)
		return
	}
	group.Go(func() {
		if err := a.send(ctx, s, hello.After); err != nil && ctx.Err() == nil {
			a.log.Warn("the server is not reached", "error", err)
		}
		_ = conn.Close()
	})
	for {
		kind, payload, err := link.ReadFrame(in, link.MaxFrame)
		if err != nil {
			return
		}
		switch kind {
		case link.KindMessage:
			_, frame, err := link.SplitMessage(payload)
			if err != nil {
				return
			}
			m, err := wire.DecodeWebsocketV1(frame)
			if err != nil {
				a.log.Warn("a message of the server was dropped", "error", err)
				continue
			}
			a.forward(m)
		case link.KindCall:
			var c link.Call
			if err := json.Unmarshal(payload, &c); err != nil {
				return
			}
			group.Go(func() { a.called(s, c) })
		default:
			return
		}
	}
}

// send writes the journal to a server, from a position on, for as long as there is one.
func (a *Agent) send(ctx context.Context, s *served, after uint64) error {
	a.journal.along(1)
	defer a.journal.along(-1)
	c := a.journal.cursor(after)
	for {
		e, ok := c.remembered()
		if !ok {
			var err error
			if e, ok, err = c.read(); err != nil {
				return err
			}
		}
		if !ok {
			if err := s.flush(); err != nil {
				return err
			}
			if err := c.wait(ctx); err != nil {
				return err
			}
			continue
		}
		s.write.Lock()
		err := link.WriteMessage(s.out, e.position, e.frame)
		s.write.Unlock()
		if err != nil {
			return err
		}
	}
}

func (s *served) flush() error {
	s.write.Lock()
	defer s.write.Unlock()
	return s.out.Flush()
}

func (s *served) put(b []byte) error {
	s.write.Lock()
	defer s.write.Unlock()
	if _, err := s.out.Write(b); err != nil {
		return err
	}
	return s.out.Flush()
}

// Bounds of what is kept for a kernel that is starting.
const maxHeld = 10_000

// forward passes a message on to the kernel.
func (a *Agent) forward(m *wire.Message) {
	a.mu.Lock()
	r := a.current
	if r == nil {
		switch {
		case a.state.Execution == wire.StateDead || len(a.held) >= maxHeld:
			reason := a.state.Reason
			if len(a.held) >= maxHeld {
				reason = "the kernel is starting, and too much waits for it"
			}
			b := newBook()
			b.ask(m)
			a.mu.Unlock()
			for _, open := range b.open {
				a.say(open.header, "status", wire.Status{ExecutionState: wire.StateBusy})
				a.fail([]request{{id: open.id, msgType: open.msgType, channel: open.channel, header: open.header, began: true}}, reason)
			}
			return
		default:
			a.held = append(a.held, m)
		}
		a.mu.Unlock()
		return
	}
	a.book.ask(m)
	a.mu.Unlock()
	if err := r.conn.Send(m); err != nil {
		a.log.Warn("a message could not be sent to the kernel", "type", m.Header.MsgType, "error", err) // its end answers it
	}
}

// called answers a call.
func (a *Agent) called(s *served, c link.Call) {
	answer := link.Answer{ID: c.ID}
	var result any
	var err error
	switch c.Method {
	case link.Read:
		result, err = a.replay(s, c)
	case link.Shutdown:
		a.end("it was shut down")
	default:
		result, err = a.do(c)
	}
	if err != nil {
		answer.Error = err.Error()
	} else if answer.Result, err = json.Marshal(result); err != nil {
		answer.Error = err.Error()
	}
	b, err := link.AppendJSON(nil, link.KindAnswer, answer)
	if err == nil {
		err = s.put(b)
	}
	if err != nil {
		a.log.Debug("answer", "error", err) // the server is gone
	}
	if c.Method == link.Shutdown {
		a.quit()
	}
}

// replay writes messages out of the journal.
func (a *Agent) replay(s *served, c link.Call) (link.ReadResult, error) {
	var p link.ReadParams
	if err := params(c, &p); err != nil {
		return link.ReadResult{}, err
	}
	from := a.journal.cursor(p.After)
	for sent := 0; sent == 0 || sent < p.Bytes; {
		e, ok, err := from.read()
		if err != nil {
			return link.ReadResult{}, err
		}
		if !ok {
			break
		}
		if sent > 0 && sent+len(e.frame) > p.Bytes {
			break
		}
		sent += len(e.frame) + 1
		if err := s.put(link.AppendReplay(nil, c.ID, e.position, e.frame)); err != nil {
			return link.ReadResult{}, err
		}
	}
	first, last := a.journal.bounds()
	return link.ReadResult{First: first, Last: last}, nil
}
