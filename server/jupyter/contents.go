package jupyter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"

	"sextant/content"
	"sextant/server/web"
)

func (r routes) contents() {
	const p = "/api/contents/{path...}"
	r.api("GET "+p, uses("Read"), r.getContents)
	r.api("POST "+p, uses("Create"), r.postContents)
	r.api("PUT "+p, uses("Save"), r.putContents)
	r.api("PATCH "+p, uses("Move"), r.patchContents)
	r.api("DELETE "+p, uses("Trash"), r.deleteContents)
	// The root is there for everybody; it shows what each may see, and what is put into it is asked for as everywhere.
	for method, h := range map[string]web.Handler{"GET": r.getContents, "POST": r.postContents, "PUT": r.putContents, "PATCH": r.patchContents,
		"DELETE": r.deleteContents} {
		r.api(method+" /api/contents", signedIn("see what they may see; the handler asks for the rest"), h)
	}
}

// tail splits what is asked of a document from its path: "a.ipynb/checkpoints/ID".
func tail(p string) (of, what, id string) {
	parts := strings.Split(strings.Trim(p, "/"), "/")
	n := len(parts)
	switch {
	case n > 1 && (parts[n-1] == "checkpoints" || parts[n-1] == "trust"):
		return strings.Join(parts[:n-1], "/"), parts[n-1], ""
	case n > 2 && parts[n-2] == "checkpoints":
		return strings.Join(parts[:n-2], "/"), parts[n-2], parts[n-1]
	}
	return p, "", ""
}

// flag reads a query parameter that is 0 or 1.
func flag(q url.Values, name string, otherwise bool) (bool, error) {
	switch v := q.Get(name); {
	case !q.Has(name):
		return otherwise, nil
	case v == "0" || v == "1":
		return v == "1", nil
	default:
		return false, badRequest("%s%s '%s' is invalid", strings.ToUpper(name[:1]), name[1:], v)
	}
}

func (s *Server) getContents(w http.ResponseWriter, r *http.Request) error {
	p, what, _ := tail(r.PathValue("path"))
	if what == "checkpoints" {
		return s.listCheckpoints(w, r, p)
	}
	p = r.PathValue("path")
	query := r.URL.Query()
	kind := query.Get("type")
	if kind != "" && kind != "directory" && kind != "notebook" {
		kind = "file"
	}
	format := query.Get("format")
	if query.Has("format") && format != "text" && format != "base64" {
		return badRequest("Format '%s' is invalid", format)
	}
	withContent, err := flag(query, "content", true)
	if err != nil {
		return err
	}
	withHash, err := flag(query, "hash", false)
	if err != nil {
		return err
	}
	n, err := s.find(r.Context(), p)
	if err != nil {
		return because(err, strings.Trim(p, "/"), "read")
	}
	switch {
	case n.isFolder() && kind != "" && kind != "directory":
		return &apiError{status: http.StatusBadRequest, message: fmt.Sprintf("%s is a directory, not a %s", n.path, kind), reason: "bad type"}
	case !n.isFolder() && kind == "directory":
		return &apiError{status: http.StatusBadRequest, message: n.path + " is not a directory", reason: "bad type"}
	}
	if s.o.Recorder != nil && withContent && n.kind() == "notebook" {
		if err := s.o.Recorder.Flush(r.Context(), n.resource.ID); err != nil {
			return err
		}
	}
	writable, err := s.mayWrite(r.Context(), n)
	if err != nil {
		return err
	}
	digest, modified, err := s.edited(r.Context(), n)
	if err != nil {
		return err
	}
	m := modelOf(n, writable)
	m.LastModified = date(modified)
	if !n.isFolder() && kind != "" {
		m.Type = kind
	}
	if withHash && !n.isFolder() {
		m.hash(digest)
	}
	w.Header().Set("Last-Modified", httpTime(n.resource.UpdatedAt))
	s.events.contents(r.Context(), "get", n.path, "")
	if !withContent {
		return s.answer(w, http.StatusOK, m, false)
	}
	switch m.Type {
	case "directory":
		return s.sendFolder(w, r, n, m)
	case "notebook":
		return because(s.sendNotebook(w, r, n, m), n.path, "read")
	}
	return because(s.sendFile(w, r, n, m, format), n.path, "read")
}

// answer sends a model without content; located also says where it is.
func (s *Server) answer(w http.ResponseWriter, status int, m model, located bool) error {
	if located {
		w.Header().Set("Location", s.url("api/contents", m.Path))
	}
	w.Header().Set("Last-Modified", httpTime(time.Time(m.LastModified)))
	return web.WriteJSON(w, status, bare{model: m})
}

