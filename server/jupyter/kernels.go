package jupyter

import (
	"context"
	"errors"
	"net/http"
	"path"
	"strings"
	"time"

	"sextant/content"
	"sextant/content/iam"
	"sextant/server/web"
	"sextant/sessions"
	"sextant/sessions/packages"
)

// shownKernel is a kernel as the API gives it.
type shownKernel struct {
	ID             string `json:"id"`
	Name           string `json:"name"`
	LastActivity   date   `json:"last_activity"`
	ExecutionState string `json:"execution_state"`
	Connections    int    `json:"connections"`
	Reason         string `json:"reason,omitempty"`
}

func showKernel(k *sessions.Kernel) shownKernel {
	i := k.Info()
	return shownKernel{ID: i.ID, Name: i.Name, LastActivity: date(i.Active), ExecutionState: i.State, Connections: i.Clients, Reason: i.Reason}
}

// ownKernels is the access of routes about kernels: each asks for those of the actor, and nobody sees another's.
var ownKernels = web.Access{Open: "it is about the actor's own kernels alone"}

// maxStart is how long a request waits for a kernel to start; clients of a gateway wait for 40 s.
const maxStart = 38 * time.Second

func (r routes) kernels() {
	if r.o.Sessions == nil {
		r.noKernels()
		return
	}
	r.api("GET /api/kernels", ownKernels, func(w http.ResponseWriter, q *http.Request) error {
		out := []shownKernel{}
		for _, k := range r.o.Sessions.Kernels(actor(q)) {
			out = append(out, showKernel(k))
		}
		return web.WriteJSON(w, http.StatusOK, out)
	})
	r.api("POST /api/kernels", ownKernels, r.startKernel)
	r.kernel("GET /api/kernels/{id}", func(w http.ResponseWriter, q *http.Request, k *sessions.Kernel) error {
		return web.WriteJSON(w, http.StatusOK, showKernel(k))
	})
	r.kernel("DELETE /api/kernels/{id}", func(w http.ResponseWriter, q *http.Request, k *sessions.Kernel) error {
		if err := k.Shutdown(q.Context()); err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	})
	r.kernel("POST /api/kernels/{id}/interrupt", func(w http.ResponseWriter, q *http.Request, k *sessions.Kernel) error {
		if err := k.Interrupt(q.Context()); err != nil {
			return err
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	})
	r.kernel("POST /api/kernels/{id}/restart", func(w http.ResponseWriter, q *http.Request, k *sessions.Kernel) error {
		if err := k.Restart(q.Context()); err != nil {
			return &apiError{status: http.StatusInternalServerError, message: "Exception restarting kernel: " + err.Error(), cause: err}
		}
		return web.WriteJSON(w, http.StatusOK, showKernel(k))
	})
	r.kernel("GET /api/kernels/{id}/channels", r.channels)
	r.bindings()
	r.api("GET /api/terminals", ownKernels, func(http.ResponseWriter, *http.Request) error {
		return notFound("terminals are off")
	})
}

func actor(r *http.Request) iam.Member { return content.ActorFrom(r.Context()).Principal }

// kernel adds a route about one kernel of the actor.
func (r routes) kernel(pattern string, h func(http.ResponseWriter, *http.Request, *sessions.Kernel) error) {
	r.api(pattern, ownKernels, func(w http.ResponseWriter, q *http.Request) error {
		k, err := r.o.Sessions.Kernel(actor(q), q.PathValue("id"))
		if err != nil {
			return notFound("Kernel does not exist: %s", q.PathValue("id"))
		}
		return kernelError(h(w, q, k))
	})
}

// kernelError gives an error of sessions the status that clients expect.
func kernelError(err error) error {
	var known *apiError
	var building *packages.BuildingError
	var failed *packages.FailedError
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case errors.Is(err, sessions.ErrNotFound), errors.Is(err, sessions.ErrEnded):
		return &apiError{status: http.StatusNotFound, message: err.Error(), cause: err}
	case errors.Is(err, sessions.ErrQuota):
		return &apiError{status: http.StatusForbidden, message: "Kernel not started: " + err.Error(), cause: err}
	case errors.Is(err, sessions.ErrClosed):
		return &apiError{status: http.StatusServiceUnavailable, message: err.Error(), cause: err}
	case errors.As(err, &building):
		return &apiError{status: http.StatusServiceUnavailable, message: firstLine(err.Error()), cause: err}
	case errors.Is(err, content.ErrInvalid), errors.As(err, &failed):
		return &apiError{status: http.StatusBadRequest, message: err.Error(), cause: err}
	case errors.Is(err, content.ErrNotFound), errors.Is(err, content.ErrDenied), errors.Is(err, context.Canceled):
		return err
	}
	return &apiError{status: http.StatusInternalServerError, message: firstLine(err.Error()), cause: err}
}

