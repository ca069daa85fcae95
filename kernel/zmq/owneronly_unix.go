//go:build unix

package zmq

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// ownerOnly gives a unix socket mode 0600 before it has a name, so that there is no moment at which others may connect.
// Linux takes the mode over when binding; elsewhere the call may fail and the mode is set right after.
func ownerOnly(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) { _ = unix.Fchmod(int(fd), 0o600) })
}
