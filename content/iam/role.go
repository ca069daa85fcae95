package iam

import (
	"fmt"
	"slices"
	"strings"
)

// RoleName names a role: one of the built-in ones or "custom/NAME".
type RoleName string

// The built-in roles.
const (
	Viewer    RoleName = "viewer"
	Commenter RoleName = "commenter"
	Runner    RoleName = "runner"
	Editor    RoleName = "editor"
	Owner     RoleName = "owner"
	UserRole  RoleName = "user" // uses an environment or a data source
	Admin     RoleName = "admin"
	Auditor   RoleName = "auditor"
)

// CustomPrefix begins the name of every custom role, so that none can shadow a built-in one.
const CustomPrefix = "custom/"

// Role is a named list of permissions.
type Role struct {
	Name        RoleName
	Title       string
	Permissions []Permission
}

// Bounds of a custom role.
const (
	MaxRoleNameLength = 64
	MaxCustomRoles    = 300
)

// BuiltinRoles is the table of roles that every server has, weakest first within each group.
func BuiltinRoles() []Role {
	viewer := []Permission{ResourcesGet, ResourcesList, DocumentsRead, RevisionsList}
	commenter := append(slices.Clone(viewer), DocumentsComment)
	runner := append(slices.Clone(commenter), DocumentsExecute)
	editor := append(slices.Clone(runner), DocumentsUpdate, RevisionsUpdate, ResourcesCreate, ResourcesUpdate,
		ResourcesMove, ResourcesDelete, EnvironmentsUse, DataSourcesUse, SecretsList, SecretsUpdate, SecretsUse)
	owner := append(slices.Clone(editor), ResourcesPurge, ResourcesGetIamPolicy, ResourcesSetIamPolicy,
		FoldersSetRetention)
	return []Role{
		{Viewer, "Viewer: read documents and their stored outputs", viewer},
		{Commenter, "Commenter: also comment", commenter},
		{Runner, "Runner: also execute documents as they stand", runner},
		{Editor, "Editor: also write", editor},
		{Owner, "Owner: also share and delete for good", owner},
		{UserRole, "User: use an environment or a data source",
			[]Permission{ResourcesGet, EnvironmentsUse, DataSourcesUse}},
		{Admin, "Admin: manage principals, groups, roles and policies; reads no documents", []Permission{
			ResourcesGet, ResourcesList, ResourcesGetIamPolicy, ResourcesSetIamPolicy, PrincipalsList,
			PrincipalsManage, GroupsList, GroupsManage, RolesManage, AuditRead, SystemMaintain}},
		{Auditor, "Auditor: read the audit log and every policy",
			[]Permission{ResourcesGet, ResourcesList, ResourcesGetIamPolicy, PrincipalsList, GroupsList, AuditRead}},
	}
}

// Roles finds roles by name. The zero value knows none; NewRoles gives the built-in ones with custom ones.
type Roles struct {
	byName map[RoleName]roleSet
}

type roleSet struct {
	role Role
	has  map[Permission]bool
}

// NewRoles is the built-in roles together with custom ones, which must be valid (Role.Validate). It is immutable.
func NewRoles(custom []Role) Roles {
	out := Roles{byName: map[RoleName]roleSet{}}
	for _, role := range append(BuiltinRoles(), custom...) {
		set := roleSet{role: role, has: make(map[Permission]bool, len(role.Permissions))}
		for _, p := range role.Permissions {
			set.has[p] = true
		}
		out.byName[role.Name] = set
	}
	return out
}

// Includes reports whether the role name holds p. An unknown role holds nothing.
func (r Roles) Includes(name RoleName, p Permission) bool { return r.byName[name].has[p] }

// Get finds a role by its name.
func (r Roles) Get(name RoleName) (Role, bool) {
	set, ok := r.byName[name]
	return set.role, ok
}

// All lists the roles by name.
func (r Roles) All() []Role {
	out := make([]Role, 0, len(r.byName))
	for _, set := range r.byName {
		out = append(out, set.role)
	}
	slices.SortFunc(out, func(a, b Role) int { return strings.Compare(string(a.Name), string(b.Name)) })
	return out
}

// With lists the names of the roles that hold p, sorted.
func (r Roles) With(p Permission) []RoleName {
	var out []RoleName
	for name, set := range r.byName {
		if set.has[p] {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Validate checks a custom role: its name is CustomPrefix and then letters, digits, ".", "_" or "-", it holds at least one permission and
// only known ones, each once. Errors wrap ErrInvalid.
func (r Role) Validate() error {
	short, ok := strings.CutPrefix(string(r.Name), CustomPrefix)
	if !ok || short == "" || len(r.Name) > MaxRoleNameLength || strings.ContainsFunc(short, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("._-", c))
	}) {
		return fmt.Errorf("%w role name %.80q: want %sNAME", ErrInvalid, r.Name, CustomPrefix)
	}
	if len(r.Permissions) == 0 {
		return fmt.Errorf("%w role %s: no permissions", ErrInvalid, r.Name)
	}
	known := Permissions()
	for i, p := range r.Permissions {
		if !slices.Contains(known, p) {
			return fmt.Errorf("%w role %s: no permission %.60q", ErrInvalid, r.Name, p)
		}
		if slices.Contains(r.Permissions[:i], p) {
			return fmt.Errorf("%w role %s: %s twice", ErrInvalid, r.Name, p)
		}
	}
	return nil
}
