package query

import (
	"encoding/json"
	"fmt"
	"time"

	"sextant/content"
	"sextant/content/iam"
)

const principalColumns = `SELECT member, display_name, email, password_hash, disabled_at, created_at, last_seen, invited_by FROM principals`

func (t *tx) principals(text string, args ...any) ([]content.Principal, error) {
	var out []content.Principal
	err := t.each(func(row func(...any) error) error {
		var p content.Principal
		var disabled, created, seen int64
		err := row(&p.Member, &p.DisplayName, &p.Email, &p.PasswordHash, &disabled, &created, &seen, &p.InvitedBy)
		p.Disabled, p.CreatedAt, p.LastSeen = fromMicros(disabled), fromMicros(created), fromMicros(seen)
		out = append(out, p)
		return err
	}, principalColumns+text, args...)
	return out, err
}

// PutPrincipal implements content.PrincipalTx.
func (t *tx) PutPrincipal(p content.Principal) error {
	return t.exec(`INSERT INTO principals (member, display_name, email, password_hash, disabled_at, created_at, last_seen, invited_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (member) DO UPDATE SET display_name = excluded.display_name, email = excluded.email,
			password_hash = excluded.password_hash, disabled_at = excluded.disabled_at, last_seen = excluded.last_seen, invited_by = excluded.invited_by`,
		p.Member, p.DisplayName, p.Email, p.PasswordHash, micros(p.Disabled), micros(p.CreatedAt), micros(p.LastSeen), p.InvitedBy)
}

// Principal implements content.PrincipalTx.
func (t *tx) Principal(m iam.Member) (content.Principal, error) {
	return first(t.principals(" WHERE member = $1", m))
}

// Principals implements content.PrincipalTx.
func (t *tx) Principals(after iam.Member, limit int) ([]content.Principal, error) {
	return t.principals(" WHERE member > $1 ORDER BY member LIMIT $2", after, limit)
}

const groupColumns = `SELECT member, title, description, external, created_at FROM principal_groups`

func (t *tx) groups(text string, args ...any) ([]content.GroupInfo, error) {
	var out []content.GroupInfo
	err := t.each(func(row func(...any) error) error {
		var g content.GroupInfo
		var external, created int64
		err := row(&g.Member, &g.Title, &g.Description, &external, &created)
		g.External, g.CreatedAt = external != 0, fromMicros(created)
		out = append(out, g)
		return err
	}, groupColumns+text, args...)
	return out, err
}

// PutGroup implements content.PrincipalTx.
func (t *tx) PutGroup(g content.GroupInfo) error {
	return t.exec(`INSERT INTO principal_groups (member, title, description, external, created_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (member) DO UPDATE SET title = excluded.title, description = excluded.description, external = excluded.external`,
		g.Member, g.Title, g.Description, flag(g.External), micros(g.CreatedAt))
}

// Group implements content.PrincipalTx.
func (t *tx) Group(m iam.Member) (content.GroupInfo, error) {
	return first(t.groups(" WHERE member = $1", m))
}

// Groups implements content.PrincipalTx.
func (t *tx) Groups(after iam.Member, limit int) ([]content.GroupInfo, error) {
	return t.groups(" WHERE member > $1 ORDER BY member LIMIT $2", after, limit)
}

// DeleteGroup implements content.PrincipalTx.
func (t *tx) DeleteGroup(m iam.Member) error {
	if err := t.exec("DELETE FROM group_members WHERE member = $1", m); err != nil {
		return err
	}
	return t.execOne("DELETE FROM principal_groups WHERE member = $1", m)
}

// SetGroupMember implements content.PrincipalTx.
func (t *tx) SetGroupMember(group, member iam.Member, present bool, now time.Time) error {
	if !present {
		return t.exec("DELETE FROM group_members WHERE group_member = $1 AND member = $2", group, member)
	}
	return t.exec("INSERT INTO group_members (group_member, member, added_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
		group, member, micros(now))
}

