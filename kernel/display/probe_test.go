//go:build duckdb_arrow

package display
import ("testing";"fmt";"github.com/apache/arrow-go/v18/arrow/array")
func TestProbe(t *testing.T) {
	o := newOracle(t)
	o.exec("create table a as select i, i%10 k, 'x'||i s from range(100000) t(i)")
	for _, sql := range []string{"explain (format json) select k, count(*) from a join range(10) r(k) using (k) where i > 5 group by k order by 2 limit 3", "explain (analyze, format json) select k, count(*) from a join range(10) r(k) using (k) where i > 5 group by k order by 2 limit 3","explain (analyze, format json) select 1"} {
		_, cols, bs := o.query(sql)
		for _, b := range bs { for r := range int(b.NumRows()) { for c := range cols { fmt.Println(cols[c].Name, b.Column(c).(*array.String).Value(r)) } } }
	}
}
