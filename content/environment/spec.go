package environment

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// SQLKernel is the kernelspec of Sextant's own kernel.
const SQLKernel = "sextant"

// KernelPrefix begins the name of the kernel that stands for an environment in Jupyter's clients; its id follows.
const KernelPrefix = "env-"

// Spec is an environment.
type Spec struct {
	// Kernel is the name of a kernelspec; default SQLKernel.
	Kernel string `toml:"kernel"`
	// Engine is what the SQL kernel runs on: "duckdb".
	Engine string `toml:"engine"`
	// Init is SQL, or code in the kernel's language, that runs before the first cell.
	Init string `toml:"init"`
	// Shared lets a user's documents use one kernel process, each in a subshell; nil is what the kernel can: on for SQL, off
	// for others, which cannot.
	Shared *bool `toml:"shared"`
	// Network lets code use it; nil is the server's default: off for SQL.
	Network *bool `toml:"network"`
	// Idle is how long a session may be unused, Life how long it may exist, Execution how long a cell may run. Nil is the
	// server's default; 0 is for ever.
	Idle      *Duration `toml:"idle"`
	Life      *Duration `toml:"life"`
	Execution *Duration `toml:"execution"`

	Limits Limits `toml:"limits"`
	// Parameters are values by name: SQL variables of every document, and variables in Python. Strings, whole numbers, floats
	// and booleans.
	Parameters map[string]any `toml:"parameters"`
	// Variables are environment variables of the kernel.
	Variables map[string]string `toml:"variables"`
	// Secrets are environment variables whose values are secrets, by the secrets' names.
	Secrets  map[string]string `toml:"secrets"`
	Packages Packages          `toml:"packages"`
	Sources  []Attach          `toml:"sources"`
}

// Limits bound what a session uses; 0 is the server's default.
type Limits struct {
	// Memory of the kernel's process, in bytes.
	Memory Size `toml:"memory"`
	// CPU is processor time of one execution; at the bound it is interrupted.
	CPU Duration `toml:"cpu"`
	// Disk bounds each file that code writes and, for SQL, what queries spill.
	Disk    Size `toml:"disk"`
	Threads int  `toml:"threads"`
}

// Packages are Python packages that the kernel has.
type Packages struct {
	// Python is a program, such as "python3.12"; empty is the one of the kernelspec.
	Python string `toml:"python"`
	// Requirements are lines as in requirements.txt, without options.
	Requirements []string `toml:"requirements"`
}

// Attach is a data source in an environment.
type Attach struct {
	// Source is its id, or its path from the root.
	Source string `toml:"source"`
	// Name is what it is called in the session; default: the source's own.
	Name string `toml:"name"`
	// Write lets sessions change it, where it can be.
	Write bool `toml:"write"`
}

// Bounds of an environment.
const (
	MaxInit         = 64 << 10
	MaxNames        = 100 // of parameters, of variables, of secrets
	MaxValue        = 16 << 10
	MaxRequirements = 500
	MaxRequirement  = 500
	MaxSources      = 20
	MaxThreads      = 1024

	MinMemory    = Size(64 << 20)
	MinDisk      = Size(1 << 20)
	MaxSizeValue = Size(1 << 46)
	MinIdle      = Duration(10 * time.Second)
	MaxDuration  = Duration(366 * 24 * time.Hour)
)

// bounded is a pattern for texts of at most max bytes: a count within the pattern would be compiled as many times as it says, at
// every start of the program.
type bounded struct {
	*regexp.Regexp
	max int
}

func (b bounded) MatchString(s string) bool { return len(s) <= b.max && b.Regexp.MatchString(s) }

var (
	kernelName   = bounded{regexp.MustCompile(`^[a-zA-Z0-9._-]+$`), 200}
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,99}$`)
	// SourceName is what a source may be called in a session: it is an identifier in SQL and in environment variables.
	sourceName  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)
	requirement = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*\s*(\[[A-Za-z0-9._,\s-]*\])?\s*([(~=!<>@;].*)?$`)
	secretRef   = regexp.MustCompile(`^(own:)?[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$`)
	pythonName  = bounded{regexp.MustCompile(`^(python[0-9.]*|pypy[0-9.]*|/[^\x00]+)$`), 1000}
)

