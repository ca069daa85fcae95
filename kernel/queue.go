package kernel

import (
	"context"
	"sync"

	"sextant/kernel/wire"
)

// queue is a bounded first-in, first-out queue of requests.
type queue struct {
	mu    sync.Mutex
	items []*wire.Message
	limit int
	wake  chan struct{} // holds one token while there may be items
}

func newQueue(limit int) *queue { return &queue{limit: limit, wake: make(chan struct{}, 1)} }

// put appends m, and reports whether there was room.
func (q *queue) put(m *wire.Message) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) >= q.limit {
		return false
	}
	q.items = append(q.items, m)
	select {
	case q.wake <- struct{}{}:
	default:
	}
	return true
}

func (q *queue) take() *wire.Message {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.items) == 0 {
		return nil
	}
	m := q.items[0]
	q.items[0] = nil
	q.items = q.items[1:]
	return m
}

// takeAll empties the queue.
func (q *queue) takeAll() []*wire.Message {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := q.items
	q.items = nil
	return all
}

// each calls f with each request until ctx ends.
func (q *queue) each(ctx context.Context, f func(*wire.Message)) {
	for {
		for m := q.take(); m != nil; m = q.take() {
			if ctx.Err() != nil {
				return
			}
			f(m)
		}
		select {
		case <-q.wake:
		case <-ctx.Done():
			return
		}
	}
}
