package jupyter

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"sextant/content"
	"sextant/content/iam"
)

// sharedName is the folder in the root that shows what others shared and one could not come to otherwise, because the
// folders above it are not theirs to see. A real folder of that name hides it.
const sharedName = "Shared with me"

// maxShared bounds what that folder shows.
const maxShared = 5000

// node is what stands at a path.
type node struct {
	// path is as Jupyter writes it: names with slashes between, without any at either end.
	path string
	// resource is the zero value for a folder that is only shown, and in which nothing can be put.
	resource content.Resource
	shown    shown
}

// shown is a folder that is only shown.
type shown int

const (
	real   shown = iota
	root         // of the whole tree, for somebody who may not see the root
	homes        // the folder of homes, for somebody who may see only their own
	shares       // sharedName
)

func (n node) name() string {
	if n.path == "" {
		return ""
	}
	return path.Base(n.path)
}

func (n node) isFolder() bool { return n.shown != real || n.resource.Type == content.Folder }

// kind is Jupyter's type.
func (n node) kind() string {
	switch {
	case n.isFolder():
		return "directory"
	case strings.HasSuffix(n.path, ".ipynb"):
		return "notebook"
	}
	return "file"
}

// child is the path of a name in a folder.
func (n node) child(name string) string { return strings.TrimPrefix(n.path+"/"+name, "/") }

// clean gives a path the form that nodes have; what cannot be a path is ErrNotFound.
func clean(p string) (string, error) {
	p = strings.Trim(p, "/")
	if p == "" {
		return "", nil
	}
	for name := range strings.SplitSeq(p, "/") {
		if _, err := content.CleanName(name); err != nil {
			return "", content.ErrNotFound
		}
	}
	return p, nil
}

// isHidden reports whether a path leads to, or through, a name that begins with a dot.
func isHidden(p string) bool {
	for name := range strings.SplitSeq(p, "/") {
		if strings.HasPrefix(name, ".") {
			return true
		}
	}
	return false
}

// isListed reports whether listings show a name: not what programs leave behind (jupyter_server's hide_globs).
func (s *Server) isListed(name string) bool {
	return (s.o.Hidden || !isHidden(name)) && name != "__pycache__" && !strings.HasSuffix(name, ".pyc") &&
		!strings.HasSuffix(name, ".pyo") && name != ".DS_Store" && !strings.HasSuffix(name, "~")
}

// Locate finds the document or folder that a Jupyter client means by a path. ErrNotFound: it is not there, not the
// actor's to see, hidden, or a folder that is only shown.
func (s *Server) Locate(ctx context.Context, p string) (content.Resource, error) {
	n, err := s.find(ctx, p)
	if err == nil && n.shown != real {
		err = content.ErrNotFound
	}
	return n.resource, err
}

// find is Locate with the folders that are only shown.
func (s *Server) find(ctx context.Context, p string) (node, error) {
	p, err := clean(p)
	if err != nil {
		return node{}, err
	}
	if !s.o.Hidden && isHidden(p) {
		return node{}, content.ErrNotFound
	}
	top, err := s.root(ctx)
	if err != nil {
		return node{}, err
	}
	n := node{path: p}
	if p == "" && s.o.Root == "" {
		// Whether everybody may see the root is asked in a way that logs no refusal: pages ask again and again.
		if got, err := s.o.Service.TestIamPermissions(ctx, content.RootID, []iam.Permission{iam.ResourcesGet}); err != nil || len(got) == 0 {
			return s.only(p, root), err
		}
	}
	if n.resource, err = s.o.Service.ResolveBelow(ctx, top, p); err == nil {
		return n, visible(n.resource)
	}
	if s.o.Root != "" || !errors.Is(err, content.ErrNotFound) {
		return n, err
	}
	first, rest, deeper := strings.Cut(p, "/")
	switch {
	case first == content.HomesName:
		// The actor's own is made when they first come, whichever way.
		home, failure := s.o.Service.Home(ctx)
		if failure != nil {
			return n, err
		}
		if !deeper {
			return s.only(p, homes), nil
		}
		if own, below, _ := strings.Cut(rest, "/"); own == home.Name {
			if n.resource, err = s.o.Service.ResolveBelow(ctx, home.ID, below); err == nil {
				return n, visible(n.resource)
			}
		}
	case first == sharedName:
		found, failure := s.shared(ctx)
		if failure != nil || len(found) == 0 {
			return n, errors.Join(failure, err)
		}
		if !deeper {
			return s.only(p, shares), nil
		}
		name, rest, _ := strings.Cut(rest, "/")
		for _, e := range found {
			if e.name == name {
				if n.resource, err = s.o.Service.ResolveBelow(ctx, e.resource.ID, rest); err != nil {
					return n, err
				}
				return n, visible(n.resource)
			}
		}
	}
	return n, err
}

// only is a folder that is only shown.
func (s *Server) only(p string, what shown) node {
	return node{path: p, shown: what, resource: content.Resource{CreatedAt: s.started, UpdatedAt: s.started}}
}

// visible is ErrNotFound for what is neither a folder nor a document: Jupyter has no word for it.
func visible(r content.Resource) error {
	switch r.Type {
	case content.Folder, content.Notebook, content.SQL, content.File:
		return nil
	}
	return content.ErrNotFound
}

