package content

import (
	"errors"
	"fmt"

	"sextant/content/iam"
)

// The meanings an error of this package can have; compare with errors.Is. Their text is safe to show.
var (
	// ErrNotFound is for what is not there, and for what the actor may not know to be there: the two cannot be told
	// apart.
	ErrNotFound = errors.New("not found")
	// ErrDenied is for what the actor may see but not do.
	ErrDenied = errors.New("permission denied")
	// ErrUnauthenticated is for what needs somebody who has signed in.
	ErrUnauthenticated = errors.New("sign-in required")
	// ErrConflict is for a save on top of a revision that is no longer the newest; the error is a *ConflictError.
	ErrConflict = errors.New("conflict")
	// ErrPrecondition is for an etag that is no longer the stored one.
	ErrPrecondition = errors.New("precondition failed")
	// ErrExists is for a name that is taken.
	ErrExists = errors.New("already exists")
	// ErrInvalid is for a request that can never succeed as it is.
	ErrInvalid = iam.ErrInvalid
	// ErrLastOwner is for a change that would lock the last owner out.
	ErrLastOwner = iam.ErrLastOwner
	// ErrTooLarge is for what exceeds a bound.
	ErrTooLarge = errors.New("too large")
	// ErrCorrupt is for stored bytes that are not those that were stored.
	ErrCorrupt = errors.New("stored data is damaged")
	// ErrEvicted is for a stored result whose rows were given up.
	ErrEvicted = errors.New("the result is no longer kept")
	// ErrClosed is for a service or store after Close.
	ErrClosed = errors.New("closed")
)

// ConflictError is a save that was based on another revision than the newest one. Both can be read, compared and
// merged.
type ConflictError struct {
	// Base is the revision that the save was based on; its ID may be one that no longer exists.
	Base RevisionID
	// Current is the newest revision.
	Current Revision
}

// Error says which revisions are in conflict.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("conflict: based on revision %s, the newest is %s (number %d, by %s)",
		e.Base, e.Current.ID, e.Current.Number, e.Current.Author)
}

// Is makes errors.Is(err, ErrConflict) true.
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }
