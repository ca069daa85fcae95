package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Channel names one of the five sockets of a kernel, as the websocket framings spell it.
type Channel string

// The channels. Heartbeat carries opaque bytes, never a [Message].
const (
	Shell     Channel = "shell"
	Control   Channel = "control"
	Stdin     Channel = "stdin"
	IOPub     Channel = "iopub"
	Heartbeat Channel = "hb"
)

// Header says who said what and when (messaging spec, "Message header").
type Header struct {
	// MsgID is unique per message.
	MsgID string `json:"msg_id"`
	// Session is one id per process: a client's session, or the kernel's, which changes at each restart.
	Session  string `json:"session"`
	Username string `json:"username"`
	// Date is ISO 8601. Ours are written by [FormatDate]; a peer's is kept as it came.
	Date    string `json:"date"`
	MsgType string `json:"msg_type"`
	// Version is the speaker's protocol version, such as "5.5".
	Version string `json:"version"`
	// SubshellID names the subshell a request is for (JEP 91); empty is the main shell.
	SubshellID string `json:"subshell_id,omitempty"`
}

// Message is one Jupyter message, whichever way it travels.
//
// The JSON parts and the buffers share memory with the frames that they were decoded from: treat them as immutable.
type Message struct {
	// Identities is the ZeroMQ routing prefix: the requester's identity on a ROUTER channel, the topic on iopub.
	Identities [][]byte
	// Channel is where the message arrived or shall go. It is no part of the ZeroMQ form.
	Channel Channel
	Header  Header
	// RawHeader is the header as received, with keys this package does not know. When set, it is what travels on and what
	// replies repeat as parent; Header then is only its reading. Nil in messages made here.
	RawHeader json.RawMessage
	// ParentHeader is the verbatim header of the request this message answers; "{}" when there is none.
	ParentHeader json.RawMessage
	// Metadata and Content are JSON objects; empty means "{}".
	Metadata json.RawMessage
	Content  json.RawMessage
	// Buffers are binary attachments, not covered by the signature.
	Buffers [][]byte
	// Arrived is when the receiver took the message up, by its own clock. It travels in no form.
	Arrived time.Time
}

// FormatDate renders a header's date: UTC, microseconds, a zone. Python's parser takes no more than six fraction digits.
func FormatDate(t time.Time) string {
	return t.UTC().Format("2006-01-02T15:04:05.000000Z")
}

// emptyObject stands for a missing parent header, metadata or content.
var emptyObject = json.RawMessage("{}")

// NewMessage makes an unsolicited message or a request with a fresh msg_id and the present time. Content is marshalled;
// nil means {}, and a json.RawMessage is taken as it is. NaN, infinities and what JSON cannot hold are an error.
func NewMessage(session, username, msgType string, content any) (*Message, error) {
	raw, err := Marshal(content)
	if err != nil {
		return nil, fmt.Errorf("content of %s: %w", msgType, err)
	}
	return &Message{
		Header: Header{
			MsgID: uuid.NewString(), Session: session, Username: username,
			Date: FormatDate(time.Now()), MsgType: msgType, Version: ProtocolVersion,
		},
		ParentHeader: emptyObject,
		Metadata:     emptyObject,
		Content:      raw,
	}, nil
}

// NewReply makes the answer to req: same channel, same identities, req's header as the parent.
func NewReply(session, username string, req *Message, msgType string, content any) (*Message, error) {
	m, err := NewOutput(session, username, req, msgType, content)
	if err != nil {
		return nil, err
	}
	m.Identities, m.Channel = req.Identities, req.Channel
	return m, nil
}

// NewOutput makes an iopub message that belongs to req. With req nil it has no parent.
func NewOutput(session, username string, req *Message, msgType string, content any) (*Message, error) {
	m, err := NewMessage(session, username, msgType, content)
	if err != nil {
		return nil, err
	}
	m.Channel = IOPub
	if req != nil {
		if m.ParentHeader, err = req.HeaderJSON(); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// HeaderJSON returns the header's bytes: the received ones, or Header marshalled.
func (m *Message) HeaderJSON() (json.RawMessage, error) {
	if m.RawHeader != nil {
		return m.RawHeader, nil
	}
	return Marshal(m.Header)
}

// Parent reads ParentHeader; the zero Header when there is none or it is not readable.
func (m *Message) Parent() Header {
	var h Header
	if json.Unmarshal(m.ParentHeader, &h) != nil {
		return Header{}
	}
	return h
}

// Read unmarshals the content into dst. The error wraps [ErrMalformed].
func (m *Message) Read(dst any) error {
	if err := json.Unmarshal(orEmpty(m.Content), dst); err != nil {
		return fmt.Errorf("%w: content of %s: %v", ErrMalformed, m.Header.MsgType, err)
	}
	return nil
}

// Marshal is encoding/json without HTML escaping, which would only lengthen markup in outputs. Nil becomes {}, and a
// json.RawMessage is returned unchanged.
func Marshal(v any) (json.RawMessage, error) {
	switch v := v.(type) {
	case nil:
		return emptyObject, nil
	case json.RawMessage:
		return orEmpty(v), nil
	case DisplayData:
		return v.raw(nil)
	case *DisplayData:
		return v.raw(nil)
	case ExecuteResult:
		return v.raw()
	case *ExecuteResult:
		return v.raw()
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

func orEmpty(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return emptyObject
	}
	return raw
}
