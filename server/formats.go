package server

import (
	"errors"
	"io"
	"strings"

	"sextant/content"
	"sextant/content/notebook"
)

// maxSearched bounds the text of notebooks that are searched, without pictures and the like, which are left out before:
// reading it takes about its size in memory.
const maxSearched = 64 << 20

// formats says how documents are taken apart and searched.
func formats() map[content.Type]content.Format {
	return map[content.Type]content.Format{content.Notebook: {Split: content.CutOutputs, Text: notebookText}}
}

// notebookText gives what is searched of a notebook: sources, and what runs left.
func notebookText(r io.Reader) (source, outputs string, err error) {
	text, err := io.ReadAll(io.LimitReader(notebook.TextOnly(r, content.MaxIndexedText), maxSearched+1))
	if err != nil {
		return "", "", err
	}
	if len(text) > maxSearched {
		return "", "", errors.New("too large to be searched")
	}
	nb, _, err := notebook.Read(text)
	if err != nil {
		return "", "", err
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
	return sources.String(), results.String(), nil
}
