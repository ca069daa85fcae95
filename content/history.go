package content

import (
	"context"
	"fmt"
	"strings"
)

// History lists a document's revisions, newest first; only checkpoints where named is set.
func (s *Service) History(ctx context.Context, id ResourceID, named bool, page PageRequest) (Page[Revision], error) {
	var out Page[Revision]
	err := s.view(ctx, func(a *access) error {
		if _, err := a.check(opHistory, id); err != nil {
			return err
		}
		limit, after, err := page.open("history")
		if err != nil {
			return err
		}
		found, err := a.tx.Revisions(id, after.Seq, named, limit+1)
		if err != nil {
			return err
		}
		if len(found) > limit {
			found = found[:limit]
			out.Next = pageToken{Kind: "history", Seq: found[limit-1].Number}.String()
		}
		out.Items = found
		return nil
	})
	return out, s.refused(ctx, opHistory, id, err)
}

// Revision gives one revision of a document.
func (s *Service) Revision(ctx context.Context, id ResourceID, which RevisionID) (Revision, error) {
	var out Revision
	err := s.view(ctx, func(a *access) error {
		_, err := a.check(opRevision, id)
		if err != nil {
			return err
		}
		out, err = a.revision(id, which)
		return err
	})
	return out, s.refused(ctx, opRevision, id, err)
}

// RestoreRevision saves an old revision's content as a new one, and reports whether that changed anything. base is as
// in Save.
func (s *Service) RestoreRevision(ctx context.Context, id ResourceID, which, base RevisionID) (Revision, bool, error) {
	// The text is read beforehand: it takes its time, and revisions do not change.
	var old Revision
	var t Type
	err := s.view(ctx, func(a *access) error {
		target, err := a.check(opRestoreRevision, id)
		if err != nil {
			return err
		}
		t = target.Type
		old, err = a.revision(id, which)
		return err
	})
	if err != nil {
		return Revision{}, false, s.refused(ctx, opRestoreRevision, id, err)
	}
	text, err := s.text(ctx, t, old.Layout)
	if err != nil {
		return Revision{}, false, err
	}
	var out Revision
	saved := false
	err = s.update(ctx, func(a *access) error {
		t, err := a.check(opRestoreRevision, id)
		if err != nil {
			return err
		}
		if err := a.isHead(t, base); err != nil {
			return err
		}
		if old, err = a.revision(id, which); err != nil {
			return err
		}
		next := Revision{ID: RevisionID(newID()), ResourceID: id, Origin: ByRestore, Message: fmt.Sprintf("Restore revision %d", old.Number)}
		w, err := a.kept(old)
		if err != nil {
			return err
		}
		out, saved, err = a.advance(t, next, w, &text)
		if err != nil || !saved {
			return err
		}
		return a.log(opRestoreRevision, id, detail("revision", out.ID, "restored", which))
	})
	if saved && err == nil {
		err = s.visited(ctx, id)
	}
	return out, saved, s.refused(ctx, opRestoreRevision, id, err)
}

// kept is a stored revision's content, to be used by another one.
func (a *access) kept(r Revision) (written, error) {
	w := written{layout: r.Layout, size: r.Size, digest: r.Digest, problem: r.Problem, sizes: map[Digest]int64{}, reused: map[Digest]bool{}}
	for _, d := range r.Layout.Blobs {
		// The collector knows every blob that a revision uses, so no size is needed to note it anew.
		w.reused[d] = true
	}
	return w, nil
}

// NameRevision makes a revision a checkpoint, renames it, or with an empty name makes it one like others. ErrExists: the
// document has a revision of that name.
func (s *Service) NameRevision(ctx context.Context, id ResourceID, which RevisionID, name string) error {
	err := s.update(ctx, func(a *access) error {
		if _, err := a.check(opNameRevision, id); err != nil {
			return err
		}
		name, err := cleanRevisionName(name)
		if err != nil {
			return err
		}
		if _, err := a.revision(id, which); err != nil {
			return err
		}
		if err := a.tx.NameRevision(which, name); err != nil {
			return err
		}
		return a.log(opNameRevision, id, detail("revision", which, "name", name))
	})
	return s.refused(ctx, opNameRevision, id, err)
}

// HoldRevision keeps a revision from being pruned for as long as holder, such as "schedule:ID", wants it.
func (s *Service) HoldRevision(ctx context.Context, id ResourceID, which RevisionID, holder string) error {
	err := s.hold(ctx, opHoldRevision, id, which, holder, Tx.HoldRevision)
	return s.refused(ctx, opHoldRevision, id, err)
}

// ReleaseRevision ends what HoldRevision began.
func (s *Service) ReleaseRevision(ctx context.Context, id ResourceID, which RevisionID, holder string) error {
	err := s.hold(ctx, opReleaseRevision, id, which, holder, Tx.ReleaseRevision)
	return s.refused(ctx, opReleaseRevision, id, err)
}

func (s *Service) hold(ctx context.Context, op opName, id ResourceID, which RevisionID, holder string,
	do func(Tx, RevisionID, string) error) error {
	return s.update(ctx, func(a *access) error {
		if _, err := a.check(op, id); err != nil {
			return err
		}
		if holder == "" || len(holder) > 200 || strings.ContainsRune(holder, 0) {
			return fmt.Errorf("%w holder", ErrInvalid)
		}
		if _, err := a.revision(id, which); err != nil {
			return err
		}
		return do(a.tx, which, holder)
	})
}

// Edited is a document's newest revision, and the newest that a person made.
type Edited struct {
	Newest Revision
	// Edit is Newest, or what it was before outputs were recorded in it.
	Edit Revision
}

// LastEdit gives a document's newest revision, and the newest that is no recording of a run (ByRun). For clients that hold
// the document open, only the latter is a change.
func (s *Service) LastEdit(ctx context.Context, id ResourceID) (Edited, error) {
	const page = 100
	var out Edited
	err := s.view(ctx, func(a *access) error {
		t, err := a.check(opLastEdit, id)
		if err != nil {
			return err
		}
		if out.Newest, err = a.revision(id, t.Head); err != nil {
			return err
		}
		if out.Edit = out.Newest; out.Edit.Origin != ByRun {
			return nil
		}
		for before := out.Newest.Number; ; {
			found, err := a.tx.Revisions(id, before, false, page)
			if err != nil {
				return err
			}
			for _, r := range found {
				if out.Edit = r; r.Origin != ByRun {
					return nil
				}
			}
			if len(found) < page {
				return nil // nobody's but runs are left: the oldest stands for what they were made from
			}
			before = found[len(found)-1].Number
		}
	})
	return out, s.refused(ctx, opLastEdit, id, err)
}
