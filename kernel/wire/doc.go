// Package wire holds everything that crosses a process border in the Jupyter messaging protocol: messages and their
// contents, signatures, the ZeroMQ multipart form, both websocket framings and the connection file.
//
// It is pure: bytes in, values out, no sockets and no goroutines. Everything it parses may come from a hostile peer, so
// every parser is bounded, returns an error that wraps [ErrMalformed], [ErrSignature] or [ErrReplay], and never panics.
package wire

import "errors"

// ProtocolVersion is the Jupyter messaging version announced in headers and in kernel_info_reply. 5.5 adds
// supported_features (JEP 92) and subshells (JEP 91) to 5.4.
const ProtocolVersion = "5.5"

var (
	// ErrMalformed says that bytes are not a message: a part missing, not UTF-8, not JSON, or out of bounds.
	ErrMalformed = errors.New("malformed message")
	// ErrSignature says that the signature does not belong to the parts under our key.
	ErrSignature = errors.New("bad message signature")
	// ErrReplay says that a message with the very same signature was accepted before.
	ErrReplay = errors.New("replayed message")
)
