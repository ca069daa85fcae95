package jupyter

import (
	"errors"
	"net/http"
	"path"
	"regexp"
	"strings"

	"sextant/server/web"
	"sextant/sessions"
)

// kernelID is what Jupyter's addresses take for an id.
var kernelID = regexp.MustCompile(`^\w+-\w+-\w+-\w+-\w+$`)

// shownSession is what Jupyter calls a session: something open with its kernel.
type shownSession struct {
	ID     string      `json:"id"`
	Path   string      `json:"path"`
	Name   string      `json:"name"`
	Type   string      `json:"type"`
	Kernel shownKernel `json:"kernel"`
	// Notebook is for old clients.
	Notebook *oldNotebook `json:"notebook,omitempty"`
}

type oldNotebook struct {
	Path string `json:"path"`
	Name string `json:"name"`
}

func showSession(b sessions.Bound) shownSession {
	out := shownSession{ID: b.ID, Path: b.Path, Name: b.Name, Type: b.Type, Kernel: showKernel(b.Kernel)}
	if b.Type == "notebook" {
		out.Notebook = &oldNotebook{b.Path, b.Name}
	}
	return out
}

// sessionBody is what a client wants of a session; nil is what it does not say.
type sessionBody struct {
	Path   *string `json:"path"`
	Name   *string `json:"name"`
	Type   *string `json:"type"`
	Kernel *struct {
		ID   *string `json:"id"`
		Name *string `json:"name"`
	} `json:"kernel"`
	Notebook *struct {
		Path *string `json:"path"`
		Name *string `json:"name"`
	} `json:"notebook"`
}

// maxPath bounds a path that a client gives.
const maxPath = 8 << 10

func (r routes) bindings() {
	r.api("GET /api/sessions", ownKernels, func(w http.ResponseWriter, q *http.Request) error {
		out := []shownSession{}
		for _, b := range r.o.Sessions.Bindings(actor(q)) {
			out = append(out, showSession(b))
		}
		return web.WriteJSON(w, http.StatusOK, out)
	})
	r.api("POST /api/sessions", ownKernels, r.openSession)
	r.session("GET /api/sessions/{id}", func(w http.ResponseWriter, q *http.Request, b sessions.Bound) error {
		return web.WriteJSON(w, http.StatusOK, showSession(b))
	})
	r.session("PATCH /api/sessions/{id}", r.changeSession)
	r.session("DELETE /api/sessions/{id}", func(w http.ResponseWriter, q *http.Request, b sessions.Bound) error {
		if b.Kernel.Unbind(b.ID) {
			w.WriteHeader(http.StatusNoContent)
			return nil
		}
		err := b.Kernel.Shutdown(q.Context())
		if errors.Is(err, sessions.ErrNotFound) {
			return &apiError{status: http.StatusGone, message: "Kernel deleted before session"}
		}
		if err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	})
}

// session adds a route about one session of the actor.
func (r routes) session(pattern string, h func(http.ResponseWriter, *http.Request, sessions.Bound) error) {
	r.api(pattern, ownKernels, func(w http.ResponseWriter, q *http.Request) error {
		b, err := r.o.Sessions.Binding(actor(q), q.PathValue("id"))
		if err != nil {
			return notFound("Session not found: session_id='%s'", q.PathValue("id"))
		}
		return kernelError(h(w, q, b))
	})
}

// readSession reads a session's body, and takes a path of old clients for one of today's.
func (s *Server) readSession(w http.ResponseWriter, r *http.Request) (sessionBody, error) {
	var body sessionBody
	given, err := s.readJSON(w, r, &body)
	switch {
	case err != nil:
		return body, err
	case !given:
		return body, badRequest("No JSON data provided")
	}
	if old := body.Notebook; old != nil && body.Path == nil {
		body.Path = old.Path
	}
	if body.Path != nil && len(*body.Path) > maxPath {
		return body, badRequest("path has more than %d bytes", maxPath)
	}
	return body, nil
}

