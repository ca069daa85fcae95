package content_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"sextant/content"
)

func TestDocumentLife(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		folder := f.folder(admin, root, "finance")
		r, err := f.Create(as(admin), content.NewResource{Parent: folder.ID, Type: content.SQL, Name: "q3.sql",
			Description: "Third quarter", Tags: []string{"b", "a", "b"}, Content: strings.NewReader("select 1"), Message: "first"})
		must0(t, err)
		if r.ParentID != folder.ID || r.Owner != admin || fmt.Sprint(r.Tags) != "[a b]" || r.HeadNumber != 1 || r.Size != 8 {
			t.Fatalf("%+v", r)
		}
		got, err := f.Get(as(admin), r.ID)
		must0(t, err)
		if fmt.Sprint(got) != fmt.Sprint(r) {
			t.Fatalf("got %+v, created %+v", got, r)
		}
		if text := f.read(admin, r.ID, content.ReadOptions{}); text != "select 1" {
			t.Fatalf("read %q", text)
		}

		second := f.save(admin, r.ID, r.Head, "select 2")
		if second.Number != 2 || second.Parent != r.Head || second.Author != admin || second.Origin != content.ByUser {
			t.Fatalf("%+v", second)
		}
		same, saved, err := f.Save(as(admin), r.ID, content.NewRevision{Base: second.ID, Content: strings.NewReader("select 2")})
		if err != nil || saved || same.ID != second.ID {
			t.Fatalf("unchanged: %+v, %v, %v", same, saved, err)
		}

		// A save on an old base tells both versions.
		_, _, err = f.Save(as(admin), r.ID, content.NewRevision{Base: r.Head, Content: strings.NewReader("select 3")})
		wantError(t, content.ErrConflict, err)
		var conflict *content.ConflictError
		if !errors.As(err, &conflict) || conflict.Base != r.Head || conflict.Current.ID != second.ID {
			t.Fatalf("%+v", conflict)
		}
		if base := f.read(admin, r.ID, content.ReadOptions{Revision: conflict.Base}); base != "select 1" {
			t.Fatalf("base %q", base)
		}

		// Names.
		must0(t, f.NameRevision(as(admin), r.ID, second.ID, "good"))
		wantError(t, content.ErrExists, f.NameRevision(as(admin), r.ID, r.Head, "good"))
		third, saved, err := f.Save(as(admin), r.ID, content.NewRevision{Base: content.AnyRevision, Name: "same but named", Content: strings.NewReader("select 2")})
		if err != nil || !saved || third.Number != 3 {
			t.Fatalf("%+v %v %v", third, saved, err)
		}

		// Restore.
		restored, saved, err := f.RestoreRevision(as(admin), r.ID, r.Head, third.ID)
		if err != nil || !saved || restored.Number != 4 || restored.Origin != content.ByRestore {
			t.Fatalf("%+v %v %v", restored, saved, err)
		}
		if text := f.read(admin, r.ID, content.ReadOptions{}); text != "select 1" {
			t.Fatalf("restored %q", text)
		}
		_, _, err = f.RestoreRevision(as(admin), r.ID, r.Head, third.ID)
		wantError(t, content.ErrConflict, err)

		history := all(t, 2, func(p content.PageRequest) (content.Page[content.Revision], error) {
			return f.History(as(admin), r.ID, false, p)
		})
		if len(history) != 4 || history[0].ID != restored.ID || history[3].ID != r.Head {
			t.Fatalf("history %v", history)
		}
		named := all(t, 5, func(p content.PageRequest) (content.Page[content.Revision], error) {
			return f.History(as(admin), r.ID, true, p)
		})
		if len(named) != 2 || named[1].Name != "good" {
			t.Fatalf("named %v", named)
		}

		// Another document's revision is not there.
		other := f.sql(admin, folder.ID, "other.sql", "x")
		_, err = f.Revision(as(admin), other.ID, second.ID)
		wantError(t, content.ErrNotFound, err)
		_, err = f.Read(as(admin), other.ID, content.ReadOptions{Revision: second.ID})
		wantError(t, content.ErrNotFound, err)
	})
}

