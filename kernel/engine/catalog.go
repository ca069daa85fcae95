package engine

import "context"

// Table is a table, view or table-like thing that a query can name.
type Table struct {
	Database, Schema, Name string
	// Kind is "table", "view", "temporary table", "temporary view" or "system view".
	Kind string
	// Rows is the engine's estimate, or negative.
	Rows    int64
	Comment string
}

// TableColumn is one column of a table.
type TableColumn struct {
	Name, Type string
	Nullable   bool
	Default    string
	Comment    string
	// Key is "primary key", "unique" or empty.
	Key string
}

// Function is one overload of a function.
type Function struct {
	Name string
	// Kind is "scalar", "aggregate", "table", "macro", "table macro" or "pragma".
	Kind       string
	Parameters []string // names, with types where known: "string VARCHAR"
	Returns    string
	// Varargs is the type of further arguments, or empty.
	Varargs     string
	Description string
	Examples    []string
}

// Setting is one configuration option.
type Setting struct {
	Name, Value, Type, Description string
}

// Catalog tells what a session can name. Its methods may be called at any time, also while a statement runs on the
// session, and answer within milliseconds from what is cached; ctx bounds them.
type Catalog interface {
	// Databases lists the attached databases; Schemas the schemas of one (of all where database is empty, as
	// "database.schema" pairs).
	Databases(ctx context.Context) ([]string, error)
	Schemas(ctx context.Context) ([]SchemaName, error)
	// Current gives the database and schemas in which unqualified names are looked up, first found first.
	Current(ctx context.Context) ([]SchemaName, error)
	Tables(ctx context.Context) ([]Table, error)
	// Columns lists the columns of what FROM could name: path holds one to three parts (table; schema, table;
	// database, schema, table), compared without regard to case. No such table: nil, nil.
	Columns(ctx context.Context, path []string) ([]TableColumn, error)
	// SourceColumns lists the columns of a table function call or a file in FROM, given as SQL text, such as
	// read_parquet('a.parquet') or 'a.csv'. It reads no more than the source's header. Not known: nil, nil.
	SourceColumns(ctx context.Context, from string) ([]TableColumn, error)
	Functions(ctx context.Context) ([]Function, error)
	Settings(ctx context.Context) ([]Setting, error)
	// Keywords lists the engine's keywords in upper case.
	Keywords(ctx context.Context) ([]string, error)
	// Types lists type names in upper case.
	Types(ctx context.Context) ([]string, error)
	// Files lists files and folders (these end in "/") whose path begins with prefix, as the engine may read them.
	Files(ctx context.Context, prefix string) ([]string, error)
}

// SchemaName is a schema in a database.
type SchemaName struct{ Database, Schema string }

// ColumnProfile is what is known of one column without much work.
type ColumnProfile struct {
	// Sampled is the number of rows looked at; Exact says that those were all.
	Sampled          int64
	Exact            bool
	NullShare        float64 // 0 to 1, negative when not known
	Min, Max         string  // as text; empty when not known
	DistinctEstimate int64   // negative when not known
}

// TableFacts is what is known of a table beyond its columns.
type TableFacts struct {
	Rows   int64  // estimate, negative when not known
	Bytes  int64  // on disk, negative when not known
	Source string // file, database or definition it comes from; may be empty
	SQL    string // its definition, where it has one
}

// Describer answers what inspection (Shift+Tab) asks; it must not wait for a running statement, and gives up at
// ctx's deadline with what it has.
type Describer interface {
	TableFacts(ctx context.Context, path []string) (TableFacts, error)
	ColumnProfile(ctx context.Context, path []string, column string) (ColumnProfile, error)
}
