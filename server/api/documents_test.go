package api_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"sextant/server"
	"sextant/server/servertest"
)

const admin = servertest.AdminToken

// create makes a document in the root as the administrator.
func create(t *testing.T, s *servertest.Server, name, content string) (id, revision string) {
	t.Helper()
	got := s.Want(http.StatusCreated, admin, "POST", "v1/resources", map[string]any{"parent": "root", "name": name, "content": content}).JSON(t)
	return got["id"].(string), got["revision"].(string)
}

func TestDocumentLife(t *testing.T) {
	s := servertest.Start(t, func(c *server.Config) { c.BaseURL = "/x/" })
	folder := s.Want(http.StatusCreated, admin, "POST", "v1/resources", map[string]any{"parent": "root", "type": "folder", "name": "finance"}).JSON(t)
	up := s.Want(http.StatusCreated, admin, "POST", "v1/resources/"+folder["id"].(string)+"/documents?name=q3.sql&message=first", "select 1").JSON(t)
	id := up["id"].(string)
	if up["type"] != "sql" || up["size"] != 8.0 || up["parentId"] != folder["id"] {
		t.Errorf("uploaded %v", up)
	}
	got := s.Want(http.StatusOK, admin, "GET", "v1/resolve?path=/finance/q3.sql", nil)
	if got.JSON(t)["id"] != id || got.Header.Get("ETag") != `"`+up["etag"].(string)+`"` {
		t.Errorf("resolved %s", got.Text)
	}
	// Changes of the name are guarded by the resource's etag, not by the content's.
	s.Want(http.StatusPreconditionFailed, admin, "PATCH", "v1/resources/"+id, map[string]any{"name": "x.sql"}, "If-Match", `"99"`)
	edited := s.Want(http.StatusOK, admin, "PATCH", "v1/resources/"+id, map[string]any{"name": "q4.sql", "tags": []string{"b", "a"}}, "If-Match", got.Header.Get("ETag")).JSON(t)
	if edited["name"] != "q4.sql" || fmt.Sprint(edited["tags"]) != "[a b]" {
		t.Errorf("edited %v", edited)
	}
	s.Want(http.StatusConflict, admin, "POST", "v1/resources", map[string]any{"parent": folder["id"], "name": "q4.sql"})
	moved := s.Want(http.StatusOK, admin, "POST", "v1/resources/"+id+"/move", map[string]any{"parent": "root", "name": "q5.sql"}).JSON(t)
	if moved["name"] != "q5.sql" || moved["parentId"] == folder["id"] {
		t.Errorf("moved %v", moved)
	}
	copied := s.Want(http.StatusCreated, admin, "POST", "v1/resources/"+id+"/copy", map[string]any{"parent": folder["id"], "name": "copy.sql"}).JSON(t)
	if copied["digest"] != up["digest"] || copied["id"] == id {
		t.Errorf("copied %v", copied)
	}
	s.Want(http.StatusNoContent, admin, "PUT", "v1/resources/"+id+"/marks/star", nil)
	if starred := s.Want(http.StatusOK, admin, "GET", "v1/marks/star?fields=name,marks", nil); starred.Text != `{"items":[{"marks":["star"],"name":"q5.sql"}]}`+"\n" {
		t.Errorf("starred %s", starred.Text)
	}
	s.Want(http.StatusNoContent, admin, "DELETE", "v1/resources/"+id, nil)
	s.Want(http.StatusNotFound, admin, "GET", "v1/resources/"+id, nil)
	if trash := s.Want(http.StatusOK, admin, "GET", "v1/trash?fields=name", nil); !strings.Contains(trash.Text, "q5.sql") {
		t.Errorf("trash %s", trash.Text)
	}
	s.Want(http.StatusOK, admin, "POST", "v1/trash/"+id+"/restore", map[string]any{"name": "back.sql"})
	s.Want(http.StatusNoContent, admin, "DELETE", "v1/resources/"+id, nil)
	s.Want(http.StatusNoContent, admin, "DELETE", "v1/trash/"+id, nil)
	s.Want(http.StatusNotFound, admin, "POST", "v1/trash/"+id+"/restore", map[string]any{})
	s.Want(http.StatusMethodNotAllowed, admin, "PUT", "v1/resources/"+id, nil)
	for _, bad := range []map[string]any{{"parent": "root", "name": "a/b"}, {"parent": "root", "name": "x", "type": "nosuch"}, {"parent": "root", "nam": "x"}} {
		if got := s.Do(admin, "POST", "v1/resources", bad); got.StatusCode != http.StatusBadRequest && got.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%v: %d", bad, got.StatusCode)
		}
	}
}

