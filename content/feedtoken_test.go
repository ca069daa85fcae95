package content_test

import (
	"testing"

	"sextant/content"
	"sextant/content/iam"
)

// TestChangeTokensTellNothing: what happens where one may not look cannot be counted, nor compared, and what is no token
// of the feed is none.
func TestChangeTokensTellNothing(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		mine := f.folder(admin, root, "mine")
		f.grant(mine.ID, iam.Viewer, "", ana)
		start := must1(f.Changes(as(ana), content.FeedStart, 0))
		same := must1(f.Changes(as(ana), content.FeedStart, 0))
		if start.Next == same.Next || len(start.Next) != len(same.Next) {
			t.Errorf("tokens of one place: %q and %q", start.Next, same.Next)
		}
		for range 12 {
			f.sql(admin, root, string(must1(f.Create(as(admin), content.NewResource{Parent: root, Type: content.Folder,
				Name: f.clock.Now().Format("150405.000000")})).ID), "")
		}
		quiet := must1(f.Changes(as(ana), start.Next, 0))
		if len(quiet.Changes) != 0 || quiet.More || len(quiet.Next) != len(start.Next) {
			t.Errorf("ana sees %d changes, more %v, token %q after %q", len(quiet.Changes), quiet.More, quiet.Next, start.Next)
		}
		f.sql(admin, mine.ID, "a.sql", "")
		if got := must1(f.Changes(as(ana), quiet.Next, 0)); len(got.Changes) != 1 {
			t.Errorf("from the quiet place on: %d changes", len(got.Changes))
		}
		if got := must1(f.Changes(as(ana), start.Next, 0)); len(got.Changes) != 1 {
			t.Errorf("from the start on: %d changes", len(got.Changes))
		}
		page := must1(f.Search(as(admin), content.SearchRequest{Query: "s", Page: content.PageRequest{Size: 1}}))
		for _, token := range []string{"0", "12", "!", start.Next[:len(start.Next)-1], "A" + start.Next[1:] + "A", page.Next + "A"} {
			if token == "" {
				continue
			}
			_, err := f.Changes(as(ana), token, 0)
			wantError(t, content.ErrInvalid, err)
		}
	})
}
