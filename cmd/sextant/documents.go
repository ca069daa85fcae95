package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"sextant/server/api"
	"sextant/server/client"
	"sextant/server/web"
)

// statusOf is the status of a server's answer, or 0.
func statusOf(err error) int {
	var p *web.Problem
	if errors.As(err, &p) {
		return p.Status
	}
	return 0
}

type lsCommand struct {
	remoteFlags
	Long bool   `short:"l" help:"Also type, size, owner and time."`
	Path string `arg:"" default:"/" predictor:"remote" help:"A folder."`
}

// Run lists a folder.
func (c *lsCommand) Run(t *terminal) error {
	_, folder, err := c.found(t, c.Path)
	if err != nil {
		return err
	}
	return list(t, &c.remoteFlags, client.Path("resources", folder.ID, "children"), url.Values{"pageSize": {"1000"}}, func(r api.Resource) []any {
		name := r.Name
		if r.Type == "folder" {
			name += "/"
		}
		if !c.Long {
			return []any{name}
		}
		return []any{r.Type, r.Size, r.Owner, r.UpdatedAt, name, broken(r.Problem)}
	})
}

type catCommand struct {
	onResource
	Revision   string `short:"r" placeholder:"ID" help:"An older revision."`
	SourceOnly bool   `help:"Without stored outputs."`
}

// Run writes a document's content.
func (c *catCommand) Run(t *terminal) error {
	server, r, err := c.resource(t)
	if err != nil {
		return err
	}
	body, err := server.Read(t.ctx, r.ID, c.Revision, c.SourceOnly)
	if err != nil {
		return err
	}
	defer body.Close() // it only reads
	_, err = io.Copy(t.out, body)
	return err
}

type putCommand struct {
	remoteFlags
	Message string `short:"m" help:"What changed."`
	Base    string `placeholder:"ID" help:"The revision that the content was made from; where it is not the newest, nothing is saved. Default: save on top of whatever is newest."`
	File    string `arg:"" predictor:"file" help:"A file, or - for standard input."`
	Path    string `arg:"" predictor:"remote" help:"The document, which is made where it is not there."`
}

// Run saves a file as a document.
func (c *putCommand) Run(t *terminal) error {
	content, err := input(t, c.File)
	if err != nil {
		return err
	}
	defer content.Close() // it only reads
	server, err := c.open()
	if err != nil {
		return err
	}
	p := c.printer(t)
	there, err := server.Resolve(t.ctx, c.Path)
	if err == nil {
		base := c.Base
		if base == "" {
			base = "*"
		}
		saved, err := server.Save(t.ctx, there.ID, base, client.Version{Message: c.Message}, content)
		var problem *web.Problem
		if errors.As(err, &problem) && problem.Conflict != nil {
			return fmt.Errorf("%w\nsextant merge --base %s %s %s merges the two", err, base, c.File, c.Path)
		}
		if err != nil {
			return err
		}
		warn(t, saved.Revision.Problem)
		what := "saved"
		if !saved.Saved {
			what = "unchanged"
		}
		return errors.Join(p.add(saved, what, c.Path, fmt.Sprintf("revision %d", saved.Revision.Number), saved.Revision.ID), p.close())
	}
	if !isMissing(err) || c.Base != "" {
		return err
	}
	folder, name, err := split(c.Path)
	if err != nil {
		return err
	}
	parent, err := server.Resolve(t.ctx, folder)
	if err != nil {
		return fmt.Errorf("%s: %w", folder, err)
	}
	made, err := server.Upload(t.ctx, parent.ID, name, "", client.Version{Message: c.Message}, content)
	if err != nil {
		return err
	}
	warn(t, made.Problem)
	return errors.Join(p.add(made, "created", c.Path, "revision 1", made.Revision), p.close())
}

// broken marks what has a problem in a table.
func broken(problem string) string {
	if problem == "" {
		return ""
	}
	return "[" + problem + "]"
}

// warn tells that content was kept as it is because it cannot be read.
func warn(t *terminal, problem string) {
	if problem != "" {
		fmt.Fprintln(clean{t.errOut}, "kept byte for byte, since it cannot be read:", problem)
	}
}

type mkdirCommand struct {
	remoteFlags
	Path string `arg:"" predictor:"remote" help:"The folder to make."`
}

// Run makes a folder.
func (c *mkdirCommand) Run(t *terminal) error {
	folder, name, err := split(c.Path)
	if err != nil {
		return err
	}
	server, parent, err := c.found(t, folder)
	if err != nil {
		return err
	}
	_, err = server.CreateFolder(t.ctx, parent.ID, name)
	return err
}

type rmCommand struct {
	onResource
}

// Run puts a resource into the trash.
func (c *rmCommand) Run(t *terminal) error {
	server, r, err := c.resource(t)
	if err != nil {
		return err
	}
	return server.Trash(t.ctx, r.ID)
}

type mvCommand struct {
	remoteFlags
	From string `arg:"" predictor:"remote" help:"A resource."`
	To   string `arg:"" predictor:"remote" help:"Its new path, or the folder to put it in."`
}

// Run moves or renames a resource.
func (c *mvCommand) Run(t *terminal) error {
	server, r, err := c.found(t, c.From)
	if err != nil {
		return err
	}
	parent, name, err := destination(t, server, c.To, r.Name)
	if err != nil {
		return err
	}
	_, err = server.Move(t.ctx, r.ID, parent, name)
	return err
}

