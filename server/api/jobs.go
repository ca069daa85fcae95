package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sextant/content"
	"sextant/server/web"
	"sextant/sessions/run"
)

// Job is one execution of a document's cells or of a statement.
type Job struct {
	ID          string                     `json:"id"`
	Title       string                     `json:"title,omitempty"`
	State       string                     `json:"state" enum:"queued,starting,running,succeeded,failed,cancelled"`
	Principal   string                     `json:"principal"`
	Document    string                     `json:"document,omitempty" doc:"What is executed; absent for a statement"`
	Revision    string                     `json:"revision,omitempty" doc:"The document's that is executed"`
	InDocument  bool                       `json:"inDocument,omitempty" doc:"The outputs go into the document; else into the job's notebook alone"`
	Environment string                     `json:"environment,omitempty"`
	Kernel      string                     `json:"kernel,omitempty"`
	Parameters  map[string]json.RawMessage `json:"parameters,omitempty"`
	Cells       int                        `json:"cells" doc:"How many are to be executed"`
	Done        int                        `json:"done" doc:"How many have ended"`
	Current     string                     `json:"current,omitempty" doc:"The id of the cell that runs, while it runs"`
	FailedCell  string                     `json:"failedCell,omitempty" doc:"The id of the cell at which it failed"`
	ErrorName   string                     `json:"errorName,omitempty"`
	Error       string                     `json:"error,omitempty" doc:"Why it failed"`
	CreatedAt   time.Time                  `json:"createdAt"`
	StartedAt   *time.Time                 `json:"startedAt,omitempty"`
	EndedAt     *time.Time                 `json:"endedAt,omitempty"`
	CancelledAt *time.Time                 `json:"cancelledAt,omitempty" doc:"When its end was asked for"`
	Size        int64                      `json:"size" doc:"Of its notebook, in bytes"`
}

func viewJob(j content.Job) Job {
	out := Job{ID: j.ID, Title: j.Spec.Title, State: string(j.State), Principal: string(j.Principal), Document: string(j.Document), Revision: string(j.Spec.Revision),
		InDocument: j.Spec.InDocument, Environment: j.Spec.Environment, Kernel: j.Spec.Kernel, Parameters: j.Spec.Parameters, Cells: len(j.Spec.Cells), Done: j.Done,
		FailedCell: j.FailedCell, ErrorName: j.ErrorName, Error: j.Error, CreatedAt: j.CreatedAt, StartedAt: optional(j.StartedAt), EndedAt: optional(j.EndedAt),
		CancelledAt: optional(j.CancelledAt), Size: j.Size}
	if j.State == content.JobRunning {
		out.Current = j.Current()
	}
	return out
}

// NewJob is what a job is made of.
type NewJob struct {
	Document    string                     `json:"document,omitempty" maxLength:"100" doc:"The notebook or SQL script to execute; or else give a statement"`
	Revision    string                     `json:"revision,omitempty" maxLength:"100" doc:"Absent: the newest"`
	Cells       []string                   `json:"cells,omitempty" maxItems:"10000" doc:"Ids of the cells to execute, in the notebook's order; absent: all"`
	InDocument  bool                       `json:"inDocument,omitempty" doc:"Have the outputs go into the notebook, which takes documents.update; else they are in the job's notebook alone"`
	Statement   string                     `json:"statement,omitempty" maxLength:"1048576" doc:"What to execute: SQL, or the language of the kernel"`
	Environment string                     `json:"environment,omitempty" maxLength:"2000" doc:"Id or path; absent: the document's, or the default"`
	Kernel      string                     `json:"kernel,omitempty" maxLength:"200" doc:"A kernelspec; absent: the document's, or the environment's"`
	Parameters  map[string]json.RawMessage `json:"parameters,omitempty" doc:"JSON values by name: as papermill sets them in a notebook, as $name in SQL"`
	Timeout     int                        `json:"timeoutSeconds,omitempty" minimum:"0" maximum:"2592000" doc:"How long it may run; 0: as long as its environment lets it"`
}

