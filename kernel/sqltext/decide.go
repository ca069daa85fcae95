package sqltext

import "strings"

// Words that may follow, most likely first.
var (
	starters = []string{"SELECT", "FROM", "WITH", "CREATE TABLE", "CREATE VIEW", "CREATE OR REPLACE", "CREATE", "INSERT INTO",
		"UPDATE", "DELETE FROM", "DROP", "ALTER TABLE", "COPY", "ATTACH", "DETACH", "DESCRIBE", "SUMMARIZE", "SHOW",
		"SHOW TABLES", "EXPLAIN", "EXPLAIN ANALYZE", "PIVOT", "UNPIVOT", "SET", "RESET", "USE", "PRAGMA", "CALL", "VALUES",
		"MERGE INTO", "TRUNCATE", "INSTALL", "LOAD", "BEGIN", "COMMIT", "ROLLBACK", "CHECKPOINT", "VACUUM", "ANALYZE",
		"PREPARE", "EXECUTE", "DEALLOCATE", "EXPORT DATABASE", "IMPORT DATABASE", "COMMENT ON"}
	queryStarters = []string{"SELECT", "FROM", "WITH", "VALUES", "TABLE", "PIVOT", "UNPIVOT", "DESCRIBE", "SUMMARIZE"}
	operands      = []string{"CASE", "CAST", "TRY_CAST", "NOT", "EXISTS", "NULL", "TRUE", "FALSE", "INTERVAL", "DATE", "TIMESTAMP", "ARRAY", "COLUMNS"}
	operatorWords = []string{"AND", "OR", "IN", "NOT IN", "IS NULL", "IS NOT NULL", "LIKE", "ILIKE", "BETWEEN", "IS DISTINCT FROM",
		"SIMILAR TO", "GLOB", "COLLATE", "OVER", "FILTER"}
	joins = []string{"JOIN", "LEFT JOIN", "INNER JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN", "ASOF JOIN", "SEMI JOIN",
		"ANTI JOIN", "NATURAL JOIN", "POSITIONAL JOIN"}
	tails = []string{"WHERE", "GROUP BY", "HAVING", "QUALIFY", "WINDOW", "ORDER BY", "LIMIT", "OFFSET", "UNION", "UNION ALL",
		"UNION BY NAME", "EXCEPT", "INTERSECT", "USING SAMPLE"}
	caseWords   = []string{"WHEN", "THEN", "ELSE", "END"}
	constraints = []string{"NOT NULL", "PRIMARY KEY", "UNIQUE", "DEFAULT", "CHECK", "REFERENCES", "GENERATED ALWAYS AS", "COLLATE"}
	copyOptions = []string{"FORMAT", "HEADER", "DELIMITER", "QUOTE", "ESCAPE", "NULL", "COMPRESSION", "PARTITION_BY",
		"OVERWRITE_OR_IGNORE", "OVERWRITE", "APPEND", "ROW_GROUP_SIZE", "PER_THREAD_OUTPUT", "FILENAME_PATTERN", "AUTO_DETECT",
		"COLUMNS", "DATEFORMAT", "TIMESTAMPFORMAT", "RETURN_FILES", "KV_METADATA"}
)

// names offers what can stand where a name or keyword begins.
func (w *writer) names() {
	p := &w.place
	prev := p.k - 1
	before := p.kw(prev)
	switch {
	case p.is(prev, "::"), before == "AS" && p.any(p.group-1, "CAST", "TRY_CAST"):
		w.types(0)
		return
	case p.k == 0:
		w.keywords(0, starters...)
		if p.typed == "" && !p.inQuotes {
			w.magicNamesAt(1)
		}
		w.anyKeyword(2)
		return
	case p.k == 1 && before == "EXPLAIN", p.k == 2 && p.any(0, "EXPLAIN") && before == "ANALYZE":
		w.keywords(0, "ANALYZE")
		w.keywords(1, starters...)
		return
	case before == "AS" && p.group >= 0 && !p.isQuery(p.group) && p.any(p.group-1, "RENAME"):
		return
	}
	if w.byBracket(prev, before) || w.byVerb(prev, before) || w.byClause(prev, before) {
		return
	}
	w.expression(prev)
}

