package run

import (
	"context"
	"encoding/json"
	"io"
	"sync"

	"github.com/google/uuid"

	"sextant/content"
)

// Kind is what an event tells.
type Kind string

// The kinds of event.
const (
	// JobEvent: the job's state has changed; Job is how it is now.
	JobEvent Kind = "job"
	// CellEvent: a cell began or ended; State is running, succeeded or failed.
	CellEvent Kind = "cell"
	// OutputEvent: a cell has a further output, as nbformat has it. A stream's text continues the one before.
	OutputEvent Kind = "output"
	// UpdateEvent: all outputs with the display id of Output's transient have new content.
	UpdateEvent Kind = "update"
	// ClearEvent: the cell's outputs are cleared.
	ClearEvent Kind = "clear"
	// GapEvent: events before this one are no longer held; the job's notebook has what they told.
	GapEvent Kind = "gap"
)

// Event is one thing that happened in a job.
type Event struct {
	// ID is where to go on after it.
	ID     string
	Kind   Kind
	Cell   string
	State  string
	Output json.RawMessage
	Job    *content.Job
}

// maxEvents and maxEventBytes bound what is held of one job's events for those who come late.
const (
	maxEvents     = 10_000
	maxEventBytes = 4 << 20
)

// eventLog holds the newest events of a job. It is safe for concurrent use.
type eventLog struct {
	epoch string

	mu      sync.Mutex
	first   uint64 // the number of events[0]; numbers begin at 1
	events  []Event
	bytes   int
	changed chan struct{} // closed and replaced with each event
	ended   bool
}

func newEventLog() *eventLog {
	return &eventLog{epoch: uuid.NewString()[:8], first: 1, changed: make(chan struct{})}
}

func (l *eventLog) add(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return
	}
	e.ID = formatID(l.epoch, l.first+uint64(len(l.events)))
	l.events = append(l.events, e)
	l.bytes += len(e.Output)
	for len(l.events) > maxEvents || l.bytes > maxEventBytes && len(l.events) > 1 {
		l.bytes -= len(l.events[0].Output)
		l.events[0] = Event{}
		l.events = l.events[1:]
		l.first++
	}
	close(l.changed)
	l.changed = make(chan struct{})
}

// end lets followers come to an end.
func (l *eventLog) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended {
		l.ended = true
		close(l.changed)
	}
}

// Follower reads a job's events, for one goroutine.
type Follower struct {
	log *eventLog
	at  uint64 // the number of the event read last
	gap bool
}

// follow reads on after an event; of another log, or none, from the first that is held.
func (l *eventLog) follow(after string) *Follower {
	epoch, at := parseID(after)
	f := &Follower{log: l}
	if epoch == l.epoch {
		f.at = at
	} else {
		f.gap = after != ""
	}
	return f
}

// Next gives what has happened since the last call, once there is something. The error is io.EOF at the job's end, or ctx's.
func (f *Follower) Next(ctx context.Context) ([]Event, error) {
	l := f.log
	for {
		l.mu.Lock()
		var out []Event
		if f.at+1 < l.first {
			f.at, f.gap = l.first-1, true
		}
		newest := l.first + uint64(len(l.events)) - 1
		f.at = min(f.at, newest)
		if f.at < newest {
			if f.gap {
				out, f.gap = append(out, Event{ID: formatID(l.epoch, f.at), Kind: GapEvent}), false
			}
			out = append(out, l.events[f.at+1-l.first:]...)
			f.at = newest
		}
		changed, ended := l.changed, l.ended
		l.mu.Unlock()
		if len(out) > 0 {
			return out, nil
		}
		if ended {
			return nil, io.EOF
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
