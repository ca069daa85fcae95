// Package notebook is what Sextant knows about notebooks and SQL scripts as documents: reading, repairing, writing,
// comparing and merging them. It is pure: bytes and values in, bytes and values out.
//
// The format is nbformat 4 (https://nbformat.readthedocs.io), with cell ids as in JEP 62. [Read] takes any version
// from 1 to 4 and yields a 4.5 [Notebook]; [Write] gives the very bytes that Jupyter would write for it, so a
// notebook looks the same in a repository whichever tool saved it last.
//
// Whatever the format does not name (metadata of other tools, MIME values, fields of later versions) is kept as a
// [Value]: canonical JSON text, never a tree. So a notebook with 20 MB of charts costs about its own size in memory,
// equal values are equal strings, and nothing is lost: digits stay as written, and lone surrogates and NaN survive.
//
//	Read, Write, WriteJSON     bytes to model and back
//	Split, Join                large values apart from the rest, for a store that keeps each once
//	Diff, Apply, Merge         cell by cell, line by line
//	DiffText, MergeText        the same for SQL scripts and other text
//	Passages, Title, Strip     for search and for sharing without results
//	ParseScript                SQL scripts with a header, and Script.Format back
package notebook
