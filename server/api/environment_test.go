package api_test

import (
	"net/http"
	"testing"

	"sextant/server/servertest"
)

// TestWhichEnvironmentADocumentNames: by a kernel, an id, a name or a path; nothing of what one may not see.
func TestWhichEnvironmentADocumentNames(t *testing.T) {
	s := servertest.Start(t)
	ana := s.User("ana@x.org")
	make := func(kind, name, text string) string {
		return s.Want(http.StatusCreated, servertest.AdminToken, "POST", "v1/resources", map[string]any{"parent": "root", "type": kind, "name": name, "content": text}).JSON(t)["id"].(string)
	}
	nightly := make("environment", "nightly.toml", "")
	notebook := func(kernel string) string {
		return `{"cells": [], "metadata": {"kernelspec": {"name": "` + kernel + `", "display_name": "x"}}, "nbformat": 4, "nbformat_minor": 5}`
	}
	for name, c := range map[string]struct {
		kind, text string
		want       string
	}{
		"a.ipynb": {"notebook", notebook("env-" + nightly), nightly},
		"b.ipynb": {"notebook", notebook("sextant"), ""},
		"c.ipynb": {"notebook", notebook("env-nothing"), ""},
		"d.ipynb": {"notebook", "no notebook", ""},
		"e.sql":   {"sql", "-- ---\n-- environment: nightly\n-- ---\nSELECT 1", nightly},
		"f.sql":   {"sql", "-- ---\n-- environment: /nightly.toml\n-- ---\nSELECT 1", nightly},
		"g.sql":   {"sql", "-- ---\n-- environment: /a.ipynb\n-- ---\nSELECT 1", ""},
		"h.sql":   {"sql", "SELECT 1", ""},
		"i.txt":   {"file", "env-" + nightly, ""},
	} {
		id := make(c.kind, name, c.text)
		path := "v1/resources/" + id + "/environment"
		got := s.Want(http.StatusOK, servertest.AdminToken, "GET", path, nil).JSON(t)
		if found, _ := got["id"].(string); found != c.want || c.want != "" && (got["name"] != "nightly" || got["shareable"] != true) {
			t.Errorf("%s: %v", name, got)
		}
		s.Want(http.StatusNotFound, ana, "GET", path, nil)
		s.Want(http.StatusOK, servertest.AdminToken, "PUT", "v1/resources/"+id+"/iam-policy", map[string]any{"bindings": []any{map[string]any{"role": "viewer", "members": []string{"user:ana@x.org"}}}})
		if got := s.Want(http.StatusOK, ana, "GET", path, nil).JSON(t); len(got) != 0 {
			t.Errorf("%s: ana is told %v", name, got)
		}
	}
}
