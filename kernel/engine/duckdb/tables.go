package duckdb

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"sextant/kernel/engine"
)

// freshWait is how long a listing of tables waits for one that shows the newest change. With thousands of tables DuckDB
// needs longer than a keystroke allows; the listing before the change is shown then, and the new one the next time.
const freshWait = 12 * time.Millisecond

// sessionCatalog is what one session has looked up. While a statement runs on the session's connection, the engine's
// spare one answers; it knows neither the session's search path nor its temporary tables, so these are remembered here.
type sessionCatalog struct {
	mu sync.Mutex

	// path is where unqualified names are looked up; nil until it was asked for or changed.
	path []engine.SchemaName

	tables  []engine.Table
	byName  map[string][]engine.Table // by name in lower case
	at      int64                     // Engine.changed when tables was read
	read    bool
	reading chan struct{} // closed when the reading under way has ended; nil when none is

	columns   map[string][]engine.TableColumn // by the path in lower case, as SQL
	columnsAt int64
	// temporary are the columns of temporary tables and views, by name in lower case.
	temporary map[string][]engine.TableColumn
}

const currentSQL = "SELECT current_database(), unnest(list_distinct(list_prepend(current_schema(), current_schemas(false)))) UNION ALL SELECT 'temp', 'main'"

// Current gives the search path; temporary tables are found after what it names.
func (s *session) Current(ctx context.Context) ([]engine.SchemaName, error) {
	c := &s.catalog
	c.mu.Lock()
	path := c.path
	c.mu.Unlock()
	if path != nil {
		return path, nil
	}
	err := s.lookup(ctx, true, func(conn *session) (err error) {
		path, err = conn.schemaPairs(ctx, currentSQL)
		if err == nil && conn == s {
			c.mu.Lock()
			c.path = path
			c.mu.Unlock()
		}
		return err
	})
	return path, err
}

// notePath reads the search path anew, on the session's own connection between two statements.
func (s *session) notePath() {
	path, err := s.schemaPairs(context.Background(), currentSQL)
	c := &s.catalog
	c.mu.Lock()
	defer c.mu.Unlock()
	c.columns = nil
	if err == nil { // not in an aborted transaction, where it cannot have changed either
		c.path = path
	}
}

const tablesSQL = `
SELECT database_name, schema_name, table_name, CASE WHEN temporary THEN 'temporary table' ELSE 'table' END,
       coalesce(estimated_size, -1), comment
FROM duckdb_tables() WHERE NOT internal
UNION ALL
SELECT database_name, schema_name, view_name,
       CASE WHEN internal THEN 'system view' WHEN temporary THEN 'temporary view' ELSE 'view' END, -1, comment
FROM duckdb_views()`

// Tables lists tables and views; see engine.Catalog.
func (s *session) Tables(ctx context.Context) ([]engine.Table, error) {
	c := &s.catalog
	c.mu.Lock()
	if c.read && c.at == s.eng.changed.Load() {
		defer c.mu.Unlock()
		return c.tables, nil
	}
	if c.reading == nil {
		c.reading = make(chan struct{})
		go s.readTables(c.reading)
	}
	reading, stale := c.reading, c.read
	c.mu.Unlock()

	var enough <-chan time.Time // forever, as long as there is no older listing to show
	if stale {
		timer := time.NewTimer(freshWait)
		defer timer.Stop()
		enough = timer.C
	}
	select {
	case <-reading:
	case <-enough:
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tables, nil
}

// readTables reads the listing anew, whoever asked for it having perhaps gone. It leaves the session's connection to the
// session where it can: only temporary tables and an open transaction's need it.
func (s *session) readTables(done chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	at := s.eng.changed.Load()
	var tables []engine.Table
	var temporary map[string][]engine.TableColumn
	own := false
	err := s.lookup(ctx, s.txOpen.Load() || s.hasTemp.Load(), func(conn *session) (err error) {
		own = conn == s
		if tables, err = conn.listTables(ctx); err == nil && own {
			temporary, err = conn.temporaryColumns(ctx)
		}
		return err
	})
	c := &s.catalog
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		if own {
			c.temporary = temporary
		} else {
			tables = append(tables, temporaryOf(c.tables)...)
		}
		c.tables, c.at, c.read = tables, at, true
		c.byName = make(map[string][]engine.Table, len(tables))
		for _, t := range tables {
			key := strings.ToLower(t.Name)
			c.byName[key] = append(c.byName[key], t)
		}
	}
	c.reading = nil
	close(done)
}

func (s *session) listTables(ctx context.Context) ([]engine.Table, error) {
	rows, err := s.rows(ctx, tablesSQL)
	tables := make([]engine.Table, 0, len(rows))
	for _, r := range rows {
		n, _ := strconv.ParseInt(r[4], 10, 64)
		tables = append(tables, engine.Table{Database: r[0], Schema: r[1], Name: r[2], Kind: r[3], Rows: n, Comment: r[5]})
	}
	return tables, err
}

func temporaryOf(tables []engine.Table) []engine.Table {
	var out []engine.Table
	for _, t := range tables {
		if strings.HasPrefix(t.Kind, "temporary") {
			out = append(out, t)
		}
	}
	return out
}

