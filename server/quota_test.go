package server

import (
	"strings"
	"testing"
	"time"

	"sextant/sessions"
)

func TestQuotasAreChecked(t *testing.T) {
	for _, c := range []struct {
		q     Quota
		fault string
	}{
		{Quota{Member: "group:Interns@x.org", Sessions: 1}, ""},
		{Quota{Member: "allAuthenticatedUsers", Memory: 1}, ""},
		{Quota{Member: "domain:x.org", CPUHours: 0.5}, ""},
		{Quota{Member: "interns", Sessions: 1}, "interns"},
		{Quota{Member: "allUsers", Sessions: 1}, "allUsers"},
		{Quota{Member: "serviceAccount:nightly", Sessions: 1}, "nightly"},
		{Quota{Member: "group:a"}, "want sessions, memory or cpu-hours"},
		{Quota{Member: "group:a", Sessions: -1, Memory: 5}, "not negative"},
	} {
		got, err := c.q.check()
		if c.fault == "" && (err != nil || got.Member != strings.ToLower(c.q.Member) && got.Member != c.q.Member) || c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)) {
			t.Errorf("%v: %v, %v", c.q, got, err)
		}
	}
}

func TestWhoseAQuotaIs(t *testing.T) {
	const ana = "user:ana@x.org"
	for _, c := range []struct {
		q    Quota
		want sessions.Quota
	}{
		{Quota{Member: "group:g@x.org", Sessions: 3, CPUHours: 1.5}, sessions.Quota{ID: "quota 7", Whose: "the members of group:g@x.org", Sessions: 3, CPU: 90 * time.Minute}},
		{Quota{Member: "group:g@x.org", Each: true, Memory: 5}, sessions.Quota{ID: "quota 7 " + ana, Whose: "you", Memory: 5}},
		{Quota{Member: ana, Sessions: 1}, sessions.Quota{ID: "quota 7 " + ana, Whose: "you", Sessions: 1}},
		{Quota{Member: "allAuthenticatedUsers", Sessions: 1}, sessions.Quota{ID: "quota 7", Whose: "all users of this server", Sessions: 1}},
	} {
		if got := c.q.of(ana, 7); got != c.want {
			t.Errorf("%v is %v", c.q, got)
		}
	}
}