func (t *tx) members(text string, args ...any) ([]iam.Member, error) {
	var out []iam.Member
	err := t.each(func(row func(...any) error) error {
		var m iam.Member
		err := row(&m)
		out = append(out, m)
		return err
	}, text, args...)
	return out, err
}

// GroupMembers implements content.PrincipalTx.
func (t *tx) GroupMembers(group, after iam.Member, limit int) ([]iam.Member, error) {
	return t.members("SELECT member FROM group_members WHERE group_member = $1 AND member > $2 ORDER BY member LIMIT $3",
		group, after, limit)
}

// GroupsOf implements content.PrincipalTx.
func (t *tx) GroupsOf(members []iam.Member) (map[iam.Member][]iam.Member, error) {
	out := map[iam.Member][]iam.Member{}
	return out, t.each(func(row func(...any) error) error {
		var member, group iam.Member
		err := row(&member, &group)
		out[member] = append(out[member], group)
		return err
	}, "SELECT g.member, g.group_member FROM group_members g WHERE "+t.inList("g.member", "$1")+" ORDER BY 1, 2", list(members))
}

// RightsVersion implements content.PrincipalTx.
func (t *tx) RightsVersion() (version int64, err error) {
	err = t.into("SELECT version FROM rights_version", nil, &version)
	return version, err
}

// Standing implements content.PrincipalTx. It is one statement, since each is a round trip on some databases.
func (t *tx) Standing(principal iam.Member, names []iam.Member) (content.Standing, error) {
	s := content.Standing{Groups: map[iam.Member][]iam.Member{}}
	return s, t.few(func(row func(...any) error) error {
		var kind, number int64
		var a, b, c string
		if err := row(&kind, &number, &a, &b, &c); err != nil {
			return err
		}
		switch kind {
		case 0:
			s.Known, s.Enabled = true, number == 0
		case 1:
			s.Groups[iam.Member(a)] = append(s.Groups[iam.Member(a)], iam.Member(b))
		case 2:
			role := iam.Role{Name: iam.RoleName(a), Title: b}
			if err := json.Unmarshal([]byte(c), &role.Permissions); err != nil {
				return fmt.Errorf("store: role %s: %w", a, err)
			}
			s.Roles = append(s.Roles, role)
		}
		return nil
	}, `WITH RECURSIVE up (member, group_member) AS (
			SELECT g.member, g.group_member FROM group_members g WHERE `+t.inList("g.member", "$2")+`
			UNION SELECT g.member, g.group_member FROM `+t.store.dialect.Climb+`)
		SELECT 0, disabled_at, '', '', '' FROM principals WHERE member = $1
		UNION ALL SELECT * FROM (SELECT 1, 0, member, group_member, '' FROM up LIMIT $3) u
		UNION ALL SELECT * FROM (SELECT 2, 0, name, title, permissions FROM roles ORDER BY name) r`,
		principal, list(names), iam.MaxGroups)
}

const tokenColumns = `SELECT id, principal, name, digest, permissions, created_at, expires, last_used, revoked_at FROM tokens`

func (t *tx) tokens(text string, args ...any) ([]content.Token, error) {
	var out []content.Token
	err := t.few(func(row func(...any) error) error {
		var k content.Token
		var digest []byte
		var permissions *string
		var created, expires, used, revoked int64
		if err := row(&k.ID, &k.Principal, &k.Name, &digest, &permissions, &created, &expires, &used, &revoked); err != nil {
			return err
		}
		if permissions != nil {
			k.Permissions = []iam.Permission{}
			if err := json.Unmarshal([]byte(*permissions), &k.Permissions); err != nil {
				return err
			}
		}
		k.Digest = toDigest(digest)
		k.CreatedAt, k.Expires, k.LastUsed, k.RevokedAt = fromMicros(created), fromMicros(expires), fromMicros(used), fromMicros(revoked)
		out = append(out, k)
		return nil
	}, tokenColumns+text, args...)
	return out, err
}

