package server

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"sextant/content"
	"sextant/content/environment"
	"sextant/content/iam"
	"sextant/kernel/wire"
	"sextant/sessions"
	"sextant/sessions/packages"
)

// planner decides what sessions are started with.
type planner struct {
	service *content.Service
	// specs lists the kernels that are installed.
	specs func() []sessions.Kernelspec
	// fallback is the path of the environment of who names none; empty is the built-in one.
	fallback string
	// scratchDir holds what users' sessions leave for the next.
	scratchDir string
	// samplesDir is what {samples} stands for; sourceDirs are the directories that data sources may be in, beside it.
	samplesDir string
	sourceDirs []string
	idle       time.Duration
	life       time.Duration
	network    bool
	memory     int64
	// key makes keys of what is secret.
	key []byte
	// uids is nil where sessions run as the server's own user.
	uids     *uids
	packages *packages.Builder
	// resultRows is how many rows of a cell's result are stored, jobRows of a job's; 0: none are. resultLink leads people to one.
	resultRows int64
	jobRows    int64
	resultLink func() string
	// kernels are those of environments, by their revision: a word each.
	kernels sync.Map
}

// planning is the making of one plan.
type planning struct {
	*planner
	ctx  context.Context
	user iam.Member
	uid  int
	// used is the environment; its resource has no id where it is the built-in one.
	used   content.Used
	spec   environment.Spec
	kernel sessions.Kernelspec
	plan   sessions.Plan
	// parts are what makes this plan another than that of another day.
	parts []string
}

// Plan implements sessions.Planner. An environment is named by its id, its path from the root, or either with @REVISION after
// it; a kernel may also be one that stands for an environment.
func (p *planner) Plan(ctx context.Context, user iam.Member, name, kernel string) (sessions.Plan, error) {
	if content.ActorFrom(ctx).Principal != user { // who asks may be limited by a token; who is only named is not
		ctx = content.WithActor(ctx, content.Actor{Principal: user})
	}
	g := &planning{planner: p, ctx: ctx, user: user}
	if id, ok := strings.CutPrefix(kernel, environment.KernelPrefix); ok {
		name, kernel = id, ""
	}
	if err := g.resolve(name, kernel); err != nil {
		return sessions.Plan{}, err
	}
	if p.uids != nil {
		var err error
		if g.uid, err = p.uids.of(user); err != nil {
			return sessions.Plan{}, err
		}
	}
	if err := g.make(); err != nil {
		return sessions.Plan{}, err
	}
	return g.plan, nil
}

// resolve finds the environment and its kernel.
func (g *planning) resolve(name, kernel string) error {
	all := g.specs()
	if name == "" && g.fallback != "" {
		// A kernel that somebody chose is not that of the environment that nobody did.
		if err := g.load(g.fallback); err != nil {
			return fmt.Errorf("the default environment %s: %w", g.fallback, err)
		}
		if kernel != "" && kernel != g.spec.Kernel {
			g.used, g.spec = content.Used{}, environment.Spec{}
		}
	} else if name != "" && name != "default" {
		if err := g.load(name); err != nil {
			return err
		}
	}
	if g.used.Resource.ID == "" {
		text := ""
		if kernel == "" && len(all) > 0 {
			kernel = all[0].Name
			if slices.ContainsFunc(all, func(k sessions.Kernelspec) bool { return k.Name == environment.SQLKernel }) {
				kernel = environment.SQLKernel
			}
		}
		if kernel != "" {
			text = fmt.Sprintf("kernel = %q", kernel)
		}
		var err error
		if g.spec, err = environment.Parse([]byte(text)); err != nil {
			return fmt.Errorf("%w: %.60q", sessions.ErrNoKernelspec, kernel)
		}
		g.spec.Sources = g.sampleSource()
	}
	at := slices.IndexFunc(all, func(k sessions.Kernelspec) bool { return strings.EqualFold(k.Name, g.spec.Kernel) })
	if at < 0 {
		return fmt.Errorf("%w: %.60q", sessions.ErrNoKernelspec, g.spec.Kernel)
	}
	g.kernel = all[at]
	return nil
}

