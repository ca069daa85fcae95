package packages

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sextant/sessions/agent"
	"sextant/sessions/sandbox"
)

func TestMain(m *testing.M) {
	if code, handled := agent.Main(os.Args[1:]); handled {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// wheel is a package of one module.
func wheel(t *testing.T, name, version, code string, requires ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	info := name + "-" + version + ".dist-info/"
	meta := "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version + "\n"
	for _, r := range requires {
		meta += "Requires-Dist: " + r + "\n"
	}
	for file, text := range map[string]string{name + ".py": code, info + "METADATA": meta, info + "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
		info + "RECORD": name + ".py,,\n" + info + "METADATA,,\n" + info + "WHEEL,,\n" + info + "RECORD,,\n"} {
		w, err := z.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// index serves wheels by name as a package index does (PEP 503). Before each answer it calls wait.
func index(t *testing.T, wait func(*http.Request), wheels map[string][]byte) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		wait(r)
		parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
		switch {
		case len(parts) == 2 && parts[0] == "simple":
			any := false
			for file := range wheels {
				if strings.HasPrefix(file, strings.ReplaceAll(parts[1], "-", "_")+"-") {
					fmt.Fprintf(w, "<a href=\"/files/%s\">%s</a>\n", file, file)
					any = true
				}
			}
			if !any {
				http.NotFound(w, r)
			}
		case len(parts) == 2 && parts[0] == "files":
			w.Write(wheels[parts[1]])
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return strings.Replace(s.URL, "http://", "http://reader:passw0rd@", 1) + "/simple/"
}

func python(t *testing.T) string {
	t.Helper()
	if p := os.Getenv("SEXTANT_TEST_PYTHON"); p != "" {
		return p
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("SEXTANT_TEST_PYTHON is not set")
	}
	t.Skip("SEXTANT_TEST_PYTHON is not set")
	return ""
}

func builder(t *testing.T, dir string, o Options) *Builder {
	t.Helper()
	o.Dir, o.Log = dir, slog.New(slog.NewTextHandler(t.Output(), nil))
	o.Confine = func(_, dir string) sandbox.Spec {
		return sandbox.Spec{ReadOnly: []string{"/"}, ReadWrite: []string{dir, "/dev/null"}, Network: true}
	}
	b, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestPackagesAreInstalledOnceAndKept(t *testing.T) {
	base, asked := python(t), 0
	wheels := map[string][]byte{"sextant_tiny-1.2-py3-none-any.whl": wheel(t, "sextant_tiny", "1.2", "answer = 42\n")}
	url := index(t, func(r *http.Request) { asked++ }, wheels)
	dir := t.TempDir()
	b := builder(t, dir, Options{Index: url})
	r := Request{Python: base, Layered: true, Requirements: []string{"sextant-tiny==1.2"}}
	if s := b.State(r); s.State != None {
		t.Errorf("at first: %+v", s)
	}
	program, err := b.Ensure(within(t, time.Minute), r)
	if err != nil {
		t.Fatalf("%v\n%s", err, b.State(r).Log)
	}
	// What the kernel's own environment has is there too.
	out, err := exec.CommandContext(t.Context(), program, "-c", "import sextant_tiny, ipykernel; print(sextant_tiny.answer)").CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "42" {
		t.Errorf("%s, %v", out, err)
	}
	s := b.State(r)
	if s.State != Ready || s.Bytes == 0 || !strings.Contains(s.Log, "Successfully installed sextant_tiny-1.2") && !strings.Contains(s.Log, "Successfully installed sextant-tiny-1.2") {
		t.Errorf("%+v", s)
	}
	if strings.Contains(s.Log, "passw0rd") {
		t.Errorf("the log tells the index's password:\n%s", s.Log)
	}
	before := asked
	b.Close()
	b = builder(t, dir, Options{Index: url})
	if again, err := b.Ensure(within(t, time.Minute), Request{Python: base, Layered: true, Requirements: []string{" sextant-tiny==1.2 "}}); err != nil || again != program || asked != before {
		t.Errorf("a second time: %s, %v, %d questions", again, err, asked-before)
	}
}

func TestWhoDoesNotWaitIsToldAndTheBuildingGoesOn(t *testing.T) {
	base, open, begun := python(t), make(chan struct{}), make(chan struct{}, 100)
	url := index(t, func(*http.Request) { begun <- struct{}{}; <-open }, map[string][]byte{"sextant_tiny-1.2-py3-none-any.whl": wheel(t, "sextant_tiny", "1.2", "")})
	b := builder(t, t.TempDir(), Options{Index: url})
	r := Request{Python: base, Layered: true, Requirements: []string{"sextant-tiny"}}
	ctx, stop := context.WithCancel(t.Context())
	go func() { <-begun; stop() }()
	_, err := b.Ensure(ctx, r)
	var building *BuildingError
	if !errors.As(err, &building) || b.State(r).State != Building {
		t.Errorf("%v, %+v", err, b.State(r))
	}
	close(open)
	if _, err := b.Ensure(within(t, time.Minute), r); err != nil {
		t.Error(err)
	}
}

func TestFailedBuildingsSayWhy(t *testing.T) {
	base, now := python(t), time.Now()
	wheels := map[string][]byte{}
	b := builder(t, t.TempDir(), Options{Index: index(t, func(*http.Request) {}, wheels), Now: func() time.Time { return now }})
	r := Request{Python: base, Layered: true, Requirements: []string{"sextant-none==9"}}
	_, err := b.Ensure(within(t, time.Minute), r)
	var failed *FailedError
	if !errors.As(err, &failed) || !strings.Contains(err.Error(), "No matching distribution found for sextant-none==9") {
		t.Fatalf("%v\n%s", err, b.State(r).Log)
	}
	if s := b.State(r); s.State != Failed || !strings.Contains(s.Error, "sextant-none") || !strings.Contains(s.Log, "ERROR") {
		t.Errorf("%+v", s)
	}
	wheels["sextant_none-9-py3-none-any.whl"] = wheel(t, "sextant_none", "9", "")
	if _, err := b.Ensure(within(t, time.Minute), r); !errors.As(err, &failed) {
		t.Errorf("at once: %v", err)
	}
	now = now.Add(2 * again)
	if _, err := b.Ensure(within(t, time.Minute), r); err != nil {
		t.Errorf("later, with the package there: %v", err)
	}
	if s := b.State(Request{Python: "/no/such/python", Requirements: []string{"x"}}); s.State != None {
		t.Errorf("%+v", s)
	}
	if _, err := b.Ensure(within(t, time.Minute), Request{Python: "/no/such/python", Requirements: []string{"x"}}); !errors.As(err, &failed) || !strings.Contains(err.Error(), "/no/such/python") {
		t.Errorf("%v", err)
	}
}

func TestBoundsOfSizeAndTime(t *testing.T) {
	base := python(t)
	big := wheel(t, "sextant_big", "1", "x = '"+strings.Repeat("x", 1<<20)+"'\n")
	url := index(t, func(*http.Request) {}, map[string][]byte{"sextant_big-1-py3-none-any.whl": big})
	b := builder(t, t.TempDir(), Options{Index: url, MaxBytes: 1 << 20})
	var failed *FailedError
	if _, err := b.Ensure(within(t, time.Minute), Request{Python: base, Layered: true, Requirements: []string{"sextant-big"}}); !errors.As(err, &failed) || !strings.Contains(err.Error(), "MB") {
		t.Errorf("size: %v", err)
	}
	open := make(chan struct{})
	defer close(open)
	slow := builder(t, t.TempDir(), Options{Index: index(t, func(*http.Request) { <-open }, nil), Timeout: 3 * time.Second})
	if _, err := slow.Ensure(within(t, time.Minute), Request{Python: base, Layered: true, Requirements: []string{"sextant-big"}}); !errors.As(err, &failed) || !strings.Contains(err.Error(), "longer than 3s") {
		t.Errorf("time: %v", err)
	}
}

func TestCollect(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	dir := t.TempDir()
	o := Options{KeepBytes: 250, KeepFor: 24 * time.Hour, Now: func() time.Time { return now }}
	make := func(key string, age time.Duration, bytes int) {
		if err := os.MkdirAll(filepath.Join(dir, key, venvDir), 0o700); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{readyFile, "data"} {
			if err := os.WriteFile(filepath.Join(dir, key, name), bytes2(name, bytes), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		at := now.Add(-age)
		if err := os.Chtimes(filepath.Join(dir, key, readyFile), at, at); err != nil {
			t.Fatal(err)
		}
	}
	make("old", 25*time.Hour, 10)
	make("old-but-used", 25*time.Hour, 10)
	make("middle", 2*time.Hour, 100)
	make("new", time.Hour, 100)
	make("newest", time.Minute, 100)
	if err := os.Mkdir(filepath.Join(dir, "half"), 0o700); err != nil { // what a server that died left
		t.Fatal(err)
	}
	b := builder(t, dir, o)
	freed, err := b.Collect(func(python string) bool { return strings.Contains(python, "old-but-used") })
	if err != nil || freed != 110 {
		t.Errorf("freed %d, %v", freed, err)
	}
	var left []string
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		left = append(left, e.Name())
	}
	if strings.Join(left, " ") != "new newest old-but-used" {
		t.Errorf("left: %v", left)
	}
}

func bytes2(name string, n int) []byte {
	if name == readyFile {
		return nil
	}
	return []byte(strings.Repeat("x", n))
}
