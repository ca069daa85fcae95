package display

import (
	"encoding/json"
	"math"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"

	"sextant/kernel/engine"
)

// defaultChartRows is how many rows a chart draws: what a browser draws at once and a notebook still carries.
const defaultChartRows = 5_000

// Chart collects the rows of a chart and gives its Vega-Lite specification. It is used by one goroutine.
type Chart struct {
	spec     ChartSpec
	limit    int
	channels []channel
	rows     []map[string]any
	more     bool
	queried  bool
}

// channel is one column that is drawn.
type channel struct {
	field  string // x, y, x2, color, facet
	column int
	title  string
	typ    string // quantitative, temporal, nominal
	format *Formatter
}

// NewChart draws the rows of the result itself, aggregating those it takes: for what cannot be wrapped by Query.
// spec must be resolved against cols. limit is the number of rows, 0 for the default.
func NewChart(spec ChartSpec, cols []engine.Column, schema *arrow.Schema, limit int) *Chart {
	c := newChart(spec, limit)
	at := func(name string) int {
		for i, col := range cols {
			if col.Name == name {
				return i
			}
		}
		return -1
	}
	add := func(field, name string) {
		if i := at(name); name != "" && i >= 0 {
			c.addChannel(field, name, i, schema.Field(i).Type, cols[i])
		}
	}
	add("x", spec.X)
	add("y", spec.Y)
	add("color", spec.Color)
	add("facet", spec.Facet)
	return c
}

// NewQueryChart draws the result of spec.Query, whose columns are x, y, x2, color and facet.
func NewQueryChart(spec ChartSpec, schema *arrow.Schema, limit int) *Chart {
	c := newChart(spec, limit)
	c.queried = true
	titles := map[string]string{"x": spec.X, "y": spec.valueTitle(), "color": spec.Color, "facet": spec.Facet}
	if spec.Kind == "heatmap" {
		titles["y"], titles["color"] = spec.Y, spec.valueTitle()
	}
	for i, field := range schema.Fields() {
		switch field.Name {
		case "x", "y", "x2", "color", "facet":
			c.addChannel(field.Name, titles[field.Name], i, field.Type, engine.Column{Name: field.Name})
		}
	}
	return c
}

func newChart(spec ChartSpec, limit int) *Chart {
	if limit <= 0 {
		limit = defaultChartRows
	}
	return &Chart{spec: spec, limit: limit}
}

func (c *Chart) addChannel(field, title string, column int, typ arrow.DataType, col engine.Column) {
	kind := "nominal"
	switch {
	case IsNumeric(typ):
		kind = "quantitative"
	case typ.ID() == arrow.DATE32 || typ.ID() == arrow.TIMESTAMP:
		kind = "temporal"
	}
	c.channels = append(c.channels, channel{field, column, visible(title), kind, NewFormatter(typ, col)})
}

// Add copies rows as far as they fit and reports whether the chart will take no more.
func (c *Chart) Add(batch arrow.RecordBatch) (full bool) {
	for r := range int(batch.NumRows()) {
		if len(c.rows) >= c.limit {
			c.more = true
			return true
		}
		row := make(map[string]any, len(c.channels))
		for _, ch := range c.channels {
			row[ch.field] = ch.value(batch.Column(ch.column), r)
		}
		c.rows = append(c.rows, row)
	}
	return false
}

// maxLabel bounds the characters of a category.
const maxLabel = 200

// value gives what JSON can hold of a value: nil for NULL and for what no axis has a place for.
func (ch channel) value(arr arrow.Array, i int) any {
	if IsNull(arr, i) {
		return nil
	}
	switch ch.typ {
	case "quantitative":
		v, err := strconv.ParseFloat(string(ch.format.Append(nil, arr, i)), 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
			return nil
		}
		return v
	case "temporal":
		return ch.iso(arr, i)
	}
	text, _ := ch.format.appendShown(nil, arr, i, maxLabel)
	return visible(string(text))
}

// iso writes a time without a zone: a browser takes it as its own local time and shows the same figures, where a date
// alone would be taken as UTC and could be shown as the day before.
func (ch channel) iso(arr arrow.Array, i int) any {
	text := string(ch.format.Append(nil, arr, i))
	if len(text) == 10 {
		text += " 00:00:00"
	}
	if len(text) < 19 || text[4] != '-' || text[7] != '-' || text[10] != ' ' || text[13] != ':' {
		return nil // infinite, before Christ, or after the year 9999
	}
	end := 19
	if len(text) > 19 && text[19] == '.' {
		for end++; end < len(text) && end < 23 && text[end] >= '0' && text[end] <= '9'; end++ {
		}
	}
	return text[:10] + "T" + text[11:end]
}

// Bundle gives the specification and a summary in words. There is no text/html: JupyterLab would show that instead of
// the chart.
func (c *Chart) Bundle(s Summary) Bundle {
	if s.More {
		c.more = true
	}
	rows := c.points()
	words := c.summary(rows)
	spec := c.vegaLite(rows, words)
	text := words
	if c.spec.Title != "" {
		text = visible(c.spec.Title) + "\n" + words
	}
	return Bundle{
		Data: map[string]any{MIMEVegaLite: spec, MIMEText: text},
		Metadata: map[string]any{"sextant": map[string]any{
			"chart": c.spec.Kind, "rows": len(c.rows), "more": c.more,
		}},
	}
}

// points are the rows to draw, aggregated here where the engine did not.
func (c *Chart) points() []map[string]any {
	if c.queried {
		return c.rows
	}
	if c.spec.Kind == "histogram" {
		return c.bin()
	}
	if c.spec.Aggregate == "" {
		return c.rows
	}
	value := "y"
	if c.spec.Kind == "heatmap" {
		value = "color"
	}
	groups, order := map[string][]float64{}, []map[string]any{}
	for _, row := range c.rows {
		point := map[string]any{}
		for k, v := range row {
			if k != value {
				point[k] = v
			}
		}
		key, _ := json.Marshal(point) // maps are written in order of their keys
		if _, ok := groups[string(key)]; !ok {
			groups[string(key)] = []float64{}
			order = append(order, point)
		}
		if c.spec.Aggregate == "count" {
			groups[string(key)] = append(groups[string(key)], 1)
		} else if v, ok := row[value].(float64); ok {
			groups[string(key)] = append(groups[string(key)], v)
		}
	}
	for _, point := range order {
		key, _ := json.Marshal(point)
		point[value] = aggregate(c.spec.Aggregate, groups[string(key)])
	}
	return order
}
