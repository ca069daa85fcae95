package jupyter

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sextant/content"
	"sextant/server/web"
)

// A checkpoint is a named revision. Those that clients make are named by their time; the newest maxCheckpoints of them are
// kept, since clients make one at every save and a named revision is never pruned. Those that people named are shown too.
const (
	checkpointPrefix = "Checkpoint "
	maxCheckpoints   = 10
)

// checkpoint is one as the API gives it.
type checkpoint struct {
	ID           string `json:"id"`
	LastModified date   `json:"last_modified"`
}

func checkpointOf(r content.Revision) checkpoint { return checkpoint{string(r.ID), date(r.CreatedAt)} }

// document finds what can have checkpoints.
func (s *Server) document(ctx context.Context, p string) (node, error) {
	n, err := s.find(ctx, p)
	if err == nil && n.isFolder() {
		err = badRequest("%s is a directory, which has no checkpoints", n.path)
	}
	return n, because(err, strings.Trim(p, "/"), "read")
}

// named lists a document's named revisions, oldest first.
func (s *Server) named(ctx context.Context, id content.ResourceID) ([]content.Revision, error) {
	var out []content.Revision
	for page := (content.PageRequest{Size: content.MaxPageSize}); ; {
		got, err := s.o.Service.History(ctx, id, true, page)
		if err != nil {
			return nil, err
		}
		out = append(out, got.Items...)
		if page.Token = got.Next; page.Token == "" {
			slices.Reverse(out)
			return out, nil
		}
	}
}

func (s *Server) listCheckpoints(w http.ResponseWriter, r *http.Request, p string) error {
	n, err := s.document(r.Context(), p)
	if err != nil {
		return err
	}
	out := []checkpoint{}
	found, err := s.named(r.Context(), n.resource.ID)
	if err != nil && !errors.Is(err, content.ErrDenied) { // who may only read sees none
		return because(err, n.path, "read")
	}
	for _, rev := range found {
		out = append(out, checkpointOf(rev))
	}
	return web.WriteJSON(w, http.StatusOK, out)
}

func (s *Server) makeCheckpoint(w http.ResponseWriter, r *http.Request, p string) error {
	ctx := r.Context()
	n, err := s.document(ctx, p)
	if err != nil {
		return err
	}
	head, err := s.o.Service.Revision(ctx, n.resource.ID, n.resource.Head)
	if err != nil {
		return because(err, n.path, "make a checkpoint of")
	}
	if head.Name == "" {
		name := checkpointPrefix + s.o.Now().UTC().Format("2006-01-02 15:04:05.000000")
		if err := s.o.Service.NameRevision(ctx, n.resource.ID, head.ID, name); err != nil {
			return because(err, n.path, "make a checkpoint of")
		}
		if err := s.forgetCheckpoints(ctx, n.resource.ID); err != nil {
			return err
		}
	}
	w.Header().Set("Location", s.url("api/contents", n.path, "checkpoints")+"/"+url.PathEscape(string(head.ID)))
	return web.WriteJSON(w, http.StatusCreated, checkpointOf(head))
}

// forgetCheckpoints takes the name from those beyond maxCheckpoints.
func (s *Server) forgetCheckpoints(ctx context.Context, id content.ResourceID) error {
	found, err := s.named(ctx, id)
	if err != nil {
		return err
	}
	found = slices.DeleteFunc(found, func(r content.Revision) bool { return !strings.HasPrefix(r.Name, checkpointPrefix) })
	for len(found) > maxCheckpoints {
		if err := s.o.Service.NameRevision(ctx, id, found[0].ID, ""); err != nil {
			return err
		}
		found = found[1:]
	}
	return nil
}

// checkpointAt finds one checkpoint of a document.
func (s *Server) checkpointAt(ctx context.Context, n node, id string) (content.Revision, error) {
	rev, err := s.o.Service.Revision(ctx, n.resource.ID, content.RevisionID(id))
	if errors.Is(err, content.ErrNotFound) || err == nil && rev.Name == "" {
		return rev, notFound("Checkpoint does not exist: %s@%s", n.path, id)
	}
	return rev, because(err, n.path, "see the history of")
}

func (s *Server) restoreCheckpoint(w http.ResponseWriter, r *http.Request, p, id string) error {
	n, err := s.document(r.Context(), p)
	if err != nil {
		return err
	}
	rev, err := s.checkpointAt(r.Context(), n, id)
	if err != nil {
		return err
	}
	if _, _, err := s.o.Service.RestoreRevision(r.Context(), n.resource.ID, rev.ID, content.AnyRevision); err != nil {
		return because(err, n.path, "change")
	}
	s.events.contents(r.Context(), "save", n.path, "")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) deleteCheckpoint(w http.ResponseWriter, r *http.Request, p, id string) error {
	n, err := s.document(r.Context(), p)
	if err != nil {
		return err
	}
	rev, err := s.checkpointAt(r.Context(), n, id)
	if err != nil {
		return err
	}
	if err := s.o.Service.NameRevision(r.Context(), n.resource.ID, rev.ID, ""); err != nil {
		return because(err, n.path, "change the history of")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
