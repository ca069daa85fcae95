package display

import (
	"strings"
	"unicode/utf8"
)

// The style goes with every output, since a front end may show one alone. It needs no colours of its own: text and
// ground come from JupyterLab's theme, from VS Code's, from Sextant's own tokens, or from the page's colour scheme
// (which follows prefers-color-scheme wherever the page does), and every quieter tone is mixed from them. The tripled
// class outweighs JupyterLab's own rules for tables in an output.
const tableStyle = `<style>` +
	`.sxr{font-family:var(--jp-ui-font-family,var(--font,system-ui,sans-serif));font-size:var(--jp-ui-font-size1,.8125rem);color:var(--jp-content-font-color1,var(--vscode-editor-foreground,var(--text,CanvasText)));--sxq:color-mix(in srgb,currentColor 68%,transparent);--sxl:color-mix(in srgb,currentColor 16%,transparent);--sxg:var(--jp-layout-color0,var(--vscode-editor-background,var(--surface-1,Canvas)))}` +
	`.sxr>div{width:fit-content;max-width:100%}.sxr.sxr.sxr table{width:max-content;margin:0;border-collapse:separate;border-spacing:0;border:0;font-size:inherit;table-layout:auto}` +
	`.sxr.sxr.sxr td,.sxr.sxr.sxr th{text-align:left;vertical-align:top;padding:4px 12px 4px 8px;border:0;border-bottom:1px solid var(--sxl);max-width:36em;white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.4}` +
	`.sxr.sxr.sxr th{position:sticky;top:0;background:var(--sxg);font-weight:600;vertical-align:bottom;z-index:1}` +
	`.sxr.sxr.sxr [align=right]{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}` +
	`.sxr.sxr.sxr tbody tr{background:none}.sxr.sxr.sxr tbody tr:hover{background:color-mix(in srgb,currentColor 6%,transparent)}` +
	`.sxr small,.sxr td i,.sxr p{color:var(--sxq)}.sxr th small{font-weight:400}.sxr td.e::before{content:"''";color:var(--sxq)}` +
	`.sxr.sxr.sxr p{margin:6px 8px;font-size:.923em}.sxr.sxr.sxr pre{margin:0;padding:8px;white-space:pre-wrap;overflow-wrap:anywhere}` +
	`</style>`

// scrollBox bounds the height of a long table and lets a wide one scroll. These inline properties pass JupyterLab's
// sanitizer; tabindex lets the keyboard scroll where it is kept.
const scrollBox = `<div style="overflow:auto;max-height:520px" tabindex="0">`

// hidden keeps a caption for screen readers while the eye has the footer.
const hidden = `style="position:absolute;width:1px;height:1px;overflow:hidden;clip:rect(0,0,0,0);white-space:nowrap"`

func (t *Table) tableHTML(s Summary) string {
	var out strings.Builder
	out.Grow(len(tableStyle) + t.bytes + 200*len(t.cols) + 40*t.rows + 600)
	footer := escapeText(t.htmlFooter(s))
	out.WriteString(`<div class="sxr">` + tableStyle + scrollBox)
	out.WriteString(`<table class="dataframe"><caption ` + hidden + `>Query result: ` + footer + `</caption>`)
	out.WriteString("<thead><tr>")
	for i, col := range t.cols {
		t.headerHTML(&out, i, col.Name, col.Type)
	}
	out.WriteString("</tr></thead>\n<tbody>\n")
	open := make([]string, len(t.cols))
	for i := range open {
		open[i] = "<td>"
		if IsNumeric(t.typs[i]) {
			open[i] = "<td align=right>"
		}
	}
	var buf []byte
	for r := range t.rows {
		cells, start := t.row(r)
		buf = append(buf[:0], "<tr>"...)
		for i, c := range cells {
			buf = appendCell(buf, open[i], t.text[start:c.end], c)
			start = c.end
		}
		buf = append(buf, "</tr>\n"...)
		out.Write(buf)
	}
	out.WriteString("</tbody></table></div><p>" + footer)
	if s.Link != "" {
		out.WriteString(` · <a href="` + escapeText(s.Link) + `" target="_blank" rel="noopener">Open the result</a>`)
	}
	out.WriteString("</p></div>")
	return out.String()
}

