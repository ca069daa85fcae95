package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"sextant/content"
	"sextant/content/iam"
)

// base is a time with a microsecond that stores must keep.
var base = time.Date(2026, 11, 25, 12, 0, 0, 123000, time.UTC)

func id(n int) content.ResourceID {
	return content.ResourceID(fmt.Sprintf("01890000-0000-7000-8000-%012d", n))
}

func revisionID(n int) content.RevisionID {
	return content.RevisionID(fmt.Sprintf("01890000-0000-7000-9000-%012d", n))
}

// suite is one store under test.
type suite struct {
	*testing.T
	store content.Store
}

func (s *suite) update(fn func(tx content.Tx) error) {
	s.Helper()
	if err := s.store.Update(s.Context(), fn); err != nil {
		s.Fatal(err)
	}
}

func (s *suite) view(fn func(tx content.Tx) error) {
	s.Helper()
	if err := s.store.View(s.Context(), fn); err != nil {
		s.Fatal(err)
	}
}

func (s *suite) want(want, err error) {
	s.Helper()
	if !errors.Is(err, want) {
		s.Errorf("error %v, want %v", err, want)
	}
}

func (s *suite) equal(got, want any) {
	s.Helper()
	if !reflect.DeepEqual(got, want) {
		s.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func resource(n int, parent content.ResourceID, t content.Type, name string) content.Resource {
	at := base.Add(time.Duration(n) * time.Second)
	return content.Resource{ID: id(n), ParentID: parent, Type: t, Name: name, Owner: "user:ana@x.org", Description: "d " + name,
		Tags: []string{"a", "ü \"b\""}, CreatedAt: at, UpdatedAt: at, Version: 1}
}

// tree makes root / 1 a / 2 b / 3 doc, 4 doc in root.
func (s *suite) tree() {
	s.Helper()
	s.update(func(tx content.Tx) error {
		root := resource(0, "", content.Folder, "")
		root.ID = content.RootID
		return errors.Join(tx.CreateResource(root),
			tx.CreateResource(resource(1, content.RootID, content.Folder, "a")), tx.CreateResource(resource(2, id(1), content.Folder, "b")),
			tx.CreateResource(resource(3, id(2), content.SQL, "doc")), tx.CreateResource(resource(4, content.RootID, content.SQL, "doc")))
	})
}

// Store checks a store. open gives an empty one; the suite closes it.
func Store(t *testing.T, open func(t *testing.T) content.Store) {
	for name, test := range map[string]func(*suite){
		"transactions": transactions, "writers take turns": turns, "resources": resources, "names": taken, "moves": moves, "trash": trash,
		"listings": listings, "marks": marks, "revisions": revisions, "blobs": blobs, "policies": policies, "access requests": requests,
		"principals": principals, "credentials": credentials, "audit": audit, "changes": changes, "preferences": preferences, "secrets": secrets, "share links": shareLinks, "usage": usage, "jobs": jobs, "stored results": storedResults, "keys": keys, "settings": settings, "rights version": rightsVersion, "search": search, "closed": closed,
	} {
		t.Run(name, func(t *testing.T) {
			s := &suite{t, open(t)}
			t.Cleanup(func() {
				if err := s.store.Close(); err != nil {
					t.Error(err)
				}
			})
			test(s)
		})
	}
}

func transactions(s *suite) {
	s.tree()
	stop := errors.New("stop")
	err := s.store.Update(s.Context(), func(tx content.Tx) error {
		if err := tx.CreateResource(resource(9, content.RootID, content.SQL, "never")); err != nil {
			return err
		}
		return stop
	})
	s.want(stop, err)
	func() {
		defer func() { _ = recover() }()
		_ = s.store.Update(s.Context(), func(tx content.Tx) error {
			_ = tx.CreateResource(resource(9, content.RootID, content.SQL, "never"))
			panic("in the middle")
		})
	}()
	s.view(func(tx content.Tx) error {
		_, err := tx.Resource(id(9))
		s.want(content.ErrNotFound, err)
		return nil
	})
	if err := s.store.View(s.Context(), func(tx content.Tx) error { return tx.DeleteResource(id(4)) }); err == nil {
		s.Error("a view wrote")
	}
	ctx, cancel := context.WithCancel(s.Context())
	cancel()
	s.want(context.Canceled, s.store.Update(ctx, func(content.Tx) error { return nil }))
	ctx, cancel = context.WithCancel(s.Context())
	err = s.store.Update(ctx, func(tx content.Tx) error {
		err := tx.CreateResource(resource(9, content.RootID, content.SQL, "never"))
		cancel()
		return err
	})
	s.want(context.Canceled, err)
	// A view is one moment: what is written meanwhile is not in it.
	s.view(func(tx content.Tx) error {
		if _, err := tx.Resource(id(9)); !errors.Is(err, content.ErrNotFound) {
			s.Error(err)
		}
		s.update(func(tx content.Tx) error { return tx.CreateResource(resource(9, content.RootID, content.SQL, "now")) })
		_, err := tx.Resource(id(9))
		s.want(content.ErrNotFound, err)
		return nil
	})
}

func turns(s *suite) {
	s.tree()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				err := s.store.Update(s.Context(), func(tx content.Tx) error {
					r, err := tx.Resource(id(4))
					if err != nil {
						return err
					}
					r.Version++
					return errors.Join(tx.UpdateResource(r.Resource), tx.AppendChange(content.Change{At: base, Kind: content.Updated, ResourceID: id(4)}))
				})
				if err != nil {
					s.Error(err)
				}
			}
		})
	}
	wg.Wait()
	s.view(func(tx content.Tx) error {
		r, err := tx.Resource(id(4))
		s.equal(r.Version, int64(81))
		return err
	})
}

