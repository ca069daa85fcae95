package jupyter

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"sextant/content"
	"sextant/content/notebook"
	"sextant/server/api"
)

// emptyOf is the content of something new.
func emptyOf(kind string) io.Reader {
	switch kind {
	case "directory":
		return nil
	case "notebook":
		var b bytes.Buffer
		_ = notebook.Write(&b, notebook.New()) // a buffer takes everything
		return &b
	}
	return strings.NewReader("")
}

// create makes something in a folder.
func (s *Server) create(ctx context.Context, folder node, name, kind string, from io.Reader) (node, error) {
	n := node{path: folder.child(name)}
	if folder.shown != real {
		return n, s.nothingIn(ctx, folder)
	}
	var err error
	new := content.NewResource{Parent: folder.resource.ID, Type: content.Folder, Name: name, Content: from}
	if kind != "directory" {
		new.Type = api.TypeOf(name)
	}
	n.resource, err = s.o.Service.Create(ctx, new)
	return n, err
}

// saving is the body of a PUT, its members as they stand in it.
type saving struct {
	kind    string // "": not stated
	format  string
	chunk   int // 0: none
	content json.RawMessage
}

func readSaving(body []byte) (saving, error) {
	var v saving
	members, err := splitObject(body)
	if err != nil {
		return v, badRequest("Invalid JSON in body of request: %v", err)
	}
	for name, to := range map[string]any{"type": &v.kind, "format": &v.format, "chunk": &v.chunk} {
		if text, ok := members[name]; ok {
			if err := json.Unmarshal(text, to); err != nil {
				return v, badRequest("%s: %v", name, err)
			}
		}
	}
	if text, ok := members["copy_from"]; ok && string(text) != "null" && string(text) != `""` {
		return v, badRequest("Cannot copy with PUT, only POST")
	}
	if v.kind != "" && v.kind != "directory" && v.kind != "notebook" {
		v.kind = "file"
	}
	if v.content = members["content"]; string(v.content) == "null" {
		v.content = nil
	}
	return v, nil
}

func (s *Server) putContents(w http.ResponseWriter, r *http.Request) error {
	p := strings.Trim(r.PathValue("path"), "/")
	body, done, err := s.readBody(w, r, maxBody)
	if err != nil {
		return err
	}
	defer done()
	if len(bytes.TrimSpace(body)) == 0 || string(bytes.TrimSpace(body)) == "null" {
		return badRequest("JSON body missing")
	}
	v, err := readSaving(body)
	if err != nil {
		return err
	}
	if !s.o.Hidden && isHidden(p) || p == "" {
		return badRequest("Cannot create file or directory '%s'", p)
	}
	n, err := s.find(r.Context(), p)
	exists := err == nil
	if err != nil && !errors.Is(err, content.ErrNotFound) {
		return because(err, p, "save")
	}
	if err := v.complete(p, exists && !n.isFolder()); err != nil {
		return err
	}
	if exists && n.isFolder() != (v.kind == "directory") {
		if n.isFolder() {
			return badRequest("%s is a directory", p)
		}
		return badRequest("Not a directory: %s", p)
	}
	var m model
	switch {
	case v.kind == "directory" && exists:
		writable, err := s.mayWrite(r.Context(), n)
		if err != nil {
			return err
		}
		m = modelOf(n, writable)
		exists = false // the reference answers as if it were new
	case v.kind == "directory":
		m, err = s.putFolder(r.Context(), p)
	case v.chunk != 0:
		m, err = s.putChunk(r.Context(), p, n, exists, v)
	case v.kind == "notebook":
		m, err = s.putNotebook(r.Context(), p, n, exists, v.content)
	default:
		m, err = s.putFile(r.Context(), p, n, exists, v)
	}
	if err != nil {
		return because(err, p, "change")
	}
	s.events.contents(r.Context(), "save", p, "")
	if exists {
		return s.answer(w, http.StatusOK, m, true)
	}
	return s.answer(w, http.StatusCreated, m, true)
}

