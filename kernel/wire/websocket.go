package wire

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
)

// WebsocketV1 is the subprotocol whose frames [EncodeWebsocketV1] makes. A connection without a subprotocol uses
// [EncodeWebsocketDefault].
const WebsocketV1 = "v1.kernel.websocket.jupyter.org"

// Neither framing carries identities or a signature: whoever stands between websocket and ZeroMQ adds and strips them. All
// decoded messages share memory with the frame unless it says otherwise, and every error wraps [ErrMalformed].

// EncodeWebsocketV1 makes one binary frame, the same in both directions:
//
//	uint64 LE  n, the number of offsets: 5 parts, the buffers, and the end
//	uint64 LE  n absolute offsets; the last is the length of the frame
//	bytes      channel, header, parent_header, metadata, content, buffer…
func EncodeWebsocketV1(m *Message) ([]byte, error) { return AppendWebsocketV1(nil, m) }

// AppendWebsocketV1 appends what [EncodeWebsocketV1] makes.
func AppendWebsocketV1(b []byte, m *Message) ([]byte, error) {
	header, err := m.HeaderJSON()
	if err != nil {
		return nil, fmt.Errorf("%w: header: %v", ErrMalformed, err)
	}
	if len(m.Buffers) > MaxBuffers {
		return nil, fmt.Errorf("%w: %d buffers", ErrMalformed, len(m.Buffers))
	}
	parts := append([][]byte{[]byte(m.Channel), header, orEmpty(m.ParentHeader), orEmpty(m.Metadata), orEmpty(m.Content)}, m.Buffers...)
	at := 8 * (len(parts) + 2)
	size := at
	for _, p := range parts {
		size += len(p)
	}
	b = binary.LittleEndian.AppendUint64(slices.Grow(b, size), uint64(len(parts)+1))
	for _, p := range parts {
		b = binary.LittleEndian.AppendUint64(b, uint64(at))
		at += len(p)
	}
	b = binary.LittleEndian.AppendUint64(b, uint64(at))
	for _, p := range parts {
		b = append(b, p...)
	}
	return b, nil
}

// DecodeWebsocketV1 reads a frame that [EncodeWebsocketV1] or a Jupyter page made.
func DecodeWebsocketV1(b []byte) (*Message, error) { return decodeWebsocketV1(b, (*Message).setParts) }

// DecodeCheckedWebsocketV1 is [DecodeWebsocketV1] for a frame whose JSON has been checked when it came in: metadata and
// content are taken as they are. It is for messages that pass through several processes of one's own.
func DecodeCheckedWebsocketV1(b []byte) (*Message, error) {
	return decodeWebsocketV1(b, (*Message).setCheckedParts)
}

func decodeWebsocketV1(b []byte, set func(m *Message, header, parent, metadata, content []byte) error) (*Message, error) {
	if len(b) < 8 {
		return nil, fmt.Errorf("%w: frame of %d bytes", ErrMalformed, len(b))
	}
	n := binary.LittleEndian.Uint64(b)
	if n < 6 || n > 6+MaxBuffers || uint64(len(b)) < 8*(n+1) {
		return nil, fmt.Errorf("%w: %d offsets in a frame of %d bytes", ErrMalformed, n, len(b))
	}
	offsets := make([]uint64, n)
	for i := range offsets {
		offsets[i] = binary.LittleEndian.Uint64(b[8*(i+1):])
	}
	parts, err := cut(b, offsets, 8*(n+1))
	if err != nil {
		return nil, err
	}
	m := &Message{Buffers: parts[5:]}
	if m.Channel, err = websocketChannel(string(parts[0])); err != nil {
		return nil, err
	}
	return m, set(m, parts[1], parts[2], parts[3], parts[4])
}

