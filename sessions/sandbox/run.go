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

// Process is a program that runs within a Spec. Whoever started it waits for it.
type Process struct {
	cmd     *exec.Cmd
	ctx     context.Context
	failure string
	encoded error
}

// IO is what a program reads and writes.
type IO struct {
	In       io.Reader
	Out, Err io.Writer
}

// Start starts a program within a Spec, for the server's own purposes: its environment is env and nothing else. When ctx is
// done the program and all that it started are killed. It returns when the program has begun, or could not.
func Start(ctx context.Context, s Spec, argv, env []string, dir string, std IO) (*Process, error) {
	helper, err := Helper()
	if err != nil {
		return nil, err
	}
	specR, specW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer specR.Close()
	defer specW.Close()
	reportR, reportW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer reportR.Close()
	defer reportW.Close()
	p := &Process{ctx: ctx, cmd: exec.CommandContext(ctx, helper, append([]string{"sandbox", "--"}, argv...)...)}
	cmd := p.cmd
	cmd.Env, cmd.Dir, cmd.Stdin, cmd.Stdout, cmd.Stderr = env, dir, std.In, std.Out, std.Err
	cmd.ExtraFiles = []*os.File{specR, reportW}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	_ = reportW.Close()
	p.encoded = json.NewEncoder(specW).Encode(s)
	_ = specW.Close()
	// The report ends when the program begins, or when it could not.
	dec := json.NewDecoder(io.LimitReader(reportR, 1<<20))
	for {
		var r Report
		if err := dec.Decode(&r); err != nil {
			break
		}
		if r.Error != "" {
			p.failure = r.Error
		}
	}
	return p, nil
}

// Wait waits for the program's end. The error says how it ended.
func (p *Process) Wait() error {
	err := p.cmd.Wait()
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // what it left running
	switch {
	case p.ctx.Err() != nil:
		return context.Cause(p.ctx)
	case p.failure != "":
		return errors.New(p.failure)
	case p.encoded != nil:
		return fmt.Errorf("sandbox: %w", p.encoded)
	}
	return err
}

// Run runs a program to its end, as Start does; its output goes to out.
func Run(ctx context.Context, s Spec, argv, env []string, dir string, out io.Writer) error {
	p, err := Start(ctx, s, argv, env, dir, IO{Out: out, Err: out})
	if err != nil {
		return err
	}
	return p.Wait()
}
