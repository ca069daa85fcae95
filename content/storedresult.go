package content

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"sextant/content/iam"
)

// StoredResult is all rows that a statement gave, as Parquet, kept apart from the table that the document shows of it. Who may
// read the document may read it; a job's own is its principal's.
type StoredResult struct {
	// ID is chosen by who ran the statement: a UUIDv7.
	ID string
	// Document or Job is what it belongs to; the other is empty.
	Document  ResourceID
	Job       string
	Principal iam.Member // who ran it
	Cell      string
	CreatedAt time.Time
	Rows      int64
	// Size is that of the file in bytes.
	Size int64
	// Complete is false where rows were left out, at a limit.
	Complete bool
	Columns  []ResultColumn
	// EvictedAt is when its rows were given up; zero: they are there.
	EvictedAt time.Time
	// CopyOf, where the document is a copy, is the result of the document that it was copied from first: outputs still name that
	// one. Empty: outputs name this one.
	CopyOf string
	Layout Layout
}

// ResultColumn is a column as the engine calls it. Names may be empty or occur twice.
type ResultColumn struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// ResultTx is stored results.
type ResultTx interface {
	// CreateResult adds one; an id that is taken is ErrExists.
	CreateResult(StoredResult) error
	Result(id string) (StoredResult, error)
	// Results lists a document's, newest first, without layouts.
	Results(document ResourceID, limit int) ([]StoredResult, error)
	// ResultsToCopy lists those of a document whose rows are there, newest first, with their layouts.
	ResultsToCopy(document ResourceID, limit int) ([]StoredResult, error)
	// CopiesOf lists the copies of a result, newest first, without layouts. The result itself may be gone.
	CopiesOf(id string, limit int) ([]StoredResult, error)
	// JobResults lists a job's, oldest first, with their layouts.
	JobResults(job string, limit int) ([]StoredResult, error)
	// PutSnapshot adds one, or changes its name. Snapshots lists a result's, SnapshotsOf those that a principal made, newest first.
	PutSnapshot(Snapshot) error
	Snapshot(id string) (Snapshot, error)
	Snapshots(result string, limit int) ([]Snapshot, error)
	SnapshotsOf(principal iam.Member, limit int) ([]Snapshot, error)
	DeleteSnapshot(id string) error
	// EvictResults gives up the rows of those made before a time, and of all but the newest keep of each cell of a document: not of
	// those that have a snapshot.
	EvictResults(before time.Time, keep int, now time.Time) (int64, error)
	// ForgetResults removes what was given up before a time.
	ForgetResults(before time.Time) error
}

// Bounds of stored results.
const (
	// MaxResult is the length of the longest file.
	MaxResult     = 2 << 30
	maxColumns    = 100_000
	maxColumnInfo = 8 << 20
	maxResults    = 1_000
	// resultsPerCell is how many of one cell are kept: as many as one run of it may give.
	resultsPerCell = 100
	// resultMemory is how long it is remembered that there was one.
	resultMemory = 365
)

// KeepResult stores a result that the actor's kernel gave: of a document that they may change, or of a job of their own.
// Errors: ErrExists where there is one of the id, ErrTooLarge beyond MaxResult.
func (s *Service) KeepResult(ctx context.Context, r StoredResult, content io.Reader) (StoredResult, error) {
	out, err := s.keepResult(ctx, r, content)
	return out, s.refused(ctx, opKeepResult, r.Document, err)
}

func (s *Service) keepResult(ctx context.Context, r StoredResult, content io.Reader) (StoredResult, error) {
	if !validID(r.ID) || (r.Document == "") == (r.Job == "") || r.Rows < 0 || len(r.Columns) > maxColumns {
		return r, fmt.Errorf("%w result", ErrInvalid)
	}
	if text, err := json.Marshal(r.Columns); err != nil || len(text) > maxColumnInfo {
		return r, fmt.Errorf("%w result: its columns' names and types have more than %d bytes", ErrInvalid, maxColumnInfo)
	}
	may := func(a *access) (iam.Member, error) {
		who, err := a.signedIn()
		if err != nil {
			return "", err
		}
		if r.Job != "" {
			_, err = a.job(r.Job)
		} else {
			_, err = a.check(opKeepResult, r.Document)
		}
		return who, err
	}
	if err := s.view(ctx, func(a *access) error { _, err := may(a); return err }); err != nil {
		return r, err
	}
	w, err := write(ctx, s.blobs, nil, content, MaxResult, s.options.MaxHeld, Layout{})
	if err != nil {
		return r, err
	}
	return r, s.update(ctx, func(a *access) error {
		who, err := may(a)
		if err != nil {
			return err
		}
		if err := a.noteBlobs(w, Layout{}); err != nil {
			return err
		}
		r.Principal, r.CreatedAt, r.Layout, r.Size, r.EvictedAt = who, a.now, w.layout, w.size, time.Time{}
		r.Cell = clip(r.Cell, 64)
		return a.tx.CreateResult(r)
	})
}

