package pages_test

import (
	"net/http"
	"strings"
	"testing"

	"sextant/server"
	"sextant/server/servertest"
)

func TestHomeAndFolders(t *testing.T) {
	s := servertest.Start(t, func(c *server.Config) { c.Samples = true })
	ana := s.User("ana@x.org")
	if got := s.Want(http.StatusSeeOther, "", "GET", "", nil); got.Header.Get("Location") != "/signin" {
		t.Errorf("leads to %s", got.Header.Get("Location"))
	}
	in := folder(t, s)
	id, _ := document(t, s, in, "late.ipynb", ran)
	home := s.Want(http.StatusOK, ana, "GET", "", nil)
	if !strings.Contains(home.Text, "Signed in as <strong>ana@x.org</strong>") || !strings.Contains(home.Text, "</span>flights</a>") || strings.Contains(home.Text, "</span>late</a>") {
		t.Error(home.Text)
	}
	share(t, s, id, "viewer", "user:ana@x.org")
	if home := s.Want(http.StatusOK, ana, "GET", "", nil); !strings.Contains(home.Text, "</span>late</a>") {
		t.Error("what is shared is not there")
	}
	s.Want(http.StatusNotFound, ana, "GET", "n/"+in, nil)
	if got := s.Want(http.StatusOK, servertest.AdminToken, "GET", "n/"+in, nil); !strings.Contains(got.Text, "n/"+id) || !strings.Contains(got.Text, "<h1>Reports</h1>") {
		t.Error(got.Text)
	}
	// The samples can be read before anything is run.
	for name, want := range map[string]string{"flights.ipynb": "<figure class=\"sx-chart\">", "gapminder.ipynb": `"library":"plotly"`, "delays.sql": "at_least"} {
		id := s.Want(http.StatusOK, ana, "GET", "v1/resolve?path=/Samples/"+name, nil).JSON(t)["id"].(string)
		if got := s.Want(http.StatusOK, ana, "GET", "n/"+id, nil); !strings.Contains(got.Text, want) {
			t.Errorf("%s: no %s", name, want)
		}
	}
}
