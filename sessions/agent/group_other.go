//go:build !linux

package agent

import "syscall"

// ownGroup gives the child a session and process group of its own.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }
