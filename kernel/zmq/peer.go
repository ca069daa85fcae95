package zmq

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zeromq/zmq4"
)

const (
	// maxTopic bounds one subscription, in bytes.
	maxTopic = 1024
	// maxTopics bounds the subscriptions of one peer.
	maxTopics = 256
	// maxCommand bounds one ZMTP command after the handshake, in bytes. PING is at most 25, SUBSCRIBE as long as its topic.
	maxCommand = 10 + maxTopic
	// maxPingContext bounds what a PING may have echoed, in bytes (ZMTP 3.1 §Connection Heartbeating).
	maxPingContext = 16
	// wholeSize is the frame size up to which the library may allocate on the peer's word, in bytes. Of a larger frame it is
	// told only when all of it is here.
	wholeSize = 1 << 20
)

// errGone is what the library reads and writes once a peer is dead. It has to be a net.Error: only then does the library
// forget the connection (io.EOF would turn into io.ErrUnexpectedEOF within a frame, which it ignores).
type errGone struct{}

func (errGone) Error() string   { return ErrPeerGone.Error() }
func (errGone) Timeout() bool   { return false }
func (errGone) Temporary() bool { return false }
func (errGone) Unwrap() error   { return ErrPeerGone }

// peer is one connection that has shaken hands, as the library sees it: a net.Conn that first replays a flawless handshake
// and then yields nothing but checked frames, and whose writes never block.
//
// The library calls Read from one goroutine, Write from one at a time, and Close when it is done.
type peer struct {
	g        *guard
	raw      net.Conn
	key      string // what the library takes for its identity
	identity string // what it calls itself, or the key if nothing

	// Owned by the reader.
	src     *bufio.Reader
	head    []byte   // bytes the library gets next
	chunks  [][]byte // then these
	left    int64    // then so many of src
	replay  bool     // head is the handshake
	more    bool     // a message is under way
	frames  int      // of it
	size    int64    // of it, bytes
	topics  map[string]int
	pending [][]byte // topics to welcome once the library knows them

	held       atomic.Int64 // bytes counted into guard.receiving
	subscribed atomic.Bool  // to anything

	writing sync.Mutex
	asm     assembler
	out     *outQueue

	dead     chan struct{}
	killOnce sync.Once
	cause    error // set before dead is closed
	released chan struct{}
	freeOnce sync.Once
}

func newPeer(g *guard, raw net.Conn, src *bufio.Reader, info peerInfo) *peer {
	p := &peer{
		g: g, raw: raw, src: src, key: g.newKey(), identity: string(info.identity), replay: true,
		asm: newAssembler(), out: newOutQueue(g.opts.MaxQueueBytes),
		dead: make(chan struct{}), released: make(chan struct{}),
	}
	// An identity that begins with zero is reserved for those that have none (ZMTP 3.1 §The Identity Property).
	if p.identity == "" || p.identity[0] == 0 {
		p.identity = "\x00" + p.key
	}
	p.head = append(greeting(0), ready(info.typ, nil)...)
	if g.typ == zmq4.Router {
		p.head = append(greeting(0), readyAs(info.typ, p.key)...)
	}
	return p
}

// readyAs is ready with an identity whatever the type.
func readyAs(typ zmq4.SocketType, identity string) []byte {
	body := appendProperty(nil, "Socket-Type", []byte(typ))
	body = appendProperty(body, "Identity", []byte(identity))
	return appendCommand(nil, zmq4.CmdReady, body)
}

// Read yields the next bytes of the checked stream.
func (p *peer) Read(b []byte) (int, error) {
	for {
		if len(p.head) > 0 {
			n := copy(b, p.head)
			p.head = p.head[n:]
			return n, nil
		}
		if p.replay {
			p.replay = false
			p.g.live(p)
		}
		if len(p.chunks) > 0 {
			n := copy(b, p.chunks[0])
			if p.chunks[0] = p.chunks[0][n:]; len(p.chunks[0]) == 0 {
				p.chunks[0] = nil
				p.chunks = p.chunks[1:]
			}
			return n, nil
		}
		if p.left > 0 {
			n, err := p.src.Read(b[:min(int64(len(b)), p.left)])
			p.left -= int64(n)
			if n > 0 {
				return n, nil
			}
			if err != nil {
				p.kill(noEOF(err))
				return 0, errGone{}
			}
			continue
		}
		select {
		case <-p.dead:
			return 0, errGone{}
		default:
		}
		if err := p.nextFrame(); err != nil {
			p.kill(err)
			return 0, errGone{}
		}
	}
}

