// Package results answers queries over stored results for people who have no session: by workers, each a process of the
// SQL kernel's program over one file, in a sandbox in which there is nothing else.
package results

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"sextant/kernel/wire"
	"sextant/sessions/sandbox"
)

// Options are what a Pool works with.
type Options struct {
	// Program is the command line of a worker but for its file and directory; Env its environment.
	Program []string
	Env     []string
	// Confine says what a worker may touch, of one directory, in which its result will be.
	Confine func(dir string) sandbox.Spec
	// Dir holds files and the workers' directories. What is in it is removed.
	Dir string
	// UID is whom workers run as; 0: as the server.
	UID int
	// Workers bounds how many there are, PerResult how many of one result; 0 is 8 and 2.
	Workers, PerResult int
	// Idle is how long a worker waits for the next request, Timeout how long a query may take, and CopyTimeout a copy; 0
	// is a minute, 30 s and 10 minutes.
	Idle, Timeout, CopyTimeout time.Duration
	// Kept bounds the files that are kept for the next worker, in bytes; 0 is 4 GiB.
	Kept int64
	Log  *slog.Logger
}

// Errors of queries. What the engine has to say of one is an *Error.
var (
	// ErrTimeout is for a query that took too long; its worker is gone.
	ErrTimeout = errors.New("the query took too long")
	// ErrLost is for a query whose worker ended, most often since it took too much memory.
	ErrLost = errors.New("the query took more memory than there is for it, or its worker ended")
	// ErrClosed is for a pool after Close.
	ErrClosed = errors.New("the server is stopping")
)

// Error is what the engine says of a query.
type Error struct{ Text string }

func (e *Error) Error() string { return e.Text }

// Source is a stored result that its reader may read.
type Source struct {
	ID string
	// Data tells that it is none, but a Parquet file from anywhere, whose columns have names of their own.
	Data bool
	// Open reads its file. The pool closes the reader.
	Open func(context.Context) (io.ReadCloser, error)
}

// Pool has the workers. It is safe for concurrent use; whoever made it closes it.
type Pool struct {
	o      Options
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
	files  *files

	mu      sync.Mutex
	workers []*worker
	next    int
	// spare is a process that knows of no result yet, since spareSince; while it is being started there is sparing, which is closed
	// then.
	spare      *process
	sparing    chan struct{}
	spareSince time.Time
	copying    chan struct{} // holds a place for each copy that is made
	freed      chan struct{} // closed and replaced when a worker is free or gone
}

// New makes an empty pool.
func New(o Options) (*Pool, error) {
	if o.Workers == 0 {
		o.Workers = 8
	}
	if o.PerResult == 0 {
		o.PerResult = 2
	}
	if o.Idle == 0 {
		o.Idle = time.Minute
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if o.CopyTimeout == 0 {
		o.CopyTimeout = 10 * time.Minute
	}
	if o.Kept == 0 {
		o.Kept = 4 << 30
	}
	if err := os.RemoveAll(o.Dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Dir, 0o711); err != nil {
		return nil, err
	}
	p := &Pool{o: o, freed: make(chan struct{}), copying: make(chan struct{}, max(1, o.Workers/2))}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	var err error
	if p.files, err = newFiles(filepath.Join(o.Dir, "files"), o.Kept, o.UID); err != nil {
		return nil, err
	}
	p.work.Go(p.watch)
	return p, nil
}

// Close ends all workers.
func (p *Pool) Close() {
	p.mu.Lock()
	p.cancel() // nothing more is begun
	p.mu.Unlock()
	p.work.Wait()
	if err := os.RemoveAll(p.o.Dir); err != nil {
		p.o.Log.Warn("results", "error", err)
	}
}

// Expect prepares for a result of a size in bytes that somebody will soon look into: a worker waits, for as long as workers do, and
// a file of some size is brought already. A small one is brought fast enough when it is asked for, and a large one may be for nobody.
func (p *Pool) Expect(ctx context.Context, s Source, size int64) {
	const least, most = 1 << 20, 64 << 20
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expect()
	if size < least || size > most || p.ctx.Err() != nil {
		return
	}
	p.work.Go(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.o.Timeout)
		defer cancel()
		defer context.AfterFunc(p.ctx, cancel)()
		if _, done, err := p.files.get(ctx, s); err == nil {
			done()
		} // else whoever asks for it learns why
	})
}

// expect is Expect under the pool's lock.
func (p *Pool) expect() {
	if p.spare == nil && p.sparing == nil && p.ctx.Err() == nil {
		p.sparing = make(chan struct{})
		p.work.Go(p.spareOne)
	}
}

// Page gives rows of a result as it is.
func (p *Pool) Page(ctx context.Context, s Source, offset int64, rows int) (*wire.ResultAnswer, error) {
	return p.Ask(ctx, s, wire.ResultRequest{Offset: offset, Rows: rows})
}

