package agent

import "syscall"

// ownGroup gives the child a session and process group of its own, and ends it with the agent.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
}
