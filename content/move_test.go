package content_test

import (
	"testing"

	"sextant/content"
	"sextant/content/iam"
)

// TestMovingIsNotSharing: who may edit may tidy up, but not take a document away from those it is shared with, nor show it
// to others.
func TestMovingIsNotSharing(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		team := f.folder(admin, root, "team")
		f.grant(team.ID, iam.Editor, "", ana)
		f.grant(team.ID, iam.Viewer, "", bo)
		sub := f.folder(admin, team.ID, "sub")
		deeper := f.folder(admin, sub.ID, "deeper")
		closed := f.folder(admin, team.ID, "closed")
		f.grant(closed.ID, iam.Viewer, "", cy)
		own := f.folder(admin, root, "own")
		f.grant(own.ID, iam.Owner, "", ana)
		wide := f.folder(admin, root, "wide")
		f.grant(wide.ID, iam.Editor, "", ana)
		f.grant(wide.ID, iam.Viewer, "", iam.AllUsers)
		loose := f.sql(admin, root, "loose.sql", "")
		f.grant(loose.ID, iam.Owner, "", ana)
		doc, mine, folder := f.sql(admin, team.ID, "doc.sql", ""), f.sql(ana, team.ID, "mine.sql", ""), f.folder(ana, team.ID, "folder")
		for _, c := range []struct {
			name string
			who  iam.Member
			id   content.ResourceID
			to   content.ResourceID
			want error
		}{
			{"within what is shared alike", ana, doc.ID, deeper.ID, nil},
			{"and back", ana, doc.ID, team.ID, nil},
			{"under another name in the same folder", ana, doc.ID, team.ID, nil},
			{"out of the reach of others", ana, doc.ID, own.ID, content.ErrDenied},
			{"into the reach of others", ana, doc.ID, wide.ID, content.ErrDenied},
			{"to where more may read", ana, doc.ID, closed.ID, content.ErrDenied},
			{"a folder out of the reach of others, though one has made it", ana, folder.ID, own.ID, content.ErrDenied},
			{"what one owns", ana, mine.ID, own.ID, nil},
			{"and what one may share", ana, mine.ID, wide.ID, nil},
			{"out of a folder that one may not change", ana, loose.ID, own.ID, content.ErrDenied},
			{"by who only reads", bo, doc.ID, sub.ID, content.ErrDenied},
			{"by who may do all", admin, doc.ID, wide.ID, nil},
		} {
			_, err := f.Move(as(c.who), c.id, c.to, "", "")
			if c.want == nil {
				if err != nil {
					t.Errorf("%s: %v", c.name, err)
				}
				continue
			}
			if err == nil {
				t.Errorf("%s: no error", c.name)
				continue
			}
			wantError(t, c.want, err)
		}
	})
}
