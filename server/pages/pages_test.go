package pages_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"sextant/server"
	"sextant/server/servertest"
)

const (
	html = "text/html,application/xhtml+xml"
	ran  = `{"nbformat":4,"nbformat_minor":5,"metadata":{"kernelspec":{"name":"python3","display_name":"Python 3"},"papermill":{"parameters":{"airport":"All"}}},"cells":[
{"cell_type":"markdown","id":"a","metadata":{},"source":"# Late\n\n![beside](plot.png) [other](other.sql#x) [site](https://example.org/)"},
{"cell_type":"code","id":"b","metadata":{"execution":{"iopub.execute_input":"2026-01-02T03:04:05Z","shell.execute_reply":"2026-01-02T03:04:08.2Z"}},"execution_count":1,"source":"1 + 1",
 "outputs":[{"output_type":"execute_result","execution_count":1,"metadata":{},"data":{"text/html":"<style>td{color:red}</style><table><tr><td onclick='x()'>2</td></tr></table><script>alert(1)</script>"}}]}]}`
)

// folder makes a folder and says where it is.
func folder(t *testing.T, s *servertest.Server) string {
	t.Helper()
	return s.Want(http.StatusCreated, servertest.AdminToken, "POST", "v1/resources", map[string]any{"parent": "root", "type": "folder", "name": "Reports"}).JSON(t)["id"].(string)
}

func document(t *testing.T, s *servertest.Server, folder, name, text string) (id, revision string) {
	t.Helper()
	made := s.Want(http.StatusCreated, servertest.AdminToken, "POST", "v1/resources/"+folder+"/documents?name="+url.QueryEscape(name), text).JSON(t)
	return made["id"].(string), made["revision"].(string)
}

func share(t *testing.T, s *servertest.Server, id, role, member string) {
	t.Helper()
	policy := s.Want(http.StatusOK, servertest.AdminToken, "GET", "v1/resources/"+id+"/iam-policy", nil).JSON(t)
	bindings, _ := policy["bindings"].([]any)
	policy["bindings"] = append(bindings, map[string]any{"role": role, "members": []string{member}})
	s.Want(http.StatusOK, servertest.AdminToken, "PUT", "v1/resources/"+id+"/iam-policy", map[string]any{"bindings": policy["bindings"], "etag": policy["etag"]})
}

var nonces = regexp.MustCompile(`'nonce-([^']+)'`)

func TestAReaderSeesStoredOutput(t *testing.T) {
	s := servertest.Start(t)
	reader := s.User("ana@x.org")
	in := folder(t, s)
	id, _ := document(t, s, in, "late.ipynb", ran)
	share(t, s, id, "viewer", "user:ana@x.org")
	got := s.Want(http.StatusOK, reader, "GET", "n/"+id, nil, "Accept", html)
	for _, want := range []string{"<h1>late</h1>", "Late", "Revision 1 of 1", "ran in 3.2 s", "<code>Python 3</code>", `airport = &#34;All&#34;`, "admin@localhost",
		`src="` + id + `/at/plot.png"`, `href="` + id + `/at/other.sql#x"`, `href="https://example.org/"`, "Show code", "Edit a copy", `datetime="2026-01-02T03:04:08Z"`, "</html>"} {
		if !strings.Contains(got.Text, want) {
			t.Errorf("no %s in %s", want, got.Text)
		}
	}
	for _, bad := range []string{"alert(1)", "onclick"} {
		if strings.Contains(got.Text, bad) {
			t.Errorf("%s in the page", bad)
		}
	}
	policy := got.Header.Get("Content-Security-Policy")
	nonce := nonces.FindStringSubmatch(policy)
	if nonce == nil || !strings.HasPrefix(policy, "default-src 'none'; script-src 'self';") || !strings.Contains(got.Text, `<style nonce="`+nonce[1]+`">`) {
		t.Errorf("%s does not let the document's styles hold", policy)
	}
	// The folder is not theirs to see.
	if strings.Contains(got.Text, "Reports") {
		t.Error("the page names a folder that its reader may not see")
	}
	if again := s.Want(http.StatusOK, reader, "GET", "n/"+id, nil); again.Text != got.Text {
		t.Error("the kept render makes another page")
	}
	if admin := s.Want(http.StatusOK, servertest.AdminToken, "GET", "n/"+id, nil); !strings.Contains(admin.Text, "Reports") {
		t.Error("no way back to the folder")
	}
	if got := s.Do(reader, "HEAD", "n/"+id, nil); got.StatusCode != http.StatusOK || got.Header.Get("ETag") == "" {
		t.Errorf("HEAD: %d", got.StatusCode)
	}
}

