package jupyter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"sextant/content"
	"sextant/content/iam"
	"sextant/server/web"
)

// contentsSchema is the schema of what happens to documents.
const contentsSchema = "https://events.jupyter.org/jupyter_server/contents_service/v1"

// schemas are the events that can be sent, each with its fields and, where a field has only some values, those
// (jupyter_server/event_schemas).
var schemas = map[string]map[string][]string{
	contentsSchema: {"action": {"get", "create", "save", "upload", "rename", "copy", "delete"}, "path": nil, "source_path": nil},
	"https://events.jupyter.org/jupyter_server/kernel_actions/v1": {"action": {"start", "interrupt", "shutdown", "restart"}, "msg": nil,
		"kernel_id": nil, "kernel_name": nil, "status": {"error", "success"}, "status_code": nil},
	"https://events.jupyter.org/jupyter_server/gateway_client/v1": {"status": {"error", "success"}, "msg": nil, "status_code": nil, "gateway_url": nil},
}

// required are the fields that each event must have.
var required = map[string][]string{
	contentsSchema: {"action", "path"},
	"https://events.jupyter.org/jupyter_server/kernel_actions/v1": {"action", "msg"},
	"https://events.jupyter.org/jupyter_server/gateway_client/v1": {"status", "msg"},
}

// maxQueued bounds the events that wait for one subscriber; one that is slower is cut off, and its page connects anew.
const maxQueued = 256

// maxSubscribers bounds the subscriptions of one person.
const maxSubscribers = 64

// hub passes events on to those who subscribed. Everybody hears of what they did themselves, in whichever page.
type hub struct {
	mu     sync.Mutex
	of     map[iam.Member]map[*subscriber]bool
	closed bool
}

// subscriber is one websocket.
type subscriber struct {
	queue chan []byte
	// gone is closed where the hub wants no more of it.
	gone chan struct{}
	once sync.Once
}

func (s *subscriber) end() { s.once.Do(func() { close(s.gone) }) }

func newHub() *hub { return &hub{of: map[iam.Member]map[*subscriber]bool{}} }

func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, all := range h.of {
		for s := range all {
			s.end()
		}
	}
}

func (h *hub) add(who iam.Member) (*subscriber, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, content.ErrClosed
	}
	if len(h.of[who]) >= maxSubscribers {
		return nil, &apiError{status: http.StatusTooManyRequests, message: fmt.Sprintf("you have %d subscriptions to events already", maxSubscribers)}
	}
	if h.of[who] == nil {
		h.of[who] = map[*subscriber]bool{}
	}
	s := &subscriber{queue: make(chan []byte, maxQueued), gone: make(chan struct{})}
	h.of[who][s] = true
	return s, nil
}

func (h *hub) remove(who iam.Member, s *subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.of[who], s)
	if len(h.of[who]) == 0 {
		delete(h.of, who)
	}
}

// emit sends an event to the actor's subscribers.
func (h *hub) emit(ctx context.Context, schema string, fields map[string]any) {
	who := content.ActorFrom(ctx).Principal
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.of[who]) == 0 {
		return
	}
	event := map[string]any{"schema_id": schema}
	for name, v := range fields {
		event[name] = v
	}
	text, err := json.Marshal(event)
	if err != nil { // fields came as JSON or are text
		return
	}
	for s := range h.of[who] {
		select {
		case s.queue <- text:
		default:
			s.end()
		}
	}
}

// contents tells what the actor did with a document.
func (h *hub) contents(ctx context.Context, action, path, source string) {
	fields := map[string]any{"action": action, "path": path}
	if source != "" {
		fields["source_path"] = source
	}
	h.emit(ctx, contentsSchema, fields)
}

func (r routes) eventBus() {
	r.api("GET /api/events/subscribe", signedIn("follow what they do themselves"), r.subscribe)
	r.api("POST /api/events", signedIn("tell their own pages something"), r.postEvent)
}

// pingEvery and pongWithin keep a websocket alive, and find out about one whose other end is gone.
const (
	pingEvery  = 30 * time.Second
	pongWithin = 90 * time.Second
)

