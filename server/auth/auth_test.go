package auth_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sextant/server"
	"sextant/server/auth"
	"sextant/server/servertest"
)

const password = "correct horse battery"

// withPassword adds a user who has a password.
func withPassword(s *servertest.Server, address string) (token string) {
	token = s.User(address)
	s.Want(http.StatusNoContent, servertest.AdminToken, "PUT", "v1/principals/user:"+address+"/password", map[string]any{"password": password})
	return token
}

func form(user, password string) url.Values {
	return url.Values{"user": {user}, "password": {password}}
}

func TestSignInByPassword(t *testing.T) {
	s := servertest.Start(t, func(c *server.Config) { c.BaseURL = "/x/" })
	withPassword(s, "ana@x.org")
	b := s.Browser()
	if got := visit(t, b, "POST", s.URL+"signin", form("ana@x.org", "wrong horse battery")); got.StatusCode != http.StatusUnauthorized ||
		!strings.Contains(got.Text, `role="alert"`) || len(got.Cookies()) != 0 {
		t.Errorf("a wrong password: %d %s", got.StatusCode, got.Text)
	}
	f := form("ANA@x.org", password)
	f.Set("next", "/x/v1/me")
	got := visit(t, b, "POST", s.URL+"signin", f)
	if got.StatusCode != http.StatusOK || got.JSON(t)["member"] != "user:ana@x.org" {
		t.Fatalf("%d %s", got.StatusCode, got.Text)
	}
	if home := visit(t, b, "GET", s.URL, nil); !strings.Contains(home.Text, "Signed in as <strong>ana@x.org</strong>") {
		t.Errorf("home: %s", home.Text)
	}
	visit(t, b, "POST", s.URL+"signout", url.Values{})
	if me := visit(t, b, "GET", s.URL+"v1/me", nil); me.StatusCode != http.StatusUnauthorized {
		t.Errorf("signed out and still %d", me.StatusCode)
	}
	// Where to go afterwards is never another site.
	for _, next := range []string{"https://evil.org/", "//evil.org/", "/x//../../evil", `/x/\evil.org`, "/y/", "/x/signin?token=a"} {
		f.Set("next", next)
		r, _ := http.NewRequestWithContext(t.Context(), "POST", s.URL+"signin", strings.NewReader(f.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		to := s.Send(http.DefaultTransport, r).Header.Get("Location")
		if u, err := url.Parse(to); err != nil || u.Host != "" || !strings.HasPrefix(to, "/x/") || strings.Contains(to, "signin") || strings.ContainsRune(to, '\\') {
			t.Errorf("next %q leads to %q", next, to)
		}
	}
}

func TestSessionCookie(t *testing.T) {
	s := servertest.Start(t, func(c *server.Config) { c.BaseURL, c.TrustedProxies = "/x/", []string{"127.0.0.0/8"} })
	withPassword(s, "ana@x.org")
	signIn := func(proto string) *http.Cookie {
		r, _ := http.NewRequestWithContext(t.Context(), "POST", s.URL+"signin", strings.NewReader(form("ana@x.org", password).Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Forwarded-Proto", proto)
		got := s.Send(http.DefaultTransport, r)
		if got.StatusCode != http.StatusSeeOther || len(got.Cookies()) != 1 {
			t.Fatalf("%d %v", got.StatusCode, got.Header)
		}
		return got.Cookies()[0]
	}
	c := signIn("http")
	if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/x/" || c.Secure {
		t.Errorf("cookie %v", c)
	}
	if c := signIn("https"); !c.Secure {
		t.Errorf("by TLS at the proxy: %v", c)
	}
	me := s.Want(http.StatusOK, "", "GET", "v1/me", nil, "Cookie", c.Name+"="+c.Value).JSON(t)
	if me["member"] != "user:ana@x.org" {
		t.Errorf("%v", me)
	}
	// A new password ends the sessions of who knew the old one, and so does taking the account away.
	s.Want(http.StatusNoContent, servertest.AdminToken, "PUT", "v1/principals/user:ana@x.org/password", map[string]any{"password": password + "!"})
	s.Want(http.StatusUnauthorized, "", "GET", "v1/me", nil, "Cookie", c.Name+"="+c.Value)
}

func TestChangeOwnPassword(t *testing.T) {
	s := servertest.Start(t)
	token := withPassword(s, "ana@x.org")
	change := func(current, next string) map[string]any { return map[string]any{"current": current, "password": next} }
	s.Want(http.StatusForbidden, token, "PUT", "v1/me/password", change("wrong horse battery", "another horse"))
	s.Want(http.StatusForbidden, token, "PUT", "v1/principals/user:ana@x.org/password", map[string]any{"password": "another horse"})
	s.Want(http.StatusBadRequest, token, "PUT", "v1/me/password", change(password, "short"))
	s.Want(http.StatusNoContent, token, "PUT", "v1/me/password", change(password, "another horse"))
	if got := visit(t, s.Browser(), "POST", s.URL+"signin", form("ana@x.org", "another horse")); got.StatusCode != http.StatusOK {
		t.Errorf("the new password: %d", got.StatusCode)
	}
}

func TestLinkSignsInOnce(t *testing.T) {
	s := servertest.Start(t, func(c *server.Config) { c.SignInLink = "always" })
	link, err := s.App.SignInURL(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// A program that looks ahead, or a page of another site, does not use the link up.
	for _, header := range [][2]string{{"Sec-Purpose", "prefetch"}, {"Sec-Fetch-Site", "cross-site"}} {
		r, _ := http.NewRequestWithContext(t.Context(), "GET", link, nil)
		r.Header.Set(header[0], header[1])
		if got := s.Send(http.DefaultTransport, r); got.StatusCode != http.StatusOK || !strings.Contains(got.Text, "Sign in with this link") || len(got.Cookies()) != 0 {
			t.Errorf("%s: %d", header[0], got.StatusCode)
		}
	}
	b := s.Browser()
	if got := visit(t, b, "GET", link, nil); !strings.Contains(got.Text, "Signed in as <strong>Administrator</strong>") || strings.Contains(got.Request.URL.String(), "token") {
		t.Errorf("%s %s", got.Request.URL, got.Text)
	}
	if got := visit(t, s.Browser(), "GET", link, nil); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("followed twice: %d", got.StatusCode)
	}
	s.User("bo@x.org")
	path := s.Want(http.StatusCreated, servertest.AdminToken, "POST", "v1/principals/user:bo@x.org/sign-in-link", map[string]any{}).JSON(t)["path"].(string)
	if got := visit(t, b, "GET", s.URL+path+"&next=/v1/me", nil); !strings.Contains(got.Text, `<a class="button" href="/v1/me">Not now</a>`) {
		t.Errorf("%s", got.Text)
	}
	if got := visit(t, b, "GET", s.URL+"v1/me", nil); got.JSON(t)["member"] != "user:bo@x.org" {
		t.Errorf("%s", got.Text)
	}
	secret := link[strings.Index(link, "token=")+6:]
	if strings.Contains(s.Log.String(), secret) {
		t.Error("the link is in the log")
	}
}

func TestTokens(t *testing.T) {
	s := servertest.Start(t)
	ana := s.User("ana@x.org")
	for name, header := range map[string]string{"token": "token " + ana, "Bearer": "Bearer " + ana, "bearer": "bearer  " + ana} {
		if me := s.Want(http.StatusOK, "", "GET", "v1/me", nil, "Authorization", header).JSON(t); me["member"] != "user:ana@x.org" {
			t.Errorf("%s: %v", name, me)
		}
	}
	s.Want(http.StatusOK, "", "GET", "v1/me?token="+ana+"&fields=member", nil)
	for _, bad := range []string{"token ", "token sxt_wrong", "Basic YTpi", "Bearer"} {
		got := s.Want(http.StatusUnauthorized, "", "GET", "v1/roles", nil, "Authorization", bad)
		if got.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%q: no WWW-Authenticate", bad)
		}
	}
	s.Want(http.StatusUnauthorized, "", "GET", "v1/roles?token=", nil)
	if strings.Contains(s.Log.String(), ana) {
		t.Error("a token is in the log")
	}
	// A scoped token does what it is for, and makes none that does more.
	scoped := s.Want(http.StatusCreated, ana, "POST", "v1/tokens", map[string]any{"name": "reads", "permissions": []string{"resources.get"}}).JSON(t)
	secret := scoped["secret"].(string)
	s.Want(http.StatusForbidden, secret, "POST", "v1/tokens", map[string]any{"name": "more", "permissions": []string{"documents.read"}})
	s.Want(http.StatusForbidden, secret, "PUT", "v1/me/password", map[string]any{"password": "another horse"})
	listed := s.Want(http.StatusOK, ana, "GET", "v1/tokens", nil)
	if strings.Contains(listed.Text, secret) || !strings.Contains(listed.Text, `"lastUsed"`) {
		t.Errorf("list of tokens: %s", listed.Text)
	}
	s.Want(http.StatusNoContent, ana, "DELETE", "v1/tokens/"+scoped["id"].(string), nil)
	s.Want(http.StatusUnauthorized, secret, "GET", "v1/roles", nil)
	// One that has been disabled has no token that opens anything.
	s.Want(http.StatusNoContent, servertest.AdminToken, "POST", "v1/principals/user:ana@x.org/disable", nil)
	s.Want(http.StatusUnauthorized, ana, "GET", "v1/me", nil)
	s.Want(http.StatusNoContent, servertest.AdminToken, "POST", "v1/principals/user:ana@x.org/enable", nil)
	s.Want(http.StatusOK, ana, "GET", "v1/me", nil)
	// Service accounts have tokens of their own.
	s.Want(http.StatusNoContent, servertest.AdminToken, "PUT", "v1/principals/serviceAccount:nightly", map[string]any{})
	nightly := s.Want(http.StatusCreated, servertest.AdminToken, "POST", "v1/tokens", map[string]any{"name": "ci", "principal": "serviceAccount:nightly"}).JSON(t)["secret"].(string)
	if me := s.Want(http.StatusOK, nightly, "GET", "v1/me", nil).JSON(t); me["member"] != "serviceAccount:nightly" {
		t.Errorf("%v", me)
	}
}

func TestSignInIsLimited(t *testing.T) {
	s := servertest.Start(t, func(c *server.Config) { c.TrustedProxies = []string{"127.0.0.1"} })
	withPassword(s, "ana@x.org")
	attempt := func(address, user string) servertest.Answer {
		r, _ := http.NewRequestWithContext(t.Context(), "POST", s.URL+"signin", strings.NewReader(form(user, "wrong horse battery").Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Forwarded-For", address)
		return s.Send(http.DefaultTransport, r)
	}
	var limited atomic.Int32
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() {
			if got := attempt("192.0.2.1", "nobody@x.org"); got.StatusCode == http.StatusTooManyRequests {
				limited.Add(1)
				if got.Header.Get("Retry-After") == "" {
					t.Error("no Retry-After")
				}
			}
		})
	}
	wg.Wait()
	if n := limited.Load(); n < 15 || n > 20 {
		t.Errorf("%d of 30 attempts from one address were refused", n)
	}
	if got := attempt("192.0.2.2", "ana@x.org"); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("another address: %d", got.StatusCode)
	}
	// Another address for each attempt does not help against one account, nor do addresses of one IPv6 customer.
	refused := 0
	for i := range 40 {
		if attempt("198.51.100."+string(rune('0'+i%10))+string(rune('0'+i/10)), "ana@x.org").StatusCode == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused < 15 {
		t.Errorf("%d of 40 attempts at one account were refused", refused)
	}
}

func TestCrossSiteRequestsAreRefused(t *testing.T) {
	s := servertest.Start(t, func(c *server.Config) { c.TrustedOrigins = []string{"https://lab.x.org"} })
	for _, c := range []struct {
		header, value string
		want          int
	}{
		{"Sec-Fetch-Site", "cross-site", http.StatusForbidden},
		{"Sec-Fetch-Site", "same-site", http.StatusForbidden},
		{"Origin", "https://evil.org", http.StatusForbidden},
		{"Origin", "null", http.StatusForbidden},
		{"Sec-Fetch-Site", "same-origin", http.StatusSeeOther},
		{"Origin", "https://lab.x.org", http.StatusSeeOther},
	} {
		if got := s.Do("", "POST", "signout", nil, c.header, c.value); got.StatusCode != c.want {
			t.Errorf("%s: %s: %d, want %d", c.header, c.value, got.StatusCode, c.want)
		}
	}
}

func TestForwardingHeadersOfStrangersAreNotBelieved(t *testing.T) {
	s := servertest.Start(t)
	s.Want(http.StatusUnauthorized, "", "GET", "v1/me", nil, "X-Forwarded-For", "203.0.113.7", "X-Request-Id", "mine")
	if log := s.Log.String(); strings.Contains(log, "203.0.113.7") || strings.Contains(log, `"mine"`) {
		t.Error("a client chose its own address or request id")
	}
	proxied := servertest.Start(t, func(c *server.Config) { c.TrustedProxies = []string{"127.0.0.1", "10.0.0.0/8"} })
	proxied.Want(http.StatusUnauthorized, "", "GET", "v1/me", nil, "X-Forwarded-For", "198.51.100.9, 203.0.113.7, 10.1.2.3", "X-Request-Id", "mine")
	if log := proxied.Log.String(); !strings.Contains(log, `"address":"203.0.113.7"`) || !strings.Contains(log, `"id":"mine"`) {
		t.Errorf("behind proxies: %s", log)
	}
}

func TestPasswordHash(t *testing.T) {
	p := auth.NewPasswords()
	hash, err := p.Hash(t.Context(), password)
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Fatal(hash, err)
	}
	for given, want := range map[string]bool{password: true, password + " ": false, "": false, strings.Repeat("a", 2000): false} {
		if got, err := p.Matches(t.Context(), given, hash); err != nil || got != want {
			t.Errorf("%.30q matches: %v %v", given, got, err)
		}
	}
	for _, bad := range []string{"", "x", "$argon2id$v=19$m=99999999,t=2,p=1$AAAA$AAAA", "$argon2i$v=19$m=19456,t=2,p=1$AAAA$AAAA", strings.Replace(hash, "$argon2id", "argon2id", 1)} {
		begin := time.Now()
		if got, err := p.Matches(t.Context(), password, bad); got || err != nil {
			t.Errorf("%q matches: %v", bad, err)
		}
		if time.Since(begin) < time.Millisecond {
			t.Errorf("%q is refused faster than a wrong password", bad)
		}
	}
}