// PutToken implements content.CredentialTx.
func (t *tx) PutToken(k content.Token) error {
	var permissions any
	if k.Permissions != nil {
		permissions = list(k.Permissions)
	}
	return t.exec(`INSERT INTO tokens (id, principal, name, digest, permissions, created_at, expires, last_used, revoked_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, expires = excluded.expires, revoked_at = excluded.revoked_at`,
		k.ID, k.Principal, k.Name, k.Digest[:], permissions, micros(k.CreatedAt), micros(k.Expires), micros(k.LastUsed), micros(k.RevokedAt))
}

// Token implements content.CredentialTx.
func (t *tx) Token(id string) (content.Token, error) { return first(t.tokens(" WHERE id = $1", id)) }

// TokenByDigest implements content.CredentialTx.
func (t *tx) TokenByDigest(d content.Digest) (content.Token, error) {
	return first(t.tokens(" WHERE digest = $1", d[:]))
}

// Tokens implements content.CredentialTx.
func (t *tx) Tokens(principal iam.Member) ([]content.Token, error) {
	return t.tokens(" WHERE principal = $1 ORDER BY created_at DESC, id DESC", principal)
}

// TouchToken implements content.CredentialTx.
func (t *tx) TouchToken(id string, at time.Time) error {
	return t.execOne("UPDATE tokens SET last_used = $2 WHERE id = $1", id, micros(at))
}

const signInColumns = `SELECT digest, principal, created_at, expires, address, user_agent, method,
	issuer, subject, provider_session FROM sign_ins`

func (t *tx) signIns(text string, args ...any) ([]content.SignIn, error) {
	var out []content.SignIn
	err := t.each(func(row func(...any) error) error {
		var s content.SignIn
		var digest []byte
		var created, expires int64
		err := row(&digest, &s.Principal, &created, &expires, &s.Address, &s.UserAgent, &s.Method,
			&s.Issuer, &s.Subject, &s.ProviderSession)
		s.Digest, s.CreatedAt, s.Expires = toDigest(digest), fromMicros(created), fromMicros(expires)
		out = append(out, s)
		return err
	}, signInColumns+text, args...)
	return out, err
}

// PutSignIn implements content.CredentialTx.
func (t *tx) PutSignIn(s content.SignIn) error {
	return t.exec(`INSERT INTO sign_ins (digest, principal, created_at, expires, address, user_agent, method, issuer, subject, provider_session)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (digest) DO UPDATE SET expires = excluded.expires`,
		s.Digest[:], s.Principal, micros(s.CreatedAt), micros(s.Expires), s.Address, s.UserAgent, s.Method, s.Issuer,
		s.Subject, s.ProviderSession)
}

// SignInByDigest implements content.CredentialTx.
func (t *tx) SignInByDigest(d content.Digest) (content.SignIn, error) {
	return first(t.signIns(" WHERE digest = $1", d[:]))
}

// SignIns implements content.CredentialTx.
func (t *tx) SignIns(principal iam.Member) ([]content.SignIn, error) {
	return t.signIns(" WHERE principal = $1 ORDER BY created_at DESC", principal)
}

// DeleteSignIn implements content.CredentialTx.
func (t *tx) DeleteSignIn(d content.Digest) error {
	return t.exec("DELETE FROM sign_ins WHERE digest = $1", d[:])
}

// DeleteSignIns implements content.CredentialTx.
func (t *tx) DeleteSignIns(principal iam.Member) error {
	return t.exec("DELETE FROM sign_ins WHERE principal = $1", principal)
}

// DeleteProviderSignIns implements content.CredentialTx.
func (t *tx) DeleteProviderSignIns(issuer, subject, session string, before time.Time) ([]content.SignIn, error) {
	const where = ` WHERE issuer = $1 AND issuer <> '' AND ($2 = '' OR subject = $2) AND ($3 = '' OR provider_session = $3) AND created_at <= $4`
	found, err := t.signIns(where, issuer, subject, session, micros(before))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found, t.exec("DELETE FROM sign_ins"+where, issuer, subject, session, micros(before))
}

// ExpireSignIns implements content.CredentialTx.
func (t *tx) ExpireSignIns(now time.Time) error {
	return t.exec("DELETE FROM sign_ins WHERE expires < $1", micros(now))
}