// EncodeWebsocketDefault makes a frame of the older framing. Without buffers it is text, one JSON object; with buffers it is
// binary: uint32 BE n, n offsets as uint32 BE, the JSON, and n-1 buffers.
func EncodeWebsocketDefault(m *Message) (frame []byte, isBinary bool, err error) {
	header, err := m.HeaderJSON()
	if err != nil {
		return nil, false, fmt.Errorf("%w: header: %v", ErrMalformed, err)
	}
	id, err := Marshal(m.Header.MsgID)
	if err != nil {
		return nil, false, err
	}
	msgType, err := Marshal(m.Header.MsgType)
	if err != nil {
		return nil, false, err
	}
	channel, err := Marshal(string(m.Channel))
	if err != nil {
		return nil, false, err
	}
	if len(m.Buffers) > MaxBuffers {
		return nil, false, fmt.Errorf("%w: %d buffers", ErrMalformed, len(m.Buffers))
	}
	text := make([]byte, 0, 256+2*len(header)+len(m.ParentHeader)+len(m.Metadata)+len(m.Content))
	for _, p := range []struct {
		key   string
		value []byte
	}{
		{`{"header":`, header}, {`,"msg_id":`, id}, {`,"msg_type":`, msgType}, {`,"parent_header":`, orEmpty(m.ParentHeader)},
		{`,"metadata":`, orEmpty(m.Metadata)}, {`,"content":`, orEmpty(m.Content)}, {`,"buffers":[],"channel":`, channel},
	} {
		text = append(append(text, p.key...), p.value...)
	}
	text = append(text, '}')
	if len(m.Buffers) == 0 {
		return text, false, nil
	}
	parts := append([][]byte{text}, m.Buffers...)
	at := 4 * (len(parts) + 1)
	total := at
	for _, p := range parts {
		total += len(p)
	}
	if int64(total) > 1<<32-1 {
		return nil, false, fmt.Errorf("%w: %d bytes are too many for 32-bit offsets", ErrMalformed, total)
	}
	b := binary.BigEndian.AppendUint32(make([]byte, 0, total), uint32(len(parts)))
	for _, p := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(at))
		at += len(p)
	}
	for _, p := range parts {
		b = append(b, p...)
	}
	return b, true, nil
}

// DecodeWebsocketDefault reads a frame of the older framing. A missing channel counts as shell. The JSON parts are copies.
func DecodeWebsocketDefault(b []byte, isBinary bool) (*Message, error) {
	text, buffers := b, [][]byte(nil)
	if isBinary {
		if len(b) < 4 {
			return nil, fmt.Errorf("%w: frame of %d bytes", ErrMalformed, len(b))
		}
		n := uint64(binary.BigEndian.Uint32(b))
		if n < 1 || n > 1+MaxBuffers || uint64(len(b)) < 4*(n+1) {
			return nil, fmt.Errorf("%w: %d offsets in a frame of %d bytes", ErrMalformed, n, len(b))
		}
		offsets := make([]uint64, n, n+1)
		for i := range offsets {
			offsets[i] = uint64(binary.BigEndian.Uint32(b[4*(i+1):]))
		}
		parts, err := cut(b, append(offsets, uint64(len(b))), 4*(n+1))
		if err != nil {
			return nil, err
		}
		text, buffers = parts[0], parts[1:]
	}
	if err := checkObject(text); err != nil {
		return nil, fmt.Errorf("%w: frame %v", ErrMalformed, err)
	}
	var j struct {
		Header   json.RawMessage `json:"header"`
		Parent   json.RawMessage `json:"parent_header"`
		Metadata json.RawMessage `json:"metadata"`
		Content  json.RawMessage `json:"content"`
		Channel  string          `json:"channel"`
	}
	if err := json.Unmarshal(text, &j); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	if j.Channel == "" {
		j.Channel = string(Shell)
	}
	channel, err := websocketChannel(j.Channel)
	if err != nil {
		return nil, err
	}
	m := &Message{Channel: channel, Buffers: buffers}
	return m, m.setParts(orEmpty(j.Header), orNull(j.Parent), orNull(j.Metadata), orNull(j.Content))
}

// cut splits b at rising offsets, the first of which must not lie within the head.
func cut(b []byte, offsets []uint64, head uint64) ([][]byte, error) {
	parts := make([][]byte, len(offsets)-1)
	from := head
	for i, at := range offsets {
		if at < from || at > uint64(len(b)) {
			return nil, fmt.Errorf("%w: offset %d is %d in a frame of %d bytes", ErrMalformed, i, at, len(b))
		}
		if i > 0 {
			parts[i-1] = b[from:at:at]
		}
		from = at
	}
	if from != uint64(len(b)) {
		return nil, fmt.Errorf("%w: %d bytes after the last offset", ErrMalformed, uint64(len(b))-from)
	}
	return parts, nil
}

// websocketChannel checks a channel's name: heartbeat is not on the websocket.
func websocketChannel(s string) (Channel, error) {
	switch ch := Channel(s); ch {
	case Shell, Control, Stdin, IOPub:
		return ch, nil
	}
	return "", fmt.Errorf("%w: channel %.40q", ErrMalformed, s)
}

// orNull is orEmpty for a part that a client may send as null.
func orNull(raw json.RawMessage) json.RawMessage {
	if bytes.Equal(raw, []byte("null")) {
		return emptyObject
	}
	return orEmpty(raw)
}
