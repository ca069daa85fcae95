package jupyter

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"sextant/content"
)

func TestSplitObject(t *testing.T) {
	for _, text := range []string{
		`{}`, ` { } `, `{"a":1}`, `{"a":{"b":[1,"]}",{"c":"\"}"}]},"d":"x\\"}`, "{\n\t\"type\" : \"file\" ,\"content\": null , \"chunk\":-1}",
		`{"a":1,"a":2}`, `{"":true,"\u00fc\n":[ ]}`, `{"a":"\\\\"}`,
	} {
		got, err := splitObject([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var want map[string]any
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		have := map[string]any{}
		for name, v := range got {
			var one any
			if err := json.Unmarshal(v, &one); err != nil {
				t.Errorf("%s: %s: %v", text, name, err)
			}
			have[name] = one
		}
		if !reflect.DeepEqual(have, want) {
			t.Errorf("%s: %v, want %v", text, have, want)
		}
	}
	for _, text := range []string{``, `[]`, `{`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a":1 "b":2}`, `{"a":1}x`, `{a:1}`, `{"a":"x}`, `{"a":[}`, `null`} {
		if got, err := splitObject([]byte(text)); err == nil {
			// What is within a value is checked by who reads it.
			for name, v := range got {
				if json.Valid(v) {
					t.Errorf("%s: %s = %s", text, name, v)
				}
			}
			if len(got) == 0 {
				t.Errorf("%s: no error", text)
			}
		}
	}
}

func FuzzSplitObject(f *testing.F) {
	f.Add([]byte(`{"a":{"b":[1,"]}"]},"c":"\"","d":1e3}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := splitObject(text)
		var want map[string]json.RawMessage
		if json.Unmarshal(text, &want) != nil || want == nil {
			return // only that it ends is asked
		}
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		for name, v := range want {
			var a, b any
			if json.Unmarshal(v, &a) != nil || json.Unmarshal(got[name], &b) != nil || !reflect.DeepEqual(a, b) {
				t.Fatalf("%q: %q is %q, want %q", text, name, got[name], v)
			}
		}
	})
}

func TestTemplate(t *testing.T) {
	const page = `<a>{# c #} {% set x = y.copy() %}<script>{{ page_config_full | tojson }}</script>{% block favicon %}<i href="{{ base_url | escape }}i">{% endblock %}` +
		`{% if custom_css %}<link href="{{ base_url | escape }}custom.css">{% endif %}<script src="{{page_config.fullStaticUrl}}/main.js"></script>{ function() {} }`
	parts, err := parseTemplate(page)
	if err != nil {
		t.Fatal(err)
	}
	text, err := fill(parts, `/a"b/`, "/a/static/lab", map[string]any{"k": "</script>'&"})
	want := `<a> <script>{"k":"\u003c/script\u003e\u0027\u0026"}</script><i href="/a&#34;b/i"><script src="/a/static/lab/main.js"></script>{ function() {} }`
	if err != nil || string(text) != want {
		t.Errorf("%v\n%s\n%s", err, text, want)
	}
	for _, bad := range []string{"{{ other }}", "{% for x in y %}", "{{ base_url | escape", "{% if other %}x{% endif %}"} {
		if _, err := parseTemplate(bad); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}

func TestPlaceOf(t *testing.T) {
	for path, want := range map[string]place{
		"/lab":                       {"multiple-document", "default", "", true},
		"/lab/tree/a b/c.ipynb":      {"multiple-document", "default", "a b/c.ipynb", true},
		"/lab/tree":                  {"multiple-document", "default", "", true},
		"/lab/workspaces/w-1":        {"multiple-document", "w-1", "", true},
		"/lab/workspaces/w/tree/x/y": {"multiple-document", "w", "x/y", true},
		"/doc":                       {"single-document", "default", "", true},
		"/doc/workspaces/w/tree/x":   {"single-document", "w", "x", true},
		"/lab/nonsense":              {"multiple-document", "default", "", false},
		"/lab/treehouse":             {"multiple-document", "default", "", false},
		"/lab/workspaces/a b":        {"multiple-document", "default", "", false},
		"/lab/workspaces/w/nonsense": {"multiple-document", "w", "", false},
	} {
		if got := placeOf(path); got != want {
			t.Errorf("%s: %+v", path, got)
		}
	}
}

func TestPaths(t *testing.T) {
	there := func(dirs ...string) func(string) bool {
		return func(name string) bool { return slices.Contains(dirs, name) }
	}
	env := func(pairs ...string) func(string) string {
		return func(name string) string {
			for i := 0; i < len(pairs); i += 2 {
				if pairs[i] == name {
					return pairs[i+1]
				}
			}
			return ""
		}
	}
	for name, c := range map[string]struct {
		got                    Paths
		data, config, prefixes []string
	}{
		"nothing but a home": {pathsOf(env(), "/home/a", "", "", there()),
			[]string{"/home/a/.local/share/jupyter", "/usr/local/share/jupyter", "/usr/share/jupyter"},
			[]string{"/home/a/.jupyter", "/home/a/.local/etc/jupyter", "/usr/local/etc/jupyter", "/etc/jupyter"}, nil},
		"beside the program": {pathsOf(env(), "", "/src/bin/sextant", "", there("/src/.venv/share/jupyter")),
			[]string{"/src/.venv/share/jupyter", "/usr/local/share/jupyter", "/usr/share/jupyter"},
			[]string{"/src/.venv/etc/jupyter", "/usr/local/etc/jupyter", "/etc/jupyter"}, []string{"/src/.venv"}},
		"found by PATH, the person's own first": {pathsOf(env("JUPYTER_DATA_DIR", "/d", "JUPYTER_CONFIG_DIR", "/c"), "/h", "/opt/bin/sextant", "/env/bin/jupyter-lab", there("/env/share/jupyter")),
			[]string{"/d", "/h/.local/share/jupyter", "/env/share/jupyter", "/usr/local/share/jupyter", "/usr/share/jupyter"},
			[]string{"/c", "/h/.local/etc/jupyter", "/env/etc/jupyter", "/usr/local/etc/jupyter", "/etc/jupyter"}, []string{"/env"}},
		"an active environment first": {pathsOf(env("VIRTUAL_ENV", "/v", "JUPYTER_PATH", "/p1/:/p2", "JUPYTER_CONFIG_PATH", "/c1", "JUPYTER_NO_CONFIG", "1"), "/h", "", "", there("/v/share/jupyter")),
			[]string{"/p1", "/p2", "/v/share/jupyter", "/h/.local/share/jupyter", "/usr/local/share/jupyter", "/usr/share/jupyter"},
			[]string{"/c1", "/v/etc/jupyter", "/usr/local/etc/jupyter", "/etc/jupyter"}, []string{"/v"}},
		"an active environment, not preferred": {pathsOf(env("VIRTUAL_ENV", "/v", "JUPYTER_PREFER_ENV_PATH", "0", "XDG_DATA_HOME", "/x"), "/h", "", "", there("/v/share/jupyter")),
			[]string{"/x/jupyter", "/h/.local/share/jupyter", "/v/share/jupyter", "/usr/local/share/jupyter", "/usr/share/jupyter"},
			[]string{"/h/.jupyter", "/h/.local/etc/jupyter", "/v/etc/jupyter", "/usr/local/etc/jupyter", "/etc/jupyter"}, []string{"/v"}},
	} {
		if !slices.Equal(c.got.Data, c.data) || !slices.Equal(c.got.Config, c.config) || !slices.Equal(c.got.Prefixes, c.prefixes) {
			t.Errorf("%s: %+v", name, c.got)
		}
	}
}

func TestNames(t *testing.T) {
	for _, c := range []struct {
		name, insert string
		n            int
		want         string
	}{
		{"Untitled.ipynb", "", 0, "Untitled.ipynb"}, {"Untitled.ipynb", "", 2, "Untitled2.ipynb"}, {"Untitled Folder", " ", 1, "Untitled Folder 1"},
		{"a.tar.gz", "-Copy", 1, "a-Copy1.tar.gz"}, {"a.b.ipynb", "-Copy", 3, "a.b-Copy3.ipynb"}, {"noext", "", 1, "noext1"},
	} {
		if got := increment(c.name, c.insert, c.n); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	tried := 0
	err := firstFree("a.txt", "", func(string) error { tried++; return content.ErrExists })
	if status := statusOf(t.Context(), err).status; status != http.StatusConflict || tried != maxNames {
		t.Error(err, tried)
	}
	for path, want := range map[string][3]string{
		"a.ipynb": {"a.ipynb", "", ""}, "d/a.ipynb/checkpoints": {"d/a.ipynb", "checkpoints", ""}, "a.ipynb/checkpoints/id": {"a.ipynb", "checkpoints", "id"},
		"a.ipynb/trust": {"a.ipynb", "trust", ""}, "checkpoints": {"checkpoints", "", ""}, "/checkpoints/x": {"/checkpoints/x", "", ""},
	} {
		if of, what, id := tail(path); [3]string{of, what, id} != want {
			t.Errorf("%s: %s %s %s", path, of, what, id)
		}
	}
	for p, want := range map[string]bool{".a": true, "a/.b/c": true, "a.b": false, "": false, "a/b": false} {
		if isHidden(p) != want {
			t.Errorf("hidden %q: %v", p, !want)
		}
	}
	for p, ok := range map[string]bool{"": true, "/a/": true, "a/../b": false, "a//b": false, "a/ b": false, "a\x00": false, "\xff": false} {
		if _, err := clean(p); (err == nil) != ok {
			t.Errorf("clean %q: %v", p, err)
		}
	}
}

func TestDates(t *testing.T) {
	for in, want := range map[time.Time]string{
		time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600)): `"2026-01-02T02:04:05.000000Z"`,
		time.Date(2026, 1, 2, 3, 4, 5, 678_901_999, time.UTC):       `"2026-01-02T03:04:05.678901Z"`,
	} {
		if got, err := json.Marshal(date(in)); err != nil || string(got) != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestMerge(t *testing.T) {
	for _, c := range [][3]string{
		{`{"a":{"b":1,"c":2},"d":3}`, `{"a":{"b":null},"e":[1]}`, `{"a":{"c":2},"d":3,"e":[1]}`},
		{`{"a":{"b":1}}`, `{"a":{"b":null}}`, `{}`}, {`{"a":1}`, `{"a":{"b":1}}`, `{"a":{"b":1}}`}, {`{}`, `{"a":{"b":null}}`, `{}`}, {`{"z":1,"a":2}`, `{"z":{"y":1,"x":2}}`, `{"z":{"y":1,"x":2},"a":2}`},
	} {
		var to, from map[string]any
		a, err := parseOrdered([]byte(c[0]))
		b, err2 := parseOrdered([]byte(c[1]))
		if err := errors.Join(err, err2, json.Unmarshal([]byte(c[0]), &to), json.Unmarshal([]byte(c[1]), &from)); err != nil {
			t.Fatal(err)
		}
		merge(to, from)
		a.(*ordered).merge(b.(*ordered))
		var want map[string]any
		if err := json.Unmarshal([]byte(c[2]), &want); err != nil || !reflect.DeepEqual(to, want) {
			t.Errorf("%v into %s: %v", from, c[0], to)
		}
		if text, err := json.Marshal(a); err != nil || string(text) != c[2] { // in order
			t.Errorf("%s into %s: %s, %v", c[1], c[0], text, err)
		}
	}
	for _, text := range []string{`{"b":1.50,"a":[true,null,"x",{"z":1e400,"y":{}}]}`, `[]`, `"x"`} {
		v, err := parseOrdered([]byte(text))
		if again, err2 := json.Marshal(v); err != nil || err2 != nil || string(again) != text {
			t.Errorf("%s: %s %v", text, again, errors.Join(err, err2))
		}
	}
	if _, err := parseOrdered([]byte(`{} {}`)); err == nil {
		t.Error("two values are one")
	}
}

func TestSettings(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "@x", "y", "plugin.json")
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(`{"properties":{"n":{"type":"integer","default":1},"o":{"type":"object","default":{"a":1,"b":2}}},
		"definitions":{"s":{"type":"string"}},"additionalProperties":false,"type":"object"}`), 0o600)); err != nil {
		t.Fatal(err)
	}
	override, err := parseOrdered([]byte(`{"n":5,"o":{"b":3},"new":[1]}`))
	if err != nil {
		t.Fatal(err)
	}
	s, err := readSchema(schemasIn(dir)[0], override.(*ordered))
	if err != nil || s.id != "@x/y:plugin" || s.version != "N/A" {
		t.Fatal(s, err)
	}
	if want := `{"properties":{"n":{"type":"integer","default":5},"o":{"type":"object","default":{"a":1,"b":3}},"new":{"default":[1]}},`; !strings.HasPrefix(string(s.text), want) {
		t.Errorf("%s", s.text)
	}
	for raw, ok := range map[string]bool{"{}": true, "// c\n{n: 1,}": true, "{'n': 'x'}": false, "{other: 1}": false, "[]": false, "": false, "{n: 1.5}": false, "{n:": false} {
		value, err := readSettings(raw)
		if err == nil {
			err = s.validate(value)
		}
		if (err == nil) != ok {
			t.Errorf("%q: %v", raw, err)
		}
		p := apply(s, s.text, &content.Preference{Value: []byte(raw)})
		if (p.Warning == "") != ok || ok && p.Raw != raw || !ok && (p.Raw != "{}" || string(p.Settings) != "{}") {
			t.Errorf("%q: %+v", raw, p)
		}
	}
	for _, raw := range []string{strings.Repeat("[", 500_000), "{a:" + strings.Repeat("[", 2000) + strings.Repeat("]", 2000) + "}"} {
		if _, err := readSettings(raw); err == nil || !strings.Contains(err.Error(), "levels deep") {
			t.Error(err)
		}
	}
	bad := &schema{id: "bad", text: []byte(`{"type":"nonsense"}`)}
	if err := bad.validate(map[string]any{}); err == nil {
		t.Error("a schema that is none validates")
	}
	away := &schema{id: "away", text: []byte(`{"$ref":"file:///etc/passwd"}`)}
	if err := away.validate(map[string]any{}); err == nil || !strings.Contains(err.Error(), "not loaded") {
		t.Error(err)
	}
}

