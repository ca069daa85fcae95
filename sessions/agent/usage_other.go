//go:build !linux

package agent

// groupUsage is not known on this system.
func groupUsage(int) usage { return usage{} }

func ownMemory() int64 { return 0 }
