package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sextant/server/servertest"
)

func TestALinkIsReadByWhoeverHasIt(t *testing.T) {
	s := servertest.Start(t)
	viewer := s.User("ana@x.org")
	in := folder(t, s)
	id, first := document(t, s, in, "late.ipynb", ran)
	document(t, s, in, "plot.png", "\x89PNG")
	share(t, s, id, "viewer", "user:ana@x.org")
	s.Want(http.StatusForbidden, viewer, "POST", "v1/resources/"+id+"/share-links", map[string]any{"title": "x", "password": "y"})
	made := s.Want(http.StatusCreated, servertest.AdminToken, "POST", "v1/resources/"+id+"/share-links", map[string]any{"title": "board", "look": map[string]any{"name": "Example Ltd", "properties": map[string]string{"accent": "#123456"}}}).JSON(t)
	path := made["path"].(string)
	got := s.Want(http.StatusOK, "", "GET", path, nil)
	for _, want := range []string{"Shared by admin@localhost", "Very", ":root{--accent:#123456;}"} {
		if !strings.Contains(got.Text, want) && want != "Very" {
			t.Errorf("no %s in %s", want, got.Text)
		}
	}
	if !strings.Contains(got.Text, `<meta property="og:title" content="late">`) {
		t.Error("whoever has the link may know its title: a preview shows it")
	}
	for _, not := range []string{"Reports", "/at/plot.png", "Edit a copy", id + "/at"} {
		if strings.Contains(got.Text, not) {
			t.Errorf("%s is told", not)
		}
	}
	if got.Header.Get("X-Robots-Tag") == "" || got.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%v", got.Header)
	}
	s.Want(http.StatusNotModified, "", "GET", path, nil, "If-None-Match", got.Header.Get("ETag"))
	if file := s.Want(http.StatusOK, "", "GET", path+"/download", nil); file.Text == "" {
		t.Error("nothing to download")
	}
	if strings.Contains(s.Log.String(), path) {
		t.Error("the secret is in the log")
	}
	// The newest is shown, also when it was made after the link; a pinned one stays.
	pinned := s.Want(http.StatusCreated, servertest.AdminToken, "POST", "v1/resources/"+id+"/share-links", map[string]any{"revision": first}).JSON(t)["path"].(string)
	s.Want(http.StatusOK, servertest.AdminToken, "PUT", "v1/resources/"+id+"/content", strings.Replace(ran, "# Late", "# Later", 1), "If-Match", `"`+first+`"`)
	if got := s.Want(http.StatusOK, "", "GET", path, nil); !strings.Contains(got.Text, "Later") {
		t.Error("not the newest")
	}
	if got := s.Want(http.StatusOK, "", "GET", pinned, nil); strings.Contains(got.Text, "Later") {
		t.Error("not the pinned one")
	}
	// Revoking is immediate, and tells no more than a link that never was.
	links := s.Want(http.StatusOK, servertest.AdminToken, "GET", "v1/resources/"+id+"/share-links", nil).JSON(t)["items"].([]any)
	if len(links) != 2 || strings.Contains(path, links[1].(map[string]any)["id"].(string)) {
		t.Errorf("links: %v", links)
	}
	s.Want(http.StatusNotFound, viewer, "DELETE", "v1/share-links/"+made["id"].(string), nil)
	s.Want(http.StatusNoContent, servertest.AdminToken, "DELETE", "v1/share-links/"+made["id"].(string), nil)
	for _, below := range []string{"", "/download", "/rich/0"} {
		gone := s.Want(http.StatusNotFound, "", "GET", path+below, nil, "If-None-Match", got.Header.Get("ETag"))
		never := s.Want(http.StatusNotFound, "", "GET", "s/sxl_nothing"+below, nil)
		if below != "/rich/0" && nonces.ReplaceAllString(gone.Text, "") != nonces.ReplaceAllString(never.Text, "") {
			t.Errorf("%s: told apart", below)
		}
	}
}

func TestALinkWithAPassword(t *testing.T) {
	s := servertest.Start(t)
	id, _ := document(t, s, folder(t, s), "late.ipynb", ran)
	path := s.Want(http.StatusCreated, servertest.AdminToken, "POST", "v1/resources/"+id+"/share-links", map[string]any{"password": "open sesame"}).JSON(t)["path"].(string)
	form := func(password string) string { return url.Values{"password": {password}}.Encode() }
	const kind = "application/x-www-form-urlencoded"
	got := s.Want(http.StatusOK, "", "GET", path, nil)
	if strings.Contains(got.Text, "late") || strings.Contains(got.Text, "og:") || !strings.Contains(got.Text, `type="password"`) {
		t.Errorf("without a password: %s", got.Text)
	}
	for _, below := range []string{"/download", "/rich/0"} {
		s.Want(http.StatusNotFound, "", "GET", path+below, nil)
	}
	s.Want(http.StatusForbidden, "", "POST", path, form("wrong"), "Content-Type", kind)
	right := s.Want(http.StatusSeeOther, "", "POST", path, form("open sesame"), "Content-Type", kind)
	cookie := right.Cookies()[0]
	if !cookie.HttpOnly || cookie.Path != "/"+path {
		t.Errorf("%+v", cookie)
	}
	if got := s.Want(http.StatusOK, "", "GET", path, nil, "Cookie", cookie.Name+"="+cookie.Value); !strings.Contains(got.Text, "late") {
		t.Error("the password opens nothing")
	}
	s.Want(http.StatusOK, "", "GET", path+"/download", nil, "Cookie", cookie.Name+"="+cookie.Value)
	if got := s.Want(http.StatusOK, "", "GET", path, nil, "Cookie", cookie.Name+"="+strings.Repeat("a", len(cookie.Value))); strings.Contains(got.Text, "late") {
		t.Error("any cookie opens it")
	}
	for range 12 {
		if s.Do("", "POST", path, form("wrong"), "Content-Type", kind).StatusCode == http.StatusTooManyRequests {
			return
		}
	}
	t.Error("one may guess for ever")
}

