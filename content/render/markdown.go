package render

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	ghtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"sextant/content/notebook"
)

// Markdown is GitHub's (https://github.github.com/gfm/) with footnotes and formulas, as Jupyter shows it. What goldmark
// makes of it is safe as it is; where a text has HTML of its own, all that it becomes goes through the sanitizer.

// markdown is a converter that works for one job at a time: its renderers must know which.
type markdown struct {
	job         *job
	attachments notebook.Object
	rich        goldmark.Markdown // with everything
	plain       goldmark.Markdown // without tables, for texts whose tables are out of proportion
	raw         bool              // the text has HTML of its own
	// fragments are pieces of markup of ours that must not go through the sanitizer with the text around them. Marks stand
	// for them meanwhile, in characters that the text itself is not allowed.
	fragments []string
}

// The marks around the number of a fragment: characters for private use.
const (
	markOpen  = '\ue0f0'
	markClose = '\ue0f1'
)

var unmarked = strings.NewReplacer(string(markOpen), "\ufffd", string(markClose), "\ufffd")

// fragment writes markup of ours, or its mark.
func (m *markdown) fragment(w util.BufWriter, html string) {
	if !m.raw {
		_, _ = w.WriteString(html)
		return
	}
	_, _ = w.WriteString(string(markOpen) + strconv.Itoa(len(m.fragments)) + string(markClose))
	m.fragments = append(m.fragments, html)
}

// marked writes text that may hold marks, with the fragments in their place.
func (m *markdown) marked(w *strings.Builder, text string) {
	for {
		before, rest, ok := strings.Cut(text, string(markOpen))
		writeText(w, before)
		if !ok {
			return
		}
		number, after, _ := strings.Cut(rest, string(markClose))
		if n, err := strconv.Atoi(number); err == nil && n < len(m.fragments) {
			w.WriteString(m.fragments[n])
		}
		text = after
	}
}

func newMarkdown() *markdown {
	m := &markdown{}
	m.rich, m.plain = m.converter(true), m.converter(false)
	return m
}

func (m *markdown) converter(tables bool) goldmark.Markdown {
	extensions := []goldmark.Extender{extension.Strikethrough, extension.TaskList,
		extension.NewLinkify(extension.WithLinkifyAllowedProtocols([]string{"http:", "https:"})),
		extension.NewFootnote(extension.WithFootnoteIDPrefixFunction(func(ast.Node) []byte {
			return fmt.Appendf(nil, "u-c%d-", m.job.cell+1)
		})),
	}
	if tables {
		extensions = append(extensions, extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)))
	}
	return goldmark.New(
		goldmark.WithExtensions(extensions...),
		goldmark.WithParserOptions(
			parser.WithInlineParsers(util.Prioritized(mathInline{}, 150)),
			parser.WithBlockParsers(util.Prioritized(mathBlocks{}, 650)),
		),
		goldmark.WithRendererOptions(
			ghtml.WithUnsafe(),
			renderer.WithNodeRenderers(util.Prioritized(m, 100)),
		),
	)
}

const (
	maxTableCells = 50_000
	maxContainers = 60
	maxOpeners    = 10_000 // in one paragraph
)

// shape looks for what would cost out of proportion before anything is parsed: tables whose rows, filled up to the width
// of their header, have more cells than are worth showing, and containers within containers.
func shape(source string) (tables, sane bool) {
	tables = true
	cells, columns, brackets := 0, 0, 0
	for line := range strings.Lines(source) {
		trimmed := strings.TrimSpace(line)
		if trimmed == "" {
			columns, brackets = 0, 0
			continue
		}
		if strings.Trim(trimmed, "|:- \t>") == "" && strings.Contains(trimmed, "-") {
			columns = max(columns, strings.Count(trimmed, "|")+1)
		}
		if cells += columns; cells > maxTableCells || columns > 1_000 {
			tables = false
		}
		containers := 0
		for i := 0; i < len(line); i++ {
			c := line[i]
			if c == '>' || (c == '-' || c == '+' || c == '*') && i+1 < len(line) && line[i+1] == ' ' || (c == '.' || c == ')') && i > 0 && '0' <= line[i-1] && line[i-1] <= '9' {
				containers++
			} else if c != ' ' && c != '\t' && (c < '0' || '9' < c) {
				break
			} else if i > 4*maxContainers {
				containers = maxContainers + 1
				break
			}
		}
		if containers > maxContainers {
			return tables, false
		}
		// Openers without number make goldmark look again and again for what closes them.
		brackets += strings.Count(line, "[") + strings.Count(line, "*") + strings.Count(line, "_") + strings.Count(line, "`") + strings.Count(line, "<") + strings.Count(line, "~") + strings.Count(line, "$")
		if brackets > maxOpeners {
			return tables, false
		}
	}
	return tables, true
}

