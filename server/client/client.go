// Package client speaks Sextant's API from Go: requests with a token, answers into the types of server/api, errors as the
// server's own problem documents.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"sextant/server/api"
	"sextant/server/web"
)

// Client speaks to one server as one principal. It is safe for concurrent use.
type Client struct {
	base  *url.URL
	token string
	http  *http.Client
}

// New is a client of the server at an address, with its base path. An empty token is nobody's. A nil HTTP client is
// http.DefaultClient.
func New(address, token string, by *http.Client) (*Client, error) {
	base, err := url.Parse(address)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("server %q: want an http or https address", address)
	}
	if !strings.HasSuffix(base.Path, "/") {
		base.Path += "/"
	}
	if by == nil {
		by = http.DefaultClient
	}
	return &Client{base: base, token: token, http: by}, nil
}

// Address is the server's, with its base path and a slash at the end.
func (c *Client) Address() string { return c.base.String() }

// Request is one call. Path is below /v1/, its parts escaped.
type Request struct {
	Method, Path string
	Query        url.Values
	Header       http.Header
	// Body is sent as it is where it is an io.Reader, else as JSON; nil sends none.
	Body any
}

// Path joins the parts of a path, each escaped.
func Path(parts ...string) string {
	escaped := make([]string, len(parts))
	for i, p := range parts {
		escaped[i] = url.PathEscape(p)
	}
	return strings.Join(escaped, "/")
}

