package render

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	xhtml "golang.org/x/net/html"

	"sextant/content/notebook"
)

// shared is one renderer for all tests, so that its engines start once. The race detector makes them ten times as slow, and
// the machine may be busy.
var shared = New(Config{ChartTime: 2 * time.Minute, MathTime: 2 * time.Minute})

// patient gives a render all the time it needs, where the test is not about time.
func patient(o Options) Options {
	if o.Limits.Time == 0 {
		o.Limits.Time = 5 * time.Minute
	}
	return o
}

func page(t testing.TB, d Document, o Options) (string, *Summary) {
	t.Helper()
	var b bytes.Buffer
	s, err := shared.Page(context.Background(), &b, d, PageOptions{Options: patient(o)})
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), s
}

func fragment(t testing.TB, d Document, o Options) (string, *Summary) {
	t.Helper()
	var b bytes.Buffer
	s, err := shared.Document(context.Background(), &b, d, patient(o))
	if err != nil {
		t.Fatal(err)
	}
	if s.Bytes != int64(b.Len()) {
		t.Errorf("the summary says %d bytes; there are %d", s.Bytes, b.Len())
	}
	return b.String(), s
}

// cells is a notebook of cells given as nbformat has them.
func cells(cs ...map[string]any) Document {
	for i, c := range cs {
		if c["metadata"] == nil {
			c["metadata"] = map[string]any{}
		}
		if c["cell_type"] == "code" && c["execution_count"] == nil {
			c["execution_count"] = i + 1
		}
	}
	text, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 4, "metadata": map[string]any{}, "cells": cs})
	if err != nil {
		panic(err)
	}
	return Document{Name: "n.ipynb", Content: text}
}

func md(source string) map[string]any {
	return map[string]any{"cell_type": "markdown", "source": source}
}

func code(source string, outputs ...any) map[string]any {
	if outputs == nil {
		outputs = []any{}
	}
	return map[string]any{"cell_type": "code", "source": source, "outputs": outputs}
}

func stream(text string) any {
	return map[string]any{"output_type": "stream", "name": "stdout", "text": text}
}

func shown(data map[string]any) any {
	return map[string]any{"output_type": "display_data", "data": data, "metadata": map[string]any{}}
}

func read(t testing.TB, d Document) *notebook.Notebook {
	t.Helper()
	nb, _, err := notebook.Read(d.Content)
	if err != nil {
		t.Fatal(err)
	}
	return nb
}

// checkSafe parses a page as a browser does and fails for anything that could act: elements, attributes, addresses and
// styles that are not on the short lists here. The lists are on purpose not those of the code.
func checkSafe(t testing.TB, html string) {
	t.Helper()
	if !strings.HasPrefix(html, "<!DOCTYPE html>") {
		html = "<!DOCTYPE html><html><head></head><body>" + html + "</body></html>"
	}
	doc, err := xhtml.Parse(strings.NewReader(html))
	if err != nil {
		t.Fatalf("the page does not parse: %v", err)
	}
	metas := 0
	var walk func(n *xhtml.Node)
	walk = func(n *xhtml.Node) {
		switch n.Type {
		case xhtml.CommentNode:
			t.Errorf("a comment: %.100q", n.Data)
		case xhtml.ElementNode:
			checkElement(t, n, &metas)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(doc)
}

var safeTags = set(`a abbr annotation aside article b bdi bdo blockquote br caption center cite code col colgroup dd del details dfn div dl dt em
	figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main maction mark math menclose merror meter mfrac mi
	mlabeledtr mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext
	mtr munder munderover nav none ol p pre progress q rp rt ruby s samp section semantics small span strike strong style sub summary sup
	table tbody td tfoot th thead time tr tt u ul var wbr`)

func checkElement(t testing.TB, n *xhtml.Node, metas *int) {
	t.Helper()
	switch n.Data {
	case "html", "head", "title", "body":
	case "meta":
		if *metas++; n.Parent == nil || n.Parent.Data != "head" || *metas > 5 {
			t.Errorf("a meta element within the page")
		}
		return
	case "style":
		css := ""
		if n.FirstChild != nil {
			css = n.FirstChild.Data
		}
		lower := strings.ToLower(css)
		if n.Parent.Data == "head" {
			return // ours
		}
		for _, bad := range []string{"url(", "@", "expression", "javascript", "\\", "<", "position", "content:", "behavior", "-moz-binding", "var(", "attr("} {
			if strings.Contains(lower, bad) {
				t.Errorf("a style element with %q: %.200q", bad, css)
			}
		}
	default:
		if !safeTags[n.Data] {
			t.Errorf("element %s", n.Data)
		}
	}
	if n.Namespace == "svg" {
		t.Errorf("svg element %s", n.Data)
	}
	for _, a := range n.Attr {
		checkAttribute(t, n, a)
	}
}

var safeAttributes = set(`abbr align alt aria-hidden aria-label bgcolor border cellpadding cellspacing charset class color cols colspan content
	coords data-cell data-rich data-tags data-type datetime dir encoding face headers height hidden high id lang loading low max min
	nonce open optimum rel reversed role rowspan scope span start summary tabindex title type valign value width xmlns display
	accent accentunder columnalign columnlines columnspacing depth displaystyle fence form frame largeop linethickness lspace
	mathbackground mathcolor mathsize mathvariant maxsize minsize movablelimits notation rowalign rowlines rowspacing rspace
	scriptlevel separator stretchy symmetric voffset columnspan side nowrap size halign name alttext subscriptshift superscriptshift prime columnwidth equalrows equalcolumns`)

func checkAttribute(t testing.TB, n *xhtml.Node, a xhtml.Attribute) {
	t.Helper()
	v := strings.TrimSpace(a.Val)
	switch a.Key {
	case "href":
		lower := strings.ToLower(v)
		ok := n.Data == "a" && (strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://") || strings.HasPrefix(lower, "mailto:") || strings.HasPrefix(v, "#"))
		if !ok && (n.Data != "a" || strings.Contains(v[:strings.IndexAny(v+"/", "/?#")], ":") || strings.HasPrefix(v, "//") || strings.Contains(v, "\\")) {
			t.Errorf("href %.200q of %s", a.Val, n.Data)
		}
	case "src":
		if n.Data != "img" || !strings.HasPrefix(v, "data:image/") {
			t.Errorf("src %.200q of %s", a.Val, n.Data)
		}
	case "id":
		if !strings.HasPrefix(v, "u-") && !strings.HasPrefix(v, "cell-") && v != "outline" {
			t.Errorf("id %.100q could be taken for one of the page's", v)
		}
	default:
		if !safeAttributes[a.Key] || strings.HasPrefix(a.Key, "on") || a.Namespace != "" {
			t.Errorf("attribute %s=%.100q of %s", a.Key, a.Val, n.Data)
		}
	}
}

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func parse(t testing.TB, text string) notebook.Value {
	t.Helper()
	v, err := notebook.ParseValue([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func notebookHTML(t testing.TB, nb *notebook.Notebook) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := shared.Notebook(context.Background(), &b, nb, Options{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
