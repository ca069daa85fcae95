package content

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// Problem is one thing that is not as it should be.
type Problem struct {
	// Kind is "blob missing", "blob damaged", "blob without a note", "held content damaged", "place", "trash", "grants", "head", "index" or
	// "audit".
	Kind     string
	Resource ResourceID
	Revision RevisionID // of a blob: the first one that uses it; it may be the id of a job or stored result
	Blob     Digest
	Detail   string
	// Repaired tells that it is set right now.
	Repaired bool
}

// CheckOptions says how thorough Check is.
type CheckOptions struct {
	// Read reads every blob and compares it with its digest, instead of only looking whether it is there.
	Read bool
	// Repair sets right what can be derived from the rest. What is lost stays named.
	Repair bool
}

// Check looks through the store and the blobs and names what is damaged: what contradicts itself, content that is
// missing or differs from what was stored, text that is not indexed, a broken audit chain. Problems are told as they
// are found; report's error ends the check. It runs beside everything else.
func (s *Service) Check(ctx context.Context, o CheckOptions, report func(Problem) error) error {
	err := s.view(ctx, func(a *access) error { return a.checkRoot(opCheck) })
	if err != nil {
		return s.refused(ctx, opCheck, "", err)
	}
	for _, step := range []func(context.Context, CheckOptions, func(Problem) error) error{
		s.checkTables, s.checkBlobs, s.checkIndex, s.checkAudit,
	} {
		if err := step(ctx, o, report); err != nil {
			return fmt.Errorf("content: check: %w", err)
		}
	}
	return nil
}

func (s *Service) checkTables(ctx context.Context, o CheckOptions, report func(Problem) error) error {
	run := s.store.View
	if o.Repair {
		run = s.store.Update
	}
	var found []Problem
	err := run(ctx, func(tx Tx) (err error) { found, err = tx.Damage(o.Repair); return err })
	if err != nil {
		return err
	}
	for _, p := range found {
		if err := report(p); err != nil {
			return err
		}
	}
	return nil
}

// checkBlobs goes through every layout in passes by digest, so that each blob is looked at once and memory is bounded.
func (s *Service) checkBlobs(ctx context.Context, o CheckOptions, report func(Problem) error) error {
	var count int64
	if err := s.store.View(ctx, func(tx Tx) (err error) { count, _, err = tx.CountBlobs(); return err }); err != nil {
		return err
	}
	passes := int(min(count/blobsPerPass+1, 256))
	for i := range passes {
		lo, hi := byte(256*i/passes), byte(256*(i+1)/passes-1)
		used := map[Digest]RevisionID{}
		noted := map[Digest]bool{}
		var broken []RevisionID
		err := s.store.View(ctx, func(tx Tx) error {
			clear(used)
			clear(noted)
			broken = nil
			if err := tx.EachBlob(s.now().AddDate(1, 0, 0), lo, hi, func(d Digest) error { noted[d] = true; return nil }); err != nil {
				return err
			}
			return tx.EachLayout(func(id RevisionID, l Layout) error {
				if o.Read && i == 0 && !l.heldIsWhole() {
					broken = append(broken, id)
				}
				for _, d := range l.Blobs {
					if _, known := used[d]; !known && d[0] >= lo && d[0] <= hi {
						used[d] = id
					}
				}
				return nil
			})
		})
		if err != nil {
			return err
		}
		for _, id := range broken {
			if err := s.reportHeld(ctx, id, report); err != nil {
				return err
			}
		}
		for d, revision := range used {
			if err := s.checkBlob(ctx, o, d, revision, noted[d], report); err != nil {
				return err
			}
		}
	}
	return nil
}

// reportHeld tells of a revision whose held content is damaged.
func (s *Service) reportHeld(ctx context.Context, id RevisionID, report func(Problem) error) error {
	p := Problem{Kind: "held content damaged", Revision: id, Detail: "what is kept with the revision cannot be read"}
	err := s.store.View(ctx, func(tx Tx) (err error) { p.Resource, err = holderOf(tx, id); return err })
	if isNotFound(err) { // purged or pruned meanwhile
		return nil
	}
	if err != nil {
		return err
	}
	return report(p)
}