func resources(s *suite) {
	s.tree()
	s.view(func(tx content.Tx) error {
		r, err := tx.Resource(id(3))
		s.equal(r, content.Placed{Resource: resource(3, id(2), content.SQL, "doc"), Chain: []content.ResourceID{content.RootID, id(1), id(2)}})
		if err != nil {
			return err
		}
		c, err := tx.Child(id(2), "doc")
		s.equal(c.ID, id(3))
		_, missing := tx.Child(id(2), "Doc")
		s.want(content.ErrNotFound, missing)
		_, missing = tx.Lineage(id(77))
		s.want(content.ErrNotFound, missing)
		names, err2 := tx.Names([]content.ResourceID{id(1), id(3), id(77)})
		s.equal(names, map[content.ResourceID]string{id(1): "a", id(3): "doc"})
		return errors.Join(err, err2)
	})
	changed := resource(3, id(2), content.SQL, "renamed")
	changed.Tags, changed.Version, changed.Owner, changed.UpdatedAt = nil, 7, "serviceAccount:x", base.Add(time.Hour)
	s.update(func(tx content.Tx) error {
		s.want(content.ErrNotFound, tx.UpdateResource(resource(77, id(2), content.SQL, "x")))
		s.want(content.ErrNotFound, tx.DeleteResource(id(77)))
		return tx.UpdateResource(changed)
	})
	s.view(func(tx content.Tx) error {
		r, err := tx.Resource(id(3))
		s.equal(r.Resource, changed)
		below, err2 := tx.Below(content.RootID, 10)
		s.equal(below, []content.ResourceID{id(3), id(2), id(1), id(4)})
		return errors.Join(err, err2)
	})
}

func taken(s *suite) {
	s.tree()
	tries := []func(content.Tx) error{
		func(tx content.Tx) error { return tx.CreateResource(resource(9, content.RootID, content.SQL, "a")) },
		func(tx content.Tx) error { return tx.UpdateResource(resource(4, content.RootID, content.SQL, "a")) },
		func(tx content.Tx) error { return tx.MoveResource(id(3), content.RootID, "doc") },
	}
	for i, try := range tries {
		err := s.store.Update(s.Context(), try)
		if !errors.Is(err, content.ErrExists) {
			s.Errorf("try %d: %v", i, err)
		}
	}
	s.update(func(tx content.Tx) error { return tx.SetTrashed(id(4), base, "user:ana@x.org") })
	s.update(func(tx content.Tx) error { return tx.CreateResource(resource(9, content.RootID, content.SQL, "doc")) })
	s.want(content.ErrExists, s.store.Update(s.Context(), func(tx content.Tx) error { return tx.SetTrashed(id(4), time.Time{}, "") }))
	s.want(content.ErrNotFound, s.store.Update(s.Context(), func(tx content.Tx) error {
		return tx.CreateResource(resource(10, id(77), content.SQL, "x"))
	}))
	// Names are compared byte for byte.
	s.update(func(tx content.Tx) error { return tx.CreateResource(resource(11, content.RootID, content.SQL, "Doc")) })
}

func moves(s *suite) {
	s.tree()
	s.update(func(tx content.Tx) error { return tx.CreateResource(resource(5, content.RootID, content.Folder, "c")) })
	s.want(content.ErrInvalid, s.store.Update(s.Context(), func(tx content.Tx) error { return tx.MoveResource(id(1), id(2), "x") }))
	s.want(content.ErrNotFound, s.store.Update(s.Context(), func(tx content.Tx) error { return tx.MoveResource(id(1), id(4), "x") }))
	s.update(func(tx content.Tx) error { return tx.SetTrashed(id(5), base, "") })
	s.update(func(tx content.Tx) error { return tx.SetTrashed(id(2), base, "") })
	s.update(func(tx content.Tx) error { return tx.MoveResource(id(1), id(5), "moved") })
	s.view(func(tx content.Tx) error {
		r, err := tx.Resource(id(3))
		s.equal(r.Chain, []content.ResourceID{content.RootID, id(5), id(1), id(2)})
		s.equal(r.Hidden, true)
		return err
	})
	s.update(func(tx content.Tx) error { return tx.MoveResource(id(1), content.RootID, "back") })
	s.update(func(tx content.Tx) error { return tx.SetTrashed(id(2), time.Time{}, "") })
	s.view(func(tx content.Tx) error {
		r, err := tx.Resource(id(3))
		s.equal(r.Chain, []content.ResourceID{content.RootID, id(1), id(2)})
		s.equal(r.Hidden, false)
		damage, err2 := tx.Damage(false)
		for _, p := range damage {
			if p.Kind != "head" { // its documents have no revisions
				s.Errorf("%+v", p)
			}
		}
		return errors.Join(err, err2)
	})
}

func trash(s *suite) {
	s.tree()
	s.update(func(tx content.Tx) error { return tx.SetTrashed(id(3), base, "user:bo@x.org") })
	s.update(func(tx content.Tx) error { return tx.SetTrashed(id(1), base.Add(time.Second), "") })
	s.update(func(tx content.Tx) error { return tx.SetTrashed(id(1), base.Add(time.Minute), "") }) // again: once
	s.view(func(tx content.Tx) error {
		found, err := tx.Trashed(content.Cursor{}, 10)
		if len(found) != 2 || found[0].ID != id(1) || found[1].TrashedBy != "user:bo@x.org" || !found[1].TrashedAt.Equal(base) {
			s.Errorf("%+v", found)
		}
		old, err2 := tx.TrashedBefore(base.Add(time.Second), 10)
		s.equal(old, []content.ResourceID{id(3)})
		lineage, err3 := tx.Lineage(id(3))
		placed, own, _, err4 := tx.Located(id(3))
		s.equal(own, lineage[0])
		s.equal(placed.ID, id(3))
		_, _, _, gone := tx.Located(id(77))
		s.want(content.ErrNotFound, gone)
		s.equal([]bool{lineage[0].Trashed, lineage[1].Trashed, lineage[2].Trashed}, []bool{true, false, true})
		return errors.Join(err, err2, err3, err4)
	})
	s.update(func(tx content.Tx) error { return tx.SetTrashed(id(1), time.Time{}, "") })
	s.view(func(tx content.Tx) error {
		b, err := tx.Resource(id(2))
		doc, err2 := tx.Resource(id(3))
		s.equal([]bool{b.Hidden, doc.Hidden}, []bool{false, true})
		return errors.Join(err, err2)
	})
}

