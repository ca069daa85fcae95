package pages

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"sextant/content"
	"sextant/content/iam"
)

// entry is a line of a list of resources.
type entry struct {
	ID, Name, Kind, Owner string
	// Icon is the picture of its kind; Opens tells that it has a page.
	Icon  string
	Opens bool
	// At is the resource itself.
	At content.Resource
}

var kindNames = map[content.Type]string{content.Folder: "Folder", content.Notebook: "Notebook", content.SQL: "SQL", content.File: "File",
	content.Environment: "Environment", content.DataSource: "Data source"}

// kindIcons are as in frontend/src/features/content/kinds.ts: the program draws the same rows over those of the server.
var kindIcons = map[content.Type]string{content.Folder: "folder", content.Notebook: "notebook-text", content.SQL: "file-code", content.File: "file",
	content.Environment: "layers", content.DataSource: "database"}

func entryOf(r content.Resource, n names) entry {
	return entry{string(r.ID), strings.TrimSuffix(r.Name, ".ipynb"), kindNames[r.Type], n.Of(r.Owner), kindIcons[r.Type], r.Type.HasContent() || r.Type == content.Folder, r}
}

// list is a headed list of resources; Aside ones stand in the second column.
type list struct {
	Title, Empty string
	Aside        bool
	Entries      []entry
}

// add lists resources, with what their owners are called.
func (p *Pages) add(ctx context.Context, l *list, found []content.Resource) error {
	n := names{}
	var owners []iam.Member
	for _, r := range found {
		owners = append(owners, r.Owner)
	}
	if err := p.call(ctx, n, owners...); err != nil {
		return err
	}
	for _, r := range found {
		l.Entries = append(l.Entries, entryOf(r, n))
	}
	return nil
}

// shell is a page that the program in browsers takes over: what it is told, and what there is without it.
type shell struct {
	// Self is what whoever is signed in is called, Home their folder, Lab where JupyterLab is; empty where there is none.
	Self, Home, Lab string
	// Root tells that they may see the root of the tree.
	Root bool
	// Runs tells that there are kernels to run documents in.
	Runs bool
	// Path is the page's address below the base path; Folder is what it shows, where that is one.
	Path, Title, Description string
	Folder                   *view
	Words                    string
	Lists                    []list
	NextPage                 string
	Nonce                    string
}

// shellFor is a page for whoever is signed in.
func (p *Pages) shellFor(ctx context.Context, path, title string) (*shell, error) {
	self, err := p.o.Service.Me(ctx)
	if err != nil {
		return nil, err
	}
	s := &shell{Self: self.DisplayName, Runs: p.o.Runner != nil, Path: path, Title: title}
	if s.Self == "" {
		s.Self = self.Member.Value()
	}
	if p.o.Lab != nil {
		s.Lab = p.o.Base + "lab"
	}
	may, err := p.o.Service.TestIamPermissions(ctx, content.RootID, []iam.Permission{iam.ResourcesList})
	if err != nil {
		return nil, err
	}
	s.Root = len(may) > 0
	home, err := p.o.Service.Home(ctx)
	if err == nil {
		s.Home = string(home.ID)
	} else if !hidden(err) {
		return nil, err
	}
	return s, nil
}

// hidden reports whether something is not there, as far as its reader may know.
func hidden(err error) bool {
	return errors.Is(err, content.ErrNotFound) || errors.Is(err, content.ErrDenied) || errors.Is(err, content.ErrUnauthenticated)
}

func (p *Pages) showShell(w http.ResponseWriter, r *http.Request, s *shell) error {
	v := &view{}
	s.Nonce = p.nonce("")
	return p.show(w, r, "shell.html", s, v)
}

// shownAtHome is how long each list of the start page is.
const shownAtHome = 8

// home is the start page: what one came by lately, what one starred, what others share. Who has not signed in does that.
func (p *Pages) home(w http.ResponseWriter, r *http.Request) error {
	ctx, s := r.Context(), p.o.Service
	if content.ActorFrom(ctx).Principal == "" {
		http.Redirect(w, r, p.o.Base+"signin", http.StatusSeeOther)
		return nil
	}
	page, err := p.shellFor(ctx, "", "Home")
	if err != nil {
		return err
	}
	for _, l := range []struct {
		title, empty string
		get          func() ([]content.Resource, error)
	}{
		{"Recent", "Nothing yet. What you open is listed here.", func() ([]content.Resource, error) { return p.marked(ctx, content.Recent, shownAtHome) }},
		{"Shared with me", "Nothing yet. What others share with you is listed here.", func() ([]content.Resource, error) {
			found, err := s.SharedWithMe(ctx, content.PageRequest{Size: shownAtHome})
			return found.Items, err
		}},
		{"Starred", "The star beside a name keeps it here.", func() ([]content.Resource, error) { return p.marked(ctx, content.Star, shownAtHome) }},
		{"All documents", "", func() ([]content.Resource, error) {
			found, err := s.List(ctx, content.RootID, content.ByName, content.PageRequest{Size: shownAtHome})
			if hidden(err) {
				// Not everybody may see the top of the tree.
				found, err = s.Visible(ctx, content.Filter{Types: []content.Type{content.Notebook, content.SQL}}, content.PageRequest{Size: shownAtHome})
			}
			return found.Items, err
		}},
	} {
		found, err := l.get()
		if err != nil {
			return err
		}
		if len(found) == 0 && l.empty == "" {
			continue
		}
		one := list{Title: l.title, Empty: l.empty, Aside: l.title == "Starred" || l.title == "All documents"}
		if err := p.add(ctx, &one, found); err != nil {
			return err
		}
		page.Lists = append(page.Lists, one)
	}
	return p.showShell(w, r, page)
}