// JobEvent is one thing that happened in a job.
type JobEvent struct {
	ID     string          `json:"id" doc:"Where to go on after it, as Last-Event-ID"`
	Kind   string          `json:"kind" enum:"job,cell,output,update,clear,gap" doc:"gap: what was before is no longer told; the job's notebook has it"`
	Cell   string          `json:"cell,omitempty"`
	State  string          `json:"state,omitempty" enum:"running,succeeded,failed" doc:"Of a cell that began or ended"`
	Output json.RawMessage `json:"output,omitempty" doc:"As nbformat has it; a stream's text goes on from the one before; of update and clear as in the Jupyter protocol"`
	Job    *Job            `json:"job,omitempty"`
}

func viewEvent(e run.Event) JobEvent {
	out := JobEvent{ID: e.ID, Kind: string(e.Kind), Cell: e.Cell, State: e.State, Output: e.Output}
	if e.Job != nil {
		j := viewJob(*e.Job)
		out.Job = &j
	}
	return out
}

// ByJob names a job.
type ByJob struct {
	ID string `path:"id" maxLength:"100"`
}

func (a *API) jobs() {
	if a.o.Runner == nil {
		return
	}
	const tag = "jobs"
	s, r := a.o.Service, a.o.Runner
	add(a, route{"createJob", http.MethodPost, "/jobs", "Execute a document's cells or a statement, whether or not anybody watches", tag, uses("CreateJob"), http.StatusAccepted},
		func(ctx context.Context, in *struct {
			IdempotencyKey string `header:"Idempotency-Key" maxLength:"255" doc:"The same request with the same key within a day begins no second job"`
			Body           NewJob
		}) (*Body[Job], error) {
			b := in.Body
			j, err := r.Start(ctx, run.Request{Document: resourceID(b.Document), Revision: content.RevisionID(b.Revision), Cells: b.Cells, InDocument: b.InDocument, Statement: b.Statement,
				Environment: b.Environment, Kernel: b.Kernel, Parameters: b.Parameters, Timeout: time.Duration(b.Timeout) * time.Second, IdempotencyKey: in.IdempotencyKey})
			return body(viewJob(j)), err
		})
	add(a, route{"listJobs", http.MethodGet, "/jobs", "List one's jobs, newest first", tag, uses("Jobs"), 0},
		func(ctx context.Context, in *struct {
			Document string   `query:"document" maxLength:"100"`
			State    []string `query:"state" enum:"queued,starting,running,succeeded,failed,cancelled"`
			Limit    int      `query:"limit" minimum:"0" maximum:"1000" doc:"0: 100"`
			Page     string   `query:"pageToken" maxLength:"100"`
		}) (*Body[Page[Job]], error) {
			f := content.JobFilter{Document: resourceID(in.Document), Before: in.Page, Limit: in.Limit}
			for _, state := range in.State {
				f.States = append(f.States, content.JobState(state))
			}
			if f.Limit == 0 {
				f.Limit = 100
			}
			found, err := s.Jobs(ctx, f)
			out := Page[Job]{Items: viewAll(found, viewJob)}
			if len(found) == f.Limit {
				out.NextPageToken = found[len(found)-1].ID
			}
			return body(out), err
		})
	add(a, route{"getJob", http.MethodGet, "/jobs/{id}", "Get a job", tag, uses("Job"), 0},
		func(ctx context.Context, in *ByJob) (*Body[Job], error) {
			j, err := s.Job(ctx, in.ID)
			return body(viewJob(j)), err
		})
	add(a, route{"cancelJob", http.MethodPost, "/jobs/{id}/cancel", "Have a job end; what it has done so far is kept", tag, uses("CancelJob"), http.StatusAccepted},
		func(ctx context.Context, in *ByJob) (*Body[Job], error) {
			j, err := r.Cancel(ctx, in.ID)
			return body(viewJob(j)), err
		})
	add(a, route{"deleteJob", http.MethodDelete, "/jobs/{id}", "Forget a job that has ended, with its notebook", tag, uses("DeleteJob"), http.StatusNoContent},
		func(ctx context.Context, in *ByJob) (*None, error) { return nil, s.DeleteJob(ctx, in.ID) })
	a.addStream(route{"readJob", http.MethodGet, "/jobs/{id}/notebook", "Get what a job executes, with the outputs so far, as a notebook", tag, uses("ReadJob"), 0},
		func(op *huma.Operation) {
			op.Parameters = []*huma.Param{{Name: "id", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}}}
			op.Responses["200"] = &huma.Response{Description: "A notebook (nbformat 4.5)", Content: map[string]*huma.MediaType{"application/x-ipynb+json": {}}}
		}, a.jobNotebook)
	a.addStream(route{"followJob", http.MethodGet, "/jobs/{id}/events", "Follow a job to its end", tag, uses("Job"), 0},
		func(op *huma.Operation) {
			text := &huma.Schema{Type: "string"}
			op.Description = "As text/event-stream, or as application/x-ndjson where that is asked for: what has happened since the job began (or the server was restarted), and then what happens. The stream ends with the job."
			op.Parameters = []*huma.Param{{Name: "id", In: "path", Required: true, Schema: text},
				{Name: "Last-Event-ID", In: "header", Schema: text, Description: "Where to go on; browsers send it when they reconnect"}}
			schema := a.huma.OpenAPI().Components.Schemas.Schema(typeOf[JobEvent](), true, "JobEvent")
			op.Responses["200"] = &huma.Response{Description: "What happened", Content: map[string]*huma.MediaType{"text/event-stream": {}, "application/x-ndjson": {Schema: schema}}}
		}, a.followJob)
}

