package pages

import (
	"context"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"sextant/content"
	"sextant/content/render"
	"sextant/frontend"
	"sextant/server/auth"
	"sextant/server/web"
	"sextant/sessions"
	"sextant/sessions/results"
	"sextant/sessions/run"
)

// Options is what Pages are made of.
type Options struct {
	Service *content.Service
	// Base is the path below which the server answers, with a slash at either end, escaped as in addresses.
	Base string
	// Dir keeps what was rendered, at most MaxBytes of it; 0 is 1 GiB. It may be emptied at any time.
	Dir      string
	MaxBytes int64
	// Key makes the nonces of style elements, which readers of one revision share and nobody who writes one can know.
	Key []byte
	// Renderer renders. Whoever made it closes it, after the Pages.
	Renderer *render.Renderer
	// Runner executes documents; nil: nothing can be run.
	Runner *run.Runner
	// Price is what execution costs.
	Price sessions.Price
	// Results reads stored results; nil: nothing can be read of them.
	Results *results.Reader
	// Passwords compares the passwords of share links.
	Passwords *auth.Passwords
	// Lab tells where a document or folder stands in JupyterLab, content.ErrNotFound where it does not; nil: there is no
	// JupyterLab.
	Lab func(context.Context, content.ResourceID) (string, error)
	// FromLab finds what a path in JupyterLab leads to.
	FromLab func(context.Context, string) (content.Resource, error)
	Log     *slog.Logger
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Pages serves pages. It is safe for concurrent use.
type Pages struct {
	o         Options
	renders   *renders
	recent    recent
	templates *template.Template
	assets    map[string]asset
	// build changes with whatever of the program stands around documents.
	build     string
	app       frontend.App
	frame     frame
	libraries map[string]frontend.Library
	// comparing holds a place for each comparison that may run at a time: they hold two documents in memory.
	comparing chan struct{}
	// attempts limits guesses of a link's password.
	attempts *auth.Limiter
}

// New makes the directory of renders. The caller closes the Pages once nothing is served any more.
func New(o Options) (*Pages, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 1 << 30
	}
	p := &Pages{o: o, assets: loadAssets(), comparing: make(chan struct{}, 2),
		attempts: auth.NewLimiter(10, 6*time.Second, o.Now)}
	var err error
	if p.app, err = frontend.LoadApp(); err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	p.build = buildOf(files) + p.assets["page.css"].address + p.app.Share.Script + p.app.Result.Script // the styles hold the renderer's, too
	if p.frame, p.libraries, err = loadFrame(o.Base); err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	if p.templates, err = template.New("").Funcs(p.functions()).ParseFS(files, "templates/*.html"); err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	if p.renders, err = newRenders(o.Dir, o.MaxBytes); err != nil {
		return nil, fmt.Errorf("pages: %w", err)
	}
	return p, nil
}

// Close ends renders that are under way.
func (p *Pages) Close() { p.renders.close() }