func (t *Table) headerHTML(out *strings.Builder, i int, name, typ string) {
	title := fitTitle(name + "  " + typ)
	out.WriteString(`<th scope="col"`)
	if IsNumeric(t.typs[i]) {
		out.WriteString(" align=right")
	}
	out.WriteString(` title="` + escapeText(visible(title)) + `">`)
	out.WriteString(escapeText(visible(name)))
	if typ != "" {
		out.WriteString("<br><small>" + escapeText(visible(shortType(typ))) + "</small>")
	}
	out.WriteString("</th>")
}

// fitTitle bounds what is repeated in an attribute.
func fitTitle(text string) string {
	if n := prefix(text, 400); n < len(text) {
		return text[:n] + "…"
	}
	return text
}

func (t *Table) htmlFooter(s Summary) string {
	parts := append([]string{t.rowsPhrase(s), t.columnsPhrase()}, t.notes()...)
	if s.Elapsed > 0 {
		parts = append(parts, shortDuration(s.Elapsed))
	}
	return joinPhrases(parts...)
}

func appendCell(dst []byte, open string, text []byte, c cell) []byte {
	switch {
	case c.null:
		return append(append(dst, open...), "<i>NULL</i></td>"...)
	case len(text) == 0 && c.cut.size == 0:
		return append(dst, `<td class=e title="empty text"></td>`...)
	}
	dst = append(dst, open...)
	dst = appendEscaped(dst, text)
	if c.cut.size != 0 {
		dst = append(dst, "<small>… ("...)
		dst = append(dst, c.cut.phrase()...)
		dst = append(dst, ")</small>"...)
	}
	return append(dst, "</td>"...)
}

// cellCost estimates from above what a cell takes in HTML.
func cellCost(text []byte) int {
	n := len("<td align=right></td>") + len(text)
	for _, c := range text {
		if c < ' ' || c == 0x7F {
			n += 17
		} else if c == '<' || c == '>' || c == '&' || c == '"' || c == '\'' || c >= 0x80 {
			n += 5
		}
	}
	return n
}

// appendEscaped appends text as HTML: markup escaped, newlines and tabs as they are, whatever else cannot be seen
// named in a small element.
func appendEscaped(dst, text []byte) []byte {
	for len(text) > 0 {
		c := text[0]
		if c >= ' ' && c < 0x7F {
			switch c {
			case '<':
				dst = append(dst, "&lt;"...)
			case '>':
				dst = append(dst, "&gt;"...)
			case '&':
				dst = append(dst, "&amp;"...)
			case '"':
				dst = append(dst, "&#34;"...)
			case '\'':
				dst = append(dst, "&#39;"...)
			default:
				dst = append(dst, c)
			}
			text = text[1:]
			continue
		}
		r, size := utf8.DecodeRune(text)
		switch sign := shown(r); {
		case r == '\n' || r == '\t' || sign == "":
			dst = append(dst, text[:size]...)
		default:
			dst = append(dst, "<small>"...)
			dst = append(dst, sign...)
			dst = append(dst, "</small>"...)
		}
		text = text[size:]
	}
	return dst
}

// escapeText escapes text for an element or an attribute in double quotes.
func escapeText(text string) string {
	out := make([]byte, 0, len(text)+16)
	for _, r := range text {
		switch r {
		case '<':
			out = append(out, "&lt;"...)
		case '>':
			out = append(out, "&gt;"...)
		case '&':
			out = append(out, "&amp;"...)
		case '"':
			out = append(out, "&#34;"...)
		case '\'':
			out = append(out, "&#39;"...)
		default:
			out = utf8.AppendRune(out, r)
		}
	}
	return string(out)
}

func (t *Table) wholeHTML(s Summary) string {
	text := t.whole
	note := ""
	if n := prefix(text, wholeInHTML); n < len(text) {
		text = text[:n]
		note = "the first " + grouped(wholeInHTML) + " of " + t.cells[0].cut.phrase() + " shown"
	}
	var out strings.Builder
	out.WriteString(`<div class="sxr">` + tableStyle + scrollBox)
	out.WriteString(`<table class="dataframe"><caption ` + hidden + `>Query result: one value</caption><thead><tr>`)
	t.headerHTML(&out, 0, t.cols[0].Name, t.cols[0].Type)
	out.WriteString("</tr></thead>\n</table><pre>")
	// HTML drops a newline right after <pre>; this one may go.
	out.WriteByte('\n')
	out.Write(appendEscaped(nil, []byte(text)))
	footer := []string{"1 row", "1 column", note}
	if s.Elapsed > 0 {
		footer = append(footer, shortDuration(s.Elapsed))
	}
	out.WriteString("</pre></div><p>" + escapeText(joinPhrases(footer...)) + "</p></div>")
	return out.String()
}
