package render

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"sextant/content/notebook"
)

// Notebook writes a notebook as a fragment, cell by cell: the first ones are with w before the last are looked at. The
// error is that of w or ctx; what is wrong with the notebook is said in the page.
func (r *Renderer) Notebook(ctx context.Context, w io.Writer, nb *notebook.Notebook, o Options) (*Summary, error) {
	j := r.newJob(ctx, w, o)
	return j.finish(j.notebook(nb))
}

// Cell writes one cell of a notebook as [Renderer.Notebook] does, for a page that shows cells on their own.
func (r *Renderer) Cell(ctx context.Context, w io.Writer, nb *notebook.Notebook, index int, o Options) (*Summary, error) {
	j := r.newJob(ctx, w, o)
	j.about(nb)
	if index < 0 || index >= len(nb.Cells) {
		return j.finish(fmt.Errorf("the notebook has %d cells, none of number %d", len(nb.Cells), index))
	}
	j.str("<div class=\"sx\">\n")
	j.writeCell(&nb.Cells[index], index)
	j.str("</div>\n")
	return j.finish(nil)
}

// about takes from the notebook what concerns every cell.
func (j *job) about(nb *notebook.Notebook) {
	j.sum.Language = language(nb)
	j.sum.Kernel, _ = nb.Metadata["kernelspec"].Object()["display_name"].Text()
	j.sum.Kernel = clip(j.sum.Kernel, 200)
	j.lang = j.sum.Language
	j.widgets.source = nb.Metadata["widgets"]
}

// language is the name of the notebook's language in lower case. A notebook that names neither language nor kernel is
// taken for Python, as Jupyter does.
func language(nb *notebook.Notebook) string {
	info, spec := nb.Metadata["language_info"].Object(), nb.Metadata["kernelspec"].Object()
	name, _ := info["name"].Text()
	if name == "" {
		name, _ = spec["language"].Text()
	}
	if name == "" && len(spec) == 0 {
		name = "python"
	}
	return strings.ToLower(clip(name, 60))
}

// firstCells are handed on as soon as they are there; later ones as the buffer fills.
const firstCells = 8

func (j *job) notebook(nb *notebook.Notebook) error {
	j.about(nb)
	j.str("<div class=\"sx\">\n")
	for i := range nb.Cells {
		if err := j.ctx.Err(); err != nil {
			return err
		}
		j.cell = i
		if i >= j.limits.Cells {
			j.cell = -1
			j.cut("Showing %s of %s cells.", grouped(i), grouped(len(nb.Cells)))
			break
		}
		if why := j.full(); why != "" {
			j.cell = -1
			j.cut("%s of %s cells are left out: %s.", grouped(len(nb.Cells)-i), grouped(len(nb.Cells)), why)
			break
		}
		j.writeCell(&nb.Cells[i], i)
		if i < firstCells {
			if err := j.w.Flush(); err != nil {
				return err
			}
		}
	}
	j.cell = -1
	if len(nb.Cells) == 0 {
		j.str(`<p class="sx-note">This notebook has no cells.</p>` + "\n")
	}
	j.str("</div>\n")
	return nil
}

// wishes are what a cell's metadata asks of a viewer: JupyterLab's, Jupyter Book's and nbconvert's words for it.
type wishes struct {
	removeCell, removeInput, removeOutput bool
	hideCell, hideInput, hideOutput       bool
	scrolled                              bool
	parameters, injected                  bool
	tags                                  []string
}

func wishesOf(c *notebook.Cell) (w wishes) {
	if len(c.Metadata) == 0 {
		return w
	}
	is := func(v notebook.Value) bool { return v == "true" }
	lab := c.Metadata["jupyter"].Object()
	w.hideInput = is(lab["source_hidden"]) || is(c.Metadata["hide_input"]) || is(c.Metadata["inputHidden"])
	w.hideOutput = is(lab["outputs_hidden"]) || is(c.Metadata["collapsed"]) || is(c.Metadata["outputHidden"])
	w.scrolled = is(c.Metadata["scrolled"])
	for i, v := range c.Metadata["tags"].Array() {
		tag, ok := v.Text()
		if !ok || i >= 50 {
			continue
		}
		w.tags = append(w.tags, clip(tag, 100))
		switch strings.ReplaceAll(tag, "_", "-") {
		case "remove-cell":
			w.removeCell = true
		case "remove-input":
			w.removeInput = true
		case "remove-output":
			w.removeOutput = true
		case "hide-cell":
			w.hideCell = true
		case "hide-input":
			w.hideInput = true
		case "hide-output":
			w.hideOutput = true
		case "output-scroll", "scroll-output":
			w.scrolled = true
		case "parameters":
			w.parameters = true
		case "injected-parameters":
			w.injected = true
		}
	}
	return w
}

func (j *job) writeCell(c *notebook.Cell, index int) {
	w := wishesOf(c)
	if w.removeCell {
		return
	}
	kind := "sx-raw"
	switch c.Type {
	case notebook.Code:
		kind = "sx-code"
	case notebook.Markdown:
		kind = "sx-text-cell"
	}
	j.str(`<section class="sx-cell ` + kind + `" id="cell-`)
	j.text(c.ID)
	j.str(`"`)
	if len(w.tags) > 0 {
		j.str(` data-tags="`)
		j.text(strings.Join(w.tags, " "))
		j.str(`"`)
	}
	j.str(">\n")
	if w.hideCell {
		j.str(`<details class="sx-fold"><summary>Hidden cell</summary>` + "\n")
	}
	switch c.Type {
	case notebook.Markdown:
		if w.hideInput {
			j.str(`<details class="sx-fold"><summary>Hidden text</summary>` + "\n")
		}
		j.markdown(c.Source, c.Attachments)
		if w.hideInput {
			j.str("</details>\n")
		}
	case notebook.Code:
		j.codeCell(c, index, w)
	default:
		j.rawCell(c)
	}
	if w.hideCell {
		j.str("</details>\n")
	}
	j.str("</section>\n")
}

