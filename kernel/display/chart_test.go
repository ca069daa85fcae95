package display

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"sextant/kernel/engine"
)

func TestChart(t *testing.T) {
	golden(t, "chart", 1, func(t *testing.T, section map[string]string) []output {
		var input struct {
			Spec    ChartSpec
			Limit   int
			Columns []column
		}
		if err := json.Unmarshal([]byte(section["input"]), &input); err != nil {
			t.Fatal(err)
		}
		cols, batch := batchOf(t, input.Columns...)
		spec, err := input.Spec.Resolve(cols)
		if err != nil {
			return []output{{"error", err.Error()}}
		}
		chart := NewChart(spec, cols, batch.Schema(), input.Limit)
		chart.Add(batch)
		b := chart.Bundle(Summary{})
		if b.Data[MIMEHTML] != nil {
			t.Error("JupyterLab would show the HTML instead of the chart")
		}
		vega, ok := b.Data[MIMEVegaLite].(map[string]any)
		if !ok {
			t.Fatal("no specification")
		}
		config := vega["config"]
		delete(vega, "config") // the same in all
		text, err := json.MarshalIndent(vega, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		vega["config"] = config
		return []output{{"text", b.Data[MIMEText].(string)}, {"query", spec.Query("SELECT * FROM t -- all\n;", input.Limit)}, {"vegalite", string(text)}}
	})
}

func TestResolveChart(t *testing.T) {
	cols := []engine.Column{{Name: "Region", Type: "VARCHAR"}, {Name: "day", Type: "DATE"}, {Name: "Sales", Type: "DECIMAL(18,3)"}, {Name: "cost", Type: "DOUBLE"}, {Name: "ok", Type: "BOOLEAN"}}
	for _, c := range []struct {
		name string
		spec ChartSpec
		want ChartSpec
		err  string
	}{
		{"all left open", ChartSpec{Kind: "bar"}, ChartSpec{Kind: "bar", X: "Region", Y: "Sales", Aggregate: "sum"}, ""},
		{"case does not matter", ChartSpec{Kind: "LINE", X: "DAY", Y: "COST"}, ChartSpec{Kind: "line", X: "day", Y: "cost"}, ""},
		{"count needs no y", ChartSpec{Kind: "bar", X: "ok", Aggregate: "count"}, ChartSpec{Kind: "bar", X: "ok", Aggregate: "count"}, ""},
		{"avg is mean", ChartSpec{Kind: "bar", Aggregate: "avg"}, ChartSpec{Kind: "bar", X: "Region", Y: "Sales", Aggregate: "mean"}, ""},
		{"none", ChartSpec{Kind: "bar", Aggregate: "none"}, ChartSpec{Kind: "bar", X: "Region", Y: "Sales"}, ""},
		{"histogram finds a number", ChartSpec{Kind: "histogram"}, ChartSpec{Kind: "histogram", X: "Sales", Aggregate: "count", Bins: 20}, ""},
		{"heatmap counts", ChartSpec{Kind: "heatmap"}, ChartSpec{Kind: "heatmap", X: "Region", Y: "day", Aggregate: "count"}, ""},
		{"heatmap of a value", ChartSpec{Kind: "heatmap", Color: "cost"}, ChartSpec{Kind: "heatmap", X: "Region", Y: "day", Color: "cost", Aggregate: "mean"}, ""},
		{"misspelt column", ChartSpec{Kind: "bar", X: "regoin"}, ChartSpec{}, `x: there is no "regoin"; did you mean "Region"?`},
		{"unknown column", ChartSpec{Kind: "bar", Color: "zzz"}, ChartSpec{}, `color: there is no "zzz"; there are Region, day, Sales, cost, ok`},
		{"misspelt kind", ChartSpec{Kind: "histgram"}, ChartSpec{}, `kind: there is no "histgram"; did you mean "histogram"?`},
		{"no kind", ChartSpec{}, ChartSpec{}, `kind: there is no ""; there are bar, line, area, point, pie, histogram, heatmap`},
		{"text cannot be summed", ChartSpec{Kind: "bar", X: "day", Y: "Region"}, ChartSpec{}, `"Region" is VARCHAR, not a number: aggregate=count would count its rows`},
		{"text has no histogram", ChartSpec{Kind: "histogram", X: "Region"}, ChartSpec{}, `a histogram needs a column of numbers; "Region" is VARCHAR: try a bar chart`},
	} {
		got, err := c.spec.Resolve(cols)
		if c.err != "" {
			var chartErr *ChartError
			if !errors.As(err, &chartErr) || err.Error() != c.err {
				t.Errorf("%s: error %v, want %s", c.name, err, c.err)
			}
			continue
		}
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v\nwant %+v", c.name, got, err, c.want)
		}
	}
	if _, err := (ChartSpec{Kind: "bar"}).Resolve(nil); err == nil {
		t.Error("no columns are drawn")
	}
}

func TestQueryQuotesNames(t *testing.T) {
	q := ChartSpec{Kind: "bar", X: `a"; DROP TABLE t; --`, Y: "y", Aggregate: "sum"}.Query("SELECT 1", 10)
	if !strings.HasPrefix(q, `SELECT "a""; DROP TABLE t; --" AS x, sum("y") AS y FROM`) {
		t.Error(q)
	}
}
