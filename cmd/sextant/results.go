package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"sextant/server/api"
	"sextant/server/client"
)

type resultCommand struct {
	List resultList `cmd:"" help:"List the stored results of a document, newest first."`
	Get  resultGet  `cmd:"" help:"Write a stored result, or what of it is asked for, as a file."`

	Snapshot       resultSnapshot       `cmd:"" help:"Keep what is asked of a stored result under a name, and its rows for as long."`
	Snapshots      resultSnapshots      `cmd:"" help:"List the snapshots of a stored result, or all of one's own."`
	DeleteSnapshot resultDeleteSnapshot `cmd:"" help:"Delete a snapshot."`
}

// resultQuery is what is asked of a result.
type resultQuery struct {
	Where   []string `sep:"none" placeholder:"COLUMN.OP.VALUE" help:"A condition; columns count from 0; eq, ne, lt, le, gt, ge, has, hasnt, starts, null, notnull. May be given several times."`
	Search  string   `help:"What any column has to contain."`
	Group   []string `placeholder:"COLUMN[.PART]" help:"A row for each value, or year, quarter, month, week, day or hour."`
	Measure []string `placeholder:"FUNC.COLUMN" help:"count, or sum, mean, median, min, max, distinct, filled of a column."`
	Pivot   string   `placeholder:"COLUMN[.PART]" help:"A column of each measure for each value of this one, and one of all."`
	Sort    []string `placeholder:"[-]COLUMN" help:"The order; - for the largest first."`
}

func (q *resultQuery) values() url.Values {
	out := url.Values{}
	for name, values := range map[string][]string{"where": q.Where, "group": q.Group, "measure": q.Measure, "sort": q.Sort} {
		if len(values) > 0 {
			out[name] = values
		}
	}
	if q.Search != "" {
		out.Set("q", q.Search)
	}
	if q.Pivot != "" {
		out.Set("pivot", q.Pivot)
	}
	return out
}

type resultList struct{ onResource }

// Run lists results.
func (c *resultList) Run(t *terminal) error {
	_, r, err := c.resource(t)
	if err != nil {
		return err
	}
	return list(t, &c.remoteFlags, client.Path("resources", r.ID, "results"), nil, func(s api.StoredResult) []any {
		state := "whole"
		switch {
		case s.EvictedAt != nil:
			state = "no longer kept"
		case !s.Complete:
			state = "not all rows"
		}
		return []any{s.ID, s.CreatedAt, s.Rows, len(s.Columns), s.Size, state, s.Cell}
	})
}

type resultGet struct {
	remoteFlags
	ID       string `arg:"" help:"The result's id: in the output's metadata, its address, or the list."`
	Format   string `short:"f" default:"csv" enum:"csv,csv-excel,parquet,json,ndjson,xlsx,arrow" help:"csv, csv-excel, parquet, json, ndjson, xlsx or arrow."`
	Snapshot string `placeholder:"NAME" help:"What the snapshot of this name, or id, asks for."`
	resultQuery
	Output string `short:"o" default:"-" placeholder:"FILE" predictor:"file" help:"The file; default: standard output."`
}

// Run downloads a result.
func (c *resultGet) Run(t *terminal) error {
	server, err := c.open()
	if err != nil {
		return err
	}
	query := c.values()
	if c.Snapshot != "" {
		if len(query) > 0 {
			return errors.New("a snapshot says what is asked for: give no conditions beside it")
		}
		if query, err = snapshotQuery(t, server, c.ID, c.Snapshot); err != nil {
			return err
		}
	}
	query.Set("format", c.Format)
	answer, err := server.Send(t.ctx, client.Request{Method: http.MethodGet, Path: client.Path("results", c.ID, "download"), Query: query})
	if err != nil {
		return err
	}
	defer answer.Body.Close() // it only reads
	if c.Output != "-" {
		f, err := os.Create(c.Output)
		if err != nil {
			return err
		}
		_, err = io.Copy(f, answer.Body)
		return errors.Join(err, f.Close())
	}
	_, err = io.Copy(t.out, answer.Body)
	return err
}

// snapshotQuery is what a snapshot asks for; of several of one name, the newest.
func snapshotQuery(t *terminal, server *client.Client, result, name string) (url.Values, error) {
	var query *string
	err := client.Each(t.ctx, server, client.Path("results", result, "snapshots"), nil, func(s api.Snapshot) error {
		if query == nil && (s.Name == name || s.ID == name) {
			query = &s.Query
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if query == nil {
		return nil, fmt.Errorf("the result has no snapshot %q", name)
	}
	return url.ParseQuery(*query)
}

type resultSnapshot struct {
	remoteFlags
	ID   string `arg:"" help:"The result's id."`
	Name string `arg:"" help:"What it is to be called."`
	resultQuery
}

// Run makes a snapshot.
func (c *resultSnapshot) Run(t *terminal) error {
	server, err := c.open()
	if err != nil {
		return err
	}
	var made api.Snapshot
	body := map[string]string{"name": c.Name, "query": c.values().Encode()}
	if err := server.Call(t.ctx, client.Request{Method: http.MethodPost, Path: client.Path("results", c.ID, "snapshots"), Body: body}, &made); err != nil {
		return err
	}
	p := c.printer(t)
	return errors.Join(p.add(made, made.ID), p.close())
}

type resultSnapshots struct {
	remoteFlags
	ID string `arg:"" optional:"" help:"The result's id; none: all of one's own."`
}

// Run lists snapshots.
func (c *resultSnapshots) Run(t *terminal) error {
	path := "me/snapshots"
	if c.ID != "" {
		path = client.Path("results", c.ID, "snapshots")
	}
	return list(t, &c.remoteFlags, path, nil, func(s api.Snapshot) []any {
		return []any{s.ID, s.CreatedAt, strings.TrimPrefix(s.Principal, "user:"), s.Name, s.Result, s.Query}
	})
}

type resultDeleteSnapshot struct {
	remoteFlags
	ID string `arg:"" help:"The snapshot's id."`
}

// Run deletes a snapshot.
func (c *resultDeleteSnapshot) Run(t *terminal) error {
	return call(t, &c.remoteFlags, http.MethodDelete, client.Path("snapshots", c.ID), nil)
}
