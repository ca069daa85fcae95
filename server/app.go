package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"sextant/content"
	"sextant/content/render"
	"sextant/content/result"
	"sextant/server/api"
	"sextant/server/auth"
	"sextant/server/jupyter"
	"sextant/server/pages"
	"sextant/server/web"
	"sextant/sessions"
	"sextant/sessions/packages"
	"sextant/sessions/process"
	"sextant/sessions/record"
	"sextant/sessions/results"
	"sextant/sessions/run"
)

// App is a server with its stores open and its listener bound.
type App struct {
	config   Config
	log      *slog.Logger
	stores   *Stores
	service  *content.Service
	api      *api.API
	jupyter  *jupyter.Server
	pages    *pages.Pages
	renderer *render.Renderer
	sessions *sessions.Manager
	recorder *record.Recorder
	runner   *run.Runner
	results  *results.Pool
	reader   *results.Reader
	packages *packages.Builder
	plans    *planner
	router   *web.Router
	http     *http.Server
	listener net.Listener
	stopping atomic.Bool
	// ended is closed where a request asks the server to end.
	ended chan struct{}
	stop  func()
	quiet quiet
}

// maintainEvery is how often what falls due by time is done.
const maintainEvery = time.Hour

// Open opens the stores, brings them up to date, makes the first administrator and the samples where the server is new,
// and binds the address; requests are answered once it runs. The configuration is complete. The caller closes the App.
func Open(ctx context.Context, c Config, log *slog.Logger) (_ *App, err error) {
	a := &App{config: c, log: log, ended: make(chan struct{})}
	a.stop = sync.OnceFunc(func() { close(a.ended) })
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if a.stores, err = OpenStores(ctx, c, log); err != nil {
		return nil, err
	}
	a.service = a.stores.Service
	made, err := a.service.Initialize(ctx, content.Principal{Member: c.member(), DisplayName: "Administrator", Email: emailOf(c.Admin)})
	if err != nil {
		return nil, err
	}
	if made && c.Samples {
		if err := addSamples(ctx, a.service, c.member()); err != nil {
			return nil, fmt.Errorf("samples: %w", err)
		}
	}
	if err := a.routes(); err != nil {
		return nil, err
	}
	if a.listener, err = listen(ctx, c.Listen, c.NextPorts); err != nil {
		return nil, err
	}
	if a.runner != nil { // what they give tells where it can be seen
		if err := a.runner.Resume(ctx); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// portsTried is how many ports are tried, the first included, where any will do: as many as Jupyter tries.
const portsTried = 50

// listen binds an address or, where its port is taken and next is set, the first free one of the ports after it.
func listen(ctx context.Context, address string, next bool) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if !next || !errors.Is(err, syscall.EADDRINUSE) {
		return l, err
	}
	host, service, splitErr := net.SplitHostPort(address)
	port, portErr := strconv.Atoi(service)
	if splitErr != nil || portErr != nil {
		return nil, err
	}
	for i := 1; i < portsTried && errors.Is(err, syscall.EADDRINUSE); i++ {
		l, err = (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port+i)))
	}
	if err != nil {
		return nil, fmt.Errorf("ports %d to %d: %w", port, port+portsTried-1, err)
	}
	return l, nil
}

// emailOf is an administrator's address, where it is one that mail can reach.
func emailOf(name string) string {
	if strings.HasSuffix(name, "@localhost") || !strings.Contains(name, "@") {
		return ""
	}
	return name
}

