package content

import (
	"context"
	"time"

	"sextant/content/iam"
)

// Store keeps everything but the content itself. Drivers are in content/store/sqlite and content/store/postgres;
// content/store/storetest is the suite that both pass. It is safe for concurrent use.
//
// Writers run one after the other, on every server that shares a database: so sequence numbers are in order of
// commit, the audit chain has no forks and no write needs to be retried. Readers are never blocked and see the state
// at their first read.
type Store interface {
	// View calls fn with a transaction that only reads.
	View(ctx context.Context, fn func(Tx) error) error
	// Update calls fn with a transaction that is durable when Update returns nil, and leaves no trace when fn or
	// Update returns an error. fn is called once.
	Update(ctx context.Context, fn func(Tx) error) error
	// RightsVersion is that of what has been committed, for who needs nothing else of a transaction.
	RightsVersion(ctx context.Context) (int64, error)
	Close() error
}

// Tx is a transaction. It lives as long as the function it was given to and is for one goroutine. Its methods check no
// permission. Unless said otherwise, what is not there is ErrNotFound, lists are never nil where they are maps, times
// are kept to the microsecond in UTC, and arguments are valid.
type Tx interface {
	TreeTx
	ListingTx
	RevisionTx
	BlobTx
	PolicyTx
	PrincipalTx
	CredentialTx
	AuditTx
	ChangeTx
	SearchTx
	KeyTx
	PreferenceTx
	UsageTx
	JobTx
	ResultTx
	SecretTx
	DamageTx
	BackupTx
	SettingTx
}

// SettingTx is values that all servers of one store share.
type SettingTx interface {
	Setting(name string) ([]byte, error)
	// PutSetting sets a value or replaces it.
	PutSetting(name string, value []byte) error
}

// BackupTx is all rows of all tables, in a form that every driver reads.
type BackupTx interface {
	// Dump calls fn for every row, those that others refer to first. Values are int64, string, []byte or nil.
	Dump(fn func(table string, row []any) error) error
	// Load gives what takes the rows of a Dump, in its order, into an empty store; ErrExists where it is not.
	Load() (func(table string, row []any) error, error)
	// TouchBlobs notes every blob as used now, which keeps the collector off for its grace.
	TouchBlobs(now time.Time) error
}

// DamageTx finds what contradicts itself in the store.
type DamageTx interface {
	// Damage lists contradictions between tables: places, trash, grants, heads. In a writing transaction with repair
	// set it sets right what can be derived anew. Nothing found is nil.
	Damage(repair bool) ([]Problem, error)
	// Unindexed lists resources that the search index does not know, by id after one.
	Unindexed(after ResourceID, limit int) ([]ResourceID, error)
}

// Ancestor is one level of a lineage.
type Ancestor struct {
	ID      ResourceID
	Name    string
	Policy  iam.Policy
	Trashed bool // it is in the trash itself
	// Retention is a folder's own rule, or nil.
	Retention *Retention
}

// Placed is a resource with the folders it stands in.
type Placed struct {
	Resource
	// Chain is the folders from the root down to its parent; empty for the root.
	Chain []ResourceID
	// Hidden is set where it or a folder above it is in the trash.
	Hidden bool
}

// TreeTx is resources and their places.
type TreeTx interface {
	Resource(id ResourceID) (Placed, error)
	// Child finds what is called name in a folder and is not in the trash.
	Child(parent ResourceID, name string) (Resource, error)
	// Located is Resource together with the first level of Lineage, and the rights version.
	Located(id ResourceID) (Placed, Ancestor, int64, error)
	// Lineage is the resource and its ancestors up to the root, in this order, with their policies.
	Lineage(id ResourceID) ([]Ancestor, error)
	// Names gives the names of resources; ids that are not there are left out.
	Names(ids []ResourceID) (map[ResourceID]string, error)
	// CreateResource adds a resource. A name taken in its folder is ErrExists, a missing folder ErrNotFound.
	CreateResource(Resource) error
	// UpdateResource stores everything but id, type and place. A name taken is ErrExists.
	UpdateResource(Resource) error
	// MoveResource puts a resource, with all that is below, into another folder, under the name it is given. A name
	// taken is ErrExists; a folder into itself or what is below it is ErrInvalid.
	MoveResource(id, parent ResourceID, name string) error
	// SetTrashed puts a resource into the trash (at is not zero) or takes it out; a name taken meanwhile is ErrExists.
	SetTrashed(id ResourceID, at time.Time, by iam.Member) error
	// Below lists resources below a folder, at every depth, deepest folders first, at most limit; what is to be deleted is
	// deleted in this order.
	Below(folder ResourceID, limit int) ([]ResourceID, error)
	// DeleteResource removes one resource without children and everything that belongs to it, but not its blobs, audit entries
	// and changes.
	DeleteResource(id ResourceID) error
}

