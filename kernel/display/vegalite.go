package display

// categories are the design's categorical colours, told apart with the common colour-vision deficiencies.
var categories = []string{"#1b7f87", "#d9822b", "#5b6ec7", "#b0478a", "#6a9a3a", "#8a6d4b", "#4aa3d4", "#7d7d7d"}

// maxSteps is up to how many different values whole numbers and dates under bars are steps rather than a scale.
const maxSteps = 60

func (c *Chart) vegaLite(rows []map[string]any, words string) map[string]any {
	spec := map[string]any{
		"$schema":     "https://vega.github.io/schema/vega-lite/v5.json",
		"description": words,
		"data":        map[string]any{"values": rows},
		"mark":        c.mark(),
		"encoding":    c.encoding(rows),
		"config": map[string]any{
			"font":  "system-ui, -apple-system, \"Segoe UI\", Roboto, sans-serif",
			"range": map[string]any{"category": categories, "heatmap": map[string]any{"scheme": "teals"}, "ramp": map[string]any{"scheme": "teals"}},
			"mark":  map[string]any{"color": categories[0]},
			"view":  map[string]any{"stroke": nil},
			// The colours of text are the viewer's theme's; these lines show on light and dark alike.
			"axis": map[string]any{"gridColor": "rgba(130, 143, 143, 0.25)", "domainColor": "#828f8f", "tickColor": "#828f8f"},
		},
		"background": "transparent",
	}
	if title := c.title(); title != nil {
		spec["title"] = title
	}
	switch {
	case c.spec.Facet != "":
		spec["width"], spec["height"] = 200, 150
	case c.spec.Kind == "pie":
		spec["width"], spec["height"] = 300, 300
	default:
		spec["width"], spec["height"] = 640, 320
	}
	return spec
}

func (c *Chart) title() any {
	title, note := visible(c.spec.Title), c.note()
	if title == "" && note == "" {
		return nil
	}
	t := map[string]any{"text": title, "anchor": "start"}
	if note != "" {
		t["subtitle"] = note
	}
	return t
}

func (c *Chart) mark() map[string]any {
	m := map[string]any{"type": c.spec.Kind, "tooltip": true}
	switch c.spec.Kind {
	case "pie":
		m["type"] = "arc"
	case "histogram":
		m["type"] = "bar"
	case "heatmap":
		m["type"] = "rect"
	case "point":
		m["type"], m["filled"], m["opacity"] = "point", true, 0.7
	case "line":
		m["point"] = len(c.rows) <= 50
	case "area":
		m["opacity"] = 0.7
	}
	return m
}

func (c *Chart) encoding(rows []map[string]any) map[string]any {
	enc := map[string]any{}
	value := map[string]any{"field": "y", "type": "quantitative", "title": visible(c.spec.valueTitle())}
	x, y, color, facet := c.channel("x"), c.channel("y"), c.channel("color"), c.channel("facet")
	if facet != nil {
		enc["facet"] = map[string]any{"field": "facet", "type": "nominal", "title": facet.title, "columns": 3}
	}
	switch c.spec.Kind {
	case "pie":
		enc["theta"] = value
		enc["color"] = map[string]any{"field": "x", "type": "nominal", "title": x.title, "sort": nil}
		return enc
	case "heatmap":
		enc["x"], enc["y"] = steps(x, rows), steps(y, rows)
		enc["color"] = map[string]any{"field": "color", "type": "quantitative", "title": visible(c.spec.valueTitle())}
		return enc
	case "histogram":
		enc["x"] = map[string]any{"field": "x", "type": "quantitative", "title": x.title, "bin": map[string]any{"binned": true}}
		enc["x2"] = map[string]any{"field": "x2"}
		enc["y"] = value
	case "bar":
		if x.typ != "nominal" && distinct(rows, "x") <= maxSteps {
			enc["x"] = steps(x, rows)
		} else {
			enc["x"] = upright(axis(x, x.typ), rows)
		}
		enc["y"] = value
	case "point":
		enc["x"], enc["y"] = axis(x, x.typ), axis(y, y.typ)
		for _, a := range []string{"x", "y"} {
			if e := enc[a].(map[string]any); e["type"] == "quantitative" {
				e["scale"] = map[string]any{"zero": false}
			}
		}
	default:
		enc["x"], enc["y"] = axis(x, x.typ), value
		if c.spec.Kind == "line" {
			value["scale"] = map[string]any{"zero": false}
		}
	}
	if color != nil {
		typ := color.typ
		if typ == "quantitative" && c.spec.Kind != "point" {
			typ = "nominal" // a number that splits into series names them
		}
		enc["color"] = map[string]any{"field": "color", "type": typ, "title": color.title}
	}
	return enc
}

// axis keeps the order of the rows for what has none of its own.
func axis(ch *channel, typ string) map[string]any {
	a := map[string]any{"field": ch.field, "type": typ, "title": ch.title}
	if typ == "nominal" {
		a["sort"] = nil
	}
	return a
}

// steps is an axis on which every value has a place of its own, in order.
func steps(ch *channel, rows []map[string]any) map[string]any {
	a := axis(ch, "ordinal")
	if ch.typ == "temporal" {
		a["timeUnit"] = "yearmonthdatehoursminutesseconds"
		a["axis"] = map[string]any{"format": dayFormat(rows, ch.field)}
		return a
	}
	return upright(a, rows)
}

// upright keeps a few short labels from being turned.
func upright(a map[string]any, rows []map[string]any) map[string]any {
	field := a["field"].(string)
	if a["type"] == "quantitative" || a["type"] == "temporal" || distinct(rows, field) > 8 {
		return a
	}
	for _, row := range rows {
		if len(label(row[field])) > 14 {
			return a
		}
	}
	a["axis"] = map[string]any{"labelAngle": 0}
	return a
}

func (c *Chart) channel(field string) *channel {
	for i := range c.channels {
		if c.channels[i].field == field {
			return &c.channels[i]
		}
	}
	return nil
}

func distinct(rows []map[string]any, field string) int {
	seen := map[any]bool{}
	for _, row := range rows {
		seen[row[field]] = true
	}
	return len(seen)
}

// dayFormat leaves the time out where all values are whole days.
func dayFormat(rows []map[string]any, field string) string {
	for _, row := range rows {
		if text, ok := row[field].(string); ok && len(text) > 10 && text[10:] != "T00:00:00" {
			return "%Y-%m-%d %H:%M:%S"
		}
	}
	return "%Y-%m-%d"
}
