package content

import (
	"context"
	"errors"

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
	// newest is where the whole feed stood, whoever may see what is in it.
	newest int64
}

// NewerThan reports whether the whole feed has grown since another page was read, also by what the actor may not see. It
// is for the server's own use: nobody else is to learn it.
func (p ChangesPage) NewerThan(last ChangesPage) bool { return p.newest > last.newest }

// feedToken is the kind of the feed's tokens, which are sealed: they count what their holder may not see.
const feedToken = "change"

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
		out.newest = newest
		if token == FeedStart {
			out.Next, err = a.sealSeq(feedToken, newest)
			return err
		}
		after, err := a.unsealSeq(feedToken, token)
		if err != nil {
			return err
		}
		if after > newest { // a token of a store that was since restored from a backup
			return ErrGone
		}
		if after < oldest-1 {
			return ErrGone
		}
		r, err := a.reach(iam.ResourcesGet)
		if err != nil {
			return err
		}
		next := after
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
				next = c.Seq
			}
			if len(found) < limit {
				break
			}
		}
		out.More = next < newest
		out.Next, err = a.sealSeq(feedToken, next)
		return err
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