func TestSaveTellsBothVersions(t *testing.T) {
	s := servertest.Start(t)
	id, first := create(t, s, "a.sql", "select 1\n")
	path := "v1/resources/" + id + "/content"
	s.Want(http.StatusPreconditionRequired, admin, "PUT", path, "select 2\n")
	saved := s.Want(http.StatusOK, admin, "PUT", path+"?message=two&name=checkpoint", "select 2\n", "If-Match", `"`+first+`"`)
	second := saved.JSON(t)["revision"].(map[string]any)
	if saved.Header.Get("ETag") != `"`+second["id"].(string)+`"` || second["name"] != "checkpoint" || saved.JSON(t)["saved"] != true {
		t.Errorf("saved %s", saved.Text)
	}
	for status, headers := range map[int][]string{http.StatusPreconditionFailed: {"If-Match", `"` + first + `"`}, http.StatusConflict: nil} {
		query := ""
		if headers == nil {
			query = "?base=" + first
		}
		conflict := s.Want(status, admin, "PUT", path+query, "select 3\n", headers...)
		told := conflict.JSON(t)["conflict"].(map[string]any)
		if told["base"] != first || told["current"].(map[string]any)["id"] != second["id"] || conflict.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("conflict %s", conflict.Text)
		}
	}
	if same := s.Want(http.StatusOK, admin, "PUT", path, "select 2\n", "If-Match", "*").JSON(t); same["saved"] != false {
		t.Errorf("the same content made a revision: %v", same)
	}
	// The merge keeps both edits where they do not touch, and saves on top of what it names.
	id, first = create(t, s, "b.sql", "a\nb\nc\nd\ne\n")
	path = "v1/resources/" + id
	s.Want(http.StatusOK, admin, "PUT", path+"/content", "A\nb\nc\nd\ne\n", "If-Match", `"`+first+`"`)
	merged := s.Want(http.StatusOK, admin, "POST", path+"/merge?base="+first, "a\nb\nc\nd\nE\n").JSON(t)
	if merged["content"] != "A\nb\nc\nd\nE\n" || len(merged["conflicts"].([]any)) != 0 {
		t.Errorf("merged %v", merged)
	}
	current := merged["current"].(map[string]any)["id"].(string)
	s.Want(http.StatusOK, admin, "PUT", path+"/content", merged["content"], "If-Match", `"`+current+`"`)
	if clash := s.Want(http.StatusOK, admin, "POST", path+"/merge?base="+first, "X\nb\nc\nd\ne\n").JSON(t); len(clash["conflicts"].([]any)) != 1 {
		t.Errorf("clash %v", clash)
	}
}

// TestConcurrentSavesLoseNothing has many writers save on top of what they read; each acknowledged save is in the history.
func TestConcurrentSavesLoseNothing(t *testing.T) {
	s := servertest.Start(t)
	id, _ := create(t, s, "a.sql", "start")
	path := "v1/resources/" + id
	var wg sync.WaitGroup
	var acknowledged sync.Map
	var conflicts atomic.Int32
	for writer := range 8 {
		wg.Go(func() {
			for n := range 10 {
				read := s.Do(admin, "GET", path+"/content", nil)
				text := fmt.Sprintf("writer %d save %d", writer, n)
				switch got := s.Do(admin, "PUT", path+"/content?message="+url.QueryEscape(text), text, "If-Match", read.Header.Get("ETag")); got.StatusCode {
				case http.StatusOK:
					acknowledged.Store(text, true)
				case http.StatusPreconditionFailed:
					conflicts.Add(1)
				default:
					t.Errorf("%d %s", got.StatusCode, got.Text)
				}
			}
		})
	}
	wg.Wait()
	count := 0
	acknowledged.Range(func(_, _ any) bool { count++; return true })
	if count+int(conflicts.Load()) != 80 || count == 0 {
		t.Errorf("%d saved, %d in conflict", count, conflicts.Load())
	}
	seen, token := 0, ""
	for {
		page := s.Want(http.StatusOK, admin, "GET", path+"/revisions?pageSize=7&pageToken="+token, nil).JSON(t)
		for _, r := range page["items"].([]any) {
			if message, _ := r.(map[string]any)["message"].(string); message != "" {
				if _, ok := acknowledged.LoadAndDelete(message); !ok {
					t.Errorf("a revision nobody saved, or twice: %q", message)
				}
				seen++
			}
		}
		token, _ = page["nextPageToken"].(string)
		if token == "" {
			break
		}
	}
	if seen != count {
		t.Errorf("%d revisions of %d saves", seen, count)
	}
}

