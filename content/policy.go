package content

import (
	"context"
	"fmt"
	"slices"

	"sextant/content/iam"
)

// GetIamPolicy gives a resource's own policy; what it inherits is not in it.
func (s *Service) GetIamPolicy(ctx context.Context, id ResourceID) (iam.Policy, error) {
	var out iam.Policy
	err := s.view(ctx, func(a *access) error {
		t, err := a.check(opGetIamPolicy, id)
		if err != nil {
			return err
		}
		out = t.lineage[0].Policy
		return nil
	})
	return out, s.refused(ctx, opGetIamPolicy, id, err)
}

// SetIamPolicy replaces a resource's own policy and gives it in its canonical form. policy.Etag must be the stored
// one's, else ErrPrecondition; empty replaces whatever is stored. ErrLastOwner: it had an owner and would have none, or
// it is the root's and nobody who can sign in would own the server.
func (s *Service) SetIamPolicy(ctx context.Context, id ResourceID, policy iam.Policy) (iam.Policy, error) {
	var out iam.Policy
	err := s.update(ctx, func(a *access) error {
		t, err := a.check(opSetIamPolicy, id)
		if err != nil {
			return err
		}
		current := t.lineage[0].Policy
		if policy.Etag != "" && policy.Etag != current.Etag {
			return fmt.Errorf("%w: the policy's etag is %s, not %s", ErrPrecondition, current.Etag, policy.Etag)
		}
		out, err = a.setPolicy(opSetIamPolicy, t, policy)
		return err
	})
	return out, s.refused(ctx, opSetIamPolicy, id, err)
}

// setPolicy validates and stores a policy, logs it with the one before, and tells the feed.
func (a *access) setPolicy(op opName, t target, policy iam.Policy) (iam.Policy, error) {
	current := t.lineage[0].Policy
	next, err := policy.Normalize(a.roles, a.s.conditions)
	if err != nil {
		return next, err
	}
	if err := iam.CheckReplace(current, next, a.roles, t.ID == RootID); err != nil {
		return next, err
	}
	if next.Etag == current.Etag {
		return next, nil
	}
	if err := a.tx.SetPolicy(t.ID, next, a.now); err != nil {
		return next, err
	}
	if t.ID == RootID {
		if err := a.rootIsOwned(); err != nil {
			return next, err
		}
	}
	if err := a.tell(PolicyChanged, t.ID, t.Chain, ""); err != nil {
		return next, err
	}
	return next, a.log(op, t.ID, detail("before", current.Bindings, "after", next.Bindings))
}

// rootIsOwned is ErrLastOwner where nobody who can act owns the server. It is asked after every change that could make
// it so, within the transaction that then fails.
func (a *access) rootIsOwned() error {
	policy, err := a.tx.Policy(RootID)
	if err != nil {
		return err
	}
	level := policy.Owners(a.roles)
	seen := map[iam.Member]bool{}
	for len(level) > 0 {
		var next []iam.Member
		for _, m := range level {
			if seen[m] {
				continue
			}
			seen[m] = true
			if m.IsPrincipal() {
				p, err := a.tx.Principal(m)
				if err != nil && !isNotFound(err) {
					return err
				}
				if err == nil && p.Disabled.IsZero() {
					return nil
				}
				continue
			}
			for after := iam.Member(""); ; {
				members, err := a.tx.GroupMembers(m, after, 1000)
				if err != nil {
					return err
				}
				next = append(next, members...)
				if len(members) < 1000 {
					break
				}
				after = members[len(members)-1]
			}
		}
		level = next
	}
	return fmt.Errorf("%w: nobody would own the server", ErrLastOwner)
}

// TestIamPermissions gives those of some permissions that the actor has on a resource. None, also where the resource
// is not there.
func (s *Service) TestIamPermissions(ctx context.Context, id ResourceID, permissions []iam.Permission) ([]iam.Permission, error) {
	var out []iam.Permission
	err := s.view(ctx, func(a *access) error {
		if len(permissions) > 100 {
			return fmt.Errorf("%w: more than 100 permissions", ErrInvalid)
		}
		known := iam.Permissions()
		for _, p := range permissions {
			if !slices.Contains(known, p) {
				return fmt.Errorf("%w permission %.60q", ErrInvalid, p)
			}
		}
		if !validID(string(id)) {
			return nil
		}
		t, err := a.load(id)
		if isNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, p := range permissions {
			ok, err := a.allowed(t, p)
			if err != nil {
				return err
			}
			if ok && !t.Hidden {
				out = append(out, p)
			}
		}
		return nil
	})
	return out, s.refused(ctx, opTestIamPermissions, id, err)
}

