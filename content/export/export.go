// Package export turns notebooks into text that people use elsewhere: a script, or Markdown. It is pure.
//
// The forms are nbconvert's (https://nbconvert.readthedocs.io), so that what reads one reads the other.
package export

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"io"
	"regexp"
	"strings"

	"sextant/content/notebook"
)

// language is what a notebook's metadata says about its language.
type language struct {
	name, extension, mime string
}

// languageOf reads language_info; without it the kernel's language counts, and without that Python, as for Jupyter.
func languageOf(nb *notebook.Notebook) language {
	text := func(o notebook.Object, key string) string { s, _ := o[key].Text(); return s }
	info, spec := nb.Metadata["language_info"].Object(), nb.Metadata["kernelspec"].Object()
	l := language{name: text(info, "name"), extension: text(info, "file_extension"), mime: text(info, "mimetype")}
	if l.name == "" {
		l.name = text(spec, "language")
	}
	if l.name == "" && len(spec) == 0 {
		l.name = "python"
	}
	if l.extension == "" || strings.ContainsAny(l.extension, "/\\\x00") {
		l.extension = map[string]string{"python": ".py", "sql": ".sql", "r": ".r", "julia": ".jl", "scala": ".scala"}[strings.ToLower(l.name)]
	}
	if l.extension == "" {
		l.extension = ".txt"
	}
	return l
}

// comment is how a line of the language is made a comment.
func (l language) comment() string {
	switch strings.ToLower(l.name) {
	case "sql", "haskell", "lua":
		return "--"
	case "scala", "java", "c", "c++", "go", "javascript", "typescript", "rust", "kotlin":
		return "//"
	}
	return "#"
}

// ScriptExtension is the extension of a notebook's script, with its dot.
func ScriptExtension(nb *notebook.Notebook) string { return languageOf(nb).extension }

// Script writes a notebook as a script in its language: code as it stands, prose as comments, no output. A cell that is a
// magic of IPython's stays as it was written.
func Script(w io.Writer, nb *notebook.Notebook) error {
	b := bufio.NewWriter(w)
	l := languageOf(nb)
	mark := l.comment()
	if strings.EqualFold(l.name, "python") {
		fmt.Fprint(b, "#!/usr/bin/env python\n# coding: utf-8\n\n")
	}
	for _, c := range nb.Cells {
		switch c.Type {
		case notebook.Code:
			count := " "
			if c.ExecutionCount != nil {
				count = fmt.Sprint(*c.ExecutionCount)
			}
			fmt.Fprintf(b, "%s In[%s]:\n\n\n%s\n\n\n", mark, count, c.Source)
		case notebook.Markdown:
			for line := range strings.SplitSeq(c.Source, "\n") {
				fmt.Fprintf(b, "%s %s\n", mark, line)
			}
			fmt.Fprintln(b)
		}
	}
	return b.Flush()
}

// images are the types of output that Markdown shows as pictures.
var images = []string{"image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"}

// Markdown writes a notebook as Markdown: code in fences, text output indented, HTML as it is, and pictures within the text
// as data: addresses, so that one file is all there is.
func Markdown(w io.Writer, nb *notebook.Notebook) error {
	b := bufio.NewWriter(w)
	l := languageOf(nb)
	for _, c := range nb.Cells {
		switch c.Type {
		case notebook.Markdown:
			fmt.Fprintf(b, "%s\n\n", attached(c))
		case notebook.Raw:
			fmt.Fprintf(b, "%s\n\n", c.Source)
		case notebook.Code:
			if strings.TrimSpace(c.Source) != "" {
				fence := fenceFor(c.Source)
				fmt.Fprintf(b, "%s%s\n%s\n%s\n\n", fence, l.name, c.Source, fence)
			}
			for _, out := range c.Outputs {
				output(b, out)
			}
		}
	}
	return b.Flush()
}

// fenceFor is a fence that the text does not end.
func fenceFor(text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence
}

// attached is a cell's text with its attachments in place of their names.
func attached(c notebook.Cell) string {
	text := c.Source
	for name, bundle := range c.Attachments {
		for _, kind := range images {
			if data, ok := bundle.Object()[kind].Text(); ok {
				text = strings.ReplaceAll(text, "attachment:"+name, address(kind, data))
				break
			}
		}
	}
	return text
}

func address(kind, data string) string {
	if kind == "image/svg+xml" {
		data = base64.StdEncoding.EncodeToString([]byte(data))
	}
	return "data:" + kind + ";base64," + strings.NewReplacer("\n", "", "\r", "").Replace(data)
}

// escapes are the control sequences that terminals colour text by.
var escapes = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]")

func output(b *bufio.Writer, out notebook.Output) {
	switch out.Type() {
	case notebook.Stream:
		text, _ := out.Field("text").Text()
		indent(b, text)
		return
	case notebook.ErrorOutput:
		var lines []string
		for _, v := range out.Field("traceback").Array() {
			line, _ := v.Text()
			lines = append(lines, line)
		}
		if len(lines) == 0 {
			name, _ := out.Field("ename").Text()
			value, _ := out.Field("evalue").Text()
			lines = []string{name + ": " + value}
		}
		indent(b, strings.Join(lines, "\n"))
		return
	}
	data := out.Data()
	for _, kind := range images {
		if text, ok := data[kind].Text(); ok {
			fmt.Fprintf(b, "![%s](%s)\n\n", kind[len("image/"):], address(kind, text))
			return
		}
	}
	for _, kind := range []string{"text/html", "text/markdown", "text/latex"} {
		if text, ok := data[kind].Text(); ok {
			fmt.Fprintf(b, "%s\n\n", text)
			return
		}
	}
	if text, ok := data["text/plain"].Text(); ok {
		indent(b, text)
	}
}

func indent(b *bufio.Writer, text string) {
	for line := range strings.SplitSeq(strings.TrimRight(escapes.ReplaceAllString(text, ""), "\n"), "\n") {
		fmt.Fprintf(b, "    %s\n", line)
	}
	fmt.Fprintln(b)
}
