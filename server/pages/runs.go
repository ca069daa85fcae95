package pages

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"

	"sextant/content"
	"sextant/content/notebook"
	"sextant/content/render"
	"sextant/server/web"
	"sextant/sessions/run"
)

// running is the page on which a document is run with values of one's own.
type running struct {
	*view
	Asked        []askedField
	Environments []content.Resource
	Environment  string
	// Into offers to put the outputs into the document.
	Into bool
	Note string
}

// askedField is a value that is asked for, with what stands in its field.
type askedField struct {
	notebook.Asked
	Value string
}

// runForm shows what the document asks for.
func (p *Pages) runForm(w http.ResponseWriter, r *http.Request) error {
	return p.showRun(w, r, http.StatusOK, func(*running) {})
}

func (p *Pages) showRun(w http.ResponseWriter, r *http.Request, status int, change func(*running)) error {
	ctx, ask := r.Context(), askedOf(r)
	if err := p.o.Service.MayRun(ctx, ask.id, false); err != nil {
		return p.refuse(w, r, err)
	}
	reading, err := p.o.Service.Read(ctx, ask.id, content.ReadOptions{Revision: ask.revision})
	if err != nil {
		return p.refuse(w, r, err)
	}
	defer func() { _ = reading.Body.Close() }() // it only releases
	v, err := p.view(ctx, ask, reading)
	if err != nil {
		return p.refuse(w, r, err)
	}
	asked, err := askedBy(reading)
	if err != nil {
		return err
	}
	out := &running{view: v, Into: reading.Resource.Type == content.Notebook && v.May["documents.update"] && ask.revision == ""}
	for _, a := range asked {
		value := a.Default
		if a.Kind == notebook.AskedBoolean {
			value = strings.ToLower(value)
		}
		out.Asked = append(out.Asked, askedField{a, value})
	}
	if out.Environments, err = p.o.Service.Usable(ctx, content.Environment); err != nil {
		return err
	}
	change(out)
	w.Header().Set("Cache-Control", "no-store")
	return p.showStatus(w, r, status, "run.html", out, v)
}

// askedBy are the values that a document asks for.
func askedBy(reading *content.Reading) ([]notebook.Asked, error) {
	if reading.Size > MaxRendered {
		return nil, fmt.Errorf("%w: it has more than %d bytes", content.ErrTooLarge, MaxRendered)
	}
	text, err := io.ReadAll(reading.Body)
	if err != nil {
		return nil, err
	}
	switch reading.Resource.Type {
	case content.Notebook:
		if nb := notebookOf(reading, text); nb != nil {
			return notebook.Parameters(nb), nil
		}
		return nil, &web.StatusError{Status: http.StatusUnprocessableEntity, Text: "it cannot be read as a notebook, so it cannot be run"}
	case content.SQL:
		s, err := notebook.ParseScript(string(text))
		if err != nil {
			return nil, &web.StatusError{Status: http.StatusUnprocessableEntity, Text: err.Error()}
		}
		return s.Asked(), nil
	}
	return nil, &web.StatusError{Status: http.StatusUnprocessableEntity, Text: "only notebooks and SQL scripts can be run"}
}

// run begins a job, and leads to it.
func (p *Pages) run(w http.ResponseWriter, r *http.Request) error {
	ctx, ask := r.Context(), askedOf(r)
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return &web.StatusError{Status: http.StatusBadRequest, Text: "not a form"}
	}
	again := func(note string) error {
		return p.showRun(w, r, http.StatusUnprocessableEntity, func(out *running) {
			for i, a := range out.Asked {
				if r.PostForm.Has("p." + a.Name) {
					out.Asked[i].Value = r.PostForm.Get("p." + a.Name)
				}
			}
			out.Environment, out.Note = r.PostForm.Get("environment"), note
		})
	}
	reading, err := p.o.Service.Read(ctx, ask.id, content.ReadOptions{Revision: ask.revision})
	if err != nil {
		return p.refuse(w, r, err)
	}
	asked, err := askedBy(reading)
	_ = reading.Body.Close() // it only releases
	if err != nil {
		return err
	}
	q := run.Request{Document: ask.id, Revision: ask.revision, Environment: r.PostForm.Get("environment"), InDocument: r.PostForm.Get("into") == "document", Parameters: map[string]json.RawMessage{}}
	for _, a := range asked {
		text := r.PostForm.Get("p." + a.Name)
		if a.Kind == notebook.AskedBoolean && strings.EqualFold(text, a.Default) {
			continue
		}
		value, set, err := a.Read(text)
		if err != nil {
			return again(err.Error())
		}
		if set {
			q.Parameters[a.Name] = value
		}
	}
	if q.InDocument && len(q.Parameters) > 0 {
		return again("With other values than its own, the outputs cannot go into the document: they would not be what it says. Run it apart from the document.")
	}
	j, err := p.o.Runner.Start(ctx, q)
	if errors.Is(err, content.ErrInvalid) {
		_, text, _ := strings.Cut(err.Error(), ": ")
		return again(text)
	}
	if err != nil {
		return p.refuse(w, r, err)
	}
	http.Redirect(w, r, p.o.Base+"jobs/"+url.PathEscape(j.ID), http.StatusSeeOther)
	return nil
}

