package jupyter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"sextant/content"
	"sextant/content/render"
	"sextant/server/web"
	"sextant/sessions"
	"sextant/sessions/record"
)

// version is the version of Jupyter Server whose API this is; clients choose by it what they ask for.
const version = "2.21.0"

// Bounds of what is held in memory: one body in JSON, and all of them at a time. Requests beyond wait their turn.
const (
	maxBody    = 256 << 20
	maxAtATime = 512 << 20
	// smallBody bounds the JSON of requests that hold no document.
	smallBody = 1 << 20
)

// Options is what a Server is made of.
type Options struct {
	Service *content.Service
	// Base is the path below which the server answers, with a slash at either end, escaped as in addresses.
	Base string
	// Root is the path of the folder that clients see as their root, "{user}" in it standing for who acts; empty shows
	// everything that they may see.
	Root string
	// ShareURL is what the front end's shareable links begin with; empty: its own address.
	ShareURL string
	// Sessions runs kernels; nil: there are none.
	Sessions *sessions.Manager
	// Environments lists the environments that the actor may use; nil: there are none.
	Environments func(context.Context) ([]Environment, error)
	// Recorder records their outputs; nil where Sessions is.
	Recorder *record.Recorder
	// Renderer makes HTML of notebooks. Whoever made it closes it.
	Renderer *render.Renderer
	// Hidden shows names that begin with a dot.
	Hidden bool
	// Paths are where Jupyter's files are looked for.
	Paths Paths
	// LabDir is JupyterLab's application directory; empty looks for it in Paths.
	LabDir string
	// Scratch is a directory for uploads that are not complete yet; they have no names there, and end with the server.
	Scratch string
	// MaxSize bounds a document.
	MaxSize int64
	// TrustedOrigins are other sites whose pages may open websockets, beside the server's own.
	TrustedOrigins []string
	// Shutdown ends the server, where an administrator asks for it.
	Shutdown func()
	Log      *slog.Logger
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Server is the Jupyter side of a server. It is safe for concurrent use.
type Server struct {
	o       Options
	started time.Time
	// active is when somebody last asked for something, in microseconds.
	active  atomic.Int64
	memory  *semaphore.Weighted
	events  *hub
	uploads *uploads
	lab     *lab
	specs   *kernelspecs
	pages   atomic.Int64
	tabs    *tabs
	// exporters are the forms that notebooks can be had in, by name.
	exporters map[string]exporter
	binding   sync.Mutex // held while bindings are changed
	// background is what goes on after its request.
	background sync.WaitGroup
	// compressed is what was sent compressed, to be sent again.
	compressed *compressed
}

// New looks for JupyterLab and makes the scratch directory. That JupyterLab is not there is no error; the log says how to
// get it. The caller closes the Server once nothing is served any more.
func New(o Options) (*Server, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Shutdown == nil {
		o.Shutdown = func() {}
	}
	s := &Server{o: o, started: o.Now(), memory: semaphore.NewWeighted(maxAtATime), events: newHub(), compressed: newCompressed(), tabs: newTabs(), specs: &kernelspecs{paths: o.Paths}, exporters: exportersOf(o.Renderer)}
	s.touch()
	var err error
	if s.uploads, err = newUploads(o.Scratch, o.MaxSize, o.Now); err != nil {
		return nil, fmt.Errorf("uploads: %w", err)
	}
	if s.lab, err = findLab(o.LabDir, o.Paths, o.Log); err != nil {
		return nil, errors.Join(err, s.uploads.close())
	}
	if s.lab == nil {
		o.Log.Info("JupyterLab is off: " + noLab)
	} else {
		o.Log.Info("JupyterLab", "version", s.lab.version, "directory", s.lab.dir)
	}
	return s, nil
}

// HasLab tells whether there is a JupyterLab to open documents in.
func (s *Server) HasLab() bool { return s.lab != nil }

// Close ends websockets and unfinished uploads.
func (s *Server) Close() error {
	s.background.Wait()
	s.events.close()
	return s.uploads.close()
}

// Install adds the routes.
func (s *Server) Install(rt *web.Router) {
	r := routes{s, rt}
	r.status()
	r.contents()
	r.files()
	r.convert()
	r.config()
	r.eventBus()
	r.kernelspecs()
	r.kernels()
	r.static()
	r.labPages()
	r.settings()
	r.workspaces()
	r.translations()
	r.labExtras()
	r.unknown()
}

// touch notes that somebody asked for something.
func (s *Server) touch() { s.active.Store(s.o.Now().UnixMicro()) }

// url is an address of this server for a path below its base, whose parts are escaped.
func (s *Server) url(parts ...string) string {
	var b strings.Builder
	b.WriteString(strings.TrimSuffix(s.o.Base, "/"))
	for _, p := range parts {
		for name := range strings.SplitSeq(strings.Trim(p, "/"), "/") {
			if name != "" {
				b.WriteString("/" + url.PathEscape(name))
			}
		}
	}
	return b.String()
}

// routes adds routes with what all of them need.
type routes struct {
	*Server
	rt *web.Router
}

// signedIn is the access of routes that are about nothing but the caller.
func signedIn(why string) web.Access { return web.Access{Open: "whoever signed in may: " + why} }

func uses(operation string) web.Access { return web.Access{Operation: operation} }

// api adds a route of the REST API: for those who signed in, with errors in Jupyter's form.
func (r routes) api(pattern string, access web.Access, h web.Handler) {
	r.rt.Handle(pattern, access, func(w http.ResponseWriter, q *http.Request) error {
		r.protect(w.Header(), "; default-src 'none'")
		w.Header().Set("Cache-Control", "no-cache")
		if err := r.check(q); err != nil {
			writeError(w, q, err)
			return nil
		}
		r.touch()
		byTokenFrom(w, q)
		if err := h(w, q); err != nil {
			writeError(w, q, err)
		}
		return nil
	})
}

// open adds a route of the REST API that needs no sign-in.
func (r routes) open(pattern, why string, h web.Handler) {
	r.rt.Handle(pattern, web.Access{Open: why}, func(w http.ResponseWriter, q *http.Request) error {
		r.protect(w.Header(), "; default-src 'none'")
		if err := h(w, q); err != nil {
			writeError(w, q, err)
		}
		return nil
	})
}

// page adds a page for people: who has not signed in is led there first.
func (r routes) page(pattern string, access web.Access, h web.Handler) {
	r.rt.Handle(pattern, access, func(w http.ResponseWriter, q *http.Request) error {
		r.protect(w.Header(), "")
		w.Header().Set("Cache-Control", "no-store") // it holds what is of this request alone
		if content.ActorFrom(q.Context()).Principal == "" {
			next := strings.TrimSuffix(r.o.Base, "/") + q.URL.EscapedPath()
			if q.URL.RawQuery != "" {
				next += "?" + q.URL.RawQuery
			}
			http.Redirect(w, q, r.o.Base+"signin?next="+url.QueryEscape(next), http.StatusFound)
			return nil
		}
		r.touch()
		if err := r.giveXSRF(w, q); err != nil {
			return err
		}
		return h(w, q)
	})
}

// unknown answers what no other route knows below the API, in the API's form.
func (r routes) unknown() {
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
		for _, root := range []string{"/api/{rest...}", "/lab/api/{rest...}"} {
			r.open(method+" "+root, "there is nothing", func(_ http.ResponseWriter, q *http.Request) error {
				return notFound("%s is not known here", q.URL.Path)
			})
		}
	}
}

