package server

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestQuietTrimsOnce(t *testing.T) {
	q := &quiet{}
	handler := q.watch(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	ask := func(path string) { handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", path, nil)) }
	ticks, done := make(chan time.Time), make(chan struct{})
	trims := 0
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer close(done)
		q.run(ctx, ticks, func() { trims++ })
	}()
	for i, step := range []struct {
		path string
		want int // trims altogether, after two ticks
	}{{"", 1}, {"", 1}, {"/v1/me", 2}, {"/x/healthz", 2}, {"/metrics", 2}, {"/readyz", 2}, {"/v1/me", 3}} {
		if step.path != "" {
			ask(step.path)
		}
		for range 3 { // the third is taken when the second has been dealt with
			ticks <- time.Time{}
		}
		if trims != step.want {
			t.Fatalf("step %d, %q: %d trims, want %d", i, step.path, trims, step.want)
		}
	}
	cancel()
	<-done
}
