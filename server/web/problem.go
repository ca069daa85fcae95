package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sextant/content"
)

// Problem is an error as callers see it (RFC 9457, application/problem+json).
type Problem struct {
	Title  string `json:"title" doc:"The status in words"`
	Status int    `json:"status"`
	// Detail is safe to show to whoever asked.
	Detail string `json:"detail,omitempty"`
	// RequestID finds the request in the server's log.
	RequestID string `json:"requestId,omitempty"`
	// Errors are the faults of single fields.
	Errors []FieldError `json:"errors,omitempty"`
	// Conflict tells both versions of a save that was based on another revision than the newest.
	Conflict *SaveConflict `json:"conflict,omitempty"`

	retryAfter time.Duration
}

// FieldError is what is wrong with one field of a request.
type FieldError struct {
	Location string `json:"location,omitempty"`
	Message  string `json:"message"`
}

// SaveConflict is the two revisions of a save in conflict: both can be read, compared and merged.
type SaveConflict struct {
	Base    string          `json:"base" doc:"The revision the save was based on"`
	Current CurrentRevision `json:"current"`
	Merge   string          `json:"merge" doc:"Where to POST the content that was not saved to have it merged with current, below the server's address"`
}

// CurrentRevision is the revision that is the newest now.
type CurrentRevision struct {
	ID        string    `json:"id"`
	Number    int64     `json:"number"`
	Author    string    `json:"author"`
	CreatedAt time.Time `json:"createdAt"`
	Size      int64     `json:"size"`
}

// Error makes a Problem an error.
func (p *Problem) Error() string { return p.Title + ": " + p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is the media type to answer with.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// StatusError is an error that knows its own status, for what is about HTTP alone.
type StatusError struct {
	Status int
	// Text is shown to whoever asked.
	Text string
	// RetryAfter, where not zero, tells when trying again may help.
	RetryAfter time.Duration
}

// Error is the text.
func (e *StatusError) Error() string { return e.Text }

// PreconditionError is a *content.ConflictError of a request that stated its base in If-Match.
type PreconditionError struct{ Conflict *content.ConflictError }

// Error is the conflict's text.
func (e *PreconditionError) Error() string { return e.Conflict.Error() }

// Unwrap is the conflict.
func (e *PreconditionError) Unwrap() error { return e.Conflict }

// status is the one table from meanings to statuses. shown is whether the error's text is for the caller too; where it is
// not, the status' own words are.
func status(err error) (code int, shown bool) {
	var stated *StatusError
	var tooLarge *http.MaxBytesError
	var precondition *PreconditionError
	if errors.As(err, &stated) {
		return stated.Status, true
	}
	if errors.As(err, &tooLarge) {
		return http.StatusRequestEntityTooLarge, true
	}
	if errors.As(err, &precondition) {
		return http.StatusPreconditionFailed, true
	}
	for _, row := range []struct {
		meaning error
		code    int
		shown   bool
	}{
		// The text is left out: what is missing and what may not be seen answer alike.
		{content.ErrNotFound, http.StatusNotFound, false},
		{content.ErrUnauthenticated, http.StatusUnauthorized, true},
		{content.ErrDenied, http.StatusForbidden, true},
		{content.ErrConflict, http.StatusConflict, true},
		{content.ErrExists, http.StatusConflict, true},
		{content.ErrLastOwner, http.StatusConflict, true},
		{content.ErrPrecondition, http.StatusPreconditionFailed, true},
		{content.ErrInvalid, http.StatusBadRequest, true},
		{content.ErrTooLarge, http.StatusRequestEntityTooLarge, true},
		{content.ErrGone, http.StatusGone, true},
		{content.ErrEvicted, http.StatusGone, true},
		{content.ErrRetry, http.StatusServiceUnavailable, true},
		{content.ErrClosed, http.StatusServiceUnavailable, false},
		{content.ErrCorrupt, http.StatusInternalServerError, true},
		{context.DeadlineExceeded, http.StatusGatewayTimeout, false},
		{context.Canceled, StatusClientGone, false},
	} {
		if errors.Is(err, row.meaning) {
			return row.code, row.shown
		}
	}
	return http.StatusInternalServerError, false
}

// StatusClientGone is nginx's status for a client that did not wait for the answer; only logs see it.
const StatusClientGone = 499

// ProblemOf gives an error's form for callers, and notes the error itself for the log.
func ProblemOf(ctx context.Context, err error) *Problem {
	request := FromContext(ctx)
	var known *Problem
	if errors.As(err, &known) {
		p := *known
		p.RequestID = request.ID
		return &p
	}
	code, shown := status(err)
	if code >= 500 {
		request.Failure = err
	}
	p := &Problem{Status: code, Title: http.StatusText(code), RequestID: request.ID}
	if code == StatusClientGone {
		p.Title = "Client Closed Request"
	}
	p.Detail = strings.ToLower(p.Title)
	if shown {
		// A refusal may come joined with the failure to log it, which is not for the caller.
		p.Detail, _, _ = strings.Cut(err.Error(), "\n")
	}
	var stated *StatusError
	if errors.As(err, &stated) {
		p.retryAfter = stated.RetryAfter
	}
	var conflict *content.ConflictError
	if errors.As(err, &conflict) {
		c := conflict.Current
		p.Conflict = &SaveConflict{Base: string(conflict.Base), Current: CurrentRevision{ID: string(c.ID), Number: c.Number,
			Author: string(c.Author), CreatedAt: c.CreatedAt, Size: c.Size},
			Merge: "v1/resources/" + url.PathEscape(string(c.ResourceID)) + "/merge?" + url.Values{"base": {string(conflict.Base)}}.Encode()}
	}
	return p
}

// GetHeaders are headers to answer with.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(max(1, int(p.retryAfter.Seconds()+0.5))))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="sextant"`)
	}
	if p.Conflict != nil {
		h.Set("ETag", `"`+p.Conflict.Current.ID+`"`)
	}
	return h
}

// WriteError answers with an error as a problem document.
func WriteError(w http.ResponseWriter, r *http.Request, err error) {
	p := ProblemOf(r.Context(), err)
	for name, values := range p.GetHeaders() {
		w.Header()[name] = values
	}
	for _, stale := range []string{"Content-Length", "Content-Encoding", "Content-Disposition"} {
		w.Header().Del(stale)
	}
	if p.Status != http.StatusRequestedRangeNotSatisfiable { // there it tells the size
		w.Header().Del("Content-Range")
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client is gone, and with it who could be told
}

// WriteJSON answers with a value. The caller has set status-independent headers.
func WriteJSON(w http.ResponseWriter, status int, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // as above
	return nil
}