// Install adds the routes.
func (p *Pages) Install(rt *web.Router) {
	reads := web.Access{Operation: "Read"}
	rt.Handle("GET /{$}", web.Access{Open: "it shows whoever signed in what is theirs, and sends others to sign in"}, p.home)
	for _, at := range places {
		rt.Handle("GET /"+at.Path, web.Access{Operation: at.operation}, p.place(at))
	}
	rt.Handle("GET /content", web.Access{Operation: "Get"}, p.content)
	rt.Handle("GET /content/{path...}", web.Access{Operation: "Resolve"}, p.content)
	if p.o.FromLab != nil {
		rt.Handle("GET /"+ShareURL+"/{mode}/tree/{path...}", web.Access{Operation: "Resolve"}, p.shareable)
	}
	rt.Handle("GET /n/{id}", reads, p.document)
	rt.Handle("GET /n/{id}/download", reads, p.download)
	rt.Handle("GET /n/{id}/at/{path...}", reads, p.beside)
	rt.Handle("GET /n/{id}/at", reads, p.beside)
	rt.Handle("GET /n/{id}/above/{levels}", reads, p.beside)
	rt.Handle("GET /n/{id}/above/{levels}/{path...}", reads, p.beside)
	rt.Handle("GET /n/{id}/history", web.Access{Operation: "History"}, p.history)
	rt.Handle("GET /n/{id}/compare", web.Access{Open: "it leads to a comparison, which asks for the right to read"}, p.compare)
	rt.Handle("GET /n/{id}/diff/{pair}", reads, p.diff)
	rt.Handle("POST /n/{id}/restore", web.Access{Operation: "RestoreRevision"}, p.restore)
	rt.Handle("GET /n/{id}/rich/{index}", reads, p.richOutput)
	if p.o.Lab != nil {
		rt.Handle("GET /n/{id}/lab", web.Access{Operation: "Get"}, p.openLab)
	}
	rt.Handle("POST /n/{id}/request", web.Access{Operation: "RequestAccess"}, p.request)
	rt.Handle("POST /n/{id}/copy", web.Access{Operation: "Copy"}, p.copy)
	rt.Handle("GET /n/{id}/share", web.Access{Operation: "AccessRequests"}, p.sharing)
	rt.Handle("POST /n/{id}/share", web.Access{Operation: "SetIamPolicy"}, p.setSharing)
	rt.Handle("POST /n/{id}/share/link", web.Access{Operation: "CreateShareLink"}, p.makeLink)
	rt.Handle("POST /n/{id}/share/revoke", web.Access{Operation: "RevokeShareLink"}, p.revokeLink)
	rt.Handle("POST /n/{id}/share/request", web.Access{Operation: "DecideAccess"}, p.decide)
	if p.o.Runner != nil {
		rt.Handle("GET /n/{id}/run", web.Access{Operation: "MayRun"}, p.runForm)
		rt.Handle("POST /n/{id}/run", web.Access{Operation: "CreateJob"}, p.run)
		rt.Handle("GET /jobs", web.Access{Operation: "Jobs"}, p.jobList)
		rt.Handle("GET /jobs/{id}", web.Access{Operation: "ReadJob"}, p.job)
		rt.Handle("GET /jobs/{id}/rich/{index}", web.Access{Operation: "ReadJob"}, p.jobRich)
		rt.Handle("GET /jobs/{id}/download", web.Access{Operation: "ReadJob"}, p.jobDownload)
		rt.Handle("POST /jobs/{id}/cancel", web.Access{Operation: "CancelJob"}, p.cancelJob)
		rt.Handle("POST /jobs/{id}/save", web.Access{Operation: "ReadJob"}, p.saveJob)
	}
	if p.o.Results != nil {
		rt.Handle("GET /r/{id}", web.Access{Operation: "Result"}, p.resultPage)
		rt.Handle("POST /r/{id}/snapshots", web.Access{Operation: "CreateSnapshot"}, p.saveSnapshot)
		rt.Handle("POST /r/{id}/snapshots/{snapshot}/delete", web.Access{Operation: "DeleteSnapshot"}, p.deleteSnapshot)
		rt.Handle("GET /r/{id}/columns/{column}", web.Access{Operation: "ReadResult"}, p.resultColumn)
		const scoped = "the address is a link's, or signed for a while, by who may share the document, and says what of the result is seen; content.Service checks that its link still opens"
		rt.Handle("GET /embed/r/{id}", web.Access{Open: scoped}, p.embedResult)
		rt.Handle("GET /embed/r/{id}/download", web.Access{Open: scoped}, p.embedResultDownload)
		rt.Handle("GET /embed/r/{id}/arrow", web.Access{Open: scoped}, p.embedResultArrow)
		rt.Handle("GET /s/{secret}/arrow", web.Access{Open: scoped}, p.sharedArrow)
		rt.Handle("POST /r/{id}", web.Access{Operation: "CreateShareLink"}, p.makeResultLink)
		rt.Handle("GET /r/{id}/download", web.Access{Operation: "ReadResult"}, p.resultDownload)
	}
	const proves = "the link's secret is the permission; content.Service checks that it still opens"
	rt.Handle("GET /s/{secret}", web.Access{Open: proves}, p.sharedPage)
	rt.Handle("POST /s/{secret}", web.Access{Open: proves}, p.sharedPassword)
	rt.Handle("GET /s/{secret}/download", web.Access{Open: proves}, p.sharedDownload)
	rt.Handle("GET /s/{secret}/rich/{index}", web.Access{Open: proves}, p.sharedRich)
	rt.Handle("GET /oembed", web.Access{Open: proves}, p.oEmbed)
	const signed = "the address is signed, for a while, by who may share the document; content.Service checks that its link still opens"
	rt.Handle("GET /embed/n/{id}", web.Access{Open: signed}, p.embed)
	rt.Handle("GET /embed/n/{id}/rich/{index}", web.Access{Open: signed}, p.embedRich)
	rt.Handle("GET /embed/frame/output", web.Access{Open: "it has nothing of anybody"}, p.embedFrame)
	rt.Handle("GET /frame/output", web.Access{Open: "it has nothing of anybody"}, p.serveFrame)
	rt.Handle("GET /frame/static/{name}", web.Access{Open: "libraries are the same for everybody"}, p.frameStatic)
	rt.Handle("GET /assets/{name}", web.Access{Open: "styles and scripts are the same for everybody"}, p.asset)
}

// IsPage reports whether a path is a page for people, where a token in the address is kept in a cookie.
func IsPage(path string) bool {
	for _, at := range places {
		if path == "/"+at.Path {
			return true
		}
	}
	return path == "/" || path == "/content" || strings.HasPrefix(path, "/"+ShareURL+"/") || strings.HasPrefix(path, "/content/") || strings.HasPrefix(path, "/n/") || strings.HasPrefix(path, "/jobs/") || strings.HasPrefix(path, "/r/")
}

// protect sets what a page may do: nothing but what is ours, styles with the nonce, and the frame of interactive outputs.
// ancestors are the sites that may show it within their pages; empty: none.
func (p *Pages) protect(w http.ResponseWriter, r *http.Request, nonce, frame, ancestors string) {
	if ancestors == "" {
		ancestors = "'none'"
	}
	if frame == "" {
		frame = "'none'"
	} else {
		// Only this way: else the frame could lead itself to the rest of the server.
		frame = web.FromContext(r.Context()).URL(frame[:strings.LastIndexByte(frame, '/')+1])
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-"+nonce+"'; img-src 'self' data:; connect-src 'self'; frame-src "+
		frame+"; form-action 'self'; base-uri 'none'; frame-ancestors "+ancestors)
	h.Set("Content-Type", "text/html; charset=utf-8")
}
