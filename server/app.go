package server

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"sextant/content"
	"sextant/server/api"
	"sextant/server/auth"
	"sextant/server/web"
)

// App is a server with its stores open and its listener bound.
type App struct {
	config   Config
	log      *slog.Logger
	stores   *Stores
	service  *content.Service
	api      *api.API
	router   *web.Router
	http     *http.Server
	listener net.Listener
	stopping atomic.Bool
	quiet    quiet
}

// maintainEvery is how often what falls due by time is done.
const maintainEvery = time.Hour

// Open opens the stores, brings them up to date, makes the first administrator and the samples where the server is new,
// and binds the address; requests are answered once it runs. The configuration is complete. The caller closes the App.
func Open(ctx context.Context, c Config, log *slog.Logger) (_ *App, err error) {
	a := &App{config: c, log: log}
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
	if a.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen); err != nil {
		return nil, err
	}
	return a, nil
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
	signIn, err := auth.New(auth.Options{Service: a.service, Base: c.BaseURL, PublicURL: c.PublicURL, Admin: c.member(), AdminToken: c.AdminToken,
		Passwords: c.Passwords, Providers: c.Providers, Lifetime: c.Session, Log: a.log})
	if err != nil {
		return err
	}
	metrics := web.NewMetrics()
	a.router = web.NewRouter()
	a.health(metrics)
	signIn.Install(a.router)
	a.api = api.New(a.router, api.Options{Service: a.service, Passwords: signIn.Passwords(), Base: c.BaseURL, Log: a.log})
	handler, err := web.Wrap(a.mount(signIn.Identify(a.api.Notify(a.router))), web.Options{Log: a.log, Proxies: proxies, Metrics: metrics,
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

// mount answers below the base path, and leads there from the root. Health is answered at the root too, for those who
// ask without knowing the path.
func (a *App) mount(next http.Handler) http.Handler {
	base := a.config.BaseURL
	if base == "/" {
		return next
	}
	below := http.StripPrefix(strings.TrimSuffix(base, "/"), next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, base):
			below.ServeHTTP(w, r)
		case r.URL.Path == "/healthz" || r.URL.Path == "/readyz":
			next.ServeHTTP(w, r)
		case r.URL.Path == "/" || r.URL.Path == strings.TrimSuffix(base, "/"):
			http.Redirect(w, r, base, http.StatusFound)
		default:
			web.WriteError(w, r, content.ErrNotFound)
		}
	})
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
	return scheme + net.JoinHostPort(host, port) + a.config.BaseURL
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
	own, cancel := context.WithCancel(ctx)
	var background sync.WaitGroup
	background.Go(func() { a.maintain(own) })
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

// Close releases everything. Run has ended or was never called.
func (a *App) Close() error {
	var faults []error
	if a.api != nil {
		a.api.Close()
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