// stateWords are what people call the states of a job.
var stateWords = map[content.JobState]string{content.JobQueued: "Waiting for its turn", content.JobStarting: "Starting its session", content.JobRunning: "Running",
	content.JobSucceeded: "Done", content.JobFailed: "Failed", content.JobCancelled: "Cancelled"}

// jobReading is a job's notebook as a document's revision, of a name of its own for each state of its content.
func jobReading(j content.Job, body io.ReadCloser) *content.Reading {
	name := j.Spec.Title
	if name == "" {
		name = "Job"
	}
	return &content.Reading{Size: j.Size, Body: body,
		Resource: content.Resource{ID: j.Document, Type: content.Notebook, Name: name, Owner: j.Principal, CreatedAt: j.CreatedAt, UpdatedAt: j.CreatedAt},
		Revision: content.Revision{ID: content.RevisionID(keyOf("job", j.ID, string(j.Layout.Encode()))), Author: j.Principal, CreatedAt: j.CreatedAt, Size: j.Size}}
}

// job shows a job with what it has given so far.
func (p *Pages) job(w http.ResponseWriter, r *http.Request) error {
	ctx, id := r.Context(), r.PathValue("id")
	j, err := p.o.Service.Job(ctx, id)
	if err != nil {
		return p.refuseJob(w, r, err)
	}
	// The job that is read may be further already.
	read := func(ctx context.Context) (*content.Reading, error) {
		now, body, err := p.o.Service.ReadJob(ctx, id)
		if err != nil {
			return nil, err
		}
		return jobReading(now, body), nil
	}
	given, err := handed(ctx, read)
	if err != nil {
		return p.refuseJob(w, r, err)
	}
	there := p.o.Base + "jobs/" + url.PathEscape(id)
	ask := asked{id: j.Document, all: r.URL.Query().Get("all") == "1", code: r.URL.Query().Get("code") == "1"}
	fold := ask
	fold.code = !ask.code
	v := &view{ID: j.ID, Resource: given.Resource, Revision: given.Revision, Name: given.Resource.Name, Title: given.Resource.Name, Type: string(content.Notebook), Code: ask.code, All: ask.all,
		May: map[string]bool{}, Self: j.Principal.Value(), Job: &j, Query: map[string]string{"code": fold.query(), "all": ask.whole(), "this": ask.query()}}
	// What it refers to beside it stands beside the document.
	beside := func(ref string, picture bool) string {
		to := links(ask)(ref, picture)
		if rest, ok := strings.CutPrefix(to, string(ask.id)+"/"); ok && ask.id != "" {
			return p.o.Base + "n/" + string(ask.id) + "/" + rest
		}
		return to
	}
	if ask.id == "" {
		beside = alone
	}
	return p.respond(w, r, v, shown{ask: ask, given: given, all: ask.whole(), links: beside, head: "job.html", tail: "jobtail.html", frame: p.o.Base + "frame/output", way: wayJob,
		rich: there + "/rich/", query: ask.query(), again: func(ctx context.Context) (*content.Reading, error) {
			return read(content.WithActor(ctx, content.ActorFrom(r.Context())))
		}})
}

// refuseJob answers where there is no job to show.
func (p *Pages) refuseJob(w http.ResponseWriter, r *http.Request, err error) error {
	if errors.Is(err, content.ErrNotFound) && strings.Contains(r.Header.Get("Accept"), "text/html") {
		return p.message(w, r, http.StatusNotFound, message{Self: content.ActorFrom(r.Context()).Principal.Value(), Title: "This job is not here, or not yours",
			Text: "Jobs are seen by who began them, for 30 days, and as long as they may read the document. To show others what one gave, save it as a document and share that."})
	}
	return p.refuse(w, r, err)
}