// routes assembles what answers requests, from the outside in.
func (a *App) routes() error {
	c := a.config
	proxies, err := c.proxies()
	if err != nil {
		return err
	}
	base, paths := c.escapedBase(), jupyter.FindPaths()
	if err := a.openSessions(paths); err != nil {
		return fmt.Errorf("sessions: %w", err)
	}
	a.renderer = render.New(render.Config{})
	shareURL := ""
	if c.JupyterRoot == "" { // else a path means another document to everybody
		shareURL = base + pages.ShareURL
	}
	a.jupyter, err = jupyter.New(jupyter.Options{Renderer: a.renderer, Environments: a.environments, Service: a.service, Sessions: a.sessions, Recorder: a.recorder, Base: base, Root: c.JupyterRoot, ShareURL: shareURL, Hidden: c.HiddenFiles, Paths: paths,
		LabDir: c.LabDir, Scratch: filepath.Join(c.Data, "uploads"), MaxSize: c.MaxSize, TrustedOrigins: c.TrustedOrigins, Shutdown: a.stop, Log: a.log})
	if err != nil {
		return fmt.Errorf("jupyter: %w", err)
	}
	signIn, err := auth.New(auth.Options{Service: a.service, Base: base, PublicURL: c.PublicURL, Admin: c.member(), AdminToken: c.AdminToken,
		Passwords: c.Passwords, Providers: c.Providers, Lifetime: c.Session, RemembersToken: func(path string) bool { return jupyter.IsPage(path) || pages.IsPage(path) }, Refuse: a.jupyter.Refuse, Log: a.log})
	if err != nil {
		return err
	}
	metrics := web.NewMetrics()
	a.router = web.NewRouter()
	a.health(metrics)
	signIn.Install(a.router)
	var environments api.Environments // nil, not an App without sessions
	if a.sessions != nil {
		environments = a
	}
	price, err := sessions.ParsePrice(c.ExecutionPrice)
	if err != nil {
		return err
	}
	a.api = api.New(a.router, api.Options{Price: price, Service: a.service, Sessions: a.sessions, Runner: a.runner, Results: a.reader, Environments: environments, Passwords: signIn.Passwords(),
		EmbedToken: func(link string, expires time.Time) string { return pages.EmbedToken(a.stores.key, link, expires) },
		EmbedResultToken: func(link string, expires time.Time, id string, scope result.Scope) string {
			return pages.EmbedResultToken(a.stores.key, link, expires, id, scope)
		}, Base: base, Log: a.log})
	var lab func(context.Context, content.ResourceID) (string, error)
	var fromLab func(context.Context, string) (content.Resource, error)
	if a.jupyter.HasLab() {
		lab = a.jupyter.PathOf
		if shareURL != "" {
			fromLab = a.jupyter.Locate
		}
	}
	a.pages, err = pages.New(pages.Options{Price: price, Service: a.service, Base: base, Dir: filepath.Join(c.Data, "renders"), Key: a.stores.key, Renderer: a.renderer, Passwords: signIn.Passwords(), Runner: a.runner, Results: a.reader,
		Lab: lab, FromLab: fromLab, Log: a.log})
	if err != nil {
		return err
	}
	a.pages.Install(a.router)
	a.jupyter.Install(a.router)
	handler, err := web.Wrap(a.mount(a.jupyter.Tidy(signIn.Identify(a.api.Notify(a.router)))), web.Options{Log: a.log, Proxies: proxies, Metrics: metrics,
		TrustedOrigins: c.TrustedOrigins})
	if err != nil {
		return err
	}
	a.http = &http.Server{Handler: a.quiet.watch(handler), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug)}
	if c.TLSCert != "" {
		pair, err := newKeyPair(c.TLSCert, c.TLSKey)
		if err != nil {
			return err
		}
		a.http.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: pair.certificate}
	}
	return nil
}

