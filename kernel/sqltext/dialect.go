package sqltext

// Dialect is how the surface of one engine's SQL differs from another's. It decides where tokens end, nothing more.
type Dialect struct {
	// NestedComments: a block comment ends where as many */ as /* were seen.
	NestedComments bool
	// DollarQuotes: $$…$$ and $tag$…$tag$ are strings, and $ may continue an identifier.
	DollarQuotes bool
	// EscapeStrings: E'…' is a string in which a backslash takes the next character's meaning away.
	EscapeStrings bool
	// Backslash: the same in every string.
	Backslash bool
	// Backticks: `…` is a quoted identifier.
	Backticks bool
	// DoubleQuoteStrings: "…" is a string and not an identifier.
	DoubleQuoteStrings bool
}

// DuckDB is the dialect of DuckDB 1.5: PostgreSQL's scanner with $name parameters.
var DuckDB = Dialect{NestedComments: true, DollarQuotes: true, EscapeStrings: true}
