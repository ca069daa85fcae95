package auth

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"sextant/content"
	"sextant/server/web"
)

// logoutEvent is what makes a token of a provider one that ends sessions (OpenID Connect Back-Channel Logout 1.0, 2.4).
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// logoutAge is how old a logout token may be, and logoutSkew how far the provider's clock may be from this one. A token that
// somebody sends again ends no session that was begun after it.
const (
	logoutAge  = 10 * time.Minute
	logoutSkew = 2 * time.Minute
)

// logoutClaims is what a logout token says besides what every token does.
type logoutClaims struct {
	Events  map[string]json.RawMessage `json:"events"`
	Session string                     `json:"sid"`
	Nonce   *string                    `json:"nonce"`
}

// endByProvider ends the sessions that a provider says are over, because somebody has signed out there. The provider's
// server sends it, not a browser; its signature is what is trusted.
func (a *Auth) endByProvider(w http.ResponseWriter, r *http.Request) error {
	p, err := a.provider(r)
	if err != nil {
		return err
	}
	if err := a.limited(r, ""); err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return fmt.Errorf("%w form", content.ErrInvalid)
	}
	found, err := p.discovered(r.Context())
	if err != nil {
		a.o.Log.Error("sign-in provider cannot be reached", "provider", p.Name, "error", err)
		return &web.StatusError{Status: http.StatusBadGateway, Text: "the provider cannot be reached"}
	}
	token, err := found.Verifier(&oidc.Config{ClientID: p.ClientID, Now: p.now, SkipExpiryCheck: true}).Verify(r.Context(), r.PostForm.Get("logout_token"))
	var c logoutClaims
	if err == nil {
		err = token.Claims(&c)
	}
	if err == nil {
		err = p.checkLogout(token, c)
	}
	request := web.FromContext(r.Context())
	if err != nil {
		a.o.Log.Warn("sign-out by provider refused", "provider", p.Name, "error", err, "address", request.Address, "id", request.ID)
		return fmt.Errorf("%w logout_token", content.ErrInvalid)
	}
	ended, err := a.o.Service.EndProviderSessions(r.Context(), p.Issuer, token.Subject, c.Session, token.IssuedAt.Add(logoutSkew))
	if err != nil {
		return err
	}
	a.succeeded(r, "")
	a.o.Log.Info("sign-out by provider", "provider", p.Name, "ended", ended, "id", request.ID)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	return nil
}

// checkLogout checks what makes a verified token a logout token (2.6). Some providers send no expiry: its age counts.
func (p *provider) checkLogout(t *oidc.IDToken, c logoutClaims) error {
	now := p.now()
	switch {
	case c.Nonce != nil:
		return errors.New("the token has a nonce: it is an ID token")
	case c.Events[logoutEvent] == nil:
		return errors.New("the token is not about signing out")
	case t.Subject == "" && c.Session == "":
		return errors.New("the token names nobody and no session")
	case !t.Expiry.IsZero() && now.After(t.Expiry.Add(logoutSkew)):
		return errors.New("the token has expired")
	case now.Sub(t.IssuedAt) > logoutAge || t.IssuedAt.Sub(now) > logoutSkew:
		return fmt.Errorf("the token was issued at %s, which is not now", t.IssuedAt)
	}
	return nil
}
