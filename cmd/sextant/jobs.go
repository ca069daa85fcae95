package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"sextant/content"
	"sextant/server/api"
	"sextant/server/client"
)

type runCommand struct {
	remoteFlags
	Path        string            `arg:"" optional:"" predictor:"remote" help:"A notebook or SQL script, by its path from the root or its id."`
	Statement   string            `short:"s" placeholder:"SQL" help:"A statement instead of a document; - reads it from standard input."`
	Parameters  map[string]string `short:"p" name:"parameter" placeholder:"NAME=VALUE" help:"A parameter: JSON, or else a text. May be given several times."`
	Environment string            `predictor:"remote" help:"The environment, by path or id; default: the document's, or the default one."`
	Kernel      string            `help:"The kernelspec; default: the document's, or the environment's."`
	Revision    string            `help:"The document's revision; default: the newest."`
	Cells       []string          `name:"cell" placeholder:"ID" help:"Only these cells. May be given several times."`
	InDocument  bool              `help:"Put the outputs into the notebook itself."`
	Timeout     time.Duration     `help:"How long it may run, such as 10m."`
	Output      string            `short:"o" placeholder:"FILE" predictor:"file" help:"Write the executed notebook to a file."`
	Detach      bool              `short:"d" help:"Do not wait; print the job's id."`
}

// Run begins a job, and follows it to its end. When it is interrupted the job goes on.
func (c *runCommand) Run(t *terminal) error {
	if (c.Path == "") == (c.Statement == "") {
		return errors.New("give a document or --statement")
	}
	body := api.NewJob{Revision: c.Revision, Cells: c.Cells, InDocument: c.InDocument, Statement: c.Statement, Environment: c.Environment, Kernel: c.Kernel,
		Timeout: int(c.Timeout / time.Second), Parameters: map[string]json.RawMessage{}}
	for name, value := range c.Parameters {
		if !json.Valid([]byte(value)) {
			text, err := json.Marshal(value)
			if err != nil {
				return err
			}
			value = string(text)
		}
		body.Parameters[name] = json.RawMessage(value)
	}
	if c.Statement == "-" {
		text, err := io.ReadAll(t.in)
		if err != nil {
			return err
		}
		body.Statement = string(text)
	}
	server, err := c.open()
	if err != nil {
		return err
	}
	if c.Path != "" {
		_, r, err := c.found(t, c.Path)
		if err != nil {
			return err
		}
		body.Document = r.ID
	}
	var j api.Job
	if err := server.Call(t.ctx, client.Request{Method: http.MethodPost, Path: "jobs", Body: body}, &j); err != nil {
		return err
	}
	if c.Detach {
		_, err := fmt.Fprintln(t.out, j.ID)
		return err
	}
	end, err := follow(t, server, j.ID, c.JSON)
	if err != nil {
		return err
	}
	if c.Output != "" {
		if err := writeJob(t, server, j.ID, c.Output); err != nil {
			return err
		}
	}
	return outcome(end)
}

// outcome is nil for a job that has succeeded.
func outcome(j api.Job) error {
	switch content.JobState(j.State) {
	case content.JobFailed:
		if j.ErrorName != "" && j.ErrorName != "JobError" {
			return fmt.Errorf("the job failed: %s: %s", plain(j.ErrorName), plain(j.Error))
		}
		return fmt.Errorf("the job failed: %s", plain(j.Error))
	case content.JobCancelled:
		return errors.New("the job was cancelled")
	}
	return nil
}

