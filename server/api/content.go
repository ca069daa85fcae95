package api

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sextant/content"
	"sextant/server/web"
)

func (a *API) content() {
	const tag = "content"
	text := &huma.Schema{Type: "string"}
	binary := func(name string) map[string]*huma.MediaType { return map[string]*huma.MediaType{name: {}} }
	id := &huma.Param{Name: "id", In: "path", Required: true, Schema: text}
	query := func(name, doc string) *huma.Param {
		return &huma.Param{Name: name, In: "query", Schema: text, Description: doc}
	}
	header := func(name, doc string) *huma.Param {
		return &huma.Param{Name: name, In: "header", Schema: text, Description: doc}
	}
	schemas := a.huma.OpenAPI().Components.Schemas
	jsonOf := func(s *huma.Schema) map[string]*huma.MediaType {
		return map[string]*huma.MediaType{"application/json": {Schema: s}}
	}
	a.addStream(route{"readContent", http.MethodGet, "/resources/{id}/content", "Read a document's content", tag, uses("Read"), 0},
		func(op *huma.Operation) {
			op.Parameters = []*huma.Param{id, query("revision", "Which; absent is the newest"),
				{Name: "sourceOnly", In: "query", Schema: &huma.Schema{Type: "boolean"}, Description: "Leave the stored outputs out"},
				header("Range", "One range of bytes"), header("If-None-Match", "Etags, or *"), header("If-Range", "The etag that the range is of")}
			op.Responses["200"] = &huma.Response{Description: "The content", Content: binary("application/octet-stream")}
			op.Responses["206"] = &huma.Response{Description: "The range", Content: binary("application/octet-stream")}
			op.Responses["304"] = &huma.Response{Description: "It has not changed"}
		}, a.read)
	a.addStream(route{"saveContent", http.MethodPut, "/resources/{id}/content", "Save a document's content as a new revision", tag, uses("Save"), 0},
		func(op *huma.Operation) {
			op.Parameters = []*huma.Param{id, header("If-Match", "The revision the content was made from, or * for whatever is newest; else 412 tells both versions"),
				query("base", "Instead of If-Match, with 409 in place of 412"), query("message", "What changed"), query("name", "Makes the revision a checkpoint"),
				query("origin", "user or import; absent: user"), query("importedAuthor", "Who wrote it, where it is imported with its history"), query("importedAt", "When, as in RFC 3339")}
			op.RequestBody = &huma.RequestBody{Required: true, Content: binary("application/octet-stream")}
			op.Responses["200"] = &huma.Response{Description: "The revision", Content: jsonOf(schemas.Schema(typeOf[Saved](), true, "Saved"))}
		}, a.save)
	a.addStream(route{"uploadDocument", http.MethodPost, "/resources/{id}/documents", "Create a document in a folder from its content", tag, uses("Create"), 0},
		func(op *huma.Operation) {
			op.Parameters = []*huma.Param{id, query("name", "Its name"), query("type", "notebook, sql or file; absent: what the name tells"),
				query("message", "What it is"), query("origin", "user or import; absent: user"),
				query("importedAuthor", "Who wrote it, where it is imported with its history"), query("importedAt", "When, as in RFC 3339"), header("Idempotency-Key", "The same request with the same key within a day makes nothing new")}
			op.RequestBody = &huma.RequestBody{Required: true, Content: binary("application/octet-stream")}
			op.Responses["201"] = &huma.Response{Description: "The document", Content: jsonOf(schemas.Schema(typeOf[Resource](), true, "Resource"))}
		}, a.upload)
}

// Saved is what became of a save.
type Saved struct {
	Revision Revision `json:"revision"`
	Saved    bool     `json:"saved" doc:"False where the newest revision has this content already"`
}

func (a *API) save(w http.ResponseWriter, r *http.Request) error {
	query, match := r.URL.Query(), r.Header.Get("If-Match")
	base := content.RevisionID(unquote(match))
	if match == "" {
		if base = content.RevisionID(query.Get("base")); base == "" {
			return &web.StatusError{Status: http.StatusPreconditionRequired, Text: "name the revision that the content was made from in If-Match, or *"}
		}
	}
	origin, imported, err := provenance(query)
	if err != nil {
		return err
	}
	revision, saved, err := a.o.Service.Save(r.Context(), resourceID(r.PathValue("id")), content.NewRevision{Base: base,
		Content: web.Upload(w, r), Message: query.Get("message"), Name: query.Get("name"), Origin: origin, Imported: imported})
	var conflict *content.ConflictError
	if errors.As(err, &conflict) && match != "" {
		return &web.PreconditionError{Conflict: conflict}
	}
	if err != nil {
		return err
	}
	w.Header().Set("ETag", quote(string(revision.ID)))
	return web.WriteJSON(w, http.StatusOK, Saved{viewRevision(revision), saved})
}

// provenance reads where content comes from. That a run or a restore made it is for the server itself to say.
func provenance(query url.Values) (content.Origin, *content.Imported, error) {
	origin := content.Origin(query.Get("origin"))
	if origin != "" && origin != content.ByUser && origin != content.ByImport {
		return "", nil, fmt.Errorf("%w origin %.20q: want user or import", content.ErrInvalid, origin)
	}
	author, at := query.Get("importedAuthor"), query.Get("importedAt")
	if author == "" && at == "" {
		return origin, nil, nil
	}
	when, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return "", nil, fmt.Errorf("%w importedAt %.40q: want a time as in RFC 3339", content.ErrInvalid, at)
	}
	return origin, &content.Imported{Author: author, At: when}, nil
}