func (s *session) temporaryColumns(ctx context.Context) (map[string][]engine.TableColumn, error) {
	rows, err := s.rows(ctx, "SELECT lower(table_name), column_name, data_type, is_nullable, column_default FROM duckdb_columns() "+
		"WHERE database_name = 'temp' AND NOT internal ORDER BY table_name, column_index")
	out := map[string][]engine.TableColumn{}
	for _, r := range rows {
		out[r[0]] = append(out[r[0]], engine.TableColumn{Name: r[1], Type: r[2], Nullable: r[3] != "false", Default: r[4]})
	}
	return out, err
}

// resolve finds what a path of one to three names stands for in this session, among the tables last listed.
func (s *session) resolve(ctx context.Context, path []string) (engine.Table, bool) {
	current, err := s.Current(ctx)
	if err != nil || len(path) == 0 || len(path) > 3 {
		return engine.Table{}, false
	}
	c := &s.catalog
	c.mu.Lock()
	named := c.byName[strings.ToLower(path[len(path)-1])]
	c.mu.Unlock()
	pick := func(database, schema string) (engine.Table, bool) {
		for _, t := range named {
			if strings.EqualFold(t.Database, database) && strings.EqualFold(t.Schema, schema) {
				return t, true
			}
		}
		return engine.Table{}, false
	}
	if len(path) == 3 {
		return pick(path[0], path[1])
	}
	if len(path) == 2 {
		if t, ok := pick(path[0], "main"); ok { // a database's name may stand before a table
			return t, true
		}
	}
	for _, at := range current {
		schema := at.Schema
		if len(path) == 2 {
			schema = path[0]
		}
		if t, ok := pick(at.Database, schema); ok {
			return t, true
		}
	}
	return engine.Table{}, false
}

func quotedPath(path ...string) string {
	quoted := make([]string, len(path))
	for i, p := range path {
		quoted[i] = `"` + strings.ReplaceAll(p, `"`, `""`) + `"`
	}
	return strings.Join(quoted, ".")
}

// Columns lists a table's columns; see engine.Catalog.
func (s *session) Columns(ctx context.Context, path []string) ([]engine.TableColumn, error) {
	typed := quotedPath(path...)
	return s.describeCached(ctx, true, typed, func() (string, []engine.TableColumn) {
		t, ok := s.resolve(ctx, path)
		if !ok {
			return typed, nil
		}
		if !strings.HasPrefix(t.Kind, "temporary") {
			return quotedPath(t.Database, t.Schema, t.Name), nil
		}
		s.catalog.mu.Lock()
		defer s.catalog.mu.Unlock()
		return "", s.catalog.temporary[strings.ToLower(t.Name)]
	})
}

// SourceColumns lists the columns of a file or table function; see engine.Catalog. It runs beside the session's own
// transaction, which an unreadable file would abort.
func (s *session) SourceColumns(ctx context.Context, from string) ([]engine.TableColumn, error) {
	return s.describeCached(ctx, !s.txOpen.Load(), from, func() (string, []engine.TableColumn) { return from, nil })
}

// describeCached lists the columns of what stands in FROM. elsewhere is asked where the session's own connection is not
// free: it gives a text that means the same on any connection, or the columns.
func (s *session) describeCached(ctx context.Context, own bool, from string, elsewhere func() (string, []engine.TableColumn)) ([]engine.TableColumn, error) {
	key := strings.ToLower(from)
	c := &s.catalog
	now := s.eng.changed.Load()
	c.mu.Lock()
	if c.columns == nil || c.columnsAt != now || len(c.columns) > 2000 {
		c.columns, c.columnsAt = map[string][]engine.TableColumn{}, now
	}
	cols, ok := c.columns[key]
	c.mu.Unlock()
	if ok {
		return cols, nil
	}
	text, known := elsewhere() // not within lookup, which it may need itself
	certain := true
	err := s.lookup(ctx, own, func(conn *session) (err error) {
		if conn != s {
			certain = !own // what another connection does not find may be there for this one
			if text == "" {
				cols = known
				return nil
			}
			from = text
		}
		cols, err = conn.describe(ctx, from)
		return err
	})
	var said *engine.Error
	if errors.As(err, &said) {
		if !certain {
			return nil, nil
		}
		cols, err = nil, nil // no such table, or not readable: nothing to complete
	}
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.columnsAt == now && c.columns != nil {
		c.columns[key] = cols
	}
	return cols, nil
}

func (s *session) describe(ctx context.Context, from string) ([]engine.TableColumn, error) {
	rows, err := s.rows(ctx, "DESCRIBE FROM "+from)
	var cols []engine.TableColumn
	for _, r := range rows {
		col := engine.TableColumn{Name: r[0], Type: r[1], Nullable: r[2] != "NO", Default: r[4]}
		switch r[3] {
		case "PRI":
			col.Key = "primary key"
		case "UNI":
			col.Key = "unique"
		}
		cols = append(cols, col)
	}
	return cols, err
}
