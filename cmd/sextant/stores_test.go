package main

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"sextant/content/notebook"
	"sextant/content/store/storetest"
)

// combination is where a server keeps its things: two pairs of empty stores, the second for what is restored.
type combination struct{ database, blobs [2]string }

// onDisk is what a server has that nobody configured.
func onDisk(t *testing.T) combination {
	var c combination
	for i := range c.database {
		dir := filepath.ToSlash(t.TempDir())
		c.database[i], c.blobs[i] = "sqlite://"+dir+"/sextant.db", "file://"+dir+"/blobs"
	}
	return c
}

// onServers is a PostgreSQL server and one that speaks S3.
func onServers(t *testing.T) combination {
	c := combination{database: [2]string{storetest.Postgres(t), storetest.Postgres(t)}}
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	backend := s3mem.New()
	if err := backend.CreateBucket("sextant"); err != nil {
		t.Fatal(err)
	}
	s3 := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(s3.Close)
	for i := range c.blobs {
		q := url.Values{"endpoint": {s3.URL}, "region": {"us-east-1"}, "use_path_style": {"true"}, "prefix": {fmt.Sprintf("server-%d/", i)}}
		c.blobs[i] = "s3://sextant?" + q.Encode()
	}
	return c
}

// TestStoryOnEveryStore runs the program from its configuration file on each combination of stores: somebody signs in,
// writes, is told of a conflict, looks back, finds, shares; everything is backed up, checked, and restored elsewhere.
func TestStoryOnEveryStore(t *testing.T) {
	for name, open := range map[string]func(*testing.T) combination{"sqlite and disk": onDisk, "postgres and s3": onServers} {
		t.Run(name, func(t *testing.T) {
			postgres := os.Getenv(storetest.PostgresEnv)
			isolate(t)
			if postgres != "" {
				t.Setenv(storetest.PostgresEnv, postgres)
			}
			story(t, open(t))
		})
	}
}

func story(t *testing.T, c combination) {
	dir := t.TempDir()
	config := func(i int) string {
		file := filepath.Join(dir, fmt.Sprintf("%d.toml", i))
		text := fmt.Sprintf("data = %q\ndatabase = %q\nblobs = %q\nsign-in-link = \"always\"\n", filepath.Join(dir, fmt.Sprint(i)), c.database[i], c.blobs[i])
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	archive := filepath.Join(dir, "all.tar")
	picture := make([]byte, 3<<20) // larger than what is held, and than one frame
	if _, err := rand.Read(picture); err != nil {
		t.Fatal(err)
	}
	write := func(source string) string {
		text := fmt.Sprintf(`{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"cell_type":"code","id":"a","metadata":{},"execution_count":1,"source":%q,`+
			`"outputs":[{"output_type":"display_data","metadata":{},"data":{"image/png":%q,"text/plain":"a sunflower"}}]}]}`,
			source, base64.StdEncoding.EncodeToString(picture))
		nb, _, err := notebook.Read([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		var normal strings.Builder
		if err := notebook.Write(&normal, nb); err != nil {
			t.Fatal(err)
		}
		return normal.String()
	}
	var token string
	serve(t, []string{"--config", config(0)}, func(url, printed string) {
		token = signIn(t, printed)
		t.Setenv("SEXTANT_SERVER", url)
		t.Setenv("SEXTANT_TOKEN", token)
		must(t, "", "mkdir", "/finance")
		must(t, write("revenue = 1"), "put", "-", "/finance/q3.ipynb", "-m", "first")
		must(t, write("revenue = 2"), "put", "-", "/finance/q3.ipynb", "-m", "second")
		lines := strings.Split(strings.TrimSpace(must(t, "", "log", "/finance/q3.ipynb")), "\n")
		if len(lines) != 2 || !strings.Contains(lines[0], "second") {
			t.Fatalf("log: %q", lines)
		}
		first := strings.Fields(lines[1])[1]
		if _, errOut, code := sextant(t, write("revenue = 9"), "put", "--base", first, "-", "/finance/q3.ipynb"); code != 1 || !strings.Contains(errOut, "conflict") {
			t.Errorf("put on top of an old revision: %d %s", code, errOut)
		}
		if got := must(t, "", "cat", "-r", first, "/finance/q3.ipynb"); got != write("revenue = 1") {
			t.Errorf("the first revision has %d bytes", len(got))
		}
		if got := must(t, "", "search", "revenue sunflow"); !strings.Contains(got, "q3.ipynb") {
			t.Errorf("search: %s", got)
		}
		must(t, "", "user", "add", "ana@x.org")
		ana := strings.TrimSpace(must(t, "", "token", "add", "test", "--for", "ana@x.org"))
		if _, _, code := sextant(t, "", "cat", "--token", ana, "/finance/q3.ipynb"); code == 0 {
			t.Error("what nobody shared is read")
		}
		must(t, "", "share", "/finance", "viewer", "user:ana@x.org")
		if got, _, code := sextant(t, "", "cat", "--token", ana, "/finance/q3.ipynb"); code != 0 || got != write("revenue = 2") {
			t.Errorf("shared: %d, %d bytes", code, len(got))
		}
		must(t, "", "backup", "--config", config(0), archive) // while the server runs
	})
	if out := must(t, "", "fsck", "--config", config(0), "--read"); out != "0 problems, 0 left\n" {
		t.Errorf("fsck: %s", out)
	}
	if out := must(t, "", "restore", "--config", config(1), archive); !strings.HasPrefix(out, "restored ") {
		t.Errorf("restore: %s", out)
	}
	serve(t, []string{"--config", config(1)}, func(url, _ string) {
		t.Setenv("SEXTANT_SERVER", url)
		if got := must(t, "", "cat", "/finance/q3.ipynb"); got != write("revenue = 2") { // by the token made before
			t.Errorf("restored %d bytes", len(got))
		}
		must(t, "", "audit", "verify")
	})
	if out := must(t, "", "fsck", "--config", config(1), "--read"); out != "0 problems, 0 left\n" {
		t.Errorf("fsck of what was restored: %s", out)
	}
}

// signIn follows the link that the server printed, as a browser does, and makes a token of its own.
func signIn(t *testing.T, printed string) string {
	t.Helper()
	link := regexp.MustCompile(`http\S+signin\?token=\S+`).FindString(printed)
	u, err := url.Parse(link)
	if err != nil || link == "" {
		t.Fatalf("no link in %q", printed)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	answer, err := browser.PostForm(strings.TrimSuffix(link, "?"+u.RawQuery)+"/link", url.Values{"token": {u.Query().Get("token")}})
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	u.Path, u.RawQuery = strings.TrimSuffix(u.Path, "signin")+"v1/tokens", ""
	if answer, err = browser.Post(u.String(), "application/json", strings.NewReader(`{"name":"story"}`)); err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	var made struct{ Secret string }
	if err := json.Unmarshal(text, &made); err != nil || made.Secret == "" {
		t.Fatalf("%s %s %v", answer.Status, text, err)
	}
	return made.Secret
}
