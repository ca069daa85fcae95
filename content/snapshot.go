package content

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sextant/content/iam"
)

// Snapshot is a view of a stored result under a name. As long as there is one, the result's rows are not given up for their
// age.
type Snapshot struct {
	ID string
	// Result is whose rows it shows, Query what it asks of them, as an address has it.
	Result    string
	Principal iam.Member // who made it
	Name      string
	Query     string
	CreatedAt time.Time
}

// Bounds of snapshots.
const (
	// MaxSnapshots is how many one person may have.
	MaxSnapshots     = 100
	maxSnapshotQuery = 16 << 10
)

// CreateSnapshot keeps a view of a result that the actor may read, for all who may. Query is not looked at: whoever reads it
// is asked what they may see, as with any other address. A token must be one that may change documents.
func (s *Service) CreateSnapshot(ctx context.Context, snap Snapshot) (Snapshot, error) {
	err := s.update(ctx, func(a *access) error {
		who, err := a.mayChange()
		if err != nil {
			return err
		}
		r, err := a.result(snap.Result)
		if err != nil {
			return err
		}
		if !r.EvictedAt.IsZero() {
			return ErrEvicted
		}
		snap.Result = r.ID
		if snap.Name, err = snapshotName(snap.Name); err != nil {
			return err
		}
		if len(snap.Query) > maxSnapshotQuery || strings.ContainsRune(snap.Query, 0) {
			return fmt.Errorf("%w query: longer than %d bytes", ErrInvalid, maxSnapshotQuery)
		}
		own, err := a.tx.SnapshotsOf(who, MaxSnapshots)
		if err != nil {
			return err
		}
		if len(own) >= MaxSnapshots {
			return fmt.Errorf("%w: you have %d snapshots; delete some", ErrInvalid, MaxSnapshots)
		}
		snap.ID, snap.Principal, snap.CreatedAt = newID(), who, a.now
		if err := a.tx.PutSnapshot(snap); err != nil {
			return err
		}
		return a.log(opCreateSnapshot, logged(r.Document), detail("result", snap.Result, "name", snap.Name))
	})
	return snap, s.refused(ctx, opCreateSnapshot, "", err)
}

func snapshotName(name string) (string, error) {
	name, err := cleanRevisionName(name)
	if err == nil && name == "" {
		err = fmt.Errorf("%w name: a snapshot needs one", ErrInvalid)
	}
	return name, err
}

// Snapshots lists those of a result that the actor may read, newest first.
func (s *Service) Snapshots(ctx context.Context, result string) ([]Snapshot, error) {
	var out []Snapshot
	err := s.view(ctx, func(a *access) error {
		r, err := a.result(result)
		if err != nil {
			return err
		}
		out, err = a.tx.Snapshots(r.ID, maxResults)
		return err
	})
	return out, s.refused(ctx, opSnapshots, "", err)
}

// OwnSnapshots lists those that the actor made, newest first, of results that they still may read.
func (s *Service) OwnSnapshots(ctx context.Context) ([]Snapshot, error) {
	var out []Snapshot
	err := s.view(ctx, func(a *access) error {
		who, err := a.signedIn()
		if err != nil {
			return err
		}
		all, err := a.tx.SnapshotsOf(who, MaxSnapshots)
		if err != nil {
			return err
		}
		for _, snap := range all {
			if _, err := a.result(snap.Result); err == nil {
				out = append(out, snap)
			}
		}
		return nil
	})
	return out, s.refused(ctx, opOwnSnapshots, "", err)
}

// DeleteSnapshot takes a snapshot away: of one's own, or of a document that one may change.
func (s *Service) DeleteSnapshot(ctx context.Context, id string) error {
	err := s.update(ctx, func(a *access) error {
		who, err := a.mayChange()
		if err != nil {
			return err
		}
		snap, err := a.tx.Snapshot(id)
		if err != nil {
			return err
		}
		r, err := a.result(snap.Result)
		if snap.Principal != who {
			if err != nil || r.Document == "" {
				return ErrNotFound
			}
			if _, err := a.check(opDeleteSnapshot, r.Document); err != nil {
				return err
			}
		}
		if err := a.tx.DeleteSnapshot(id); err != nil {
			return err
		}
		return a.log(opDeleteSnapshot, logged(r.Document), detail("result", snap.Result, "name", snap.Name))
	})
	return s.refused(ctx, opDeleteSnapshot, "", err)
}
