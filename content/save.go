package content

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// AnyRevision, as the base of a save, saves on top of whatever is newest.
const AnyRevision RevisionID = "*"

// NewRevision is what Save makes.
type NewRevision struct {
	// Base is the revision that the content was made from; it must still be the newest. AnyRevision takes any.
	Base    RevisionID
	Content io.Reader
	Message string
	Origin  Origin // empty: user
	// Name makes the revision a checkpoint. Empty for most.
	Name string
	// Imported is as in Revision; its Origin is ByImport.
	Imported *Imported
}

// ErrRetry is for an upload that took longer than unused content is kept, and was swept away before it could be saved.
// Doing it again helps.
var ErrRetry = errors.New("the upload took too long, try again")

// Save adds a revision and reports whether it did: content that is that of the newest revision already, without a name,
// adds none, and that revision is given. It reads Content to its end, and returns when everything is durable. A base
// that is not the newest revision is a *ConflictError, also where the content is the same as the newest.
func (s *Service) Save(ctx context.Context, id ResourceID, n NewRevision) (Revision, bool, error) {
	r, saved, err := s.save(ctx, id, n)
	if saved && err == nil {
		err = s.visited(ctx, id)
	}
	return r, saved, s.refused(ctx, opSave, id, err)
}

func (s *Service) save(ctx context.Context, id ResourceID, n NewRevision) (Revision, bool, error) {
	var none Revision
	next := Revision{ID: RevisionID(newID()), ResourceID: id}
	var err error
	if next.Message, err = cleanMessage(n.Message); err != nil {
		return none, false, err
	}
	if next.Name, err = cleanRevisionName(n.Name); err != nil {
		return none, false, err
	}
	if next.Origin, next.Imported, err = cleanOrigin(n.Origin, n.Imported); err != nil {
		return none, false, err
	}
	if n.Base == "" || n.Content == nil {
		return none, false, fmt.Errorf("%w save: no base or no content", ErrInvalid)
	}
	// Before anything is stored for somebody who may not, or in vain.
	var t Type
	var base Layout
	err = s.viewOf(ctx, id, func(a *access) error {
		target, err := a.check(opSave, id)
		if err != nil {
			return err
		}
		if t = target.Type; !t.HasContent() {
			return fmt.Errorf("%w: a folder has no content", ErrInvalid)
		}
		if err := a.isHead(target, n.Base); err != nil {
			return err
		}
		head, err := a.tx.Revision(target.Head)
		base = head.Layout
		return err
	})
	if err != nil {
		return none, false, err
	}
	w, text, err := s.keep(ctx, t, n.Content, base)
	if err != nil {
		return none, false, err
	}
	var out Revision
	saved := false
	err = s.updateOf(ctx, id, func(a *access) error {
		t, err := a.check(opSave, id)
		if err != nil {
			return err
		}
		if err := a.isHead(t, n.Base); err != nil {
			return err
		}
		out, saved, err = a.advance(t, next, w, &text)
		if err != nil || !saved {
			return err
		}
		return a.log(opSave, id, detail("revision", out.ID, "number", out.Number, "digest", out.Digest.String()))
	})
	return out, saved, err
}

// isHead is nil where base is the document's newest revision, or any will do.
func (a *access) isHead(t target, base RevisionID) error {
	if base == AnyRevision || base == t.Head {
		return nil
	}
	current, err := a.tx.Revision(t.Head)
	if err != nil {
		return err
	}
	return &ConflictError{Base: base, Current: current}
}

// advance puts a revision on top of the newest, unless it would change nothing.
func (a *access) advance(t target, next Revision, w written, text *SearchText) (Revision, bool, error) {
	head, err := a.tx.Revision(t.Head)
	if err != nil {
		return Revision{}, false, err
	}
	if next.Name == "" && head.Digest == w.digest && head.Size == w.size {
		return head, false, nil
	}
	next.Number, next.Parent = t.HeadNumber+1, t.Head
	next.Author, next.CreatedAt = a.actor.Principal, a.now
	if next, err = a.commit(next, w, head.Layout); err != nil {
		return Revision{}, false, err
	}
	if text != nil {
		if err := a.index(t.Resource, text); err != nil {
			return Revision{}, false, err
		}
	}
	if err := a.tell(Saved, t.ID, t.Chain, next.ID); err != nil {
		return Revision{}, false, err
	}
	return next, true, nil
}

// commit stores a revision, which it gives, over content that write has stored.
func (a *access) commit(r Revision, w written, base Layout) (Revision, error) {
	if err := a.noteBlobs(w, base); err != nil {
		return r, err
	}
	r.Layout, r.Size, r.Digest, r.Problem = w.layout, w.size, w.digest, w.problem
	return r, a.tx.CreateRevision(r)
}

// noteBlobs notes what write has stored as used. What base uses is known to be kept; the rest is noted
// as used now, which keeps it from the collector. Content that had no note may have been about to go, unless this very
// upload stored it, and within the grace: it must still be there, now that the collector waits for this transaction.
func (a *access) noteBlobs(w written, base Layout) error {
	sizes := map[Digest]int64{}
	for _, d := range w.layout.newBlobs(base) {
		sizes[d] = w.sizes[d]
	}
	now := a.s.now()
	unknown, err := a.tx.RecordBlobs(sizes, now)
	if err != nil {
		return err
	}
	fresh := now.Sub(w.began) < a.s.options.BlobGrace
	for _, d := range unknown {
		if fresh && !w.reused[d] {
			continue
		}
		if _, err := a.s.blobs.Stat(a.ctx, d); isNotFound(err) {
			return ErrRetry
		} else if err != nil {
			return err
		}
	}
	return nil
}
