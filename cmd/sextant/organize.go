package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"sextant/server/api"
	"sextant/server/client"
)

// filterFlags narrow a listing or search.
type filterFlags struct {
	Type          []string      `placeholder:"TYPE" help:"Only notebook, sql, file, folder, environment or dataSource; several with commas."`
	Owner         string        `placeholder:"MEMBER" help:"Only what this principal owns."`
	Tag           string        `placeholder:"TAG" help:"Only what has this tag."`
	In            string        `name:"in" placeholder:"FOLDER" predictor:"remote" help:"Only what is below this folder."`
	UpdatedWithin time.Duration `placeholder:"72h" help:"Only what has changed within this time."`
}

// query gives the flags as the API takes them.
func (f *filterFlags) query(t *terminal, server *client.Client) (url.Values, error) {
	q := url.Values{}
	for _, kind := range f.Type {
		q.Add("type", kind)
	}
	if f.Owner != "" {
		q.Set("owner", memberOf(f.Owner))
	}
	if f.Tag != "" {
		q.Set("tag", f.Tag)
	}
	if f.UpdatedWithin > 0 {
		q.Set("updatedAfter", time.Now().Add(-f.UpdatedWithin).UTC().Format(time.RFC3339))
	}
	if f.In != "" {
		folder, err := server.Resolve(t.ctx, f.In)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.In, err)
		}
		q.Set("folder", folder.ID)
	}
	return q, nil
}

type findCommand struct {
	remoteFlags
	filterFlags
	What string `arg:"" enum:"all,shared,recent,star,pin" default:"all" help:"all that one may see, shared by others, recent (read lately), star or pin."`
}

// Run lists resources wherever they are, newest first. Filters are for all.
func (c *findCommand) Run(t *terminal) error {
	server, err := c.open()
	if err != nil {
		return err
	}
	query, err := c.filterFlags.query(t, server)
	if err != nil {
		return err
	}
	path := map[string]string{"all": "resources", "shared": "shared"}[c.What]
	if path == "" {
		path = client.Path("marks", c.What)
	}
	if c.What != "all" && len(query) > 0 {
		return errors.New("only the list of all can be filtered")
	}
	query.Set("pageSize", "1000")
	return list(t, &c.remoteFlags, path, query, func(r api.Resource) []any {
		return []any{r.ID, r.Type, r.Owner, r.UpdatedAt, r.Name, broken(r.Problem)}
	})
}

type describeCommand struct {
	onResource
	Description *string  `help:"What it is for; empty takes it off."`
	Tags        []string `help:"Its tags, in place of those it has." xor:"tags"`
	NoTags      bool     `help:"Take its tags off." xor:"tags"`
}

// Run describes or tags a resource, or prints what is known of it.
func (c *describeCommand) Run(t *terminal) error {
	server, r, err := c.resource(t)
	if err != nil {
		return err
	}
	edit := map[string]any{}
	if c.Description != nil {
		edit["description"] = *c.Description
	}
	if len(c.Tags) > 0 || c.NoTags {
		edit["tags"] = append([]string{}, c.Tags...)
	}
	if len(edit) > 0 {
		err := server.Call(t.ctx, client.Request{Method: http.MethodPatch, Path: client.Path("resources", r.ID), Body: edit,
			Header: http.Header{"If-Match": {`"` + r.Etag + `"`}}}, &r)
		if err != nil {
			return err
		}
	}
	p := c.printer(t)
	if c.JSON {
		return errors.Join(p.add(r), p.close())
	}
	var faults []error
	for _, row := range [][]any{{"id", r.ID}, {"type", r.Type}, {"name", r.Name}, {"owner", r.Owner}, {"description", r.Description}, {"tags", r.Tags},
		{"created", r.CreatedAt}, {"updated", r.UpdatedAt}, {"revision", r.Revision}, {"size", r.Size}, {"problem", r.Problem}} {
		faults = append(faults, p.add(nil, row...))
	}
	return errors.Join(append(faults, p.close())...)
}

type nameCommand struct {
	onResource
	Revision string `short:"r" placeholder:"ID" help:"The revision; default: the newest."`
	Name     string `arg:"" optional:"" help:"The checkpoint's name; none makes it a revision like others."`
}

// Run makes a revision a checkpoint.
func (c *nameCommand) Run(t *terminal) error {
	server, r, err := c.resource(t)
	if err != nil {
		return err
	}
	if c.Revision == "" {
		c.Revision = r.Revision
	}
	return server.NameRevision(t.ctx, r.ID, c.Revision, c.Name)
}

type markCommand struct {
	onResource
	Mark   string `arg:"" enum:"star,pin" help:"star or pin."`
	Remove bool   `help:"Take it off instead."`
}

// Run stars or pins a resource.
func (c *markCommand) Run(t *terminal) error {
	method := http.MethodPut
	if c.Remove {
		method = http.MethodDelete
	}
	return c.send(t, method, nil, nil, "marks", c.Mark)
}

type retentionCommand struct {
	onResource
	Revisions int  `placeholder:"N" help:"Keep the newest N revisions of each document."`
	Days      int  `placeholder:"N" help:"Keep what was made within N days."`
	All       bool `help:"Keep all."`
	Inherit   bool `help:"Do as the folder above."`
}

// Run says which old revisions below a folder are kept, or prints it.
func (c *retentionCommand) Run(t *terminal) error {
	rule := c.Revisions > 0 || c.Days > 0
	if chosen := map[bool]int{true: 1}; chosen[rule]+chosen[c.All]+chosen[c.Inherit] > 1 {
		return errors.New("want one of a number of revisions or days, --all and --inherit")
	}
	switch {
	case rule || c.All:
		return c.send(t, http.MethodPut, api.Retention{Revisions: c.Revisions, Days: c.Days}, nil, "retention")
	case c.Inherit:
		return c.send(t, http.MethodDelete, nil, nil, "retention")
	}
	_, r, err := c.resource(t)
	if err != nil {
		return err
	}
	p := c.printer(t)
	what := "as the folder above"
	if r.Retention != nil {
		what = "keeps all"
		if r.Retention.Revisions > 0 || r.Retention.Days > 0 {
			what = fmt.Sprintf("keeps %d revisions, %d days, and what has a name", r.Retention.Revisions, r.Retention.Days)
		}
	}
	return errors.Join(p.add(r.Retention, what), p.close())
}

type trashCommand struct {
	List    trashList    `cmd:"" help:"List what one could take out again."`
	Restore trashRestore `cmd:"" help:"Take a resource out."`
	Purge   trashPurge   `cmd:"" help:"Delete a resource for good."`
}

type trashList struct{ remoteFlags }

// Run lists the trash.
func (c *trashList) Run(t *terminal) error {
	return list(t, &c.remoteFlags, "trash", url.Values{"pageSize": {"1000"}}, func(r api.Resource) []any {
		return []any{r.ID, r.Type, r.TrashedAt, r.TrashedBy, r.Name}
	})
}

type trashRestore struct {
	remoteFlags
	ID   string `arg:"" help:"As list prints it."`
	Name string `help:"Another name, where its own has been taken."`
}

// Run takes a resource out of the trash.
func (c *trashRestore) Run(t *terminal) error {
	return call(t, &c.remoteFlags, http.MethodPost, client.Path("trash", c.ID, "restore"), map[string]string{"name": c.Name})
}

type trashPurge struct {
	remoteFlags
	ID string `arg:"" help:"As list prints it."`
}

// Run deletes a resource for good.
func (c *trashPurge) Run(t *terminal) error {
	return call(t, &c.remoteFlags, http.MethodDelete, client.Path("trash", c.ID), nil)
}