func TestRanges(t *testing.T) {
	s := servertest.Start(t)
	id, revision := create(t, s, "a.txt", "0123456789")
	path := "v1/resources/" + id + "/content"
	for _, c := range []struct {
		header []string
		status int
		text   string
		ranged string
	}{
		{nil, 200, "0123456789", ""},
		{[]string{"Range", "bytes=2-4"}, 206, "234", "bytes 2-4/10"},
		{[]string{"Range", "bytes=7-"}, 206, "789", "bytes 7-9/10"},
		{[]string{"Range", "bytes=7-99"}, 206, "789", "bytes 7-9/10"},
		{[]string{"Range", "bytes=-3"}, 206, "789", "bytes 7-9/10"},
		{[]string{"Range", "bytes=-30"}, 206, "0123456789", "bytes 0-9/10"},
		{[]string{"Range", "bytes=10-"}, 416, "", "bytes */10"},
		{[]string{"Range", "bytes=4-2"}, 200, "0123456789", ""},
		{[]string{"Range", "bytes=0-1,3-4"}, 200, "0123456789", ""},
		{[]string{"Range", "lines=1-2"}, 200, "0123456789", ""},
		{[]string{"Range", "bytes=2-4", "If-Range", `"` + revision + `"`}, 206, "234", "bytes 2-4/10"},
		{[]string{"Range", "bytes=2-4", "If-Range", `"other"`}, 200, "0123456789", ""},
		{[]string{"If-None-Match", `"a", W/"` + revision + `"`}, 304, "", ""},
		{[]string{"If-None-Match", `"a"`}, 200, "0123456789", ""},
	} {
		got := s.Want(c.status, admin, "GET", path, nil, c.header...)
		if c.status < 300 && got.Text != c.text || got.Header.Get("Content-Range") != c.ranged {
			t.Errorf("%v: %q %q", c.header, got.Text, got.Header.Get("Content-Range"))
		}
		if c.status != 416 && got.Header.Get("ETag") != `"`+revision+`"` {
			t.Errorf("%v: etag %s", c.header, got.Header.Get("ETag"))
		}
	}
	if head := s.Want(http.StatusOK, admin, "HEAD", path, nil); head.Header.Get("Content-Length") != "10" || head.Text != "" {
		t.Errorf("head %v %q", head.Header, head.Text)
	}
	got := s.Want(http.StatusOK, admin, "GET", path, nil)
	if !strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment") || got.Header.Get("X-Content-Type-Options") != "nosniff" ||
		!strings.Contains(got.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("a browser might run it: %v", got.Header)
	}
}

// endless is a body of n bytes that nobody holds.
type endless struct{ n int64 }

func (e *endless) Read(p []byte) (int, error) {
	if e.n <= 0 {
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), e.n)]
	for i := range p {
		p[i] = byte('a' + (e.n-int64(i))%23)
	}
	e.n -= int64(len(p))
	return len(p), nil
}

func TestLargeContentStreams(t *testing.T) {
	s := servertest.Start(t, func(c *server.Config) { c.MaxSize = 20 << 20 })
	got := s.Want(http.StatusCreated, admin, "POST", "v1/resources/root/documents?name=big.bin", &endless{16 << 20}).JSON(t)
	if got["size"] != float64(16<<20) {
		t.Errorf("%v", got)
	}
	back := s.Want(http.StatusOK, admin, "GET", "v1/resources/"+got["id"].(string)+"/content", nil)
	var want bytes.Buffer
	if _, err := want.ReadFrom(&endless{16 << 20}); err != nil || back.Text != want.String() {
		t.Error("it came back as something else", err)
	}
	s.Want(http.StatusRequestEntityTooLarge, admin, "POST", "v1/resources/root/documents?name=bigger.bin", &endless{21 << 20})
	s.Want(http.StatusRequestEntityTooLarge, admin, "POST", "v1/resources",
		map[string]any{"parent": "root", "name": "c.txt", "content": strings.Repeat("x", 2<<20)})
	s.Want(http.StatusNotFound, admin, "GET", "v1/resolve?path=/bigger.bin", nil)
}