func (s *Server) openSession(w http.ResponseWriter, r *http.Request) error {
	body, err := s.readSession(w, r)
	if err != nil {
		return err
	}
	if body.Notebook != nil && body.Type == nil {
		kind := "notebook"
		body.Type = &kind
		if body.Name == nil {
			body.Name = body.Notebook.Name
		}
	}
	switch {
	case body.Path == nil:
		return badRequest("Missing field in JSON data: path")
	case body.Type == nil:
		return badRequest("Missing field in JSON data: type")
	}
	b := sessions.Binding{Path: *body.Path, Type: *body.Type}
	if body.Name != nil {
		b.Name = *body.Name
	}
	if was, ok := s.o.Sessions.BindingAt(actor(r), b.Path); ok {
		w.Header().Set("Location", s.url("api/sessions", was.ID))
		return web.WriteJSON(w, http.StatusCreated, showSession(was))
	}
	name, id := "", ""
	if body.Kernel != nil {
		if body.Kernel.Name != nil {
			name = *body.Kernel.Name
		}
		if body.Kernel.ID != nil {
			id = *body.Kernel.ID
		}
	}
	var k *sessions.Kernel
	if id != "" {
		if k, err = s.o.Sessions.Kernel(actor(r), id); err != nil {
			return badRequest("Kernel %s does not exist", id)
		}
	} else if k, err = s.start(r, "", name, b.Path); err != nil {
		return err
	}
	b.Document = s.notebookAt(r.Context(), b.Path)
	b = k.Bind(b)
	w.Header().Set("Location", s.url("api/sessions", b.ID))
	return web.WriteJSON(w, http.StatusCreated, showSession(sessions.Bound{Binding: b, Kernel: k}))
}

func (s *Server) changeSession(w http.ResponseWriter, r *http.Request, b sessions.Bound) error {
	body, err := s.readSession(w, r)
	if err != nil {
		return err
	}
	if body.Kernel == nil {
		// A front end sends a rename's path and name as two requests at once: neither may take the other's back.
		s.binding.Lock()
		defer s.binding.Unlock()
		if b, err = s.o.Sessions.Binding(actor(r), b.ID); err != nil {
			return notFound("Session not found: session_id='%s'", r.PathValue("id"))
		}
	}
	if body.Path != nil {
		b.Path = *body.Path
	}
	if body.Name != nil {
		b.Name = *body.Name
	}
	if body.Type != nil {
		b.Type = *body.Type
	}
	b.Document = s.notebookAt(r.Context(), b.Path)
	old := b.Kernel
	if body.Kernel != nil {
		switch {
		case body.Kernel.ID != nil && *body.Kernel.ID != "":
			if b.Kernel, err = s.o.Sessions.Kernel(actor(r), *body.Kernel.ID); err != nil {
				return badRequest("No such kernel: %s", *body.Kernel.ID)
			}
		case body.Kernel.Name != nil && *body.Kernel.Name != "":
			if b.Kernel, err = s.start(r, "", *body.Kernel.Name, b.Path); err != nil {
				return err
			}
		}
	}
	b.Binding = b.Kernel.Bind(b.Binding)
	if old != b.Kernel && !old.Unbind(b.ID) {
		if err := old.ShutdownUnused(r.Context()); err != nil {
			s.o.Log.Warn("a kernel that was replaced", "kernel", old.ID(), "error", err)
		}
	}
	return web.WriteJSON(w, http.StatusOK, showSession(b))
}

// rebind lets what is open follow a document, or the folder it is in, to the new path. JupyterLab takes a session's path for the document's, and
// sends name and path of a rename as two requests at once: answered in the other order, the first one's answer would
// take its document back to the old path.
func (s *Server) rebind(r *http.Request, from, to string) {
	if s.o.Sessions == nil {
		return
	}
	s.binding.Lock()
	defer s.binding.Unlock()
	for _, b := range s.o.Sessions.Bindings(actor(r)) {
		rest, ok := strings.CutPrefix(b.Path, from)
		if !ok || rest != "" && rest[0] != '/' {
			continue
		}
		if rest == "" && b.Name == path.Base(from) {
			b.Name = path.Base(to)
		}
		b.Path = to + rest
		b.Kernel.Bind(b.Binding)
	}
}
