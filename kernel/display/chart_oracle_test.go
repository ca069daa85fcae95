//go:build duckdb_arrow

package display

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The engine's aggregation and the one made here must draw the same.
func TestQueriedChartEqualsCollected(t *testing.T) {
	o := newOracle(t)
	o.exec(`CREATE TABLE sales AS SELECT 'region ' || (i % 4) AS region, DATE '2024-01-01' + (i % 30)::INTEGER AS day, (i * 7919 % 1000) / 10 AS amount,
		(i % 3)::INTEGER AS kind, i * 1.5 AS cost FROM range(3000) t(i)`)
	sql := "SELECT * FROM sales ORDER BY ALL -- all of it"
	schema, cols, batches := o.query(sql)
	types := o.columnTypes(sql)
	for i := range cols {
		cols[i].Type = types[i]
	}
	for name, spec := range map[string]ChartSpec{
		"bar":       {Kind: "bar", X: "region", Y: "amount", Title: "Sales"},
		"days":      {Kind: "bar", X: "day", Y: "amount", Aggregate: "mean"},
		"count":     {Kind: "bar", X: "kind", Aggregate: "count", Color: "region"},
		"line":      {Kind: "line", X: "day", Y: "amount", Aggregate: "max", Color: "region"},
		"one line":  {Kind: "line", X: "day", Y: "amount", Aggregate: "median"},
		"area":      {Kind: "area", X: "day", Y: "amount", Aggregate: "sum", Color: "kind"},
		"pie":       {Kind: "pie", X: "region", Y: "cost"},
		"histogram": {Kind: "histogram", X: "amount", Color: "region"},
		"heatmap":   {Kind: "heatmap", X: "day", Y: "region", Color: "amount"},
		"facet":     {Kind: "bar", X: "kind", Y: "amount", Facet: "region", Aggregate: "min"},
		"point":     {Kind: "point", X: "amount", Y: "cost", Color: "kind"},
	} {
		spec, err := spec.Resolve(cols)
		if err != nil {
			t.Fatal(name, err)
		}
		collected := NewChart(spec, cols, schema, 0)
		for _, b := range batches {
			collected.Add(b)
		}
		got, _, parts := o.query(spec.Query(sql, 0))
		queried := NewQueryChart(spec, got, 0)
		for _, b := range parts {
			queried.Add(b)
		}
		a, b := collected.Bundle(Summary{}), queried.Bundle(Summary{})
		if spec.Kind != "point" && spec.Kind != "pie" && a.Data[MIMEText] != b.Data[MIMEText] && !sameWords(a, b) {
			t.Errorf("%s:\n collected %s\n   queried %s", name, a.Data[MIMEText], b.Data[MIMEText])
		}
		// For a look: SEXTANT_CHARTS names a folder for the specifications.
		if folder := os.Getenv("SEXTANT_CHARTS"); folder != "" {
			text, _ := json.Marshal(b.Data[MIMEVegaLite])
			os.WriteFile(filepath.Join(folder, strings.ReplaceAll(name, " ", "_")+".json"), text, 0o644)
		}
	}
}

// sameWords ignores which of equal extremes is named first, as the rows come in another order.
func sameWords(a, b Bundle) bool {
	words := func(x Bundle) string { return strings.Split(x.Data[MIMEText].(string), ";")[0] }
	return words(a) == words(b)
}
