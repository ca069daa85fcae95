package record

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"sextant/content"
	"sextant/content/notebook"
)

// stored is a result that the kernel has stored beside what it shows of it.
type stored struct {
	Ref      string                 `json:"ref"`
	Rows     int64                  `json:"rows"`
	Bytes    int64                  `json:"bytes"`
	Complete bool                   `json:"complete"`
	Schema   []content.ResultColumn `json:"schema"`
}

// takeStored gives the stored result that an output's metadata names, and the metadata as documents keep it: with the
// result's id, without what is of the session alone. A nil result is none.
func takeStored(metadata notebook.Object) (*stored, notebook.Object) {
	own := metadata["sextant"].Object()
	if own == nil || own["result"] == "" {
		return nil, metadata
	}
	var r stored
	if json.Unmarshal([]byte(own["result"]), &r) != nil || r.Ref == "" {
		return nil, metadata
	}
	kept, err := json.Marshal(map[string]any{"id": r.Ref, "rows": r.Rows, "bytes": r.Bytes, "complete": r.Complete})
	if err != nil {
		return nil, metadata
	}
	value, err := notebook.ParseValue(kept)
	if err != nil {
		return nil, metadata
	}
	out, inner := notebook.Object{}, notebook.Object{}
	for k, v := range own {
		inner[k] = v
	}
	inner["result"] = value
	for k, v := range metadata {
		out[k] = v
	}
	text, err := json.Marshal(inner)
	if err != nil {
		return nil, metadata
	}
	if out["sextant"], err = notebook.ParseValue(text); err != nil {
		return nil, metadata
	}
	return &r, out
}

// keepResults stores the results of a cell that are not kept yet. One that cannot be kept is left out: what the document
// shows of it is there all the same.
func (g *recording) keepResults(ctx context.Context, document string, c *Cell) error {
	for len(c.stored) > 0 {
		r := c.stored[0]
		if err := g.keepResult(ctx, document, c.ID, r); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			g.r.Log.Warn("a result could not be stored", "document", document, "result", r.Ref, "error", err)
		}
		c.stored = c.stored[1:]
	}
	return nil
}

func (g *recording) keepResult(ctx context.Context, document, cell string, r *stored) error {
	f, err := g.s.OpenResult(r.Ref)
	if err != nil {
		return err
	}
	defer f.Close() // it is only read
	keep := content.StoredResult{ID: r.Ref, Cell: cell, Rows: r.Rows, Complete: r.Complete, Columns: r.Schema}
	if job, ok := strings.CutPrefix(document, JobPrefix); ok {
		keep.Job = job
	} else {
		keep.Document = content.ResourceID(document)
	}
	kept, err := g.r.Service.KeepResult(ctx, keep, f)
	if err == nil && g.r.Kept != nil {
		g.r.Kept(ctx, kept)
	}
	if err != nil && !errors.Is(err, content.ErrExists) { // then a server before this one kept it, and did not come to note that
		return err
	}
	return g.s.RemoveResult(r.Ref)
}
