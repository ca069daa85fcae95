package api_test

import (
	"bufio"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sextant/server/servertest"
)

func bind(role string, members ...string) map[string]any {
	return map[string]any{"role": role, "members": members}
}

func TestSharing(t *testing.T) {
	s := servertest.Start(t)
	ana, bo := s.User("ana@x.org"), s.User("bo@y.org")
	id, _ := create(t, s, "a.sql", "select 1")
	path := "v1/resources/" + id
	policy := s.Want(http.StatusOK, admin, "GET", path+"/iam-policy", nil)
	set := func(status int, etag string, bindings ...any) servertest.Answer {
		return s.Want(status, admin, "PUT", path+"/iam-policy", map[string]any{"etag": etag, "bindings": bindings})
	}
	first := policy.JSON(t)["etag"].(string)
	owner := bind("owner", "user:admin@localhost")
	set(http.StatusOK, first, owner, bind("viewer", "domain:x.org"))
	set(http.StatusPreconditionFailed, first, owner)
	set(http.StatusBadRequest, "", owner, bind("nosuch", "user:ana@x.org"))
	set(http.StatusBadRequest, "", owner, map[string]any{"role": "viewer", "members": []string{"user:a@x.org"}, "condition": map[string]any{"expression": "1 +"}})
	s.Want(http.StatusOK, ana, "GET", path+"/content", nil)
	s.Want(http.StatusForbidden, ana, "PUT", path+"/content", "select 2", "If-Match", "*")
	s.Want(http.StatusNotFound, bo, "GET", path+"/content", nil)
	held := s.Want(http.StatusOK, ana, "POST", path+"/test-iam-permissions", map[string]any{"permissions": []string{"documents.read", "documents.update"}})
	if held.Text != `{"permissions":["documents.read"]}`+"\n" {
		t.Errorf("ana holds %s", held.Text)
	}
	if shared := s.Want(http.StatusOK, ana, "GET", "v1/shared?fields=name", nil); !strings.Contains(shared.Text, "a.sql") {
		t.Errorf("shared with ana: %s", shared.Text)
	}
	why := s.Want(http.StatusOK, admin, "GET", path+"/explain?permission=documents.read&principal="+url.QueryEscape("user:ana@x.org"), nil).JSON(t)
	if why["allowed"] != true || !strings.Contains(s.Do(admin, "GET", path+"/who-can?permission=documents.read", nil).Text, "domain:x.org") {
		t.Errorf("explained: %v", why)
	}
	// Whoever asks is told nothing; whoever may share sees it and decides.
	s.Want(http.StatusAccepted, bo, "POST", path+"/access-requests", map[string]any{"role": "viewer", "message": "please"})
	asked := s.Want(http.StatusOK, admin, "GET", path+"/access-requests?open=true", nil).JSON(t)["items"].([]any)
	if len(asked) != 1 {
		t.Fatalf("requests %v", asked)
	}
	request := asked[0].(map[string]any)["id"].(string)
	s.Want(http.StatusNotFound, bo, "POST", "v1/access-requests/"+request+"/decision", map[string]any{"approve": true})
	s.Want(http.StatusNoContent, admin, "POST", "v1/access-requests/"+request+"/decision", map[string]any{"approve": true})
	s.Want(http.StatusPreconditionFailed, admin, "POST", "v1/access-requests/"+request+"/decision", map[string]any{"approve": true})
	s.Want(http.StatusOK, bo, "GET", path+"/content", nil)
	s.Want(http.StatusNoContent, admin, "POST", path+"/transfer-ownership", map[string]any{"to": "user:ana@x.org"})
	if got := s.Want(http.StatusOK, ana, "GET", path, nil).JSON(t); got["owner"] != "user:ana@x.org" {
		t.Errorf("owner %v", got["owner"])
	}
	// The server never loses its last owner.
	s.Want(http.StatusConflict, admin, "PUT", "v1/resources/root/iam-policy", map[string]any{"bindings": []any{bind("viewer", "user:ana@x.org")}})
	s.Want(http.StatusConflict, admin, "POST", "v1/principals/user:admin@localhost/disable", nil)
}

func TestGroupsAndRoles(t *testing.T) {
	s := servertest.Start(t)
	ana := s.User("ana@x.org")
	id, _ := create(t, s, "a.sql", "select 1")
	s.Want(http.StatusNoContent, admin, "PUT", "v1/groups/group:risk@x.org", map[string]any{"title": "Risk"})
	s.Want(http.StatusNoContent, admin, "PUT", "v1/roles/custom/reader", map[string]any{"title": "Reader", "permissions": []string{"resources.get", "documents.read"}})
	s.Want(http.StatusOK, admin, "PUT", "v1/resources/"+id+"/iam-policy", map[string]any{"bindings": []any{
		bind("owner", "user:admin@localhost"), bind("custom/reader", "group:risk@x.org")}})
	s.Want(http.StatusNotFound, ana, "GET", "v1/resources/"+id+"/content", nil)
	s.Want(http.StatusNoContent, admin, "PUT", "v1/groups/group:risk@x.org/members/user:ana@x.org", nil)
	s.Want(http.StatusOK, ana, "GET", "v1/resources/"+id+"/content", nil)
	if members := s.Want(http.StatusOK, admin, "GET", "v1/groups/group:risk@x.org/members", nil); members.Text != `{"items":["user:ana@x.org"]}`+"\n" {
		t.Errorf("members %s", members.Text)
	}
	s.Want(http.StatusPreconditionFailed, admin, "DELETE", "v1/roles/custom/reader", nil)
	s.Want(http.StatusNoContent, admin, "DELETE", "v1/groups/group:risk@x.org/members/user:ana@x.org", nil)
	s.Want(http.StatusNotFound, ana, "GET", "v1/resources/"+id+"/content", nil)
	s.Want(http.StatusForbidden, ana, "PUT", "v1/groups/group:mine@x.org", map[string]any{})
	s.Want(http.StatusForbidden, ana, "GET", "v1/principals", nil)
	if page := s.Want(http.StatusOK, admin, "GET", "v1/principals?pageSize=1&fields=member", nil).JSON(t); len(page["items"].([]any)) != 1 || page["nextPageToken"] == nil {
		t.Errorf("page %v", page)
	}
	s.Want(http.StatusBadRequest, admin, "GET", "v1/principals?pageToken=nonsense", nil)
	if roles := s.Want(http.StatusOK, ana, "GET", "v1/roles", nil); !strings.Contains(roles.Text, "custom/reader") {
		t.Errorf("roles %s", roles.Text)
	}
}

