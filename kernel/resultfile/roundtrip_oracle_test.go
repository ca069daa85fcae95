//go:build duckdb_arrow

package resultfile

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"sextant/kernel/display"
	"sextant/kernel/engine"
)

func (o *oracle) columnTypes(sql string) []string {
	_, _, rows := o.query("DESCRIBE " + sql)
	var types []string
	for _, b := range rows {
		for r := range int(b.NumRows()) {
			types = append(types, b.Column(1).(*array.String).Value(r))
		}
	}
	return types
}

// store writes the result of sql and gives what it wrote.
func (o *oracle) store(sql, path string, opts Options) (Info, []engine.Column, []arrow.RecordBatch) {
	o.t.Helper()
	schema, cols, batches := o.query(sql)
	types := o.columnTypes(sql)
	for i := range cols {
		cols[i].Type = types[i]
	}
	w, err := Create(path, schema, cols, opts)
	if err != nil {
		o.t.Fatal(err)
	}
	defer w.Abort()
	for _, b := range batches {
		if _, err := w.Write(b); err != nil {
			o.t.Fatal(err)
		}
	}
	info, err := w.Close()
	if err != nil {
		o.t.Fatalf("%s: %v", sql, err)
	}
	return info, cols, batches
}

// texts are all values of batches as text, column by column.
func texts(cols []engine.Column, batches []arrow.RecordBatch) [][]string {
	out := make([][]string, len(cols))
	for c, col := range cols {
		for _, b := range batches {
			for r := range int(b.NumRows()) {
				out[c] = append(out[c], display.Format(b.Column(c), r, col))
			}
		}
	}
	return out
}

func compare(t *testing.T, who string, cols []engine.Column, got, want [][]string) {
	t.Helper()
	for c := range want {
		if len(got[c]) != len(want[c]) {
			t.Fatalf("%s: column %s: %d rows, want %d", who, cols[c].Name, len(got[c]), len(want[c]))
		}
		for r := range want[c] {
			if got[c][r] != want[c][r] {
				t.Errorf("%s: column %s %s, row %d:\n got %.300s\nwant %.300s", who, cols[c].Name, cols[c].Type, r, got[c][r], want[c][r])
				break
			}
		}
	}
}

// roundTrip stores a result and compares what the Reader and DuckDB read back with what went in.
func (o *oracle) roundTrip(t *testing.T, sql string, opts Options) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "r.parquet")
	info, cols, batches := o.store(sql, path, opts)
	want := texts(cols, batches)
	if !info.Complete || info.Rows != int64(len(want[0])) {
		t.Errorf("info %+v for %d rows", info, len(want[0]))
	}

	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	back, err := r.ReadRange(context.Background(), 0, r.Rows())
	if err != nil {
		t.Fatal(err)
	}
	defer releaseAll(back)
	compare(t, "Reader", cols, texts(cols, back), want)
	for i, field := range r.Schema().Fields() {
		if len(batches) == 0 {
			break
		}
		if typ := batches[0].Schema().Field(i).Type; !strings.Contains(typ.String(), "dictionary") && !arrow.TypeEqual(field.Type, typ) {
			t.Errorf("Reader: column %s is %s, want %s", cols[i].Name, field.Type, typ)
		}
	}

	// Through DuckDB, what has no form of its own in SQL is compared by what SelectList leaves.
	_, _, read := o.query("SELECT " + SelectList(info.Columns) + " FROM read_parquet('" + path + "')")
	got := texts(cols, read)
	for i, c := range info.Columns {
		if c.Form == "tagged" || c.Form == "nested" || c.Form == "row" {
			got[i] = want[i]
		}
	}
	compare(t, "DuckDB", cols, got, want)
}

const contractCasts = `uhugeint::VARCHAR AS uhugeint, time_tz::VARCHAR AS time_tz, bit::VARCHAR AS bit,
	bignum::VARCHAR AS bignum, uuid::VARCHAR AS uuid, geometry::VARCHAR AS geometry`

func TestEveryTypeComesBack(t *testing.T) {
	o := newOracle(t)
	o.exec("SET TimeZone = 'Europe/Berlin'")
	_, cols, _ := o.query("SELECT * FROM test_all_types()")
	for _, col := range cols {
		cast := ""
		for part := range strings.SplitSeq(contractCasts, ",") {
			if strings.HasSuffix(part, " AS "+col.Name) {
				cast = " REPLACE (" + part + ")"
			}
		}
		t.Run(col.Name, func(t *testing.T) {
			o := &oracle{t: t, db: o.db, conn: o.conn}
			o.roundTrip(t, `SELECT "`+col.Name+`"`+cast[:0]+` FROM (SELECT *`+cast+` FROM test_all_types())`, Options{})
			o.roundTrip(t, `SELECT "`+col.Name+`" FROM (SELECT *`+cast+` FROM test_all_types()), range(1000)`, Options{RowGroupRows: 700})
		})
	}
}

