package sessions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sextant/kernel/wire"
)

// ErrReplaced is for a client whose place was taken by a newer one of the same session id.
var ErrReplaced = errors.New("another connection of this client has taken over")

// Client is one client of a kernel, by the session id that it gave. It outlives its connections: what it misses between two
// of them, the next one gets first.
type Client struct {
	k  *Kernel
	id string

	// Guarded by the session's lock.
	connected bool
	left      bool // it said good-bye
	holds     bool // what it has not confirmed stays in the journal
	reader    *reader
	asked     map[string]bool // requests of this client that wait for a reply, by msg_id
	order     []string        // the same, oldest first
	injected  []*Message
	cancel    context.CancelCauseFunc // ends a Next that waits
	ended     error
	given     uint64 // position of the last message that Next gave
	got       uint64 // position up to which it is known to have reached the client
	at        uint64 // where to go on, of one that is not connected
	detached  chan struct{}
}

// Bounds of a client.
const (
	maxAsked = 10_000
	// maxAway is how many clients that are not connected a kernel remembers.
	maxAway = 100
)

// replaceWait is how long a connection that is replaced is given to tell what has come last.
const replaceWait = 2 * time.Second

// Attach connects a client to the kernel. Messages are those from now on, or where a client of that id was connected before,
// those after the last that it has confirmed; a connection that it still has is ended first. The caller calls Detach.
func (k *Kernel) Attach(id string) (*Client, error) { return k.attach(id, false) }

// AttachHolding is Attach for a client of the server's own, that is to miss nothing whatever happens to the server: what
// it has not confirmed stays in the journal until it is detached for good.
func (k *Kernel) AttachHolding(id string) (*Client, error) { return k.attach(id, true) }

func (k *Kernel) attach(id string, holds bool) (*Client, error) {
	s := k.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := k.clients[id]; old != nil && old.connected {
		old.kick(ErrReplaced)
		s.mu.Unlock()
		select {
		case <-old.detached:
		case <-time.After(replaceWait):
		}
		s.mu.Lock()
	}
	if s.ended != nil || k.ended {
		return nil, ErrNotFound
	}
	next := &Client{k: k, id: id, connected: true, holds: holds, asked: map[string]bool{}, detached: make(chan struct{})}
	if old := k.clients[id]; old != nil {
		next.asked, next.order = old.asked, old.order
		next.reader = s.feed.reader(old.confirmed())
	} else {
		next.reader = s.feed.live()
	}
	next.got = next.reader.at
	if len(k.clients) > maxAway {
		for id, c := range k.clients {
			if !c.connected {
				delete(k.clients, id)
				break
			}
		}
	}
	k.clients[id] = next
	s.active = s.m.now()
	if holds {
		s.persist()
	}
	return next, nil
}

// confirmed is where the client goes on from. The caller holds the session's lock.
func (c *Client) confirmed() uint64 {
	if !c.connected {
		return c.at
	}
	if c.given > c.got {
		return c.got
	}
	return c.reader.position()
}

// Confirm notes that messages up to a position have reached the client: the next connection gets what comes after.
func (c *Client) Confirm(position uint64) {
	c.k.s.mu.Lock()
	defer c.k.s.mu.Unlock()
	c.got = max(c.got, position)
}

// kick asks a connection to end: its Next gives why. The caller holds the session's lock.
func (c *Client) kick(why error) {
	if c.ended == nil {
		c.ended = why
	}
	c.wake()
}

// wake ends a Next that waits. The caller holds the session's lock.
func (c *Client) wake() {
	if c.cancel != nil {
		c.cancel(errWoken)
	}
}

var errWoken = errors.New("woken")

// Detach ends the connection. No Next is under way. left says that the client closed it itself, and so may not come back.
func (c *Client) Detach(left bool) {
	s := c.k.s
	s.mu.Lock()
	c.left, c.holds = left, c.holds && !left
	if c.connected {
		c.at = c.confirmed()
		c.connected = false
	}
	reader := c.reader
	s.active = s.m.now()
	c.k.active = s.active
	s.mu.Unlock()
	reader.close()
	close(c.detached)
}

