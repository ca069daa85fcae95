// Package packages builds the Python packages of environments: a virtual environment for each list of requirements, made
// once, kept as long as it is used, with the log of its building.
package packages

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"sextant/sessions/sandbox"
)

// Request says what is to be installed.
type Request struct {
	// Python is the program that the packages are for, in full.
	Python string
	// Layered keeps what Python's own environment has, beneath the requirements.
	Layered bool
	// Requirements are lines as in requirements.txt.
	Requirements []string
}

// Options are what a Builder works with.
type Options struct {
	// Dir is where environments are, made where it is not; sessions must be able to read it.
	Dir string
	// Index is the address of a package index; empty is pip's own default. It may hold a password.
	Index string
	// Confine says what the building of an environment in a directory may touch: installing runs code of its packages.
	Confine func(python, dir string) sandbox.Spec
	// Timeout bounds one building, default 20 minutes; MaxBytes one environment, default 8 GiB; KeepBytes all of them
	// together, default 50 GiB, over which those used longest ago go; KeepFor those that nobody used, default 30 days.
	Timeout   time.Duration
	MaxBytes  int64
	KeepBytes int64
	KeepFor   time.Duration
	Log       *slog.Logger
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Builder builds and keeps environments. Its methods are safe for concurrent use. Whoever made it closes it.
type Builder struct {
	o      Options
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
	slots  chan struct{}

	mu     sync.Mutex
	builds map[string]*build
	closed bool
}

// build is one that runs.
type build struct {
	done chan struct{}
	err  error
}

// The states of an environment.
const (
	None     = "none"
	Building = "building"
	Ready    = "ready"
	Failed   = "failed"
)

// State is what there is to know of an environment's packages.
type State struct {
	State string
	// Error says why the building failed.
	Error string
	// Bytes is its size, Log the end of the building's log.
	Bytes int64
	Log   string
}

// atOnce is how many environments are built at a time; maxLog bounds a log, shownLog what of it is given.
const (
	atOnce   = 2
	maxLog   = 4 << 20
	shownLog = 64 << 10
)

// New is a builder; what an earlier one left half done is removed.
func New(o Options) (*Builder, error) {
	if o.Timeout == 0 {
		o.Timeout = 20 * time.Minute
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 8 << 30
	}
	if o.KeepBytes == 0 {
		o.KeepBytes = 50 << 30
	}
	if o.KeepFor == 0 {
		o.KeepFor = 30 * 24 * time.Hour
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("packages: %w", err)
	}
	b := &Builder{o: o, slots: make(chan struct{}, atOnce), builds: map[string]*build{}}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	entries, err := os.ReadDir(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("packages: %w", err)
	}
	for _, e := range entries {
		if e.IsDir() && !b.ready(e.Name()) && len(b.failure(e.Name())) == 0 {
			if err := os.RemoveAll(filepath.Join(o.Dir, e.Name())); err != nil {
				return nil, fmt.Errorf("packages: %w", err)
			}
		}
	}
	return b, nil
}

// Close ends buildings.
func (b *Builder) Close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.cancel()
	b.work.Wait()
}

// Key names the environment of a request: equal requests are equal environments.
func Key(r Request) string {
	list := make([]string, 0, len(r.Requirements))
	for _, one := range r.Requirements {
		list = append(list, strings.Join(strings.Fields(one), " "))
	}
	slices.Sort(list)
	text, _ := json.Marshal(struct {
		Python       string
		Layered      bool
		Requirements []string
	}{r.Python, r.Layered, slices.Compact(list)}) // strings and a boolean always marshal
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}

// Files of an environment's directory.
const (
	venvDir   = "venv"
	logFile   = "build.log"
	readyFile = "ready.json"
	errorFile = "error"
)

func (b *Builder) path(key string, more ...string) string {
	return filepath.Join(append([]string{b.o.Dir, key}, more...)...)
}

func (b *Builder) ready(key string) bool {
	_, err := os.Stat(b.path(key, readyFile))
	return err == nil
}

func (b *Builder) failure(key string) string {
	text, _ := os.ReadFile(b.path(key, errorFile)) // none is none
	return string(text)
}

// BuildingError is for an environment that is still being built when the time to wait for it is over.
type BuildingError struct {
	// Last is the last that the log says.
	Last string
}

func (e *BuildingError) Error() string {
	text := "its packages are still being installed; try again in a moment"
	if e.Last != "" {
		text += " (" + e.Last + ")"
	}
	return text
}

// FailedError is for an environment that could not be built.
type FailedError struct{ Why string }

func (e *FailedError) Error() string { return "its packages could not be installed: " + e.Why }

// again is how long a building that failed is not tried again.
const again = time.Minute

