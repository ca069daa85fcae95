package jupyter

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"sextant/content/environment"
	"sextant/server/web"
)

// kernelspecs finds the kernels that are installed, anew at each question: one that was just installed is there.
type kernelspecs struct{ paths Paths }

// kernelName is what a kernel's directory may be called; Jupyter takes them without regard to case.
var kernelName = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,200}$`)

// maxSpec bounds kernel.json.
const maxSpec = 1 << 20

// kernelspec is one installed kernel.
type kernelspec struct {
	name string
	dir  string
	// spec is kernel.json with what it leaves out.
	spec map[string]any
}

// all lists the installed kernels by name; of two with one name the first found counts. What cannot be read is none.
func (k *kernelspecs) all() []kernelspec {
	var out []kernelspec
	seen := map[string]bool{}
	for _, data := range k.paths.Data {
		entries, err := os.ReadDir(filepath.Join(data, "kernels"))
		if err != nil {
			continue
		}
		for _, e := range entries {
			name := strings.ToLower(e.Name())
			if seen[name] || !kernelName.MatchString(name) {
				continue
			}
			if s, err := readKernelspec(name, filepath.Join(data, "kernels", e.Name())); err == nil {
				seen[name] = true
				out = append(out, s)
			}
		}
	}
	slices.SortFunc(out, func(a, b kernelspec) int { return strings.Compare(a.name, b.name) })
	return out
}

func (k *kernelspecs) named(name string) (kernelspec, error) {
	for _, s := range k.all() {
		if s.name == strings.ToLower(name) {
			return s, nil
		}
	}
	return kernelspec{}, notFound("Kernel spec %s not found", name)
}

func readKernelspec(name, dir string) (kernelspec, error) {
	text, err := readSmall(filepath.Join(dir, "kernel.json"), maxSpec)
	if err != nil {
		return kernelspec{}, err
	}
	spec := map[string]any{"env": map[string]any{}, "interrupt_mode": "signal", "metadata": map[string]any{}, "kernel_protocol_version": ""}
	if err := json.Unmarshal(text, &spec); err != nil {
		return kernelspec{}, err
	}
	argv, isList := spec["argv"].([]any)
	title, isText := spec["display_name"].(string)
	if !isList || len(argv) == 0 || !isText || title == "" {
		return kernelspec{}, errors.New("no argv or display_name")
	}
	if _, ok := spec["language"].(string); !ok {
		spec["language"] = ""
	}
	return kernelspec{name, dir, spec}, nil
}

// readSmall reads a file of at most limit bytes.
func readSmall(name string, limit int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.Size() > limit || !info.Mode().IsRegular() {
		return nil, errors.New(name + " is too large or no file")
	}
	return os.ReadFile(name)
}

// resources are the files beside kernel.json that front ends show or run, by their names there.
func (k kernelspec) resources() map[string]string {
	out := map[string]string{}
	for _, name := range []string{"kernel.js", "kernel.css"} {
		if _, err := os.Stat(filepath.Join(k.dir, name)); err == nil {
			out[name] = name
		}
	}
	logos, _ := filepath.Glob(filepath.Join(k.dir, "logo-*")) // the pattern is well-formed
	for _, file := range logos {
		base := filepath.Base(file)
		out[strings.TrimSuffix(base, filepath.Ext(base))] = base
	}
	return out
}

// shownSpec is a kernel as the API gives it.
type shownSpec struct {
	Name      string            `json:"name"`
	Spec      map[string]any    `json:"spec"`
	Resources map[string]string `json:"resources"`
}

func (s *Server) showSpec(k kernelspec) shownSpec {
	out := shownSpec{k.name, maps.Clone(k.spec), map[string]string{}}
	out.Spec["env"] = map[string]any{} // it is whoever installed the kernel's, and may hold passwords
	for key, file := range k.resources() {
		out.Resources[key] = s.url("kernelspecs", k.name, file)
	}
	return out
}

// environments are the environments that the actor may use, as kernels: whoever picks one runs in it.
func (s *Server) environments(ctx context.Context) (map[string]kernelspec, error) {
	out := map[string]kernelspec{}
	if s.o.Environments == nil {
		return out, nil
	}
	found, err := s.o.Environments(ctx)
	if err != nil {
		return nil, err
	}
	for _, e := range found {
		k, err := s.specs.named(e.Kernel)
		if err != nil {
			continue // its kernel is not installed here
		}
		k.name = environment.KernelPrefix + e.ID
		k.spec = maps.Clone(k.spec)
		k.spec["display_name"] = e.Title
		metadata := map[string]any{}
		if own, ok := k.spec["metadata"].(map[string]any); ok {
			maps.Copy(metadata, own)
		}
		metadata["sextant"] = map[string]any{"environment": e.ID, "revision": e.Revision}
		k.spec["metadata"] = metadata
		out[k.name] = k
	}
	return out, nil
}

// spec finds a kernel, or an environment that the actor may use.
func (s *Server) spec(ctx context.Context, name string) (kernelspec, error) {
	if !strings.HasPrefix(name, environment.KernelPrefix) {
		return s.specs.named(name)
	}
	all, err := s.environments(ctx)
	if err != nil {
		return kernelspec{}, err
	}
	if k, ok := all[name]; ok {
		return k, nil
	}
	return kernelspec{}, notFound("Kernel spec %s not found", name)
}

// Environment is an environment that a kernel stands for.
type Environment struct {
	ID, Revision, Title string
	// Kernel is the name of its kernelspec.
	Kernel string
}

// preferred are the kernels that are the default one, the first that is installed.
var preferred = []string{"sextant", "python3"}

func (r routes) kernelspecs() {
	r.api("GET /api/kernelspecs", signedIn("which kernels are installed"), func(w http.ResponseWriter, q *http.Request) error {
		out := struct {
			Default string               `json:"default"`
			Specs   map[string]shownSpec `json:"kernelspecs"`
		}{Specs: map[string]shownSpec{}}
		for _, k := range r.specs.all() {
			out.Specs[k.name] = r.showSpec(k)
			if out.Default == "" {
				out.Default = k.name
			}
		}
		environments, err := r.environments(q.Context())
		if err != nil {
			return err
		}
		for name, k := range environments {
			out.Specs[name] = r.showSpec(k)
		}
		for _, name := range slices.Backward(preferred) {
			if _, ok := out.Specs[name]; ok {
				out.Default = name
			}
		}
		return web.WriteJSON(w, http.StatusOK, out)
	})
	r.api("GET /api/kernelspecs/{name}", signedIn("which kernels are installed"), func(w http.ResponseWriter, q *http.Request) error {
		k, err := r.spec(q.Context(), q.PathValue("name"))
		if err != nil {
			return err
		}
		return web.WriteJSON(w, http.StatusOK, r.showSpec(k))
	})
	r.api("GET /kernelspecs/{name}/{file...}", signedIn("a kernel's logo"), func(w http.ResponseWriter, q *http.Request) error {
		k, err := r.spec(q.Context(), q.PathValue("name"))
		if err != nil {
			return err
		}
		// Only what is listed: kernel.json may hold secrets in its env.
		for _, file := range k.resources() {
			if file == q.PathValue("file") {
				return sendFrom(w, q, filepath.Join(k.dir, file))
			}
		}
		return notFound("Cannot find kernel resource %s of %s", q.PathValue("file"), k.name)
	})
}

// sendFrom sends a file of this machine.
func sendFrom(w http.ResponseWriter, r *http.Request, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return notFound("%s is not there", filepath.Base(name))
	}
	defer f.Close() // it was only read
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return notFound("%s is not there", filepath.Base(name))
	}
	http.ServeContent(w, r, name, info.ModTime(), f)
	return nil
}
