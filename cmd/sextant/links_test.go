package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestLinksFromTheCommandLine(t *testing.T) {
	start(t)
	must(t, "", "mkdir", "/team")
	must(t, "select 42 as answer\n", "put", "-", "/team/a.sql")
	logo := filepath.Join(t.TempDir(), "logo.svg")
	if err := os.WriteFile(logo, []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"), 0o600); err != nil {
		t.Fatal(err)
	}
	open := strings.TrimSpace(must(t, "", "link", "add", "/team/a.sql", "--title", "board", "--expires", "2h", "--name", "Example Ltd", "--logo", logo, "--property", "accent=#9b1c31"))
	get := func(address string) (int, string) {
		t.Helper()
		r, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r.StatusCode, string(text)
	}
	if status, text := get(open); status != http.StatusOK || !strings.Contains(text, "answer") || !strings.Contains(text, "Example Ltd") || !strings.Contains(text, "data:image/svg&#43;xml;base64,") || !strings.Contains(text, "--accent:#9b1c31") {
		t.Errorf("%s: %d %.3000s", open, status, text)
	}
	framed := must(t, "open sesame\n", "link", "add", "/team/a.sql", "--password", "--origin", "https://x.org")
	if _, text := get(strings.TrimSpace(framed)); strings.Contains(text, "answer") {
		t.Error("no password was asked for")
	}
	rows := strings.Split(strings.TrimSpace(must(t, "", "link", "list", "/team/a.sql")), "\n")
	if len(rows) != 2 || !strings.Contains(rows[0], "password") || !strings.Contains(rows[1], "board") {
		t.Fatalf("list: %q", rows)
	}
	id := func(row string) string { return strings.Fields(row)[0] }
	if _, errOut, code := sextant(t, "", "link", "embed", id(rows[1])); code != 1 || !strings.Contains(errOut, "origins") {
		t.Errorf("an embed of a link for no site: %d %s", code, errOut)
	}
	embed := strings.TrimSpace(must(t, "", "link", "embed", id(rows[0]), "--for", "1h"))
	if status, text := get(embed); status != http.StatusOK || !strings.Contains(text, "answer") {
		t.Errorf("%s: %d %.300s", embed, status, text)
	}
	for _, row := range rows {
		must(t, "", "link", "revoke", id(row))
	}
	for _, address := range []string{open, embed} {
		if status, _ := get(address); status != http.StatusNotFound {
			t.Errorf("%s after it was revoked: %d", address, status)
		}
	}
	if _, errOut, code := sextant(t, "", "link", "add", "/team/a.sql", "--expires", "tomorrow"); code != 1 || !strings.Contains(errOut, "RFC 3339") {
		t.Errorf("%d %s", code, errOut)
	}
}

func TestExpiry(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{"90m": now.Add(90 * time.Minute), "2027-01-31T08:00:00Z": time.Date(2027, 1, 31, 8, 0, 0, 0, time.UTC), "2027-01-31": time.Date(2027, 2, 1, 0, 0, 0, 0, time.Local)} {
		if got, err := expiry(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v %v", text, got, err)
		}
	}
}
