package kernel

import (
	"context"
	"sync"
	"time"

	"sextant/kernel/wire"
)

// maxQueued bounds the requests waiting in one lane; further ones are answered with an error.
const maxQueued = 10_000

// abortWindow is how long after a failure requests that were sent before it may still arrive, to be aborted.
const abortWindow = time.Second

// lane is one shell and its two queues: cells, which run one after the other, and looks, which do not wait for cells.
type lane struct {
	k     *Kernel
	id    string
	shell Shell

	cells, looks *queue

	mu       sync.Mutex
	running  *wire.Message      // the request being run
	cancel   context.CancelFunc // ends it
	count    int
	failure  *wire.Message // the last cell that failed with stop_on_error
	failedAt time.Time

	stop context.CancelFunc
	done sync.WaitGroup
}

func (k *Kernel) newLane(ctx context.Context, id string, shell Shell) *lane {
	ctx, stop := context.WithCancel(ctx)
	l := &lane{k: k, id: id, shell: shell, cells: newQueue(maxQueued), looks: newQueue(maxQueued), stop: stop}
	l.done.Go(func() { l.cells.each(ctx, func(m *wire.Message) { k.runCell(ctx, l, m) }) })
	l.done.Go(func() { l.looks.each(ctx, func(m *wire.Message) { k.look(ctx, l, m) }) })
	return l
}

// close ends what runs, waits for both goroutines and closes the shell.
func (l *lane) close() {
	l.stop()
	l.done.Wait()
	if err := l.shell.Close(); err != nil {
		l.k.log.Warn("closing a shell", "error", err)
	}
}

// interrupt ends the running cell, if any; it never touches the next one.
func (l *lane) interrupt() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cancel != nil {
		l.cancel()
	}
}

// begin notes that m runs from now on, and gives the context that interrupt ends.
func (l *lane) begin(ctx context.Context, m *wire.Message) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running, l.cancel = m, cancel
	return ctx
}

func (l *lane) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cancel()
	l.running, l.cancel = nil, nil
}

// current is the request being run, or nil.
func (l *lane) current() *wire.Message {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.running
}

// nextCount gives the counter's value for a cell; it rises only for cells that are stored.
func (l *lane) nextCount(store bool) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if store {
		l.count++
		return l.count
	}
	return l.count + 1
}

// failed notes that the cell m failed, and takes out what waits behind it, to be aborted. It comes before the reply: what
// a client sends once it has seen that is not to be aborted.
func (l *lane) failed(m *wire.Message) (waiting []*wire.Message) {
	l.mu.Lock()
	l.failure, l.failedAt = m, time.Now()
	l.mu.Unlock()
	return l.cells.takeAll()
}

// overtaken reports whether m was sent before the last failure and arrived only now. Clients send "run all" as one burst,
// and the first cell may have failed before the last request was read. Where the sender's clock is plainly wrong, its dates
// are counted from the failed request's, which tells how far off it is. Other senders are not meant.
func (l *lane) overtaken(m *wire.Message) bool {
	l.mu.Lock()
	failure, failedAt := l.failure, l.failedAt
	l.mu.Unlock()
	if failure == nil || time.Since(failedAt) > abortWindow || failure.Header.Session != m.Header.Session {
		return false
	}
	first, err := time.Parse(time.RFC3339Nano, failure.Header.Date)
	if err != nil {
		return false
	}
	sent, err := time.Parse(time.RFC3339Nano, m.Header.Date)
	if err != nil {
		return false
	}
	if off := failure.Arrived.Sub(first); off.Abs() > abortWindow {
		sent = sent.Add(off)
	}
	return sent.Before(failedAt)
}
