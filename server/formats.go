package server

import (
	"fmt"
	"io"
	"strings"

	"sextant/content"
	"sextant/content/environment"
	"sextant/content/notebook"
)

// maxParsed bounds the notebooks that are read as such when they are saved: it takes some four times as much memory.
const maxParsed = 64 << 20

// formats says how documents are taken apart and searched.
func formats() map[content.Type]content.Format {
	var empty strings.Builder
	if err := notebook.Write(&empty, notebook.New()); err != nil { // a strings.Builder takes everything
		panic(err)
	}
	return map[content.Type]content.Format{content.Notebook: {Split: content.CutOutputs, Parse: parseNotebook, MaxParsed: maxParsed,
		Empty: empty.String()},
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
	var sources, results strings.Builder
	for _, p := range notebook.Passages(nb, content.MaxIndexedText/4, content.MaxIndexedText) {
		to := &sources
		if p.Kind == notebook.OutputPassage {
			to = &results
		}
		to.WriteString(p.Text)
		to.WriteByte('\n')
	}
	out.Source, out.Outputs = sources.String(), results.String()
	return out
}
