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

func TestWrapped(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT 1":                                     "SELECT 1",
		"EXPLAIN SELECT 1":                             "SELECT 1",
		"explain /* x */ analyze COPY t TO 'x'":        "COPY t TO 'x'",
		"EXPLAIN (ANALYZE, FORMAT json) COPY t TO 'x'": "COPY t TO 'x'",
		"PREPARE p AS ATTACH 'x'":                      " ATTACH 'x'",
		"PREPARE p(INT) AS SELECT 1 AS as":             " SELECT 1 AS as",
		"EXPLAIN":                                      "EXPLAIN",
		"":                                             "",
	} {
		if got := Wrapped(text); got != want {
			t.Errorf("Wrapped(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestCopyTarget(t *testing.T) {
	for text, want := range map[string]struct {
		path          string
		plain, copies bool
	}{
		"COPY t TO 'x'": {"x", true, true},
		"copy (SELECT 'to' TO) to E'x\\'' (FORMAT csv)": {"x'", true, true},
		"COPY t TO 'a'\n'b'":                            {"a", false, true},
		"COPY t TO 'a' || 'b'":                          {"a", false, true},
		"COPY t TO (getvariable('x'))":                  {"", false, true},
		"COPY t TO $1":                                  {"", false, true},
		"COPY t FROM 'x'":                               {},
		"COPY FROM DATABASE a TO b":                     {},
		"SELECT 1":                                      {},
	} {
		path, plain, copies := CopyTarget(text)
		if path != want.path || plain != want.plain || copies != want.copies {
			t.Errorf("CopyTarget(%q) = %q, %v, %v, want %+v", text, path, plain, copies, want)
		}
	}
}