type cpCommand struct {
	remoteFlags
	Revision string `short:"r" placeholder:"ID" help:"An older revision."`
	From     string `arg:"" predictor:"remote" help:"A document, or a folder with all in it that one may read."`
	To       string `arg:"" predictor:"remote" help:"The copy's path, or the folder to put it in."`
}

// Run copies a document or folder.
func (c *cpCommand) Run(t *terminal) error {
	server, r, err := c.found(t, c.From)
	if err != nil {
		return err
	}
	parent, name, err := destination(t, server, c.To, r.Name)
	if err != nil {
		return err
	}
	body := map[string]string{"parent": parent, "name": name}
	if c.Revision != "" {
		body["revision"] = c.Revision
	}
	var copied api.Copied
	if err := server.Call(t.ctx, client.Request{Method: http.MethodPost, Path: client.Path("resources", r.ID, "copy"), Body: body}, &copied); err != nil {
		return err
	}
	for _, id := range copied.LeftOut {
		fmt.Fprintf(t.errOut, "left out, since it may not be read: %s\n", id)
	}
	if r.Type != "folder" && !c.JSON {
		return nil
	}
	p := c.printer(t)
	return errors.Join(p.add(copied, fmt.Sprintf("%d folders, %d documents", copied.Folders, copied.Documents)), p.close())
}

// destination is where something is to go: into a folder under its own name, or to a path that names it.
func destination(t *terminal, server *client.Client, to, name string) (parent, newName string, err error) {
	there, err := server.Resolve(t.ctx, to)
	if err == nil && there.Type == "folder" {
		return there.ID, name, nil
	}
	if err != nil && !isMissing(err) {
		return "", "", err
	}
	folder, name, err := split(to)
	if err != nil {
		return "", "", err
	}
	up, err := server.Resolve(t.ctx, folder)
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", folder, err)
	}
	return up.ID, name, nil
}

type logCommand struct {
	onResource
	Named bool `help:"Only checkpoints."`
}

// Run lists a document's revisions.
func (c *logCommand) Run(t *terminal) error {
	_, r, err := c.resource(t)
	if err != nil {
		return err
	}
	query := url.Values{"pageSize": {"1000"}}
	if c.Named {
		query.Set("named", "true")
	}
	return list(t, &c.remoteFlags, client.Path("resources", r.ID, "revisions"), query, func(r api.Revision) []any {
		author, at := r.Author, r.CreatedAt
		if r.Imported != nil { // as the history that it came with tells it
			author, at = r.Imported.Author+" (imported)", r.Imported.At
		}
		return []any{r.Number, r.ID, at, author, r.Size, strings.TrimSpace(r.Name + "  " + r.Message), broken(r.Problem)}
	})
}

type restoreRevisionCommand struct {
	onResource
	Revision string `arg:"" help:"The revision whose content becomes the newest."`
}

// Run saves an old revision's content as a new one.
func (c *restoreRevisionCommand) Run(t *terminal) error {
	server, r, err := c.resource(t)
	if err != nil {
		return err
	}
	return server.Call(t.ctx, client.Request{Method: http.MethodPost, Path: client.Path("resources", r.ID, "revisions", c.Revision, "restore"),
		Body: map[string]string{"base": r.Revision}}, nil)
}

type searchCommand struct {
	remoteFlags
	filterFlags
	Limit int      `default:"20" help:"At most so many."`
	Words []string `arg:"" help:"Words that must all be there."`
}

// Run finds documents by words. What holds words like them, rather than them, is marked with a tilde.
func (c *searchCommand) Run(t *terminal) error {
	server, err := c.open()
	if err != nil {
		return err
	}
	var page api.Page[api.Hit]
	query, err := c.filterFlags.query(t, server)
	if err != nil {
		return err
	}
	query.Set("q", strings.Join(c.Words, " "))
	query.Set("pageSize", fmt.Sprint(c.Limit))
	if err := server.Call(t.ctx, client.Request{Method: http.MethodGet, Path: "search", Query: query}, &page); err != nil {
		return err
	}
	p := c.printer(t)
	for _, h := range page.Items {
		text := ""
		if len(h.Snippets) > 0 {
			text = h.Snippets[0].Text
		}
		name := h.Resource.Name
		if h.Approximate {
			name = "~ " + name
		}
		if err := p.add(h, h.Resource.ID, name, text); err != nil {
			return err
		}
	}
	return p.close()
}

type changesCommand struct {
	remoteFlags
	Since string `placeholder:"PLACE" help:"Where to go on from; default: now."`
}

// Run follows the change feed until it is interrupted.
func (c *changesCommand) Run(t *terminal) error {
	server, err := c.open()
	if err != nil {
		return err
	}
	since := c.Since
	for t.ctx.Err() == nil {
		answer, err := server.Send(t.ctx, client.Request{Method: http.MethodGet, Path: "changes", Query: url.Values{"since": {since}},
			Header: http.Header{"Accept": {"application/x-ndjson"}}})
		if err != nil {
			return err
		}
		since, err = printChanges(t, &c.remoteFlags, answer.Body, since)
		answer.Body.Close() // it only reads
		if err != nil && t.ctx.Err() == nil {
			return err
		}
	}
	return nil
}
