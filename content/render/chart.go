package render

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"modernc.org/quickjs"

	"sextant/content/notebook"
)

const (
	maxSpec    = 8 << 20 // bytes of one specification
	maxSVG     = 8 << 20
	chartWidth = 680 // of a chart that fills its container, in pixels
)

// chartConfig is the look of charts: that of the page, on whatever ground the page has.
const chartConfig = `{"background":"transparent","font":"system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, sans-serif",
"view":{"stroke":null},"mark":{"color":"#1b7f87"},"arc":{"fill":"#1b7f87"},"area":{"fill":"#1b7f87"},"line":{"stroke":"#1b7f87"},"path":{"stroke":"#1b7f87"},"rect":{"fill":"#1b7f87"},"shape":{"stroke":"#1b7f87"},"symbol":{"fill":"#1b7f87"},"bar":{"fill":"#1b7f87","cornerRadiusEnd":2},"rule":{"stroke":"#4d5b5e"},"text":{"fill":"#162022"},
"axis":{"labelColor":"#5f6d70","titleColor":"#4d5b5e","gridColor":"#dde3e3","domainColor":"#828f8f","tickColor":"#828f8f","labelFontSize":11,"titleFontSize":12,"titleFontWeight":600},
"axisY":{"domain":false,"ticks":false,"titleFontWeight":600},
"legend":{"labelColor":"#4d5b5e","titleColor":"#4d5b5e","titleFontWeight":600},"header":{"labelColor":"#4d5b5e","titleColor":"#4d5b5e"},
"title":{"color":"#162022","subtitleColor":"#4d5b5e","anchor":"start","fontSize":14,"fontWeight":600},
"range":{"category":["#1b7f87","#d9822b","#5b6ec7","#b0478a","#6a9a3a","#8a6d4b","#4aa3d4","#7d7d7d"]}}`

// darkChart turns the page's light colours within a chart into its dark ones. Browsers answer prefers-color-scheme
// within a picture by the colour scheme of the element that shows it.
const darkChart = `<style>@media (prefers-color-scheme:dark){` +
	`[fill="#162022"]{fill:#e6eced}[fill="#4d5b5e"]{fill:#a3b1b4}[fill="#5f6d70"]{fill:#9aa9ad}` +
	`[stroke="#4d5b5e"]{stroke:#a3b1b4}[stroke="#dde3e3"]{stroke:#2b3538}[stroke="#828f8f"]{stroke:#6d7c80}[fill="#1b7f87"]{fill:#2f9aa2}[stroke="#1b7f87"]{stroke:#2f9aa2}}</style>`

// chart draws a Vega or Vega-Lite specification; false if it cannot.
func (j *job) chart(spec notebook.Value, lite bool) bool {
	if j.o.NoCharts || len(spec) > maxSpec || spec == "" {
		return false
	}
	if j.charts++; j.charts > j.limits.Charts || j.full() != "" {
		return false
	}
	svg, why := j.draw(spec, lite)
	if why != "" {
		j.note("The chart could not be drawn: " + clip(why, 300))
		return false
	}
	words := chartWords(spec)
	j.str(`<figure class="sx-chart"><img loading="lazy" alt="`)
	j.text(words)
	j.str(`" src="`)
	j.str(dataAddress("image/svg+xml", svg))
	j.str(`"`)
	if m := svgSize.FindStringSubmatch(clip(svg, 500)); m != nil {
		j.str(` width="` + m[1] + `" height="` + m[2] + `"`)
	}
	j.str("></figure>\n")
	return true
}

var svgSize = regexp.MustCompile(`^<svg[^>]* width="(\d{1,5})(?:\.\d+)?" height="(\d{1,5})(?:\.\d+)?"`)

func (j *job) draw(spec notebook.Value, lite bool) (svg, why string) {
	text, err := spec.MarshalJSON() // NaN and the infinities are null
	if err != nil {
		return "", err.Error()
	}
	mode := "vega"
	if lite {
		mode = "vega-lite"
	}
	k := key("chart", mode, string(text))
	if v, ok := j.r.cache.Get(k); ok {
		if reason, failed := strings.CutPrefix(string(v), "!"); failed {
			return "", reason
		}
		return string(v), ""
	}
	var state struct {
		Done       bool
		SVG, Error string
	}
	err = j.r.charts.use(j.ctx, j.r.chartTime, func(vm *quickjs.VM) error {
		if _, err := vm.Call("draw", string(text), lite, chartConfig, chartWidth); err != nil {
			return err
		}
		for {
			n, err := vm.ExecutePendingJobs()
			if err != nil {
				return err
			}
			if n == 0 {
				break
			}
		}
		v, err := vm.Call("drawn")
		if err != nil {
			return err
		}
		said, _ := v.(string)
		return json.Unmarshal([]byte(said), &state)
	})
	switch {
	case j.ctx.Err() != nil:
		return "", "the request ended"
	case errors.Is(err, errEngineTime) || strings.Contains(state.Error, "interrupted"):
		// On a machine that is less busy it may be drawn: that it was not is not kept.
		j.sum.Hurried = true
		return "", errEngineTime.Error()
	case err != nil:
		why = err.Error()
	case state.Error != "":
		why = state.Error
	case !state.Done || !strings.HasPrefix(state.SVG, "<svg"):
		why = "nothing was drawn"
	case len(state.SVG) > maxSVG:
		why = fmt.Sprintf("it has %s", size(int64(len(state.SVG))))
	}
	if why != "" {
		j.r.cache.Put(k, []byte("!"+why))
		return "", why
	}
	svg = state.SVG
	if end := strings.IndexByte(svg, '>'); end > 0 {
		svg = svg[:end+1] + darkChart + svg[end+1:]
	}
	j.r.cache.Put(k, []byte(svg))
	return svg, ""
}

