//go:build !duckdb_arrow

package duckdb

// DuckDB's bindings export results as Arrow only under this tag; without it the compiler stops here, and says why.
var _ = build_with_GOFLAGS_tags_duckdb_arrow__or_use_make
