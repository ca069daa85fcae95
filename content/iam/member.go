package iam

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Member is one entry of a binding: "user:ana@x.org", "group:risk@x.org", "domain:x.org",
// "serviceAccount:nightly", "allAuthenticatedUsers" or "allUsers". Members are compared byte for byte in the form
// ParseMember gives.
type Member string

const (
	// AllUsers is everybody, also without a sign-in.
	AllUsers Member = "allUsers"
	// AllAuthenticatedUsers is everybody who signed in, service accounts too.
	AllAuthenticatedUsers Member = "allAuthenticatedUsers"
)

// Kind is the part of a member before its colon.
type Kind string

// The kinds of member. Everyone is the kind of AllUsers and AllAuthenticatedUsers.
const (
	User           Kind = "user"
	Group          Kind = "group"
	Domain         Kind = "domain"
	ServiceAccount Kind = "serviceAccount"
	Everyone       Kind = ""
)

// MaxMemberLength bounds a member in bytes.
const MaxMemberLength = 320

// ParseMember reads a member and gives its canonical form: the value of a user, group or domain in lower case, as
// mail addresses and host names are compared. A service account's name is kept as it is. Errors wrap ErrInvalid.
func ParseMember(s string) (Member, error) {
	if m := Member(s); m == AllUsers || m == AllAuthenticatedUsers {
		return m, nil
	}
	kind, value, found := strings.Cut(s, ":")
	if !found || len(s) > MaxMemberLength || !utf8.ValidString(s) {
		return "", fmt.Errorf("%w member %.60q", ErrInvalid, s)
	}
	ok := value != "" && !strings.ContainsFunc(value, func(r rune) bool {
		return r == ',' || r == '/' || unicode.IsSpace(r) || !unicode.IsPrint(r)
	})
	switch Kind(kind) {
	case User, Group:
		value = strings.ToLower(value)
	case Domain:
		value = strings.ToLower(value)
		ok = ok && !strings.ContainsAny(value, "@:") && !strings.HasPrefix(value, ".")
	case ServiceAccount:
		ok = ok && !strings.Contains(value, ":")
	default:
		ok = false
	}
	if !ok {
		return "", fmt.Errorf("%w member %.60q", ErrInvalid, s)
	}
	return Member(kind + ":" + value), nil
}

// Kind is what m names.
func (m Member) Kind() Kind {
	kind, _, found := strings.Cut(string(m), ":")
	if !found {
		return Everyone
	}
	return Kind(kind)
}

// Value is the part of m after its colon; empty for AllUsers and AllAuthenticatedUsers.
func (m Member) Value() string {
	_, value, _ := strings.Cut(string(m), ":")
	return value
}

// IsPrincipal reports whether m can act: a user or a service account.
func (m Member) IsPrincipal() bool { return m.Kind() == User || m.Kind() == ServiceAccount }

// domain is the part after the last @ of a user's address, or empty.
// Names lists the names that groups list a principal by directly: its own, and a user's domain.
func (m Member) Names() []Member {
	if domain := m.domain(); domain != "" {
		return []Member{m, Member(string(Domain) + ":" + domain)}
	}
	return []Member{m}
}

func (m Member) domain() string {
	if m.Kind() != User {
		return ""
	}
	if at := strings.LastIndexByte(string(m), '@'); at >= 0 {
		return string(m[at+1:])
	}
	return ""
}

// MemberOf is a member from what people type, not checked yet: an address alone is a user's.
func MemberOf(text string) Member {
	text = strings.TrimSpace(text)
	if strings.Contains(text, "@") && !strings.Contains(text, ":") {
		text = "user:" + text
	}
	return Member(text)
}
