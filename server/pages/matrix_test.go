package pages_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sextant/server/pages"
	"sextant/server/servertest"
	"sextant/server/web"
)

// Who may do what on the pages of a document, from those who may nothing.
const (
	nobody = iota
	stranger
	viewer
	editor
	owner
	levels
)

// Names that nobody must learn who may not read the document; its author is another.
const secretName, secretFolder = "margins-q3", "Acquisition"

const interactive = `{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"cell_type":"code","id":"b","metadata":{},"execution_count":1,"source":"1 + 1",
"outputs":[{"output_type":"display_data","metadata":{},"data":{"text/plain":"one","application/vnd.plotly.v1+json":{"data":[{"y":[1]}]}}}]}]}`

// visit is one address of a document's pages: from which level on it answers with ok.
type visit struct {
	pattern, path string
	form          url.Values
	from, ok      int
}

// visits are the addresses below a document, and below a link to it.
func visits(base, id, first, second, pending, link, secret, token string) (ofDocument, ofLink []visit) {
	form := func(fields ...string) url.Values {
		v := url.Values{}
		for i := 0; i < len(fields); i += 2 {
			v.Set(fields[i], fields[i+1])
		}
		return v
	}
	there, path := "n/"+id, "content/"+secretFolder+"/"+secretName+".ipynb"
	if id == absent {
		path = "content/Nothing/at-all.ipynb"
	}
	return []visit{
			{"GET /n/{id}", there, nil, viewer, 200},
			{"GET /n/{id}", there + "?rev=" + first, nil, viewer, 200},
			{"GET /n/{id}/download", there + "/download", nil, viewer, 200},
			{"GET /n/{id}/download", there + "/download?as=html", nil, viewer, 200},
			{"GET /n/{id}/download", there + "/download?as=md&rev=" + first, nil, viewer, 200},
			{"GET /n/{id}/download", there + "/download?as=script", nil, viewer, 200},
			{"GET /n/{id}/at/{path...}", there + "/at/plot.png", nil, viewer, 200},
			{"GET /n/{id}/above/{levels}/{path...}", there + "/above/1/" + secretFolder + "/plot.png", nil, levels, 200}, // the folder above is nobody's here
			{"GET /n/{id}/above/{levels}", there + "/above/1", nil, levels, 303},
			{"GET /n/{id}/at", there + "/at", nil, viewer, 303},
			{"GET /content/{path...}", path, nil, viewer, 303},
			{"GET /n/{id}/rich/{index}", there + "/rich/0", nil, viewer, 200},
			{"GET /n/{id}/history", there + "/history", nil, viewer, 200},
			{"GET /n/{id}/diff/{pair}", there + "/diff/" + first + ".." + second, nil, viewer, 200},
			{"POST /n/{id}/copy", there + "/copy", form(), viewer, 303},
			{"POST /n/{id}/restore", there + "/restore?rev=" + first + "&base=" + second, form(), editor, 303},
			{"GET /n/{id}/share", there + "/share", nil, owner, 200},
			{"POST /n/{id}/share", there + "/share", form("do", "add", "member", "group:x@x.org", "role", "viewer"), owner, 303},
			{"POST /n/{id}/share/link", there + "/share/link", form("title", "x"), owner, 200},
			{"POST /n/{id}/share/revoke", there + "/share/revoke", form("link", link), owner, 303},
			{"POST /n/{id}/share/request", there + "/share/request", form("request", pending, "do", "decline"), owner, 303},
		}, []visit{
			{"GET /s/{secret}", "s/" + secret, nil, nobody, 200},
			{"POST /s/{secret}", "s/" + secret, form("password", "open sesame"), nobody, 303},
			{"GET /s/{secret}/download", "s/" + secret + "/download", nil, nobody, 200},
			{"GET /oembed", "oembed?url=" + url.QueryEscape(base+"s/"+secret), nil, nobody, 200},
			{"GET /s/{secret}/rich/{index}", "s/" + secret + "/rich/0", nil, nobody, 200},
			{"GET /embed/n/{id}", "embed/n/" + id + "?t=" + token, nil, nobody, 200},
			{"GET /embed/n/{id}/rich/{index}", "embed/n/" + id + "/rich/0?t=" + token, nil, nobody, 200},
			{"GET /embed/frame/output", "embed/frame/output?t=" + token, nil, nobody, 200},
		}
}

