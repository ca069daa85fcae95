package api

import (
	"context"
	"net/http"
	"time"

	"sextant/content"
	"sextant/content/iam"
)

// Principal is a user or a service account.
type Principal struct {
	Member      string     `json:"member"`
	DisplayName string     `json:"displayName,omitempty"`
	Email       string     `json:"email,omitempty"`
	InvitedBy   string     `json:"invitedBy,omitempty" doc:"Who let them in by an invitation"`
	DisabledAt  *time.Time `json:"disabledAt,omitempty"`
	CreatedAt   time.Time  `json:"createdAt"`
	LastSeen    *time.Time `json:"lastSeen,omitempty"`
}

func viewPrincipal(p content.Principal) Principal {
	return Principal{string(p.Member), p.DisplayName, p.Email, string(p.InvitedBy), optional(p.Disabled), p.CreatedAt, optional(p.LastSeen)}
}

// Self is who asks.
type Self struct {
	Principal
	Groups []string `json:"groups" nullable:"false"`
	// Permissions limits what the token that was used can do; absent is not limited.
	Permissions []string `json:"permissions,omitempty" nullable:"false" doc:"What the token in use is limited to"`
	// Invites is empty where the administrator lets nobody be invited.
	Invites []string `json:"invites,omitempty" nullable:"false" doc:"Domains of addresses that one may invite to what one shares; * is any"`
}

// Entry is what everybody may know of a principal or group.
type Entry struct {
	Member string `json:"member"`
	Name   string `json:"name,omitempty" doc:"What it is called, where it has a name"`
	// Invited is of users who may never come.
	Invited bool `json:"invited,omitempty" doc:"Has been invited, and has not come yet"`
}

func viewEntry(e content.Entry) Entry { return Entry{string(e.Member), e.Name, e.Invited} }

// Group is a group without its members.
type Group struct {
	Member      string    `json:"member"`
	Title       string    `json:"title,omitempty"`
	Description string    `json:"description,omitempty"`
	External    bool      `json:"external,omitempty" doc:"An identity provider decides who is in it"`
	CreatedAt   time.Time `json:"createdAt"`
}

// Role is a named list of permissions.
type Role struct {
	Name        string   `json:"name"`
	Title       string   `json:"title"`
	Permissions []string `json:"permissions" nullable:"false"`
}

// ByMember names a principal or group.
type ByMember struct {
	Member string `path:"member" maxLength:"400" doc:"user:ana@x.org, serviceAccount:nightly, group:risk@x.org"`
}

func (b ByMember) member() iam.Member { return iam.Member(b.Member) }

