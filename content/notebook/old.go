package notebook

import (
	"strings"
)

// upgradeFirst makes the cells of a version 1 notebook those of version 4, by the way of 2 and 3 as nbformat does: it
// knows only code and text, and keeps nothing else, the metadata included.
func upgradeFirst(nb *Notebook, r *reader) {
	nb.Metadata, nb.Extra = Object{}, nil
	cells := nb.Cells
	nb.Cells = nil
	for i, c := range cells {
		switch c.Type {
		case "code":
			source, _ := c.Extra["code"].Text()
			up := Cell{Type: Code, Source: source, Metadata: Object{"collapsed": "false"}}
			if n, ok := wholeNumber(c.Extra["prompt_number"]); ok {
				up.ExecutionCount = &n
			}
			nb.Cells = append(nb.Cells, up)
		case "text":
			source, _ := c.Extra["text"].Text()
			nb.Cells = append(nb.Cells, Cell{Type: Markdown, Source: source, Metadata: Object{}})
		default:
			r.repaired(place{"cells", i}, "left out: version 1 has no %q cells", c.Type)
		}
	}
}

// worksheets reads the cells of a version 2 or 3 notebook. Several worksheets, which no tool ever showed, become one
// sequence of cells.
func (r *reader) worksheets(nb *Notebook, sheets Value) error {
	delete(nb.Metadata, "name")
	if sheets != "" && sheets.Array() == nil {
		r.place = place{"worksheets"}
		return r.invalid("not an array")
	}
	for i, sheet := range sheets.Array() {
		cells := sheet.Object()["cells"]
		r.place = place{"worksheets", i, "cells"}
		if cells.Array() == nil {
			return r.invalid("not an array")
		}
		for j, cell := range cells.Array() {
			r.place = place{"worksheets", i, "cells", j}
			if len(nb.Cells) >= r.limits.Cells {
				return r.tooMany("cells", r.limits.Cells)
			}
			c, err := r.oldCell(cell)
			if err != nil {
				return err
			}
			nb.Cells = append(nb.Cells, c)
		}
	}
	r.place = nil
	return nil
}

// oldCell converts a cell: input and prompt_number were source and execution_count, and headings were cells.
func (r *reader) oldCell(cell Value) (Cell, error) {
	o := cell.Object()
	if o == nil {
		return Cell{}, r.invalid("not an object")
	}
	take := func(key string) Value {
		v := o[key]
		delete(o, key)
		return v
	}
	kind, ok := take("cell_type").Text()
	if !ok {
		r.place = append(r.place, "cell_type")
		return Cell{}, r.invalid("missing")
	}
	c := Cell{Type: CellType(kind), Metadata: take("metadata").Object()}
	if c.Metadata == nil {
		c.Metadata = Object{}
	}
	delete(c.Metadata, "trusted")
	delete(o, "trusted")
	sourceKey := "source"
	if c.Type == Code {
		sourceKey = "input"
	}
	source := r.oldLines(take(sourceKey))
	var whole bool
	if c.Source, whole = source.Text(); source != "" && !whole {
		r.place = append(r.place, sourceKey)
		return c, r.invalid("not a string or an array of strings")
	}
	switch c.Type {
	case Code:
		take("language")
		if v, ok := o["collapsed"]; ok {
			c.Metadata["collapsed"] = v
			delete(o, "collapsed")
		}
		if n, ok := wholeNumber(take("prompt_number")); ok {
			c.ExecutionCount = &n
		}
		outputs := take("outputs")
		for i, out := range outputs.Array() {
			r.place = append(r.place, "outputs", i)
			if r.outputs++; r.outputs > r.limits.Outputs {
				return c, r.tooMany("outputs", r.limits.Outputs)
			}
			up, err := r.oldOutput(out)
			if err != nil {
				return c, err
			}
			c.Outputs = append(c.Outputs, up)
			r.place = r.place[:len(r.place)-2]
		}
	case "heading":
		level, ok := wholeNumber(take("level"))
		if !ok {
			level = 1
		}
		// Markdown has six levels.
		level = min(max(level, 1), 6)
		c.Type = Markdown
		c.Source = strings.Repeat("#", int(level)) + " " + strings.Join(lines(c.Source, false), " ")
	case "html":
		c.Type = Markdown
	}
	// What version 4 gave a meaning to has it here, too: so it is read when it comes back from a file.
	c.ID, _ = take("id").Text()
	if attached := take("attachments"); attached != "" {
		if c.Attachments = attached.Object(); c.Attachments == nil {
			r.place = append(r.place, "attachments")
			return c, r.invalid("not an object")
		}
		for name, v := range c.Attachments {
			sub, err := newScanner([]byte(v), DefaultLimits().Depth)
			if err != nil {
				return c, err
			}
			if c.Attachments[name], err = (&reader{scanner: sub}).bundle(); err != nil {
				return c, err
			}
		}
	}
	if c.Type == Code { // these had other names
		delete(o, "source")
		delete(o, "execution_count")
	}
	if rendered, ok := o["rendered"]; ok {
		o["rendered"] = r.oldLines(rendered)
	}
	if len(o) > 0 {
		c.Extra = o
	}
	return c, nil
}