func TestAwkwardResultsComeBack(t *testing.T) {
	o := newOracle(t)
	for i, sql := range []string{
		`SELECT 1 AS a, 2 AS a, 3 AS "A", 4 AS "a.b", 5 AS "we ""quote"""`,
		`SELECT * FROM (VALUES (1), (2)) t(x) WHERE x > 5`,
		`SELECT row(1, 'a') AS r, [row(1, NULL)] AS l, {'s': row(i, {'t': i})} AS n FROM range(3) t(i)`,
		`SELECT a, [a, NULL] AS b, {'a': a} AS c FROM range(5000) t(i) LEFT JOIN (SELECT i, [i, NULL]::BIGINT[2] AS a FROM range(0, 5000, 3) t(i)) USING (i)`,
		`SELECT CASE WHEN i % 4 = 0 THEN NULL WHEN i % 4 = 1 THEN [] ELSE [NULL, 'x' || i] END AS a, CASE WHEN i % 3 = 0 THEN NULL ELSE MAP {i: [i]} END AS b FROM range(5000) t(i)`,
		`SELECT [union_value(a := 1)::UNION(a INTEGER, tag VARCHAR), union_value(tag := 'x')] AS l, NULL::UNION(a INTEGER, b VARCHAR) AS n, MAP {'k': union_value(b := i)} AS m FROM range(3) t(i)`,
		`SELECT [INTERVAL '1 year -2 days 3 seconds'] AS i, {'h': -170141183460469231731687303715884105728} AS h, [TIMESTAMP_S 'infinity', '2024-01-01'] AS t, ['a'::ENUM('a', 'b'), NULL] AS e`,
		`SELECT sum(i) AS s, avg(i) AS a, sum(i)::DECIMAL(38, 0) AS d FROM range(100) t(i)`,
		`SELECT NULL AS n, [NULL] AS l, [] AS e, MAP {} AS m`,
		`SELECT to_microseconds((i * 7919 - 400000) * 1000003) + to_months(i::INTEGER - 500) + to_days(500 - i::INTEGER) AS x FROM range(1000) t(i)`,
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			(&oracle{t: t, db: o.db, conn: o.conn}).roundTrip(t, sql, Options{RowGroupRows: 2500})
		})
	}
}

func TestManyRowGroupsComeBackInOrder(t *testing.T) {
	o := newOracle(t)
	o.roundTrip(t, `SELECT i, 'v' || (i % 7) AS repeats, md5(i::VARCHAR) AS differs, i / 3 AS d FROM range(200000) t(i)`, Options{RowGroupRows: 3000, Workers: 4})
	o.roundTrip(t, `SELECT i, repeat(chr((65 + i % 20)::INTEGER), 50000) AS wide FROM range(3000) t(i)`, Options{RowGroupBytes: 1 << 20})
}

func TestDecimalsOfEveryWidthComeBack(t *testing.T) {
	o := newOracle(t)
	for width := 1; width <= 38; width++ {
		for _, scale := range []int{0, width / 2, width} {
			typ := fmt.Sprintf("DECIMAL(%d, %d)", width, scale)
			most := strings.Repeat("9", width-scale) + "." + strings.Repeat("9", scale)
			sql := fmt.Sprintf(`SELECT d, [d, NULL, -d] AS l, {'s': d} AS s, MAP {1: d} AS m FROM (
				SELECT CASE i %% 5 WHEN 0 THEN '%s' WHEN 1 THEN '-%[1]s' WHEN 2 THEN '0' WHEN 3 THEN NULL ELSE '-.1' END::%s AS d FROM range(20) t(i))`, most, typ)
			t.Run(typ, func(t *testing.T) {
				(&oracle{t: t, db: o.db, conn: o.conn}).roundTrip(t, sql, Options{RowGroupRows: 7})
			})
		}
	}
}

func TestRepeatedStringsComeBack(t *testing.T) {
	o := newOracle(t)
	for i, sql := range []string{
		`SELECT NULL::VARCHAR AS nothing, '' AS empty FROM range(5000)`,
		`SELECT CASE WHEN i % 3 > 0 THEN 'v' || (i % 7) END AS a, CASE WHEN i > 4000 THEN 'late' END AS b FROM range(9000) t(i)`,
		`SELECT CASE WHEN i < 6000 THEN 'same' ELSE md5(i::VARCHAR) || repeat('x', 2000) END AS turns FROM range(9000) t(i)`,
		`SELECT (['one', 'two', 'three'])[1 + i % 3]::ENUM('one', 'two', 'three', 'never') AS e, CASE WHEN i % 2 = 0 THEN 'ä\0' || (i % 5) END AS s FROM range(9000) t(i)`,
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			(&oracle{t: t, db: o.db, conn: o.conn}).roundTrip(t, sql, Options{RowGroupRows: 3500})
		})
	}
}
