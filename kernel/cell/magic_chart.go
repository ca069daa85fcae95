package cell

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"sextant/kernel/display"
	"sextant/kernel/engine"
	"sextant/kernel/sqltext"
)

func chartMagic() magic {
	kinds := strings.Join(display.ChartKinds, "|")
	return magic{
		name: "chart", usage: kinds + " [x=COLUMN] [y=COLUMN] [color=COLUMN] [aggregate=HOW] [facet=COLUMN] [title=TEXT] [bins=N]",
		short: "draw the query below",
		long: "```\n%chart bar x=city y=sales aggregate=sum title='Sales by city'\nSELECT city, sales FROM orders\n```\n\n" +
			"Aggregates: " + strings.Join(display.ChartAggregates, ", ") + "; the database computes them over all rows. Without x and y the first fitting columns are taken.",
		args: slices.Concat([]sqltext.MagicArg{{Values: display.ChartKinds}}, keys("x", "y", "color", "facet", "title", "bins"),
			[]sqltext.MagicArg{{Name: "aggregate", Values: display.ChartAggregates}}),
		run: (*run).chart,
	}
}

func (r *run) chart(_ context.Context, c call) error {
	words := c.words()
	if len(words) > 1 {
		return r.usage(c, words[1].Start, "%chart takes one kind; texts of several words need quotes")
	}
	var spec display.ChartSpec
	if len(words) == 1 {
		spec.Kind = words[0].Value
	}
	for key, field := range map[string]*string{"x": &spec.X, "y": &spec.Y, "color": &spec.Color, "aggregate": &spec.Aggregate, "facet": &spec.Facet, "title": &spec.Title} {
		if a, ok := c.option(key); ok {
			*field = a.Value
		}
	}
	if a, ok := c.option("bins"); ok {
		n, err := strconv.Atoi(a.Value)
		if err != nil || n < 1 || n > 1000 {
			return r.usage(c, a.ValueStart, "bins takes a number from 1 to 1000")
		}
		spec.Bins = n
	}
	return r.below(c, func(ctx context.Context, stmt statement) error {
		if err := r.requireQuery("chart", stmt); err != nil {
			return err
		}
		return r.drawChart(ctx, c, spec, stmt)
	})
}

// drawChart resolves the chart against the query's columns, lets the engine aggregate, and shows the outcome.
func (r *run) drawChart(ctx context.Context, c call, spec display.ChartSpec, stmt statement) error {
	var cols []engine.Column
	err := r.ofQuery(ctx, stmt, func(q string) string { return "SELECT * FROM (" + q + "\n) LIMIT 0" }, func(ctx context.Context, sql string) error {
		res, err := r.session.Query(ctx, engine.Query{SQL: sql})
		if err != nil {
			return err
		}
		cols = res.Columns()
		return res.Close()
	})
	if err != nil {
		return err
	}
	resolved, err := spec.Resolve(cols)
	var wrong *display.ChartError
	if errors.As(err, &wrong) {
		return r.usage(c, c.placeOf(wrong.What), wrong.Error())
	}
	if err != nil {
		return err
	}
	return r.ofQuery(ctx, stmt, func(q string) string { return resolved.Query(q, 0) }, func(ctx context.Context, sql string) error {
		began := time.Now()
		res, err := r.session.Query(ctx, engine.Query{SQL: sql})
		if err != nil {
			return err
		}
		defer res.Close()
		chart := display.NewQueryChart(resolved, res.Schema(), 0)
		for full := false; !full; {
			batch, err := res.Next(ctx)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
			full = chart.Add(batch)
			batch.Release()
		}
		return r.screen.display(chart.Bundle(display.Summary{TotalRows: -1, Elapsed: time.Since(began)}))
	})
}

// placeOf is where an option stands in the cell, or negative.
func (c call) placeOf(option string) int {
	if a, ok := c.option(option); ok {
		return a.ValueStart
	}
	if words := c.words(); option == "kind" && len(words) > 0 {
		return words[0].Start
	}
	return -1
}
