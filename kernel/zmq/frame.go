package zmq

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// Flags of a ZMTP 3 frame (ZMTP 3.1 §Framing).
const (
	flagMore    = 0x1
	flagLong    = 0x2
	flagCommand = 0x4
)

// frameHeader is a frame's first two or nine bytes.
type frameHeader struct {
	more    bool
	command bool
	size    int64
}

// readFrameHeader reads one header and refuses reserved flags, commands with more to follow, and sizes beyond 63 bits.
func readFrameHeader(r *bufio.Reader) (frameHeader, error) {
	flags, err := r.ReadByte()
	if err != nil {
		return frameHeader{}, err
	}
	h := frameHeader{more: flags&flagMore != 0, command: flags&flagCommand != 0}
	if flags&^(flagMore|flagLong|flagCommand) != 0 {
		return h, fmt.Errorf("%w: frame flags %#x", ErrProtocol, flags)
	}
	if h.command && h.more {
		return h, fmt.Errorf("%w: a command in several frames", ErrProtocol)
	}
	if flags&flagLong == 0 {
		size, err := r.ReadByte()
		h.size = int64(size)
		return h, noEOF(err)
	}
	var long [8]byte
	if _, err := io.ReadFull(r, long[:]); err != nil {
		return h, noEOF(err)
	}
	size := binary.BigEndian.Uint64(long[:])
	if size > 1<<62 {
		return h, fmt.Errorf("%w: frame of %d bytes", ErrLimit, size)
	}
	h.size = int64(size)
	return h, nil
}

// append writes the header in its shortest form.
func (h frameHeader) append(b []byte) []byte {
	var flags byte
	if h.more {
		flags |= flagMore
	}
	if h.command {
		flags |= flagCommand
	}
	if h.size > 255 {
		return binary.BigEndian.AppendUint64(append(b, flags|flagLong), uint64(h.size))
	}
	return append(b, flags, byte(h.size))
}

// command is a ZMTP command (ZMTP 3.1 §Commands): name and body.
type command struct {
	name string
	body []byte
}

func parseCommand(b []byte) (command, error) {
	if len(b) == 0 || b[0] == 0 || int(b[0]) > len(b)-1 {
		return command{}, fmt.Errorf("%w: command without a name", ErrProtocol)
	}
	n := int(b[0])
	return command{name: string(b[1 : 1+n]), body: b[1+n:]}, nil
}

// appendCommand writes a whole command frame.
func appendCommand(b []byte, name string, body []byte) []byte {
	b = frameHeader{command: true, size: int64(1 + len(name) + len(body))}.append(b)
	b = append(append(b, byte(len(name))), name...)
	return append(b, body...)
}

// noEOF makes an end in the middle of something an error of its own.
func noEOF(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// length returns how many bytes append writes.
func (h frameHeader) length() int64 {
	if h.size > 255 {
		return 9
	}
	return 2
}