func (a *API) people() {
	const tag = "people"
	s := a.o.Service
	add(a, route{"getSelf", http.MethodGet, "/me", "Tell who one is", tag, uses("Me"), 0},
		func(ctx context.Context, _ *Fields) (*Body[Self], error) {
			self, err := s.Me(ctx)
			return body(Self{viewPrincipal(self.Principal), viewAll(self.Groups, memberString),
				viewAll(content.ActorFrom(ctx).Permissions, func(p iam.Permission) string { return string(p) }), self.Invites}), err
		})
	add(a, route{"searchDirectory", http.MethodGet, "/directory", "Find people and groups to share with, by the beginnings of words of names and addresses", tag, uses("Directory"), 0},
		func(ctx context.Context, in *struct {
			Query string `query:"q" maxLength:"200"`
			Limit int    `query:"limit" minimum:"0" maximum:"50" doc:"0: 50"`
		}) (*Body[Page[Entry]], error) {
			found, err := s.Directory(ctx, in.Query, in.Limit)
			return body(Page[Entry]{Items: viewAll(found, viewEntry)}), err
		})
	add(a, route{"getNames", http.MethodGet, "/directory/names", "Tell which people and groups are known here, and what they are called", tag, uses("Names"), 0},
		func(ctx context.Context, in *struct {
			Members []string `query:"member" maxItems:"200" doc:"Separated by commas"`
		}) (*Body[Page[Entry]], error) {
			found, err := s.Names(ctx, viewAll(in.Members, func(m string) iam.Member { return iam.Member(m) }))
			return body(Page[Entry]{Items: viewAll(found, viewEntry)}), err
		})
	add(a, route{"listPrincipals", http.MethodGet, "/principals", "List users and service accounts", tag, uses("Principals"), 0},
		func(ctx context.Context, in *struct {
			Paging
			Fields
		}) (*Body[Page[Principal]], error) {
			page, err := s.Principals(ctx, in.page())
			return body(viewPage(page, viewPrincipal)), err
		})
	add(a, route{"getPrincipal", http.MethodGet, "/principals/{member}", "Get a user or service account", tag, uses("Principal"), 0},
		func(ctx context.Context, in *ByMember) (*Body[Principal], error) {
			p, err := s.Principal(ctx, in.member())
			return body(viewPrincipal(p)), err
		})
	add(a, route{"putPrincipal", http.MethodPut, "/principals/{member}", "Add a user or service account, or change its names", tag, uses("PutPrincipal"), 0},
		func(ctx context.Context, in *struct {
			ByMember
			Body struct {
				DisplayName string `json:"displayName,omitempty"`
				Email       string `json:"email,omitempty"`
			}
		}) (*None, error) {
			return nil, s.PutPrincipal(ctx, content.Principal{Member: in.member(), DisplayName: in.Body.DisplayName, Email: in.Body.Email})
		})
	for _, d := range []struct {
		id, verb, summary string
		disabled          bool
	}{{"disablePrincipal", "disable", "Take every right from a principal at once", true}, {"enablePrincipal", "enable", "Give a principal its rights back", false}} {
		add(a, route{d.id, http.MethodPost, "/principals/{member}/" + d.verb, d.summary, tag, uses("SetDisabled"), 0},
			func(ctx context.Context, in *ByMember) (*None, error) {
				return nil, s.SetDisabled(ctx, in.member(), d.disabled)
			})
	}
	a.groups()
	add(a, route{"listRoles", http.MethodGet, "/roles", "List the roles", tag, uses("Roles"), 0},
		func(ctx context.Context, _ *struct{}) (*Body[Page[Role]], error) {
			roles, err := s.Roles(ctx)
			return body(Page[Role]{Items: viewAll(roles, func(r iam.Role) Role {
				return Role{string(r.Name), r.Title, viewAll(r.Permissions, func(p iam.Permission) string { return string(p) })}
			})}), err
		})
	add(a, route{"putRole", http.MethodPut, "/roles/custom/{role}", "Add or change a custom role", tag, uses("PutRole"), 0},
		func(ctx context.Context, in *struct {
			Role string `path:"role" maxLength:"100"`
			Body struct {
				Title       string   `json:"title,omitempty"`
				Permissions []string `json:"permissions" nullable:"false"`
			}
		}) (*None, error) {
			return nil, s.PutRole(ctx, iam.Role{Name: iam.RoleName(iam.CustomPrefix + in.Role), Title: in.Body.Title, Permissions: permissions(in.Body.Permissions)})
		})
	add(a, route{"deleteRole", http.MethodDelete, "/roles/custom/{role}", "Delete a custom role that no policy names", tag, uses("DeleteRole"), 0},
		func(ctx context.Context, in *struct {
			Role string `path:"role" maxLength:"100"`
		}) (*None, error) {
			return nil, s.DeleteRole(ctx, iam.RoleName(iam.CustomPrefix+in.Role))
		})
}

func (a *API) groups() {
	const tag = "people"
	s := a.o.Service
	add(a, route{"listGroups", http.MethodGet, "/groups", "List the groups", tag, uses("Groups"), 0},
		func(ctx context.Context, in *Paging) (*Body[Page[Group]], error) {
			page, err := s.Groups(ctx, in.page())
			return body(viewPage(page, func(g content.GroupInfo) Group {
				return Group{string(g.Member), g.Title, g.Description, g.External, g.CreatedAt}
			})), err
		})
	add(a, route{"putGroup", http.MethodPut, "/groups/{member}", "Add a group, or change its title", tag, uses("PutGroup"), 0},
		func(ctx context.Context, in *struct {
			ByMember
			Body struct {
				Title       string `json:"title,omitempty"`
				Description string `json:"description,omitempty"`
				External    bool   `json:"external,omitempty"`
			}
		}) (*None, error) {
			return nil, s.PutGroup(ctx, content.GroupInfo{Member: in.member(), Title: in.Body.Title, Description: in.Body.Description, External: in.Body.External})
		})
	add(a, route{"deleteGroup", http.MethodDelete, "/groups/{member}", "Delete a group", tag, uses("DeleteGroup"), 0},
		func(ctx context.Context, in *ByMember) (*None, error) { return nil, s.DeleteGroup(ctx, in.member()) })
	add(a, route{"listGroupMembers", http.MethodGet, "/groups/{member}/members", "List who is directly in a group", tag, uses("GroupMembers"), 0},
		func(ctx context.Context, in *struct {
			ByMember
			Paging
		}) (*Body[Page[string]], error) {
			page, err := s.GroupMembers(ctx, in.member(), in.page())
			return body(viewPage(page, memberString)), err
		})
	for _, m := range []struct {
		id, method, summary string
		present             bool
	}{{"addGroupMember", http.MethodPut, "Put somebody into a group", true}, {"removeGroupMember", http.MethodDelete, "Take somebody out of a group", false}} {
		add(a, route{m.id, m.method, "/groups/{member}/members/{who}", m.summary, tag, uses("SetGroupMember"), 0},
			func(ctx context.Context, in *struct {
				ByMember
				Who string `path:"who" maxLength:"400"`
			}) (*None, error) {
				return nil, s.SetGroupMember(ctx, in.member(), iam.Member(in.Who), m.present)
			})
	}
}