// jobRich answers with what an interactive output of a job is made of.
func (p *Pages) jobRich(w http.ResponseWriter, r *http.Request) error {
	j, body, err := p.o.Service.ReadJob(r.Context(), r.PathValue("id"))
	if err != nil {
		return p.refuseJob(w, r, err)
	}
	_ = body.Close() // what is wanted was read before
	ask := asked{id: j.Document, all: r.URL.Query().Get("all") == "1", code: r.URL.Query().Get("code") == "1"}
	return p.sendRich(w, r, p.key(ask, jobReading(j, nil).Revision, wayJob))
}

// jobDownload sends a job's notebook.
func (p *Pages) jobDownload(w http.ResponseWriter, r *http.Request) error {
	j, body, err := p.o.Service.ReadJob(r.Context(), r.PathValue("id"))
	if err != nil {
		return p.refuseJob(w, r, err)
	}
	defer func() { _ = body.Close() }() // it only releases
	return p.sendFile(w, r, jobReading(j, body), r.URL.Query().Get("as"), r.URL.Query().Get("code") == "1")
}

// cancelJob asks for a job's end, and leads back to it.
func (p *Pages) cancelJob(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.o.Runner.Cancel(r.Context(), r.PathValue("id")); err != nil {
		return p.refuseJob(w, r, err)
	}
	http.Redirect(w, r, p.o.Base+"jobs/"+url.PathEscape(r.PathValue("id")), http.StatusSeeOther)
	return nil
}

// saveJob makes a document of a job's notebook, in its principal's own folder, and leads to it.
func (p *Pages) saveJob(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	home, err := p.o.Service.Home(ctx)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	results, err := p.o.Service.JobResults(ctx, id)
	if err != nil {
		return p.refuseJob(w, r, err)
	}
	// The document has them for its own readers, so they get other ids, which its outputs name.
	as, ids := map[string]string{}, []string{}
	for _, stored := range results {
		as[stored.ID] = uuid.Must(uuid.NewV7()).String()
		ids = append(ids, stored.ID, as[stored.ID])
	}
	for n := range 50 {
		j, body, err := p.o.Service.ReadJob(ctx, id)
		if err != nil {
			return p.refuseJob(w, r, err)
		}
		text, err := io.ReadAll(body)
		if err = errors.Join(err, body.Close()); err != nil {
			return err
		}
		name := jobReading(j, nil).Resource.Name + " " + j.CreatedAt.Format("2006-01-02")
		made, err := p.o.Service.Create(ctx, content.NewResource{Parent: home.ID, Type: content.Notebook, Name: copyName(saneName(name)+".ipynb", n), Content: strings.NewReader(strings.NewReplacer(ids...).Replace(string(text))),
			Origin: content.ByRun, Message: "Saved from a job"})
		if errors.Is(err, content.ErrExists) {
			continue
		}
		if err != nil {
			return err
		}
		if err := p.o.Service.TakeResults(ctx, id, made.ID, as); err != nil {
			return err
		}
		http.Redirect(w, r, p.o.Base+"n/"+string(made.ID), http.StatusSeeOther)
		return nil
	}
	return content.ErrExists
}

// saneName makes a title the name of a document.
func saneName(title string) string {
	title = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return ' '
		}
		return r
	}, title)
	if r := []rune(title); len(r) > 100 {
		title = string(r[:100])
	}
	return strings.TrimSpace(title)
}

// jobList lists one's jobs.
func (p *Pages) jobList(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	if content.ActorFrom(ctx).Principal == "" {
		return p.refuse(w, r, content.ErrUnauthenticated)
	}
	const size = 100
	found, err := p.o.Service.Jobs(ctx, content.JobFilter{Limit: size, Before: r.URL.Query().Get("before")})
	if err != nil {
		return err
	}
	page := struct {
		*view
		Jobs     []*content.Job
		NextPage string
	}{view: &view{Self: content.ActorFrom(ctx).Principal.Value(), Title: "Jobs"}}
	for i := range found {
		page.Jobs = append(page.Jobs, &found[i])
	}
	if len(found) == size {
		page.NextPage = "?" + url.Values{"before": {found[size-1].ID}}.Encode()
	}
	return p.show(w, r, "jobs.html", page, page.view)
}

// elapsed is how long a job ran that has ended.
func elapsed(j *content.Job) string { return render.Duration(j.EndedAt.Sub(j.StartedAt)) }
