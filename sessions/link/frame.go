package link

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// ErrProtocol says that the other end broke the rules of this package.
var ErrProtocol = errors.New("link: protocol error")

// Kind says what a frame's payload is.
type Kind byte

// The kinds of frame.
const (
	KindHello   Kind = 1 // server: JSON Hello, once, first
	KindWelcome Kind = 2 // agent: JSON Welcome, once, first
	KindMessage Kind = 3 // either: a position (0 from the server) and a message
	KindCall    Kind = 4 // server: JSON Call
	KindAnswer  Kind = 5 // agent: JSON Answer
	KindReplay  Kind = 6 // agent: a message that a Read call asked for: the call's id, a position and the message
)

// Bounds of a frame's payload in bytes.
const (
	// MaxFrame leaves room for the largest message that kernel/zmq takes.
	MaxFrame = 640 << 20
	// MaxHello bounds what is read from somebody who has not yet shown a token.
	MaxHello = 64 << 10
)

// headLength is a frame's length (uint32, big endian, of what follows) and kind.
const headLength = 5

// AppendFrame appends a frame whose payload is the parts one after another.
func AppendFrame(dst []byte, kind Kind, parts ...[]byte) []byte {
	size := 1
	for _, p := range parts {
		size += len(p)
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(size))
	dst = append(dst, byte(kind))
	for _, p := range parts {
		dst = append(dst, p...)
	}
	return dst
}

// eager is how much of a payload is allocated before any of it has come: what is larger grows with what comes.
const eager = 16 << 20

// ReadFrame reads one frame with a payload of at most max bytes. The payload is the caller's. At a clean end it returns
// io.EOF; a frame that is too long or cut off wraps ErrProtocol or io.ErrUnexpectedEOF.
func ReadFrame(r io.Reader, max int) (Kind, []byte, error) {
	var head [headLength]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return 0, nil, err
	}
	size := int64(binary.BigEndian.Uint32(head[:])) - 1
	if size < 0 || size > int64(max) {
		return 0, nil, fmt.Errorf("%w: frame of %d bytes", ErrProtocol, size)
	}
	// A length is only a claim: memory grows with what really comes.
	payload := make([]byte, min(size, eager))
	for at := 0; ; {
		n, err := io.ReadFull(r, payload[at:])
		if at += n; errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return 0, nil, err
		}
		if int64(at) == size {
			return Kind(head[4]), payload, nil
		}
		payload = append(payload, make([]byte, min(size-int64(at), int64(at)))...)
	}
}

// Hello opens a link.
type Hello struct {
	// Token is the secret that the agent was started with.
	Token string `json:"token"`
	// After is the last position that the server has; what came later follows.
	After uint64 `json:"after"`
}

// Welcome answers a Hello.
type Welcome struct {
	// Session is the session's id.
	Session string `json:"session"`
	// First and Last are the positions of the oldest and the newest message that the journal holds; First is Last+1 where
	// it holds none. A First over After+1 means that messages in between are lost.
	First uint64 `json:"first"`
	Last  uint64 `json:"last"`
	State State  `json:"state"`
}

// State is what an agent knows of its kernel.
type State struct {
	// Execution is one of the wire.State constants.
	Execution string `json:"execution"`
	// KernelPID is 0 while there is no kernel process.
	KernelPID int `json:"kernelPid,omitempty"`
	// Reason says in words why the kernel is dead or was last restarted.
	Reason string `json:"reason,omitempty"`
	// Unresponsive is how many seconds ago the kernel last answered a heartbeat, where that is too long.
	Unresponsive float64 `json:"unresponsive,omitempty"`
	// Info is the content of the kernel's kernel_info_reply, once it is ready.
	Info json.RawMessage `json:"info,omitempty"`
	// Sandbox lists the layers of protection in force, and those that this machine lacks.
	Sandbox []string `json:"sandbox,omitempty"`
}

