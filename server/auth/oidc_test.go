package auth_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"

	"sextant/server"
	"sextant/server/auth"
	"sextant/server/servertest"
)

// users are the accounts of the provider that the tests run.
type users map[string]*storage.User

func (u users) GetUserByID(id string) *storage.User { return u[id] }
func (u users) GetUserByUsername(name string) *storage.User {
	for _, user := range u {
		if user.Username == name {
			return user
		}
	}
	return nil
}
func (users) ExampleClientID() string { return "service" }

// directory is the example provider's storage with groups, which it tells at its user info endpoint only, as large
// directories do.
type directory struct {
	*storage.Storage
	groups map[string][]string
}

func (d *directory) SetUserinfoFromToken(ctx context.Context, info *oidc.UserInfo, tokenID, subject, origin string) error {
	info.AppendClaims("groups", d.groups[subject])
	return d.Storage.SetUserinfoFromToken(ctx, info, tokenID, subject, origin)
}

// startProvider runs zitadel's OpenID provider for one client.
func startProvider(t *testing.T, redirect func() string) (issuer string, dir *directory) {
	t.Helper()
	accounts := users{
		"1": {ID: "1", Username: "ana", Password: "anas password", FirstName: "Ana", LastName: "Ito", Email: "Ana@X.org", EmailVerified: true},
		"2": {ID: "2", Username: "eve", Password: "eves password", Email: "eve@evil.org", EmailVerified: true},
		"3": {ID: "3", Username: "una", Password: "unas password", Email: "una@x.org"},
	}
	var handler http.Handler
	p := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(p.Close)
	client := storage.WebClient("sextant", "the client's secret", redirect())
	dir = &directory{Storage: storage.NewStorageWithClients(accounts, map[string]*storage.Client{"sextant": client}),
		groups: map[string][]string{"1": {"risk", "/finance/q3"}}}
	handler = exampleop.SetupServer(p.URL, dir, nil, false)
	return p.URL, dir
}

// startBoth runs a server and the provider that it trusts. The provider must know where the server is, and the server
// where the provider is: the server's address is what people call it by, kept the same by a proxy's header.
func startBoth(t *testing.T) (s *servertest.Server, front string, dir *directory) {
	t.Helper()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u, _ := url.Parse(s.URL)
		out := r.Clone(r.Context())
		out.URL.Scheme, out.URL.Host, out.RequestURI = "http", u.Host, ""
		out.Header.Set("X-Forwarded-Host", r.Host)
		answer, err := http.DefaultTransport.RoundTrip(out)
		if err != nil {
			t.Error(err)
			return
		}
		defer answer.Body.Close()
		for name, values := range answer.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(answer.StatusCode)
		_, _ = io.Copy(w, answer.Body)
	}))
	t.Cleanup(proxy.Close)
	issuer, dir := startProvider(t, func() string { return proxy.URL + "/x/signin/oidc/dir/callback" })
	s = servertest.Start(t, func(c *server.Config) {
		c.BaseURL, c.TrustedProxies = "/x/", []string{"127.0.0.1"}
		c.Providers = []auth.Provider{
			{Name: "dir", Title: "Directory", Issuer: issuer, ClientID: "sextant", ClientSecret: "the client's secret",
				GroupsClaim: "groups", GroupsDomain: "x.org", Domains: []string{"x.org"}},
			{Name: "gone", Issuer: "http://127.0.0.1:1", ClientID: "sextant", Domains: []string{"gone.org"}},
		}
	})
	return s, proxy.URL, dir
}

var hidden = regexp.MustCompile(`name="id" value="([^"]+)"`)