// nextFrame reads up to the next thing that is for the library. It is called between frames only.
func (p *peer) nextFrame() error {
	if !p.more {
		p.free()
		p.frames, p.size = 0, 0
		p.sendWelcomes()
	}
	h, err := readFrameHeader(p.src)
	if err != nil {
		if p.more {
			err = noEOF(err)
		}
		return err
	}
	if h.command {
		return p.command(h)
	}
	p.frames++
	p.size += h.size
	switch {
	case p.size > p.g.maxIncoming():
		return fmt.Errorf("%w: a message of %d bytes or more, at most %d", ErrLimit, p.size, p.g.maxIncoming())
	case p.frames > p.g.opts.MaxFrames:
		return fmt.Errorf("%w: a message of over %d frames", ErrLimit, p.g.opts.MaxFrames)
	}
	first := !p.more
	p.more = h.more
	if p.g.typ == zmq4.XPub {
		return p.subscriptionFrame(h, first)
	}
	if h.size <= wholeSize {
		if err := p.hold(h.size); err != nil {
			return err
		}
		p.head, p.left = h.append(nil), h.size
		return nil
	}
	return p.largeFrame(h)
}

// largeFrame takes a whole frame in before the library hears of it, in pieces that double, so that what is allocated never
// exceeds twice what has arrived.
func (p *peer) largeFrame(h frameHeader) error {
	for got := int64(0); got < h.size; {
		n := min(h.size-got, max(wholeSize, got))
		if err := p.hold(n); err != nil {
			return err
		}
		c := make([]byte, n)
		if _, err := io.ReadFull(p.src, c); err != nil {
			return noEOF(err)
		}
		p.chunks = append(p.chunks, c)
		got += n
	}
	p.head = h.append(nil)
	return nil
}

// hold counts n bytes of an unfinished message against the bound that all peers of the socket share.
func (p *peer) hold(n int64) error {
	p.held.Add(n)
	if total := p.g.receiving.Add(n); total > p.g.opts.MaxReceiving {
		return fmt.Errorf("%w: %d bytes of unfinished messages", ErrLimit, total)
	}
	return nil
}

func (p *peer) free() { p.g.receiving.Add(-p.held.Swap(0)) }

// command obeys a ZMTP command; none reaches the library. Unknown ones are ignored (ZMTP 3.1 §Commands).
func (p *peer) command(h frameHeader) error {
	if h.size > maxCommand {
		return fmt.Errorf("%w: a command of %d bytes", ErrLimit, h.size)
	}
	b := make([]byte, h.size)
	if _, err := io.ReadFull(p.src, b); err != nil {
		return noEOF(err)
	}
	cmd, err := parseCommand(b)
	if err != nil {
		return err
	}
	switch cmd.name {
	case zmq4.CmdPing: // two bytes of time to live, then a context to be echoed
		if len(cmd.body) < 2 || len(cmd.body)-2 > maxPingContext {
			return fmt.Errorf("%w: PING of %d bytes", ErrProtocol, len(cmd.body))
		}
		p.out.pushPong(appendCommand(nil, zmq4.CmdPong, cmd.body[2:]))
	case zmq4.CmdError:
		return fmt.Errorf("%w: the peer says %q", ErrProtocol, cmd.body)
	case zmq4.CmdSubscribe:
		if p.g.typ == zmq4.XPub {
			return p.subscription(true, cmd.body)
		}
	case zmq4.CmdCancel:
		if p.g.typ == zmq4.XPub {
			return p.subscription(false, cmd.body)
		}
	}
	return nil
}

// subscriptionFrame handles what a subscriber sends as a message: one frame, 1 or 0 and a topic. Anything else is read and
// forgotten, since nobody would ever fetch it from the library.
func (p *peer) subscriptionFrame(h frameHeader, first bool) error {
	b := make([]byte, h.size) // at most maxTopic+1, checked by nextFrame
	if _, err := io.ReadFull(p.src, b); err != nil {
		return noEOF(err)
	}
	if !first || h.more || len(b) == 0 || b[0] > 1 {
		return nil
	}
	return p.subscription(b[0] == 1, b[1:])
}

// subscription counts subscriptions per topic, as libzmq does, and tells the library of the first and the last.
func (p *peer) subscription(on bool, topic []byte) error {
	if len(topic) > maxTopic {
		return fmt.Errorf("%w: a topic of %d bytes", ErrLimit, len(topic))
	}
	if p.topics == nil {
		p.topics = make(map[string]int)
	}
	t := string(topic)
	flag := byte(0)
	if on {
		flag = 1
		if p.topics[t] == 0 && len(p.topics) >= maxTopics {
			return fmt.Errorf("%w: more than %d subscriptions", ErrLimit, maxTopics)
		}
		if p.topics[t]++; p.topics[t] > 1 {
			return nil
		}
		p.pending = append(p.pending, bytes.Clone(topic))
	} else {
		if p.topics[t] == 0 {
			return nil
		}
		if p.topics[t]--; p.topics[t] > 0 {
			return nil
		}
		delete(p.topics, t)
	}
	p.subscribed.Store(len(p.topics) > 0)
	p.head = frameHeader{size: int64(1 + len(topic))}.append(nil)
	p.head = append(append(p.head, flag), topic...)
	return nil
}

