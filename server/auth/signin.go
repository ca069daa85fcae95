package auth

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"sextant/content"
	"sextant/content/iam"
	"sextant/server/web"
)

// maxForm bounds a form's body.
const maxForm = 16 << 10

// limited takes one attempt at signing in from an address, and for an account where one is named.
func (a *Auth) limited(r *http.Request, account iam.Member) error {
	wait, ok := a.byAddress.Allow(network(web.FromContext(r.Context()).Address))
	if ok && account != "" {
		wait, ok = a.byAccount.Allow(string(account))
	}
	if !ok {
		return &web.StatusError{Status: http.StatusTooManyRequests, Text: "too many attempts to sign in; try again later", RetryAfter: wait}
	}
	return nil
}

// succeeded gives the attempt back that limited took.
func (a *Auth) succeeded(r *http.Request, account iam.Member) {
	a.byAddress.Credit(network(web.FromContext(r.Context()).Address))
	if account != "" {
		a.byAccount.Credit(string(account))
	}
}

// password signs somebody in by the form of the sign-in page. Why it fails is not told.
func (a *Auth) password(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("%w form", content.ErrInvalid)
	}
	next := a.local(r.PostForm.Get("next"))
	name := strings.TrimSpace(r.PostForm.Get("user"))
	member, err := iam.ParseMember("user:" + name)
	if err != nil {
		member = ""
	}
	if err := a.limited(r, member); err != nil {
		return a.show(w, r, pageData{Next: next, User: name, Failure: "Too many attempts. Wait a little, then try again."}, err)
	}
	if !a.o.Passwords {
		return content.ErrNotFound
	}
	hash := ""
	if member != "" {
		if hash, err = a.o.Service.PasswordHash(r.Context(), member); err != nil {
			return err
		}
	}
	ok, err := a.passwords.Matches(r.Context(), r.PostForm.Get("password"), hash)
	if err != nil {
		return err
	}
	refused := &web.StatusError{Status: http.StatusUnauthorized, Text: "the address or the password is wrong"}
	failure := pageData{Next: next, User: name, Failure: "The address or the password is wrong."}
	if !ok {
		a.o.Log.Warn("sign-in refused", "method", "password", "user", member, "address", web.FromContext(r.Context()).Address,
			"id", web.FromContext(r.Context()).ID)
		return a.show(w, r, failure, refused)
	}
	err = a.begin(w, r, content.NewSignIn{Principal: content.Principal{Member: member}, Method: "password"})
	if errors.Is(err, content.ErrUnauthenticated) {
		return a.show(w, r, failure, refused)
	}
	if err != nil {
		return err
	}
	a.succeeded(r, member)
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

// LinkURL is the path of a sign-in link, below the server's base.
func LinkURL(secret string) string { return "signin?token=" + url.QueryEscape(secret) }

// followLink signs somebody in by a link, from the page's form.
func (a *Auth) followLink(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("%w form", content.ErrInvalid)
	}
	return a.follow(w, r, r.PostForm.Get("token"), r.PostForm.Get("next"))
}

func (a *Auth) follow(w http.ResponseWriter, r *http.Request, secret, next string) error {
	next = a.local(next)
	if err := a.limited(r, ""); err != nil {
		return a.show(w, r, pageData{Next: next, Failure: "Too many attempts. Wait a little, then try again."}, err)
	}
	if a.isAdminToken(secret) {
		if err := a.begin(w, r, content.NewSignIn{Principal: content.Principal{Member: a.o.Admin}, Method: "token"}); err != nil {
			return err
		}
		a.succeeded(r, "")
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	session, err := a.o.Service.FollowLink(r.Context(), secret, content.NewSignIn{Lifetime: a.o.Lifetime,
		Address: web.FromContext(r.Context()).Address, UserAgent: r.UserAgent(), Method: "url"})
	if errors.Is(err, content.ErrUnauthenticated) {
		return a.show(w, r, pageData{Next: next, Failure: "This link has been used or has expired. Ask for a new one."},
			&web.StatusError{Status: http.StatusUnauthorized, Text: "the link has been used or has expired"})
	}
	if err != nil {
		return err
	}
	a.succeeded(r, "")
	a.setCookie(w, r, session, a.o.Lifetime)
	to, err := a.afterLink(r, session, next)
	if err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
