package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sextant/server/servertest"
)

// sextant runs one command line and gives what it printed.
func sextant(t *testing.T, in string, args ...string) (out, errOut string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(&terminal{ctx: t.Context(), in: strings.NewReader(in), out: &o, errOut: &e}, args)
	return o.String(), e.String(), code
}

// must runs a command line that is to succeed.
func must(t *testing.T, in string, args ...string) string {
	t.Helper()
	out, errOut, code := sextant(t, in, args...)
	if code != 0 {
		t.Fatalf("sextant %s: %d %s", strings.Join(args, " "), code, errOut)
	}
	return out
}

// isolate keeps the surroundings of whoever runs the tests out.
func isolate(t *testing.T) {
	t.Helper()
	for _, entry := range os.Environ() {
		if name, value, _ := strings.Cut(entry, "="); strings.HasPrefix(name, "SEXTANT_") {
			t.Setenv(name, value) // to be put back
			os.Unsetenv(name)
		}
	}
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(dir, "config"))
	t.Setenv("XDG_DATA_HOME", filepath.Join(dir, "data"))
}

// start runs a server and has commands speak to it as its administrator.
func start(t *testing.T) *servertest.Server {
	t.Helper()
	isolate(t)
	s := servertest.Start(t)
	t.Setenv("SEXTANT_SERVER", s.URL)
	t.Setenv("SEXTANT_TOKEN", servertest.AdminToken)
	return s
}

func TestDocumentsFromTheCommandLine(t *testing.T) {
	start(t)
	must(t, "", "mkdir", "/finance")
	if out := must(t, "select 1\n", "put", "-", "/finance/q3.sql", "-m", "first"); !strings.HasPrefix(out, "created") {
		t.Errorf("put: %s", out)
	}
	if out := must(t, "select 2\n", "put", "-", "/finance/q3.sql", "-m", "second"); !strings.Contains(out, "revision 2") {
		t.Errorf("put again: %s", out)
	}
	if out := must(t, "select 2\n", "put", "-", "/finance/q3.sql"); !strings.HasPrefix(out, "unchanged") {
		t.Errorf("put the same: %s", out)
	}
	if out := must(t, "", "cat", "/finance/q3.sql"); out != "select 2\n" {
		t.Errorf("cat: %q", out)
	}
	if out := must(t, "", "diff", "/finance/q3.sql"); !strings.Contains(out, "-select 1\n+select 2\n") {
		t.Errorf("diff: %s", out)
	}
	log := must(t, "", "log", "/finance/q3.sql")
	lines := strings.Split(strings.TrimSpace(log), "\n")
	if len(lines) != 2 || !strings.Contains(lines[1], "first") {
		t.Fatalf("log: %s", log)
	}
	first := strings.Fields(lines[1])[1]
	if out := must(t, "", "cat", "-r", first, "/finance/q3.sql"); out != "select 1\n" {
		t.Errorf("cat of the first: %q", out)
	}
	if _, errOut, code := sextant(t, "select 9\n", "put", "--base", first, "-", "/finance/q3.sql"); code != 1 || !strings.Contains(errOut, "conflict") {
		t.Errorf("put on top of an old revision: %d %s", code, errOut)
	}
	must(t, "", "revert", "/finance/q3.sql", first)
	must(t, "", "cp", "/finance/q3.sql", "/")
	must(t, "", "mv", "/q3.sql", "/finance/copy.sql")
	if out := must(t, "", "ls", "/finance"); out != "copy.sql\nq3.sql\n" {
		t.Errorf("ls: %q", out)
	}
	if out := must(t, "", "ls", "-l", "--json", "/finance"); strings.Count(out, `"name":`) != 2 {
		t.Errorf("ls --json: %s", out)
	}
	if out := must(t, "", "search", "select"); strings.Count(out, "\n") != 2 {
		t.Errorf("search: %s", out)
	}
	must(t, "", "rm", "/finance/copy.sql")
	if _, errOut, code := sextant(t, "", "cat", "/finance/copy.sql"); code != 1 || !strings.Contains(strings.ToLower(errOut), "not found") {
		t.Errorf("cat of what is gone: %d %s", code, errOut)
	}
	must(t, "", "mkdir", "/finance/sub")
	if out := must(t, "", "cp", "/finance", "/copied"); !strings.HasPrefix(out, "2 folders, 1 documents") {
		t.Errorf("cp of a folder: %s", out)
	}
	if out := must(t, "", "ls", "/copied"); out != "q3.sql\nsub/\n" {
		t.Errorf("ls of the copy: %q", out)
	}
	must(t, "", "rm", "/finance/sub")
	// A tree goes out as files and comes back as documents.
	dir := filepath.Join(t.TempDir(), "out")
	must(t, "", "export", "/finance", dir)
	if text, err := os.ReadFile(filepath.Join(dir, "q3.sql")); err != nil || string(text) != "select 1\n" {
		t.Errorf("exported %q %v", text, err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "sub", ".hidden"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"sub/b.txt": "b", "sub/.hidden/c.txt": "c"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "sub", "link")); err != nil {
		t.Fatal(err)
	}
	out := must(t, "", "import", dir, "/imported")
	if strings.Contains(out, "hidden") || strings.Contains(out, "link") {
		t.Errorf("import: %s", out)
	}
	if out := must(t, "", "cat", "/imported/sub/b.txt"); out != "b" {
		t.Errorf("imported %q", out)
	}
}

