package render

import (
	"regexp"
	"strings"

	"sextant/content/notebook"
)

// Rich is an output that is more than what the page shows of it: it needs its own code, in a frame of its own.
type Rich struct {
	// Index counts from 0 over the page. The element that holds what is shown meanwhile has the class sx-rich and
	// data-rich="Index".
	Index int
	// Cell counts from 0 over the notebook's cells, Output over the cell's outputs.
	Cell, Output int
	// CellID is the cell's id.
	CellID string
	// Type is the MIME type that says what is to be shown.
	Type string
	// Library is the program that shows it: plotly, vega, vega-lite, bokeh, widgets, geojson, html; "" for others.
	Library string
	// Version is the version of the library that the output asks for, as far as it says, such as 5.20.1 or 5; or "".
	Version string
	// Fallback says what the page shows of it: picture, chart, html, text, or none.
	Fallback string
}

// RichData gives the MIME bundle of an output that [Summary].Rich names, for its frame, and for widgets the state that
// the notebook stores. It is data of the document's author: only the frame may run it. nil if there is no such output.
func RichData(nb *notebook.Notebook, cell, output int) notebook.Object {
	if cell < 0 || cell >= len(nb.Cells) || output < 0 || output >= len(nb.Cells[cell].Outputs) {
		return nil
	}
	data := nb.Cells[cell].Outputs[output].Data()
	if _, widget := data[mimeWidget]; widget {
		if state, ok := nb.Metadata["widgets"].Object()[mimeWidgetState]; ok {
			data[mimeWidgetState] = state
		}
	}
	return data
}

const (
	mimeWidget      = "application/vnd.jupyter.widget-view+json"
	mimeWidgetState = "application/vnd.jupyter.widget-state+json"
)

var vegaType = regexp.MustCompile(`^application/vnd\.(vega|vegalite)\.v(\d+)(?:\.\d+)*\+json$`)

// richType says which of a bundle's types needs code of its own, if any: the library and its version.
func richType(data notebook.Object) (kind, library, version string) {
	for name := range data {
		if m := vegaType.FindStringSubmatch(name); m != nil && (kind == "" || name > kind) {
			kind, library, version = name, map[string]string{"vega": "vega", "vegalite": "vega-lite"}[m[1]], m[2]
		}
	}
	if kind != "" {
		return kind, library, version
	}
	for _, t := range []struct{ kind, library string }{
		{"application/vnd.plotly.v1+json", "plotly"},
		{mimeWidget, "widgets"},
		{"application/vnd.bokehjs_exec.v0+json", "bokeh"},
		{"application/vnd.holoviews_exec.v0+json", "bokeh"},
		{"application/geo+json", "geojson"},
		{"application/vnd.geo+json", "geojson"},
		{"application/vnd.vdom.v1+json", "vdom"},
		{"application/vnd.dataresource+json", "dataresource"},
		{"application/vnd.echarts.v5+json", "echarts"},
	} {
		if _, ok := data[t.kind]; ok {
			return t.kind, t.library, ""
		}
	}
	return "", "", ""
}

// loads are types that only prepare a page for outputs to come: they show nothing.
var loads = []string{"application/vnd.bokehjs_load.v0+json", "application/vnd.holoviews_load.v0+json"}

var (
	plotlyVersion = regexp.MustCompile(`plotly(?:\.js v|-)(\d+\.\d+\.\d+)`)
	bokehVersion  = regexp.MustCompile(`bokeh-(\d+\.\d+\.\d+)(?:\.min)?\.js`)
)

// htmlLibrary says which library HTML with scripts speaks to.
func htmlLibrary(source string) (library, version string) {
	head := clip(source, 64<<10)
	switch {
	case strings.Contains(head, "Plotly.newPlot") || strings.Contains(head, "plotly-graph-div"):
		if m := plotlyVersion.FindStringSubmatch(head); m != nil {
			version = m[1]
		}
		return "plotly", version
	case strings.Contains(head, "Bokeh.") || strings.Contains(head, "bk-"):
		if m := bokehVersion.FindStringSubmatch(head); m != nil {
			version = m[1]
		}
		return "bokeh", version
	case strings.Contains(head, "vegaEmbed"):
		return "vega-lite", ""
	}
	return "html", ""
}

// libraryNames are for people.
var libraryNames = map[string]string{"plotly": "Plotly chart", "vega": "Vega chart", "vega-lite": "Vega-Lite chart", "bokeh": "Bokeh chart",
	"widgets": "Widget", "geojson": "Map", "html": "Interactive output", "vdom": "Interactive output", "dataresource": "Data table", "echarts": "ECharts chart"}

// richOutput writes an output that needs code of its own: what stands for it, within the element that a frame replaces.
func (j *job) richOutput(kind, library, version string, data, metadata notebook.Object, at place, fallback func() string) {
	r := Rich{Index: len(j.sum.Rich), Cell: at.cell, Output: at.output, CellID: at.id, Type: kind, Library: library, Version: version}
	if r.Index >= maxRich {
		fallback()
		return
	}
	j.sum.Rich = append(j.sum.Rich, r)
	j.str(`<div class="sx-rich" data-rich="`)
	j.text(itoa(r.Index))
	j.str(`" data-type="`)
	j.text(clip(kind, 200))
	j.str(`">` + "\n")
	shown := fallback()
	j.sum.Rich[r.Index].Fallback = shown
	if shown != "chart" && (shown != "none" || library != "html" || strings.Contains(string(data["text/html"]), "<div") || strings.Contains(string(data["text/html"]), "<iframe")) {
		name := libraryNames[library]
		if name == "" {
			name = "Interactive output"
		}
		j.str(`<p class="sx-rich-note">`)
		j.text(name)
		switch shown {
		case "picture":
			j.text(", as a picture.")
		case "none":
			j.text(". The document stores no picture of it.")
		default:
			j.text(", as stored.")
		}
		j.str("</p>\n")
	}
	j.str("</div>\n")
}
