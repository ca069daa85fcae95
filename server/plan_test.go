package server

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sextant/content/environment"
)

func TestSourcesStayInTheirDirectories(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string) string { return filepath.Join(root, name) }
	for _, d := range []string{"in/data", "in-too", "out", "samples/data"} {
		if err := os.MkdirAll(at(d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, to := range map[string]string{"in/escape": at("out"), "link": at("in"), "in/inside": at("in/data")} {
		if err := os.Symlink(to, at(name)); err != nil {
			t.Fatal(err)
		}
	}
	p := &planner{sourceDirs: []string{at("in"), at("link")}, samplesDir: at("samples")}
	for _, c := range []struct{ path, want, fault string }{
		{at("in"), at("in"), ""},
		{at("in/data"), at("in/data"), ""},
		{at("in/inside"), at("in/data"), ""},
		{at("link/data"), at("in/data"), ""},
		{"{samples}/data", at("samples/data"), ""},
		{"{samples}", at("samples"), ""},
		{at("in/gone"), "", "there is no"},
		{at("in/escape"), "", "may not be in"},
		{at("in-too"), "", "may not be in"},
		{at("out"), "", "may not be in"},
		{at("nowhere"), "", "may not be in"}, // not even whether it is there
		{at("samples/data"), "", "may not be in"},
		{"/", "", "may not be in"},
		{"/etc/passwd", "", "may not be in"},
	} {
		got, err := p.allowed(c.path)
		if got != c.want || (err == nil) != (c.fault == "") || err != nil && !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%s: %q, %v", c.path, got, err)
		}
	}
}

func TestTheServersTimesBoundThoseOfEnvironments(t *testing.T) {
	of := func(d time.Duration) *environment.Duration { e := environment.Duration(d); return &e }
	for _, c := range []struct {
		server time.Duration
		own    *environment.Duration
		want   time.Duration
	}{{time.Hour, nil, time.Hour}, {0, nil, 0}, {time.Hour, of(time.Minute), time.Minute}, {time.Hour, of(2 * time.Hour), time.Hour}, {time.Hour, of(0), time.Hour},
		{0, of(2 * time.Hour), 2 * time.Hour}, {0, of(0), 0}} {
		if got := bounded(c.server, c.own); got != c.want {
			t.Errorf("%s, %v: %s", c.server, c.own, got)
		}
	}
}

func TestSecretKey(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "secrets.key")
	if _, err := secretKey(file, false); err == nil || !strings.Contains(err.Error(), "secrets-key-file") {
		t.Errorf("one that is not there: %v", err)
	}
	made, err := secretKey(file, true)
	if err != nil || len(made) != 32 {
		t.Fatal(len(made), err)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	again, err := secretKey(file, true)
	if err != nil || string(again) != string(made) {
		t.Errorf("again: %v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	for _, c := range []struct {
		text  string
		mode  os.FileMode
		fault string
	}{
		{strings.Repeat("k", 32), 0o600, ""}, {hex.EncodeToString(made), 0o400, ""}, {hex.EncodeToString(made) + "\n", 0o600, ""},
		{hex.EncodeToString(made), 0o644, "others may read"}, {hex.EncodeToString(made), 0o640, "others may read"}, {"short", 0o600, "holds no key"}, {"", 0o600, "holds no key"},
	} {
		file := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(file, []byte(c.text), c.mode); err != nil {
			t.Fatal(err)
		}
		_, err := secretKey(file, false)
		if (err == nil) != (c.fault == "") || err != nil && !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%q %o: %v", c.text, c.mode, err)
		}
	}
}
