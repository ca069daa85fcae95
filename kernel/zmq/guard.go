package zmq

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zeromq/zmq4"

	"sextant/kernel/wire"
)

// guard stands between the network and one socket of the library: it owns every connection of that socket, shakes hands,
// and enforces the limits. Its lock is never held across a system call.
type guard struct {
	typ     zmq4.SocketType
	channel wire.Channel
	opts    Options
	log     *throttle
	// identity is what we announce of ourselves.
	identity []byte
	// lossy says what happens to a peer whose queue is full: true, it loses whole messages; false, it is dropped.
	lossy bool
	// welcome makes what a new subscriber is sent first (JEP 65), or nil.
	welcome func(topic []byte) [][]byte

	receiving atomic.Int64 // bytes of unfinished incoming messages, of all peers
	lost      atomic.Int64 // messages that lossy peers did not get
	nextKey   atomic.Uint64

	ready   chan net.Conn // shaken hands, for the library to accept
	closing chan struct{}
	wg      sync.WaitGroup // accept loop, handshakes, write loops

	mu         sync.Mutex
	closed     bool
	halfOpen   []net.Conn       // oldest first
	peers      map[string]*peer // by the key that the library knows them under
	byIdentity map[string]*peer // those the library can write to; the newest of an identity
	arrived    chan struct{}    // closed and replaced when byIdentity gains a peer
	moved      chan struct{}    // of a lossy guard: closed and replaced when a peer has taken something or is gone
	stalled    bool             // nobody has since Publish last waited in vain
}

func newGuard(ch wire.Channel, typ zmq4.SocketType, opts Options) *guard {
	return &guard{
		typ: typ, channel: ch, opts: opts, log: newThrottle(opts.Logger.With("channel", string(ch))),
		ready: make(chan net.Conn), closing: make(chan struct{}),
		peers: make(map[string]*peer), byIdentity: make(map[string]*peer), arrived: make(chan struct{}), moved: make(chan struct{}),
	}
}

// maxIncoming is the bound on one incoming message. Nothing large has any business on heartbeat, nor as a subscription.
func (g *guard) maxIncoming() int64 {
	switch g.typ {
	case zmq4.XPub:
		return maxTopic + 1
	case zmq4.Rep, zmq4.Req:
		return min(g.opts.MaxMessage, 64<<10)
	}
	return g.opts.MaxMessage
}

// serve accepts peers from l until the guard closes, which closes l.
func (g *guard) serve(l net.Listener) {
	defer g.wg.Done()
	const longestPause = 200 * time.Millisecond
	pause := time.Duration(0)
	for {
		c, err := l.Accept()
		if err != nil {
			// Out of file descriptors, most likely: others may still close theirs.
			pause = min(max(2*pause, 5*time.Millisecond), longestPause)
			select {
			case <-g.closing:
				return
			case <-time.After(pause):
			}
			continue
		}
		pause = 0
		g.welcomePeer(c)
	}
}

// welcomePeer begins a handshake in a goroutine of its own.
func (g *guard) welcomePeer(c net.Conn) {
	g.mu.Lock()
	if g.closed {
		g.mu.Unlock()
		c.Close()
		return
	}
	if len(g.halfOpen) >= g.opts.MaxHalfOpen {
		// An honest peer shakes hands within milliseconds, so the oldest is the one least likely to be honest.
		g.halfOpen[0].Close()
		g.halfOpen = g.halfOpen[1:]
	}
	g.halfOpen = append(g.halfOpen, c)
	g.wg.Add(1)
	g.mu.Unlock()
	go func() {
		defer g.wg.Done()
		p, err := g.shake(c)
		g.mu.Lock()
		for i, other := range g.halfOpen {
			if other == c {
				g.halfOpen = append(g.halfOpen[:i:i], g.halfOpen[i+1:]...)
				break
			}
		}
		g.mu.Unlock()
		if err == nil {
			err = g.admit(p)
		}
		if err != nil {
			c.Close()
			say := g.log.debug // most went away again by themselves
			if errors.Is(err, ErrProtocol) || errors.Is(err, ErrLimit) || errors.Is(err, os.ErrDeadlineExceeded) {
				say = g.log.warn
			}
			say("refused a peer", slog.String("peer", addr(c)), slog.Any("error", err))
			return
		}
		select {
		case g.ready <- p:
		case <-g.closing:
			p.kill(ErrClosed)
			p.release()
		}
	}()
}

// shake exchanges greetings and READY within the deadline. On error the caller closes c.
func (g *guard) shake(c net.Conn) (*peer, error) {
	if err := c.SetDeadline(time.Now().Add(g.opts.HandshakeTimeout)); err != nil {
		return nil, err
	}
	if t, ok := c.(*net.TCPConn); ok {
		if err := t.SetNoDelay(true); err != nil {
			return nil, err
		}
	}
	if _, err := c.Write(greeting(1)); err != nil {
		return nil, err
	}
	r := bufio.NewReaderSize(c, 16<<10)
	if err := readGreeting(r); err != nil {
		return nil, err
	}
	if _, err := c.Write(ready(g.typ, g.identity)); err != nil {
		return nil, err
	}
	info, err := readReady(r, g.typ)
	if err != nil {
		return nil, err
	}
	if err := c.SetDeadline(time.Time{}); err != nil {
		return nil, err
	}
	return newPeer(g, c, r, info), nil
}