func TestPeopleFromTheCommandLine(t *testing.T) {
	s := start(t)
	must(t, "", "user", "add", "ana@x.org", "--name", "Ana")
	if out := must(t, "", "user", "list"); !strings.Contains(out, "user:ana@x.org") || !strings.Contains(out, "Ana") {
		t.Errorf("user list: %s", out)
	}
	must(t, "correct horse battery\n", "user", "password", "ana@x.org")
	if out := must(t, "", "user", "link", "ana@x.org"); !strings.HasPrefix(out, s.URL+"signin?token=") {
		t.Errorf("link: %s", out)
	}
	if out := must(t, "", "user", "sessions", "ana@x.org"); !strings.Contains(out, "link") {
		t.Errorf("sessions: %s", out)
	} else {
		must(t, "", "user", "signout", "ana@x.org", strings.Fields(out)[0])
	}
	must(t, "", "user", "signout", "ana@x.org")
	if out := must(t, "", "user", "sessions", "ana@x.org"); out != "" {
		t.Errorf("sessions that were ended: %s", out)
	}
	if _, errOut, code := sextant(t, "", "user", "signout", "ana@x.org", "0123"); code != 1 || !strings.Contains(errOut, "not found") {
		t.Errorf("signout of no session: %d %s", code, errOut)
	}
	token := strings.TrimSpace(must(t, "", "token", "add", "laptop", "--for", "ana@x.org", "--days", "30"))
	must(t, "", "group", "add", "risk@x.org", "--title", "Risk")
	must(t, "", "group", "join", "risk@x.org", "ana@x.org")
	must(t, "select 1", "put", "-", "/a.sql")
	must(t, "", "share", "/a.sql", "viewer", "group:risk@x.org")
	if out := must(t, "", "iam", "explain", "/a.sql", "ana@x.org", "documents.read"); !strings.HasPrefix(out, "allowed") || !strings.Contains(out, "group:risk@x.org") {
		t.Errorf("explain: %s", out)
	}
	asAna := func(args ...string) (string, int) {
		out, _, code := sextant(t, "", append([]string{args[0], "--token", token}, args[1:]...)...)
		return out, code
	}
	if out, _ := asAna("whoami"); !strings.Contains(out, "user:ana@x.org") || !strings.Contains(out, "group:risk@x.org") {
		t.Errorf("whoami: %s", out)
	}
	if out, code := asAna("cat", "/a.sql"); code != 0 || out != "select 1" {
		t.Errorf("shared: %d %s", code, out)
	}
	must(t, "", "share", "--remove", "/a.sql", "viewer", "group:risk@x.org")
	if _, code := asAna("cat", "/a.sql"); code == 0 {
		t.Error("the role was taken away and still reads")
	}
	if policy := must(t, "", "iam", "get", "/a.sql"); !strings.Contains(policy, "etag") {
		t.Errorf("policy: %s", policy)
	} else {
		must(t, policy, "iam", "set", "/a.sql", "-")
	}
	must(t, "", "user", "disable", "ana@x.org")
	if _, code := asAna("whoami"); code == 0 {
		t.Error("a disabled user's token opens something")
	}
	if out := must(t, "", "audit", "query", "--denied"); !strings.Contains(out, "denied") || !strings.Contains(out, "Resolve") {
		t.Errorf("audit: %s", out)
	}
	if out := must(t, "", "audit", "verify"); !strings.Contains(out, "entries") {
		t.Errorf("verify: %s", out)
	}
	if out := must(t, "", "audit", "export"); strings.Contains(out, token) || strings.Count(out, "\n") < 10 {
		t.Errorf("export: %s", out)
	}
}

