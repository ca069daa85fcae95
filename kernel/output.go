package kernel

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"sync"

	"sextant/kernel/wire"
)

// maxHistoryOutput bounds how much of a cell's text output the history keeps.
const maxHistoryOutput = 4 << 10

// Bundle is one output: MIME type to value, and metadata about it. A type stands in one of Texts and Data.
type Bundle struct {
	// Texts become JSON strings as they are sent: large ones are not written twice.
	Texts map[string]string
	// Data are values in JSON.
	Data     wire.MIMEBundle
	Metadata map[string]json.RawMessage
}

// Output takes what a cell gives. Its methods are safe for concurrent use. In a silent cell they do nothing.
type Output interface {
	// Stream writes to wire.Stdout or wire.Stderr.
	Stream(name, text string)
	// Display shows b. With an id it can be replaced by Update.
	Display(b Bundle, id string)
	Update(b Bundle, id string)
	// Result shows b as the cell's value.
	Result(b Bundle)
	// Clear clears the cell's output, with wait when the next output comes.
	Clear(wait bool)
	// Page asks the client to show b in its pager.
	Page(b Bundle)
	// Input asks the client's user for a line. Without stdin it is an error at once.
	Input(ctx context.Context, prompt string, password bool) (string, error)
}

type output struct {
	k          *Kernel
	lane       *lane
	req        *wire.Message
	silent     bool
	allowStdin bool
	count      int

	mu      sync.Mutex
	payload []json.RawMessage
	shown   strings.Builder // the beginning of what was shown as text, for the history
}

func (o *output) Stream(name, text string) {
	if o.silent || text == "" {
		return
	}
	o.note(text)
	o.k.publish(o.req, "stream", wire.Stream{Name: name, Text: text})
}

func (o *output) Display(b Bundle, id string) {
	if o.silent {
		return
	}
	o.k.publish(o.req, "display_data", displayContent(b, id, 0))
}

func (o *output) Update(b Bundle, id string) {
	if o.silent {
		return
	}
	o.k.publish(o.req, "update_display_data", displayContent(b, id, 0))
}

func (o *output) Result(b Bundle) {
	if o.silent {
		return
	}
	if text := b.Texts["text/plain"]; len(text) < maxHistoryOutput {
		o.note(text)
	}
	o.k.publish(o.req, "execute_result", displayContent(b, "", o.count))
}

func (o *output) Clear(wait bool) {
	if !o.silent {
		o.k.publish(o.req, "clear_output", wire.ClearOutput{Wait: wait})
	}
}

func (o *output) Page(b Bundle) {
	data := maps.Clone(b.Data)
	for mime, text := range b.Texts {
		data[mime] = wire.AppendString(nil, text)
	}
	raw, err := wire.Marshal(wire.PagePayload{Source: "page", Data: data})
	if err != nil {
		o.k.log.Error("pager", "error", err)
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.payload = append(o.payload, raw)
}

func (o *output) note(text string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if room := maxHistoryOutput - o.shown.Len(); room > 0 {
		o.shown.WriteString(strings.ToValidUTF8(text[:min(room, len(text))], ""))
	}
}

func (o *output) text() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.shown.String()
}

// displayContent writes the content of a display message by hand: the values may be large, and encoding/json would scan
// them once more at each level.
func displayContent(b Bundle, id string, count int) json.RawMessage {
	size := 64
	for k, v := range b.Texts {
		size += len(k) + len(v) + len(v)/16 + 8
	}
	for _, m := range []map[string]json.RawMessage{b.Data, b.Metadata} {
		for k, v := range m {
			size += len(k) + len(v) + 8
		}
	}
	buf := append(make([]byte, 0, size), '{')
	if count > 0 {
		buf = append(buf, `"execution_count":`...)
		n, _ := json.Marshal(count)
		buf = append(append(buf, n...), ',')
	}
	buf = appendObject(append(buf, `"data":`...), b.Texts, wire.AppendString)
	buf = appendObject(buf, b.Data, appendRaw)
	buf = appendObject(append(buf, `,"metadata":`...), b.Metadata, appendRaw)
	buf = append(buf, `,"transient":{`...)
	if id != "" {
		quoted, _ := json.Marshal(id)
		buf = append(append(buf, `"display_id":`...), quoted...)
	}
	return append(buf, `}}`...)
}

// appendObject appends an object; right behind another one, it goes on with that.
func appendObject[M ~map[string]V, V any](buf []byte, m M, value func([]byte, V) []byte) []byte {
	if n := len(buf) - 1; buf[n] == '}' {
		buf = buf[:n]
	} else {
		buf = append(buf, '{')
	}
	for k, v := range m {
		if buf[len(buf)-1] != '{' {
			buf = append(buf, ',')
		}
		buf = value(append(wire.AppendString(buf, k), ':'), v)
	}
	return append(buf, '}')
}

func appendRaw(buf []byte, v json.RawMessage) []byte { return append(buf, v...) }

// ErrNoStdin is what Input gives when the client cannot ask its user.
var ErrNoStdin = errors.New("this needs an answer from you, but the client does not take input here")

// inputs pairs the questions of running cells with their answers.
type inputs struct {
	mu      sync.Mutex
	waiting map[string]chan string // by the msg_id of the input_request
	last    map[string]string      // newest question's msg_id by the client's identity
}

func (in *inputs) ask(id, client string) chan string {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.waiting == nil {
		in.waiting, in.last = map[string]chan string{}, map[string]string{}
	}
	ch := make(chan string, 1)
	in.waiting[id] = ch
	in.last[client] = id
	return ch
}

func (in *inputs) forget(id, client string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	delete(in.waiting, id)
	if in.last[client] == id {
		delete(in.last, client)
	}
}

// answer hands an input_reply to whoever asked. Clients are to name the question as the parent; those that do not answer
// their newest one.
func (in *inputs) answer(m *wire.Message) {
	var rep wire.InputReply
	if m.Header.MsgType != "input_reply" || m.Read(&rep) != nil {
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	ch, ok := in.waiting[m.Parent().MsgID]
	if !ok {
		ch, ok = in.waiting[in.last[clientOf(m)]]
	}
	if !ok {
		return
	}
	select {
	case ch <- rep.Value:
	default: // answered already
	}
}

func clientOf(m *wire.Message) string {
	if len(m.Identities) == 0 {
		return ""
	}
	return string(m.Identities[0])
}

func (o *output) Input(ctx context.Context, prompt string, password bool) (string, error) {
	if !o.allowStdin {
		return "", ErrNoStdin
	}
	m, err := wire.NewReply(o.k.session, username, o.req, "input_request", wire.InputRequest{Prompt: prompt, Password: password})
	if err != nil {
		return "", err
	}
	m.Channel = wire.Stdin
	client := clientOf(o.req)
	answer := o.k.inputs.ask(m.Header.MsgID, client)
	defer o.k.inputs.forget(m.Header.MsgID, client)
	if err := o.k.opts.Transport.Send(m); err != nil {
		return "", err
	}
	select {
	case text := <-answer:
		return text, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
