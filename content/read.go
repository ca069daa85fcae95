package content

import (
	"context"
	"io"

	"sextant/content/iam"
)

// ReadOptions says what of a document is read. The zero value reads all of the newest revision.
type ReadOptions struct {
	// Revision is which; empty is the newest. Others need iam.RevisionsList too.
	Revision RevisionID
	// SourceOnly leaves the stored outputs out.
	SourceOnly bool
	// Range, where not nil, is which bytes, of what the other options leave.
	Range *Range
}

// Range is Length bytes from Offset; to the end where Length is negative. What lies beyond the end is left out.
type Range struct{ Offset, Length int64 }

// Reading is a document being read.
type Reading struct {
	Resource Resource
	Revision Revision
	// Size is that of all the content that the options leave, whatever the range.
	Size int64
	// Body gives the bytes, in bounded memory, each checked: damage ends it in ErrCorrupt. The caller closes it.
	Body io.ReadCloser
}

// Read opens a document's content. That it was read is logged, and makes it recent for the actor.
func (s *Service) Read(ctx context.Context, id ResourceID, o ReadOptions) (*Reading, error) {
	out, err := s.read(ctx, id, o)
	if err != nil {
		return nil, s.refused(ctx, opRead, id, err)
	}
	actor := ActorFrom(ctx)
	x := observation{entry: entryOf(actor, s.now(), opRead, id, true, detail("revision", out.Revision.ID))}
	if actor.Principal.IsPrincipal() {
		x.recent = actor.Principal
	}
	if err := s.observer.observe(ctx, x); err != nil {
		return nil, err
	}
	offset, length := int64(0), int64(-1)
	if o.Range != nil {
		offset, length = o.Range.Offset, o.Range.Length
	}
	out.Size = out.Revision.Layout.Size(o.SourceOnly)
	out.Body, err = openLayout(ctx, s.blobs, out.Revision.Layout, o.SourceOnly, offset, length)
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *Service) read(ctx context.Context, id ResourceID, o ReadOptions) (*Reading, error) {
	var out Reading
	return &out, s.viewOf(ctx, id, func(a *access) error {
		t, err := a.check(opRead, id)
		if err != nil {
			return err
		}
		if !t.Type.HasContent() {
			return ErrNotFound
		}
		which := t.Head
		if o.Revision != "" && o.Revision != t.Head {
			ok, err := a.allowed(t, iam.RevisionsList)
			if err != nil {
				return err
			}
			if !ok {
				return ErrDenied
			}
			which = o.Revision
		}
		if out.Revision, err = a.revision(id, which); err != nil {
			return err
		}
		out.Resource, err = a.shownTarget(t)
		return err
	})
}

// revision finds a revision of one document; another document's is not there.
func (a *access) revision(id ResourceID, which RevisionID) (Revision, error) {
	if !validID(string(which)) {
		return Revision{}, ErrNotFound
	}
	r, err := a.tx.Revision(which)
	if err == nil && r.ResourceID != id {
		return Revision{}, ErrNotFound
	}
	return r, err
}
