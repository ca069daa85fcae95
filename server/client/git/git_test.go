package git

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// command runs git in a directory as somebody whose settings are those of nobody.
func command(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir, "-c", "user.name=Bo", "-c", "user.email=bo@x.org"}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_DATE=2020-01-02T03:04:05+02:00")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v %s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	p := filepath.Join(dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(p), 0o755), os.WriteFile(p, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func history(t *testing.T, dir, ref string) []Step {
	t.Helper()
	var out []Step
	if err := Log(t.Context(), dir, ref, func(s Step) error { out = append(out, s); return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

// odd are paths that git or a shell could trip over.
var odd = []string{`a "b" \c.sql`, "ü/東京.ipynb", "-x", "a*b?[c]", "tab\tname", ":(top)x", "…/ x .txt", "line\nend"}

func TestWhatIsWrittenIsRead(t *testing.T) {
	dir := t.TempDir()
	w, err := Create(t.Context(), dir, "main")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.FixedZone("", -(3*3600+30*60)))
	contents := map[string]string{}
	var commits []int
	for i, p := range odd {
		contents[p] = strings.Repeat(fmt.Sprint(i, "\x00\r\n"), i*1000)
		mark, err := w.Blob(int64(len(contents[p])), strings.NewReader(contents[p]))
		if err != nil {
			t.Fatal(err)
		}
		commit, err := w.Commit(Commit{Author: Person{"Ana <é>", "ana@x.org"}, AuthoredAt: at, Committer: Person{"", "bo"}, CommittedAt: at.Add(time.Hour),
			Message: fmt.Sprintf("\n step %d\n\n# not a comment\n", i), Files: map[string]int{p: mark}})
		if err != nil {
			t.Fatal(err)
		}
		commits = append(commits, commit)
	}
	if err := w.Tag(RefName("v 1..0"), commits[2], Person{"", "bo"}, at, "tagged\n\nbody\n"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if out := command(t, dir, "fsck", "--strict"); out != "" {
		t.Errorf("fsck: %s", out)
	}
	if out := command(t, dir, "status", "--porcelain"); out != "" {
		t.Errorf("status: %s", out)
	}
	steps := history(t, dir, "main")
	objects, err := OpenObjects(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := objects.Close(); err != nil {
			t.Error(err)
		}
	}()
	for i, s := range steps {
		if len(s.Changes) != 1 || s.Changes[0].Path != odd[i] || s.Changes[0].Kind != 'A' || !s.Changes[0].IsFile() {
			t.Fatalf("step %d: %+v", i, s.Changes)
		}
		if s.Author != (Person{"Ana é", "ana@x.org"}) || !s.AuthoredAt.Equal(at) || s.Message != fmt.Sprintf("\n step %d\n\n# not a comment", i) {
			t.Errorf("step %d: %q %v %q", i, s.Author, s.AuthoredAt, s.Message)
		}
		r, size, err := objects.Open(s.Changes[0].Blob)
		if err != nil || size != int64(len(contents[odd[i]])) {
			t.Fatalf("blob of %q: %d %v", odd[i], size, err)
		}
		if i%2 == 0 { // the others are skipped
			if text, err := io.ReadAll(r); err != nil || string(text) != contents[odd[i]] {
				t.Errorf("content of %q differs: %v", odd[i], err)
			}
		}
		if file, err := os.ReadFile(filepath.Join(dir, odd[i])); err != nil || string(file) != contents[odd[i]] {
			t.Errorf("the file %q differs: %v", odd[i], err)
		}
	}
	tags, err := Tags(t.Context(), dir)
	if err != nil || len(tags) != 1 || tags[0] != (Tag{"v%201.%2E0", steps[2].Hash, "tagged\n\nbody"}) {
		t.Errorf("tags %q %v", tags, err)
	}
	if _, _, err := objects.Open(strings.Repeat("0", 40)); err == nil {
		t.Error("a blob that is not there was opened")
	}
}

// TestLogOfARealRepository reads what people's own git made: renames, deletions, links, a merge, plain tags.
func TestLogOfARealRepository(t *testing.T) {
	dir := t.TempDir()
	command(t, dir, "init", "-q", "-b", "trunk")
	// Settings of the repository that change what git prints.
	for _, setting := range []string{"log.showSignature=true", "diff.renames=false", "core.quotePath=true", "diff.noprefix=true", "color.ui=always", "log.follow=true"} {
		key, value, _ := strings.Cut(setting, "=")
		command(t, dir, "config", key, value)
	}
	long := strings.Repeat("a line\n", 50)
	write(t, dir, "in/a.sql", long)
	write(t, dir, "out.txt", "outside")
	command(t, dir, "add", ".")
	command(t, dir, "commit", "-q", "-m", "one", "-m", "body")
	command(t, dir, "tag", "plain")
	command(t, dir, "mv", "in/a.sql", "in/ü.sql")
	write(t, dir, "in/ü.sql", long+"more\n")
	command(t, dir, "add", ".")
	command(t, dir, "commit", "-q", "-m", "two")
	command(t, dir, "commit", "-q", "--allow-empty", "--allow-empty-message", "-m", "")
	command(t, dir, "checkout", "-q", "-b", "side")
	write(t, dir, "in/side.txt", "side")
	command(t, dir, "add", ".")
	command(t, dir, "commit", "-q", "-m", "on the side")
	command(t, dir, "checkout", "-q", "trunk")
	write(t, dir, "out.txt", "changed")
	command(t, dir, "commit", "-q", "-a", "-m", "four")
	command(t, dir, "merge", "-q", "--no-ff", "-m", "merged", "side")
	command(t, dir, "rm", "-q", "in/side.txt")
	if err := os.Symlink("ü.sql", filepath.Join(dir, "in", "link")); err != nil {
		t.Fatal(err)
	}
	command(t, dir, "add", ".")
	command(t, dir, "commit", "-q", "-m", "last")
	for _, c := range []struct {
		in   string
		want []string
	}{
		{dir, []string{"one\n\nbody: A in/a.sql, A out.txt", "two: R in/a.sql>in/ü.sql", ": ", "four: M out.txt", "merged: A in/side.txt", "last: A in/link, D in/side.txt"}},
		{filepath.Join(dir, "in"), []string{"one\n\nbody: A a.sql", "two: R a.sql>ü.sql", ": ", "four: ", "merged: A side.txt", "last: A link, D side.txt"}},
	} {
		var got []string
		for _, s := range history(t, c.in, "HEAD") {
			var changes []string
			for _, x := range s.Changes {
				p := x.Path
				if x.From != "" {
					p = x.From + ">" + p
				}
				changes = append(changes, string(x.Kind)+" "+p)
				if x.Kind == 'D' && x.Blob != "" || strings.HasSuffix(p, "link") && x.IsFile() {
					t.Errorf("%s: %+v", p, x)
				}
			}
			got = append(got, s.Message+": "+strings.Join(changes, ", "))
			if s.Author != (Person{"Bo", "bo@x.org"}) || s.AuthoredAt.UTC().Format(time.RFC3339) != "2020-01-02T01:04:05Z" {
				t.Errorf("%q at %s", s.Author, s.AuthoredAt)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("log of %s:\n%q, want\n%q", c.in, got, c.want)
		}
	}
	if tags, err := Tags(t.Context(), dir); err != nil || len(tags) != 1 || tags[0].Name != "plain" || tags[0].Commit != command(t, dir, "rev-parse", "plain") {
		t.Errorf("tags %q %v", tags, err)
	}
	stop := errors.New("stop")
	if err := Log(t.Context(), dir, "HEAD", func(Step) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("log ended in %v", err)
	}
	for ref, good := range map[string]bool{"HEAD": true, "plain": true, "nothing": false, "--all": false} {
		if err := Check(t.Context(), dir, ref); (err == nil) != good {
			t.Errorf("check %s: %v", ref, err)
		}
	}
	if err := Check(t.Context(), t.TempDir(), "HEAD"); err == nil || !strings.Contains(err.Error(), "no git repository") {
		t.Errorf("check of a plain directory: %v", err)
	}
}

func TestRepositoriesThatFailLeaveNothing(t *testing.T) {
	full := t.TempDir()
	write(t, full, "a", "a")
	if _, err := Create(t.Context(), full, "main"); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("made in a full directory: %v", err)
	}
	for name, end := range map[string]func(*Writer) error{
		"aborted": func(w *Writer) error { return errors.Join(errors.New("aborted"), w.Abort()) },
		"short": func(w *Writer) error {
			if _, err := w.Blob(10, strings.NewReader("short")); err == nil {
				t.Error("a short blob is fine")
			}
			return w.Close(t.Context())
		},
		"refused": func(w *Writer) error {
			if _, err := w.Commit(Commit{Files: map[string]int{".git/config": 99}}); err != nil {
				return err
			}
			return w.Close(t.Context())
		},
	} {
		dir := t.TempDir()
		w, err := Create(t.Context(), dir, "main")
		if err != nil {
			t.Fatal(err)
		}
		if err := end(w); err == nil {
			t.Errorf("%s: no error", name)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%s: left %v %v", name, left, err)
		}
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := Create(t.Context(), t.TempDir(), "main"); !errors.Is(err, ErrMissing) {
		t.Errorf("without git: %v", err)
	}
	if err := Log(context.Background(), ".", "HEAD", nil); !errors.Is(err, ErrMissing) {
		t.Errorf("without git: %v", err)
	}
}

func TestRefNamesAreWhatGitTakes(t *testing.T) {
	seen := map[string]string{}
	for _, s := range append(slices.Clone(odd), "", ".", "..", ".a", "a.", "a..b", "a.lock", "x.lock.lock", "@", "@{", "a@{b", "a@b", "~^:", "%2E", "%", "a/b",
		strings.Repeat("é", 300), strings.Repeat("é", 301), strings.Repeat("*", 90), "plain-name_1.0") {
		name := RefName(s)
		if other, taken := seen[name]; taken {
			t.Errorf("%q and %q are both %q", s, other, name)
		}
		seen[name] = s
		if s == "" {
			continue
		}
		if out, err := exec.Command("git", "check-ref-format", "refs/tags/"+name).CombinedOutput(); err != nil || len(name) > 210 {
			t.Errorf("git does not take %q for %q: %s", name, s, out)
		}
	}
	if RefName("plain-name_1.0") != "plain-name_1.0" {
		t.Error("a plain name is changed")
	}
	for name, want := range map[string]bool{"a": true, ".a": true, "git": true, ".git": false, ".GIT": false, ".g\u200cit": false, ".gitattributes": false, "git~1": false, ".. ": false} {
		if Keeps(name) != want {
			t.Errorf("keeps %q: %v", name, !want)
		}
	}
	for s, want := range map[string]Person{"Ana <ana@x.org>": {"Ana", "ana@x.org"}, "ana": {"ana", ""}, "<a@b>": {"", "a@b"}, "A <b": {"A", "b"}} {
		if got := ParsePerson(s); got != want {
			t.Errorf("%q is %q", s, got)
		}
	}
}
