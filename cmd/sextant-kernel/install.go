package main

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// logos are shown by Jupyter's launcher.
//
//go:embed kernelspec/logo-svg.svg kernelspec/logo-64x64.png kernelspec/logo-32x32.png
var logos embed.FS

// place says into which Jupyter the kernel goes.
type place struct {
	User      bool   `xor:"place" help:"For this user (the default)."`
	SysPrefix bool   `xor:"place" help:"Into the virtual or conda environment that is active."`
	Prefix    string `xor:"place" type:"path" placeholder:"DIR" help:"Below DIR/share/jupyter."`
	Name      string `default:"sextant" help:"Name of the kernel."`
}

type installCmd struct {
	place
	DisplayName string            `default:"SQL (DuckDB)" help:"Name that Jupyter shows."`
	Env         map[string]string `placeholder:"KEY=VALUE" help:"Environment of the kernel, for instance SEXTANT_DATABASE=/data/sales.duckdb. May be repeated."`
}

type uninstallCmd struct {
	place
}

// spec is a kernel.json (JEP 105).
type spec struct {
	Argv                  []string          `json:"argv"`
	DisplayName           string            `json:"display_name"`
	Language              string            `json:"language"`
	InterruptMode         string            `json:"interrupt_mode"`
	Env                   map[string]string `json:"env,omitempty"`
	KernelProtocolVersion string            `json:"kernel_protocol_version"`
	Metadata              map[string]any    `json:"metadata"`
}

func newSpec(program, displayName string, env map[string]string) spec {
	return spec{
		Argv: []string{program, "-f", "{connection_file}"}, DisplayName: displayName, Language: "sql", InterruptMode: "message",
		Env: env, KernelProtocolVersion: "5.5", Metadata: map[string]any{"debugger": false},
	}
}

func (c *installCmd) Run() error {
	dir, err := c.dir()
	if err != nil {
		return err
	}
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	if err := writeSpec(dir, newSpec(exe, c.DisplayName, c.Env)); err != nil {
		return fmt.Errorf("install: %w", err)
	}
	fmt.Printf("Installed kernel %s in %s\n", c.Name, dir)
	return nil
}

// writeSpec writes the kernelspec directory; an installation that is there is replaced file by file.
func writeSpec(dir string, s spec) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	doc, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "kernel.json"), append(doc, '\n'), 0o644); err != nil {
		return err
	}
	files, err := logos.ReadDir("kernelspec")
	if err != nil {
		return err
	}
	for _, f := range files {
		data, err := logos.ReadFile("kernelspec/" + f.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, f.Name()), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (c *uninstallCmd) Run() error {
	dir, err := c.dir()
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, "kernel.json")); errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there is no kernel %s in %s", c.Name, filepath.Dir(dir))
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	fmt.Printf("Removed kernel %s from %s\n", c.Name, filepath.Dir(dir))
	return nil
}

var kernelName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// dir is the kernelspec's directory.
func (p place) dir() (string, error) {
	if !kernelName.MatchString(p.Name) || strings.Trim(p.Name, ".") == "" {
		return "", fmt.Errorf("a kernel cannot be named %q: only letters, digits, dots, dashes and underscores", p.Name)
	}
	data, err := p.dataDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(data, "kernels", p.Name), nil
}

// dataDir is Jupyter's data directory.
func (p place) dataDir() (string, error) {
	switch {
	case p.Prefix != "":
		return filepath.Join(p.Prefix, "share", "jupyter"), nil
	case p.SysPrefix:
		for _, name := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
			if prefix := os.Getenv(name); prefix != "" {
				return filepath.Join(prefix, "share", "jupyter"), nil
			}
		}
		// The program may stand in the environment's own bin directory.
		if exe, err := os.Executable(); err == nil {
			prefix := filepath.Dir(filepath.Dir(exe))
			if _, err := os.Stat(filepath.Join(prefix, "pyvenv.cfg")); err == nil {
				return filepath.Join(prefix, "share", "jupyter"), nil
			}
		}
		return "", errors.New("--sys-prefix needs an active virtual or conda environment; or give --prefix DIR")
	}
	if dir := os.Getenv("JUPYTER_DATA_DIR"); dir != "" {
		return dir, nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Jupyter"), nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "jupyter"), nil
	}
	return filepath.Join(home, ".local", "share", "jupyter"), nil
}
