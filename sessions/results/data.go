package results

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strconv"

	"sextant/kernel/wire"
)

// Data is the first rows of a Parquet file.
type Data struct {
	Columns []wire.ResultColumn
	Rows    [][]*string
	// Total is how many rows the file has.
	Total int64
}

// IsParquet reports whether bytes begin and end as a Parquet file does, which is all that is known of it then
// (https://parquet.apache.org/docs/file-format/).
func IsParquet(b []byte) bool {
	return len(b) >= 12 && bytes.HasPrefix(b, []byte("PAR1")) && bytes.HasSuffix(b, []byte("PAR1"))
}

// Data reads the first rows of a Parquet file that the caller may read, which id names, in a worker: what is wrong with the file
// harms nothing else, and is an *Error. Long values are cut, and rows are fewer where they are long.
func (p *Pool) Data(ctx context.Context, id string, file []byte, rows int) (*Data, error) {
	s := Source{ID: "data-" + id, Data: true, Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(file)), nil }}
	a, err := p.Query(ctx, s, "FROM r LIMIT "+strconv.Itoa(rows), rows)
	if err != nil {
		return nil, err
	}
	n, err := p.Query(ctx, s, "SELECT count(*) FROM r", 1)
	if err != nil {
		return nil, err
	}
	out := &Data{Columns: a.Columns, Rows: a.Rows}
	if len(n.Rows) != 1 || len(n.Rows[0]) != 1 || n.Rows[0][0] == nil {
		return nil, errors.New("a count without a number")
	}
	out.Total, err = strconv.ParseInt(*n.Rows[0][0], 10, 64)
	return out, err
}