func (s *Server) startKernel(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Name string `json:"name"`
		Path string `json:"path"`
		ID   string `json:"kernel_id"`
		// Env is what a gateway's client sends along; of it only the wish for an id is heard: a session's environment
		// comes from its environment here.
		Env map[string]string `json:"env"`
	}
	if _, err := s.readJSON(w, r, &body); err != nil {
		return err
	}
	if body.ID == "" {
		body.ID = body.Env["KERNEL_ID"]
	}
	k, err := s.start(r, body.ID, body.Name, body.Path)
	if err != nil {
		return err
	}
	w.Header().Set("Location", s.url("api/kernels", k.ID()))
	return web.WriteJSON(w, http.StatusCreated, showKernel(k))
}

// start gives the actor a kernel for what is at a path.
func (s *Server) start(r *http.Request, id, name, at string) (*sessions.Kernel, error) {
	if id != "" && !kernelID.MatchString(id) {
		return nil, badRequest("kernel_id %.60q is no id", id)
	}
	if id != "" {
		if _, err := s.o.Sessions.Kernel(actor(r), id); err == nil {
			return nil, badRequest("kernel %s is there already", id)
		}
	}
	ctx, cancel := context.WithTimeout(r.Context(), maxStart)
	defer cancel()
	request := sessions.Request{User: actor(r), ID: id, Kernel: name, Path: at}
	if doc, err := s.Locate(r.Context(), at); err == nil && at != "" {
		request.Document = documentOf(doc)
	}
	dir := path.Dir(strings.Trim(at, "/"))
	if dir == "." {
		dir = ""
	}
	if folder, err := s.Locate(r.Context(), dir); at != "" && err == nil && folder.Type == content.Folder && folder.ID != content.RootID {
		request.Folder = folder.ID
	}
	k, err := s.o.Sessions.Start(ctx, request)
	if errors.Is(err, sessions.ErrNoKernelspec) {
		return nil, &apiError{status: http.StatusNotImplemented, message: "The '" + name + "' kernel is not available. Please pick another suitable kernel instead, or install that kernel.", reason: "Kernel not found", cause: err}
	}
	return k, kernelError(err)
}

// warm starts the session that a first cell will most likely run in, while its page loads.
func (s *Server) warm(r *http.Request) {
	if s.o.Sessions == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), time.Minute)
	s.background.Go(func() {
		defer cancel()
		if err := s.o.Sessions.Warm(ctx, actor(r), "", ""); err != nil && !errors.Is(err, sessions.ErrClosed) && !errors.Is(err, sessions.ErrNoKernelspec) {
			s.o.Log.Info("no session ahead of need", "user", actor(r), "error", err)
		}
	})
}

// documentOf is the id of what outputs can be recorded in.
func documentOf(r content.Resource) string {
	if r.Type == content.Notebook {
		return string(r.ID)
	}
	return ""
}

// notebookAt is the id of the notebook at a path, or empty.
func (s *Server) notebookAt(ctx context.Context, p string) string {
	if path.Ext(p) != ".ipynb" {
		return ""
	}
	r, err := s.Locate(ctx, p)
	if err != nil {
		return ""
	}
	return documentOf(r)
}

// noKernels answers for a server that runs no kernels: there are none, and none can be started.
func (r routes) noKernels() {
	none := web.Access{Open: "this server runs no kernels, so there are none"}
	off := func(http.ResponseWriter, *http.Request) error {
		return &apiError{status: http.StatusNotImplemented, message: "This server keeps notebooks but runs no kernels: open, edit and save them here, and run them in a Jupyter that has the kernel"}
	}
	for _, what := range []string{"kernels", "sessions"} {
		r.api("GET /api/"+what, none, func(w http.ResponseWriter, _ *http.Request) error {
			return web.WriteJSON(w, http.StatusOK, []struct{}{})
		})
		r.api("POST /api/"+what, none, off)
	}
	r.api("GET /api/terminals", none, func(http.ResponseWriter, *http.Request) error {
		return notFound("terminals are off")
	})
}
