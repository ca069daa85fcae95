package iam

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func newConditions(t testing.TB) *Conditions {
	t.Helper()
	c, err := NewConditions()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestParseMember(t *testing.T) {
	for in, want := range map[string]Member{
		"user:Ana@X.org":         "user:ana@x.org",
		"group:Risk":             "group:risk",
		"domain:X.ORG":           "domain:x.org",
		"serviceAccount:Nightly": "serviceAccount:Nightly",
		"allUsers":               AllUsers,
		"allAuthenticatedUsers":  AllAuthenticatedUsers,
	} {
		if got, err := ParseMember(in); err != nil || got != want {
			t.Errorf("ParseMember(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", "user:", "ana@x.org", "alluser", "robot:x", "user:a b", "user:a\n", "domain:@x.org",
		"domain:.org", "user:a,b", "serviceAccount:a:b", "user:" + strings.Repeat("a", 400), "user:\xff"} {
		if got, err := ParseMember(in); !errors.Is(err, ErrInvalid) {
			t.Errorf("ParseMember(%q) = %q, %v; want ErrInvalid", in, got, err)
		}
	}
}

// TestMatrix crosses every built-in role with every permission, on the resource, inherited, and under conditions that
// hold, do not hold and fail.
func TestMatrix(t *testing.T) {
	roles, conditions := NewRoles(nil), newConditions(t)
	ana := subject(t, "user:ana@x.org", nil)
	resource := Attributes{Path: "/a/b", Type: "notebook", Name: "b", Tags: []string{"t"}}
	cases := 0
	for _, role := range BuiltinRoles() {
		for _, permission := range Permissions() {
			for level := range 3 {
				for expression, holds := range map[string]bool{
					"": true, `resource.name == "b"`: true, `resource.name == "a"`: false, `resource.tags[7] == "t"`: false,
				} {
					for _, member := range []Member{"user:ana@x.org", "domain:x.org", AllAuthenticatedUsers, AllUsers, "user:bo@x.org"} {
						b := Binding{Role: role.Name, Members: []Member{member}}
						if expression != "" {
							b.Condition = &Condition{Expression: expression}
						}
						chain := make([]Level, 3)
						chain[level].Policy.Bindings = []Binding{b}
						got := Evaluate(Query{ana, permission, resource, chain, time.Unix(0, 0)}, roles, conditions)
						want := slices.Contains(role.Permissions, permission) && holds && member != "user:bo@x.org"
						if got != want {
							t.Errorf("%s %s level %d %q to %s: %v", role.Name, permission, level, expression, member, got)
						}
						cases++
					}
				}
			}
		}
	}
	t.Logf("%d cases", cases)
}

func TestEveryPermissionHasARole(t *testing.T) {
	roles := NewRoles(nil)
	for _, p := range Permissions() {
		if len(roles.With(p)) == 0 {
			t.Errorf("no role holds %s", p)
		}
	}
	for _, role := range BuiltinRoles() {
		role.Name = CustomPrefix + role.Name
		if err := role.Validate(); err != nil {
			t.Error(err)
		}
	}
}

func TestRoleValidate(t *testing.T) {
	for _, r := range []Role{
		{Name: "viewer", Permissions: []Permission{DocumentsRead}},
		{Name: "custom/", Permissions: []Permission{DocumentsRead}},
		{Name: "custom/a b", Permissions: []Permission{DocumentsRead}},
		{Name: "custom/x"},
		{Name: "custom/x", Permissions: []Permission{"documents.fly"}},
		{Name: "custom/x", Permissions: []Permission{DocumentsRead, DocumentsRead}},
	} {
		if err := r.Validate(); !errors.Is(err, ErrInvalid) {
			t.Errorf("%v: %v, want ErrInvalid", r, err)
		}
	}
}

func TestConditionCheck(t *testing.T) {
	c := newConditions(t)
	for _, bad := range []string{"", "resource.pth == 'x'", "1 + 1", "resource.path ==", "resource.tags == 'a'",
		"resource.path", strings.Repeat("true && ", 400) + "true", strings.Repeat("(", 200) + "true" + strings.Repeat(")", 200)} {
		if err := c.Check(bad); !errors.Is(err, ErrInvalid) {
			t.Errorf("Check(%.40q) = %v, want ErrInvalid", bad, err)
		}
	}
}

func TestConditionCostIsLimited(t *testing.T) {
	c := newConditions(t)
	hostile := `resource.tags.all(a, resource.tags.all(b, resource.tags.all(c, a + b + c != "x")))`
	if err := c.Check(hostile); err != nil {
		t.Fatal(err)
	}
	tags := make([]string, 60)
	if ok, err := c.Eval(hostile, Attributes{Tags: tags}, noon); ok || err == nil {
		t.Fatalf("Eval = %v, %v; want the cost limit", ok, err)
	}
	if ok, err := c.Eval(hostile, Attributes{Tags: tags[:2]}, noon); !ok || err != nil {
		t.Fatalf("Eval of two tags = %v, %v", ok, err)
	}
}

func TestConditionCacheIsBounded(t *testing.T) {
	c := newConditions(t)
	for i := range conditionCacheSize + 100 {
		// What fails to parse is kept too, and costs least to make.
		_ = c.Check(strings.Repeat(")", i%2000+1) + string(rune('a'+i/2000)))
	}
	if n := c.recent.Len(); n != conditionCacheSize || len(c.compiled) != n {
		t.Fatalf("%d in the list, %d in the map, want %d", n, len(c.compiled), conditionCacheSize)
	}
}

func TestNormalize(t *testing.T) {
	roles, conditions := NewRoles(nil), newConditions(t)
	p, err := Policy{Bindings: []Binding{
		{Role: Viewer, Members: []Member{"user:Bo@x.org", "user:ana@x.org"}},
		{Role: Editor, Members: nil},
		{Role: Viewer, Members: []Member{"user:ana@x.org"}, Condition: &Condition{Expression: "true"}},
		{Role: Viewer, Members: []Member{"user:bo@x.org"}},
	}}.Normalize(roles, conditions)
	if err != nil {
		t.Fatal(err)
	}
	want := []Binding{
		{Role: Viewer, Members: []Member{"user:ana@x.org", "user:bo@x.org"}},
		{Role: Viewer, Members: []Member{"user:ana@x.org"}, Condition: &Condition{Expression: "true"}},
	}
	if !reflect.DeepEqual(p.Bindings, want) {
		t.Fatalf("got %v", p.Bindings)
	}
	again, err := p.Normalize(roles, conditions)
	if err != nil || again.Etag != p.Etag || p.Etag == EmptyEtag() {
		t.Fatalf("etag %s, again %s, %v", p.Etag, again.Etag, err)
	}
	empty, err := Policy{}.Normalize(roles, conditions)
	if err != nil || empty.Etag != EmptyEtag() {
		t.Fatalf("etag of nothing %s, want %s; %v", empty.Etag, EmptyEtag(), err)
	}
	for _, bad := range []Binding{
		{Role: "king", Members: []Member{AllUsers}},
		{Role: Viewer, Members: []Member{"nobody"}},
		{Role: Viewer, Members: []Member{AllUsers}, Condition: &Condition{Expression: "x"}},
		{Role: Viewer, Members: slices.Repeat([]Member{AllUsers}, MaxMembers+1)},
	} {
		if _, err := (Policy{Bindings: []Binding{bad}}).Normalize(roles, conditions); !errors.Is(err, ErrInvalid) {
			t.Errorf("%v: %v, want ErrInvalid", bad.Role, err)
		}
	}
}

func TestCheckReplace(t *testing.T) {
	roles := NewRoles(nil)
	owned := Policy{Bindings: []Binding{{Role: Owner, Members: []Member{"user:ana@x.org"}}}}
	viewed := Policy{Bindings: []Binding{{Role: Viewer, Members: []Member{"user:ana@x.org"}}}}
	timed := Policy{Bindings: []Binding{{Role: Owner, Members: []Member{"user:ana@x.org"}, Condition: &Condition{Expression: "true"}}}}
	public := Policy{Bindings: []Binding{{Role: Owner, Members: []Member{AllUsers}}}}
	for _, c := range []struct {
		name          string
		current, next Policy
		mustOwn, ok   bool
	}{
		{"keeps its owner", owned, owned, false, true},
		{"loses its owner", owned, viewed, false, false},
		{"keeps one only on a condition", owned, timed, false, false},
		{"everybody is no owner", owned, public, false, false},
		{"never had one", viewed, Policy{}, false, true},
		{"the root must", viewed, Policy{}, true, false},
		{"the root does", viewed, owned, true, true},
	} {
		err := CheckReplace(c.current, c.next, roles, c.mustOwn)
		if (err == nil) != c.ok || err != nil && !errors.Is(err, ErrLastOwner) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestExplainSaysWhy(t *testing.T) {
	roles, conditions := NewRoles(nil), newConditions(t)
	ana := subject(t, "user:ana@x.org", map[Member][]Member{
		"user:ana@x.org":    {"group:risk@x.org"},
		"group:risk@x.org":  {"group:staff@x.org"},
		"group:staff@x.org": {"group:risk@x.org"},
	})
	chain := []Level{
		{ID: "doc", Policy: Policy{Bindings: []Binding{
			{Role: Viewer, Members: []Member{"user:bo@x.org"}},
			{Role: Editor, Members: []Member{"user:ana@x.org"}, Condition: &Condition{Expression: `resource.type == "sql"`}},
		}}},
		{ID: "root", Policy: Policy{Bindings: []Binding{
			{Role: UserRole, Members: []Member{AllUsers}},
			{Role: Editor, Members: []Member{AllUsers}, Condition: &Condition{Expression: `resource.tags[0] == "a"`}},
			{Role: Viewer, Members: []Member{"group:staff@x.org"}},
		}}},
	}
	got := Explain(Query{ana, DocumentsRead, Attributes{Type: "notebook"}, chain, noon}, roles, conditions)
	outcomes := []Outcome{NotMember, ConditionFalse, RoleLacks, ConditionFails, Grants}
	if !got.Allowed || len(got.Reasons) != len(outcomes) {
		t.Fatalf("%+v", got)
	}
	for i, r := range got.Reasons {
		if r.Outcome != outcomes[i] || r.Inherited != (i > 1) {
			t.Errorf("reason %d: %s, inherited %v; want %s", i, r.Outcome, r.Inherited, outcomes[i])
		}
	}
	if via, want := got.Reasons[4].Via, []Member{"group:staff@x.org", "group:risk@x.org", "user:ana@x.org"}; !slices.Equal(via, want) {
		t.Errorf("via %v, want %v", via, want)
	}
	if got.Reasons[3].Detail == "" {
		t.Error("a failing condition says nothing")
	}
}

func subject(t *testing.T, principal Member, groups map[Member][]Member) Subject {
	t.Helper()
	s, err := NewSubject(principal, func([]Member) (map[Member][]Member, error) { return groups, nil })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func BenchmarkEvaluateCondition(b *testing.B) {
	c := newConditions(b)
	for b.Loop() {
		if _, err := c.Eval(`request.time < timestamp("2027-01-01T00:00:00Z") && resource.type == "sql"`, Attributes{Type: "sql"}, noon); err != nil {
			b.Fatal(err)
		}
	}
}
