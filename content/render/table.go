package render

import (
	"context"
	"io"
	"iter"
)

// Table is rows of values.
type Table struct {
	Columns []TableColumn
	// Rows are as many values as there are columns, or fewer; nil is NULL.
	Rows iter.Seq[[]*string]
	// Total is how many rows there are in all.
	Total int64
}

// TableColumn is a column: what it is called, its type in words, and whether its values are set to the right.
type TableColumn struct {
	Name, Type string
	Right      bool
}

// Table writes the first rows of a table as a fragment, or what is wrong with it instead. The error is that of w or ctx.
func (r *Renderer) Table(ctx context.Context, w io.Writer, t Table, problem string, o Options) (*Summary, error) {
	j := r.newJob(ctx, w, o)
	j.str("<div class=\"sx\">\n")
	if problem != "" {
		j.note(problem)
	} else {
		shown := j.table(t)
		if int64(shown) < t.Total {
			j.cut("Showing the first %s of %s rows.", grouped(shown), grouped(int(t.Total)))
		} else {
			j.str(`<p class="sx-quiet">` + plural(shown, "row") + ", " + plural(len(t.Columns), "column") + "</p>\n")
		}
		if len(t.Columns) > maxColumns {
			j.cut("Showing the first %d of %s columns.", maxColumns, grouped(len(t.Columns)))
		}
	}
	j.str("</div>\n")
	return j.finish(ctx.Err())
}

// table writes the rows that there is room for, and tells how many those are.
func (j *job) table(t Table) (shown int) {
	columns := t.Columns[:min(len(t.Columns), maxColumns)]
	j.str(`<div class="sx-table sx-tall" tabindex="0"><table><thead><tr>`)
	for _, c := range columns {
		if c.Right {
			j.str(`<th scope="col" class="sx-right">`)
		} else {
			j.str(`<th scope="col">`)
		}
		j.text(clip(c.Name, maxField))
		j.str(`<br><small>`)
		j.text(clip(c.Type, 200))
		j.str(`</small></th>`)
	}
	j.str("</tr></thead><tbody>\n")
	for row := range t.Rows {
		if j.full() != "" {
			break
		}
		j.str("<tr>")
		for i, c := range columns {
			if c.Right {
				j.str(`<td class="sx-right">`)
			} else {
				j.str("<td>")
			}
			switch {
			case i >= len(row):
			case row[i] == nil:
				j.str(`<span class="sx-quiet">NULL</span>`)
			default:
				j.text(clip(*row[i], maxField))
			}
			j.str("</td>")
		}
		j.str("</tr>\n")
		shown++
	}
	j.str("</tbody></table></div>\n")
	return shown
}
