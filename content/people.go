package content

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"sextant/content/iam"
)

// Roles lists the built-in and custom roles.
func (s *Service) Roles(ctx context.Context) ([]iam.Role, error) {
	var out []iam.Role
	err := s.view(ctx, func(a *access) error {
		out = a.roles.All()
		return nil
	})
	return out, s.refused(ctx, opRoles, "", err)
}

// PutRole adds or changes a custom role; a change holds at once wherever the role is bound.
func (s *Service) PutRole(ctx context.Context, role iam.Role) error {
	err := s.update(ctx, func(a *access) error {
		if err := a.checkRoot(opPutRole); err != nil {
			return err
		}
		if err := role.Validate(); err != nil {
			return err
		}
		if err := cleanTitle(role.Title); err != nil {
			return err
		}
		custom, err := a.tx.CustomRoles()
		if err != nil {
			return err
		}
		if len(custom) >= iam.MaxCustomRoles && !slices.ContainsFunc(custom, func(r iam.Role) bool { return r.Name == role.Name }) {
			return fmt.Errorf("%w role: more than %d custom roles", ErrInvalid, iam.MaxCustomRoles)
		}
		before, _ := a.roles.Get(role.Name)
		if err := a.tx.PutRole(role); err != nil {
			return err
		}
		if custom, err = a.tx.CustomRoles(); err != nil {
			return err
		}
		a.roles = iam.NewRoles(custom)
		if err := a.rootIsOwned(); err != nil {
			return err
		}
		return a.log(opPutRole, RootID, detail("role", role.Name, "before", before.Permissions, "after", role.Permissions))
	})
	return s.refused(ctx, opPutRole, "", err)
}

// DeleteRole removes a custom role that no policy names; ErrPrecondition where one does.
func (s *Service) DeleteRole(ctx context.Context, name iam.RoleName) error {
	err := s.update(ctx, func(a *access) error {
		if err := a.checkRoot(opDeleteRole); err != nil {
			return err
		}
		used, err := a.tx.RoleInUse(name)
		if err != nil {
			return err
		}
		if used {
			return fmt.Errorf("%w: a policy names the role %s", ErrPrecondition, name)
		}
		if err := a.tx.DeleteRole(name); err != nil {
			return err
		}
		return a.log(opDeleteRole, RootID, detail("role", name))
	})
	return s.refused(ctx, opDeleteRole, "", err)
}

func cleanTitle(s string) error {
	if !utf8.ValidString(s) || len(s) > 500 || strings.ContainsRune(s, 0) {
		return fmt.Errorf("%w title: want UTF-8 of at most 500 bytes", ErrInvalid)
	}
	return nil
}

// Self is the actor, with every group they are in.
type Self struct {
	Principal
	Groups []iam.Member
	// Invites are the domains whose people the actor may invite to what they share; AnyDomain is all.
	Invites []string
}

// Me tells who acts. The password's hash is left out.
func (s *Service) Me(ctx context.Context) (Self, error) {
	var out Self
	err := s.view(ctx, func(a *access) error {
		who, err := a.signedIn()
		if err != nil {
			return err
		}
		if out.Principal, err = a.tx.Principal(who); err != nil {
			return err
		}
		out.PasswordHash = ""
		if !a.limited(iam.PrincipalsManage) {
			out.Invites = s.options.InviteDomains
		}
		for _, m := range a.subject.Members() {
			if m.Kind() == iam.Group {
				out.Groups = append(out.Groups, m)
			}
		}
		return nil
	})
	return out, s.refused(ctx, opMe, "", err)
}

// Principals lists users and service accounts by name. Password hashes are left out.
func (s *Service) Principals(ctx context.Context, page PageRequest) (Page[Principal], error) {
	var out Page[Principal]
	err := s.view(ctx, func(a *access) error {
		if err := a.checkRoot(opPrincipals); err != nil {
			return err
		}
		var err error
		out, err = membersPage("principals", page, a.tx.Principals, func(p Principal) iam.Member { return p.Member })
		for i := range out.Items {
			out.Items[i].PasswordHash = ""
		}
		return err
	})
	return out, s.refused(ctx, opPrincipals, "", err)
}

