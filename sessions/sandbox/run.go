package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// Run runs a program to its end within a Spec, for the server's own purposes: its output goes to out, its environment is
// env and nothing else. When ctx is done the program and all that it started are killed. The error says how it ended.
func Run(ctx context.Context, s Spec, argv, env []string, dir string, out io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	specR, specW, err := os.Pipe()
	if err != nil {
		return err
	}
	defer specR.Close()
	defer specW.Close()
	reportR, reportW, err := os.Pipe()
	if err != nil {
		return err
	}
	defer reportR.Close()
	defer reportW.Close()
	cmd := exec.CommandContext(ctx, self, append([]string{"sandbox", "--"}, argv...)...)
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = env, dir, out, out
	cmd.ExtraFiles = []*os.File{specR, reportW}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		return err
	}
	_ = reportW.Close()
	encoded := json.NewEncoder(specW).Encode(s)
	_ = specW.Close()
	// The report ends when the program begins, or when it could not.
	var failure string
	dec := json.NewDecoder(io.LimitReader(reportR, 1<<20))
	for {
		var r Report
		if err := dec.Decode(&r); err != nil {
			break
		}
		if r.Error != "" {
			failure = r.Error
		}
	}
	err = cmd.Wait()
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // what it left running
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case failure != "":
		return errors.New(failure)
	case encoded != nil:
		return fmt.Errorf("sandbox: %w", encoded)
	}
	return err
}
