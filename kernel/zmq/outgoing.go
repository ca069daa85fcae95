package zmq

import (
	"net"
	"sync"
)

const (
	// messageOverhead is what a queued message is taken to cost beside its bytes.
	messageOverhead = 256
	// referenceSize is the body size from which the library's slice is queued itself rather than copied, in bytes.
	referenceSize = 8 << 10
	// batchBytes is about how much goes into one vectored write.
	batchBytes = 1 << 20
	// maxPongs bounds the answers to PING that wait; a peer that pings on without reading gets no more.
	maxPongs = 8
)

// outMessage is one whole multipart message in wire form: headers and small bodies run together, large bodies by reference.
type outMessage struct {
	parts net.Buffers
	size  int64
}

// outQueue is what waits to be written to one peer. Messages are taken whole, so that none is ever torn.
type outQueue struct {
	limit int64

	mu       sync.Mutex
	changed  *sync.Cond // messages, pongs, writing or closed changed
	messages []outMessage
	pongs    [][]byte
	bytes    int64 // of messages, and of those being written
	writing  bool
	closed   bool
}

func newOutQueue(limit int64) *outQueue {
	q := &outQueue{limit: limit}
	q.changed = sync.NewCond(&q.mu)
	return q
}

// push queues a message; false means that the queue is full. What waits may exceed the limit by one message, or else one
// that is larger than the limit could never be sent. A closed queue swallows everything.
func (q *outQueue) push(m outMessage) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return true
	}
	cost := m.size + messageOverhead
	if q.bytes >= q.limit {
		return false
	}
	q.bytes += cost
	q.messages = append(q.messages, m)
	q.changed.Broadcast()
	return true
}

// pushPong queues a PONG frame ahead of all messages.
func (q *outQueue) pushPong(frame []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.closed && len(q.pongs) < maxPongs {
		q.pongs = append(q.pongs, frame)
		q.changed.Broadcast()
	}
}

// take waits for something to write and returns about batchBytes of it with its cost; false once closed. The caller writes
// it all and calls wrote.
func (q *outQueue) take() (parts net.Buffers, cost int64, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.messages) == 0 && len(q.pongs) == 0 && !q.closed {
		q.changed.Wait()
	}
	if q.closed {
		return nil, 0, false
	}
	for _, p := range q.pongs {
		parts = append(parts, p)
	}
	q.pongs = nil
	n := 0
	for n < len(q.messages) && (n == 0 || cost < batchBytes) {
		parts = append(parts, q.messages[n].parts...)
		cost += q.messages[n].size + messageOverhead
		q.messages[n] = outMessage{}
		n++
	}
	if q.messages = q.messages[n:]; len(q.messages) == 0 {
		q.messages = nil
	}
	q.writing = true
	return parts, cost, true
}

// gave gives back a part of the cost of a batch that is being written.
func (q *outQueue) gave(cost int64) {
	q.mu.Lock()
	q.bytes -= cost
	q.mu.Unlock()
}

// split cuts the first n bytes off parts, or all there is, and says how many they are.
func split(parts net.Buffers, n int64) (first, rest net.Buffers, size int64) {
	for i, p := range parts {
		if size+int64(len(p)) > n {
			at := n - size
			first = append(append(first, parts[:i]...), p[:at])
			rest = append(net.Buffers{p[at:]}, parts[i+1:]...)
			return first, rest, n
		}
		size += int64(len(p))
	}
	return parts, nil, size
}

// wrote gives back what is left of the cost of a batch.
func (q *outQueue) wrote(cost int64) {
	q.mu.Lock()
	q.bytes -= cost
	q.writing = false
	q.changed.Broadcast()
	q.mu.Unlock()
}

// drained waits until all is written or the queue is closed.
func (q *outQueue) drained() {
	q.mu.Lock()
	for !q.closed && (q.writing || len(q.messages) > 0) {
		q.changed.Wait()
	}
	q.mu.Unlock()
}

// close drops what waits and ends take and drained.
func (q *outQueue) close() {
	q.mu.Lock()
	q.closed, q.messages, q.pongs = true, nil, nil
	q.changed.Broadcast()
	q.mu.Unlock()
}

// queued returns the bytes that wait or are being written.
func (q *outQueue) queued() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.bytes
}
