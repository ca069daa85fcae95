package content

import (
	"context"
	"fmt"
	"slices"

	"sextant/content/iam"
)

// RequestAccess asks for a role on a resource, for whoever may share it to decide. It succeeds also where the resource
// is not there, and tells nothing about it. Asking again replaces what was asked and not decided yet.
func (s *Service) RequestAccess(ctx context.Context, id ResourceID, role iam.RoleName, message string) error {
	err := s.update(ctx, func(a *access) error {
		who, err := a.signedIn()
		if err != nil {
			return err
		}
		if _, ok := a.roles.Get(role); !ok {
			return fmt.Errorf("%w role %.60q: no such role", ErrInvalid, role)
		}
		if message, err = cleanMessage(message); err != nil {
			return err
		}
		if !validID(string(id)) {
			return nil
		}
		t, err := a.load(id)
		if isNotFound(err) || err == nil && t.Hidden {
			return nil
		}
		if err != nil {
			return err
		}
		r, err := a.tx.OpenAccessRequest(id, who)
		if isNotFound(err) {
			r, err = AccessRequest{ID: newID(), ResourceID: id, Requester: who, CreatedAt: a.now, State: Pending}, nil
		}
		if err != nil {
			return err
		}
		r.Role, r.Message = role, message
		if err := a.tx.PutAccessRequest(r); err != nil {
			return err
		}
		return a.log(opRequestAccess, id, detail("request", r.ID, "role", role))
	})
	return s.refused(ctx, opRequestAccess, id, err)
}

// AccessRequests lists the requests for a resource, newest first, at most 1000; only undecided ones where open is set.
func (s *Service) AccessRequests(ctx context.Context, id ResourceID, open bool) ([]AccessRequest, error) {
	var out []AccessRequest
	err := s.view(ctx, func(a *access) error {
		_, err := a.check(opAccessRequests, id)
		if err != nil {
			return err
		}
		out, err = a.tx.AccessRequests(id, open, MaxPageSize)
		return err
	})
	return out, s.refused(ctx, opAccessRequests, id, err)
}

// DecideAccess approves a request, which binds the role that was asked for, or another one where role is not empty, to
// who asked; or declines it. ErrPrecondition: it has been decided already.
func (s *Service) DecideAccess(ctx context.Context, request string, approve bool, role iam.RoleName) error {
	var id ResourceID
	err := s.update(ctx, func(a *access) error {
		if !validID(request) {
			return ErrNotFound
		}
		r, err := a.tx.AccessRequest(request)
		if err != nil {
			return err
		}
		id = r.ResourceID
		t, err := a.check(opDecideAccess, id)
		if err != nil {
			return err
		}
		if r.State != Pending {
			return fmt.Errorf("%w: the request has been %s", ErrPrecondition, r.State)
		}
		if role != "" {
			r.Role = role
		}
		r.State, r.DecidedBy, r.DecidedAt = Declined, a.actor.Principal, a.now
		if approve {
			r.State = Approved
			policy := t.lineage[0].Policy
			policy.Bindings = append(slices.Clone(policy.Bindings), iam.Binding{Role: r.Role, Members: []iam.Member{r.Requester}})
			if _, err := a.setPolicy(opDecideAccess, t, policy); err != nil {
				return err
			}
		}
		if err := a.tx.PutAccessRequest(r); err != nil {
			return err
		}
		return a.log(opDecideAccess, id, detail("request", r.ID, "requester", r.Requester, "role", r.Role, "state", r.State))
	})
	return s.refused(ctx, opDecideAccess, id, err)
}
