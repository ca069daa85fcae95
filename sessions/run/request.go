package run

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"sextant/content"
	"sextant/content/environment"
	"sextant/content/notebook"
)

// Request is what is to be executed: a document or a statement.
type Request struct {
	Document content.ResourceID
	// Revision is the document's that is executed; empty is the newest.
	Revision content.RevisionID
	// Cells are those to execute, by id, in the notebook's order; none are all.
	Cells []string
	// InDocument has the outputs of a notebook go into it; else they are in the job's own notebook alone.
	InDocument bool
	Statement  string
	// Environment and Kernel are as planners take them; empty: those of the document, or the default.
	Environment string
	Kernel      string
	// Parameters are JSON values by name.
	Parameters map[string]json.RawMessage
	Timeout    time.Duration
	// IdempotencyKey, where not empty, makes the same request with the same key within a day give the job that there is.
	IdempotencyKey string
}

// Bounds of what is executed.
const (
	maxStatement = 1 << 20
	maxDocument  = 512 << 20
)

// prepared is a request with what is executed.
type prepared struct {
	spec content.JobSpec
	nb   *notebook.Notebook
}

// prepare reads what is to be executed, as the actor.
func (r *Runner) prepare(ctx context.Context, q Request) (prepared, error) {
	p := prepared{spec: content.JobSpec{InDocument: q.InDocument, Environment: q.Environment, Kernel: q.Kernel, Parameters: q.Parameters, Timeout: q.Timeout}}
	if err := checkParameters(q.Parameters); err != nil {
		return p, err
	}
	switch {
	case (q.Document == "") == (q.Statement == ""):
		return p, fmt.Errorf("%w job: give a document or a statement", content.ErrInvalid)
	case q.InDocument && (len(q.Parameters) > 0 || q.Revision != ""):
		return p, fmt.Errorf("%w job: with parameters, or of an old revision, outputs cannot go into the document", content.ErrInvalid)
	case q.Statement != "":
		if len(q.Cells) > 0 || q.Revision != "" {
			return p, fmt.Errorf("%w job: a statement has no cells and no revisions", content.ErrInvalid)
		}
		if len(q.Statement) > maxStatement {
			return p, fmt.Errorf("%w: a statement has at most %d bytes", content.ErrTooLarge, maxStatement)
		}
		first, _, _ := strings.Cut(strings.TrimSpace(q.Statement), "\n")
		p.spec.Title = strings.TrimSpace(first)
		return p, p.statement(q.Statement)
	}
	if err := r.Service.MayRun(ctx, q.Document, q.InDocument); err != nil {
		return p, err
	}
	reading, err := r.Service.Read(ctx, q.Document, content.ReadOptions{Revision: q.Revision})
	if err != nil {
		return p, err
	}
	defer reading.Body.Close() // it only releases
	if reading.Size > maxDocument {
		return p, fmt.Errorf("%w: the document has %d bytes", content.ErrTooLarge, reading.Size)
	}
	text, err := io.ReadAll(reading.Body)
	if err != nil {
		return p, err
	}
	p.spec.Title, p.spec.Revision = strings.TrimSuffix(reading.Resource.Name, ".ipynb"), reading.Revision.ID
	switch reading.Resource.Type {
	case content.Notebook:
		return p, p.notebook(text, q.Cells)
	case content.SQL:
		if q.InDocument || len(q.Cells) > 0 {
			return p, fmt.Errorf("%w job: a script has no cells, and its outputs go with the job", content.ErrInvalid)
		}
		s, err := notebook.ParseScript(string(text))
		if err != nil {
			return p, fmt.Errorf("%w: %w", content.ErrInvalid, err)
		}
		if s.Header.Environment != "" && q.Environment == "" && q.Kernel == "" {
			if p.spec.Environment, err = r.environment(ctx, s.Header.Environment); err != nil {
				return p, err
			}
		}
		return p, p.script(s)
	}
	return p, fmt.Errorf("%w job: only notebooks and SQL scripts are executed", content.ErrInvalid)
}

