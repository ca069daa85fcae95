package agent

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"sextant/sessions/sandbox"
)

// Main runs a program's hidden commands: `agent DIR`, which is what the process beside a kernel does, and `sandbox --
// ARGV…`, the step between agent and kernel. handled is false for any other command line, which it leaves alone.
func Main(args []string) (code int, handled bool) {
	if len(args) < 2 {
		return 0, false
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	switch {
	case args[0] == "agent" && len(args) == 2:
		debug.SetMemoryLimit(512 << 20)
		// The server's terminal is not ours, and a session does not end with it.
		signal.Ignore(syscall.SIGHUP, syscall.SIGINT, syscall.SIGPIPE)
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		defer stop()
		secrets, err := ReadSecrets(os.Stdin)
		if err != nil {
			log.Error("agent", "error", err)
			return 1, true
		}
		if err := Run(ctx, args[1], secrets, log); err != nil {
			log.Error("agent", "error", err)
			return 1, true
		}
		return 0, true
	case args[0] == "sandbox" && args[1] == "--":
		if err := sandbox.Main(args[2:]); err != nil {
			log.Error("sandbox", "error", err)
			return 1, true
		}
		return 0, true
	}
	return 0, false
}