// unprotected tell nothing of a document: those who ask get the same whether there is one or not.
var unprotected = map[string]string{
	"GET /{$}": "what is one's own", "GET /n/{id}/compare": "leads to a comparison", "POST /n/{id}/request": "the same answer always",
	"GET /starred": "what is one's own", "GET /recent": "what is one's own", "GET /shared": "what is one's own", "GET /trash": "what is one's own",
	"GET /search": "only what one may read", "GET /content": "leads to the root's page",
	"GET /frame/output": "has nothing of anybody", "GET /frame/static/{name}": "libraries", "GET /assets/{name}": "styles and scripts",
}

type matrix struct {
	t      *testing.T
	s      *servertest.Server
	tokens [levels]string
	lost   string
}

func (m *matrix) ask(token string, v visit) servertest.Answer {
	m.t.Helper()
	method, _, _ := strings.Cut(v.pattern, " ")
	if v.form == nil {
		return m.s.Do(token, method, v.path, nil, "Accept", html)
	}
	return m.s.Do(token, method, v.path, v.form.Encode(), "Content-Type", "application/x-www-form-urlencoded", "Accept", html)
}

var changing = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|sxl_[\w-]+|t=[\w.%-]+|'nonce-[^']+'|nonce="[^"]+"`)

// told is all that an answer tells, without what is another in every answer.
func told(a servertest.Answer) string {
	h := a.Header.Clone()
	for _, name := range []string{"Date", "X-Request-Id", "Content-Length"} {
		h.Del(name)
	}
	return changing.ReplaceAllString(fmt.Sprintln(a.StatusCode, h)+a.Text, "*")
}

// refused fails where an answer tells more than one about a document that is not there.
func (m *matrix) refused(who, token string, v visit, missing visit) {
	m.t.Helper()
	a, b := m.ask(token, v), m.ask(token, missing)
	if a.StatusCode < 300 || told(a) != told(b) {
		m.t.Errorf("%s, %s: told apart from what is not there: %s\n---\n%s", who, v.path, told(a), told(b))
	}
	for _, name := range []string{secretName, secretFolder, "admin@localhost"} {
		if strings.Contains(told(a), name) {
			m.t.Errorf("%s, %s: tells %s", who, v.path, name)
		}
	}
}

const absent = "019ad000-0000-7000-8000-000000000000"

