package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// delimiter stands between routing identities and the message (messaging spec, "The wire protocol").
var delimiter = []byte("<IDS|MSG>")

// Bounds of the ZeroMQ form. Sizes are the transport's business (kernel/zmq); these bound the counts.
const (
	// MaxIdentities is how many routing frames may precede the delimiter.
	MaxIdentities = 16
	// MaxBuffers is how many binary attachments one message may have.
	MaxBuffers = 4096
)

// Decode reads a ZeroMQ multipart message
//
//	[identity…] <IDS|MSG> signature header parent_header metadata content [buffer…]
//
// and checks its signature before it looks at anything signed. The result shares memory with parts. The error wraps
// [ErrMalformed], [ErrSignature] or [ErrReplay].
func Decode(parts [][]byte, signer *Signer) (*Message, error) {
	at := -1
	for i := 0; i < len(parts) && i <= MaxIdentities; i++ {
		if bytes.Equal(parts[i], delimiter) {
			at = i
			break
		}
	}
	if at < 0 {
		return nil, fmt.Errorf("%w: no delimiter in the first %d frames", ErrMalformed, MaxIdentities+1)
	}
	rest := parts[at+1:]
	if len(rest) < 5 {
		return nil, fmt.Errorf("%w: %d frames after the delimiter, at least 5 needed", ErrMalformed, len(rest))
	}
	if len(rest)-5 > MaxBuffers {
		return nil, fmt.Errorf("%w: %d buffers, at most %d", ErrMalformed, len(rest)-5, MaxBuffers)
	}
	if err := signer.Verify(rest[0], rest[1], rest[2], rest[3], rest[4]); err != nil {
		return nil, err
	}
	m := &Message{Identities: parts[:at:at], Buffers: rest[5:]}
	if err := m.setParts(rest[1], rest[2], rest[3], rest[4]); err != nil {
		return nil, err
	}
	return m, nil
}

// Encode is the inverse of [Decode]: identities, delimiter, signature and parts. It copies neither content nor buffers.
// The error wraps [ErrMalformed] and says that a field cannot be sent.
func Encode(m *Message, signer *Signer) ([][]byte, error) {
	header, err := m.HeaderJSON()
	if err != nil {
		return nil, fmt.Errorf("%w: header: %v", ErrMalformed, err)
	}
	if len(m.Identities) > MaxIdentities || len(m.Buffers) > MaxBuffers {
		return nil, fmt.Errorf("%w: %d identities, %d buffers", ErrMalformed, len(m.Identities), len(m.Buffers))
	}
	parent, metadata, content := orEmpty(m.ParentHeader), orEmpty(m.Metadata), orEmpty(m.Content)
	parts := make([][]byte, 0, len(m.Identities)+6+len(m.Buffers))
	parts = append(parts, m.Identities...)
	parts = append(parts, delimiter, signer.Sign(header, parent, metadata, content), header, parent, metadata, content)
	return append(parts, m.Buffers...), nil
}

// setParts fills the four JSON parts after checking each.
func (m *Message) setParts(header, parent, metadata, content []byte) error {
	for _, p := range [...]struct {
		name string
		raw  []byte
	}{{"header", header}, {"parent_header", parent}, {"metadata", metadata}, {"content", content}} {
		if err := checkObject(p.raw); err != nil {
			return fmt.Errorf("%w: %s %v", ErrMalformed, p.name, err)
		}
	}
	return m.setCheckedParts(header, parent, metadata, content)
}

// setCheckedParts is setParts for parts that are known to be objects.
func (m *Message) setCheckedParts(header, parent, metadata, content []byte) error {
	if err := json.Unmarshal(header, &m.Header); err != nil {
		return fmt.Errorf("%w: header: %v", ErrMalformed, err)
	}
	if m.Header.MsgID == "" || m.Header.MsgType == "" {
		return fmt.Errorf("%w: header without msg_id or msg_type", ErrMalformed)
	}
	m.RawHeader, m.ParentHeader, m.Metadata, m.Content = header, parent, metadata, content
	return nil
}