func TestAnUnchangedPageIsNotSentAgain(t *testing.T) {
	s := servertest.Start(t)
	reader := s.User("ana@x.org")
	id, first := document(t, s, folder(t, s), "late.ipynb", ran)
	share(t, s, id, "viewer", "user:ana@x.org")
	etag := s.Want(http.StatusOK, reader, "GET", "n/"+id, nil).Header.Get("ETag")
	if got := s.Want(http.StatusNotModified, reader, "GET", "n/"+id, nil, "If-None-Match", etag); got.Text != "" {
		t.Error("a body with 304")
	}
	for _, other := range []string{"n/" + id + "?code=1", "n/" + id + "?all=1"} {
		s.Want(http.StatusOK, reader, "GET", other, nil, "If-None-Match", etag)
	}
	s.Want(http.StatusOK, servertest.AdminToken, "GET", "n/"+id, nil, "If-None-Match", etag) // their page has more buttons
	s.Want(http.StatusOK, servertest.AdminToken, "PUT", "v1/resources/"+id+"/content", strings.Replace(ran, "1 + 1", "2 + 2", 1), "If-Match", `"`+first+`"`)
	got := s.Want(http.StatusOK, reader, "GET", "n/"+id, nil, "If-None-Match", etag)
	if !strings.Contains(got.Text, "Revision 2 of 2") {
		t.Error("the old revision")
	}
	// Who may see the newest only gets no other.
	if got := s.Do(reader, "GET", "n/"+id+"?rev="+first, nil); got.StatusCode != http.StatusOK && got.StatusCode != http.StatusNotFound {
		t.Errorf("an old revision: %d", got.StatusCode)
	}
	old := s.Want(http.StatusOK, servertest.AdminToken, "GET", "n/"+id+"?rev="+first, nil)
	if !strings.Contains(old.Text, "This is revision 1 of 2") {
		t.Error("an old revision does not say so")
	}
	// What was seen is not to be had once the right to is gone.
	etag = s.Want(http.StatusOK, reader, "GET", "n/"+id, nil).Header.Get("ETag")
	policy := s.Want(http.StatusOK, servertest.AdminToken, "GET", "v1/resources/"+id+"/iam-policy", nil).JSON(t)
	s.Want(http.StatusOK, servertest.AdminToken, "PUT", "v1/resources/"+id+"/iam-policy", map[string]any{"bindings": []any{}, "etag": policy["etag"]})
	for _, path := range []string{"", "?rev=" + first, "/download", "/download?as=html", "/at/x.png"} {
		s.Want(http.StatusNotFound, reader, "GET", "n/"+id+path, nil, "If-None-Match", etag)
	}
}

// TestMissingAndDeniedAreOnePage compares what is not there with what one may not see, for people and for programs.
func TestMissingAndDeniedAreOnePage(t *testing.T) {
	s := servertest.Start(t)
	stranger := s.User("stranger@x.org")
	id, _ := document(t, s, folder(t, s), "late.ipynb", ran)
	missing := "019ad000-0000-7000-8000-000000000000"
	id2 := regexp.MustCompile(`[0-9A-Z]{26}|[0-9a-f]{8}-[0-9a-f-]{27}`) // request ids, nonces and the id asked for
	for _, who := range []string{"", stranger} {
		for _, accept := range []string{html, "application/json"} {
			for _, c := range [][2]string{{"GET", ""}, {"GET", "?rev=" + missing}, {"GET", "/download"}, {"GET", "/at/plot.png"}, {"POST", "/copy"}, {"POST", "/request"}} {
				var seen [2]string
				for i, one := range []string{id, missing} {
					got := s.Do(who, c[0], "n/"+one+c[1], "", "Accept", accept, "Content-Type", "application/x-www-form-urlencoded")
					got.Header.Del("Date")
					var header strings.Builder
					if err := got.Header.Write(&header); err != nil {
						t.Fatal(err)
					}
					seen[i] = id2.ReplaceAllString(got.Status+header.String()+got.Text, "ID")
				}
				if seen[0] != seen[1] {
					t.Errorf("%v as %.3q tells them apart:\n%s\n%s", c, who, seen[0], seen[1])
				}
			}
		}
	}
	if got := s.Want(http.StatusSeeOther, "", "GET", "n/"+id+"?code=1", nil, "Accept", html); got.Header.Get("Location") != "/signin?next="+url.QueryEscape("/n/"+id+"?code=1") {
		t.Errorf("leads to %s", got.Header.Get("Location"))
	}
	got := s.Want(http.StatusNotFound, stranger, "GET", "n/"+id, nil, "Accept", html)
	if !strings.Contains(got.Text, "Request access") {
		t.Error("nothing to ask by")
	}
	s.Want(http.StatusOK, stranger, "POST", "n/"+id+"/request", "message=For+the+report", "Content-Type", "application/x-www-form-urlencoded")
	asked := s.Want(http.StatusOK, servertest.AdminToken, "GET", "v1/resources/"+id+"/access-requests", nil)
	if !strings.Contains(asked.Text, "For the report") || !strings.Contains(asked.Text, "stranger@x.org") {
		t.Errorf("the request is not there: %s", asked.Text)
	}
}

