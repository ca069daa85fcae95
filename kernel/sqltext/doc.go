// Package sqltext reads the text of a cell: where its statements and magics begin and end, whether it is complete,
// which parameters it uses, what may be typed next and what a word in it refers to.
//
// A cell is any text, broken or not; nothing here fails on it. Offsets are bytes in that text unless a name or
// comment says code points; ranges are half open. Every function is pure, takes time linear in the text, and may be
// called by many goroutines at once. Only completion and inspection ask anybody anything: the engine's Catalog.
//
// The names without a receiver speak DuckDB's SQL; other engines pass their own Dialect to the methods.
package sqltext
