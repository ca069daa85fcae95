package api

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"sextant/content"
)

// feed tells followers when there may be something new. One goroutine looks for all of them: at once where a request to
// this server changed something, and every so often for what other servers did. It looks only while somebody follows.
type feed struct {
	service *content.Service
	poll    time.Duration
	log     *slog.Logger
	nudged  chan struct{}
	cancel  context.CancelFunc
	life    context.Context // until close
	done    sync.WaitGroup

	mu        sync.Mutex
	followers map[chan struct{}]bool
}

func newFeed(s *content.Service, poll time.Duration, log *slog.Logger) *feed {
	ctx, cancel := context.WithCancel(context.Background())
	f := &feed{service: s, poll: poll, log: log, nudged: make(chan struct{}, 1), cancel: cancel, life: ctx, followers: map[chan struct{}]bool{}}
	f.done.Go(func() { f.run(ctx) })
	return f
}

// close ends the goroutine and waits for it; followers see the end of life.
func (f *feed) close() {
	f.cancel()
	f.done.Wait()
}

// nudge has the feed look now.
func (f *feed) nudge() {
	select {
	case f.nudged <- struct{}{}:
	default: // it is about to look
	}
}

// follow gives a channel that holds one signal whenever there may be something new, until stop.
func (f *feed) follow() (signal <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.followers[c] = true
	return c, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.followers, c)
	}
}

func (f *feed) run(ctx context.Context) {
	ticker := time.NewTicker(f.poll)
	defer ticker.Stop()
	var last content.ChangesPage
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.nudged:
		case <-ticker.C:
		}
		f.mu.Lock()
		idle := len(f.followers) == 0
		f.mu.Unlock()
		if idle {
			last = content.ChangesPage{} // whoever comes next looks for themselves first
			continue
		}
		// Only that something happened is looked at. What it was, each follower asks for as who they are.
		newest, err := f.service.Changes(ctx, content.FeedStart, 1)
		if err != nil {
			if ctx.Err() == nil {
				f.log.Error("change feed", "error", err)
			}
			continue
		}
		if !newest.NewerThan(last) {
			continue
		}
		last = newest
		f.mu.Lock()
		for c := range f.followers {
			select {
			case c <- struct{}{}:
			default: // told already
			}
		}
		f.mu.Unlock()
	}
}