func idsOf(placed []content.Placed) []content.ResourceID {
	var out []content.ResourceID
	for _, p := range placed {
		out = append(out, p.ID)
	}
	return out
}

func listings(s *suite) {
	s.tree()
	s.update(func(tx content.Tx) error {
		return errors.Join(tx.CreateResource(resource(5, content.RootID, content.File, "Ä")), tx.CreateResource(resource(6, content.RootID, content.File, "B")))
	})
	check := func(what string, got []content.Placed, err error, want ...content.ResourceID) {
		s.Helper()
		if err != nil || !slices.Equal(idsOf(got), want) {
			s.Errorf("%s: %v, %v; want %v", what, idsOf(got), err, want)
		}
	}
	s.view(func(tx content.Tx) error {
		got, err := tx.Children(content.RootID, content.ByName, nil, content.Cursor{}, 10)
		check("by name", got, err, id(6), id(1), id(4), id(5))
		got, err = tx.Children(content.RootID, content.ByName, nil, content.Cursor{Name: "a"}, 1)
		check("by name, a page", got, err, id(4))
		got, err = tx.Children(content.RootID, content.ByNewest, nil, content.Cursor{}, 2)
		check("newest", got, err, id(6), id(5))
		got, err = tx.Children(content.RootID, content.ByNewest, nil, content.Cursor{Time: got[1].UpdatedAt, ID: got[1].ID}, 10)
		check("newest, a page", got, err, id(4), id(1))
		for _, order := range []content.Order{content.ByName, content.ByNewest} {
			got, err = tx.Children(content.RootID, order, []content.Type{content.Folder}, content.Cursor{}, 10)
			check("folders "+string(order), got, err, id(1))
			got, err = tx.Children(content.RootID, order, []content.Type{content.DataSource}, content.Cursor{}, 10)
			check("of a type that none is of, "+string(order), got, err)
		}
		got, err = tx.Newest(content.Filter{}, content.Cursor{}, 3)
		check("everywhere", got, err, id(6), id(5), id(4))
		for _, c := range []struct {
			f    content.Filter
			want []content.ResourceID
		}{
			{content.Filter{Types: []content.Type{content.SQL, content.Notebook}}, []content.ResourceID{id(4), id(3)}},
			{content.Filter{Owner: "user:bo@x.org"}, nil},
			{content.Filter{Tag: `ü "b"`, Types: []content.Type{content.File}}, []content.ResourceID{id(6), id(5)}},
			{content.Filter{Tag: `b`}, nil},
			{content.Filter{Folder: id(1)}, []content.ResourceID{id(3), id(2)}},
			{content.Filter{UpdatedAfter: base.Add(2 * time.Second), UpdatedBefore: base.Add(5 * time.Second)}, []content.ResourceID{id(4), id(3)}},
		} {
			got, err := tx.Newest(c.f, content.Cursor{}, 10)
			check(fmt.Sprintf("%+v", c.f), got, err, c.want...)
		}
		got, err = tx.NewestWithin([]content.ResourceID{id(2), id(5)}, content.Filter{}, content.Cursor{}, 10)
		check("within", got, err, id(5), id(3), id(2))
		got, err = tx.NewestWithin([]content.ResourceID{id(1), id(5)}, content.Filter{}, content.Cursor{Time: base.Add(5 * time.Second), ID: id(5)}, 2)
		check("within, a page", got, err, id(3), id(2))
		got, err = tx.NewestWithin(nil, content.Filter{}, content.Cursor{}, 2)
		check("within nothing", got, err)
		return nil
	})
	s.update(func(tx content.Tx) error { return tx.SetTrashed(id(2), base, "") })
	s.view(func(tx content.Tx) error {
		got, err := tx.Newest(content.Filter{}, content.Cursor{}, 10)
		check("without trash", got, err, id(6), id(5), id(4), id(1))
		got, err = tx.NewestWithin([]content.ResourceID{id(1)}, content.Filter{}, content.Cursor{}, 10)
		check("within, without trash", got, err, id(1))
		placed, err := tx.Placed([]content.ResourceID{id(1), id(2), id(3), id(77), content.RootID})
		if len(placed) != 2 || placed[id(1)].Name != "a" {
			s.Errorf("%v", placed)
		}
		return err
	})
}

func marks(s *suite) {
	s.tree()
	const ana, bo = "user:ana@x.org", "user:bo@x.org"
	s.update(func(tx content.Tx) error {
		return errors.Join(tx.SetMark(ana, id(3), content.Star, base), tx.SetMark(ana, id(4), content.Star, base.Add(time.Second)),
			tx.SetMark(ana, id(4), content.Pin, base), tx.SetMark(ana, id(4), content.Recent, base), tx.SetMark(bo, id(3), content.Star, base),
			tx.SetMark(ana, id(3), content.Star, base.Add(time.Minute)))
	})
	s.view(func(tx content.Tx) error {
		got, err := tx.Marked(ana, content.Star, content.Cursor{}, 10)
		if len(got) != 2 || got[0].ID != id(3) || !got[0].At.Equal(base.Add(time.Minute)) {
			s.Errorf("%+v", got)
		}
		rest, err2 := tx.Marked(ana, content.Star, content.Cursor{Time: got[0].At, ID: got[0].ID}, 10)
		s.equal(len(rest), 1)
		marks, err3 := tx.Marks(ana, []content.ResourceID{id(3), id(4), id(1)})
		s.equal(marks, map[content.ResourceID][]content.Mark{id(3): {content.Star}, id(4): {content.Pin, content.Star}})
		return errors.Join(err, err2, err3)
	})
	s.update(func(tx content.Tx) error {
		return errors.Join(tx.TrimMarks(ana, content.Star, 1), tx.SetMark(bo, id(3), content.Star, time.Time{}), tx.SetMark(bo, id(4), content.Star, time.Time{}))
	})
	s.view(func(tx content.Tx) error {
		got, err := tx.Marked(ana, content.Star, content.Cursor{}, 10)
		s.equal(len(got), 1)
		none, err2 := tx.Marked(bo, content.Star, content.Cursor{}, 10)
		s.equal(len(none), 0)
		return errors.Join(err, err2)
	})
}