// reserved variables are the session's own, or would load code into what is not the kernel yet.
var reserved = map[string]bool{"PATH": true, "HOME": true, "TMPDIR": true, "PYTHONHOME": true, "VIRTUAL_ENV": true, "JPY_SESSION_NAME": true, "JPY_PARENT_PID": true}

// ReservedVariable reports whether sessions set an environment variable themselves.
func ReservedVariable(name string) bool {
	return reserved[name] || strings.HasPrefix(name, "LD_") || strings.HasPrefix(name, "DYLD_") || strings.HasPrefix(name, "SEXTANT_")
}

// reservedSources are schemas and databases that DuckDB has already.
var reservedSources = map[string]bool{"main": true, "temp": true, "system": true, "memory": true, "pg_catalog": true, "information_schema": true, "scratch": true}

// Parse reads and checks an environment. An error lists up to ten faults, each with line and key.
func Parse(text []byte) (Spec, error) {
	var s Spec
	c, err := decode(text, &s)
	if err != nil {
		return Spec{}, err
	}
	s.check(c)
	if err := c.err(); err != nil {
		return Spec{}, err
	}
	return s.withDefaults(), nil
}

func (s Spec) withDefaults() Spec {
	if s.Kernel == "" {
		s.Kernel = SQLKernel
	}
	if s.Engine == "" && s.SQL() {
		s.Engine = "duckdb"
	}
	if s.Shared == nil {
		on := s.SQL()
		s.Shared = &on
	}
	return s
}

// SQL reports whether the environment runs Sextant's own kernel.
func (s Spec) SQL() bool { return s.Kernel == "" || s.Kernel == SQLKernel }

func (s Spec) check(c *checker) {
	if s.Kernel != "" && !kernelName.MatchString(s.Kernel) {
		c.fault("kernel", "%.60q is no name of a kernel", s.Kernel)
	}
	switch {
	case s.Engine != "" && !s.SQL():
		c.fault("engine", "only the kernel %q has engines", SQLKernel)
	case s.Engine != "" && s.Engine != "duckdb":
		c.fault("engine", "there is no engine %.60q; there is duckdb", s.Engine)
	}
	if len(s.Init) > MaxInit || strings.ContainsRune(s.Init, 0) {
		c.fault("init", "want text of at most %d bytes", MaxInit)
	}
	if s.Shared != nil && *s.Shared && !s.SQL() {
		c.fault("shared", "only the kernel %q can be shared by several documents", SQLKernel)
	}
	s.checkTimes(c)
	s.Limits.check(c)
	s.checkNames(c)
	s.Packages.check(c, s.SQL())
	if len(s.Sources) > MaxSources {
		c.fault("sources", "there are %d, of at most %d", len(s.Sources), MaxSources)
	}
	taken := map[string]bool{}
	for i, a := range s.Sources {
		key := indexed("sources", i)
		if a.Source == "" || len(a.Source) > 10_000 || !strings.HasPrefix(a.Source, "/") && len(a.Source) != 36 {
			c.fault(key+".source", "want the path of a data source from the root, such as /data/sales, or its id")
		}
		if a.Name == "" {
			continue
		}
		if err := CheckSourceName(a.Name); err != nil {
			c.fault(key+".name", "%v", err)
		} else if taken[strings.ToLower(a.Name)] {
			c.fault(key+".name", "there are two sources of the name %q", a.Name)
		}
		taken[strings.ToLower(a.Name)] = true
	}
}

// CheckSourceName checks what a source is to be called in a session.
func CheckSourceName(name string) error {
	if !sourceName.MatchString(name) {
		return fmt.Errorf("%.60q cannot be a name in SQL: want letters, digits and _, at most 63, not beginning with a digit", name)
	}
	if reservedSources[strings.ToLower(name)] {
		return fmt.Errorf("%q is a name that the engine has already", name)
	}
	return nil
}