// embeddedSpec is the specification within the HTML that Altair writes: the first argument of a function whose second
// names the mode.
func embeddedSpec(html string) (spec notebook.Value, lite bool) {
	head, _, ok := strings.Cut(html, `, {"mode": "vega`)
	if !ok {
		return "", false
	}
	lite = strings.HasPrefix(html[len(head):], `, {"mode": "vega-lite"`)
	start := strings.LastIndex(head, "})({")
	if start < 0 || len(head)-start > maxSpec {
		return "", false
	}
	spec, err := notebook.ParseValue([]byte(head[start+3:]))
	if err != nil {
		return "", false
	}
	return spec, lite
}

// chartWords says in words what a specification shows.
func chartWords(spec notebook.Value) string {
	o := spec.Object()
	if text, ok := o["description"].Text(); ok && strings.TrimSpace(text) != "" {
		return clip(text, 1_000)
	}
	var b strings.Builder
	mark := markName(o["mark"])
	switch {
	case mark != "":
		b.WriteString(strings.ToUpper(mark[:1]) + mark[1:] + " chart")
	default:
		b.WriteString("Chart")
	}
	if title := titleText(o["title"]); title != "" {
		b.WriteString(": " + title)
	}
	encoding := o["encoding"].Object()
	if encoding == nil {
		if layers := o["layer"].Array(); len(layers) > 0 {
			encoding = layers[0].Object()["encoding"].Object()
		}
	}
	for _, channel := range []string{"x", "y", "color", "size", "theta", "row", "column"} {
		e := encoding[channel].Object()
		if e == nil {
			continue
		}
		name := titleText(e["title"])
		if name == "" {
			name, _ = e["field"].Text()
			if op, ok := e["aggregate"].Text(); ok {
				name = strings.TrimSpace(op + " " + name)
			}
		}
		if name != "" {
			fmt.Fprintf(&b, "; %s: %s", map[string]string{"x": "across", "y": "up", "color": "colour", "size": "size", "theta": "angle", "row": "rows", "column": "columns"}[channel], name)
		}
	}
	if values := o["data"].Object()["values"].Array(); len(values) > 0 {
		fmt.Fprintf(&b, "; %s values", grouped(len(values)))
	}
	return clip(b.String(), 1_000) + "."
}

func markName(v notebook.Value) string {
	if text, ok := v.Text(); ok {
		return clip(text, 40)
	}
	text, _ := v.Object()["type"].Text()
	return clip(text, 40)
}

// titleText is a title: text, or an object with one, or lines.
func titleText(v notebook.Value) string {
	if text, ok := v.Text(); ok {
		return clip(text, 300)
	}
	if o := v.Object(); o != nil {
		return titleText(o["text"])
	}
	var lines []string
	for _, line := range v.Array() {
		if text, ok := line.Text(); ok {
			lines = append(lines, text)
		}
	}
	return clip(strings.Join(lines, " "), 300)
}

// plotlyWords says what a Plotly figure without a picture shows.
func (j *job) plotlyWords(figure notebook.Value) {
	o := figure.Object()
	title := titleText(o["layout"].Object()["title"])
	kinds := map[string]int{}
	var order []string
	traces := o["data"].Array()
	for _, t := range traces[:min(len(traces), 1_000)] {
		kind, _ := t.Object()["type"].Text()
		if kind == "" {
			kind = "scatter"
		}
		if kinds[kind]++; kinds[kind] == 1 {
			order = append(order, kind)
		}
	}
	var parts []string
	for _, kind := range order[:min(len(order), 10)] {
		parts = append(parts, fmt.Sprintf("%d × %s", kinds[kind], clip(kind, 40)))
	}
	j.str(`<p class="sx-placeholder">`)
	if title != "" {
		j.str("<strong>")
		j.text(title)
		j.str("</strong> ")
	}
	j.text(strings.Join(parts, ", "))
	j.str("</p>\n")
}
