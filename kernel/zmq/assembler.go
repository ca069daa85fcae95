package zmq

import (
	"encoding/binary"
)

// assembler puts the library's byte stream back together into whole messages. The library writes a greeting and a READY,
// which the peer has had from us already and are swallowed, then each frame as a header and a body.
//
// The library passes on the very slices it was given to send, and what this package gives it is never changed afterwards,
// so bodies of referenceSize and more are kept by reference although io.Writer would forbid it.
type assembler struct {
	skip    int  // bytes of the greeting still to swallow
	ready   bool // READY was swallowed
	header  [9]byte
	have    int   // bytes of header so far
	left    int64 // bytes of body still to come
	inBody  bool
	frame   frameHeader
	message outMessage
	tail    []byte // the part being run together; parts holds what is before it
	frames  int    // of the message so far
}

func newAssembler() assembler { return assembler{skip: greetingSize} }

// feed takes the next bytes and calls done with each message they complete and the number of its frames.
func (a *assembler) feed(p []byte, done func(m outMessage, frames int)) {
	if a.skip > 0 {
		n := min(a.skip, len(p))
		a.skip -= n
		p = p[n:]
	}
	for len(p) > 0 || a.inBody && a.left == 0 {
		if !a.inBody {
			n := copy(a.header[a.have:a.headerSize(p)], p)
			a.have += n
			p = p[n:]
			if a.have < a.headerSize(nil) {
				continue
			}
			a.beginBody()
			continue
		}
		n := int(min(a.left, int64(len(p))))
		a.body(p[:n])
		p = p[n:]
		if a.left -= int64(n); a.left == 0 {
			a.endBody(done)
		}
	}
}

// headerSize is how long the header is as far as one knows, looking ahead at p for the flags.
func (a *assembler) headerSize(p []byte) int {
	flags := a.header[0]
	if a.have == 0 {
		if len(p) == 0 {
			return 1
		}
		flags = p[0]
	}
	if flags&flagLong != 0 {
		return 9
	}
	return 2
}

func (a *assembler) beginBody() {
	flags := a.header[0]
	a.frame = frameHeader{more: flags&flagMore != 0, command: flags&flagCommand != 0, size: int64(a.header[1])}
	if flags&flagLong != 0 {
		a.frame.size = int64(binary.BigEndian.Uint64(a.header[1:]))
	}
	a.left, a.inBody, a.have = a.frame.size, true, 0
	if !a.frame.command {
		a.tail = a.frame.append(a.tail)
	}
}

func (a *assembler) body(b []byte) {
	switch {
	case a.frame.command || len(b) == 0:
	case len(b) >= referenceSize:
		a.flushTail()
		a.message.parts = append(a.message.parts, b)
		a.message.size += int64(len(b))
	default:
		a.tail = append(a.tail, b...)
	}
}

func (a *assembler) flushTail() {
	if len(a.tail) > 0 {
		a.message.parts = append(a.message.parts, a.tail)
		a.message.size += int64(len(a.tail))
		a.tail = nil
	}
}

func (a *assembler) endBody(done func(outMessage, int)) {
	a.inBody = false
	if a.frame.command { // only READY; the library is never given a reason for another
		a.ready = true
		return
	}
	a.frames++
	if a.frame.more {
		return
	}
	a.flushTail()
	m, frames := a.message, a.frames
	a.message, a.frames = outMessage{}, 0
	done(m, frames)
}
