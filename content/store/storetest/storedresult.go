package storetest

import (
	"errors"
	"time"

	"sextant/content"
)

func storedResults(s *suite) {
	at := func(n int) time.Time { return base.Add(time.Duration(n) * time.Second) }
	const ana = "user:ana@x.org"
	s.tree()
	job := content.Job{ID: string(id(51)), Principal: ana, State: content.JobSucceeded, CreatedAt: at(1), EndedAt: at(2), Spec: content.JobSpec{Cells: []string{"x"}}}
	one := content.StoredResult{ID: string(id(61)), Document: id(3), Principal: ana, Cell: "c", CreatedAt: at(1), Rows: 7, Size: 3, Complete: true,
		Columns: []content.ResultColumn{{Name: "a", Type: "INTEGER"}, {Name: "", Type: "VARCHAR"}}, Layout: content.Layout{Blobs: []content.Digest{{7}}, Segments: []content.Segment{{Kind: content.SourcePiece, Blob: 0, Length: 3}}}}
	two := content.StoredResult{ID: string(id(62)), Document: id(3), Principal: ana, CreatedAt: at(5), Columns: []content.ResultColumn{}}
	ofJob := content.StoredResult{ID: string(id(63)), Job: job.ID, Principal: ana, CreatedAt: at(6), Columns: []content.ResultColumn{}}
	s.update(func(tx content.Tx) error {
		return errors.Join(tx.PutJob(job), tx.CreateResult(one), tx.CreateResult(two), tx.CreateResult(ofJob))
	})
	s.want(content.ErrExists, s.store.Update(s.Context(), func(tx content.Tx) error { return tx.CreateResult(one) }))
	plain := one
	plain.Layout = content.Layout{}
	s.view(func(tx content.Tx) error {
		got, err := tx.Result(one.ID)
		s.equal(got, one)
		all, err2 := tx.Results(id(3), 10)
		s.equal(all, []content.StoredResult{two, plain})
		newest, err3 := tx.Results(id(3), 1)
		s.equal(newest, []content.StoredResult{two})
		jobs, err5 := tx.JobResults(job.ID, 10)
		s.equal(jobs, []content.StoredResult{ofJob})
		used := false
		err4 := tx.EachLayout(func(id content.RevisionID, l content.Layout) error {
			used = used || string(id) == one.ID && len(l.Blobs) == 1
			return nil
		})
		s.equal(used, true)
		_, missing := tx.Result("none")
		s.want(content.ErrNotFound, missing)
		return errors.Join(err, err2, err3, err4, err5)
	})
	copied := one
	copied.ID, copied.Document, copied.CopyOf = string(id(65)), id(4), one.ID
	s.update(func(tx content.Tx) error {
		kept, err := tx.ResultsToCopy(id(3), 1)
		s.equal(kept, []content.StoredResult{two})
		kept, err2 := tx.ResultsToCopy(id(3), 9)
		s.equal(kept, []content.StoredResult{two, one})
		return errors.Join(err, err2, tx.CreateResult(copied))
	})
	s.view(func(tx content.Tx) error {
		got, err := tx.Result(copied.ID)
		s.equal(got, copied)
		of, err2 := tx.CopiesOf(one.ID, 9)
		s.equal([]any{len(of), of[0].ID}, []any{1, copied.ID})
		none, err3 := tx.CopiesOf(two.ID, 9)
		s.equal(len(none), 0)
		return errors.Join(err, err2, err3)
	})
	// What has a snapshot is not given up.
	snap := content.Snapshot{ID: string(id(90)), Result: one.ID, Principal: "user:ana@x.org", Name: "early", Query: "where=0.eq.1", CreatedAt: at(3)}
	s.update(func(tx content.Tx) error { return tx.PutSnapshot(snap) })
	snap.Name = "late"
	s.update(func(tx content.Tx) error {
		err := tx.PutSnapshot(snap)
		n, err2 := tx.EvictResults(at(5), 10, at(9))
		s.equal(n, int64(1)) // of the copy, which has none
		got, err3 := tx.Snapshot(snap.ID)
		s.equal(got, snap)
		of, err4 := tx.Snapshots(one.ID, 9)
		s.equal(of, []content.Snapshot{snap})
		own, err5 := tx.SnapshotsOf("user:ana@x.org", 9)
		s.equal(own, of)
		none, err6 := tx.SnapshotsOf("user:bo@x.org", 9)
		s.equal(len(none), 0)
		return errors.Join(err, err2, err3, err4, err5, err6, tx.DeleteSnapshot(snap.ID))
	})
	s.update(func(tx content.Tx) error {
		s.want(content.ErrNotFound, tx.DeleteSnapshot(snap.ID))
		n, err := tx.EvictResults(at(5), 10, at(9))
		s.equal(n, int64(1))
		return err
	})
	// Of a cell, the newest stay; a job's are not counted.
	again := two
	again.ID = string(id(64))
	s.update(func(tx content.Tx) error {
		if err := tx.CreateResult(again); err != nil {
			return err
		}
		n, err := tx.EvictResults(at(0), 1, at(9))
		s.equal(n, int64(1))
		old, err2 := tx.Result(two.ID)
		s.equal(old.EvictedAt, at(9))
		return errors.Join(err, err2)
	})
	gone := plain
	gone.EvictedAt = at(9)
	s.view(func(tx content.Tx) error {
		got, err := tx.Result(one.ID)
		s.equal(got, gone)
		return err
	})
	s.update(func(tx content.Tx) error {
		return errors.Join(tx.ForgetResults(at(10)), tx.DeleteJob(job.ID), tx.DeleteResource(id(3)))
	})
	s.view(func(tx content.Tx) error {
		for _, id := range []string{one.ID, two.ID, ofJob.ID} {
			_, missing := tx.Result(id)
			s.want(content.ErrNotFound, missing)
		}
		return nil
	})
}