// protect sets the headers that all of Jupyter's answers have. more is added to the policy.
func (s *Server) protect(h http.Header, more string) {
	h.Set("Content-Security-Policy", "frame-ancestors 'self'; report-uri "+s.url("api/security/csp-report")+more)
	h.Set("X-Frame-Options", "SAMEORIGIN")
}

// check refuses who has not signed in, and what a page of another site may have sent.
func (s *Server) check(r *http.Request) error {
	if content.ActorFrom(r.Context()).Principal == "" {
		return errForbidden
	}
	return checkXSRF(r)
}

// Tidy goes around everything else: it leads addresses with a slash at their end to those without, as Jupyter has both,
// and tells browsers which other sites' pages may use the API.
func (s *Server) Tidy(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.cors(w, r) {
			return
		}
		path := r.URL.Path
		if len(path) < 2 || !strings.HasSuffix(path, "/") || !ours(path) {
			next.ServeHTTP(w, r)
			return
		}
		u := *r.URL
		u.Path, u.RawPath = strings.TrimRight(path, "/"), strings.TrimRight(u.RawPath, "/")
		if IsPage(u.Path) && r.Method == http.MethodGet {
			there := strings.TrimSuffix(s.o.Base, "/") + u.EscapedPath()
			if u.RawQuery != "" {
				there += "?" + u.RawQuery
			}
			http.Redirect(w, r, there, http.StatusFound)
			return
		}
		clone := *r
		clone.URL = &u
		next.ServeHTTP(w, &clone)
	})
}

// ours reports whether a path belongs to Jupyter.
func ours(path string) bool {
	for _, root := range []string{"/api/", "/lab/", "/doc/", "/tree/", "/notebooks/", "/files/", "/nbconvert/", "/kernelspecs/", "/static/"} {
		if strings.HasPrefix(path, root) {
			return true
		}
	}
	return false
}

// IsPage reports whether a path is a page for people, where a token in the address is kept in a cookie.
func IsPage(path string) bool {
	for _, root := range []string{"/lab", "/doc", "/tree", "/notebooks"} {
		if path == root || strings.HasPrefix(path, root+"/") {
			return !strings.HasPrefix(path, "/lab/api") && !strings.HasPrefix(path, "/lab/extensions")
		}
	}
	return false
}
