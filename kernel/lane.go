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
	failedAt time.Time // when a cell failed with stop_on_error

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

// failed aborts what waits behind a failed cell: what is queued now, and what was sent before now but is still on its way.
func (l *lane) failed() {
	l.mu.Lock()
	l.failedAt = time.Now()
	l.mu.Unlock()
	for _, m := range l.cells.takeAll() {
		l.k.abort(m)
	}
}

// overtaken reports whether m was sent before the last failure and arrived only now. Clients send "run all" as one burst,
// and the first cell may have failed before the last request was read. The sender's clock is taken at its word only
// within a short window, so that a wrong one does no harm.
func (l *lane) overtaken(m *wire.Message) bool {
	l.mu.Lock()
	failedAt := l.failedAt
	l.mu.Unlock()
	if failedAt.IsZero() || time.Since(failedAt) > abortWindow {
		return false
	}
	sent, err := time.Parse(time.RFC3339Nano, m.Header.Date)
	return err == nil && sent.Before(failedAt)
}
