package pages_test

import (
	unescape "html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sextant/server"
	"sextant/server/servertest"
)

// TestOEmbed: whoever knows a link's address learns its title, and a frame where its maker named sites; nobody learns more.
func TestOEmbed(t *testing.T) {
	s := servertest.Start(t, func(c *server.Config) { c.BaseURL = "/x/" })
	id, _ := document(t, s, folder(t, s), `a "b" <c>.ipynb`, drawn)
	link := func(fields map[string]any) (address, link string) {
		made := s.Want(http.StatusCreated, servertest.AdminToken, "POST", "v1/resources/"+id+"/share-links", fields).JSON(t)
		return s.URL + strings.TrimPrefix(made["path"].(string), "/"), made["id"].(string)
	}
	ask := func(status int, address, more string) servertest.Answer {
		t.Helper()
		return s.Want(status, "", "GET", "oembed?url="+url.QueryEscape(address)+more, nil)
	}
	framed, framedLink := link(map[string]any{"origins": []string{"https://portal.x.org"}, "look": map[string]any{"name": "Portal"}})
	got := ask(http.StatusOK, framed+"?code=1", "&maxwidth=400&format=json").JSON(t)
	if got["type"] != "rich" || got["version"] != "1.0" || got["title"] != `a "b" <c>` || got["provider_name"] != "Portal" || got["width"] != 400.0 || got["height"] != 600.0 {
		t.Errorf("%v", got)
	}
	frame := regexp.MustCompile(`^<iframe src="([^"]+)" title="a &#34;b&#34; &lt;c&gt;" width="400" height="600" loading="lazy" style="border: 0"></iframe>$`).FindStringSubmatch(got["html"].(string))
	if frame == nil {
		t.Fatalf("%s", got["html"])
	}
	there := strings.TrimPrefix(unescape.UnescapeString(frame[1]), s.URL)
	shown := s.Want(http.StatusOK, "", "GET", there, nil)
	if !strings.Contains(shown.Header.Get("Content-Security-Policy"), "frame-ancestors 'self' https://portal.x.org") {
		t.Errorf("%v", shown.Header)
	}
	page := s.Want(http.StatusOK, "", "GET", strings.TrimPrefix(framed, s.URL), nil)
	found := regexp.MustCompile(`type="application/json\+oembed" href="([^"]+)"`).FindStringSubmatch(page.Text)
	if found == nil || s.Want(http.StatusOK, "", "GET", strings.TrimPrefix(unescape.UnescapeString(found[1]), s.URL), nil).JSON(t)["type"] != "rich" {
		t.Errorf("the page leads to no oEmbed: %v", found)
	}
	plain, _ := link(map[string]any{})
	if got := ask(http.StatusOK, plain, "").JSON(t); got["type"] != "link" || got["html"] != nil {
		t.Errorf("%v", got)
	}
	closed, _ := link(map[string]any{"password": "open sesame"})
	if got := ask(http.StatusUnauthorized, closed, ""); strings.Contains(got.Text, "<c>") {
		t.Error(got.Text)
	}
	if page := s.Want(http.StatusOK, "", "GET", strings.TrimPrefix(closed, s.URL), nil); strings.Contains(page.Text, "oembed") {
		t.Error("what has a password leads to oEmbed")
	}
	for _, other := range []string{"", "x", s.URL + "n/" + id, "https://elsewhere.org/x/s/" + plain[strings.LastIndex(plain, "/")+1:], s.URL + "s/sxl_nothing", s.URL + "s/"} {
		ask(http.StatusNotFound, other, "")
	}
	ask(http.StatusNotImplemented, plain, "&format=xml")
	ask(http.StatusBadRequest, framed, "&maxwidth=wide")
	s.Want(http.StatusNoContent, servertest.AdminToken, "DELETE", "v1/share-links/"+framedLink, nil)
	ask(http.StatusNotFound, framed, "")
	s.Want(http.StatusNotFound, "", "GET", there, nil)
}
