package cell

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"sextant/kernel/display"
	"sextant/kernel/engine"
	"sextant/kernel/sqltext"
)

func (r *run) tables(ctx context.Context, c call) error {
	words := c.words()
	if len(words) > 1 {
		return r.usage(c, words[1].Start, "%tables takes one pattern")
	}
	sql := `SELECT database_name AS database, schema_name AS schema, table_name AS name,
		CASE WHEN temporary THEN 'temporary table' ELSE 'table' END AS kind, column_count AS columns, estimated_size AS rows
		FROM duckdb_tables() WHERE NOT internal
		UNION ALL
		SELECT database_name, schema_name, view_name, CASE WHEN temporary THEN 'temporary view' ELSE 'view' END, column_count, NULL
		FROM duckdb_views() WHERE NOT internal ORDER BY ALL`
	var params map[string]engine.Value
	if len(words) == 1 {
		sql = "FROM (" + sql + ") WHERE contains(lower(database || '.' || schema || '.' || name), lower($pattern))"
		params = map[string]engine.Value{"pattern": {V: words[0].Value}}
	}
	res, err := r.session.Query(ctx, engine.Query{SQL: sql, Params: params})
	if err != nil {
		return err
	}
	return r.showAll(ctx, res, display.Limits{Rows: r.rowLimit()})
}

// showAll shows a result of our own, which it closes.
func (r *run) showAll(ctx context.Context, res engine.Result, limits display.Limits) error {
	defer res.Close()
	began := time.Now()
	table := display.NewTable(res.Columns(), res.Schema(), limits)
	total := int64(0)
	for {
		batch, err := res.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		total += batch.NumRows()
		table.Add(batch)
		batch.Release()
	}
	return r.screen.display(table.Bundle(display.Summary{TotalRows: total, Elapsed: time.Since(began)}))
}

func (r *run) describe(ctx context.Context, c call) error {
	words := c.words()
	if len(words) == 0 {
		return r.below(c, func(ctx context.Context, stmt statement) error {
			if err := r.requireQuery("describe", stmt); err != nil {
				return err
			}
			return r.ofQuery(ctx, stmt, func(q string) string { return "SUMMARIZE (" + q + "\n)" }, r.showQuery)
		})
	}
	if len(words) > 1 {
		return r.usage(c, words[1].Start, "%describe takes one table")
	}
	name := c.part.Magic.Args
	parts := sqltext.SplitPath(name)
	quoted := make([]string, len(parts))
	for i, p := range parts {
		quoted[i] = sqltext.QuoteIdent(p)
	}
	from := strings.Join(quoted, ".")
	if words[0].Value != name || strings.ContainsAny(name, "/*") { // a file in quotes
		from = sqltext.QuoteString(words[0].Value)
	}
	return r.ofQuery(ctx, statement{sql: "SUMMARIZE FROM " + from, start: -1}, func(q string) string { return q }, r.showQuery)
}

// showQuery runs SQL and shows its rows.
func (r *run) showQuery(ctx context.Context, sql string) error {
	res, err := r.session.Query(ctx, engine.Query{SQL: sql})
	if err != nil {
		return err
	}
	return r.showAll(ctx, res, display.Limits{Rows: r.rowLimit()})
}
