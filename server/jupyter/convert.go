package jupyter

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path"
	"strings"

	"sextant/content/export"
	"sextant/content/notebook"
	"sextant/content/render"
)

// exporter is one form that notebooks can be had in.
type exporter struct {
	mime string
	// shown is the media type that it is sent as; to browsers all text is plain.
	shown     string
	extension func(*notebook.Notebook) string
	write     func(ctx context.Context, w io.Writer, name string, nb *notebook.Notebook) error
}

func fixed(ext string) func(*notebook.Notebook) string {
	return func(*notebook.Notebook) string { return ext }
}

func plainly(write func(io.Writer, *notebook.Notebook) error) func(context.Context, io.Writer, string, *notebook.Notebook) error {
	return func(_ context.Context, w io.Writer, _ string, nb *notebook.Notebook) error { return write(w, nb) }
}

// exportersOf are the forms by their names in nbconvert. HTML is what the renderer makes of everything that is stored.
func exportersOf(renderer *render.Renderer) map[string]exporter {
	return map[string]exporter{
		"notebook": {"application/json", "application/json", fixed(".ipynb"), plainly(notebook.Write)},
		"script":   {"text/plain", "text/plain; charset=utf-8", export.ScriptExtension, plainly(export.Script)},
		"markdown": {"text/markdown", "text/markdown; charset=utf-8", fixed(".md"), plainly(export.Markdown)},
		"html": {"text/html", "text/html; charset=utf-8", fixed(".html"), func(ctx context.Context, w io.Writer, name string, nb *notebook.Notebook) error {
			_, err := renderer.NotebookPage(ctx, w, name, nb, render.PageOptions{Options: render.Options{All: true}})
			return err
		}},
	}
}

func (r routes) convert() {
	r.api("GET /api/nbconvert", signedIn("which forms there are"), func(w http.ResponseWriter, _ *http.Request) error {
		out := map[string]map[string]string{}
		for name, e := range r.exporters {
			out[name] = map[string]string{"output_mimetype": e.mime}
		}
		return sendJSON(w, out)
	})
	r.api("GET /nbconvert/{format}/{path...}", uses("Read"), r.convertDocument)
	r.api("POST /nbconvert/{format}", signedIn("have their own notebook turned into text"), r.convertBody)
}

func (s *Server) exporterOf(r *http.Request) (exporter, error) {
	e, ok := s.exporters[r.PathValue("format")]
	if !ok {
		return e, notFound("No exporter for format: %s", r.PathValue("format"))
	}
	return e, nil
}

func (s *Server) convertDocument(w http.ResponseWriter, r *http.Request) error {
	p := strings.Trim(r.PathValue("path"), "/")
	s.protect(w.Header(), sandbox)
	n, err := s.find(r.Context(), p)
	if err != nil {
		return because(err, p, "read")
	}
	e, err := s.exporterOf(r)
	if err != nil {
		return err
	}
	if n.isFolder() {
		return &apiError{status: http.StatusBadRequest, message: n.path + " is a directory, not a notebook", reason: "bad type"}
	}
	if n.kind() != "notebook" {
		http.Redirect(w, r, s.url("files", n.path), http.StatusFound)
		return nil
	}
	nb, reading, done, err := s.readNotebook(r, n)
	if err != nil {
		return because(err, n.path, "read")
	}
	defer done()
	w.Header().Set("Last-Modified", httpTime(reading.Revision.CreatedAt))
	w.Header().Set("Cache-Control", "no-store, no-cache, must-revalidate, max-age=0")
	name := strings.TrimSuffix(n.name(), path.Ext(n.name()))
	if strings.EqualFold(r.URL.Query().Get("download"), "true") {
		attach(w.Header(), name+e.extension(nb))
	}
	return s.sendConverted(w, r, e, name, nb)
}

func (s *Server) sendConverted(w http.ResponseWriter, r *http.Request, e exporter, name string, nb *notebook.Notebook) error {
	out := newStream(w, e.shown)
	if err := e.write(r.Context(), out, name, nb); err != nil {
		return out.fail(r, err)
	}
	if err := out.b.Flush(); err != nil {
		return out.fail(r, err)
	}
	return nil
}

// convertBody converts a notebook that comes with the request.
func (s *Server) convertBody(w http.ResponseWriter, r *http.Request) error {
	s.protect(w.Header(), sandbox)
	e, err := s.exporterOf(r)
	if err != nil {
		return err
	}
	body, done, err := s.readBody(w, r, maxBody)
	if err != nil {
		return err
	}
	defer done()
	members, err := splitObject(body)
	if err != nil {
		return badRequest("Invalid JSON in body of request: %v", err)
	}
	nb, _, err := notebook.Read(members["content"])
	if err != nil {
		return badRequest("content is no notebook: %v", err)
	}
	var name string
	if json.Unmarshal(members["name"], &name) != nil || name == "" {
		name = "Notebook"
	}
	return s.sendConverted(w, r, e, strings.TrimSuffix(path.Base(name), ".ipynb"), nb)
}

func sendJSON(w http.ResponseWriter, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(text) // the client is gone
	return nil
}
