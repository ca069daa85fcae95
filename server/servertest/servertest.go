// Package servertest runs the real server for tests: on a free port, with a SQLite database and a blob store on disk.
package servertest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"sextant/server"
)

// AdminToken signs the first administrator in.
const AdminToken = "servertest-administrator"

// Server is a running server.
type Server struct {
	// App is the server itself; URL is where it is, with its base path and a slash at the end.
	App *server.App
	URL string
	// Log is what it logged.
	Log *Log

	t    testing.TB
	stop func()
}

// Log is a log that can be read while it is written.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String is all of the log.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// Start runs a server over a new directory until the test ends. Each change is made to its configuration first.
func Start(t testing.TB, changes ...func(*server.Config)) *Server {
	t.Helper()
	config := server.Config{Data: t.TempDir(), Listen: "127.0.0.1:0", BaseURL: "/", Admin: "admin@localhost", AdminToken: AdminToken,
		SignInLink: "auto", Passwords: true, Session: time.Hour, MaxSize: 64 << 20, TrashDays: 30, LogLevel: "debug"}
	for _, change := range changes {
		change(&config)
	}
	if err := config.Complete(); err != nil {
		t.Fatal(err)
	}
	s := &Server{Log: &Log{}, t: t}
	log := slog.New(slog.NewJSONHandler(s.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	app, err := server.Open(t.Context(), config, log)
	if err != nil {
		t.Fatal(err)
	}
	s.App, s.URL = app, app.URL()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- app.Run(ctx) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error("run:", err)
		}
		if err := app.Close(); err != nil {
			t.Error("close:", err)
		}
	})
	t.Cleanup(s.stop)
	return s
}

// Stop stops the server before the test ends.
func (s *Server) Stop() { s.stop() }

// Browser is a client that keeps cookies and follows redirects.
func (s *Server) Browser() *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &http.Client{Jar: jar}
}

// Answer is a response with its whole body.
type Answer struct {
	*http.Response
	Text string
}

// JSON reads the body.
func (a Answer) JSON(t testing.TB) map[string]any {
	t.Helper()
	out := map[string]any{}
	if err := json.Unmarshal([]byte(a.Text), &out); err != nil {
		t.Fatalf("%d %s: %v", a.StatusCode, a.Text, err)
	}
	return out
}

// Do sends a request as whom a token belongs to; empty is nobody. headers are names and values in turn. A body that is no
// string or reader is sent as JSON.
func (s *Server) Do(token, method, path string, body any, headers ...string) Answer {
	s.t.Helper()
	var r io.Reader
	kind := ""
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	case io.Reader:
		r = b
	default:
		text, err := json.Marshal(b)
		if err != nil {
			s.t.Fatal(err)
		}
		r, kind = bytes.NewReader(text), "application/json"
	}
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+strings.TrimPrefix(path, "/"), r)
	if err != nil {
		s.t.Fatal(err)
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	if token != "" {
		request.Header.Set("Authorization", "token "+token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	return s.Send(http.DefaultTransport, request)
}

// Send sends one request, without following redirects.
func (s *Server) Send(by http.RoundTripper, request *http.Request) Answer {
	s.t.Helper()
	response, err := by.RoundTrip(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return Answer{response, string(text)}
}

// Want sends a request as Do does and fails the test where the status is another.
func (s *Server) Want(status int, token, method, path string, body any, headers ...string) Answer {
	s.t.Helper()
	a := s.Do(token, method, path, body, headers...)
	if a.StatusCode != status {
		s.t.Fatalf("%s %s: status %d, want %d: %s", method, path, a.StatusCode, status, a.Text)
	}
	return a
}

// User adds a user and gives a token of theirs.
func (s *Server) User(address string) string {
	s.t.Helper()
	member := "user:" + address
	s.Want(http.StatusNoContent, AdminToken, "PUT", "v1/principals/"+url.PathEscape(member), map[string]any{"displayName": address})
	a := s.Want(http.StatusCreated, AdminToken, "POST", "v1/tokens", map[string]any{"principal": member, "name": "test"})
	return fmt.Sprint(a.JSON(s.t)["secret"])
}
