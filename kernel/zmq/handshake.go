package zmq

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"

	"github.com/go-zeromq/zmq4"
)

const (
	greetingSize = 64
	// maxHandshakeCommand bounds the peer's READY, in bytes. libzmq's is under 100.
	maxHandshakeCommand = 4096
)

// greeting returns the 64 bytes that open a connection (ZMTP 3.1 §Greeting): signature, version, mechanism NULL, no role.
func greeting(minor byte) []byte {
	b := make([]byte, greetingSize)
	b[0], b[9] = 0xff, 0x7f
	b[10], b[11] = 3, minor
	copy(b[12:], "NULL")
	return b
}

// readGreeting checks the peer's greeting.
func readGreeting(r io.Reader) error {
	var b [greetingSize]byte
	// The signature is checked first, so that a peer of another protocol is dropped without waiting for 64 bytes of it.
	if _, err := io.ReadFull(r, b[:10]); err != nil {
		return noEOF(err)
	}
	if b[0] != 0xff || b[9] != 0x7f {
		return fmt.Errorf("%w: not a ZMTP signature", ErrProtocol)
	}
	if _, err := io.ReadFull(r, b[10:]); err != nil {
		return noEOF(err)
	}
	if b[10] < 3 {
		return fmt.Errorf("%w: ZMTP %d", ErrProtocol, b[10])
	}
	if mechanism := string(bytes.TrimRight(b[12:32], "\x00")); mechanism != "NULL" {
		return fmt.Errorf("%w: mechanism %q", ErrProtocol, mechanism)
	}
	return nil
}

// ready returns the READY command of the NULL mechanism (ZMTP 3.1 §The NULL Security Mechanism). The identity is announced
// by the types that have one.
func ready(typ zmq4.SocketType, identity []byte) []byte {
	body := appendProperty(nil, "Socket-Type", []byte(typ))
	switch typ {
	case zmq4.Dealer, zmq4.Req, zmq4.Router:
		body = appendProperty(body, "Identity", identity)
	}
	return appendCommand(nil, zmq4.CmdReady, body)
}

func appendProperty(b []byte, name string, value []byte) []byte {
	b = append(append(b, byte(len(name))), name...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(value)))
	return append(b, value...)
}

// peerInfo is what a peer says of itself in READY.
type peerInfo struct {
	typ      zmq4.SocketType
	identity []byte // at most 255 bytes; empty if it has none
}

// readReady reads and checks the peer's READY.
func readReady(r *bufio.Reader, ours zmq4.SocketType) (peerInfo, error) {
	h, err := readFrameHeader(r)
	if err != nil {
		return peerInfo{}, noEOF(err)
	}
	if !h.command || h.size > maxHandshakeCommand {
		return peerInfo{}, fmt.Errorf("%w: no READY", ErrProtocol)
	}
	b := make([]byte, h.size)
	if _, err := io.ReadFull(r, b); err != nil {
		return peerInfo{}, noEOF(err)
	}
	cmd, err := parseCommand(b)
	if err != nil {
		return peerInfo{}, err
	}
	if cmd.name != zmq4.CmdReady {
		return peerInfo{}, fmt.Errorf("%w: %q in place of READY", ErrProtocol, cmd.name)
	}
	info, err := parseReady(cmd.body)
	if err == nil && !compatible(ours, info.typ) {
		err = fmt.Errorf("%w: a %q socket connected to %s", ErrProtocol, info.typ, ours)
	}
	return info, err
}

// parseReady reads the properties of READY. Names are not case-sensitive; unknown ones are ignored.
func parseReady(b []byte) (peerInfo, error) {
	var info peerInfo
	bad := fmt.Errorf("%w: READY cut short", ErrProtocol)
	for len(b) > 0 {
		n := int(b[0])
		if len(b) < 1+n+4 {
			return info, bad
		}
		name := string(b[1 : 1+n])
		size := binary.BigEndian.Uint32(b[1+n:])
		b = b[1+n+4:]
		if uint64(size) > uint64(len(b)) {
			return info, bad
		}
		value := b[:size]
		b = b[size:]
		switch strings.ToLower(name) {
		case "socket-type":
			info.typ = zmq4.SocketType(value)
		case "identity":
			if len(value) > 255 {
				return info, fmt.Errorf("%w: identity of %d bytes", ErrProtocol, len(value))
			}
			info.identity = value
		}
	}
	return info, nil
}

// compatible lists the pairs that the five channels of a kernel need, fewer than ZeroMQ allows.
func compatible(ours, theirs zmq4.SocketType) bool {
	switch ours {
	case zmq4.Router:
		return theirs == zmq4.Dealer || theirs == zmq4.Req
	case zmq4.Dealer:
		return theirs == zmq4.Router
	case zmq4.XPub:
		return theirs == zmq4.Sub || theirs == zmq4.XSub
	case zmq4.Sub:
		return theirs == zmq4.Pub || theirs == zmq4.XPub
	case zmq4.Rep:
		return theirs == zmq4.Req || theirs == zmq4.Dealer
	case zmq4.Req:
		return theirs == zmq4.Rep || theirs == zmq4.Router
	}
	return false
}
