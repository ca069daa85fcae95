package sessions

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"sextant/kernel/wire"
	"sextant/sessions/link"
)

// Message is one message of a kernel, with its position in the session's journal.
type Message struct {
	Position uint64
	// Frame is the message as a frame of websocket protocol v1; immutable.
	Frame []byte
	// Message is its reading; it shares memory with Frame.
	*wire.Message
	// Parent is the header of the request that it belongs to.
	Parent Parent
}

// Parent is what of a request's header tells where a message belongs.
type Parent struct {
	MsgID      string `json:"msg_id"`
	MsgType    string `json:"msg_type"`
	Session    string `json:"session"`
	SubshellID string `json:"subshell_id"`
	// Cell is what the server put there for a cell of a document; nil for none.
	Cell *CellRef `json:"sextant_cell"`
}

// CellRef names a cell of a document, in the header of the request that executes it. Kernels repeat a request's header in
// all that belongs to it, so that a journal can be recorded by a server that has never seen the request.
type CellRef struct {
	Document string
	Cell     string
}

// MarshalText writes DOCUMENT/CELL: ipykernel takes no header whose values are not plain.
func (c CellRef) MarshalText() ([]byte, error) { return []byte(c.Document + "/" + c.Cell), nil }

// UnmarshalText reads what MarshalText wrote.
func (c *CellRef) UnmarshalText(b []byte) error {
	document, cell, ok := strings.Cut(string(b), "/")
	if !ok || document == "" || cell == "" {
		return fmt.Errorf("%w: cell %.80q", wire.ErrMalformed, b)
	}
	c.Document, c.Cell = document, cell
	return nil
}

func readMessage(r link.Received) (*Message, error) {
	m, err := wire.DecodeCheckedWebsocketV1(r.Frame) // the agent has checked it
	if err != nil {
		return nil, err
	}
	out := &Message{Position: r.Position, Frame: r.Frame, Message: m}
	if len(m.ParentHeader) > 2 {
		_ = json.Unmarshal(m.ParentHeader, &out.Parent) // one that is no header is nobody's
	}
	return out, nil
}

// source reads messages back that a feed no longer holds.
type source interface {
	Replay(ctx context.Context, after uint64, bytes int) (messages []link.Received, first uint64, err error)
}

// feed holds what readers of one session have yet to read, within a bound; what is over it they read back from the journal.
type feed struct {
	limit int // bytes

	mu      sync.Mutex
	entries []*Message // with positions one after another
	bytes   int
	last    uint64 // position of the newest message that came
	newest  uint64 // of the newest that there was when the link was made; it may be yet to come
	readers map[*reader]struct{}
	grown   chan struct{} // closed and replaced with each message
	source  source        // nil while there is no link
	closed  error
}

func newFeed(limit int, last uint64) *feed {
	return &feed{limit: limit, last: last, readers: map[*reader]struct{}{}, grown: make(chan struct{})}
}

// add takes up the next message; one that came before is dropped.
func (f *feed) add(m *Message) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if m.Position <= f.last {
		return
	}
	if m.Position != f.last+1 { // some were lost: what is held does not connect
		f.entries, f.bytes = nil, 0
	}
	f.last = m.Position
	f.entries = append(f.entries, m)
	f.bytes += len(m.Frame)
	f.shrink()
	close(f.grown)
	f.grown = make(chan struct{})
}

// shrink drops what all readers have read, and what is over the limit but for the newest.
func (f *feed) shrink() {
	slowest := f.last
	for r := range f.readers {
		slowest = min(slowest, r.at)
	}
	n := 0
	for n < len(f.entries) && (f.entries[n].Position <= slowest || f.bytes > f.limit && n < len(f.entries)-1) {
		f.bytes -= len(f.entries[n].Frame)
		f.entries[n] = nil
		n++
	}
	f.entries = f.entries[n:]
	if len(f.entries) == 0 {
		f.entries = nil
	}
}

// setSource names where messages are read back from, and the position of the newest that it has.
func (f *feed) setSource(s source, newest uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.source, f.newest = s, max(f.newest, newest)
	close(f.grown)
	f.grown = make(chan struct{})
}

// close ends all readers with an error.
func (f *feed) close(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed == nil {
		f.closed = err
		close(f.grown)
		f.grown = make(chan struct{})
	}
}

// reader reads a feed in order, from a position on. It is used by one goroutine, and closed by whoever made it.
type reader struct {
	f    *feed
	at   uint64     // the position read last
	back []*Message // read back from the journal
	// gap is set where messages after at were lost before they could be read.
	gap bool
}

// reader gives a reader of what comes after a position.
func (f *feed) reader(after uint64) *reader {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.register(after)
}

func (f *feed) register(after uint64) *reader {
	r := &reader{f: f, at: after}
	f.readers[r] = struct{}{}
	return r
}

// live gives a reader of what is yet to be said.
func (f *feed) live() *reader {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.register(max(f.last, f.newest))
}

func (r *reader) close() {
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	delete(r.f.readers, r)
	r.f.shrink()
}

// position is that of the message read last.
func (r *reader) position() uint64 {
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	return r.at
}

// readBack is how much is read back from the journal at once.
const readBack = 1 << 20

// next gives the next message when there is one, or ctx's error, or why the session has ended. gap reports that messages
// before it were lost.
func (r *reader) next(ctx context.Context) (m *Message, gap bool, err error) {
	for {
		m, wait, from := r.take()
		if m != nil {
			gap, r.gap = r.gap, false
			return m, gap, nil
		}
		if from != nil {
			if err := r.readBack(ctx, from); err != nil {
				if ctx.Err() != nil {
					return nil, false, ctx.Err()
				}
				if !errors.Is(err, link.ErrGone) {
					return nil, false, err
				}
				// Another link, or the end, is told by the feed.
			} else {
				continue
			}
		}
		select {
		case <-wait:
		default:
			r.f.mu.Lock()
			closed := r.f.closed
			r.f.mu.Unlock()
			if closed != nil {
				return nil, false, closed
			}
			select {
			case <-wait:
			case <-ctx.Done():
				return nil, false, ctx.Err()
			}
		}
	}
}

// take gives the next message if it is at hand; else what to wait for, or whom to ask.
func (r *reader) take() (*Message, <-chan struct{}, source) {
	f := r.f
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(r.back) > 0 {
		m := r.back[0]
		r.back = r.back[1:]
		r.at = m.Position
		return m, nil, nil
	}
	if r.at >= f.last {
		return nil, f.grown, nil
	}
	if n := len(f.entries); n > 0 && f.entries[0].Position <= r.at+1 {
		m := f.entries[r.at+1-f.entries[0].Position]
		r.at = m.Position
		return m, nil, nil
	}
	return nil, f.grown, f.source
}

func (r *reader) readBack(ctx context.Context, from source) error {
	got, first, err := from.Replay(ctx, r.at, readBack)
	if err != nil {
		return err
	}
	for _, g := range got {
		m, err := readMessage(g)
		if err != nil {
			return fmt.Errorf("journal: %w", err)
		}
		r.back = append(r.back, m)
	}
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	if len(r.back) > 0 {
		r.gap = r.gap || r.back[0].Position > r.at+1
	} else { // nothing of it is left
		r.at, r.gap = max(r.at, min(max(first, 1)-1, r.f.last)), true
		if first <= r.at {
			r.at = r.f.last
		}
	}
	return nil
}