func revisions(s *suite) {
	s.tree()
	var made []content.Revision
	for n := 1; n <= 6; n++ {
		r := content.Revision{ID: revisionID(n), ResourceID: id(3), Number: int64(n), Author: "user:ana@x.org", CreatedAt: base.Add(time.Duration(n) * time.Hour),
			Message: "m", Origin: content.ByUser, Size: int64(n), Digest: content.Digest{byte(n)},
			Layout: content.Layout{Blobs: []content.Digest{{byte(n)}}, Segments: []content.Segment{{Kind: content.OutputPiece, Length: int64(n)}}}}
		if n > 1 {
			r.Parent = revisionID(n - 1)
		}
		if n == 2 {
			r.Problem, r.Origin = "it is broken", content.ByImport
			r.Imported = &content.Imported{Author: "Ana <ana@x.org>", At: base.Add(-time.Hour)}
		}
		made = append(made, r)
		s.update(func(tx content.Tx) error { return tx.CreateRevision(r) })
	}
	again := made[0]
	again.ID = revisionID(99)
	s.want(content.ErrExists, s.store.Update(s.Context(), func(tx content.Tx) error { return tx.CreateRevision(again) }))
	s.view(func(tx content.Tx) error {
		r, err := tx.Revision(revisionID(2))
		s.equal(r, made[1])
		_, missing := tx.Revision(revisionID(77))
		s.want(content.ErrNotFound, missing)
		doc, err2 := tx.Resource(id(3))
		s.equal([]any{doc.Head, doc.HeadNumber, doc.Size, doc.Digest, doc.UpdatedAt}, []any{revisionID(6), int64(6), int64(6), content.Digest{6}, made[5].CreatedAt})
		page, err3 := tx.Revisions(id(3), 4, false, 2)
		s.equal(page, []content.Revision{made[2], made[1]})
		revised, err4 := tx.Revised(content.RootID, "", 10)
		s.equal(revised, []content.ResourceID{id(3)})
		return errors.Join(err, err2, err3, err4)
	})
	s.update(func(tx content.Tx) error {
		return errors.Join(tx.NameRevision(revisionID(2), "two"), tx.HoldRevision(revisionID(3), "run:1"), tx.HoldRevision(revisionID(3), "run:1"))
	})
	s.want(content.ErrExists, s.store.Update(s.Context(), func(tx content.Tx) error { return tx.NameRevision(revisionID(1), "two") }))
	s.view(func(tx content.Tx) error {
		named, err := tx.Revisions(id(3), 0, true, 10)
		s.equal(len(named), 1)
		for _, c := range []struct {
			keep   int
			before time.Time
			want   []content.RevisionID
		}{
			{0, base.Add(100 * time.Hour), []content.RevisionID{revisionID(1), revisionID(4), revisionID(5)}},
			{2, base.Add(100 * time.Hour), []content.RevisionID{revisionID(1), revisionID(4)}},
			{0, base.Add(4 * time.Hour), []content.RevisionID{revisionID(1)}},
			{100, base.Add(100 * time.Hour), nil},
		} {
			got, err := tx.Prunable(id(3), c.keep, c.before, 10)
			if err != nil || !slices.Equal(got, c.want) {
				s.Errorf("keep %d: %v, %v; want %v", c.keep, got, err, c.want)
			}
		}
		layouts := 0
		return errors.Join(err, tx.EachLayout(func(id content.RevisionID, l content.Layout) error {
			layouts++
			s.equal(l, made[l.Segments[0].Length-1].Layout)
			return nil
		}))
	})
	s.update(func(tx content.Tx) error {
		return errors.Join(tx.ReleaseRevision(revisionID(3), "run:1"), tx.DeleteRevisions([]content.RevisionID{revisionID(1), revisionID(4)}))
	})
	s.view(func(tx content.Tx) error {
		left, err := tx.Revisions(id(3), 0, false, 10)
		s.equal(len(left), 4)
		return err
	})
	rule := &content.Retention{Days: 3}
	s.update(func(tx content.Tx) error {
		r := resource(1, content.RootID, content.Folder, "a")
		r.Retention = rule
		return tx.UpdateResource(r)
	})
	s.view(func(tx content.Tx) error {
		lineage, err := tx.Lineage(id(3))
		s.equal([]*content.Retention{lineage[0].Retention, lineage[2].Retention}, []*content.Retention{nil, rule})
		folders, err2 := tx.RetentionFolders()
		s.equal(folders, []content.ResourceID{id(1)})
		return errors.Join(err, err2)
	})
}

func blobs(s *suite) {
	sizes := map[content.Digest]int64{{1}: 10, {200}: 20}
	s.update(func(tx content.Tx) error {
		unknown, err := tx.RecordBlobs(sizes, base)
		s.equal(len(unknown), 2)
		return err
	})
	s.update(func(tx content.Tx) error {
		unknown, err := tx.RecordBlobs(map[content.Digest]int64{{200}: 20, {7}: 1}, base.Add(time.Hour))
		s.equal(unknown, []content.Digest{{7}})
		return err
	})
	s.view(func(tx content.Tx) error {
		count, size, err := tx.CountBlobs()
		s.equal([]int64{count, size}, []int64{3, 31})
		has, err2 := tx.HasBlob(content.Digest{7})
		hasNot, err3 := tx.HasBlob(content.Digest{8})
		s.equal([]bool{has, hasNot}, []bool{true, false})
		each := func(before time.Time, lo, hi byte) (out []content.Digest) {
			if err := tx.EachBlob(before, lo, hi, func(d content.Digest) error { out = append(out, d); return nil }); err != nil {
				s.Error(err)
			}
			return out
		}
		s.equal(each(base.Add(2*time.Hour), 0, 255), []content.Digest{{1}, {7}, {200}})
		s.equal(each(base.Add(2*time.Hour), 2, 200), []content.Digest{{7}, {200}})
		s.equal(each(base.Add(time.Minute), 0, 255), []content.Digest{{1}})
		return errors.Join(err, err2, err3)
	})
	s.update(func(tx content.Tx) error {
		return errors.Join(tx.ForgetBlob(content.Digest{1}, base.Add(time.Minute)), tx.ForgetBlob(content.Digest{200}, base.Add(time.Minute)))
	})
	s.view(func(tx content.Tx) error {
		count, _, err := tx.CountBlobs()
		s.equal(count, int64(2))
		return err
	})
}

