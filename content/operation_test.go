package content_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sextant/content"
	"sextant/content/iam"
)

// TestEveryMethodStatesItsPermission walks Service's exported methods, by reflection for which there are and by their
// source for what they do: each is in the table of operations, and each uses its own entry there.
func TestEveryMethodStatesItsPermission(t *testing.T) {
	table := map[string]content.Operation{}
	for _, op := range content.Operations() {
		if _, twice := table[op.Name]; twice {
			t.Errorf("%s stands twice in the table", op.Name)
		}
		table[op.Name] = op
		if op.Permission == "" && op.Open == "" {
			t.Errorf("%s states neither a permission nor why it needs none", op.Name)
		}
		if op.Permission != "" && !slices.Contains(iam.Permissions(), op.Permission) {
			t.Errorf("%s: there is no permission %s", op.Name, op.Permission)
		}
	}
	used := map[string]map[string]bool{} // method → the operations named in its body
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil {
				continue
			}
			star, ok := f.Recv.List[0].Type.(*ast.StarExpr)
			if !ok {
				continue
			}
			if of, ok := star.X.(*ast.Ident); !ok || of.Name != "Service" {
				continue
			}
			names := map[string]bool{}
			ast.Inspect(f.Body, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok && strings.HasPrefix(id.Name, "op") {
					names[strings.TrimPrefix(id.Name, "op")] = true
				}
				return true
			})
			used[f.Name.Name] = names
		}
	}
	service := reflect.TypeFor[*content.Service]()
	for i := range service.NumMethod() {
		name := service.Method(i).Name
		if name == "Close" {
			continue
		}
		if _, ok := table[name]; !ok {
			t.Errorf("Service.%s is not in the table of operations", name)
		}
		if !used[name][name] {
			t.Errorf("Service.%s does not use its entry op%s", name, name)
		}
		delete(table, name)
	}
	for name := range table {
		t.Errorf("the table has %s, which is no method", name)
	}
}

// TestImports keeps the arrow of imports: content knows nothing of the project's other folders.
func TestImports(t *testing.T) {
	checked := 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		checked++
		for _, i := range file.Imports {
			if p := strings.Trim(i.Path.Value, `"`); strings.HasPrefix(p, "sextant/") && p != "sextant/content" && !strings.HasPrefix(p, "sextant/content/") {
				t.Errorf("%s imports %s", path, p)
			}
		}
		return nil
	})
	if err != nil || checked < 50 {
		t.Fatal(checked, err)
	}
}
