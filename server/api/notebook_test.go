package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"sextant/server/servertest"
)

// revisionOf gives the revision in an answer to a save.
func revisionOf(t *testing.T, a servertest.Answer) map[string]any {
	t.Helper()
	return a.JSON(t)["revision"].(map[string]any)
}

func TestNotebooksAreNormalisedWhenSaved(t *testing.T) {
	s := servertest.Start(t)
	id, first := create(t, s, "n.ipynb", "")
	path := "v1/resources/" + id + "/content"
	if text := s.Want(http.StatusOK, admin, "GET", path, nil).Text; !strings.Contains(text, `"nbformat_minor": 5`) {
		t.Errorf("a new notebook is %q", text)
	}
	// One of nbformat 4.2, as clients send it: in one line, without ids.
	old := `{"nbformat":4,"nbformat_minor":2,"metadata":{},"cells":[{"cell_type":"code","metadata":{},"execution_count":null,` +
		`"source":"select 1\nselect 2","outputs":[{"output_type":"stream","name":"stdout","text":["a\n","b"]}]}]}`
	saved := s.Want(http.StatusOK, admin, "PUT", path, old, "If-Match", `"`+first+`"`)
	got := s.Want(http.StatusOK, admin, "GET", path, nil)
	if got.Header.Get("ETag") != saved.Header.Get("ETag") {
		t.Errorf("saved as %s, read as %s", saved.Header.Get("ETag"), got.Header.Get("ETag"))
	}
	var nb struct {
		Minor int `json:"nbformat_minor"`
		Cells []struct {
			ID     string
			Source []string
		}
	}
	if err := json.Unmarshal([]byte(got.Text), &nb); err != nil || nb.Minor != 5 || len(nb.Cells) != 1 || nb.Cells[0].ID == "" || len(nb.Cells[0].Source) != 2 {
		t.Fatalf("stored as %s %v", got.Text, err)
	}
	if r := revisionOf(t, saved); r["problem"] != nil || r["size"] != float64(len(got.Text)) {
		t.Errorf("revision %v, content of %d bytes", r, len(got.Text))
	}
	// Saving the same again, in the client's form or in the stored one, changes nothing: ids follow from the cells.
	for _, text := range []string{old, got.Text} {
		if again := s.Want(http.StatusOK, admin, "PUT", path, text, "If-Match", saved.Header.Get("ETag")).JSON(t); again["saved"] != false {
			t.Errorf("saved again: %v", again)
		}
	}
	if found := s.Want(http.StatusOK, admin, "GET", "v1/search?q=select", nil).JSON(t)["items"].([]any); len(found) != 1 {
		t.Errorf("found %v", found)
	}
	// What is broken is kept byte for byte, and marked.
	for _, c := range []struct{ text, where string }{
		{`{"nbformat":4,"cells":[`, "not JSON"},
		{"not a notebook\r\n", "not JSON"},
		{`{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[7]}`, "cells[0]"},
		{`{"nbformat":9,"nbformat_minor":0,"metadata":{},"cells":[]}`, "nbformat"},
		{`{"nbformat":4,"nbformat_minor":5,"metadata":{"kernelspec":{"name":7}},"cells":[]}`, "metadata.kernelspec"},
	} {
		r := revisionOf(t, s.Want(http.StatusOK, admin, "PUT", path, c.text, "If-Match", "*"))
		if problem, _ := r["problem"].(string); !strings.Contains(problem, c.where) {
			t.Errorf("%.30q: problem %q", c.text, problem)
		}
		if got := s.Want(http.StatusOK, admin, "GET", path, nil).Text; got != c.text {
			t.Errorf("kept %q as %q", c.text, got)
		}
		if doc := s.Want(http.StatusOK, admin, "GET", "v1/resources/"+id, nil).JSON(t); doc["problem"] != r["problem"] {
			t.Errorf("the document says %v", doc["problem"])
		}
	}
	if r := revisionOf(t, s.Want(http.StatusOK, admin, "PUT", path, old, "If-Match", "*")); r["problem"] != nil {
		t.Errorf("mended: %v", r)
	}
}
