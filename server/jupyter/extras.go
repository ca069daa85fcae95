package jupyter

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"sextant/server/web"
)

func (r routes) labExtras() {
	r.api("GET /lab/api/listings/{rest...}", signedIn("which extensions are barred"), func(w http.ResponseWriter, q *http.Request) error {
		if q.PathValue("rest") != "@jupyterlab/extensionmanager-extension/listings.json" {
			return badRequest("there are no listings at %s", q.PathValue("rest"))
		}
		none := []string{}
		return web.WriteJSON(w, http.StatusOK, map[string]any{"blocked_extensions_uris": none, "allowed_extensions_uris": none,
			"blocked_extensions": none, "allowed_extensions": none})
	})
	r.api("GET /lab/api/licenses", signedIn("the licences of what they use"), r.licences)
	r.file("GET /lab/api/themes/{file...}", web.Access{Open: noLogin}, r.theme)
	// The panels of extensions show what is installed; installing is for whoever has a shell on the server.
	r.api("GET /lab/api/extensions", signedIn("which extensions are installed"), r.installed)
	r.api("POST /lab/api/extensions", signedIn("be told that it is not done here"), func(http.ResponseWriter, *http.Request) error {
		return &apiError{status: http.StatusForbidden, message: "Extensions are installed on the server, for everybody, by its administrator: pip install NAME"}
	})
	r.api("GET /lab/api/plugins", signedIn("which plugins cannot be changed"), func(w http.ResponseWriter, _ *http.Request) error {
		return web.WriteJSON(w, http.StatusOK, map[string]any{"lockRules": []string{}, "allLocked": true})
	})
	r.api("POST /lab/api/plugins", signedIn("be told that it is not done here"), func(http.ResponseWriter, *http.Request) error {
		return &apiError{status: http.StatusForbidden, message: "Plugins are turned on and off on the server, for everybody, by its administrator: labconfig/page_config.json"}
	})
	r.api("GET /lab/api/news", signedIn("there is no news: the server asks nobody"), func(w http.ResponseWriter, _ *http.Request) error {
		return web.WriteJSON(w, http.StatusOK, map[string]any{"news": []string{}})
	})
	r.api("GET /lab/api/update", signedIn("there is no news: the server asks nobody"), func(w http.ResponseWriter, _ *http.Request) error {
		return web.WriteJSON(w, http.StatusOK, map[string]any{"notification": nil})
	})
	r.api("GET /lab/api/build", signedIn("nothing is ever to be built"), func(w http.ResponseWriter, _ *http.Request) error {
		return web.WriteJSON(w, http.StatusOK, map[string]string{"status": "stable", "message": ""})
	})
}

// installed lists the extensions as the extension manager's panel shows them.
func (s *Server) installed(w http.ResponseWriter, r *http.Request) error {
	if err := s.needLab(); err != nil {
		return err
	}
	type entry struct {
		Name             string `json:"name"`
		Description      string `json:"description"`
		HomepageURL      string `json:"homepage_url"`
		PkgType          string `json:"pkg_type"`
		Installed        bool   `json:"installed"`
		Enabled          bool   `json:"enabled"`
		Allowed          bool   `json:"allowed"`
		InstalledVersion string `json:"installed_version"`
		LatestVersion    string `json:"latest_version"`
		Status           string `json:"status"`
	}
	out := []entry{}
	for _, e := range s.lab.extensions() {
		var p struct {
			Version, Description, Homepage string
		}
		if text, err := readSmall(filepath.Join(e.dir, "package.json"), 4<<20); err == nil {
			_ = json.Unmarshal(text, &p) // it was read before
		}
		query := strings.ToLower(r.URL.Query().Get("query"))
		if strings.Contains(strings.ToLower(e.name), query) {
			out = append(out, entry{Name: e.name, Description: p.Description, HomepageURL: p.Homepage, PkgType: "prebuilt", Installed: true,
				Enabled: true, Allowed: true, InstalledVersion: p.Version, LatestVersion: p.Version, Status: "ok"})
		}
	}
	return s.sendText(w, r, out)
}

// licence is one package's.
type licence struct {
	Name          string `json:"name"`
	VersionInfo   string `json:"versionInfo"`
	LicenseID     string `json:"licenseId"`
	ExtractedText string `json:"extractedText"`
}

type licenceBundle struct {
	Packages []licence `json:"packages"`
}

// licenceBundles reads the licences that come with the application and each extension.
func (l *lab) licenceBundles(pattern *regexp.Regexp) map[string]licenceBundle {
	dirs := map[string]string{"@jupyterlab/application-top": l.static()}
	for _, e := range l.extensions() {
		dirs[e.name] = e.dir
	}
	out := map[string]licenceBundle{}
	for name, dir := range dirs {
		if at := pattern.FindStringIndex(name); at == nil || at[0] != 0 {
			continue
		}
		bundle := licenceBundle{Packages: []licence{}}
		for _, file := range []string{"third-party-licenses.json", "static/third-party-licenses.json"} {
			var b licenceBundle
			text, err := readSmall(filepath.Join(dir, filepath.FromSlash(file)), maxStatic)
			if err == nil && json.Unmarshal(text, &b) == nil {
				bundle.Packages = append(bundle.Packages, b.Packages...)
			}
		}
		out[name] = bundle
	}
	return out
}

