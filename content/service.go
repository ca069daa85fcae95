package content

import (
	"context"
	"crypto/cipher"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"sextant/content/iam"
)

// Format is how the content of one type is taken apart and read for search.
type Format struct {
	// Split is nil for content that is stored in one piece.
	Split Splitter
	// Text gives what is searched: what people wrote and the text that runs left. It reads no further than it needs;
	// an error makes the content unsearchable, not unsavable. Nil: nothing is searched.
	Text func(content io.Reader) (source, outputs string, err error)
	// Parse, where not nil, stands in Text's place: content of at most MaxParsed bytes is read whole, once, before it is
	// stored. It must not keep its argument. Larger content is stored as it came, with a Problem that says so.
	Parse     func(content []byte) Parsed
	MaxParsed int64
	// Check, where not nil, refuses content of at most MaxUsedSize bytes with an error, whose text is shown; larger is
	// refused too. For what is of no use to anybody with a fault in it.
	Check func(content []byte) error
	// Empty is the content of a resource that is made without any.
	Empty string
}

// Options is what a Service is made of.
type Options struct {
	Store Store
	Blobs Blobs
	// Formats may leave types out. Notebooks are then cut by CutOutputs and have no text; SQL and files have their text.
	Formats map[Type]Format
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Log is told what goes wrong in the background; nil is slog.Default.
	Log *slog.Logger
	// MaxSize bounds a document's content in bytes; 0 is 1 GiB.
	MaxSize int64
	// MaxHeld is the most bytes of content, larger outputs aside, that are kept with their revision instead of in a blob; 0 is
	// 16 KiB, which is also the most, and less than 0 is none.
	MaxHeld int
	// TrashDays is how long the trash keeps; 0 is 30.
	TrashDays int
	// AuditDays is how long the audit log keeps; 0 is for ever. FeedDays is for the change feed; 0 is 90.
	AuditDays, FeedDays int
	// ResultDays is how long stored results are kept; 0 is 30.
	ResultDays int
	// BlobGrace is how long an unused blob stays: longer than the longest upload takes. 0 is 24 hours.
	BlobGrace time.Duration
	// SecretKey seals secrets, SecretKeySize bytes; empty: none can be set or used.
	SecretKey []byte
	// InviteDomains are those of addresses that whoever shares something may invite, or AnyDomain; none: nobody is invited.
	// ProviderDomains are those whose people sign in by a provider, and are not invited.
	InviteDomains, ProviderDomains []string
	// Scratch is the directory for what of a large upload does not fit into memory; empty is the system's.
	Scratch string
}

// Service is the only door to documents: every method checks the actor's permission (see Operations), validates,
// versions, saves and audits. It is safe for concurrent use. Several processes may each have one over the same store.
type Service struct {
	store      Store
	blobs      Blobs
	formats    map[Type]Format
	now        func() time.Time
	log        *slog.Logger
	options    Options
	operations map[opName]iam.Permission
	conditions *iam.Conditions
	builtin    iam.Roles
	observer   *observer
	findings   findings
	parsing    *semaphore.Weighted
	seal       atomic.Pointer[cipher.AEAD]
}

// New makes a Service over an initialised store or one to be initialised. The store and the blobs stay the caller's to
// close, after Close.
func New(o Options) (*Service, error) {
	if o.Store == nil || o.Blobs == nil {
		return nil, fmt.Errorf("content: %w options: no store or no blobs", ErrInvalid)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.MaxSize == 0 {
		o.MaxSize = 1 << 30
	}
	if o.MaxHeld == 0 {
		o.MaxHeld = maxHeld
	}
	o.MaxHeld = min(o.MaxHeld, maxHeld)
	if o.TrashDays == 0 {
		o.TrashDays = 30
	}
	if o.ResultDays == 0 {
		o.ResultDays = 30
	}
	if o.FeedDays == 0 {
		o.FeedDays = 90
	}
	if o.BlobGrace == 0 {
		o.BlobGrace = 24 * time.Hour
	}
	conditions, err := iam.NewConditions()
	if err != nil {
		return nil, err
	}
	s := &Service{store: o.Store, blobs: o.Blobs, formats: map[Type]Format{}, log: o.Log, options: o, conditions: conditions,
		builtin: iam.NewRoles(nil), operations: map[opName]iam.Permission{}, parsing: semaphore.NewWeighted(parsedAtOnce)}
	// What stores keep is what is answered at once: times to the microsecond.
	s.now = func() time.Time { return o.Now().UTC().Truncate(time.Microsecond) }
	for _, t := range []Type{SQL, File} {
		s.formats[t] = Format{Text: plainText}
	}
	s.formats[Notebook] = Format{Split: CutOutputs}
	for t, f := range o.Formats {
		s.formats[t] = f
	}
	for _, op := range Operations() {
		s.operations[opName(op.Name)] = op.Permission
	}
	s.observer = newObserver(o.Store, o.Log)
	return s, nil
}

// Close writes what is still to be logged and ends. No method may be called after it.
func (s *Service) Close(ctx context.Context) error { return s.observer.close(ctx) }

// Initialize makes the root of the tree, owned and administered by one user, where there is none yet, and reports
// whether it did. It is called by the program that owns the store, before anybody can sign in.
func (s *Service) Initialize(ctx context.Context, owner Principal) (bool, error) {
	m, err := iam.ParseMember(string(owner.Member))
	if err != nil {
		return false, err
	}
	if m.Kind() != iam.User {
		return false, fmt.Errorf("%w owner %s: want a user", ErrInvalid, m)
	}
	made := false
	err = s.store.Update(ctx, func(tx Tx) error {
		if err := ensureSeal(tx); err != nil {
			return err
		}
		if _, err := tx.Resource(RootID); !isNotFound(err) {
			return err
		}
		now := s.now()
		owner.Member, owner.CreatedAt = m, now
		if err := tx.PutPrincipal(owner); err != nil {
			return err
		}
		err := tx.CreateResource(Resource{ID: RootID, Type: Folder, Name: "", Owner: m, CreatedAt: now, UpdatedAt: now, Version: 1})
		if err != nil {
			return err
		}
		policy, err := iam.Policy{Bindings: []iam.Binding{
			{Role: iam.Owner, Members: []iam.Member{m}}, {Role: iam.Admin, Members: []iam.Member{m}},
		}}.Normalize(iam.NewRoles(nil), s.conditions)
		if err != nil {
			return err
		}
		if err := tx.SetPolicy(RootID, policy, now); err != nil {
			return err
		}
		made = true
		return tx.AppendAudit([]AuditEntry{{At: now, Actor: systemMember, Operation: string(opInitialize), Resource: RootID,
			Allowed: true, Detail: detail("policy", policy)}})
	})
	return made, err
}

// plainText is the text format of what is text.
func plainText(r io.Reader) (source, outputs string, err error) {
	b, err := io.ReadAll(io.LimitReader(r, MaxIndexedText))
	if err != nil {
		return "", "", err
	}
	for _, c := range b[:min(len(b), 8000)] {
		if c == 0 { // as git tells binary files
			return "", "", nil
		}
	}
	return string(b), "", nil
}
