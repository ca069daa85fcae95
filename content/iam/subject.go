package iam

import "slices"

// Subject is who asks: a principal with every name by which a binding can reach it. The zero value is somebody who
// has not signed in.
type Subject struct {
	// Principal is a user or a service account; empty for somebody who has not signed in.
	Principal Member
	members   map[Member]Member // reached by → the member it was reached through; itself where direct
}

// MaxGroups bounds the groups that one principal can be in, directly or through others.
const MaxGroups = 10_000

// NewSubject finds every group that a principal is in, directly or through other groups. groupsOf is asked for the
// groups that list any of some members directly, once a level; groups that contain each other in a circle are each
// asked about once. At most MaxGroups are followed. Errors are groupsOf's.
func NewSubject(principal Member, groupsOf func([]Member) (map[Member][]Member, error)) (Subject, error) {
	s := Subject{Principal: principal, members: map[Member]Member{AllUsers: AllUsers}}
	if principal == "" {
		return s, nil
	}
	s.members[AllAuthenticatedUsers] = AllAuthenticatedUsers
	level := principal.Names()
	for _, m := range level {
		s.members[m] = m
	}
	for len(level) > 0 && len(s.members) < MaxGroups {
		groups, err := groupsOf(level)
		if err != nil {
			return Subject{}, err
		}
		var next []Member
		for _, member := range level {
			for _, group := range groups[member] {
				if _, known := s.members[group]; !known {
					s.members[group] = member
					next = append(next, group)
				}
			}
		}
		level = next
	}
	return s, nil
}

// Size is by how many members the subject can be reached.
func (s Subject) Size() int { return len(s.members) }

// Is reports whether a binding to m reaches the subject.
func (s Subject) Is(m Member) bool {
	_, ok := s.members[m]
	return ok || m == AllUsers
}

// Members lists every member by which the subject can be reached, sorted; AllUsers is always among them.
func (s Subject) Members() []Member {
	if s.members == nil {
		return []Member{AllUsers}
	}
	out := make([]Member, 0, len(s.members))
	for m := range s.members {
		out = append(out, m)
	}
	slices.Sort(out)
	return out
}

// Via says how m reaches the subject: m itself, then the group or principal that m lists, down to what the subject is
// directly. Nil where it does not.
func (s Subject) Via(m Member) []Member {
	if !s.Is(m) {
		return nil
	}
	path := []Member{m}
	for {
		through, ok := s.members[m]
		if !ok || through == m {
			return path
		}
		path, m = append(path, through), through
	}
}
