// Package duckdb is the engine on DuckDB, linked into the program (the only package that needs cgo).
//
// It speaks to DuckDB through the C API's bindings rather than database/sql, because only they stream: a result of
// any size is read chunk by chunk, and its first rows arrive while the rest is still being computed.
package duckdb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"

	duck "github.com/duckdb/duckdb-go-bindings"

	"sextant/kernel/engine"
	"sextant/kernel/sqltext"
)

// Config says how a database is opened. The zero value is a database in memory with DuckDB's own defaults.
type Config struct {
	// Path is the database file; empty means in memory.
	Path     string
	ReadOnly bool
	// Threads and MemoryLimit ("2GB") bound what queries use; zero values leave DuckDB's defaults.
	Threads     int
	MemoryLimit string
	// TempDir is where DuckDB spills what does not fit in memory. Empty: a directory of this process under the
	// system's temporary directory, removed at Close. MaxTemp ("10GB") caps what is spilled.
	TempDir string
	MaxTemp string
	// Extensions are directories searched for NAME.duckdb_extension files. Nothing is ever downloaded.
	Extensions []string
	// Load names extensions to load at start.
	Load []string
	// Attach lists databases to attach at start.
	Attach []Attachment
	// InitSQL runs once on the first connection, before the configuration is locked. InitVariables are SQL variables there,
	// and there alone.
	InitSQL       string
	InitVariables map[string]string
	// Lenient makes a notice (Engine.Notices) of what cannot be attached, loaded or initialised, instead of an error.
	Lenient bool
	// Locked turns external access off except below AllowedDirs and for AllowedPaths, and locks the configuration
	// before the first user statement.
	Locked       bool
	AllowedDirs  []string
	AllowedPaths []string
	// Log receives what a person running the kernel may want to know. Nil: discarded.
	Log *slog.Logger
}

// Attachment is a database attached at start.
type Attachment struct {
	Name string
	Path string
	// Type is "duckdb", "sqlite", "postgres", or "folder" or "bucket" for one of files, which becomes a database of views;
	// empty lets DuckDB find out.
	Type     string
	ReadOnly bool
	// Secret is what it is opened with; nil: nothing.
	Secret *Secret
}

// Engine is one DuckDB database in this process.
type Engine struct {
	cfg     Config
	db      duck.Database
	log     *slog.Logger
	version string
	tempDir string // ours to remove, or empty

	notices []string // complete once Open has returned

	locked bool // the lock is on: set once, before the first session is given out
	// readOnlyDirs are folders of files that a locked session may only read.
	readOnlyDirs []os.FileInfo
	readOnly     []os.FileInfo // the files of databases that a locked session may only read

	// aux is a connection for the catalogue while a session's own connection is busy; who uses it has put a token into
	// auxFree.
	auxFree chan struct{}
	aux     *session

	// changed counts what may have changed the catalogue, functionsChanged what may have brought functions; what is
	// cached remembers the count it was read at.
	changed          atomic.Int64
	functionsChanged atomic.Int64
	lists            lists
}

var _ engine.Engine = (*Engine)(nil)

// settings allowed to change even when the configuration is locked: they concern a session's own view of things and
// reach neither files nor memory limits.
const allowedConfigs = "['enable_progress_bar','enable_progress_bar_print','progress_bar_time','streaming_buffer_size'," +
	"'TimeZone','Calendar','search_path','schema','default_order','default_null_order','default_collation'," +
	"'integer_division','preserve_insertion_order','explain_output','enable_profiling','profiling_mode'," +
	"'custom_profiling_settings','ieee_floating_point_ops','pivot_limit','ordered_aggregate_threshold']"

// Open opens the database that cfg describes and readies it: extensions, attachments, init SQL, lock.
func Open(ctx context.Context, cfg Config) (_ *Engine, err error) {
	e := &Engine{cfg: cfg, log: cfg.Log, auxFree: make(chan struct{}, 1), version: duck.LibraryVersion()}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	if e.cfg.TempDir == "" {
		e.tempDir = filepath.Join(os.TempDir(), "sextant-kernel-"+strconv.Itoa(os.Getpid()))
		e.cfg.TempDir = e.tempDir
	}
	opts := [][2]string{
		{"temp_directory", e.cfg.TempDir},
		{"autoinstall_known_extensions", "false"},
		{"arrow_lossless_conversion", "true"},
		{"errors_as_json", "true"},
		// What a large statement needed goes back to the system a second later; without it, only as later ones run.
		{"allocator_background_threads", "true"},
	}
	add := func(name, value string) {
		if value != "" {
			opts = append(opts, [2]string{name, value})
		}
	}
	add("memory_limit", cfg.MemoryLimit)
	if cfg.Threads > 0 {
		add("threads", strconv.Itoa(cfg.Threads))
	}
	if cfg.ReadOnly {
		add("access_mode", "READ_ONLY")
	}
	if dir := extensionDirectory(e.version, cfg.Extensions, e.log); dir != "" {
		add("extension_directory", dir)
	}
	if cfg.Locked {
		// DuckDB's own home lookups and what it would keep on disk have no place in a locked session.
		add("allow_persistent_secrets", "false")
		add("allow_community_extensions", "false")
	}
	if err := e.open(opts); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.Close())
		}
	}()
	return e, e.prepare(ctx)
}

