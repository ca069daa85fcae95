package auth

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"crypto/rand"

	"sextant/server/web"
)

//go:embed page.html
var pages embed.FS

// pageData is what the sign-in page shows.
type pageData struct {
	Base, Next, User, Failure string
	// Confirm is a link's secret that is followed only after a click.
	Confirm string
	// Welcome has somebody choose a password; Unnamed a name too, which is Name so far.
	Welcome, Unnamed bool
	Name             string
	Passwords        bool
	Providers        []Provider
	Nonce            string
}

// page shows how to sign in, or follows the link that the address holds. A link is followed at once only where the
// browser says that nobody else's page sent it here: else a stranger could sign people in as somebody the stranger can
// watch. A browser that merely looks ahead follows none.
func (a *Auth) page(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	secret, next := query.Get("token"), a.local(query.Get("next"))
	if secret == "" {
		return a.show(w, r, pageData{Next: next}, nil)
	}
	site := r.Header.Get("Sec-Fetch-Site")
	if r.Method == http.MethodHead || r.Header.Get("Sec-Purpose") != "" || site == "cross-site" || site == "same-site" {
		return a.show(w, r, pageData{Next: next, Confirm: secret}, nil)
	}
	return a.follow(w, r, secret, next)
}

// show renders the page; for programs, who do not accept HTML, failure is returned instead.
func (a *Auth) show(w http.ResponseWriter, r *http.Request, d pageData, failure error) error {
	if failure != nil && !strings.Contains(r.Header.Get("Accept"), "text/html") {
		return failure
	}
	status := http.StatusOK
	var stated *web.StatusError
	if errors.As(failure, &stated) {
		status = stated.Status
		if stated.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(stated.RetryAfter.Seconds())+1))
		}
	}
	d.Base, d.Passwords, d.Nonce = a.o.Base, a.o.Passwords, rand.Text()
	for _, p := range a.providers {
		d.Providers = append(d.Providers, p.Provider)
	}
	t, err := template.ParseFS(pages, "page.html")
	if err != nil {
		return fmt.Errorf("sign-in page: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, d); err != nil {
		return fmt.Errorf("sign-in page: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'nonce-"+d.Nonce+"'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the client is gone
	return nil
}
