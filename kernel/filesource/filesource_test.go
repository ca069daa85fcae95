package filesource

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestFolder(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.csv", "A.parquet", "2024 sales.json", "notes.txt", ".csv", "events/y=2024/m=1/x.parquet", "events/y=2025/x.csv", "empty/readme.md", "it's.csv"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Folder(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []View{
		{"A", "read_parquet('" + dir + "/A.parquet')"},
		{"a_2", "read_csv('" + dir + "/a.csv')"},
		{"events", "read_parquet('" + dir + "/events/**/*.parquet', hive_partitioning = true)"},
		{"it_s", "read_csv('" + dir + "/it''s.csv')"},
		{"t_2024_sales", "read_json('" + dir + "/2024 sales.json')"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if _, err := Folder(filepath.Join(dir, "none")); err == nil {
		t.Error("a folder that is not there")
	}
}

func TestObjects(t *testing.T) {
	got := Objects("s3://b/p/", []string{"s3://b/p/x.csv", "s3://b/p/events/y=1/a.parquet", "s3://b/p/events/y=2/b.parquet", "s3://b/p/readme.md", "s3://b/other.csv"})
	want := []View{{"events", "read_parquet('s3://b/p/events/**/*.parquet', hive_partitioning = true)"}, {"x", "read_csv('s3://b/p/x.csv')"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
	var many []string
	for i := range MaxViews + 10 {
		many = append(many, fmt.Sprintf("s3://b/f%d.csv", i))
	}
	if n := len(Objects("s3://b", many)); n != MaxViews {
		t.Errorf("%d views", n)
	}
}