func (j *job) codeCell(c *notebook.Cell, index int, w wishes) {
	if !w.removeInput && strings.TrimSpace(c.Source) != "" {
		j.source(c, w)
	}
	if w.removeOutput || len(c.Outputs) == 0 {
		return
	}
	class := "sx-outs"
	if w.scrolled {
		class += " sx-scroll"
	}
	if w.hideOutput {
		j.str(fmt.Sprintf(`<details class="sx-fold"><summary>%s</summary>`+"\n", plural(len(c.Outputs), "hidden output")))
	}
	j.str(`<div class="` + class + `"`)
	if w.scrolled {
		j.str(` tabindex="0"`)
	}
	j.str(">\n")
	j.outputs(c, index)
	j.str("</div>\n")
	if w.hideOutput {
		j.str("</details>\n")
	}
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return grouped(n) + " " + what + "s"
}

// source writes a cell's code below a line that says its number and how long it ran, and that folds it.
func (j *job) source(c *notebook.Cell, w wishes) {
	j.str(`<details class="sx-source"`)
	if !w.hideInput && (!j.o.FoldCode || len(c.Outputs) == 0 && c.ExecutionCount == nil) {
		j.str(" open")
	}
	j.str(`><summary><span class="sx-count">`)
	switch {
	case c.ExecutionCount != nil:
		j.str(fmt.Sprintf("[%d]", *c.ExecutionCount))
	default:
		j.str("[ ]")
	}
	j.str("</span>")
	switch {
	case w.injected:
		j.str(` <span class="sx-tag">Run with these parameters</span>`)
	case w.parameters:
		j.str(` <span class="sx-tag">Parameters</span>`)
	}
	if took := runTime(c); took != "" {
		j.str(` <span class="sx-took">` + took + `</span>`)
	}
	j.str("</summary>\n")
	j.codeBlock(c.Source, cellLanguage(c, j.lang))
	j.str("</details>\n")
}

// codeBlock writes code, coloured, to be copied as it is.
func (j *job) codeBlock(source, language string) {
	shown := source
	if len(shown) > j.limits.Text {
		shown = clip(shown, j.limits.Text)
	}
	j.str(`<pre class="sx-pre" tabindex="0"><code>`)
	j.code(j.w, strings.TrimRight(shown, "\n"), language)
	j.str("</code></pre>\n")
	if len(shown) < len(source) {
		j.cut("Showing the first %s of %s of code.", size(int64(len(shown))), size(int64(len(source))))
	}
}

// cellLanguage is that of one cell: a magic may say that it is another than the notebook's.
func cellLanguage(c *notebook.Cell, usual string) string {
	rest, ok := strings.CutPrefix(c.Source, "%%")
	if !ok {
		if v, ok := c.Metadata["vscode"].Object()["languageId"].Text(); ok {
			return v
		}
		return usual
	}
	name, _, _ := strings.Cut(rest, "\n")
	name, _, _ = strings.Cut(strings.TrimSpace(name), " ")
	switch name {
	case "sql", "bigquery", "bash", "sh", "javascript", "js", "html", "latex", "R", "julia", "ruby", "perl", "markdown":
		if name == "bigquery" {
			return "sql"
		}
		return name
	}
	return usual
}

// runTime says how long a cell ran; "" if that is not stored.
func runTime(c *notebook.Cell) string {
	from, to := ranAt(c)
	if to.IsZero() {
		return ""
	}
	return duration(to.Sub(from))
}

// ranAt tells when a cell ran, from the times that JupyterLab, nbclient and Sextant store; zero if they are not there.
func ranAt(c *notebook.Cell) (from, to time.Time) {
	times := c.Metadata["execution"].Object()
	if times == nil {
		return time.Time{}, time.Time{}
	}
	at := func(names ...string) time.Time {
		for _, name := range names {
			if s, ok := times[name].Text(); ok {
				for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
					if t, err := time.Parse(layout, s); err == nil {
						return t
					}
				}
			}
		}
		return time.Time{}
	}
	from, to = at("iopub.execute_input", "iopub.status.busy", "shell.execute_reply.started"), at("shell.execute_reply", "iopub.status.idle")
	if from.IsZero() || to.IsZero() || to.Before(from) {
		return time.Time{}, time.Time{}
	}
	return from, to
}

// Ran tells when the last of a notebook's cells ended, and how long all that have stored their times ran in sum; zero
// where none has.
func Ran(nb *notebook.Notebook) (last time.Time, took time.Duration) {
	for i := range nb.Cells {
		from, to := ranAt(&nb.Cells[i])
		if to.After(last) {
			last = to
		}
		took += to.Sub(from)
	}
	return last, took
}

// Duration is a time for people: two digits that matter.
func Duration(d time.Duration) string { return duration(d) }

// Size is a length in bytes for people, in powers of 1,000.
func Size(n int64) string { return size(n) }

// duration is a time for people: two digits that matter.
func duration(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "< 1 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}

// rawCell writes a raw cell, in the form that its metadata names.
func (j *job) rawCell(c *notebook.Cell) {
	format, ok := c.Metadata["format"].Text()
	if !ok {
		format, _ = c.Metadata["raw_mimetype"].Text()
	}
	switch format {
	case "text/markdown":
		j.markdown(c.Source, c.Attachments)
	case "text/html":
		j.htmlOutput(c.Source)
	default:
		if strings.TrimSpace(c.Source) != "" {
			j.str(`<div class="sx-raw-text">`)
			j.preText(c.Source)
			j.str("</div>\n")
		}
	}
}
