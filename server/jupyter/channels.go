package jupyter

import (
	"context"
	"encoding/binary"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"sextant/kernel/wire"
	"sextant/server/web"
	"sextant/sessions"
)

// maxMessage bounds one message of a client.
const maxMessage = 256 << 20

// channels is the websocket of a kernel: all its channels in one, in Jupyter's newer framing where the client knows it.
func (s *Server) channels(w http.ResponseWriter, r *http.Request, k *sessions.Kernel) error {
	if !websocket.IsWebSocketUpgrade(r) {
		return badRequest(`Can "Upgrade" only to "WebSocket".`)
	}
	conn, err := s.upgrade(w, r, wire.WebsocketV1)
	if err != nil {
		return nil // the upgrader has answered
	}
	defer conn.Close()
	id := r.URL.Query().Get("session_id")
	if id == "" || len(id) > 200 {
		id = uuid.NewString()
	}
	client, err := k.Attach(id)
	if err != nil {
		goodbye(conn, websocket.CloseNormalClosure, err)
		return nil
	}
	c := &channel{conn: conn, client: client, v1: conn.Subprotocol() == wire.WebsocketV1, log: s}
	c.run(r.Context())
	return nil
}

// channel is one connection of a client.
type channel struct {
	conn   *websocket.Conn
	client *sessions.Client
	v1     bool
	log    *Server
	// written is the position of the last message that was written.
	written atomic.Uint64
	mu      sync.Mutex
	ending  bool
}

// run passes messages both ways until either end is gone.
func (c *channel) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	closed := make(chan bool, 1) // whether the client said good-bye
	go func() {                  // ends with the connection
		closed <- c.read()
		cancel()
	}()
	err := c.write(ctx)
	cancel()
	if err != nil && !errors.Is(err, context.Canceled) {
		code := websocket.CloseGoingAway
		if errors.Is(err, sessions.ErrEnded) || errors.Is(err, sessions.ErrReplaced) {
			code = websocket.CloseNormalClosure
		}
		goodbye(c.conn, code, err)
	}
	// What the client has said by now is heard to the end: a pong tells what has come.
	c.patience(lastWords, true)
	left := <-closed
	c.conn.Close()
	if left { // what was written had come before the client said good-bye
		c.client.Confirm(c.written.Load())
	}
	c.client.Detach(left)
}

// lastWords is how long a connection that ends is still listened to.
const lastWords = 100 * time.Millisecond

// patience sets how long the client may be silent, and reports whether the connection goes on. Once it is ending that is final.
func (c *channel) patience(d time.Duration, end bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ending {
		_ = c.conn.SetReadDeadline(time.Now().Add(d)) // a connection that is gone tells it when read
	}
	c.ending = c.ending || end
	return !c.ending
}

// goodbye closes a connection with a reason, of which a close frame holds 123 bytes.
func goodbye(conn *websocket.Conn, code int, why error) {
	text := why.Error()
	text = text[:min(len(text), 120)]
	_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, text), time.Now().Add(time.Second)) // it may be gone
}

// read passes on what the client says, and reports whether it ended with a good-bye.
func (c *channel) read() bool {
	c.conn.SetReadLimit(maxMessage)
	alive := func() bool { return c.patience(pongWithin, false) }
	alive()
	c.conn.SetPongHandler(func(data string) error {
		alive()
		if len(data) == 8 {
			c.client.Confirm(binary.BigEndian.Uint64([]byte(data))) // the ping was sent after the message of that position
		}
		return nil
	})
	for {
		kind, data, err := c.conn.ReadMessage()
		if err != nil {
			return websocket.IsCloseError(err, websocket.CloseNormalClosure, websocket.CloseGoingAway, websocket.CloseNoStatusReceived)
		}
		if !alive() {
			continue
		}
		var m *wire.Message
		if c.v1 {
			m, err = wire.DecodeWebsocketV1(data)
		} else {
			m, err = wire.DecodeWebsocketDefault(data, kind == websocket.BinaryMessage)
		}
		if err == nil {
			err = c.client.Send(m)
		}
		if err != nil {
			c.log.o.Log.Info("a client's message was dropped", "error", err)
		}
	}
}

// write passes on what the kernel says.
func (c *channel) write(ctx context.Context) error {
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	next := make(chan *sessions.Message)
	ended := make(chan error, 1)
	go func() { // ends with ctx or the kernel
		for {
			m, err := c.client.Next(ctx)
			if err != nil {
				ended <- err
				return
			}
			select {
			case next <- m:
			case <-ctx.Done():
				ended <- ctx.Err()
				return
			}
		}
	}()
	defer func() { // nobody reads the client's messages once it is detached
		for {
			select {
			case <-next:
			case <-ended:
				return
			}
		}
	}()
	var last uint64
	// A moment after a message the client is asked whether it has come, once for all that came in that moment.
	proof := time.NewTimer(time.Hour)
	defer proof.Stop()
	waiting := false
	for {
		select {
		case m := <-next:
			if err := c.put(m); err != nil {
				return err
			}
			if m.Position > 0 {
				last = m.Position
				c.written.Store(last)
				if !waiting {
					waiting = true
					proof.Reset(proofAfter)
				}
			}
		case <-proof.C:
			waiting = false
			if err := c.ping(last); err != nil {
				return err
			}
		case <-ping.C:
			if err := c.ping(last); err != nil {
				return err
			}
		case err := <-ended:
			ended <- err
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// proofAfter is how long after a message the client is asked whether it has come.
const proofAfter = 20 * time.Millisecond

func (c *channel) ping(position uint64) error {
	return c.conn.WriteControl(websocket.PingMessage, binary.BigEndian.AppendUint64(nil, position), time.Now().Add(web.Patience))
}

func (c *channel) put(m *sessions.Message) error {
	if err := c.conn.SetWriteDeadline(time.Now().Add(web.Patience)); err != nil {
		return err
	}
	if c.v1 {
		return c.conn.WriteMessage(websocket.BinaryMessage, m.Frame)
	}
	frame, binary, err := wire.EncodeWebsocketDefault(m.Message)
	if err != nil {
		c.log.o.Log.Warn("a kernel's message cannot be sent", "error", err)
		return nil
	}
	kind := websocket.TextMessage
	if binary {
		kind = websocket.BinaryMessage
	}
	return c.conn.WriteMessage(kind, frame)
}
