package web

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
)

// Handler answers a request or says what went wrong; an error is rendered by WriteError. After an error nothing may have
// been written.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Access states who may use a route: the operation of content.Service that checks the caller, or why nobody is checked.
type Access struct {
	// Operation is the Name of a content.Operation.
	Operation string
	// Open says why no permission is needed. Empty for most.
	Open string
}

// Route is one route that a Router serves.
type Route struct {
	// Pattern is as for http.ServeMux, with the method: "GET /v1/me".
	Pattern string
	Access  Access
}

// Router serves routes and knows them all. Routes are added before it serves.
type Router struct {
	mux    *http.ServeMux
	stated map[string]Access
	routes []Route
}

// NewRouter is a router without routes; what it does not know is answered with 404 as a problem document.
func NewRouter() *Router { return &Router{mux: http.NewServeMux(), stated: map[string]Access{}} }

// Handle adds a route. It panics where the pattern is malformed or taken, as http.ServeMux does.
func (rt *Router) Handle(pattern string, access Access, h Handler) {
	rt.State(pattern, access)
	rt.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			WriteError(w, r, err)
		}
	})
}

// State notes the access of a route that HandleFunc will add, for generators of routes that only know http.ServeMux.
func (rt *Router) State(pattern string, access Access) { rt.stated[pattern] = access }

// HandleFunc adds a route whose access State has noted; one without any is listed with an empty Access, which the test
// of routes refuses.
func (rt *Router) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	rt.routes = append(rt.routes, Route{pattern, rt.stated[pattern]})
	rt.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		FromContext(r.Context()).Route = pattern
		h(w, r)
	})
}

// Routes lists every route in the order they were added.
func (rt *Router) Routes() []Route { return slices.Clone(rt.routes) }

// ServeHTTP implements http.Handler.
func (rt *Router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h, pattern := rt.mux.Handler(r)
	// The mux would redirect a path with dots or double slashes, without the base path that was stripped.
	if clean := path.Clean(r.URL.Path); clean != r.URL.Path {
		pattern, h = "", http.NotFoundHandler()
	}
	// It would also lead /a to /a/ where a pattern is /a/{rest...}: there is nothing.
	if strings.HasSuffix(pattern, "...}") && strings.Count(r.URL.EscapedPath(), "/") < strings.Count(pattern, "/") {
		pattern, h = "", http.NotFoundHandler()
	}
	if pattern == "" {
		// The mux's own answers (404, 405) are plain text; ours are problem documents with the same status and Allow.
		probe := &statusProbe{header: http.Header{}}
		h.ServeHTTP(probe, r)
		if allow := probe.header.Get("Allow"); allow != "" {
			w.Header().Set("Allow", allow)
		}
		if probe.status == http.StatusMethodNotAllowed {
			WriteError(w, r, &StatusError{Status: probe.status, Text: fmt.Sprintf("this path does not know %.10s", r.Method)})
			return
		}
		WriteError(w, r, &StatusError{Status: http.StatusNotFound, Text: "not found"})
		return
	}
	rt.mux.ServeHTTP(w, r)
}

// statusProbe takes the status and headers of an answer and drops its body.
type statusProbe struct {
	header http.Header
	status int
}

func (p *statusProbe) Header() http.Header         { return p.header }
func (p *statusProbe) Write(b []byte) (int, error) { return len(b), nil }
func (p *statusProbe) WriteHeader(status int)      { p.status = status }