// Usage is what a session uses.
type Usage struct {
	// CPUSeconds is the processor time of the kernel and all it started, over the session's life.
	CPUSeconds float64 `json:"cpuSeconds"`
	// MemoryBytes is what they hold now that no other process shares; PeakBytes the most of it ever seen.
	MemoryBytes int64 `json:"memoryBytes"`
	PeakBytes   int64 `json:"peakBytes"`
	// AgentBytes is the same of the agent itself.
	AgentBytes int64 `json:"agentBytes"`
	Processes  int   `json:"processes"`
	// ReadBytes is what they read from files and devices.
	ReadBytes int64 `json:"readBytes"`
	State     State `json:"state"`
}

// Call asks an agent for something.
type Call struct {
	ID     uint32          `json:"id"`
	Method Method          `json:"method"`
	Params json.RawMessage `json:"params,omitempty"`
}

// Method names what a Call asks for.
type Method string

// The methods, with the parameters and results of each.
const (
	Interrupt Method = "interrupt" // InterruptParams → nothing; returns when the kernel was told
	Restart   Method = "restart"   // nothing → nothing; returns when the new kernel is ready
	Shutdown  Method = "shutdown"  // nothing → nothing; kernel and agent end
	Measure   Method = "measure"   // nothing → Usage
	Trim      Method = "trim"      // TrimParams → nothing
	Read      Method = "read"      // ReadParams → ReadResult, after its KindReplay frames
)

// InterruptParams names the subshell to interrupt (JEP 91); empty is the main one.
type InterruptParams struct {
	Subshell string `json:"subshell,omitempty"`
}

// TrimParams says that positions up to Through are no longer needed for recording. They stay readable while there is room.
type TrimParams struct {
	Through uint64 `json:"through"`
}

// ReadParams asks for messages after a position, at most so many bytes of them but at least one.
type ReadParams struct {
	After uint64 `json:"after"`
	Bytes int    `json:"bytes"`
}

// ReadResult ends a Read.
type ReadResult struct {
	// First is the oldest position that the journal holds.
	First uint64 `json:"first"`
	// Last is the newest.
	Last uint64 `json:"last"`
}

// Answer answers the Call of the same ID.
type Answer struct {
	ID     uint32          `json:"id"`
	Result json.RawMessage `json:"result,omitempty"`
	Error  string          `json:"error,omitempty"`
}

// SplitMessage takes the payload of KindMessage apart.
func SplitMessage(payload []byte) (position uint64, frame []byte, err error) {
	if len(payload) < 8 {
		return 0, nil, fmt.Errorf("%w: message frame of %d bytes", ErrProtocol, len(payload))
	}
	return binary.BigEndian.Uint64(payload), payload[8:], nil
}

// splitReplay takes the payload of KindReplay apart.
func splitReplay(payload []byte) (call uint32, position uint64, frame []byte, err error) {
	if len(payload) < 12 {
		return 0, 0, nil, fmt.Errorf("%w: replay frame of %d bytes", ErrProtocol, len(payload))
	}
	return binary.BigEndian.Uint32(payload), binary.BigEndian.Uint64(payload[4:]), payload[12:], nil
}

// AppendMessage appends a KindMessage frame.
func AppendMessage(dst []byte, position uint64, frame []byte) []byte {
	return AppendFrame(dst, KindMessage, binary.BigEndian.AppendUint64(nil, position), frame)
}

// WriteMessage writes what AppendMessage appends, without copying the message.
func WriteMessage(w io.Writer, position uint64, frame []byte) error {
	head := binary.BigEndian.AppendUint32(make([]byte, 0, headLength+8), uint32(1+8+len(frame)))
	head = binary.BigEndian.AppendUint64(append(head, byte(KindMessage)), position)
	if _, err := w.Write(head); err != nil {
		return err
	}
	_, err := w.Write(frame)
	return err
}

// AppendReplay appends a KindReplay frame.
func AppendReplay(dst []byte, call uint32, position uint64, frame []byte) []byte {
	head := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(nil, call), position)
	return AppendFrame(dst, KindReplay, head, frame)
}

// AppendJSON appends a frame whose payload is v as JSON.
func AppendJSON(dst []byte, kind Kind, v any) ([]byte, error) {
	payload, err := json.Marshal(v)
	if err != nil {
		return dst, err
	}
	return AppendFrame(dst, kind, payload), nil
}
