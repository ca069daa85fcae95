package content_test

import (
	"fmt"
	"slices"
	"testing"

	"sextant/content"
	"sextant/content/iam"
)

// below lists the paths of all that an actor may see below a folder.
func (f *fixture) below(who iam.Member, folder content.ResourceID, dir string) []string {
	f.t.Helper()
	out := []string{}
	for _, r := range all(f.t, 100, func(p content.PageRequest) (content.Page[content.Resource], error) {
		return f.List(as(who), folder, content.ByName, p)
	}) {
		out = append(out, dir+r.Name)
		if r.Type == content.Folder {
			out = append(out, f.below(who, r.ID, dir+r.Name+"/")...)
		}
	}
	return out
}

func TestFoldersAreCopiedWithWhatMayBeRead(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		src := f.folder(admin, root, "src")
		in := f.folder(admin, src.ID, "in")
		secret := f.folder(admin, src.ID, "secret")
		doc := f.sql(admin, in.ID, "a.sql", "select first")
		f.save(admin, doc.ID, content.AnyRevision, "select secondword")
		f.sql(admin, secret.ID, "s.sql", "hidden")
		listed := f.sql(admin, src.ID, "listed.sql", "may be seen, not read")
		gone := f.sql(admin, src.ID, "gone.sql", "")
		must0(t, f.Trash(as(admin), gone.ID, ""))
		must1(f.Update(as(admin), in.ID, content.Edit{Tags: &[]string{"x"}}))
		own := f.folder(admin, root, "own")
		f.grant(own.ID, iam.Editor, "", ana)
		must0(t, f.PutRole(as(admin), iam.Role{Name: "custom/looks", Permissions: []iam.Permission{iam.ResourcesGet, iam.ResourcesList}}))
		f.grant(src.ID, "custom/looks", `!resource.path.startsWith("/src/secret")`, ana)
		f.grant(in.ID, iam.Viewer, "", ana)
		copied := must1(f.CopyTree(as(ana), src.ID, content.CopyRequest{Parent: own.ID, Name: "copy", IdempotencyKey: "k"}))
		if copied.Folders != 2 || copied.Documents != 1 || !slices.Equal(copied.LeftOut, []content.ResourceID{listed.ID}) {
			t.Errorf("copied %d folders, %d documents, left out %v", copied.Folders, copied.Documents, copied.LeftOut)
		}
		if got := f.below(admin, own.ID, ""); !slices.Equal(got, []string{"copy", "copy/in", "copy/in/a.sql"}) {
			t.Errorf("made %q", got)
		}
		made := must1(f.Resolve(as(ana), "/own/copy/in/a.sql"))
		if got := f.read(ana, made.ID, content.ReadOptions{}); got != "select secondword" || made.HeadNumber != 1 || made.Owner != ana {
			t.Errorf("the copy is %q, revision %d, of %s", got, made.HeadNumber, made.Owner)
		}
		if folder := must1(f.Resolve(as(ana), "/own/copy/in")); !slices.Equal(folder.Tags, []string{"x"}) {
			t.Errorf("tags %q", folder.Tags)
		}
		if page := must1(f.Search(as(ana), content.SearchRequest{Query: "secondword"})); len(page.Items) != 2 {
			t.Errorf("search finds %d", len(page.Items))
		}
		// The same request makes nothing new; another one with its key is none.
		again := must1(f.CopyTree(as(ana), src.ID, content.CopyRequest{Parent: own.ID, Name: "copy", IdempotencyKey: "k"}))
		if again.Resource.ID != copied.Resource.ID || again.Folders != 0 {
			t.Errorf("again %+v", again)
		}
		for _, c := range []struct {
			name string
			who  iam.Member
			id   content.ResourceID
			r    content.CopyRequest
			want error
		}{
			{"another request with the key", ana, src.ID, content.CopyRequest{Parent: own.ID, Name: "other", IdempotencyKey: "k"}, content.ErrInvalid},
			{"a name that is taken", ana, src.ID, content.CopyRequest{Parent: own.ID, Name: "copy"}, content.ErrExists},
			{"what may not be seen", ana, secret.ID, content.CopyRequest{Parent: own.ID, Name: "c"}, content.ErrNotFound},
			{"what may only be seen", ana, listed.ID, content.CopyRequest{Parent: own.ID, Name: "c"}, content.ErrDenied},
			{"to where nothing may be made", ana, in.ID, content.CopyRequest{Parent: src.ID, Name: "c"}, content.ErrDenied},
			{"into itself", admin, src.ID, content.CopyRequest{Parent: in.ID, Name: "c"}, content.ErrInvalid},
			{"a folder's revision", admin, src.ID, content.CopyRequest{Parent: own.ID, Name: "c", Revision: doc.Head}, content.ErrInvalid},
			{"an older revision, without the right to see them", cy, doc.ID, content.CopyRequest{Parent: own.ID, Name: "c", Revision: doc.Head}, content.ErrNotFound},
			{"by nobody", "", src.ID, content.CopyRequest{Parent: own.ID, Name: "c"}, content.ErrNotFound},
		} {
			if _, err := f.CopyTree(as(c.who), c.id, c.r); err == nil {
				t.Errorf("%s: no error", c.name)
			} else {
				wantError(t, c.want, err)
			}
		}
		if got := f.below(admin, own.ID, ""); len(got) != 3 {
			t.Errorf("failures have made %q", got)
		}
		old := must1(f.CopyTree(as(ana), doc.ID, content.CopyRequest{Parent: own.ID, Name: "old.sql", Revision: doc.Head}))
		if got := f.read(ana, old.Resource.ID, content.ReadOptions{}); got != "select first" {
			t.Errorf("the older revision's copy is %q", got)
		}
		// A copy beside its original, in the very folder, is of what was there before.
		beside := must1(f.CopyTree(as(admin), in.ID, content.CopyRequest{Parent: src.ID, Name: "in 2"}))
		if beside.Folders != 1 || beside.Documents != 1 {
			t.Errorf("beside: %+v", beside)
		}
		if entries := must1(f.Audit(as(admin), content.AuditFilter{Operation: "CopyTree", Actor: ana}, content.PageRequest{})); len(entries.Items) < 4 {
			t.Errorf("%d entries in the audit log", len(entries.Items))
		}
	})
}

func TestCopiesAreBounded(t *testing.T) {
	f := newFixture(t, openSQLite(t), content.Options{})
	src := f.folder(admin, root, "src")
	// 62 folders of 31 each and 15 more, with src itself as many as may be.
	first := f.folder(admin, src.ID, "0")
	for i := range 31 {
		f.folder(admin, first.ID, fmt.Sprint(i))
	}
	for i := 1; i < 62; i++ {
		must1(f.CopyTree(as(admin), first.ID, content.CopyRequest{Parent: src.ID, Name: fmt.Sprint(i)}))
	}
	for i := range content.MaxCopied - 1 - 62*32 {
		f.folder(admin, src.ID, fmt.Sprint("more ", i))
	}
	if copied := must1(f.CopyTree(as(admin), src.ID, content.CopyRequest{Parent: root, Name: "full"})); copied.Folders != content.MaxCopied {
		t.Errorf("copied %d", copied.Folders)
	}
	f.folder(admin, src.ID, "one more")
	_, err := f.CopyTree(as(admin), src.ID, content.CopyRequest{Parent: root, Name: "more"})
	wantError(t, content.ErrTooLarge, err)
	_, err = f.Resolve(as(admin), "/more")
	wantError(t, content.ErrNotFound, err)
}
