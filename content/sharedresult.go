package content

import (
	"context"
	"io"
)

// SharedResult tells of a stored result of the document that a link opens. It is called by the code that checked the link's
// secret, or the signature of an embed made from the link: one of them says what of the result may be seen.
func (s *Service) SharedResult(ctx context.Context, link, id string) (StoredResult, error) {
	out, err := s.sharedResult(ctx, link, id)
	return out, s.refused(ctx, opSharedResult, "", err)
}

// ReadSharedResult opens the file of one. The caller closes it.
func (s *Service) ReadSharedResult(ctx context.Context, link, id string) (StoredResult, io.ReadCloser, error) {
	out, err := s.sharedResult(ctx, link, id)
	if err == nil && !out.EvictedAt.IsZero() {
		return out, nil, ErrEvicted
	}
	if err != nil {
		return out, nil, s.refused(ctx, opReadSharedResult, "", err)
	}
	body, err := openLayout(ctx, s.blobs, out.Layout, false, 0, -1)
	return out, body, err
}

func (s *Service) sharedResult(ctx context.Context, link, id string) (StoredResult, error) {
	var out StoredResult
	err := s.view(ctx, func(a *access) error {
		l, err := a.tx.ShareLink(link)
		if err != nil {
			return err
		}
		if _, err := a.shared(l); err != nil {
			return err
		}
		r, err := a.tx.Result(id)
		if err != nil {
			return err
		}
		if r.Document == "" || r.Document != l.ResourceID || l.Shows != nil && l.Shows.Result != id {
			return ErrNotFound
		}
		out = r
		return nil
	})
	return out, err
}
