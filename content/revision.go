package content

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sextant/content/iam"
)

// RevisionID names a revision for ever: a UUIDv7 in lower case. A document's newest one is the etag of its content.
type RevisionID string

// Origin says what made a revision.
type Origin string

// The origins of a revision.
const (
	ByUser    Origin = "user"
	ByRun     Origin = "run"
	ByImport  Origin = "import"
	ByRestore Origin = "restore"
	ByCopy    Origin = "copy"
)

// Revision is one immutable state of a document's content.
type Revision struct {
	ID         RevisionID
	ResourceID ResourceID
	// Number counts a document's revisions from 1; numbers of pruned ones are not used again.
	Number int64
	// Parent is the revision before; it may since have been pruned. Empty for the first.
	Parent    RevisionID
	Author    iam.Member
	CreatedAt time.Time
	Message   string
	Origin    Origin
	// Name makes it a checkpoint, which retention keeps; unique within the document. Empty for most.
	Name   string
	Size   int64
	Digest Digest
	// Problem says what keeps the content from being read as what its type says, and where: it is kept byte for byte
	// then. Empty for what is in order, and for types whose content is any bytes.
	Problem string
	// Imported is who wrote the content, and when, by the word of where it was imported from; nil where it was made here.
	Imported *Imported
	// Layout says where the content is stored.
	Layout Layout
}

// Imported is what a history that was imported says of one of its revisions. It is a claim: Author and CreatedAt of the
// revision are who imported it and when.
type Imported struct {
	// Author is a person as git writes them, such as "Ana <ana@x.org>": one line.
	Author string    `json:"author"`
	At     time.Time `json:"at"`
}

func (i *Imported) clean() (*Imported, error) {
	if i == nil {
		return nil, nil
	}
	author := strings.TrimSpace(i.Author)
	if !utf8.ValidString(author) || author == "" || len(author) > MaxAuthorLength || strings.ContainsFunc(author, unicode.IsControl) {
		return nil, fmt.Errorf("%w imported author: want one line of at most %d bytes", ErrInvalid, MaxAuthorLength)
	}
	if year := i.At.Year(); year < 1900 || year > 9999 {
		return nil, fmt.Errorf("%w imported time", ErrInvalid)
	}
	return &Imported{author, i.At.UTC().Truncate(time.Microsecond)}, nil
}

// Bounds of a revision.
const (
	MaxMessageLength      = 2000
	MaxRevisionNameLength = 200
	MaxAuthorLength       = 500
	// MaxProblemLength bounds a Problem; a longer one is cut.
	MaxProblemLength = 500
)

func cleanMessage(s string) (string, error) {
	if !utf8.ValidString(s) || len(s) > MaxMessageLength || strings.ContainsRune(s, 0) {
		return "", fmt.Errorf("%w message: want UTF-8 of at most %d bytes", ErrInvalid, MaxMessageLength)
	}
	return s, nil
}

func cleanRevisionName(s string) (string, error) {
	if !utf8.ValidString(s) || len(s) > MaxRevisionNameLength || strings.TrimSpace(s) != s ||
		strings.ContainsFunc(s, unicode.IsControl) {
		return "", fmt.Errorf("%w revision name %.60q", ErrInvalid, s)
	}
	return s, nil
}

// Retention says which old revisions of the documents below a folder are kept. A revision is pruned only where it is
// neither the newest, nor named, nor held by a run or schedule, and neither rule keeps it. The zero value keeps all.
type Retention struct {
	// Revisions keeps this many newest ones; 0 has no such rule.
	Revisions int `json:"revisions,omitempty"`
	// Days keeps what was made within this many days; 0 has no such rule.
	Days int `json:"days,omitempty"`
}

// KeepsAll reports whether nothing is ever pruned.
func (r Retention) KeepsAll() bool { return r.Revisions == 0 && r.Days == 0 }

func (r Retention) validate() error {
	if r.Revisions < 0 || r.Days < 0 || r.Revisions > 1_000_000 || r.Days > 36_500 {
		return fmt.Errorf("%w retention", ErrInvalid)
	}
	return nil
}
