package pages_test

import (
	"net/http"
	"strings"
	"testing"

	"sextant/server/servertest"
)

// TestPeopleAreCalledByTheirNames: on every page that says who did something, to those who signed in; a stranger with a link gets no names.
func TestPeopleAreCalledByTheirNames(t *testing.T) {
	s := servertest.Start(t)
	ana := s.User("ana@x.org")
	s.Want(http.StatusNoContent, servertest.AdminToken, "PUT", "v1/principals/user:ana@x.org", map[string]any{"displayName": "Ana <Ruiz>"})
	folder := s.Want(http.StatusCreated, servertest.AdminToken, "POST", "v1/resources", map[string]any{"parent": "root", "type": "folder", "name": "f"}).JSON(t)["id"].(string)
	s.Want(http.StatusOK, servertest.AdminToken, "PUT", "v1/resources/"+folder+"/iam-policy", map[string]any{"bindings": []any{
		map[string]any{"role": "owner", "members": []string{"user:ana@x.org"}}, map[string]any{"role": "viewer", "members": []string{"allUsers"}}}})
	made := s.Want(http.StatusCreated, ana, "POST", "v1/resources", map[string]any{"parent": folder, "type": "sql", "name": "a.sql", "content": "SELECT 1"}).JSON(t)
	id := made["id"].(string)
	s.Want(http.StatusOK, ana, "PUT", "v1/resources/"+id+"/content", "SELECT 2", "If-Match", "*", "Content-Type", "application/sql")
	revisions := s.Want(http.StatusOK, ana, "GET", "v1/resources/"+id+"/revisions", nil).JSON(t)["items"].([]any)
	first, second := revisions[1].(map[string]any)["id"].(string), revisions[0].(map[string]any)["id"].(string)
	const name, address = "Ana &lt;Ruiz&gt;", "ana@x.org"
	html := []string{"Accept", "text/html"}
	for _, path := range []string{"n/" + id, "n/" + folder, "n/" + id + "/history", "n/" + id + "/diff/" + first + ".." + second, "n/" + id + "/share"} {
		if got := s.Want(http.StatusOK, servertest.AdminToken, "GET", path, nil, html...); !strings.Contains(got.Text, name) {
			t.Errorf("%s does not say the name", path)
		}
	}
	for _, path := range []string{"n/" + id, "n/" + folder} {
		if got := s.Want(http.StatusOK, "", "GET", path, nil, html...); strings.Contains(got.Text, name) || !strings.Contains(got.Text, address) {
			t.Errorf("%s for strangers: %s", path, got.Text)
		}
	}
	// A page that is kept is another one once somebody's name is.
	etag := s.Want(http.StatusOK, servertest.AdminToken, "GET", "n/"+id, nil, html...).Header.Get("ETag")
	s.Want(http.StatusNotModified, servertest.AdminToken, "GET", "n/"+id, nil, "Accept", "text/html", "If-None-Match", etag)
	s.Want(http.StatusNoContent, servertest.AdminToken, "PUT", "v1/principals/user:ana@x.org", map[string]any{"displayName": "Ana Ortiz"})
	s.Want(http.StatusOK, servertest.AdminToken, "GET", "n/"+id, nil, "Accept", "text/html", "If-None-Match", etag)
}