// openSessions takes over the sessions that run, and is ready for more.
func (a *App) openSessions(paths jupyter.Paths) error {
	c := a.config
	if !c.Sessions {
		return nil
	}
	dir, err := c.sessionDir()
	if err != nil {
		return err
	}
	launcher, err := process.New(dir, a.log)
	if err != nil {
		return err
	}
	plans := &planner{service: a.service, specs: paths.Kernelspecs, fallback: c.DefaultEnvironment, scratchDir: c.ScratchDir,
		samplesDir: filepath.Join(c.ScratchDir, "samples"), sourceDirs: c.SourceDirs, idle: c.SessionIdle, life: c.SessionLife, network: c.SessionNetwork,
		memory: c.SessionMemory, key: a.stores.key, resultRows: c.ResultRows, jobRows: c.JobResultRows, resultLink: a.resultLink}
	if err := writeSamples(plans.samplesDir); err != nil {
		return fmt.Errorf("sample data: %w", err)
	}
	if c.SessionUIDs != "" {
		if plans.uids, err = newUIDs(filepath.Join(c.Data, "session-uids.json"), c.SessionUIDs); err != nil {
			return err
		}
	}
	if c.Packages {
		a.packages, err = packages.New(packages.Options{Dir: filepath.Join(c.ScratchDir, "packages"), Index: c.PackageIndex, Confine: confineBuild(plans.uids),
			Timeout: c.PackageTime, MaxBytes: c.PackageSize, KeepBytes: c.PackageSpace, Log: a.log})
		if err != nil {
			return err
		}
		plans.packages = a.packages
	}
	a.plans = plans
	if err := a.openResults(paths); err != nil {
		return fmt.Errorf("results: %w", err)
	}
	a.recorder = &record.Recorder{Service: a.service, Log: a.log, Saved: jupyter.Trusting(a.service, a.log)}
	if a.reader != nil {
		a.recorder.Kept = a.reader.Expect
	}
	a.sessions, err = sessions.New(sessions.Options{Launcher: launcher, Log: a.log, Recorder: a.recorder.Record, Service: a.service, MaxPerUser: c.UserSessions, Quotas: a.quotas, MaxSessions: c.MaxSessions,
		Planner: plans, Orphan: c.SessionOrphan})
	if err != nil {
		return err
	}
	instance, err := c.instance()
	if err != nil {
		return err
	}
	a.runner = run.New(run.Options{Service: a.service, Sessions: a.sessions, Recorder: a.recorder, Server: instance, PerUser: c.UserJobs, All: c.MaxJobs, Log: a.log})
	return nil
}

// resultLink is where people find stored results, the id of one added; empty while it is not known.
func (a *App) resultLink() string {
	switch {
	case a.config.PublicURL != "":
		return strings.TrimSuffix(a.config.PublicURL, "/") + "/r/"
	case a.listener != nil:
		return a.URL() + "r/"
	}
	return ""
}

// mount answers below the base path, and leads there from the root. Health is answered at the root too, for those who
// ask without knowing the path.
func (a *App) mount(next http.Handler) http.Handler {
	base := a.config.BaseURL
	if base == "/" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, base):
			// Cookies are for the path as it is written here; another way to write it would go without.
			if escaped := a.config.escapedBase(); !strings.HasPrefix(r.URL.EscapedPath(), escaped) && r.Method == http.MethodGet &&
				strings.Contains(r.Header.Get("Accept"), "text/html") {
				there := url.URL{Path: r.URL.Path, RawQuery: r.URL.RawQuery}
				http.Redirect(w, r, there.String(), http.StatusFound)
				return
			}
			next.ServeHTTP(w, below(r, base))
		case r.URL.Path == "/healthz" || r.URL.Path == "/readyz":
			next.ServeHTTP(w, r)
		case r.URL.Path == "/" || r.URL.Path == strings.TrimSuffix(base, "/"):
			http.Redirect(w, r, a.config.escapedBase(), http.StatusFound)
		default:
			web.WriteError(w, r, content.ErrNotFound)
		}
	})
}

// below is a request with its path without the base path, which it has, however that is escaped.
func below(r *http.Request, base string) *http.Request {
	u := *r.URL
	u.Path = u.Path[len(base)-1:]
	if u.RawPath != "" {
		for range strings.Count(base, "/") - 1 {
			_, u.RawPath, _ = strings.Cut(u.RawPath[1:], "/")
			u.RawPath = "/" + u.RawPath
		}
	}
	clone := *r
	clone.URL = &u
	return &clone
}

// Routes lists every route with its access.
func (a *App) Routes() []web.Route { return a.router.Routes() }

// URL is where the server can be reached from this machine.
func (a *App) URL() string {
	scheme := "http://"
	if a.config.TLSCert != "" {
		scheme = "https://"
	}
	host, port, _ := net.SplitHostPort(a.listener.Addr().String()) // a listener's address has both
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return scheme + net.JoinHostPort(host, port) + a.config.escapedBase()
}

