package agent

import (
	"sync"

	"sextant/kernel/wire"
)

// intake takes up what a kernel publishes as fast as it comes. Kernels drop what a reader is too slow for (ipykernel after
// 1,000 messages), so nothing is done with a message before the next one is read: it waits here.
type intake struct {
	mu     sync.Mutex
	some   sync.Cond // there is something, or nothing comes any more
	room   sync.Cond
	queue  []*wire.Message
	bytes  int
	closed bool
}

// maxIntake bounds the bytes that wait; beyond them the kernel is made to wait after all.
const maxIntake = 128 << 20

func newIntake() *intake {
	q := &intake{}
	q.some.L, q.room.L = &q.mu, &q.mu
	return q
}

func weight(m *wire.Message) int {
	n := 512 + len(m.Content) + len(m.Metadata)
	for _, b := range m.Buffers {
		n += len(b)
	}
	return n
}

func (q *intake) put(m *wire.Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.bytes > maxIntake {
		q.room.Wait()
	}
	q.queue = append(q.queue, m)
	q.bytes += weight(m)
	q.some.Signal()
}

// close says that nothing comes any more.
func (q *intake) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.some.Signal()
}

// take gives all that waits, or nil when nothing comes any more.
func (q *intake) take() []*wire.Message {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.queue) == 0 && !q.closed {
		q.some.Wait()
	}
	all := q.queue
	q.queue, q.bytes = nil, 0
	q.room.Signal()
	return all
}