// admit makes p one of the peers and starts its write loop.
func (g *guard) admit(p *peer) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return ErrClosed
	}
	if len(g.peers) >= g.opts.MaxPeers {
		return fmt.Errorf("%w: %d peers are connected", ErrLimit, len(g.peers))
	}
	g.peers[p.key] = p
	g.wg.Add(1)
	go p.writeLoop()
	return nil
}

// newKey returns what the library shall know a peer as. A peer cannot choose it, so it cannot pose as another.
func (g *guard) newKey() string {
	return string(binary.BigEndian.AppendUint64([]byte{'k'}, g.nextKey.Add(1)))
}

// live records that the library now reads from p and so can write to it. A peer that comes with the identity of an older
// one takes its place (libzmq's ROUTER_HANDOVER, which ipykernel sets): the older is what a client left behind when it
// reconnected.
func (g *guard) live(p *peer) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.peers[p.key] != p {
		return
	}
	g.byIdentity[p.identity] = p
	close(g.arrived)
	g.arrived = make(chan struct{})
}

func (g *guard) forget(p *peer) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.peers, p.key)
	if g.byIdentity[p.identity] == p {
		delete(g.byIdentity, p.identity)
	}
}

// keyOf translates a peer's own identity into the library's key.
func (g *guard) keyOf(identity []byte) (string, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p, ok := g.byIdentity[string(identity)]
	if !ok {
		return "", false
	}
	return p.key, true
}

// identityOf is the inverse of keyOf; false when the peer is gone.
func (g *guard) identityOf(key []byte) (string, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p, ok := g.peers[string(key)]
	if !ok {
		return "", false
	}
	return p.identity, true
}

// waitFor waits until a peer with that identity is connected.
func (g *guard) waitFor(ctx context.Context, identity []byte) error {
	for {
		g.mu.Lock()
		_, ok := g.byIdentity[string(identity)]
		arrived := g.arrived
		g.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-arrived:
		case <-g.closing:
			return ErrClosed
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// stop refuses new peers. It is the first step of closing.
func (g *guard) stop() {
	g.mu.Lock()
	if g.closed {
		g.mu.Unlock()
		return
	}
	g.closed = true
	half := g.halfOpen
	g.halfOpen = nil
	g.mu.Unlock()
	close(g.closing)
	for _, c := range half {
		c.Close()
	}
}

// drop writes out what is queued, until the deadline passes, then ends all connections and waits until the library has let
// go of them.
func (g *guard) drop(deadline <-chan struct{}) {
	g.mu.Lock()
	all := make([]*peer, 0, len(g.peers))
	for _, p := range g.peers {
		all = append(all, p)
	}
	g.mu.Unlock()
	for _, p := range all {
		flushed := make(chan struct{})
		go func() { p.out.drained(); close(flushed) }() // kill ends it
		select {
		case <-flushed:
		case <-deadline:
		}
	}
	for _, p := range all {
		p.kill(ErrClosed)
	}
	for _, p := range all {
		<-p.released
	}
}

// pace waits while every subscriber is behind by half its queue. So publishing goes at the pace of the fastest reader, which
// therefore loses nothing, and slower ones cannot hold anybody up. When nobody takes anything for as long as the patience
// lasts, it waits no more until somebody does.
func (g *guard) pace(ctx context.Context) {
	var patience <-chan time.Time
	for {
		g.mu.Lock()
		behind, moved := !g.stalled && g.allBehind(), g.moved
		g.mu.Unlock()
		if !behind {
			return
		}
		if patience == nil {
			t := time.NewTimer(g.opts.StallPatience)
			defer t.Stop()
			patience = t.C
		}
		select {
		case <-moved:
			patience = nil
		case <-patience:
			g.mu.Lock()
			g.stalled = true
			g.mu.Unlock()
		case <-ctx.Done():
			return
		}
	}
}

// allBehind says that there are subscribers and that all are behind. The caller holds the lock.
func (g *guard) allBehind() bool {
	any := false
	for _, p := range g.peers {
		if !p.subscribed.Load() {
			continue
		}
		if p.out.queued() < p.out.limit/2 {
			return false
		}
		any = true
	}
	return any
}

// progress wakes whoever waits in pace.
func (g *guard) progress() {
	if !g.lossy {
		return
	}
	g.mu.Lock()
	g.stalled = false
	close(g.moved)
	g.moved = make(chan struct{})
	g.mu.Unlock()
}

func addr(c net.Conn) string {
	if a := c.RemoteAddr(); a != nil {
		return a.String()
	}
	return ""
}

// quiet says that an error is what a peer's ordinary going looks like.
func quiet(err error) bool {
	return err == nil || errors.Is(err, ErrClosed) || errors.Is(err, net.ErrClosed)
}
