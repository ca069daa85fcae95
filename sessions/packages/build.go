package packages

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"sextant/sessions/sandbox"
)

// build makes an environment. What fails leaves its log and why, for people to read.
func (b *Builder) build(key string, r Request) error {
	select {
	case b.slots <- struct{}{}:
		defer func() { <-b.slots }()
	case <-b.ctx.Done():
		return errors.New("the server is stopping")
	}
	began := b.o.Now()
	dir := b.path(key)
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("packages: %w", err)
	}
	spec := b.o.Confine(r.Python, dir)
	for _, d := range []string{dir, filepath.Join(dir, "tmp")} {
		err := os.Mkdir(d, 0o755)
		if err == nil && spec.UID != 0 {
			err = os.Lchown(d, spec.UID, spec.UID)
		}
		if err != nil {
			return fmt.Errorf("packages: %w", err)
		}
	}
	log, err := os.OpenFile(filepath.Join(dir, logFile), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("packages: %w", err)
	}
	defer log.Close()
	out := &boundedLog{file: log}
	ctx, cancel := context.WithTimeoutCause(b.ctx, b.o.Timeout, fmt.Errorf("it took longer than %s", b.o.Timeout))
	defer cancel()
	err = b.install(ctx, spec, r, dir, out)
	_ = os.RemoveAll(filepath.Join(dir, "tmp")) // only sources and caches
	bytes := size(dir)
	if err == nil && bytes > b.o.MaxBytes {
		err = fmt.Errorf("with them it has %d MB, of at most %d", bytes>>20, b.o.MaxBytes>>20)
	}
	if b.ctx.Err() != nil {
		return errors.New("the server is stopping")
	}
	if err != nil {
		why := reason(err, out.tail())
		b.o.Log.Info("packages could not be installed", "environment", key, "error", err)
		_ = os.RemoveAll(filepath.Join(dir, venvDir)) // what is left is the log
		if err := os.WriteFile(filepath.Join(dir, errorFile), []byte(why), 0o600); err != nil {
			return fmt.Errorf("packages: %w", err)
		}
		return &FailedError{why}
	}
	text, err := json.MarshalIndent(readyRecord{r.Requirements, bytes, began}, "", "  ")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, readyFile), text, 0o644)
	}
	if err != nil {
		return fmt.Errorf("packages: %w", err)
	}
	b.o.Log.Info("packages installed", "environment", key, "bytes", bytes, "seconds", b.o.Now().Sub(began).Seconds())
	return nil
}

// install makes the virtual environment and has pip, or uv where that is there, install into it.
func (b *Builder) install(ctx context.Context, spec sandbox.Spec, r Request, dir string, out *boundedLog) error {
	venv, tmp := filepath.Join(dir, venvDir), filepath.Join(dir, "tmp")
	env := []string{"PATH=" + filepath.Join(venv, "bin") + ":" + os.Getenv("PATH"), "HOME=" + tmp, "TMPDIR=" + tmp, "LANG=C.UTF-8", "VIRTUAL_ENV=" + venv,
		"PIP_DISABLE_PIP_VERSION_CHECK=1", "PIP_NO_INPUT=1", "PIP_NO_CACHE_DIR=1", "PIP_CONFIG_FILE=" + os.DevNull, "UV_CACHE_DIR=" + tmp, "UV_NO_PROGRESS=1", "PYTHONDONTWRITEBYTECODE="}
	for _, name := range []string{"PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy"} {
		if v := os.Getenv(name); v != "" {
			env = append(env, name+"="+v)
		}
	}
	if b.o.Index != "" {
		env = append(env, "PIP_INDEX_URL="+b.o.Index, "UV_DEFAULT_INDEX="+b.o.Index)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		b.watchSize(ctx, dir, cancel)
	}()
	defer func() { cancel(nil); <-watched }()
	run := func(argv ...string) error {
		fmt.Fprintf(out, "$ %s\n", strings.Join(argv, " "))
		return b.run(ctx, spec, argv, env, dir, out)
	}
	// pip is taken from where the environment is made: a copy of its own would take seconds.
	if err := run(r.Python, "-m", "venv", "--without-pip", venv); err != nil {
		return fmt.Errorf("a virtual environment could not be made: %w", err)
	}
	requirements := slices.Clone(r.Requirements)
	if r.Layered {
		if err := b.layer(ctx, spec, env, r.Python, venv, dir); err != nil {
			return err
		}
	} else {
		requirements = append(requirements, "ipykernel")
	}
	file := filepath.Join(dir, "requirements.txt")
	if err := os.WriteFile(file, []byte(strings.Join(requirements, "\n")+"\n"), 0o644); err != nil {
		return err
	}
	python := filepath.Join(venv, "bin", "python")
	// uv looks at an environment alone, not at what is beneath it.
	if uv, err := exec.LookPath("uv"); err == nil && !r.Layered {
		if err := run(uv, "pip", "install", "--python", python, "--requirement", file); err == nil || ctx.Err() != nil {
			return err
		}
		// It moves files between directories, which some systems' Landlock refuses.
		fmt.Fprintln(out, "uv failed; pip is tried")
		out.forget()
	}
	return run(r.Python, "-m", "pip", "--python", python, "install", "--no-warn-script-location", "--progress-bar", "off", "--requirement", file)
}

