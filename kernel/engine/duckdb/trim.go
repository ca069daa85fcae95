package duckdb

import (
	"runtime/debug"

	"sextant/kernel/memory"
)

// Trim gives back to the system what memory earlier statements needed and nothing uses now. It takes some milliseconds
// and is for when nothing runs.
func (e *Engine) Trim() {
	debug.FreeOSMemory()
	trimHeap()
	memory.UnmapFiles()
}
