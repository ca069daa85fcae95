// Package resultfile keeps a result as a Parquet file while it streams, and reads pages of it back.
//
// A Writer takes the batches of an engine.Result and encodes row groups on several cores; its memory is bounded
// whatever the rows hold. The file appears under its name only when it is whole: it is written beside it, synced, and
// renamed at Close. A file that was cut at a limit is valid and says so in its metadata.
//
// # What is stored how
//
// Any Parquet reader can read the file. Values keep the Parquet type nearest to theirs; where there is none, the form
// is one of these, named per column in the metadata key "sextant.columns" together with the SQL type:
//
//   - HUGEINT, INTERVAL, ENUM and what Parquet does not know: text, as CAST(x AS VARCHAR) writes it.
//   - TIMESTAMP_S and TIMESTAMP_MS: microseconds, so that infinity survives.
//   - UNION: a struct of "tag", the member's name, and the members, of which only the tagged one is set.
//   - fixed-size ARRAY: a list.
//   - a struct without names (ROW): fields f1, f2, …
//   - columns of the same or no name: name_1, name_2, …
//
// Reader undoes all of these except that an ENUM stays text; SelectList gives the SQL that lets DuckDB undo them.
package resultfile
