package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"sextant/content"
	"sextant/server/web"
)

// logged is a log that can be read while it is written.
type logged struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// serve answers every request with one handler, below everything that Wrap adds.
func serve(t *testing.T, h web.Handler) (url string, log *logged) {
	t.Helper()
	rt := web.NewRouter()
	rt.Handle("GET /{path...}", web.Access{Open: "a test"}, h)
	rt.Handle("POST /{path...}", web.Access{Open: "a test"}, h)
	log = &logged{}
	handler, err := web.Wrap(rt, web.Options{Log: slog.New(slog.NewJSONHandler(log, nil)), Metrics: web.NewMetrics()})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s.URL, log
}

func get(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

func TestErrorsHaveOneTable(t *testing.T) {
	secret := errors.New("dial postgres at db.internal with password hunter2")
	for _, c := range []struct {
		err    error
		status int
		says   string
	}{
		{fmt.Errorf("reading x: %w", content.ErrNotFound), 404, "not found"},
		{content.ErrDenied, 403, "permission denied"},
		{errors.Join(content.ErrDenied, secret), 403, "permission denied"},
		{content.ErrUnauthenticated, 401, "sign-in required"},
		{content.ErrExists, 409, "already exists"},
		{&content.ConflictError{Base: "a", Current: content.Revision{ID: "b"}}, 409, "based on revision a"},
		{&web.PreconditionError{Conflict: &content.ConflictError{Base: "a"}}, 412, "based on revision a"},
		{content.ErrPrecondition, 412, "precondition failed"},
		{fmt.Errorf("%w name: empty", content.ErrInvalid), 400, "invalid name: empty"},
		{content.ErrLastOwner, 409, "last owner"},
		{content.ErrTooLarge, 413, "too large"},
		{&http.MaxBytesError{Limit: 3}, 413, "too large"},
		{content.ErrGone, 410, "does not go back"},
		{content.ErrRetry, 503, "try again"},
		{content.ErrClosed, 503, "service unavailable"},
		{content.ErrCorrupt, 500, "damaged"},
		{context.DeadlineExceeded, 504, "gateway timeout"},
		{&web.StatusError{Status: 429, Text: "slower", RetryAfter: 3 * time.Second}, 429, "slower"},
		{secret, 500, "internal server error"},
	} {
		url, log := serve(t, func(http.ResponseWriter, *http.Request) error { return c.err })
		answer, text := get(t, url)
		var p web.Problem
		if err := json.Unmarshal([]byte(text), &p); err != nil || answer.StatusCode != c.status || p.Status != c.status || !strings.Contains(p.Detail, c.says) ||
			p.RequestID == "" || p.RequestID != answer.Header.Get("X-Request-Id") || answer.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%v: %d %s", c.err, answer.StatusCode, text)
		}
		if strings.Contains(text, "hunter2") || c.status == 404 && p.Detail != c.says {
			t.Errorf("%v is shown: %s", c.err, text)
		}
		if c.err == secret && !strings.Contains(log.String(), "hunter2") {
			t.Errorf("what went wrong is not in the log: %s", log)
		}
		if c.status == 429 && answer.Header.Get("Retry-After") != "3" {
			t.Errorf("Retry-After %q", answer.Header.Get("Retry-After"))
		}
	}
}

func TestPanicsAreAnswered(t *testing.T) {
	url, log := serve(t, func(w http.ResponseWriter, r *http.Request) error {
		if r.URL.Path == "/late" {
			w.Header().Set("Content-Length", "10")
			_, _ = w.Write([]byte("half"))
			_ = http.NewResponseController(w).Flush()
		}
		panic("kaputt")
	})
	answer, text := get(t, url+"/early?token=verysecret")
	if answer.StatusCode != 500 || strings.Contains(text, "kaputt") {
		t.Errorf("%d %s", answer.StatusCode, text)
	}
	if answer, err := http.Get(url + "/late"); err == nil {
		if _, err := io.ReadAll(answer.Body); err == nil {
			t.Error("half an answer looks whole")
		}
		answer.Body.Close()
	}
	if l := log.String(); strings.Count(l, "kaputt") != 2 || !strings.Contains(l, "web_test.go") || strings.Contains(l, "verysecret") {
		t.Errorf("log: %s", l)
	}
	// The server goes on.
	if answer, _ := get(t, url+"/again"); answer.StatusCode != 500 {
		t.Errorf("%d", answer.StatusCode)
	}
}

func TestUnknownRoutes(t *testing.T) {
	rt := web.NewRouter()
	rt.Handle("GET /known", web.Access{Open: "a test"}, func(w http.ResponseWriter, _ *http.Request) error {
		return web.WriteJSON(w, 200, "x")
	})
	for path, want := range map[string]int{"GET /known": 200, "HEAD /known": 200, "POST /known": 405, "GET /other": 404, "GET //known": 404, "GET /a/../known": 404, "GET /known/": 404} {
		method, target, _ := strings.Cut(path, " ")
		w := httptest.NewRecorder()
		rt.ServeHTTP(w, httptest.NewRequest(method, target, nil))
		if w.Code != want || want == 405 && w.Header().Get("Allow") != "GET, HEAD" || want >= 400 && !strings.HasPrefix(w.Body.String(), "{") {
			t.Errorf("%s: %d %v %s", path, w.Code, w.Header(), w.Body)
		}
	}
	if routes := rt.Routes(); len(routes) != 1 || routes[0].Pattern != "GET /known" {
		t.Errorf("%v", routes)
	}
}

func TestMalformedOriginIsRefusedAtStart(t *testing.T) {
	if _, err := web.Wrap(web.NewRouter(), web.Options{TrustedOrigins: []string{"lab.x.org/path"}}); err == nil {
		t.Error("no error")
	}
}