// Ensure gives the Python of a request's environment, which it builds where there is none. ctx bounds the waiting alone: then
// the error is a *BuildingError, and the building goes on. One that failed is a *FailedError, and is tried again a minute
// later.
func (b *Builder) Ensure(ctx context.Context, r Request) (python string, err error) {
	key := Key(r)
	w, err := b.start(key, r, false)
	if err != nil {
		return "", err
	}
	if w != nil {
		select {
		case <-w.done:
			if w.err != nil {
				return "", w.err
			}
		case <-ctx.Done():
			return "", &BuildingError{lastLine(b.log(key))}
		}
	}
	now := b.o.Now()
	if err := os.Chtimes(b.path(key, readyFile), now, now); err != nil { // its last use
		return "", fmt.Errorf("packages: %w", err)
	}
	return b.path(key, venvDir, "bin", "python"), nil
}

// Rebuild begins building anew what failed, or what there is not; Ensure waits for it.
func (b *Builder) Rebuild(r Request) error {
	_, err := b.start(Key(r), r, true)
	return err
}

// start gives the building of an environment; nil where there is one already.
func (b *Builder) start(key string, r Request, now bool) (*build, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, errors.New("the server is stopping")
	}
	if w := b.builds[key]; w != nil {
		return w, nil
	}
	if b.ready(key) {
		return nil, nil
	}
	if why := b.failure(key); why != "" && !now {
		if info, err := os.Stat(b.path(key, errorFile)); err == nil && b.o.Now().Sub(info.ModTime()) < again {
			return nil, &FailedError{why}
		}
	}
	w := &build{done: make(chan struct{})}
	b.builds[key] = w
	b.work.Go(func() {
		w.err = b.build(key, r)
		b.mu.Lock()
		delete(b.builds, key)
		b.mu.Unlock()
		close(w.done)
	})
	return w, nil
}

// State tells how far a request's environment is.
func (b *Builder) State(r Request) State {
	key := Key(r)
	b.mu.Lock()
	building := b.builds[key] != nil
	b.mu.Unlock()
	s := State{State: None, Log: b.log(key)}
	switch {
	case building:
		s.State = Building
	case b.ready(key):
		s.State = Ready
		var made readyRecord
		if text, err := os.ReadFile(b.path(key, readyFile)); err == nil && json.Unmarshal(text, &made) == nil {
			s.Bytes = made.Bytes
		}
	case b.failure(key) != "":
		s.State, s.Error = Failed, b.failure(key)
	}
	return s
}

// readyRecord is what readyFile holds.
type readyRecord struct {
	Requirements []string  `json:"requirements"`
	Bytes        int64     `json:"bytes"`
	Made         time.Time `json:"made"`
}

// log gives the end of a building's log.
func (b *Builder) log(key string) string {
	f, err := os.Open(b.path(key, logFile))
	if err != nil {
		return ""
	}
	defer f.Close() // it was only read
	info, err := f.Stat()
	if err != nil {
		return ""
	}
	text := make([]byte, min(info.Size(), shownLog))
	n, _ := f.ReadAt(text, info.Size()-int64(len(text))) // what is there is shown
	return strings.ToValidUTF8(string(text[:n]), "\uFFFD")
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return clip(strings.TrimSpace(lines[len(lines)-1]), 200)
}

func clip(s string, n int) string {
	if len(s) > n {
		return strings.ToValidUTF8(s[:n], "") + "…"
	}
	return s
}

// password is that of an address.
var password = regexp.MustCompile(`(://[^:/@\s]*:)[^@\s]+@`)

// size sums the files below a directory.
func size(dir string) int64 {
	var n int64
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error { // what is gone meanwhile has no size
		if err == nil && d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				n += info.Size()
			}
		}
		return nil
	})
	return n
}

// Collect removes environments that nobody used for long, and those used longest ago where all are too large. Those of keys in
// use are left alone.
func (b *Builder) Collect(inUse func(python string) bool) (freed int64, err error) {
	b.mu.Lock()
	defer b.mu.Unlock() // nothing is begun while something is removed
	type kept struct {
		key   string
		used  time.Time
		bytes int64
	}
	entries, err := os.ReadDir(b.o.Dir)
	if err != nil {
		return 0, fmt.Errorf("packages: %w", err)
	}
	var all []kept
	var total int64
	for _, e := range entries {
		key := e.Name()
		if !e.IsDir() || b.builds[key] != nil || inUse(b.path(key, venvDir, "bin", "python")) {
			continue
		}
		k := kept{key: key}
		for _, name := range []string{readyFile, errorFile} {
			if info, err := os.Stat(b.path(key, name)); err == nil {
				k.used = info.ModTime()
			}
		}
		k.bytes = size(b.path(key))
		total += k.bytes
		all = append(all, k)
	}
	slices.SortFunc(all, func(x, y kept) int { return x.used.Compare(y.used) })
	for _, k := range all {
		if total <= b.o.KeepBytes && b.o.Now().Sub(k.used) < b.o.KeepFor {
			continue
		}
		// Not ready first: half of it must never be taken for all.
		_ = os.Remove(b.path(k.key, readyFile))
		if err := os.RemoveAll(b.path(k.key)); err != nil {
			return freed, fmt.Errorf("packages: %w", err)
		}
		total -= k.bytes
		freed += k.bytes
	}
	return freed, nil
}
