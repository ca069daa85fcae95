package iam

import "time"

// Level is one resource of a chain with its own policy.
type Level struct {
	// ID is the resource's id; Evaluate only passes it on.
	ID     string
	Policy Policy
}

// Query asks whether a subject may do something to a resource.
type Query struct {
	Subject    Subject
	Permission Permission
	// Resource is what conditions see: the resource asked about.
	Resource Attributes
	// Chain is that resource, its folder, that folder's, up to the root.
	Chain []Level
	Time  time.Time
}

// Evaluate decides: true where some binding on some level of the chain grants the permission to the subject and has
// no condition or one that is true. A condition that fails grants nothing.
func Evaluate(q Query, roles Roles, conditions *Conditions) bool {
	// Unconditional grants first: they are the usual case and cost no CEL.
	for _, conditional := range []bool{false, true} {
		for _, level := range q.Chain {
			for _, b := range level.Policy.Bindings {
				if (b.Condition != nil) != conditional || !roles.Includes(b.Role, q.Permission) || !reaches(b, q.Subject) {
					continue
				}
				if b.Condition == nil {
					return true
				}
				if ok, err := conditions.Eval(b.Condition.Expression, q.Resource, q.Time); err == nil && ok {
					return true
				}
			}
		}
	}
	return false
}

func reaches(b Binding, s Subject) bool {
	for _, m := range b.Members {
		if s.Is(m) {
			return true
		}
	}
	return false
}

// Outcome says what one binding did in a decision.
type Outcome string

// What a binding can do.
const (
	Grants         Outcome = "grants"
	RoleLacks      Outcome = "the role does not hold the permission"
	NotMember      Outcome = "the subject is not a member"
	ConditionFalse Outcome = "the condition is false"
	ConditionFails Outcome = "the condition cannot be evaluated"
)

// Reason is one binding's part in a decision.
type Reason struct {
	// ResourceID is the level that holds the binding; Inherited says that it is an ancestor's.
	ResourceID string
	Inherited  bool
	Binding    Binding
	Outcome    Outcome
	// Via says how the binding reaches the subject, from the member it names down to the principal. Empty where it
	// does not.
	Via []Member
	// Detail is the error of a condition that cannot be evaluated.
	Detail string
}

// Explanation is a decision with every binding's part in it, nearest level first.
type Explanation struct {
	Allowed bool
	Reasons []Reason
}

// Explain decides as Evaluate does and says why. Bindings of the chain are all in it, also those that have no say.
func Explain(q Query, roles Roles, conditions *Conditions) Explanation {
	var out Explanation
	for i, level := range q.Chain {
		for _, b := range level.Policy.Bindings {
			r := Reason{ResourceID: level.ID, Inherited: i > 0, Binding: b}
			for _, m := range b.Members {
				if r.Via = q.Subject.Via(m); r.Via != nil {
					break
				}
			}
			switch {
			case !roles.Includes(b.Role, q.Permission):
				r.Outcome = RoleLacks
			case r.Via == nil:
				r.Outcome = NotMember
			case b.Condition == nil:
				r.Outcome = Grants
			default:
				ok, err := conditions.Eval(b.Condition.Expression, q.Resource, q.Time)
				switch {
				case err != nil:
					r.Outcome, r.Detail = ConditionFails, err.Error()
				case ok:
					r.Outcome = Grants
				default:
					r.Outcome = ConditionFalse
				}
			}
			out.Allowed = out.Allowed || r.Outcome == Grants
			out.Reasons = append(out.Reasons, r)
		}
	}
	return out
}
