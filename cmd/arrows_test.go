// Package cmd_test keeps the arrows between the top-level folders.
package cmd_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows lists, for each top-level folder, what of the others it may import: a folder with all below it, or one package.
// kernel and content stand on their own.
var arrows = map[string][]string{
	"kernel":   {},
	"content":  {},
	"sessions": {"content/...", "kernel/wire", "kernel/client"},
	"frontend": {},
	"server":   {"content/...", "sessions/...", "frontend", "kernel/wire", "kernel/client", "kernel/memory", "samples"},
	"cmd":      {"server/...", "kernel/...", "content/...", "sessions/...", "frontend"},
}

// exceptions are single packages that may import more than their folder.
var exceptions = map[string][]string{
	"sessions/agent": {"kernel/zmq"},
}

// programs narrows what each program may import: the server is to build without cgo.
var programs = map[string][]string{
	"cmd/sextant":        {"server/...", "content/...", "sessions/...", "kernel/wire", "kernel/client"},
	"cmd/sextant-kernel": {"kernel/...", "kernel", "sessions/agent"}, // which runs in whatever program starts fastest
}

func TestImportsFollowTheArrows(t *testing.T) {
	for file, imports := range goFiles(t) {
		pkg := path.Dir(file)
		for _, imported := range imports {
			if !mayImport(pkg, imported) {
				t.Errorf("%s imports %s, against the arrows in docs/architecture.md", file, imported)
			}
		}
	}
}

func TestOnlyTheEngineNeedsCgo(t *testing.T) {
	for file, imports := range goFiles(t) {
		pkg := path.Dir(file)
		if slices.Contains(imports, "C") && pkg != "kernel/engine/duckdb" {
			t.Errorf("%s needs cgo; only kernel/engine/duckdb may", file)
		}
	}
}

func mayImport(pkg, imported string) bool {
	folder, _, _ := strings.Cut(pkg, "/")
	rest, ours := strings.CutPrefix(imported, "sextant/")
	if !ours {
		return true
	}
	if to, _, _ := strings.Cut(rest, "/"); to == folder && folder != "cmd" {
		return true
	}
	allowed := append(slices.Clone(arrows[folder]), exceptions[pkg]...)
	if narrow, ok := programs[pkg]; ok {
		allowed = narrow
	}
	return slices.ContainsFunc(allowed, func(a string) bool {
		if tree, ok := strings.CutSuffix(a, "/..."); ok {
			return rest == tree || strings.HasPrefix(rest, tree+"/")
		}
		return rest == a
	})
}

// goFiles gives every Go file's imports, by its path from the repository's root.
func goFiles(t *testing.T) map[string][]string {
	t.Helper()
	files := map[string][]string{}
	for folder := range arrows {
		err := filepath.WalkDir(filepath.Join("..", folder), func(p string, d fs.DirEntry, err error) error {
			if err != nil {
				if p == filepath.Join("..", folder) {
					return filepath.SkipDir // not begun yet
				}
				return err
			}
			if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata") {
				return filepath.SkipDir
			}
			if d.IsDir() || !strings.HasSuffix(p, ".go") {
				return nil
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ImportsOnly)
			if err != nil {
				return err
			}
			name := filepath.ToSlash(strings.TrimPrefix(p, ".."+string(filepath.Separator)))
			files[name] = nil
			for _, spec := range parsed.Imports {
				imported, err := strconv.Unquote(spec.Path.Value)
				if err != nil {
					return err
				}
				files[name] = append(files[name], imported)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(files) < 50 {
		t.Fatalf("only %d files were found", len(files))
	}
	return files
}

func TestArrowsCanFail(t *testing.T) {
	for _, c := range []struct {
		pkg, imported string
		want          bool
	}{
		{"kernel/cell", "sextant/kernel/engine", true},
		{"kernel/cell", "sextant/content", false},
		{"content/iam", "sextant/kernel/wire", false},
		{"server/api", "sextant/kernel/wire", true},
		{"server/api", "sextant/kernel/zmq", false},
		{"sessions/agent", "sextant/kernel/zmq", true},
		{"sessions", "sextant/kernel/zmq", false},
		{"cmd/sextant", "sextant/kernel/engine/duckdb", false},
		{"cmd/sextant-kernel", "sextant/kernel/engine/duckdb", true},
		{"server", "fmt", true},
	} {
		if got := mayImport(c.pkg, c.imported); got != c.want {
			t.Errorf("mayImport(%q, %q) = %v", c.pkg, c.imported, got)
		}
	}
}