// environment finds the environment of a name that the actor may use; a path stays one.
func (r *Runner) environment(ctx context.Context, name string) (string, error) {
	if strings.HasPrefix(name, "/") || name == "default" {
		return name, nil
	}
	all, err := r.Service.Usable(ctx, content.Environment)
	if err != nil {
		return "", err
	}
	if e, ok := content.Named(all, name); ok {
		return string(e.ID), nil
	}
	return "", fmt.Errorf("%w environment %.80q: there is none of this name that you may use", content.ErrInvalid, name)
}

// single makes a notebook of one cell of code; its kernel is that of SQL where none is named.
func (p *prepared) single(code string) error {
	p.nb = notebook.New()
	if p.spec.Environment == "" && p.spec.Kernel == "" {
		p.spec.Kernel = environment.SQLKernel
	}
	metadata := map[string]string{"kernelspec": `{"display_name": "SQL (DuckDB)", "language": "sql", "name": "` + environment.SQLKernel + `"}`,
		"language_info": `{"file_extension": ".sql", "mimetype": "text/x-sql", "name": "sql"}`}
	if p.spec.Kernel != "" && p.spec.Kernel != environment.SQLKernel {
		name, err := json.Marshal(map[string]string{"name": p.spec.Kernel, "display_name": p.spec.Kernel})
		if err != nil {
			return err
		}
		metadata = map[string]string{"kernelspec": string(name)}
	}
	for key, text := range metadata {
		v, err := notebook.ParseValue([]byte(text))
		if err != nil {
			return err
		}
		p.nb.Metadata[key] = v
	}
	p.nb.Cells = []notebook.Cell{{ID: "script", Type: notebook.Code, Source: code, Metadata: notebook.Object{}}}
	p.spec.Cells = []string{"script"}
	return nil
}

// statement makes a notebook of a statement; parameters are set before it, as in a notebook.
func (p *prepared) statement(code string) error {
	err := p.single(code)
	if err != nil || len(p.spec.Parameters) == 0 {
		return err
	}
	id, err := inject(p.nb, p.spec.Parameters)
	p.spec.Cells = []string{id, "script"}
	return err
}

// script makes a notebook of a SQL script; what its header asks for is set before it.
func (p *prepared) script(s notebook.Script) error {
	set, err := scriptParameters(s.Header, p.spec.Parameters)
	if err != nil {
		return err
	}
	if err := p.single(s.Body); err != nil || set == "" {
		return err
	}
	cell, err := injected(strings.TrimSuffix(set, "\n"))
	cell.ID = "parameters"
	p.nb.Cells = []notebook.Cell{cell, p.nb.Cells[0]}
	p.spec.Cells = []string{cell.ID, "script"}
	return err
}

// notebook takes the cells to execute from a notebook. What they gave earlier is left out of the job's copy.
func (p *prepared) notebook(text []byte, wanted []string) error {
	nb, _, err := notebook.Read(text)
	if err != nil {
		return fmt.Errorf("%w: it cannot be read as a notebook: %w", content.ErrInvalid, err)
	}
	p.nb = nb
	if p.spec.Kernel == "" && p.spec.Environment == "" {
		p.spec.Kernel, _ = nb.Metadata["kernelspec"].Object()["name"].Text()
	}
	set := "" // the cell that sets parameters
	if len(p.spec.Parameters) > 0 {
		if set, err = inject(nb, p.spec.Parameters); err != nil {
			return err
		}
	}
	want := map[string]bool{}
	for _, id := range wanted {
		want[id] = true
	}
	for i := range nb.Cells {
		c := &nb.Cells[i]
		if len(wanted) > 0 && !want[c.ID] && c.ID != set {
			continue
		}
		delete(want, c.ID)
		if c.Type != notebook.Code || strings.TrimSpace(c.Source) == "" {
			continue
		}
		c.Outputs, c.ExecutionCount = nil, nil
		delete(c.Metadata, "execution")
		p.spec.Cells = append(p.spec.Cells, c.ID)
	}
	for id := range want {
		return fmt.Errorf("%w job: the notebook has no cell %.80q", content.ErrInvalid, id)
	}
	if len(p.spec.Cells) == 0 {
		return fmt.Errorf("%w job: there is no code to execute", content.ErrInvalid)
	}
	return nil
}

// content is the notebook as it is stored.
func (p *prepared) content() (io.Reader, error) {
	var b bytes.Buffer
	err := notebook.Write(&b, p.nb)
	return &b, err
}