// complete fills in what a new document may leave out, and refuses what contradicts itself.
func (v *saving) complete(p string, exists bool) error {
	if v.kind == "" {
		if exists {
			return badRequest("No file type provided")
		}
		v.kind = "file"
		if strings.HasSuffix(p, ".ipynb") {
			v.kind = "notebook"
		}
	}
	if v.content == nil && v.kind != "directory" {
		if exists {
			return badRequest("No file content provided")
		}
		if v.kind == "file" {
			v.format, v.content = "text", json.RawMessage(`""`)
		}
	}
	if v.chunk != 0 && v.kind != "file" {
		return badRequest("File type '%s' cannot be sent in chunks; only files can", v.kind)
	}
	if v.kind == "file" && v.format != "text" && v.format != "base64" {
		return badRequest("Must specify format of file contents as 'text' or 'base64'")
	}
	return nil
}

func (s *Server) putFolder(ctx context.Context, p string) (model, error) {
	folder, name, err := s.parent(ctx, p)
	if err != nil {
		return model{}, err
	}
	made, err := s.create(ctx, folder, name, "directory", nil)
	return modelOf(made, true), err
}

// bytes is the content of a file that came as text or in base64.
func (v saving) bytes() ([]byte, error) {
	var text string
	if err := json.Unmarshal(v.content, &text); err != nil {
		return nil, badRequest("content: %v", err)
	}
	if v.format == "text" {
		return []byte(text), nil
	}
	// Python's decoder skips what is not in the alphabet, above all line ends.
	out, err := base64.StdEncoding.DecodeString(strings.NewReplacer("\n", "", "\r", "").Replace(text))
	if err != nil {
		return nil, badRequest("Encoding error saving: %v", err)
	}
	return out, nil
}

func (s *Server) putFile(ctx context.Context, p string, n node, exists bool, v saving) (model, error) {
	text, err := v.bytes()
	if err != nil {
		return model{}, err
	}
	return s.put(ctx, p, n, exists, bytes.NewReader(text), "file")
}

// putNotebook saves a notebook in the very form in which Jupyter writes it to disk, so that the digest is the hash of the
// file. What breaks the schema is saved all the same, with a message; what is no notebook at all is refused.
func (s *Server) putNotebook(ctx context.Context, p string, n node, exists bool, text json.RawMessage) (model, error) {
	nb := notebook.New()
	if text != nil {
		var err error
		if nb, _, err = notebook.Read(text); err != nil {
			if errors.Is(err, notebook.ErrTooLarge) {
				return model{}, &apiError{status: http.StatusRequestEntityTooLarge, message: err.Error()}
			}
			return model{}, badRequest("'%s' cannot be saved as a notebook: %v", p, err)
		}
	}
	if exists {
		m, err := s.saveOver(ctx, n, nb)
		m.Message = faults(nb)
		return m, err
	}
	takeMark(nb)
	from, to := io.Pipe()
	go func() { to.CloseWithError(notebook.Write(to, nb)) }()
	m, err := s.put(ctx, p, n, false, from, "notebook")
	from.Close() // ends the writer where not all was read
	if err != nil {
		return m, err
	}
	m.Message = faults(nb)
	if notebook.Trusted(nb) {
		if err := s.trust(ctx, *m.Hash); err != nil {
			return m, err
		}
	}
	return m, nil
}

// faults is the message about what breaks the format's schema, or empty.
func faults(nb *notebook.Notebook) string {
	notes := notebook.Validate(nb)
	if len(notes) == 0 {
		return ""
	}
	lines := make([]string, 0, 4)
	for i, n := range notes {
		if i == 3 {
			lines = append(lines, fmt.Sprintf("and %d more", len(notes)-i))
			break
		}
		lines = append(lines, n.String())
	}
	return "Notebook validation failed: " + strings.Join(lines, "\n")
}

// put saves content under a path, as a new revision or a new document.
func (s *Server) put(ctx context.Context, p string, n node, exists bool, from io.Reader, kind string) (model, error) {
	if !exists {
		folder, name, err := s.parent(ctx, p)
		if err != nil {
			return model{}, err
		}
		made, err := s.create(ctx, folder, name, kind, from)
		if err != nil {
			return model{}, err
		}
		m := modelOf(made, true)
		m.Type = kind
		m.hash(made.resource.Digest)
		return m, nil
	}
	revision, _, err := s.o.Service.Save(ctx, n.resource.ID, content.NewRevision{Base: content.AnyRevision, Content: from})
	if err != nil {
		return model{}, err
	}
	// What is answered is what was saved, also where somebody else has saved since.
	n.resource.Size, n.resource.UpdatedAt = revision.Size, revision.CreatedAt
	m := modelOf(n, true)
	m.Type = kind
	m.hash(revision.Digest)
	return m, nil
}
