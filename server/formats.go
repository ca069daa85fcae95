package server

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"sextant/content"
	"sextant/content/environment"
	"sextant/content/notebook"
)

// maxParsed bounds the notebooks that are read as such when they are saved: it takes some four times as much memory.
const maxParsed = 64 << 20

// maxSearched bounds the text of larger notebooks that is searched, without pictures and the like, which are left out
// before: reading it takes some four times as much memory too.
const maxSearched = 16 << 20

// formats says how documents are taken apart and searched.
func formats() map[content.Type]content.Format {
	var empty strings.Builder
	if err := notebook.Write(&empty, notebook.New()); err != nil { // a strings.Builder takes everything
		panic(err)
	}
	return map[content.Type]content.Format{content.Notebook: {Split: content.CutOutputs, Parse: parseNotebook, MaxParsed: maxParsed,
		Text: largeNotebookText, Empty: empty.String()},
		content.Environment: {Check: func(text []byte) error { _, err := environment.Parse(text); return err }, Text: specText},
		content.DataSource:  {Check: func(text []byte) error { _, err := environment.ParseSource(text); return err }, Text: specText}}
}

// specText makes a specification searchable.
func specText(r io.Reader) (source, outputs string, err error) {
	b, err := io.ReadAll(io.LimitReader(r, environment.MaxSize))
	return string(b), "", err
}

// parseNotebook gives the text of a notebook, and its normal form: nbformat 4.5 as Jupyter writes it, with an id on every
// cell. What cannot be read, or breaks the format's schema, is left as it came, with the first thing that is wrong.
func parseNotebook(text []byte) content.Parsed {
	nb, report, err := notebook.Read(text)
	if err != nil {
		return content.Parsed{Problem: err.Error()}
	}
	var out content.Parsed
	if n := len(report.Problems); n > 0 {
		out.Problem = "breaks the notebook format: " + report.Problems[0].String()
		if n > 1 {
			out.Problem += fmt.Sprintf(" (and %d more)", n-1)
		}
	} else {
		out.Write = func(w io.Writer) error { return notebook.Write(w, nb) }
	}
	out.Source, out.Outputs = passages(nb)
	return out
}

// largeNotebookText gives what is searched of a notebook that is too large to be parsed as it is.
func largeNotebookText(r io.Reader) (source, outputs string, err error) {
	text, err := io.ReadAll(io.LimitReader(notebook.TextOnly(r, content.MaxIndexedText), maxSearched+1))
	if err != nil {
		return "", "", err
	}
	if len(text) > maxSearched {
		return "", "", errors.New("its text is too large to be searched")
	}
	nb, _, err := notebook.Read(text)
	if err != nil {
		return "", "", err
	}
	source, outputs = passages(nb)
	return source, outputs, nil
}

// passages gives what is searched of a notebook: sources, and what runs left.
func passages(nb *notebook.Notebook) (source, outputs string) {
	var sources, results strings.Builder
	for _, p := range notebook.Passages(nb, content.MaxIndexedText/4, content.MaxIndexedText) {
		to := &sources
		if p.Kind == notebook.OutputPassage {
			to = &results
		}
		to.WriteString(p.Text)
		to.WriteByte('\n')
	}
	return sources.String(), results.String()
}
