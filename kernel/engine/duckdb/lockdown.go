package duckdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"sextant/kernel/engine"
	"sextant/kernel/sqltext"
)

// DuckDB's own lock (enable_external_access, allowed_directories, lock_configuration) holds for what goes through its
// file system. Some functions and storage types of its extensions open files or sockets by themselves, and two of its
// own calls set what lock_configuration does not cover. A locked session may not call these; what the environment
// attached or wrapped in a view before the lock stays usable.

// bypasses are the functions that reach past the lock, each with what it would do.
var bypasses = map[string]string{
	"sqlite_scan":            "opens files by itself",
	"sqlite_attach":          "opens files by itself",
	"st_readshp":             "opens files by itself",
	"shapefile_meta":         "opens files by itself",
	"copy_dir":               "opens files by itself",
	"read_postgres_binary":   "opens files by itself",
	"postgres_scan":          "connects by itself",
	"postgres_scan_pushdown": "connects by itself",
	"postgres_attach":        "connects by itself",
	"postgres_execute":       "writes to an attached database by itself",
	"mysql_scan":             "connects by itself",
	"mysql_attach":           "connects by itself",
	"mysql_execute":          "writes to an attached database by itself",
	"mysql_query":            "writes to an attached database by itself",
	"delta_scan":             "opens files by itself",
	"enable_logging":         "writes files by itself",
	"enable_profiling":       "writes files by itself",
	// These run SQL that nobody has looked at.
	"import_database":             "runs a file of SQL",
	"query":                       "runs SQL made from a text",
	"json_execute_serialized_sql": "runs SQL made from a text",
	"from_substrait":              "runs a plan made from a text",
	"from_substrait_json":         "runs a plan made from a text",
}

// bypass gives the first function of a text that reaches past the lock. Every function of the delta extension does: it
// has a file system of its own.
func bypass(text string) (name, why string) {
	for _, name := range sqltext.Calls(text) {
		if why := bypasses[name]; why != "" {
			return name, why
		}
		if strings.HasPrefix(name, "delta_") {
			return name, bypasses["delta_scan"]
		}
	}
	return "", ""
}

// storagePrefix is the head of a path that names a storage type, such as sqlite: or ducklake:.
var storagePrefix = regexp.MustCompile(`^[A-Za-z0-9_+-]{2,}:`)

// forbid says why a locked session may not run a statement; nil when it may.
func (e *Engine) forbid(sql string) error {
	sql = sqltext.Wrapped(sql)
	if name, why := bypass(sql); name != "" {
		return denied(fmt.Sprintf("%s() cannot be used in this session: it %s, past the session's limits", name, why))
	}
	switch sqltext.FirstKeyword(sql) {
	case "IMPORT":
		return denied("IMPORT DATABASE cannot be used in this session: it runs a file of SQL, past the session's limits")
	case "PRAGMA": // PRAGMA name = value is a call too
		if name, why := bypass(strings.ReplaceAll(sql, "=", "(")); name != "" {
			return denied(fmt.Sprintf("PRAGMA %s cannot be used in this session: it %s, past the session's limits", name, why))
		}
	case "ATTACH":
		a, _ := sqltext.ParseAttach(sql)
		switch {
		case !a.PathOK || strings.ContainsAny(a.Path, "'\n"):
			return denied("ATTACH takes a plain 'path' in this session")
		case a.Type != "" && a.Type != "duckdb", storagePrefix.MatchString(a.Path):
			return denied("only DuckDB databases can be attached in this session; others are attached by its environment")
		case e.isReadOnly(a.Path):
			return denied(a.Path + " is attached already, and may only be read")
		case e.inReadOnlyDir(a.Path):
			return denied(a.Path + " lies in a data source that may only be read")
		}
	case "COPY":
		path, plain, copies := sqltext.CopyTarget(sql)
		if copies && !plain {
			return denied("COPY … TO takes a plain 'path' in this session")
		}
		if copies && (e.isReadOnly(path) || e.inReadOnlyDir(path)) {
			return denied(path + " may only be read")
		}
	}
	return nil
}

// isReadOnly reports whether path is the file of a database that may only be read, or a companion of it such as its
// write-ahead log (file.wal), which whoever opens the database next would replay. DuckDB lets every file attached
// before the lock, and its companions, be opened again, for writing too.
func (e *Engine) isReadOnly(path string) bool {
	for {
		if info, err := os.Stat(path); err == nil && slices.ContainsFunc(e.readOnly, func(f os.FileInfo) bool { return os.SameFile(f, info) }) {
			return true
		}
		ext := filepath.Ext(path)
		if ext == "" {
			return false
		}
		path = strings.TrimSuffix(path, ext)
	}
}