func TestEditACopy(t *testing.T) {
	s := servertest.Start(t)
	reader := s.User("ana@x.org")
	id, _ := document(t, s, folder(t, s), "late.ipynb", ran)
	share(t, s, id, "viewer", "user:ana@x.org")
	names := map[string]bool{}
	for range 3 {
		there := s.Want(http.StatusSeeOther, reader, "POST", "n/"+id+"/copy", nil).Header.Get("Location")
		got := s.Want(http.StatusOK, reader, "GET", there, nil)
		names[regexp.MustCompile(`<h1>(.*)</h1>`).FindStringSubmatch(got.Text)[1]] = true
	}
	if len(names) != 3 || !names["late"] || !names["late (copy)"] || !names["late (copy 2)"] {
		t.Errorf("copies are called %v", names)
	}
}

func TestDownloads(t *testing.T) {
	s := servertest.Start(t)
	in := folder(t, s)
	id, _ := document(t, s, in, "späť \"x\".ipynb", ran)
	for as, c := range map[string]struct{ name, holds string }{
		"": {".ipynb", `"nbformat"`}, "html": {".html", "<!DOCTYPE html>"}, "md": {".md", "# Late"}, "script": {".txt", "1 + 1"}} {
		got := s.Want(http.StatusOK, servertest.AdminToken, "GET", "n/"+id+"/download?as="+as, nil)
		if how := got.Header.Get("Content-Disposition"); !strings.HasPrefix(how, "attachment;") || !strings.HasSuffix(how, c.name) && !strings.Contains(how, c.name) && as != "script" {
			t.Errorf("%s: %s", as, how)
		}
		if !strings.Contains(got.Text, c.holds) {
			t.Errorf("%s: no %s in %s", as, c.holds, got.Text)
		}
	}
	sql, _ := document(t, s, in, "a.sql", "SELECT 1")
	s.Want(http.StatusBadRequest, servertest.AdminToken, "GET", "n/"+sql+"/download?as=md", nil)
	s.Want(http.StatusBadRequest, servertest.AdminToken, "GET", "n/"+id+"/download?as=exe", nil)
}

func TestWhatLiesBeside(t *testing.T) {
	s := servertest.Start(t)
	in := folder(t, s)
	id, _ := document(t, s, in, "late.ipynb", ran)
	document(t, s, in, "plot.png", "\x89PNG")
	other, _ := document(t, s, in, "other.sql", "SELECT 1")
	picture := s.Want(http.StatusOK, servertest.AdminToken, "GET", "n/"+id+"/at/plot.png", nil)
	if picture.Text != "\x89PNG" || picture.Header.Get("Content-Type") != "image/png" || !strings.Contains(picture.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("%q %v", picture.Text, picture.Header)
	}
	s.Want(http.StatusNotModified, servertest.AdminToken, "GET", "n/"+id+"/at/plot.png", nil, "If-None-Match", picture.Header.Get("ETag"))
	if got := s.Want(http.StatusSeeOther, servertest.AdminToken, "GET", "n/"+id+"/at/other.sql", nil); got.Header.Get("Location") != "/n/"+other {
		t.Errorf("leads to %s", got.Header.Get("Location"))
	}
	s.Want(http.StatusNotFound, servertest.AdminToken, "GET", "n/"+id+"/at/none.png", nil)
}

