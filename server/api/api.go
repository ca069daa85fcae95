package api

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"sextant/content"
	"sextant/content/result"
	"sextant/server/auth"
	"sextant/server/web"
	"sextant/sessions"
	"sextant/sessions/results"
	"sextant/sessions/run"
)

// MaxBody bounds the JSON of a request; content is uploaded in streams of its own.
const MaxBody = 1 << 20

// Options is what an API is made of.
type Options struct {
	Service   *content.Service
	Passwords *auth.Passwords
	// Sessions runs kernels; nil: there are none, and no routes about them.
	Sessions *sessions.Manager
	// Price is what execution costs.
	Price sessions.Price
	// Runner executes jobs; nil where Sessions is.
	Runner *run.Runner
	// Results reads stored results; nil: nothing can be read of them.
	Results *results.Reader
	// Environments starts kernels; nil: there are none.
	Environments Environments
	// EmbedToken signs that a link's document may be shown until a time.
	EmbedToken func(link string, expires time.Time) string
	// EmbedResultToken signs that what a scope leaves of a result of the link's document may be shown until a time.
	EmbedResultToken func(link string, expires time.Time, id string, scope result.Scope) string
	// Base is the path below which the server answers, with a slash at either end.
	Base string
	// Poll is how often the change feed looks for what other servers did; 0 is a second.
	Poll time.Duration
	Log  *slog.Logger
}

// API serves /v1.
type API struct {
	o         Options
	router    *web.Router
	huma      huma.API
	feed      *feed
	comparing chan struct{}
}

// New adds the routes below /v1 to a router. The caller closes the API once the router serves no more.
func New(rt *web.Router, o Options) *API {
	if o.Poll == 0 {
		o.Poll = time.Second
	}
	config := huma.DefaultConfig("Sextant", "1")
	config.Info.Description = "Documents with revisions and permissions. Errors are application/problem+json. " +
		"Sign in with a token in the header Authorization: Bearer TOKEN (also: token TOKEN, and ?token=TOKEN)."
	config.Servers = []*huma.Server{{URL: "/"}}
	config.OpenAPIPath, config.DocsPath, config.SchemasPath, config.CreateHooks = "", "", "", nil
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":   {Type: "http", Scheme: "bearer", Description: "A personal access token"},
		"session": {Type: "apiKey", In: "cookie", Name: "sextant-session", Description: "A browser's session"},
	}
	config.Security = []map[string][]string{{}, {"token": {}}, {"session": {}}}
	config.Transformers = []huma.Transformer{problems, selected}
	a := &API{o: o, router: rt, huma: humago.New(rt, config), feed: newFeed(o.Service, o.Poll, o.Log), comparing: make(chan struct{}, 2)}
	a.resources()
	a.listings()
	a.content()
	a.revisions()
	a.policies()
	a.people()
	a.credentials()
	a.sessions()
	a.usage()
	a.audit()
	a.changes()
	a.environments()
	a.shareLinks()
	a.jobs()
	a.results()
	rt.Handle("GET /v1/openapi.json", web.Access{Open: "the description is no secret"}, a.describe)
	return a
}

// Close ends every follower of the change feed.
func (a *API) Close() { a.feed.close() }

// OpenAPI is the description of the API, as openapi.json holds it.
func (a *API) OpenAPI() ([]byte, error) {
	text, err := json.MarshalIndent(a.huma.OpenAPI(), "", "  ")
	return append(text, '\n'), err
}

func (a *API) describe(w http.ResponseWriter, _ *http.Request) error {
	text, err := a.OpenAPI()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/vnd.oai.openapi+json;version=3.1")
	_, _ = w.Write(text) // the client is gone
	return nil
}

// Notify has followers of the change feed told at once of what requests to next change.
func (a *API) Notify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r)
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			a.feed.nudge()
		}
	})
}

// uses is the access of a route that calls one method of content.Service.
func uses(operation string) web.Access { return web.Access{Operation: operation} }

// route states what huma cannot derive: id, method, path, summary and access.
type route struct {
	id, method, path, summary, tag string
	access                         web.Access
	status                         int
}

// add adds a route in JSON. Its handler's errors are rendered by web.ProblemOf.
func add[I, O any](a *API, rt route, handler func(context.Context, *I) (*O, error)) {
	op := a.operation(rt)
	a.router.State(rt.method+" "+op.Path, rt.access)
	huma.Register(a.huma, *op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handler(ctx, in)
		if err != nil {
			return nil, web.ProblemOf(ctx, err)
		}
		return out, nil
	})
}

// addStream adds a route whose bodies are streams, and describes it.
func (a *API) addStream(rt route, describe func(*huma.Operation), handler web.Handler) {
	op := a.operation(rt)
	describe(op)
	a.huma.OpenAPI().AddOperation(op)
	a.router.Handle(rt.method+" "+op.Path, rt.access, handler)
}

func (a *API) operation(rt route) *huma.Operation {
	needs := rt.access.Open
	for _, op := range content.Operations() {
		if op.Name == rt.access.Operation {
			needs = string(op.Permission)
			if op.Open != "" {
				needs = op.Open
				if op.Permission != "" {
					needs += " (" + string(op.Permission) + ")"
				}
			}
		}
	}
	problem := a.huma.OpenAPI().Components.Schemas.Schema(typeOf[web.Problem](), true, "Problem")
	return &huma.Operation{OperationID: rt.id, Method: rt.method, Path: "/v1" + rt.path, Summary: rt.summary, Tags: []string{rt.tag},
		DefaultStatus: rt.status, MaxBodyBytes: MaxBody, BodyReadTimeout: web.Patience,
		Extensions: map[string]any{"x-permission": needs},
		Responses: map[string]*huma.Response{"default": {Description: "What went wrong",
			Content: map[string]*huma.MediaType{"application/problem+json": {Schema: problem}}}}}
}
