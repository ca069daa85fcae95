package jupyter

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"sextant/content"
)

// trustSpace holds, per person, the digests of the notebooks whose output may run in their page. Jupyter signs notebooks
// with a secret of the one user it serves; here what one person ran or trusted says nothing about it for another: their
// page would run it with their rights. So a notebook is trusted by whoever saved exactly this content, having run or
// trusted all of its cells, and by nobody else.
const trustSpace = "jupyter.trust"

// trusts reports whether the actor trusts content with a digest.
func (s *Server) trusts(ctx context.Context, digest string) (bool, error) {
	_, err := s.o.Service.Preference(ctx, trustSpace, digest)
	if errors.Is(err, content.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// trust notes that the actor trusts content with a digest. A token that may not change anything notes nothing.
func (s *Server) trust(ctx context.Context, digest string) error {
	err := s.o.Service.PutPreference(ctx, trustSpace, digest, nil, 0)
	if errors.Is(err, content.ErrDenied) {
		return nil
	}
	return err
}

// trustDocument trusts a notebook as it is now.
func (s *Server) trustDocument(w http.ResponseWriter, r *http.Request, p string) error {
	n, err := s.find(r.Context(), p)
	if err != nil {
		return because(err, strings.Trim(p, "/"), "read")
	}
	if n.kind() != "notebook" {
		return badRequest("%s is not a notebook", n.path)
	}
	if err := s.trust(r.Context(), n.resource.Digest.String()); err != nil {
		return err
	}
	w.WriteHeader(http.StatusCreated)
	return nil
}
