package pages

import (
	"context"
	"slices"

	"sextant/content"
	"sextant/content/iam"
)

// names is what people are called, as far as the reader may know.
type names map[iam.Member]string

// Of is somebody's name, or address where they have none.
func (n names) Of(m iam.Member) string {
	if name := n[m]; name != "" {
		return name
	}
	return m.Value()
}

// call finds out what people are called, for who has signed in: addresses, and nothing else, stand on the pages of others.
func (p *Pages) call(ctx context.Context, n names, members ...iam.Member) error {
	slices.Sort(members)
	members = slices.DeleteFunc(slices.Compact(members), func(m iam.Member) bool { _, known := n[m]; return known || m == "" })
	if len(members) == 0 || content.ActorFrom(ctx).Principal == "" {
		return nil
	}
	for some := range slices.Chunk(members, content.MaxNamed) {
		found, err := p.o.Service.Names(ctx, some)
		if hidden(err) { // a token may be for less
			return nil
		}
		if err != nil {
			return err
		}
		for _, e := range found {
			n[e.Member] = e.Name
		}
	}
	return nil
}
