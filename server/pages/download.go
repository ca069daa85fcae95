package pages

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"sextant/content"
	"sextant/content/export"
	"sextant/content/render"
	"sextant/server/web"
)

// copyName is the name of the n-th try at a copy's name.
func copyName(name string, n int) string {
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	switch n {
	case 0:
		return name
	case 1:
		return stem + " (copy)" + ext
	}
	return stem + " (copy " + strconv.Itoa(n) + ")" + ext
}

// download sends a document as a file: as it is stored, or as=html (one file that needs no other), md or script.
func (p *Pages) download(w http.ResponseWriter, r *http.Request) error {
	ctx, ask, as := r.Context(), askedOf(r), r.URL.Query().Get("as")
	reading, err := p.o.Service.Read(ctx, ask.id, content.ReadOptions{Revision: ask.revision})
	if err != nil {
		return p.refuse(w, r, err)
	}
	defer func() { _ = reading.Body.Close() }() // it only releases
	return p.sendFile(w, r, reading, as, ask.code)
}

// sendFile sends a document that is read, in one of the forms that it can be downloaded in.
func (p *Pages) sendFile(w http.ResponseWriter, r *http.Request, reading *content.Reading, as string, code bool) error {
	ctx := r.Context()
	name := fileName(reading.Resource)
	attach := func(name, kind string) {
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
		w.Header().Set("Cache-Control", "private, no-cache")
	}
	if as == "" {
		attach(name, "application/octet-stream")
		w.Header().Set("Content-Length", strconv.FormatInt(reading.Size, 10))
		return send(r, web.Download(w), func(w io.Writer) error { _, err := io.Copy(w, reading.Body); return err })
	}
	if reading.Size > MaxRendered {
		return fmt.Errorf("%w: it can only be downloaded as it is", content.ErrTooLarge)
	}
	text, err := io.ReadAll(reading.Body)
	if err != nil {
		return err
	}
	stem := strings.TrimSuffix(name, path.Ext(name))
	if as == "html" {
		attach(stem+".html", "text/html; charset=utf-8")
		o := render.PageOptions{Options: render.Options{All: true, FoldCode: !code, Link: func(ref string, picture bool) string {
			if picture {
				return ""
			}
			return ref
		}}, Facts: []string{string(reading.Revision.Author.Value()), reading.Revision.CreatedAt.UTC().Format("2 January 2006, 15:04 UTC")}}
		return send(r, web.Download(w), func(w io.Writer) error {
			_, err := p.o.Renderer.Page(ctx, w, render.Document{Name: name, Content: text}, o)
			return err
		})
	}
	nb := notebookOf(reading, text)
	if nb == nil {
		return &web.StatusError{Status: http.StatusBadRequest, Text: "only notebooks can be downloaded in this form"}
	}
	switch as {
	case "md":
		attach(stem+".md", "text/markdown; charset=utf-8")
		return send(r, web.Download(w), func(w io.Writer) error { return export.Markdown(w, nb) })
	case "script":
		attach(stem+export.ScriptExtension(nb), "text/plain; charset=utf-8")
		return send(r, web.Download(w), func(w io.Writer) error { return export.Script(w, nb) })
	}
	return &web.StatusError{Status: http.StatusBadRequest, Text: "as is html, md or script"}
}

// send writes an answer whose failure can only be told by cutting it off.
func send(r *http.Request, w io.Writer, write func(io.Writer) error) error {
	if err := write(w); err != nil {
		web.FromContext(r.Context()).Failure = err
		panic(http.ErrAbortHandler)
	}
	return nil
}

// pictures are the types of files that a page may show within it; of no other does a browser get the bytes to show.
var pictures = map[string]string{".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif",
	".webp": "image/webp", ".avif": "image/avif", ".bmp": "image/bmp", ".svg": "image/svg+xml"}

// maxAbove is how many folders up a document may refer to something.
const maxAbove = 20

// beside leads to what a document refers to by its place beside it, or beside a folder that it is in: a picture is sent,
// another document's page is where it is read.
func (p *Pages) beside(w http.ResponseWriter, r *http.Request) error {
	ctx, s := r.Context(), p.o.Service
	from, err := s.Get(ctx, content.ResourceID(r.PathValue("id")))
	if err != nil {
		return p.refuse(w, r, err)
	}
	if levels := r.PathValue("levels"); levels != "" {
		n, err := strconv.Atoi(levels)
		if err != nil || n < 1 || n > maxAbove {
			return p.refuse(w, r, content.ErrNotFound)
		}
		for range n {
			if from, err = s.Get(ctx, from.ParentID); err != nil {
				return p.refuse(w, r, err)
			}
		}
	}
	found := from
	if below := r.PathValue("path"); below == "" {
		found, err = s.Get(ctx, from.ParentID)
	} else {
		found, err = s.ResolveBelow(ctx, from.ParentID, below)
	}
	if err != nil {
		return p.refuse(w, r, err)
	}
	kind, ok := pictures[strings.ToLower(path.Ext(found.Name))]
	if !ok || r.Header.Get("Sec-Fetch-Dest") == "document" {
		http.Redirect(w, r, p.o.Base+"n/"+url.PathEscape(string(found.ID)), http.StatusSeeOther)
		return nil
	}
	reading, err := s.Read(ctx, found.ID, content.ReadOptions{})
	if err != nil {
		return p.refuse(w, r, err)
	}
	defer func() { _ = reading.Body.Close() }() // it only releases
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	h.Set("Cache-Control", "private, no-cache")
	etag := `"` + string(reading.Revision.ID) + `"`
	h.Set("ETag", etag)
	if web.Matches(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Length", strconv.FormatInt(reading.Size, 10))
	return send(r, web.Download(w), func(w io.Writer) error { _, err := io.Copy(w, reading.Body); return err })
}
