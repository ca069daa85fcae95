package duckdb

import (
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// maxFiles bounds one listing.
const maxFiles = 1000

// listFiles gives the files and folders (these end in "/") whose path begins with prefix. Hidden ones are listed only
// when the prefix asks for them. In a locked session only what DuckDB may read is listed.
func listFiles(prefix string, cfg Config) []string {
	dir, base := filepath.Split(prefix)
	look := dir
	if look == "" {
		look = "."
	}
	if rest, ok := strings.CutPrefix(look, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			look = filepath.Join(home, rest)
		}
	}
	if cfg.Locked && !insideAny(look, cfg.AllowedDirs) {
		return nil
	}
	entries, err := os.ReadDir(look)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, base) || (strings.HasPrefix(name, ".") && base == "") {
			continue
		}
		path := dir + name
		if isDir(e, filepath.Join(look, name)) {
			path += "/"
		}
		if out = append(out, path); len(out) == maxFiles {
			break
		}
	}
	sort.Strings(out)
	return out
}

func isDir(e os.DirEntry, path string) bool {
	if e.Type()&os.ModeSymlink == 0 {
		return e.IsDir()
	}
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// insideAny reports whether dir, with links resolved, is one of dirs or below it.
func insideAny(dir string, dirs []string) bool {
	real, err := filepath.Abs(dir)
	if err != nil {
		return false
	}
	if real, err = filepath.EvalSymlinks(real); err != nil {
		return false
	}
	for _, d := range dirs {
		if d, err = filepath.EvalSymlinks(d); err != nil {
			continue
		}
		if real == d || strings.HasPrefix(real, strings.TrimSuffix(d, "/")+"/") {
			return true
		}
	}
	return false
}