// load reads an environment that the user may use.
func (g *planning) load(name string) error {
	name, revision, _ := strings.Cut(name, "@")
	id := content.ResourceID(name)
	if strings.HasPrefix(name, "/") {
		r, err := g.service.Resolve(g.ctx, name)
		if err != nil {
			return err
		}
		id = r.ID
	}
	used, err := g.service.UseEnvironment(g.ctx, id, content.RevisionID(revision))
	if err != nil {
		return err
	}
	spec, err := environment.Parse(used.Content)
	if err != nil {
		return fmt.Errorf("the environment %s: %w: %w", used.Resource.Name, content.ErrInvalid, err)
	}
	g.used, g.spec = used, spec
	return nil
}

// make fills the plan in.
func (g *planning) make() error {
	r, spec := g.used.Resource, g.spec
	g.plan = sessions.Plan{Environment: "default", Title: "Default", Kernelspec: g.kernel, Idle: bounded(g.idle, spec.Idle), Life: bounded(g.life, spec.Life),
		MaxCPU: time.Duration(spec.Limits.CPU), Env: map[string]string{}, Secrets: map[string]string{}}
	if spec.Execution != nil {
		g.plan.MaxExecution = time.Duration(*spec.Execution)
	}
	if r.ID != "" {
		g.plan.Environment, g.plan.Title = string(r.ID), title(r)
		// What clients chose is the environment.
		g.plan.Kernelspec.Name, g.plan.Kernelspec.DisplayName = environment.KernelPrefix+string(r.ID), title(r)
		g.note("revision", string(g.used.Revision.ID))
	}
	maps.Copy(g.plan.Env, spec.Variables)
	if err := g.secrets(); err != nil {
		return err
	}
	if err := g.installed(); err != nil {
		return err
	}
	scratch, err := g.scratch(g.user, g.plan.Environment, g.uid)
	if err != nil {
		return err
	}
	attached, err := g.sources()
	if err != nil {
		return err
	}
	network := g.network && !spec.SQL()
	if spec.Network != nil {
		network = g.network && *spec.Network
	}
	for _, a := range attached {
		network = network || a.source.Network()
	}
	g.plan.Sandbox = confine(g.kernel, g.plan.Kernelspec.Argv, g.uid, network, !spec.SQL())
	g.limits()
	for _, a := range attached {
		a.open(&g.plan.Sandbox)
	}
	if spec.SQL() {
		err = g.sql(scratch, attached)
	} else {
		err = g.other(attached)
	}
	g.plan.Key = g.sum()
	return err
}

// title is what people call an environment.
func title(r content.Resource) string { return strings.TrimSuffix(r.Name, ".toml") }

// bounded is what an environment says, where it is within what the server says.
func bounded(server time.Duration, own *environment.Duration) time.Duration {
	if own == nil {
		return server
	}
	d := time.Duration(*own)
	if server > 0 && (d == 0 || d > server) {
		return server
	}
	return d
}

// secrets finds what the environment names; what is not there is told, and left out.
func (g *planning) secrets() error {
	for _, variable := range slices.Sorted(maps.Keys(g.spec.Secrets)) {
		value, err := g.secret(g.used, g.spec.Secrets[variable])
		if err != nil {
			return err
		}
		if value != "" {
			g.plan.Secrets[variable] = value
		}
	}
	return nil
}

// secret gives a secret's value; empty, with a notice, where it is not given.
func (g *planning) secret(by content.Used, name string) (string, error) {
	value, err := g.service.UseSecret(g.ctx, by, name)
	var why *content.SecretError
	if errors.As(err, &why) || errors.Is(err, content.ErrNoSecretKey) {
		g.tell("%s: %v.", title(by.Resource), err)
		return "", nil
	}
	g.note("secret", name, value)
	return value, err
}

// tell adds a line for the first cell.
func (g *planning) tell(format string, args ...any) {
	g.plan.Notices = append(g.plan.Notices, fmt.Sprintf(format, args...))
}

// note adds to what makes the plan another.
func (g *planning) note(parts ...string) { g.parts = append(g.parts, parts...) }