// byBracket decides by what stands before the bracket that the cursor is in.
func (w *writer) byBracket(prev int, before string) bool {
	p := &w.place
	g := p.group
	if g < 0 || !p.is(g, "(") {
		return false
	}
	atItem := prev == g || p.is(prev, ",") && p.parent[prev] == g
	switch {
	case p.any(g-1, "USING") && w.inJoin():
		if atItem {
			w.commonColumns()
		}
		return true
	case p.any(g-1, "EXCLUDE", "RENAME", "REPLACE"):
		if atItem {
			w.columns(0)
			return true
		}
		return false
	case p.any(g-1, "OVER") || p.any(g-1, "AS") && p.clause == "WINDOW" || p.group >= 0 && p.any(g-1, "GROUP") && p.any(g-2, "WITHIN"):
		if prev == g {
			w.keywords(0, "PARTITION BY", "ORDER BY", "ROWS", "RANGE", "GROUPS")
			return true
		}
		if p.endsOperand(prev) {
			w.keywords(0, "ORDER BY", "ASC", "DESC", "NULLS FIRST", "NULLS LAST", "ROWS", "RANGE", "GROUPS",
				"BETWEEN", "UNBOUNDED PRECEDING", "CURRENT ROW", "UNBOUNDED FOLLOWING", "PRECEDING", "FOLLOWING", "EXCLUDE")
			w.anyKeyword(1)
			return true
		}
		return false
	case w.definesTable(g):
		switch {
		case atItem:
			w.keywords(0, "PRIMARY KEY", "FOREIGN KEY", "UNIQUE", "CHECK", "CONSTRAINT")
		case (p.is(prev-1, ",") || prev-1 == g) && p.isName(prev):
			w.types(0)
		default:
			w.keywords(0, constraints...)
			w.anyKeyword(1)
		}
		return true
	case w.targetColumns(g):
		if atItem {
			w.columns(0)
		} else {
			w.keywords(0, "ASC", "DESC")
		}
		return true
	case p.any(0, "COPY") && p.group > 1 && !p.isQuery(g):
		w.keywords(0, copyOptions...)
		return true
	case p.any(0, "ATTACH"):
		w.keywords(0, "TYPE", "READ_ONLY", "READ_WRITE", "BLOCK_SIZE", "STORAGE_VERSION", "ENCRYPTION_KEY", "SCHEMA", "SECRET")
		return true
	case p.isQuery(g) && prev == g, prev == g && p.group == g && p.kind(g-1) == op, prev == g && p.kw(g-1) != "" && !w.isCall(g):
		// A query or an expression may begin here; which is seen by what stands around.
		if p.clause == "FROM" || p.clause == "JOIN" {
			w.keywords(0, queryStarters...)
			w.tables(1)
			return true
		}
		if p.any(g-1, "AS", "EXISTS", "COPY", "IN", "ANY", "ALL", "ARRAY") || g == 0 {
			w.keywords(0, queryStarters...)
			w.operandNames(1)
			return true
		}
		w.operandNames(0)
		w.keywords(5, queryStarters...)
		return true
	}
	return false
}

// isCall reports that the bracket at g holds the arguments of a function.
func (w *writer) isCall(g int) bool {
	p := &w.place
	return p.is(g, "(") && (p.isName(g-1) && !wantsOperand[lower(p.text(g-1))] || p.kind(g-1) == word && p.kw(g-1) == "" || p.any(g-1, "LEFT", "RIGHT", "COLUMNS", "ANY_VALUE"))
}

func (w *writer) inJoin() bool {
	return w.place.clause == "USING" || w.place.clause == "JOIN" || w.place.clause == "FROM"
}

