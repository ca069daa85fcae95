package display

import (
	"fmt"
	"strings"
)

// Query wraps a SELECT so that the engine aggregates: a chart of any number of rows is then exact and small. s must be
// resolved. The result has the columns x, y, color, facet, as far as the chart has them, and x2 for a histogram; it
// goes to NewQueryChart. At most limit rows come, 0 for the default.
//
// Rows that cannot be aggregated are too many to draw all: points are a random sample, always the same one; lines are
// the first in order of x.
func (s ChartSpec) Query(sql string, limit int) string {
	if limit <= 0 {
		limit = defaultChartRows
	}
	from := "(\n" + strings.TrimRight(sql, "; \t\r\n") + "\n) AS source" // the newline ends a comment
	if s.Kind == "histogram" {
		return s.histogramQuery(from, limit)
	}
	list := []string{sqlIdent(s.X) + " AS x"}
	if s.Kind == "heatmap" {
		list = append(list, sqlIdent(s.Y)+" AS y")
	}
	value := "y"
	if s.Kind == "heatmap" {
		value = "color"
	} else if s.Color != "" {
		list = append(list, sqlIdent(s.Color)+" AS color")
	}
	if s.Facet != "" {
		list = append(list, sqlIdent(s.Facet)+" AS facet")
	}
	column := sqlIdent(s.valueColumn())
	switch s.Aggregate {
	case "":
		list = append(list, column+" AS "+value)
	case "count":
		list = append(list, "count(*) AS "+value)
	case "mean":
		list = append(list, "avg("+column+") AS "+value)
	default:
		list = append(list, s.Aggregate+"("+column+") AS "+value)
	}
	query := "SELECT " + strings.Join(list, ", ") + " FROM " + from
	switch {
	case s.Aggregate != "":
		// One more than is drawn, so that a chart which leaves groups out says so.
		return query + fmt.Sprintf(" GROUP BY ALL ORDER BY ALL LIMIT %d", limit+1)
	case s.Kind == "point":
		return query + fmt.Sprintf(" USING SAMPLE reservoir(%d ROWS) REPEATABLE (1)", limit)
	case s.Kind == "line" || s.Kind == "area":
		return query + fmt.Sprintf(" ORDER BY x LIMIT %d", limit+1)
	}
	return query + fmt.Sprintf(" LIMIT %d", limit+1)
}

// histogramQuery bins by a round width: 1, 2 or 5 times a power of ten.
func (s ChartSpec) histogramQuery(from string, limit int) string {
	keys, names := "", ""
	for _, part := range [][2]string{{s.Color, "color"}, {s.Facet, "facet"}} {
		if part[0] != "" {
			keys += ", " + sqlIdent(part[0]) + " AS " + part[1]
			names += ", " + part[1]
		}
	}
	return fmt.Sprintf(`WITH v AS (SELECT CAST(%s AS DOUBLE) AS v%s FROM %s),
finite AS (SELECT * FROM v WHERE isfinite(v)),
raw AS (SELECT (max(v) - min(v)) / %d AS raw FROM finite),
size AS (SELECT raw, pow(10, floor(log10(raw))) AS size FROM raw WHERE raw > 0),
step AS (SELECT coalesce(max(size * CASE WHEN raw <= size THEN 1 WHEN raw <= 2 * size THEN 2 WHEN raw <= 5 * size THEN 5 ELSE 10 END), 1) AS step FROM size)
SELECT floor(v / step) * step AS x, floor(v / step) * step + step AS x2, count(*) AS y%s FROM finite, step GROUP BY ALL ORDER BY ALL LIMIT %d`,
		sqlIdent(s.X), keys, from, s.Bins, names, limit+1)
}

func sqlIdent(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