// sendFolder sends a listing as it is read, however long it is.
func (s *Server) sendFolder(w http.ResponseWriter, r *http.Request, folder node, m model) error {
	m.Format = ptr("json")
	write, create, err := s.inherited(r.Context(), folder)
	if err != nil {
		return err
	}
	out := newStream(w, "application/json")
	out.text(`{"content":[`)
	first := true
	err = s.each(r.Context(), folder, func(n node) error {
		may := write
		if n.isFolder() {
			may = create
		}
		text, err := json.Marshal(bare{model: modelOf(n, may && n.shown == real)})
		if err != nil {
			return err
		}
		if !first {
			out.text(",")
		}
		first = false
		out.bytes(text)
		return out.err
	})
	if err != nil {
		return out.fail(r, because(err, folder.path, "list"))
	}
	return out.end(r, "],", m)
}

// newNames are what new documents are called.
var newNames = map[string]string{"directory": "Untitled Folder", "notebook": "Untitled", "file": "untitled"}

// copied is the end of a copy's name, which a copy of the copy does not get again.
var copied = regexp.MustCompile(`-Copy\d*\.`)

// increment gives the n-th name that is tried (jupyter_server's increment_filename): a.ipynb, a1.ipynb; of other types all
// that follows the first dot is the extension.
func increment(name, insert string, n int) string {
	if n == 0 {
		return name
	}
	base, ext := name, ""
	at := strings.IndexByte(name, '.')
	if strings.HasSuffix(name, ".ipynb") {
		at = strings.LastIndexByte(name, '.')
	}
	if at >= 0 {
		base, ext = name[:at], name[at:]
	}
	return fmt.Sprintf("%s%s%d%s", base, insert, n, ext)
}

// maxNames bounds how many names are tried for something new.
const maxNames = 10_000

// firstFree calls make with one name after the other until one is not taken.
func firstFree(name, insert string, make func(name string) error) error {
	for n := range maxNames {
		if err := make(increment(name, insert, n)); !errors.Is(err, content.ErrExists) {
			return err
		}
	}
	return &apiError{status: http.StatusConflict, message: fmt.Sprintf("there are %d files called like %s", maxNames, name)}
}

func (s *Server) postContents(w http.ResponseWriter, r *http.Request) error {
	p, what, id := tail(r.PathValue("path"))
	switch {
	case what == "checkpoints" && id == "":
		return s.makeCheckpoint(w, r, p)
	case what == "checkpoints":
		return s.restoreCheckpoint(w, r, p, id)
	case what == "trust":
		return s.trustDocument(w, r, p)
	}
	folder, err := s.find(r.Context(), p)
	if err != nil {
		if errors.Is(err, content.ErrNotFound) {
			return notFound("No such directory: %s", strings.Trim(p, "/"))
		}
		return err
	}
	if !folder.isFolder() {
		return badRequest("Cannot POST to files, use PUT instead.")
	}
	var body struct {
		CopyFrom string `json:"copy_from"`
		Type     string `json:"type"`
		Ext      string `json:"ext"`
	}
	if _, err := s.readJSON(w, r, &body); err != nil {
		return err
	}
	if folder.shown != real {
		return s.nothingIn(r.Context(), folder)
	}
	var made node
	if body.CopyFrom != "" {
		made, err = s.copyTo(r.Context(), folder, body.CopyFrom)
	} else {
		made, err = s.newUntitled(r.Context(), folder, body.Type, body.Ext)
	}
	if err != nil {
		return err
	}
	m := modelOf(made, true)
	return s.answer(w, http.StatusCreated, m, true)
}

// copyTo makes a copy of a document in a folder.
func (s *Server) copyTo(ctx context.Context, folder node, from string) (made node, err error) {
	if !s.o.Hidden && isHidden(strings.Trim(from, "/")) {
		return made, badRequest("Cannot copy file or directory '%s'", from)
	}
	source, err := s.find(ctx, from)
	if err != nil {
		return made, because(err, strings.Trim(from, "/"), "copy")
	}
	if source.isFolder() {
		return made, badRequest("Can't copy directories")
	}
	err = firstFree(copied.ReplaceAllString(source.name(), "."), "-Copy", func(name string) error {
		made.path = folder.child(name)
		made.resource, err = s.o.Service.Copy(ctx, source.resource.ID, folder.resource.ID, name, "")
		return err
	})
	if err != nil {
		return made, because(err, folder.path, "put anything into")
	}
	s.events.contents(ctx, "copy", made.path, source.path)
	return made, nil
}

// newUntitled makes something new and empty under a name that is free.
func (s *Server) newUntitled(ctx context.Context, folder node, kind, ext string) (made node, err error) {
	switch {
	case kind == "" && ext == ".ipynb":
		kind = "notebook"
	case kind != "directory" && kind != "notebook":
		kind = "file"
	}
	name, insert := newNames[kind]+ext, ""
	switch kind {
	case "directory":
		name, insert = newNames[kind], " "
	case "notebook":
		name = newNames[kind] + ".ipynb"
	}
	if _, err := content.CleanName(name); err != nil {
		return made, badRequest("ext '%s' is no extension", ext)
	}
	err = firstFree(name, insert, func(name string) error {
		made, err = s.create(ctx, folder, name, kind, emptyOf(kind))
		return err
	})
	if err != nil {
		return made, because(err, folder.path, "put anything into")
	}
	s.events.contents(ctx, "create", made.path, "")
	return made, nil
}