func (a *API) upload(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	origin, imported, err := provenance(query)
	if err != nil {
		return err
	}
	n := content.NewResource{Parent: resourceID(r.PathValue("id")), Name: query.Get("name"), Type: content.Type(query.Get("type")),
		Content: web.Upload(w, r), Message: query.Get("message"), Origin: origin, Imported: imported,
		IdempotencyKey: r.Header.Get("Idempotency-Key")}
	if n.Type == "" {
		n.Type = TypeOf(n.Name)
	}
	if n.Type == content.Folder {
		return fmt.Errorf("%w type: a folder has no content", content.ErrInvalid)
	}
	created, err := a.o.Service.Create(r.Context(), n)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", quote(string(created.Head)))
	return web.WriteJSON(w, http.StatusCreated, viewResource(created))
}

func (a *API) read(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	sourceOnly, err := strconv.ParseBool(query.Get("sourceOnly"))
	if err != nil && query.Has("sourceOnly") {
		return fmt.Errorf("%w sourceOnly: want true or false", content.ErrInvalid)
	}
	o := content.ReadOptions{Revision: content.RevisionID(query.Get("revision")), SourceOnly: sourceOnly}
	id := resourceID(r.PathValue("id"))
	wanted, ranged := parseRange(r.Header.Get("Range"))
	if ranged && wanted.Offset >= 0 && r.Header.Get("If-Range") == "" {
		o.Range = &wanted
	}
	reading, err := a.o.Service.Read(r.Context(), id, o)
	if err != nil {
		return err
	}
	defer func() { reading.Body.Close() }() // it only releases
	etag := quote(string(reading.Revision.ID))
	if sourceOnly {
		etag = quote(string(reading.Revision.ID) + "-source")
	}
	h := w.Header()
	h.Set("ETag", etag)
	h.Set("Last-Modified", reading.Revision.CreatedAt.UTC().Format(http.TimeFormat))
	h.Set("Cache-Control", "private, no-cache")
	if web.Matches(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	if condition := r.Header.Get("If-Range"); condition != "" && condition != etag {
		ranged = false
	}
	if ranged && o.Range == nil { // the last bytes, or a condition that holds: now the size is known
		if wanted.Offset < 0 {
			wanted.Offset, wanted.Length = max(0, reading.Size+wanted.Offset), -1
		}
		if wanted.Offset < reading.Size {
			o.Range, o.Revision = &wanted, reading.Revision.ID
			if reading.Revision.ID == reading.Resource.Head {
				o.Revision = "" // the newest needs no right to see the others
			}
			again, err := a.o.Service.Read(r.Context(), id, o)
			if err != nil {
				return err
			}
			if again.Revision.ID != reading.Revision.ID {
				again.Body.Close()
				return content.ErrRetry
			}
			reading.Body.Close()
			reading = again
		}
	}
	size, length, status := reading.Size, reading.Size, http.StatusOK
	if ranged {
		if wanted.Offset >= size {
			h.Set("Content-Range", fmt.Sprintf("bytes */%d", size))
			return &web.StatusError{Status: http.StatusRequestedRangeNotSatisfiable, Text: fmt.Sprintf("the content has %d bytes", size)}
		}
		length = size - wanted.Offset
		if wanted.Length >= 0 {
			length = min(length, wanted.Length)
		}
		status = http.StatusPartialContent
		h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", wanted.Offset, wanted.Offset+length-1, size))
	}
	h.Set("Accept-Ranges", "bytes")
	h.Set("Content-Type", mediaType(reading.Resource))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": reading.Resource.Name}))
	h.Set("Content-Length", strconv.FormatInt(length, 10))
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return nil
	}
	buffer := copyBuffers.Get().(*[64 << 10]byte)
	defer copyBuffers.Put(buffer)
	if _, err := io.CopyBuffer(web.Download(w), io.LimitReader(reading.Body, length), buffer[:]); err != nil {
		// The status is sent. An answer that ends early is what tells the client; the log tells why.
		web.FromContext(r.Context()).Failure = err
		panic(http.ErrAbortHandler)
	}
	return nil
}

// copyBuffers are what passes content on to clients.
var copyBuffers = sync.Pool{New: func() any { return new([64 << 10]byte) }}

// mediaType is what content is sent as. It is always sent as an attachment, so a browser never runs it.
func mediaType(r content.Resource) string {
	switch r.Type {
	case content.Notebook:
		return "application/x-ipynb+json"
	case content.SQL:
		return "application/sql; charset=utf-8"
	}
	if t := mime.TypeByExtension(path.Ext(r.Name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

// parseRange reads a Range header of one range; a negative offset counts from the end. Others are not understood, and
// then all is sent, as RFC 9110 allows.
func parseRange(s string) (content.Range, bool) {
	spec, ok := strings.CutPrefix(s, "bytes=")
	first, last, dash := strings.Cut(strings.TrimSpace(spec), "-")
	if !ok || !dash || strings.Contains(spec, ",") {
		return content.Range{}, false
	}
	if first == "" {
		n, err := strconv.ParseInt(last, 10, 64)
		if err != nil || n <= 0 {
			return content.Range{}, false
		}
		return content.Range{Offset: -n, Length: -1}, true
	}
	from, err := strconv.ParseInt(first, 10, 64)
	if err != nil || from < 0 {
		return content.Range{}, false
	}
	if last == "" {
		return content.Range{Offset: from, Length: -1}, true
	}
	to, err := strconv.ParseInt(last, 10, 64)
	if err != nil || to < from || to == 1<<63-1 {
		return content.Range{}, false
	}
	return content.Range{Offset: from, Length: to - from + 1}, true
}
