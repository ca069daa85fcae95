package main

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"

	"sextant/server/api"
	"sextant/server/client"
)

type resultCommand struct {
	List resultList `cmd:"" help:"List the stored results of a document, newest first."`
	Get  resultGet  `cmd:"" help:"Write a stored result, or what of it is asked for, as a file."`
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
	ID      string   `arg:"" help:"The result's id: in the output's metadata, its address, or the list."`
	Format  string   `short:"f" default:"csv" enum:"csv,csv-excel,parquet,json,ndjson,xlsx,arrow" help:"csv, csv-excel, parquet, json, ndjson, xlsx or arrow."`
	Where   []string `sep:"none" placeholder:"COLUMN.OP.VALUE" help:"A condition; columns count from 0; eq, ne, lt, le, gt, ge, has, hasnt, starts, null, notnull. May be given several times."`
	Search  string   `help:"What any column has to contain."`
	Group   []string `placeholder:"COLUMN[.PART]" help:"A row for each value, or year, quarter, month, week, day or hour."`
	Measure []string `placeholder:"FUNC.COLUMN" help:"count, or sum, mean, median, min, max, distinct, filled of a column."`
	Pivot   string   `placeholder:"COLUMN[.PART]" help:"A column of each measure for each value of this one, and one of all."`
	Sort    []string `placeholder:"[-]COLUMN" help:"The order; - for the largest first."`
	Output  string   `short:"o" default:"-" placeholder:"FILE" predictor:"file" help:"The file; default: standard output."`
}

// Run downloads a result.
func (c *resultGet) Run(t *terminal) error {
	server, err := c.open()
	if err != nil {
		return err
	}
	query := url.Values{"format": {c.Format}, "where": c.Where, "group": c.Group, "measure": c.Measure, "sort": c.Sort}
	if c.Search != "" {
		query.Set("q", c.Search)
	}
	if c.Pivot != "" {
		query.Set("pivot", c.Pivot)
	}
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