// sum is the plan's key. Secrets are in it, and it is on disk, so it takes a key to make it.
func (g *planning) sum() string {
	h := hmac.New(sha256.New, g.key)
	text, _ := json.Marshal([]any{g.parts, g.plan.Notices}) // texts always marshal
	h.Write(text)
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// limits sets the bounds of the process.
func (g *planning) limits() {
	l, box := g.spec.Limits, &g.plan.Sandbox
	box.Memory = g.memory
	if m := int64(l.Memory); m > 0 && (box.Memory == 0 || m < box.Memory) {
		box.Memory = m
	}
	if l.Disk > 0 {
		box.FileSize = min(box.FileSize, int64(l.Disk))
	}
	if l.Threads > 0 && !g.spec.SQL() {
		for _, name := range []string{"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_MAX_THREADS", "POLARS_MAX_THREADS", "RAYON_NUM_THREADS"} {
			if _, said := g.plan.Env[name]; !said {
				g.plan.Env[name] = fmt.Sprint(l.Threads)
			}
		}
	}
}

// sql plans for our own kernel.
func (g *planning) sql(scratch string, attached []attachedSource) error {
	plan, l := &g.plan, g.spec.Limits
	plan.Shared = *g.spec.Shared
	plan.Sandbox.ReadWrite = append(plan.Sandbox.ReadWrite, scratch)
	plan.Env["XDG_CACHE_HOME"] = filepath.Join(scratch, "cache") // it is made once
	launch := &wire.LaunchSpec{Database: filepath.Join(scratch, "scratch.duckdb"), TempDir: "{session}/" + sessions.TempDir,
		AllowedDirectories: []string{"{session}/" + sessions.WorkDir}, History: filepath.Join(scratch, "history.jsonl"),
		InitSQL: g.spec.Init, InitVariables: map[string]string{}, Lenient: true, Threads: l.Threads, Notices: plan.Notices}
	if plan.Sandbox.Memory > 0 {
		// The rest is for results on their way and for the program itself.
		launch.MemoryLimit = environment.Size(plan.Sandbox.Memory * 7 / 10).String()
	}
	if l.Disk > 0 {
		launch.MaxTemp = l.Disk.String()
	}
	for _, names := range []map[string]string{g.spec.Variables, plan.Secrets} {
		for name := range names {
			launch.InitVariables[name] = name
		}
	}
	if len(g.spec.Parameters) > 0 {
		launch.Parameters = map[string]json.RawMessage{}
	}
	for name, v := range g.spec.Parameters {
		text, err := wire.Marshal(v)
		if err != nil {
			return fmt.Errorf("parameter %s: %w", name, err)
		}
		launch.Parameters[name] = text
	}
	for _, a := range attached {
		a.launch(launch)
	}
	plan.Launch = launch
	if g.resultRows > 0 && g.jobRows > 0 {
		launch.ResultDir = "{session}/" + sessions.ResultDir
		plan.Results = &sessions.Results{MaxRows: g.resultRows, MaxJobRows: g.jobRows, MaxBytes: maxStored, Link: g.resultLink()}
	}
	return nil
}

// maxStored bounds the file of each stored result, in bytes.
const maxStored = 1 << 30

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

// planTest plans a session that opens one data source and nothing else.
func (p *planner) planTest(ctx context.Context, user iam.Member, used content.Used) (sessions.Plan, error) {
	off := false
	g := &planning{planner: p, ctx: ctx, user: user, spec: environment.Spec{Kernel: environment.SQLKernel, Engine: "duckdb", Shared: &off}}
	all := p.specs()
	at := slices.IndexFunc(all, func(k sessions.Kernelspec) bool { return k.Name == environment.SQLKernel })
	if at < 0 {
		return sessions.Plan{}, fmt.Errorf("%w: %q, which opens data sources", sessions.ErrNoKernelspec, environment.SQLKernel)
	}
	g.kernel = all[at]
	if p.uids != nil {
		var err error
		if g.uid, err = p.uids.of(user); err != nil {
			return sessions.Plan{}, err
		}
	}
	g.plan = sessions.Plan{Environment: "test", Title: "Test of " + used.Resource.Name, Kernelspec: g.kernel, Env: map[string]string{}, Secrets: map[string]string{},
		Life: 2 * testTimeout, MaxExecution: testTimeout}
	a, err := g.attach(used, testName, false)
	if errors.Is(err, errLeftOut) {
		return g.plan, nil
	}
	if err != nil {
		return sessions.Plan{}, err
	}
	g.plan.Sandbox = confine(g.kernel, nil, g.uid, a.source.Network(), false)
	g.limits()
	a.open(&g.plan.Sandbox)
	launch := &wire.LaunchSpec{TempDir: "{session}/" + sessions.TempDir, Lenient: true}
	a.launch(launch)
	g.plan.Launch = launch
	return g.plan, nil
}