// membersPage is a page of what is listed by member.
func membersPage[T any](kind string, page PageRequest, source func(iam.Member, int) ([]T, error), member func(T) iam.Member) (Page[T], error) {
	var out Page[T]
	limit, token, err := page.open(kind)
	if err != nil {
		return out, err
	}
	found, err := source(iam.Member(token.Name), limit+1)
	if err != nil {
		return out, err
	}
	if len(found) > limit {
		found = found[:limit]
		out.Next = pageToken{Kind: kind, Name: string(member(found[limit-1]))}.String()
	}
	out.Items = found
	return out, nil
}

// Principal gives one user or service account, without the password's hash.
func (s *Service) Principal(ctx context.Context, m iam.Member) (Principal, error) {
	var out Principal
	err := s.view(ctx, func(a *access) error {
		if err := a.checkRoot(opPrincipal); err != nil {
			return err
		}
		var err error
		out, err = a.tx.Principal(m)
		out.PasswordHash = ""
		return err
	})
	return out, s.refused(ctx, opPrincipal, "", err)
}

// PutPrincipal adds a user or service account or changes its names; an empty PasswordHash keeps the stored one. Whether
// it is disabled is SetDisabled's.
func (s *Service) PutPrincipal(ctx context.Context, p Principal) error {
	err := s.update(ctx, func(a *access) error {
		if err := a.checkRoot(opPutPrincipal); err != nil {
			return err
		}
		m, err := iam.ParseMember(string(p.Member))
		if err != nil {
			return err
		}
		if !m.IsPrincipal() {
			return fmt.Errorf("%w principal %s: want a user or a service account", ErrInvalid, m)
		}
		for _, text := range []string{p.DisplayName, p.Email, p.PasswordHash} {
			if err := cleanTitle(text); err != nil {
				return err
			}
		}
		known, err := a.tx.Principal(m)
		if err != nil && !isNotFound(err) {
			return err
		}
		if isNotFound(err) {
			known.CreatedAt = a.now
		}
		p.Member, p.CreatedAt, p.Disabled, p.LastSeen, p.InvitedBy = m, known.CreatedAt, known.Disabled, known.LastSeen, known.InvitedBy
		newPassword := p.PasswordHash != ""
		if !newPassword {
			p.PasswordHash = known.PasswordHash
		}
		if err := a.tx.PutPrincipal(p); err != nil {
			return err
		}
		if newPassword && known.PasswordHash != "" {
			// Who knew the old password is out.
			if err := a.tx.DeleteSignIns(m); err != nil {
				return err
			}
		}
		return a.log(opPutPrincipal, RootID, detail("principal", m, "password", newPassword))
	})
	return s.refused(ctx, opPutPrincipal, "", err)
}

// SetDisabled takes every right from a principal at once, and ends their sign-ins, or gives the rights back.
// ErrLastOwner: nobody else owns the server.
func (s *Service) SetDisabled(ctx context.Context, m iam.Member, disabled bool) error {
	err := s.update(ctx, func(a *access) error {
		if err := a.checkRoot(opSetDisabled); err != nil {
			return err
		}
		p, err := a.tx.Principal(m)
		if err != nil {
			return err
		}
		p.Disabled = time.Time{}
		if disabled {
			p.Disabled = a.now
			if err := a.tx.DeleteSignIns(m); err != nil {
				return err
			}
		}
		if err := a.tx.PutPrincipal(p); err != nil {
			return err
		}
		if err := a.rootIsOwned(); err != nil {
			return err
		}
		return a.log(opSetDisabled, RootID, detail("principal", m, "disabled", disabled))
	})
	return s.refused(ctx, opSetDisabled, "", err)
}