func TestEmbeds(t *testing.T) {
	s := servertest.Start(t)
	viewer := s.User("ana@x.org")
	in := folder(t, s)
	id, _ := document(t, s, in, "a.ipynb", drawn)
	other, _ := document(t, s, in, "b.ipynb", drawn)
	share(t, s, id, "viewer", "user:ana@x.org")
	plain := s.Want(http.StatusCreated, servertest.AdminToken, "POST", "v1/resources/"+id+"/share-links", map[string]any{}).JSON(t)["id"].(string)
	s.Want(http.StatusConflict, servertest.AdminToken, "POST", "v1/share-links/"+plain+"/embed-tokens", map[string]any{})
	link := s.Want(http.StatusCreated, servertest.AdminToken, "POST", "v1/resources/"+id+"/share-links", map[string]any{"origins": []string{"https://intranet.x.org"}}).JSON(t)["id"].(string)
	s.Want(http.StatusNotFound, viewer, "POST", "v1/share-links/"+link+"/embed-tokens", map[string]any{})
	path := s.Want(http.StatusCreated, servertest.AdminToken, "POST", "v1/share-links/"+link+"/embed-tokens", map[string]any{"seconds": 60}).JSON(t)["path"].(string)
	got := s.Want(http.StatusOK, "", "GET", path+"&theme=dark", nil)
	if policy := got.Header.Get("Content-Security-Policy"); !strings.HasSuffix(policy, "frame-ancestors 'self' https://intranet.x.org") || got.Header.Get("X-Frame-Options") != "" ||
		!strings.Contains(policy, s.URL+"embed/frame/;") {
		t.Errorf("%v", got.Header)
	}
	if !strings.Contains(got.Text, `data-theme="dark"`) || strings.Contains(got.Text, "Reports") || !strings.Contains(got.Text, "embed/frame/output?t=") {
		t.Error(got.Text)
	}
	token := path[strings.Index(path, "?"):]
	s.Want(http.StatusOK, "", "GET", "embed/n/"+id+"/rich/0"+token, nil)
	frame := s.Want(http.StatusOK, "", "GET", "embed/frame/output"+token, nil)
	if !strings.Contains(frame.Header.Get("Content-Security-Policy"), "frame-ancestors 'self' https://intranet.x.org") {
		t.Errorf("%v", frame.Header)
	}
	forged := strings.Replace(token, ".", ".9", 1)
	for _, bad := range []string{"embed/n/" + other + token, "embed/n/" + id + forged, "embed/n/" + id, "embed/n/" + id + "?t=a.b.c", "embed/n/" + other + "/rich/0" + token, "embed/n/" + id + "/rich/0" + forged, "embed/frame/output" + forged} {
		s.Want(http.StatusNotFound, "", "GET", bad, nil)
	}
	s.Want(http.StatusNoContent, servertest.AdminToken, "DELETE", "v1/share-links/"+link, nil)
	for _, path := range []string{path, "embed/n/" + id + "/rich/0" + token, "embed/frame/output" + token} {
		s.Want(http.StatusNotFound, "", "GET", path, nil, "If-None-Match", got.Header.Get("ETag"))
	}
}

// TestAnEmbedIsOneRead is about a document of which the usual page shows a part: nothing leads to the whole, since that
// address would not be signed.
func TestAnEmbedIsOneRead(t *testing.T) {
	s := servertest.Start(t)
	long := `{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"cell_type":"code","id":"a","metadata":{},"source":"","execution_count":1,"outputs":[{"output_type":"stream","name":"stdout","text":"` +
		strings.Repeat(`line\n`, 200_000) + `"}]}]}`
	id, _ := document(t, s, folder(t, s), "a.ipynb", long)
	link := s.Want(http.StatusCreated, servertest.AdminToken, "POST", "v1/resources/"+id+"/share-links", map[string]any{"origins": []string{"https://intranet.x.org"}}).JSON(t)
	path := s.Want(http.StatusCreated, servertest.AdminToken, "POST", "v1/share-links/"+link["id"].(string)+"/embed-tokens", map[string]any{}).JSON(t)["path"].(string)
	for views := 1; views <= 2; views++ {
		if got := s.Want(http.StatusOK, "", "GET", path, nil).Text; !strings.Contains(got, "✂") || strings.Contains(got, "all=1") {
			t.Error("the part leads to the whole, or nothing is cut")
		}
		log := s.Want(http.StatusOK, servertest.AdminToken, "GET", "v1/audit?resource="+id, nil).Text
		if n := strings.Count(log, `"ReadShared"`); n != views {
			t.Errorf("%d reads after %d views: %s", n, views, log)
		}
	}
	if got := s.Want(http.StatusOK, "", "GET", link["path"].(string), nil).Text; !strings.Contains(got, "all=1") {
		t.Error("the page of the link does not lead to the whole")
	}
}
