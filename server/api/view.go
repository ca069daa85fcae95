package api

import (
	"strings"
	"time"

	"sextant/content"
	"sextant/content/iam"
)

// Resource is a folder, document, environment or data source.
type Resource struct {
	ID          string    `json:"id"`
	ParentID    string    `json:"parentId,omitempty" doc:"The folder it is in; absent for the root, and for who may not see that folder"`
	Type        string    `json:"type" enum:"folder,notebook,sql,file,environment,dataSource"`
	Name        string    `json:"name"`
	Owner       string    `json:"owner"`
	Description string    `json:"description,omitempty"`
	Tags        []string  `json:"tags,omitempty" nullable:"false"`
	CreatedAt   time.Time `json:"createdAt"`
	UpdatedAt   time.Time `json:"updatedAt"`
	// Etag guards changes of everything but the content; Revision is the content's.
	Etag           string     `json:"etag" doc:"Guards changes of everything but the content"`
	Revision       string     `json:"revision,omitempty" doc:"The newest revision, which is the etag of the content"`
	RevisionNumber int64      `json:"revisionNumber,omitempty"`
	Size           int64      `json:"size,omitempty"`
	Digest         string     `json:"digest,omitempty" doc:"SHA-256 of the content"`
	Problem        string     `json:"problem,omitempty" doc:"What keeps the content from being read as what its type says, and where; it is kept byte for byte"`
	TrashedAt      *time.Time `json:"trashedAt,omitempty"`
	TrashedBy      string     `json:"trashedBy,omitempty"`
	Retention      *Retention `json:"retention,omitempty"`
	Marks          []string   `json:"marks,omitempty" nullable:"false"`
}

// Retention says which old revisions are kept.
type Retention struct {
	Revisions int `json:"revisions,omitempty" minimum:"0" doc:"Keep this many newest ones"`
	Days      int `json:"days,omitempty" minimum:"0" doc:"Keep what was made within this many days"`
}

func viewResource(r content.Resource) Resource {
	out := Resource{ID: string(r.ID), ParentID: string(r.ParentID), Type: string(r.Type), Name: r.Name, Owner: string(r.Owner),
		Description: r.Description, Tags: r.Tags, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, Etag: r.Etag(),
		Revision: string(r.Head), RevisionNumber: r.HeadNumber, Size: r.Size, TrashedAt: optional(r.TrashedAt), TrashedBy: string(r.TrashedBy), Problem: r.Problem}
	if r.Head != "" {
		out.Digest = r.Digest.String()
	}
	if r.Retention != nil {
		out.Retention = &Retention{r.Retention.Revisions, r.Retention.Days}
	}
	return out
}

// Revision is one immutable state of a document's content.
type Revision struct {
	ID        string    `json:"id"`
	Number    int64     `json:"number"`
	Parent    string    `json:"parent,omitempty"`
	Author    string    `json:"author"`
	CreatedAt time.Time `json:"createdAt"`
	Message   string    `json:"message,omitempty"`
	Origin    string    `json:"origin" enum:"user,run,import,restore,copy"`
	Name      string    `json:"name,omitempty" doc:"A named revision is a checkpoint, which retention keeps"`
	Size      int64     `json:"size"`
	Digest    string    `json:"digest"`
	Problem   string    `json:"problem,omitempty" doc:"What keeps the content from being read as what its type says, and where; it is kept byte for byte"`
	Imported  *Imported `json:"imported,omitempty" doc:"Of what was imported with its history"`
}

// Imported is who wrote an imported revision, and when, by the word of where it came from.
type Imported struct {
	Author string    `json:"author"`
	At     time.Time `json:"at"`
}

func viewRevision(r content.Revision) Revision {
	out := Revision{ID: string(r.ID), Number: r.Number, Parent: string(r.Parent), Author: string(r.Author), CreatedAt: r.CreatedAt,
		Message: r.Message, Origin: string(r.Origin), Name: r.Name, Size: r.Size, Digest: r.Digest.String(), Problem: r.Problem}
	if r.Imported != nil {
		out.Imported = &Imported{r.Imported.Author, r.Imported.At}
	}
	return out
}

// Page is one page of a list.
type Page[T any] struct {
	Items         []T    `json:"items" nullable:"false"`
	NextPageToken string `json:"nextPageToken,omitempty" doc:"Asks for the next page; absent on the last one"`
}

func viewPage[T, V any](p content.Page[T], view func(T) V) Page[V] {
	return Page[V]{viewAll(p.Items, view), p.Next}
}

func viewAll[T, V any](items []T, view func(T) V) []V {
	out := make([]V, len(items))
	for i, item := range items {
		out[i] = view(item)
	}
	return out
}

// Body is an answer of JSON.
type Body[T any] struct{ Body T }

func body[T any](v T) *Body[T] { return &Body[T]{v} }

// Tagged is an answer of JSON with its etag.
type Tagged[T any] struct {
	ETag string `header:"ETag"`
	Body T
}

func tagged[T any](etag string, v T) *Tagged[T] { return &Tagged[T]{quote(etag), v} }

// None is an answer without content.
type None struct{}

// Paging asks for one page of a list.
type Paging struct {
	PageSize  int    `query:"pageSize" minimum:"0" maximum:"1000" doc:"At most so many items; 0 is 50"`
	PageToken string `query:"pageToken" maxLength:"2000" doc:"The nextPageToken of the page before"`
}

func (p Paging) page() content.PageRequest {
	return content.PageRequest{Size: p.PageSize, Token: p.PageToken}
}

// Fields chooses fields of the answer.
type Fields struct {
	Fields string `query:"fields" maxLength:"1000" doc:"Only these fields of the answer or of its items, separated by commas"`
}

// ByID names a resource.
type ByID struct {
	ID string `path:"id" maxLength:"100" doc:"A resource's id; root is the root of the tree"`
}

func (b ByID) id() content.ResourceID { return resourceID(b.ID) }

func resourceID(s string) content.ResourceID {
	if s == "root" {
		return content.RootID
	}
	return content.ResourceID(s)
}

// Matching guards a change of a resource.
type Matching struct {
	IfMatch string `header:"If-Match" maxLength:"200" doc:"The etag that the resource must still have"`
}

func (m Matching) etag() string {
	if strings.TrimSpace(m.IfMatch) == "*" {
		return ""
	}
	return unquote(m.IfMatch)
}

func quote(etag string) string { return `"` + etag + `"` }

// unquote is the value of a strong etag; a weak one never matches, and is left as it is.
func unquote(s string) string { return strings.Trim(strings.TrimSpace(s), `"`) }

func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func permissions(names []string) []iam.Permission {
	if names == nil {
		return nil
	}
	return viewAll(names, func(s string) iam.Permission { return iam.Permission(s) })
}