func (s *Server) licences(w http.ResponseWriter, r *http.Request) error {
	if err := s.needLab(); err != nil {
		return err
	}
	query := r.URL.Query()
	pattern := query.Get("bundles")
	if len(pattern) > 1000 {
		return badRequest("bundles: longer than 1000")
	}
	matching, err := regexp.Compile(pattern)
	if err != nil {
		return badRequest("bundles: %v", err)
	}
	full := query.Get("full_text") != "0" && query.Get("full_text") != "false"
	bundles := s.lab.licenceBundles(matching)
	var text []byte
	kind, ext := "application/json", ".json"
	switch format := query.Get("format"); format {
	case "", "json":
		if text, err = json.MarshalIndent(map[string]any{"bundles": bundles}, "", "  "); err != nil {
			return err
		}
	case "csv":
		kind, ext, text = "text/csv", ".csv", licenceTable(bundles)
	case "markdown":
		kind, ext, text = "text/markdown", ".md", licenceText(bundles, full)
	default:
		return badRequest("Unsupported report format %s: want json, csv or markdown", format)
	}
	if d := query.Get("download"); d != "" && d != "0" && d != "false" {
		attach(w.Header(), "jupyterlab-licenses"+ext)
	}
	w.Header().Set("Content-Type", kind)
	s.compressed.send(w, r, http.StatusOK, text)
	return nil
}

func licenceTable(bundles map[string]licenceBundle) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"bundle", "name", "versionInfo", "licenseId", "extractedText"}) // a buffer takes everything
	for _, name := range slices.Sorted(maps.Keys(bundles)) {
		for _, p := range bundles[name].Packages {
			_ = w.Write([]string{name, p.Name, p.VersionInfo, p.LicenseID, p.ExtractedText})
		}
	}
	w.Flush()
	return b.Bytes()
}

func licenceText(bundles map[string]licenceBundle, full bool) []byte {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(bundles)) {
		fmt.Fprintf(&b, "# %s\n\n", name)
		if len(bundles[name].Packages) == 0 {
			fmt.Fprint(&b, "> No licenses found\n\n")
		}
		for _, p := range bundles[name].Packages {
			fmt.Fprintf(&b, "## **%s**\t`%s`\t%s\n\n", p.Name, p.VersionInfo, p.LicenseID)
			if full && p.ExtractedText != "" {
				fmt.Fprintf(&b, "<pre>\n%s\n</pre>\n\n", p.ExtractedText)
			}
		}
	}
	return b.Bytes()
}

// cssURL finds the addresses in a style sheet.
var cssURL = regexp.MustCompile(`url\(\s*(['"]?)([^'")]+)(['"]?)\s*\)`)

// theme sends a file of a theme. The page includes the style sheet's text under another address, so that what it refers to
// must be said in full.
func (s *Server) theme(w http.ResponseWriter, r *http.Request) error {
	if err := s.needLab(); err != nil {
		return err
	}
	name := r.PathValue("file")
	var dirs []string
	for _, e := range s.lab.extensions() {
		dirs = append(dirs, filepath.Join(e.dir, "themes"))
	}
	dirs = append(dirs, s.lab.themes())
	if path.Ext(name) != ".css" {
		return s.sendStatic(w, r, dirs, name)
	}
	at, info, err := within(dirs, name)
	if err != nil || info.Size() > maxStatic {
		return notFound("%s is not there", name)
	}
	text, err := os.ReadFile(at)
	if err != nil {
		return err
	}
	text = absolute(text, s.url("lab/api/themes", path.Dir(name)))
	h := w.Header()
	h.Set("Content-Type", "text/css; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	etag := fmt.Sprintf(`W/"%x-%x"`, info.ModTime().UnixNano(), info.Size())
	h.Set("ETag", etag)
	if noneMatch(r, etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	s.compressed.send(w, r, http.StatusOK, text)
	return nil
}

// absolute gives the relative addresses in a style sheet the directory that they are relative to.
func absolute(css []byte, dir string) []byte {
	return cssURL.ReplaceAllFunc(css, func(found []byte) []byte {
		parts := cssURL.FindSubmatch(found)
		at := strings.TrimSpace(string(parts[2]))
		if strings.HasPrefix(at, "/") || strings.HasPrefix(at, "#") || strings.Contains(strings.SplitN(at, "/", 2)[0], ":") {
			return found
		}
		return []byte("url(" + string(parts[1]) + path.Clean(dir+"/"+at) + string(parts[3]) + ")")
	})
}
