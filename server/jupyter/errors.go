package jupyter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"sextant/content"
	"sextant/server/web"
)

// apiError is an error in Jupyter's form; the message is shown to people in a dialog.
type apiError struct {
	status  int
	message string
	// reason is a word for programs, or empty.
	reason string
	// cause is for the log.
	cause error
}

// Error is the message.
func (e *apiError) Error() string { return e.message }

// Unwrap is the cause.
func (e *apiError) Unwrap() error { return e.cause }

var errForbidden = &apiError{status: http.StatusForbidden, message: "Forbidden"}

func badRequest(format string, args ...any) error {
	return &apiError{status: http.StatusBadRequest, message: fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) error {
	return &apiError{status: http.StatusNotFound, message: fmt.Sprintf(format, args...)}
}

// because gives an error for a path its message where its meaning is one of content's.
func because(err error, path, doing string) error {
	var known *apiError
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case errors.Is(err, content.ErrNotFound):
		return &apiError{status: http.StatusNotFound, message: fmt.Sprintf("file or directory '%s' does not exist", path), cause: err}
	case errors.Is(err, content.ErrDenied):
		return &apiError{status: http.StatusForbidden, message: fmt.Sprintf("Permission denied: you may see '%s', but not %s it. Ask its owner, or make a copy in your home folder.", path, doing), cause: err}
	case errors.Is(err, content.ErrExists):
		return &apiError{status: http.StatusConflict, message: fmt.Sprintf("File already exists: %s", path), cause: err}
	case errors.Is(err, content.ErrInvalid):
		return &apiError{status: http.StatusBadRequest, message: firstLine(err.Error()), cause: err}
	case errors.Is(err, content.ErrTooLarge):
		return &apiError{status: http.StatusRequestEntityTooLarge, message: fmt.Sprintf("'%s' is larger than this server keeps", path), cause: err}
	}
	return err
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// statusOf is the one table from what went wrong to what Jupyter's clients are told.
func statusOf(ctx context.Context, err error) *apiError {
	var known *apiError
	if errors.As(err, &known) {
		return known
	}
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return &apiError{status: http.StatusRequestEntityTooLarge, message: fmt.Sprintf("the request has more than %d bytes", tooLarge.Limit)}
	case errors.Is(err, content.ErrUnauthenticated):
		return errForbidden
	}
	p := web.ProblemOf(ctx, err)
	return &apiError{status: p.Status, message: p.Detail, cause: err}
}

// errorBody is an error as Jupyter's clients read it.
type errorBody struct {
	Message string  `json:"message"`
	Reason  *string `json:"reason"`
	// Traceback is always empty: what happened inside is in the log.
	Traceback string `json:"traceback"`
}

// writeError answers with an error.
func writeError(w http.ResponseWriter, r *http.Request, err error) {
	e := statusOf(r.Context(), err)
	if e.status >= 500 && e.status != http.StatusNotImplemented && e.cause == nil {
		web.FromContext(r.Context()).Failure = err
	}
	body := errorBody{Message: e.message}
	if e.reason != "" {
		body.Reason = &e.reason
	}
	for _, stale := range []string{"Content-Length", "Content-Encoding", "Content-Disposition", "Etag", "Last-Modified"} {
		w.Header().Del(stale)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(e.status)
	_ = json.NewEncoder(w).Encode(body) // the client is gone
}

// Refuse answers a request whose credentials open nothing.
func (s *Server) Refuse(w http.ResponseWriter, r *http.Request, err error) {
	if !ours(r.URL.Path + "/") {
		web.WriteError(w, r, err)
		return
	}
	e := statusOf(r.Context(), err)
	if errors.Is(err, content.ErrUnauthenticated) && IsPage(r.URL.Path) && r.Method == http.MethodGet {
		// People with an old link sign in instead.
		next := strings.TrimSuffix(s.o.Base, "/") + r.URL.EscapedPath()
		http.Redirect(w, r, s.o.Base+"signin?next="+url.QueryEscape(next), http.StatusFound)
		return
	}
	if errors.Is(err, content.ErrUnauthenticated) {
		e = &apiError{status: http.StatusForbidden, message: "Forbidden: the token is not known, has expired or was revoked"}
	}
	s.protect(w.Header(), "; default-src 'none'")
	writeError(w, r, e)
}
