package content

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"

	"sextant/content/iam"
)

// MaxCopied bounds the resources that one copy makes: it is one transaction, which all other writers wait for.
const MaxCopied = 2000

// CopyRequest is what CopyTree makes.
type CopyRequest struct {
	// Parent is the folder that the copy goes to, under Name.
	Parent ResourceID
	Name   string
	// Revision, of a document, is which; empty is the newest.
	Revision RevisionID
	// IdempotencyKey is as in NewResource.
	IdempotencyKey string
}

// Copied is a copy.
type Copied struct {
	Resource Resource
	// Folders and Documents count what was made, Resource included. Both are 0 where the same request with its key has
	// made it already.
	Folders, Documents int
	// LeftOut are the documents and folders that the actor may see but not read or list.
	LeftOut []ResourceID
}

// CopyTree copies a document as Copy does, or a folder with everything below it that the actor may read: all of it or,
// where something fails, nothing. The copies are owned by the actor and have what their new place gives: no policy, no
// retention and no history comes along. It needs iam.ResourcesCreate on the new folder; of what is copied, iam.DocumentsRead
// on each document and iam.ResourcesList on each folder. Errors: ErrTooLarge beyond MaxCopied resources, ErrExists,
// ErrInvalid for a folder into itself.
func (s *Service) CopyTree(ctx context.Context, id ResourceID, c CopyRequest) (Copied, error) {
	var out Copied
	err := s.update(ctx, func(a *access) error {
		t, err := a.check(opCopyTree, id)
		if err != nil {
			return err
		}
		if c.Name, err = CleanName(c.Name); err != nil {
			return err
		}
		if err := checkKey(c.IdempotencyKey); err != nil {
			return err
		}
		who, err := a.signedIn()
		if err != nil {
			return err
		}
		to, err := a.checkParent(opCopyTree, c.Parent)
		if err != nil {
			return err
		}
		request := Digest(sha256.Sum256(detail("copy", id, "parent", c.Parent, "name", c.Name, "revision", c.Revision)))
		if c.IdempotencyKey != "" {
			made, err := a.made(who, c.IdempotencyKey, request)
			if err != nil || made.ID != "" {
				out.Resource = made
				return err
			}
		}
		x := &copying{a: a, op: opCopyTree, out: &out}
		if t.Type == Folder {
			out.Resource, err = x.tree(t, to, c)
		} else {
			out.Resource, err = x.document(t, to, c)
		}
		if err != nil {
			return err
		}
		if err := a.tx.AppendAudit(x.entries); err != nil {
			return err
		}
		return a.remember(who, c.IdempotencyKey, request, string(out.Resource.ID))
	})
	if err != nil {
		out = Copied{}
	}
	return out, s.refused(ctx, opCopyTree, id, err)
}

// copying is one copy as it is being made.
type copying struct {
	a       *access
	op      opName
	out     *Copied
	entries []AuditEntry
}

// document copies one document.
func (x *copying) document(t, to target, c CopyRequest) (Resource, error) {
	for p, needed := range map[iam.Permission]bool{iam.DocumentsRead: true, iam.RevisionsList: c.Revision != "" && c.Revision != t.Head} {
		if !needed {
			continue
		}
		if ok, err := x.a.allowed(t, p); err != nil || !ok {
			return Resource{}, orErr(err, ErrDenied)
		}
	}
	return x.add(t.Placed, to, c.Name, c.Revision)
}

