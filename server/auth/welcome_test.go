package auth_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sextant/server"
	"sextant/server/servertest"
)

// TestAnInvitedPersonComesBack follows an invitation from the document that is shared to signing in by a password.
func TestAnInvitedPersonComesBack(t *testing.T) {
	s := servertest.Start(t, func(c *server.Config) { c.BaseURL, c.InviteDomains = "/x/", []string{"Partner.org"} })
	id := s.Want(http.StatusCreated, servertest.AdminToken, "POST", "v1/resources", map[string]any{"parent": "root", "type": "sql", "name": "a.sql", "content": "SELECT 1"}).JSON(t)["id"].(string)
	s.Want(http.StatusOK, servertest.AdminToken, "PUT", "v1/resources/"+id+"/iam-policy",
		map[string]any{"bindings": []any{map[string]any{"role": "viewer", "members": []string{"user:kim@partner.org"}}}})
	s.Want(http.StatusForbidden, servertest.AdminToken, "POST", "v1/resources/"+id+"/invitations", map[string]any{"address": "kim@other.org"})
	path := s.Want(http.StatusCreated, servertest.AdminToken, "POST", "v1/resources/"+id+"/invitations", map[string]any{"address": "kim@partner.org"}).JSON(t)["path"].(string)
	b := s.Browser()
	got := visit(t, b, "GET", s.URL+path, nil)
	if !strings.Contains(got.Text, "Welcome to Sextant") || !strings.Contains(got.Text, "kim@partner.org") {
		t.Fatalf("%d %s", got.StatusCode, got.Text)
	}
	welcome := s.URL + "signin/welcome"
	next := "/x/n/" + id
	short := visit(t, b, "POST", welcome, url.Values{"name": {"Kim <b>Lee</b>"}, "password": {"short"}, "next": {next}})
	if short.StatusCode != http.StatusBadRequest || !strings.Contains(short.Text, "10 characters") || !strings.Contains(short.Text, "Kim &lt;b&gt;Lee&lt;/b&gt;") {
		t.Fatalf("%d %s", short.StatusCode, short.Text)
	}
	settled := visit(t, b, "POST", welcome, url.Values{"name": {"Kim Lee"}, "password": {password}, "next": {next}})
	if settled.StatusCode != http.StatusOK || settled.Request.URL.Path != next || !strings.Contains(settled.Text, "a.sql") {
		t.Fatalf("%d %s %s", settled.StatusCode, settled.Request.URL, settled.Text)
	}
	// Neither link nor page can change it again.
	if got := visit(t, s.Browser(), "GET", s.URL+path, nil); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("the link opens again: %d", got.StatusCode)
	}
	if got := visit(t, b, "POST", welcome, url.Values{"password": {"another horse battery"}}); got.StatusCode != http.StatusConflict {
		t.Errorf("the password was set again: %d", got.StatusCode)
	}
	if got := visit(t, b, "GET", welcome+"?next="+next, nil); got.Request.URL.Path != next {
		t.Errorf("the page asks again: %s", got.Request.URL)
	}
	if got := visit(t, s.Browser(), "POST", welcome, url.Values{"password": {password}}); got.StatusCode != http.StatusUnauthorized {
		t.Errorf("a stranger's choice: %d", got.StatusCode)
	}
	back := form("kim@partner.org", password)
	back.Set("next", "/x/v1/me")
	if me := visit(t, s.Browser(), "POST", s.URL+"signin", back).JSON(t); me["displayName"] != "Kim Lee" || me["invitedBy"] != "user:admin@localhost" {
		t.Errorf("came back as %v", me)
	}
	s.Want(http.StatusConflict, servertest.AdminToken, "POST", "v1/resources/"+id+"/invitations", map[string]any{"address": "kim@partner.org"})
	if got := s.Want(http.StatusOK, servertest.AdminToken, "GET", "v1/me", nil).JSON(t)["invites"]; len(got.([]any)) != 1 || got.([]any)[0] != "partner.org" {
		t.Errorf("one may invite %v", got)
	}
}
