package pages

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"sextant/content"
	"sextant/content/notebook"
	"sextant/content/render"
)

// maxCompared bounds each side of a comparison: both are in memory at once.
const maxCompared = 64 << 20

// line is one line of a text that changed: kept, gone or new. Between pieces that are not shown stands a gap.
type line struct {
	// Kind is " ", "-", "+" or "…".
	Kind     string
	Old, New int
	Text     string
}

// shownChange is what became of one cell, or of a whole text.
type shownChange struct {
	// Same is how many cells in a row are as they were; then nothing else is set.
	Same int
	// Op is changed, added or removed; Title says which cell.
	Op, Title string
	Moved     bool
	Lines     []line
	Keys      []string
	// Before and After are the outputs, where they differ.
	Outputs       bool
	Before, After template.HTML
}

// diffPage compares two revisions.
type diffPage struct {
	*view
	From, To content.Revision
	Changes  []shownChange
	Problem  string
}

// diff answers with a comparison: /diff/{a}..{b}, each a revision's id.
func (p *Pages) diff(w http.ResponseWriter, r *http.Request) error {
	ctx, ask := r.Context(), askedOf(r)
	a, b, ok := strings.Cut(r.PathValue("pair"), "..")
	if !ok || a == "" || b == "" {
		return p.refuse(w, r, content.ErrNotFound)
	}
	select {
	case p.comparing <- struct{}{}:
		defer func() { <-p.comparing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	v, err := p.around(r, ask)
	if err != nil {
		return p.refuse(w, r, err)
	}
	v.Nonce = p.nonce(string(v.Revision.ID))
	page := diffPage{view: v}
	from, err := p.side(ctx, ask.id, content.RevisionID(a))
	if err != nil {
		return p.refuse(w, r, err)
	}
	to, err := p.side(ctx, ask.id, content.RevisionID(b))
	if err != nil {
		return p.refuse(w, r, err)
	}
	page.From, page.To = from.Revision, to.Revision
	if err := p.call(ctx, v.Names, page.From.Author, page.To.Author); err != nil {
		return err
	}
	x, y := notebookOf(from.Reading, from.text), notebookOf(to.Reading, to.text)
	switch {
	case bytes.Equal(from.text, to.text):
	case x != nil && y != nil:
		if page.Changes, err = p.cells(ctx, x, y, v.Nonce); err != nil {
			return err
		}
	case !plain(from.text) || !plain(to.text):
		page.Problem = "At least one of these revisions is not text: they differ, and that is all there is to say."
	default:
		page.Changes = []shownChange{{Op: string(notebook.ChangedCell), Lines: lines(string(from.text), notebook.DiffText(string(from.text), string(to.text)))}}
	}
	return p.show(w, r, "diff.html", page, v)
}

type side struct {
	*content.Reading
	text []byte
}

func (p *Pages) side(ctx context.Context, id content.ResourceID, which content.RevisionID) (side, error) {
	reading, err := p.o.Service.Read(ctx, id, content.ReadOptions{Revision: which})
	if err != nil {
		return side{}, err
	}
	defer func() { _ = reading.Body.Close() }() // it only releases
	if reading.Size > maxCompared {
		return side{}, fmt.Errorf("%w: at most %d bytes can be compared", content.ErrTooLarge, maxCompared)
	}
	text, err := io.ReadAll(reading.Body)
	return side{reading, text}, err
}

func plain(text []byte) bool { return utf8.Valid(text) && bytes.IndexByte(text, 0) < 0 }

// context is how many lines around a change are shown.
const around = 3

// lines are the changes of a text with some of what stays around them.
func lines(old string, changes []notebook.LineChange) []line {
	all := strings.Split(old, "\n")
	var out []line
	at, shift := 0, 0 // the next old line, and how much further down its place in the new text is
	keep := func(from, to int) {
		for ; from < to; from++ {
			out = append(out, line{" ", from + 1, from + 1 + shift, all[from]})
		}
	}
	for i, c := range changes {
		begin := max(at, c.Start-around)
		if begin > at {
			out = append(out, line{Kind: "…"})
		}
		keep(begin, c.Start)
		for n, text := range c.Old {
			out = append(out, line{"-", c.Start + n + 1, 0, text})
		}
		for n, text := range c.New {
			out = append(out, line{"+", 0, c.Start + shift + n + 1, text})
		}
		at = c.Start + len(c.Old)
		shift += len(c.New) - len(c.Old)
		end := min(len(all), at+around)
		if i+1 < len(changes) {
			end = min(end, changes[i+1].Start)
		}
		keep(at, end)
		at = end
	}
	if at < len(all) && len(changes) > 0 {
		out = append(out, line{Kind: "…"})
	}
	return out
}

// whole is a text that is all new or all gone.
func whole(kind, text string) []line {
	var out []line
	for i, one := range strings.Split(text, "\n") {
		l := line{Kind: kind, Text: one}
		if kind == "+" {
			l.New = i + 1
		} else {
			l.Old = i + 1
		}
		out = append(out, l)
	}
	return out
}

// cells compares two notebooks, cell by cell.
func (p *Pages) cells(ctx context.Context, x, y *notebook.Notebook, nonce string) ([]shownChange, error) {
	patch := notebook.Diff(x, y)
	var out []shownChange
	if len(patch.Metadata)+len(patch.Extra) > 0 {
		out = append(out, shownChange{Op: string(notebook.ChangedCell), Title: "The notebook itself", Keys: keys(patch.Metadata, patch.Extra)})
	}
	for i, c := range patch.Cells {
		if c.Op == notebook.SameCell && !c.Moved {
			if last := len(out) - 1; last >= 0 && out[last].Same > 0 {
				out[last].Same++
			} else {
				out = append(out, shownChange{Same: 1})
			}
			continue
		}
		s := shownChange{Op: string(c.Op), Moved: c.Moved, Keys: keys(c.Metadata, c.Attachments, c.Extra)}
		if c.NewType != "" {
			s.Keys = append(s.Keys, "type: "+string(c.NewType))
		}
		var before, after *notebook.Cell
		if c.From >= 0 {
			before = &x.Cells[c.From]
			s.Title = fmt.Sprintf("Cell %d", c.From+1)
		}
		if c.To >= 0 {
			after = &y.Cells[c.To]
			s.Title = fmt.Sprintf("Cell %d", c.To+1)
		}
		switch c.Op {
		case notebook.AddedCell:
			s.Lines = whole("+", after.Source)
		case notebook.RemovedCell:
			s.Lines = whole("-", before.Source)
		default:
			s.Lines = lines(before.Source, c.Source)
		}
		if len(c.Outputs) > 0 || c.Op == notebook.AddedCell && len(after.Outputs) > 0 || c.Op == notebook.RemovedCell && len(before.Outputs) > 0 {
			s.Outputs = true
			var err error
			if s.Before, err = p.outputs(ctx, x, before, nonce, fmt.Sprintf("%da", i)); err != nil {
				return nil, err
			}
			if s.After, err = p.outputs(ctx, y, after, nonce, fmt.Sprintf("%db", i)); err != nil {
				return nil, err
			}
		}
		out = append(out, s)
	}
	return out, nil
}

// outputs renders what a cell put out, without its code. part is another for each on a page.
func (p *Pages) outputs(ctx context.Context, of *notebook.Notebook, c *notebook.Cell, nonce, part string) (template.HTML, error) {
	if c == nil || len(c.Outputs) == 0 {
		return "", nil
	}
	only := *c
	only.ID, only.Source, only.Metadata = part, "", nil
	nb := &notebook.Notebook{Metadata: of.Metadata, Cells: []notebook.Cell{only}}
	var b bytes.Buffer
	_, err := p.o.Renderer.Cell(ctx, &b, nb, 0, render.Options{Nonce: nonce, Part: part, Limits: render.Limits{Bytes: 4 << 20}})
	return template.HTML(b.String()), err //nolint:gosec // it is what the renderer makes safe
}

func keys(of ...[]notebook.KeyChange) []string {
	var out []string
	for _, list := range of {
		for _, k := range list {
			out = append(out, k.Key)
		}
	}
	return out
}