// markdown writes Markdown as HTML. attachments are those of its cell.
func (j *job) markdown(source string, attachments notebook.Object) {
	if full := len(source); full > j.limits.Markdown {
		source = clip(source, j.limits.Markdown)
		defer j.cut("Showing the first %s of %s of text.", size(int64(len(source))), size(int64(full)))
	}
	source = unmarked.Replace(strings.ToValidUTF8(source, "\ufffd"))
	tables, sane := shape(source)
	if !sane {
		j.str(`<pre class="sx-text">`)
		j.text(source)
		j.str("</pre>\n")
		j.cut("This text is nested too deeply to be laid out; it is shown as it was written.")
		return
	}
	m := j.md
	converter := m.rich
	if !tables {
		converter = m.plain
		defer j.cut("The table in this text is too large to be laid out; it is shown as it was written.")
	}
	m.attachments, m.raw, m.fragments = attachments, false, nil
	src := []byte(source)
	doc := converter.Parser().Parse(text.NewReader(src))
	if !m.prepare(doc, src) {
		j.str(`<pre class="sx-text">`)
		j.text(source)
		j.str("</pre>\n")
		j.cut("This text is nested too deeply to be laid out; it is shown as it was written.")
		return
	}
	out := &bounded{limit: 8*len(source) + j.limits.Image + 1<<20}
	if err := converter.Renderer().Render(out, src, doc); err != nil {
		// The bound is the only error there is.
		defer j.cut("What this text becomes is too large to be shown.")
	}
	if m.raw {
		html := j.thorough(out.b.String())
		j.styles.flush(j.w)
		j.str(`<div class="sx-md">`)
		j.str(html)
		j.str("</div>\n")
		return
	}
	j.styles.flush(j.w)
	j.str(`<div class="sx-md">`)
	_, _ = j.w.Write(out.b.Bytes())
	j.str("</div>\n")
}

// bounded is a buffer that refuses to grow without end.
type bounded struct {
	b     bytes.Buffer
	limit int
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.b.Len()+len(p) > b.limit {
		return 0, fmt.Errorf("more than %d bytes", b.limit)
	}
	return b.b.Write(p)
}

// prepare goes through what was parsed: it collects the outline, names headings, and finds out whether there is HTML.
func (m *markdown) prepare(doc ast.Node, src []byte) bool {
	depth, deepest := 0, 0
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			depth--
			return ast.WalkContinue, nil
		}
		if depth++; depth > deepest {
			deepest = depth
		}
		if deepest > 2*maxNesting {
			return ast.WalkStop, nil
		}
		switch n := n.(type) {
		case *ast.RawHTML, *ast.HTMLBlock:
			m.raw = true
		case *ast.Heading:
			var b strings.Builder
			plainText(&b, n, src)
			id := m.job.heading(n.Level, strings.TrimSpace(b.String()))
			n.SetAttributeString("id", []byte(id))
		}
		return ast.WalkContinue, nil
	})
	return deepest <= 2*maxNesting
}

// heading adds to the outline and gives the heading's id.
func (j *job) heading(level int, text string) string {
	id := elementID(strings.Trim(slug(text), "-"))
	if id == "u-" {
		id = "u-section"
	}
	n := j.ids[id]
	j.ids[id] = n + 1
	if n > 0 {
		id = fmt.Sprintf("%s-%d", id, n)
	}
	if level == 1 && j.sum.Title == "" {
		j.sum.Title = clip(text, 200)
	}
	if len(j.sum.Outline) < maxHeadings && text != "" {
		j.sum.Outline = append(j.sum.Outline, Heading{Level: level, ID: id, Text: clip(text, 200)})
	}
	return id
}

// slug is a heading's text as Jupyter and GitHub make fragments of it: blanks as dashes, signs left out.
func slug(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return r
		}
		return -1
	}, clip(text, 200))
}

func plainText(b *strings.Builder, n ast.Node, src []byte) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			b.Write(util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences(c.Segment.Value(src)))))
			if c.SoftLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(c.Value)
		case *mathNode:
			b.WriteString(c.tex(src))
		case *ast.AutoLink:
			b.Write(c.Label(src))
		default:
			plainText(b, c, src)
		}
	}
}

// RegisterFuncs implements goldmark's renderer.NodeRenderer: what becomes other than goldmark would have it.
func (m *markdown) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(ast.KindHeading, m.renderHeading)
	r.Register(ast.KindLink, m.renderLink)
	r.Register(ast.KindAutoLink, m.renderAutoLink)
	r.Register(ast.KindImage, m.renderImage)
	r.Register(ast.KindFencedCodeBlock, m.renderCode)
	r.Register(ast.KindCodeBlock, m.renderCode)
	r.Register(east.KindTaskCheckBox, m.renderCheck)
	r.Register(east.KindTable, m.renderTable)
	r.Register(kindMath, m.renderMath)
	r.Register(kindMathBlock, m.renderMathBlock)
}

