package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"sextant/kernel"
	"sextant/kernel/cell"
	"sextant/kernel/engine"
	"sextant/kernel/engine/duckdb"
	"sextant/kernel/wire"
	"sextant/kernel/zmq"
)

type runCmd struct {
	Connection string `short:"f" required:"" type:"existingfile" help:"Connection file, as Jupyter writes it."`
	Database   string `env:"SEXTANT_DATABASE" placeholder:"FILE" help:"Database file; without one the database is in memory."`
	ReadOnly   bool   `env:"SEXTANT_READ_ONLY" help:"Open the database file read-only."`
	Init       string `env:"SEXTANT_INIT" type:"existingfile" placeholder:"FILE" help:"SQL file to run at start."`
	Memory     string `env:"SEXTANT_MEMORY" placeholder:"SIZE" help:"Memory that queries may use, such as 4GB."`
	Threads    int    `env:"SEXTANT_THREADS" placeholder:"N" help:"Threads that queries may use."`
	Temp       string `env:"SEXTANT_TEMP" placeholder:"DIR" help:"Directory to spill to."`
	MaxTemp    string `env:"SEXTANT_MAX_TEMP" placeholder:"SIZE" help:"How much may be spilled."`
	Rows       int    `env:"SEXTANT_ROWS" default:"1000" help:"Rows of a result that are shown."`
	Extensions string `env:"SEXTANT_EXTENSIONS" placeholder:"DIRS" help:"Directories with DuckDB extensions, separated by colons."`
	Results    string `env:"SEXTANT_RESULTS" placeholder:"DIR" help:"Directory for full results that a client asks to be kept."`
	History    string `env:"SEXTANT_HISTORY" placeholder:"FILE" help:"History file; 'none' keeps no history."`
	Spec       string `type:"existingfile" placeholder:"FILE" help:"Launch spec of a managed session: what it allows, and nothing else; replaces the options above."`
	LogLevel   string `env:"SEXTANT_LOG" default:"warn" enum:"debug,info,warn,error" help:"What goes to standard error."`
}

func (c *runCmd) Run() error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	info, err := wire.LoadConnection(c.Connection)
	if err != nil {
		return err
	}
	for _, ch := range []wire.Channel{wire.Shell, wire.IOPub, wire.Stdin, wire.Control, wire.Heartbeat} {
		if info.Port(ch) == 0 {
			return fmt.Errorf("connection file %s: it names no port for %s", c.Connection, ch)
		}
	}
	conf, opts, history, err := c.config(log)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, syscall.SIGINT)
	ctx, cancel := withParent(ctx)
	defer cancel()

	// The sockets are bound first: a client that connects while the database opens waits instead of failing.
	server, err := zmq.Listen(context.WithoutCancel(ctx), info, zmq.Options{Logger: log})
	if err != nil {
		return err
	}
	defer server.Close()
	db, err := duckdb.Open(ctx, conf)
	if isLocked(err) && conf.Lenient {
		// Another session of the same environment, begun before that was changed, still has it.
		opts.Notices = append(opts.Notices, "The scratch database is in use by another session of this environment, which has not ended yet: this session's is in memory, and goes with it.")
		conf.Path = ""
		db, err = duckdb.Open(ctx, conf)
	}
	if err != nil {
		return explain(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			log.Warn("closing the database", "error", err)
		}
	}()
	opts.Notices = append(opts.Notices, db.Notices()...)
	k := kernel.New(kernel.Options{
		Transport: server, Info: kernelInfo(db), History: history, Log: log,
		Idle: db.Trim,
		NewShell: func(ctx context.Context, directory string) (kernel.Shell, error) {
			own := opts
			own.Directory = directory
			return cell.New(ctx, db, own)
		},
	})
	go func() { // ends with the process
		for range interrupts {
			k.Interrupt()
		}
	}()
	return k.Run(ctx)
}

// config turns the options, or the launch spec, into what the parts take.
func (c *runCmd) config(log *slog.Logger) (duckdb.Config, cell.Options, *kernel.History, error) {
	extensions := extensionDirs(c.Extensions)
	if c.Spec != "" {
		spec, err := wire.LoadLaunchSpec(c.Spec)
		if err != nil {
			return duckdb.Config{}, cell.Options{}, nil, err
		}
		conf, opts, history := fromSpec(spec)
		conf.Extensions, conf.Log, opts.Rows = extensions, log, c.Rows
		return conf, opts, history, nil
	}
	conf := duckdb.Config{
		Path: c.Database, ReadOnly: c.ReadOnly, Threads: c.Threads, MemoryLimit: c.Memory, TempDir: c.Temp, MaxTemp: c.MaxTemp,
		Extensions: extensions, Log: log,
	}
	if c.Init != "" {
		sql, err := os.ReadFile(c.Init)
		if err != nil {
			return duckdb.Config{}, cell.Options{}, nil, err
		}
		conf.InitSQL = string(sql)
	}
	return conf, cell.Options{Rows: c.Rows, ResultDir: c.Results}, c.history(), nil
}

