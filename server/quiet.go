package server

import (
	"context"
	"net/http"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"sextant/kernel/memory"
)

// quietFor is how long nobody must have asked for anything before memory is given back.
const quietFor = 10 * time.Second

// quiet notices when a server has nothing to do. What it then gives back comes again with use: program and database from
// the system's page cache within a few milliseconds.
type quiet struct{ used atomic.Bool }

// watch notes requests. Those of monitoring, which come for ever, do not count.
func (q *quiet) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/healthz") || strings.HasSuffix(r.URL.Path, "/readyz") || strings.HasSuffix(r.URL.Path, "/metrics") {
			next.ServeHTTP(w, r)
			return
		}
		q.used.Store(true)
		defer q.used.Store(true)
		next.ServeHTTP(w, r)
	})
}

// run calls trim after each tick before which nothing was used, once until something is used again.
func (q *quiet) run(ctx context.Context, ticks <-chan time.Time, trim func()) {
	trimmed := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks:
		}
		if q.used.Swap(false) {
			trimmed = false
			continue
		}
		if !trimmed {
			trim()
			trimmed = true
		}
	}
}

// trim gives back to the system what earlier requests needed and nothing uses now.
func (a *App) trim(ctx context.Context) {
	if err := a.stores.Trim(ctx); err != nil && ctx.Err() == nil {
		a.log.Warn("memory of the database could not be given back", "error", err)
	}
	debug.FreeOSMemory()
	memory.UnmapFiles()
}
