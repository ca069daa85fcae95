package jupyter

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/titanous/json5"
)

// extension is a JupyterLab extension that came with another package.
type extension struct {
	name string
	dir  string
	// build is package.json's jupyterlab._build, disabled its jupyterlab.disabledExtensions.
	build    map[string]any
	disabled []string
}

// extensions lists them by name, the first directory that has one first (jupyterlab_server's get_federated_extensions).
func (l *lab) extensions() []extension {
	var out []extension
	seen := map[string]bool{}
	for _, dir := range l.extensionDirs {
		for _, pattern := range []string{"*", filepath.Join("@*", "*")} {
			found, _ := filepath.Glob(filepath.Join(dir, pattern, "package.json")) // the pattern is well-formed
			for _, file := range found {
				e, err := readExtension(file)
				if err != nil {
					l.log.Warn("a JupyterLab extension cannot be used", "file", file, "error", err)
					continue
				}
				if !seen[e.name] {
					seen[e.name] = true
					out = append(out, e)
				}
			}
		}
	}
	return out
}

func readExtension(file string) (extension, error) {
	var v struct {
		Name string `json:"name"`
		Lab  struct {
			Build    map[string]any `json:"_build"`
			Disabled []string       `json:"disabledExtensions"`
		} `json:"jupyterlab"`
	}
	text, err := readSmall(file, 4<<20)
	if err == nil {
		err = json.Unmarshal(text, &v)
	}
	if err != nil {
		return extension{}, err
	}
	if load, _ := v.Lab.Build["load"].(string); load == "" || v.Name == "" {
		return extension{}, errors.New("package.json has no jupyterlab._build.load: it is not a prebuilt extension")
	}
	return extension{v.Name, filepath.Dir(file), v.Lab.Build, v.Lab.Disabled}, nil
}

// configure puts into the page's configuration what the installation and its administrator say: the application's
// page_config.json, labconfig/page_config.json of each configuration directory, and the extensions with what they disable
// (jupyterlab_server's get_page_config).
func (l *lab) configure(c map[string]any) {
	for _, name := range []string{"page_config.json5", "page_config.json"} {
		v, err := readJSON5(filepath.Join(l.settings(), name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			l.log.Warn("JupyterLab's page configuration cannot be read", "error", err)
			continue
		}
		for _, key := range []string{"disabledExtensions", "deferredExtensions"} {
			if names, ok := v[key].([]any); ok {
				v[key] = asSet(names)
			}
		}
		merge(c, v)
		break
	}
	merge(c, l.paths.configured("labconfig", "page_config", l.log))

	off := map[string]any{}
	switch v := c["disabledExtensions"].(type) {
	case map[string]any:
		off = v
	case []any:
		off = asSet(v)
	}
	byExtension := map[string][]string{}
	federated := []map[string]any{}
	for _, e := range l.extensions() {
		entry := map[string]any{"name": e.name, "load": e.build["load"], "entrypoints": e.build["entrypoints"]}
		for _, key := range []string{"extension", "mimeExtension", "style"} {
			if v, ok := e.build[key]; ok {
				entry[key] = v
			}
		}
		federated = append(federated, entry)
		byExtension[e.name] = e.disabled
	}
	for name, disabled := range l.coreDisables() {
		if _, ok := byExtension[name]; !ok {
			byExtension[name] = disabled
		}
	}
	all := map[string]any{}
	for name, disabled := range byExtension {
		if off[name] == true { // what is off itself turns nothing off
			continue
		}
		for _, id := range disabled {
			all[id] = true
		}
	}
	maps.Copy(all, off)
	c["disabledExtensions"], c["federated_extensions"] = all, federated
	for key, v := range c {
		if set, ok := v.(map[string]any); ok && key != "extensionManager" && key != "news" {
			c[key] = membersOf(set)
		}
	}
}

// coreDisables is what the application's own packages turn off.
func (l *lab) coreDisables() map[string][]string {
	var v struct {
		Lab struct {
			Metadata map[string]struct {
				Disabled []string `json:"disabledExtensions"`
			} `json:"extensionMetadata"`
		} `json:"jupyterlab"`
	}
	out := map[string][]string{}
	text, err := os.ReadFile(filepath.Join(l.static(), "package.json"))
	if err != nil || json.Unmarshal(text, &v) != nil {
		return out
	}
	for name, m := range v.Lab.Metadata {
		out[name] = m.Disabled
	}
	return out
}

func asSet(names []any) map[string]any {
	out := map[string]any{}
	for _, n := range names {
		if s, ok := n.(string); ok {
			out[s] = true
		}
	}
	return out
}

// membersOf lists the names that are set, in order.
func membersOf(set map[string]any) []string {
	out := []string{}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if v := set[name]; v != false && v != nil && v != "" && v != 0.0 {
			out = append(out, name)
		}
	}
	return out
}

// readJSON5 reads a file of JSON5, of which JSON is a part.
func readJSON5(name string) (map[string]any, error) {
	text, err := readSmall(name, 4<<20)
	if err != nil {
		return nil, err
	}
	if len(text) == 0 {
		return map[string]any{}, nil
	}
	var v map[string]any
	return v, json5.Unmarshal(text, &v)
}