func TestIdempotencyKey(t *testing.T) {
	s := servertest.Start(t)
	request := func(name, key string) servertest.Answer {
		return s.Do(admin, "POST", "v1/resources", map[string]any{"parent": "root", "name": name, "content": "x"}, "Idempotency-Key", key)
	}
	var wg sync.WaitGroup
	ids := make([]string, 6)
	for i := range ids {
		wg.Go(func() { ids[i], _ = request("a.txt", "k1").JSON(t)["id"].(string) })
	}
	wg.Wait()
	for _, id := range ids {
		if id == "" || id != ids[0] {
			t.Errorf("one key made %v", ids)
		}
	}
	if other := request("b.txt", "k1"); other.StatusCode != http.StatusBadRequest {
		t.Errorf("another request under the key: %d %s", other.StatusCode, other.Text)
	}
	upload := func() any {
		return s.Want(http.StatusCreated, admin, "POST", "v1/resources/root/documents?name=u.txt", "text", "Idempotency-Key", "k2").JSON(t)["id"]
	}
	if upload() != upload() {
		t.Error("an upload with a key made two")
	}
}

func TestNotebooksAreComparedByCell(t *testing.T) {
	s := servertest.Start(t)
	notebook := func(cells ...string) string {
		for i, source := range cells {
			cells[i] = fmt.Sprintf(`{"cell_type":"code","id":"c%d","metadata":{},"outputs":[],"execution_count":null,"source":%q}`, i, source)
		}
		return `{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[` + strings.Join(cells, ",") + `]}`
	}
	id, first := create(t, s, "a.ipynb", notebook("one", "two", "three"))
	path := "v1/resources/" + id
	s.Want(http.StatusOK, admin, "PUT", path+"/content", notebook("ONE", "two", "three"), "If-Match", `"`+first+`"`)
	diff := s.Want(http.StatusOK, admin, "GET", path+"/diff", nil)
	if d := diff.JSON(t); d["same"] != false || !strings.Contains(diff.Text, `"op":"changed"`) || !strings.Contains(diff.Text, `"ONE"`) {
		t.Errorf("diff %s", diff.Text)
	}
	merged := s.Want(http.StatusOK, admin, "POST", path+"/merge?base="+first, notebook("one", "two", "THREE")).JSON(t)
	if text := merged["content"].(string); !strings.Contains(text, "ONE") || !strings.Contains(text, "THREE") || len(merged["conflicts"].([]any)) != 0 {
		t.Errorf("merged %v", merged)
	}
	// Restoring the first makes a third revision with its content.
	restored := s.Want(http.StatusOK, admin, "POST", path+"/revisions/"+first+"/restore", map[string]any{}).JSON(t)["revision"].(map[string]any)
	if restored["number"] != 3.0 || restored["origin"] != "restore" {
		t.Errorf("restored %v", restored)
	}
	s.Want(http.StatusNoContent, admin, "PATCH", path+"/revisions/"+first, map[string]any{"name": "beginning"})
	if named := s.Want(http.StatusOK, admin, "GET", path+"/revisions?named=true&fields=name,number", nil); named.Text != `{"items":[{"name":"beginning","number":1}]}`+"\n" {
		t.Errorf("named %s", named.Text)
	}
	if hits := s.Want(http.StatusOK, admin, "GET", "v1/search?q=thre", nil); !strings.Contains(hits.Text, id) {
		t.Errorf("search %s", hits.Text)
	}
}

func TestFilters(t *testing.T) {
	s := servertest.Start(t)
	s.User("ana@x.org")
	create(t, s, "a.sql", "select one")
	id, _ := create(t, s, "b.txt", "select two")
	s.Want(http.StatusOK, admin, "PATCH", "v1/resources/"+id, map[string]any{"tags": []string{"q3"}})
	for query, want := range map[string]string{
		"resources?type=sql&fields=name": `{"items":[{"name":"a.sql"}]}`, "resources?tag=q3&fields=name": `{"items":[{"name":"b.txt"}]}`,
		"resources?type=sql,file&tag=q3&fields=name": `{"items":[{"name":"b.txt"}]}`, "resources?owner=user:ana@x.org": `{"items":[]}`,
		"resources?updatedAfter=2100-01-01T00:00:00Z": `{"items":[]}`, "resources?folder=root&type=file&fields=name": `{"items":[{"name":"b.txt"}]}`,
		"search?q=select&tag=q3&fields=snippets":             `{"items":[{"snippets":[{"field":"source","text":"select two","marks":[[0,6]]}]}]}`,
		"search?q=select&updatedBefore=2000-01-01T00:00:00Z": `{"items":[]}`,
	} {
		if got := s.Want(http.StatusOK, admin, "GET", "v1/"+query, nil).Text; got != want+"\n" {
			t.Errorf("%s: %s", query, got)
		}
	}
	s.Want(http.StatusUnprocessableEntity, admin, "GET", "v1/resources?updatedAfter=yesterday", nil)
	s.Want(http.StatusUnprocessableEntity, admin, "GET", "v1/resources?pageSize=100000", nil)
}
