package sessions

import (
	"context"

	"sextant/sessions/link"
)

// Follower reads everything that a session's kernel says, in order, from a position on. It is used by one goroutine, and
// closed by whoever made it.
type Follower struct{ r *reader }

// Follow gives what comes after a position.
func (s *Session) Follow(after uint64) *Follower { return &Follower{s.feed.reader(after)} }

// Next gives the next message; gap reports that messages before it were lost. The error is ctx's, or wraps ErrEnded or is
// ErrClosed.
func (f *Follower) Next(ctx context.Context) (m *Message, gap bool, err error) { return f.r.next(ctx) }

// Close ends the reading.
func (f *Follower) Close() { f.r.close() }

// Newest is the position of the newest message that has come.
func (s *Session) Newest() uint64 {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	return s.feed.last
}

// Recorded is the position up to which all that belongs to documents has been recorded.
func (s *Session) Recorded() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.meta.Recorded
}

// SetRecorded notes that everything up to a position is recorded: a later server begins after it, and the agent may make
// room.
func (s *Session) SetRecorded(ctx context.Context, position uint64) {
	s.mu.Lock()
	if position <= s.meta.Recorded {
		s.mu.Unlock()
		return
	}
	s.meta.Recorded = position
	s.persist()
	conn := s.conn
	for _, k := range s.kernels {
		for _, c := range k.clients {
			if c.holds {
				position = min(position, c.confirmed())
			}
		}
	}
	s.mu.Unlock()
	if conn != nil {
		if err := conn.Call(ctx, link.Trim, link.TrimParams{Through: position}, nil); err != nil && ctx.Err() == nil {
			s.m.log.Info("trim", "session", s.meta.ID, "error", err)
		}
	}
}

// RecordingEnded is closed when nothing more of the session will be recorded by this server.
func (s *Session) RecordingEnded() <-chan struct{} { return s.recorded }

// Received reports whether the clients that have a document open have received everything up to a position: at least one is
// connected, and none that may come back is behind.
func (s *Session) Received(document string, position uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	connected := false
	for _, k := range s.kernels {
		if k.document != document {
			continue
		}
		for _, c := range k.clients {
			if c.left {
				continue
			}
			if c.confirmed() < position {
				return false
			}
			connected = connected || c.connected
		}
	}
	return connected
}

// Notify tells the clients of a document's kernel something, as output on stderr.
func (s *Session) Notify(document, text string) {
	s.mu.Lock()
	var kernels []*Kernel
	for _, k := range s.kernels {
		if k.document == document {
			kernels = append(kernels, k)
		}
	}
	s.mu.Unlock()
	for _, k := range kernels {
		k.notify(text)
	}
}