// TestWhoSeesWhichPage asks each address of a document as everybody from nobody to its owner, and again after rights were
// taken away, the document was put into the trash, and links were ended.
func TestWhoSeesWhichPage(t *testing.T) {
	s := servertest.Start(t)
	m := &matrix{t: t, s: s, tokens: [levels]string{"", s.User("eve@x.org"), s.User("vera@x.org"), s.User("ed@x.org"), s.User("olga@x.org")}, lost: s.User("former@x.org")}
	in := s.Want(http.StatusCreated, servertest.AdminToken, "POST", "v1/resources", map[string]any{"parent": "root", "type": "folder", "name": secretFolder}).JSON(t)["id"].(string)
	share(t, s, in, "owner", "user:olga@x.org")
	share(t, s, in, "owner", "user:admin@localhost")
	id, first := document(t, s, in, secretName+".ipynb", interactive)
	document(t, s, in, "plot.png", "\x89PNG")
	for member, role := range map[string]string{"user:vera@x.org": "viewer", "user:ed@x.org": "editor", "user:former@x.org": "editor"} {
		share(t, s, in, role, member)
	}
	second := s.Want(http.StatusOK, servertest.AdminToken, "PUT", "v1/resources/"+id+"/content", strings.Replace(interactive, "1 + 1", "2 + 2", 1), "If-Match", `"`+first+`"`).JSON(t)["revision"].(map[string]any)["id"].(string)
	newLink := func(fields map[string]any) (link, secret string) {
		made := s.Want(http.StatusCreated, m.tokens[owner], "POST", "v1/resources/"+id+"/share-links", fields).JSON(t)
		return made["id"].(string), strings.TrimPrefix(made["path"].(string), "s/")
	}
	embed := func(link string) string {
		path := s.Want(http.StatusCreated, m.tokens[owner], "POST", "v1/share-links/"+link+"/embed-tokens", map[string]any{}).JSON(t)["path"].(string)
		return path[strings.Index(path, "t=")+2:]
	}
	spare, _ := newLink(map[string]any{})
	s.Want(http.StatusAccepted, m.tokens[stranger], "POST", "v1/resources/"+id+"/access-requests", map[string]any{"role": "viewer"})
	pending := s.Want(http.StatusOK, m.tokens[owner], "GET", "v1/resources/"+id+"/access-requests", nil).JSON(t)["items"].([]any)[0].(map[string]any)["id"].(string)
	link, secret := newLink(map[string]any{"origins": []string{"https://x.org"}})
	ofDocument, ofLink := visits(s.URL, id, first, second, pending, spare, secret, embed(link))
	noDocument, noLink := visits(s.URL, absent, absent, absent, absent, absent, "sxl_"+strings.Repeat("x", 43), "none.1.x")

	covered := map[string]bool{}
	for _, v := range append(ofDocument, ofLink...) {
		covered[v.pattern] = true
	}
	routes := web.NewRouter()
	new(pages.Pages).Install(routes)
	for _, r := range routes.Routes() {
		if !covered[r.Pattern] && unprotected[r.Pattern] == "" {
			t.Errorf("%s is not in the matrix", r.Pattern)
		}
	}

	for i, v := range ofDocument {
		m.refused("nobody", "", v, noDocument[i])
		m.refused("a stranger", m.tokens[stranger], v, noDocument[i])
	}
	for level := viewer; level < levels; level++ {
		for _, v := range ofDocument {
			if v.pattern == "POST /n/{id}/restore" && level > v.from {
				continue // it was restored: there is a newer revision now
			}
			a := m.ask(m.tokens[level], v)
			if v.from <= level && a.StatusCode != v.ok {
				t.Errorf("level %d, %s: %d: %.300s", level, v.path, a.StatusCode, a.Text)
			}
			if v.from > level && a.StatusCode != http.StatusForbidden && a.StatusCode != http.StatusNotFound {
				t.Errorf("level %d may: %s: %d", level, v.path, a.StatusCode)
			}
		}
	}
	for _, v := range ofLink {
		for level, token := range m.tokens {
			if a := m.ask(token, v); a.StatusCode != v.ok && v.form == nil {
				t.Errorf("level %d, %s: %d: %.300s", level, v.path, a.StatusCode, a.Text)
			}
		}
	}
	gone := func(what string) {
		t.Helper()
		for i, v := range ofLink {
			m.refused(what, "", v, noLink[i])
			m.refused(what, m.tokens[viewer], v, noLink[i])
		}
	}

	// A right that is taken away is gone with the next request, also for what was rendered before.
	if a := m.ask(m.lost, ofDocument[0]); a.StatusCode != http.StatusOK {
		t.Fatal(a.StatusCode)
	}
	unshare(t, s, in, "user:former@x.org")
	for i, v := range ofDocument {
		m.refused("one who lost the right", m.lost, v, noDocument[i])
	}
	// Links end with the right of whoever made them …
	unshare(t, s, in, "user:olga@x.org")
	gone("a link whose maker may not share any more")
	for i, v := range ofDocument {
		m.refused("a former owner", m.tokens[owner], v, noDocument[i])
	}
	share(t, s, in, "owner", "user:olga@x.org")
	if a := m.ask("", ofLink[0]); a.StatusCode != http.StatusOK {
		t.Errorf("the maker may share again: %d", a.StatusCode)
	}
	// … when they are revoked …
	s.Want(http.StatusNoContent, m.tokens[owner], "DELETE", "v1/share-links/"+link, nil)
	gone("a revoked link")
	// … and with their document.
	link, secret = newLink(map[string]any{"origins": []string{"https://x.org"}})
	_, ofLink = visits(s.URL, id, first, second, pending, spare, secret, embed(link))
	if a := m.ask("", ofLink[0]); a.StatusCode != http.StatusOK {
		t.Fatal(a.StatusCode)
	}
	s.Want(http.StatusNoContent, m.tokens[owner], "DELETE", "v1/resources/"+id, nil)
	gone("a link to what is in the trash")
	for i, v := range ofDocument {
		m.refused("a viewer of what is in the trash", m.tokens[viewer], v, noDocument[i])
	}
}

func unshare(t *testing.T, s *servertest.Server, id, member string) {
	t.Helper()
	policy := s.Want(http.StatusOK, servertest.AdminToken, "GET", "v1/resources/"+id+"/iam-policy", nil).JSON(t)
	kept := []any{}
	for _, b := range policy["bindings"].([]any) {
		b := b.(map[string]any)
		b["members"] = slices.DeleteFunc(b["members"].([]any), func(m any) bool { return m == member })
		if len(b["members"].([]any)) > 0 {
			kept = append(kept, b)
		}
	}
	s.Want(http.StatusOK, servertest.AdminToken, "PUT", "v1/resources/"+id+"/iam-policy", map[string]any{"bindings": kept, "etag": policy["etag"]})
}
