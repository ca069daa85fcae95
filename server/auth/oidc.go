package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"sextant/content"
	"sextant/server/web"
)

// flowTime is how long somebody may take at the provider.
const flowTime = 15 * time.Minute

// flow is what a browser keeps between leaving for the provider and coming back: it binds the answer to this browser
// (State), the ID token to this request (Nonce) and the code to this client (Verifier, PKCE).
type flow struct {
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	Next     string `json:"x"`
}

func (a *Auth) provider(r *http.Request) (*provider, error) {
	for _, p := range a.providers {
		if p.Name == r.PathValue("provider") {
			return p, nil
		}
	}
	return nil, content.ErrNotFound
}

func (a *Auth) oauth(r *http.Request, p *provider, found *oidc.Provider) *oauth2.Config {
	back := "signin/oidc/" + p.Name + "/callback"
	callback := web.FromContext(r.Context()).URL(a.o.Base + back)
	if a.o.PublicURL != "" {
		callback = strings.TrimSuffix(a.o.PublicURL, "/") + "/" + back
	}
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: p.ClientSecret, Endpoint: found.Endpoint(), RedirectURL: callback, Scopes: p.Scopes}
}

// beginOIDC sends a browser to the provider.
func (a *Auth) beginOIDC(w http.ResponseWriter, r *http.Request) error {
	p, err := a.provider(r)
	if err != nil {
		return err
	}
	found, err := p.discovered(r.Context())
	if err != nil {
		a.o.Log.Error("sign-in provider cannot be reached", "provider", p.Name, "error", err)
		return a.show(w, r, pageData{Next: a.o.Base, Failure: p.Title + " cannot be reached at the moment. Try again later."},
			&web.StatusError{Status: http.StatusBadGateway, Text: "the provider cannot be reached"})
	}
	f := flow{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Next: a.local(r.URL.Query().Get("next"))}
	text, err := json.Marshal(f)
	if err != nil {
		return err
	}
	a.setFlow(w, r, p, base64.RawURLEncoding.EncodeToString(text))
	http.Redirect(w, r, a.oauth(r, p, found).AuthCodeURL(f.State, oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)), http.StatusFound)
	return nil
}

func (a *Auth) setFlow(w http.ResponseWriter, r *http.Request, p *provider, value string) {
	c := &http.Cookie{Name: "sextant-oidc-" + p.Name, Value: value, Path: a.o.Base + "signin/oidc/" + p.Name, HttpOnly: true,
		MaxAge: int(flowTime.Seconds()), Secure: web.FromContext(r.Context()).Secure, SameSite: http.SameSiteLaxMode}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// endOIDC takes a browser back from the provider and begins the session.
func (a *Auth) endOIDC(w http.ResponseWriter, r *http.Request) error {
	p, err := a.provider(r)
	if err != nil {
		return err
	}
	if err := a.limited(r, ""); err != nil {
		return err
	}
	f, err := a.flow(r, p)
	a.setFlow(w, r, p, "")
	if err == nil {
		err = a.finishOIDC(w, r, p, f)
	}
	if err != nil {
		request := web.FromContext(r.Context())
		a.o.Log.Warn("sign-in refused", "method", "oidc", "provider", p.Name, "error", err, "address", request.Address, "id", request.ID)
		text := "Signing in with " + p.Title + " did not succeed. Try again."
		var told *refusal
		if errors.As(err, &told) {
			text = "You cannot sign in: " + told.Error() + "."
		}
		return a.show(w, r, pageData{Next: a.o.Base, Failure: text}, &web.StatusError{Status: http.StatusUnauthorized, Text: "signing in did not succeed"})
	}
	a.succeeded(r, "")
	http.Redirect(w, r, a.local(f.Next), http.StatusSeeOther)
	return nil
}

// refusal is why somebody whom the provider knows is not let in; they may know.
type refusal struct{ error }

func (a *Auth) flow(r *http.Request, p *provider) (flow, error) {
	var f flow
	cookie, err := r.Cookie("sextant-oidc-" + p.Name)
	if err != nil {
		return f, errors.New("the browser brought no state")
	}
	text, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err == nil {
		err = json.Unmarshal(text, &f)
	}
	if err != nil || f.State == "" || subtle.ConstantTimeCompare([]byte(f.State), []byte(r.URL.Query().Get("state"))) != 1 {
		return f, errors.New("the state is not the one that was sent")
	}
	return f, nil
}

func (a *Auth) finishOIDC(w http.ResponseWriter, r *http.Request, p *provider, f flow) error {
	query := r.URL.Query()
	if e := query.Get("error"); e != "" {
		return fmt.Errorf("the provider answered %.100q: %.300q", e, query.Get("error_description"))
	}
	found, err := p.discovered(r.Context())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), 20*time.Second)
	defer cancel()
	config := a.oauth(r, p, found)
	token, err := config.Exchange(ctx, query.Get("code"), oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return fmt.Errorf("exchange of the code: %w", err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return errors.New("the provider gave no ID token")
	}
	id, err := found.Verifier(&oidc.Config{ClientID: p.ClientID, Now: p.now}).Verify(ctx, raw)
	if err != nil {
		return fmt.Errorf("ID token: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(f.Nonce)) != 1 {
		return errors.New("the ID token is for another request")
	}
	var c claims
	all := map[string]any{}
	if err := errors.Join(id.Claims(&c), id.Claims(&all)); err != nil {
		return fmt.Errorf("claims: %w", err)
	}
	if _, listed := all[p.GroupsClaim]; c.Email == "" || p.GroupsClaim != "" && !listed {
		if err := userInfo(ctx, found, config.TokenSource(ctx, token), id.Subject, &c, all); err != nil {
			return err
		}
	}
	member, err := p.member(c)
	if err != nil {
		return &refusal{err}
	}
	session, _ := all["sid"].(string)
	err = a.begin(w, r, content.NewSignIn{Principal: content.Principal{Member: member, DisplayName: c.Name, Email: member.Value()},
		Groups: p.groups(all), Method: "oidc", Issuer: p.Issuer, Subject: id.Subject, ProviderSession: session})
	if errors.Is(err, content.ErrUnauthenticated) {
		return &refusal{errors.New("your account is disabled")}
	}
	return err
}

// userInfo fills in what the ID token does not tell: many providers keep it small.
func userInfo(ctx context.Context, found *oidc.Provider, source oauth2.TokenSource, subject string, c *claims, all map[string]any) error {
	if found.UserInfoEndpoint() == "" {
		return nil
	}
	info, err := found.UserInfo(ctx, source)
	if err != nil {
		return fmt.Errorf("user info: %w", err)
	}
	if info.Subject != subject {
		return errors.New("the user info is somebody else's")
	}
	if err := errors.Join(info.Claims(c), info.Claims(&all)); err != nil {
		return fmt.Errorf("user info: %w", err)
	}
	return nil
}
