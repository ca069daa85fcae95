package sessions

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sextant/content/iam"
)

func TestAdmission(t *testing.T) {
	const ana, bob, cleo = iam.Member("user:ana@x.org"), iam.Member("user:bob@x.org"), iam.Member("user:cleo@x.org")
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		quotas := func(user iam.Member) []Quota {
			return []Quota{{ID: string(user), Whose: "you", Sessions: 2}, {ID: "*", Whose: "all users of this server", Sessions: 3}}
		}
		must := func(user iam.Member) {
			t.Helper()
			if err := l.enter(t.Context(), quotas(user), 0); err != nil {
				t.Fatal(err)
			}
		}
		type outcome struct {
			user iam.Member
			err  error
		}
		came := make(chan outcome, 10)
		queue := func(ctx context.Context, user iam.Member, wait time.Duration) {
			go func() { came <- outcome{user, l.enter(ctx, quotas(user), wait)} }()
			synctest.Wait()
		}
		must(ana)
		must(ana)
		var quota *QuotaError
		if err := l.enter(t.Context(), quotas(ana), 0); !errors.As(err, &quota) || quota.Whose != "you" || quota.Limit != 2 {
			t.Errorf("one more than a user may have: %v", err)
		}
		queue(t.Context(), ana, time.Minute)
		must(bob) // who waits for their own limit holds nobody else up
		if err := l.enter(t.Context(), quotas(cleo), 0); !errors.As(err, &quota) || quota.Limit != 3 {
			t.Errorf("one more than all may have: %v", err)
		}
		queue(t.Context(), cleo, time.Minute)
		queue(t.Context(), bob, time.Minute)
		if len(came) > 0 {
			t.Fatal("somebody came in over the limit")
		}
		l.leave(quotas(bob)) // there is a place: not ana's, who has two, but that of cleo, who came before bob
		synctest.Wait()
		if got := <-came; got.user != cleo || got.err != nil || len(came) > 0 {
			t.Errorf("in came %v", got)
		}
		l.leave(quotas(ana))
		synctest.Wait()
		if got := <-came; got.user != ana || got.err != nil || len(came) > 0 {
			t.Errorf("in came %v", got)
		}
		// Who gives up gives no place away, and is not let in later.
		gone, cancel := context.WithCancel(t.Context())
		queue(gone, cleo, time.Minute)
		cancel()
		if got := <-came; got.user != cleo || !errors.Is(got.err, context.Canceled) {
			t.Errorf("%v", got)
		}
		// While everybody waits the test's own clock goes on, until bob's patience is over.
		if got := <-came; got.user != bob || !errors.As(got.err, &quota) || !strings.Contains(got.err.Error(), "none ended within 1m0s") {
			t.Errorf("%v", got)
		}
		for _, user := range []iam.Member{ana, ana, cleo} {
			l.leave(quotas(user))
		}
		if len(l.held) != 0 || len(l.waiting) != 0 || len(came) > 0 {
			t.Errorf("left: %v, %v", l.held, l.waiting)
		}
	})
}

// TestQuotasOfMemoryAndProcessorTime: who is over one waits for memory, and is told at once that the day's time is over.
func TestQuotasOfMemoryAndProcessorTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		both := []Quota{{ID: "ana", Whose: "you"}, {ID: "g", Whose: "the members of group:interns@x.org", Memory: 8e9, CPU: 90 * time.Minute}}
		other := []Quota{{ID: "bob", Whose: "you", Sessions: 1}}
		l.measured(map[string]int64{"g": 8e9 - 1})
		if err := l.enter(t.Context(), both, 0); err != nil {
			t.Fatal(err)
		}
		l.measured(map[string]int64{"g": 8e9})
		if err := l.enter(t.Context(), both, 0); !errors.Is(err, ErrQuota) || err.Error() != "the members of group:interns@x.org already hold 8.0 GB of memory in sessions or more, which is the limit; shut one down first" {
			t.Errorf("%v", err)
		}
		if err := l.enter(t.Context(), other, 0); err != nil {
			t.Errorf("another's quota: %v", err)
		}
		came := make(chan error, 1)
		go func() { came <- l.enter(t.Context(), both, time.Minute) }()
		synctest.Wait()
		l.measured(nil)
		if err := <-came; err != nil {
			t.Errorf("once there is memory: %v", err)
		}
		l.spent(map[string]time.Duration{"g": 90 * time.Minute})
		if err := l.enter(t.Context(), both, time.Hour); err == nil || err.Error() != "the members of group:interns@x.org have used the 1.5 hours of processor time that there are for a day; there are more from midnight (UTC)" {
			t.Errorf("%v", err)
		}
		l.spent(nil)
		if err := l.enter(t.Context(), both, 0); err != nil {
			t.Errorf("the next day: %v", err)
		}
	})
}