// sendWelcomes answers the subscriptions that the library has taken in: it is back for more, so whatever is published from
// now on reaches this peer, which is just what the welcome promises (JEP 65).
func (p *peer) sendWelcomes() {
	for _, topic := range p.pending {
		if p.g.welcome == nil {
			break
		}
		if frames := p.g.welcome(topic); frames != nil {
			p.enqueue(frame(frames))
		}
	}
	p.pending = nil
}

// frame puts frames into wire form.
func frame(frames [][]byte) outMessage {
	var b []byte
	for i, f := range frames {
		b = append(frameHeader{more: i < len(frames)-1, size: int64(len(f))}.append(b), f...)
	}
	return outMessage{parts: net.Buffers{b}, size: int64(len(b))}
}

// Write takes the next bytes of the library's stream. It never blocks.
func (p *peer) Write(b []byte) (int, error) {
	p.writing.Lock()
	defer p.writing.Unlock()
	if p.asm.ready { // the handshake always succeeds, so that the library never abandons a connection half-way
		select {
		case <-p.dead:
			return 0, errGone{}
		default:
		}
	}
	p.asm.feed(b, func(m outMessage, frames int) {
		if frames > 1 || p.g.typ != zmq4.XPub { // what has one frame is a mark for the tap
			p.enqueue(m)
		}
	})
	return len(b), nil
}

func (p *peer) enqueue(m outMessage) {
	if p.out.push(m) {
		return
	}
	if p.g.lossy {
		lost := p.g.lost.Add(1)
		p.g.log.warn("a slow reader loses messages", slog.String("peer", addr(p.raw)), slog.Int64("lost", lost))
		return
	}
	p.kill(fmt.Errorf("%w: it does not read, and over %d bytes wait for it", ErrLimit, p.out.limit))
}

// writeLoop sends what is queued until the peer dies.
func (p *peer) writeLoop() {
	defer p.g.wg.Done()
	for {
		parts, cost, ok := p.out.take()
		if !ok {
			return
		}
		// In pieces, so that a reader of one huge message is seen to make progress.
		var err error
		for err == nil && len(parts) > 0 {
			var piece net.Buffers
			var n int64
			piece, parts, n = split(parts, batchBytes)
			_, err = piece.WriteTo(p.raw)
			n = min(n, cost)
			cost -= n
			p.out.gave(n)
			p.g.progress()
		}
		p.out.wrote(cost)
		p.g.progress()
		if err != nil {
			p.kill(err)
			return
		}
	}
}

// kill ends the connection, once. The library notices at its next read or write.
func (p *peer) kill(cause error) {
	p.killOnce.Do(func() {
		p.cause = cause
		close(p.dead)
		p.raw.Close()
		p.out.close()
		p.free()
		p.g.forget(p)
		p.g.progress()
		if p.g.typ == zmq4.Req {
			p.release() // the library has no goroutine that reads for REQ
		}
		switch {
		case quiet(cause), errors.Is(cause, io.EOF):
		case errors.Is(cause, ErrLimit), errors.Is(cause, ErrProtocol):
			p.g.log.warn("dropped a peer", slog.String("peer", addr(p.raw)), slog.Any("error", cause))
		default:
			p.g.log.debug("a peer broke off", slog.String("peer", addr(p.raw)), slog.Any("error", cause))
		}
	})
}

// release says that the library has let go of the connection.
func (p *peer) release() { p.freeOnce.Do(func() { close(p.released) }) }

// Close is called by the library when it is done with the connection.
func (p *peer) Close() error {
	p.kill(ErrClosed)
	p.release()
	return nil
}

// The rest of net.Conn. The library uses none of it.

func (p *peer) LocalAddr() net.Addr              { return p.raw.LocalAddr() }
func (p *peer) RemoteAddr() net.Addr             { return p.raw.RemoteAddr() }
func (p *peer) SetDeadline(time.Time) error      { return errors.ErrUnsupported }
func (p *peer) SetReadDeadline(time.Time) error  { return errors.ErrUnsupported }
func (p *peer) SetWriteDeadline(time.Time) error { return errors.ErrUnsupported }