// Order is the order of a listing.
type Order string

// The orders of a listing.
const (
	ByName   Order = "name"    // by name, byte for byte
	ByNewest Order = "updated" // by time of update, newest first
)

// Cursor is the place of the last resource of a page. The zero value is before the first.
type Cursor struct {
	Name string
	Time time.Time
	ID   ResourceID
}

// Filter narrows a listing or search. Empty fields do not.
type Filter struct {
	Types []Type
	Owner iam.Member
	Tag   string
	// Folder takes only what is below it, at any depth.
	Folder                      ResourceID
	UpdatedAfter, UpdatedBefore time.Time
}

// Grant is one member's binding, as listings need it.
type Grant struct {
	ResourceID ResourceID
	Role       iam.RoleName
	Member     iam.Member
	Condition  string // CEL, or empty
	GrantedAt  time.Time
}

// Mark is what a person set on a resource, or when they last came by.
type Mark string

// The marks.
const (
	Star   Mark = "star"
	Pin    Mark = "pin"
	Recent Mark = "recent"
)

// ListingTx is everything that lists resources. Nothing hidden by the trash is in any of them, but in Trashed.
type ListingTx interface {
	// Children lists a folder's children after the cursor, of any of the types; no types are all.
	Children(folder ResourceID, order Order, types []Type, after Cursor, limit int) ([]Placed, error)
	// Newest lists resources of the filter, newest first, wherever they are.
	Newest(filter Filter, after Cursor, limit int) ([]Placed, error)
	// NewestWithin lists, newest first, what is one of roots or below one of them.
	NewestWithin(roots []ResourceID, filter Filter, after Cursor, limit int) ([]Placed, error)
	// Trashed lists what is in the trash itself, last put there first; Cursor.Time is the time it was.
	Trashed(after Cursor, limit int) ([]Placed, error)
	// TrashedBefore lists what was put into the trash before a time, oldest first.
	TrashedBefore(before time.Time, limit int) ([]ResourceID, error)
	// Grants lists every grant to one of the members.
	Grants(members []iam.Member) ([]Grant, error)
	// Placed gives resources by id; those hidden or not there are left out.
	Placed(ids []ResourceID) (map[ResourceID]Placed, error)

	// SetMark sets a principal's mark at a time, or takes it off where at is zero.
	SetMark(principal iam.Member, id ResourceID, mark Mark, at time.Time) error
	// Marked lists what a principal marked, last marked first; Cursor.Time is the time of the mark.
	Marked(principal iam.Member, mark Mark, after Cursor, limit int) ([]MarkedResource, error)
	// Marks gives a principal's marks on resources, Recent aside.
	Marks(principal iam.Member, ids []ResourceID) (map[ResourceID][]Mark, error)
	// TrimMarks keeps the newest keep marks of a kind.
	TrimMarks(principal iam.Member, mark Mark, keep int) error
}

// MarkedResource is a resource with the time of its mark.
type MarkedResource struct {
	Placed
	At time.Time
}

// RevisionTx is documents' revisions.
type RevisionTx interface {
	// CreateRevision adds a revision and makes it the document's head. Number is set by the caller.
	CreateRevision(Revision) error
	Revision(id RevisionID) (Revision, error)
	// Revisions lists a document's revisions with numbers under before (0: all), newest first.
	Revisions(id ResourceID, before int64, named bool, limit int) ([]Revision, error)
	// NameRevision sets or clears a revision's name; one that the document already has is ErrExists.
	NameRevision(id RevisionID, name string) error
	// HoldRevision keeps a revision from being pruned while holder wants it; ReleaseRevision ends that.
	HoldRevision(id RevisionID, holder string) error
	ReleaseRevision(id RevisionID, holder string) error
	// Prunable lists a document's revisions that are neither its head, nor named, nor held, beyond the newest keep
	// ones and made before a time, oldest first.
	Prunable(id ResourceID, keep int, before time.Time, limit int) ([]RevisionID, error)
	DeleteRevisions(ids []RevisionID) error
	// Revised lists what stands below a folder and has more than one revision, also what is hidden, in order of id.
	Revised(folder, after ResourceID, limit int) ([]ResourceID, error)
	// RetentionFolders lists the folders with a retention rule of their own.
	RetentionFolders() ([]ResourceID, error)
}