func (a *API) jobNotebook(w http.ResponseWriter, r *http.Request) error {
	j, text, err := a.o.Service.ReadJob(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	defer text.Close() // it only releases
	w.Header().Set("Content-Type", "application/x-ipynb+json")
	w.Header().Set("Content-Length", strconv.FormatInt(j.Size, 10))
	w.Header().Set("Cache-Control", "no-store")
	if _, err := io.Copy(web.Download(w), text); err != nil {
		web.FromContext(r.Context()).Failure = err
	}
	return nil
}

func (a *API) followJob(w http.ResponseWriter, r *http.Request) error {
	f, err := a.o.Runner.Follow(r.Context(), r.PathValue("id"), r.Header.Get("Last-Event-ID"))
	if err != nil {
		return err
	}
	contentType := "text/event-stream"
	if strings.Contains(r.Header.Get("Accept"), "application/x-ndjson") {
		contentType = "application/x-ndjson"
	}
	ctx, stop := context.WithTimeout(r.Context(), maxStream)
	defer stop()
	defer context.AfterFunc(a.feed.life, stop)()
	stream := web.EventStream(w, contentType)
	for {
		wait, done := context.WithTimeout(ctx, keepAlive)
		events, err := f.Next(wait)
		done()
		var text strings.Builder
		for _, e := range events {
			b, err := json.Marshal(viewEvent(e))
			if err != nil {
				return err
			}
			if contentType == "text/event-stream" {
				fmt.Fprintf(&text, "id: %s\nevent: %s\ndata: %s\n\n", e.ID, e.Kind, b)
			} else {
				fmt.Fprintf(&text, "%s\n", b)
			}
		}
		switch {
		case errors.Is(err, io.EOF) || ctx.Err() != nil:
			return nil
		case err != nil: // nothing has happened for a while
			text.WriteString(map[bool]string{true: ": still here\n\n", false: "\n"}[contentType == "text/event-stream"])
		}
		if _, err := io.WriteString(stream, text.String()); err != nil {
			return nil // the client has left
		}
		if err := stream.Flush(); err != nil {
			return nil
		}
	}
}
