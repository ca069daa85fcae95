package content

import (
	"context"
	"fmt"
	"slices"

	"sextant/content/iam"
)

// Move puts a resource, with all below it, into another folder, under another name where name is not empty. It needs
// iam.ResourcesMove on the resource and iam.ResourcesCreate on both folders. Where one of the folders that it leaves, or of
// those it comes into, has a policy, moving changes who has access: that is sharing, as in Google Drive and Google Cloud,
// and needs iam.ResourcesSetIamPolicy on the resource too, but for a document that the actor owns. etag is as in Edit.
func (s *Service) Move(ctx context.Context, id, parent ResourceID, name, etag string) (Resource, error) {
	var out Resource
	err := s.update(ctx, func(a *access) error {
		t, err := a.check(opMove, id)
		if err != nil {
			return err
		}
		to, err := a.checkParent(opMove, parent)
		if err != nil {
			return err
		}
		if err := t.precondition(etag); err != nil {
			return err
		}
		if id == RootID {
			return fmt.Errorf("%w: the root stays where it is", ErrInvalid)
		}
		if name == "" {
			name = t.Name
		}
		if name, err = CleanName(name); err != nil {
			return err
		}
		if parent != t.ParentID {
			if err := a.mayLeave(t, to); err != nil {
				return err
			}
		}
		if t.Type == Folder {
			if err := a.fits(t, to); err != nil {
				return err
			}
		}
		renamed := name != t.Name
		if err := a.tx.MoveResource(id, parent, name); err != nil {
			return err
		}
		moved, err := a.tx.Resource(id)
		if err != nil {
			return err
		}
		moved.Version++
		if err := a.tx.UpdateResource(moved.Resource); err != nil {
			return err
		}
		if renamed {
			if err := a.index(moved.Resource, nil); err != nil {
				return err
			}
		}
		if err := a.tell(Moved, id, moved.Chain, ""); err != nil {
			return err
		}
		clear(a.names)
		if out, err = a.shown(moved); err != nil {
			return err
		}
		return a.log(opMove, id, detail("from", t.ParentID, "to", parent, "name", name))
	})
	return out, s.refused(ctx, opMove, id, err)
}

// mayLeave checks what moving to another folder needs besides the right to move and to put something there.
func (a *access) mayLeave(t, to target) error {
	from, err := a.load(t.ParentID)
	if err != nil {
		return err
	}
	if ok, err := a.allowed(from, iam.ResourcesCreate); err != nil || !ok {
		return orErr(err, fmt.Errorf("%w: taking it out of its folder needs %s there", ErrDenied, iam.ResourcesCreate))
	}
	if t.Type != Folder && t.Owner == a.subject.Principal && t.Owner != "" || !sharesDiffer(from.lineage, to.lineage) {
		return nil
	}
	if ok, err := a.allowed(t, iam.ResourcesSetIamPolicy); err != nil || !ok {
		return orErr(err, fmt.Errorf("%w: moving it there changes who has access, which needs %s on it", ErrDenied, iam.ResourcesSetIamPolicy))
	}
	return nil
}

// sharesDiffer reports whether something has a policy that is above one place and not above the other.
func sharesDiffer(from, to []Ancestor) bool {
	for _, pair := range [][2][]Ancestor{{from, to}, {to, from}} {
		for _, x := range pair[0] {
			shared := slices.ContainsFunc(pair[1], func(y Ancestor) bool { return y.ID == x.ID })
			if !shared && len(x.Policy.Bindings) > 0 {
				return true
			}
		}
	}
	return false
}

// orErr is err, or other where that is nil.
func orErr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// fits checks that a folder's own depth leaves it within MaxDepth at its new place.
func (a *access) fits(t, to target) error {
	below, err := a.tx.Below(t.ID, 1) // the deepest first
	if err != nil || len(below) == 0 {
		return err
	}
	deepest, err := a.tx.Resource(below[0])
	if err != nil {
		return err
	}
	if len(to.Chain)+1+len(deepest.Chain)-len(t.Chain)+1 > MaxDepth {
		return fmt.Errorf("%w: more than %d folders in each other", ErrInvalid, MaxDepth)
	}
	return nil
}

// Copy makes a new document with the content of one's revision (empty: the newest), and its description and tags,
// owned by the actor. It needs iam.DocumentsRead on the document, iam.RevisionsList for an older revision, and
// iam.ResourcesCreate on the folder. Stored content is shared, so a copy costs no space. Stored results come along.
func (s *Service) Copy(ctx context.Context, id, parent ResourceID, name string, which RevisionID) (Resource, error) {
	var out Resource
	err := s.update(ctx, func(a *access) error {
		if _, err := a.signedIn(); err != nil {
			return err
		}
		t, err := a.check(opCopy, id)
		if err != nil {
			return err
		}
		to, err := a.checkParent(opCopy, parent)
		if err != nil {
			return err
		}
		if !t.Type.HasContent() {
			return fmt.Errorf("%w: folders are not copied", ErrInvalid)
		}
		if name, err = CleanName(name); err != nil {
			return err
		}
		x := &copying{a: a, op: opCopy, out: &Copied{}}
		if out, err = x.document(t, to, CopyRequest{Name: name, Revision: which}); err != nil {
			return err
		}
		return a.tx.AppendAudit(x.entries)
	})
	return out, s.refused(ctx, opCopy, id, err)
}
