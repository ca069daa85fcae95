package content_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"sextant/content"
	"sextant/content/iam"
)

// shared reads a document by a link's secret, as somebody who has not signed in.
func (f *fixture) shared(secret string) (string, error) {
	l, err := f.FindShareLink(context.Background(), secret)
	if err != nil {
		return "", err
	}
	r, _, err := f.ReadShared(context.Background(), l.ID)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(r.Body)
	return string(b), errors.Join(err, r.Body.Close())
}

func TestALinkOpensOneDocument(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		folder := f.folder(admin, root, "team")
		doc := f.sql(admin, folder.ID, "a.sql", "one")
		f.grant(doc.ID, iam.Owner, "", ana)
		f.grant(doc.ID, iam.Editor, "", bo)
		make := func(who iam.Member, l content.ShareLink) (string, content.ShareLink) {
			t.Helper()
			l.ResourceID = doc.ID
			secret, link, err := f.CreateShareLink(as(who), l)
			must0(t, err)
			return secret, link
		}
		want := func(secret, text string) {
			t.Helper()
			got, err := f.shared(secret)
			if text == "" {
				if !errors.Is(err, content.ErrNotFound) {
					t.Errorf("opens: %q, %v", got, err)
				}
			} else if got != text || err != nil {
				t.Errorf("%q, %v; want %q", got, err, text)
			}
		}
		newest, link := make(ana, content.ShareLink{Title: "for the board"})
		pinned, _ := make(ana, content.ShareLink{Revision: doc.Head})
		brief, _ := make(ana, content.ShareLink{Expires: f.clock.Now().Add(time.Hour)})
		admins, _ := make(admin, content.ShareLink{})
		f.save(admin, doc.ID, doc.Head, "two")
		want(newest, "two")
		want(pinned, "one")
		want(brief, "two")
		want(newest+"x", "")
		want("", "")
		f.clock.pass(2 * time.Hour)
		want(brief, "")
		// Who may not share makes no links, sees none and ends none.
		for _, who := range []iam.Member{bo, cy, ""} {
			_, _, err := f.CreateShareLink(as(who), content.ShareLink{ResourceID: doc.ID})
			_, err2 := f.ShareLinks(as(who), doc.ID)
			_, err3 := f.ShareLink(as(who), link.ID)
			err4 := f.RevokeShareLink(as(who), link.ID)
			for _, err := range []error{err, err2, err3, err4} {
				if !errors.Is(err, content.ErrDenied) && !errors.Is(err, content.ErrNotFound) {
					t.Errorf("%s: %v", who, err)
				}
			}
		}
		if links := must1(f.ShareLinks(as(ana), doc.ID)); len(links) != 4 || links[3].Title != "for the board" || links[3].CreatedBy != ana {
			t.Errorf("links: %+v", links)
		}
		must0(t, f.RevokeShareLink(as(ana), link.ID))
		must0(t, f.RevokeShareLink(as(ana), link.ID))
		want(newest, "")
		// A link is worth as much as its maker's right to share.
		policy := must1(f.GetIamPolicy(as(admin), doc.ID))
		kept := policy.Bindings[:0]
		for _, b := range policy.Bindings {
			if b.Role != iam.Owner || b.Members[0] != ana {
				kept = append(kept, b)
			}
		}
		policy.Bindings = append(kept, iam.Binding{Role: iam.Owner, Members: []iam.Member{admin}})
		must1(f.SetIamPolicy(as(admin), doc.ID, policy))
		want(pinned, "")
		want(admins, "two")
		must0(t, f.Trash(as(admin), doc.ID, ""))
		want(admins, "")
		must1(f.Restore(as(admin), doc.ID, ""))
		want(admins, "two")
		must0(t, f.Trash(as(admin), folder.ID, ""))
		want(admins, "")
	})
}

