package sessions

import (
	"errors"
	"fmt"
	"time"
)

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

// QuotaError says which bound was reached, and what to do.
type QuotaError struct {
	What  string // "sessions"
	Limit int
	// Whose is "you" or "this server".
	Whose string
	// Waited is how long one has waited for a place.
	Waited time.Duration
}

func (e *QuotaError) Error() string {
	waited := ""
	if e.Waited > 0 {
		waited = fmt.Sprintf(", and none ended within %v", e.Waited)
	}
	return fmt.Sprintf("%s already have %d %s, which is the limit%s; shut one down first", e.Whose, e.Limit, e.What, waited)
}

// Is makes errors.Is(err, ErrQuota) true.
func (e *QuotaError) Is(target error) bool { return target == ErrQuota }
