package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"sextant/content"
	"sextant/content/iam"
	"sextant/server/web"
	"sextant/sessions"
)

// Session is a running kernel process.
type Session struct {
	ID          string    `json:"id"`
	User        string    `json:"user"`
	Environment string    `json:"environment"`
	Title       string    `json:"title" doc:"The environment's, for people"`
	Kernel      string    `json:"kernel" doc:"The kernelspec"`
	State       string    `json:"state" enum:"starting,idle,busy,restarting,dead"`
	Reason      string    `json:"reason,omitempty" doc:"Why it is dead, or was last restarted"`
	StartedAt   time.Time `json:"startedAt"`
	LastUsed    time.Time `json:"lastUsed"`
	// The times at which it ends.
	EndsIdle *time.Time `json:"endsIdle,omitempty" doc:"When it ends if it is not used; absent: never"`
	EndsAge  *time.Time `json:"endsAge,omitempty" doc:"When it ends at the latest; absent: never"`
	// What it uses.
	CPUSeconds   float64 `json:"cpuSeconds"`
	Executed     float64 `json:"executionSeconds" doc:"How long its executions took together, as far as they have ended"`
	Cost         *Cost   `json:"cost,omitempty" doc:"Of the executions; absent where the server knows no price"`
	MemoryBytes  int64   `json:"memoryBytes"`
	PeakBytes    int64   `json:"peakBytes"`
	Processes    int     `json:"processes"`
	Unresponsive float64 `json:"unresponsive,omitempty" doc:"Seconds since the kernel last answered a heartbeat, where that is too long"`
	// Sandbox lists the layers of protection, and those that are missing.
	Sandbox   []string     `json:"sandbox,omitempty" nullable:"false" doc:"The layers of protection in force, and those that this machine lacks"`
	Documents []OpenKernel `json:"documents" nullable:"false" doc:"The kernels in it, one for each open document"`
}

// OpenKernel is what one document runs in.
type OpenKernel struct {
	ID          string    `json:"id" doc:"The kernel's id in the Jupyter API"`
	Path        string    `json:"path,omitempty"`
	Document    string    `json:"document,omitempty"`
	State       string    `json:"state"`
	LastUsed    time.Time `json:"lastUsed"`
	Connections int       `json:"connections"`
}

func (a *API) viewSession(s *sessions.Session) Session {
	i := s.Info()
	out := Session{ID: i.ID, User: string(i.User), Environment: i.Environment, Title: i.Title, Kernel: i.Kernelspec, State: i.State.Execution,
		Reason: i.State.Reason, StartedAt: i.Began, LastUsed: i.Active, EndsIdle: optional(i.EndsIdle), EndsAge: optional(i.EndsAge),
		CPUSeconds: i.Usage.CPUSeconds, Executed: i.Executed.Seconds(), Cost: a.cost(i.Executed), MemoryBytes: i.Usage.MemoryBytes, PeakBytes: i.Usage.PeakBytes, Processes: i.Usage.Processes,
		Unresponsive: i.State.Unresponsive, Sandbox: i.State.Sandbox, Documents: []OpenKernel{}}
	if i.Executing {
		out.State = "busy"
	}
	for _, k := range i.Kernels {
		out.Documents = append(out.Documents, OpenKernel{k.ID, k.Path, k.Document, k.State, k.Active, k.Clients})
	}
	slices.SortFunc(out.Documents, func(a, b OpenKernel) int { return a.LastUsed.Compare(b.LastUsed) })
	return out
}

// ownSessions is the access of routes about sessions: whoever may manage principals sees everybody's, all others their own.
var ownSessions = web.Access{Open: "it is about the actor's own sessions; for those of others principals.manage is needed"}

// BySession names a session.
type BySession struct {
	ID string `path:"id" maxLength:"64"`
}

func (a *API) sessions() {
	if a.o.Sessions == nil {
		return
	}
	const tag = "sessions"
	m := a.o.Sessions
	add(a, route{"listSessions", http.MethodGet, "/sessions", "List the sessions that run", tag, ownSessions, 0},
		func(ctx context.Context, in *struct {
			All bool `query:"all" doc:"Also those of others"`
		}) (*Body[Page[Session]], error) {
			user := content.ActorFrom(ctx).Principal
			if user == "" {
				return nil, content.ErrUnauthenticated
			}
			if in.All {
				manages, err := a.manages(ctx)
				if err != nil {
					return nil, err
				}
				if !manages {
					return nil, content.ErrDenied
				}
				user = ""
			}
			out := []Session{}
			for _, s := range m.Sessions(user) {
				out = append(out, a.viewSession(s))
			}
			return body(Page[Session]{Items: out}), nil
		})
	add(a, route{"getSession", http.MethodGet, "/sessions/{id}", "Get a session, with what it uses now", tag, ownSessions, 0},
		func(ctx context.Context, in *BySession) (*Body[Session], error) {
			s, err := a.session(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			if _, err := s.Measure(ctx); err != nil && !errors.Is(err, sessions.ErrEnded) {
				a.o.Log.Warn("a session does not answer", "id", in.ID, "error", err)
			}
			return body(a.viewSession(s)), nil
		})
	add(a, route{"startSession", http.MethodPost, "/sessions", "Start a session, or find the one that runs, before it is needed", tag, ownSessions, http.StatusAccepted},
		func(ctx context.Context, in *struct {
			Body struct {
				Environment string `json:"environment,omitempty" maxLength:"200" doc:"Absent: the default"`
				Kernel      string `json:"kernel,omitempty" maxLength:"200" doc:"A kernelspec; absent: the environment's"`
			}
		}) (*None, error) {
			user := content.ActorFrom(ctx).Principal
			if user == "" {
				return nil, content.ErrUnauthenticated
			}
			return nil, sessionError(m.Warm(ctx, user, in.Body.Environment, in.Body.Kernel))
		})
	add(a, route{"endSession", http.MethodDelete, "/sessions/{id}", "End a session and all kernels in it", tag, ownSessions, 0},
		func(ctx context.Context, in *BySession) (*None, error) {
			s, err := a.session(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return nil, sessionError(s.Shutdown(ctx))
		})
}

func (a *API) manages(ctx context.Context) (bool, error) {
	got, err := a.o.Service.TestIamPermissions(ctx, content.RootID, []iam.Permission{iam.PrincipalsManage})
	return len(got) > 0, err
}

// session finds a session that the actor may see.
func (a *API) session(ctx context.Context, id string) (*sessions.Session, error) {
	user := content.ActorFrom(ctx).Principal
	if user == "" {
		return nil, content.ErrUnauthenticated
	}
	s, err := a.o.Sessions.Session(user, id)
	if err == nil {
		return s, nil
	}
	manages, fault := a.manages(ctx)
	if fault != nil {
		return nil, fault
	}
	if manages {
		s, err = a.o.Sessions.Session("", id)
	}
	return s, sessionError(err)
}

// sessionError gives an error of sessions its meaning in this API.
func sessionError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sessions.ErrNotFound), errors.Is(err, sessions.ErrEnded):
		return content.ErrNotFound
	case errors.Is(err, sessions.ErrQuota):
		return &web.StatusError{Status: http.StatusTooManyRequests, Text: err.Error()}
	case errors.Is(err, sessions.ErrNoKernelspec):
		return &web.StatusError{Status: http.StatusUnprocessableEntity, Text: err.Error()}
	case errors.Is(err, sessions.ErrClosed):
		return &web.StatusError{Status: http.StatusServiceUnavailable, Text: err.Error()}
	}
	return err
}
