package server

import (
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"

	"sextant/content"
	"sextant/content/environment"
	"sextant/sessions"
	"sextant/sessions/packages"
	"sextant/sessions/sandbox"
)

// pythonProgram is what a Python is called.
var pythonProgram = regexp.MustCompile(`^python[0-9.]*$`)

// errNotPython is for packages of a kernel that is no Python.
var errNotPython = fmt.Errorf("%w: only kernels that run in Python have packages", content.ErrInvalid)

// request is what is to be installed for an environment; false where that is nothing.
func request(spec environment.Spec, k sessions.Kernelspec) (packages.Request, bool, error) {
	if len(spec.Packages.Requirements) == 0 && spec.Packages.Python == "" {
		return packages.Request{}, false, nil
	}
	if len(k.Argv) == 0 || !pythonProgram.MatchString(filepath.Base(k.Argv[0])) {
		return packages.Request{}, false, fmt.Errorf("%w, not %s", errNotPython, k.Name)
	}
	r := packages.Request{Python: k.Argv[0], Layered: true, Requirements: spec.Packages.Requirements}
	if spec.Packages.Python != "" {
		r.Python, r.Layered = spec.Packages.Python, false
	}
	program, err := exec.LookPath(r.Python)
	if err != nil {
		return r, false, fmt.Errorf("%w: this server has no %s", content.ErrInvalid, r.Python)
	}
	r.Python, err = filepath.Abs(program)
	return r, true, err
}

// installed has the kernel run in the environment's packages, which are installed where they are not.
func (g *planning) installed() error {
	r, wanted, err := request(g.spec, g.kernel)
	if err != nil || !wanted {
		return err
	}
	if g.packages == nil {
		return fmt.Errorf("%w: this server installs no packages", content.ErrInvalid)
	}
	python, err := g.packages.Ensure(g.ctx, r)
	if err != nil {
		var failed *packages.FailedError
		if errors.As(err, &failed) {
			return fmt.Errorf("the environment %s: %w\nsextant env log shows all that was said", g.plan.Title, err)
		}
		return fmt.Errorf("the environment %s: %w", g.plan.Title, err)
	}
	// Beneath it is the kernel's own environment, whose programs may be called too.
	g.plan.Kernelspec.Argv = append([]string{python}, g.kernel.Argv[1:]...)
	venv := filepath.Dir(filepath.Dir(python))
	g.plan.Env["VIRTUAL_ENV"], g.plan.Env["PATH"] = venv, filepath.Join(venv, "bin")+":"+filepath.Dir(r.Python)+":/usr/local/bin:/usr/bin:/bin"
	g.note("packages", packages.Key(r))
	return nil
}

// confineBuild says what the installing of packages may touch.
func confineBuild(u *uids) func(python, dir string) sandbox.Spec {
	return func(python, dir string) sandbox.Spec {
		uid := 0
		if u != nil {
			if own, err := u.of("packages"); err == nil { // no user's name: theirs have a colon
				uid = own
			}
		}
		s := confine(sessions.Kernelspec{}, []string{python}, uid, true, true, dir)
		s.ReadOnly = slices.DeleteFunc(s.ReadOnly, func(p string) bool { return p == "" })
		s.FileSize, s.Nice = 8<<30, 5
		return s
	}
}