func TestCreateRefuses(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		f.folder(admin, root, "taken")
		for _, c := range []struct {
			n    content.NewResource
			want error
		}{
			{content.NewResource{Parent: root, Type: content.Folder, Name: "taken"}, content.ErrExists},
			{content.NewResource{Parent: root, Type: "king", Name: "x"}, content.ErrInvalid},
			{content.NewResource{Parent: root, Type: content.SQL, Name: "a/b"}, content.ErrInvalid},
			{content.NewResource{Parent: root, Type: content.SQL, Name: ".."}, content.ErrInvalid},
			{content.NewResource{Parent: root, Type: content.SQL, Name: " x"}, content.ErrInvalid},
			{content.NewResource{Parent: root, Type: content.SQL, Name: repeat("x", 256)}, content.ErrInvalid},
			{content.NewResource{Parent: root, Type: content.SQL, Name: "x", Tags: []string{""}}, content.ErrInvalid},
			{content.NewResource{Parent: root, Type: content.Folder, Name: "x", Content: strings.NewReader("")}, content.ErrInvalid},
			{content.NewResource{Parent: "nowhere", Type: content.SQL, Name: "x"}, content.ErrNotFound},
			{content.NewResource{Parent: "01890000-0000-7000-8000-000000000000", Type: content.SQL, Name: "x"}, content.ErrNotFound},
		} {
			_, err := f.Create(as(admin), c.n)
			if !errors.Is(err, c.want) {
				t.Errorf("%+v: %v, want %v", c.n, err, c.want)
			}
		}
		// The same name in two normal forms is one name.
		f.sql(admin, root, "caf\u00e9.sql", "")
		_, err := f.Create(as(admin), content.NewResource{Parent: root, Type: content.SQL, Name: "cafe\u0301.sql"})
		wantError(t, content.ErrExists, err)
	})
}

func TestTooLarge(t *testing.T) {
	f := newFixture(t, openSQLite(t), content.Options{MaxSize: 1000})
	_, err := f.Create(as(admin), content.NewResource{Parent: root, Type: content.File, Name: "f", Content: strings.NewReader(repeat("x", 1001))})
	wantError(t, content.ErrTooLarge, err)
	r := must(t, f.sql(admin, root, "f", repeat("x", 1000)), nil)
	_, _, err = f.Save(as(admin), r.ID, content.NewRevision{Base: r.Head, Content: strings.NewReader(repeat("y", 1001))})
	wantError(t, content.ErrTooLarge, err)
}

// TestConcurrentSaves has writers add lines to one document, each on top of the newest revision it knows. Every line
// that was acknowledged must be in the end, once, and every revision on top of the one before.
func TestConcurrentSaves(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		r := f.sql(admin, root, "shared.sql", "")
		const writers, lines = 6, 8
		var wg sync.WaitGroup
		conflicts := make([]int, writers)
		for w := range writers {
			wg.Go(func() {
				for i := range lines {
					for {
						reading, err := f.Read(as(admin), r.ID, content.ReadOptions{})
						if err != nil {
							t.Error(err)
							return
						}
						var b strings.Builder
						if _, err := copyAndClose(&b, reading); err != nil {
							t.Error(err)
							return
						}
						_, _, err = f.Save(as(admin), r.ID, content.NewRevision{Base: reading.Revision.ID,
							Content: strings.NewReader(fmt.Sprintf("%sline %d-%d\n", b.String(), w, i))})
						if errors.Is(err, content.ErrConflict) {
							conflicts[w]++
							continue
						}
						if err != nil {
							t.Error(err)
							return
						}
						break
					}
				}
			})
		}
		wg.Wait()
		text := f.read(admin, r.ID, content.ReadOptions{})
		for w := range writers {
			for i := range lines {
				if n := strings.Count(text, fmt.Sprintf("line %d-%d\n", w, i)); n != 1 {
					t.Errorf("line %d-%d stands %d times", w, i, n)
				}
			}
		}
		history := all(t, 100, func(p content.PageRequest) (content.Page[content.Revision], error) {
			return f.History(as(admin), r.ID, false, p)
		})
		if len(history) != writers*lines+1 {
			t.Errorf("%d revisions", len(history))
		}
		for i, h := range history[:len(history)-1] {
			if h.Parent != history[i+1].ID || h.Number != history[i+1].Number+1 {
				t.Errorf("revision %d does not follow", h.Number)
			}
		}
		t.Logf("conflicts %v", conflicts)
	})
}

