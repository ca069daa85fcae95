package content

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"

	"sextant/content/iam"
)

// LinkMethod is the Method of a sign-in that is a link still to be followed: it opens nothing by itself, only a session
// in its place, once.
const LinkMethod = "link"

// MaxLinkLifetime bounds how long a link can be followed.
const MaxLinkLifetime = 7 * 24 * time.Hour

// PasswordHash gives the argon2id string that a password is to be compared with; empty for who has none, is disabled or
// is not there. It is called by the code that checks a password, never for a caller.
func (s *Service) PasswordHash(ctx context.Context, m iam.Member) (string, error) {
	var hash string
	err := s.store.View(ctx, func(tx Tx) error {
		p, err := tx.Principal(m)
		if isNotFound(err) || err == nil && !p.Disabled.IsZero() {
			return nil
		}
		hash = p.PasswordHash
		return err
	})
	return hash, s.refused(ctx, opPasswordHash, "", err)
}

// SetPassword sets the password of the actor, or of another user, by its hash, and ends their sign-ins: who knew the old
// one is out. An empty hash takes the password away. The caller has checked the actor's old password.
func (s *Service) SetPassword(ctx context.Context, principal iam.Member, hash string) error {
	err := s.update(ctx, func(a *access) error {
		who, err := a.forSelf(opSetPassword, principal)
		if err != nil {
			return err
		}
		if a.actor.Permissions != nil && a.limited(iam.PrincipalsManage) {
			return fmt.Errorf("%w: a limited token cannot set a password", ErrDenied)
		}
		if who.Kind() != iam.User {
			return fmt.Errorf("%w principal %s: only users have passwords", ErrInvalid, who)
		}
		if err := cleanTitle(hash); err != nil {
			return err
		}
		p, err := a.tx.Principal(who)
		if err != nil {
			return err
		}
		p.PasswordHash = hash
		if err := a.tx.PutPrincipal(p); err != nil {
			return err
		}
		if err := a.tx.DeleteSignIns(who); err != nil {
			return err
		}
		return a.log(opSetPassword, RootID, detail("principal", who, "password", hash != ""))
	})
	return s.refused(ctx, opSetPassword, "", err)
}

// CreateLink makes a secret that signs a principal in once, for a time: an invitation, or the way back for who lost a
// password.
func (s *Service) CreateLink(ctx context.Context, principal iam.Member, lifetime time.Duration) (secret string, err error) {
	if lifetime <= 0 || lifetime > MaxLinkLifetime {
		return "", fmt.Errorf("%w lifetime: at most %s", ErrInvalid, MaxLinkLifetime)
	}
	err = s.update(ctx, func(a *access) error {
		if err := a.checkRoot(opCreateLink); err != nil {
			return err
		}
		p, err := a.tx.Principal(principal)
		if err != nil {
			return err
		}
		if p.Member.Kind() != iam.User || !p.Disabled.IsZero() {
			return fmt.Errorf("%w principal %s: want a user that is not disabled", ErrInvalid, principal)
		}
		var digest Digest
		secret, digest = newSecret("")
		err = a.tx.PutSignIn(SignIn{Digest: digest, Principal: p.Member, CreatedAt: a.now, Expires: a.now.Add(lifetime), Method: LinkMethod})
		if err != nil {
			return err
		}
		return a.log(opCreateLink, RootID, detail("principal", p.Member))
	})
	if err != nil {
		return "", s.refused(ctx, opCreateLink, "", err)
	}
	return secret, nil
}

// FollowLink ends a link and begins a session in its place, in one step, so that of several who try only one gets in.
// Principal of n is the link's. A link that is none, was followed already, has expired or is a disabled principal's is
// ErrUnauthenticated.
func (s *Service) FollowLink(ctx context.Context, link string, n NewSignIn) (secret string, err error) {
	if n.Lifetime <= 0 || n.Method == LinkMethod {
		return "", fmt.Errorf("%w sign-in", ErrInvalid)
	}
	err = s.store.Update(ctx, func(tx Tx) error {
		now, digest := s.now(), Digest(sha256.Sum256([]byte(link)))
		found, err := tx.SignInByDigest(digest)
		if err != nil {
			return err
		}
		if found.Method != LinkMethod || !now.Before(found.Expires) {
			return ErrNotFound
		}
		p, err := tx.Principal(found.Principal)
		if err != nil {
			return err
		}
		if !p.Disabled.IsZero() {
			return ErrNotFound
		}
		if err := tx.DeleteSignIn(digest); err != nil {
			return err
		}
		p.LastSeen = now
		if err := tx.PutPrincipal(p); err != nil {
			return err
		}
		secret, digest = newSecret("")
		err = tx.PutSignIn(SignIn{Digest: digest, Principal: p.Member, CreatedAt: now, Expires: now.Add(n.Lifetime),
			Address: clip(n.Address, 100), UserAgent: clip(n.UserAgent, 300), Method: clip(n.Method, 20)})
		if err != nil {
			return err
		}
		e := entryOf(Actor{Principal: p.Member, Address: n.Address}, now, opFollowLink, RootID, true, detail("method", n.Method))
		return tx.AppendAudit([]AuditEntry{e})
	})
	if isNotFound(err) {
		return "", s.refused(WithActor(ctx, Actor{Address: n.Address}), opFollowLink, "", ErrUnauthenticated)
	}
	if err != nil {
		return "", err
	}
	return secret, nil
}

// MaxExternalGroups bounds the groups that an identity provider can put somebody into.
const MaxExternalGroups = 1000

// joinExternal makes groups exactly those external ones that a principal is in, adding what is not known yet. Groups that
// people keep here are never touched: a provider cannot put anybody into them.
func (s *Service) joinExternal(tx Tx, m iam.Member, groups []iam.Member, now time.Time) error {
	if len(groups) > MaxExternalGroups {
		return fmt.Errorf("%w groups: more than %d", ErrInvalid, MaxExternalGroups)
	}
	want := map[iam.Member]bool{}
	for _, g := range groups {
		g, err := iam.ParseMember(string(g))
		if err != nil {
			return err
		}
		if g.Kind() != iam.Group {
			return fmt.Errorf("%w group %s", ErrInvalid, g)
		}
		want[g] = true
	}
	in, err := tx.GroupsOf([]iam.Member{m})
	if err != nil {
		return err
	}
	for _, g := range in[m] {
		info, err := tx.Group(g)
		if err != nil {
			return err
		}
		if !info.External {
			delete(want, g)
			continue
		}
		if want[g] {
			delete(want, g)
			continue
		}
		if err := tx.SetGroupMember(g, m, false, now); err != nil {
			return err
		}
	}
	for g := range want {
		info, err := tx.Group(g)
		if isNotFound(err) {
			info = GroupInfo{Member: g, Title: g.Value(), External: true, CreatedAt: now}
			err = tx.PutGroup(info)
		}
		if err != nil {
			return err
		}
		if !info.External {
			continue
		}
		if err := tx.SetGroupMember(g, m, true, now); err != nil {
			return err
		}
	}
	return nil
}
