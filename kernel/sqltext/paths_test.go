package sqltext

import (
	"strings"
	"testing"
)

func TestPaths(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		{"SELECT * FROM 'data.csv'", "data.csv"},
		{"from 'a.csv', 'b/*.parquet' x JOIN 'c.json' USING (k) WHERE d = 'no.csv'", "a.csv b/*.parquet c.json"},
		{"SELECT 'no.csv', 1, 'no2.csv' FROM t WHERE x IN ('no.csv', 'no2.csv')", ""},
		{"SELECT * FROM (SELECT * FROM 'inner.csv'), 'outer.csv' ORDER BY 1, 'no.csv'", "inner.csv outer.csv"},
		{"SELECT * FROM read_csv('a.csv', delim = ';', columns = {'no.csv': 'INT'})", "a.csv"},
		{"FROM read_parquet(['a.parquet', 'b.parquet'], filename = 'no')", "a.parquet b.parquet"},
		{"SELECT upper('no.csv'), content FROM read_text('t.txt')", "t.txt"},
		{"COPY t TO 'out.parquet' (FORMAT parquet)", "out.parquet!"},
		{"COPY (SELECT * FROM 'in.csv') TO 'out.csv'", "in.csv out.csv!"},
		{"COPY t FROM 'in.csv'", "in.csv"},
		{"ATTACH 'my.duckdb' AS m", "my.duckdb!"},
		{"ATTACH IF NOT EXISTS DATABASE 'my.duckdb'", "my.duckdb!"},
		{"EXPORT DATABASE 'dir' (FORMAT csv)", "dir!"},
		{"IMPORT DATABASE 'dir'", "dir"},
		{"SELECT 'it''s' FROM 'it''s.csv' -- FROM 'no.csv'", "it's.csv"},
		{"CREATE TABLE t AS FROM 'x.csv'", "x.csv"},
		{"INSERT INTO t VALUES ('no.csv', 'no')", ""},
		{"FROM 'open", ""},
		{"SELECT [1, 'no'] FROM glob('*')", "*"},
	} {
		var got []string
		for _, p := range Paths(c.sql) {
			s := p.Path
			if p.Creates {
				s += "!"
			}
			if q := c.sql[p.Start:p.End]; q != QuoteString(p.Path) {
				t.Errorf("%s: %q stands at %q", c.sql, p.Path, q)
			}
			got = append(got, s)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %q, want %q", c.sql, strings.Join(got, " "), c.want)
		}
	}
}