// add makes the copy of one resource in a folder.
func (x *copying) add(from Placed, to target, name string, which RevisionID) (Resource, error) {
	a := x.a
	r := Resource{ID: ResourceID(newID()), ParentID: to.ID, Type: from.Type, Name: name, Owner: a.subject.Principal, Description: from.Description,
		Tags: from.Tags, CreatedAt: a.now, UpdatedAt: a.now, Version: 1}
	text := SearchText{}
	w := written{}
	if from.Type == Folder {
		x.out.Folders++
	} else {
		x.out.Documents++
		if which == "" || which == from.Head {
			which = from.Head
			// An older revision's text is not at hand; the first save of the copy indexes it.
			var err error
			if text, err = a.tx.IndexedText(from.ID); err != nil {
				return r, err
			}
		}
		old, err := a.revision(from.ID, which)
		if err != nil {
			return r, err
		}
		if w, err = a.kept(old); err != nil {
			return r, err
		}
	}
	x.entries = append(x.entries, a.entry(x.op, r.ID, true, detail("from", from.ID, "revision", which)))
	made, err := a.add(to, r, w, text, Revision{Origin: ByCopy, Message: "Copy of " + from.Name})
	if err != nil || from.Type == Folder {
		return made, err
	}
	return made, a.copyResults(from.ID, r.ID)
}

// planned is a resource to be copied, and which of those before it is its folder.
type planned struct {
	Placed
	parent int
}

// tree copies a folder. What is copied is settled before anything is made, so that a copy beside what it is of is not
// copied into itself.
func (x *copying) tree(t, to target, c CopyRequest) (Resource, error) {
	if c.Revision != "" {
		return Resource{}, fmt.Errorf("%w: a folder has no revisions", ErrInvalid)
	}
	if to.ID == t.ID || slices.Contains(to.Chain, t.ID) {
		return Resource{}, fmt.Errorf("%w: a folder cannot be copied into itself", ErrInvalid)
	}
	if err := x.a.fits(t, to); err != nil {
		return Resource{}, err
	}
	plan, err := x.plan(t)
	if err != nil {
		return Resource{}, err
	}
	made := make([]target, len(plan))
	var first Resource
	for i, p := range plan {
		parent, name := to, c.Name
		if i > 0 {
			parent, name = made[p.parent], p.Name
		}
		r, err := x.add(p.Placed, parent, name, "")
		if err != nil {
			return first, err
		}
		if i == 0 {
			first = r
		}
		made[i] = target{Placed: Placed{Resource: r, Chain: append(slices.Clone(parent.Chain), parent.ID)}}
	}
	return first, nil
}

// plan lists a folder and what the actor may copy of what is below it, folders before what is in them.
func (x *copying) plan(t target) ([]planned, error) {
	get, err := x.a.reach(iam.ResourcesGet)
	if err != nil {
		return nil, err
	}
	needs := map[bool]iam.Permission{true: iam.ResourcesList, false: iam.DocumentsRead}
	may := func(p Placed) (bool, error) {
		r, err := x.a.reach(needs[p.Type == Folder])
		if err != nil {
			return false, err
		}
		return r.allows(p)
	}
	if ok, err := may(t.Placed); err != nil || !ok {
		return nil, orErr(err, ErrDenied)
	}
	plan := []planned{{Placed: t.Placed, parent: -1}}
	for i := 0; i < len(plan); i++ {
		if plan[i].Type != Folder {
			continue
		}
		for after := (Cursor{}); ; {
			found, err := x.a.tx.Children(plan[i].ID, ByName, nil, after, MaxPageSize)
			if err != nil {
				return nil, err
			}
			for _, p := range found {
				after = Cursor{Name: p.Name, ID: p.ID}
				visible, err := get.allows(p)
				if err != nil {
					return nil, err
				}
				if !visible {
					continue
				}
				ok, err := may(p)
				if err != nil {
					return nil, err
				}
				if !ok {
					x.out.LeftOut = append(x.out.LeftOut, p.ID)
				} else if plan = append(plan, planned{p, i}); len(plan) > MaxCopied {
					return nil, fmt.Errorf("copy: %w: more than %d documents and folders; copy what is in it one by one", ErrTooLarge, MaxCopied)
				}
				if len(x.out.LeftOut) > MaxCopied {
					return nil, fmt.Errorf("copy: %w: more than %d documents and folders may not be read", ErrTooLarge, MaxCopied)
				}
			}
			if len(found) < MaxPageSize {
				break
			}
		}
	}
	return plan, nil
}
