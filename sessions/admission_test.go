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
		l := newLine(2, 3)
		must := func(user iam.Member) {
			t.Helper()
			if err := l.enter(t.Context(), user, 0); err != nil {
				t.Fatal(err)
			}
		}
		type outcome struct {
			user iam.Member
			err  error
		}
		came := make(chan outcome, 10)
		queue := func(ctx context.Context, user iam.Member, wait time.Duration) {
			go func() { came <- outcome{user, l.enter(ctx, user, wait)} }()
			synctest.Wait()
		}
		must(ana)
		must(ana)
		var quota *QuotaError
		if err := l.enter(t.Context(), ana, 0); !errors.As(err, &quota) || quota.Whose != "you" || quota.Limit != 2 {
			t.Errorf("one more than a user may have: %v", err)
		}
		queue(t.Context(), ana, time.Minute)
		must(bob) // who waits for their own limit holds nobody else up
		if err := l.enter(t.Context(), cleo, 0); !errors.As(err, &quota) || quota.Limit != 3 {
			t.Errorf("one more than all may have: %v", err)
		}
		queue(t.Context(), cleo, time.Minute)
		queue(t.Context(), bob, time.Minute)
		if len(came) > 0 {
			t.Fatal("somebody came in over the limit")
		}
		l.leave(bob) // there is a place: not ana's, who has two, but that of cleo, who came before bob
		synctest.Wait()
		if got := <-came; got.user != cleo || got.err != nil || len(came) > 0 {
			t.Errorf("in came %v", got)
		}
		l.leave(ana)
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
			l.leave(user)
		}
		if l.total != 0 || len(l.held) != 0 || len(l.waiting) != 0 || len(came) > 0 {
			t.Errorf("left: %d, %v, %v", l.total, l.held, l.waiting)
		}
	})
}