func fromSpec(s wire.LaunchSpec) (duckdb.Config, cell.Options, *kernel.History) {
	conf := duckdb.Config{
		Path: s.Database, ReadOnly: s.ReadOnly, Threads: s.Threads, MemoryLimit: s.MemoryLimit, TempDir: s.TempDir, MaxTemp: s.MaxTemp,
		Load: s.Extensions, InitSQL: s.InitSQL, Locked: true, AllowedDirs: s.AllowedDirectories, AllowedPaths: s.AllowedPaths,
	}
	for _, a := range s.Attach {
		one := duckdb.Attachment{Name: a.Name, Path: a.Path, Type: a.Type, ReadOnly: !a.Writable}
		if a.Secret != nil {
			one.Secret = &duckdb.Secret{Type: a.Secret.Type, Fields: maps.Clone(a.Secret.Fields)}
			if one.Secret.Fields == nil {
				one.Secret.Fields = map[string]string{}
			}
			for field, name := range a.Secret.FromEnv {
				one.Secret.Fields[field] = os.Getenv(name)
			}
		}
		conf.Attach = append(conf.Attach, one)
	}
	conf.Lenient, conf.InitVariables = s.Lenient, map[string]string{}
	for variable, name := range s.InitVariables {
		conf.InitVariables[variable] = os.Getenv(name)
	}
	var history *kernel.History
	if s.History != "" {
		history = kernel.NewHistory(s.History)
	}
	return conf, cell.Options{ResultDir: s.ResultDir, Locked: true, Notices: s.Notices, Parameters: s.Parameters}, history
}

func (c *runCmd) history() *kernel.History {
	switch c.History {
	case "none":
		return nil
	case "":
		dir := os.Getenv("XDG_DATA_HOME")
		if dir == "" {
			home, err := os.UserHomeDir()
			if err != nil {
				return nil
			}
			dir = filepath.Join(home, ".local", "share")
		}
		return kernel.NewHistory(filepath.Join(dir, "sextant", "history.jsonl"))
	}
	return kernel.NewHistory(c.History)
}

// extensionDirs are the directories named, then those where pip puts DuckDB's extension packages beside this program:
// <prefix>/lib/python3.x/site-packages.
func extensionDirs(named string) []string {
	var dirs []string
	for _, d := range strings.Split(named, string(os.PathListSeparator)) {
		if d != "" {
			dirs = append(dirs, d)
		}
	}
	exe, err := os.Executable()
	if err != nil {
		return dirs
	}
	if real, err := filepath.EvalSymlinks(exe); err == nil {
		exe = real
	}
	for _, prefix := range []string{filepath.Dir(filepath.Dir(exe)), os.Getenv("VIRTUAL_ENV")} {
		if prefix == "" {
			continue
		}
		found, _ := filepath.Glob(filepath.Join(prefix, "lib", "python3*", "site-packages"))
		dirs = append(dirs, found...)
	}
	return dirs
}

// withParent ends the context when the process that Jupyter says is our parent has gone: nobody could end us then.
func withParent(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	parent, err := strconv.Atoi(os.Getenv("JPY_PARENT_PID"))
	if err != nil || parent <= 1 || os.Getppid() != parent {
		return ctx, cancel
	}
	go func() {
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if os.Getppid() != parent {
					cancel()
				}
			}
		}
	}()
	return ctx, cancel
}

// isLocked reports whether an error says that another process has the database open.
func isLocked(err error) bool {
	var e *engine.Error
	return errors.As(err, &e) && strings.Contains(e.Message, "Could not set lock on file")
}

// explain adds what to do to an error of the database at start.
func explain(err error) error {
	if isLocked(err) {
		return fmt.Errorf("%w\nanother program has the database open; close it, or open it read-only in both (SEXTANT_READ_ONLY=1)", err)
	}
	return err
}

func kernelInfo(db engine.Engine) kernel.Info {
	return kernel.Info{
		Implementation: "sextant", ImplementationVersion: version,
		Language: wire.LanguageInfo{
			Name: "sql", Version: strings.TrimPrefix(db.Version(), "v"), MIMEType: "text/x-sql", FileExtension: ".sql",
			PygmentsLexer: "sql", CodeMirrorMode: "sql",
		},
		Banner: fmt.Sprintf("Sextant SQL kernel %s on %s %s. %%help lists what there is beside SQL.", version, db.Name(), db.Version()),
		HelpLinks: []wire.HelpLink{
			{Text: "DuckDB SQL", URL: "https://duckdb.org/docs/stable/sql/introduction"},
			{Text: "DuckDB functions", URL: "https://duckdb.org/docs/stable/sql/functions/overview"},
		},
	}
}

func versionText() string {
	return "sextant-kernel " + version + " (DuckDB " + duckdb.LibraryVersion() + ")"
}
