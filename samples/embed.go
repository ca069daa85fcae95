// Package samples is the documents and data that a new server begins with.
package samples

import "embed"

// Files are the documents, with their data in the folder data.
//
//go:embed *.ipynb *.sql data
var Files embed.FS
