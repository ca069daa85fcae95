package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"sextant/content"
	"sextant/content/result"
	"sextant/server/web"
)

// ShareLink lets whoever has its address read one document, or some of a stored result, without signing in.
type ShareLink struct {
	ID         string      `json:"id"`
	ResourceID string      `json:"resourceId"`
	Title      string      `json:"title,omitempty"`
	Revision   string      `json:"revision,omitempty" doc:"The one that is shown; absent: whichever is newest"`
	Password   bool        `json:"password,omitempty" doc:"Whether readers are asked for one"`
	Origins    []string    `json:"origins,omitempty" nullable:"false" doc:"The sites that may show the document within their pages"`
	Look       *Look       `json:"look,omitempty"`
	Shows      *ResultView `json:"shows,omitempty"`
	CreatedBy  string      `json:"createdBy"`
	CreatedAt  time.Time   `json:"createdAt"`
	Expires    *time.Time  `json:"expires,omitempty"`
	RevokedAt  *time.Time  `json:"revokedAt,omitempty"`
}

// ResultView is what a link shows of a stored result of the document, in its place.
type ResultView struct {
	Result  string   `json:"result" maxLength:"100"`
	Where   []string `json:"where,omitempty" maxItems:"100" nullable:"false" doc:"Conditions on the result's columns, as of readResult: only rows for which all hold can be seen, whatever the reader asks for"`
	Columns []int    `json:"columns,omitempty" maxItems:"1000" nullable:"false" doc:"The result's columns that can be seen; absent: all"`
}

// Look has a link's page look like somebody's own.
type Look struct {
	Name       string            `json:"name,omitempty" maxLength:"100" doc:"What stands at the top of the page"`
	Logo       string            `json:"logo,omitempty" maxLength:"65536" doc:"A data: URL of a PNG, JPEG, WebP or SVG picture"`
	Properties map[string]string `json:"properties,omitempty" doc:"Custom properties of the page without their dashes, such as accent: colours, lengths, names of fonts"`
}

func viewShareLink(l content.ShareLink) ShareLink {
	v := ShareLink{ID: l.ID, ResourceID: string(l.ResourceID), Title: l.Title, Revision: string(l.Revision), Password: l.PasswordHash != "", Origins: l.Origins,
		CreatedBy: string(l.CreatedBy), CreatedAt: l.CreatedAt, Expires: optional(l.Expires), RevokedAt: optional(l.RevokedAt), Shows: (*ResultView)(l.Shows)}
	if k := l.Look; k.Name != "" || k.Logo != "" || len(k.Properties) > 0 {
		v.Look = (*Look)(&k)
	}
	return v
}

// NewShareLink is what a link is made of.
type NewShareLink struct {
	Title    string      `json:"title,omitempty" maxLength:"200"`
	Expires  *time.Time  `json:"expires,omitempty"`
	Password string      `json:"password,omitempty" maxLength:"1000" doc:"What readers are asked for"`
	Revision string      `json:"revision,omitempty" maxLength:"100" doc:"The one that is shown; absent: whichever is newest"`
	Origins  []string    `json:"origins,omitempty" maxItems:"20" doc:"The sites that may show the document within their pages, such as https://intranet.x.org"`
	Look     *Look       `json:"look,omitempty"`
	Shows    *ResultView `json:"shows,omitempty" doc:"What of a stored result is shown in the document's place"`
}

// MadeShareLink is a link with its address, which is told this once.
type MadeShareLink struct {
	ShareLink
	Path string `json:"path" doc:"The page's address, below the server's; it holds the secret, which is not told again"`
}

// EmbedToken opens a document within a page of another site for a while.
type EmbedToken struct {
	Path    string    `json:"path" doc:"What the frame's address is, below the server's; theme=light or theme=dark may be added"`
	Expires time.Time `json:"expires"`
}

// Bounds of an embed's life.
const (
	embedUsual = 10 * time.Minute
	embedMax   = 24 * time.Hour
)

// ByLink names a link.
type ByLink struct {
	Link string `path:"link" maxLength:"100"`
}

