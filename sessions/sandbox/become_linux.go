package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"github.com/landlock-lsm/go-landlock/landlock"
	llsys "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// become applies the Spec on SpecFD to this process and executes argv in its place.
func become(argv []string) error {
	// What is set for a thread must be set for the one that executes.
	runtime.LockOSThread()
	in, out := os.NewFile(SpecFD, "spec"), os.NewFile(ReportFD, "report")
	spec, err := readSpec(in)
	if err != nil {
		return err
	}
	_ = in.Close()
	if len(argv) == 0 {
		return errors.New("no program to start")
	}
	program, err := exec.LookPath(argv[0])
	if err != nil {
		return err
	}
	var report Report
	add := func(l Layer) { report.Layers = append(report.Layers, l) }
	parent := os.Getppid()
	if err := limits(spec); err != nil {
		return err
	}
	add(Layer{Name: "limits"})
	if spec.UID != 0 {
		if err := identity(spec); err != nil {
			return err
		}
		add(Layer{Name: "user", Detail: fmt.Sprintf("uid %d", spec.UID)})
	} else {
		add(Layer{Name: "user", Missing: "it runs as the server's own user"})
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("no_new_privs: %w", err)
	}
	add(Layer{Name: "no new privileges"})
	for _, protect := range []func(Spec) (Layer, error){files, scope, calls} {
		l, err := protect(spec)
		if err != nil {
			return err
		}
		add(l)
	}
	// A change of identity clears it, so it comes late.
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return fmt.Errorf("death signal: %w", err)
	}
	if os.Getppid() != parent {
		return errors.New("the agent is gone")
	}
	unix.CloseOnExec(ReportFD)
	if err := json.NewEncoder(out).Encode(report); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return fmt.Errorf("%s: %w", program, syscall.Exec(program, argv, os.Environ()))
}

// limits sets the resource limits, soft and hard.
func limits(s Spec) error {
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return fmt.Errorf("core limit: %w", err)
	}
	for _, l := range []struct {
		name     string
		resource int
		value    int64
	}{
		{"memory", unix.RLIMIT_DATA, s.Memory}, {"processes", unix.RLIMIT_NPROC, s.Processes},
		{"open files", unix.RLIMIT_NOFILE, s.OpenFiles}, {"file size", unix.RLIMIT_FSIZE, s.FileSize},
		{"cpu", unix.RLIMIT_CPU, s.CPUSeconds},
	} {
		if l.value <= 0 {
			continue
		}
		var now unix.Rlimit
		if err := unix.Getrlimit(l.resource, &now); err != nil {
			return fmt.Errorf("%s limit: %w", l.name, err)
		}
		v := min(uint64(l.value), now.Max)
		// The syscall package restores the limit of open files that it raised at start, unless it is set through it.
		if l.resource == unix.RLIMIT_NOFILE {
			if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: v, Max: v}); err != nil {
				return fmt.Errorf("%s limit: %w", l.name, err)
			}
			continue
		}
		if err := unix.Setrlimit(l.resource, &unix.Rlimit{Cur: v, Max: v}); err != nil {
			return fmt.Errorf("%s limit: %w", l.name, err)
		}
	}
	if s.Nice > 0 {
		if err := unix.Setpriority(unix.PRIO_PROCESS, 0, s.Nice); err != nil {
			return fmt.Errorf("priority: %w", err)
		}
	}
	return nil
}

// identity becomes another user, for good.
func identity(s Spec) error {
	gid := s.GID
	if gid == 0 {
		gid = s.UID
	}
	if err := syscall.Setgroups(nil); err != nil {
		return fmt.Errorf("groups: %w", err)
	}
	if err := syscall.Setresgid(gid, gid, gid); err != nil {
		return fmt.Errorf("gid %d: %w", gid, err)
	}
	if err := syscall.Setresuid(s.UID, s.UID, s.UID); err != nil {
		return fmt.Errorf("uid %d: %w", s.UID, err)
	}
	return nil
}

// files restricts what can be opened, by Landlock.
func files(s Spec) (Layer, error) {
	l := Layer{Name: "files"}
	if len(s.ReadOnly)+len(s.ReadWrite) == 0 {
		l.Missing = "not asked for"
		return l, nil
	}
	version, err := llsys.LandlockGetABIVersion()
	if err != nil || version < 1 {
		l.Missing = "this system has no Landlock"
		return l, nil
	}
	var rules []landlock.Rule
	for _, p := range s.ReadOnly {
		rules = append(rules, rule(p, landlock.RODirs, landlock.ROFiles)...)
	}
	for _, p := range s.ReadWrite {
		// Files can also be moved from one of its directories to another.
		rules = append(rules, rule(p, func(dirs ...string) landlock.FSRule { return landlock.RWDirs(dirs...).WithRefer() }, landlock.RWFiles)...)
	}
	for _, p := range s.ListOnly {
		list := func(paths ...string) landlock.FSRule { return landlock.PathAccess(llsys.AccessFSReadDir, paths...) }
		rules = append(rules, rule(p, list, list)...)
	}
	if err := newest.RestrictPaths(rules...); err != nil {
		return l, fmt.Errorf("landlock: %w", err)
	}
	l.Detail = fmt.Sprintf("Landlock %d", version)
	return l, nil
}

// newest uses all that the system's Landlock can.
var newest = landlock.V11.BestEffort()

// scope keeps signals, and abstract unix sockets, within the sandbox; and TCP, where there is to be no network.
func scope(s Spec) (Layer, error) {
	l := Layer{Name: "signals"}
	version, err := llsys.LandlockGetABIVersion()
	if err != nil || version < 4 {
		l.Missing = "this system's Landlock cannot"
		return l, nil
	}
	if !s.Network {
		if err := newest.RestrictNet(); err != nil {
			return l, fmt.Errorf("landlock: %w", err)
		}
	}
	if version < 6 {
		l.Missing = "this system's Landlock cannot"
		return l, nil
	}
	if err := newest.RestrictScoped(); err != nil {
		return l, fmt.Errorf("landlock: %w", err)
	}
	l.Detail = "within the session only"
	return l, nil
}

// rule gives the rule for a path; none for what is not there.
func rule(path string, dir, file func(...string) landlock.FSRule) []landlock.Rule {
	info, err := os.Stat(path)
	if err != nil {
		return nil
	}
	if info.IsDir() {
		return []landlock.Rule{dir(path)}
	}
	return []landlock.Rule{file(path)}
}