// beforePath is the token before the path that ends before token i.
func (x *syntax) beforePath(i int) int {
	for i--; x.isName(i) || x.kind(i) == word && x.kw(i) == "" || x.is(i, "."); i-- {
		if x.any(i, "EXISTS", "COPY", "INTO") {
			break
		}
	}
	return i
}

// definesTable: the bracket holds the columns of CREATE TABLE.
func (w *writer) definesTable(g int) bool {
	p := &w.place
	if !p.any(0, "CREATE") || p.parent[g] >= 0 || p.isQuery(g) {
		return false
	}
	i := p.beforePath(g)
	if i == g-1 {
		return false
	}
	return p.any(i, "TABLE") || p.any(i, "EXISTS") && p.any(i-3, "TABLE")
}

// targetColumns: the bracket holds names of columns, as in INSERT INTO t (, COPY t (, ON t ( of an index, ON CONFLICT (.
func (w *writer) targetColumns(g int) bool {
	p := &w.place
	if p.any(g-1, "CONFLICT") {
		return true
	}
	i := p.beforePath(g)
	switch {
	case i == g-1:
		return false
	case p.any(i, "INTO"), p.any(i, "COPY") && i == 0:
		return true
	case p.any(i, "ON") && p.any(0, "CREATE") && (p.any(1, "INDEX") || p.any(2, "INDEX")):
		return true
	}
	return false
}

// byVerb decides by the keyword that the statement begins with.
func (w *writer) byVerb(prev int, before string) bool {
	p := &w.place
	if p.group >= 0 && !(p.any(0, "SET") && p.group == 0) {
		return false
	}
	verb := p.kw(0)
	switch verb {
	case "SET", "RESET", "PRAGMA":
		if p.clause == "SET" && verb != "SET" {
			return false
		}
		switch {
		case p.is(prev, "=") || before == "TO":
			if p.any(1, "VARIABLE") {
				return false
			}
			w.keywords(0, "TRUE", "FALSE", "DEFAULT", "NULL")
		case prev == 0 || prev == 1 && p.any(1, "GLOBAL", "SESSION", "LOCAL"):
			w.settings(0)
			if verb == "PRAGMA" {
				w.functions(1, "pragma")
			} else {
				w.keywords(2, "VARIABLE", "GLOBAL", "SESSION", "LOCAL")
			}
		case before != "VARIABLE" && verb == "SET":
			w.keywords(0, "TO")
		}
		return true
	case "USE":
		if prev == 0 {
			w.databases(0)
			w.schemas(1)
		}
		return true
	case "DETACH":
		w.databases(0)
		w.keywords(1, "DATABASE", "IF EXISTS")
		return true
	case "ATTACH":
		w.keywords(0, "AS", "IF NOT EXISTS", "OR REPLACE", "DATABASE")
		return true
	case "INSTALL", "LOAD", "BEGIN", "COMMIT", "ROLLBACK", "DEALLOCATE", "EXECUTE":
		w.anyKeyword(0)
		return true
	case "CALL":
		if prev == 0 {
			w.functions(0, "table", "table macro")
			return true
		}
	case "DROP":
		w.drop(prev, before)
		return true
	case "ALTER":
		w.alter(prev, before)
		return true
	case "DESCRIBE", "DESC", "SUMMARIZE", "SHOW", "TRUNCATE", "VACUUM", "ANALYZE", "CHECKPOINT":
		if prev == 0 || before == "TABLE" || prev == 1 && before == "ANALYZE" {
			w.tables(0)
			if verb == "SHOW" {
				w.keywords(0, "TABLES", "ALL TABLES", "DATABASES", "SCHEMAS", "VARIABLES")
			} else if verb == "DESCRIBE" || verb == "DESC" || verb == "SUMMARIZE" {
				w.keywords(1, "SELECT", "FROM", "TABLE", "WITH")
			}
			return true
		}
	case "COPY":
		switch {
		case prev == 0:
			w.tables(0)
			w.keywords(1, "FROM DATABASE")
			return true
		case p.clause == "" || before == "":
			w.keywords(0, "TO", "FROM")
			return true
		}
	case "COMMENT":
		switch before {
		case "ON":
			w.keywords(0, "TABLE", "COLUMN", "VIEW", "SCHEMA", "TYPE", "SEQUENCE", "INDEX", "MACRO")
			return true
		case "TABLE", "COLUMN", "VIEW":
			w.tables(0)
			return true
		}
	case "CREATE":
		return w.create(prev, before)
	case "MERGE":
		if before == "MERGE" {
			w.keywords(0, "INTO")
			return true
		}
	}
	return false
}

