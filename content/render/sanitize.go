package render

import (
	"html"
	"net/url"
	"strings"
	"sync"

	"github.com/microcosm-cc/bluemonday"
	xhtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// HTML of documents goes one of two ways.
//
// Most of it are tables that programs wrote: correctly nested, of few kinds of elements. A strict reader takes those,
// element by element, and writes them with only what is allowed; at the first thing it does not know for certain it
// gives up. All else is cleaned by bluemonday and then read by an HTML5 parser, so that what comes out is nested
// correctly whatever went in. Both end in the same decisions about elements, attributes, addresses and styles.

// tagInfo says what the strict reader may do with an element.
type tagInfo uint8

const (
	tagPlain tagInfo = 1 << iota
	tagVoid
	tagMath
)

// htmlTags are the elements of documents that are shown.
var htmlTags = func() map[string]tagInfo {
	m := map[string]tagInfo{"br": tagPlain | tagVoid, "hr": tagPlain | tagVoid, "img": tagPlain | tagVoid, "wbr": tagPlain | tagVoid, "col": tagPlain | tagVoid}
	for tag := range set(`a abbr b bdi bdo blockquote caption center cite code colgroup dd del details dfn div dl dt em figcaption
		figure font h1 h2 h3 h4 h5 h6 i ins kbd li mark meter ol p pre progress q rp rt ruby s samp small span strike strong
		sub summary sup table tbody td tfoot th thead time tr tt u ul var section article header footer aside`) {
		m[tag] = tagPlain
	}
	return m
}()

// mathTags are those of MathML that formulas are made of.
var mathTags = func() map[string]tagInfo {
	m := map[string]tagInfo{}
	for tag := range set(`math semantics annotation mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle merror mpadded mphantom menclose
		msub msup msubsup munder mover munderover mmultiscripts mprescripts none mtable mtr mtd mlabeledtr maction`) {
		m[tag] = tagMath
	}
	return m
}()

// htmlAttributes are taken as they are, with values of letters, digits and a few signs; others have rules of their own.
var htmlAttributes = set(`align valign width height colspan rowspan span scope start border cellpadding cellspacing bgcolor color
	dir lang value min max low high optimum open reversed type nowrap halign size role aria-label aria-hidden`)

var mathAttributes = set(`xmlns display mathvariant stretchy fence separator form lspace rspace accent accentunder width height
	depth voffset columnalign rowspacing columnspacing rowalign linethickness displaystyle scriptlevel encoding minsize maxsize
	symmetric movablelimits largeop mathcolor mathbackground notation columnlines rowlines frame columnspan rowspan
	mathsize subscriptshift superscriptshift align side columnwidth equalrows equalcolumns alttext prime`)

// htmlOutput writes the HTML of an output or a cell, sanitised. lost says that there was more to it than is shown:
// scripts, frames, forms.
func (j *job) htmlOutput(source string) (lost bool) {
	cut := false
	full := len(source)
	if full > j.limits.HTML {
		source = clip(source, j.limits.HTML)
		if i := strings.LastIndex(source, "</tr>"); i > len(source)/2 {
			source = source[:i+5]
		} else if i := strings.LastIndexByte(source, '>'); i > 0 {
			source = source[:i+1]
		}
		cut = true
	}
	lost = activeMarkup(source)
	body, scope := j.sanitize(source, cut)
	j.styles.flush(j.w)
	j.str(`<div class="sx-html`)
	if scope != "" {
		j.str(" " + scope)
	}
	j.str(`">`)
	j.str(body)
	j.str("</div>\n")
	if cut {
		j.cut("Showing the first %s of %s of HTML.", size(int64(len(source))), size(int64(full)))
	}
	return lost
}

// sanitize gives safe HTML, and the class below which the document's own style rules hold.
func (j *job) sanitize(source string, cut bool) (body, scope string) {
	source = unmarked.Replace(source)
	if len(source) > maxKernelStyle && strings.HasPrefix(source, kernelStart) {
		// Results of Sextant's kernel bring a style that the page has already.
		if i := strings.Index(source, "</style>"); i > 0 && strings.IndexByte(source[len(kernelStart):i], '<') < 0 {
			source = `<div class="sxr">` + source[i+len("</style>"):]
		}
	}
	source, css := splitStyles(source)
	if css != "" {
		scope = j.styles.sheet(css)
	}
	body, ok := j.strict(source, cut)
	if !ok {
		body = j.thorough(source)
	}
	return noEmptyHeaders(body), scope
}

// noEmptyHeaders makes header cells that say nothing, such as the corners of pandas' tables, plain cells: a header without a name
// is read aloud as one. The HTML is what was sanitised.
func noEmptyHeaders(body string) string {
	const end = "</th>"
	var b strings.Builder
	kept := 0
	for at := 0; ; {
		i := strings.Index(body[at:], end)
		if i < 0 {
			break
		}
		i += at
		at = i + len(end)
		text := body[kept:i]
		for trimmed := ""; trimmed != text; {
			trimmed = text
			text = strings.TrimRight(strings.TrimSuffix(strings.TrimSuffix(text, "&nbsp;"), "\u00a0"), " \n\r\t")
		}
		if !strings.HasSuffix(text, ">") {
			continue
		}
		open := strings.LastIndexByte(text, '<')
		if open < 0 || !strings.HasPrefix(text[open:], "<th") || len(text) > open+3 && text[open+3] != ' ' && text[open+3] != '>' {
			continue
		}
		b.WriteString(text[:open] + "<td" + text[open+3:] + "</td>")
		kept = at
	}
	if kept == 0 {
		return body
	}
	b.WriteString(body[kept:])
	return b.String()
}

const (
	kernelStart    = `<div class="sxr"><style>.sxr{`
	maxKernelStyle = 100
)

// splitStyles takes the style elements out of HTML, as far as they are what they seem.
func splitStyles(source string) (rest, css string) {
	if !strings.Contains(source, "<style") {
		return source, ""
	}
	var out, sheet strings.Builder
	for n := 0; n < 100; n++ {
		i := strings.Index(source, "<style")
		if i < 0 {
			break
		}
		open := strings.IndexByte(source[i:], '>')
		if open < 0 {
			break
		}
		end := strings.Index(source[i+open:], "</style>")
		if end < 0 {
			break
		}
		text := source[i+open+1 : i+open+end]
		if !strings.ContainsAny(text, "<\\@") || strings.Contains(text, "<!--") {
			sheet.WriteString(text + "\n")
		}
		out.WriteString(source[:i])
		source = source[i+open+end+len("</style>"):]
	}
	out.WriteString(source)
	return out.String(), sheet.String()
}

// activeMarkup says whether HTML has what would do something in a page of its own.
func activeMarkup(source string) bool {
	for i := 0; i < len(source); {
		k := strings.IndexByte(source[i:], '<')
		if k < 0 {
			return false
		}
		i += k + 1
		rest := source[i:min(len(source), i+10)]
		for _, tag := range []string{"script", "iframe", "object", "embed", "video", "audio", "canvas", "svg"} {
			if len(rest) >= len(tag) && strings.EqualFold(rest[:len(tag)], tag) {
				return true
			}
		}
	}
	return false
}

// strict is the reader of plain HTML. ok is false where anything is not certain.
func (j *job) strict(source string, cut bool) (string, bool) {
	s := strictReader{src: source, tags: htmlTags, styles: &j.styles, job: j}
	return s.read(cut)
}

// strictMarkup is the strict reader for markup that knows no addresses.
func strictMarkup(st *styles, source string, tags map[string]tagInfo) (string, bool) {
	s := strictReader{src: source, tags: tags, styles: st}
	return s.read(false)
}

type strictReader struct {
	src    string
	tags   map[string]tagInfo
	styles *styles
	job    *job
	out    strings.Builder
	stack  []string
}

const maxNesting = 100

func (s *strictReader) read(cut bool) (string, bool) {
	s.out.Grow(len(s.src) + len(s.src)/8)
	src := s.src
	for i := 0; i < len(src); {
		k := strings.IndexByte(src[i:], '<')
		if k < 0 {
			s.content(src[i:])
			break
		}
		s.content(src[i : i+k])
		i += k + 1
		var ok bool
		if i, ok = s.tag(src, i); !ok {
			return "", false
		}
	}
	if len(s.stack) > 0 && !cut {
		return "", false
	}
	for n := len(s.stack); n > 0; n-- {
		s.out.WriteString("</" + s.stack[n-1] + ">")
	}
	return s.out.String(), true
}

// content writes text between elements. Its character references stay; nothing in it can begin an element.
func (s *strictReader) content(text string) {
	from := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '>' {
			s.out.WriteString(text[from:i])
			s.out.WriteString("&gt;")
			from = i + 1
		} else if c < ' ' && c != '\n' && c != '\t' && c != '\r' || c == 0x7f {
			s.out.WriteString(text[from:i])
			s.out.WriteString("\ufffd")
			from = i + 1
		}
	}
	s.out.WriteString(text[from:])
}

