package sessions

import "errors"

var (
	// ErrNotFound is for a kernel or session that is not there, or that is somebody else's.
	ErrNotFound = errors.New("there is no such kernel")
	// ErrNoKernelspec is for a kernel that is not installed.
	ErrNoKernelspec = errors.New("no such kernel is installed")
	// ErrQuota is for what would be more than one may have; the error is a *QuotaError.
	ErrQuota = errors.New("quota exceeded")
	// ErrEnded is for a session that has ended; the error says why.
	ErrEnded = errors.New("the session has ended")
	// ErrClosed is for a manager after Close.
	ErrClosed = errors.New("the server is stopping")
)
