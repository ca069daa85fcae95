package duckdb

import (
	"context"
	"strconv"
	"strings"

	"sextant/kernel/engine"
	"sextant/kernel/sqltext"
)

// profileSample is how many rows a column's profile looks at.
const profileSample = 10_000

// TableFacts tells a table's size and where it comes from.
func (s *session) TableFacts(ctx context.Context, path []string) (engine.TableFacts, error) {
	facts := engine.TableFacts{Rows: -1, Bytes: -1}
	where := pathCondition(path)
	err := s.lookup(ctx, true, func(conn *session) error {
		rows, err := conn.rows(ctx, `
			SELECT coalesce(t.estimated_size, -1), t.sql, coalesce(d.path, ''), d.type
			FROM duckdb_tables() t JOIN duckdb_databases() d USING (database_name)
			WHERE `+where("t.table_name", "t.schema_name", "t.database_name")+`
			UNION ALL
			SELECT -1, v.sql, '', 'view' FROM duckdb_views() v WHERE `+where("v.view_name", "v.schema_name", "v.database_name")+`
			LIMIT 1`)
		if err != nil || len(rows) == 0 {
			return err
		}
		facts.Rows, _ = strconv.ParseInt(rows[0][0], 10, 64)
		facts.SQL, facts.Source = rows[0][1], rows[0][2]
		if rows[0][3] == "duckdb" && rows[0][2] != "" {
			facts.Bytes = conn.storedBytes(ctx, path)
		}
		return nil
	})
	return facts, err
}

// storedBytes is what a table of a database file takes there: its blocks times their size; negative when not known.
func (s *session) storedBytes(ctx context.Context, path []string) int64 {
	name := make([]string, len(path))
	for i, p := range path {
		name[i] = sqltext.QuoteIdent(p)
	}
	rows, err := s.rows(ctx, "SELECT count(DISTINCT block_id) * (SELECT any_value(block_size) FROM pragma_database_size()) FROM pragma_storage_info("+
		sqltext.QuoteString(strings.Join(name, "."))+") WHERE block_id >= 0")
	if err != nil || len(rows) == 0 {
		return -1
	}
	n, err := strconv.ParseInt(rows[0][0], 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// pathCondition makes a WHERE condition that picks what path names, given the catalogue's column names.
func pathCondition(path []string) func(table, schema, database string) string {
	return func(table, schema, database string) string {
		names := []string{table, schema, database}
		var conds []string
		for i := range path {
			part := path[len(path)-1-i]
			cond := "lower(" + names[i] + ") = lower(" + sqltext.QuoteString(part) + ")"
			if i == 1 && len(path) == 2 { // database.table is as good as schema.table
				cond = "(" + cond + " OR lower(" + database + ") = lower(" + sqltext.QuoteString(part) + "))"
			}
			conds = append(conds, cond)
		}
		return strings.Join(conds, " AND ")
	}
}

// ColumnProfile looks at the first rows of a column, on the spare connection where the session's own is busy or in a
// transaction, which an unreadable source would abort.
func (s *session) ColumnProfile(ctx context.Context, path []string, column string) (engine.ColumnProfile, error) {
	p := engine.ColumnProfile{NullShare: -1, DistinctEstimate: -1}
	quoted := make([]string, len(path))
	for i, part := range path {
		quoted[i] = sqltext.QuoteIdent(part)
	}
	col := sqltext.QuoteIdent(column)
	err := s.lookup(ctx, !s.txOpen.Load(), func(conn *session) error {
		rows, err := conn.rows(ctx, "SELECT count(*), count(c), approx_count_distinct(c), CAST(min(c) AS VARCHAR), CAST(max(c) AS VARCHAR) FROM (SELECT "+
			col+" AS c FROM "+strings.Join(quoted, ".")+" LIMIT "+strconv.Itoa(profileSample)+")")
		if err != nil || len(rows) == 0 {
			return err
		}
		r := rows[0]
		p.Sampled, _ = strconv.ParseInt(r[0], 10, 64)
		p.Exact = p.Sampled < profileSample
		if valid, err := strconv.ParseInt(r[1], 10, 64); err == nil && p.Sampled > 0 {
			p.NullShare = 1 - float64(valid)/float64(p.Sampled)
		}
		if n, err := strconv.ParseInt(r[2], 10, 64); err == nil {
			p.DistinctEstimate = n
		}
		p.Min, p.Max = r[3], r[4]
		return nil
	})
	return p, err
}