func FuzzSettings(f *testing.F) {
	f.Add("{\n // c\n 'a': [1, .5, +Infinity, 0x1f,], b: \"\\u00fc\", /* d */ }")
	of := &schema{id: "x", text: []byte(`{"type":"object","properties":{"a":{"type":"array","items":{"type":"number"}},"b":{"type":"string","pattern":"^u"}}}`)}
	f.Fuzz(func(t *testing.T, raw string) {
		p := apply(of, of.text, &content.Preference{Value: []byte(raw)})
		if text, err := json.Marshal(p); err != nil || !json.Valid(text) {
			t.Fatalf("%q: %v %s", raw, err, text)
		}
	})
}

func TestStyleSheets(t *testing.T) {
	for in, want := range map[string]string{
		`a{b:url('x.png')}`: `a{b:url('/b/x.png')}`, `url("./i/x.svg#a")`: `url("/b/i/x.svg#a")`, `url(x.png)`: `url(/b/x.png)`, `url('../y')`: `url('/y')`,
		`url('/abs')`: `url('/abs')`, `url(data:x)`: `url(data:x)`, `url("https://x/y")`: `url("https://x/y")`, `url(#id)`: `url(#id)`, `url(  'x')`: `url('/b/x')`,
	} {
		if got := string(absolute([]byte(in), "/b")); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestEncodings(t *testing.T) {
	for header, want := range map[string]string{"": "", "gzip": "gzip", "gzip, deflate, br, zstd": "br", "br;q=0, gzip;q=0.5": "gzip", "identity": "", "br; q=0.1": "br", "br;q=x": "", "gzip;q=0": ""} {
		if got := encodingFor(header); got != want {
			t.Errorf("%q: %q", header, got)
		}
	}
	c := newCompressed()
	text := bytes.Repeat([]byte("function "), 4000)
	for range 3 {
		w := httptest.NewRecorder()
		w.Header().Set("Content-Type", "text/javascript")
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", "br")
		c.send(w, r, 200, text)
		if w.Header().Get("Content-Encoding") != "br" || w.Body.Len() > len(text)/10 {
			t.Error(w.Header(), w.Body.Len())
		}
	}
	if c.order.Len() != 1 || c.bytes == 0 {
		t.Error(c.order.Len(), c.bytes)
	}
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "image/png")
	r := httptest.NewRequest("HEAD", "/", nil)
	r.Header.Set("Accept-Encoding", "br")
	c.send(w, r, 200, text)
	if w.Header().Get("Content-Encoding") != "" || w.Body.Len() != 0 || w.Header().Get("Content-Length") != "36000" {
		t.Error(w.Header(), w.Body.Len())
	}
	// What is used last goes first, and the bound holds.
	for i := range 40 {
		noise := make([]byte, 1<<20)
		for j := range noise {
			noise[j] = byte(j*j>>3 ^ i*j>>5 ^ j)
		}
		c.get(append(noise, byte(i)), "gzip")
		if c.bytes > maxCompressed {
			t.Fatal(c.bytes)
		}
	}
}

func TestHashedNames(t *testing.T) {
	for name, want := range map[string]bool{"main.910e4a95b492eb7e.js": true, "0031b1860ea4ad75.woff": true, "remoteEntry.5cbb9d2323598fbda535.js": true, "910e4a95b492eb7e": true,
		"package.json": false, "style.js": false, "index.css": false, "deadbee.js": false, "facade.js": false} {
		if hashed.MatchString(name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}

func TestWithin(t *testing.T) {
	root := t.TempDir()
	a, b := filepath.Join(root, "a"), filepath.Join(root, "b")
	if err := errors.Join(os.MkdirAll(filepath.Join(a, "d"), 0o700), os.MkdirAll(b, 0o700), os.WriteFile(filepath.Join(b, "x"), nil, 0o600), os.WriteFile(filepath.Join(root, "secret"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"x": filepath.Join(b, "x"), "d": "", "../secret": "", "/etc/passwd": "", "": "", "x\x00": "", "x/y": "", "d/../../secret": ""} {
		got, _, err := within([]string{a, filepath.Join(root, "missing"), b}, name)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q %v", name, got, err)
		}
	}
}

func TestUploads(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	dir := filepath.Join(t.TempDir(), "uploads")
	u, err := newUploads(dir, 10, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	key := uploadKey{"user:ana@x.org", "a"}
	one, err := u.take(key, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(one.add(1, []byte("abc"), 10), one.add(2, []byte("def"), 10), one.add(2, []byte("def"), 10), one.add(-1, []byte("g"), 10)); err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(io.NewSectionReader(one.file, 0, one.size)); err != nil || string(text) != "abcdefg" {
		t.Errorf("%s %v", text, err)
	}
	if err := one.add(3, []byte("x"), 10); err == nil {
		t.Error("a chunk after the last")
	}
	u.end(key, one)
	if one, err = u.take(key, 1); err != nil {
		t.Fatal(err)
	}
	if err := one.add(1, make([]byte, 11), 10); !errors.Is(err, content.ErrTooLarge) {
		t.Error(err)
	}
	// Nothing that stood still for long is kept, and nobody has more than their share.
	now = now.Add(2 * uploadPatience)
	for i := range maxUploads {
		if _, err := u.take(uploadKey{"user:ana@x.org", string(rune('b' + i))}, 1); err != nil {
			t.Fatal(i, err)
		}
	}
	if _, err := u.take(uploadKey{"user:ana@x.org", "more"}, 1); err == nil || statusOf(t.Context(), err).status != http.StatusTooManyRequests {
		t.Error(err)
	}
	if _, err := u.take(key, 2); err == nil {
		t.Error("an upload goes on after it was dropped")
	}
	if _, err := u.take(uploadKey{"user:bo@x.org", "a"}, 1); err != nil {
		t.Error(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 { // the files have no names
		t.Error(left, err)
	}
	if err := u.close(); err != nil {
		t.Error(err)
	}
}

func TestQuotedText(t *testing.T) {
	text := strings.Repeat("ü\"\\\n\t\x00\x1f\x7f\u2028<&>", 5000)
	var b bytes.Buffer
	b.WriteByte('"')
	if err := quoteText(&b, strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
	b.WriteByte('"')
	var got string
	if err := json.Unmarshal(b.Bytes(), &got); err != nil || got != text {
		t.Error(err)
	}
	for text, want := range map[string]bool{"": true, text: true, "\xff": false, strings.Repeat("ü", 100_000) + "\xc3": false, "\ufffd": true} {
		if got, err := allUTF8(strings.NewReader(text)); err != nil || got != want {
			t.Errorf("%.10q: %v %v", text, got, err)
		}
	}
}

// TestSlowSubscriber fills the queue of somebody who never reads: they are cut off, and nobody waits for them.
func TestSlowSubscriber(t *testing.T) {
	h := newHub()
	ctx := content.WithActor(t.Context(), content.Actor{Principal: "user:ana@x.org"})
	slow, err := h.add("user:ana@x.org")
	if err != nil {
		t.Fatal(err)
	}
	for range maxQueued + 1 {
		h.contents(ctx, "get", "a", "")
	}
	select {
	case <-slow.gone:
	default:
		t.Error("who never reads is kept")
	}
	h.remove("user:ana@x.org", slow)
	for range maxSubscribers {
		if _, err := h.add("user:ana@x.org"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.add("user:ana@x.org"); err == nil {
		t.Error("no bound")
	}
	h.close()
	if _, err := h.add("user:bo@x.org"); !errors.Is(err, content.ErrClosed) {
		t.Error(err)
	}
}
