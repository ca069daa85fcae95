// Package content keeps documents: folders, notebooks, SQL scripts and files, each save an immutable revision, found by
// search and governed by policies.
package content
