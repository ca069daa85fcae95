package content

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sextant/content/iam"
)

// InvitationLifetime is how long an invitation can be followed.
const InvitationLifetime = 7 * 24 * time.Hour

// AnyDomain among Options.InviteDomains stands for all of them.
const AnyDomain = "*"

// Invite makes a secret that lets somebody in once who has no account here, and adds the account: for who may share a resource,
// where Options.InviteDomains name the address's domain. It ends an earlier invitation of the same address. The secret is given
// this once and stored nowhere.
//
// Whoever has the secret is who they say they are, so the account can have nothing that the actor could not give it: ErrDenied
// where the address, or its domain, has been given anything else already. ErrExists: the address has an account that was not
// made by an invitation, or has been used.
func (s *Service) Invite(ctx context.Context, id ResourceID, who iam.Member) (secret string, expires time.Time, err error) {
	err = s.updateOf(ctx, id, func(a *access) error {
		if _, err := a.check(opInvite, id); err != nil {
			return err
		}
		by, err := a.signedIn()
		if err != nil {
			return err
		}
		if a.limited(iam.PrincipalsManage) {
			return fmt.Errorf("%w: a token that may not manage principals cannot invite", ErrDenied)
		}
		m, err := iam.ParseMember(string(who))
		if err != nil {
			return err
		}
		if err := s.invitable(m); err != nil {
			return err
		}
		p, err := a.tx.Principal(m)
		switch {
		case isNotFound(err):
			p = Principal{Member: m, CreatedAt: a.now}
		case err != nil:
			return err
		case p.InvitedBy == "" || !p.LastSeen.IsZero() || p.PasswordHash != "" || !p.Disabled.IsZero():
			return fmt.Errorf("%s: %w here, with an account of their own", m.Value(), ErrExists)
		}
		if err := a.standsAlone(m); err != nil {
			return err
		}
		p.InvitedBy = by
		if err := a.tx.PutPrincipal(p); err != nil {
			return err
		}
		if err := a.tx.DeleteSignIns(m); err != nil {
			return err
		}
		var digest Digest
		secret, digest = newSecret("")
		expires = a.now.Add(InvitationLifetime)
		if err := a.tx.PutSignIn(SignIn{Digest: digest, Principal: m, CreatedAt: a.now, Expires: expires, Method: LinkMethod}); err != nil {
			return err
		}
		return a.log(opInvite, id, detail("principal", m))
	})
	if err != nil {
		return "", time.Time{}, s.refused(ctx, opInvite, id, err)
	}
	return secret, expires, nil
}

// invitable is whether the server's administrator lets people of an address be invited.
func (s *Service) invitable(m iam.Member) error {
	names := m.Names()
	if m.Kind() != iam.User || len(names) < 2 || strings.HasPrefix(m.Value(), "@") {
		return fmt.Errorf("%w address %s: want a mail address", ErrInvalid, m.Value())
	}
	domain := names[1].Value()
	switch {
	case len(s.options.InviteDomains) == 0:
		return fmt.Errorf("%w: this server lets nobody be invited", ErrDenied)
	case slices.Contains(s.options.ProviderDomains, domain):
		return fmt.Errorf("%w: people of %s sign in by themselves; send them the document's address", ErrDenied, domain)
	case !slices.Contains(s.options.InviteDomains, AnyDomain) && !slices.Contains(s.options.InviteDomains, domain):
		return fmt.Errorf("%w: people of %s cannot be invited, only of %s", ErrDenied, domain, strings.Join(s.options.InviteDomains, ", "))
	}
	return nil
}

// standsAlone is an error where somebody who is not here yet has been given what the actor could not give them.
func (a *access) standsAlone(m iam.Member) error {
	other := fmt.Errorf("%w: %s has been given access by others already; an administrator can invite them", ErrDenied, m.Value())
	names := m.Names()
	in, err := a.tx.GroupsOf(names)
	if err != nil {
		return err
	}
	if len(in) > 0 {
		return other
	}
	grants, err := a.tx.Grants(names)
	if err != nil {
		return err
	}
	for _, g := range grants {
		t, err := a.load(g.ResourceID)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		may, err := a.allowed(t, iam.ResourcesSetIamPolicy)
		if err != nil {
			return err
		}
		if !may {
			return other
		}
	}
	return nil
}

// SetOwnName says what the actor is called, who has no name yet: one that an administrator or a provider gave is theirs to change.
func (s *Service) SetOwnName(ctx context.Context, name string) error {
	err := s.update(ctx, func(a *access) error {
		who, err := a.signedIn()
		if err != nil {
			return err
		}
		if a.actor.Permissions != nil {
			return fmt.Errorf("%w: a limited token cannot set a name", ErrDenied)
		}
		p, err := a.tx.Principal(who)
		if err != nil {
			return err
		}
		if p.DisplayName != "" {
			return fmt.Errorf("name: %w", ErrExists)
		}
		if p.DisplayName, err = cleanRevisionName(strings.TrimSpace(name)); err != nil || p.DisplayName == "" {
			return fmt.Errorf("%w name: want text of one line, of at most %d bytes", ErrInvalid, MaxRevisionNameLength)
		}
		if err := a.tx.PutPrincipal(p); err != nil {
			return err
		}
		return a.log(opSetOwnName, RootID, detail("principal", who, "name", p.DisplayName))
	})
	return s.refused(ctx, opSetOwnName, "", err)
}
