package pages_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sextant/server/servertest"
)

var etagField = regexp.MustCompile(`name="etag" value="([^"]*)"`)

func TestSharingByForms(t *testing.T) {
	s := servertest.Start(t)
	ana, bob, stranger := s.User("ana@x.org"), s.User("bob@x.org"), s.User("eve@x.org")
	in := folder(t, s)
	id, _ := document(t, s, in, "late.ipynb", ran)
	share(t, s, in, "viewer", "group:readers@x.org")
	share(t, s, id, "editor", "user:bob@x.org")
	at := "n/" + id + "/share"
	page := func() string { return s.Want(http.StatusOK, servertest.AdminToken, "GET", at, nil).Text }
	etag := func() string { return etagField.FindStringSubmatch(page())[1] }
	post := func(status int, token, below string, fields ...string) string {
		t.Helper()
		form := url.Values{}
		for i := 0; i < len(fields); i += 2 {
			form.Set(fields[i], fields[i+1])
		}
		return s.Want(status, token, "POST", at+below, form.Encode(), "Content-Type", "application/x-www-form-urlencoded").Text
	}
	reads := func(token string) bool { return s.Do(token, "GET", "n/"+id, nil).StatusCode == http.StatusOK }

	if text := page(); !strings.Contains(text, "inherited from Reports") || !strings.Contains(text, "group:readers@x.org") {
		t.Errorf("who has access from above is not told: %s", text)
	}
	// Those who may not share see nothing of the page, whether they may read or not.
	for _, token := range []string{bob, stranger} {
		s.Want(http.StatusNotFound, token, "GET", at, nil)
		post(http.StatusNotFound, token, "", "do", "add", "member", "eve@x.org", "role", "owner")
		post(http.StatusNotFound, token, "/link", "title", "x")
	}
	const end = `request.time < timestamp("3000-01-01T00:00:00Z")`
	old := etag()
	post(http.StatusSeeOther, servertest.AdminToken, "", "do", "add", "member", " ana@x.org ", "role", "viewer", "etag", old, "until", "2999-12-31")
	if !reads(ana) || !strings.Contains(page(), "until <time datetime=\"3000-01-01") {
		t.Error("ana was not added until the end of a day")
	}
	// What was looked at before is not saved over what is there now.
	if text := post(http.StatusConflict, servertest.AdminToken, "", "do", "remove", "member", "user:ana@x.org", "role", "viewer", "etag", old); !strings.Contains(text, "Somebody else changed") || !reads(ana) {
		t.Error("a stale form was saved")
	}
	for name, fields := range map[string][]string{"member": {"do", "add", "member", "a b", "role", "viewer"}, "role": {"do", "add", "member", "ana@x.org", "role", "emperor"},
		"day": {"do", "add", "member", "ana@x.org", "role", "viewer", "until", "2001-01-01"}, "general": {"do", "general", "member", "user:eve@x.org"}} {
		if text := post(http.StatusUnprocessableEntity, servertest.AdminToken, "", append(fields, "etag", etag())...); !strings.Contains(text, `role="alert"`) {
			t.Errorf("%s: nothing is said", name)
		}
	}
	post(http.StatusSeeOther, servertest.AdminToken, "", "do", "change", "member", "user:ana@x.org", "condition", end, "was", "viewer", "role", "runner", "etag", etag())
	// The same role for good is another row, which goes and stays by itself.
	post(http.StatusSeeOther, servertest.AdminToken, "", "do", "add", "member", "ana@x.org", "role", "runner", "etag", etag())
	post(http.StatusSeeOther, servertest.AdminToken, "", "do", "remove", "member", "user:ana@x.org", "role", "runner", "etag", etag())
	policy := s.Want(http.StatusOK, servertest.AdminToken, "GET", "v1/resources/"+id+"/iam-policy", nil).Text
	if !strings.Contains(policy, `"runner"`) || strings.Contains(policy, `"viewer"`) || !strings.Contains(policy, "3000-01-01") {
		t.Errorf("another role, the same end: %s", policy)
	}
	post(http.StatusSeeOther, servertest.AdminToken, "", "do", "remove", "member", "user:ana@x.org", "condition", end, "role", "runner", "etag", etag())
	if reads(ana) {
		t.Error("ana was not removed")
	}
	for who, want := range map[string][2]bool{"allAuthenticatedUsers": {true, false}, "allUsers": {true, true}, "": {false, false}} {
		post(http.StatusSeeOther, servertest.AdminToken, "", "do", "general", "member", who, "etag", etag())
		if reads(stranger) != want[0] || reads("") != want[1] {
			t.Errorf("%q: %v", who, want)
		}
		if who != "" && !strings.Contains(page(), `value="`+who+`" selected`) {
			t.Errorf("%q is not shown", who)
		}
	}
	post(http.StatusSeeOther, servertest.AdminToken, "", "do", "general", "member", "", "etag", etag())

	// A link's address is told once.
	text := post(http.StatusOK, servertest.AdminToken, "/link", "title", "board")
	address := regexp.MustCompile(`value="(http[^"]*/s/sxl_[^"]+)"`).FindStringSubmatch(text)
	if address == nil || strings.Contains(page(), "sxl_") {
		t.Fatalf("address: %v", address)
	}
	path := strings.TrimPrefix(address[1], s.URL)
	s.Want(http.StatusOK, "", "GET", path, nil)
	post(http.StatusUnprocessableEntity, servertest.AdminToken, "/link", "password", "short")
	link := regexp.MustCompile(`name="link" value="([^"]+)"`).FindStringSubmatch(page())[1]
	post(http.StatusNotFound, bob, "/revoke", "link", link)
	s.Want(http.StatusOK, "", "GET", path, nil)
	post(http.StatusSeeOther, servertest.AdminToken, "/revoke", "link", link)
	s.Want(http.StatusNotFound, "", "GET", path, nil)

	// Who asks is shown until it is decided.
	s.Want(http.StatusAccepted, stranger, "POST", "v1/resources/"+id+"/access-requests", map[string]any{"role": "viewer", "message": "for the report"})
	request := regexp.MustCompile(`name="request" value="([^"]+)"`).FindStringSubmatch(page())[1]
	post(http.StatusSeeOther, servertest.AdminToken, "/request", "request", request, "do", "approve", "role", "viewer")
	if !reads(stranger) || strings.Contains(page(), "for the report") {
		t.Error("the request was not granted")
	}
	// A folder is shared in the same way, without links.
	if text := s.Want(http.StatusOK, servertest.AdminToken, "GET", "n/"+in+"/share", nil).Text; strings.Contains(text, "/share/link") || !strings.Contains(text, "direct") {
		t.Error(text)
	}
}