// Explain tells whether a principal has a permission on a resource, and each binding's part in it. Bindings of folders
// whose policy the actor may not read are left out, except that one of them which grants shows its outcome alone.
func (s *Service) Explain(ctx context.Context, id ResourceID, principal iam.Member, permission iam.Permission) (iam.Explanation, error) {
	var out iam.Explanation
	err := s.view(ctx, func(a *access) error {
		t, err := a.check(opExplain, id)
		if err != nil {
			return err
		}
		if !slices.Contains(iam.Permissions(), permission) {
			return fmt.Errorf("%w permission %.60q", ErrInvalid, permission)
		}
		subject := iam.Subject{}
		if principal != "" {
			m, err := iam.ParseMember(string(principal))
			if err != nil || !m.IsPrincipal() {
				return fmt.Errorf("%w principal %.60q: want a user or a service account", ErrInvalid, principal)
			}
			if subject, err = a.subjectOf(m); err != nil {
				return err
			}
		}
		q, err := a.query(t, permission, subject)
		if err != nil {
			return err
		}
		out = iam.Explain(q, a.roles, a.s.conditions)
		out.Reasons, err = a.readable(t, out.Reasons)
		return err
	})
	return out, s.refused(ctx, opExplain, id, err)
}

// readable leaves out of reasons what the actor may not read.
func (a *access) readable(t target, reasons []iam.Reason) ([]iam.Reason, error) {
	may := map[string]bool{string(t.ID): true}
	for _, level := range t.lineage[1:] {
		above, err := a.load(level.ID)
		if err != nil {
			return nil, err
		}
		if may[string(level.ID)], err = a.allowed(above, a.s.operations[opGetIamPolicy]); err != nil {
			return nil, err
		}
	}
	var out []iam.Reason
	for _, r := range reasons {
		switch {
		case may[r.ResourceID]:
			out = append(out, r)
		case r.Outcome == iam.Grants:
			out = append(out, iam.Reason{Inherited: true, Outcome: r.Outcome})
		}
	}
	return out, nil
}

// Granted is one binding that gives a permission on a resource.
type Granted struct {
	// ResourceID is whose policy holds it: the resource's own or an ancestor's.
	ResourceID ResourceID
	Binding    iam.Binding
}

// WhoCan lists the bindings that give a permission on a resource, its own and inherited ones, as far as the actor may
// read the policies. Conditions are not evaluated.
func (s *Service) WhoCan(ctx context.Context, id ResourceID, permission iam.Permission) ([]Granted, error) {
	var out []Granted
	err := s.view(ctx, func(a *access) error {
		t, err := a.check(opWhoCan, id)
		if err != nil {
			return err
		}
		if !slices.Contains(iam.Permissions(), permission) {
			return fmt.Errorf("%w permission %.60q", ErrInvalid, permission)
		}
		var reasons []iam.Reason
		for _, level := range t.lineage {
			for _, b := range level.Policy.Bindings {
				if a.roles.Includes(b.Role, permission) {
					reasons = append(reasons, iam.Reason{ResourceID: string(level.ID), Binding: b})
				}
			}
		}
		reasons, err = a.readable(t, reasons)
		for _, r := range reasons {
			out = append(out, Granted{ResourceID(r.ResourceID), r.Binding})
		}
		return err
	})
	return out, s.refused(ctx, opWhoCan, id, err)
}

// TransferOwnership makes another principal answer for a resource: they become its Owner and get the owner role on it;
// who was its Owner keeps the editor role where they had the owner role by the resource's own policy.
func (s *Service) TransferOwnership(ctx context.Context, id ResourceID, to iam.Member) error {
	err := s.update(ctx, func(a *access) error {
		t, err := a.check(opTransferOwnership, id)
		if err != nil {
			return err
		}
		m, err := iam.ParseMember(string(to))
		if err != nil {
			return err
		}
		p, err := a.tx.Principal(m)
		if isNotFound(err) || err == nil && !p.Disabled.IsZero() {
			return fmt.Errorf("%w owner %s: no such principal, or it is disabled", ErrInvalid, m)
		}
		if err != nil {
			return err
		}
		policy := t.lineage[0].Policy
		var bindings []iam.Binding
		for _, b := range policy.Bindings {
			b.Members = slices.Clone(b.Members)
			if b.Role == iam.Owner && b.Condition == nil && t.Owner != m && slices.Contains(b.Members, t.Owner) && id != RootID {
				b.Members = slices.DeleteFunc(b.Members, func(o iam.Member) bool { return o == t.Owner })
				bindings = append(bindings, iam.Binding{Role: iam.Editor, Members: []iam.Member{t.Owner}})
			}
			bindings = append(bindings, b)
		}
		bindings = append(bindings, iam.Binding{Role: iam.Owner, Members: []iam.Member{m}})
		if _, err := a.setPolicy(opTransferOwnership, t, iam.Policy{Bindings: bindings}); err != nil {
			return err
		}
		r := t.Resource
		r.Owner = m
		if _, err := a.changed(t, r); err != nil {
			return err
		}
		return a.log(opTransferOwnership, id, detail("from", t.Owner, "to", m))
	})
	return s.refused(ctx, opTransferOwnership, id, err)
}