func (s *Server) patchContents(w http.ResponseWriter, r *http.Request) error {
	from := strings.Trim(r.PathValue("path"), "/")
	var body struct {
		Path *string `json:"path"`
	}
	given, err := s.readJSON(w, r, &body)
	if err != nil {
		return err
	}
	if !given {
		return badRequest("JSON body missing")
	}
	n, err := s.find(r.Context(), from)
	if err != nil {
		if !s.o.Hidden && isHidden(from) {
			return badRequest("Cannot rename file or directory '%s'", from)
		}
		return because(err, from, "rename")
	}
	if body.Path != nil && strings.Trim(*body.Path, "/") != from {
		if n, err = s.rename(r.Context(), n, strings.Trim(*body.Path, "/")); err != nil {
			return err
		}
		s.rebind(r, from, n.path)
	}
	writable, err := s.mayWrite(r.Context(), n)
	if err != nil {
		return err
	}
	return s.answer(w, http.StatusOK, modelOf(n, writable), true)
}

// rename gives something another path.
func (s *Server) rename(ctx context.Context, n node, to string) (node, error) {
	if n.path == "" || n.shown != real || to == "" {
		return n, &apiError{status: http.StatusForbidden, message: fmt.Sprintf("Permission denied: '%s' cannot be renamed", n.path)}
	}
	if !s.o.Hidden && isHidden(to) {
		return n, badRequest("Cannot rename file or directory '%s'", n.path)
	}
	folder, name, err := s.parent(ctx, to)
	if err != nil {
		return n, err
	}
	moved := node{path: folder.child(name)}
	if path.Dir(to) == path.Dir(n.path) {
		moved.resource, err = s.o.Service.Update(ctx, n.resource.ID, content.Edit{Name: &name})
	} else if folder.shown != real {
		return n, s.nothingIn(ctx, folder)
	} else {
		moved.resource, err = s.o.Service.Move(ctx, n.resource.ID, folder.resource.ID, name, "")
	}
	if err != nil {
		if errors.Is(err, content.ErrExists) {
			return n, because(err, to, "")
		}
		return n, because(err, n.path, "rename")
	}
	s.events.contents(ctx, "rename", moved.path, n.path)
	return moved, nil
}

// parent finds the folder that a path is to be in, and the name there.
func (s *Server) parent(ctx context.Context, p string) (node, string, error) {
	dir, name := path.Split(strings.Trim(p, "/"))
	dir = strings.Trim(dir, "/")
	name, err := content.CleanName(name)
	if err != nil {
		return node{}, "", badRequest("'%s' is no name for a file: %v", path.Base(p), err)
	}
	folder, err := s.find(ctx, dir)
	if err != nil {
		if errors.Is(err, content.ErrNotFound) {
			return node{}, "", notFound("No such directory: %s", dir)
		}
		return node{}, "", err
	}
	if !folder.isFolder() {
		return node{}, "", badRequest("Not a directory: %s", dir)
	}
	return folder, name, nil
}

// nothingIn refuses to put something into a folder that is only shown.
func (s *Server) nothingIn(ctx context.Context, folder node) error {
	message := fmt.Sprintf("Permission denied: nothing can be put into '%s'", folder.path)
	if home := s.home(ctx); home != "" {
		message += "; your home folder is " + home
	}
	return &apiError{status: http.StatusForbidden, message: message}
}

func (s *Server) deleteContents(w http.ResponseWriter, r *http.Request) error {
	p, what, id := tail(r.PathValue("path"))
	if what == "checkpoints" && id != "" {
		return s.deleteCheckpoint(w, r, p, id)
	}
	p = strings.Trim(r.PathValue("path"), "/")
	if p == "" {
		return badRequest("Can't delete root")
	}
	if !s.o.Hidden && isHidden(p) {
		return badRequest("Cannot delete file or directory '%s'", p)
	}
	n, err := s.find(r.Context(), p)
	if err != nil {
		return because(err, p, "delete")
	}
	if n.shown != real {
		return &apiError{status: http.StatusForbidden, message: fmt.Sprintf("Permission denied: '%s' cannot be deleted", p)}
	}
	if err := s.o.Service.Trash(r.Context(), n.resource.ID, ""); err != nil {
		return because(err, p, "delete")
	}
	s.events.contents(r.Context(), "delete", n.path, "")
	w.WriteHeader(http.StatusNoContent)
	return nil
}