func (s *Service) checkBlob(ctx context.Context, o CheckOptions, d Digest, revision RevisionID, noted bool, report func(Problem) error) error {
	p := Problem{Blob: d, Revision: revision}
	size, err := s.probe(ctx, d, o.Read)
	switch {
	case isNotFound(err):
		p.Kind, p.Detail = "blob missing", "its content is lost"
	case errors.Is(err, ErrCorrupt):
		p.Kind, p.Detail = "blob damaged", err.Error()
	case err != nil:
		return err
	case !noted:
		p.Kind, p.Detail = "blob without a note", "the collector could take it"
	default:
		return nil
	}
	gone := false
	err = s.store.Update(ctx, func(tx Tx) error {
		var err error
		p.Resource, err = holderOf(tx, revision)
		if isNotFound(err) { // purged or pruned meanwhile
			gone = true
			return nil
		}
		if err != nil {
			return err
		}
		if p.Kind == "blob without a note" && o.Repair {
			p.Repaired = true
			_, err = tx.RecordBlobs(map[Digest]int64{d: size}, s.now())
		}
		return err
	})
	if err != nil || gone {
		return err
	}
	return report(p)
}

// holderOf is the document of a revision, or of the job or stored result of this id.
func holderOf(tx Tx, id RevisionID) (ResourceID, error) {
	r, err := tx.Revision(id)
	if isNotFound(err) {
		j, err := tx.Job(string(id))
		if isNotFound(err) {
			stored, err := tx.Result(string(id))
			return stored.Document, err
		}
		return j.Document, err
	}
	return r.ResourceID, err
}

// probe looks whether a blob is there, or reads it all.
func (s *Service) probe(ctx context.Context, d Digest, read bool) (int64, error) {
	if !read {
		info, err := s.blobs.Stat(ctx, d)
		return info.Size, err
	}
	r, err := s.blobs.Open(ctx, d, 0, -1)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(io.Discard, r)
	return n, errors.Join(err, r.Close())
}

func (s *Service) checkIndex(ctx context.Context, o CheckOptions, report func(Problem) error) error {
	for after := ResourceID(""); ; {
		var missing []ResourceID
		err := s.store.View(ctx, func(tx Tx) (err error) { missing, err = tx.Unindexed(after, 500); return err })
		if err != nil {
			return err
		}
		for _, id := range missing {
			after = id
			p := Problem{Kind: "index", Resource: id, Detail: "search does not know it"}
			if o.Repair {
				if err := s.reindex(ctx, id); err != nil {
					p.Detail += ": " + err.Error()
				} else {
					p.Repaired = true
				}
			}
			if err := report(p); err != nil {
				return err
			}
		}
		if len(missing) < 500 {
			return nil
		}
	}
}

// reindex reads a resource's text anew and indexes it, unless it is saved meanwhile, which indexes it too.
func (s *Service) reindex(ctx context.Context, id ResourceID) error {
	var r Placed
	var head Revision
	err := s.store.View(ctx, func(tx Tx) (err error) {
		if r, err = tx.Resource(id); err == nil && r.Head != "" {
			head, err = tx.Revision(r.Head)
		}
		return err
	})
	if isNotFound(err) {
		return nil
	}
	if err != nil {
		return err
	}
	text, err := s.text(ctx, r.Type, head.Layout)
	if err != nil {
		return err
	}
	return s.update(ctx, func(a *access) error {
		now, err := a.tx.Resource(id)
		if isNotFound(err) || err == nil && now.Head != r.Head {
			return nil
		}
		if err != nil {
			return err
		}
		return a.index(now.Resource, &text)
	})
}

func (s *Service) checkAudit(ctx context.Context, _ CheckOptions, report func(Problem) error) error {
	var audit AuditReport
	if err := s.store.View(ctx, func(tx Tx) (err error) { audit, err = verifyAudit(tx); return err }); err != nil {
		return err
	}
	if audit.Broken == 0 {
		return nil
	}
	return report(Problem{Kind: "audit", Detail: fmt.Sprintf("the chain is broken at entry %d", audit.Broken)})
}
