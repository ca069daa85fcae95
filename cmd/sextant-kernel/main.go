// Command sextant-kernel is the SQL kernel: a connection file in, a Jupyter kernel out. It also installs and removes its
// kernelspec.
package main

import (
	"fmt"
	"os"

	"github.com/alecthomas/kong"

	"sextant/sessions/agent"
)

// version is set by the build.
var version = "0.1.0.dev0"

type cli struct {
	Run       runCmd           `cmd:"" default:"withargs" help:"Run a kernel on a connection file (what Jupyter does)."`
	Results   resultsCmd       `cmd:"" hidden:"" help:"Answer requests about one stored result; the server starts it."`
	Install   installCmd       `cmd:"" help:"Install the kernel into Jupyter."`
	Uninstall uninstallCmd     `cmd:"" help:"Remove the kernel from Jupyter."`
	Version   kong.VersionFlag `help:"Print the version and DuckDB's, and quit."`
}

func main() {
	// A server that stands beside this program has it be the process beside a kernel, and the step between the two: it starts in
	// less time than the server's own program, and takes less memory.
	if code, handled := agent.Main(os.Args[1:]); handled {
		os.Exit(code)
	}
	var c cli
	ctx := kong.Parse(&c,
		kong.Name("sextant-kernel"),
		kong.Description("A SQL kernel for Jupyter on DuckDB. Each option can also be set by the environment variable named with it."),
		kong.UsageOnError(),
		kong.Vars{"version": versionText()},
	)
	if err := ctx.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "sextant-kernel:", err)
		os.Exit(1)
	}
}