func TestWhatALinkMayNotBe(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		folder := f.folder(admin, root, "team")
		doc := f.sql(admin, folder.ID, "a.sql", "one")
		other := f.sql(admin, folder.ID, "b.sql", "other")
		for name, l := range map[string]content.ShareLink{
			"folder": {ResourceID: folder.ID}, "revision": {ResourceID: doc.ID, Revision: other.Head}, "past": {ResourceID: doc.ID, Expires: f.clock.Now().Add(-time.Hour)},
			"origin":   {ResourceID: doc.ID, Origins: []string{"https://*.x.org"}},
			"path":     {ResourceID: doc.ID, Origins: []string{"https://x.org/a"}},
			"script":   {ResourceID: doc.ID, Origins: []string{"javascript:alert(1)"}},
			"two":      {ResourceID: doc.ID, Origins: []string{"https://x.org; script-src *"}},
			"property": {ResourceID: doc.ID, Look: content.Look{Properties: map[string]string{"accent": "url(https://evil.org)"}}},
			"name":     {ResourceID: doc.ID, Look: content.Look{Properties: map[string]string{"a;b": "#fff"}}},
			"close":    {ResourceID: doc.ID, Look: content.Look{Properties: map[string]string{"accent": "red}"}}},
			"brand":    {ResourceID: doc.ID, Look: content.Look{Name: strings.Repeat("x", 101)}},
			"logo":     {ResourceID: doc.ID, Look: content.Look{Logo: "https://evil.org/logo.png"}},
			"markup":   {ResourceID: doc.ID, Look: content.Look{Logo: "data:text/html;base64,AAAA"}},
			"title":    {ResourceID: doc.ID, Title: strings.Repeat("x", 1000)},
		} {
			if _, _, err := f.CreateShareLink(as(admin), l); !errors.Is(err, content.ErrInvalid) && !errors.Is(err, content.ErrNotFound) {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, l, err := f.CreateShareLink(as(admin), content.ShareLink{ResourceID: doc.ID, Origins: []string{"https://Intranet.x.org/", "http://localhost:8080"},
			Look: content.Look{Properties: map[string]string{"accent": "light-dark(#abc, #def)", "text": "navy"}}})
		if err != nil || l.Origins[0] != "https://intranet.x.org" || l.Origins[1] != "http://localhost:8080" {
			t.Errorf("%+v, %v", l, err)
		}
	})
}

func TestALinkShowsPartOfAResult(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		folder := f.folder(admin, root, "team")
		doc, other := f.sql(admin, folder.ID, "a.sql", "one"), f.sql(admin, folder.ID, "b.sql", "one")
		keep := func(id string, of content.ResourceID) {
			_, err := f.KeepResult(as(admin), content.StoredResult{ID: id, Document: of, Columns: []content.ResultColumn{{Name: "n", Type: "INTEGER"}}}, strings.NewReader("rows"))
			must0(t, err)
		}
		keep(resultOne, doc.ID)
		keep(resultTwo, doc.ID)
		make := func(l content.ShareLink) (content.ShareLink, error) {
			l.ResourceID = doc.ID
			_, made, err := f.CreateShareLink(as(admin), l)
			return made, err
		}
		link, err := make(content.ShareLink{Shows: &content.ResultView{Result: resultOne, Where: []string{"0.lt.3"}, Columns: []int{0}}})
		must0(t, err)
		nobody := context.Background()
		_, body, err := f.ReadSharedResult(nobody, link.ID, resultOne)
		must0(t, err)
		must0(t, body.Close())
		// Neither the document nor another of its results.
		_, _, err = f.ReadShared(nobody, link.ID)
		wantError(t, content.ErrNotFound, err)
		_, err = f.SharedResult(nobody, link.ID, resultTwo)
		wantError(t, content.ErrNotFound, err)
		const third = "01890000-0000-7000-8000-000000000003"
		keep(third, other.ID)
		for _, bad := range []struct {
			shows    content.ResultView
			revision content.RevisionID
			want     error
		}{
			{content.ResultView{Result: third}, "", content.ErrNotFound},
			{content.ResultView{Result: "none"}, "", content.ErrNotFound},
			{content.ResultView{Result: resultOne}, doc.Head, content.ErrInvalid},
			{content.ResultView{Result: resultOne, Where: []string{strings.Repeat("x", 16<<10)}}, "", content.ErrInvalid},
		} {
			_, err := make(content.ShareLink{Shows: &bad.shows, Revision: bad.revision})
			wantError(t, bad.want, err)
		}
		must0(t, f.RevokeShareLink(as(admin), link.ID))
		_, _, err = f.ReadSharedResult(nobody, link.ID, resultOne)
		wantError(t, content.ErrNotFound, err)
		// Rows that are given up are shown by no link.
		kept, err := make(content.ShareLink{Shows: &content.ResultView{Result: resultOne}})
		must0(t, err)
		f.clock.pass(31 * 24 * time.Hour)
		must1(f.Maintain(content.WithMaintenance(t.Context())))
		_, _, err = f.ReadSharedResult(nobody, kept.ID, resultOne)
		wantError(t, content.ErrEvicted, err)
		_, err = make(content.ShareLink{Shows: &content.ResultView{Result: resultOne}})
		wantError(t, content.ErrEvicted, err)
	})
}
