package notebook

import (
	"fmt"
	"strings"
)

// cells reads the cells as those of version 4. What older versions have besides lands in Extra.
func (r *reader) cells(nb *Notebook) error {
	return r.eachItem(func(i int) error {
		if i >= r.limits.Cells {
			return r.tooMany("cells", r.limits.Cells)
		}
		c, err := r.cell(i)
		nb.Cells = append(nb.Cells, c)
		return err
	})
}

func (r *reader) tooMany(what string, limit int) error {
	return &ReadError{Err: ErrTooLarge, Place: r.place.String(), Detail: fmt.Sprintf("more than %d %s", limit, what)}
}

func (r *reader) cell(index int) (Cell, error) {
	c := Cell{}
	seen := map[string]bool{}
	outputsAt, asCode, count := 0, false, Value("")
	before := r.outputs
	err := r.each(func(key string) error {
		seen[key] = true
		switch key {
		case "cell_type":
			text, err := r.text()
			c.Type = CellType(text)
			return err
		case "id":
			v, err := r.value()
			c.ID, _ = v.Text()
			return err
		case "source":
			return r.source(&c)
		case "metadata":
			v, err := r.value()
			if err == nil {
				if c.Metadata = v.Object(); c.Metadata == nil {
					return r.invalid("not an object")
				}
				c.Trusted = c.Metadata["trusted"] == "true"
				delete(c.Metadata, "trusted")
			}
			return err
		case "attachments":
			if r.next() != '{' {
				return r.instead("an object")
			}
			c.Attachments = Object{}
			return r.scanner.each(func(name string) (err error) {
				c.Attachments[name], err = r.bundle()
				return err
			})
		case "outputs":
			outputsAt, r.outputs, c.Outputs = r.pos, before, nil
			delete(c.Extra, key)
			asCode = c.Type == Code // or as any value, until the type has come
			return r.cellOutputs(&c, asCode)
		case "execution_count":
			v, err := r.value()
			count = v
			return err
		}
		v, err := r.value()
		c.addExtra(key, v)
		return err
	})
	if err != nil {
		return c, err
	}
	if !seen["cell_type"] {
		r.place = append(r.place, "cell_type")
		return c, r.invalid("missing")
	}
	if isCode := c.Type == Code; seen["outputs"] && isCode != asCode {
		// The type came after the outputs, or came twice.
		end := r.pos
		r.pos, r.outputs, c.Outputs = outputsAt, before, nil
		delete(c.Extra, "outputs")
		r.place = append(r.place, "outputs")
		if err := r.cellOutputs(&c, isCode); err != nil {
			return c, err
		}
		r.place = r.place[:len(r.place)-1]
		r.pos = end
	}
	if seen["execution_count"] {
		if c.Type != Code {
			c.addExtra("execution_count", count)
		} else if err := r.count(&c, count); err != nil {
			return c, err
		}
	}
	if c.Metadata == nil {
		c.Metadata = Object{}
	}
	required := []string{"metadata", "source"}
	if c.Type == Code {
		required = append(required, "outputs", "execution_count")
	}
	for _, name := range required {
		if !seen[name] {
			r.absent = append(r.absent, missing{index, name})
		}
	}
	return c, nil
}

func (c *Cell) addExtra(key string, v Value) {
	if c.Extra == nil {
		c.Extra = Object{}
	}
	c.Extra[key] = v
}

// cellOutputs reads the field outputs, which means something only in a code cell.
func (r *reader) cellOutputs(c *Cell, asCode bool) error {
	if !asCode {
		v, err := r.value()
		c.addExtra("outputs", v)
		return err
	}
	return r.eachItem(func(int) error {
		if r.outputs++; r.outputs > r.limits.Outputs {
			return r.tooMany("outputs", r.limits.Outputs)
		}
		out, err := r.output()
		c.Outputs = append(c.Outputs, out)
		return err
	})
}

// text reads a string.
func (r *reader) text() (string, error) {
	if r.next() != '"' {
		return "", r.instead("a string")
	}
	v, err := r.value()
	if err != nil {
		return "", err
	}
	text, _ := v.Text()
	return text, nil
}

