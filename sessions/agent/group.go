package agent

import "syscall"

func signalGroup(pid int, sig syscall.Signal) { _ = syscall.Kill(-pid, sig) } // the group may have ended

func killGroup(pid int) { signalGroup(pid, syscall.SIGKILL) }
