package jupyter

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"sextant/content"
	"sextant/content/notebook"
	"sextant/sessions/record"
)

// Outputs are recorded into notebooks while clients hold them open. What the recorder saves is to be no change on disk for
// them, and what they save is not to lose it:
//
//   - hash and last_modified are those of the newest revision that a person made;
//   - a notebook is sent with the revision it was read from, in its metadata, which clients send back when they save: so a
//     save is known by what it was made from, whichever tab it comes from, and brought together with what was recorded since.
//     The mark is never stored.

// baseKey is the mark's key in a notebook's metadata.
const baseKey = "sextant_base"

// maxTabs bounds the tabs whose last save is remembered.
const maxTabs = 10_000

// tabs remembers what each notebook that was sent is based on.
type tabs struct {
	mu    sync.Mutex
	base  map[string]record.Base
	order []string
}

func newTabs() *tabs { return &tabs{base: map[string]record.Base{}} }

// mark names a notebook that is sent.
func (t *tabs) mark(r content.RevisionID) string { return string(r) + "." + rand.Text()[:10] }

// of gives what a marked notebook is based on.
func (t *tabs) of(mark string) record.Base {
	t.mu.Lock()
	defer t.mu.Unlock()
	if b, ok := t.base[mark]; ok {
		return b
	}
	id, _, _ := strings.Cut(mark, ".")
	return record.Base{Has: content.RevisionID(id)}
}

func (t *tabs) set(mark string, b record.Base) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, ok := t.base[mark]; !ok {
		if t.order = append(t.order, mark); len(t.order) > maxTabs {
			delete(t.base, t.order[0])
			t.order = t.order[1:]
		}
	}
	t.base[mark] = b
}

// takeMark takes the mark off a notebook; empty where it has none.
func takeMark(nb *notebook.Notebook) string {
	v, ok := nb.Metadata[baseKey]
	if !ok {
		return ""
	}
	delete(nb.Metadata, baseKey)
	mark, _ := v.Text()
	if len(mark) > 100 {
		return ""
	}
	return mark
}

// putMark puts a mark on a notebook.
func putMark(nb *notebook.Notebook, mark string) {
	if nb.Metadata == nil {
		nb.Metadata = notebook.Object{}
	}
	nb.Metadata[baseKey] = notebook.StringValue(mark)
}

// edited gives when a notebook was last changed, and its digest, as clients are to see them.
func (s *Server) edited(ctx context.Context, n node) (content.Digest, time.Time, error) {
	if s.o.Recorder == nil || n.kind() != "notebook" {
		return n.resource.Digest, n.resource.UpdatedAt, nil
	}
	e, err := s.o.Service.LastEdit(ctx, n.resource.ID)
	if err != nil {
		return content.Digest{}, time.Time{}, err
	}
	if e.Edit.ID == e.Newest.ID {
		return n.resource.Digest, n.resource.UpdatedAt, nil
	}
	return e.Edit.Digest, e.Edit.CreatedAt, nil
}

// maxSaves bounds how often a save is tried again because outputs were recorded in between.
const maxSaves = 10

// saveOver saves a notebook that a client made of an older revision, and gives the digest and time that clients are to see.
func (s *Server) saveOver(ctx context.Context, n node, nb *notebook.Notebook) (model, error) {
	mark := takeMark(nb)
	var from record.Base
	if mark != "" {
		from = s.tabs.of(mark)
	}
	for try := 0; ; try++ {
		merged, base := nb, content.AnyRevision
		if s.o.Recorder != nil && from.Has != "" {
			var err error
			if merged, base, err = s.o.Recorder.Merge(ctx, n.resource.ID, from, nb); err != nil {
				return model{}, err
			}
		}
		body, to := io.Pipe()
		go func() { to.CloseWithError(notebook.Write(to, merged)) }()
		revision, made, err := s.o.Service.Save(ctx, n.resource.ID, content.NewRevision{Base: base, Content: body})
		_ = body.Close() // ends the writer where not all was read
		if errors.Is(err, content.ErrConflict) && base != content.AnyRevision && try < maxSaves {
			continue
		}
		if err != nil {
			return model{}, err
		}
		if mark != "" {
			next := record.Base{Has: revision.ID, Saved: revision.ID}
			if merged != nb { // the client has not got what was brought in
				next.Has = from.Has
			}
			s.tabs.set(mark, next)
		}
		if notebook.Trusted(nb) {
			if err := s.trust(ctx, revision.Digest.String()); err != nil {
				return model{}, err
			}
		}
		// What is answered is what was saved, also where somebody else has saved since.
		n.resource.Size, n.resource.UpdatedAt, n.resource.Digest = revision.Size, revision.CreatedAt, revision.Digest
		m := modelOf(n, true)
		m.Type = "notebook"
		m.hash(revision.Digest)
		if !made && revision.Origin == content.ByRun { // there was nothing to save: for clients nothing has changed
			digest, at, err := s.edited(ctx, n)
			if err != nil {
				return m, err
			}
			m.hash(digest)
			m.LastModified = date(at)
		}
		return m, nil
	}
}

// Trusting gives what keeps a notebook trusted by who trusted it, when outputs of what they ran are recorded in it. It is
// called in that actor's context.
func Trusting(service *content.Service, log *slog.Logger) func(ctx context.Context, before, after content.Revision) {
	s := &Server{o: Options{Service: service}}
	return func(ctx context.Context, before, after content.Revision) {
		trusts, err := s.trusts(ctx, before.Digest.String())
		if err == nil && trusts {
			err = s.trust(ctx, after.Digest.String())
		}
		if err != nil {
			log.Warn("trust", "document", after.ResourceID, "error", err)
		}
	}
}
