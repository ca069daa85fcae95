package main

import (
	"strings"
	"testing"
)

func TestOrganisingFromTheCommandLine(t *testing.T) {
	s := start(t)
	ana := s.User("ana@x.org")
	must(t, "", "mkdir", "/team")
	must(t, "select revenue\n", "put", "-", "/team/q3.sql")
	must(t, "# revenue\n", "put", "-", "/team/notes.md")
	must(t, "", "share", "/team", "viewer", "ana@x.org")
	contains := func(want string, args ...string) string {
		t.Helper()
		out := must(t, "", args...)
		if !strings.Contains(out, want) {
			t.Errorf("sextant %s: no %q in %s", strings.Join(args, " "), want, out)
		}
		return out
	}
	contains("[a b]", "describe", "/team/q3.sql", "--description", "the third quarter", "--tags", "b,a")
	contains("third quarter", "describe", "/team/q3.sql", "--no-tags")
	if out := contains("tags", "describe", "/team/q3.sql"); strings.Contains(out, "[a b]") {
		t.Errorf("tags that were taken off: %s", out)
	}
	must(t, "", "describe", "/team/q3.sql", "--tags", "finance")
	if out := contains("q3.sql", "search", "--type", "sql", "--tag", "finance", "--in", "/team", "--owner", "admin@localhost", "--updated-within", "1h", "revenue"); strings.Contains(out, "notes") {
		t.Errorf("search: %s", out)
	}
	if out := must(t, "", "search", "--type", "notebook", "revenue"); out != "" {
		t.Errorf("search for a type that is not there: %s", out)
	}
	contains("~ q3.sql", "search", "fiannce")
	contains("notes.md", "find", "--type", "file")
	must(t, "", "mark", "/team/q3.sql", "star")
	contains("q3.sql", "find", "star")
	must(t, "", "mark", "/team/q3.sql", "star", "--remove")
	if out := must(t, "", "find", "star"); out != "" {
		t.Errorf("find star: %s", out)
	}
	must(t, "", "name", "/team/q3.sql", "as sent")
	contains("as sent", "log", "--named", "/team/q3.sql")
	must(t, "", "name", "/team/q3.sql")
	if out := must(t, "", "log", "--named", "/team/q3.sql"); out != "" {
		t.Errorf("names: %s", out)
	}
	for _, c := range []struct{ want, args string }{{"as the folder above", ""}, {"keeps 5 revisions", "--revisions=5"}, {"keeps all", "--all"}, {"as the folder above", "--inherit"}} {
		if c.args != "" {
			must(t, "", "retention", "/team", c.args)
		}
		contains(c.want, "retention", "/team")
	}
	if _, errOut, code := sextant(t, "", "retention", "/team", "--all", "--days", "3"); code != 1 || !strings.Contains(errOut, "one of") {
		t.Errorf("retention: %d %s", code, errOut)
	}
	must(t, "", "rm", "/team/notes.md")
	id := strings.Fields(contains("notes.md", "trash", "list"))[0]
	must(t, "", "trash", "restore", id, "--name", "back.md")
	contains("back.md", "ls", "/team")
	must(t, "", "rm", "/team/back.md")
	must(t, "", "trash", "purge", id)
	if out := must(t, "", "trash", "list"); out != "" {
		t.Errorf("trash: %s", out)
	}
	// Ana asks, an owner answers.
	document := strings.Fields(contains("id", "describe", "/team/q3.sql"))[1]
	asAna := func(args ...string) string {
		t.Helper()
		return must(t, "", append(args, "--token", ana)...)
	}
	if out := asAna("find", "shared"); !strings.Contains(out, "team") {
		t.Errorf("shared with ana: %s", out)
	}
	asAna("iam", "request", document, "editor", "-m", "for the report")
	request := strings.Fields(contains("for the report", "iam", "requests", "/team/q3.sql", "--open"))[0]
	must(t, "", "iam", "decide", request, "approve", "--role", "runner")
	if out := asAna("iam", "test", "/team/q3.sql", "documents.execute", "documents.update"); out != "documents.execute\n" {
		t.Errorf("ana may %s", out)
	}
	must(t, "", "iam", "transfer", "/team/q3.sql", "ana@x.org")
	contains("user:ana@x.org", "describe", "/team/q3.sql")
	must(t, "", "role", "add", "reader", "resources.get", "documents.read", "--title", "Reads")
	contains("custom/reader", "role", "list")
	must(t, "", "role", "remove", "reader")
}