func (m *markdown) renderHeading(w util.BufWriter, src []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	n := node.(*ast.Heading)
	id, _ := n.AttributeString("id")
	name, _ := id.([]byte)
	if entering {
		fmt.Fprintf(w, `<h%d id="%s">`, n.Level, escaped(string(name)))
		return ast.WalkContinue, nil
	}
	m.fragment(w, ` <a class="sx-anchor" href="#`+escaped(string(name))+`" aria-label="Link to this heading">#</a>`)
	fmt.Fprintf(w, "</h%d>\n", n.Level)
	return ast.WalkContinue, nil
}

func (m *markdown) openLink(w util.BufWriter, to, title string) {
	if !m.raw { // otherwise the sanitizer decides
		to = m.job.address(to)
	}
	if to == "" {
		_, _ = w.WriteString("<a")
	} else {
		_, _ = w.WriteString(`<a href="` + escaped(to) + `"`)
		if !strings.HasPrefix(to, "#") {
			_, _ = w.WriteString(` rel="noopener noreferrer nofollow"`)
		}
	}
	if title != "" {
		_, _ = w.WriteString(` title="` + escaped(title) + `"`)
	}
	_, _ = w.WriteString(">")
}

func (m *markdown) renderLink(w util.BufWriter, src []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	n := node.(*ast.Link)
	if !entering {
		_, _ = w.WriteString("</a>")
		return ast.WalkContinue, nil
	}
	m.openLink(w, resolved(n.Destination), resolved(n.Title))
	return ast.WalkContinue, nil
}

// resolved is a destination or title with its character references and backslashes resolved.
func resolved(text []byte) string {
	return string(util.ResolveEntityNames(util.ResolveNumericReferences(util.UnescapePunctuations(text))))
}

func (m *markdown) renderAutoLink(w util.BufWriter, src []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	n := node.(*ast.AutoLink)
	to := string(n.URL(src))
	if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(to), "mailto:") {
		to = "mailto:" + to
	}
	m.openLink(w, to, "")
	writeText(w, string(n.Label(src)))
	_, _ = w.WriteString("</a>")
	return ast.WalkContinue, nil
}

func (m *markdown) renderImage(w util.BufWriter, src []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	n := node.(*ast.Image)
	var alt strings.Builder
	plainText(&alt, n, src)
	to := resolved(n.Destination)
	if name, ok := strings.CutPrefix(to, "attachment:"); ok {
		to = m.attachment(name)
	}
	var image strings.Builder
	m.job.image(&image, to, alt.String(), resolved(n.Title), "", nil)
	m.fragment(w, image.String())
	return ast.WalkSkipChildren, nil
}

// attachment is a picture of the cell as an address; "" if there is none of that name.
func (m *markdown) attachment(name string) string {
	if m.attachments == nil {
		return ""
	}
	bundle, ok := m.attachments[name]
	if !ok {
		bundle = m.attachments[unescapePath(name)]
	}
	o := bundle.Object()
	for _, kind := range []string{"image/png", "image/jpeg", "image/svg+xml", "image/gif", "image/webp"} {
		if v, ok := o[kind].Text(); ok {
			return m.job.pictureData(kind, v)
		}
	}
	return ""
}

func (m *markdown) renderCode(w util.BufWriter, src []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	language := ""
	if n, ok := node.(*ast.FencedCodeBlock); ok {
		language = string(n.Language(src))
	}
	var code strings.Builder
	for i := range node.Lines().Len() {
		line := node.Lines().At(i)
		code.Write(line.Value(src))
	}
	var block strings.Builder
	block.WriteString(`<pre class="sx-pre" tabindex="0"><code>`)
	m.job.code(&block, strings.TrimSuffix(code.String(), "\n"), language)
	block.WriteString("</code></pre>\n")
	m.fragment(w, block.String())
	return ast.WalkSkipChildren, nil
}

func (m *markdown) renderCheck(w util.BufWriter, src []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		mark, word := "☐", "to do"
		if node.(*east.TaskCheckBox).IsChecked {
			mark, word = "☑", "done"
		}
		m.fragment(w, fmt.Sprintf(`<span class="sx-check" role="img" aria-label="%s">%s</span> `, word, mark))
	}
	return ast.WalkContinue, nil
}

func (m *markdown) renderTable(w util.BufWriter, src []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString(`<div class="sx-table" tabindex="0"><table>` + "\n")
	} else {
		_, _ = w.WriteString("</table></div>\n")
	}
	return ast.WalkContinue, nil
}

func (m *markdown) renderMath(w util.BufWriter, src []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		n := node.(*mathNode)
		m.math(w, n.tex(src), n.display)
	}
	return ast.WalkSkipChildren, nil
}

func (m *markdown) renderMathBlock(w util.BufWriter, src []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		var tex bytes.Buffer
		for i := range node.Lines().Len() {
			line := node.Lines().At(i)
			tex.Write(line.Value(src))
		}
		body, display := undelimited(strings.TrimSpace(tex.String()))
		m.math(w, body, display)
		_, _ = w.WriteString("\n")
	}
	return ast.WalkSkipChildren, nil
}

func (m *markdown) math(w util.BufWriter, tex string, display bool) {
	var b strings.Builder
	m.job.mathML(&b, tex, display)
	m.fragment(w, b.String())
}
