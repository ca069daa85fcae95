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
	// scratchDir holds what users' sessions leave for the next.
	scratchDir string
	idle       time.Duration
	life       time.Duration
	network    bool
	memory     int64
	// uids is nil where sessions run as the server's own user.
	uids *uids
}

// Plan implements sessions.Planner.
func (p *planner) Plan(_ context.Context, user iam.Member, environment, kernel string) (plan sessions.Plan, err error) {
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
	plan = sessions.Plan{Environment: "default", Title: "Default", Kernelspec: all[at], Idle: p.idle, Life: p.life}
	uid := 0
	if p.uids != nil {
		if uid, err = p.uids.of(user); err != nil {
			return plan, err
		}
	}
	defer func() { plan.Sandbox.Memory = p.memory }()
	if kernel != sqlKernel {
		plan.Sandbox = confine(plan.Kernelspec, uid, p.network)
		return plan, nil
	}
	scratch, err := p.scratch(user, "default", uid)
	if err != nil {
		return plan, err
	}
	plan.Sandbox = confine(plan.Kernelspec, uid, false, scratch)
	plan.Shared = true
	plan.Env = map[string]string{"XDG_CACHE_HOME": filepath.Join(scratch, "cache")} // it is made once
	plan.Launch = &wire.LaunchSpec{Database: filepath.Join(scratch, "scratch.duckdb"), TempDir: "{session}/" + sessions.TempDir,
		AllowedDirectories: []string{"{session}/" + sessions.WorkDir}, History: filepath.Join(scratch, "history.jsonl")}
	return plan, nil
}

// scratch is the directory of what a user's sessions in an environment leave for the next.
func (p *planner) scratch(user iam.Member, environment string, uid int) (string, error) {
	name := sha256.Sum256([]byte(user))
	own := filepath.Join(p.scratchDir, hex.EncodeToString(name[:12]))
	dir := filepath.Join(own, environment)
	if err := os.MkdirAll(p.scratchDir, 0o711); err != nil {
		return "", fmt.Errorf("scratch directory: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("scratch directory: %w", err)
	}
	if uid != 0 {
		for _, d := range []string{own, dir} {
			if err := os.Lchown(d, uid, uid); err != nil {
				return "", fmt.Errorf("scratch directory: %w", err)
			}
		}
	}
	return dir, nil
}
