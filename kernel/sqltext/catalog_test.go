package sqltext

import (
	"context"
	"fmt"
	"strings"

	"sextant/kernel/engine"
)

// memory is a catalog held in memory. It counts what it is asked for.
type memory struct {
	databases []string
	schemas   []engine.SchemaName
	current   []engine.SchemaName
	tables    []engine.Table
	columns   map[string][]engine.TableColumn // by "database.schema.table" in lower case
	sources   map[string][]engine.TableColumn
	functions []engine.Function
	settings  []engine.Setting
	keywords  []string
	types     []string
	files     []string

	columnsAsked int
}

func (m *memory) Databases(context.Context) ([]string, error)          { return m.databases, nil }
func (m *memory) Schemas(context.Context) ([]engine.SchemaName, error) { return m.schemas, nil }
func (m *memory) Current(context.Context) ([]engine.SchemaName, error) { return m.current, nil }
func (m *memory) Tables(context.Context) ([]engine.Table, error)       { return m.tables, nil }
func (m *memory) Functions(context.Context) ([]engine.Function, error) { return m.functions, nil }
func (m *memory) Settings(context.Context) ([]engine.Setting, error)   { return m.settings, nil }
func (m *memory) Keywords(context.Context) ([]string, error)           { return m.keywords, nil }
func (m *memory) Types(context.Context) ([]string, error)              { return m.types, nil }

func (m *memory) Columns(_ context.Context, path []string) ([]engine.TableColumn, error) {
	m.columnsAsked++
	key := strings.ToLower(strings.Join(path, "."))
	for _, s := range m.current {
		home := strings.ToLower(s.Database + "." + s.Schema + ".")
		switch len(path) {
		case 1:
			if c, ok := m.columns[home+key]; ok {
				return c, nil
			}
		case 2:
			if c, ok := m.columns[strings.ToLower(s.Database)+"."+key]; ok {
				return c, nil
			}
		}
	}
	if len(path) == 2 {
		if c, ok := m.columns[strings.ToLower(path[0]+".main."+path[1])]; ok {
			return c, nil
		}
	}
	return m.columns[key], nil
}

func (m *memory) SourceColumns(_ context.Context, from string) ([]engine.TableColumn, error) {
	return m.sources[from], nil
}

func (m *memory) Files(_ context.Context, prefix string) ([]string, error) {
	var out []string
	for _, f := range m.files {
		rest, ok := strings.CutPrefix(f, prefix)
		if i := strings.IndexByte(rest, '/'); ok && (i < 0 || i == len(rest)-1) {
			out = append(out, f)
		}
	}
	return out, nil
}

// table adds a table: columns are "name TYPE".
func (m *memory) table(path, kind string, columns ...string) {
	p := strings.Split(path, ".")
	m.tables = append(m.tables, engine.Table{Database: p[0], Schema: p[1], Name: p[2], Kind: kind, Rows: -1})
	var cols []engine.TableColumn
	for _, c := range columns {
		name, typ, _ := strings.Cut(c, " ")
		cols = append(cols, engine.TableColumn{Name: strings.ReplaceAll(name, "_·_", " "), Type: typ})
	}
	m.columns[strings.ToLower(path)] = cols
}

// shop is a small catalog for examples.
func shop() *memory {
	m := &memory{
		databases: []string{"memory", "lake", "system", "temp"},
		schemas: []engine.SchemaName{{Database: "memory", Schema: "main"}, {Database: "memory", Schema: "sales"},
			{Database: "lake", Schema: "main"}, {Database: "lake", Schema: "raw"}, {Database: "memory", Schema: "information_schema"}},
		current:  []engine.SchemaName{{Database: "memory", Schema: "main"}},
		columns:  map[string][]engine.TableColumn{},
		keywords: strings.Fields("ALL AND AS ASC BY CASE CAST CREATE DESC DISTINCT FROM GROUP HAVING JOIN LIMIT NOT ON OR ORDER OVER PARTITION PIVOT QUALIFY SELECT SET SHOW TABLE UNION UPDATE USING VALUES WHERE WINDOW WITH"),
		types:    strings.Fields("BIGINT BOOLEAN DATE DECIMAL DOUBLE INTEGER INTERVAL STRUCT TIMESTAMP VARCHAR"),
		files:    []string{"data/", "data/a.parquet", "data/b.csv", "data/it's.csv", "notes.txt"},
		sources: map[string][]engine.TableColumn{
			"'data/a.parquet'":               {{Name: "pa", Type: "INTEGER"}, {Name: "pb", Type: "VARCHAR"}},
			"read_parquet('data/a.parquet')": {{Name: "pa", Type: "INTEGER"}, {Name: "pb", Type: "VARCHAR"}},
			"range(10)":                      {{Name: "range", Type: "BIGINT"}},
		},
		settings: []engine.Setting{{Name: "memory_limit", Value: "1GB", Type: "VARCHAR"}, {Name: "threads", Value: "2", Type: "BIGINT"}, {Name: "timezone", Type: "VARCHAR"}},
		functions: []engine.Function{
			{Name: "sum", Kind: "aggregate", Parameters: []string{"arg DOUBLE"}, Returns: "DOUBLE"},
			{Name: "sum", Kind: "aggregate", Parameters: []string{"arg BIGINT"}, Returns: "HUGEINT"},
			{Name: "substr", Kind: "scalar", Parameters: []string{"string VARCHAR", "start BIGINT"}, Returns: "VARCHAR"},
			{Name: "count", Kind: "aggregate", Varargs: "ANY", Returns: "BIGINT"},
			{Name: "current_setting", Kind: "scalar"},
			{Name: "+", Kind: "scalar"},
			{Name: "read_csv", Kind: "table", Parameters: []string{"col0 VARCHAR", "delim VARCHAR", "header BOOLEAN", "hive_partitioning BOOLEAN"}},
			{Name: "read_parquet", Kind: "table"},
			{Name: "range", Kind: "table"},
			{Name: "table_info", Kind: "pragma"},
			{Name: "my_macro", Kind: "macro", Parameters: []string{"a"}},
		},
	}
	m.table("memory.main.customers", "table", "customer_id INTEGER", "name VARCHAR", "City VARCHAR", "order INTEGER", "first_·_name VARCHAR",
		`address STRUCT(street VARCHAR, "zip code" VARCHAR, geo STRUCT(lat DOUBLE, lon DOUBLE))`)
	m.table("memory.main.orders", "table", "order_id INTEGER", "customer_id INTEGER", "amount DECIMAL(18,2)", "placed DATE")
	m.table("memory.main.recent_orders", "view", "order_id INTEGER", "placed DATE")
	m.table("memory.main.My Table", "table", "ünï INTEGER")
	m.table("memory.sales.regions", "table", "region VARCHAR", "manager VARCHAR")
	m.table("lake.raw.events", "table", "event_id UUID", "payload JSON")
	m.table("lake.main.visits", "table", "visit_id UUID")
	m.table("memory.information_schema.tables", "system view", "table_name VARCHAR")
	return m
}

// warehouse is a catalog of n tables with 50 columns each.
func warehouse(n int) *memory {
	m := shop()
	for i := range n {
		var cols []string
		for j := range 50 {
			cols = append(cols, fmt.Sprintf("c%d_%d BIGINT", i, j))
		}
		m.table(fmt.Sprintf("memory.main.fact_%05d", i), "table", cols...)
	}
	for i := range 2500 {
		m.functions = append(m.functions, engine.Function{Name: fmt.Sprintf("fn_%d", i/3), Kind: "scalar", Parameters: []string{"a ANY"}})
	}
	return m
}
