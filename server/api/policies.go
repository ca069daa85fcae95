package api

import (
	"context"
	"net/http"
	"time"

	"sextant/content"
	"sextant/content/iam"
)

// Policy is a resource's own bindings; what is inherited is not in it.
type Policy struct {
	Bindings []Binding `json:"bindings" nullable:"false"`
	Etag     string    `json:"etag,omitempty" doc:"The policy is set only where the stored one still has this etag"`
}

// Binding gives a role to members, always or while its condition holds.
type Binding struct {
	Role      string     `json:"role"`
	Members   []string   `json:"members" nullable:"false"`
	Condition *Condition `json:"condition,omitempty"`
}

// Condition limits a binding.
type Condition struct {
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Expression  string `json:"expression" doc:"CEL over request.time and resource.path, type, name, owner, tags"`
}

func viewPolicy(p iam.Policy) Policy { return Policy{viewAll(p.Bindings, viewBinding), p.Etag} }

func viewBinding(b iam.Binding) Binding {
	out := Binding{Role: string(b.Role), Members: viewAll(b.Members, memberString)}
	if c := b.Condition; c != nil {
		out.Condition = &Condition{c.Title, c.Description, c.Expression}
	}
	return out
}

func (p Policy) policy() iam.Policy {
	return iam.Policy{Etag: p.Etag, Bindings: viewAll(p.Bindings, func(b Binding) iam.Binding {
		out := iam.Binding{Role: iam.RoleName(b.Role), Members: viewAll(b.Members, func(s string) iam.Member { return iam.Member(s) })}
		if c := b.Condition; c != nil {
			out.Condition = &iam.Condition{Title: c.Title, Description: c.Description, Expression: c.Expression}
		}
		return out
	})}
}

func memberString(m iam.Member) string { return string(m) }

// Explanation is a decision with every binding's part in it.
type Explanation struct {
	Allowed bool     `json:"allowed"`
	Reasons []Reason `json:"reasons" nullable:"false"`
}

// Reason is one binding's part in a decision, nearest level first.
type Reason struct {
	ResourceID string   `json:"resourceId"`
	Inherited  bool     `json:"inherited"`
	Binding    Binding  `json:"binding"`
	Outcome    string   `json:"outcome"`
	Via        []string `json:"via,omitempty" nullable:"false" doc:"How the binding reaches the principal"`
	Detail     string   `json:"detail,omitempty"`
}

// Granted is one binding that gives a permission.
type Granted struct {
	ResourceID string  `json:"resourceId"`
	Binding    Binding `json:"binding"`
}

// AccessRequest is somebody asking for a role.
type AccessRequest struct {
	ID         string     `json:"id"`
	ResourceID string     `json:"resourceId"`
	Requester  string     `json:"requester"`
	Role       string     `json:"role"`
	Message    string     `json:"message,omitempty"`
	CreatedAt  time.Time  `json:"createdAt"`
	State      string     `json:"state" enum:"pending,approved,declined"`
	DecidedBy  string     `json:"decidedBy,omitempty"`
	DecidedAt  *time.Time `json:"decidedAt,omitempty"`
}

func viewAccessRequest(r content.AccessRequest) AccessRequest {
	return AccessRequest{r.ID, string(r.ResourceID), string(r.Requester), string(r.Role), r.Message, r.CreatedAt, string(r.State),
		string(r.DecidedBy), optional(r.DecidedAt)}
}

// PermissionList is a list of permissions.
type PermissionList struct {
	Permissions []string `json:"permissions" nullable:"false" maxItems:"100"`
}

