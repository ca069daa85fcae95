package cell

import (
	"sync"
	"time"

	"sextant/kernel/display"
	"sextant/kernel/engine"
)

// watch shows the progress of a long statement until it is stopped.
type watch struct {
	r    *run
	end  chan struct{}
	done sync.WaitGroup
	once sync.Once

	mu    sync.Mutex
	table *liveTable // the rows so far, once there are some
}

// watch begins to watch the session's running statement. The caller stops it before it shows the outcome.
func (r *run) watch() *watch {
	w := &watch{r: r, end: make(chan struct{})}
	p, ok := r.session.(engine.Progresser)
	if !ok || r.cell.Silent {
		return w
	}
	w.done.Go(func() {
		timer := time.NewTimer(progressAfter)
		defer timer.Stop()
		for {
			select {
			case <-w.end:
				return
			case <-timer.C:
				w.tick(p.Progress())
				timer.Reset(progressEvery)
			}
		}
	})
	return w
}

func (w *watch) tick(p engine.Progress) {
	b := display.Progress(p)
	w.mu.Lock()
	table := w.table
	w.mu.Unlock()
	if table != nil {
		b = table.under(b, p)
	}
	w.r.screen.progress(b)
}

// show lets progress show the rows so far as well.
func (w *watch) show(t *liveTable) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.table = t
}

// stop returns when no further progress will be shown. It may be called again.
func (w *watch) stop() {
	w.once.Do(func() { close(w.end) })
	w.done.Wait()
}

// under puts the rows so far under a progress line.
func (l *liveTable) under(line display.Bundle, p engine.Progress) display.Bundle {
	l.mu.Lock()
	rows := l.t.Rows()
	l.mu.Unlock()
	if rows == 0 {
		return line
	}
	b := l.bundle(display.Summary{TotalRows: -1, More: true, Elapsed: p.Elapsed})
	for mime, v := range b.Data {
		if text, ok := line.Data[mime].(string); ok {
			b.Data[mime] = text + "\n" + v.(string)
		}
	}
	b.Metadata = line.Metadata
	return b
}