func (e *Engine) open(opts [][2]string) error {
	var conf duck.Config
	if duck.CreateConfig(&conf) == duck.StateError {
		return errors.New("duckdb: could not make a configuration")
	}
	defer duck.DestroyConfig(&conf)
	for _, o := range opts {
		if duck.SetConfig(conf, o[0], o[1]) == duck.StateError {
			return fmt.Errorf("duckdb: %s does not take the value %q", o[0], o[1])
		}
	}
	path := e.cfg.Path
	if path == "" {
		path = ":memory:"
	}
	var msg string
	if duck.OpenExt(path, &e.db, conf, &msg) == duck.StateError {
		return fmt.Errorf("open database %s: %w", path, parseError(msg))
	}
	return nil
}

// prepare runs what comes before the first user statement, and locks last.
func (e *Engine) prepare(ctx context.Context) error {
	if e.cfg.MaxTemp == "" && len(e.cfg.Load) == 0 && len(e.cfg.Attach) == 0 && e.cfg.InitSQL == "" && !e.cfg.Locked {
		return nil
	}
	s, err := e.newSession()
	if err != nil {
		return err
	}
	defer s.Close()
	if e.cfg.MaxTemp != "" { // DuckDB 1.5.5 takes it as an option at opening too, but does not keep to it then
		if err := s.exec(ctx, "SET max_temp_directory_size = "+sqltext.QuoteString(e.cfg.MaxTemp)); err != nil {
			return fmt.Errorf("cap of the temporary directory: %w", err)
		}
	}
	for _, name := range e.cfg.Load {
		if err := s.exec(ctx, "LOAD "+sqltext.QuoteIdent(name)); err != nil {
			if !e.cfg.Lenient || ctx.Err() != nil {
				return fmt.Errorf("load extension %s: %w", name, err)
			}
			e.notice("DuckDB's extension %s is not there: %s", name, firstLine(messageOf(err)))
		}
	}
	if err := e.attachAll(ctx, s); err != nil {
		return err
	}
	if err := e.initialise(ctx, s); err != nil {
		return err
	}
	if !e.cfg.Locked {
		return nil
	}
	return e.lock(ctx, s)
}

func (e *Engine) lock(ctx context.Context, s *session) error {
	for _, sql := range []string{
		"SET allowed_directories = " + stringList(dirsWithSlash(e.cfg.AllowedDirs)),
		"SET allowed_paths = " + stringList(e.cfg.AllowedPaths),
		"SET autoload_known_extensions = false",
		"SET allowed_configs = " + allowedConfigs,
		"SET enable_external_access = false",
		"SET lock_configuration = true",
	} {
		if err := s.exec(ctx, sql); err != nil {
			return fmt.Errorf("lock configuration: %w", err)
		}
	}
	e.locked, e.readOnly = true, e.readOnlyFiles()
	return nil
}

func (a Attachment) sql() string {
	var opts []string
	if a.Type != "" {
		opts = append(opts, "TYPE "+sqltext.QuoteIdent(a.Type))
	}
	if a.ReadOnly {
		opts = append(opts, "READ_ONLY")
	}
	if a.Secret != nil {
		opts = append(opts, "SECRET "+sqltext.QuoteIdent(a.secretName()))
	}
	sql := "ATTACH " + sqltext.QuoteString(a.Path) + " AS " + sqltext.QuoteIdent(a.Name)
	if len(opts) > 0 {
		sql += " (" + strings.Join(opts, ", ") + ")"
	}
	return sql
}

func stringList(items []string) string {
	quoted := make([]string, len(items))
	for i, s := range items {
		quoted[i] = sqltext.QuoteString(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// dirsWithSlash ends each directory in a slash, so that a sibling whose name merely begins alike is not let in.
func dirsWithSlash(dirs []string) []string {
	out := make([]string, len(dirs))
	for i, d := range dirs {
		out[i] = strings.TrimSuffix(d, "/") + "/"
	}
	return out
}

// Name is "DuckDB".
func (e *Engine) Name() string { return "DuckDB" }

// Version is DuckDB's version, such as "v1.5.5".
func (e *Engine) Version() string { return e.version }

// Close closes the database; all sessions must have been closed before.
func (e *Engine) Close() error {
	if e.aux != nil {
		e.aux.Close()
		e.aux = nil
	}
	if e.db.Ptr != nil {
		duck.Close(&e.db)
	}
	if e.tempDir != "" {
		return os.RemoveAll(e.tempDir)
	}
	return nil
}

// LibraryVersion is the version of the DuckDB linked in, such as "v1.5.5".
func LibraryVersion() string { return duck.LibraryVersion() }
