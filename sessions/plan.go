package sessions

import (
	"context"
	"time"

	"sextant/content/iam"
	"sextant/kernel/wire"
	"sextant/sessions/sandbox"
)

// Kernelspec is an installed kernel (https://jupyter-client.readthedocs.io, "Kernel specs").
type Kernelspec struct {
	// Name is what requests call it.
	Name        string
	DisplayName string
	Language    string
	// Argv is the command line; "{connection_file}" and "{resource_dir}" in it stand for that file and for Dir.
	Argv []string
	// Dir is where the kernelspec is.
	Dir string
	Env map[string]string
	// Signal is set where it is interrupted by SIGINT instead of by message.
	Signal bool
}

// Plan is all that a session is started with, as it follows from an environment and the rights of who asks.
type Plan struct {
	// Environment names the environment, Title for people. Sessions of one user with equal Environment and Key may be the
	// same.
	Environment string
	Title       string
	Key         string
	Kernelspec  Kernelspec
	// Shared lets all documents of the user in the environment use one kernel process, each in a subshell.
	Shared bool
	// Launch is the launch spec of our own kernel; nil for others. Paths in it and in Sandbox may begin with "{session}",
	// which stands for the session's own directory.
	Launch *wire.LaunchSpec
	// Results, where not nil, has all rows of what cells of documents and jobs give stored: the kernel is our own.
	Results *Results
	// Env is added to the environment of the kernel; Dir is its working directory.
	Env     map[string]string
	Dir     string
	Sandbox sandbox.Spec
	// Idle is how long a session may be unused before it is ended; Life how long it may exist. 0 is for ever.
	Idle time.Duration
	Life time.Duration
	// MaxExecution is how long one cell may run; 0 is for ever.
	MaxExecution time.Duration
	// Init is code that a kernel without Launch runs before the first cell; Notices are lines that its first cell begins with.
	Init    string
	Notices []string
	// MaxCPU is how much processor time an execution may take; 0 is any. It is looked at every ten seconds.
	MaxCPU time.Duration
	// Secrets are environment variables that touch no disk, and whose values are hidden in outputs; Masked are more values to
	// hide.
	Secrets map[string]string
	Masked  []string
}

// Results says how results are stored.
type Results struct {
	// MaxRows and MaxBytes bound each; more are left out. Somebody waits for a cell, nobody for a job: MaxJobRows is for its.
	MaxRows    int64 `json:"maxRows"`
	MaxJobRows int64 `json:"maxJobRows"`
	MaxBytes   int64 `json:"maxBytes"`
	// Link leads people to one, its id added; empty for none.
	Link string `json:"link,omitempty"`
}

// Planner decides what sessions are started with.
type Planner interface {
	// Plan gives the plan for a user, an environment (empty: the default) and a kernel (empty: the environment's). An
	// environment that the user may not use is content.ErrNotFound; an unknown kernel ErrNoKernelspec.
	Plan(ctx context.Context, user iam.Member, environment, kernel string) (Plan, error)
}
