package agent

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"sextant/kernel/wire"
)

// errFull says that the journal has no room for what could be left out.
var errFull = errors.New("journal full")

// journal keeps what a kernel says, by position, in files of a directory, within a bound. It lives as long as its agent: it
// is written without syncing, since a machine that goes down takes the kernel with it.
//
// Room is made by dropping the oldest segment, as long as all of it has been trimmed, that is recorded elsewhere. Beyond
// that only what matters is taken.
type journal struct {
	dir   string
	limit int64

	mu       sync.Mutex
	segments []*segment
	last     uint64 // the newest position
	bytes    int64
	trimmed  uint64
	grown    chan struct{} // closed and replaced with each message
	closed   bool

	// recent are the newest messages, in memory for as long as a server is about to read them.
	recent      []entry
	recentBytes int
	readers     int // servers that read along
}

// maxRecent bounds what is held in memory for a server, in bytes.
const maxRecent = 16 << 20

// segment is one file; entries are a length (uint32), a position (uint64), and the message.
type segment struct {
	file  *os.File
	first uint64 // position of its first entry
	last  uint64 // of its last; 0 while it has none
	size  int64
}

const (
	segmentSize = 4 << 20
	entryHead   = 12
)

func openJournal(dir string, limit int64) (*journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return &journal{dir: dir, limit: limit, grown: make(chan struct{})}, nil
}

// append adds a message and gives its position. An optional message that there is no room for is refused with errFull.
func (j *journal) append(m *wire.Message, optional bool) (uint64, error) {
	// The message is copied once, to where it is written from and read along.
	record, err := wire.AppendWebsocketV1(make([]byte, entryHead, entryHead+256+len(m.Content)+len(m.Metadata)+len(m.ParentHeader)+len(m.RawHeader)), m)
	if err != nil {
		return 0, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return 0, os.ErrClosed
	}
	size := int64(len(record))
	for j.bytes+size > j.limit && len(j.segments) > 1 && j.segments[0].last <= j.trimmed {
		if err := j.drop(); err != nil {
			return 0, err
		}
	}
	if optional && j.bytes+size > j.limit {
		return 0, errFull
	}
	s, err := j.tail()
	if err != nil {
		return 0, err
	}
	binary.BigEndian.PutUint32(record, uint32(len(record)-entryHead))
	binary.BigEndian.PutUint64(record[4:], j.last+1)
	if _, err := s.file.WriteAt(record, s.size); err != nil {
		return 0, fmt.Errorf("journal: %w", err) // what it may have written is overwritten by the next
	}
	j.last++
	s.last = j.last
	s.size += size
	j.bytes += size
	if j.readers > 0 {
		j.recent = append(j.recent, entry{j.last, record[entryHead:]})
		j.recentBytes += len(record)
		for j.recentBytes > maxRecent && len(j.recent) > 1 {
			j.forget()
		}
	}
	close(j.grown)
	j.grown = make(chan struct{})
	return j.last, nil
}

// forget lets go of the oldest message in memory.
func (j *journal) forget() {
	j.recentBytes -= len(j.recent[0].frame) + entryHead
	j.recent[0] = entry{}
	if j.recent = j.recent[1:]; len(j.recent) == 0 {
		j.recent = nil
	}
}

// along notes that a server reads along, or no longer does.
func (j *journal) along(change int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.readers += change; j.readers == 0 {
		j.recent, j.recentBytes = nil, 0
	}
}

// tail gives the segment to write to.
func (j *journal) tail() (*segment, error) {
	if n := len(j.segments); n > 0 && j.segments[n-1].size < segmentSize {
		return j.segments[n-1], nil
	}
	name := filepath.Join(j.dir, fmt.Sprintf("%020d", j.last+1))
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	s := &segment{file: f, first: j.last + 1}
	j.segments = append(j.segments, s)
	return s, nil
}

// drop removes the oldest segment.
func (j *journal) drop() error {
	s := j.segments[0]
	j.segments = j.segments[1:]
	j.bytes -= s.size
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}

// trim notes that positions up to through are recorded elsewhere.
func (j *journal) trim(through uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.trimmed = max(j.trimmed, min(through, j.last))
}