func (w *writer) create(prev int, before string) bool {
	p := &w.place
	switch before {
	case "CREATE", "REPLACE", "TEMP", "TEMPORARY", "PERSISTENT", "UNIQUE":
		w.keywords(0, "TABLE", "VIEW", "SCHEMA", "INDEX", "MACRO", "FUNCTION", "TYPE", "SEQUENCE", "SECRET", "OR REPLACE",
			"TEMP", "TEMPORARY", "UNIQUE INDEX", "PERSISTENT SECRET")
		return true
	case "OR":
		w.keywords(0, "REPLACE")
		return true
	case "TABLE", "VIEW", "SCHEMA", "MACRO", "FUNCTION", "SEQUENCE", "TYPE", "INDEX":
		if p.clause == "" || p.clause == before {
			w.keywords(0, "IF NOT EXISTS")
			w.schemas(1)
			return true
		}
	case "AS":
		if p.clause == "" || p.clause == "TABLE" || p.clause == "VIEW" {
			if p.any(1, "TYPE") || p.any(3, "TYPE") {
				w.keywords(0, "ENUM")
				w.types(1)
				return true
			}
			w.keywords(0, queryStarters...)
			if w.createsMacro() {
				w.keywords(0, "TABLE")
				w.operandNames(1)
			}
			return true
		}
	case "ON":
		if p.any(1, "INDEX") || p.any(2, "INDEX") {
			w.tables(0)
			return true
		}
	}
	if p.clause == "TABLE" || p.clause == "VIEW" || p.clause == "" && !w.createsMacro() {
		w.keywords(0, "AS", "IF NOT EXISTS", "ON", "USING")
		w.anyKeyword(1)
		return true
	}
	return false
}

func (w *writer) createsMacro() bool {
	p := &w.place
	for i := 1; i < min(5, p.k); i++ {
		if p.any(i, "MACRO", "FUNCTION") {
			return true
		}
	}
	return false
}

func (w *writer) drop(prev int, before string) {
	p := &w.place
	what := p.kw(1)
	named := p.any(prev, "EXISTS") || prev == 1
	switch {
	case prev == 0:
		w.keywords(0, "TABLE", "VIEW", "SCHEMA", "INDEX", "MACRO", "FUNCTION", "TYPE", "SEQUENCE", "SECRET", "DATABASE")
	case before == "IF":
		w.keywords(0, "EXISTS")
	case named && what == "SCHEMA":
		w.schemas(0)
	case named && what == "DATABASE":
		w.databases(0)
	case named && what == "TYPE":
		w.types(0)
	case named && (what == "MACRO" || what == "FUNCTION"):
		w.functions(0, "macro", "table macro")
	case named && (what == "TABLE" || what == "VIEW"):
		w.tablesOf(0, lower(what))
	case !named:
		w.keywords(0, "CASCADE", "RESTRICT")
	}
	if prev == 1 {
		w.keywords(1, "IF EXISTS")
	}
}

