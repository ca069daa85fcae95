package cell

import (
	"context"
	"strings"

	"sextant/kernel/display"
)

func (r *run) explain(_ context.Context, c call) error {
	if words := c.words(); len(words) > 0 {
		return r.usage(c, words[0].Start, "%explain takes the query on the same line or below it")
	}
	return r.below(c, func(ctx context.Context, stmt statement) error {
		return r.plan(ctx, stmt, "EXPLAIN (FORMAT JSON) ")
	})
}

func (r *run) profile(_ context.Context, c call) error {
	if words := c.words(); len(words) > 0 {
		return r.usage(c, words[0].Start, "%profile takes the query on the same line or below it")
	}
	return r.below(c, func(ctx context.Context, stmt statement) error {
		return r.plan(ctx, stmt, "EXPLAIN (ANALYZE, FORMAT JSON) ")
	})
}

func (r *run) plan(ctx context.Context, stmt statement, prefix string) error {
	return r.ofQuery(ctx, stmt, func(q string) string { return prefix + q }, func(ctx context.Context, sql string) error {
		rows, err := r.query(ctx, sql, nil)
		if err != nil {
			return err
		}
		var doc string
		for _, row := range rows {
			// One row per kind of plan; the physical one, or the profile, comes last.
			if len(row) > 1 && strings.TrimSpace(row[1]) != "" {
				doc = row[1]
			}
		}
		plan, err := display.ParsePlan([]byte(doc))
		if err != nil {
			return err
		}
		return r.screen.display(plan.Bundle())
	})
}