func TestBackupRestoreFsck(t *testing.T) {
	isolate(t)
	data, back := t.TempDir(), t.TempDir()
	archive := filepath.Join(t.TempDir(), "all.tar")
	serve(t, []string{"--data", data}, func(url, _ string) {
		t.Setenv("SEXTANT_SERVER", url)
		t.Setenv("SEXTANT_TOKEN", servertest.AdminToken)
		must(t, "select 1", "put", "-", "/a.sql")
		must(t, "", "backup", "--data", data, archive) // while the server runs
	})
	if out := must(t, "", "fsck", "--data", data, "--read"); out != "0 problems, 0 left\n" {
		t.Errorf("fsck: %s", out)
	}
	if out := must(t, "", "restore", "--data", back, archive); !strings.HasPrefix(out, "restored ") {
		t.Errorf("restore: %s", out)
	}
	serve(t, []string{"--data", back}, func(url, _ string) {
		t.Setenv("SEXTANT_SERVER", url)
		if out := must(t, "", "cat", "/a.sql"); out != "select 1" {
			t.Errorf("restored %q", out)
		}
		must(t, "", "cat", "/Samples/flights.ipynb")
	})
	if _, _, code := sextant(t, "", "restore", "--data", back, archive); code == 0 {
		t.Error("restored over what is there")
	}
	// Damage is found and named.
	err := filepath.WalkDir(filepath.Join(back, "blobs"), func(p string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			return os.WriteFile(p, []byte("damaged"), 0o600)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if out, _, code := sextant(t, "", "fsck", "--data", back, "--read"); code != 1 || !strings.Contains(out, "damaged: blob") {
		t.Errorf("fsck of damage: %d %s", code, out)
	}
}

var address = regexp.MustCompile(`Sextant is at (http\S+)`)

// serve runs `sextant serve` as a person would, and ends it as systemd does.
func serve(t *testing.T, args []string, during func(url, printed string)) {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "notify")
	notified, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer notified.Close()
	t.Setenv("NOTIFY_SOCKET", socket)
	t.Setenv("SEXTANT_ADMIN_TOKEN", servertest.AdminToken)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out, errOut servertest.Log
	// The server's end is told by the same way, so that it does not overtake what the server said before.
	end, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer end.Close()
	ended := make(chan int, 1)
	go func() {
		code := run(&terminal{ctx: ctx, in: strings.NewReader(""), out: &out, errOut: &errOut},
			append([]string{"serve", "--listen", "127.0.0.1:0", "--log-level", "error"}, args...))
		if _, err := end.Write([]byte("ENDED")); err != nil {
			t.Error(err)
		}
		ended <- code
	}()
	state := func() string {
		b := make([]byte, 100)
		n, err := notified.Read(b)
		if err != nil {
			t.Fatal(err)
		}
		if string(b[:n]) == "ENDED" {
			t.Fatalf("systemd was not told; the server ended with %d: %s%s", <-ended, out.String(), errOut.String())
		}
		return string(b[:n])
	}
	if s := state(); s != "READY=1" {
		t.Fatalf("systemd was told %q", s)
	}
	printed := out.String() // written before READY
	found := address.FindStringSubmatch(printed)
	if found == nil {
		t.Fatalf("no address in %q", printed)
	}
	during(found[1], printed)
	cancel()
	if s := state(); s != "STOPPING=1" {
		t.Errorf("systemd was told %q", s)
	}
	if code := <-ended; code != 0 {
		t.Errorf("serve ended with %d: %s", code, errOut.String())
	}
}

func TestServeWithNothingConfigured(t *testing.T) {
	isolate(t)
	serve(t, []string{"--base-url", "x", "--sign-in-link", "always"}, func(url, printed string) {
		if !strings.HasSuffix(url, "/x/") || !strings.Contains(printed, url+"signin?token=") || strings.Contains(printed, servertest.AdminToken) {
			t.Errorf("printed %s", printed)
		}
		for path, want := range map[string]int{"healthz": 200, "readyz": 200, "": 200, "v1/openapi.json": 200, "metrics": 401} {
			answer, err := http.Get(url + path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, answer.Body); err != nil {
				t.Error(err)
			}
			answer.Body.Close()
			if answer.StatusCode != want {
				t.Errorf("%s: %d", path, answer.StatusCode)
			}
		}
		for root, want := range map[string]int{"/": 200, "/healthz": 200, "/x": 200, "/y": 404, "/v1/me": 404} {
			answer, err := http.Get(strings.TrimSuffix(url, "/x/") + root)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != want {
				t.Errorf("%s: %d", root, answer.StatusCode)
			}
		}
	})
	if _, err := os.Stat(filepath.Join(os.Getenv("XDG_DATA_HOME"), "sextant", "sextant.db")); err != nil {
		t.Error(err)
	}
}

func TestConfigCheck(t *testing.T) {
	isolate(t)
	file := filepath.Join(t.TempDir(), "sextant.toml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`
listen = "0.0.0.0:1111"
trash-days = 7
passwords = false
trusted-proxies = ["10.0.0.0/8", "192.0.2.1"]
database = "postgres://sextant:hunter2@db/sextant?sslpassword=hunter3"

[[oidc]]
name = "corp"
issuer = "https://id.x.org"
client-id = "sextant"
client-secret = "hunter4"
groups-claim = "groups"
`)
	t.Setenv("SEXTANT_LISTEN", "127.0.0.1:2222")
	t.Setenv("SEXTANT_ADMIN_TOKEN", "hunter5-hunter5-hunter5")
	out := must(t, "", "config", "check", "--config", file, "--base-url", "/flag")
	for _, want := range []string{"listen = 127.0.0.1:2222\n", "base-url = /flag/\n", "trash-days = 7\n", "passwords = false\n", "trusted-proxies = [10.0.0.0/8 192.0.2.1]\n",
		"admin-token = (set)\n", "issuer https://id.x.org", "audit-days = 0\n", "db/sextant"} {
		if !strings.Contains(out, want) {
			t.Errorf("lacks %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "hunter") {
		t.Errorf("prints a secret:\n%s", out)
	}
	for text, want := range map[string]string{
		`lisen = "x"`: `unknown key "lisen"`, `listen = "nowhere"`: "listen", `tls-cert = "a"`: "needs a key", `trusted-proxies = ["x"]`: "neither",
		"[[oidc]]\nname = \"a\"\nissuer = \"http://id.x.org\"\nclient-id = \"b\"": "https", "[[oidc]]\nnam = \"a\"": "unknown key",
		"[[oidc]]\nname = \"a\"\nissuer = \"https://id.x.org\"\nclient-id = \"b\"\ntrust-email = true": "vouch", "listen = ": "toml",
		`max-size = "many"`: "max-size", `config = "other"`: "unknown key", `admin-token = "short"`: "",
	} {
		write(text)
		os.Unsetenv("SEXTANT_LISTEN")
		if _, errOut, code := sextant(t, "", "config", "check", "--config", file); (code == 0) != (want == "") || !strings.Contains(errOut, want) {
			t.Errorf("%s: %d %s", text, code, errOut)
		}
	}
	if _, _, code := sextant(t, "", "config", "check", "--config", file+".missing"); code == 0 {
		t.Error("a file that somebody named is missing, and nothing is said")
	}
}

// TestConfigExample reads the example with every key taken out of its comment: each is known, and its value the default.
func TestConfigExample(t *testing.T) {
	isolate(t)
	example := must(t, "", "config", "example")
	plain := must(t, "", "config", "check")
	key := regexp.MustCompile(`(?m)^# ([a-z-]+ = |\[\[(?:oidc|quota))`)
	text, count := key.ReplaceAllString(example, "$1"), len(key.FindAllString(example, -1))
	file := filepath.Join(t.TempDir(), "sextant.toml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out := must(t, "", "config", "check", "--config", file)
	_, out, _ = strings.Cut(out, "\n") // where it comes from
	out, oidc, _ := strings.Cut(out, "oidc.corp")
	if out != plain || !strings.Contains(oidc, "id.example.org") || !strings.Contains(oidc, "quota = member group:interns@example.org, each false, sessions 20") {
		t.Errorf("the example's values are not the defaults:\n%s\n%s", out, plain)
	}
	if count < 30 {
		t.Errorf("only %d keys", count)
	}
}

func TestCommandLine(t *testing.T) {
	isolate(t)
	if out, _, code := sextant(t, "", "--version"); code != 0 || out != version+"\n" {
		t.Errorf("--version: %d %q", code, out)
	}
	if out, _, code := sextant(t, "", "serve", "--help"); code != 0 || !strings.Contains(out, "SEXTANT_BASE_URL") {
		t.Errorf("--help: %d %q", code, out)
	}
	for _, args := range [][]string{{}, {"nosuch"}, {"ls", "--nosuch"}, {"cat"}} {
		if _, errOut, code := sextant(t, "", args...); code != 2 || errOut == "" {
			t.Errorf("%v: %d %q", args, code, errOut)
		}
	}
}