// visit gets an address and gives where the browser ended up.
func visit(t *testing.T, b *http.Client, method, address string, form url.Values) servertest.Answer {
	t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(t.Context(), method, address, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := b.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return servertest.Answer{Response: answer, Text: string(text)}
}

// signInWith goes through the provider's own page with a name and a password.
func signInWith(t *testing.T, b *http.Client, front, name, password string) servertest.Answer {
	t.Helper()
	page := visit(t, b, "GET", front+"/x/signin/oidc/dir?next=/x/v1/me", nil)
	id := hidden.FindStringSubmatch(page.Text)
	if id == nil {
		t.Fatalf("no provider's page: %d %s", page.StatusCode, page.Text)
	}
	u := page.Request.URL
	return visit(t, b, "POST", u.Scheme+"://"+u.Host+"/login/username", url.Values{"id": {id[1]}, "username": {name}, "password": {password}})
}

func TestSignInByOIDC(t *testing.T) {
	s, front, dir := startBoth(t)
	b := s.Browser()
	got := signInWith(t, b, front, "ana", "anas password")
	if got.StatusCode != http.StatusOK || got.Request.URL.Path != "/x/v1/me" {
		t.Fatalf("ended at %s: %d %s", got.Request.URL, got.StatusCode, got.Text)
	}
	self := got.JSON(t)
	if self["member"] != "user:ana@x.org" || self["displayName"] != "Ana Ito" {
		t.Errorf("signed in as %v", self)
	}
	if groups := self["groups"]; !slices.Equal(groups.([]any), []any{"group:finance.q3@x.org", "group:risk@x.org"}) {
		t.Errorf("groups %v", groups)
	}
	// The next sign-in follows what the provider says then.
	dir.groups["1"] = []string{"sales"}
	again := signInWith(t, s.Browser(), front, "ana", "anas password").JSON(t)
	if groups := again["groups"]; !slices.Equal(groups.([]any), []any{"group:sales@x.org"}) {
		t.Errorf("groups after a change %v", groups)
	}
	// Several ways in stand beside each other.
	page := visit(t, s.Browser(), "GET", front+"/x/signin", nil).Text
	for _, want := range []string{`name="password"`, "Sign in with Directory", "Sign in with gone"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func TestOIDCRefuses(t *testing.T) {
	s, front, _ := startBoth(t)
	for _, c := range []struct{ name, password, says string }{
		{"eve", "eves password", "addresses of evil.org are not let in"},
		{"una", "unas password", "has not verified the address"},
	} {
		b := s.Browser()
		got := signInWith(t, b, front, c.name, c.password)
		if got.StatusCode != http.StatusUnauthorized || !strings.Contains(got.Text, c.says) {
			t.Errorf("%s: %d %s", c.name, got.StatusCode, got.Text)
		}
		if me := visit(t, b, "GET", front+"/x/v1/me", nil); me.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s is signed in: %s", c.name, me.Text)
		}
	}
	// An answer that another browser asked for signs nobody in.
	var stolen string
	victim, attacker := s.Browser(), s.Browser()
	attacker.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if strings.HasSuffix(r.URL.Path, "/callback") && strings.HasPrefix(r.URL.String(), front) {
			stolen = r.URL.String()
			return http.ErrUseLastResponse
		}
		return nil
	}
	signInWith(t, attacker, front, "ana", "anas password")
	if stolen == "" {
		t.Fatal("no answer to steal")
	}
	if got := visit(t, victim, "GET", stolen, nil); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("a stranger's answer signs in: %d", got.StatusCode)
	}
	// Not even a browser that is on its way to the provider itself.
	visit(t, victim, "GET", front+"/x/signin/oidc/dir", nil)
	if got := visit(t, victim, "GET", stolen, nil); got.StatusCode != http.StatusUnauthorized || !strings.Contains(s.Log.String(), "the state is not the one that was sent") {
		t.Errorf("a stranger's answer is taken for one's own: %d", got.StatusCode)
	}
	// Nor does an answer twice: the code is used up, and the state with it.
	attacker.CheckRedirect = nil
	if got := visit(t, attacker, "GET", stolen, nil); got.StatusCode != http.StatusOK {
		t.Errorf("the browser that asked is refused: %d %s", got.StatusCode, got.Text)
	}
	if got := visit(t, attacker, "GET", stolen, nil); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("an answer signs in twice: %d", got.StatusCode)
	}
	if got := visit(t, s.Browser(), "GET", front+"/x/signin/oidc/gone", nil); got.StatusCode != http.StatusBadGateway {
		t.Errorf("a provider that is gone: %d", got.StatusCode)
	}
	if got := visit(t, s.Browser(), "GET", front+"/x/signin/oidc/nobody", nil); got.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown provider: %d", got.StatusCode)
	}
}
