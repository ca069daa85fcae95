package jupyter_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

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
		if strings.HasPrefix(path, "/v1") || strings.HasPrefix(path, "/signin") || strings.HasPrefix(path, "/signout") || strings.HasSuffix(path, "z") ||
			path == "/metrics" || path == "/{$}" || strings.HasSuffix(path, "{rest...}") && r.Access.Open == "there is nothing" {
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
