package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMergingFromTheCommandLine(t *testing.T) {
	start(t)
	must(t, "a\nb\nc\n", "put", "-", "/a.sql")
	base := strings.Fields(must(t, "", "log", "/a.sql"))[1]
	must(t, "A\nb\nc\n", "put", "-", "/a.sql")
	_, errOut, code := sextant(t, "a\nb\nC\n", "put", "--base", base, "-", "/a.sql")
	if code != 1 || !strings.Contains(errOut, "sextant merge --base "+base) {
		t.Fatalf("put: %d %s", code, errOut)
	}
	if out := must(t, "a\nb\nC\n", "merge", "--base", base, "-", "/a.sql"); out != "A\nb\nC\n" {
		t.Errorf("merged %q", out)
	}
	if out := must(t, "", "cat", "/a.sql"); out != "A\nb\nc\n" {
		t.Errorf("printing has saved %q", out)
	}
	if out := must(t, "a\nb\nC\n", "merge", "--base", base, "--save", "-m", "both", "-", "/a.sql"); !strings.HasPrefix(out, "saved") {
		t.Errorf("merge --save: %q", out)
	}
	if out := must(t, "", "log", "/a.sql"); !strings.Contains(out, "both") || must(t, "", "cat", "/a.sql") != "A\nb\nC\n" {
		t.Errorf("saved: %s", out)
	}
	// What is in conflict is printed, told and not saved.
	file := filepath.Join(t.TempDir(), "out")
	out, errOut, code := sextant(t, "x\nb\nc\n", "merge", "--base", base, "--save", "-o", file, "-", "/a.sql")
	if code != 1 || out != "" || !strings.Contains(errOut, "1 conflicts") || !strings.Contains(errOut, "< x\n> A") {
		t.Errorf("conflict: %d %q %s", code, out, errOut)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "x\nb\nC\n" {
		t.Errorf("written %q %v", text, err)
	}
	if out := must(t, "", "cat", "/a.sql"); out != "A\nb\nC\n" {
		t.Errorf("a conflict was saved: %q", out)
	}
}

func TestBrokenNotebooksAreTold(t *testing.T) {
	start(t)
	_, errOut, code := sextant(t, "{", "put", "-", "/n.ipynb")
	if code != 0 || !strings.Contains(errOut, "not JSON") {
		t.Errorf("put: %d %s", code, errOut)
	}
	for _, args := range [][]string{{"log", "/n.ipynb"}, {"ls", "-l", "/"}} {
		if out := must(t, "", args...); !strings.Contains(out, "not JSON") {
			t.Errorf("%s: %s", args, out)
		}
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "m.ipynb"), []byte("["), 0o644); err != nil {
		t.Fatal(err)
	}
	for range 2 { // made, then saved
		if _, errOut, code := sextant(t, "", "import", dir, "/in"); code != 0 || !strings.Contains(errOut, "/in/m.ipynb: not") {
			t.Errorf("import: %d %s", code, errOut)
		}
	}
	if out := must(t, "", "cat", "/n.ipynb"); out != "{" {
		t.Errorf("cat: %q", out)
	}
}