// follow prints what a job gives until it ends, and gives how it ended.
func follow(t *terminal, server *client.Client, id string, asJSON bool) (api.Job, error) {
	var j api.Job
	last, lost := "", 0
	for {
		answer, err := server.Send(t.ctx, client.Request{Method: http.MethodGet, Path: client.Path("jobs", id, "events"),
			Header: http.Header{"Accept": {"application/x-ndjson"}, "Last-Event-Id": {last}}})
		if err == nil {
			lost = 0
			j, last, err = printEvents(t, answer.Body, j, last, asJSON)
			answer.Body.Close() // it only reads
		}
		switch {
		case content.JobState(j.State).Ended():
			return j, nil
		case t.ctx.Err() != nil:
			return j, fmt.Errorf("the job goes on; sextant jobs follow %s", id)
		case err != nil && (lost > 10 || statusOf(err) != 0):
			return j, err
		case err != nil: // the server may be starting again
			lost++
			select {
			case <-time.After(time.Second):
			case <-t.ctx.Done():
			}
		}
	}
}

// printEvents prints a stream of events, and gives the newest state of the job and the last event's id.
func printEvents(t *terminal, from io.Reader, j api.Job, last string, asJSON bool) (api.Job, string, error) {
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 1 {
			var e api.JobEvent
			if err := json.Unmarshal(line, &e); err != nil {
				return j, last, err
			}
			last = e.ID
			if e.Job != nil {
				j = *e.Job
			}
			if asJSON {
				if _, err := t.out.Write(line); err != nil {
					return j, last, err
				}
			} else if err := printOutput(t, e); err != nil {
				return j, last, err
			}
		}
		if errors.Is(err, io.EOF) {
			return j, last, nil
		}
		if err != nil {
			return j, last, err
		}
	}
}

// escapes are the sequences by which text steers a terminal; colours alone may stay.
var (
	colours = regexp.MustCompile("\x1b\\[[0-9;:]*m")
	steer   = regexp.MustCompile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u0080-\u009f]")
)

// plain is a text that steers no terminal.
func plain(s string) string { return steer.ReplaceAllString(colours.ReplaceAllString(s, ""), "") }

// printOutput prints what an event says, as text.
func printOutput(t *terminal, e api.JobEvent) error {
	if e.Kind == "gap" {
		_, err := fmt.Fprintln(t.errOut, "(what was before is in the job's notebook)")
		return err
	}
	if e.Kind != "output" {
		return nil
	}
	var o struct {
		Type      string                     `json:"output_type"`
		Name      string                     `json:"name"`
		Text      string                     `json:"text"`
		Data      map[string]json.RawMessage `json:"data"`
		Traceback []string                   `json:"traceback"`
		EName     string                     `json:"ename"`
		EValue    string                     `json:"evalue"`
	}
	if err := json.Unmarshal(e.Output, &o); err != nil {
		return err
	}
	to, text := t.out, o.Text
	switch {
	case o.Type == "stream" && o.Name == "stderr":
		to = t.errOut
	case o.Type == "error":
		to, text = t.errOut, strings.Join(o.Traceback, "\n")+"\n"
		if len(o.Traceback) == 0 {
			text = o.EName + ": " + o.EValue + "\n"
		}
	case o.Type != "stream":
		_ = json.Unmarshal(o.Data["text/plain"], &text) // what has no text is in the notebook
		text += "\n"
	}
	_, err := io.WriteString(to, plain(text))
	return err
}

// writeJob writes a job's notebook to a file; - is standard output.
func writeJob(t *terminal, server *client.Client, id, name string) error {
	answer, err := server.Send(t.ctx, client.Request{Method: http.MethodGet, Path: client.Path("jobs", id, "notebook")})
	if err != nil {
		return err
	}
	defer answer.Body.Close() // it only reads
	if name == "-" {
		_, err := io.Copy(t.out, answer.Body)
		return err
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, answer.Body)
	return errors.Join(err, f.Close())
}

type jobsCommand struct {
	List     jobsList     `cmd:"" default:"withargs" help:"List one's jobs, newest first."`
	Show     jobsShow     `cmd:"" help:"Tell all of one job."`
	Follow   jobsFollow   `cmd:"" help:"Print what a job gives, until it ends."`
	Notebook jobsNotebook `cmd:"" help:"Write a job's notebook, with the outputs so far, to a file."`
	Cancel   jobsCancel   `cmd:"" help:"Have jobs end; what they have done is kept."`
	Delete   jobsDelete   `cmd:"" help:"Forget jobs that have ended."`
}

