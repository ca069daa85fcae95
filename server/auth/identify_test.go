package auth

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"sextant/content"
)

// TestTokenGoesNoFurther has a request with its token in the address: what answers it sees who it is, but not the token.
func TestTokenGoesNoFurther(t *testing.T) {
	a, err := New(Options{Base: "/", Admin: "user:admin@x.org", AdminToken: "a token that is long", Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	var seen *http.Request
	h := a.Identify(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r }))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/v1/me?a=1&token=a+token+that+is+long&b=2", nil))
	if seen == nil || content.ActorFrom(seen.Context()).Principal != "user:admin@x.org" {
		t.Fatal("the token does not sign in")
	}
	if seen.URL.RawQuery != "a=1&b=2" || seen.RequestURI != "/v1/me?a=1&b=2" {
		t.Errorf("what answers sees %q, %q", seen.URL.RawQuery, seen.RequestURI)
	}
}

func TestShortAdminTokenIsRefused(t *testing.T) {
	if _, err := New(Options{AdminToken: "short"}); err == nil {
		t.Error("no error")
	}
}
