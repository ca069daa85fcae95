package render

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sextant/content/notebook"
)

// place is where an output stands.
type place struct {
	cell, output int
	id           string
	count        string
}

func itoa(n int) string { return strconv.Itoa(n) }

// outputs writes those of a code cell.
func (j *job) outputs(c *notebook.Cell, index int) {
	at := place{cell: index, id: c.ID}
	if c.ExecutionCount != nil {
		at.count = fmt.Sprint(*c.ExecutionCount)
	}
	for i := 0; i < len(c.Outputs); i++ {
		if i >= j.limits.Outputs {
			j.cut("Showing %s of %s outputs of this cell.", grouped(i), grouped(len(c.Outputs)))
			return
		}
		if why := j.full(); why != "" {
			j.cut("%d outputs of this cell are left out: %s.", len(c.Outputs)-i, why)
			return
		}
		at.output = i
		out := c.Outputs[i]
		fields := out.JSON().Object()
		switch out.Type() {
		case notebook.Stream:
			name, _ := fields["name"].Text()
			text, ok := fields["text"].Text()
			// Kernels write in pieces; what one stream wrote in a row is one text, in which a carriage return means something.
			for ok && i+1 < len(c.Outputs) && len(text) <= j.limits.Text && c.Outputs[i+1].Type() == notebook.Stream {
				next := c.Outputs[i+1].JSON().Object()
				more, isText := next["text"].Text()
				if follows, _ := next["name"].Text(); follows != name || !isText {
					break
				}
				text += more
				i++
			}
			class := "sx-out sx-stdout"
			if name == "stderr" {
				class = "sx-out sx-stderr"
			}
			if strings.TrimSpace(text) != "" {
				j.output(class, func() { j.preText(text) })
			}
		case notebook.ErrorOutput:
			j.output("sx-out", func() { j.failure(fields) })
		default:
			data, metadata := fields["data"].Object(), fields["metadata"].Object()
			if len(data) == 0 || onlyLoads(data) {
				continue
			}
			class := "sx-out"
			if out.Type() == notebook.ExecuteResult {
				class = "sx-out sx-result"
			}
			j.output(class, func() { j.bundle(data, metadata, at) })
		}
	}
}

func onlyLoads(data notebook.Object) bool {
	for _, l := range loads {
		if _, ok := data[l]; ok {
			return true
		}
	}
	html, ok := data["text/html"].Text()
	return ok && strings.Contains(clip(html, 4_096), "bk-notebook-logo")
}

func (j *job) output(class string, f func()) {
	j.str(`<div class="` + class + `">`)
	f()
	j.str("</div>\n")
}

// preText writes what a program printed.
func (j *job) preText(text string) {
	limit := j.limits.Text
	full := len(text)
	tail := ""
	if full > limit {
		text, tail = clip(text, limit*3/4), clipEnd(text, limit/4)
	}
	j.terminalText(text)
	if tail != "" {
		j.cut("Showing the first %s and the last %s of %s of text.", size(int64(len(text))), size(int64(len(tail))), size(int64(full)))
		j.terminalText(tail)
	}
}

func (j *job) terminalText(text string) {
	if !strings.ContainsAny(text, "\x1b\u009b") {
		// No colours, so no styles to be defined first.
		j.str(`<pre class="sx-text" tabindex="0">`)
		ansi(j.w, &j.styles, text)
		j.str("</pre>\n")
		return
	}
	var b strings.Builder
	b.Grow(len(text))
	ansi(&b, &j.styles, text)
	j.styles.flush(j.w)
	j.str(`<pre class="sx-text" tabindex="0">`)
	j.str(b.String())
	j.str("</pre>\n")
}

