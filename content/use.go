package content

import (
	"context"
	"fmt"
	"io"
	"strings"

	"sextant/content/iam"
)

// Used is an environment or a data source as who may use it gets it.
type Used struct {
	Resource Resource
	Revision Revision
	// Content is the specification of that revision.
	Content []byte
}

// MaxUsedSize bounds the specification of an environment or a data source in bytes.
const MaxUsedSize = 1 << 20

// UseEnvironment gives an environment to run in; an empty revision is the newest. An older one must be a checkpoint, which
// is how its editors publish it, or the actor see the history (revisions.list). What is no environment is ErrNotFound.
func (s *Service) UseEnvironment(ctx context.Context, id ResourceID, revision RevisionID) (Used, error) {
	return s.use(ctx, opUseEnvironment, Environment, id, revision)
}

// UseDataSource gives a data source, as UseEnvironment.
func (s *Service) UseDataSource(ctx context.Context, id ResourceID, revision RevisionID) (Used, error) {
	return s.use(ctx, opUseDataSource, DataSource, id, revision)
}

func (s *Service) use(ctx context.Context, op opName, kind Type, id ResourceID, revision RevisionID) (Used, error) {
	var out Used
	err := s.view(ctx, func(a *access) error {
		t, err := a.check(op, id)
		if err != nil {
			return err
		}
		if t.Type != kind {
			return ErrNotFound
		}
		which := t.Head
		if revision != "" {
			which = revision
		}
		if out.Revision, err = a.revision(id, which); err != nil {
			return err
		}
		if which != t.Head && out.Revision.Name == "" {
			if ok, err := a.allowed(t, iam.RevisionsList); err != nil {
				return err
			} else if !ok {
				return ErrNotFound
			}
		}
		out.Resource, err = a.shown(t.Placed)
		return err
	})
	if err != nil {
		return Used{}, s.refused(ctx, op, id, err)
	}
	if out.Revision.Size > MaxUsedSize {
		return Used{}, fmt.Errorf("%s: %w: a specification has at most %d bytes", out.Resource.Name, ErrTooLarge, MaxUsedSize)
	}
	err = s.observer.observe(ctx, observation{entry: entryOf(ActorFrom(ctx), s.now(), op, id, true, detail("revision", out.Revision.ID))})
	if err != nil {
		return Used{}, err
	}
	body, err := openLayout(ctx, s.blobs, out.Revision.Layout, false, 0, -1)
	if err != nil {
		return Used{}, err
	}
	defer body.Close() // it was only read
	out.Content, err = io.ReadAll(body)
	return out, err
}

// MaxUsable is how many environments or data sources Usable lists.
const MaxUsable = 200

// Named finds what has an id, or a name with or without the ending of its kind, among what one may use.
func Named(usable []Resource, name string) (Resource, bool) {
	for _, r := range usable {
		if string(r.ID) == name || stem(r.Name) == stem(name) {
			return r, true
		}
	}
	return Resource{}, false
}

func stem(name string) string { return strings.TrimSuffix(name, ".toml") }

// Usable lists the environments or the data sources that the actor may use, last changed first.
func (s *Service) Usable(ctx context.Context, kind Type) ([]Resource, error) {
	permission := iam.EnvironmentsUse
	switch kind {
	case Environment:
	case DataSource:
		permission = iam.DataSourcesUse
	default:
		return nil, fmt.Errorf("%w type %.20q: want %s or %s", ErrInvalid, kind, Environment, DataSource)
	}
	var out []Resource
	err := s.view(ctx, func(a *access) error {
		r, err := a.reach(permission)
		if err != nil {
			return err
		}
		found, err := a.newest(r, Filter{Types: []Type{kind}}, Cursor{}, MaxUsable)
		if err != nil {
			return err
		}
		for _, p := range found {
			shown, err := a.shown(p)
			if err != nil {
				return err
			}
			out = append(out, shown)
		}
		return nil
	})
	return out, s.refused(ctx, opUsable, "", err)
}
