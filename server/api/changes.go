package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sextant/content"
	"sextant/server/web"
)

// Change is one entry of the change feed.
type Change struct {
	At         time.Time `json:"at"`
	Kind       string    `json:"kind" enum:"created,saved,updated,moved,trashed,restored,purged,policy"`
	ResourceID string    `json:"resourceId"`
	Actor      string    `json:"actor,omitempty"`
	Revision   string    `json:"revision,omitempty"`
}

func viewChange(c content.Change) Change {
	return Change{c.At, string(c.Kind), string(c.ResourceID), string(c.Actor), string(c.Revision)}
}

// Changes is a stretch of the change feed.
type Changes struct {
	Changes []Change `json:"changes" nullable:"false"`
	Next    string   `json:"next" doc:"What to ask for next, as since"`
	More    bool     `json:"more" doc:"There is more already"`
}

// keepAlive is how often a quiet stream says that it is there, for proxies that end what is silent.
const keepAlive = 15 * time.Second

// maxStream ends a stream, so that the client comes again with its credentials: a token may have been revoked meanwhile.
// What a principal may see is decided anew with every change.
const maxStream = 5 * time.Minute

func (a *API) changes() {
	a.addStream(route{"followChanges", http.MethodGet, "/changes", "List or follow what happens to resources that one may see", "changes", uses("Changes"), 0},
		func(op *huma.Operation) {
			text := &huma.Schema{Type: "string"}
			op.Description = "Without since it begins at the present. As text/event-stream or application/x-ndjson the answer goes on; each event tells where to resume from."
			op.Parameters = []*huma.Param{{Name: "since", In: "query", Schema: text, Description: "Where to go on from"},
				{Name: "limit", In: "query", Schema: &huma.Schema{Type: "integer"}, Description: "At most so many; 0 is 100"},
				{Name: "Last-Event-ID", In: "header", Schema: text, Description: "As since; browsers send it when they reconnect"}}
			schema := a.huma.OpenAPI().Components.Schemas.Schema(typeOf[Changes](), true, "Changes")
			op.Responses["200"] = &huma.Response{Description: "What happened", Content: map[string]*huma.MediaType{
				"application/json": {Schema: schema}, "text/event-stream": {}, "application/x-ndjson": {Schema: schema}}}
		}, a.follow)
}

func (a *API) follow(w http.ResponseWriter, r *http.Request) error {
	query, accept := r.URL.Query(), r.Header.Get("Accept")
	since := query.Get("since")
	if resumed := r.Header.Get("Last-Event-ID"); resumed != "" {
		since = resumed
	}
	limit := 0
	if s := query.Get("limit"); s != "" {
		var err error
		if limit, err = strconv.Atoi(s); err != nil || limit < 0 {
			return fmt.Errorf("%w limit", content.ErrInvalid)
		}
	}
	// Following begins before the first look, so that nothing falls between the two.
	signal, stop := a.feed.follow()
	defer stop()
	page, err := a.o.Service.Changes(r.Context(), since, limit)
	if err != nil {
		return err
	}
	events := strings.Contains(accept, "text/event-stream")
	if !events && !strings.Contains(accept, "application/x-ndjson") {
		return web.WriteJSON(w, http.StatusOK, Changes{viewAll(page.Changes, viewChange), page.Next, page.More})
	}
	contentType := "application/x-ndjson"
	if events {
		contentType = "text/event-stream"
	}
	stream := web.EventStream(w, contentType)
	quiet := time.NewTicker(keepAlive)
	defer quiet.Stop()
	end := time.NewTimer(maxStream)
	defer end.Stop()
	first := true // a new follower is told where it is even where nothing has happened
	for {
		if len(page.Changes) > 0 || first {
			if err := writeChanges(stream, events, page); err != nil {
				return nil // the client has left
			}
			first = false
		}
		if !page.More {
			select {
			case <-r.Context().Done():
				return nil
			case <-a.feed.life.Done():
				return nil
			case <-end.C:
				return nil
			case <-quiet.C:
				if _, err := stream.Write([]byte(map[bool]string{true: ": still here\n\n", false: "\n"}[events])); err != nil {
					return nil
				}
				if err := stream.Flush(); err != nil {
					return nil
				}
			case <-signal:
			}
		}
		next, err := a.o.Service.Changes(r.Context(), page.Next, limit)
		if err != nil {
			web.FromContext(r.Context()).Failure = err
			return nil
		}
		page = next
	}
}

func writeChanges(w web.Flusher, events bool, page content.ChangesPage) error {
	text, err := json.Marshal(Changes{viewAll(page.Changes, viewChange), page.Next, page.More})
	if err != nil {
		return err
	}
	if events {
		_, err = fmt.Fprintf(w, "id: %s\nevent: changes\ndata: %s\n\n", page.Next, text)
	} else {
		_, err = fmt.Fprintf(w, "%s\n", text)
	}
	if err != nil {
		return err
	}
	return w.Flush()
}
