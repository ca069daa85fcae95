package agent

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"sextant/sessions/sandbox"
)

// Main runs a program's hidden commands: `agent DIR`, which is what the process beside a kernel does (with "-", the directory
// is read from standard input), `sandbox -- ARGV…`, the step between agent and kernel, and `sandbox --protocol`. handled is false for any other command line, which it leaves alone.
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
		dir, in := args[1], bufio.NewReader(os.Stdin)
		if dir == "-" { // it was started ahead of its session
			line, err := in.ReadString('\n')
			if err != nil {
				return 0, true // there is none to come
			}
			dir = strings.TrimSuffix(line, "\n")
		}
		if err := os.Chdir(dir); err != nil { // where it is seen whose it is
			log.Error("agent", "error", err)
			return 1, true
		}
		if err := redirect(filepath.Join(dir, LogFile)); err != nil {
			log.Error("agent", "error", err)
			return 1, true
		}
		secrets, err := ReadSecrets(in)
		if err != nil {
			log.Error("agent", "error", err)
			return 1, true
		}
		if err := Run(ctx, dir, secrets, log); err != nil {
			log.Error("agent", "error", err)
			return 1, true
		}
		return 0, true
	case args[0] == "sandbox" && args[1] == "--protocol":
		fmt.Println(sandbox.Protocol)
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

// redirect makes a file what standard output and error go to.
func redirect(name string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer f.Close() // the two hold it
	for _, fd := range []int{1, 2} {
		if err := unix.Dup2(int(f.Fd()), fd); err != nil {
			return err
		}
	}
	return nil
}