func TestEdit(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		r := f.sql(admin, root, "a.sql", "select 1")
		name, description, tags := "b.sql", "what it is", []string{"z", "y"}
		edited, err := f.Update(as(admin), r.ID, content.Edit{Name: &name, Description: &description, Tags: &tags, Etag: r.Etag()})
		must0(t, err)
		if edited.Name != name || edited.Description != description || fmt.Sprint(edited.Tags) != "[y z]" || edited.Etag() == r.Etag() || edited.Head != r.Head {
			t.Fatalf("%+v", edited)
		}
		_, err = f.Update(as(admin), r.ID, content.Edit{Name: &name, Etag: r.Etag()})
		wantError(t, content.ErrPrecondition, err)
		saved := f.save(admin, r.ID, r.Head, "select 2")
		after, err := f.Get(as(admin), r.ID)
		if err != nil || after.Etag() != edited.Etag() || after.Head != saved.ID {
			t.Fatalf("a save changed the etag: %+v, %v", after, err)
		}
		f.sql(admin, root, "c.sql", "")
		taken := "c.sql"
		_, err = f.Update(as(admin), r.ID, content.Edit{Name: &taken})
		wantError(t, content.ErrExists, err)
		found, err := f.Resolve(as(admin), "/b.sql")
		if err != nil || found.ID != r.ID {
			t.Fatal(found, err)
		}
		_, err = f.Resolve(as(admin), "/a.sql")
		wantError(t, content.ErrNotFound, err)
	})
}

func TestIdempotentCreate(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		create := func(key, name, text string) (content.Resource, error) {
			return f.Create(as(admin), content.NewResource{Parent: root, Type: content.SQL, Name: name, IdempotencyKey: key, Content: strings.NewReader(text)})
		}
		first, err := create("k1", "a.sql", "select 1")
		must0(t, err)
		again, err := create("k1", "a.sql", "select 1")
		if err != nil || again.ID != first.ID {
			t.Fatal(again, err)
		}
		_, err = create("k1", "a.sql", "select 2")
		wantError(t, content.ErrInvalid, err)
		_, err = create("k2", "a.sql", "select 1")
		wantError(t, content.ErrExists, err)
		f.clock.pass(25 * 60 * 60e9)
		must(t, 0, ignore(f.Maintain(as(admin))))
		_, err = create("k1", "a.sql", "select 1")
		wantError(t, content.ErrExists, err)
	})
}

func ignore[T any](_ T, err error) error { return err }

func TestChangeFeed(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		open := f.folder(admin, root, "open")
		f.grant(open.ID, "viewer", "", ana)
		start, err := f.Changes(as(ana), content.FeedStart, 0)
		must0(t, err)
		seen := f.sql(admin, open.ID, "seen.sql", "1")
		hidden := f.sql(admin, root, "hidden.sql", "1")
		saved := f.save(admin, seen.ID, seen.Head, "2")
		f.save(admin, hidden.ID, hidden.Head, "2")
		must0(t, f.Trash(as(admin), seen.ID, ""))
		must0(t, f.Purge(as(admin), seen.ID))
		var kinds []string
		for token, more := start.Next, true; more; {
			page, err := f.Changes(as(ana), token, 1)
			must0(t, err)
			for _, c := range page.Changes {
				if c.ResourceID != seen.ID || c.Chain != nil {
					t.Errorf("told of %+v", c)
				}
				if c.Kind == content.Saved && c.Revision != saved.ID {
					t.Errorf("%+v", c)
				}
				kinds = append(kinds, string(c.Kind))
			}
			token, more = page.Next, page.More
		}
		if got := strings.Join(kinds, " "); got != "created saved trashed purged" {
			t.Errorf("kinds %q", got)
		}
		// What is too old is told to be.
		f.clock.pass(100 * 24 * 60 * 60e9)
		f.folder(admin, root, "late")
		must0(t, ignore(f.Maintain(as(admin))))
		_, err = f.Changes(as(ana), start.Next, 0)
		wantError(t, content.ErrGone, err)
		_, err = f.Changes(as(ana), "x", 0)
		wantError(t, content.ErrInvalid, err)
	})
}
