package jupyter

import (
	"encoding/json"
	"html/template"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

func (r routes) labPages() {
	for _, p := range []string{"/lab", "/lab/{rest...}", "/doc", "/doc/{rest...}"} {
		r.page("GET "+p, signedIn("the page itself; what it shows, its requests ask for"), r.labPage)
	}
	// The notebook application's addresses, which other programs link to.
	for pattern, to := range map[string]string{"/tree": "", "/tree/{rest...}": "tree", "/notebooks/{rest...}": "tree", "/edit/{rest...}": "tree"} {
		r.page("GET "+pattern, signedIn("it leads to JupyterLab"), func(w http.ResponseWriter, q *http.Request) error {
			http.Redirect(w, q, r.url("lab", to, q.PathValue("rest")), http.StatusFound)
			return nil
		})
	}
}

// place is what an address of the page says.
type place struct {
	mode, workspace, tree string
	known                 bool
}

var workspaceName = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)

// placeOf reads the part of an address after /lab or /doc, unescaped: /workspaces/NAME/tree/PATH, each optional.
func placeOf(path string) place {
	p := place{mode: "multiple-document", workspace: "default", known: true}
	rest, isDoc := strings.CutPrefix(path, "/doc")
	if isDoc {
		p.mode = "single-document"
	} else {
		rest = strings.TrimPrefix(path, "/lab")
	}
	if after, ok := strings.CutPrefix(rest, "/workspaces/"); ok {
		name, below, _ := strings.Cut(after, "/")
		if !workspaceName.MatchString(name) {
			p.known = false
			return p
		}
		p.workspace, rest = name, ""
		if below != "" {
			rest = "/" + below
		}
	}
	if after, ok := strings.CutPrefix(rest, "/tree"); ok && (after == "" || after[0] == '/') {
		p.tree, rest = strings.TrimPrefix(after, "/"), ""
	}
	p.known = rest == ""
	return p
}

func (s *Server) labPage(w http.ResponseWriter, r *http.Request) error {
	s.warm(r)
	if s.lab == nil {
		return s.labIsOff(w)
	}
	parts, err := s.lab.template()
	if err != nil {
		return err
	}
	config := s.pageConfig(r, placeOf(r.URL.Path))
	text, err := fill(parts, s.o.Base, s.url("static/lab"), config)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	s.compressed.sendOnce(w, r, text)
	return nil
}

var offPage = template.Must(template.New("off").Parse(`<!doctype html><html lang="en"><meta charset="utf-8"><title>JupyterLab is off</title>
<body style="font: 16px/1.5 system-ui, sans-serif; max-width: 40em; margin: 10vh auto; padding: 0 1em"><h1>JupyterLab is off</h1><p>{{.Text}}</p><p><a href="{{.Base}}">Back to Sextant</a></p>`))

// labIsOff tells people why there is no JupyterLab.
func (s *Server) labIsOff(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(http.StatusNotFound)
	_ = offPage.Execute(w, struct{ Text, Base string }{noLab, s.o.Base}) // the client is gone
	return nil
}

// pageConfig is what the front end is told of the server (jupyterlab_server's LabHandler and JupyterLab's LabApp).
func (s *Server) pageConfig(r *http.Request, p place) map[string]any {
	base := strings.TrimSuffix(s.o.Base, "/")
	c := map[string]any{
		"appName": "JupyterLab", "appNamespace": "lab", "appVersion": s.lab.version, "baseUrl": s.o.Base, "wsUrl": "",
		"fullStaticUrl": base + "/static/lab", "mode": p.mode, "workspace": p.workspace, "treePath": p.tree,
		"preferredPath": "/", "serverRoot": "", "store_id": s.pages.Add(1), "token": "",
		"terminalsAvailable": false, "notebookStartsKernel": true, "cacheFiles": true, "copyAbsolutePath": false,
		"devMode": false, "buildAvailable": false, "buildCheck": false, "quitButton": false, "exposeAppInBrowser": false,
		"allow_hidden_files": s.o.Hidden, "delete_to_trash": true, "notebookVersion": notebookVersion(),
		"news": map[string]any{"disabled": true}, "ignorePlugins": []string{}, "mathjaxConfig": "TeX-AMS_HTML-full,Safe", "fullMathjaxUrl": "",
		// Packages are the server's administrator's to install, for everybody.
		"extensionManager":        map[string]any{"name": "readonly", "can_install": false, "install_path": nil},
		"untracked_message_types": untracked,
	}
	for name, path := range map[string]string{"app": "/lab", "tree": "/lab/tree", "settings": "/lab/api/settings", "workspacesApi": "/lab/api/workspaces",
		"listings": "/lab/api/listings", "themes": "/lab/api/themes", "licenses": "/lab/api/licenses", "translationsApi": "/lab/api/translations",
		"labextensions": "/lab/extensions"} {
		c[name+"Url"] = path
		c["full"+strings.ToUpper(name[:1])+name[1:]+"Url"] = base + path
	}
	if s.o.ShareURL != "" {
		c["shareUrl"] = s.o.ShareURL
	}
	if home := s.home(r.Context()); home != "" {
		c["preferredPath"] = home
	}
	if !p.known {
		c["notFoundUrl"] = base + (&url.URL{Path: r.URL.Path}).EscapedPath()
	}
	s.lab.configure(c)
	return c
}

// notebookVersion is the API's version as the front end reads it: JSON within a string.
func notebookVersion() string {
	text, _ := json.Marshal(strings.Split(version, ".")) // strings become JSON
	return strings.NewReplacer(`"`, "", ",", ", ").Replace(string(text))
}

// untracked are the messages of a kernel that do not count as activity (jupyter_server's untracked_message_types).
var untracked = []string{"comm_info_request", "comm_info_reply", "kernel_info_request", "kernel_info_reply", "shutdown_request", "shutdown_reply",
	"interrupt_request", "interrupt_reply", "debug_request", "debug_reply", "stream", "display_data", "update_display_data", "execute_input",
	"execute_result", "error", "status", "clear_output", "debug_event", "input_request", "input_reply"}
