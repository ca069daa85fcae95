package agent

import (
	"bytes"
	"encoding/json"
	"html"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"sextant/kernel/wire"
)

// masked stands in outputs for a secret's value.
const masked = "•••"

// minMasked is the length from which a line of a secret of several lines is hidden by itself; minWhole that of a secret.
const (
	minMasked = 8
	minWhole  = 4
)

// holdFor is how long the end of a stream's text that may be the beginning of a secret is held back for what follows.
const holdFor = 200 * time.Millisecond

// masker hides secrets in what a kernel says, before it is written anywhere. It hides what a program prints without a
// thought; code that is made to tell a secret (in base64, letter by letter) tells it. A nil masker hides nothing.
type masker struct {
	values []string // as they stand in text, longest first
	json   [][]byte // as they stand in JSON

	mu   sync.Mutex // also keeps the order of what is kept
	held map[string]*heldText
}

// heldText is the end of a stream's text that waits for what follows.
type heldText struct {
	m    *wire.Message
	name string
	text string
}

// newMasker hides values; nil where there are none that can be hidden.
func newMasker(values []string) *masker {
	forms := map[string]bool{}
	add := func(s string) {
		for _, form := range []string{s, html.EscapeString(s), url.QueryEscape(s), url.PathEscape(s)} {
			forms[form] = true
		}
	}
	for _, v := range values {
		if len(v) < minWhole {
			continue
		}
		add(v)
		if lines := strings.Split(v, "\n"); len(lines) > 1 {
			for _, l := range lines {
				if l = strings.TrimSpace(l); len(l) >= minMasked {
					add(l)
				}
			}
		}
	}
	if len(forms) == 0 {
		return nil
	}
	k := &masker{held: map[string]*heldText{}}
	seen := map[string]bool{}
	for form := range forms {
		k.values = append(k.values, form)
		for _, escaped := range [][]byte{escapeJSON(form, false), escapeJSON(form, true)} {
			if !seen[string(escaped)] {
				seen[string(escaped)] = true
				k.json = append(k.json, escaped)
			}
		}
	}
	// A value that is part of another must not leave the rest of it.
	slices.SortFunc(k.values, func(a, b string) int { return len(b) - len(a) })
	slices.SortFunc(k.json, func(a, b []byte) int { return len(b) - len(a) })
	return k
}

// escapeJSON gives a text as it stands within a JSON string; ascii as writers do that keep to ASCII.
func escapeJSON(s string, ascii bool) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(s) != nil { // a string always encodes
		return []byte(s)
	}
	out := bytes.TrimSuffix(bytes.TrimSpace(b.Bytes()), []byte{'"'})[1:]
	if !ascii {
		return out
	}
	const hex = "0123456789abcdef"
	var e []byte
	unit := func(u rune) { e = append(e, '\\', 'u', hex[u>>12&15], hex[u>>8&15], hex[u>>4&15], hex[u&15]) }
	for _, r := range string(out) {
		switch {
		case r < 0x80:
			e = append(e, byte(r))
		case r > 0xffff:
			r -= 0x10000
			unit(0xd800 + r>>10)
			unit(0xdc00 + r&0x3ff)
		default:
			unit(r)
		}
	}
	return e
}

// raw hides values in plain bytes; the result may be b itself.
func (k *masker) raw(b []byte) []byte {
	if k == nil {
		return b
	}
	for _, v := range k.values {
		if bytes.Contains(b, []byte(v)) {
			b = bytes.ReplaceAll(b, []byte(v), []byte(masked))
		}
	}
	return b
}

func (k *masker) text(s string) string {
	for _, v := range k.values {
		s = strings.ReplaceAll(s, v, masked)
	}
	return s
}

// object hides values in JSON.
func (k *masker) object(b json.RawMessage) json.RawMessage {
	for _, v := range k.json {
		if bytes.Contains(b, v) {
			b = bytes.ReplaceAll(b, v, []byte(masked))
		}
	}
	return b
}

// open is how many bytes at the end of a text may be the beginning of a value.
func (k *masker) open(s string) int {
	for n := min(len(k.values[0])-1, len(s)); n > 0; n-- {
		tail := s[len(s)-n:]
		for _, v := range k.values {
			if len(v) > n && strings.HasPrefix(v, tail) {
				return n
			}
		}
	}
	return 0
}

// keep hides what is to be hidden in a message and gives what is to be kept, in order, to put. It is called for all messages,
// one after another.
func (k *masker) keep(m *wire.Message, put func(*wire.Message)) {
	if k == nil {
		put(m)
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	parent := m.Parent().MsgID
	var stream wire.Stream
	isStream := m.Channel == wire.IOPub && m.Header.MsgType == "stream" && m.Read(&stream) == nil
	key := parent + "\x00" + stream.Name
	if m.Channel == wire.IOPub {
		for other, h := range k.held { // what follows in another stream, or is no stream, comes after
			if strings.HasPrefix(other, parent+"\x00") && (!isStream || other != key) {
				delete(k.held, other)
				put(h.message())
			}
		}
	}
	if !isStream {
		put(with(m, k.object(m.Content), k.object(m.Metadata)))
		return
	}
	text := stream.Text
	if h := k.held[key]; h != nil {
		text = h.text + text
		delete(k.held, key)
	}
	text = k.text(text)
	if n := k.open(text); n > 0 {
		h := &heldText{m: m, name: stream.Name, text: text[len(text)-n:]}
		k.held[key], text = h, text[:len(text)-n]
		time.AfterFunc(holdFor, func() {
			k.mu.Lock()
			defer k.mu.Unlock()
			if k.held[key] == h {
				delete(k.held, key)
				put(h.message())
			}
		})
	}
	if text != "" {
		put(streamed(m, stream.Name, text))
	}
}

func (h *heldText) message() *wire.Message {
	out := *streamed(h.m, h.name, h.text)
	out.RawHeader, out.Header.MsgID = nil, uuid.NewString() // the rest of it went under the old one
	return &out
}

func streamed(m *wire.Message, name, text string) *wire.Message {
	content, err := wire.Marshal(wire.Stream{Name: name, Text: text})
	if err != nil { // two strings always marshal
		content = nil
	}
	return with(m, content, m.Metadata)
}

func with(m *wire.Message, content, metadata json.RawMessage) *wire.Message {
	out := *m
	out.Content, out.Metadata = content, metadata
	return &out
}
