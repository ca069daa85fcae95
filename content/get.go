package content

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sextant/content/iam"
)

// Get gives a resource. ErrNotFound: it is not there, in the trash, or may not be seen.
func (s *Service) Get(ctx context.Context, id ResourceID) (Resource, error) {
	var out Resource
	err := s.viewOf(ctx, id, func(a *access) error {
		t, err := a.check(opGet, id)
		if err != nil {
			return err
		}
		out, err = a.shownTarget(t)
		return err
	})
	return out, s.refused(ctx, opGet, id, err)
}

// Resolve finds a resource by its path, names from the root each after a slash: "/finance/q3.ipynb"; "/" is the root.
// Only the resource itself must be visible; folders on the way need not be.
func (s *Service) Resolve(ctx context.Context, path string) (Resource, error) {
	var out Resource
	err := s.view(ctx, func(a *access) error {
		if !strings.HasPrefix(path, "/") {
			return fmt.Errorf("%w path %.60q", ErrInvalid, path)
		}
		id, err := a.descend(RootID, strings.TrimPrefix(path, "/"))
		if err != nil {
			return err
		}
		t, err := a.check(opResolve, id)
		if err != nil {
			// What may be seen but not this way does not exist: Resolve has one permission, that of seeing.
			return err
		}
		out, err = a.shownTarget(t)
		return err
	})
	return out, s.refused(ctx, opResolve, "", err)
}

// ResolveBelow finds a resource by its path from a folder, names with slashes between: "q3/a.ipynb"; "" is the folder.
// As for Resolve, only the resource itself must be visible. What is not there is not logged as a refusal: programs look
// before they write.
func (s *Service) ResolveBelow(ctx context.Context, folder ResourceID, path string) (Resource, error) {
	var out Resource
	found := false
	err := s.view(ctx, func(a *access) error {
		if !validID(string(folder)) {
			return ErrNotFound
		}
		id, err := a.descend(folder, path)
		if err != nil {
			return err
		}
		found = true
		t, err := a.check(opResolveBelow, id)
		if err != nil {
			return err
		}
		out, err = a.shown(t.Placed)
		return err
	})
	if !found {
		return out, err
	}
	return out, s.refused(ctx, opResolveBelow, "", err)
}

// descend follows names from a folder, whoever may see them.
func (a *access) descend(id ResourceID, path string) (ResourceID, error) {
	if path == "" {
		return id, nil
	}
	if strings.Count(path, "/") > MaxDepth {
		return "", fmt.Errorf("%w path %.60q", ErrInvalid, path)
	}
	for name := range strings.SplitSeq(path, "/") {
		name, err := CleanName(name)
		if err != nil {
			return "", err
		}
		child, err := a.tx.Child(id, name)
		if err != nil {
			return "", err
		}
		id = child.ID
	}
	return id, nil
}

// Place is one step of the way from the root to a resource.
type Place struct {
	ID   ResourceID
	Name string
}

// Ancestors gives the folders a resource stands in, from the top down to it. Folders that the actor may not see are left
// out, with all above them.
func (s *Service) Ancestors(ctx context.Context, id ResourceID) ([]Place, error) {
	var out []Place
	err := s.view(ctx, func(a *access) error {
		t, err := a.check(opAncestors, id)
		if err != nil {
			return err
		}
		r, err := a.reach(iam.ResourcesGet)
		if err != nil {
			return err
		}
		for i := len(t.Chain) - 1; i >= 0; i-- {
			folder, err := a.tx.Resource(t.Chain[i])
			if err != nil {
				return err
			}
			visible, err := r.allows(folder)
			if err != nil {
				return err
			}
			if !visible {
				break
			}
			out = append([]Place{{folder.ID, folder.Name}}, out...)
		}
		return nil
	})
	return out, s.refused(ctx, opAncestors, id, err)
}

// Edit is changes to a resource; nil fields stay as they are.
type Edit struct {
	Name        *string
	Description *string
	Tags        *[]string
	// Etag, where not empty, is what Resource.Etag must still be.
	Etag string
}

// Update renames, describes or tags. Errors: ErrExists for a name that is taken, ErrPrecondition for an etag that has
// changed.
func (s *Service) Update(ctx context.Context, id ResourceID, edit Edit) (Resource, error) {
	var out Resource
	err := s.update(ctx, func(a *access) error {
		t, err := a.check(opUpdate, id)
		if err != nil {
			return err
		}
		if err := t.precondition(edit.Etag); err != nil {
			return err
		}
		r := t.Resource
		if edit.Name != nil {
			if id == RootID {
				return fmt.Errorf("%w: the root has no name", ErrInvalid)
			}
			if r.Name, err = CleanName(*edit.Name); err != nil {
				return err
			}
		}
		if edit.Description != nil {
			if r.Description, err = cleanDescription(*edit.Description); err != nil {
				return err
			}
		}
		if edit.Tags != nil {
			if r.Tags, err = CleanTags(*edit.Tags); err != nil {
				return err
			}
		}
		if out, err = a.changed(t, r); err != nil {
			return err
		}
		return a.log(opUpdate, id, detail("name", out.Name, "tags", out.Tags))
	})
	return out, s.refused(ctx, opUpdate, id, err)
}

func (t target) precondition(etag string) error {
	if etag != "" && etag != "*" && etag != t.Etag() {
		return fmt.Errorf("%w: the resource's etag is %s, not %s", ErrPrecondition, t.Etag(), etag)
	}
	return nil
}

// changed stores a new state of everything but place and content, indexes it and tells the feed.
func (a *access) changed(t target, r Resource) (Resource, error) {
	r.Version++
	r.UpdatedAt = a.now
	if err := a.tx.UpdateResource(r); err != nil {
		return r, err
	}
	if err := a.index(r, nil); err != nil {
		return r, err
	}
	if err := a.tell(Updated, r.ID, t.Chain, ""); err != nil {
		return r, err
	}
	t.Resource = r
	return a.shown(t.Placed)
}

// index brings a resource's names up to date in the search index; its text too where that is not nil.
func (a *access) index(r Resource, text *SearchText) error {
	if r.ID == RootID {
		return nil
	}
	if text == nil {
		known, err := a.tx.IndexedText(r.ID)
		if err != nil {
			return err
		}
		text = &known
	}
	text.Name, text.Tags, text.Description = r.Name, strings.Join(r.Tags, "\n"), r.Description
	return a.tx.IndexText(r.ID, *text)
}

// tell adds to the change feed.
func (a *access) tell(kind ChangeKind, id ResourceID, chain []ResourceID, revision RevisionID) error {
	return a.tx.AppendChange(Change{At: a.now, Kind: kind, ResourceID: id, Actor: a.actor.Principal, Chain: chain, Revision: revision})
}

// Mark stars or pins a resource for the actor, or takes the mark off.
func (s *Service) Mark(ctx context.Context, id ResourceID, mark Mark, on bool) error {
	err := s.update(ctx, func(a *access) error {
		who, err := a.signedIn()
		if err != nil {
			return err
		}
		if mark != Star && mark != Pin {
			return fmt.Errorf("%w mark %.20q", ErrInvalid, mark)
		}
		if _, err := a.check(opMark, id); err != nil {
			return err
		}
		at := a.now
		if !on {
			at = time.Time{}
		}
		if err := a.tx.SetMark(who, id, mark, at); err != nil {
			return err
		}
		return a.tx.TrimMarks(who, mark, MaxMarks)
	})
	return s.refused(ctx, opMark, id, err)
}

// MaxMarks bounds the stars and the pins that one person can have; the oldest go first.
const MaxMarks = 10_000