// failure writes an error: what went wrong, and where on demand.
func (j *job) failure(fields notebook.Object) {
	name, _ := fields["ename"].Text()
	value, _ := fields["evalue"].Text()
	var lines []string
	n := 0
	for _, v := range fields["traceback"].Array() {
		line, _ := v.Text()
		if n += len(line); n > j.limits.Text {
			lines = append(lines, "…")
			break
		}
		lines = append(lines, line)
	}
	if name == "" && value == "" {
		name = "Error"
	}
	var head strings.Builder
	head.WriteString(`<span class="sx-mark" aria-hidden="true">✕</span> <strong>`)
	writeText(&head, clip(plain(name), 200))
	head.WriteString(`</strong>`)
	if value != "" {
		head.WriteString(`<span class="sx-evalue">`)
		if name != "" {
			head.WriteString(`: `)
		}
		writeText(&head, clip(plain(value), 2_000))
		head.WriteString(`</span>`)
	}
	trace := strings.Join(lines, "\n")
	if strings.TrimSpace(trace) == "" {
		j.str(`<div class="sx-error"><p class="sx-error-head">` + head.String() + "</p></div>\n")
		return
	}
	j.str(`<details class="sx-error"><summary class="sx-error-head">` + head.String() + "</summary>\n")
	j.terminalText(trace)
	j.str("</details>\n")
}

// plain is text without control sequences.
func plain(s string) string {
	if !strings.ContainsAny(s, "\x1b\r\b") {
		return s
	}
	t := newTerminal(&strings.Builder{}, &styles{}, s)
	t.run(s)
	var b strings.Builder
	for i, line := range t.lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		for _, g := range line {
			b.WriteRune(g.r)
		}
	}
	return b.String()
}

// bundle writes the best of a MIME bundle that a page without scripts can show.
func (j *job) bundle(data, metadata notebook.Object, at place) {
	alt := "Picture"
	if at.count != "" {
		alt = "Picture, output of [" + at.count + "]"
	}
	if text, ok := metadata["alt"].Text(); ok && text != "" {
		alt = clip(text, 1_000)
	}
	if kind, library, version := richType(data); kind != "" {
		j.richOutput(kind, library, version, data, metadata, at, func() string { return j.still(kind, library, data, metadata, alt) })
		return
	}
	if html, ok := data["text/html"].Text(); ok && strings.TrimSpace(html) != "" {
		if !activeMarkup(html) {
			j.htmlOutput(html)
			return
		}
		library, version := htmlLibrary(html)
		j.richOutput("text/html", library, version, data, metadata, at, func() string {
			if spec, lite := embeddedSpec(html); spec != "" && library == "vega-lite" && j.chart(spec, lite) {
				return "chart"
			}
			if j.anyPicture(data, metadata, alt) {
				return "picture"
			}
			if visible := j.stillHTML(html); visible {
				return "html"
			}
			return j.stillText(data)
		})
		return
	}
	if _, ok := data["application/javascript"].Text(); ok {
		j.richOutput("application/javascript", "html", "", data, metadata, at, func() string {
			if j.anyPicture(data, metadata, alt) {
				return "picture"
			}
			return j.stillText(data)
		})
		return
	}
	if j.simple(data, metadata, alt) {
		return
	}
	j.unknown(data)
}

// simple writes what needs no code of its own; false if there is nothing that it knows.
func (j *job) simple(data, metadata notebook.Object, alt string) bool {
	if text, ok := data["text/markdown"].Text(); ok {
		j.markdown(text, nil)
		return true
	}
	if text, ok := data["text/latex"].Text(); ok {
		j.latex(text)
		return true
	}
	if j.anyPicture(data, metadata, alt) {
		return true
	}
	if v, ok := data["application/json"]; ok {
		j.jsonTree(v)
		return true
	}
	for _, kind := range slices.Sorted(maps.Keys(data)) {
		if strings.HasSuffix(kind, "+json") && len(data) == 1 {
			j.note("The type " + clip(kind, 100) + " is shown as data.")
			j.jsonTree(data[kind])
			return true
		}
	}
	if text, ok := data["text/plain"].Text(); ok {
		for kind := range data {
			if kind != "text/plain" {
				j.note("The type " + clip(strings.Join(others(data), ", "), 200) + " is not known here; this is its text.")
				break
			}
		}
		j.preText(text)
		return true
	}
	return false
}