type jobsList struct {
	remoteFlags
	State []string `enum:"queued,starting,running,succeeded,failed,cancelled" help:"Only those in this state. May be given several times."`
	Limit int      `default:"50" help:"At most so many."`
}

// Run lists jobs.
func (c *jobsList) Run(t *terminal) error {
	server, err := c.open()
	if err != nil {
		return err
	}
	var page api.Page[api.Job]
	query := url.Values{"state": c.State, "limit": {fmt.Sprint(c.Limit)}}
	if err := server.Call(t.ctx, client.Request{Method: http.MethodGet, Path: "jobs", Query: query}, &page); err != nil {
		return err
	}
	p := c.printer(t)
	for _, j := range page.Items {
		if err := p.add(j, j.ID, j.CreatedAt, j.State, fmt.Sprintf("%d/%d", j.Done, j.Cells), j.Title, j.Error); err != nil {
			return err
		}
	}
	return p.close()
}

// oneJob names a job.
type oneJob struct {
	remoteFlags
	ID string `arg:"" help:"The job's id."`
}

type jobsShow struct{ oneJob }

// Run tells all of a job.
func (c *jobsShow) Run(t *terminal) error {
	server, err := c.open()
	if err != nil {
		return err
	}
	var j api.Job
	if err := server.Call(t.ctx, client.Request{Method: http.MethodGet, Path: client.Path("jobs", c.ID)}, &j); err != nil {
		return err
	}
	p := c.printer(t)
	if c.JSON {
		return p.add(j)
	}
	parameters, err := json.Marshal(j.Parameters)
	if err != nil {
		return err
	}
	for _, row := range [][]any{{"id", j.ID}, {"title", j.Title}, {"state", j.State}, {"cells", fmt.Sprintf("%d of %d", j.Done, j.Cells)}, {"document", j.Document}, {"revision", j.Revision},
		{"environment", j.Environment}, {"kernel", j.Kernel}, {"parameters", string(parameters)}, {"created", j.CreatedAt}, {"started", j.StartedAt}, {"ended", j.EndedAt},
		{"failed at", j.FailedCell}, {"error", strings.TrimSpace(j.ErrorName + " " + j.Error)}} {
		if row[1] == "" || row[1] == "null" {
			continue
		}
		if err := p.add(j, row...); err != nil {
			return err
		}
	}
	return p.close()
}

type jobsFollow struct{ oneJob }

// Run prints what a job gives.
func (c *jobsFollow) Run(t *terminal) error {
	server, err := c.open()
	if err != nil {
		return err
	}
	j, err := follow(t, server, c.ID, c.JSON)
	if err != nil {
		return err
	}
	return outcome(j)
}

type jobsNotebook struct {
	oneJob
	File string `arg:"" predictor:"file" help:"The file to write."`
}

// Run writes a job's notebook.
func (c *jobsNotebook) Run(t *terminal) error {
	server, err := c.open()
	if err != nil {
		return err
	}
	return writeJob(t, server, c.ID, c.File)
}

type jobsCancel struct {
	remoteFlags
	IDs []string `arg:"" help:"Ids of jobs."`
}

// Run cancels jobs.
func (c *jobsCancel) Run(t *terminal) error {
	return eachJob(t, &c.remoteFlags, c.IDs, http.MethodPost, "cancel")
}

type jobsDelete struct {
	remoteFlags
	IDs []string `arg:"" help:"Ids of jobs."`
}

// Run forgets jobs.
func (c *jobsDelete) Run(t *terminal) error {
	return eachJob(t, &c.remoteFlags, c.IDs, http.MethodDelete)
}

func eachJob(t *terminal, f *remoteFlags, ids []string, method string, more ...string) error {
	for _, id := range ids {
		if err := call(t, f, method, client.Path(append([]string{"jobs", id}, more...)...), nil); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
	}
	return nil
}