// Send sends a request. An answer of 400 or more is an error, a *web.Problem where the server told one. The caller closes
// the answer's body.
func (c *Client) Send(ctx context.Context, r Request) (*http.Response, error) {
	var body io.Reader
	kind := ""
	switch b := r.Body.(type) {
	case nil:
	case io.Reader:
		body, kind = b, "application/octet-stream"
	default:
		text, err := json.Marshal(b)
		if err != nil {
			return nil, err
		}
		body, kind = bytes.NewReader(text), "application/json"
	}
	// Escaped parts stay as they are: a name may hold a slash that is none.
	address := c.base.String() + "v1/" + r.Path
	if len(r.Query) > 0 {
		address += "?" + r.Query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, r.Method, address, body)
	if err != nil {
		return nil, err
	}
	for name, values := range r.Header {
		request.Header[name] = values
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode < 400 {
		return answer, nil
	}
	defer answer.Body.Close() // it was read as far as needed
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	problem := &web.Problem{}
	if err != nil || json.Unmarshal(text, problem) != nil || problem.Status == 0 {
		return nil, fmt.Errorf("%s %s: %s", r.Method, r.Path, answer.Status)
	}
	return nil, problem
}

// Call sends a request and reads a JSON answer into out, where out is not nil.
func (c *Client) Call(ctx context.Context, r Request, out any) error {
	answer, err := c.Send(ctx, r)
	if err != nil {
		return err
	}
	defer answer.Body.Close() // it is read to its end
	if out == nil {
		_, err = io.Copy(io.Discard, answer.Body)
		return err
	}
	if err := json.NewDecoder(answer.Body).Decode(out); err != nil {
		return fmt.Errorf("%s %s: %w", r.Method, r.Path, err)
	}
	return nil
}

// Each calls fn for every item of a list, page after page; fn's error ends it.
func Each[T any](ctx context.Context, c *Client, path string, query url.Values, fn func(T) error) error {
	asked := url.Values{}
	for name, values := range query {
		asked[name] = values
	}
	for {
		var page api.Page[T]
		if err := c.Call(ctx, Request{Method: http.MethodGet, Path: path, Query: asked}, &page); err != nil {
			return err
		}
		for _, item := range page.Items {
			if err := fn(item); err != nil {
				return err
			}
		}
		if page.NextPageToken == "" {
			return nil
		}
		asked.Set("pageToken", page.NextPageToken)
	}
}

// Resolve finds a resource by its path, or by its id where no slash is in it.
func (c *Client) Resolve(ctx context.Context, pathOrID string) (api.Resource, error) {
	var r api.Resource
	if !strings.Contains(pathOrID, "/") {
		return r, c.Call(ctx, Request{Method: http.MethodGet, Path: Path("resources", pathOrID)}, &r)
	}
	if trimmed := strings.TrimRight(pathOrID, "/"); trimmed != "" {
		pathOrID = trimmed
	}
	return r, c.Call(ctx, Request{Method: http.MethodGet, Path: "resolve", Query: url.Values{"path": {pathOrID}}}, &r)
}

// Read opens a document's content; an empty revision is the newest. The caller closes it.
func (c *Client) Read(ctx context.Context, id, revision string, sourceOnly bool) (io.ReadCloser, error) {
	query := url.Values{}
	if revision != "" {
		query.Set("revision", revision)
	}
	if sourceOnly {
		query.Set("sourceOnly", "true")
	}
	answer, err := c.Send(ctx, Request{Method: http.MethodGet, Path: Path("resources", id, "content"), Query: query})
	if err != nil {
		return nil, err
	}
	return answer.Body, nil
}

// Version is what is told of a revision besides its content. The zero value tells nothing.
type Version struct {
	Message string
	// Name makes it a checkpoint.
	Name string
	// Imported is set where it comes from another history, which says who wrote it and when.
	Imported *api.Imported
	// Import is set where it was imported, with its history or without.
	Import bool
}

func (v Version) query() url.Values {
	q := url.Values{"message": {v.Message}}
	if v.Name != "" {
		q.Set("name", v.Name)
	}
	if v.Import || v.Imported != nil {
		q.Set("origin", "import")
	}
	if v.Imported != nil {
		q.Set("importedAuthor", v.Imported.Author)
		q.Set("importedAt", v.Imported.At.Format(time.RFC3339Nano))
	}
	return q
}

// Save saves a document's content on top of a revision, "*" for whatever is newest. Where it is not the newest, the error
// is a *web.Problem with both.
func (c *Client) Save(ctx context.Context, id, base string, v Version, content io.Reader) (api.Saved, error) {
	var out api.Saved
	if base != "*" {
		base = `"` + base + `"`
	}
	return out, c.Call(ctx, Request{Method: http.MethodPut, Path: Path("resources", id, "content"), Query: v.query(),
		Header: http.Header{"If-Match": {base}}, Body: content}, &out)
}

// Upload makes a document in a folder from its content, of a type or, where that is empty, of the one its name tells. A
// version's Name is left out: a first revision is made a checkpoint afterwards.
func (c *Client) Upload(ctx context.Context, folder, name, kind string, v Version, content io.Reader) (api.Resource, error) {
	var out api.Resource
	v.Name = ""
	query := v.query()
	query.Set("name", name)
	if kind != "" {
		query.Set("type", kind)
	}
	return out, c.Call(ctx, Request{Method: http.MethodPost, Path: Path("resources", folder, "documents"), Query: query, Body: content}, &out)
}

// Merge merges content that was made from a revision, base, with the newest one. It changes nothing.
func (c *Client) Merge(ctx context.Context, id, base string, content io.Reader) (api.Merge, error) {
	var out api.Merge
	return out, c.Call(ctx, Request{Method: http.MethodPost, Path: Path("resources", id, "merge"), Query: url.Values{"base": {base}}, Body: content}, &out)
}

// NameRevision makes a revision a checkpoint.
func (c *Client) NameRevision(ctx context.Context, id, revision, name string) error {
	return c.Call(ctx, Request{Method: http.MethodPatch, Path: Path("resources", id, "revisions", revision), Body: map[string]string{"name": name}}, nil)
}

// Move puts a resource into a folder, under a name.
func (c *Client) Move(ctx context.Context, id, folder, name string) (api.Resource, error) {
	var out api.Resource
	return out, c.Call(ctx, Request{Method: http.MethodPost, Path: Path("resources", id, "move"), Body: map[string]string{"parent": folder, "name": name}}, &out)
}

// Trash puts a resource into the trash.
func (c *Client) Trash(ctx context.Context, id string) error {
	return c.Call(ctx, Request{Method: http.MethodDelete, Path: Path("resources", id)}, nil)
}

// CreateFolder makes a folder in another.
func (c *Client) CreateFolder(ctx context.Context, parent, name string) (api.Resource, error) {
	var out api.Resource
	return out, c.Call(ctx, Request{Method: http.MethodPost, Path: "resources",
		Body: map[string]string{"parent": parent, "name": name, "type": "folder"}}, &out)
}