// inReadOnlyDir reports whether a path lies in a folder of files that may only be read, whatever links lead there.
func (e *Engine) inReadOnlyDir(path string) bool {
	for _, a := range e.cfg.Attach { // an object store has no links: what may be written begins with the very text that is allowed
		if place := strings.TrimSuffix(a.Path, "/"); a.Type == "bucket" && a.ReadOnly && (path == place || strings.HasPrefix(path, place+"/")) {
			return true
		}
	}
	if len(e.readOnlyDirs) == 0 || strings.Contains(path, "://") {
		return false
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return true
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	} else if real, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		path = filepath.Join(real, filepath.Base(path))
	}
	for dir := path; ; dir = filepath.Dir(dir) {
		if info, err := os.Stat(dir); err == nil && slices.ContainsFunc(e.readOnlyDirs, func(f os.FileInfo) bool { return os.SameFile(f, info) }) {
			return true
		}
		if dir == filepath.Dir(dir) {
			return false
		}
	}
}

// readOnlyFiles finds the files that isReadOnly is to know.
func (e *Engine) readOnlyFiles() []os.FileInfo {
	paths := []string{}
	if e.cfg.ReadOnly && e.cfg.Path != "" {
		paths = append(paths, e.cfg.Path)
	}
	for _, a := range e.cfg.Attach {
		if a.ReadOnly {
			paths = append(paths, a.Path)
		}
	}
	var files []os.FileInfo
	for _, p := range paths {
		if info, err := os.Stat(p); err == nil { // others are no local files
			if info.IsDir() {
				e.readOnlyDirs = append(e.readOnlyDirs, info)
				continue
			}
			files = append(files, info)
		}
	}
	return files
}

// allowed runs a statement, in a locked session only if it may run.
func (s *session) allowed(ctx context.Context, q engine.Query) (*result, error) {
	if !s.eng.locked {
		return s.query(ctx, q)
	}
	if err := s.eng.forbid(q.SQL); err != nil {
		return nil, err
	}
	if sqltext.FirstKeyword(sqltext.Wrapped(q.SQL)) != "ATTACH" {
		return s.query(ctx, q)
	}
	before, err := s.databases(ctx)
	if err != nil {
		return nil, err
	}
	r, err := s.query(ctx, q)
	if err != nil {
		return nil, err
	}
	if err := s.attachedClean(ctx, before); err != nil {
		r.free()
		return nil, err
	}
	return r, nil
}

func denied(message string) error {
	return &engine.Error{Class: "PermissionException", Message: message, Position: -1,
		Hint: "this session may use only the files and databases that its environment names"}
}

// attachedClean looks at the views and macros that a just attached database brings, since their text is not looked at
// when they are used; a database with one that reaches past the lock is detached again. Names of databases attached
// before are in before.
func (s *session) attachedClean(ctx context.Context, before map[string]bool) error {
	now, err := s.databases(ctx)
	if err != nil {
		return err
	}
	for name := range now {
		if before[name] {
			continue
		}
		if err := s.storedClean(ctx, name); err != nil {
			_, detach := s.rows(ctx, "DETACH "+sqltext.QuoteIdent(name))
			return errors.Join(err, detach)
		}
	}
	return nil
}

func (s *session) storedClean(ctx context.Context, database string) error {
	rows, err := s.rows(ctx, "SELECT view_name, sql FROM duckdb_views() WHERE database_name = "+sqltext.QuoteString(database)+
		" UNION ALL SELECT function_name, macro_definition FROM duckdb_functions() WHERE macro_definition IS NOT NULL AND database_name = "+
		sqltext.QuoteString(database))
	if err != nil {
		return err
	}
	for _, row := range rows {
		if call, why := bypass(row[1]); call != "" {
			return denied(fmt.Sprintf("database %s cannot be attached in this session: its %s uses %s(), which %s",
				database, row[0], call, why))
		}
	}
	return nil
}

func (s *session) databases(ctx context.Context) (map[string]bool, error) {
	rows, err := s.rows(ctx, "SELECT database_name FROM duckdb_databases()")
	names := make(map[string]bool, len(rows))
	for _, row := range rows {
		names[row[0]] = true
	}
	return names, err
}
