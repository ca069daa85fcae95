package jupyter

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Paths are the directories in which Jupyter's programs look for what is installed, first found first
// (https://docs.jupyter.org/en/latest/use/jupyter-directories.html).
type Paths struct {
	// Data holds kernels, labextensions and lab; Config holds labconfig and serverconfig.
	Data, Config []string
	// Lab is JUPYTERLAB_DIR, where JupyterLab's application directory is; empty where it is below one of Data.
	Lab string
	// Prefixes are the environments that packages of Python may be in.
	Prefixes []string
}

// FindPaths reads the environment as jupyter_core does. In the place of Python's own prefix stand the active environment
// (VIRTUAL_ENV, CONDA_PREFIX), the one that this program is installed in or lies beside (PREFIX/bin/sextant, and .venv next
// to bin), and the one whose jupyter-lab is found by PATH.
func FindPaths() Paths {
	program := ""
	if at, err := os.Executable(); err == nil {
		if program, err = filepath.EvalSymlinks(at); err != nil {
			program = at
		}
	}
	found := ""
	if at, err := exec.LookPath("jupyter-lab"); err == nil {
		found, _ = filepath.Abs(at)
	}
	home, _ := os.UserHomeDir()
	return pathsOf(os.Getenv, home, program, found, isDir)
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// pathsOf is FindPaths of an environment, a home directory, this program and a jupyter-lab, each of which may be empty.
func pathsOf(env func(string) string, home, program, jupyterLab string, isDir func(string) bool) Paths {
	p := Paths{Lab: env("JUPYTERLAB_DIR")}
	for _, prefix := range []string{env("VIRTUAL_ENV"), env("CONDA_PREFIX"), above(program), beside(program), above(jupyterLab)} {
		if prefix != "" && isDir(filepath.Join(prefix, "share", "jupyter")) && !slices.Contains(p.Prefixes, prefix) {
			p.Prefixes = append(p.Prefixes, prefix)
		}
	}
	add := func(to *[]string, dirs ...string) {
		for _, dir := range dirs {
			if dir != "" && !slices.Contains(*to, dir) {
				*to = append(*to, dir)
			}
		}
	}
	data, config := userData(env, home), env("JUPYTER_CONFIG_DIR")
	if config == "" && home != "" {
		config = filepath.Join(home, ".jupyter")
	}
	if env("JUPYTER_NO_CONFIG") != "" {
		config = ""
	}
	var ownData, ownConfig, envData, envConfig []string
	add(&ownData, data)
	add(&ownConfig, config)
	if home != "" {
		add(&ownData, filepath.Join(home, ".local", "share", "jupyter"))
		if env("JUPYTER_NO_CONFIG") == "" {
			add(&ownConfig, filepath.Join(home, ".local", "etc", "jupyter"))
		}
	}
	for _, prefix := range p.Prefixes {
		add(&envData, filepath.Join(prefix, "share", "jupyter"))
		add(&envConfig, filepath.Join(prefix, "etc", "jupyter"))
	}
	add(&p.Data, pathList(env("JUPYTER_PATH"))...)
	add(&p.Config, pathList(env("JUPYTER_CONFIG_PATH"))...)
	first, second := ownData, envData
	firstConfig, secondConfig := ownConfig, envConfig
	if preferred := env("JUPYTER_PREFER_ENV_PATH"); preferred == "" && (env("VIRTUAL_ENV") != "" || env("CONDA_PREFIX") != "") ||
		preferred != "" && !slices.Contains([]string{"no", "n", "false", "off", "0", "0.0"}, strings.ToLower(preferred)) {
		first, second = second, first
		firstConfig, secondConfig = secondConfig, firstConfig
	}
	add(&p.Data, first...)
	add(&p.Data, second...)
	add(&p.Data, "/usr/local/share/jupyter", "/usr/share/jupyter")
	add(&p.Config, firstConfig...)
	add(&p.Config, secondConfig...)
	add(&p.Config, "/usr/local/etc/jupyter", "/etc/jupyter")
	return p
}

// userData is where a person's own kernels and extensions are.
func userData(env func(string) string, home string) string {
	switch {
	case env("JUPYTER_DATA_DIR") != "":
		return env("JUPYTER_DATA_DIR")
	case home == "":
		return ""
	case runtime.GOOS == "darwin":
		return filepath.Join(home, "Library", "Jupyter")
	case env("XDG_DATA_HOME") != "":
		return filepath.Join(env("XDG_DATA_HOME"), "jupyter")
	}
	return filepath.Join(home, ".local", "share", "jupyter")
}

// above is the prefix of a program in PREFIX/bin.
func above(program string) string {
	if program == "" {
		return ""
	}
	return filepath.Dir(filepath.Dir(program))
}

// beside is a virtual environment next to a program's directory, as in a checkout.
func beside(program string) string {
	if program == "" {
		return ""
	}
	return filepath.Join(above(program), ".venv")
}

func pathList(s string) []string {
	var out []string
	for _, dir := range filepath.SplitList(s) {
		if dir = strings.TrimRight(dir, string(filepath.Separator)); dir != "" {
			out = append(out, dir)
		}
	}
	return out
}