func policies(s *suite) {
	s.tree()
	p := iam.Policy{Etag: "e1", Bindings: []iam.Binding{
		{Role: iam.Owner, Members: []iam.Member{"group:g@x.org", "user:ana@x.org"}},
		{Role: iam.Viewer, Members: []iam.Member{"user:ana@x.org"}, Condition: &iam.Condition{Title: "t", Expression: "true"}},
	}}
	s.update(func(tx content.Tx) error { return tx.SetPolicy(id(1), p, base) })
	p2 := iam.Policy{Etag: "e2", Bindings: append(slices.Clone(p.Bindings), iam.Binding{Role: iam.Viewer, Members: []iam.Member{"user:bo@x.org"}})}
	s.update(func(tx content.Tx) error { return tx.SetPolicy(id(1), p2, base.Add(time.Hour)) })
	s.view(func(tx content.Tx) error {
		got, err := tx.Policy(id(1))
		s.equal(got, p2)
		empty, err2 := tx.Policy(id(2))
		s.equal(empty, iam.Policy{Etag: iam.EmptyEtag()})
		_, missing := tx.Policy(id(77))
		s.want(content.ErrNotFound, missing)
		lineage, err3 := tx.Lineage(id(3))
		s.equal(len(lineage), 4)
		s.equal([]any{lineage[0].ID, lineage[2].Policy, lineage[3].ID}, []any{id(3), p2, content.RootID})
		grants, err4 := tx.Grants([]iam.Member{"user:ana@x.org", "user:bo@x.org", "user:cy@x.org"})
		slices.SortFunc(grants, func(a, b content.Grant) int {
			return bytes.Compare([]byte(a.Member+iam.Member(a.Role)), []byte(b.Member+iam.Member(b.Role)))
		})
		s.equal(grants, []content.Grant{
			{ResourceID: id(1), Role: iam.Owner, Member: "user:ana@x.org", GrantedAt: base},
			{ResourceID: id(1), Role: iam.Viewer, Member: "user:ana@x.org", Condition: "true", GrantedAt: base},
			{ResourceID: id(1), Role: iam.Viewer, Member: "user:bo@x.org", GrantedAt: base.Add(time.Hour)},
		})
		used, err6 := tx.RoleInUse(iam.Owner)
		unused, err7 := tx.RoleInUse(iam.Editor)
		s.equal([]bool{used, unused}, []bool{true, false})
		return errors.Join(err, err2, err3, err4, err6, err7)
	})
	s.update(func(tx content.Tx) error { return tx.SetPolicy(id(1), iam.Policy{Etag: iam.EmptyEtag()}, base) })
	role := iam.Role{Name: "custom/x", Title: "X", Permissions: []iam.Permission{iam.DocumentsRead}}
	s.update(func(tx content.Tx) error { return errors.Join(tx.PutRole(role), tx.PutRole(role)) })
	s.view(func(tx content.Tx) error {
		grants, err := tx.Grants([]iam.Member{"user:ana@x.org"})
		s.equal(len(grants), 0)
		roles, err2 := tx.CustomRoles()
		s.equal(roles, []iam.Role{role})
		return errors.Join(err, err2)
	})
	s.update(func(tx content.Tx) error { return tx.DeleteRole(role.Name) })
	s.want(content.ErrNotFound, s.store.Update(s.Context(), func(tx content.Tx) error { return tx.DeleteRole(role.Name) }))
}

func requests(s *suite) {
	s.tree()
	r := content.AccessRequest{ID: "r1", ResourceID: id(3), Requester: "user:ana@x.org", Role: iam.Viewer, Message: "please", CreatedAt: base, State: content.Pending}
	s.update(func(tx content.Tx) error { return tx.PutAccessRequest(r) })
	s.view(func(tx content.Tx) error {
		open, err := tx.OpenAccessRequest(id(3), "user:ana@x.org")
		s.equal(open, r)
		_, missing := tx.OpenAccessRequest(id(3), "user:bo@x.org")
		s.want(content.ErrNotFound, missing)
		return err
	})
	r.State, r.DecidedBy, r.DecidedAt = content.Approved, "user:bo@x.org", base.Add(time.Hour)
	s.update(func(tx content.Tx) error { return tx.PutAccessRequest(r) })
	s.view(func(tx content.Tx) error {
		got, err := tx.AccessRequest("r1")
		s.equal(got, r)
		open, err2 := tx.AccessRequests(id(3), true, 10)
		s.equal(len(open), 0)
		every, err3 := tx.AccessRequests(id(3), false, 10)
		s.equal(len(every), 1)
		return errors.Join(err, err2, err3)
	})
}