// tag reads the element that begins after the < at i, and says where it ends.
func (s *strictReader) tag(src string, i int) (int, bool) {
	closing := i < len(src) && src[i] == '/'
	if closing {
		i++
	}
	from := i
	for i < len(src) && ('a' <= src[i] && src[i] <= 'z' || '0' <= src[i] && src[i] <= '9') {
		i++
	}
	name := src[from:i]
	info := s.tags[name]
	if info == 0 || i == len(src) {
		return i, false
	}
	if closing {
		if src[i] != '>' || len(s.stack) == 0 || s.stack[len(s.stack)-1] != name {
			return i, false
		}
		s.stack = s.stack[:len(s.stack)-1]
		s.out.WriteString("</")
		s.out.WriteString(name)
		s.out.WriteString(">")
		return i + 1, true
	}
	if name == "img" {
		return i, false // the thorough way knows what to do without a picture
	}
	s.out.WriteString("<")
	s.out.WriteString(name)
	class := ""
	for {
		blank := i
		for i < len(src) && (src[i] == ' ' || src[i] == '\n') {
			i++
		}
		if i == len(src) {
			return i, false
		}
		if src[i] == '>' {
			break
		}
		if src[i] == '/' && info&tagVoid != 0 && i+1 < len(src) && src[i+1] == '>' {
			i++
			break
		}
		if blank == i {
			return i, false
		}
		from := i
		for i < len(src) && ('a' <= src[i] && src[i] <= 'z' || src[i] == '-') {
			i++
		}
		attr := src[from:i]
		if attr == "" || i == len(src) {
			return i, false
		}
		value := ""
		if src[i] == '=' {
			i++
			if i == len(src) {
				return i, false
			}
			if q := src[i]; q == '"' || q == '\'' {
				end := strings.IndexByte(src[i+1:], q)
				if end < 0 {
					return i, false
				}
				value = src[i+1 : i+1+end]
				i += end + 2
			} else {
				from := i
				for i < len(src) && (wordByte(src[i]) || src[i] == '%') {
					i++
				}
				if value = src[from:i]; value == "" || i == len(src) {
					return i, false
				}
			}
		}
		if strings.IndexByte(value, '&') >= 0 {
			value = html.UnescapeString(value)
		}
		if attr == "style" {
			class = join(class, s.styles.attribute(value))
			continue
		}
		if attr == "class" {
			class = join(class, classNames(value))
			continue
		}
		s.attribute(name, info, attr, value)
	}
	if class != "" {
		s.out.WriteString(` class="` + class + `"`)
	}
	s.out.WriteString(">")
	if info&tagVoid == 0 {
		if len(s.stack) == maxNesting {
			return i, false
		}
		s.stack = append(s.stack, name)
	}
	return i + 1, true
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " " + b
}