// Groups lists the groups by name.
func (s *Service) Groups(ctx context.Context, page PageRequest) (Page[GroupInfo], error) {
	var out Page[GroupInfo]
	err := s.view(ctx, func(a *access) error {
		if err := a.checkRoot(opGroups); err != nil {
			return err
		}
		var err error
		out, err = membersPage("groups", page, a.tx.Groups, func(g GroupInfo) iam.Member { return g.Member })
		return err
	})
	return out, s.refused(ctx, opGroups, "", err)
}

// GroupMembers lists who is directly in a group.
func (s *Service) GroupMembers(ctx context.Context, group iam.Member, page PageRequest) (Page[iam.Member], error) {
	var out Page[iam.Member]
	err := s.view(ctx, func(a *access) error {
		if err := a.checkRoot(opGroupMembers); err != nil {
			return err
		}
		if _, err := a.tx.Group(group); err != nil {
			return err
		}
		var err error
		out, err = membersPage("members "+string(group), page, func(after iam.Member, limit int) ([]iam.Member, error) {
			return a.tx.GroupMembers(group, after, limit)
		}, func(m iam.Member) iam.Member { return m })
		return err
	})
	return out, s.refused(ctx, opGroupMembers, "", err)
}

// PutGroup adds a group or changes its title and description.
func (s *Service) PutGroup(ctx context.Context, g GroupInfo) error {
	err := s.update(ctx, func(a *access) error {
		if err := a.checkRoot(opPutGroup); err != nil {
			return err
		}
		m, err := iam.ParseMember(string(g.Member))
		if err != nil {
			return err
		}
		if m.Kind() != iam.Group {
			return fmt.Errorf("%w group %s", ErrInvalid, m)
		}
		if err := cleanTitle(g.Title); err != nil {
			return err
		}
		if g.Description, err = cleanDescription(g.Description); err != nil {
			return err
		}
		g.Member, g.CreatedAt = m, a.now
		if err := a.tx.PutGroup(g); err != nil {
			return err
		}
		return a.log(opPutGroup, RootID, detail("group", m, "title", g.Title))
	})
	return s.refused(ctx, opPutGroup, "", err)
}

// DeleteGroup removes a group with its memberships. Bindings that name it stay, and reach nobody. ErrLastOwner: the
// server would have no owner.
func (s *Service) DeleteGroup(ctx context.Context, group iam.Member) error {
	err := s.update(ctx, func(a *access) error {
		if err := a.checkRoot(opDeleteGroup); err != nil {
			return err
		}
		if err := a.tx.DeleteGroup(group); err != nil {
			return err
		}
		if err := a.rootIsOwned(); err != nil {
			return err
		}
		return a.log(opDeleteGroup, RootID, detail("group", group))
	})
	return s.refused(ctx, opDeleteGroup, "", err)
}

// SetGroupMember puts a user, service account, domain or another group into a group, or takes it out. Groups may
// contain each other. ErrLastOwner: the server would have no owner.
func (s *Service) SetGroupMember(ctx context.Context, group, member iam.Member, present bool) error {
	err := s.update(ctx, func(a *access) error {
		if err := a.checkRoot(opSetGroupMember); err != nil {
			return err
		}
		m, err := iam.ParseMember(string(member))
		if err != nil {
			return err
		}
		if m.Kind() == iam.Everyone {
			return fmt.Errorf("%w member %s: name it in a policy instead", ErrInvalid, m)
		}
		if _, err := a.tx.Group(group); err != nil {
			return err
		}
		if err := a.tx.SetGroupMember(group, m, present, a.now); err != nil {
			return err
		}
		if err := a.rootIsOwned(); err != nil {
			return err
		}
		return a.log(opSetGroupMember, RootID, detail("group", group, "member", m, "present", present))
	})
	return s.refused(ctx, opSetGroupMember, "", err)
}