// oldOutput converts an output: its data lay beside its other fields, under short names for the MIME types.
func (r *reader) oldOutput(out Value) (Output, error) {
	o := out.Object()
	if o == nil {
		return Output{}, r.invalid("not an object")
	}
	for _, key := range []string{"text", "html", "svg", "latex", "javascript", "json"} {
		if v, ok := o[key]; ok {
			o[key] = r.oldLines(v)
		}
	}
	kind, ok := o["output_type"].Text()
	if !ok {
		r.place = append(r.place, "output_type")
		return Output{}, r.invalid("missing")
	}
	switch kind {
	case "pyout", "display_data":
		up := Object{"metadata": objectValue(mimeKeys(o["metadata"].Object()))}
		if kind == "pyout" {
			kind = string(ExecuteResult)
			count := o["prompt_number"]
			if count == "" {
				count = "null"
			}
			delete(o, "prompt_number")
			up["execution_count"] = count
		} else if count, ok := o["execution_count"]; ok {
			up["execution_count"] = count
		}
		for _, key := range []string{"output_type", "execution_count", "metadata"} {
			delete(o, key)
		}
		data := mimeKeys(o)
		if text, ok := data["application/json"].Text(); ok {
			if v, err := ParseValue([]byte(text)); err == nil {
				data["application/json"] = v
			}
		}
		up["data"] = objectValue(data)
		o = up
	case "pyerr":
		kind = string(ErrorOutput)
	case "stream":
		name, ok := o["stream"]
		if !ok {
			name = StringValue("stdout")
		}
		delete(o, "stream")
		o["name"] = name
	}
	// Read as a version 4 output it is as it will be when it comes back from a file.
	return NewOutput([]byte(newOutput(OutputType(kind), o).json))
}

// mimeKeys replaces the short names of version 3 by MIME types.
func mimeKeys(o Object) Object {
	for short, mime := range map[string]string{
		"text": "text/plain", "html": "text/html", "svg": "image/svg+xml", "png": "image/png", "jpeg": "image/jpeg",
		"latex": "text/latex", "json": "application/json", "javascript": "application/javascript",
	} {
		if v, ok := o[short]; ok {
			o[mime] = v
			delete(o, short)
		}
	}
	return o
}

// oldLines joins a multi-line string as its version wrote it: 2 without line ends, 3 with or, by some tools, without.
func (r *reader) oldLines(v Value) Value {
	items := v.Array()
	if items == nil {
		return v
	}
	texts := make([]string, len(items))
	for i, item := range items {
		text, ok := item.Text()
		if !ok {
			return v
		}
		texts[i] = text
	}
	if r.report.Major == 3 && len(texts) > 0 && strings.HasSuffix(strings.ReplaceAll(texts[0], "\r", "\n"), "\n") {
		return StringValue(strings.Join(texts, ""))
	}
	return StringValue(strings.Join(texts, "\n"))
}

// lines splits text as Python's str.splitlines does, with the line ends or without.
func lines(text string, keepEnds bool) []string {
	quoted := string(appendQuoted(nil, text))
	var out []string
	for body := quoted[1 : len(quoted)-1]; body != ""; {
		n := lineEnd(body)
		line, _ := unquote(`"` + body[:n] + `"`)
		if !keepEnds {
			line = strings.TrimRight(line, "\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029")
		}
		out = append(out, line)
		body = body[n:]
	}
	return out
}
