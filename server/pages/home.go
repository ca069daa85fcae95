package pages

import (
	"errors"
	"net/http"
	"net/url"

	"sextant/content"
)

// entry is a line of a list of resources.
type entry struct {
	ID, Name, Kind, Owner string
	// At is the resource itself.
	At content.Resource
}

var kindNames = map[content.Type]string{content.Folder: "Folder", content.Notebook: "Notebook", content.SQL: "SQL", content.File: "File",
	content.Environment: "Environment", content.DataSource: "Data source"}

func entryOf(r content.Resource) entry {
	return entry{string(r.ID), r.Name, kindNames[r.Type], r.Owner.Value(), r}
}

// list is a headed list of resources.
type list struct {
	Title, Empty string
	Entries      []entry
}

// shownAtHome is how long each list of the start page is.
const shownAtHome = 12

// home is the start page: what one came by lately, what one starred, what others share. Who has not signed in does that.
func (p *Pages) home(w http.ResponseWriter, r *http.Request) error {
	ctx, s := r.Context(), p.o.Service
	if content.ActorFrom(ctx).Principal == "" {
		http.Redirect(w, r, p.o.Base+"signin", http.StatusSeeOther)
		return nil
	}
	self, err := s.Me(ctx)
	if err != nil {
		return err
	}
	name := self.DisplayName
	if name == "" {
		name = self.Member.Value()
	}
	page := struct {
		Self, Lab string
		Home      string
		Lists     []list
		Jobs      bool
		Nonce     string
	}{Self: name, Jobs: p.o.Runner != nil}
	if p.o.Lab {
		page.Lab = p.o.Base + "lab"
	}
	home, err := s.Home(ctx)
	if err == nil {
		page.Home = string(home.ID)
	} else if !errors.Is(err, content.ErrNotFound) && !errors.Is(err, content.ErrDenied) {
		return err
	}
	for _, l := range []struct {
		title, empty string
		get          func() ([]content.Resource, error)
	}{
		{"Starred", "", func() ([]content.Resource, error) { return p.marked(r, content.Star) }},
		{"Recent", "Nothing yet. What you open is listed here.", func() ([]content.Resource, error) { return p.marked(r, content.Recent) }},
		{"Shared with you", "Nothing yet. What others share with you is listed here.", func() ([]content.Resource, error) {
			found, err := s.SharedWithMe(ctx, content.PageRequest{Size: shownAtHome})
			return found.Items, err
		}},
		{"All you can read", "", func() ([]content.Resource, error) {
			found, err := s.List(ctx, content.RootID, content.ByName, content.PageRequest{Size: shownAtHome})
			if errors.Is(err, content.ErrNotFound) || errors.Is(err, content.ErrDenied) {
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
		one := list{Title: l.title, Empty: l.empty}
		for _, item := range found {
			one.Entries = append(one.Entries, entryOf(item))
		}
		page.Lists = append(page.Lists, one)
	}
	return p.show(w, r, "home.html", page, &view{})
}

func (p *Pages) marked(r *http.Request, mark content.Mark) ([]content.Resource, error) {
	found, err := p.o.Service.Marked(r.Context(), mark, content.PageRequest{Size: shownAtHome})
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

// folder answers with what is in a folder.
func (p *Pages) folder(w http.ResponseWriter, r *http.Request, ask asked, folder content.Resource) error {
	ctx := r.Context()
	found, err := p.o.Service.List(ctx, folder.ID, content.ByName, content.PageRequest{Size: 200, Token: r.URL.Query().Get("page")})
	if err != nil {
		return p.refuse(w, r, err)
	}
	v, err := p.view(ctx, ask, &content.Reading{Resource: folder})
	if err != nil {
		return p.refuse(w, r, err)
	}
	page := struct {
		*view
		Entries  []entry
		NextPage string
	}{view: v}
	for _, item := range found.Items {
		page.Entries = append(page.Entries, entryOf(item))
	}
	if found.Next != "" {
		page.NextPage = "?" + url.Values{"page": {found.Next}}.Encode()
	}
	return p.show(w, r, "folder.html", page, v)
}
