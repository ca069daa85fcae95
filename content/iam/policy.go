package iam

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
)

// Binding gives a role to members, always or while its condition holds.
type Binding struct {
	Role      RoleName   `json:"role"`
	Members   []Member   `json:"members"`
	Condition *Condition `json:"condition,omitempty"`
}

// Policy is what one resource's own bindings say; what is inherited is not in it.
type Policy struct {
	Bindings []Binding `json:"bindings"`
	// Etag guards read-modify-write: a policy is set only where the stored one still has this etag.
	Etag string `json:"etag,omitempty"`
}

// Bounds of a policy.
const (
	MaxBindings = 500
	MaxMembers  = 1500 // in all bindings of a policy together
)

// Normalize gives the policy in its canonical form: members parsed, sorted and each once; bindings of equal role and
// condition merged and sorted; bindings without members dropped; Etag set to match. It checks roles, members,
// conditions and bounds; errors wrap ErrInvalid.
func (p Policy) Normalize(roles Roles, conditions *Conditions) (Policy, error) {
	var out Policy
	total := 0
	for _, b := range p.Bindings {
		if _, ok := roles.Get(b.Role); !ok {
			return Policy{}, fmt.Errorf("%w role %.60q: no such role", ErrInvalid, b.Role)
		}
		if b.Condition != nil {
			if len(b.Condition.Title) > 100 || len(b.Condition.Description) > 1000 {
				return Policy{}, fmt.Errorf("%w condition: title or description too long", ErrInvalid)
			}
			if err := conditions.Check(b.Condition.Expression); err != nil {
				return Policy{}, err
			}
		}
		members := make([]Member, 0, len(b.Members))
		for _, m := range b.Members {
			parsed, err := ParseMember(string(m))
			if err != nil {
				return Policy{}, err
			}
			members = append(members, parsed)
		}
		if total += len(members); total > MaxMembers {
			return Policy{}, fmt.Errorf("%w policy: more than %d members", ErrInvalid, MaxMembers)
		}
		i := slices.IndexFunc(out.Bindings, func(o Binding) bool { return o.Role == b.Role && sameCondition(o, b) })
		if i < 0 {
			out.Bindings = append(out.Bindings, Binding{Role: b.Role, Condition: b.Condition})
			i = len(out.Bindings) - 1
		}
		out.Bindings[i].Members = append(out.Bindings[i].Members, members...)
		if len(out.Bindings) > MaxBindings {
			return Policy{}, fmt.Errorf("%w policy: more than %d bindings", ErrInvalid, MaxBindings)
		}
	}
	for i := range out.Bindings {
		slices.Sort(out.Bindings[i].Members)
		out.Bindings[i].Members = slices.Compact(out.Bindings[i].Members)
	}
	out.Bindings = slices.DeleteFunc(out.Bindings, func(b Binding) bool { return len(b.Members) == 0 })
	slices.SortFunc(out.Bindings, func(a, b Binding) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(expressionOf(a), expressionOf(b)))
	})
	out.Etag = out.etag()
	return out, nil
}

// etag is a digest of the bindings, so that equal policies have equal etags and setting one twice is no conflict.
func (p Policy) etag() string {
	text, err := json.Marshal(p.Bindings)
	if err != nil { // strings and slices of strings always marshal
		panic(err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}

// EmptyEtag is the etag of a policy without bindings, as every new resource has.
func EmptyEtag() string { return Policy{}.etag() }

// HasOwner reports whether some member can share by this policy alone: an unconditional binding of a role that holds
// ResourcesSetIamPolicy to a user, a service account or a group.
func (p Policy) HasOwner(roles Roles) bool {
	return len(p.Owners(roles)) > 0
}

// Owners lists those members, each once, sorted.
func (p Policy) Owners(roles Roles) []Member {
	var out []Member
	for _, b := range p.Bindings {
		if b.Condition != nil || !roles.Includes(b.Role, ResourcesSetIamPolicy) {
			continue
		}
		for _, m := range b.Members {
			if m.IsPrincipal() || m.Kind() == Group {
				out = append(out, m)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// CheckReplace says whether next may stand where current stood. A policy that had an owner must keep one; mustOwn
// demands one in any case, as the root of the tree does. The error wraps ErrLastOwner.
func CheckReplace(current, next Policy, roles Roles, mustOwn bool) error {
	if next.HasOwner(roles) || !mustOwn && !current.HasOwner(roles) {
		return nil
	}
	return fmt.Errorf("%w: the policy would hold no unconditional %s", ErrLastOwner, Owner)
}

func sameCondition(a, b Binding) bool {
	if a.Condition == nil || b.Condition == nil {
		return a.Condition == b.Condition
	}
	return *a.Condition == *b.Condition
}

func expressionOf(b Binding) string {
	if b.Condition == nil {
		return ""
	}
	return b.Condition.Expression + "\x00" + b.Condition.Title + "\x00" + b.Condition.Description
}
