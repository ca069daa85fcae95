package content

import (
	"context"
	"fmt"
	"time"

	"sextant/content/iam"
)

// Trash puts a resource, with all below it, into the trash: it is found nowhere any more but there, and its name is
// free. etag is as in Edit.
func (s *Service) Trash(ctx context.Context, id ResourceID, etag string) error {
	err := s.update(ctx, func(a *access) error {
		t, err := a.check(opTrash, id)
		if err != nil {
			return err
		}
		if id == RootID {
			return fmt.Errorf("%w: the root stays", ErrInvalid)
		}
		if err := t.precondition(etag); err != nil {
			return err
		}
		if err := a.tx.SetTrashed(id, a.now, a.actor.Principal); err != nil {
			return err
		}
		if err := a.tell(TrashedChange, id, t.Chain, ""); err != nil {
			return err
		}
		return a.log(opTrash, id, detail("name", t.Name))
	})
	return s.refused(ctx, opTrash, id, err)
}

// Restore takes a resource out of the trash, to where it was, under another name where name is not empty. ErrExists:
// its name has been taken meanwhile. ErrInvalid: it is not in the trash itself; ErrNotFound also where a folder above
// it is still in the trash.
func (s *Service) Restore(ctx context.Context, id ResourceID, name string) (Resource, error) {
	var out Resource
	err := s.update(ctx, func(a *access) error {
		t, err := a.inTrash(opRestore, id)
		if err != nil {
			return err
		}
		for _, above := range t.lineage[1:] {
			if above.Trashed {
				return ErrNotFound
			}
		}
		if name != "" {
			clean, err := CleanName(name)
			if err != nil {
				return err
			}
			t.Name = clean
			t.Version++
			if err := a.tx.UpdateResource(t.Resource); err != nil {
				return err
			}
			if err := a.index(t.Resource, nil); err != nil {
				return err
			}
		}
		if err := a.tx.SetTrashed(id, time.Time{}, ""); err != nil {
			return err
		}
		if err := a.tell(Restored, id, t.Chain, ""); err != nil {
			return err
		}
		restored, err := a.tx.Resource(id)
		if err != nil {
			return err
		}
		if out, err = a.shown(restored); err != nil {
			return err
		}
		return a.log(opRestore, id, detail("name", t.Name))
	})
	return out, s.refused(ctx, opRestore, id, err)
}

// inTrash finds a resource that is in the trash itself.
func (a *access) inTrash(op opName, id ResourceID) (target, error) {
	t, err := a.checkTrashed(op, id)
	if err == nil && t.TrashedAt.IsZero() {
		err = fmt.Errorf("%w: not in the trash", ErrInvalid)
		if t.Hidden {
			err = ErrNotFound
		}
	}
	return t, err
}

// Purge deletes a resource in the trash for good, with all below it and every revision. The content's bytes go with
// the next collection. A large folder goes in steps; what a crash leaves of it stays in the trash.
func (s *Service) Purge(ctx context.Context, id ResourceID) error {
	for {
		more := false
		err := s.update(ctx, func(a *access) error {
			t, err := a.inTrash(opPurge, id)
			if err != nil {
				return err
			}
			more, err = a.purge(t)
			if err != nil || more {
				return err
			}
			return a.log(opPurge, id, detail("name", t.Name, "type", t.Type, "parent", t.ParentID))
		})
		if err != nil || !more {
			return s.refused(ctx, opPurge, id, err)
		}
	}
}

// purgeStep is how many resources one transaction deletes.
const purgeStep = 500

// purge deletes a step of what is below, or where nothing is the resource itself; more tells that something is left.
func (a *access) purge(t target) (more bool, err error) {
	if t.Type == Folder {
		below, err := a.tx.Below(t.ID, purgeStep)
		if err != nil {
			return false, err
		}
		for _, id := range below {
			if err := a.tx.DeleteResource(id); err != nil {
				return false, err
			}
		}
		if len(below) == purgeStep {
			return true, nil
		}
	}
	if err := a.tell(Purged, t.ID, t.Chain, ""); err != nil {
		return false, err
	}
	return false, a.tx.DeleteResource(t.ID)
}

// ListTrash lists what is in the trash and the actor may take out, last put there first.
func (s *Service) ListTrash(ctx context.Context, page PageRequest) (Page[Resource], error) {
	var out Page[Resource]
	err := s.view(ctx, func(a *access) error {
		kind := string(opListTrash)
		r, err := a.reach(iam.ResourcesDelete)
		if err != nil {
			return err
		}
		out, err = a.page(kind, page, r, func(after Cursor, limit int) ([]Placed, error) { return a.tx.Trashed(after, limit) },
			func(p Placed) pageToken { return pageToken{Micros: p.TrashedAt.UnixMicro(), ID: p.ID} })
		return err
	})
	return out, s.refused(ctx, opListTrash, "", err)
}
