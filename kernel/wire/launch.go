package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// LaunchSpec says what a managed kernel may touch and use. The agent writes it to a file beside the connection file, and
// the kernel is started with its path. Whatever it does not name is off limits: a kernel started with a spec is locked.
type LaunchSpec struct {
	// Database is the database file; empty means in memory.
	Database string `json:"database,omitempty"`
	ReadOnly bool   `json:"read_only,omitempty"`
	// AllowedDirectories may be read and written below; AllowedPaths are single files.
	AllowedDirectories []string `json:"allowed_directories,omitempty"`
	AllowedPaths       []string `json:"allowed_paths,omitempty"`
	// Attach lists databases attached before the lock.
	Attach []LaunchAttachment `json:"attach,omitempty"`
	// Extensions are loaded before the lock; afterwards none can be.
	Extensions []string `json:"extensions,omitempty"`
	// InitSQL runs before the lock, with everything still allowed: it is the environment's, not the user's.
	InitSQL string `json:"init_sql,omitempty"`
	// InitVariables are SQL variables of the init SQL, by the environment variables that hold their values.
	InitVariables map[string]string `json:"init_variables,omitempty"`
	// Parameters are SQL variables of each shell: strings, numbers and booleans.
	Parameters map[string]json.RawMessage `json:"parameters,omitempty"`
	// Lenient lets the kernel start where something cannot be attached, loaded or initialised; the first cell of each shell
	// says so, after Notices.
	Lenient bool `json:"lenient,omitempty"`
	// Notices are lines for the first cell of each shell.
	Notices []string `json:"notices,omitempty"`
	// MemoryLimit and MaxTemp are sizes such as "2GB"; Threads 0 means all cores.
	MemoryLimit string `json:"memory_limit,omitempty"`
	Threads     int    `json:"threads,omitempty"`
	TempDir     string `json:"temp_directory,omitempty"`
	MaxTemp     string `json:"max_temp_size,omitempty"`
	// ResultDir is where full results are stored when a request asks for it.
	ResultDir string `json:"result_directory,omitempty"`
	// History is the file of the cells' history; empty keeps none.
	History string `json:"history,omitempty"`
}

// LaunchAttachment is one database to attach.
type LaunchAttachment struct {
	Name string `json:"name"`
	Path string `json:"path"`
	// Type is "duckdb", "sqlite", "postgres", "folder" or "bucket"; empty lets the engine find out. A folder or bucket of
	// files becomes a database of views.
	Type string `json:"type,omitempty"`
	// Writable: without it the attachment is read-only.
	Writable bool `json:"writable,omitempty"`
	// Secret is what it is opened with; nil: nothing.
	Secret *LaunchSecret `json:"secret,omitempty"`
}

// LaunchSecret is what a source is opened with. The spec is a file, so its secret parts are not in it: they come in
// environment variables.
type LaunchSecret struct {
	// Type is DuckDB's: "postgres", "s3" or "gcs".
	Type string `json:"type"`
	// Fields are its parts by name, FromEnv those whose values are in environment variables.
	Fields  map[string]string `json:"fields,omitempty"`
	FromEnv map[string]string `json:"from_env,omitempty"`
}

// Write puts the spec into a file of mode 0600.
func (s LaunchSpec) Write(path string) error {
	data, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("launch spec: %w", err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return fmt.Errorf("launch spec: %w", err)
	}
	return nil
}

// Within gives the spec with "{session}" in its paths replaced by a directory.
func (s LaunchSpec) Within(dir string) LaunchSpec {
	in := func(p string) string { return strings.ReplaceAll(p, "{session}", dir) }
	list := func(all []string) []string {
		out := make([]string, len(all))
		for i, p := range all {
			out[i] = in(p)
		}
		return out
	}
	s.Database, s.TempDir, s.ResultDir, s.History = in(s.Database), in(s.TempDir), in(s.ResultDir), in(s.History)
	s.AllowedDirectories, s.AllowedPaths = list(s.AllowedDirectories), list(s.AllowedPaths)
	attach := make([]LaunchAttachment, len(s.Attach))
	for i, a := range s.Attach {
		a.Path = in(a.Path)
		attach[i] = a
	}
	s.Attach = attach
	return s
}

// LoadLaunchSpec reads a spec; a key that it does not know is an error, since it might have been meant as a limit.
func LoadLaunchSpec(path string) (LaunchSpec, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return LaunchSpec{}, fmt.Errorf("launch spec: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var spec LaunchSpec
	if err := dec.Decode(&spec); err != nil {
		return LaunchSpec{}, fmt.Errorf("launch spec %s: %w", path, err)
	}
	return spec, nil
}
