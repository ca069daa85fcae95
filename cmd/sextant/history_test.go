package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sextant/server/api"
	"sextant/server/client"
	"sextant/server/servertest"
)

// state describes everything below a folder: what each document and each of its revisions is, but for who imported it.
func state(t *testing.T, c *client.Client, folder string) []string {
	t.Helper()
	var out []string
	var walk func(id, dir string)
	walk = func(id, dir string) {
		err := client.Each(t.Context(), c, client.Path("resources", id, "children"), nil, func(r api.Resource) error {
			p := dir + "/" + r.Name
			out = append(out, fmt.Sprint(p, " ", r.Type, " ", r.Description, " ", r.Tags))
			if r.Type == "folder" {
				walk(r.ID, p)
				return nil
			}
			return client.Each(t.Context(), c, client.Path("resources", r.ID, "revisions"), nil, func(v api.Revision) error {
				author, at := strings.TrimPrefix(v.Author, "user:"), v.CreatedAt
				if v.Imported != nil {
					author, at = v.Imported.Author, v.Imported.At
				}
				if name, _, ok := strings.Cut(author, " <"); ok {
					author = name
				}
				out = append(out, fmt.Sprintf("%s %d %q %q %s %s %d %s", p, v.Number, v.Message, v.Name, author, at.UTC().Format(time.RFC3339Nano), v.Size, v.Digest))
				return nil
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	r, err := c.Resolve(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	walk(r.ID, "")
	return out
}

// remote is a client of the server that commands speak to.
func remote(t *testing.T, s *servertest.Server) *client.Client {
	t.Helper()
	c, err := client.New(s.URL, servertest.AdminToken, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestHistoryGoesOutAndComesBack(t *testing.T) {
	s := start(t)
	c := remote(t, s)
	ana := s.User("ana@x.org")
	must(t, "", "mkdir", "/team")
	must(t, "", "mkdir", "/team/deep er")
	must(t, "", "mkdir", "/team/empty")
	must(t, "", "share", "/team", "editor", "ana@x.org")
	put := func(p, text, message, name, token string) {
		t.Helper()
		r, err := c.Resolve(t.Context(), p)
		if err != nil {
			must(t, text, "put", "-", p, "-m", message)
			return
		}
		q := url.Values{"message": {message}, "name": {name}}
		s.Want(200, token, "PUT", "v1/resources/"+r.ID+"/content?"+q.Encode(), text, "If-Match", "*")
	}
	admin := servertest.AdminToken
	put("/team/a \"b\" ü.sql", "select 1", "", "", admin)
	put("/team/n.ipynb", "", "a notebook", "", admin)
	put("/team/a \"b\" ü.sql", "select 2", "two\n\nlines: \"quoted\"\n", "", ana)
	put("/team/deep er/data.bin", "\x00\xff\r\n"+strings.Repeat("0123456789abcdef", 1<<19), "eight megabytes", "", admin)
	put("/team/a \"b\" ü.sql", "select 2", "named, and the same", "v 1/2: *~^", admin)
	put("/team/n.ipynb", `{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"cell_type":"markdown","id":"a","metadata":{},"source":"# hi"}]}`, "x\n\nSextant-Name: \"fake\"", "q3", ana)
	put("/team/n.ipynb", "broken", "", "", admin)
	// What was moved has all of its history where it is now.
	must(t, "", "mv", "/team/a \"b\" ü.sql", "/team/deep er/moved.sql")
	put("/team/deep er/moved.sql", "", "emptied", "", admin)
	put("/team/deep er/moved.sql", "select 1", "as it was first", "", admin)
	put("/team/.hidden", "", "", "", admin)
	must(t, "", "rm", "/team/.hidden")
	r, err := c.Resolve(t.Context(), "/team/n.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	s.Want(200, admin, "PATCH", "v1/resources/"+r.ID, map[string]any{"description": "what it is\nfor", "tags": []string{"b", "a"}})
	dir := filepath.Join(t.TempDir(), "out")
	out := must(t, "", "export", "--history", "/team", dir)
	if out != "3 documents, 9 revisions, 2 names\n" {
		t.Errorf("export: %q", out)
	}
	git := func(args ...string) string {
		t.Helper()
		text, err := exec.Command("git", append([]string{"-C", dir}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("git %s: %v %s", args, err, text)
		}
		return strings.TrimSpace(string(text))
	}
	if text := git("status", "--porcelain") + git("fsck", "--strict"); text != "" {
		t.Errorf("the repository: %s", text)
	}
	if text := git("log", "--format=%an %s", "--", "deep er/moved.sql"); text != "admin@localhost as it was first\nadmin@localhost emptied\nana@x.org two\nadmin@localhost moved.sql: revision 1" {
		t.Errorf("git log: %s", text)
	}
	if tags := strings.Split(git("tag"), "\n"); len(tags) != 2 || tags[1] != "n.ipynb/q3" {
		t.Errorf("tags: %q", tags)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "deep er", "moved.sql")); err != nil || string(text) != "select 1" {
		t.Errorf("the file is %q %v", text, err)
	}
	// The same comes back, on this server or another.
	if out := must(t, "", "import", "--history", dir, "/back"); out != "3 documents, 9 revisions, 2 names from 10 commits\n" {
		t.Errorf("import: %q", out)
	}
	want, got := state(t, c, "/team"), state(t, c, "/back")
	if !slices.Equal(got, want) {
		t.Errorf("imported\n%s\nwas\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// And again, from what was imported.
	again := filepath.Join(t.TempDir(), "again")
	must(t, "", "export", "--history", "/back", again)
	must(t, "", "import", "--history", again, "/third")
	if got := state(t, c, "/third"); !slices.Equal(got, want) {
		t.Errorf("imported twice\n%s\nwas\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if out := must(t, "", "log", "/back/n.ipynb"); strings.Count(out, "(imported)") != 3 {
		t.Errorf("log of what was imported: %s", out)
	}
	if _, errOut, code := sextant(t, "", "import", "--history", dir, "/back"); code != 1 || !strings.Contains(errOut, "not empty") {
		t.Errorf("import into a full folder: %d %s", code, errOut)
	}
	if _, errOut, code := sextant(t, "", "export", "--history", "/team", dir); code != 1 || !strings.Contains(errOut, "not empty") {
		t.Errorf("export into a full directory: %d %s", code, errOut)
	}
}

// TestHistoryWithoutOutputs: what runs left stays behind, in every revision.
func TestHistoryWithoutOutputs(t *testing.T) {
	start(t)
	for _, source := range []string{"one", "two"} {
		must(t, `{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[{"cell_type":"code","id":"a","metadata":{},"execution_count":1,"source":"`+source+
			`","outputs":[{"output_type":"stream","name":"stdout","text":"secret result"}]}]}`, "put", "-", "/n.ipynb")
	}
	dir := filepath.Join(t.TempDir(), "out")
	if out := must(t, "", "export", "--history", "--source-only", "/n.ipynb", dir); out != "1 documents, 2 revisions, 0 names\n" {
		t.Errorf("export: %q", out)
	}
	all, err := exec.Command("git", "-C", dir, "log", "-p").CombinedOutput()
	if err != nil || strings.Contains(string(all), "secret result") || !strings.Contains(string(all), "two") || !strings.Contains(string(all), `"outputs": []`) {
		t.Errorf("%v %s", err, all)
	}
}

// TestHistoryShowsOnlyWhatMayBeRead: what one may not see is in no commit.
func TestHistoryShowsOnlyWhatMayBeRead(t *testing.T) {
	s := start(t)
	ana := s.User("ana@x.org")
	for _, p := range []string{"/team", "/team/secret"} {
		must(t, "", "mkdir", p)
	}
	for _, p := range []string{"/team/open.sql", "/team/old.sql", "/team/secret/s.sql"} {
		must(t, "first", "put", "-", p, "-m", "first words")
		must(t, "second", "put", "-", p)
	}
	// Ana may list the folder, read one document with its history, and of another only what it is now.
	for member, body := range map[string]map[string]any{
		"lister": {"title": "l", "permissions": []string{"resources.get", "resources.list"}},
		"reader": {"title": "r", "permissions": []string{"resources.get", "documents.read"}},
	} {
		s.Want(204, servertest.AdminToken, "PUT", "v1/roles/custom/"+member, body)
	}
	must(t, "", "share", "--condition", `!resource.path.startsWith("/team/secret")`, "/team", "custom/lister", "ana@x.org")
	must(t, "", "share", "/team/open.sql", "viewer", "ana@x.org")
	must(t, "", "share", "/team/old.sql", "custom/reader", "ana@x.org")
	t.Setenv("SEXTANT_TOKEN", ana)
	dir := filepath.Join(t.TempDir(), "out")
	out, errOut, code := sextant(t, "", "export", "--history", "/team", dir)
	if code != 0 || out != "2 documents, 3 revisions, 0 names\n" || !strings.Contains(errOut, "old.sql") || strings.Contains(errOut, "secret") {
		t.Errorf("export: %d %q %s", code, out, errOut)
	}
	all, err := exec.Command("git", "-C", dir, "log", "-p").CombinedOutput()
	if err != nil || strings.Contains(string(all), "secret") || strings.Count(string(all), "first words") != 1 {
		t.Errorf("%v %s", err, all)
	}
	// Who may not make a folder there imports nothing.
	if _, errOut, code := sextant(t, "", "import", "--history", dir, "/team/new"); code != 1 || !strings.Contains(errOut, "denied") {
		t.Errorf("import: %d %s", code, errOut)
	}
}

// TestImportingARepository imports what people's own git made: documents keep their history when they are renamed.
func TestImportingARepository(t *testing.T) {
	s := start(t)
	c := remote(t, s)
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=Bo B", "-c", "user.email=bo@x.org"}, args...)...)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_DATE=2019-05-06T07:08:09+02:00")
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v %s", args, err, text)
		}
	}
	file := func(name, text string) {
		t.Helper()
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	commit := func(message string) {
		t.Helper()
		git("add", "-A")
		git("commit", "-q", "-m", message)
	}
	long := func(word string) string { return strings.Repeat("select '"+word+"';\n", 40) }
	git("init", "-q", "-b", "main")
	file("q/a.sql", long("a"))
	file("q/b.sql", long("b"))
	file("swap/x", long("x"))
	file("swap/y", long("y"))
	file("down", long("down"))
	file(".gitignore", "*.tmp\n")
	file("old.ipynb", `{"nbformat":4,"nbformat_minor":2,"metadata":{},"cells":[]}`)
	commit("first")
	git("tag", "v1")
	// A folder is renamed, two files change places, and one becomes a folder with itself in it.
	git("mv", "q", "queries")
	file("queries/a.sql", long("a")+"-- more\n")
	git("mv", "swap/x", "swap/z")
	git("mv", "swap/y", "swap/x")
	git("mv", "swap/z", "swap/y")
	git("mv", "down", "tmp")
	git("add", "-A")
	if err := os.MkdirAll(filepath.Join(dir, "down"), 0o755); err != nil {
		t.Fatal(err)
	}
	git("mv", "tmp", "down/deeper")
	commit("moved")
	git("rm", "-q", "queries/b.sql")
	if err := os.Symlink("a.sql", filepath.Join(dir, "queries", "link")); err != nil {
		t.Fatal(err)
	}
	commit("deleted")
	git("mv", "down/deeper", "up")
	if err := os.RemoveAll(filepath.Join(dir, "down")); err != nil {
		t.Fatal(err)
	}
	git("mv", "up", "down") // back to where the folder was
	file("trailing ", "a name that no document can have")
	commit("back")
	git("tag", "-a", "v2", "-m", "second")
	out, errOut, code := sextant(t, "", "import", "--history", dir, "/repo")
	if code != 0 || out != "5 documents, 7 revisions, 7 names from 4 commits\n" {
		t.Fatalf("import: %d %q %s", code, out, errOut)
	}
	for _, left := range []string{"queries/link is no file", "trailing"} {
		if !strings.Contains(errOut, left) {
			t.Errorf("not told: %q in %s", left, errOut)
		}
	}
	var got []string
	for _, line := range state(t, c, "/repo") {
		if parts := strings.SplitN(line, " ", 3); len(parts) > 1 {
			got = append(got, parts[0]+" "+parts[1])
		}
	}
	want := []string{"/down file", "/down 1", "/old.ipynb notebook", "/old.ipynb 1", "/queries folder", "/queries/a.sql sql", "/queries/a.sql 2", "/queries/a.sql 1",
		"/swap folder", "/swap/x file", "/swap/x 1", "/swap/y file", "/swap/y 1"}
	if !slices.Equal(got, want) {
		t.Errorf("imported\n%q, want\n%q", got, want)
	}
	for p, text := range map[string]string{"/repo/swap/x": long("y"), "/repo/swap/y": long("x"), "/repo/down": long("down"), "/repo/queries/a.sql": long("a") + "-- more\n"} {
		if got := must(t, "", "cat", p); got != text {
			t.Errorf("%s is %.30q", p, got)
		}
	}
	var revisions []api.Revision
	for line := range strings.Lines(must(t, "", "log", "--json", "/repo/queries/a.sql")) {
		var v api.Revision
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		revisions = append(revisions, v)
	}
	if v := revisions[1]; v.Message != "first" || v.Name != "v1" || v.Origin != "import" || v.Imported == nil || v.Imported.Author != "Bo B <bo@x.org>" ||
		v.Imported.At.Format(time.RFC3339) != "2019-05-06T05:08:09Z" || v.Author != "user:admin@localhost" {
		t.Errorf("the first revision is %+v", v)
	}
	if v := revisions[0]; v.Message != "moved" || v.Name != "v2" {
		t.Errorf("the second revision is %+v", v)
	}
	// One branch, tag or commit can be chosen, and only what is in a directory.
	if out := must(t, "", "import", "--history", "--ref", "v1", filepath.Join(dir, "queries"), "/none"); !strings.HasPrefix(out, "0 documents") {
		t.Errorf("import of what was not there yet: %q", out)
	}
	for _, c := range []struct{ args, want string }{
		{"--ref nowhere " + dir, "no commit nowhere"}, {t.TempDir(), "no git repository"},
	} {
		if _, errOut, code := sextant(t, "", append([]string{"import", "--history"}, append(strings.Fields(c.args), "/fails")...)...); code != 1 || !strings.Contains(errOut, c.want) {
			t.Errorf("%s: %d %s", c.args, code, errOut)
		}
	}
}