// upgrade makes a websocket of a request, of which the server's own pages and trusted ones may ask.
func (s *Server) upgrade(w http.ResponseWriter, r *http.Request, protocols ...string) (*websocket.Conn, error) {
	u := websocket.Upgrader{Subprotocols: protocols, ReadBufferSize: 4 << 10, WriteBufferSize: 4 << 10,
		CheckOrigin: s.sameOrigin,
		Error: func(w http.ResponseWriter, r *http.Request, status int, reason error) {
			writeError(w, r, &apiError{status: status, message: reason.Error()})
		}}
	return u.Upgrade(w, r, nil)
}

func (s *Server) sameOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	// A page that has a token was given it; what others must not use is the cookie that browsers add.
	if origin == "" || web.FromContext(r.Context()).ByToken || slices.Contains(s.o.TrustedOrigins, origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && strings.EqualFold(u.Host, web.FromContext(r.Context()).Host)
}

func (s *Server) subscribe(w http.ResponseWriter, r *http.Request) error {
	if !websocket.IsWebSocketUpgrade(r) {
		return badRequest(`Can "Upgrade" only to "WebSocket".`)
	}
	who := content.ActorFrom(r.Context()).Principal
	sub, err := s.events.add(who)
	if err != nil {
		return err
	}
	defer s.events.remove(who, sub)
	conn, err := s.upgrade(w, r)
	if err != nil {
		return nil // the upgrader has answered
	}
	defer conn.Close() // it ends here either way
	heard := make(chan struct{})
	go func() { // ends with the connection
		defer close(heard)
		conn.SetReadLimit(smallBody)
		alive := func(string) error { return conn.SetReadDeadline(time.Now().Add(pongWithin)) }
		_ = alive("")
		conn.SetPongHandler(alive)
		for {
			if _, _, err := conn.ReadMessage(); err != nil { // clients have nothing to say
				return
			}
		}
	}()
	send := func(kind int, data []byte) error {
		if err := conn.SetWriteDeadline(time.Now().Add(web.Patience)); err != nil {
			return err
		}
		return conn.WriteMessage(kind, data)
	}
	ping := time.NewTicker(pingEvery)
	defer ping.Stop()
	for err == nil {
		select {
		case text := <-sub.queue:
			err = send(websocket.TextMessage, text)
		case <-ping.C:
			err = send(websocket.PingMessage, nil)
		case <-sub.gone:
			err = errors.Join(send(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseGoingAway, "")), content.ErrClosed)
		case <-heard:
			return nil
		}
	}
	conn.Close() // ends the reader
	<-heard
	return nil
}

// timestampForm is what Jupyter's API asks for: an offset and a Z.
const timestampForm = "2006-01-02T15:04:05-07:00Z"

func (s *Server) postEvent(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Schema    *string        `json:"schema_id"`
		Version   any            `json:"version"`
		Data      map[string]any `json:"data"`
		Timestamp *string        `json:"timestamp"`
	}
	given, err := s.readJSON(w, r, &body)
	if err != nil {
		return err
	}
	switch {
	case !given:
		return badRequest("No JSON data provided")
	case body.Schema == nil:
		return badRequest("Missing `schema_id` in the JSON request body.")
	case body.Version == nil:
		return badRequest("Missing `version` in the JSON request body.")
	case body.Data == nil:
		return badRequest("Missing `data` in the JSON request body.")
	}
	fields, ok := schemas[*body.Schema]
	if !ok {
		return badRequest("The schema_id, %.200s, was not found. Is it registered?", *body.Schema)
	}
	if v := fmt.Sprint(body.Version); v != "1" {
		return badRequest("Unregistered version: %.20q≠1 for `%s`", v, *body.Schema)
	}
	if body.Timestamp != nil {
		if _, err := time.Parse(timestampForm, *body.Timestamp); err != nil {
			return badRequest("Failed to parse timestamp from JSON request body, an ISO format datetime string with UTC offset is expected, for example, 2022-05-26T13:50:00+05:00Z")
		}
	}
	for _, name := range required[*body.Schema] {
		if _, ok := body.Data[name]; !ok {
			return badRequest("'%s' is a required property of `%s`", name, *body.Schema)
		}
	}
	for name, v := range body.Data {
		values, ok := fields[name]
		if !ok {
			return badRequest("'%.100s' is no property of `%s`", name, *body.Schema)
		}
		if text, _ := v.(string); values != nil && !slices.Contains(values, text) {
			return badRequest("%s of `%s`: %.100q is none of %v", name, *body.Schema, fmt.Sprint(v), values)
		}
	}
	s.events.emit(r.Context(), *body.Schema, body.Data)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