func (a *API) shareLinks() {
	const tag = "share links"
	s := a.o.Service
	add(a, route{"createShareLink", http.MethodPost, "/resources/{id}/share-links", "Let whoever has an address read a document", tag, uses("CreateShareLink"), http.StatusCreated},
		func(ctx context.Context, in *struct {
			ByID
			Body NewShareLink
		}) (*Body[MadeShareLink], error) {
			b := in.Body
			l := content.ShareLink{ResourceID: in.id(), Title: b.Title, Expires: timeOf(b.Expires), Revision: content.RevisionID(b.Revision), Origins: b.Origins}
			if b.Look != nil {
				l.Look = content.Look(*b.Look)
			}
			if b.Shows != nil {
				l.Shows = (*content.ResultView)(b.Shows)
				if err := a.checkShown(ctx, l); err != nil {
					return nil, err
				}
			}
			if b.Password != "" {
				// Before anything is worked out for somebody: may they?
				if _, err := s.ShareLinks(ctx, in.id()); err != nil {
					return nil, err
				}
				var err error
				if l.PasswordHash, err = a.o.Passwords.Hash(ctx, b.Password); err != nil {
					return nil, err
				}
			}
			secret, made, err := s.CreateShareLink(ctx, l)
			return body(MadeShareLink{viewShareLink(made), "s/" + secret}), err
		})
	add(a, route{"listShareLinks", http.MethodGet, "/resources/{id}/share-links", "List a document's links, newest first", tag, uses("ShareLinks"), 0},
		func(ctx context.Context, in *struct{ ByID }) (*Body[Page[ShareLink]], error) {
			links, err := s.ShareLinks(ctx, in.id())
			return body(Page[ShareLink]{Items: viewAll(links, viewShareLink)}), err
		})
	add(a, route{"revokeShareLink", http.MethodDelete, "/share-links/{link}", "End a link at once", tag, uses("RevokeShareLink"), http.StatusNoContent},
		func(ctx context.Context, in *ByLink) (*None, error) { return nil, s.RevokeShareLink(ctx, in.Link) })
	add(a, route{"createEmbedToken", http.MethodPost, "/share-links/{link}/embed-tokens", "Get an address to show a document at within another site's page", tag, uses("ShareLink"), http.StatusCreated},
		func(ctx context.Context, in *struct {
			ByLink
			Body struct {
				Seconds int      `json:"seconds,omitempty" minimum:"0" maximum:"86400" doc:"How long the address opens; 0: ten minutes. It ends with the link in any case"`
				Result  string   `json:"result,omitempty" maxLength:"100" doc:"A stored result of the document, to be shown in its place"`
				Where   []string `json:"where,omitempty" maxItems:"100" doc:"Conditions on the result's columns, as of readResult: only rows for which all hold can be seen, whatever the reader asks for"`
				Columns []int    `json:"columns,omitempty" maxItems:"1000" doc:"The result's columns that can be seen; absent: all"`
			}
		}) (*Body[EmbedToken], error) {
			l, err := s.ShareLink(ctx, in.Link)
			if err != nil {
				return nil, err
			}
			if len(l.Origins) == 0 {
				return nil, &web.StatusError{Status: http.StatusConflict, Text: "the link names no origins: no site may show it within its pages"}
			}
			life := time.Duration(in.Body.Seconds) * time.Second
			if life == 0 {
				life = embedUsual
			}
			expires := time.Now().Add(min(life, embedMax)).UTC().Truncate(time.Second)
			if l.Shows != nil {
				if in.Body.Result != "" && in.Body.Result != l.Shows.Result || len(in.Body.Where)+len(in.Body.Columns) > 0 {
					return nil, fmt.Errorf("%w result: the link says what is shown of which", content.ErrInvalid)
				}
				in.Body.Result, in.Body.Where, in.Body.Columns = l.Shows.Result, l.Shows.Where, l.Shows.Columns
			}
			if in.Body.Result != "" {
				token, err := a.embedResult(ctx, l, expires, in.Body.Result, in.Body.Where, in.Body.Columns)
				return body(EmbedToken{"embed/r/" + url.PathEscape(in.Body.Result) + "?t=" + token, expires}), err
			}
			if len(in.Body.Where)+len(in.Body.Columns) > 0 {
				return nil, fmt.Errorf("%w where: it is of a result, and none is named", content.ErrInvalid)
			}
			return body(EmbedToken{"embed/n/" + url.PathEscape(string(l.ResourceID)) + "?t=" + a.o.EmbedToken(l.ID, expires), expires}), nil
		})
}

// embedResult signs what is to be seen of a result, once it is known that this can be asked of it.
func (a *API) embedResult(ctx context.Context, l content.ShareLink, expires time.Time, id string, where []string, columns []int) (string, error) {
	scope, err := a.scope(ctx, l.ResourceID, id, where, columns)
	if err != nil {
		return "", err
	}
	return a.o.EmbedResultToken(l.ID, expires, id, scope), nil
}

// checkShown checks that what a link is to show can be asked of its result.
func (a *API) checkShown(ctx context.Context, l content.ShareLink) error {
	_, err := a.scope(ctx, l.ResourceID, l.Shows.Result, l.Shows.Where, l.Shows.Columns)
	return err
}

// scope is what is seen of a document's result.
func (a *API) scope(ctx context.Context, document content.ResourceID, id string, where []string, columns []int) (result.Scope, error) {
	stored, err := a.o.Service.Result(ctx, id)
	if err != nil {
		return result.Scope{}, err
	}
	if stored.Document != document {
		return result.Scope{}, content.ErrNotFound
	}
	q, err := result.Parse(url.Values{"where": where})
	if err != nil {
		return result.Scope{}, err
	}
	scope := result.Scope{Where: q.Where, Columns: columns}
	_, _, err = scope.Bind(stored.Columns)
	return scope, err
}
