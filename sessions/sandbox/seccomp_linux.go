package sandbox

import (
	"fmt"
	"syscall"
	"unsafe"

	seccomp "github.com/elastic/go-seccomp-bpf"
	"github.com/elastic/go-seccomp-bpf/arch"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// refused are system calls that no kernel needs, and that reach beyond a process: other processes, the machine, namespaces,
// and ways around other layers.
var refused = []string{
	"acct", "add_key", "bpf", "chroot", "delete_module", "finit_module", "fsconfig", "fsmount", "fsopen", "fspick", "init_module",
	"io_uring_enter", "io_uring_register", "io_uring_setup", "kexec_file_load", "kexec_load", "keyctl", "mount", "mount_setattr",
	"move_mount", "name_to_handle_at", "open_by_handle_at", "open_tree", "perf_event_open", "pidfd_getfd", "pivot_root", "process_madvise",
	"process_vm_readv", "process_vm_writev", "ptrace", "quotactl", "reboot", "request_key", "setdomainname", "sethostname", "setns",
	"settimeofday", "clock_settime", "swapoff", "swapon", "syslog", "umount2", "unshare", "userfaultfd", "vhangup",
}

// calls restricts system calls, by seccomp. What is refused fails with an error, so that programs can say what they miss.
func calls(s Spec) (Layer, error) {
	l := Layer{Name: "system calls"}
	if !seccomp.Supported() {
		l.Missing = "this system has no seccomp"
		return l, nil
	}
	info, err := arch.GetInfo("")
	if err != nil {
		l.Missing = err.Error()
		return l, nil
	}
	var names []string
	for _, name := range refused {
		if _, ok := info.SyscallNames[name]; ok { // not every architecture has each
			names = append(names, name)
		}
	}
	argument := func(name string, n uint32, op seccomp.Operation, value uint64) seccomp.NameWithConditions {
		return seccomp.NameWithConditions{Name: name, Conditions: seccomp.ArgumentConditions{{Argument: n, Operation: op, Value: value}}}
	}
	const consoleInput = 0x541C // TIOCLINUX
	conditions := []seccomp.NameWithConditions{
		// Typing into the terminal of another.
		argument("ioctl", 1, seccomp.Equal, unix.TIOCSTI), argument("ioctl", 1, seccomp.Equal, consoleInput),
		// A new user namespace would bring powers along.
		argument("clone", 0, seccomp.BitsSet, unix.CLONE_NEWUSER),
	}
	var sockets []seccomp.NameWithConditions
	l.Detail = "seccomp"
	if s.Network {
		for _, family := range []uint64{unix.AF_PACKET, unix.AF_VSOCK, unix.AF_ALG, unix.AF_BLUETOOTH} {
			sockets = append(sockets, argument("socket", 0, seccomp.Equal, family))
		}
	} else {
		sockets = append(sockets, argument("socket", 0, seccomp.NotEqual, unix.AF_UNIX))
		l.Detail = "seccomp, no network"
	}
	var groups []seccomp.SyscallGroup
	if !s.Network {
		// libzmq, with which ipykernel begins, takes this error for a machine without interfaces, and ends its process at any other.
		groups = append(groups, seccomp.SyscallGroup{Action: seccomp.ActionErrno | seccomp.Action(syscall.EOPNOTSUPP),
			NamesWithCondtions: []seccomp.NameWithConditions{argument("socket", 0, seccomp.Equal, unix.AF_NETLINK)}})
	}
	policy := seccomp.Policy{DefaultAction: seccomp.ActionAllow, Syscalls: append(groups, []seccomp.SyscallGroup{
		{Action: seccomp.ActionErrno | seccomp.Action(syscall.EPERM), Names: names, NamesWithCondtions: conditions},
		// As on a machine that does not have them, which libraries are prepared for.
		{Action: seccomp.ActionErrno | seccomp.Action(syscall.EAFNOSUPPORT), NamesWithCondtions: sockets},
		// Its arguments are out of a filter's sight; without it, libraries take clone.
		{Action: seccomp.ActionErrno | seccomp.Action(syscall.ENOSYS), Names: []string{"clone3"}},
	}...)}
	// For this thread alone: it becomes the kernel, and the others end with that.
	if err := seccomp.LoadFilter(seccomp.Filter{Policy: policy}); err != nil {
		return l, fmt.Errorf("seccomp: %w", err)
	}
	return l, onlyNative(uint32(info.ID))
}

// onlyNative refuses the system calls of other architectures, which the filter above lets pass.
func onlyNative(native uint32) error {
	const ofArchitecture = 4 // in struct seccomp_data
	program, err := bpf.Assemble([]bpf.Instruction{
		bpf.LoadAbsolute{Off: ofArchitecture, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: native, SkipTrue: 1},
		bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(syscall.ENOSYS)},
		bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW},
	})
	if err != nil {
		return fmt.Errorf("seccomp: %w", err)
	}
	filters := make([]unix.SockFilter, len(program))
	for i, in := range program {
		filters[i] = unix.SockFilter{Code: in.Op, Jt: in.Jt, Jf: in.Jf, K: in.K}
	}
	fprog := unix.SockFprog{Len: uint16(len(filters)), Filter: &filters[0]}
	if err := unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&fprog)), 0, 0); err != nil {
		return fmt.Errorf("seccomp: %w", err)
	}
	return nil
}
