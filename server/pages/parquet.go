package pages

import (
	"context"
	"errors"
	"io"
	"slices"

	"sextant/content/render"
	"sextant/sessions/results"
)

// parquet shows the first rows of a Parquet file, which a results worker reads. Where that failed for now, the page is not kept.
func (p *Pages) parquet(ctx context.Context, w io.Writer, revision string, file []byte, o render.Options) (sum *render.Summary, passing bool, err error) {
	data, err := p.o.Results.Pool.Data(ctx, revision, file, o.TableRows())
	var engine *results.Error
	switch {
	case errors.As(err, &engine):
		sum, err = p.o.Renderer.Table(ctx, w, render.Table{}, "This Parquet file cannot be read: "+engine.Text, o)
		return sum, false, err
	case err != nil && ctx.Err() == nil:
		sum, err = p.o.Renderer.Table(ctx, w, render.Table{}, "This Parquet file is not shown: "+err.Error()+". It can be downloaded.", o)
		return sum, true, err
	case err != nil:
		return nil, false, err
	}
	t := render.Table{Rows: slices.Values(data.Rows), Total: data.Total}
	for _, c := range data.Columns {
		t.Columns = append(t.Columns, render.TableColumn{Name: c.Name, Type: c.Type, Right: c.Numeric})
	}
	sum, err = p.o.Renderer.Table(ctx, w, t, "", o)
	return sum, false, err
}
