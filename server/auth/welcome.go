package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"sextant/content"
	"sextant/server/web"
)

const welcomePath = "signin/welcome"

// welcomes is whether somebody who has followed a link is to choose a password: else they could not come back.
func (a *Auth) welcomes(ctx context.Context) (content.Self, bool, error) {
	if !a.o.Passwords {
		return content.Self{}, false, nil
	}
	self, err := a.o.Service.Me(ctx)
	if err != nil || self.Member == a.o.Admin {
		return self, false, err
	}
	hash, err := a.o.Service.PasswordHash(ctx, self.Member)
	return self, hash == "", err
}

// afterLink is where to go from a link: to next, by way of the choice of a password for who has none.
func (a *Auth) afterLink(r *http.Request, secret, next string) (string, error) {
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		return next, nil // a program chooses nothing
	}
	ctx := r.Context()
	actor, _, err := a.o.Service.AuthenticateSignIn(ctx, secret)
	if err != nil {
		return "", err
	}
	_, welcome, err := a.welcomes(content.WithActor(ctx, actor))
	if err != nil || !welcome {
		return next, err
	}
	return a.o.Base + welcomePath + "?next=" + url.QueryEscape(next), nil
}

// welcome shows the choice of a password to who has none.
func (a *Auth) welcome(w http.ResponseWriter, r *http.Request) error {
	next := a.local(r.URL.Query().Get("next"))
	self, welcome, err := a.welcomes(r.Context())
	if errors.Is(err, content.ErrUnauthenticated) || err == nil && !welcome {
		http.Redirect(w, r, next, http.StatusSeeOther) // there is nothing to choose, or it wants a sign-in itself
		return nil
	}
	if err != nil {
		return err
	}
	return a.show(w, r, pageData{Next: next, User: self.Member.Value(), Welcome: true, Unnamed: self.DisplayName == ""}, nil)
}

// settle gives who has followed a link a name and a password.
func (a *Auth) settle(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("%w form", content.ErrInvalid)
	}
	if web.FromContext(r.Context()).ByToken {
		return fmt.Errorf("%w: a password is chosen by who followed a link", content.ErrDenied)
	}
	ctx, next := r.Context(), a.local(r.PostForm.Get("next"))
	self, welcome, err := a.welcomes(ctx)
	if err != nil {
		return err
	}
	if !welcome { // one's own password is changed with the old one
		return fmt.Errorf("password: %w", content.ErrExists)
	}
	name := strings.TrimSpace(r.PostForm.Get("name"))
	again := pageData{Next: next, User: self.Member.Value(), Name: name, Welcome: true, Unnamed: self.DisplayName == ""}
	refuse := func(text string) error {
		again.Failure = text
		return a.show(w, r, again, &web.StatusError{Status: http.StatusBadRequest, Text: text})
	}
	hash, err := a.passwords.Hash(ctx, r.PostForm.Get("password"))
	if errors.Is(err, content.ErrInvalid) {
		return refuse(fmt.Sprintf("Choose a password of %d characters or more.", MinPassword))
	}
	if err != nil {
		return err
	}
	if again.Unnamed && name != "" {
		err := a.o.Service.SetOwnName(ctx, name)
		if errors.Is(err, content.ErrInvalid) {
			return refuse("That cannot be a name: it is too long, or has characters that cannot be shown.")
		}
		if err != nil {
			return err
		}
	}
	// It ends all sign-ins, so that whoever had the link before is out.
	if err := a.o.Service.SetPassword(ctx, "", hash); err != nil {
		return err
	}
	if err := a.begin(w, r, content.NewSignIn{Principal: content.Principal{Member: self.Member}, Method: "password"}); err != nil {
		return err
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}
