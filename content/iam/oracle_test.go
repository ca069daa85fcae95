package iam

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The oracle decides in the most naive way there is: it asks for every grant by itself, walks groups by recursion with
// a depth limit, and knows conditions by their meaning instead of by CEL.
type oracle struct {
	groups map[Member][]Member // group → its direct members
	roles  map[RoleName][]Permission
	conds  map[string]func(Attributes, time.Time) bool
}

func (o oracle) in(principal, member Member, depth int) bool {
	switch {
	case member == AllUsers:
		return true
	case principal == "":
		return false
	case member == AllAuthenticatedUsers, member == principal:
		return true
	case member.Kind() == Domain:
		return principal.Kind() == User && strings.HasSuffix(string(principal), "@"+member.Value())
	case member.Kind() == Group && depth > 0:
		for _, m := range o.groups[member] {
			if m != AllUsers && o.in(principal, m, depth-1) {
				return true
			}
		}
	}
	return false
}

func (o oracle) allowed(principal Member, p Permission, r Attributes, chain []Level, now time.Time) bool {
	for _, level := range chain {
		for _, b := range level.Policy.Bindings {
			for _, m := range b.Members {
				if o.in(principal, m, 12) && slices.Contains(o.roles[b.Role], p) &&
					(b.Condition == nil || o.conds[b.Condition.Expression](r, now)) {
					return true
				}
			}
		}
	}
	return false
}

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

var testConditions = map[string]func(Attributes, time.Time) bool{
	`request.time < timestamp("2026-11-25T13:00:00Z")`: func(_ Attributes, now time.Time) bool {
		return now.Before(noon.Add(time.Hour))
	},
	`resource.type == "notebook"`: func(r Attributes, _ time.Time) bool { return r.Type == "notebook" },
	`resource.path.startsWith("/finance/")`: func(r Attributes, _ time.Time) bool {
		return strings.HasPrefix(r.Path, "/finance/")
	},
	`"public" in resource.tags && resource.owner != "user:bo@x.org"`: func(r Attributes, _ time.Time) bool {
		return slices.Contains(r.Tags, "public") && r.Owner != "user:bo@x.org"
	},
	`resource.tags[3] == "d"`: func(r Attributes, _ time.Time) bool { return len(r.Tags) > 3 && r.Tags[3] == "d" },
}

// TestEvaluateAgainstOracle draws groups (also circular), policies, resources and times, and compares.
func TestEvaluateAgainstOracle(t *testing.T) {
	conditions := newConditions(t)
	custom := Role{Name: "custom/reader", Permissions: []Permission{DocumentsRead, ResourcesGet}}
	roles := NewRoles([]Role{custom})
	o := oracle{roles: map[RoleName][]Permission{custom.Name: custom.Permissions}, conds: testConditions}
	for _, r := range BuiltinRoles() {
		o.roles[r.Name] = r.Permissions
	}
	principals := []Member{"user:ana@x.org", "user:bo@x.org", "user:cy@y.org", "serviceAccount:nightly", ""}
	groups := []Member{"group:a@x.org", "group:b@x.org", "group:c@x.org", "group:d@x.org"}
	members := append(append([]Member{AllUsers, AllAuthenticatedUsers, "domain:x.org", "domain:y.org"},
		principals[:4]...), groups...)
	var expressions []string
	for e := range testConditions {
		expressions = append(expressions, e)
	}
	slices.Sort(expressions)
	names := append(slices.Sorted(func(yield func(RoleName) bool) {
		for n := range o.roles {
			if !yield(n) {
				return
			}
		}
	}), "custom/gone")

	binding := rapid.Custom(func(t *rapid.T) Binding {
		b := Binding{
			Role:    rapid.SampledFrom(names).Draw(t, "role"),
			Members: rapid.SliceOfN(rapid.SampledFrom(members), 0, 3).Draw(t, "members"),
		}
		if rapid.Bool().Draw(t, "conditional") {
			b.Condition = &Condition{Expression: rapid.SampledFrom(expressions).Draw(t, "expression")}
		}
		return b
	})
	rapid.Check(t, func(t *rapid.T) {
		o.groups = map[Member][]Member{}
		for _, g := range groups {
			// allUsers is never a group's member: the store refuses it.
			o.groups[g] = rapid.SliceOfN(rapid.SampledFrom(members[2:]), 0, 3).Draw(t, string(g))
		}
		lookups := 0
		principal := rapid.SampledFrom(principals).Draw(t, "principal")
		subject, err := NewSubject(principal, func(asked []Member) (map[Member][]Member, error) {
			if lookups++; lookups > len(groups)+2 {
				t.Fatal("groups asked about again and again")
			}
			out := map[Member][]Member{}
			for g, listed := range o.groups {
				for _, m := range listed {
					if slices.Contains(asked, m) {
						out[m] = append(out[m], g)
					}
				}
			}
			return out, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var chain []Level
		for i := range rapid.IntRange(1, 4).Draw(t, "depth") {
			chain = append(chain, Level{ID: fmt.Sprint(i),
				Policy: Policy{Bindings: rapid.SliceOfN(binding, 0, 4).Draw(t, "bindings")}})
		}
		q := Query{
			Subject:    subject,
			Permission: rapid.SampledFrom(Permissions()).Draw(t, "permission"),
			Resource: Attributes{
				Path:  rapid.SampledFrom([]string{"/finance/q3", "/hr/pay", "/"}).Draw(t, "path"),
				Type:  rapid.SampledFrom([]string{"notebook", "folder"}).Draw(t, "type"),
				Owner: rapid.SampledFrom(principals).Draw(t, "owner"),
				Tags:  rapid.SliceOfN(rapid.SampledFrom([]string{"public", "d"}), 0, 4).Draw(t, "tags"),
			},
			Chain: chain,
			Time:  noon.Add(time.Duration(rapid.IntRange(0, 2).Draw(t, "hours")) * time.Hour),
		}
		want := o.allowed(principal, q.Permission, q.Resource, chain, q.Time)
		if got := Evaluate(q, roles, conditions); got != want {
			t.Fatalf("Evaluate = %v, oracle %v: %s", got, want, q.Permission)
		}
		why := Explain(q, roles, conditions)
		if why.Allowed != want {
			t.Fatalf("Explain = %v, oracle %v", why.Allowed, want)
		}
		granting := slices.ContainsFunc(why.Reasons, func(r Reason) bool { return r.Outcome == Grants })
		if granting != want {
			t.Fatalf("a reason grants: %v, want %v", granting, want)
		}
		for _, r := range why.Reasons {
			if n := len(r.Via); n > 0 && r.Via[0] != AllUsers && r.Via[0] != AllAuthenticatedUsers &&
				r.Via[n-1] != principal && r.Via[n-1].Kind() != Domain {
				t.Fatalf("via %v does not end at %s", r.Via, principal)
			}
		}
	})
}
