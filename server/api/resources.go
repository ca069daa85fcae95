package api

import (
	"context"
	"net/http"
	"path"
	"strings"

	"sextant/content"
)

// TypeOf is the type that a name tells: a notebook, an SQL script, or a file.
func TypeOf(name string) content.Type {
	switch strings.ToLower(path.Ext(name)) {
	case ".ipynb":
		return content.Notebook
	case ".sql":
		return content.SQL
	}
	return content.File
}

// Place is one step of the way from the root to a resource.
type Place struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type createRequest struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" doc:"The same request with the same key within a day makes nothing new"`
	Body           struct {
		Parent      string   `json:"parent" doc:"The folder's id, or root"`
		Type        string   `json:"type,omitempty" enum:"folder,notebook,sql,file,environment,dataSource" doc:"Absent: what the name tells"`
		Name        string   `json:"name"`
		Description string   `json:"description,omitempty"`
		Tags        []string `json:"tags,omitempty" nullable:"false"`
		Content     string   `json:"content,omitempty" doc:"The first revision's; larger content is uploaded"`
		Message     string   `json:"message,omitempty"`
	}
}

type updateRequest struct {
	ByID
	Matching
	Body struct {
		Name        *string   `json:"name,omitempty" nullable:"false"`
		Description *string   `json:"description,omitempty" nullable:"false"`
		Tags        *[]string `json:"tags,omitempty" nullable:"false"`
	}
}

type moveRequest struct {
	ByID
	Matching
	Body struct {
		Parent string `json:"parent"`
		Name   string `json:"name,omitempty" doc:"Absent: it keeps its name"`
	}
}

type copyRequest struct {
	ByID
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" doc:"The same request with the same key within a day makes nothing new"`
	Body           struct {
		Parent   string `json:"parent"`
		Name     string `json:"name"`
		Revision string `json:"revision,omitempty" doc:"Of a document; absent: the newest"`
	}
}

// Copied is a copy with what is in it.
type Copied struct {
	Resource
	Folders   int      `json:"folders" doc:"How many were made; 0 where an idempotency key's request has made them already"`
	Documents int      `json:"documents" doc:"As folders"`
	LeftOut   []string `json:"leftOut,omitempty" nullable:"false" doc:"What one may see but not read: it is not in the copy"`
}