// root is the folder that paths begin at.
func (s *Server) root(ctx context.Context) (content.ResourceID, error) {
	if s.o.Root == "" {
		return content.RootID, nil
	}
	who := content.ActorFrom(ctx).Principal.Value()
	at := path.Clean("/" + strings.ReplaceAll(s.o.Root, "{user}", who))
	if at == "/"+content.HomesName+"/"+who {
		home, err := s.o.Service.Home(ctx)
		return home.ID, err
	}
	r, err := s.o.Service.Resolve(ctx, at)
	if err == nil && r.Type != content.Folder {
		err = content.ErrNotFound
	}
	if errors.Is(err, content.ErrNotFound) {
		return "", notFound("the folder %s, which is the root here, is not there or not yours to see", at)
	}
	return r.ID, err
}

// home is the path that the file browser opens at: the actor's home folder where the tree shows it.
func (s *Server) home(ctx context.Context) string {
	if s.o.Root != "" {
		return ""
	}
	h, err := s.o.Service.Home(ctx)
	if err != nil {
		return ""
	}
	return content.HomesName + "/" + h.Name
}

// entry is one thing that others shared, under the name it has here.
type entry struct {
	name     string
	resource content.Resource
}

// shared lists what others shared and no visible folder leads to. Of several with one name the oldest has it as it is, and
// the others part of their id, so that what is shared later changes no path.
func (s *Server) shared(ctx context.Context) ([]entry, error) {
	var found []content.Resource
	for page := (content.PageRequest{Size: content.MaxPageSize}); ; {
		got, err := s.o.Service.SharedWithMe(ctx, page)
		if err != nil {
			return nil, err
		}
		for _, r := range got.Items {
			if r.ParentID == "" && r.ID != content.RootID && visible(r) == nil && s.isListed(r.Name) {
				found = append(found, r)
			}
		}
		if page.Token = got.Next; page.Token == "" || len(found) >= maxShared {
			break
		}
	}
	slices.SortFunc(found, func(a, b content.Resource) int { return strings.Compare(string(a.ID), string(b.ID)) })
	out := make([]entry, len(found))
	taken := map[string]bool{}
	for i, r := range found {
		name := r.Name
		if taken[name] {
			ext := path.Ext(name)
			name = strings.TrimSuffix(name, ext) + " " + string(r.ID[len(r.ID)-8:]) + ext
		}
		taken[name] = true
		out[i] = entry{name, r}
	}
	return out, nil
}

// each calls fn for what a folder shows, page by page.
func (s *Server) each(ctx context.Context, folder node, fn func(node) error) error {
	seen := map[string]bool{}
	show := func(n node) error {
		seen[n.name()] = true
		return fn(n)
	}
	switch folder.shown {
	case homes:
		h, err := s.o.Service.Home(ctx)
		if err != nil {
			return err
		}
		return show(node{path: folder.child(h.Name), resource: h})
	case shares:
		found, err := s.shared(ctx)
		for _, e := range found {
			if err == nil {
				err = show(node{path: folder.child(e.name), resource: e.resource})
			}
		}
		return err
	case real:
		for page := (content.PageRequest{Size: content.MaxPageSize}); ; {
			got, err := s.o.Service.List(ctx, folder.resource.ID, content.ByName, page)
			if err != nil {
				return err
			}
			for _, r := range got.Items {
				if visible(r) == nil && s.isListed(r.Name) {
					if err := show(node{path: folder.child(r.Name), resource: r}); err != nil {
						return err
					}
				}
			}
			if page.Token = got.Next; page.Token == "" {
				break
			}
		}
	}
	if folder.path != "" || s.o.Root != "" {
		return nil
	}
	// In the root of everything also what leads to what is not below a visible folder.
	if !seen[content.HomesName] {
		if _, err := s.o.Service.Home(ctx); err == nil {
			if err := fn(s.only(content.HomesName, homes)); err != nil {
				return err
			}
		}
	}
	if !seen[sharedName] {
		found, err := s.shared(ctx)
		if err != nil || len(found) == 0 {
			return err
		}
		return fn(s.only(sharedName, shares))
	}
	return nil
}

// PathOf is where a document or folder stands in the tree that the actor's Jupyter shows, which Locate finds again.
// ErrNotFound: it is not the actor's to see, or that tree does not show it.
func (s *Server) PathOf(ctx context.Context, id content.ResourceID) (string, error) {
	r, err := s.o.Service.Get(ctx, id)
	if err != nil {
		return "", err
	}
	line, err := s.o.Service.Ancestors(ctx, id)
	if err != nil {
		return "", err
	}
	line = append(line, content.Place{ID: id, Name: r.Name})
	// from is the path of what stands in the line, below a path that leads to one in it.
	from := func(at content.ResourceID, p string) (string, bool) {
		i := slices.IndexFunc(line, func(place content.Place) bool { return place.ID == at })
		if i < 0 {
			return "", false
		}
		n := node{path: p}
		for _, place := range line[i+1:] {
			n.path = n.child(place.Name)
		}
		found, err := s.Locate(ctx, n.path)
		return n.path, err == nil && found.ID == id || n.path == "" && id == at
	}
	top, err := s.root(ctx)
	if err != nil {
		return "", err
	}
	if p, ok := from(top, ""); ok {
		return p, nil
	}
	if s.o.Root != "" {
		return "", content.ErrNotFound
	}
	if home, err := s.o.Service.Home(ctx); err == nil {
		if p, ok := from(home.ID, content.HomesName+"/"+home.Name); ok {
			return p, nil
		}
	}
	shared, err := s.shared(ctx)
	if err != nil {
		return "", err
	}
	for _, e := range shared {
		if p, ok := from(e.resource.ID, sharedName+"/"+e.name); ok {
			return p, nil
		}
	}
	return "", content.ErrNotFound
}
