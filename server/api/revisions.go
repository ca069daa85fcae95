package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"sextant/content"
	"sextant/content/notebook"
)

// ByRevision names a revision of a document.
type ByRevision struct {
	ByID
	Revision string `path:"revision" maxLength:"100"`
}

func (b ByRevision) revision() content.RevisionID { return content.RevisionID(b.Revision) }

func (a *API) revisions() {
	const tag = "revisions"
	s := a.o.Service
	add(a, route{"listRevisions", http.MethodGet, "/resources/{id}/revisions", "List a document's revisions, newest first", tag, uses("History"), 0},
		func(ctx context.Context, in *struct {
			ByID
			Named bool `query:"named" doc:"Only checkpoints"`
			Paging
			Fields
		}) (*Body[Page[Revision]], error) {
			page, err := s.History(ctx, in.id(), in.Named, in.page())
			return body(viewPage(page, viewRevision)), err
		})
	add(a, route{"getRevision", http.MethodGet, "/resources/{id}/revisions/{revision}", "Get a revision", tag, uses("Revision"), 0},
		func(ctx context.Context, in *struct {
			ByRevision
			Fields
		}) (*Body[Revision], error) {
			r, err := s.Revision(ctx, in.id(), in.revision())
			return body(viewRevision(r)), err
		})
	add(a, route{"nameRevision", http.MethodPatch, "/resources/{id}/revisions/{revision}", "Make a revision a checkpoint, or rename it", tag, uses("NameRevision"), 0},
		func(ctx context.Context, in *struct {
			ByRevision
			Body struct {
				Name string `json:"name" doc:"Empty makes it one like others"`
			}
		}) (*None, error) {
			return nil, s.NameRevision(ctx, in.id(), in.revision(), in.Body.Name)
		})
	add(a, route{"restoreRevision", http.MethodPost, "/resources/{id}/revisions/{revision}/restore", "Save an old revision's content as a new one", tag, uses("RestoreRevision"), 0},
		func(ctx context.Context, in *struct {
			ByRevision
			Body struct {
				Base string `json:"base,omitempty" doc:"The revision that must be the newest; absent takes any"`
			}
		}) (*Body[Saved], error) {
			base := content.RevisionID(in.Body.Base)
			if base == "" {
				base = content.AnyRevision
			}
			r, saved, err := s.RestoreRevision(ctx, in.id(), in.revision(), base)
			return body(Saved{viewRevision(r), saved}), err
		})
	// Comparing reads both revisions, each with its own check.
	add(a, route{"diffRevisions", http.MethodGet, "/resources/{id}/diff", "Compare two revisions of a document, or one with another document's", tag, uses("Read"), 0},
		func(ctx context.Context, in *struct {
			ByID
			From    string `query:"from" maxLength:"100" doc:"A revision; absent is the one before the newest"`
			To      string `query:"to" maxLength:"100" doc:"A revision; absent is the newest"`
			OtherID string `query:"otherId" maxLength:"100" doc:"The document that to is of; absent: the same"`
		}) (*Body[Diff], error) {
			other := in.id()
			if in.OtherID != "" {
				other = resourceID(in.OtherID)
			}
			d, err := a.diff(ctx, in.id(), content.RevisionID(in.From), other, content.RevisionID(in.To))
			return body(d), err
		})
	a.addStream(route{"mergeContent", http.MethodPost, "/resources/{id}/merge", "Merge content, or a revision, with another revision, by the one that both were made from", tag, uses("Read"), 0},
		func(op *huma.Operation) {
			text := &huma.Schema{Type: "string"}
			op.Parameters = []*huma.Param{{Name: "id", In: "path", Required: true, Schema: text},
				{Name: "base", In: "query", Required: true, Schema: text, Description: "The revision that both were made from"},
				{Name: "ours", In: "query", Schema: text, Description: "A revision in place of the body, which is then empty"},
				{Name: "theirs", In: "query", Schema: text, Description: "What to merge with; absent is the newest revision"}}
			op.RequestBody = &huma.RequestBody{Description: "The content that has not been saved",
				Content: map[string]*huma.MediaType{"application/octet-stream": {}}}
			op.Responses["200"] = &huma.Response{Description: "The merged content, to be saved on top of current",
				Content: map[string]*huma.MediaType{"application/json": {Schema: a.huma.OpenAPI().Components.Schemas.Schema(typeOf[Merge](), true, "Merge")}}}
		}, a.merge)
}

// Diff is what makes the content of one revision into another's: by cells for notebooks, by lines for other text.
type Diff struct {
	From  Revision               `json:"from"`
	To    Revision               `json:"to"`
	Same  bool                   `json:"same"`
	Cells *NotebookDiff          `json:"notebook,omitempty" doc:"Of notebooks"`
	Lines *[]notebook.LineChange `json:"lines,omitempty" doc:"Of other text"`
}

// NotebookDiff is a patch as content/notebook makes it: its cells in order, each with what became of it.
type NotebookDiff struct {
	notebook.Patch
}

// Schema implements huma.SchemaProvider: the patch is documented in content/notebook.
func (NotebookDiff) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: "object", AdditionalProperties: true, Description: "Changed metadata and cells: each with op (same, changed, added, removed), id, from, to, source, outputs"}
}

// Merge is the outcome of a three-way merge.
type Merge struct {
	Content   string              `json:"content"`
	Current   Revision            `json:"current" doc:"The revision that was merged with; where it is the newest, the one to save on top of"`
	Conflicts []notebook.Conflict `json:"conflicts" nullable:"false" doc:"What both sides changed differently; content holds a resolution of each"`
}
