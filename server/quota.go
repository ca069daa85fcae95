package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sextant/content"
	"sextant/content/iam"
	"sextant/sessions"
)

// Quota is a [[quota]] table of the configuration file: what the sessions of a member take together, or with Each what those of
// every single user in it may. What is 0 is not bounded.
type Quota struct {
	// Member is "user:ana@x.org", "group:interns@x.org", "domain:x.org" or "allAuthenticatedUsers".
	Member   string  `toml:"member"`
	Each     bool    `toml:"each"`
	Sessions int     `toml:"sessions"`
	Memory   int64   `toml:"memory"`    // bytes
	CPUHours float64 `toml:"cpu-hours"` // a day
}

// check gives the quota with its member as policies have it.
func (q Quota) check() (Quota, error) {
	m, err := iam.ParseMember(q.Member)
	if err != nil {
		return q, err
	}
	if m == iam.AllUsers || m.Kind() == iam.ServiceAccount {
		return q, fmt.Errorf("%s: want a user, a group, a domain or allAuthenticatedUsers", m)
	}
	if q.Sessions < 0 || q.Memory < 0 || q.CPUHours < 0 || q.Sessions == 0 && q.Memory == 0 && q.CPUHours == 0 {
		return q, fmt.Errorf("%s: want sessions, memory or cpu-hours, not negative", m)
	}
	q.Member = string(m)
	return q, nil
}

// of is what the quota is for a user whom it is for; i tells it from others.
func (q Quota) of(user iam.Member, i int) sessions.Quota {
	out := sessions.Quota{ID: fmt.Sprint("quota ", i), Whose: "the members of " + q.Member, Sessions: q.Sessions, Memory: q.Memory,
		CPU: time.Duration(q.CPUHours * float64(time.Hour))}
	if iam.Member(q.Member) == iam.AllAuthenticatedUsers {
		out.Whose = "all users of this server"
	}
	if q.Each || q.Member == string(user) {
		out.ID, out.Whose = out.ID+" "+string(user), "you"
	}
	return out
}

// quotas gives those of the configuration that are for a user.
func (a *App) quotas(ctx context.Context, user iam.Member) ([]sessions.Quota, error) {
	if len(a.config.Quotas) == 0 {
		return nil, nil
	}
	names := append(user.Names(), iam.AllAuthenticatedUsers)
	self, err := a.service.Me(content.WithActor(ctx, content.Actor{Principal: user}))
	if err == nil {
		names = append(names, self.Groups...)
	} else if errors.Is(err, content.ErrUnauthenticated) { // nobody any more: what they have still counts
		err = nil
	}
	var out []sessions.Quota
	for i, q := range a.config.Quotas {
		if slices.Contains(names, iam.Member(q.Member)) {
			out = append(out, q.of(user, i))
		}
	}
	return out, err
}