// Next gives the client's next message. It waits until there is one, ctx is done, or the client's time is over: then the
// error wraps ErrEnded or is ErrReplaced.
func (c *Client) Next(ctx context.Context) (*Message, error) {
	s := c.k.s
	for {
		wait, cancel := context.WithCancelCause(ctx)
		s.mu.Lock()
		if c.ended != nil {
			defer s.mu.Unlock()
			cancel(nil)
			return nil, c.ended
		}
		if len(c.injected) > 0 {
			m := c.injected[0]
			c.injected = c.injected[1:]
			s.mu.Unlock()
			cancel(nil)
			return m, nil
		}
		c.cancel = cancel
		s.mu.Unlock()
		m, gap, err := c.reader.next(wait)
		woken := context.Cause(wait) == errWoken
		cancel(nil)
		if err != nil {
			if woken && ctx.Err() == nil {
				continue
			}
			return nil, err
		}
		if gap {
			c.k.inject(c.k.lossNotice(), c)
		}
		if m = c.mine(m); m != nil {
			s.mu.Lock()
			c.given = m.Position
			s.mu.Unlock()
			return m, nil
		}
	}
}

// lossNotice says that output was lost, as a client shows it.
func (k *Kernel) lossNotice() *wire.Message {
	m, err := wire.NewMessage(k.s.own, "server", "stream", wire.Stream{Name: wire.Stderr,
		Text: "\nSome output is missing here: it grew too long before it could be sent.\n"})
	if err != nil {
		k.s.m.log.Error("message", "error", err)
		return &wire.Message{Channel: wire.IOPub}
	}
	m.Channel = wire.IOPub
	return m
}

// mine gives the message as this client is to have it; nil where it is not for it.
func (c *Client) mine(m *Message) *Message {
	s := c.k.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.Channel != wire.IOPub {
		if !c.asked[m.Parent.MsgID] && m.Parent.Session != c.id {
			return nil
		}
		if m.Channel != wire.Stdin {
			delete(c.asked, m.Parent.MsgID)
		}
		if m.Header.MsgType == "kernel_info_reply" && s.meta.Shared {
			return withoutSubshells(m)
		}
		return m
	}
	if m.Parent.Session == s.own {
		return nil
	}
	if s.meta.Shared && m.Parent.MsgID != "" && m.Parent.SubshellID != c.k.subshell {
		return nil
	}
	return m
}

// withoutSubshells hides that the kernel has subshells: this client's kernel is one itself.
func withoutSubshells(m *Message) *Message {
	var content map[string]json.RawMessage
	if m.Read(&content) != nil {
		return m
	}
	var features, kept []string
	_ = json.Unmarshal(content["supported_features"], &features)
	for _, f := range features {
		if f != wire.FeatureSubshells {
			kept = append(kept, f)
		}
	}
	if len(kept) == len(features) {
		return m
	}
	list, err := wire.Marshal(append([]string{}, kept...))
	if err != nil {
		return m
	}
	content["supported_features"] = list
	out := *m.Message
	if out.Content, err = wire.Marshal(content); err != nil {
		return m
	}
	frame, err := wire.EncodeWebsocketV1(&out)
	if err != nil {
		return m
	}
	return &Message{Position: m.Position, Frame: frame, Message: &out, Parent: m.Parent}
}

// Send passes a message of the client on to the kernel.
func (c *Client) Send(m *wire.Message) error {
	k, s := c.k, c.k.s
	switch m.Channel {
	case wire.Shell, wire.Control, wire.Stdin:
	default:
		return fmt.Errorf("%w: nothing is sent on %s", wire.ErrMalformed, m.Channel)
	}
	if m.Channel != wire.Stdin {
		s.mu.Lock()
		if !c.asked[m.Header.MsgID] {
			c.asked[m.Header.MsgID] = true
			if c.order = append(c.order, m.Header.MsgID); len(c.order) > maxAsked {
				delete(c.asked, c.order[0])
				c.order = c.order[1:]
			}
		}
		if m.Header.MsgType == "execute_request" {
			s.active = s.m.now()
		}
		s.mu.Unlock()
		if s.meta.Shared && m.Header.MsgType == "shutdown_request" {
			return c.shutdown(m)
		}
	}
	return k.forward(m, c)
}

// shutdown answers a request to end what is only one of several in a process.
func (c *Client) shutdown(m *wire.Message) error {
	var req wire.ShutdownRequest
	if err := m.Read(&req); err != nil {
		return err
	}
	reply, err := wire.NewReply(c.k.s.own, "server", m, "shutdown_reply", wire.ShutdownReply{Restart: req.Restart})
	if err != nil {
		return err
	}
	c.k.inject(reply, c)
	c.k.s.m.work.Go(func() {
		ctx, cancel := context.WithTimeout(c.k.s.m.ctx, restartTimeout)
		defer cancel()
		act := c.k.Shutdown
		if req.Restart {
			act = c.k.Restart
		}
		if err := act(ctx); err != nil {
			c.k.s.m.log.Warn("shutdown", "kernel", c.k.id, "error", err)
		}
	})
	return nil
}

