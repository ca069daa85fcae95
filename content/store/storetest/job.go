package storetest

import (
	"encoding/json"
	"errors"
	"time"

	"sextant/content"
)

func jobs(s *suite) {
	at := func(n int) time.Time { return base.Add(time.Duration(n) * time.Second) }
	const ana, bo = "user:ana@x.org", "user:bo@x.org"
	s.tree()
	made := content.Job{ID: string(id(51)), Principal: ana, Document: id(3), State: content.JobRunning, CreatedAt: at(1), Server: "s", Size: 3,
		Spec: content.JobSpec{Title: "t", Revision: "r", InDocument: true, Environment: "e", Kernel: "k", Parameters: map[string]json.RawMessage{"a": json.RawMessage("1")},
			Cells: []string{"x", "y"}, Timeout: time.Minute},
		JobProgress: content.JobProgress{Kernel: "1", Done: 1, Sent: true, FailedCell: "y", ErrorName: "E", Error: "no", StartedAt: at(2), CancelledAt: at(3)},
		Layout:      content.Layout{Blobs: []content.Digest{{7}}, Segments: []content.Segment{{Kind: content.SourcePiece, Blob: 0, Length: 3}}}}
	statement := content.Job{ID: string(id(52)), Principal: ana, State: content.JobSucceeded, CreatedAt: at(4), EndedAt: at(5), Server: "s", Spec: content.JobSpec{Cells: []string{"x"}}}
	other := content.Job{ID: string(id(53)), Principal: bo, State: content.JobQueued, CreatedAt: at(6), Server: "t", Spec: content.JobSpec{Cells: []string{"x"}}}
	s.update(func(tx content.Tx) error { return errors.Join(tx.PutJob(made), tx.PutJob(statement), tx.PutJob(other)) })
	plain := made
	plain.Layout = content.Layout{}
	s.view(func(tx content.Tx) error {
		one, err := tx.Job(made.ID)
		s.equal(one, made)
		for _, c := range []struct {
			filter content.JobFilter
			want   []content.Job
		}{
			{content.JobFilter{Limit: 10}, []content.Job{statement, plain}},
			{content.JobFilter{Limit: 1}, []content.Job{statement}},
			{content.JobFilter{Limit: 10, Before: statement.ID}, []content.Job{plain}},
			{content.JobFilter{Limit: 10, Document: id(3)}, []content.Job{plain}},
			{content.JobFilter{Limit: 10, States: []content.JobState{content.JobQueued, content.JobSucceeded}}, []content.Job{statement}},
		} {
			got, err := tx.Jobs(ana, c.filter)
			s.equal(got, c.want)
			if err != nil {
				return err
			}
		}
		open, err2 := tx.UnfinishedJobs("s")
		s.equal(open, []content.Job{plain})
		n, err3 := tx.CountJobs(ana)
		s.equal(n, 1)
		seen := map[content.RevisionID]bool{}
		err4 := tx.EachLayout(func(id content.RevisionID, l content.Layout) error { seen[id] = len(l.Blobs) > 0; return nil })
		s.equal(seen[content.RevisionID(made.ID)], true)
		_, missing := tx.Job("none")
		s.want(content.ErrNotFound, missing)
		return errors.Join(err, err2, err3, err4)
	})
	changed := made
	changed.State, changed.EndedAt, changed.JobProgress, changed.Layout, changed.Size = content.JobFailed, at(9), content.JobProgress{Done: 2}, content.Layout{}, 0
	s.update(func(tx content.Tx) error { return errors.Join(tx.PutJob(changed), tx.ExpireJobs(at(6))) })
	s.view(func(tx content.Tx) error {
		one, err := tx.Job(made.ID)
		s.equal(one, changed)
		_, missing := tx.Job(statement.ID)
		s.want(content.ErrNotFound, missing)
		return err
	})
	s.update(func(tx content.Tx) error {
		s.want(content.ErrNotFound, tx.DeleteJob("none"))
		return errors.Join(tx.DeleteJob(other.ID), tx.DeleteResource(id(3)))
	})
	s.view(func(tx content.Tx) error { // they go with their document
		for _, id := range []string{made.ID, other.ID} {
			_, missing := tx.Job(id)
			s.want(content.ErrNotFound, missing)
		}
		return nil
	})
}