// result finds a result that the actor may read; where they may not, a copy of it that came to be with a copy of its document.
func (a *access) result(id string) (StoredResult, error) {
	r, err := a.tx.Result(id)
	if err == nil {
		var ok bool
		if ok, err = a.mayRead(r); ok || err != nil {
			return r, err
		}
	} else if !isNotFound(err) {
		return StoredResult{}, err
	}
	copies, err := a.tx.CopiesOf(id, maxResults)
	if err != nil {
		return StoredResult{}, err
	}
	for _, r := range copies {
		ok, err := a.mayRead(r)
		if err != nil {
			return StoredResult{}, err
		}
		if ok {
			return a.tx.Result(r.ID)
		}
	}
	return StoredResult{}, ErrNotFound
}

// mayRead is whether the actor may read what a result belongs to.
func (a *access) mayRead(r StoredResult) (bool, error) {
	var err error
	if r.Job != "" {
		_, err = a.job(r.Job)
	} else {
		_, err = a.checkPermission(iam.DocumentsRead, r.Document, false)
	}
	if isNotFound(err) || errors.Is(err, ErrDenied) || errors.Is(err, ErrUnauthenticated) {
		return false, nil
	}
	return err == nil, err
}

// copyResults gives a copy of a document what is kept of the document's results, the newest first. They share their rows' blobs, and
// are apart in all else: who may read them, when they are given up, their snapshots and links.
func (a *access) copyResults(from, to ResourceID) error {
	all, err := a.tx.ResultsToCopy(from, maxResults)
	if err != nil {
		return err
	}
	for _, r := range slices.Backward(all) { // ids are in the order of time
		if r.CopyOf == "" {
			r.CopyOf = r.ID
		}
		r.ID, r.Document = newID(), to
		if err := a.tx.CreateResult(r); err != nil {
			return err
		}
	}
	return nil
}

// Result tells of a stored result, as long as the actor may read what it belongs to.
func (s *Service) Result(ctx context.Context, id string) (StoredResult, error) {
	var out StoredResult
	err := s.view(ctx, func(a *access) (err error) { out, err = a.result(id); return err })
	return out, s.refused(ctx, opResult, "", err)
}

// ReadResult opens a stored result's file. The caller closes it. One that was given up is ErrEvicted.
func (s *Service) ReadResult(ctx context.Context, id string) (StoredResult, io.ReadCloser, error) {
	var out StoredResult
	err := s.view(ctx, func(a *access) (err error) { out, err = a.result(id); return err })
	if err != nil {
		return out, nil, s.refused(ctx, opReadResult, "", err)
	}
	if !out.EvictedAt.IsZero() {
		return out, nil, ErrEvicted
	}
	body, err := openLayout(ctx, s.blobs, out.Layout, false, 0, -1)
	return out, body, err
}

// Results lists the stored results of a document, newest first.
func (s *Service) Results(ctx context.Context, document ResourceID) ([]StoredResult, error) {
	var out []StoredResult
	err := s.viewOf(ctx, document, func(a *access) error {
		if _, err := a.check(opResults, document); err != nil {
			return err
		}
		var err error
		out, err = a.tx.Results(document, maxResults)
		return err
	})
	return out, s.refused(ctx, opResults, document, err)
}

// JobResults lists the stored results of one of the actor's jobs, oldest first.
func (s *Service) JobResults(ctx context.Context, job string) ([]StoredResult, error) {
	var out []StoredResult
	err := s.view(ctx, func(a *access) error {
		if _, err := a.job(job); err != nil {
			return err
		}
		var err error
		out, err = a.tx.JobResults(job, maxResults)
		return err
	})
	return out, s.refused(ctx, opJobResults, "", err)
}

// TakeResults gives a document the results of one of the actor's jobs, under other ids: as names the new one of each that is
// wanted. It takes the right to change the document.
func (s *Service) TakeResults(ctx context.Context, job string, document ResourceID, as map[string]string) error {
	err := s.updateOf(ctx, document, func(a *access) error {
		if _, err := a.check(opTakeResults, document); err != nil {
			return err
		}
		if _, err := a.job(job); err != nil {
			return err
		}
		all, err := a.tx.JobResults(job, maxResults)
		if err != nil {
			return err
		}
		for _, r := range all {
			id := as[r.ID]
			if id == "" {
				continue
			}
			if !validID(id) {
				return fmt.Errorf("%w result %.60q", ErrInvalid, id)
			}
			r.ID, r.Document, r.Job = id, document, ""
			if err := a.tx.CreateResult(r); err != nil {
				return err
			}
		}
		return nil
	})
	return s.refused(ctx, opTakeResults, document, err)
}

// evict gives up the rows of results whose time is over.
func (s *Service) evict(ctx context.Context, out *Maintenance) error {
	return s.store.Update(ctx, func(tx Tx) error {
		now := s.now()
		n, err := tx.EvictResults(now.AddDate(0, 0, -s.options.ResultDays), resultsPerCell, now)
		out.Evicted = int(n)
		if err != nil {
			return err
		}
		return tx.ForgetResults(now.AddDate(0, 0, -resultMemory))
	})
}
