package jupyter

import (
	_ "embed"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"sextant/content"
	"sextant/content/iam"
	"sextant/server/web"
)

//go:embed spec.yaml
var spec []byte

func (r routes) status() {
	r.open("GET /api", "the version is no secret", func(w http.ResponseWriter, _ *http.Request) error {
		return web.WriteJSON(w, http.StatusOK, map[string]string{"version": version})
	})
	r.api("GET /api/status", signedIn("how busy the server is"), r.tellStatus)
	r.api("GET /api/spec.yaml", signedIn("the description is no secret"), func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Content-Type", "text/x-yaml")
		_, _ = w.Write(spec) // the client is gone
		return nil
	})
	r.api("GET /api/me", uses("Me"), r.me)
	r.api("PATCH /api/me", uses("Me"), func(http.ResponseWriter, *http.Request) error {
		return &apiError{status: http.StatusNotImplemented, message: "names are changed where people sign in, not here"}
	})
	r.api("GET /api/resolvePath", signedIn("learn where a document is that they may see"), r.resolvePath)
	r.open("POST /api/security/csp-report", "browsers send reports without credentials", r.cspReport)
	r.api("POST /api/shutdown", web.Access{Open: "the handler asks for system.maintain on the root"}, r.shutdown)
	led := web.Access{Open: "it leads to where people sign in and out"}
	r.rt.Handle("GET /login", led, func(w http.ResponseWriter, q *http.Request) error {
		to := r.o.Base + "signin"
		if q.URL.RawQuery != "" {
			to += "?" + q.URL.RawQuery
		}
		http.Redirect(w, q, to, http.StatusFound)
		return nil
	})
	// Signing out by an address alone would let any page sign people out; the start page has a button for it.
	r.rt.Handle("GET /logout", led, func(w http.ResponseWriter, q *http.Request) error {
		http.Redirect(w, q, r.o.Base, http.StatusFound)
		return nil
	})
}

func (s *Server) tellStatus(w http.ResponseWriter, _ *http.Request) error {
	return web.WriteJSON(w, http.StatusOK, struct {
		Connections  int  `json:"connections"`
		Kernels      int  `json:"kernels"`
		LastActivity date `json:"last_activity"`
		Started      date `json:"started"`
	}{LastActivity: date(time.UnixMicro(s.active.Load())), Started: date(s.started)})
}

// identity is a person as Jupyter's front end shows them.
type identity struct {
	Username    string  `json:"username"`
	Name        string  `json:"name"`
	DisplayName string  `json:"display_name"`
	Initials    string  `json:"initials"`
	AvatarURL   *string `json:"avatar_url"`
	Color       *string `json:"color"`
}

func identityOf(self content.Self) identity {
	name := self.DisplayName
	if name == "" {
		name = self.Member.Value()
	}
	var initials strings.Builder
	for i, word := range strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || r == '.' || r == '@' || r == '-' }) {
		if i < 2 {
			initials.WriteString(strings.ToUpper(string([]rune(word)[:1])))
		}
	}
	return identity{Username: self.Member.Value(), Name: name, DisplayName: name, Initials: initials.String()}
}

func (s *Server) me(w http.ResponseWriter, r *http.Request) error {
	self, err := s.o.Service.Me(r.Context())
	if err != nil {
		return err
	}
	asked := map[string][]string{}
	if text := r.URL.Query().Get("permissions"); text != "" {
		if err := json.Unmarshal([]byte(text), &asked); err != nil {
			return badRequest(`permissions should be a JSON dict of {"resource": ["action",]}, got %.200q`, text)
		}
	}
	admin, err := s.isAdmin(r)
	if err != nil {
		return err
	}
	permissions := map[string]any{"updatable_fields": []string{}}
	for resource, actions := range asked {
		permissions[resource] = slices.DeleteFunc(slices.Clone(actions), func(action string) bool { return !allows(resource, action, admin) })
		if permissions[resource] == nil {
			permissions[resource] = []string{}
		}
	}
	return web.WriteJSON(w, http.StatusOK, map[string]any{"identity": identityOf(self), "permissions": permissions})
}

// allows tells whether a kind of thing may be used at all; which ones exactly, their own policies say.
func allows(resource, action string, admin bool) bool {
	switch resource {
	case "server":
		return admin
	case "api", "config", "contents", "csp", "events", "kernels", "kernelspecs", "nbconvert", "sessions":
		return action == "read" || action == "write" || action == "execute"
	}
	return false
}

func (s *Server) isAdmin(r *http.Request) (bool, error) {
	got, err := s.o.Service.TestIamPermissions(r.Context(), content.RootID, []iam.Permission{iam.SystemMaintain})
	return len(got) > 0, err
}

// resolvePath finds the document that a path in some text means, such as one of a traceback.
func (s *Server) resolvePath(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	if !query.Has("path") {
		return badRequest("Missing argument path")
	}
	type place struct {
		Scope string `json:"scope"`
		Path  string `json:"path"`
	}
	type unknown struct {
		Scope  string `json:"scope"`
		Reason string `json:"reason"`
	}
	out := struct {
		Resolved   []place   `json:"resolved"`
		Unresolved []unknown `json:"unresolved,omitempty"`
	}{Resolved: []place{}}
	if n, err := s.find(r.Context(), query.Get("path")); err == nil {
		out.Resolved = append(out.Resolved, place{"server", n.path})
	}
	if kernel := query.Get("kernel"); kernel != "" {
		out.Unresolved = append(out.Unresolved, unknown{"kernel", "Kernel " + kernel + " could not be found"})
	}
	return web.WriteJSON(w, http.StatusOK, out)
}

// maxReport bounds what is logged of a browser's report.
const maxReport = 4 << 10

func (s *Server) cspReport(w http.ResponseWriter, r *http.Request) error {
	text, err := io.ReadAll(io.LimitReader(r.Body, maxReport))
	if err != nil {
		return err
	}
	s.o.Log.Warn("a browser reports what a page's policy kept out", "report", string(text), "id", web.FromContext(r.Context()).ID)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// shutdown ends the server for an administrator: it is everybody's.
func (s *Server) shutdown(w http.ResponseWriter, r *http.Request) error {
	admin, err := s.isAdmin(r)
	if err != nil {
		return err
	}
	if !admin {
		return &apiError{status: http.StatusForbidden, message: "Permission denied: only an administrator shuts this server down; other people are using it"}
	}
	s.o.Log.Warn("shutting down", "by", string(content.ActorFrom(r.Context()).Principal))
	w.WriteHeader(http.StatusOK)
	s.o.Shutdown()
	return nil
}
