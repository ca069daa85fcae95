package sqltext

import (
	"slices"
	"testing"
)

func TestCalls(t *testing.T) {
	for text, want := range map[string][]string{
		"":                            nil,
		"SELECT 1":                    nil,
		"FROM f(1)":                   {"f"},
		"FROM F /* x */ -- y\n ('a')": {"f"},
		`FROM "sys""x"."G" (1)`:       {"g"},
		"SELECT 'f(1)', $$g(2)$$":     nil,
		"SELECT a.b.c(1) + d((e(2)))": {"c", "d", "e"},
		"SELECT x -- f(\n, y":         nil,
		"CREATE MACRO m(q) AS TABLE FROM query(q)": {"m", "query"},
	} {
		if got := Calls(text); !slices.Equal(got, want) {
			t.Errorf("Calls(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestParseAttach(t *testing.T) {
	for text, want := range map[string]AttachParts{
		"ATTACH 'a.db'": {Path: "a.db", PathOK: true},
		"attach database if not exists 'a.db' AS x":                   {Path: "a.db", PathOK: true, Alias: "x"},
		"ATTACH OR REPLACE 'it''s' AS \"Y\" (READ_ONLY, TYPE SQLite)": {Path: "it's", PathOK: true, Alias: "Y", Type: "sqlite"},
		"ATTACH 'p' (type = 'Postgres')":                              {Path: "p", PathOK: true, Type: "postgres"},
		"ATTACH 'p' /* ( */ AS t (TYPE \"sqlite\")":                   {Path: "p", PathOK: true, Alias: "t", Type: "sqlite"},
		"ATTACH 'p' (\"type\" sqlite, TYPE duckdb)":                   {Path: "p", PathOK: true, Type: "sqlite,duckdb"},
		"ATTACH concat('a', 'b')":                                     {},
		"ATTACH 'sqli'\n'te:x' AS y":                                  {Path: "sqli", Alias: "y"},
		"ATTACH $1 AS x":                                              {Alias: "x"},
	} {
		got, ok := ParseAttach(text)
		if !ok || got != want {
			t.Errorf("ParseAttach(%q) = %+v, %v, want %+v", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "SELECT 'ATTACH'", "DETACH x", "(ATTACH 'x')"} {
		if got, ok := ParseAttach(text); ok {
			t.Errorf("ParseAttach(%q) = %+v", text, got)
		}
	}
}