// classNames are the classes of a document's element that stay: a list of plain names, none of the page's own.
func classNames(value string) string {
	if value == "dataframe" || value == "" {
		return value
	}
	var b strings.Builder
	for _, name := range strings.Fields(value) {
		if len(name) > 64 || strings.HasPrefix(strings.ToLower(name), "sx-") || name == "sx" || strings.TrimFunc(name, plainRune) != "" {
			continue
		}
		if strings.ContainsFunc(name, func(r rune) bool { return !plainRune(r) }) {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(name)
	}
	return b.String()
}

func plainRune(r rune) bool {
	return r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

// attribute writes an attribute if it is allowed, with its value as text.
func (s *strictReader) attribute(tag string, info tagInfo, name, value string) {
	writeAttribute(&s.out, s.job, tag, info&tagMath != 0, name, value)
}

// writeAttribute is the one decision about attributes other than class and style. value is without references.
func writeAttribute(w *strings.Builder, j *job, tag string, math bool, name, value string) {
	if len(value) > 8_192 && name != "src" {
		return
	}
	switch {
	case math:
		if !mathAttributes[name] {
			return
		}
	case name == "id" || name == "name" && tag == "a":
		if value = elementID(value); value == "u-" {
			return
		}
		name = "id"
	case name == "href":
		if tag != "a" || j == nil {
			return
		}
		if value = j.address(value); value == "" {
			return
		}
		if !strings.HasPrefix(value, "#") {
			w.WriteString(` rel="noopener noreferrer nofollow"`)
		}
	case name == "title" || name == "alt" || name == "datetime" || name == "tabindex" && value == "0":
	case htmlAttributes[name]:
		if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || strings.ContainsRune("<>\"'`\\;(){}", r) }) {
			return
		}
	default:
		return
	}
	w.WriteString(" " + name + `="`)
	writeText(w, unmarked.Replace(value))
	w.WriteString(`"`)
}