// TestManyReadersOfOneRender has many open a page that nobody has seen, at once; it is made once, and all get all of it.
func TestManyReadersOfOneRender(t *testing.T) {
	var data string
	s := servertest.Start(t, func(c *server.Config) { data = c.Data })
	cells := make([]string, 2000)
	for i := range cells {
		cells[i] = `{"cell_type":"markdown","metadata":{},"source":"# Heading ` + strings.Repeat("x", 200) + `"}`
	}
	id, _ := document(t, s, folder(t, s), "long.ipynb", `{"nbformat":4,"nbformat_minor":4,"metadata":{},"cells":[`+strings.Join(cells, ",")+`]}`)
	texts := make([]string, 20)
	var all sync.WaitGroup
	for i := range texts {
		all.Go(func() { texts[i] = s.Do(servertest.AdminToken, "GET", "n/"+id, nil).Text })
	}
	all.Wait()
	for _, text := range texts {
		if text != texts[0] || !strings.HasSuffix(strings.TrimSpace(text), "</html>") {
			t.Fatal("not all got the same whole page")
		}
	}
	kept, err := filepath.Glob(filepath.Join(data, "renders", "*"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("%d renders were kept: %v", len(kept), kept)
	}
	// A damaged render is made again.
	if err := os.WriteFile(kept[0], []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := s.Want(http.StatusOK, servertest.AdminToken, "GET", "n/"+id, nil); got.Text != texts[0] {
		t.Error("a damaged render is shown")
	}
}

func TestADocumentRefersToWhatIsAbove(t *testing.T) {
	s := servertest.Start(t)
	reader := s.User("ana@x.org")
	in := folder(t, s)
	below := s.Want(http.StatusCreated, servertest.AdminToken, "POST", "v1/resources", map[string]any{"parent": in, "type": "folder", "name": "q3"}).JSON(t)["id"].(string)
	pictures := s.Want(http.StatusCreated, servertest.AdminToken, "POST", "v1/resources", map[string]any{"parent": in, "type": "folder", "name": "img"}).JSON(t)["id"].(string)
	document(t, s, pictures, "a b.png", "\x89PNG")
	other, _ := document(t, s, in, "other.sql", "SELECT 1")
	id, _ := document(t, s, below, "a.md", "![p](../img/a%20b.png) [o](./../other.sql#x) [folder](..) [here](.) [far](../../../../etc/passwd)")
	share(t, s, in, "viewer", "user:ana@x.org")
	page := s.Want(http.StatusOK, reader, "GET", "n/"+id, nil).Text
	for _, want := range []string{`src="` + id + `/above/1/img/a%20b.png"`, `href="` + id + `/above/1/other.sql#x"`, `href="` + id + `/above/1"`, `href="` + id + `/at"`, id + `/above/4/etc/passwd`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in %s", want, page)
		}
	}
	at := "n/" + id
	s.Want(http.StatusOK, reader, "GET", at+"/above/1/img/a%20b.png", nil)
	for path, want := range map[string]string{"/above/1/other.sql": other, "/above/1": in, "/at": below} {
		if got := s.Want(http.StatusSeeOther, reader, "GET", at+path, nil); got.Header.Get("Location") != "/n/"+want {
			t.Errorf("%s leads to %s", path, got.Header.Get("Location"))
		}
	}
	for _, path := range []string{"/above/4/etc/passwd", "/above/0/other.sql", "/above/-1/other.sql", "/above/99999999999999999999/x", "/above/3/x", "/above/1/none.png"} {
		s.Want(http.StatusNotFound, reader, "GET", at+path, nil)
	}
}

// TestAViewIsOneRead looks into the audit log: whether a page is rendered or kept, its reader read it once.
func TestAViewIsOneRead(t *testing.T) {
	s := servertest.Start(t)
	in := folder(t, s)
	id, _ := document(t, s, in, "late.ipynb", ran)
	for views := 1; views <= 3; views++ {
		s.Want(http.StatusOK, servertest.AdminToken, "GET", "n/"+id, nil)
		log := s.Want(http.StatusOK, servertest.AdminToken, "GET", "v1/audit?resource="+id, nil).Text
		if n := strings.Count(log, `"Read"`); n != views {
			t.Errorf("%d reads after %d views: %s", n, views, log)
		}
	}
}

// TestAPageIsProtectedTheSameWhenItIsNotSentAgain is about the headers of a 304, which browsers put in the place of those
// that they have.
func TestAPageIsProtectedTheSameWhenItIsNotSentAgain(t *testing.T) {
	s := servertest.Start(t)
	id, _ := document(t, s, folder(t, s), "late.ipynb", ran)
	first := s.Want(http.StatusOK, servertest.AdminToken, "GET", "n/"+id, nil)
	again := s.Want(http.StatusNotModified, servertest.AdminToken, "GET", "n/"+id, nil, "If-None-Match", first.Header.Get("ETag"))
	for _, name := range []string{"Content-Security-Policy", "X-Frame-Options", "Referrer-Policy"} {
		if got := again.Header.Get(name); got != first.Header.Get(name) {
			t.Errorf("%s: %q, at first %q", name, got, first.Header.Get(name))
		}
	}
}