func others(data notebook.Object) (kinds []string) {
	for _, kind := range slices.Sorted(maps.Keys(data)) {
		if kind != "text/plain" {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// unknown writes what can be said of a bundle without a type that is known.
func (j *job) unknown(data notebook.Object) {
	for _, kind := range slices.Sorted(maps.Keys(data)) {
		if text, ok := data[kind].Text(); ok && strings.HasPrefix(kind, "text/") {
			j.note("The type " + clip(kind, 100) + " is shown as text.")
			j.preText(text)
			return
		}
	}
	kinds := slices.Sorted(maps.Keys(data))
	total := 0
	for _, v := range data {
		total += len(v)
	}
	j.note(fmt.Sprintf("An output of type %s (%s) is not shown: it is not known here, and the document stores no picture or text of it.",
		clip(strings.Join(kinds, ", "), 200), size(int64(total))))
}

// anyPicture writes the best stored picture.
func (j *job) anyPicture(data, metadata notebook.Object, alt string) bool {
	for _, kind := range pictures {
		if j.pictureOutput(kind, data, metadata, alt) {
			return true
		}
	}
	return false
}

// still writes what stands for an interactive output, and says what that is.
func (j *job) still(kind, library string, data, metadata notebook.Object, alt string) string {
	switch library {
	case "vega", "vega-lite":
		if j.chart(data[kind], library == "vega-lite") {
			return "chart"
		}
		if j.anyPicture(data, metadata, chartWords(data[kind])) {
			return "picture"
		}
	case "widgets":
		if j.widget(data[kind]) {
			return "text"
		}
	}
	if j.anyPicture(data, metadata, alt) {
		return "picture"
	}
	switch library {
	case "geojson", "vdom":
		j.jsonTree(data[kind])
		return "text"
	case "dataresource":
		if html, ok := data["text/html"].Text(); ok {
			j.htmlOutput(html)
			return "html"
		}
	case "plotly":
		j.plotlyWords(data[kind])
		return "none"
	}
	if html, ok := data["text/html"].Text(); ok && j.stillHTML(html) {
		return "html"
	}
	return j.stillText(data)
}

// stillHTML writes what is left of HTML without its scripts, if that can be seen.
func (j *job) stillHTML(html string) bool {
	if len(html) > j.limits.HTML || strings.Contains(html, "Make this Notebook Trusted") {
		return false // most of it is a script, or it says that only scripts could show it
	}
	body, scope := j.sanitize(html, false)
	if !visible(body) {
		return false
	}
	j.styles.flush(j.w)
	j.str(`<div class="` + join("sx-html", scope) + `">` + body + "</div>\n")
	return true
}

// visible says whether markup of ours has any text or picture.
func visible(html string) bool {
	inside := false
	for i := 0; i < len(html); i++ {
		switch c := html[i]; {
		case c == '<':
			if strings.HasPrefix(html[i:], "<img") {
				return true
			}
			inside = true
		case c == '>':
			inside = false
		case !inside && c > ' ':
			return true
		}
	}
	return false
}

func (j *job) stillText(data notebook.Object) string {
	if text, ok := data["text/plain"].Text(); ok && strings.TrimSpace(text) != "" && len(text) < 10_000 {
		j.preText(text)
		return "text"
	}
	return "none"
}

// latex writes an output in LaTeX: formulas, with what text there is between them.
func (j *job) latex(text string) {
	trimmed := strings.TrimSpace(text)
	body, display := undelimited(trimmed)
	if body == trimmed && !strings.Contains(trimmed, "$") && !strings.Contains(trimmed, `\(`) {
		body, display = trimmed, true
	} else if strings.Contains(body, "$") {
		j.markdown(text, nil)
		return
	}
	// SymPy writes $\displaystyle …$.
	if rest, ok := strings.CutPrefix(body, `\displaystyle`); ok {
		body, display = rest, true
	}
	var b strings.Builder
	j.mathML(&b, body, display)
	j.styles.flush(j.w)
	j.str(`<div class="sx-latex">` + b.String() + "</div>\n")
}