// policy is what bluemonday lets through: the same elements, and attributes that writeAttribute decides about again.
var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	tags := make([]string, 0, len(htmlTags))
	for tag := range htmlTags {
		tags = append(tags, tag)
	}
	p.AllowElements(tags...)
	p.AllowNoAttrs().OnElements("a", "font", "span", "img")
	for name := range htmlAttributes {
		p.AllowAttrs(name).Globally()
	}
	p.AllowAttrs("id", "title", "class", "style", "tabindex", "datetime").Globally()
	p.AllowAttrs("href", "name").OnElements("a")
	p.AllowAttrs("src", "alt").OnElements("img")
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowURLSchemeWithCustomPolicy("data", func(*url.URL) bool { return true }) // img only, and checked by dataPicture
	p.AllowRelativeURLs(true)
	p.SkipElementsContent("noscript", "template", "svg", "math", "select", "textarea", "button", "title", "noembed", "noframes", "xmp", "plaintext", "applet", "canvas", "audio", "video")
	return p
})

// thorough sanitises any HTML. Marks of Markdown's fragments, which stand only where the converter wrote them, count as
// text; elsewhere there are none.
func (j *job) thorough(source string) string {
	clean := policy().Sanitize(strings.ToValidUTF8(source, "\ufffd"))
	nodes, err := xhtml.ParseFragment(strings.NewReader(clean), &xhtml.Node{Type: xhtml.ElementNode, Data: "div", DataAtom: atom.Div})
	if err != nil {
		// Nested beyond what is reasonable: the text alone.
		return `<pre class="sx-text">` + escaped(clip(source, 64<<10)) + `</pre>`
	}
	var out strings.Builder
	out.Grow(len(clean))
	for _, n := range nodes {
		j.writeNode(&out, n, 0)
	}
	return out.String()
}

