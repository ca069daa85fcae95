package jupyter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schema is the settings of one plugin.
type schema struct {
	id      string
	version string
	// value is the schema with its defaults overridden by the installation and its administrator; text is its JSON.
	value *ordered
	text  []byte

	once     sync.Once
	compiled *jsonschema.Schema
	fault    error
}

// validate checks settings against the schema, by Draft 7.
func (s *schema) validate(settings any) error {
	s.once.Do(func() {
		parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(s.text))
		if err != nil {
			s.fault = err
			return
		}
		c := jsonschema.NewCompiler()
		c.DefaultDraft(jsonschema.Draft7)
		c.UseLoader(nothing{})
		if s.fault = c.AddResource("sextant:///settings", parsed); s.fault == nil {
			s.compiled, s.fault = c.Compile("sextant:///settings")
		}
	})
	if s.fault != nil {
		return s.fault
	}
	return s.compiled.Validate(settings)
}

// nothing loads no schemas from elsewhere.
type nothing struct{}

// Load implements jsonschema.URLLoader.
func (nothing) Load(url string) (any, error) { return nil, fmt.Errorf("%s is not loaded", url) }

// catalogCache is all schemas, read anew where a file has come, gone or changed.
type catalogCache struct {
	mu      sync.Mutex
	looked  time.Time
	stamp   string
	catalog map[string]*schema
}

// lookEvery is how often files are looked at for changes at most.
const lookEvery = 2 * time.Second

// schemaFile is where a plugin's schema is.
type schemaFile struct {
	id, file string
	info     fs.FileInfo
}

// all gives the schemas by their ids.
func (l *lab) all(now time.Time) map[string]*schema {
	c := &l.catalog
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.catalog != nil && now.Sub(c.looked) < lookEvery && !now.Before(c.looked) {
		return c.catalog
	}
	c.looked = now
	files := l.schemaFiles()
	overrides, read := l.overrides()
	var stamp strings.Builder
	for _, f := range files {
		fmt.Fprintf(&stamp, "%s %d %d\n", f.file, f.info.ModTime().UnixNano(), f.info.Size())
	}
	stamp.WriteString(read)
	if c.catalog != nil && c.stamp == stamp.String() {
		return c.catalog
	}
	catalog := map[string]*schema{}
	for _, f := range files {
		if catalog[f.id] != nil {
			continue
		}
		s, err := readSchema(f, overrides[f.id])
		if err != nil {
			l.log.Warn("the schema of a JupyterLab plugin cannot be used", "file", f.file, "error", err)
			continue
		}
		catalog[f.id] = s
	}
	c.stamp, c.catalog = stamp.String(), catalog
	return catalog
}

// schemaFiles lists where schemas are, those that count first: of extensions, then the application's own.
func (l *lab) schemaFiles() []schemaFile {
	var out []schemaFile
	for _, e := range l.extensions() {
		out = append(out, schemasIn(filepath.Join(e.dir, "schemas"))...)
	}
	return append(out, schemasIn(l.schemas())...)
}

func schemasIn(root string) []schemaFile {
	var out []schemaFile
	_ = filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error { // what cannot be read is not there
		if err != nil || d.IsDir() || filepath.Ext(file) != ".json" || d.Name() == "package.json" {
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return nil
		}
		rel, _ := filepath.Rel(root, file) // it is below
		dir, name := filepath.Split(rel)
		id := strings.TrimSuffix(filepath.ToSlash(dir), "/") + ":" + strings.TrimSuffix(name, ".json")
		out = append(out, schemaFile{id, file, info})
		return nil
	})
	return out
}

// maxSchema bounds a schema's file.
const maxSchema = 4 << 20

func readSchema(f schemaFile, override *ordered) (*schema, error) {
	text, err := readSmall(f.file, maxSchema)
	if err != nil {
		return nil, err
	}
	v, err := parseOrdered(text)
	if err != nil {
		return nil, err
	}
	value, ok := v.(*ordered)
	if !ok {
		return nil, errors.New("not an object")
	}
	overrideDefaults(value, override)
	s := &schema{id: f.id, version: "N/A", value: value}
	if s.text, err = json.Marshal(value); err != nil {
		return nil, err
	}
	var p struct {
		Version string `json:"version"`
	}
	if text, err := readSmall(filepath.Join(filepath.Dir(f.file), "package.json.orig"), maxSchema); err == nil && json.Unmarshal(text, &p) == nil && p.Version != "" {
		s.version = p.Version
	}
	return s, nil
}

// overrideDefaults changes the defaults of a schema's properties: objects member by member, all else whole; one that the
// schema does not have is added (jupyterlab_server's _override).
func overrideDefaults(schema, override *ordered) {
	if override == nil {
		return
	}
	properties, ok := schema.get("properties").(*ordered)
	if !ok {
		properties = &ordered{}
		schema.set("properties", properties)
	}
	for _, m := range override.members {
		property, ok := properties.get(m.name).(*ordered)
		if !ok {
			property = &ordered{}
			properties.set(m.name, property)
		}
		old, isObject := property.get("default").(*ordered)
		if with, ok := m.value.(*ordered); ok && isObject {
			old.merge(with)
			continue
		}
		property.set("default", m.value)
	}
}

// overrides reads what changes defaults: the server's own, then overrides.d and overrides.json of the application's settings, then
// labconfig/default_setting_overrides.json of the configuration directories. read is the stamp of what was read.
func (l *lab) overrides() (out map[string]*ordered, read string) {
	out = map[string]*ordered{}
	var stamp strings.Builder
	add := func(v map[string]any) {
		for id, with := range v {
			o, err := orderedOf(with)
			object, ok := o.(*ordered)
			if err != nil || !ok {
				l.log.Warn("overrides of settings are no object", "plugin", id)
				continue
			}
			if out[id] == nil {
				out[id] = &ordered{}
			}
			out[id].merge(object)
		}
	}
	add(map[string]any{
		// The server asks nobody for news, so there is nothing to ask people about.
		"@jupyterlab/apputils-extension:notification": map[string]any{"fetchNews": "false", "checkForUpdates": false},
	})
	var files []string
	for _, ext := range []string{"*.json", "*.json5"} {
		found, _ := filepath.Glob(filepath.Join(l.settings(), "overrides.d", ext)) // the pattern is well-formed
		files = append(files, found...)
	}
	slices.Sort(files)
	for _, file := range append(files, filepath.Join(l.settings(), "overrides.json"), filepath.Join(l.settings(), "overrides.json5")) {
		info, err := os.Stat(file)
		if err != nil {
			continue
		}
		fmt.Fprintf(&stamp, "%s %d %d\n", file, info.ModTime().UnixNano(), info.Size())
		v, err := readJSON5(file)
		if err != nil {
			l.log.Warn("overrides of settings cannot be read", "file", file, "error", err)
			continue
		}
		add(v)
	}
	all := l.paths.configured("labconfig", "default_setting_overrides", l.log)
	text, err := json.Marshal(all)
	if err == nil {
		stamp.Write(text)
	}
	add(all)
	return out, stamp.String()
}