func (p *Pages) marked(ctx context.Context, mark content.Mark, n int) ([]content.Resource, error) {
	found, err := p.o.Service.Marked(ctx, mark, content.PageRequest{Size: n})
	if err != nil {
		return nil, err
	}
	var out []content.Resource
	for _, item := range found.Items {
		if item.Type.HasContent() || item.Type == content.Folder {
			out = append(out, item.Resource)
		}
	}
	return out, nil
}

// placed is a list of what is not in one folder.
type placed struct {
	Path, title, empty string
	// operation is the method of content.Service that gives it.
	operation string
	get       func(*Pages, *http.Request) ([]content.Resource, error)
}

// shownInPlace is how long such a list is without the program in browsers, which shows all of it.
const shownInPlace = 200

var places = []placed{
	{"starred", "Starred", "Nothing is starred yet.", "Marked", func(p *Pages, r *http.Request) ([]content.Resource, error) {
		return p.marked(r.Context(), content.Star, shownInPlace)
	}},
	{"recent", "Recent", "Nothing yet. What you open is listed here.", "Marked", func(p *Pages, r *http.Request) ([]content.Resource, error) {
		return p.marked(r.Context(), content.Recent, shownInPlace)
	}},
	{"shared", "Shared with me", "Nothing yet. What others share with you is listed here.", "SharedWithMe", func(p *Pages, r *http.Request) ([]content.Resource, error) {
		found, err := p.o.Service.SharedWithMe(r.Context(), content.PageRequest{Size: shownInPlace})
		return found.Items, err
	}},
	{"trash", "Trash", "The trash is empty.", "ListTrash", func(p *Pages, r *http.Request) ([]content.Resource, error) {
		found, err := p.o.Service.ListTrash(r.Context(), content.PageRequest{Size: shownInPlace})
		return found.Items, err
	}},
	{"search", "Search", "Nothing that you can read has all these words.", "Search", func(p *Pages, r *http.Request) ([]content.Resource, error) {
		words := r.URL.Query().Get("q")
		if words == "" {
			return nil, nil
		}
		found, err := p.o.Service.Search(r.Context(), content.SearchRequest{Query: words, Page: content.PageRequest{Size: 50}})
		var out []content.Resource
		for _, h := range found.Items {
			out = append(out, h.Resource)
		}
		return out, err
	}},
}

// place shows one of the places.
func (p *Pages) place(at placed) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		if content.ActorFrom(r.Context()).Principal == "" {
			return p.refuse(w, r, content.ErrUnauthenticated)
		}
		page, err := p.shellFor(r.Context(), at.Path, at.title)
		if err != nil {
			return err
		}
		found, err := at.get(p, r)
		if err != nil {
			return err
		}
		one := list{Title: at.title, Empty: at.empty}
		if err := p.add(r.Context(), &one, found); err != nil {
			return err
		}
		page.Lists, page.Words = []list{one}, r.URL.Query().Get("q")
		return p.showShell(w, r, page)
	}
}

// content leads from a path to what is there.
func (p *Pages) content(w http.ResponseWriter, r *http.Request) error {
	id := content.RootID
	if path := r.PathValue("path"); path != "" {
		found, err := p.o.Service.Resolve(r.Context(), "/"+path)
		if err != nil {
			return p.refuse(w, r, err)
		}
		id = found.ID
	} else if _, err := p.o.Service.Get(r.Context(), id); err != nil {
		return p.refuse(w, r, err)
	}
	http.Redirect(w, r, p.o.Base+"n/"+url.PathEscape(string(id)), http.StatusSeeOther)
	return nil
}

// folder answers with what is in a folder.
func (p *Pages) folder(w http.ResponseWriter, r *http.Request, ask asked, folder content.Resource) error {
	ctx := r.Context()
	found, err := p.o.Service.List(ctx, folder.ID, content.ByName, content.PageRequest{Size: shownInPlace, Token: r.URL.Query().Get("page")})
	if err != nil {
		return p.refuse(w, r, err)
	}
	v, err := p.view(ctx, ask, &content.Reading{Resource: folder})
	if err != nil {
		return p.refuse(w, r, err)
	}
	page := &shell{Title: v.Title, Runs: p.o.Runner != nil}
	if v.Self != "" { // everybody may see some folders
		if page, err = p.shellFor(ctx, "n/"+string(folder.ID), v.Title); err != nil {
			return p.refuse(w, r, err)
		}
	}
	page.Folder, page.Description = v, v.Description
	one := list{Title: "In " + v.Title, Empty: "This folder is empty."}
	if err := p.add(ctx, &one, found.Items); err != nil {
		return err
	}
	page.Lists = []list{one}
	if found.Next != "" {
		page.NextPage = "?" + url.Values{"page": {found.Next}}.Encode()
	}
	return p.showShell(w, r, page)
}
