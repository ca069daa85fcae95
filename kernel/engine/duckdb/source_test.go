package duckdb

import (
	"bytes"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"sextant/kernel/engine"
)

func write(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestSourcesThatAreThereAreAttachedAndTheOthersTold(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "in/people.csv"), "name,born\nAda,1815\n")
	write(t, filepath.Join(dir, "in/parts/y=2024/a.csv"), "x\n1\n")
	write(t, filepath.Join(dir, "in/parts/y=2025/b.csv"), "x\n2\n")
	write(t, filepath.Join(dir, "in/broken.parquet"), "no parquet")
	write(t, filepath.Join(dir, "empty/readme.md"), "")
	e := open(t, Config{Lenient: true, Locked: true, AllowedDirs: []string{filepath.Join(dir, "in")}, Attach: []Attachment{
		{Name: "files", Path: filepath.Join(dir, "in"), Type: "folder", ReadOnly: true},
		{Name: "gone", Path: filepath.Join(dir, "gone"), Type: "folder"},
		{Name: "empty", Path: filepath.Join(dir, "empty"), Type: "folder"},
		{Name: "nodb", Path: filepath.Join(dir, "nodb.duckdb"), Type: "duckdb"},
	}, InitVariables: map[string]string{"pw": "hunter22"},
		InitSQL: "CREATE TABLE t AS SELECT getvariable('pw') AS v; SELECT error('no ' || getvariable('pw')); CREATE TABLE never (x INT)"})
	s := connect(t, e)
	if got := cells(t, s, "FROM files.people"); !reflect.DeepEqual(got, [][]string{{"Ada", "1815"}}) {
		t.Error(got)
	}
	if got := cells(t, s, "SELECT x, y FROM files.parts ORDER BY x"); !reflect.DeepEqual(got, [][]string{{"1", "2024"}, {"2", "2025"}}) {
		t.Error(got)
	}
	if got := cells(t, s, "SELECT v, getvariable('pw') IS NULL, (SELECT count(*) FROM duckdb_tables() WHERE table_name = 'never') FROM t"); !reflect.DeepEqual(got, [][]string{{"hunter22", "true", "0"}}) {
		t.Error(got)
	}
	notices := strings.Join(e.Notices(), "\n")
	for _, want := range []string{"files, broken is left out", "gone is not attached: " + filepath.Join(dir, "gone") + ": no such file", "empty is not attached", "nodb is not attached", "init SQL failed"} {
		if !strings.Contains(notices, want) {
			t.Errorf("no %q in\n%s", want, notices)
		}
	}
	if strings.Contains(notices, "hunter22") {
		t.Errorf("a notice tells a secret: %s", notices)
	}
	for _, sql := range []string{"COPY (SELECT 1) TO '" + dir + "/in/new.csv'", "COPY (SELECT 1) TO '" + dir + "/in/parts/../new.csv'", "ATTACH '" + dir + "/in/new.duckdb'"} {
		if r, err := s.allowed(t.Context(), engine.Query{SQL: sql}); err == nil || !strings.Contains(err.Error(), "may only be read") {
			if err == nil {
				r.Close()
			}
			t.Errorf("%s: %v", sql, err)
		}
	}
	if _, err := Open(t.Context(), Config{Attach: []Attachment{{Name: "gone", Path: dir + "/gone", Type: "folder"}}}); err == nil {
		t.Error("what is not lenient starts without its source")
	}
}

func TestABucketIsASource(t *testing.T) {
	extensions, _ := filepath.Glob("../../../.venv/lib/python3*/site-packages")
	if len(extensions) == 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("DuckDB's extensions are not installed")
		}
		t.Skip("DuckDB's extensions are not installed; make test-go does")
	}
	backend := s3mem.New()
	if err := backend.CreateBucket("lake"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(backend).Server())
	defer server.Close()
	for name, text := range map[string]string{"sales/a.csv": "x\n1\n", "sales/days/y=2024/b.csv": "x\n2\n", "other.csv": "x\n3\n"} {
		if _, err := backend.PutObject("lake", name, map[string]string{}, bytes.NewReader([]byte(text)), int64(len(text)), nil); err != nil {
			t.Fatal(err)
		}
	}
	secret := &Secret{Type: "s3", Fields: map[string]string{"KEY_ID": "test", "SECRET": "very secret", "REGION": "us-east-1", "URL_STYLE": "path",
		"USE_SSL": "false", "ENDPOINT": strings.TrimPrefix(server.URL, "http://")}}
	e := open(t, Config{Lenient: true, Locked: true, Extensions: extensions, Load: []string{"httpfs"}, AllowedDirs: []string{"s3://lake/sales"}, Attach: []Attachment{
		{Name: "lake", Path: "s3://lake/sales", Type: "bucket", ReadOnly: true, Secret: secret},
		{Name: "none", Path: "s3://nowhere/x", Type: "bucket", Secret: secret},
	}})
	s := connect(t, e)
	if got := cells(t, s, "SELECT x FROM lake.a"); !reflect.DeepEqual(got, [][]string{{"1"}}) {
		t.Error(got)
	}
	if got := cells(t, s, "SELECT x, y FROM lake.days"); !reflect.DeepEqual(got, [][]string{{"2", "2024"}}) {
		t.Error(got)
	}
	if _, err := s.allowed(t.Context(), engine.Query{SQL: "COPY (SELECT 1) TO 's3://lake/sales/new.csv'"}); err == nil || !strings.Contains(err.Error(), "may only be read") {
		t.Errorf("writing to a bucket that may only be read: %v", err)
	}
	if n := e.Notices(); len(n) != 1 || !strings.Contains(n[0], "none is not attached") || strings.Contains(n[0], "very secret") {
		t.Errorf("%q", n)
	}
	if got := cells(t, s, "SELECT count(*) FROM duckdb_secrets() WHERE secret_string LIKE '%very secret%'"); got[0][0] != "0" {
		t.Error("a session can read its source's secret")
	}
	if r, err := s.Query(t.Context(), engine.Query{SQL: "FROM 's3://lake/other.csv'"}); err == nil {
		if rec, err := r.(*result).next(t.Context()); err == nil && rec != nil {
			t.Error("what lies beside the source can be read")
		}
		r.Close()
	}
}
