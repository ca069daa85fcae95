package duckdb

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"sextant/kernel/engine"
)

// freshWait is how long a listing of tables waits for one that shows the newest change. With thousands of tables DuckDB
// needs longer than a keystroke allows; the listing before the change is shown then, and the new one the next time.
const freshWait = 12 * time.Millisecond

// unitSeparator joins lists of texts in catalogue queries; it occurs in no name.
const unitSeparator = "\x1f"

// sessionCatalog is what one session has looked up.
type sessionCatalog struct {
	mu      sync.Mutex
	tables  []engine.Table
	at      int64 // Engine.changed when tables was read; -1 while never read
	read    bool
	reading chan struct{} // closed when the reading under way has ended; nil when none is

	columns   map[string][]engine.TableColumn
	columnsAt int64
}

// lookup runs f with a connection that is free: this session's own, which sees its temporary tables and open
// transaction, or the engine's spare one while a statement runs here or the transaction is aborted.
func (s *session) lookup(ctx context.Context, own bool, f func(*session) error) error {
	if own && !s.txFail.Load() && s.busy.TryLock() {
		defer s.busy.Unlock()
		return f(s)
	}
	e := s.eng
	e.auxMu.Lock()
	defer e.auxMu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if e.aux == nil {
		aux, err := e.newSession()
		if err != nil {
			return err
		}
		e.aux = aux
	}
	return f(e.aux)
}

// rows runs a catalogue query on a connection that lookup gave, and returns its cells as text; NULL is "".
func (s *session) rows(ctx context.Context, sql string) ([][]string, error) {
	r, err := s.query(ctx, engine.Query{SQL: sql})
	if err != nil {
		return nil, err
	}
	defer r.free()
	var out [][]string
	for {
		rec, err := r.next(ctx)
		if err != nil {
			return nil, err
		}
		if rec == nil {
			return out, nil
		}
		out = appendCells(out, rec)
		rec.Release()
	}
}

// next is Next without io.EOF: nil at the end.
func (r *result) next(ctx context.Context) (arrow.RecordBatch, error) {
	rec, err := r.Next(ctx)
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	return rec, err
}

func appendCells(out [][]string, rec arrow.RecordBatch) [][]string {
	n, width := int(rec.NumRows()), int(rec.NumCols())
	cells := make([]string, n*width)
	for c := range width {
		col := rec.Column(c)
		for i := range n {
			if !col.IsNull(i) {
				// The strings are copied: the batch's memory is DuckDB's.
				cells[i*width+c] = strings.Clone(col.ValueStr(i))
			}
		}
	}
	for i := range n {
		out = append(out, cells[i*width:(i+1)*width:(i+1)*width])
	}
	return out
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

// readTables reads the listing anew, whoever asked for it having perhaps gone.
func (s *session) readTables(done chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	at := s.eng.changed.Load()
	var rows [][]string
	err := s.lookup(ctx, true, func(conn *session) (err error) {
		rows, err = conn.rows(ctx, tablesSQL)
		return err
	})
	tables := make([]engine.Table, 0, len(rows))
	for _, r := range rows {
		n, _ := strconv.ParseInt(r[4], 10, 64)
		tables = append(tables, engine.Table{Database: r[0], Schema: r[1], Name: r[2], Kind: r[3], Rows: n, Comment: r[5]})
	}
	c := &s.catalog
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		c.tables, c.at, c.read = tables, at, true
	}
	c.reading = nil
	close(done)
}

// Columns lists a table's columns; see engine.Catalog.
func (s *session) Columns(ctx context.Context, path []string) ([]engine.TableColumn, error) {
	quoted := make([]string, len(path))
	for i, p := range path {
		quoted[i] = `"` + strings.ReplaceAll(p, `"`, `""`) + `"`
	}
	return s.describeCached(ctx, true, strings.Join(quoted, "."))
}

// SourceColumns lists the columns of a file or table function; see engine.Catalog. It runs beside the session's own
// transaction, which an unreadable file would abort.
func (s *session) SourceColumns(ctx context.Context, from string) ([]engine.TableColumn, error) {
	return s.describeCached(ctx, !s.txOpen.Load(), from)
}

func (s *session) describeCached(ctx context.Context, own bool, from string) ([]engine.TableColumn, error) {
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
	err := s.lookup(ctx, own, func(conn *session) error {
		rows, err := conn.rows(ctx, "DESCRIBE FROM "+from)
		if err != nil {
			return err
		}
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
		return nil
	})
	var said *engine.Error
	if errors.As(err, &said) {
		cols, err = nil, nil // no such table, or not readable: nothing to complete
	}
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.columnsAt == now {
		c.columns[key] = cols
	}
	return cols, nil
}

// Databases lists the attached databases.
func (s *session) Databases(ctx context.Context) ([]string, error) {
	var out []string
	err := s.lookup(ctx, true, func(conn *session) error {
		rows, err := conn.rows(ctx, "SELECT database_name FROM duckdb_databases() WHERE NOT internal ORDER BY 1")
		for _, r := range rows {
			out = append(out, r[0])
		}
		return err
	})
	return out, err
}

// Schemas lists the schemas of all databases.
func (s *session) Schemas(ctx context.Context) ([]engine.SchemaName, error) {
	return s.schemaNames(ctx, "SELECT database_name, schema_name FROM duckdb_schemas() ORDER BY ALL")
}

// Current gives the search path; temporary tables are found after what it names.
func (s *session) Current(ctx context.Context) ([]engine.SchemaName, error) {
	return s.schemaNames(ctx, "SELECT current_database(), unnest(list_distinct(list_prepend(current_schema(), current_schemas(false)))) UNION ALL SELECT 'temp', 'main'")
}

func (s *session) schemaNames(ctx context.Context, sql string) ([]engine.SchemaName, error) {
	var out []engine.SchemaName
	err := s.lookup(ctx, true, func(conn *session) error {
		rows, err := conn.rows(ctx, sql)
		for _, r := range rows {
			out = append(out, engine.SchemaName{Database: r[0], Schema: r[1]})
		}
		return err
	})
	return out, err
}

// Files lists what a path may be completed to; see engine.Catalog.
func (s *session) Files(_ context.Context, prefix string) ([]string, error) {
	return listFiles(prefix, s.eng.cfg), nil
}
