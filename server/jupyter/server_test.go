package jupyter_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"sextant/server"
	"sextant/server/servertest"
)

var wildcard = regexp.MustCompile(`\{[^}]*\}`)

// open are the routes of Jupyter's clients that need no sign-in: the version, reports of browsers, where people sign in,
// and the front end's own files.
var open = []string{"GET /api", "POST /api/security/csp-report", "GET /login", "GET /logout", "GET /static/", "GET /lab/extensions/", "GET /lab/api/themes/"}

// TestNobodyIsRefused asks every route as nobody: only those listed answer, and each of the others says so in its own way.
func TestNobodyIsRefused(t *testing.T) {
	s := servertest.Start(t)
	asked := 0
	for _, r := range s.App.Routes() {
		method, path, _ := strings.Cut(r.Pattern, " ")
		if strings.HasPrefix(path, "/v1") || strings.HasPrefix(path, "/signin") || strings.HasPrefix(path, "/signout") || strings.HasPrefix(path, "/n/") || strings.HasPrefix(path, "/open/") || strings.HasPrefix(path, "/assets/") || strings.HasPrefix(path, "/frame/") || strings.HasPrefix(path, "/s/") || strings.HasPrefix(path, "/embed/") || strings.HasSuffix(path, "z") ||
			path == "/metrics" || path == "/content" || strings.HasPrefix(path, "/content/") || slices.Contains([]string{"/starred", "/recent", "/shared", "/trash", "/search", "/oembed"}, path) || path == "/{$}" || strings.HasSuffix(path, "{rest...}") && r.Access.Open == "there is nothing" {
			continue
		}
		free := false
		for _, o := range open {
			free = free || r.Pattern == o || strings.HasSuffix(o, "/") && strings.HasPrefix(r.Pattern, o)
		}
		path = wildcard.ReplaceAllString(path, "x")
		got := s.Do("", method, path, "{}")
		asked++
		refused := got.StatusCode == http.StatusForbidden || got.StatusCode == http.StatusFound && strings.HasPrefix(got.Header.Get("Location"), "/signin?next=")
		if refused == free && path != "/login" {
			t.Errorf("%s: %d %s", r.Pattern, got.StatusCode, got.Text)
		}
		if got.StatusCode == http.StatusForbidden && !strings.HasPrefix(got.Text, `{"message":"Forbidden"`) {
			t.Errorf("%s: %s", r.Pattern, got.Text)
		}
	}
	if asked < 50 {
		t.Errorf("only %d routes", asked)
	}
}

// TestUnknownIsToldInJupytersForm asks for what is not there, and in ways that only clean addresses have.
func TestUnknownIsToldInJupytersForm(t *testing.T) {
	s := servertest.Start(t)
	for _, path := range []string{"api/nothing", "lab/api/nothing", "api/contents/a//b", "api/contents/..%2f..%2fetc", "api/config/a-b", "api/kernelspecs/..%2fx", "kernelspecs/x/kernel.json"} {
		if got := s.Do(servertest.AdminToken, "GET", path, nil); got.StatusCode != http.StatusNotFound || !strings.HasPrefix(got.Text, "{") {
			t.Errorf("%s: %d %s", path, got.StatusCode, got.Text)
		}
	}
	// With and without a slash at the end, also where something may follow.
	for _, path := range []string{"api/contents", "api/contents/", "lab/api/workspaces", "lab/api/workspaces/", "api/config/x", "api/config/x/"} {
		if got := s.Do(servertest.AdminToken, "GET", path, nil); got.StatusCode != http.StatusOK {
			t.Errorf("%s: %d %s", path, got.StatusCode, got.Text)
		}
	}
	for _, path := range []string{"files", "files/", "static/lab", "static/lab/", "nbconvert/script", "kernelspecs"} {
		if got := s.Do(servertest.AdminToken, "GET", path, nil); got.StatusCode != http.StatusNotFound && got.StatusCode != http.StatusMethodNotAllowed && got.StatusCode != http.StatusBadRequest {
			t.Errorf("%s: %d %s", path, got.StatusCode, got.Text)
		}
	}
}

