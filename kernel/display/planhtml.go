package display

import (
	"fmt"
	"strings"
)

// planStyle adds to tableStyle what a tree needs.
const planStyle = `<style>.sxr.sxr.sxr td.t{white-space:pre;max-width:none}.sxr b.w{color:var(--jp-warn-color0,var(--warn,inherit))}.sxr meter{width:6em;vertical-align:middle}.sxr.sxr.sxr td.f{max-width:48em}</style>`

// maxIndent is the depth to which the tree is drawn indented; deeper operators stand under each other.
const maxIndent = 60

// html is a table with a row per operator, indented, so that the numbers line up. Bars are meter elements: they carry
// their value for a screen reader and survive a sanitizer.
func (p *Plan) html() string {
	var out strings.Builder
	out.WriteString(`<div class="sxr">` + tableStyle + planStyle + scrollBox)
	out.WriteString(`<table class="dataframe"><caption ` + hidden + `>Query plan, each operator above its inputs</caption><thead><tr><th scope="col">Operator</th>`)
	if p.Analyzed {
		out.WriteString(`<th scope="col" align=right>Time</th><th scope="col">Share</th><th scope="col" align=right>Rows</th>`)
	}
	out.WriteString(`<th scope="col" align=right>Estimated</th>`)
	if p.Analyzed {
		out.WriteString(`<th scope="col" align=right>Scanned</th>`)
	}
	out.WriteString(`<th scope="col">Details</th></tr></thead>` + "\n<tbody>\n")
	p.walk(func(op *Operator, depth int) {
		out.WriteString(`<tr><td class=t>` + strings.Repeat("\u00a0\u00a0\u00a0", min(depth, maxIndent)))
		if depth > 0 {
			out.WriteString("└ ")
		}
		out.WriteString(escapeText(visible(op.Name)))
		for _, mark := range op.marks() {
			out.WriteString("\n" + strings.Repeat("\u00a0\u00a0\u00a0", min(depth, maxIndent)) + "\u00a0\u00a0<b class=w>" + escapeText(mark) + "</b>")
		}
		out.WriteString("</td>")
		if p.Analyzed {
			fmt.Fprintf(&out, `<td align=right>%s</td><td><meter max="100" value="%.0f">%.0f %%</meter> %.0f %%</td>`,
				fineDuration(op.Time), 100*op.Share, 100*op.Share, 100*op.Share)
			out.WriteString(numberCell(op.Actual))
		}
		out.WriteString(numberCell(op.Estimated))
		if p.Analyzed {
			out.WriteString(numberCell(op.Scanned))
		}
		out.WriteString(`<td class=f>`)
		for i, f := range op.Facts {
			if i > 0 {
				out.WriteString("<br>")
			}
			out.WriteString("<small>" + escapeText(visible(f.Name)) + ":</small> " + escapeText(visible(fitTo(f.Value, 4*maxFact))))
		}
		out.WriteString("</td></tr>\n")
	})
	out.WriteString("</tbody></table></div>")
	if line := p.summary(); line != "" {
		out.WriteString("<p>" + escapeText(line) + "</p>")
	}
	out.WriteString("</div>")
	return out.String()
}

func numberCell(n int64) string {
	if n < 0 {
		return "<td align=right></td>"
	}
	return "<td align=right>" + grouped(n) + "</td>"
}