func (a *API) policies() {
	const tag = "iam"
	s := a.o.Service
	add(a, route{"getIamPolicy", http.MethodGet, "/resources/{id}/iam-policy", "Get a resource's own policy", tag, uses("GetIamPolicy"), 0},
		func(ctx context.Context, in *ByID) (*Tagged[Policy], error) {
			p, err := s.GetIamPolicy(ctx, in.id())
			return tagged(p.Etag, viewPolicy(p)), err
		})
	add(a, route{"setIamPolicy", http.MethodPut, "/resources/{id}/iam-policy", "Replace a resource's own policy", tag, uses("SetIamPolicy"), 0},
		func(ctx context.Context, in *struct {
			ByID
			Body Policy
		}) (*Tagged[Policy], error) {
			p, err := s.SetIamPolicy(ctx, in.id(), in.Body.policy())
			return tagged(p.Etag, viewPolicy(p)), err
		})
	add(a, route{"testIamPermissions", http.MethodPost, "/resources/{id}/test-iam-permissions", "Tell which permissions one has", tag, uses("TestIamPermissions"), 0},
		func(ctx context.Context, in *struct {
			ByID
			Body PermissionList
		}) (*Body[PermissionList], error) {
			held, err := s.TestIamPermissions(ctx, in.id(), permissions(in.Body.Permissions))
			return body(PermissionList{viewAll(held, func(p iam.Permission) string { return string(p) })}), err
		})
	add(a, route{"explainAccess", http.MethodGet, "/resources/{id}/explain", "Explain why a principal may or may not do something", tag, uses("Explain"), 0},
		func(ctx context.Context, in *struct {
			ByID
			Principal  string `query:"principal" required:"true" maxLength:"400"`
			Permission string `query:"permission" required:"true" maxLength:"100"`
		}) (*Body[Explanation], error) {
			e, err := s.Explain(ctx, in.id(), iam.Member(in.Principal), iam.Permission(in.Permission))
			return body(Explanation{e.Allowed, viewAll(e.Reasons, func(r iam.Reason) Reason {
				return Reason{r.ResourceID, r.Inherited, viewBinding(r.Binding), string(r.Outcome), viewAll(r.Via, memberString), r.Detail}
			})}), err
		})
	add(a, route{"whoCan", http.MethodGet, "/resources/{id}/who-can", "List the bindings that give a permission", tag, uses("WhoCan"), 0},
		func(ctx context.Context, in *struct {
			ByID
			Permission string `query:"permission" required:"true" maxLength:"100"`
		}) (*Body[Page[Granted]], error) {
			granted, err := s.WhoCan(ctx, in.id(), iam.Permission(in.Permission))
			return body(Page[Granted]{Items: viewAll(granted, func(g content.Granted) Granted { return Granted{string(g.ResourceID), viewBinding(g.Binding)} })}), err
		})
	add(a, route{"transferOwnership", http.MethodPost, "/resources/{id}/transfer-ownership", "Make another principal the owner", tag, uses("TransferOwnership"), 0},
		func(ctx context.Context, in *struct {
			ByID
			Body struct {
				To string `json:"to"`
			}
		}) (*None, error) {
			return nil, s.TransferOwnership(ctx, in.id(), iam.Member(in.Body.To))
		})
	add(a, route{"requestAccess", http.MethodPost, "/resources/{id}/access-requests", "Ask for a role; tells nothing about the resource", tag, uses("RequestAccess"), http.StatusAccepted},
		func(ctx context.Context, in *struct {
			ByID
			Body struct {
				Role    string `json:"role"`
				Message string `json:"message,omitempty"`
			}
		}) (*None, error) {
			return nil, s.RequestAccess(ctx, in.id(), iam.RoleName(in.Body.Role), in.Body.Message)
		})
	add(a, route{"listAccessRequests", http.MethodGet, "/resources/{id}/access-requests", "List who asked for a role", tag, uses("AccessRequests"), 0},
		func(ctx context.Context, in *struct {
			ByID
			Open bool `query:"open" doc:"Only undecided ones"`
		}) (*Body[Page[AccessRequest]], error) {
			found, err := s.AccessRequests(ctx, in.id(), in.Open)
			return body(Page[AccessRequest]{Items: viewAll(found, viewAccessRequest)}), err
		})
	add(a, route{"decideAccess", http.MethodPost, "/access-requests/{request}/decision", "Approve or decline a request for access", tag, uses("DecideAccess"), 0},
		func(ctx context.Context, in *struct {
			Request string `path:"request" maxLength:"100"`
			Body    struct {
				Approve bool   `json:"approve"`
				Role    string `json:"role,omitempty" doc:"Another role than was asked for"`
			}
		}) (*None, error) {
			return nil, s.DecideAccess(ctx, in.Request, in.Body.Approve, iam.RoleName(in.Body.Role))
		})
}
