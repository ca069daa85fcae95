package jupyter

import (
	"context"
	"encoding/json"
	"mime"
	"path"
	"time"

	"sextant/content"
	"sextant/content/iam"
)

// model is a document or folder as the contents API gives it, without its content.
type model struct {
	Name          string  `json:"name"`
	Path          string  `json:"path"`
	LastModified  date    `json:"last_modified"`
	Created       date    `json:"created"`
	Format        *string `json:"format"`
	Mimetype      *string `json:"mimetype"`
	Size          *int64  `json:"size"`
	Writable      bool    `json:"writable"`
	Hash          *string `json:"hash"`
	HashAlgorithm *string `json:"hash_algorithm"`
	Type          string  `json:"type"`
	// Message warns of a notebook that breaks the format's schema.
	Message string `json:"message,omitempty"`
}

// bare is a model with no content.
type bare struct {
	model
	Content any `json:"content"`
}

// modelOf describes a node. The time is that of the last save or change of name; the hash, which clients compare first,
// is that of the content.
func modelOf(n node, writable bool) model {
	r := n.resource
	m := model{Name: n.name(), Path: n.path, LastModified: date(r.UpdatedAt), Created: date(r.CreatedAt), Writable: writable, Type: n.kind()}
	if m.Type != "directory" {
		m.Size = &r.Size
	}
	if m.Type == "file" {
		m.Mimetype = mimeOf(n.path)
	}
	return m
}

func (m *model) hash(d content.Digest) {
	hash, algorithm := d.String(), "sha256"
	m.Hash, m.HashAlgorithm = &hash, &algorithm
}

// mimeOf guesses a media type by a name, or gives nil.
func mimeOf(name string) *string {
	switch path.Ext(name) {
	case ".sql":
		return ptr("application/sql")
	case ".ipynb":
		return ptr("application/x-ipynb+json")
	case ".md":
		return ptr("text/markdown")
	case ".py":
		return ptr("text/x-python")
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		t, _, _ = mime.ParseMediaType(t)
		return &t
	}
	return nil
}

func ptr[T any](v T) *T { return &v }

// mayWrite reports whether the actor may save a document, or put something into a folder.
func (s *Server) mayWrite(ctx context.Context, n node) (bool, error) {
	if n.shown != real {
		return false, nil
	}
	p := iam.DocumentsUpdate
	if n.isFolder() {
		p = iam.ResourcesCreate
	}
	got, err := s.o.Service.TestIamPermissions(ctx, n.resource.ID, []iam.Permission{p})
	return len(got) > 0, err
}

// inherited is what a folder's children can be taken to allow in a listing, without asking for each of thousands: what the
// folder allows for all of them. Opening one asks for it.
func (s *Server) inherited(ctx context.Context, folder node) (write, create bool, err error) {
	if folder.shown != real {
		return false, false, nil
	}
	got, err := s.o.Service.TestIamPermissions(ctx, folder.resource.ID, []iam.Permission{iam.DocumentsUpdate, iam.ResourcesCreate})
	for _, p := range got {
		write = write || p == iam.DocumentsUpdate
		create = create || p == iam.ResourcesCreate
	}
	return write, create, err
}

// rest is the model's JSON without its opening brace, to be written after the content.
func (m model) rest() ([]byte, error) {
	text, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	return text[1:], nil
}

func httpTime(t time.Time) string { return t.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT") }
