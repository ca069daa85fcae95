package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"sextant/content/notebook"
	"sextant/server/api"
	"sextant/server/client"
)

type diffCommand struct {
	onResource
	From  string `placeholder:"ID" help:"A revision; default: the one before the newest."`
	To    string `placeholder:"ID" help:"A revision; default: the newest."`
	Other string `arg:"" optional:"" predictor:"remote" help:"Another document to compare it with."`
}

// Run compares two revisions, cell by cell for notebooks, line by line for other text.
func (c *diffCommand) Run(t *terminal) error {
	server, r, err := c.resource(t)
	if err != nil {
		return err
	}
	query := url.Values{}
	for name, value := range map[string]string{"from": c.From, "to": c.To} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if c.Other != "" {
		other, err := server.Resolve(t.ctx, c.Other)
		if err != nil {
			return fmt.Errorf("%s: %w", c.Other, err)
		}
		query.Set("otherId", other.ID)
		if c.From == "" {
			query.Set("from", r.Revision)
		}
	}
	var raw json.RawMessage
	if err := server.Call(t.ctx, client.Request{Method: http.MethodGet, Path: client.Path("resources", r.ID, "diff"), Query: query}, &raw); err != nil {
		return err
	}
	if c.JSON {
		_, err := fmt.Fprintf(t.out, "%s\n", raw)
		return err
	}
	var d api.Diff
	if err := json.Unmarshal(raw, &d); err != nil {
		return err
	}
	if d.Same {
		return nil
	}
	out := clean{t.out}
	fmt.Fprintf(out, "--- revision %d by %s\n+++ revision %d by %s\n", d.From.Number, d.From.Author, d.To.Number, d.To.Author)
	if d.Lines != nil {
		return printLines(out, *d.Lines)
	}
	for _, cell := range d.Cells.Cells {
		if err := printCell(out, cell); err != nil {
			return err
		}
	}
	return nil
}

func printCell(w io.Writer, c notebook.CellChange) error {
	if c.Op == notebook.SameCell && !c.Moved {
		return nil
	}
	moved := ""
	if c.Moved {
		moved = fmt.Sprintf(", moved from %d to %d", c.From, c.To)
	}
	if _, err := fmt.Fprintf(w, "cell %s %s%s\n", c.ID, c.Op, moved); err != nil {
		return err
	}
	if c.Cell != nil {
		return printLines(w, []notebook.LineChange{{New: strings.Split(c.Cell.Source, "\n")}})
	}
	if len(c.Outputs) > 0 {
		if _, err := fmt.Fprintf(w, "  %d outputs changed\n", len(c.Outputs)); err != nil {
			return err
		}
	}
	return printLines(w, c.Source)
}

func printLines(w io.Writer, changes []notebook.LineChange) error {
	var b strings.Builder
	for _, c := range changes {
		fmt.Fprintf(&b, "@@ line %d @@\n", c.Start+1)
		for _, line := range c.Old {
			fmt.Fprintf(&b, "-%s\n", line)
		}
		for _, line := range c.New {
			fmt.Fprintf(&b, "+%s\n", line)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// clean writes text without control characters other than line ends and tabs: what others wrote must not steer the
// terminal.
type clean struct{ w io.Writer }

// Write implements io.Writer.
func (c clean) Write(p []byte) (int, error) {
	text := strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '�'
		}
		return r
	}, string(p))
	_, err := io.WriteString(c.w, text)
	return len(p), err
}

// printChanges prints a stream of changes until it ends, and tells where it was.
func printChanges(t *terminal, f *remoteFlags, r io.Reader, since string) (string, error) {
	lines := json.NewDecoder(r)
	for {
		var c api.Changes
		if err := lines.Decode(&c); err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return since, nil // the server ends streams; the next one goes on from here
			}
			return since, err
		}
		since = c.Next
		p := f.printer(t)
		for _, change := range c.Changes {
			if err := p.add(change, change.At, change.Kind, change.ResourceID, change.Actor); err != nil {
				return since, err
			}
		}
		if err := p.close(); err != nil {
			return since, err
		}
	}
}
