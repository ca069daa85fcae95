package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"sextant/content/iam"
	"sextant/kernel/wire"
	"sextant/server/jupyter"
	"sextant/sessions"
)

// sqlKernel is the name of our own kernel's kernelspec.
const sqlKernel = "sextant"

// planner decides what sessions are started with.
type planner struct {
	paths jupyter.Paths
	data  string
	idle  time.Duration
	life  time.Duration
}

// Plan implements sessions.Planner.
func (p *planner) Plan(_ context.Context, user iam.Member, environment, kernel string) (sessions.Plan, error) {
	all := p.paths.Kernelspecs()
	if kernel == "" && len(all) > 0 {
		kernel = all[0].Name
		for _, k := range all {
			if k.Name == sqlKernel {
				kernel = sqlKernel
			}
		}
	}
	at := slices.IndexFunc(all, func(k sessions.Kernelspec) bool { return k.Name == kernel })
	if at < 0 {
		return sessions.Plan{}, fmt.Errorf("%w: %.60q", sessions.ErrNoKernelspec, kernel)
	}
	plan := sessions.Plan{Environment: "default", Title: "Default", Kernelspec: all[at], Idle: p.idle, Life: p.life}
	if kernel != sqlKernel {
		return plan, nil
	}
	scratch, err := p.scratch(user, "default")
	if err != nil {
		return plan, err
	}
	plan.Shared = true
	plan.Launch = &wire.LaunchSpec{Database: filepath.Join(scratch, "scratch.duckdb"), TempDir: "{session}/" + sessions.TempDir,
		AllowedDirectories: []string{"{session}/" + sessions.WorkDir}, History: filepath.Join(scratch, "history.jsonl")}
	return plan, nil
}

// scratch is the directory of what a user's sessions in an environment leave for the next.
func (p *planner) scratch(user iam.Member, environment string) (string, error) {
	name := sha256.Sum256([]byte(user))
	dir := filepath.Join(p.data, "scratch", hex.EncodeToString(name[:12]), environment)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("scratch directory: %w", err)
	}
	return dir, nil
}
