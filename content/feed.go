package content

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"sextant/content/iam"
)

// ErrGone is for a place in the change feed that is older than what is kept: list anew, then follow from FeedStart.
var ErrGone = errors.New("the change feed does not go back that far")

// FeedStart, as a token, is the present: it gives no changes but a token to follow from.
const FeedStart = ""

// ChangesPage is a stretch of the change feed.
type ChangesPage struct {
	Changes []Change
	// Next is what to ask for next; it is never empty.
	Next string
	// More tells that there is more already.
	More bool
}

// Changes lists what happened since a token to resources that the actor may see, oldest first, at most limit (0: 100).
// A change to what one may see no longer is left out; what was purged is told to whoever may see the folder it was in.
func (s *Service) Changes(ctx context.Context, token string, limit int) (ChangesPage, error) {
	var out ChangesPage
	err := s.view(ctx, func(a *access) error {
		if limit <= 0 {
			limit = 100
		}
		limit = min(limit, MaxPageSize)
		newest, oldest, err := a.tx.LastChange()
		if err != nil {
			return err
		}
		out.Next = strconv.FormatInt(newest, 10)
		if token == FeedStart {
			return nil
		}
		after, err := strconv.ParseInt(token, 10, 64)
		if err != nil || after < 0 || after > newest {
			return fmt.Errorf("%w change token", ErrInvalid)
		}
		if after < oldest-1 {
			return ErrGone
		}
		r, err := a.reach(iam.ResourcesGet)
		if err != nil {
			return err
		}
		for len(out.Changes) < limit {
			found, err := a.tx.Changes(after, limit)
			if err != nil {
				return err
			}
			for _, c := range found {
				if after = c.Seq; len(out.Changes) == limit {
					break
				}
				ok, err := a.sees(r, c)
				if err != nil {
					return err
				}
				if ok {
					c.Chain = nil
					out.Changes = append(out.Changes, c)
				}
				out.Next = strconv.FormatInt(c.Seq, 10)
			}
			if len(found) < limit {
				break
			}
		}
		out.More = out.Next != strconv.FormatInt(newest, 10)
		return nil
	})
	return out, s.refused(ctx, opChanges, "", err)
}

// sees decides on a change: by the resource as it is, or where it is gone by the folders it was in.
func (a *access) sees(r *reach, c Change) (bool, error) {
	p, err := a.tx.Resource(c.ResourceID)
	if err == nil {
		return r.allows(p)
	}
	if !isNotFound(err) {
		return false, err
	}
	return r.covers(c.Chain), nil
}
