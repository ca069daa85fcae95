package jupyter

import (
	"encoding/json"
	"io"
	"net/http"
	"path"
	"strings"

	"sextant/content/export"
	"sextant/content/notebook"
)

// exporter is one form that notebooks can be had in.
type exporter struct {
	mime string
	// shown is the media type that it is sent as; to browsers all text is plain.
	shown     string
	extension func(*notebook.Notebook) string
	write     func(io.Writer, *notebook.Notebook) error
}

func fixed(ext string) func(*notebook.Notebook) string {
	return func(*notebook.Notebook) string { return ext }
}

// exporters are the forms by their names in nbconvert.
var exporters = map[string]exporter{
	"notebook": {"application/json", "application/json", fixed(".ipynb"), notebook.Write},
	"script":   {"text/plain", "text/plain; charset=utf-8", export.ScriptExtension, export.Script},
	"markdown": {"text/markdown", "text/markdown; charset=utf-8", fixed(".md"), export.Markdown},
}

func (r routes) convert() {
	r.api("GET /api/nbconvert", signedIn("which forms there are"), func(w http.ResponseWriter, _ *http.Request) error {
		out := map[string]map[string]string{}
		for name, e := range exporters {
			out[name] = map[string]string{"output_mimetype": e.mime}
		}
		return sendJSON(w, out)
	})
	r.api("GET /nbconvert/{format}/{path...}", uses("Read"), r.convertDocument)
	r.api("POST /nbconvert/{format}", signedIn("have their own notebook turned into text"), r.convertBody)
}

func exporterOf(r *http.Request) (exporter, error) {
	e, ok := exporters[r.PathValue("format")]
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
	e, err := exporterOf(r)
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
	if strings.EqualFold(r.URL.Query().Get("download"), "true") {
		attach(w.Header(), strings.TrimSuffix(n.name(), path.Ext(n.name()))+e.extension(nb))
	}
	return s.sendConverted(w, r, e, nb)
}

func (s *Server) sendConverted(w http.ResponseWriter, r *http.Request, e exporter, nb *notebook.Notebook) error {
	out := newStream(w, e.shown)
	if err := e.write(out, nb); err != nil {
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
	e, err := exporterOf(r)
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
	return s.sendConverted(w, r, e, nb)
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