// bounds gives the oldest and the newest position; first is last+1 where there is none.
func (j *journal) bounds() (first, last uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.segments) == 0 {
		return j.last + 1, j.last
	}
	return j.segments[0].first, j.last
}

func (j *journal) close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.closed = true
	var faults []error
	for len(j.segments) > 0 {
		faults = append(faults, j.drop())
	}
	close(j.grown)
	j.grown = make(chan struct{})
	return errors.Join(faults...)
}

// entry is one message read back.
type entry struct {
	position uint64
	frame    []byte
}

// cursor reads a journal in order. It is used by one goroutine.
type cursor struct {
	j       *journal
	next    uint64 // the position to give next
	segment uint64 // first position of the segment that at lies in; 0: none
	at      int64
	buffer  []byte // read ahead, beginning at at
}

// readAhead is how much a cursor reads at once.
const readAhead = 64 << 10

func (j *journal) cursor(after uint64) *cursor { return &cursor{j: j, next: after + 1} }

// remembered gives the next message if it is in memory; what is read along by one server is let go of.
func (c *cursor) remembered() (entry, bool) {
	j := c.j
	j.mu.Lock()
	defer j.mu.Unlock()
	for len(j.recent) > 0 && j.recent[0].position < c.next && j.readers == 1 {
		j.forget()
	}
	if len(j.recent) == 0 || j.recent[0].position > c.next || c.next > j.last {
		return entry{}, false
	}
	e := j.recent[c.next-j.recent[0].position]
	c.next++
	c.segment, c.buffer = 0, nil // the place in the files is found anew when it is needed
	return e, true
}

// read gives the next message that the journal holds, skipping what was dropped; ok is false at the end.
func (c *cursor) read() (e entry, ok bool, err error) {
	for {
		head, err := c.fill(entryHead, 0)
		if err != nil || head == nil {
			return entry{}, false, err
		}
		size := int(binary.BigEndian.Uint32(head))
		position := binary.BigEndian.Uint64(head[4:])
		whole, err := c.fill(entryHead+size, c.segment)
		if err != nil {
			return entry{}, false, err
		}
		if whole == nil { // the segment was dropped in between
			c.buffer = nil
			continue
		}
		frame := append([]byte(nil), whole[entryHead:]...)
		c.at += int64(len(whole))
		c.buffer = c.buffer[len(whole):]
		if position < c.next {
			continue
		}
		c.next = position + 1
		return entry{position, frame}, true, nil
	}
}

// fill gives the next n bytes of the segment that holds c.next, nil at the journal's end and where that is not the segment
// within. It holds the lock while it reads, so that no segment is closed under it.
func (c *cursor) fill(n int, within uint64) ([]byte, error) {
	if len(c.buffer) >= n {
		return c.buffer[:n], nil
	}
	j := c.j
	j.mu.Lock()
	defer j.mu.Unlock()
	if c.next > j.last || j.closed {
		return nil, nil
	}
	var s *segment
	for i := len(j.segments) - 1; i >= 0; i-- {
		if s = j.segments[i]; s.first <= c.next {
			break
		}
	}
	if s == nil {
		return nil, nil
	}
	if within != 0 && s.first != within {
		return nil, nil
	}
	if s.first != c.segment {
		c.segment, c.at, c.buffer = s.first, 0, nil
	}
	want := min(int64(max(n, readAhead)), s.size-c.at)
	if want < int64(n) {
		return nil, fmt.Errorf("journal: %s ends within a message", s.file.Name())
	}
	buffer := make([]byte, want)
	if _, err := s.file.ReadAt(buffer, c.at); err != nil && err != io.EOF {
		return nil, fmt.Errorf("journal: %w", err)
	}
	c.buffer = buffer
	return buffer[:n], nil
}

// wait returns when there is something to read, or ctx's error.
func (c *cursor) wait(ctx context.Context) error {
	for {
		c.j.mu.Lock()
		ready, closed, grown := c.next <= c.j.last, c.j.closed, c.j.grown
		c.j.mu.Unlock()
		if closed {
			return os.ErrClosed
		}
		if ready {
			return nil
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
