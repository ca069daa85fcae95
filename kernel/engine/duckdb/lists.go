package duckdb

import (
	"context"
	"strings"
	"sync"

	"sextant/kernel/engine"
)

// lists are the engine-wide name lists, read once per change of the catalogue that may bring new ones.
type lists struct {
	mu        sync.Mutex
	functions []engine.Function
	at        int64
	read      bool
	keywords  []string
	types     []string
}

const functionsSQL = `
SELECT function_name, any_value(function_type), array_to_string(parameters, '` + unitSeparator + `'),
       array_to_string(list_transform(parameter_types, lambda t: coalesce(t, '')), '` + unitSeparator + `'),
       any_value(return_type), any_value(varargs), any_value(description), array_to_string(any_value(examples), '` + unitSeparator + `')
FROM duckdb_functions()
WHERE regexp_matches(function_name, '^[a-zA-Z_]') AND function_name NOT LIKE '\_\_internal%' ESCAPE '\'
GROUP BY function_name, parameters, parameter_types
ORDER BY ALL`

// Functions lists all overloads of all functions and macros.
func (s *session) Functions(ctx context.Context) ([]engine.Function, error) {
	l := &s.eng.lists
	l.mu.Lock()
	defer l.mu.Unlock()
	now := s.eng.functionsChanged.Load()
	if l.read && l.at == now {
		return l.functions, nil
	}
	var rows [][]string
	err := s.lookup(ctx, true, func(conn *session) (err error) {
		rows, err = conn.rows(ctx, functionsSQL)
		return err
	})
	if err != nil {
		return l.functions, err
	}
	functions := make([]engine.Function, 0, len(rows))
	for _, r := range rows {
		functions = append(functions, engine.Function{
			Name: r[0], Kind: functionKind(r[1]), Parameters: parameters(r[2], r[3]), Returns: r[4], Varargs: r[5],
			Description: r[6], Examples: split(r[7]),
		})
	}
	l.functions, l.at, l.read = functions, now, true
	return functions, nil
}

func functionKind(k string) string {
	switch k {
	case "table_macro":
		return "table macro"
	case "":
		return "scalar"
	}
	return k
}

// parameters joins names and types: "string VARCHAR"; a macro's have no types.
func parameters(names, types string) []string {
	n, t := split(names), split(types)
	out := make([]string, len(n))
	for i := range n {
		out[i] = n[i]
		if i < len(t) && t[i] != "" {
			out[i] += " " + t[i]
		}
	}
	return out
}

func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, unitSeparator)
}

// Keywords lists DuckDB's keywords.
func (s *session) Keywords(ctx context.Context) ([]string, error) {
	l := &s.eng.lists
	return s.names(ctx, &l.keywords, "SELECT DISTINCT upper(keyword_name) FROM duckdb_keywords() ORDER BY 1")
}

// Types lists type names that may stand in a cast.
func (s *session) Types(ctx context.Context) ([]string, error) {
	l := &s.eng.lists
	return s.names(ctx, &l.types, "SELECT DISTINCT upper(type_name) FROM duckdb_types() WHERE NOT starts_with(type_name, '\"') ORDER BY 1")
}

func (s *session) names(ctx context.Context, into *[]string, sql string) ([]string, error) {
	l := &s.eng.lists
	l.mu.Lock()
	defer l.mu.Unlock()
	if *into != nil {
		return *into, nil
	}
	err := s.lookup(ctx, true, func(conn *session) error {
		rows, err := conn.rows(ctx, sql)
		for _, r := range rows {
			*into = append(*into, r[0])
		}
		return err
	})
	return *into, err
}

// Settings lists the configuration with this session's values.
func (s *session) Settings(ctx context.Context) ([]engine.Setting, error) {
	var out []engine.Setting
	err := s.lookup(ctx, true, func(conn *session) error {
		rows, err := conn.rows(ctx, "SELECT name, value, input_type, description FROM duckdb_settings() ORDER BY 1")
		for _, r := range rows {
			out = append(out, engine.Setting{Name: r[0], Value: r[1], Type: r[2], Description: r[3]})
		}
		return err
	})
	return out, err
}