// Query answers a statement over a result, with at most so many rows.
func (p *Pool) Query(ctx context.Context, s Source, sql string, rows int) (*wire.ResultAnswer, error) {
	return p.Ask(ctx, s, wire.ResultRequest{SQL: sql, Rows: rows})
}

// Ask has a worker over a result answer a request. What its engine says is an *Error.
func (p *Pool) Ask(ctx context.Context, s Source, q wire.ResultRequest) (*wire.ResultAnswer, error) {
	ctx, cancel := context.WithTimeout(ctx, p.o.Timeout)
	defer cancel()
	w, err := p.take(ctx, s)
	if err != nil {
		return nil, inTime(ctx, err)
	}
	a, err := w.ask(ctx, q)
	p.give(w, err == nil)
	if err != nil {
		return nil, inTime(ctx, err)
	}
	if a.Error != "" {
		return nil, &Error{a.Error}
	}
	return a, nil
}

// Copy writes what a worker writes to a path, as request asks it to. Where the format needs no going back, piped is set: it
// is passed on as it comes. An error after the first byte leaves out cut off.
func (p *Pool) Copy(ctx context.Context, s Source, request func(path string) wire.ResultRequest, piped bool, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, p.o.CopyTimeout)
	defer cancel()
	// Those who look at pages do not wait for those who download.
	select {
	case p.copying <- struct{}{}:
		defer func() { <-p.copying }()
	case <-ctx.Done():
		return inTime(ctx, ctx.Err())
	}
	w, err := p.take(ctx, s)
	if err != nil {
		return inTime(ctx, err)
	}
	if piped {
		err = w.pipe(ctx, request, out)
	} else {
		err = w.file(ctx, request, out)
	}
	var told *Error
	p.give(w, err == nil || errors.As(err, &told))
	return inTime(ctx, err)
}

// inTime says so where an error is that the time was over.
func inTime(ctx context.Context, err error) error {
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ErrTimeout
	}
	return err
}

// take gives a worker over a result to the caller alone.
func (p *Pool) take(ctx context.Context, s Source) (*worker, error) {
	for {
		p.mu.Lock()
		if p.ctx.Err() != nil {
			p.mu.Unlock()
			return nil, ErrClosed
		}
		p.workers = slices.DeleteFunc(p.workers, func(w *worker) bool {
			gone := !w.busy && w.process != nil && w.gone()
			if gone {
				p.work.Go(w.end)
			}
			return gone
		})
		same, oldest := 0, -1
		for i, w := range p.workers {
			if w.result == s.ID {
				same++
				if !w.busy {
					w.busy = true
					p.mu.Unlock()
					return w, nil
				}
			}
			if !w.busy && (oldest < 0 || w.used.Before(p.workers[oldest].used)) {
				oldest = i
			}
		}
		freed := p.freed
		if same < p.o.PerResult && len(p.workers) >= p.o.Workers && oldest >= 0 {
			old := p.workers[oldest]
			p.workers = slices.Delete(p.workers, oldest, oldest+1)
			p.work.Go(old.end)
		}
		if same < p.o.PerResult && len(p.workers) < p.o.Workers {
			w := &worker{result: s.ID, busy: true}
			p.workers = append(p.workers, w)
			p.mu.Unlock()
			if err := p.start(ctx, w, s); err != nil {
				p.give(w, false)
				return nil, err
			}
			return w, nil
		}
		p.mu.Unlock()
		select {
		case <-freed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// give takes a worker back; one that is not well is ended.
func (p *Pool) give(w *worker, well bool) {
	p.mu.Lock()
	w.busy, w.used = false, time.Now()
	if !well || p.ctx.Err() != nil {
		p.workers = slices.DeleteFunc(p.workers, func(o *worker) bool { return o == w })
		p.work.Go(w.end)
	} else {
		p.expect() // only now, since starting it takes from those who wait for an answer
	}
	close(p.freed)
	p.freed = make(chan struct{})
	p.mu.Unlock()
}

// watch ends workers that nobody has used for a while, and all at the end.
func (p *Pool) watch() {
	tick := time.NewTicker(p.o.Idle / 4)
	defer tick.Stop()
	for {
		done := false
		select {
		case <-tick.C:
		case <-p.ctx.Done():
			done = true
		}
		p.mu.Lock()
		p.workers = slices.DeleteFunc(p.workers, func(w *worker) bool {
			over := !w.busy && (done || time.Since(w.used) >= p.o.Idle)
			if over {
				p.work.Go(w.end)
			}
			return over
		})
		if p.spare != nil && (done || time.Since(p.spareSince) >= p.o.Idle && len(p.workers) == 0) {
			p.work.Go(p.spare.end)
			p.spare = nil
		}
		p.mu.Unlock()
		if done {
			return
		}
	}
}