// layer puts what another Python has beneath an environment: what is installed in that comes first.
func (b *Builder) layer(ctx context.Context, spec sandbox.Spec, env []string, python, venv, dir string) error {
	var paths boundedLog
	err := b.run(ctx, spec, []string{python, "-c", "import sysconfig; print('\\n'.join(sorted({sysconfig.get_path('purelib'), sysconfig.get_path('platlib')})))"}, env, dir, &paths)
	if err != nil {
		return fmt.Errorf("%s: %w: %s", python, err, paths.tail())
	}
	found, err := filepath.Glob(filepath.Join(venv, "lib", "python3*", "site-packages"))
	if err != nil || len(found) != 1 {
		return fmt.Errorf("the virtual environment has no directory of packages")
	}
	return os.WriteFile(filepath.Join(found[0], "kernel.pth"), []byte(paths.tail()+"\n"), 0o644)
}

func (b *Builder) run(ctx context.Context, spec sandbox.Spec, argv, env []string, dir string, out *boundedLog) error {
	return sandbox.Run(ctx, spec, argv, env, dir, out)
}

// sizeEvery is how often the size of what is built is looked at.
const sizeEvery = 2 * time.Second

// watchSize ends a building that grows over its bound.
func (b *Builder) watchSize(ctx context.Context, dir string, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(sizeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if n := size(dir); n > 2*b.o.MaxBytes { // sources and wheels are there beside what is installed
				cancel(fmt.Errorf("it grew over %d MB", 2*b.o.MaxBytes>>20))
				return
			}
		}
	}
}

// reason says for people why a building failed: pip's own errors, where there are some.
func reason(err error, log string) string {
	var errs []string
	for line := range strings.Lines(log) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "ERROR:") || strings.HasPrefix(line, "error:") || strings.HasPrefix(line, "× ") || strings.HasPrefix(line, "╰─▶") {
			errs = append(errs, line)
		}
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) || len(errs) == 0 {
		if len(errs) == 0 && errors.As(err, &exit) {
			errs = append(errs, lastLine(log))
		}
		errs = append([]string{err.Error()}, errs...)
	}
	return clip(strings.Join(errs[:min(len(errs), 10)], "\n"), 4000)
}

// boundedLog is a log of at most maxLog bytes, without passwords of addresses; with no file it is in memory alone.
type boundedLog struct {
	file *os.File

	mu   sync.Mutex
	size int
	end  []byte
}

// Write implements io.Writer.
func (l *boundedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := password.ReplaceAll(p, []byte("${1}•••@"))
	l.end = append(l.end, text...)
	l.end = l.end[max(0, len(l.end)-shownLog):]
	if l.file == nil || l.size > maxLog {
		return len(p), nil
	}
	n, err := l.file.Write(text)
	l.size += n
	if l.size > maxLog {
		_, err = l.file.WriteString("\n… the rest of the log is left out\n")
	}
	return len(p), err
}

// forget keeps what was said so far out of the tail.
func (l *boundedLog) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.end = nil
}

func (l *boundedLog) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.TrimSpace(string(l.end))
}