func (w *writer) alter(prev int, before string) {
	p := &w.place
	switch {
	case prev == 0:
		w.keywords(0, "TABLE", "VIEW", "SEQUENCE", "DATABASE", "SCHEMA")
	case before == "TABLE" || before == "VIEW" || before == "EXISTS" && prev == 3:
		w.tablesOf(0, lower(p.kw(1)))
		w.keywords(1, "IF EXISTS")
	case before == "COLUMN" && !p.any(prev-1, "ADD"), before == "DROP", before == "RENAME", before == "ALTER", before == "EXISTS":
		w.columns(0)
		w.keywords(1, "COLUMN", "TO", "IF EXISTS", "CONSTRAINT")
	case before == "TYPE":
		w.types(0)
	case before == "ADD":
		w.keywords(0, "COLUMN", "PRIMARY KEY", "CONSTRAINT", "UNIQUE", "CHECK", "FOREIGN KEY")
	case p.isName(prev) && (p.any(prev-1, "ADD") || p.any(prev-1, "COLUMN") && p.any(prev-2, "ADD")):
		w.types(0)
	case before == "SET":
		w.keywords(0, "DEFAULT", "NOT NULL", "DATA TYPE", "PARTITIONED BY", "SORTED BY")
	case p.any(prev-1, "COLUMN", "ALTER") && p.any(prev-2, "ALTER", "TABLE") || p.any(prev-1, "ALTER"):
		w.keywords(0, "TYPE", "SET DEFAULT", "DROP DEFAULT", "SET NOT NULL", "DROP NOT NULL")
	default:
		w.keywords(0, "ADD COLUMN", "DROP COLUMN", "RENAME COLUMN", "RENAME TO", "ALTER COLUMN", "ADD PRIMARY KEY", "SET", "USING", "DEFAULT", "NOT NULL")
		w.anyKeyword(1)
	}
}

// byClause decides by the part of a query that the cursor is in, except where that is an expression.
func (w *writer) byClause(prev int, before string) bool {
	p := &w.place
	inCall := p.group >= 0 && !p.isQuery(p.group) && (w.isCall(p.group) || !p.is(p.group, "("))
	if before == "AS" {
		switch {
		case p.clause == "WITH":
			w.keywords(0, "MATERIALIZED", "NOT MATERIALIZED")
		}
		return true // a new name
	}
	switch p.clause {
	case "FROM", "JOIN":
		if inCall {
			return w.argument(prev)
		}
		switch {
		case before == "FROM", before == "JOIN", before == "LATERAL", p.is(prev, ","), p.is(prev, "("):
			w.tables(0)
			w.sources(1)
			w.keywords(3, "LATERAL", "VALUES", "UNNEST")
			return true
		case p.any(prev, "LEFT", "RIGHT", "FULL", "INNER", "OUTER", "CROSS", "NATURAL", "ASOF", "SEMI", "ANTI", "POSITIONAL"):
			w.keywords(0, "JOIN", "OUTER JOIN", "SEMI JOIN", "ANTI JOIN")
			return true
		case p.endsOperand(prev):
			if p.any(0, "DELETE") {
				w.keywords(0, "WHERE", "USING", "RETURNING")
			} else if p.any(0, "COPY") {
				return true
			} else if p.clause == "JOIN" && !p.any(prev-1, "ON", "USING") {
				w.keywords(0, "ON", "USING", "AS")
			} else {
				if !w.selected() {
					w.keywords(-1, "SELECT")
				}
				w.keywords(0, "AS")
			}
			w.keywords(1, "WHERE")
			w.keywords(2, joins...)
			w.keywords(3, tails...)
			w.keywords(4, "TABLESAMPLE", "PIVOT", "UNPIVOT", "ON", "USING")
			w.anyKeyword(5)
			return true
		}
	case "INTO":
		switch {
		case before == "INTO":
			w.tables(0)
		case p.endsOperand(prev):
			w.keywords(0, "VALUES", "SELECT", "FROM", "WITH", "BY NAME", "BY POSITION", "DEFAULT VALUES", "AS", "USING", "NAME", "VALUE")
			w.anyKeyword(1)
		default:
			w.keywords(0, "NAME", "VALUES")
		}
		return true
	case "UPDATE":
		if before == "UPDATE" {
			w.tables(0)
		} else {
			w.keywords(0, "SET", "AS")
		}
		return true
	case "PIVOT", "UNPIVOT":
		if before == "PIVOT" || before == "UNPIVOT" {
			w.tables(0)
			w.sources(1)
		} else {
			w.keywords(0, "ON", "USING", "GROUP BY", "ORDER BY", "LIMIT")
		}
		return true
	case "TABLE":
		if before == "TABLE" {
			w.tables(0)
			return true
		}
	case "SET":
		if (before == "SET" || p.is(prev, ",")) && p.group < 0 {
			w.columns(0)
			return true
		}
	case "USING":
		if before == "USING" && (p.any(0, "DELETE", "MERGE") || p.any(prev-1, "DELETE")) {
			w.tables(0)
			return true
		}
		if before == "USING" && !p.any(0, "PIVOT") {
			w.keywords(0, "SAMPLE")
		}
		if before != "USING" && p.endsOperand(prev) {
			w.keywords(0, "WHERE", "GROUP BY", "ON", "WHEN MATCHED THEN", "WHEN NOT MATCHED THEN")
			w.keywords(1, joins...)
			w.keywords(2, tails...)
			w.anyKeyword(3)
			return true
		}
	case "ON":
		if p.is(prev, ",") && !inCall && p.group < 0 && !p.any(0, "PIVOT", "UNPIVOT", "CREATE") {
			w.tables(0)
			w.columns(1)
			return true
		}
	case "GROUP", "ORDER", "PARTITION":
		if before == p.clause {
			w.keywords(0, "BY")
			return true
		}
	case "WITH":
		if before == "WITH" {
			w.keywords(0, "RECURSIVE")
			return true
		}
		if p.is(prev, ")") {
			w.keywords(0, "SELECT", "FROM", "INSERT INTO", "UPDATE", "DELETE FROM", "AS")
			return true
		}
		if p.isName(prev) && p.group < 0 {
			w.keywords(0, "AS")
			return true
		}
	case "UNION", "EXCEPT", "INTERSECT":
		w.keywords(0, "SELECT", "FROM", "ALL", "BY NAME", "ALL BY NAME", "DISTINCT")
		return true
	case "LIMIT", "OFFSET":
		if p.endsOperand(prev) {
			w.keywords(0, "OFFSET", "LIMIT")
			return true
		}
	}
	return false
}