// BlobTx is the book of which blobs are stored.
type BlobTx interface {
	// RecordBlobs notes that blobs are used now, and tells which had not been noted.
	RecordBlobs(sizes map[Digest]int64, now time.Time) (unknown []Digest, err error)
	// CountBlobs is the number of noted blobs and the sum of their content.
	CountBlobs() (blobs, bytes int64, err error)
	// HasBlob tells whether a blob is noted.
	HasBlob(d Digest) (bool, error)
	// EachBlob calls fn for noted blobs last used before a time, whose digest's first byte is within lo to hi.
	EachBlob(before time.Time, lo, hi byte, fn func(Digest) error) error
	// EachLayout calls fn for every revision's layout, and with its id for every job's and stored result's.
	EachLayout(fn func(RevisionID, Layout) error) error
	// ForgetBlob ends a note, where the blob was not used since.
	ForgetBlob(d Digest, before time.Time) error
}

// PolicyTx is policies, custom roles and access requests.
type PolicyTx interface {
	// Policy is a resource's own policy, empty where none was set.
	Policy(id ResourceID) (iam.Policy, error)
	// SetPolicy replaces it. A grant that was there keeps its time.
	SetPolicy(id ResourceID, p iam.Policy, now time.Time) error
	CustomRoles() ([]iam.Role, error)
	PutRole(iam.Role) error
	DeleteRole(iam.RoleName) error
	// RoleInUse tells whether a grant names the role.
	RoleInUse(iam.RoleName) (bool, error)

	// PutAccessRequest adds a request or replaces it, by ID.
	PutAccessRequest(AccessRequest) error
	AccessRequest(id string) (AccessRequest, error)
	// OpenAccessRequest finds a principal's undecided request for a resource.
	OpenAccessRequest(id ResourceID, requester iam.Member) (AccessRequest, error)
	// AccessRequests lists a resource's requests, newest first.
	AccessRequests(id ResourceID, openOnly bool, limit int) ([]AccessRequest, error)
	// PutShareLink adds a link or replaces it, by ID.
	PutShareLink(ShareLink) error
	ShareLink(id string) (ShareLink, error)
	ShareLinkByDigest(Digest) (ShareLink, error)
	// ShareLinks lists a document's links, newest first.
	ShareLinks(ResourceID) ([]ShareLink, error)
}

// PrincipalTx is users, service accounts and groups.
type PrincipalTx interface {
	PutPrincipal(Principal) error
	Principal(iam.Member) (Principal, error)
	// Principals lists them by name, after one.
	Principals(after iam.Member, limit int) ([]Principal, error)
	PutGroup(GroupInfo) error
	Group(iam.Member) (GroupInfo, error)
	Groups(after iam.Member, limit int) ([]GroupInfo, error)
	// DeleteGroup removes a group, its members and its memberships.
	DeleteGroup(iam.Member) error
	// SetGroupMember adds or removes one.
	SetGroupMember(group, member iam.Member, present bool, now time.Time) error
	GroupMembers(group, after iam.Member, limit int) ([]iam.Member, error)
	// GroupsOf gives, for each of some members, the groups that list it directly.
	GroupsOf(members []iam.Member) (map[iam.Member][]iam.Member, error)
	// RightsVersion is a number that every change to what decisions are made of raises: principals and whether they may
	// act, members of groups, roles, policies, places, names and trash of folders, what tokens may do, and the end of sessions.
	// A writing transaction sees what it has changed itself.
	RightsVersion() (int64, error)
	// Standing gathers what deciding about a principal takes, which every operation begins with. names are those that
	// groups list it by: itself and its domain. A principal that is not there has groups and roles all the same.
	Standing(principal iam.Member, names []iam.Member) (Standing, error)
}

// Standing is a principal as decisions see it.
type Standing struct {
	// Known tells that the principal is there, and Enabled that it may act.
	Known, Enabled bool
	// Groups gives for the names that were asked for, and for every group found, the groups that list it directly. At
	// most iam.MaxGroups memberships are followed.
	Groups map[iam.Member][]iam.Member
	// Roles are the custom roles, by name.
	Roles []iam.Role
}

