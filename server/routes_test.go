package server_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"sextant/content"
	"sextant/server/servertest"
)

var wildcard = regexp.MustCompile(`\{[^}]*\}`)

// TestEveryRouteStatesItsPermission walks every route: each names a method of content.Service, which checks the caller, or
// says why nobody is checked.
func TestEveryRouteStatesItsPermission(t *testing.T) {
	s := servertest.Start(t)
	known := map[string]content.Operation{}
	for _, op := range content.Operations() {
		known[op.Name] = op
	}
	used := map[string]bool{}
	for _, r := range s.App.Routes() {
		method, _, ok := strings.Cut(r.Pattern, " ")
		if !ok || strings.ToUpper(method) != method {
			t.Errorf("%s: no method", r.Pattern)
		}
		switch {
		case r.Access.Operation == "" && r.Access.Open == "":
			t.Errorf("%s states no permission", r.Pattern)
		case r.Access.Operation != "" && r.Access.Open != "":
			t.Errorf("%s states a permission and that it needs none", r.Pattern)
		case r.Access.Operation != "":
			if _, ok := known[r.Access.Operation]; !ok {
				t.Errorf("%s: content.Service has no %s", r.Pattern, r.Access.Operation)
			}
		}
		used[r.Access.Operation] = true
	}
	// What only the server itself may do has no route.
	for _, local := range []string{"Initialize", "CreateSignIn", "PasswordHash", "HoldRevision"} {
		if used[local] {
			t.Errorf("a route offers %s", local)
		}
	}
	if n := len(s.App.Routes()); n < 60 {
		t.Errorf("only %d routes", n)
	}
}

// TestRoutesWithAPermissionRefuseStrangers asks every route whose method needs a permission, as nobody and as somebody
// without any right, with a body that would pass. None may do it.
func TestRoutesWithAPermissionRefuseStrangers(t *testing.T) {
	s := servertest.Start(t)
	stranger := s.User("stranger@x.org")
	folder := s.Want(http.StatusCreated, servertest.AdminToken, "POST", "v1/resources", map[string]any{"parent": "root", "type": "folder", "name": "secret"}).JSON(t)
	document := s.Want(http.StatusCreated, servertest.AdminToken, "POST", "v1/resources",
		map[string]any{"parent": folder["id"], "name": "a.sql", "content": "select 1"}).JSON(t)
	link := s.Want(http.StatusCreated, servertest.AdminToken, "POST", "v1/resources/"+document["id"].(string)+"/share-links", map[string]any{}).JSON(t)["id"].(string)
	bodies := map[string]any{
		"createResource": map[string]any{"parent": folder["id"], "name": "b.sql"}, "moveResource": map[string]any{"parent": "root"},
		"copyDocument": map[string]any{"parent": folder["id"], "name": "c.sql"}, "updateResource": map[string]any{"name": "d.sql"},
		"setIamPolicy":      map[string]any{"bindings": []any{}},
		"transferOwnership": map[string]any{"to": "user:stranger@x.org"}, "decideAccess": map[string]any{"approve": true},
		"nameRevision": map[string]any{"name": "n"}, "putRole": map[string]any{"permissions": []string{"resources.get"}},
		"setPassword": map[string]any{"password": "long enough to pass"}, "createInvitation": map[string]any{"address": "kim@partner.org"},
	}
	ids := operationIDs(t, s)
	operations := map[string]content.Operation{}
	for _, op := range content.Operations() {
		operations[op.Name] = op
	}
	tried := 0
	for _, r := range s.App.Routes() {
		op, ok := operations[r.Access.Operation]
		if !ok || op.Permission == "" || op.Open != "" {
			continue
		}
		method, path, _ := strings.Cut(r.Pattern, " ")
		for name, value := range map[string]string{"{id}": document["id"].(string), "{revision}": document["revision"].(string),
			"{index}": "0", "{levels}": "1", "{link}": link, "{pair}": document["revision"].(string) + ".." + document["revision"].(string), "{path...}": "secret/a.sql", "{format}": "script", "{member}": "user:admin@localhost", "{who}": "user:stranger@x.org", "{mark}": "star", "{role}": "r", "{request}": document["id"].(string)} {
			path = strings.ReplaceAll(path, name, value)
		}
		if strings.Contains(path, "groups/") {
			path = strings.ReplaceAll(path, "user:admin@localhost", "group:g")
		}
		if strings.HasSuffix(path, "/documents") || strings.HasSuffix(path, "/children") || strings.HasSuffix(path, "/retention") {
			path = strings.ReplaceAll(path, document["id"].(string), folder["id"].(string))
		}
		if wildcard.MatchString(path) {
			t.Fatalf("%s: what stands for %s?", r.Pattern, wildcard.FindString(path))
		}
		path += map[string]string{"resolvePath": "?path=/secret/a.sql", "explainAccess": "?principal=user:stranger@x.org%26permission=documents.read",
			"whoCan": "?permission=documents.read", "uploadDocument": "?name=e.sql", "mergeContent": "?base=" + document["revision"].(string)}[ids[r.Pattern]]
		path = strings.ReplaceAll(path, "%26", "&")
		var body any = bodies[ids[r.Pattern]]
		if body == nil && method != "GET" && method != "DELETE" && !strings.HasSuffix(r.Pattern, "/content") {
			body = map[string]any{}
		}
		for _, who := range []string{"", stranger} {
			got := s.Do(who, method, path, body, "If-Match", "*")
			if got.StatusCode != http.StatusNotFound && got.StatusCode != http.StatusForbidden && got.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s %s as %.3q: %d %s", method, path, who, got.StatusCode, got.Text)
			}
			tried++
		}
	}
	if tried < 90 {
		t.Errorf("only %d requests were tried", tried)
	}
	if got := s.Want(http.StatusOK, servertest.AdminToken, "GET", "v1/resources/"+document["id"].(string), nil).JSON(t); got["name"] != "a.sql" || got["revisionNumber"] != 1.0 {
		t.Errorf("strangers changed the document: %v", got)
	}
}