// selected reports that the query at the cursor has a select list.
func (w *writer) selected() bool {
	levels := w.around()
	return levels[len(levels)-1].core.itemsLo >= 0
}

// argument offers what can stand as an argument of a table function.
func (w *writer) argument(prev int) bool {
	p := &w.place
	if p.endsOperand(prev) {
		w.keywords(0, operatorWords...)
		return true
	}
	if p.is(p.group, "(") && p.is(prev, ",") {
		w.namedArguments(0, p.text(p.group-1))
	}
	w.operandNames(1)
	return true
}

// expression offers what continues or begins an expression.
func (w *writer) expression(prev int) {
	p := &w.place
	if !p.endsOperand(prev) {
		w.operandNames(0)
		return
	}
	if n := w.openCase(); n > 0 {
		w.keywords(0, caseWords...)
	}
	switch p.clause {
	case "SELECT":
		w.keywords(1, "FROM", "AS")
		if p.is(prev, "*") {
			w.keywords(1, "EXCLUDE", "REPLACE", "RENAME")
		}
		w.keywords(2, operatorWords...)
		w.keywords(3, tails...)
	case "ORDER", "PARTITION":
		w.keywords(1, "ASC", "DESC", "NULLS FIRST", "NULLS LAST", "LIMIT", "OFFSET", "ROWS", "RANGE")
		w.keywords(2, operatorWords...)
	case "WHERE", "ON", "HAVING", "QUALIFY", "SET", "GROUP", "WINDOW":
		w.keywords(1, "AND", "OR")
		if p.clause == "ON" {
			w.keywords(2, joins...)
			w.keywords(2, "USING")
		}
		if p.any(0, "UPDATE", "DELETE", "INSERT", "MERGE") {
			w.keywords(3, "FROM", "WHERE", "RETURNING", "WHEN MATCHED THEN", "WHEN NOT MATCHED THEN", "THEN")
		}
		w.keywords(3, operatorWords...)
		w.keywords(4, tails...)
		if p.clause == "WHERE" && !w.selected() {
			w.keywords(4, "SELECT")
		}
	case "VALUES":
		w.keywords(1, "ON CONFLICT", "RETURNING")
	default:
		w.keywords(2, operatorWords...)
		w.keywords(3, tails...)
	}
	w.anyKeyword(6)
}

