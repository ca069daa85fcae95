package content

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Maintenance is what one run of Maintain did.
type Maintenance struct {
	Purged    int // resources whose time in the trash was over
	Pruned    int // revisions that no retention rule kept
	Collected int // blobs that nothing used
	Freed     int64
	Evicted   int // stored results whose time was over
}

// Maintain does the upkeep that falls due by time: it empties the trash of what is old, prunes revisions, deletes
// unused blobs and forgets what need not be known any longer. Several may run at a time, also in several processes. It
// is safe beside everything else; what it does not finish, the next one does.
func (s *Service) Maintain(ctx context.Context) (Maintenance, error) {
	var out Maintenance
	err := s.view(ctx, func(a *access) error { return a.checkRoot(opMaintain) })
	if err != nil {
		return out, s.refused(ctx, opMaintain, "", err)
	}
	return out, errors.Join(s.emptyTrash(ctx, &out), s.prune(ctx, &out), s.expire(ctx), s.evict(ctx, &out), s.collect(ctx, &out))
}

// emptyTrash purges what has been in the trash for longer than TrashDays.
func (s *Service) emptyTrash(ctx context.Context, out *Maintenance) error {
	for {
		left := false
		err := s.update(ctx, func(a *access) error {
			before := a.now.AddDate(0, 0, -s.options.TrashDays)
			due, err := a.tx.TrashedBefore(before, 1)
			if err != nil || len(due) == 0 {
				return err
			}
			left = true
			t, err := a.load(due[0])
			if err != nil {
				return err
			}
			more, err := a.purge(t)
			if err != nil || more {
				return err
			}
			out.Purged++
			return a.log(opMaintain, t.ID, detail("purged", t.Name))
		})
		if err != nil || !left {
			return err
		}
	}
}

// pruneStep is how many documents, or revisions of one, a transaction prunes.
const pruneStep = 200

// prune deletes the revisions that the rules of their documents' folders do not keep.
func (s *Service) prune(ctx context.Context, out *Maintenance) error {
	var folders []ResourceID
	err := s.store.View(ctx, func(tx Tx) (err error) { folders, err = tx.RetentionFolders(); return err })
	if err != nil {
		return err
	}
	for _, folder := range folders {
		for after := ResourceID(""); ; {
			var documents []ResourceID
			err := s.store.View(ctx, func(tx Tx) (err error) {
				documents, err = tx.Revised(folder, after, pruneStep)
				return err
			})
			if err != nil && !isNotFound(err) {
				return err
			}
			for _, id := range documents {
				after = id
				if err := s.pruneDocument(ctx, id, out); err != nil {
					return err
				}
			}
			if len(documents) < pruneStep {
				break
			}
		}
	}
	return nil
}

func (s *Service) pruneDocument(ctx context.Context, id ResourceID, out *Maintenance) error {
	for {
		var due []RevisionID
		// Looked for without the writer's lock: most documents have nothing to prune.
		find := func(tx Tx) error {
			lineage, err := tx.Lineage(id)
			if err != nil {
				return err
			}
			rule := retentionOf(lineage)
			if rule.KeepsAll() {
				due = nil
				return nil
			}
			before := s.now()
			if rule.Days > 0 {
				before = before.AddDate(0, 0, -rule.Days)
			}
			due, err = tx.Prunable(id, rule.Revisions, before, pruneStep)
			return err
		}
		err := s.store.View(ctx, find)
		if isNotFound(err) || err == nil && len(due) == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		err = s.update(ctx, func(a *access) error {
			if err := find(a.tx); err != nil || len(due) == 0 {
				return err
			}
			if err := a.tx.DeleteRevisions(due); err != nil {
				return err
			}
			return a.log(opMaintain, id, detail("pruned", due))
		})
		if isNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		out.Pruned += len(due)
		if len(due) < pruneStep {
			return nil
		}
	}
}

// retentionOf is the rule of the nearest folder that has one.
func retentionOf(lineage []Ancestor) Retention {
	for _, a := range lineage[1:] {
		if a.Retention != nil {
			return *a.Retention
		}
	}
	return Retention{}
}

// SetRetention sets a folder's rule for the old revisions of what is below it; nil inherits the folder above's. The
// nearest rule alone counts. etag is as in Edit.
func (s *Service) SetRetention(ctx context.Context, folder ResourceID, rule *Retention, etag string) error {
	err := s.update(ctx, func(a *access) error {
		t, err := a.check(opSetRetention, folder)
		if err != nil {
			return err
		}
		if t.Type != Folder {
			return fmt.Errorf("%w: not a folder", ErrInvalid)
		}
		if err := t.precondition(etag); err != nil {
			return err
		}
		if rule != nil {
			if err := rule.validate(); err != nil {
				return err
			}
		}
		before := t.Retention
		r := t.Resource
		r.Retention = rule
		if _, err := a.changed(t, r); err != nil {
			return err
		}
		return a.log(opSetRetention, folder, detail("before", before, "after", rule))
	})
	return s.refused(ctx, opSetRetention, folder, err)
}