// TestOtherOrigins asks as pages of other sites do.
func TestOtherOrigins(t *testing.T) {
	const trusted, other = "https://lab.x.org", "https://evil.example"
	s := servertest.Start(t, func(c *server.Config) { c.TrustedOrigins = []string{trusted} })
	for _, c := range []struct {
		token, method, origin string
		status                int
		allowed               string
	}{
		{"", "OPTIONS", trusted, 204, trusted}, {"", "OPTIONS", other, 204, ""}, {"", "GET", other, 403, ""}, {"", "GET", trusted, 403, trusted},
		{servertest.AdminToken, "GET", trusted, 200, trusted}, {servertest.AdminToken, "GET", other, 200, other}, {servertest.AdminToken, "GET", "", 200, ""},
		{servertest.AdminToken, "PUT", trusted, 204, trusted}, {servertest.AdminToken, "PUT", other, 403, ""},
	} {
		headers := []string{}
		if c.origin != "" {
			headers = append(headers, "Origin", c.origin)
		}
		got := s.Do(c.token, c.method, "api/config/x", "{}", headers...)
		if got.StatusCode != c.status || got.Header.Get("Access-Control-Allow-Origin") != c.allowed {
			t.Errorf("%+v: %d %v", c, got.StatusCode, got.Header)
		}
	}
}

// TestSubscribersEndWithTheServer stops a server that pages listen to.
func TestSubscribersEndWithTheServer(t *testing.T) {
	s := servertest.Start(t)
	var all []*websocket.Conn
	for range 20 {
		conn, answer, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(s.URL, "http")+"api/events/subscribe",
			http.Header{"Authorization": {"token " + servertest.AdminToken}})
		if err != nil {
			t.Fatal(answer, err)
		}
		all = append(all, conn)
	}
	s.Want(http.StatusOK, servertest.AdminToken, "GET", "api/contents", nil)
	for _, conn := range all {
		if _, text, err := conn.ReadMessage(); err != nil || !strings.Contains(string(text), `"action":"get"`) {
			t.Errorf("%s %v", text, err)
		}
	}
	s.Stop()
	for _, conn := range all {
		_, _, err := conn.ReadMessage()
		var closed *websocket.CloseError
		if !errors.As(err, &closed) || closed.Code != websocket.CloseGoingAway {
			t.Error(err)
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestLabDirMustBeThere starts with a directory that holds no JupyterLab.
func TestLabDirMustBeThere(t *testing.T) {
	c := server.Config{Data: t.TempDir(), Listen: "127.0.0.1:0", BaseURL: "/", Admin: "admin@localhost", SignInLink: "never", Session: 1, MaxSize: 1, TrashDays: 1, LabDir: t.TempDir()}
	if err := c.Complete(); err != nil {
		t.Fatal(err)
	}
	app, err := server.Open(t.Context(), c, slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err == nil || !strings.Contains(err.Error(), "lab-dir") || !strings.Contains(err.Error(), "static/index.html") {
		t.Error(err, app)
	}
}

// TestBasePaths gives the base path in the forms that people write it in.
func TestBasePaths(t *testing.T) {
	for base, want := range map[string]string{"/": "/", "x": "/x/", "/a@b/": "/a@b/", "/a%40b/": "/a@b/", "/ü x/": "/%C3%BC%20x/", "/%C3%BC%20x": "/%C3%BC%20x/"} {
		s := servertest.Start(t, func(c *server.Config) { c.BaseURL = base })
		if !strings.HasSuffix(s.URL, want) {
			t.Errorf("%q: %s", base, s.URL)
		}
		made := s.Want(http.StatusCreated, servertest.AdminToken, "PUT", "api/contents/home/admin@localhost/a%20%2525.txt", map[string]string{"type": "file", "format": "text", "content": "x"})
		if at := made.Header.Get("Location"); at != want+"api/contents/home/admin@localhost/a%20%2525.txt" {
			t.Errorf("%q: %s", base, at)
		}
		if got := s.Want(http.StatusOK, servertest.AdminToken, "GET", "files/home/admin@localhost/a%20%2525.txt", nil); got.Text != "x" {
			t.Errorf("%q: %s", base, got.Text)
		}
		// An encoded slash in a name must not make the base path shorter or longer.
		if got := s.Do(servertest.AdminToken, "GET", "lab/api/settings/@x%2Fy:z", nil); got.StatusCode != http.StatusNotFound || !strings.HasPrefix(got.Text, `{"message"`) {
			t.Errorf("%q: %d %s", base, got.StatusCode, got.Text)
		}
	}
	for _, base := range []string{"/a?b/", "/a#b/", "/a%2Fb/", "/a//b/", "/50%/"} {
		c := server.Config{Data: t.TempDir(), Listen: "127.0.0.1:0", BaseURL: base, Admin: "admin@localhost", Session: 1, MaxSize: 1, TrashDays: 1}
		if err := c.Complete(); err == nil || !strings.Contains(err.Error(), "base-url") {
			t.Errorf("%q: %v", base, err)
		}
	}
}