func TestAudit(t *testing.T) {
	s := servertest.Start(t)
	ana := s.User("ana@x.org")
	id, _ := create(t, s, "a.sql", "select 1")
	denied := s.Want(http.StatusNotFound, ana, "GET", "v1/resources/"+id+"/content", nil)
	found := s.Want(http.StatusOK, admin, "GET", "v1/audit?denied=true&actor=user:ana@x.org", nil).JSON(t)["items"].([]any)
	if len(found) != 1 {
		t.Fatalf("audit %v", found)
	}
	entry := found[0].(map[string]any)
	if entry["resource"] != id || entry["operation"] != "Read" || entry["requestId"] != denied.Header.Get("X-Request-Id") || entry["address"] != "127.0.0.1" {
		t.Errorf("entry %v", entry)
	}
	s.Want(http.StatusForbidden, ana, "GET", "v1/audit", nil)
	s.Want(http.StatusForbidden, ana, "GET", "v1/audit/export", nil)
	export := s.Want(http.StatusOK, admin, "GET", "v1/audit/export", nil)
	lines := strings.Count(export.Text, "\n")
	report := s.Want(http.StatusOK, admin, "POST", "v1/audit/verify", nil).JSON(t)
	if n := report["entries"].(float64); int(n) < lines || lines < 5 || report["broken"] != nil {
		t.Errorf("%d lines exported, report %v", lines, report)
	}
	if empty := s.Want(http.StatusOK, admin, "GET", "v1/audit/export?actor=user:nobody@x.org", nil); empty.Text != "" {
		t.Errorf("%q", empty.Text)
	}
	s.Want(http.StatusBadRequest, admin, "GET", "v1/audit/export?from=yesterday", nil)
}

// follow begins to follow the change feed and gives its lines as they come.
func follow(t *testing.T, s *servertest.Server, token, accept, query string) (next func() string, headers http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+"v1/changes"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Accept", accept)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	if answer.StatusCode != http.StatusOK {
		t.Fatal(answer.Status)
	}
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	return func() string {
		for lines.Scan() {
			if line := lines.Text(); line != "" && !strings.HasPrefix(line, ":") {
				return line
			}
		}
		t.Fatalf("the feed ended: %v", lines.Err())
		return ""
	}, answer.Header
}

func TestChangeFeed(t *testing.T) {
	s := servertest.Start(t)
	ana := s.User("ana@x.org")
	events, headers := follow(t, s, admin, "text/event-stream", "")
	if headers.Get("Content-Type") != "text/event-stream" {
		t.Errorf("headers %v", headers)
	}
	start, ok := strings.CutPrefix(events(), "id: ")
	if !ok || events() != "event: changes" || !strings.Contains(events(), `"changes":[]`) {
		t.Fatal("the first event does not tell where the feed is")
	}
	others, _ := follow(t, s, ana, "application/x-ndjson", "")
	if line := others(); !strings.Contains(line, `"changes":[]`) {
		t.Errorf("first line %s", line)
	}
	secret, _ := create(t, s, "secret.sql", "select 1")
	_, _ = events(), events()
	if data := events(); !strings.Contains(data, secret) || !strings.Contains(data, `"kind":"created"`) {
		t.Errorf("event %s", data)
	}
	open, _ := create(t, s, "open.sql", "select 1")
	s.Want(http.StatusOK, admin, "PUT", "v1/resources/"+open+"/iam-policy", map[string]any{"bindings": []any{
		bind("owner", "user:admin@localhost"), bind("viewer", "user:ana@x.org")}})
	if line := others(); strings.Contains(line, secret) || !strings.Contains(line, open) {
		t.Errorf("ana is told %s", line)
	}
	// Whoever comes again with a token misses nothing.
	all := s.Want(http.StatusOK, admin, "GET", "v1/changes?since="+start, nil)
	if strings.Count(all.Text, `"kind":"created"`) != 2 || !strings.Contains(all.Text, `"kind":"policy"`) {
		t.Errorf("since the start: %s", all.Text)
	}
	resumed, _ := follow(t, s, admin, "text/event-stream", "?limit=1&since="+start)
	_, _ = resumed(), resumed()
	if data := resumed(); !strings.Contains(data, secret) || !strings.Contains(data, `"more":true`) {
		t.Errorf("resumed with %s", data)
	}
	s.Want(http.StatusBadRequest, admin, "GET", "v1/changes?since=x", nil)
	// A server that stops does not wait for followers.
	s.Stop()
}