// NameOf makes a name for a session of a resource's: what cannot stand in SQL becomes _.
func NameOf(resource string) string {
	name := strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_') {
			return r
		}
		return '_'
	}, strings.TrimSuffix(resource, ".toml"))
	name = strings.ToLower(strings.Trim(name[:min(len(name), 60)], "_"))
	if name == "" || name[0] >= '0' && name[0] <= '9' {
		name = "s_" + name
	}
	if reservedSources[name] {
		name = "s_" + name
	}
	return name
}

func (s Spec) checkTimes(c *checker) {
	for _, t := range []struct {
		key string
		d   *Duration
		min Duration
	}{{"idle", s.Idle, MinIdle}, {"life", s.Life, MinIdle}, {"execution", s.Execution, Duration(time.Second)}} {
		if t.d != nil && *t.d != 0 && (*t.d < t.min || *t.d > MaxDuration) {
			c.fault(t.key, "want %s to %s, or \"0s\" for no end", time.Duration(t.min), time.Duration(MaxDuration))
		}
	}
}

func (l Limits) check(c *checker) {
	for _, z := range []struct {
		key      string
		size, at Size
	}{{"limits.memory", l.Memory, MinMemory}, {"limits.disk", l.Disk, MinDisk}} {
		if z.size != 0 && (z.size < z.at || z.size > MaxSizeValue) {
			c.fault(z.key, "want %d MiB to %d TiB", z.at>>20, MaxSizeValue>>40)
		}
	}
	if l.CPU != 0 && (l.CPU < Duration(time.Second) || l.CPU > MaxDuration) {
		c.fault("limits.cpu", "want 1s to %s", time.Duration(MaxDuration))
	}
	if l.Threads < 0 || l.Threads > MaxThreads {
		c.fault("limits.threads", "want 1 to %d", MaxThreads)
	}
}

func (s Spec) checkNames(c *checker) {
	for key, n := range map[string]int{"parameters": len(s.Parameters), "variables": len(s.Variables), "secrets": len(s.Secrets)} {
		if n > MaxNames {
			c.fault(key, "there are %d, of at most %d", n, MaxNames)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Parameters)) {
		key := "parameters." + name
		if !variableName.MatchString(name) {
			c.fault(key, "want a name of letters, digits and _")
		}
		switch v := s.Parameters[name].(type) {
		case string:
			if len(v) > MaxValue {
				c.fault(key, "want at most %d bytes", MaxValue)
			}
		case float64:
			if math.IsNaN(v) || math.IsInf(v, 0) {
				c.fault(key, "want a finite number")
			}
		case int64, bool:
		default:
			c.fault(key, "want a string, a number or a boolean")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Variables)) {
		key := "variables." + name
		checkVariable(c, key, name)
		if v := s.Variables[name]; len(v) > MaxValue || strings.ContainsRune(v, 0) {
			c.fault(key, "want text of at most %d bytes", MaxValue)
		}
		if _, twice := s.Secrets[name]; twice {
			c.fault(key, "it is among the secrets too")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Secrets)) {
		checkVariable(c, "secrets."+name, name)
		if !secretRef.MatchString(s.Secrets[name]) {
			c.fault("secrets."+name, "want the name of a secret, or own:NAME for one of whoever uses the environment; never the secret itself")
		}
	}
}

func checkVariable(c *checker, key, name string) {
	if !variableName.MatchString(name) {
		c.fault(key, "want a name of letters, digits and _")
	}
	if ReservedVariable(name) {
		c.fault(key, "sessions set this variable themselves")
	}
}

func (p Packages) check(c *checker, sql bool) {
	if sql && (p.Python != "" || len(p.Requirements) > 0) {
		c.fault("packages", "the SQL kernel has no Python packages; name a Python kernel")
	}
	if p.Python != "" && !pythonName.MatchString(p.Python) {
		c.fault("packages.python", "want a program such as python3.12, or its full path")
	}
	if len(p.Requirements) > MaxRequirements {
		c.fault("packages.requirements", "there are %d, of at most %d", len(p.Requirements), MaxRequirements)
	}
	for _, r := range p.Requirements {
		if len(r) > MaxRequirement || !requirement.MatchString(r) || strings.ContainsAny(r, "\n\r\x00") {
			c.fault("packages.requirements", "%.80q is no requirement: want as in \"pandas==2.3.1\"; options cannot be given", r)
		}
	}
}
