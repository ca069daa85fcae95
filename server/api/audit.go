package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sextant/content"
	"sextant/content/iam"
	"sextant/server/web"
)

// AuditEntry is one act: who did what, on what, from where, and whether it was allowed.
type AuditEntry struct {
	Seq       int64           `json:"seq"`
	At        time.Time       `json:"at"`
	Actor     string          `json:"actor,omitempty" doc:"Absent: not signed in"`
	Operation string          `json:"operation"`
	Resource  string          `json:"resource,omitempty"`
	Allowed   bool            `json:"allowed"`
	Address   string          `json:"address,omitempty"`
	RequestID string          `json:"requestId,omitempty"`
	Detail    json.RawMessage `json:"detail,omitempty"`
}

func viewAuditEntry(e content.AuditEntry) AuditEntry {
	return AuditEntry{e.Seq, e.At, string(e.Actor), e.Operation, string(e.Resource), e.Allowed, e.Address, e.RequestID, e.Detail}
}

// AuditFilter narrows a query of the audit log.
type AuditFilter struct {
	Actor     string    `query:"actor" maxLength:"400"`
	Resource  string    `query:"resource" maxLength:"100"`
	Operation string    `query:"operation" maxLength:"100"`
	Denied    bool      `query:"denied" doc:"Only what was denied"`
	From      time.Time `query:"from"`
	Until     time.Time `query:"until"`
}

func (f AuditFilter) filter() content.AuditFilter {
	return content.AuditFilter{Actor: iam.Member(f.Actor), Resource: resourceID(f.Resource), Operation: f.Operation, Denied: f.Denied,
		From: f.From, Until: f.Until}
}

func (a *API) audit() {
	const tag = "audit"
	s := a.o.Service
	add(a, route{"queryAudit", http.MethodGet, "/audit", "Query the audit log, oldest first", tag, uses("Audit"), 0},
		func(ctx context.Context, in *struct {
			AuditFilter
			Paging
			Fields
		}) (*Body[Page[AuditEntry]], error) {
			page, err := s.Audit(ctx, in.filter(), in.page())
			return body(viewPage(page, viewAuditEntry)), err
		})
	add(a, route{"verifyAudit", http.MethodPost, "/audit/verify", "Go through the whole chain of the audit log", tag, uses("VerifyAudit"), 0},
		func(ctx context.Context, _ *struct{}) (*Body[AuditReport], error) {
			r, err := s.VerifyAudit(ctx)
			return body(AuditReport{r.First, r.Last, r.Entries, r.Broken}), err
		})
	a.addStream(route{"exportAudit", http.MethodGet, "/audit/export", "Export the audit log as NDJSON", tag, uses("ExportAudit"), 0},
		func(op *huma.Operation) {
			for _, name := range []string{"actor", "resource", "operation", "denied", "from", "until"} {
				op.Parameters = append(op.Parameters, &huma.Param{Name: name, In: "query", Schema: &huma.Schema{Type: "string"}})
			}
			op.Responses["200"] = &huma.Response{Description: "One entry a line", Content: map[string]*huma.MediaType{"application/x-ndjson": {}}}
		}, a.exportAudit)
}

// AuditReport is what going through the chain found.
type AuditReport struct {
	First   int64 `json:"first"`
	Last    int64 `json:"last"`
	Entries int64 `json:"entries"`
	Broken  int64 `json:"broken,omitempty" doc:"The first entry that does not follow from the one before; absent: none"`
}

func (a *API) exportAudit(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	f := AuditFilter{Actor: query.Get("actor"), Resource: query.Get("resource"), Operation: query.Get("operation")}
	for name, field := range map[string]*time.Time{"from": &f.From, "until": &f.Until} {
		if s := query.Get(name); s != "" {
			t, err := time.Parse(time.RFC3339, s)
			if err != nil {
				return &web.StatusError{Status: http.StatusBadRequest, Text: name + ": want a time as in RFC 3339"}
			}
			*field = t
		}
	}
	f.Denied, _ = strconv.ParseBool(query.Get("denied")) // anything else is false
	out := &lazyStream{w: w, contentType: "application/x-ndjson"}
	err := a.o.Service.ExportAudit(r.Context(), f.filter(), out)
	if err != nil && out.to != nil {
		web.FromContext(r.Context()).Failure = err
		panic(http.ErrAbortHandler) // the client must not take half an export for a whole one
	}
	if err == nil {
		_, err = out.Write(nil) // nothing matched: an empty export
	}
	return err
}

// lazyStream begins its answer with the first write, so that an error before it can still be told.
type lazyStream struct {
	w           http.ResponseWriter
	contentType string
	to          web.Flusher
}

// Write implements io.Writer.
func (s *lazyStream) Write(p []byte) (int, error) {
	if s.to == nil {
		s.to = web.EventStream(s.w, s.contentType)
	}
	return s.to.Write(p)
}
