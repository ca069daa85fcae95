package web

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// Upload is a request's body that may take as long as it wants, if only something of it comes within Patience.
func Upload(w http.ResponseWriter, r *http.Request) io.Reader {
	return &upload{r.Body, http.NewResponseController(w)}
}

type upload struct {
	body    io.Reader
	control *http.ResponseController
}

// Read implements io.Reader.
func (u *upload) Read(p []byte) (int, error) {
	_ = u.control.SetReadDeadline(time.Now().Add(Patience))
	n, err := u.body.Read(p)
	if errors.Is(err, io.EOF) {
		// The server goes on reading to notice a client that leaves; a deadline there would end the request.
		_ = u.control.SetReadDeadline(time.Time{})
	}
	return n, err
}

// Download is a response that may take as long as it wants, if only the client takes something within Patience. The
// request's body must have been read.
func Download(w http.ResponseWriter) io.Writer {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{})
	return &download{w, control}
}

type download struct {
	w       io.Writer
	control *http.ResponseController
}

// Write implements io.Writer.
func (d *download) Write(p []byte) (int, error) {
	_ = d.control.SetWriteDeadline(time.Now().Add(Patience))
	return d.w.Write(p)
}

// Flush sends what has been written.
func (d *download) Flush() error { return d.control.Flush() }

// Flusher is a writer whose bytes can be sent on.
type Flusher interface {
	io.Writer
	Flush() error
}

// EventStream begins an answer that goes on until the client leaves.
func EventStream(w http.ResponseWriter, contentType string) Flusher {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no") // nginx would hold events back
	w.WriteHeader(http.StatusOK)
	return Download(w).(*download)
}
