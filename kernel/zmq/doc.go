// Package zmq is the five ZeroMQ sockets of a Jupyter kernel, either end: [Listen] for the kernel, [Dial] for who speaks
// to it.
//
// The sockets are those of github.com/go-zeromq/zmq4. That library trusts its peers: a declared frame size is allocated
// unseen, one silent peer blocks all accepts, one peer that stops reading blocks all sends, and a PING is handed to the
// application. So the library never sees the network here. A transport of our own stands between the two: it shakes hands
// with each peer apart, under a deadline, and only then gives the library a connection; that connection checks every frame
// before the library reads it, answers PING itself, and queues what the library writes, within bounds, so that a write
// never blocks. A hostile peer can lose its own connection, and nothing else.
package zmq

import "errors"

var (
	// ErrClosed says that this end was closed.
	ErrClosed = errors.New("zmq: closed")
	// ErrNoPeer says that no connected peer has the identity a message is addressed to.
	ErrNoPeer = errors.New("zmq: no such peer")
	// ErrPeerGone says that the other end closed the connection, broke it, or was dropped for what it sent.
	ErrPeerGone = errors.New("zmq: peer gone")
	// ErrProtocol says that a peer does not speak ZMTP 3 with the NULL mechanism, or broke its rules.
	ErrProtocol = errors.New("zmq: protocol error")
	// ErrLimit says that a peer went over a size, count or queue bound.
	ErrLimit = errors.New("zmq: limit exceeded")
	// ErrInUse says that something else serves the address already.
	ErrInUse = errors.New("zmq: address in use")
)
