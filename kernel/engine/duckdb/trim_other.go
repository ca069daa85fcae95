//go:build !linux

package duckdb

func trimHeap() {}
