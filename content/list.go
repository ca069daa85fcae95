package content

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sextant/content/iam"
)

// page fills one page with what reach allows of a source, which gives resources after a cursor. place is the token of
// a resource, without its kind.
func (a *access) page(kind string, page PageRequest, r *reach, source func(Cursor, int) ([]Placed, error),
	place func(Placed) pageToken) (Page[Resource], error) {
	var out Page[Resource]
	limit, token, err := page.open(kind)
	if err != nil {
		return out, err
	}
	// One more than asked for tells whether another page follows, without showing what is on it.
	found, err := a.fill(r, token.cursor(), limit+1, 0, source, place)
	if err != nil {
		return out, err
	}
	return a.cut(kind, found.items, limit, place)
}

// cut makes a page of at most limit resources.
func (a *access) cut(kind string, items []Placed, limit int, place func(Placed) pageToken) (Page[Resource], error) {
	var out Page[Resource]
	if len(items) > limit {
		items = items[:limit]
		token := place(items[limit-1])
		token.Kind = kind
		out.Next = token.String()
	}
	for _, p := range items {
		r, err := a.shown(p)
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, r)
	}
	return out, nil
}

// filled is what fill found.
type filled struct {
	items []Placed
	// gaveUp is set where the budget ended before the source did.
	gaveUp bool
	after  Cursor
}

// fill takes what reach allows from a source, up to want. Where budget is not 0 it gives up as soon as what it has
// found so far lets expect that it would look at more than budget resources.
func (a *access) fill(r *reach, after Cursor, want, budget int, source func(Cursor, int) ([]Placed, error),
	place func(Placed) pageToken) (filled, error) {
	out := filled{after: after}
	chunk := max(want, 100)
	for looked := 0; ; {
		found, err := source(out.after, chunk)
		if err != nil {
			return out, err
		}
		for _, p := range found {
			ok, err := r.allows(p)
			if err != nil {
				return out, err
			}
			if ok {
				if out.items = append(out.items, p); len(out.items) == want {
					return out, nil
				}
			}
		}
		if len(found) < chunk {
			return out, nil
		}
		out.after = place(found[len(found)-1]).cursor()
		if looked += len(found); budget > 0 && hopeless(looked, len(out.items), want, budget) {
			out.gaveUp = true
			return out, nil
		}
		chunk = min(2*chunk, 1000)
	}
}

// hopeless expects from the share found among what was looked at how much it takes to find all that is wanted.
func hopeless(looked, found, want, budget int) bool {
	return looked >= budget || (want-found)*looked > budget*max(found, 1)
}

func byNewest(p Placed) pageToken { return pageToken{Micros: p.UpdatedAt.UnixMicro(), ID: p.ID} }

// List lists a folder's children that the actor may see, by name or newest first; only those of the types, where any are
// given.
func (s *Service) List(ctx context.Context, folder ResourceID, order Order, page PageRequest, types ...Type) (Page[Resource], error) {
	var out Page[Resource]
	err := s.view(ctx, func(a *access) error {
		t, err := a.check(opList, folder)
		if err != nil {
			return err
		}
		if t.Type != Folder {
			return fmt.Errorf("%w: not a folder", ErrInvalid)
		}
		place := byNewest
		switch order {
		case ByNewest:
		case "", ByName:
			order = ByName
			place = func(p Placed) pageToken { return pageToken{Name: p.Name, ID: p.ID} }
		default:
			return fmt.Errorf("%w order %.20q", ErrInvalid, order)
		}
		if len(types) > 10 {
			return fmt.Errorf("%w types: more than 10", ErrInvalid)
		}
		r, err := a.reach(iam.ResourcesGet)
		if err != nil {
			return err
		}
		out, err = a.page("list "+string(order), page, r, func(after Cursor, limit int) ([]Placed, error) {
			return a.tx.Children(folder, order, types, after, limit)
		}, place)
		return err
	})
	return out, s.refused(ctx, opList, folder, err)
}

// walkBudget is how many of the newest resources newest looks at rather than go by the actor's grants. Who may see one
// in forty or more fills a usual page within it; who may see fewer has few enough to be listed grant by grant.
const walkBudget = 2000

// Visible lists everything that the actor may see, wherever it is, newest first.
func (s *Service) Visible(ctx context.Context, filter Filter, page PageRequest) (Page[Resource], error) {
	var out Page[Resource]
	err := s.view(ctx, func(a *access) error {
		if err := a.checkFilter(&filter); err != nil {
			return err
		}
		r, err := a.reach(iam.ResourcesGet)
		if err != nil {
			return err
		}
		limit, token, err := page.open("visible")
		if err != nil {
			return err
		}
		found, err := a.newest(r, filter, token.cursor(), limit+1)
		if err != nil {
			return err
		}
		out, err = a.cut("visible", found, limit, byNewest)
		return err
	})
	return out, s.refused(ctx, opVisible, filter.Folder, err)
}

// newest finds up to limit of what is reachable, newest first: by looking at the newest of all, and, where too few of
// those are reachable, grant by grant.
func (a *access) newest(r *reach, filter Filter, after Cursor, limit int) ([]Placed, error) {
	found, err := a.fill(r, after, limit, walkBudget, func(after Cursor, limit int) ([]Placed, error) {
		return a.tx.Newest(filter, after, limit)
	}, byNewest)
	if err != nil || !found.gaveUp {
		return found.items, err
	}
	roots, err := r.roots()
	if err != nil {
		return nil, err
	}
	rest, err := a.fill(r, found.after, limit-len(found.items), 0, func(after Cursor, limit int) ([]Placed, error) {
		return a.tx.NewestWithin(roots, filter, after, limit)
	}, byNewest)
	return append(found.items, rest.items...), err
}

