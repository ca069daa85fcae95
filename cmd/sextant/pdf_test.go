package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestPrinting(t *testing.T) {
	isolate(t)
	if _, err := findBrowser(""); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	dir := t.TempDir()
	t.Setenv("TMPDIR", filepath.Join(dir, "tmp"))
	if err := os.Mkdir(filepath.Join(dir, "tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "q3 & more.sql")
	if err := os.WriteFile(file, []byte("SELECT 1;\n"+strings.Repeat("-- a line\n", 300)), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, "", "render", file, "--to", "pdf")
	text, err := os.ReadFile(filepath.Join(dir, "q3 & more.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	if pages := len(regexp.MustCompile(`/Type\s*/Page\b`).FindAll(text, -1)); !strings.HasPrefix(string(text), "%PDF-") || pages < 2 {
		t.Errorf("%d bytes, %d pages", len(text), pages)
	}
	if left, _ := os.ReadDir(os.Getenv("TMPDIR")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestPrintingWithoutABrowser(t *testing.T) {
	isolate(t)
	everywhere := installed
	installed = nil
	t.Cleanup(func() { installed = everywhere })
	dir := t.TempDir()
	file := filepath.Join(dir, "a.md")
	if err := os.WriteFile(file, []byte("# A"), 0o600); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(dir, "browser")
	if err := os.WriteFile(broken, []byte("#!/bin/sh\necho it does not start >&2\nexit 7\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ path, browser, want string }{
		"none":    {dir, "", "install Chromium"},
		"missing": {os.Getenv("PATH"), "no-such-browser", "no-such-browser"},
		"broken":  {os.Getenv("PATH"), broken, "it said: it does not start"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PATH", c.path)
			_, errOut, code := sextant(t, "", "render", file, "--to", "pdf", "--browser", c.browser)
			if code != 1 || !strings.Contains(errOut, c.want) {
				t.Errorf("%d %s", code, errOut)
			}
			if _, err := os.Stat(filepath.Join(dir, "a.pdf")); err == nil {
				t.Error("there is a file")
			}
		})
	}
}