func (a *API) resources() {
	const tag = "resources"
	s := a.o.Service
	add(a, route{"getResource", http.MethodGet, "/resources/{id}", "Get a resource", tag, uses("Get"), 0},
		func(ctx context.Context, in *struct {
			ByID
			Fields
		}) (*Tagged[Resource], error) {
			return resource(s.Get(ctx, in.id()))
		})
	add(a, route{"resolvePath", http.MethodGet, "/resolve", "Find a resource by its path", tag, uses("Resolve"), 0},
		func(ctx context.Context, in *struct {
			Path string `query:"path" required:"true" maxLength:"10000" doc:"Names from the root, each after a slash"`
			Fields
		}) (*Tagged[Resource], error) {
			return resource(s.Resolve(ctx, in.Path))
		})
	add(a, route{"listAncestors", http.MethodGet, "/resources/{id}/ancestors", "List the folders a resource stands in", tag, uses("Ancestors"), 0},
		func(ctx context.Context, in *ByID) (*Body[Page[Place]], error) {
			places, err := s.Ancestors(ctx, in.id())
			return body(Page[Place]{Items: viewAll(places, func(p content.Place) Place { return Place{string(p.ID), p.Name} })}), err
		})
	add(a, route{"createResource", http.MethodPost, "/resources", "Create a folder or a small document", tag, uses("Create"), http.StatusCreated},
		func(ctx context.Context, in *createRequest) (*Tagged[Resource], error) {
			n := content.NewResource{Parent: resourceID(in.Body.Parent), Type: content.Type(in.Body.Type), Name: in.Body.Name,
				Description: in.Body.Description, Tags: in.Body.Tags, Message: in.Body.Message, IdempotencyKey: in.IdempotencyKey}
			if n.Type == "" {
				n.Type = TypeOf(n.Name)
			}
			if in.Body.Content != "" {
				n.Content = strings.NewReader(in.Body.Content)
			}
			return resource(s.Create(ctx, n))
		})
	add(a, route{"updateResource", http.MethodPatch, "/resources/{id}", "Rename, describe or tag a resource", tag, uses("Update"), 0},
		func(ctx context.Context, in *updateRequest) (*Tagged[Resource], error) {
			return resource(s.Update(ctx, in.id(), content.Edit{Name: in.Body.Name, Description: in.Body.Description, Tags: in.Body.Tags, Etag: in.etag()}))
		})
	add(a, route{"moveResource", http.MethodPost, "/resources/{id}/move", "Move a resource to another folder", tag, uses("Move"), 0},
		func(ctx context.Context, in *moveRequest) (*Tagged[Resource], error) {
			return resource(s.Move(ctx, in.id(), resourceID(in.Body.Parent), in.Body.Name, in.etag()))
		})
	add(a, route{"copyDocument", http.MethodPost, "/resources/{id}/copy", "Copy a document, or a folder with all in it that one may read", tag, uses("CopyTree"), http.StatusCreated},
		func(ctx context.Context, in *copyRequest) (*Tagged[Copied], error) {
			c, err := s.CopyTree(ctx, in.id(), content.CopyRequest{Parent: resourceID(in.Body.Parent), Name: in.Body.Name,
				Revision: content.RevisionID(in.Body.Revision), IdempotencyKey: in.IdempotencyKey})
			return tagged(c.Resource.Etag(), Copied{viewResource(c.Resource), c.Folders, c.Documents,
				viewAll(c.LeftOut, func(id content.ResourceID) string { return string(id) })}), err
		})
	add(a, route{"trashResource", http.MethodDelete, "/resources/{id}", "Put a resource into the trash", tag, uses("Trash"), 0},
		func(ctx context.Context, in *struct {
			ByID
			Matching
		}) (*None, error) {
			return nil, s.Trash(ctx, in.id(), in.etag())
		})
	add(a, route{"restoreResource", http.MethodPost, "/trash/{id}/restore", "Take a resource out of the trash", tag, uses("Restore"), 0},
		func(ctx context.Context, in *struct {
			ByID
			Body struct {
				Name string `json:"name,omitempty" doc:"Absent: it keeps its name"`
			}
		}) (*Tagged[Resource], error) {
			return resource(s.Restore(ctx, in.id(), in.Body.Name))
		})
	add(a, route{"purgeResource", http.MethodDelete, "/trash/{id}", "Delete a resource in the trash for good", tag, uses("Purge"), 0},
		func(ctx context.Context, in *ByID) (*None, error) { return nil, s.Purge(ctx, in.id()) })
	add(a, route{"setRetention", http.MethodPut, "/resources/{id}/retention", "Say which old revisions below a folder are kept", tag, uses("SetRetention"), 0},
		func(ctx context.Context, in *struct {
			ByID
			Matching
			Body Retention
		}) (*None, error) {
			return nil, s.SetRetention(ctx, in.id(), &content.Retention{Revisions: in.Body.Revisions, Days: in.Body.Days}, in.etag())
		})
	add(a, route{"clearRetention", http.MethodDelete, "/resources/{id}/retention", "Inherit the retention of the folder above", tag, uses("SetRetention"), 0},
		func(ctx context.Context, in *struct {
			ByID
			Matching
		}) (*None, error) {
			return nil, s.SetRetention(ctx, in.id(), nil, in.etag())
		})
	for _, m := range []struct {
		id, method, summary string
		on                  bool
	}{{"setMark", http.MethodPut, "Star or pin a resource", true}, {"clearMark", http.MethodDelete, "Take a star or pin off", false}} {
		add(a, route{m.id, m.method, "/resources/{id}/marks/{mark}", m.summary, tag, uses("Mark"), 0},
			func(ctx context.Context, in *struct {
				ByID
				Mark string `path:"mark" enum:"star,pin"`
			}) (*None, error) {
				return nil, s.Mark(ctx, in.id(), content.Mark(in.Mark), m.on)
			})
	}
}

func resource(r content.Resource, err error) (*Tagged[Resource], error) {
	return tagged(r.Etag(), viewResource(r)), err
}
