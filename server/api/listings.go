package api

import (
	"context"
	"net/http"
	"time"

	"sextant/content"
	"sextant/content/iam"
)

// Filters narrow a listing or search.
type Filters struct {
	Types         []string  `query:"type" doc:"Only these types, separated by commas"`
	Owner         string    `query:"owner" maxLength:"400"`
	Tag           string    `query:"tag" maxLength:"200"`
	Folder        string    `query:"folder" maxLength:"100" doc:"Only what is below this folder, at any depth"`
	UpdatedAfter  time.Time `query:"updatedAfter"`
	UpdatedBefore time.Time `query:"updatedBefore"`
}

func (f Filters) filter() content.Filter {
	return content.Filter{Types: viewAll(f.Types, func(s string) content.Type { return content.Type(s) }), Owner: iam.Member(f.Owner), Tag: f.Tag,
		Folder: resourceID(f.Folder), UpdatedAfter: f.UpdatedAfter, UpdatedBefore: f.UpdatedBefore}
}

// Hit is a resource that was found.
type Hit struct {
	Resource Resource  `json:"resource"`
	Snippets []Snippet `json:"snippets" nullable:"false"`
	// Approximate is for what a misspelt word may have meant.
	Approximate bool `json:"approximate,omitempty" doc:"It holds words like those of the query rather than them"`
}

// Snippet is a stretch of a field's text with the places of the words in it.
type Snippet struct {
	Field string   `json:"field" enum:"name,tags,description,source,outputs"`
	Text  string   `json:"text"`
	Marks [][2]int `json:"marks" nullable:"false" doc:"Byte offsets from and to"`
}

func (a *API) listings() {
	const tag = "listings"
	s := a.o.Service
	add(a, route{"listChildren", http.MethodGet, "/resources/{id}/children", "List a folder", tag, uses("List"), 0},
		func(ctx context.Context, in *struct {
			ByID
			Paging
			Fields
			Order string   `query:"order" enum:"name,updated" default:"name"`
			Types []string `query:"type" doc:"Only these types, separated by commas"`
		}) (*Body[Page[Resource]], error) {
			return resources(s.List(ctx, in.id(), content.Order(in.Order), in.page(), viewAll(in.Types, func(s string) content.Type { return content.Type(s) })...))
		})
	add(a, route{"listVisible", http.MethodGet, "/resources", "List everything that one may see, newest first", tag, uses("Visible"), 0},
		func(ctx context.Context, in *struct {
			Filters
			Paging
			Fields
		}) (*Body[Page[Resource]], error) {
			return resources(s.Visible(ctx, in.filter(), in.page()))
		})
	add(a, route{"listShared", http.MethodGet, "/shared", "List what others shared with one", tag, uses("SharedWithMe"), 0},
		func(ctx context.Context, in *struct {
			Paging
			Fields
		}) (*Body[Page[Resource]], error) {
			return resources(s.SharedWithMe(ctx, in.page()))
		})
	add(a, route{"listTrash", http.MethodGet, "/trash", "List the trash", tag, uses("ListTrash"), 0},
		func(ctx context.Context, in *struct {
			Paging
			Fields
		}) (*Body[Page[Resource]], error) {
			return resources(s.ListTrash(ctx, in.page()))
		})
	add(a, route{"listMarked", http.MethodGet, "/marks/{mark}", "List what one starred, pinned, or read lately", tag, uses("Marked"), 0},
		func(ctx context.Context, in *struct {
			Mark string `path:"mark" enum:"star,pin,recent"`
			Paging
			Fields
		}) (*Body[Page[Resource]], error) {
			page, err := s.Marked(ctx, content.Mark(in.Mark), in.page())
			return body(viewPage(page, func(m content.MarkedItem) Resource {
				r := viewResource(m.Resource)
				r.Marks = viewAll(m.Marks, func(m content.Mark) string { return string(m) })
				return r
			})), err
		})
	add(a, route{"search", http.MethodGet, "/search", "Find resources by words", tag, uses("Search"), 0},
		func(ctx context.Context, in *struct {
			Query string `query:"q" maxLength:"500" doc:"Words that must all be there; the last may be the beginning of one"`
			Filters
			Paging
			Fields
		}) (*Body[Page[Hit]], error) {
			page, err := s.Search(ctx, content.SearchRequest{Query: in.Query, Filter: in.filter(), Page: in.page()})
			return body(viewPage(page, func(h content.Hit) Hit {
				return Hit{viewResource(h.Resource), viewAll(h.Snippets, func(s content.Snippet) Snippet { return Snippet{s.Field, s.Text, s.Marks} }), h.Approximate}
			})), err
		})
}

func resources(p content.Page[content.Resource], err error) (*Body[Page[Resource]], error) {
	return body(viewPage(p, viewResource)), err
}