// checkFilter validates a filter. The folder that it names must be visible.
func (a *access) checkFilter(f *Filter) error {
	if f.Folder != "" {
		t, err := a.checkPermission(iam.ResourcesGet, f.Folder, false)
		if err != nil {
			return err
		}
		if t.Type != Folder {
			return fmt.Errorf("%w filter: not a folder", ErrInvalid)
		}
	}
	if len(f.Types) > 10 || len(f.Tag) > MaxTagLength || strings.ContainsRune(f.Tag, 0) {
		return fmt.Errorf("%w filter", ErrInvalid)
	}
	if f.Owner != "" {
		m, err := iam.ParseMember(string(f.Owner))
		if err != nil {
			return err
		}
		f.Owner = m
	}
	return nil
}

// SharedWithMe lists the resources that a policy names the actor on, by themselves, a group of theirs or their domain,
// last shared first. What everybody may see is not in it, nor what they own.
func (s *Service) SharedWithMe(ctx context.Context, page PageRequest) (Page[Resource], error) {
	var out Page[Resource]
	err := s.view(ctx, func(a *access) error {
		who, err := a.signedIn()
		if err != nil {
			return err
		}
		limit, token, err := page.open("shared")
		if err != nil {
			return err
		}
		r, err := a.reach(iam.ResourcesGet)
		if err != nil {
			return err
		}
		newest := map[ResourceID]Grant{}
		for _, g := range r.grants {
			if g.Member == iam.AllUsers || g.Member == iam.AllAuthenticatedUsers {
				continue
			}
			if known, ok := newest[g.ResourceID]; !ok || g.GrantedAt.After(known.GrantedAt) {
				newest[g.ResourceID] = g
			}
		}
		order := make([]Grant, 0, len(newest))
		for _, g := range newest {
			order = append(order, g)
		}
		slices.SortFunc(order, func(x, y Grant) int {
			if c := y.GrantedAt.Compare(x.GrantedAt); c != 0 {
				return c
			}
			return strings.Compare(string(y.ResourceID), string(x.ResourceID))
		})
		place := func(p Placed) pageToken {
			return pageToken{Micros: newest[p.ID].GrantedAt.UnixMicro(), ID: p.ID}
		}
		found, err := a.fill(r, token.cursor(), limit+1, 0, func(after Cursor, limit int) ([]Placed, error) {
			from := 0
			if after.ID != "" {
				from, _ = slices.BinarySearchFunc(order, after, func(g Grant, c Cursor) int {
					if d := c.Time.Compare(g.GrantedAt); d != 0 {
						return d
					}
					return strings.Compare(string(c.ID), string(g.ResourceID))
				})
				if from < len(order) && order[from].ResourceID == after.ID {
					from++
				}
			}
			return a.placedInOrder(order[from:], limit, who)
		}, place)
		if err != nil {
			return err
		}
		out, err = a.cut("shared", found.items, limit, place)
		return err
	})
	return out, s.refused(ctx, opSharedWithMe, "", err)
}

// placedInOrder loads the resources of grants in their order, without what is hidden, gone or the actor's own, until
// limit are found.
func (a *access) placedInOrder(order []Grant, limit int, who iam.Member) ([]Placed, error) {
	var out []Placed
	for len(order) > 0 && len(out) < limit {
		step := order[:min(len(order), limit)]
		order = order[len(step):]
		ids := make([]ResourceID, len(step))
		for i, g := range step {
			ids[i] = g.ResourceID
		}
		placed, err := a.tx.Placed(ids)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			if p, ok := placed[id]; ok && p.Owner != who {
				if out = append(out, p); len(out) == limit {
					break
				}
			}
		}
	}
	return out, nil
}

// MarkedItem is a resource that the actor marked, or came by lately.
type MarkedItem struct {
	Resource
	Marks []Mark
}

// Marked lists what the actor starred, pinned or read or saved lately, last marked first.
func (s *Service) Marked(ctx context.Context, mark Mark, page PageRequest) (Page[MarkedItem], error) {
	var out Page[MarkedItem]
	if mark == Recent {
		if err := s.observer.flush(ctx); err != nil {
			return out, err
		}
	}
	err := s.view(ctx, func(a *access) error {
		who, err := a.signedIn()
		if err != nil {
			return err
		}
		if mark != Star && mark != Pin && mark != Recent {
			return fmt.Errorf("%w mark %.20q", ErrInvalid, mark)
		}
		r, err := a.reach(iam.ResourcesGet)
		if err != nil {
			return err
		}
		at := map[ResourceID]int64{}
		resources, err := a.page("marked "+string(mark), page, r, func(after Cursor, limit int) ([]Placed, error) {
			found, err := a.tx.Marked(who, mark, after, limit)
			placed := make([]Placed, len(found))
			for i, m := range found {
				placed[i], at[m.ID] = m.Placed, m.At.UnixMicro()
			}
			return placed, err
		}, func(p Placed) pageToken { return pageToken{Micros: at[p.ID], ID: p.ID} })
		if err != nil {
			return err
		}
		ids := make([]ResourceID, len(resources.Items))
		for i, item := range resources.Items {
			ids[i] = item.ID
		}
		marks, err := a.tx.Marks(who, ids)
		if err != nil {
			return err
		}
		out.Next = resources.Next
		for _, item := range resources.Items {
			out.Items = append(out.Items, MarkedItem{item, marks[item.ID]})
		}
		return nil
	})
	return out, s.refused(ctx, opMarked, "", err)
}
