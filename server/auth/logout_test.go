package auth_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"sextant/server/servertest"
)

// logoutToken makes a provider's logout token, each claim of change in place of its own; nil leaves one out.
func logoutToken(t *testing.T, dir *directory, issuer string, change map[string]any) string {
	t.Helper()
	key, err := dir.SigningKey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	claims := map[string]any{"iss": issuer, "aud": "sextant", "sub": "1", "iat": time.Now().Unix(), "exp": time.Now().Add(time.Minute).Unix(), "jti": "x",
		"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}}}
	for name, value := range change {
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
	}
	text, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: key.SignatureAlgorithm(), Key: &jose.JSONWebKey{Key: key.Key(), KeyID: key.ID()}},
		(&jose.SignerOptions{}).WithType("logout+jwt"))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(text)
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestProvidersEndSessions(t *testing.T) {
	s, front, dir := startBoth(t)
	var issuer string
	b := s.Browser()
	b.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if !strings.HasPrefix(r.URL.String(), front) {
			issuer = r.URL.Scheme + "://" + r.URL.Host
		}
		return nil
	}
	signInWith(t, b, front, "ana", "anas password")
	if issuer == "" {
		t.Fatal("no provider")
	}
	me := func() int { return visit(t, b, "GET", front+"/x/v1/me", nil).StatusCode }
	sent := 0
	send := func(token string) servertest.Answer {
		t.Helper()
		// Each from an address of its own, since those that fail are few an address.
		sent++
		form := url.Values{"logout_token": {token}}
		r, err := http.NewRequestWithContext(t.Context(), "POST", front+"/x/signin/oidc/dir/logout", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Forwarded-For", fmt.Sprint("192.0.2.", sent))
		return s.Send(http.DefaultTransport, r)
	}
	hour := int64(3600)
	for name, change := range map[string]map[string]any{
		"of another issuer":     {"iss": "https://elsewhere.org"},
		"for another client":    {"aud": "another"},
		"an ID token":           {"nonce": "n"},
		"not about signing out": {"events": nil},
		"about something else":  {"events": map[string]any{"http://schemas.openid.net/event/other": map[string]any{}}},
		"that names nobody":     {"sub": nil},
		"that is old":           {"iat": time.Now().Unix() - hour, "exp": nil},
		"from the future":       {"iat": time.Now().Unix() + hour, "exp": nil},
		"that has expired":      {"exp": time.Now().Unix() - hour},
		"that was never dated":  {"iat": nil},
	} {
		if got := send(logoutToken(t, dir, issuer, change)); got.StatusCode != http.StatusBadRequest {
			t.Errorf("a token %s: %d %s", name, got.StatusCode, got.Text)
		}
	}
	good := logoutToken(t, dir, issuer, nil)
	forged := good[:strings.LastIndexByte(good, '.')+1] + strings.Repeat("A", 342)
	for _, token := range []string{"", "x.y.z", forged} {
		if got := send(token); got.StatusCode != http.StatusBadRequest {
			t.Errorf("a token %.10q: %d", token, got.StatusCode)
		}
	}
	// One of somebody else, or of another of her sessions there, leaves Ana signed in.
	for _, change := range []map[string]any{{"sub": "2"}, {"sid": "another"}} {
		if got := send(logoutToken(t, dir, issuer, change)); got.StatusCode != http.StatusOK {
			t.Errorf("a token about nobody here: %d %s", got.StatusCode, got.Text)
		}
	}
	if me() != http.StatusOK {
		t.Fatal("ana was signed out by a token that does not say so")
	}
	if got := send(good); got.StatusCode != http.StatusOK || got.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("sign-out: %d %s", got.StatusCode, got.Text)
	}
	if me() != http.StatusUnauthorized {
		t.Error("ana is signed in still")
	}
	audit := s.Want(http.StatusOK, servertest.AdminToken, "GET", "v1/audit?operation=EndProviderSessions", nil)
	if !strings.Contains(audit.Text, "user:ana@x.org") {
		t.Errorf("the audit log has %s", audit.Text)
	}
	if got := visit(t, http.DefaultClient, "POST", front+"/x/signin/oidc/nobody/logout", url.Values{"logout_token": {good}}); got.StatusCode != http.StatusNotFound {
		t.Errorf("an unknown provider: %d", got.StatusCode)
	}
}