// expire forgets what is kept for a time only.
func (s *Service) expire(ctx context.Context) error {
	return s.store.Update(ctx, func(tx Tx) error {
		now := s.now()
		if err := tx.ExpireKeys(now.Add(-24 * time.Hour)); err != nil {
			return err
		}
		if err := tx.ExpireSignIns(now); err != nil {
			return err
		}
		if err := tx.ExpireJobs(now.AddDate(0, 0, -jobDays)); err != nil {
			return err
		}
		if err := tx.PruneChanges(now.AddDate(0, 0, -s.options.FeedDays)); err != nil {
			return err
		}
		if s.options.AuditDays <= 0 {
			return nil
		}
		through, err := tx.AuditSeqBefore(now.AddDate(0, 0, -s.options.AuditDays))
		if err != nil || through == 0 {
			return err
		}
		if err := tx.PruneAudit(through); err != nil {
			return err
		}
		return tx.AppendAudit([]AuditEntry{entryOf(ActorFrom(ctx), now, opMaintain, RootID, true, detail("auditPruned", through))})
	})
}

// blobsPerPass bounds what the collector holds in memory: about 60 bytes each.
const blobsPerPass = 1_000_000

// collect deletes blobs that no revision, job or stored result uses. A blob goes in two steps, each of which a save can still prevent.
//
// First its note goes, in a transaction, where no layout names it and nothing used it within the grace. Then its file
// goes, while a transaction holds every writer off, where it still has no note. A save notes each blob that the
// revision before did not use. Where there was no note, and the blob was not made by that very upload within the grace,
// the save looks, within its own transaction, whether the file is still there. So either the save sees the file gone and fails, or
// the collector sees the note and leaves it.
func (s *Service) collect(ctx context.Context, out *Maintenance) error {
	var count int64
	var before time.Time
	// The time is read where no writer is under way: what is committed later was used later.
	err := s.store.Update(ctx, func(tx Tx) (err error) {
		before = s.now().Add(-s.options.BlobGrace)
		count, _, err = tx.CountBlobs()
		return err
	})
	if err != nil {
		return err
	}
	passes := int(min(count/blobsPerPass+1, 256))
	for i := range passes {
		lo, hi := byte(256*i/passes), byte(256*(i+1)/passes-1)
		unused := map[Digest]bool{}
		err := s.store.View(ctx, func(tx Tx) error {
			clear(unused)
			if err := tx.EachBlob(before, lo, hi, func(d Digest) error { unused[d] = true; return nil }); err != nil {
				return err
			}
			if len(unused) == 0 {
				return nil
			}
			return tx.EachLayout(func(_ RevisionID, l Layout) error {
				for _, d := range l.Blobs {
					delete(unused, d)
				}
				return nil
			})
		})
		if err != nil {
			return err
		}
		if len(unused) > 0 {
			err = s.store.Update(ctx, func(tx Tx) error {
				for d := range unused {
					if err := tx.ForgetBlob(d, before); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return s.sweep(ctx, before, out)
}

// sweep deletes the files of blobs that have no note and were not put within the grace: what collect forgot, and what
// uploads left that never came to be saved.
func (s *Service) sweep(ctx context.Context, before time.Time, out *Maintenance) error {
	var old []BlobInfo
	flush := func() error {
		if len(old) == 0 {
			return nil
		}
		var noteless []BlobInfo
		err := s.store.View(ctx, func(tx Tx) error {
			for _, b := range old {
				noted, err := tx.HasBlob(b.Digest)
				if err != nil {
					return err
				}
				if !noted {
					noteless = append(noteless, b)
				}
			}
			return nil
		})
		old = old[:0]
		if err != nil {
			return err
		}
		for _, b := range noteless {
			err := s.store.Update(ctx, func(tx Tx) error {
				noted, err := tx.HasBlob(b.Digest)
				if err != nil || noted {
					return err
				}
				out.Collected++
				out.Freed += b.Stored
				return s.blobs.Delete(ctx, b.Digest)
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	err := s.blobs.List(ctx, func(b BlobInfo) error {
		if b.Touched.Before(before) {
			old = append(old, b)
		}
		if len(old) < 1000 {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}