func principals(s *suite) {
	p := content.Principal{Member: "user:ana@x.org", DisplayName: "Ana", Email: "ana@x.org", PasswordHash: "h", InvitedBy: "user:bo@x.org", CreatedAt: base}
	s.update(func(tx content.Tx) error { return tx.PutPrincipal(p) })
	p.Disabled, p.LastSeen = base.Add(time.Second), base.Add(time.Minute)
	s.update(func(tx content.Tx) error {
		return errors.Join(tx.PutPrincipal(p), tx.PutPrincipal(content.Principal{Member: "serviceAccount:x"}),
			tx.PutGroup(content.GroupInfo{Member: "group:a", Title: "A", CreatedAt: base}), tx.PutGroup(content.GroupInfo{Member: "group:b", External: true, CreatedAt: base}),
			tx.SetGroupMember("group:a", "user:ana@x.org", true, base), tx.SetGroupMember("group:a", "user:ana@x.org", true, base),
			tx.SetGroupMember("group:b", "group:a", true, base), tx.SetGroupMember("group:a", "group:b", true, base))
	})
	s.want(content.ErrNotFound, s.store.Update(s.Context(), func(tx content.Tx) error { return tx.SetGroupMember("group:none", "user:x", true, base) }))
	s.view(func(tx content.Tx) error {
		got, err := tx.Principal(p.Member)
		s.equal(got, p)
		_, missing := tx.Principal("user:x")
		s.want(content.ErrNotFound, missing)
		list, err2 := tx.Principals("serviceAccount:x", 10)
		s.equal(list, []content.Principal{p})
		groups, err3 := tx.Groups("", 10)
		s.equal(groups, []content.GroupInfo{{Member: "group:a", Title: "A", CreatedAt: base}, {Member: "group:b", External: true, CreatedAt: base}})
		members, err4 := tx.GroupMembers("group:a", "", 10)
		s.equal(members, []iam.Member{"group:b", "user:ana@x.org"})
		of, err5 := tx.GroupsOf([]iam.Member{"user:ana@x.org", "group:a", "user:nobody"})
		s.equal(of, map[iam.Member][]iam.Member{"user:ana@x.org": {"group:a"}, "group:a": {"group:b"}})
		return errors.Join(err, err2, err3, err4, err5)
	})
	role := iam.Role{Name: "custom.r", Title: "R", Permissions: []iam.Permission{iam.DocumentsRead}}
	s.update(func(tx content.Tx) error { return tx.PutRole(role) })
	s.view(func(tx content.Tx) error {
		groups := map[iam.Member][]iam.Member{"user:ana@x.org": {"group:a"}, "group:a": {"group:b"}, "group:b": {"group:a"}}
		disabled, err := tx.Standing(p.Member, p.Member.Names())
		s.equal(disabled, content.Standing{Known: true, Groups: groups, Roles: []iam.Role{role}})
		able, err2 := tx.Standing("serviceAccount:x", []iam.Member{"serviceAccount:x"})
		s.equal(able, content.Standing{Known: true, Enabled: true, Groups: map[iam.Member][]iam.Member{}, Roles: []iam.Role{role}})
		unknown, err3 := tx.Standing("user:new@x.org", []iam.Member{"user:new@x.org", "group:b"})
		delete(groups, "user:ana@x.org")
		s.equal(unknown, content.Standing{Groups: groups, Roles: []iam.Role{role}})
		return errors.Join(err, err2, err3)
	})
	s.update(func(tx content.Tx) error {
		return errors.Join(tx.SetGroupMember("group:a", "user:ana@x.org", false, base), tx.DeleteGroup("group:b"))
	})
	s.view(func(tx content.Tx) error {
		members, err := tx.GroupMembers("group:a", "", 10)
		s.equal(len(members), 0)
		_, missing := tx.Group("group:b")
		s.want(content.ErrNotFound, missing)
		return err
	})
}

func credentials(s *suite) {
	token := content.Token{ID: "t1", Principal: "user:ana@x.org", Name: "n", Digest: content.Digest{1}, Permissions: []iam.Permission{}, CreatedAt: base, Expires: base.Add(time.Hour)}
	free := content.Token{ID: "t2", Principal: "user:ana@x.org", Name: "n", Digest: content.Digest{2}, CreatedAt: base.Add(time.Second)}
	s.update(func(tx content.Tx) error {
		return errors.Join(tx.PutToken(token), tx.PutToken(free), tx.TouchToken("t1", base.Add(time.Minute)))
	})
	token.LastUsed = base.Add(time.Minute)
	s.view(func(tx content.Tx) error {
		got, err := tx.TokenByDigest(content.Digest{1})
		s.equal(got, token)
		list, err2 := tx.Tokens("user:ana@x.org")
		s.equal(list, []content.Token{free, token})
		_, missing := tx.Token("t3")
		s.want(content.ErrNotFound, missing)
		return errors.Join(err, err2)
	})
	in := content.SignIn{Digest: content.Digest{3}, Principal: "user:ana@x.org", CreatedAt: base, Expires: base.Add(time.Hour), Address: "a", UserAgent: "u", Method: "oidc"}
	other := in
	other.Digest, other.Principal = content.Digest{4}, "user:bo@x.org"
	s.update(func(tx content.Tx) error { return errors.Join(tx.PutSignIn(in), tx.PutSignIn(other)) })
	s.view(func(tx content.Tx) error {
		got, err := tx.SignInByDigest(content.Digest{3})
		s.equal(got, in)
		list, err2 := tx.SignIns("user:ana@x.org")
		s.equal(len(list), 1)
		return errors.Join(err, err2)
	})
	s.update(func(tx content.Tx) error {
		return errors.Join(tx.DeleteSignIns("user:ana@x.org"), tx.ExpireSignIns(base.Add(time.Hour)))
	})
	s.view(func(tx content.Tx) error {
		_, missing := tx.SignInByDigest(content.Digest{3})
		s.want(content.ErrNotFound, missing)
		_, err := tx.SignInByDigest(content.Digest{4})
		return err
	})
	s.update(func(tx content.Tx) error { return tx.ExpireSignIns(base.Add(2 * time.Hour)) })
	s.view(func(tx content.Tx) error {
		_, missing := tx.SignInByDigest(content.Digest{4})
		s.want(content.ErrNotFound, missing)
		return nil
	})
	for i, c := range []struct {
		issuer, subject, session string
		at                       time.Time
	}{{"i", "s", "1", base}, {"i", "s", "2", base}, {"i", "t", "1", base}, {"i", "s", "1", base.Add(time.Hour)}, {"j", "s", "1", base}, {"", "", "", base}} {
		x := content.SignIn{Digest: content.Digest{byte(10 + i)}, Principal: "user:ana@x.org", CreatedAt: c.at, Expires: base.Add(9 * time.Hour),
			Issuer: c.issuer, Subject: c.subject, ProviderSession: c.session}
		s.update(func(tx content.Tx) error { return tx.PutSignIn(x) })
	}
	for _, c := range []struct {
		issuer, subject, session string
		before                   time.Time
		want                     []byte
	}{
		{"", "", "", base.Add(time.Hour), nil}, // who signed in by none is nobody's to end
		{"i", "s", "1", base, []byte{10}}, {"i", "", "1", base, []byte{12}}, {"i", "s", "", base.Add(time.Hour), []byte{11, 13}}, {"k", "s", "1", base, nil},
	} {
		s.update(func(tx content.Tx) error {
			found, err := tx.DeleteProviderSignIns(c.issuer, c.subject, c.session, c.before)
			var got []byte
			for _, x := range found {
				got = append(got, x.Digest[0])
			}
			slices.Sort(got)
			s.equal(got, c.want)
			return err
		})
	}
	s.view(func(tx content.Tx) error {
		left, err := tx.SignIns("user:ana@x.org")
		s.equal(len(left), 2)
		return err
	})
}

