package pages_test

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"sextant/frontend"
	"sextant/server/servertest"
)

const drawn = `{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[
{"cell_type":"code","id":"a","metadata":{},"execution_count":1,"source":"f","outputs":[
 {"output_type":"display_data","metadata":{},"data":{"text/plain":"one","application/vnd.plotly.v1+json":{"data":[{"y":[1]}],"layout":{"title":"</script><script>alert(1)</script>"}}}},
 {"output_type":"display_data","metadata":{},"data":{"text/plain":"two","application/vnd.plotly.v1+json":{"data":[{"y":[2]}]}}}]}]}`

func TestInteractiveOutputsComeByThemselves(t *testing.T) {
	s := servertest.Start(t)
	reader, stranger := s.User("ana@x.org"), s.User("stranger@x.org")
	id, _ := document(t, s, folder(t, s), "a.ipynb", drawn)
	share(t, s, id, "viewer", "user:ana@x.org")
	s.Want(http.StatusNotFound, reader, "GET", "n/"+id+"/rich/0", nil) // nothing has been rendered
	page := s.Want(http.StatusOK, reader, "GET", "n/"+id, nil)
	if strings.Contains(page.Text, "<script>alert(1)") {
		t.Error("the output's data are in the page")
	}
	for path, want := range map[string]string{"/rich/0": `{"application/vnd.plotly.v1+json":{"data":[{"y":[1]}],"layout":{"title":"\u003c/script\u003e\u003cscript\u003ealert(1)\u003c/script\u003e"}},"text/plain":"one"}`,
		"/rich/1": `{"application/vnd.plotly.v1+json":{"data":[{"y":[2]}]},"text/plain":"two"}`} {
		got := s.Want(http.StatusOK, reader, "GET", "n/"+id+path, nil)
		if got.Text != want || got.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %s %v", path, got.Text, got.Header)
		}
		s.Want(http.StatusNotFound, stranger, "GET", "n/"+id+path, nil)
		s.Want(http.StatusUnauthorized, "", "GET", "n/"+id+path, nil)
	}
	for _, path := range []string{"/rich/2", "/rich/-1", "/rich/x", "/rich/99999999999999999999"} {
		s.Want(http.StatusNotFound, reader, "GET", "n/"+id+path, nil)
	}
}

func TestTheFrameHasAnOriginOfItsOwn(t *testing.T) {
	s := servertest.Start(t)
	got := s.Want(http.StatusOK, "", "GET", "frame/output", nil)
	policy := got.Header.Get("Content-Security-Policy")
	for _, want := range []string{"sandbox allow-scripts;", "default-src 'none'", "connect-src 'none'", "frame-src 'none'", "form-action 'none'", "base-uri 'none'", "frame-ancestors 'self'", s.URL + "frame/static/;"} {
		if !strings.Contains(policy, want) {
			t.Errorf("no %s in %s", want, policy)
		}
	}
	if strings.Contains(policy, "allow-same-origin") {
		t.Errorf("%v", got.Header)
	}
	s.Want(http.StatusNotModified, "", "GET", "frame/output", nil, "If-None-Match", got.Header.Get("ETag"))
	script := regexp.MustCompile(`static/(output-[0-9a-f]+\.js)`).FindStringSubmatch(got.Text)
	if script == nil {
		t.Fatal("no script")
	}
	f, err := frontend.LoadFrame()
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{script[1]: f.Script}
	if len(f.Libraries) == 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("the frame's libraries were not built: make frontend")
		}
		t.Log("without libraries: make frontend")
	} else {
		names[f.Libraries["plotly"].Files[0]] = "Plotly"
	}
	for name, holds := range names {
		for _, encoding := range []string{"gzip", "identity"} {
			got := s.Want(http.StatusOK, "", "GET", "frame/static/"+name, nil, "Accept-Encoding", encoding)
			if got.Header.Get("Access-Control-Allow-Origin") != "*" || got.Header.Get("Cross-Origin-Resource-Policy") != "cross-origin" ||
				!strings.Contains(got.Header.Get("Cache-Control"), "immutable") {
				t.Errorf("%s: %v", name, got.Header)
			}
			if got.Header.Get("Content-Encoding") == "" && !strings.Contains(got.Text, holds) {
				t.Errorf("%s: another text", name)
			}
		}
	}
	for _, name := range []string{"nothing.js", "libraries.json", "..%2flibraries.json", "LICENSES.txt"} {
		if got := s.Do("", "GET", "frame/static/"+name, nil); got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", name, got.StatusCode)
		}
	}
}
