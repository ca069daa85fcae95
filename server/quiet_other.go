//go:build !linux

package server

// unmapFiles does nothing where the system gives no way to.
func unmapFiles() {}