func audit(s *suite) {
	for n := range 3 {
		s.update(func(tx content.Tx) error {
			return tx.AppendAudit([]content.AuditEntry{
				{At: base.Add(time.Duration(n) * time.Hour), Actor: "user:ana@x.org", Operation: "Read", Resource: id(n), Allowed: true, Detail: []byte(`{"a":"<ü>"}`)},
				{At: base.Add(time.Duration(n) * time.Hour), Operation: "Get", Address: "x", RequestID: "y"},
			})
		})
	}
	s.view(func(tx content.Tx) error {
		entries, err := tx.AuditEntries(content.AuditFilter{}, 0, 10)
		at := content.AuditState{}
		for _, e := range entries {
			if !e.Follows(at) {
				s.Errorf("%+v does not follow", e)
			}
			at = content.AuditState{Seq: e.Seq, Hash: e.Hash}
		}
		edge, head, err2 := tx.AuditEdges()
		s.equal([]content.AuditState{edge, head}, []content.AuditState{{}, at})
		s.equal(len(entries), 6)
		for _, c := range []struct {
			f content.AuditFilter
			n int
		}{{content.AuditFilter{Actor: "user:ana@x.org"}, 3}, {content.AuditFilter{Denied: true}, 3}, {content.AuditFilter{Resource: id(1)}, 1},
			{content.AuditFilter{Operation: "Get"}, 3}, {content.AuditFilter{From: base.Add(time.Hour), Until: base.Add(2 * time.Hour)}, 2}} {
			got, err := tx.AuditEntries(c.f, 0, 10)
			if err != nil || len(got) != c.n {
				s.Errorf("%+v: %d, %v; want %d", c.f, len(got), err, c.n)
			}
		}
		seq, err3 := tx.AuditSeqBefore(base.Add(time.Hour))
		s.equal(seq, int64(2))
		return errors.Join(err, err2, err3)
	})
	s.update(func(tx content.Tx) error { return tx.PruneAudit(2) })
	s.view(func(tx content.Tx) error {
		entries, err := tx.AuditEntries(content.AuditFilter{}, 0, 10)
		edge, head, err2 := tx.AuditEdges()
		s.equal([]int64{edge.Seq, head.Seq, int64(len(entries))}, []int64{2, 6, 4})
		if !entries[0].Follows(edge) {
			s.Error("the first entry kept does not follow from the last one removed")
		}
		return errors.Join(err, err2)
	})
}

func changes(s *suite) {
	c := content.Change{At: base, Kind: content.Saved, ResourceID: id(3), Actor: "user:ana@x.org", Revision: revisionID(1), Chain: []content.ResourceID{content.RootID, id(1)}}
	for range 3 {
		s.update(func(tx content.Tx) error { return tx.AppendChange(c) })
		c.At = c.At.Add(time.Hour)
	}
	s.view(func(tx content.Tx) error {
		got, err := tx.Changes(1, 1)
		c.Seq, c.At = 2, base.Add(time.Hour)
		s.equal(got, []content.Change{c})
		newest, oldest, err2 := tx.LastChange()
		s.equal([]int64{newest, oldest}, []int64{3, 1})
		return errors.Join(err, err2)
	})
	for _, prune := range []struct {
		before time.Time
		oldest int64
	}{{base.Add(time.Hour), 2}, {base.Add(100 * time.Hour), 4}} {
		s.update(func(tx content.Tx) error { return tx.PruneChanges(prune.before) })
		s.view(func(tx content.Tx) error {
			newest, oldest, err := tx.LastChange()
			s.equal([]int64{newest, oldest}, []int64{3, prune.oldest})
			return err
		})
	}
	s.update(func(tx content.Tx) error { return tx.AppendChange(c) })
	s.view(func(tx content.Tx) error {
		got, err := tx.Changes(0, 10)
		if len(got) != 1 || got[0].Seq != 4 {
			s.Errorf("%+v", got)
		}
		return err
	})
}

func keys(s *suite) {
	k := content.IdempotencyKey{Principal: "user:ana@x.org", Key: "k", Request: content.Digest{1}, Made: string(id(3)), CreatedAt: base}
	s.update(func(tx content.Tx) error { return tx.PutKey(k) })
	s.want(content.ErrExists, s.store.Update(s.Context(), func(tx content.Tx) error { return tx.PutKey(k) }))
	s.view(func(tx content.Tx) error {
		got, err := tx.Key(k.Principal, k.Key)
		s.equal(got, k)
		_, missing := tx.Key("user:bo@x.org", k.Key)
		s.want(content.ErrNotFound, missing)
		return err
	})
	s.update(func(tx content.Tx) error { return tx.ExpireKeys(base.Add(time.Second)) })
	s.view(func(tx content.Tx) error {
		_, missing := tx.Key(k.Principal, k.Key)
		s.want(content.ErrNotFound, missing)
		return nil
	})
}