// CredentialTx is what people and programs sign in with. Secrets are stored as digests only.
type CredentialTx interface {
	PutToken(Token) error
	Token(id string) (Token, error)
	TokenByDigest(Digest) (Token, error)
	Tokens(principal iam.Member) ([]Token, error)
	// TouchToken notes a use.
	TouchToken(id string, at time.Time) error
	PutSignIn(SignIn) error
	SignInByDigest(Digest) (SignIn, error)
	SignIns(principal iam.Member) ([]SignIn, error)
	DeleteSignIn(Digest) error
	// DeleteProviderSignIns ends, and gives, those that a provider began no later than before: of its session, of its
	// subject, or of both where both are not empty.
	DeleteProviderSignIns(issuer, subject, session string, before time.Time) ([]SignIn, error)
	// DeleteSignIns ends all of a principal; ExpireSignIns all that ended before now.
	DeleteSignIns(principal iam.Member) error
	ExpireSignIns(now time.Time) error
}

// AuditTx is the audit log. Nothing in it can be changed.
type AuditTx interface {
	// AppendAudit chains entries to the log; it sets their Seq, Previous and Hash.
	AppendAudit(entries []AuditEntry) error
	// AuditEntries lists entries with Seq over after, oldest first.
	AuditEntries(filter AuditFilter, after int64, limit int) ([]AuditEntry, error)
	// AuditEdges gives the first and last state of the chain: the hash and number before the oldest kept entry, and of the newest.
	AuditEdges() (base, head AuditState, err error)
	// PruneAudit removes entries up to and with seq, and makes the last one removed the chain's base.
	PruneAudit(through int64) error
	// AuditSeqBefore is the number of the last entry made before a time, or 0.
	AuditSeqBefore(at time.Time) (int64, error)
}

// ChangeTx is the change feed.
type ChangeTx interface {
	// AppendChange adds to the feed; it sets Seq.
	AppendChange(Change) error
	// Changes lists changes with Seq over after, oldest first.
	Changes(after int64, limit int) ([]Change, error)
	// LastChange is the newest Seq, and the oldest one still kept.
	LastChange() (newest, oldest int64, err error)
	// PruneChanges removes changes made before a time.
	PruneChanges(before time.Time) error
}

// SearchTx is the full-text index.
type SearchTx interface {
	// IndexText replaces what is known of a resource.
	IndexText(id ResourceID, text SearchText) error
	// IndexedText gives it back; nothing indexed is the zero value.
	IndexedText(id ResourceID) (SearchText, error)
	// MatchText lists resources that hold every term, last indexed first, from before (0: the start) down. scope says
	// where the terms are looked for; within, where not nil, restricts to what is one of those or below.
	MatchText(terms []Term, scope SearchScope, filter Filter, within []ResourceID, before int64, limit int) ([]Match, error)
	// SimilarTerms lists words of names, tags and descriptions that have some of the trigrams, most in common first.
	// They may be of what is there no longer.
	SimilarTerms(trigrams []string, limit int) ([]string, error)
}

// KeyTx is what makes creates idempotent.
type KeyTx interface {
	// Key finds what a principal's key made.
	Key(principal iam.Member, key string) (IdempotencyKey, error)
	PutKey(IdempotencyKey) error
	ExpireKeys(before time.Time) error
}

// IdempotencyKey is one create that must not happen twice.
type IdempotencyKey struct {
	Principal iam.Member
	Key       string
	// Request is a digest of what was asked; another request under the same key is an error.
	Request Digest
	// Made is the id of what it made: a resource, or a token.
	Made      string
	CreatedAt time.Time
}

// PreferenceTx is what programs keep for people.
type PreferenceTx interface {
	// Preferences lists a principal's preferences in a space, by name.
	Preferences(principal iam.Member, space string) ([]Preference, error)
	Preference(principal iam.Member, space, name string) (Preference, error)
	// PutPreference sets one, and removes those of its space beyond the keep that were put last. What was there keeps
	// its CreatedAt.
	PutPreference(principal iam.Member, space string, p Preference, keep int) error
	DeletePreference(principal iam.Member, space, name string) error
}

// SecretTx is sealed values that programs are given.
type SecretTx interface {
	// Secrets lists what a holder (the id of a resource, or a principal) holds, by name.
	Secrets(holder string) ([]SealedSecret, error)
	Secret(holder, name string) (SealedSecret, error)
	// PutSecret sets one; what was there keeps its CreatedAt.
	PutSecret(holder string, s SealedSecret) error
	DeleteSecret(holder, name string) error
}

// SealedSecret is a secret as stores keep it.
type SealedSecret struct {
	Secret
	Sealed []byte
}
