package render

import (
	"context"
	_ "embed"
	"io"
	"path"
	"strings"

	"sextant/content/notebook"
)

var (
	//go:embed style/tokens.css
	tokens string
	//go:embed style/document.css
	documentStyle string
	//go:embed style/page.css
	pageStyle string
)

// Tokens are the custom properties that the style is made of: colours, type and space, light and dark. A page that
// defines them itself leaves them out.
func Tokens() string { return tokens }

// CSS is the style of fragments. All of its rules are for elements within one with the class sx.
func CSS() string { return documentStyle }

// PageOptions are the wishes for a page that stands alone.
type PageOptions struct {
	Options
	// Facts stand below the title, such as who wrote the document and when; each is text.
	Facts []string
}

// Page writes a document as one HTML file that needs no other: styles and pictures are in it, it has no script, it is
// light or dark as its reader's system is, and it prints. The outline stands at its end and is shown at the side where
// there is room, so that the first cells are there before the last are looked at.
func (r *Renderer) Page(ctx context.Context, w io.Writer, d Document, o PageOptions) (*Summary, error) {
	j := r.newJob(ctx, w, o.Options)
	return j.page(strings.TrimSuffix(path.Base(d.Name), ".ipynb"), o.Facts, func() error { return j.document(d) })
}

// NotebookPage is Page for a notebook that has been read.
func (r *Renderer) NotebookPage(ctx context.Context, w io.Writer, title string, nb *notebook.Notebook, o PageOptions) (*Summary, error) {
	j := r.newJob(ctx, w, o.Options)
	return j.page(title, o.Facts, func() error { return j.notebook(nb) })
}

func (j *job) page(title string, facts []string, body func() error) (*Summary, error) {
	j.str("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n" +
		`<meta name="viewport" content="width=device-width, initial-scale=1">` + "\n" +
		`<meta name="color-scheme" content="light dark">` + "\n" +
		`<meta name="generator" content="Sextant">` + "\n" +
		// A saved file is opened without a server's headers: this is what remains of them.
		`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">` + "\n<title>")
	j.text(title)
	j.str("</title>\n<style>\n" + tokens + documentStyle + pageStyle + "</style>\n</head>\n<body class=\"sx-page\">\n" +
		`<a class="sx-skip" href="#outline">On this page</a>` + "\n<main>\n")
	if len(facts) > 0 {
		j.str(`<p class="sx-page-facts">`)
		for _, fact := range facts {
			j.str("<span>")
			j.text(fact)
			j.str("</span> ")
		}
		j.str("</p>\n")
	}
	err := body()
	j.str("</main>\n")
	j.outline()
	j.str("</body>\n</html>\n")
	return j.finish(err)
}

// outline writes the headings as links.
func (j *job) outline() {
	if len(j.sum.Outline) == 0 {
		j.str(`<nav class="sx-outline" id="outline" aria-label="On this page" hidden></nav>` + "\n")
		return
	}
	j.str(`<nav class="sx-outline" id="outline" aria-label="On this page">` + "\n")
	j.str("<p>On this page</p>\n<ul>\n")
	for _, h := range j.sum.Outline {
		j.str(`<li class="sx-level` + itoa(min(h.Level, 4)) + `"><a href="#`)
		j.text(h.ID)
		j.str(`">`)
		j.text(h.Text)
		j.str("</a></li>\n")
	}
	j.str("</ul>\n</nav>\n")
}
