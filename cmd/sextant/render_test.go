package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const renderedNotebook = `{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
 {"id": "a", "cell_type": "markdown", "metadata": {}, "source": "# Report\n\n![p](p.png) ![up](../secret.png) ![far](https://example.org/a.png)"},
 {"id": "b", "cell_type": "code", "metadata": {}, "source": "print(1)", "execution_count": 1, "outputs": [{"output_type": "stream", "name": "stdout", "text": "one\n"}]}]}`

func TestRenderingWithoutAServer(t *testing.T) {
	isolate(t)
	dir := filepath.Join(t.TempDir(), "in")
	write := func(name, text string) string {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	file := write("report.ipynb", renderedNotebook)
	png := "\x89PNG\r\n\x1a\n" + strings.Repeat("x", 600)
	write("p.png", png)
	write("../secret.png", png)
	must(t, "", "render", file)
	text, err := os.ReadFile(filepath.Join(dir, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	html := string(text)
	for _, want := range []string{"<!DOCTYPE html>", "<title>report</title>", ">Report <a", "one</pre>", `src="data:image/png;base64,iVBOR`, "--accent", `href="https://example.org/a.png"`} {
		if !strings.Contains(html, want) {
			t.Errorf("no %s in the page", want)
		}
	}
	if n := strings.Count(html, "data:image/png"); n != 1 {
		t.Errorf("%d pictures are in the page; one is beside the notebook, one outside its folder", n)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".sextant-*")); len(left) > 0 {
		t.Errorf("%v are left behind", left)
	}
	if out := must(t, "", "render", file, "-o", "-"); out != html {
		t.Error("the standard output is not the file")
	}
	if out := must(t, "", "render", file, "--to", "md", "-o", "-"); !strings.HasPrefix(out, "# Report") || !strings.Contains(out, "print(1)") {
		t.Errorf("as Markdown: %s", out)
	}
	if out := must(t, "", "render", file, "--fold", "-o", "-"); !strings.Contains(out, `<details class="sx-source"><summary>`) {
		t.Error("the code is not folded")
	}
	sql := write("q.sql", "SELECT 1")
	if out := must(t, "", "render", sql, "-o", "-"); !strings.Contains(out, `<span class="sx-k">SELECT</span>`) {
		t.Error(out)
	}
	// What is cut is told, and shown on request.
	csv := write("many.csv", "n\n"+strings.Repeat("1\n", 3_000))
	_, said, code := sextant(t, "", "render", csv, "-o", "-")
	if code != 0 || !strings.Contains(said, "Showing the first 1,000 of about 3,000 rows.") {
		t.Errorf("%d %s", code, said)
	}
	if _, said, _ := sextant(t, "", "render", csv, "--all", "-o", "-"); said != "" {
		t.Error(said)
	}
	for _, c := range []struct {
		why, want string
		args      []string
	}{
		{"missing", "no such file", []string{"render", filepath.Join(dir, "none.ipynb")}},
		{"a folder", "is a folder; name a file", []string{"render", dir}},
		{"no notebook", "only notebooks become Markdown", []string{"render", "--to", "md", sql}},
		{"onto itself", "name another with -o", []string{"render", write("page.html", "<b>")}},
		{"no such folder", "no such file", []string{"render", file, "-o", filepath.Join(dir, "no", "x.html")}},
	} {
		if _, said, code := sextant(t, "", c.args...); code != 1 || !strings.Contains(said, c.want) {
			t.Errorf("%s: %d %q", c.why, code, said)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "q.md")); err == nil {
		t.Error("a file that failed was left")
	}
}
