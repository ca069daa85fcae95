package content

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"sextant/content/iam"
)

// observer writes what need not be durable before an answer: that something was read or refused, and when a person
// last came by. What comes within gatherFor, or while a batch is written, goes into one transaction, so that many reads
// cost one sync. Nothing is dropped: where the log cannot be written, what would be logged is refused.
type observer struct {
	store Store
	log   *slog.Logger

	mu      sync.Mutex
	pending []observation
	// written is closed after each attempt to write; failed says how the last one ended.
	written chan struct{}
	failed  error
	closed  bool

	wake chan struct{}
	// hurry ends the gathering early.
	hurry chan struct{}
	done  chan struct{}
}

type observation struct {
	// entry is what is logged; without an operation nothing is, and only recent counts.
	entry AuditEntry
	// recent is set where the actor's list of recent resources changes.
	recent iam.Member
}

const (
	maxObservations  = 4096
	observationBatch = 512
	// gatherFor is how long the first of a batch waits for others: what a crash can take from the log of reads.
	gatherFor = 100 * time.Millisecond
	// keepRecent is how many resources a person's list of recent ones holds.
	keepRecent = 200
)

func newObserver(store Store, log *slog.Logger) *observer {
	o := &observer{store: store, log: log, written: make(chan struct{}), wake: make(chan struct{}, 1),
		hurry: make(chan struct{}, 1), done: make(chan struct{})}
	go o.run()
	return o
}

// observe takes one observation over. It waits where maxObservations are unwritten, and fails where they cannot be
// written.
func (o *observer) observe(ctx context.Context, x observation) error {
	for {
		o.mu.Lock()
		if o.closed {
			o.mu.Unlock()
			return ErrClosed
		}
		if len(o.pending) < maxObservations {
			o.pending = append(o.pending, x)
			waiting := len(o.pending)
			o.mu.Unlock()
			poke(o.wake)
			if waiting >= observationBatch {
				poke(o.hurry)
			}
			return nil
		}
		written := o.written
		o.mu.Unlock()
		o.now()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-written:
		}
		o.mu.Lock()
		failed := o.failed
		o.mu.Unlock()
		if failed != nil {
			return fmt.Errorf("content: the audit log cannot be written: %w", failed)
		}
	}
}

// poke leaves a note that there is something to do, where there is none yet.
func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// now has what is pending written without waiting for more.
func (o *observer) now() {
	poke(o.hurry)
	poke(o.wake)
}

func (o *observer) run() {
	defer close(o.done)
	gathered := time.NewTimer(gatherFor)
	defer gathered.Stop()
	for range o.wake {
		gathered.Reset(gatherFor)
		select {
		case <-gathered.C:
		case <-o.hurry:
		}
		o.write(context.Background())
		o.mu.Lock()
		end := o.closed
		o.mu.Unlock()
		if end {
			return
		}
	}
}

// write stores what is pending, batch by batch, until nothing is or it fails.
func (o *observer) write(ctx context.Context) {
	for {
		o.mu.Lock()
		batch := o.pending[:min(len(o.pending), observationBatch)]
		o.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		err := o.store.Update(ctx, func(tx Tx) error { return record(tx, batch) })
		o.mu.Lock()
		if err == nil {
			o.pending = append([]observation(nil), o.pending[len(batch):]...)
		} else if o.failed == nil {
			o.log.Error("the audit log cannot be written", "error", err)
		}
		o.failed = err
		close(o.written)
		o.written = make(chan struct{})
		o.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// visit is what a person's list of recent resources takes from any number of reads.
type visit struct {
	who iam.Member
	id  ResourceID
}

func record(tx Tx, batch []observation) error {
	entries := make([]AuditEntry, 0, len(batch))
	visits := map[visit]time.Time{}
	for _, x := range batch {
		if x.entry.Operation != "" {
			entries = append(entries, x.entry)
		}
		if v := (visit{x.recent, x.entry.Resource}); x.recent != "" && x.entry.At.After(visits[v]) {
			visits[v] = x.entry.At
		}
	}
	came := map[iam.Member]bool{}
	for v, at := range visits {
		// Gone meanwhile: then it is recent to nobody.
		if _, err := tx.Resource(v.id); isNotFound(err) {
			continue
		} else if err != nil {
			return err
		}
		if err := tx.SetMark(v.who, v.id, Recent, at); err != nil {
			return err
		}
		came[v.who] = true
	}
	for m := range came {
		if err := tx.TrimMarks(m, Recent, keepRecent); err != nil {
			return err
		}
	}
	return tx.AppendAudit(entries)
}

// flush waits until everything observed so far is written.
func (o *observer) flush(ctx context.Context) error {
	for {
		o.mu.Lock()
		written, waiting := o.written, len(o.pending) > 0
		o.mu.Unlock()
		if !waiting {
			return nil
		}
		o.now()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-o.done:
			return ErrClosed
		case <-written:
		}
		o.mu.Lock()
		failed := o.failed
		o.mu.Unlock()
		if failed != nil {
			return failed
		}
	}
}

func (o *observer) close(ctx context.Context) error {
	err := o.flush(ctx)
	o.mu.Lock()
	already := o.closed
	o.closed = true
	o.mu.Unlock()
	o.now()
	if already {
		return nil
	}
	select {
	case <-o.done:
	case <-ctx.Done():
		err = errors.Join(err, ctx.Err())
	}
	return err
}

// visited makes a resource recent for the actor, without a line in the log.
func (s *Service) visited(ctx context.Context, id ResourceID) error {
	who := ActorFrom(ctx).Principal
	if !who.IsPrincipal() {
		return nil
	}
	return s.observer.observe(ctx, observation{entry: AuditEntry{Resource: id, At: s.now()}, recent: who})
}
