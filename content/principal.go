package content

import (
	"time"

	"sextant/content/iam"
)

// Principal is a user or a service account.
type Principal struct {
	Member      iam.Member
	DisplayName string
	Email       string
	// PasswordHash is an argon2id string, or empty; who signs in another way has none.
	PasswordHash string
	// InvitedBy is who let the principal in by an invitation; empty for who came another way.
	InvitedBy iam.Member
	// Disabled says since when the principal may do nothing; zero for most.
	Disabled            time.Time
	CreatedAt, LastSeen time.Time
}

// GroupInfo is a group without its members.
type GroupInfo struct {
	Member      iam.Member
	Title       string
	Description string
	// External is set where an identity provider decides who is in it.
	External  bool
	CreatedAt time.Time
}

// Token is a personal access token, or a service account's. Its secret is kept only as a digest.
type Token struct {
	ID        string
	Principal iam.Member
	Name      string
	Digest    Digest
	// Permissions limits what it can be used for; nil does not.
	Permissions         []iam.Permission
	CreatedAt           time.Time
	Expires             time.Time // zero: never
	LastUsed, RevokedAt time.Time
}

// Usable reports whether the token opens anything at a time.
func (t Token) Usable(now time.Time) bool {
	return t.RevokedAt.IsZero() && (t.Expires.IsZero() || now.Before(t.Expires))
}

// SignIn is one browser's or client's authenticated session. Its secret is kept only as a digest.
type SignIn struct {
	Digest             Digest
	Principal          iam.Member
	CreatedAt, Expires time.Time
	Address, UserAgent string
	// Method is how: "password", "oidc", "url".
	Method string
	// Issuer, Subject and ProviderSession say by which OpenID provider, as whom and in which session there; empty for other
	// methods.
	Issuer, Subject, ProviderSession string
}

// AccessRequest is somebody asking for a role on a resource.
type AccessRequest struct {
	ID         string
	ResourceID ResourceID
	Requester  iam.Member
	Role       iam.RoleName
	Message    string
	CreatedAt  time.Time
	State      RequestState
	DecidedBy  iam.Member
	DecidedAt  time.Time
}

// RequestState is what became of an access request.
type RequestState string

// The states of an access request.
const (
	Pending  RequestState = "pending"
	Approved RequestState = "approved"
	Declined RequestState = "declined"
)