// forward sends a message to the kernel, marked with its subshell and, for the cell of a document, with that cell.
func (k *Kernel) forward(m *wire.Message, c *Client) (err error) {
	s := k.s
	s.mu.Lock()
	if k.holding {
		if len(k.held) >= maxAsked {
			s.mu.Unlock()
			return errors.New("too much waits for a kernel that restarts")
		}
		k.held = append(k.held, m)
		s.mu.Unlock()
		return nil
	}
	subshell, document := k.subshell, k.document
	s.mu.Unlock()
	if m.Header.MsgType == "execute_request" {
		k.refresh(m)
	}
	cell := cellOf(m, document)
	if cell != nil && s.meta.Results != nil {
		results := *s.meta.Results
		if c != nil && c.holds { // it is a job
			results.MaxRows = results.MaxJobRows
		}
		if m, err = storing(m, results); err != nil {
			return err
		}
	}
	if subshell != "" || cell != nil {
		marked, err := mark(m, subshell, cell)
		if err != nil {
			return err
		}
		m = marked
	}
	frame, err := wire.EncodeWebsocketV1(m)
	if err != nil {
		return err
	}
	conn, err := s.link()
	if err != nil {
		return err
	}
	return conn.Send(frame)
}

// cellOf names the cell that a request executes; nil where it executes none. JupyterLab gives its id in the request's
// metadata as cellId, VS Code as cell_id.
func cellOf(m *wire.Message, document string) *CellRef {
	if document == "" || m.Header.MsgType != "execute_request" {
		return nil
	}
	var meta struct {
		JupyterLab string `json:"cellId"`
		Other      string `json:"cell_id"`
	}
	if json.Unmarshal(m.Metadata, &meta) != nil {
		return nil
	}
	if meta.JupyterLab == "" {
		meta.JupyterLab = meta.Other
	}
	if meta.JupyterLab == "" || len(meta.JupyterLab) > 64 {
		return nil
	}
	return &CellRef{Document: document, Cell: meta.JupyterLab}
}

// storing gives a request to execute with the wish that results be stored.
func storing(m *wire.Message, r Results) (*wire.Message, error) {
	metadata := map[string]json.RawMessage{}
	own := map[string]json.RawMessage{}
	if len(m.Metadata) > 0 {
		if err := json.Unmarshal(m.Metadata, &metadata); err != nil {
			return nil, fmt.Errorf("%w: metadata: %v", wire.ErrMalformed, err)
		}
	}
	if len(metadata["sextant"]) > 0 && json.Unmarshal(metadata["sextant"], &own) != nil {
		own = map[string]json.RawMessage{} // it is for another kernel
	}
	wish, err := wire.Marshal(map[string]any{"max_rows": r.MaxRows, "max_bytes": r.MaxBytes, "optional": true, "no_sync": true, "link": r.Link})
	if err != nil {
		return nil, err
	}
	own["store_result"] = wish
	if metadata["sextant"], err = wire.Marshal(own); err != nil {
		return nil, err
	}
	out := *m
	out.Metadata, err = wire.Marshal(metadata)
	return &out, err
}

// mark gives the message with its subshell and cell in its header.
func mark(m *wire.Message, subshell string, cell *CellRef) (*wire.Message, error) {
	raw, err := m.HeaderJSON()
	if err != nil {
		return nil, err
	}
	var header map[string]json.RawMessage
	if err := json.Unmarshal(raw, &header); err != nil {
		return nil, fmt.Errorf("%w: header: %v", wire.ErrMalformed, err)
	}
	set := func(key string, v any) {
		b, fault := wire.Marshal(v)
		if fault != nil {
			err = fault
		}
		header[key] = b
	}
	if subshell != "" {
		set("subshell_id", subshell)
	}
	delete(header, "sextant_cell")
	if cell != nil {
		set("sextant_cell", cell)
	}
	if err != nil {
		return nil, err
	}
	out := *m
	if out.RawHeader, err = wire.Marshal(header); err != nil {
		return nil, err
	}
	return &out, nil
}
