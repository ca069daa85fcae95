package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"sextant/kernel/engine/duckdb"
	"sextant/kernel/resultworker"
	"sextant/kernel/wire"
)

type resultsCmd struct {
	Dir        string `required:"" type:"existingdir" help:"Directory of the stored result, of copies, and to spill to."`
	Memory     string `default:"512MB" help:"Memory that queries may use."`
	MaxTemp    string `default:"4GB" help:"How much may be spilled."`
	Threads    int    `help:"Threads that queries may use."`
	Extensions string `env:"SEXTANT_EXTENSIONS" help:"Directories with DuckDB extensions, separated by colons."`
}

// Run answers requests about one stored result, from standard input to standard output.
func (c *resultsCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	db, err := duckdb.Open(ctx, duckdb.Config{Locked: true, AllowedDirs: []string{c.Dir}, TempDir: c.Dir, MaxTemp: c.MaxTemp,
		MemoryLimit: c.Memory, Threads: c.Threads, Extensions: extensionDirs(c.Extensions), Load: []string{"excel"}, Lenient: true})
	if err != nil {
		return err
	}
	defer db.Close() // the process ends
	session, err := db.NewSession(ctx)
	if err != nil {
		return err
	}
	defer session.Close() // the process ends
	if _, err := fmt.Println(wire.ResultReady); err != nil {
		return err
	}
	return resultworker.New(session).Serve(ctx, os.Stdin, os.Stdout)
}
