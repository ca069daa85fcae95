package content

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/text/unicode/norm"

	"sextant/content/iam"
)

// ResourceID names a resource for ever: a UUIDv7 in lower case.
type ResourceID string

// RootID is the root of the tree: the folder without a parent, whose policy governs the server.
const RootID ResourceID = "00000000-0000-7000-8000-000000000000"

// Type says what a resource is.
type Type string

// The resource types. Everything but a folder has content, in revisions; a document is a notebook, an SQL script or a
// file.
const (
	Folder      Type = "folder"
	Notebook    Type = "notebook"
	SQL         Type = "sql"
	File        Type = "file"
	Environment Type = "environment"
	DataSource  Type = "dataSource"
)

// HasContent reports whether resources of the type have revisions.
func (t Type) HasContent() bool {
	return t == Notebook || t == SQL || t == File || t == Environment || t == DataSource
}

// Resource is anything with a place in the one tree and a policy.
type Resource struct {
	ID ResourceID
	// ParentID is the folder it is in; empty for the root, and for a reader who may not see that folder.
	ParentID    ResourceID
	Type        Type
	Name        string
	Owner       iam.Member // who answers for it; a policy says who may do what
	Description string
	Tags        []string // sorted, each once
	CreatedAt   time.Time
	// UpdatedAt is the last save or change of name, description, tags or owner.
	UpdatedAt time.Time
	// Version counts changes of everything but the content; Etag is its form for callers.
	Version int64
	// TrashedAt and TrashedBy are set while it is in the trash itself, not where only a folder above it is.
	TrashedAt time.Time
	TrashedBy iam.Member
	// Retention is a folder's own rule for old revisions; nil inherits.
	Retention *Retention

	// Of what has content: its newest revision.
	Head       RevisionID
	HeadNumber int64
	Size       int64
	Digest     Digest
	Problem    string // as Revision.Problem
}

// Etag guards changes of name, place, description, tags and owner. It does not change with a save.
func (r Resource) Etag() string { return strconv.FormatInt(r.Version, 10) }

// Bounds of a resource.
const (
	MaxNameLength        = 255
	MaxDescriptionLength = 10_000
	MaxTags              = 50
	MaxTagLength         = 100
	// MaxDepth is the most folders that can stand in each other.
	MaxDepth = 50
)

// CleanName checks a name and gives it in Unicode's normal form C: 1 to 255 bytes, no slash, no control character, not
// "." or "..", no space at either end. Errors wrap ErrInvalid.
func CleanName(name string) (string, error) {
	if !utf8.ValidString(name) {
		return "", fmt.Errorf("%w name: not UTF-8", ErrInvalid)
	}
	name = norm.NFC.String(name)
	if name == "" || len(name) > MaxNameLength || name == "." || name == ".." || strings.TrimSpace(name) != name ||
		strings.ContainsFunc(name, func(r rune) bool { return r == '/' || unicode.IsControl(r) }) {
		return "", fmt.Errorf("%w name %.60q", ErrInvalid, name)
	}
	return name, nil
}

// CleanTags checks tags and gives them sorted, each once. Errors wrap ErrInvalid.
func CleanTags(tags []string) ([]string, error) {
	out := make([]string, 0, len(tags))
	for _, tag := range tags {
		if !utf8.ValidString(tag) || tag == "" || len(tag) > MaxTagLength || strings.TrimSpace(tag) != tag ||
			strings.ContainsFunc(tag, unicode.IsControl) {
			return nil, fmt.Errorf("%w tag %.60q", ErrInvalid, tag)
		}
		out = append(out, norm.NFC.String(tag))
	}
	slices.Sort(out)
	if out = slices.Compact(out); len(out) > MaxTags {
		return nil, fmt.Errorf("%w tags: more than %d", ErrInvalid, MaxTags)
	}
	return out, nil
}

func cleanDescription(s string) (string, error) {
	if !utf8.ValidString(s) || len(s) > MaxDescriptionLength || strings.ContainsRune(s, 0) {
		return "", fmt.Errorf("%w description: want UTF-8 of at most %d bytes", ErrInvalid, MaxDescriptionLength)
	}
	return s, nil
}

// validID keeps what is no UUID away from the store: it names nothing.
func validID(id string) bool {
	u, err := uuid.Parse(id)
	return err == nil && u.String() == id
}

// newID is a fresh UUIDv7.
func newID() string { return uuid.Must(uuid.NewV7()).String() }
