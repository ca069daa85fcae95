package jupyter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"

	"sextant/content"
	"sextant/server/web"
)

func (r routes) files() {
	r.api("GET /files/{path...}", uses("Read"), r.sendRaw)
	r.page("GET /view/{path...}", signedIn("be led to a document's address, which asks"), r.view)
}

// sandbox lets a document that is shown as a page of its own run scripts, but as nobody: not as this server's page.
const sandbox = "; sandbox allow-scripts"

// sendRaw sends a document's bytes, whole or ranges of them.
func (s *Server) sendRaw(w http.ResponseWriter, r *http.Request) error {
	p := r.PathValue("path")
	s.protect(w.Header(), sandbox)
	n, err := s.find(r.Context(), p)
	if err != nil {
		return because(err, strings.Trim(p, "/"), "read")
	}
	if n.isFolder() {
		return &apiError{status: http.StatusBadRequest, message: n.path + " is a directory, not a file", reason: "bad type"}
	}
	reading, err := s.o.Service.Read(r.Context(), n.resource.ID, content.ReadOptions{})
	if err != nil {
		return because(err, n.path, "read")
	}
	body := &document{ctx: r.Context(), service: s.o.Service, reading: reading}
	defer body.Close() // it only releases
	h := w.Header()
	h.Set("Content-Type", fileType(n.path))
	h.Set("ETag", `"`+reading.Revision.Digest.String()+`"`)
	if r.URL.Query().Get("download") != "" {
		attach(h, n.name())
	} else if strings.HasSuffix(n.path, ".ipynb") {
		attach(h, n.name()) // no browser shows it
	}
	http.ServeContent(downloading{w, web.Download(w)}, r, "", reading.Revision.CreatedAt, body)
	if body.err != nil {
		// The status is sent. An answer that ends early is what tells the client; the log tells why.
		web.FromContext(r.Context()).Failure = body.err
		panic(http.ErrAbortHandler)
	}
	return nil
}

// attach has browsers save an answer under a name.
func attach(h http.Header, name string) {
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
}

// fileType is the media type that files are sent with.
func fileType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".ipynb":
		return "application/x-ipynb+json"
	case ".gz", ".tgz":
		return "application/gzip" // RFC 6713
	case ".sql", ".md", ".txt", ".csv", ".py", ".log", "":
		return "text/plain; charset=UTF-8"
	default:
		if t := mime.TypeByExtension(ext); t != "" {
			return t
		}
	}
	return "application/octet-stream"
}

// downloading writes with the patience that downloads have.
type downloading struct {
	http.ResponseWriter
	to io.Writer
}

// Write implements io.Writer.
func (d downloading) Write(p []byte) (int, error) { return d.to.Write(p) }

// document is a document's content as http.ServeContent wants it; it is opened anew where another place is read.
type document struct {
	ctx     context.Context
	service *content.Service
	reading *content.Reading
	at      int64 // the place wanted
	opened  int64 // the place that the body is at
	err     error
}

// Read implements io.Reader.
func (d *document) Read(p []byte) (int, error) {
	if d.at >= d.reading.Size {
		return 0, io.EOF
	}
	if d.at != d.opened {
		again, err := d.service.Read(d.ctx, d.reading.Resource.ID, content.ReadOptions{Range: &content.Range{Offset: d.at, Length: -1}})
		if err != nil {
			d.err = err
			return 0, err
		}
		if again.Revision.ID != d.reading.Revision.ID { // saved in between
			d.err = errors.Join(content.ErrRetry, again.Body.Close())
			return 0, d.err
		}
		_ = d.reading.Body.Close() // it only releases
		d.reading, d.opened = again, d.at
	}
	n, err := d.reading.Body.Read(p)
	d.at += int64(n)
	d.opened = d.at
	if err != nil && !errors.Is(err, io.EOF) {
		d.err = err
	}
	return n, err
}

// Seek implements io.Seeker.
func (d *document) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += d.at
	case io.SeekEnd:
		offset += d.reading.Size
	}
	if offset < 0 {
		return 0, fmt.Errorf("offset %d is before the start", offset)
	}
	d.at = offset
	return offset, nil
}

// Close implements io.Closer.
func (d *document) Close() error { return d.reading.Body.Close() }

// view shows a document as a page of its own. It is the document itself: its policy keeps its scripts from this server.
func (s *Server) view(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, s.url("files", r.PathValue("path")), http.StatusFound)
	return nil
}
