package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sextant/content"
	"sextant/content/iam"
	"sextant/server/web"
)

// MinAdminToken is the shortest administrator's token that is accepted.
const MinAdminToken = 16

// Options is what an Auth is made of.
type Options struct {
	Service *content.Service
	// Base is the path below which the server answers, with a slash at either end, escaped as in addresses.
	Base string
	// PublicURL is where people reach the server, with Base's path; empty takes what each request says.
	PublicURL string
	// Admin is who AdminToken signs in.
	Admin iam.Member
	// AdminToken, where not empty, is a token that is known from the configuration instead of the store.
	AdminToken string
	// Passwords lets people sign in by password.
	Passwords bool
	Providers []Provider
	// Lifetime is how long a session lasts; 0 is 30 days.
	Lifetime time.Duration
	// RemembersToken tells of a path whether it is a page for people: a token in its address is kept in a cookie, as
	// Jupyter does, since the page's own requests do not carry it. Nil: none is.
	RemembersToken func(path string) bool
	// Refuse answers a request whose credentials open nothing; nil is web.WriteError.
	Refuse func(w http.ResponseWriter, r *http.Request, err error)
	Log    *slog.Logger
	// Now is the clock of rate limits; nil is time.Now.
	Now func() time.Time
}

// Auth signs people in and tells who sends a request. It is safe for concurrent use.
type Auth struct {
	o         Options
	admin     [sha256.Size]byte
	passwords *Passwords
	providers []*provider
	byAddress *Limiter
	byAccount *Limiter
}

// New checks the options. Providers are first asked when somebody signs in by them, so that the server starts without
// them.
func New(o Options) (*Auth, error) {
	if o.Lifetime == 0 {
		o.Lifetime = 30 * 24 * time.Hour
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Refuse == nil {
		o.Refuse = web.WriteError
	}
	if o.AdminToken != "" && len(o.AdminToken) < MinAdminToken {
		return nil, fmt.Errorf("the administrator's token is shorter than %d characters", MinAdminToken)
	}
	a := &Auth{o: o, admin: sha256.Sum256([]byte(o.AdminToken)), passwords: NewPasswords(),
		byAddress: NewLimiter(10, 6*time.Second, o.Now), byAccount: NewLimiter(20, 15*time.Second, o.Now)}
	seen := map[string]bool{}
	for _, p := range o.Providers {
		if err := p.Check(); err != nil {
			return nil, err
		}
		if seen[p.Name] {
			return nil, fmt.Errorf("two providers are called %q", p.Name)
		}
		seen[p.Name] = true
		a.providers = append(a.providers, &provider{Provider: p, now: o.Now})
	}
	return a, nil
}

// Passwords hashes and compares passwords.
func (a *Auth) Passwords() *Passwords { return a.passwords }

// Install adds the routes for signing in and out.
func (a *Auth) Install(rt *web.Router) {
	const signsIn = "it is where people prove who they are; attempts are limited"
	rt.Handle("GET /signin", web.Access{Open: signsIn}, a.page)
	rt.Handle("POST /signin", web.Access{Open: signsIn}, a.password)
	rt.Handle("POST /signin/link", web.Access{Open: signsIn}, a.followLink)
	rt.Handle("GET /"+welcomePath, web.Access{Operation: "Me"}, a.welcome)
	rt.Handle("POST /"+welcomePath, web.Access{Operation: "SetPassword"}, a.settle)
	rt.Handle("GET /signin/oidc/{provider}", web.Access{Open: signsIn}, a.beginOIDC)
	rt.Handle("GET /signin/oidc/{provider}/callback", web.Access{Open: signsIn}, a.endOIDC)
	rt.Handle("POST /signin/oidc/{provider}/logout", web.Access{Open: "the provider's signature on what it sends is the permission"}, a.endByProvider)
	rt.Handle("POST /signout", web.Access{Operation: "EndSignIn"}, a.signOut)
}

// Identify puts the actor who sends a request into its context. Credentials that open nothing are answered with 401;
// without any, the actor is somebody who has not signed in. A session's cookie that has ended counts as none.
func (a *Auth) Identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		request := web.FromContext(r.Context())
		ctx := content.WithActor(r.Context(), content.Actor{Address: request.Address, RequestID: request.ID})
		actor, err := a.actor(w, r.WithContext(ctx))
		if err != nil {
			a.o.Refuse(w, r, err)
			return
		}
		actor.Address, actor.RequestID = request.Address, request.ID
		request.Principal = string(actor.Principal)
		w.Header().Add("Vary", "Authorization, Cookie")
		next.ServeHTTP(w, withoutToken(r.WithContext(content.WithActor(ctx, actor))))
	})
}

func (a *Auth) actor(w http.ResponseWriter, r *http.Request) (content.Actor, error) {
	secret, given := token(r)
	if given {
		actor, err := a.byToken(r, secret)
		if err == nil {
			web.FromContext(r.Context()).ByToken = true
			a.remember(w, r, secret)
		}
		return actor, err
	}
	cookie, err := r.Cookie(cookieName(r))
	if err != nil {
		return content.Actor{}, nil
	}
	var actor content.Actor
	if content.IsToken(cookie.Value) || a.isAdminToken(cookie.Value) {
		actor, err = a.byToken(r, cookie.Value)
	} else {
		actor, _, err = a.o.Service.AuthenticateSignIn(r.Context(), cookie.Value)
	}
	if errors.Is(err, content.ErrUnauthenticated) {
		a.setCookie(w, r, "", -1)
		return content.Actor{}, nil
	}
	return actor, err
}