// SignInURL makes a link that signs the first administrator in once within a day. It is empty where the configuration
// wants none, or where there is another way in.
func (a *App) SignInURL(ctx context.Context) (string, error) {
	c := a.config
	if c.SignInLink == "never" {
		return "", nil
	}
	if c.SignInLink == "auto" {
		hash, err := a.service.PasswordHash(ctx, c.member())
		if err != nil {
			return "", err
		}
		if len(c.Providers) > 0 || c.AdminToken != "" || hash != "" && c.Passwords {
			return "", nil
		}
	}
	secret, err := a.service.CreateSignIn(ctx, content.NewSignIn{Principal: content.Principal{Member: c.member()},
		Lifetime: 24 * time.Hour, Method: content.LinkMethod})
	if err != nil {
		return "", err
	}
	return a.URL() + auth.LinkURL(secret), nil
}

// Run answers requests until ctx is done, then lets those that are running end, at most half a minute. It is called once.
func (a *App) Run(ctx context.Context) error {
	defer tuneHeap()()
	own, cancel := context.WithCancel(ctx)
	var background sync.WaitGroup
	background.Go(func() { a.maintain(own) })
	background.Go(func() { a.meter(own) })
	background.Go(func() {
		ticker := time.NewTicker(quietFor)
		defer ticker.Stop()
		a.quiet.run(own, ticker.C, func() { a.trim(own) })
	})
	debug.FreeOSMemory() // migrations and samples need more than an idle server
	failed := make(chan error, 1)
	background.Go(func() {
		if a.config.TLSCert != "" {
			failed <- a.http.ServeTLS(a.listener, "", "")
			return
		}
		failed <- a.http.Serve(a.listener)
	})
	a.tell(daemon.SdNotifyReady)
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
	case <-a.ended:
	}
	a.stopping.Store(true)
	a.tell(daemon.SdNotifyStopping)
	cancel()
	a.api.Close() // followers of changes would keep the server waiting
	// The context that ended is not the one to end by.
	end, done := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer done()
	if stop := a.http.Shutdown(end); stop != nil {
		a.log.Warn("requests were cut off", "error", stop)
		err = errors.Join(err, a.http.Close())
	}
	background.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// tell notifies systemd, where it started the server.
func (a *App) tell(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		a.log.Warn("systemd could not be told", "state", state, "error", err)
	}
}

// maintain does what falls due by time, one server's share of it.
func (a *App) maintain(ctx context.Context) {
	ticker := time.NewTicker(maintainEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		a.collectPackages()
		did, err := a.service.Maintain(content.WithMaintenance(ctx))
		if err != nil {
			if ctx.Err() == nil {
				a.log.Error("maintenance", "error", err)
			}
			continue
		}
		a.log.Info("maintenance", "purged", did.Purged, "pruned", did.Pruned, "collected", did.Collected, "freed", did.Freed)
	}
}

// collectPackages removes packages that nobody uses.
func (a *App) collectPackages() {
	if a.packages == nil {
		return
	}
	used := map[string]bool{}
	for _, s := range a.sessions.Sessions("") {
		used[s.Program()] = true
	}
	freed, err := a.packages.Collect(func(python string) bool { return used[python] })
	if err != nil {
		a.log.Error("packages", "error", err)
	} else if freed > 0 {
		a.log.Info("packages removed", "freed", freed)
	}
}

// Close releases everything. Run has ended or was never called.
func (a *App) Close() error {
	var faults []error
	if a.api != nil {
		a.api.Close()
	}
	if a.runner != nil {
		a.runner.Close()
	}
	if a.results != nil {
		a.results.Close()
	}
	if a.sessions != nil {
		faults = append(faults, a.sessions.Close())
		end, cancel := context.WithTimeout(context.Background(), drain)
		a.book(end)
		cancel()
	}
	if a.packages != nil {
		a.packages.Close()
	}
	if a.pages != nil {
		a.pages.Close()
	}
	if a.jupyter != nil {
		faults = append(faults, a.jupyter.Close())
	}
	if a.renderer != nil {
		a.renderer.Close()
	}
	if a.listener != nil {
		if err := a.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			faults = append(faults, err)
		}
	}
	if a.stores != nil {
		faults = append(faults, a.stores.Close())
	}
	return errors.Join(faults...)
}
