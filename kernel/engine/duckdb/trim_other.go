//go:build !linux

package duckdb

func trimHeap()     {}
func unmapProgram() {}