func settings(s *suite) {
	s.view(func(tx content.Tx) error {
		_, missing := tx.Setting("a")
		s.want(content.ErrNotFound, missing)
		return nil
	})
	for _, value := range [][]byte{{1, 0, 2}, {3}} {
		s.update(func(tx content.Tx) error { return tx.PutSetting("a", value) })
		s.view(func(tx content.Tx) error {
			got, err := tx.Setting("a")
			s.equal(got, value)
			return err
		})
	}
}

func search(s *suite) {
	s.tree()
	defer s.view(func(tx content.Tx) error {
		// The word with the most in common comes first; words of the body are no titles.
		found, err := tx.SimilarTerms(content.Trigrams("revenu"), 1)
		s.equal(found, []string{"revenue"})
		return err
	})
	s.update(func(tx content.Tx) error {
		return errors.Join(tx.IndexText(id(3), content.SearchText{Name: "revenue reverse re venu3", Source: "revenu"}),
			tx.IndexText(id(3), content.SearchText{Name: "revenue reverse"}))
	})
	texts := map[int]content.SearchText{
		1: {Name: "a", Tags: "finance"},
		3: {Name: "doc", Source: "select revenue from sales\x00", Outputs: "total 東京 \xff"},
		4: {Name: "revenue", Description: "sales"},
	}
	for _, n := range []int{1, 3, 4} {
		s.update(func(tx content.Tx) error { return tx.IndexText(id(n), texts[n]) })
	}
	match := func(terms []content.Term, scope content.SearchScope, f content.Filter, within []content.ResourceID, before int64) (out []content.ResourceID, last int64) {
		s.Helper()
		s.view(func(tx content.Tx) error {
			found, err := tx.MatchText(terms, scope, f, within, before, 10)
			for _, m := range found {
				out, last = append(out, m.ID), m.Seq
			}
			return err
		})
		return out, last
	}
	revenue := []content.Term{{Word: "revenue"}}
	got, last := match(revenue, content.EveryField, content.Filter{}, nil, 0)
	s.equal(got, []content.ResourceID{id(4), id(3)})
	got, _ = match(revenue, content.EveryField, content.Filter{}, nil, last)
	s.equal(len(got), 0)
	got, _ = match(revenue, content.TitleFields, content.Filter{}, nil, 0)
	s.equal(got, []content.ResourceID{id(4)})
	got, _ = match([]content.Term{{Word: "sales"}, {Word: "reve", Prefix: true}}, content.EveryField, content.Filter{}, nil, 0)
	s.equal(got, []content.ResourceID{id(4), id(3)})
	got, _ = match([]content.Term{{Word: "sales"}, {Word: "reve"}}, content.EveryField, content.Filter{}, nil, 0)
	s.equal(len(got), 0)
	got, _ = match([]content.Term{{Word: "sal", Prefix: true}, {Word: "revenue"}}, content.TitleFields, content.Filter{}, nil, 0)
	s.equal(got, []content.ResourceID{id(4)})
	got, _ = match([]content.Term{{Word: "東"}}, content.EveryField, content.Filter{}, nil, 0)
	s.equal(got, []content.ResourceID{id(3)})
	got, _ = match(revenue, content.EveryField, content.Filter{Folder: id(1)}, nil, 0)
	s.equal(got, []content.ResourceID{id(3)})
	got, _ = match(revenue, content.EveryField, content.Filter{}, []content.ResourceID{id(2)}, 0)
	s.equal(got, []content.ResourceID{id(3)})
	got, _ = match(revenue, content.EveryField, content.Filter{}, []content.ResourceID{id(4), id(3)}, 0)
	s.equal(got, []content.ResourceID{id(4), id(3)})
	got, _ = match(revenue, content.EveryField, content.Filter{}, []content.ResourceID{}, 0)
	s.equal(len(got), 0)
	s.view(func(tx content.Tx) error {
		text, err := tx.IndexedText(id(3))
		s.equal(text, content.SearchText{Name: "doc", Source: "select revenue from sales ", Outputs: "total 東京 "})
		none, err2 := tx.IndexedText(id(2))
		s.equal(none, content.SearchText{})
		missing, err3 := tx.Unindexed("", 10)
		s.equal(missing, []content.ResourceID{id(2)})
		return errors.Join(err, err2, err3)
	})
	// Indexed anew: found by the new words only, and as the newest.
	s.update(func(tx content.Tx) error {
		return tx.IndexText(id(3), content.SearchText{Name: "doc", Source: "revenue profit"})
	})
	got, _ = match(revenue, content.EveryField, content.Filter{}, nil, 0)
	s.equal(got, []content.ResourceID{id(3), id(4)})
	got, _ = match([]content.Term{{Word: "total"}}, content.EveryField, content.Filter{}, nil, 0)
	s.equal(len(got), 0)
	s.update(func(tx content.Tx) error { return tx.SetTrashed(id(2), base, "") })
	got, _ = match(revenue, content.EveryField, content.Filter{}, nil, 0)
	s.equal(got, []content.ResourceID{id(4)})
	s.update(func(tx content.Tx) error { return tx.DeleteResource(id(4)) })
	got, _ = match(revenue, content.EveryField, content.Filter{}, nil, 0)
	s.equal(len(got), 0)
}

func closed(s *suite) {
	if err := s.store.Close(); err != nil {
		s.Fatal(err)
	}
	s.want(content.ErrClosed, s.store.View(s.Context(), func(content.Tx) error { return nil }))
	s.want(content.ErrClosed, s.store.Update(s.Context(), func(content.Tx) error { return nil }))
}
