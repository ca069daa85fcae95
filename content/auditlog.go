package content

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
)

// Audit lists entries of the audit log, oldest first. What happened before the call is in it.
func (s *Service) Audit(ctx context.Context, filter AuditFilter, page PageRequest) (Page[AuditEntry], error) {
	var out Page[AuditEntry]
	if err := s.observer.flush(ctx); err != nil {
		return out, err
	}
	err := s.view(ctx, func(a *access) error {
		if err := a.checkRoot(opAudit); err != nil {
			return err
		}
		limit, token, err := page.open("audit")
		if err != nil {
			return err
		}
		found, err := a.tx.AuditEntries(filter, token.Seq, limit+1)
		if err != nil {
			return err
		}
		if len(found) > limit {
			found = found[:limit]
			out.Next = pageToken{Kind: "audit", Seq: found[limit-1].Seq}.String()
		}
		out.Items = found
		return nil
	})
	return out, s.refused(ctx, opAudit, "", err)
}

// exportedEntry is an entry with its place in the chain, so that an export can be verified by itself.
type exportedEntry struct {
	AuditEntry
	Previous string `json:"previous"`
	Hash     string `json:"hash"`
}

// auditStep is how many entries are held at a time.
const auditStep = 1000

// ExportAudit writes entries as NDJSON, oldest first, in bounded memory. That it was exported is logged.
func (s *Service) ExportAudit(ctx context.Context, filter AuditFilter, w io.Writer) error {
	if err := s.observer.flush(ctx); err != nil {
		return err
	}
	err := s.update(ctx, func(a *access) error {
		if err := a.checkRoot(opExportAudit); err != nil {
			return err
		}
		return a.log(opExportAudit, RootID, detail("actor", filter.Actor, "resource", filter.Resource, "operation", filter.Operation))
	})
	if err != nil {
		return s.refused(ctx, opExportAudit, "", err)
	}
	buffered := bufio.NewWriter(w)
	encoder := json.NewEncoder(buffered)
	for after := int64(0); ; {
		var step []AuditEntry
		err := s.store.View(ctx, func(tx Tx) (err error) {
			step, err = tx.AuditEntries(filter, after, auditStep)
			return err
		})
		if err != nil {
			return err
		}
		for _, e := range step {
			after = e.Seq
			if err := encoder.Encode(exportedEntry{e, e.Previous.String(), e.Hash.String()}); err != nil {
				return fmt.Errorf("content: export: %w", err)
			}
		}
		if len(step) < auditStep {
			return buffered.Flush()
		}
	}
}

// AuditReport is what VerifyAudit found.
type AuditReport struct {
	// First and Last are the numbers of the oldest and newest entry kept; Entries how many were verified.
	First, Last, Entries int64
	// Broken is the number of the first entry that does not follow from the one before, or is missing; 0: none.
	Broken int64
}

// VerifyAudit goes through the whole chain.
func (s *Service) VerifyAudit(ctx context.Context) (AuditReport, error) {
	var out AuditReport
	if err := s.observer.flush(ctx); err != nil {
		return out, err
	}
	err := s.view(ctx, func(a *access) error {
		if err := a.checkRoot(opVerifyAudit); err != nil {
			return err
		}
		var err error
		out, err = verifyAudit(a.tx)
		return err
	})
	return out, s.refused(ctx, opVerifyAudit, "", err)
}

func verifyAudit(tx Tx) (AuditReport, error) {
	base, head, err := tx.AuditEdges()
	if err != nil {
		return AuditReport{}, err
	}
	out := AuditReport{First: base.Seq + 1, Last: head.Seq}
	for at := base; ; {
		step, err := tx.AuditEntries(AuditFilter{}, at.Seq, auditStep)
		if err != nil {
			return out, err
		}
		for _, e := range step {
			if !e.Follows(at) {
				out.Broken = at.Seq + 1
				return out, nil
			}
			at = AuditState{Seq: e.Seq, Hash: e.Hash}
			out.Entries++
		}
		if len(step) < auditStep {
			if at != head {
				out.Broken = at.Seq + 1
			}
			return out, nil
		}
	}
}
