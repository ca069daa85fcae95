package jupyter

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"net/http"

	"sextant/server/web"
)

// xsrfCookie is read by the page, which sends its value back in a header: something that no other site's page can do.
const xsrfCookie = "_xsrf"

// giveXSRF sets the cookie where the browser has none.
func (s *Server) giveXSRF(w http.ResponseWriter, r *http.Request) error {
	for _, c := range r.CookiesNamed(xsrfCookie) {
		if len(c.Value) >= 20 {
			return nil
		}
	}
	http.SetCookie(w, &http.Cookie{Name: xsrfCookie, Value: rand.Text(), Path: s.o.Base, Secure: web.FromContext(r.Context()).Secure,
		SameSite: http.SameSiteLaxMode})
	return nil
}

// checkXSRF demands of what changes something, and comes with a cookie that browsers add by themselves, the value of the
// cookie that only the server's own pages can read.
func checkXSRF(r *http.Request) error {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return nil
	}
	if web.FromContext(r.Context()).ByToken {
		return nil
	}
	sent := r.Header.Get("X-XSRFToken")
	if sent == "" {
		sent = r.Header.Get("X-CSRFToken")
	}
	if sent == "" {
		sent = r.URL.Query().Get(xsrfCookie)
	}
	if sent == "" {
		return &apiError{status: http.StatusForbidden, message: fmt.Sprintf("'_xsrf' argument missing from %s", r.Method)}
	}
	for _, c := range r.CookiesNamed(xsrfCookie) {
		if subtle.ConstantTimeCompare([]byte(c.Value), []byte(sent)) == 1 {
			return nil
		}
	}
	return &apiError{status: http.StatusForbidden, message: "XSRF cookie does not match " + r.Method + " argument"}
}
