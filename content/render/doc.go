// Package render turns documents into HTML that is safe to show, without running anything of theirs: notebooks of any
// kernel, SQL scripts, Markdown, CSV, JSON, pictures and text. It is pure: values in, a stream of HTML out.
//
//	r := render.New(render.Config{})
//	defer r.Close()
//	summary, err := r.Document(ctx, w, render.Document{Name: "report.ipynb", Content: text}, render.Options{})
//
// What it writes is a fragment for the body of a page; [Renderer.Page] writes a whole page that needs nothing else. The
// look is in [CSS], made of the custom properties in [Tokens], and every class of it begins with sx-.
//
// # What is safe
//
// The fragment has no script, no event handler, no frame, form, object or link of a scheme other than http, https and
// mailto, and no inline style: what a document may style becomes a class in a style element that carries the nonce of
// [Options], so that the page can forbid all else. Nothing in it asks another host: pictures are data: addresses, or go
// through [Options].Link; others become links. SVG is only ever the source of an img element. HTML of documents passes
// bluemonday, save where a stricter reader of plain tables takes it (see sanitize.go).
//
// # Interactive outputs
//
// Plotly, Bokeh, Vega, widgets, maps and HTML with scripts need their own code to be what they are. The page gets the
// best picture of them that is stored or can be drawn; around it stands an element with the class sx-rich, and
// [Summary].Rich names each, so that a page can put a sandboxed frame in its place. [RichData] gives what goes into it.
//
// # Bounds
//
// [Limits] bound time and memory. What was cut is said where it was cut and in [Summary].Cuts; [Options].All shows it.
package render

// Version names what this package makes of a document: equal versions and equal documents give equal HTML. It is part
// of the key of whatever keeps renders, and changes whenever a golden file does.
const Version = "2"
