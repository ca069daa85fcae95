package jupyter

import (
	"os"
	"path/filepath"
	"regexp"

	"sextant/sessions"
)

var python = regexp.MustCompile(`^python(\d+(\.\d+)?)?$`)

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// Kernelspecs lists the kernels that are installed in the paths, by name.
func (p Paths) Kernelspecs() []sessions.Kernelspec {
	var out []sessions.Kernelspec
	for _, k := range (&kernelspecs{paths: p}).all() {
		out = append(out, k.launch())
	}
	return out
}

// launch is what a session needs of a kernelspec.
func (k kernelspec) launch() sessions.Kernelspec {
	out := sessions.Kernelspec{Name: k.name, Dir: k.dir, Env: map[string]string{}}
	out.DisplayName, _ = k.spec["display_name"].(string)
	out.Language, _ = k.spec["language"].(string)
	out.Signal = k.spec["interrupt_mode"] != "message"
	argv, _ := k.spec["argv"].([]any) // it was checked when it was read
	for _, a := range argv {
		if text, ok := a.(string); ok {
			out.Argv = append(out.Argv, text)
		}
	}
	// A kernelspec that pip installs says python, and means that of the environment that it lies in.
	if len(out.Argv) > 0 && python.MatchString(out.Argv[0]) {
		if program := filepath.Join(k.dir, "..", "..", "..", "..", "bin", out.Argv[0]); isFile(program) {
			out.Argv[0] = program
		}
	}
	env, _ := k.spec["env"].(map[string]any)
	for name, v := range env {
		if text, ok := v.(string); ok {
			out.Env[name] = text
		}
	}
	return out
}
