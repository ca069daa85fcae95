package content

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"sextant/content/iam"
)

// Entry is what everybody who signed in may know of a principal or group: what it is called.
type Entry struct {
	Member iam.Member
	// Name is a display name or a group's title; empty where there is none.
	Name string
	// Invited is set for who has been invited and has not come yet.
	Invited bool
}

// Bounds of a look into the directory.
const (
	MaxDirectory = 50
	MaxNamed     = 200
	// maxLooked is how many principals, and how many groups, a search looks at.
	maxLooked = 50_000
)

// Directory finds users, service accounts and groups of whose name or address a word begins with each word of a query,
// up to a limit (0, and at most, MaxDirectory), people first. Disabled ones are left out.
func (s *Service) Directory(ctx context.Context, query string, limit int) ([]Entry, error) {
	var out []Entry
	err := s.view(ctx, func(a *access) error {
		if err := a.looksUp(); err != nil {
			return err
		}
		if len(query) > 200 {
			return fmt.Errorf("%w query: longer than 200 bytes", ErrInvalid)
		}
		if limit <= 0 || limit > MaxDirectory {
			limit = MaxDirectory
		}
		words := directoryWords(query)
		take := func(e Entry) {
			if len(out) < limit && begins(directoryWords(e.Member.Value()+" "+e.Name), words) {
				out = append(out, e)
			}
		}
		if err := walk(func(after iam.Member) (iam.Member, int, error) {
			found, err := a.tx.Principals(after, MaxPageSize)
			for _, p := range found {
				if after = p.Member; p.Disabled.IsZero() {
					take(entryOfPrincipal(p))
				}
			}
			return after, len(found), err
		}, func() bool { return len(out) == limit }); err != nil {
			return err
		}
		return walk(func(after iam.Member) (iam.Member, int, error) {
			found, err := a.tx.Groups(after, MaxPageSize)
			for _, g := range found {
				after = g.Member
				take(Entry{Member: g.Member, Name: g.Title})
			}
			return after, len(found), err
		}, func() bool { return len(out) == limit })
	})
	return out, s.refused(ctx, opDirectory, "", err)
}

// looksUp is whether the actor may look into the directory: whoever signed in, but no token that is limited to other things.
func (a *access) looksUp() error {
	if _, err := a.signedIn(); err != nil {
		return err
	}
	if a.limited(iam.PrincipalsList) {
		return ErrDenied
	}
	return nil
}

// walk goes through pages of what is listed by member, until one is not full, enough is there or too much was looked at.
func walk(page func(after iam.Member) (last iam.Member, n int, err error), enough func() bool) error {
	var after iam.Member
	for looked := 0; looked < maxLooked && !enough(); {
		last, n, err := page(after)
		if err != nil || n < MaxPageSize {
			return err
		}
		after, looked = last, looked+n
	}
	return nil
}

func directoryWords(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// begins reports whether each of the beginnings begins one of the words.
func begins(words, beginnings []string) bool {
	return !slices.ContainsFunc(beginnings, func(b string) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, b) })
	})
}

// Names tells what principals and groups are called, at most MaxNamed, in the order that they are named in. Who is not known is
// left out.
func (s *Service) Names(ctx context.Context, members []iam.Member) ([]Entry, error) {
	var out []Entry
	err := s.view(ctx, func(a *access) error {
		if err := a.looksUp(); err != nil {
			return err
		}
		if len(members) > MaxNamed {
			return fmt.Errorf("%w members: more than %d", ErrInvalid, MaxNamed)
		}
		for _, m := range members {
			e, err := a.known(m)
			if errors.Is(err, ErrNotFound) {
				continue
			}
			if err != nil {
				return err
			}
			out = append(out, e)
		}
		return nil
	})
	return out, s.refused(ctx, opNames, "", err)
}

func (a *access) known(m iam.Member) (Entry, error) {
	if m.Kind() == iam.Group {
		g, err := a.tx.Group(m)
		return Entry{Member: m, Name: g.Title}, err
	}
	p, err := a.tx.Principal(m)
	return entryOfPrincipal(p), err
}

func entryOfPrincipal(p Principal) Entry {
	return Entry{Member: p.Member, Name: p.DisplayName, Invited: p.InvitedBy != "" && p.LastSeen.IsZero()}
}