// operationIDs gives each pattern's operation id, from the API's description.
func operationIDs(t *testing.T, s *servertest.Server) map[string]string {
	t.Helper()
	out := map[string]string{}
	paths := s.Want(http.StatusOK, "", "GET", "v1/openapi.json", nil).JSON(t)["paths"].(map[string]any)
	for path, methods := range paths {
		for method, op := range methods.(map[string]any) {
			if fields, ok := op.(map[string]any); ok {
				if fields["x-permission"] == "" || fields["x-permission"] == nil {
					t.Errorf("%s %s: the description states no permission", method, path)
				}
				out[strings.ToUpper(method)+" "+path], _ = fields["operationId"].(string)
			}
		}
	}
	return out
}

// TestMissingAndForbiddenLookAlike compares the answers about a document that one may not see with those about one that
// is not there: everything but the request's id is the same.
func TestMissingAndForbiddenLookAlike(t *testing.T) {
	s := servertest.Start(t)
	stranger := s.User("stranger@x.org")
	document := s.Want(http.StatusCreated, servertest.AdminToken, "POST", "v1/resources",
		map[string]any{"parent": "root", "name": "a.ipynb", "content": "{}"}).JSON(t)["id"].(string)
	missing := "019ad000-0000-7000-8000-000000000000"
	for _, who := range []string{"", stranger} {
		for _, c := range [][2]string{{"GET", ""}, {"GET", "/content"}, {"HEAD", "/content"}, {"PUT", "/content"}, {"GET", "/revisions"}, {"GET", "/diff"},
			{"GET", "/ancestors"}, {"GET", "/iam-policy"}, {"DELETE", ""}, {"GET", "/children"}, {"POST", "/test-iam-permissions"}, {"PUT", "/marks/star"},
			{"POST", "/access-requests"}, {"GET", "/access-requests"}, {"GET", "/content?revision=" + missing}} {
			if who == "" && c[1] == "/access-requests" && c[0] == "POST" {
				continue // nobody can ask
			}
			var seen [2]string
			for i, id := range []string{document, missing} {
				var body any
				switch c[1] {
				case "/test-iam-permissions":
					body = map[string]any{"permissions": []string{"resources.get"}}
				case "/access-requests":
					if c[0] == "POST" {
						body = map[string]any{"role": "viewer"}
					}
				}
				got := s.Do(who, c[0], "v1/resources/"+id+c[1], body, "If-Match", `"`+missing+`"`)
				request := got.Header.Get("X-Request-Id")
				got.Header.Del("X-Request-Id")
				got.Header.Del("Date")
				var header strings.Builder
				if err := got.Header.Write(&header); err != nil {
					t.Fatal(err)
				}
				seen[i] = got.Status + header.String() + strings.ReplaceAll(got.Text, request, "")
			}
			if seen[0] != seen[1] {
				t.Errorf("%s %s as %.3q tells them apart:\n%s\n%s", c[0], c[1], who, seen[0], seen[1])
			}
		}
	}
}