func (a *Auth) byToken(r *http.Request, secret string) (content.Actor, error) {
	if a.isAdminToken(secret) {
		return content.Actor{Principal: a.o.Admin}, nil
	}
	return a.o.Service.AuthenticateToken(r.Context(), secret)
}

// remember keeps the token of a page's address in the cookie that a session would have: so it goes on to have the
// token's limits and ends with it. It is not kept where another site's page sent the browser here, which would sign
// people in as somebody whom that site can watch.
func (a *Auth) remember(w http.ResponseWriter, r *http.Request, secret string) {
	site := r.Header.Get("Sec-Fetch-Site")
	if r.Method != http.MethodGet || r.Header.Get("Authorization") != "" || site == "cross-site" || site == "same-site" ||
		a.o.RemembersToken == nil || !a.o.RemembersToken(r.URL.Path) {
		return
	}
	http.SetCookie(w, a.cookie(r, secret)) // until the browser ends
}

func (a *Auth) isAdminToken(secret string) bool {
	sum := sha256.Sum256([]byte(secret))
	return a.o.AdminToken != "" && subtle.ConstantTimeCompare(sum[:], a.admin[:]) == 1
}

// token is the token of a request, as Jupyter's clients send it: in the Authorization header, or as ?token=.
func token(r *http.Request) (secret string, given bool) {
	if h := r.Header.Get("Authorization"); h != "" {
		scheme, value, _ := strings.Cut(h, " ")
		if strings.EqualFold(scheme, "token") || strings.EqualFold(scheme, "bearer") {
			return strings.TrimSpace(value), true
		}
		return "", true // another scheme is a credential too, one that opens nothing
	}
	if r.URL.Path == signInPath { // there it is a link's
		return "", false
	}
	query := r.URL.Query()
	return query.Get("token"), query.Has("token")
}

// withoutToken takes the token out of the address, so that nothing further in can pass it on or log it.
func withoutToken(r *http.Request) *http.Request {
	if r.URL.Path == signInPath || !strings.Contains(r.URL.RawQuery, "token") {
		return r
	}
	query := r.URL.Query()
	query.Del("token")
	u := *r.URL
	u.RawQuery = query.Encode()
	clone := *r
	clone.URL, clone.RequestURI = &u, u.RequestURI()
	return &clone
}

const signInPath = "/signin"

// cookieName is the session's cookie. Cookies are shared by all ports of a host, so the port that the client used is in
// it: two servers on one machine do not sign each other's people out.
func cookieName(r *http.Request) string {
	host := web.FromContext(r.Context()).Host
	if u, err := url.Parse("//" + host); err == nil && u.Port() != "" {
		return "sextant-session-" + u.Port()
	}
	return "sextant-session"
}

func (a *Auth) setCookie(w http.ResponseWriter, r *http.Request, value string, age time.Duration) {
	c := a.cookie(r, value)
	c.MaxAge = int(age.Seconds())
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// cookie is the session's cookie. Browsers compare its path with the address as it is sent, escaped.
func (a *Auth) cookie(r *http.Request, value string) *http.Cookie {
	return &http.Cookie{Name: cookieName(r), Value: value, Path: a.o.Base, HttpOnly: true,
		Secure: web.FromContext(r.Context()).Secure, SameSite: http.SameSiteLaxMode}
}

// begin starts the session of somebody who has just proved who they are. Of n it needs the principal, the method and what
// the provider told.
func (a *Auth) begin(w http.ResponseWriter, r *http.Request, n content.NewSignIn) error {
	n.Lifetime, n.Address, n.UserAgent = a.o.Lifetime, web.FromContext(r.Context()).Address, r.UserAgent()
	secret, err := a.o.Service.CreateSignIn(r.Context(), n)
	if err != nil {
		return err
	}
	a.setCookie(w, r, secret, a.o.Lifetime)
	return nil
}

// signOut ends the session that the request came with.
func (a *Auth) signOut(w http.ResponseWriter, r *http.Request) error {
	if cookie, err := r.Cookie(cookieName(r)); err == nil {
		if err := a.o.Service.EndSignIn(r.Context(), cookie.Value); err != nil {
			return err
		}
	}
	a.setCookie(w, r, "", -1)
	http.Redirect(w, r, a.o.Base+"signin", http.StatusSeeOther)
	return nil
}

// local is where to go after signing in: an address of this server, or its start.
func (a *Auth) local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || u.User != nil || !strings.HasPrefix(next, a.o.Base) ||
		strings.Contains(u.Path, "//") || strings.Contains(u.Path, "..") || strings.ContainsAny(next, "\\\r\n\t") ||
		strings.HasPrefix(u.EscapedPath(), a.o.Base+"signin") {
		return a.o.Base
	}
	return next
}
