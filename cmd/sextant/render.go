package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"sextant/content/export"
	"sextant/content/notebook"
	"sextant/content/render"
)

type renderCommand struct {
	File string `arg:"" type:"path" help:"A notebook, SQL script, Markdown, CSV, JSON, picture or text; no server is needed."`
	To   string `enum:"html,md,pdf" default:"html" help:"What to make of it: html, one file that needs no other; md, Markdown (of notebooks); pdf, printed by a browser of this machine."`
	Out  string `short:"o" placeholder:"FILE" help:"Where to write; default: beside the file, with its name and the new extension. - is the standard output."`
	All  bool   `help:"Show everything, also what is too long to be read."`
	Fold bool   `help:"Fold the code of cells that have run."`

	Browser string `env:"SEXTANT_BROWSER" placeholder:"PROGRAM" help:"The Chromium, Chrome or Edge that prints; default: what is found."`
}

// maxRendered is the length of the longest file that is read: what content/notebook reads, too.
const maxRendered = 256 << 20

// Run renders one file.
func (c *renderCommand) Run(t *terminal) (err error) {
	text, err := readFile(c.File, maxRendered)
	if err != nil {
		return err
	}
	out := c.Out
	if out == "" {
		out = strings.TrimSuffix(c.File, filepath.Ext(c.File)) + "." + c.To
		if out == c.File {
			return fmt.Errorf("%s is what it would be written to: name another with -o", c.File)
		}
	}
	if out == "-" {
		return c.write(t, t.out, text)
	}
	// What was there stays until the new file is whole.
	f, err := os.CreateTemp(filepath.Dir(out), ".sextant-render-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if err := c.write(t, f, text); err != nil {
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), out)
}

func (c *renderCommand) write(t *terminal, w io.Writer, text []byte) error {
	switch c.To {
	case "pdf":
		return printPDF(t.ctx, c.Browser, w, func(w io.Writer) error { return c.page(t, w, text) })
	case "md":
		nb, _, err := notebook.Read(text)
		if err != nil {
			return fmt.Errorf("%s: only notebooks become Markdown: %w", c.File, err)
		}
		return export.Markdown(w, nb)
	}
	return c.page(t, w, text)
}

func (c *renderCommand) page(t *terminal, w io.Writer, text []byte) error {
	// One document and then no more: collecting early keeps the process small, and costs less than the reading.
	debug.SetGCPercent(25)
	r := render.New(render.Config{})
	defer r.Close()
	summary, err := r.Page(t.ctx, w, render.Document{Name: filepath.Base(c.File), Content: text}, render.PageOptions{
		Options: render.Options{All: c.All, FoldCode: c.Fold, Link: beside(filepath.Dir(c.File))},
	})
	if err != nil {
		return err
	}
	for _, cut := range summary.Cuts {
		fmt.Fprintln(t.errOut, "sextant: "+cutPlace(cut)+cut.Text)
	}
	return nil
}

func cutPlace(c render.Cut) string {
	if c.Cell < 0 {
		return ""
	}
	return fmt.Sprintf("cell %d: ", c.Cell+1)
}

func readFile(name string, limit int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, fmt.Errorf("%s is a folder; name a file", name)
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%s has %d bytes; at most %d are rendered", name, info.Size(), limit)
	}
	text := make([]byte, 0, info.Size()+512)
	for {
		if len(text) == cap(text) {
			text = append(text, 0)[:len(text)]
		}
		n, err := f.Read(text[len(text):cap(text)])
		if text = text[:len(text)+n]; int64(len(text)) > limit {
			return nil, fmt.Errorf("%s has more than %d bytes, which is the most that is rendered", name, limit)
		}
		if errors.Is(err, io.EOF) {
			return text, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

const maxPicture = 16 << 20

// beside puts pictures that lie below the file's folder into the page, which then needs no other file. Links stay.
func beside(folder string) func(ref string, picture bool) string {
	root, err := os.OpenRoot(folder)
	return func(ref string, picture bool) string {
		if !picture {
			return ref
		}
		if err != nil || strings.Contains(ref, ":") {
			return ""
		}
		name := filepath.FromSlash(strings.TrimPrefix(ref, "./"))
		f, err := root.Open(name)
		if err != nil {
			return ""
		}
		defer func() { _ = f.Close() }()
		info, err := f.Stat()
		if err != nil || !info.Mode().IsRegular() || info.Size() > maxPicture {
			return ""
		}
		text, err := io.ReadAll(io.LimitReader(f, maxPicture))
		if err != nil {
			return ""
		}
		kind := http.DetectContentType(text)
		if strings.EqualFold(filepath.Ext(name), ".svg") {
			kind = "image/svg+xml"
		}
		if !strings.HasPrefix(kind, "image/") {
			return ""
		}
		return "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(text)
	}
}