// source reads the cell's text, which is decoded: it is what programs work on.
func (r *reader) source(c *Cell) (err error) {
	if r.buf, _, err = r.appendLines(r.buf[:0]); err != nil {
		return err
	}
	if string(r.buf) == "null" {
		c.Source = ""
		r.repaired(r.place, "null; taken as empty")
		return nil
	}
	if r.buf[0] != '"' {
		return r.invalid("not a string or an array of strings")
	}
	var lone bool
	if c.Source, lone = unquote(string(r.buf)); lone {
		r.repaired(r.place, "half of a surrogate pair replaced by U+FFFD")
	}
	return nil
}

func (r *reader) count(c *Cell, v Value) error {
	if v == "null" {
		return nil
	}
	n, ok := wholeNumber(v)
	if !ok {
		r.place = append(r.place, "execution_count")
		return r.invalid("it is %s, not an integer or null", clip(v))
	}
	c.ExecutionCount = &n
	return nil
}

// bundle reads a MIME bundle, joining multi-line strings.
func (r *reader) bundle() (Value, error) {
	var err error
	if r.buf, _, err = r.appendBundle(r.buf[:0]); err != nil {
		return "", err
	}
	return Value(r.buf), nil
}

// appendBundle appends a MIME bundle. joined says that it joined a multi-line string. What is not an object is
// appended as it is.
func (s *scanner) appendBundle(dst []byte) (_ []byte, joined bool, err error) {
	if s.next() != '{' {
		dst, err = s.appendValue(dst)
		return dst, false, err
	}
	dst, err = s.appendObject(dst, func(key, dst []byte) ([]byte, error) {
		if jsonMIME(key) {
			return s.appendValue(dst)
		}
		dst, did, err := s.appendLines(dst)
		joined = joined || did
		return dst, err
	})
	return dst, joined, err
}

// jsonMIME says whether values of a MIME type are JSON, by the rule of nbformat's reader.
func jsonMIME[T string | []byte](mime T) bool {
	const tree, suffix = "application/", "+json"
	m := string(mime)
	return m == "application/json" || strings.HasPrefix(m, tree) && strings.HasSuffix(m, suffix)
}

// output reads one output. Which of its strings may be multi-line depends on output_type, which comes after them: it
// guesses, and reads again if that was wrong.
func (r *reader) output() (Output, error) {
	if r.next() != '{' {
		return Output{}, r.instead("an object")
	}
	at, lone := r.pos, r.lone
	out, joinedData, joinedText, err := r.outputAs(true, true)
	if err != nil {
		return out, err
	}
	if display := out.display(); display && joinedText || !display && joinedData {
		r.pos, r.lone = at, lone
		out, _, _, err = r.outputAs(display, !display)
	}
	return out, err
}

func (r *reader) outputAs(joinData, joinText bool) (out Output, joinedData, joinedText bool, err error) {
	typed := false
	r.buf, err = r.appendObject(r.buf[:0], func(key, dst []byte) ([]byte, error) {
		switch {
		case string(key) == "data" && joinData:
			dst, joinedData, err = r.appendBundle(dst)
			return dst, err
		case string(key) == "text" && joinText:
			dst, joinedText, err = r.appendLines(dst)
			return dst, err
		case string(key) == "output_type":
			at := len(dst)
			if dst, err = r.appendValue(dst); err != nil {
				return dst, err
			}
			if dst[at] != '"' {
				r.place = append(r.place, "output_type")
				return dst, r.invalid("not a string")
			}
			kind, _ := unquote(string(dst[at:]))
			out.kind, typed = OutputType(kind), true
			return dst, nil
		}
		return r.appendValue(dst)
	})
	if err == nil && !typed {
		r.place = append(r.place, "output_type")
		err = r.invalid("missing")
	}
	if err == nil {
		out.json = Value(r.buf)
	}
	return out, joinedData, joinedText, err
}

// noteAbsent reports the fields that a version 4 cell must have and that were filled in.
func (r *reader) noteAbsent() {
	for _, m := range r.absent {
		r.repaired(place{"cells", m.cell, m.name}, "missing")
	}
}
