package query

import (
	"encoding/json"
	"errors"
	"math"
	"time"

	"sextant/content"
	"sextant/content/iam"
)

func (t *tx) auditEdge(edge string) (content.AuditState, error) {
	var s content.AuditState
	var hash []byte
	err := t.into("SELECT seq, hash FROM audit_edges WHERE edge = $1", []any{edge}, &s.Seq, &hash)
	if errors.Is(err, content.ErrNotFound) {
		return s, nil
	}
	s.Hash = toDigest(hash)
	return s, err
}

func (t *tx) setAuditEdge(edge string, s content.AuditState) error {
	return t.exec(`INSERT INTO audit_edges (edge, seq, hash) VALUES ($1, $2, $3)
		ON CONFLICT (edge) DO UPDATE SET seq = excluded.seq, hash = excluded.hash`, edge, s.Seq, s.Hash[:])
}

// AppendAudit implements content.AuditTx.
func (t *tx) AppendAudit(entries []content.AuditEntry) error {
	if len(entries) == 0 {
		return nil
	}
	head, err := t.auditEdge("head")
	if err != nil {
		return err
	}
	for _, e := range entries {
		e = e.Chain(head)
		err := t.exec(`INSERT INTO audit (seq, at, actor, operation, resource_id, allowed, address, request_id, detail, previous, hash)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			e.Seq, micros(e.At), e.Actor, e.Operation, e.Resource, flag(e.Allowed), e.Address, e.RequestID, string(e.Detail),
			e.Previous[:], e.Hash[:])
		if err != nil {
			return err
		}
		head = content.AuditState{Seq: e.Seq, Hash: e.Hash}
	}
	return t.setAuditEdge("head", head)
}

// AuditEntries implements content.AuditTx.
func (t *tx) AuditEntries(f content.AuditFilter, after int64, limit int) ([]content.AuditEntry, error) {
	var a arguments
	where := " WHERE seq > " + a.add(after)
	if f.Actor != "" {
		where += " AND actor = " + a.add(f.Actor)
	}
	if f.Resource != "" {
		where += " AND resource_id = " + a.add(f.Resource)
	}
	if f.Operation != "" {
		where += " AND operation = " + a.add(f.Operation)
	}
	if f.Denied {
		where += " AND allowed = 0"
	}
	if !f.From.IsZero() {
		where += " AND at >= " + a.add(micros(f.From))
	}
	if !f.Until.IsZero() {
		where += " AND at < " + a.add(micros(f.Until))
	}
	var out []content.AuditEntry
	err := t.each(func(row func(...any) error) error {
		var e content.AuditEntry
		var at, allowed int64
		var detail string
		var previous, hash []byte
		err := row(&e.Seq, &at, &e.Actor, &e.Operation, &e.Resource, &allowed, &e.Address, &e.RequestID, &detail, &previous, &hash)
		e.At, e.Allowed, e.Previous, e.Hash = fromMicros(at), allowed != 0, toDigest(previous), toDigest(hash)
		if detail != "" {
			e.Detail = json.RawMessage(detail)
		}
		out = append(out, e)
		return err
	}, `SELECT seq, at, actor, operation, resource_id, allowed, address, request_id, detail, previous, hash FROM audit`+
		where+" ORDER BY seq LIMIT "+a.add(limit), a.values...)
	return out, err
}

// AuditEdges implements content.AuditTx.
func (t *tx) AuditEdges() (base, head content.AuditState, err error) {
	if base, err = t.auditEdge("base"); err != nil {
		return base, head, err
	}
	head, err = t.auditEdge("head")
	return base, head, err
}

// PruneAudit implements content.AuditTx.
func (t *tx) PruneAudit(through int64) error {
	var hash []byte
	if err := t.into("SELECT hash FROM audit WHERE seq = $1", []any{through}, &hash); err != nil {
		return err
	}
	if err := t.exec("DELETE FROM audit WHERE seq <= $1", through); err != nil {
		return err
	}
	return t.setAuditEdge("base", content.AuditState{Seq: through, Hash: toDigest(hash)})
}

// AuditSeqBefore implements content.AuditTx.
func (t *tx) AuditSeqBefore(at time.Time) (int64, error) {
	// The first entry that stays: times may stand still or go back, numbers do not.
	var first int64
	err := t.into("SELECT COALESCE(MIN(seq), $2) FROM audit WHERE at >= $1", []any{micros(at), int64(math.MaxInt64)}, &first)
	if err != nil {
		return 0, err
	}
	var seq int64
	err = t.into("SELECT COALESCE(MAX(seq), 0) FROM audit WHERE seq < $1", []any{first}, &seq)
	return seq, err
}

// AppendChange implements content.ChangeTx.
func (t *tx) AppendChange(c content.Change) error {
	if err := t.exec("UPDATE change_head SET newest = newest + 1"); err != nil {
		return err
	}
	return t.exec(`INSERT INTO changes (seq, at, kind, resource_id, actor, revision_id, chain)
		VALUES ((SELECT newest FROM change_head), $1, $2, $3, $4, $5, $6)`,
		micros(c.At), string(c.Kind), string(c.ResourceID), string(c.Actor), string(c.Revision), joinChain(c.Chain))
}

// Changes implements content.ChangeTx.
func (t *tx) Changes(after int64, limit int) ([]content.Change, error) {
	var out []content.Change
	err := t.each(func(row func(...any) error) error {
		var c content.Change
		var at int64
		var chain string
		err := row(&c.Seq, &at, &c.Kind, &c.ResourceID, &c.Actor, &c.Revision, &chain)
		c.At, c.Chain = fromMicros(at), splitChain(chain)
		out = append(out, c)
		return err
	}, "SELECT seq, at, kind, resource_id, actor, revision_id, chain FROM changes WHERE seq > $1 ORDER BY seq LIMIT $2", after, limit)
	return out, err
}

// LastChange implements content.ChangeTx.
func (t *tx) LastChange() (newest, oldest int64, err error) {
	err = t.into("SELECT newest, oldest FROM change_head", nil, &newest, &oldest)
	return newest, oldest, err
}

// PruneChanges implements content.ChangeTx.
func (t *tx) PruneChanges(before time.Time) error {
	err := t.exec(`UPDATE change_head SET oldest = (SELECT COALESCE(MIN(seq), newest + 1) FROM changes WHERE at >= $1)`, micros(before))
	if err != nil {
		return err
	}
	return t.exec("DELETE FROM changes WHERE seq < (SELECT oldest FROM change_head)")
}

// Setting implements content.SettingTx.
func (t *tx) Setting(name string) ([]byte, error) {
	var value []byte
	err := t.into("SELECT value FROM settings WHERE name = $1", []any{name}, &value)
	return value, err
}

// PutSetting implements content.SettingTx.
func (t *tx) PutSetting(name string, value []byte) error {
	return t.exec("INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
}

// Key implements content.KeyTx.
func (t *tx) Key(principal iam.Member, key string) (content.IdempotencyKey, error) {
	k := content.IdempotencyKey{Principal: principal, Key: key}
	var request []byte
	var at int64
	err := t.into("SELECT request, resource_id, created_at FROM idempotency_keys WHERE principal = $1 AND key = $2",
		[]any{principal, key}, &request, &k.Made, &at)
	k.Request, k.CreatedAt = toDigest(request), fromMicros(at)
	return k, err
}

// PutKey implements content.KeyTx.
func (t *tx) PutKey(k content.IdempotencyKey) error {
	return t.exec("INSERT INTO idempotency_keys (principal, key, request, resource_id, created_at) VALUES ($1, $2, $3, $4, $5)",
		k.Principal, k.Key, k.Request[:], k.Made, micros(k.CreatedAt))
}

// ExpireKeys implements content.KeyTx.
func (t *tx) ExpireKeys(before time.Time) error {
	return t.exec("DELETE FROM idempotency_keys WHERE created_at < $1", micros(before))
}