// openCase counts the CASE before the cursor that no END closes.
func (w *writer) openCase() int {
	n := 0
	p := &w.place
	for i := max(0, p.k-2000); i < p.k; i++ {
		switch p.kw(i) {
		case "CASE":
			n++
		case "END":
			n = max(0, n-1)
		}
	}
	return n
}

// operandNames offers what an expression can begin with, from the given group on.
func (w *writer) operandNames(group int) {
	p := &w.place
	w.columns(group)
	w.outputAliases(group + 1)
	w.relationNames(group + 1)
	if p.any(p.k-1, "INTERVAL") {
		return
	}
	w.functions(group+2, "scalar", "aggregate", "macro")
	if p.clause == "SELECT" && p.any(p.k-1, "SELECT") {
		w.keywords(group+3, "DISTINCT", "DISTINCT ON", "ALL")
	}
	if p.clause == "GROUP" || p.clause == "ORDER" {
		w.keywords(group+3, "ALL")
	}
	if p.clause == "GROUP" {
		w.keywords(group+3, "ROLLUP", "CUBE", "GROUPING SETS")
	}
	w.keywords(group+4, operands...)
	w.anyKeyword(group + 5)
}

// fileFunctions are functions whose first argument is a file, beside those that begin with read_.
var fileFunctions = wordSet(`parquet_scan parquet_metadata parquet_schema parquet_file_metadata parquet_kv_metadata
	parquet_bloom_probe glob sniff_csv csv_scan json_scan sqlite_scan sqlite_attach st_read st_read_meta iceberg_scan
	iceberg_metadata iceberg_snapshots delta_scan arrow_scan`)

// inString completes within a string literal, where it names a file or a setting.
func (w *writer) inString() {
	p := &w.place
	i := p.tok
	t := p.toks[i]
	if p.cell[t.start] != '\'' {
		return
	}
	w.start = t.start + 1
	w.end = w.cursor
	if w.start > w.cursor {
		return
	}
	w.typed = strings.ReplaceAll(w.cell[w.start:w.cursor], "''", "'")
	if !t.open && !strings.ContainsAny(p.text(i), "\n\r") {
		w.end = t.end - 1
		if n := strings.IndexAny(w.cell[w.cursor:w.end], " \t"); n >= 0 {
			w.end = w.cursor + n
		}
	}
	g := p.enclosing(i)
	if g >= 0 && p.is(g, "[") {
		i, g = g, p.parent[g]
	}
	if g >= 0 && p.is(g, "(") && p.kind(g-1) == word {
		f := lower(p.text(g - 1))
		if g == i-1 {
			switch {
			case f == "current_setting":
				w.settings(0)
				return
			case strings.HasPrefix(f, "read_"), fileFunctions[f]:
				w.files()
				return
			}
		}
		if !p.isQuery(g) && !p.any(0, "COPY") {
			return
		}
	}
	switch before := p.kw(i - 1); {
	case before == "FROM", before == "JOIN", before == "ATTACH", before == "LOAD", before == "SUMMARIZE", before == "DESCRIBE",
		before == "PIVOT", before == "UNPIVOT",
		before == "TO" && p.any(0, "COPY"),
		before == "DATABASE" && p.any(0, "ATTACH", "EXPORT", "IMPORT"),
		before == "EXISTS" && p.any(0, "ATTACH"),
		p.is(i-1, ",") && (p.clause == "FROM" || p.clause == "JOIN"):
		w.files()
	}
}
