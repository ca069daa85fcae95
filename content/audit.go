package content

import (
	"crypto/sha256"
	"encoding/json"
	"time"

	"sextant/content/iam"
)

// AuditEntry is one act. Each entry carries the hash of the one before, so that none can be changed, dropped or put in
// between without breaking the chain from there on.
type AuditEntry struct {
	Seq       int64      `json:"seq"`
	At        time.Time  `json:"at"`
	Actor     iam.Member `json:"actor"`     // empty: not signed in
	Operation string     `json:"operation"` // the Service's method
	Resource  ResourceID `json:"resource,omitempty"`
	Allowed   bool       `json:"allowed"`
	Address   string     `json:"address,omitempty"`
	RequestID string     `json:"requestId,omitempty"`
	// Detail is JSON that depends on the operation: the policy before and after, the revision, the reason of a denial.
	Detail json.RawMessage `json:"detail,omitempty"`
	// Previous is the hash of the entry before; Hash is this one's.
	Previous Digest `json:"-"`
	Hash     Digest `json:"-"`
}

// AuditState is a place in the chain.
type AuditState struct {
	Seq  int64
	Hash Digest
}

// AuditFilter narrows a query. Empty fields do not.
type AuditFilter struct {
	Actor       iam.Member
	Resource    ResourceID
	Operation   string
	Denied      bool // only what was denied
	From, Until time.Time
}

// Chain gives the entry with its place after previous: Seq, Previous and Hash set. The time is cut to microseconds, as
// stores keep it.
func (e AuditEntry) Chain(previous AuditState) AuditEntry {
	e.Seq = previous.Seq + 1
	e.At = e.At.UTC().Truncate(time.Microsecond)
	e.Previous = previous.Hash
	e.Hash = e.hash()
	return e
}

// Follows reports whether the entry is whole and the one right after previous.
func (e AuditEntry) Follows(previous AuditState) bool {
	return e.Seq == previous.Seq+1 && e.Previous == previous.Hash && e.Hash == e.hash()
}

func (e AuditEntry) hash() Digest {
	text, err := json.Marshal(e)
	if err != nil { // Detail is made by this package; what is read back broken must not pass as whole
		return Digest{}
	}
	return sha256.Sum256(append(e.Previous[:], text...))
}
