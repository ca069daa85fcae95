package content

import (
	"time"

	"sextant/content/iam"
)

// ChangeKind says what happened to a resource.
type ChangeKind string

// The kinds of change.
const (
	Created       ChangeKind = "created"
	Saved         ChangeKind = "saved"
	Updated       ChangeKind = "updated"
	Moved         ChangeKind = "moved"
	TrashedChange ChangeKind = "trashed"
	Restored      ChangeKind = "restored"
	Purged        ChangeKind = "purged"
	PolicyChanged ChangeKind = "policy"
)

// Change is one entry of the change feed.
type Change struct {
	Seq        int64
	At         time.Time
	Kind       ChangeKind
	ResourceID ResourceID
	Actor      iam.Member
	Revision   RevisionID // of Saved
	// Chain is the folders it was in, from the root, when it happened.
	Chain []ResourceID
}
