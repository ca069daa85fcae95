package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"sextant/content/notebook"
	"sextant/server/api"
	"sextant/server/client"
)

type mergeCommand struct {
	remoteFlags
	Base    string `required:"" placeholder:"ID" help:"The revision that the file was made from."`
	Save    bool   `help:"Save the outcome, where nothing is in conflict, instead of printing it."`
	Message string `short:"m" help:"With --save: what changed."`
	Output  string `short:"o" placeholder:"FILE" help:"Write the outcome to a file."`
	File    string `arg:"" predictor:"file" help:"A file with one's own changes, or - for standard input."`
	Path    string `arg:"" predictor:"remote" help:"The document."`
}

// saveAttempts is how often a merge is done anew because somebody has saved meanwhile.
const saveAttempts = 10

// errConflicts ends a merge that needs somebody to look at it.
var errConflicts = errors.New("in conflict")

// Run merges a file with what others have saved since it was made, cell by cell for notebooks, line by line for other
// text. Conflicts are listed on standard error and end the program in a failure; the outcome, which has a resolution of
// each, is printed all the same.
func (c *mergeCommand) Run(t *terminal) error {
	server, r, err := c.found(t, c.Path)
	if err != nil {
		return err
	}
	ours, err := c.read(t)
	if err != nil {
		return err
	}
	for range saveAttempts {
		merged, err := server.Merge(t.ctx, r.ID, c.Base, bytes.NewReader(ours))
		if err != nil {
			return err
		}
		if len(merged.Conflicts) > 0 || !c.Save {
			return c.print(t, merged)
		}
		saved, err := server.Save(t.ctx, r.ID, merged.Current.ID, client.Version{Message: c.Message}, strings.NewReader(merged.Content))
		if status := statusOf(err); status == http.StatusPreconditionFailed {
			continue // somebody else was quicker once more
		}
		if err != nil {
			return err
		}
		what := "saved"
		if !saved.Saved {
			what = "unchanged"
		}
		p := c.printer(t)
		return errors.Join(p.add(saved, what, c.Path, fmt.Sprintf("revision %d", saved.Revision.Number), saved.Revision.ID), p.close())
	}
	return fmt.Errorf("others have saved %d times meanwhile; try again", saveAttempts)
}

func (c *mergeCommand) read(t *terminal) ([]byte, error) {
	from, err := input(t, c.File)
	if err != nil {
		return nil, err
	}
	defer from.Close() // it only reads
	return io.ReadAll(from)
}

// print gives the outcome and what is in conflict.
func (c *mergeCommand) print(t *terminal, merged api.Merge) error {
	if c.JSON {
		p := c.printer(t)
		if err := errors.Join(p.add(merged), p.close()); err != nil {
			return err
		}
	} else if c.Output != "" {
		if err := os.WriteFile(c.Output, []byte(merged.Content), 0o644); err != nil {
			return err
		}
	} else if _, err := io.WriteString(t.out, merged.Content); err != nil {
		return err
	}
	fmt.Fprintf(t.errOut, "merged with revision %d (%s): %d conflicts\n", merged.Current.Number, merged.Current.ID, len(merged.Conflicts))
	if len(merged.Conflicts) == 0 {
		return nil
	}
	for _, x := range merged.Conflicts {
		fmt.Fprintln(clean{t.errOut}, describeConflict(x))
	}
	return errConflicts
}

// describeConflict is a conflict in a line or, where it is one of lines, with both sides.
func describeConflict(x notebook.Conflict) string {
	var b strings.Builder
	if x.CellID != "" {
		fmt.Fprintf(&b, "cell %s: ", x.CellID)
	}
	b.WriteString(string(x.Field))
	if x.Key != "" {
		b.WriteString(" " + x.Key)
	}
	if x.Field != notebook.SourceConflict {
		return b.String()
	}
	fmt.Fprintf(&b, ", line %d", x.Line+1)
	for _, side := range []struct{ mark, text string }{{"<", x.Ours}, {">", x.Theirs}} {
		for line := range strings.SplitSeq(side.text, "\n") {
			b.WriteString("\n" + side.mark + " " + line)
		}
	}
	return b.String()
}
