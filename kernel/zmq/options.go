package zmq

import (
	"log/slog"
	"time"

	"github.com/google/uuid"
)

// Options tune either end. The zero value is good; a zero field takes its default.
type Options struct {
	// Logger hears of dropped peers and refused messages, at most one line per second and reason. Default slog.Default().
	Logger *slog.Logger
	// Session is this end's session id in the headers of messages it makes, and a client's ZeroMQ identity. Default a new
	// UUID.
	Session string
	// Username goes into the headers of messages made here. Default "kernel" for Listen, "client" for Dial.
	Username string

	// MaxMessage bounds one incoming multipart message, in bytes. A peer that declares more is dropped before anything is
	// allocated. Default 512 MiB.
	MaxMessage int64
	// MaxFrames bounds the frames of one incoming message. Default 4 200, room for wire.MaxBuffers.
	MaxFrames int
	// MaxReceiving bounds the bytes of unfinished incoming messages per socket, all peers together; the peer that goes over
	// it is dropped. Default twice MaxMessage.
	MaxReceiving int64
	// MaxQueueBytes bounds what waits to be sent to one peer on one channel, in bytes including about 256 per message; the
	// last message may go over it. Beyond it, a reader of iopub loses whole messages, and a peer on any other channel is
	// dropped. Default 64 MiB.
	MaxQueueBytes int64
	// StallPatience is how long Publish waits when all readers of iopub are behind and none makes any progress. Default 1 s.
	StallPatience time.Duration
	// MaxPeers bounds the connected peers per socket; further ones are refused. Default 256.
	MaxPeers int
	// MaxHalfOpen bounds the peers per socket that have not shaken hands; a further one displaces the oldest. Default 64.
	MaxHalfOpen int
	// HandshakeTimeout is how long a peer may take to shake hands. Default 5 s.
	HandshakeTimeout time.Duration
	// Linger is how long Close waits for what is queued to be sent. Default 1 s.
	Linger time.Duration
}

func (o Options) withDefaults(username string) Options {
	fill(&o.Logger, slog.Default())
	fill(&o.Username, username)
	if o.Session == "" {
		o.Session = uuid.NewString()
	}
	fill(&o.MaxMessage, 512<<20)
	fill(&o.MaxFrames, 4200)
	fill(&o.MaxReceiving, 2*o.MaxMessage)
	fill(&o.MaxQueueBytes, 64<<20)
	fill(&o.StallPatience, time.Second)
	fill(&o.MaxPeers, 256)
	fill(&o.MaxHalfOpen, 64)
	fill(&o.HandshakeTimeout, 5*time.Second)
	fill(&o.Linger, time.Second)
	return o
}

func fill[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}
