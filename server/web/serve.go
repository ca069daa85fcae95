package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"sextant/content"
)

// Patience is how long a request may take, and how long a stream may stand still.
const Patience = time.Minute

// Options is what Wrap needs.
type Options struct {
	Log     *slog.Logger
	Proxies Proxies
	// Metrics counts requests; nil does not.
	Metrics *Metrics
	// TrustedOrigins may send requests that change something, beside the server's own: "https://lab.x.org".
	TrustedOrigins []string
}

// Wrap puts everything that every route needs around a handler: request id, log, metrics, recovery, deadlines, headers,
// and the refusal of what browsers send on behalf of other sites.
func Wrap(next http.Handler, o Options) (http.Handler, error) {
	guard := http.NewCrossOriginProtection()
	for _, origin := range o.TrustedOrigins {
		if err := guard.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("trusted origin %q: %w", origin, err)
		}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		request := o.Proxies.Describe(r)
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, request))
		rec := &recorder{ResponseWriter: w}
		rec.Header().Set("X-Request-Id", request.ID)
		protect(rec.Header(), request)
		control := http.NewResponseController(w)
		_ = control.SetReadDeadline(begin.Add(Patience)) // both fail only for writers that are no connection
		_ = control.SetWriteDeadline(begin.Add(Patience))
		defer func() {
			finish(o, rec, r, request, begin, recover())
		}()
		if err := guard.Check(r); err != nil {
			WriteError(rec, r, &StatusError{Status: http.StatusForbidden, Text: "a request from another site is refused"})
			return
		}
		next.ServeHTTP(rec, r)
	}), nil
}

// strictPolicy is for answers that set none of their own.
const strictPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox"

// protect sets the headers that limit what a browser does with any answer; pages may set their own policy afterwards.
func protect(h http.Header, request *Request) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // addresses may carry a secret
	h.Set("Content-Security-Policy", strictPolicy)
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if request.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// finish ends a request: after a panic with an answer, where none has begun, and always with one line of log. The query
// is never logged, since it may hold a token.
func finish(o Options, rec *recorder, r *http.Request, request *Request, begin time.Time, panicked any) {
	aborted := false
	if panicked != nil {
		if err, ok := panicked.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			aborted = true
		} else {
			request.Failure = fmt.Errorf("panic: %v\n%s", panicked, debug.Stack())
		}
		if rec.status == 0 && !aborted {
			failure := request.Failure
			WriteError(rec, r, &StatusError{Status: http.StatusInternalServerError, Text: "internal server error"})
			request.Failure = failure
		} else {
			aborted = true // the client must not take half an answer for a whole one
		}
	}
	if rec.status == 0 {
		rec.status = http.StatusOK
	}
	took := time.Since(begin)
	o.Metrics.observe(r.Method, request.Route, rec.status, took)
	level := slog.LevelInfo
	if rec.status >= 500 {
		level = slog.LevelError
	} else if strings.HasSuffix(request.Route, "z") { // health checks
		level = slog.LevelDebug
	}
	attrs := []slog.Attr{slog.String("id", request.ID), slog.String("method", r.Method), slog.String("path", loggedPath(r.URL.Path)),
		slog.Int("status", rec.status), slog.Int64("bytes", rec.bytes), slog.Duration("took", took),
		slog.String("address", request.Address)}
	if request.Principal != "" {
		attrs = append(attrs, slog.String("principal", request.Principal))
	}
	if request.Failure != nil {
		attrs = append(attrs, slog.String("error", request.Failure.Error()))
	}
	o.Log.LogAttrs(r.Context(), level, "request", attrs...)
	if aborted {
		panic(http.ErrAbortHandler)
	}
}

// loggedPath is a path without the secret that the address of a share link holds.
func loggedPath(path string) string {
	if at := strings.Index(path, "/s/"+content.ShareLinkPrefix); at >= 0 {
		return path[:at] + "/s/…"
	}
	return path
}

// recorder notes what an answer was.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= 200 {
		r.status = status
	}
	// A browser takes what this answer says for what it has already (RFC 9111, 3.2), a page with a policy of its own.
	if h := r.Header(); status == http.StatusNotModified && h.Get("Content-Security-Policy") == strictPolicy {
		h.Del("Content-Security-Policy")
		h.Del("X-Frame-Options")
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += int64(n)
	return n, err
}

// Hijack implements http.Hijacker, which takes the connection over for a websocket.
func (r *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, b, err := http.NewResponseController(r.ResponseWriter).Hijack()
	if err == nil && r.status == 0 {
		r.status = http.StatusSwitchingProtocols
	}
	return conn, b, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