// writeNode writes what the parser made of clean HTML, deciding about each element and attribute again.
func (j *job) writeNode(w *strings.Builder, n *xhtml.Node, depth int) {
	switch n.Type {
	case xhtml.TextNode:
		j.md.marked(w, n.Data)
		return
	case xhtml.ElementNode:
	default:
		return
	}
	info, ok := htmlTags[n.Data]
	if n.Namespace != "" || !ok || depth > maxNesting {
		for c := n.FirstChild; c != nil && depth <= maxNesting; c = c.NextSibling {
			j.writeNode(w, c, depth+1)
		}
		return
	}
	if n.Data == "img" {
		j.writeImage(w, n)
		return
	}
	w.WriteString("<" + n.Data)
	class, seen := "", ""
	for _, a := range n.Attr {
		switch {
		case a.Namespace != "":
		case a.Key == "style":
			class = join(class, j.styles.attribute(a.Val))
		case a.Key == "class":
			class = join(class, classNames(a.Val))
		case a.Key == "name" && strings.Contains(seen, " id "):
		default:
			seen += " " + a.Key + " "
			writeAttribute(w, j, n.Data, false, a.Key, a.Val)
		}
	}
	if class != "" {
		w.WriteString(` class="` + class + `"`)
	}
	w.WriteString(">")
	if info&tagVoid != 0 {
		return
	}
	if n.Data == "pre" && n.FirstChild != nil && n.FirstChild.Type == xhtml.TextNode && strings.HasPrefix(n.FirstChild.Data, "\n") {
		w.WriteString("\n")
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		j.writeNode(w, c, depth+1)
	}
	w.WriteString("</" + n.Data + ">")
}

// writeImage writes a picture of the document's HTML, or what stands for one that is not shown.
func (j *job) writeImage(w *strings.Builder, n *xhtml.Node) {
	var src, alt, title, class string
	var sizes [][2]string
	for _, a := range n.Attr {
		switch a.Key {
		case "src":
			src = a.Val
		case "alt":
			alt = a.Val
		case "title":
			title = a.Val
		case "class":
			class = join(class, classNames(a.Val))
		case "style":
			class = join(class, j.styles.attribute(a.Val))
		case "width", "height", "align":
			sizes = append(sizes, [2]string{a.Key, a.Val})
		}
	}
	j.image(w, src, alt, title, class, sizes)
}

// image writes a picture, or a link to one that lies elsewhere, or its alternative text.
func (j *job) image(w stringWriter, src, alt, title, class string, attrs [][2]string) {
	address := j.picture(src)
	if address == "" {
		j.missingImage(w, src, alt)
		return
	}
	_, _ = w.WriteString(`<img src="`)
	writeText(w, address)
	_, _ = w.WriteString(`" alt="`)
	writeText(w, alt)
	_, _ = w.WriteString(`" loading="lazy"`)
	if title != "" {
		_, _ = w.WriteString(` title="`)
		writeText(w, title)
		_, _ = w.WriteString(`"`)
	}
	if class != "" {
		_, _ = w.WriteString(` class="` + class + `"`)
	}
	var b strings.Builder
	for _, a := range attrs {
		writeAttribute(&b, j, "img", false, a[0], a[1])
	}
	_, _ = w.WriteString(b.String() + ">")
}

func (j *job) missingImage(w stringWriter, src, alt string) {
	if alt == "" {
		alt = "Image"
	}
	to := j.address(src)
	if to == "" || strings.HasPrefix(to, "#") {
		_, _ = w.WriteString(`<span class="sx-missing" title="This picture is not in the document.">`)
		writeText(w, clip(alt, 500))
		_, _ = w.WriteString("</span>")
		return
	}
	_, _ = w.WriteString(`<a class="sx-missing" rel="noopener noreferrer nofollow" title="This picture is not in the document; the link leads to it." href="`)
	writeText(w, to)
	_, _ = w.WriteString(`">`)
	writeText(w, clip(alt, 500))
	_, _ = w.WriteString("</a>")
}
