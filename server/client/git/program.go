package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// ErrMissing is for a machine without the git program.
var ErrMissing = errors.New("the git program is needed for histories: install it (Debian: apt-get install git; macOS: xcode-select --install)")

// program is a command in a directory, with nothing of the surroundings that would lead git elsewhere or have it ask
// somebody. Options of the user's that would change what it prints are set back.
func program(ctx context.Context, dir string, args ...string) (*exec.Cmd, error) {
	path, err := exec.LookPath("git")
	if err != nil {
		return nil, ErrMissing
	}
	settings := []string{"-C", dir, "-c", "core.quotePath=false", "-c", "log.showSignature=false", "-c", "core.autocrlf=false",
		"-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "diff.orderFile=/dev/null",
		"-c", "core.bigFileThreshold=8m", // what is larger is streamed, not held
		"-c", "advice.detachedHead=false"}
	cmd := exec.CommandContext(ctx, path, append(settings, args...)...)
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "GIT_") {
			cmd.Env = append(cmd.Env, entry)
		}
	}
	cmd.Env = append(cmd.Env, "LC_ALL=C", "GIT_TERMINAL_PROMPT=0")
	return cmd, nil
}

// complaints is what a program says on its standard error, its beginning.
type complaints struct{ b bytes.Buffer }

func (c *complaints) Write(p []byte) (int, error) {
	if room := 4096 - c.b.Len(); room > 0 {
		c.b.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

// failed is a command's error with what it said.
func (c *complaints) failed(what string, err error) error {
	if err == nil {
		return nil
	}
	if said := strings.TrimSpace(c.b.String()); said != "" {
		return fmt.Errorf("git %s: %w: %s", what, err, said)
	}
	return fmt.Errorf("git %s: %w", what, err)
}

// run runs a command to its end and gives what it printed, which is short.
func run(ctx context.Context, dir string, args ...string) (string, error) {
	cmd, err := program(ctx, dir, args...)
	if err != nil {
		return "", err
	}
	var said complaints
	cmd.Stderr = &said
	out, err := cmd.Output()
	return string(out), said.failed(args[0], err)
}
