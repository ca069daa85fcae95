package content_test

import (
	"sync"
	"testing"
	"time"

	"sextant/content"
	"sextant/content/iam"
)

func TestLinkIsFollowedOnce(t *testing.T) {
	f := newFixture(t, openSQLite(t), content.Options{})
	_, err := f.CreateLink(as(ana), bo, time.Hour)
	wantError(t, content.ErrDenied, err)
	link, err := f.CreateLink(as(admin), ana, time.Hour)
	must0(t, err)
	_, _, err = f.AuthenticateSignIn(t.Context(), link)
	wantError(t, content.ErrUnauthenticated, err) // a link is no session
	var wg sync.WaitGroup
	secrets := make(chan string, 8)
	for range cap(secrets) {
		wg.Go(func() {
			if secret, err := f.FollowLink(t.Context(), link, content.NewSignIn{Lifetime: time.Hour, Method: "url"}); err == nil {
				secrets <- secret
			}
		})
	}
	wg.Wait()
	if len(secrets) != 1 {
		t.Fatalf("%d followed one link", len(secrets))
	}
	actor, _, err := f.AuthenticateSignIn(t.Context(), <-secrets)
	if err != nil || actor.Principal != ana {
		t.Fatal(actor, err)
	}
	late, err := f.CreateLink(as(admin), ana, time.Minute)
	must0(t, err)
	f.clock.pass(time.Hour)
	_, err = f.FollowLink(t.Context(), late, content.NewSignIn{Lifetime: time.Hour, Method: "url"})
	wantError(t, content.ErrUnauthenticated, err)
}

func TestSetPasswordEndsSessions(t *testing.T) {
	f := newFixture(t, openSQLite(t), content.Options{})
	secret, err := f.CreateSignIn(t.Context(), content.NewSignIn{Principal: content.Principal{Member: ana}, Lifetime: time.Hour, Method: "url"})
	must0(t, err)
	wantError(t, content.ErrDenied, f.SetPassword(as(bo), ana, "hash"))
	must0(t, f.SetPassword(as(ana), "", "hash"))
	if hash, err := f.PasswordHash(t.Context(), ana); err != nil || hash != "hash" {
		t.Fatal(hash, err)
	}
	_, _, err = f.AuthenticateSignIn(t.Context(), secret)
	wantError(t, content.ErrUnauthenticated, err)
	scoped := content.WithActor(t.Context(), content.Actor{Principal: ana, Permissions: []iam.Permission{iam.ResourcesGet}})
	wantError(t, content.ErrDenied, f.SetPassword(scoped, "", "other"))
	must0(t, f.SetDisabled(as(admin), ana, true))
	if hash, err := f.PasswordHash(t.Context(), ana); err != nil || hash != "" {
		t.Fatal("a disabled user's password is compared", err)
	}
}

func TestProviderDecidesOnlyExternalGroups(t *testing.T) {
	f := newFixture(t, openSQLite(t), content.Options{})
	must0(t, f.PutGroup(as(admin), content.GroupInfo{Member: "group:local@x.org"}))
	signIn := func(groups ...iam.Member) []iam.Member {
		t.Helper()
		_, err := f.CreateSignIn(t.Context(), content.NewSignIn{Principal: content.Principal{Member: ana}, Lifetime: time.Hour,
			Method: "oidc", Groups: groups})
		must0(t, err)
		self, err := f.Me(as(ana))
		must0(t, err)
		return self.Groups
	}
	if got := signIn("group:risk", "group:local@x.org"); len(got) != 1 || got[0] != "group:risk" {
		t.Fatalf("groups %v: a provider put somebody into a group kept here", got)
	}
	must0(t, f.SetGroupMember(as(admin), "group:local@x.org", ana, true))
	if got := signIn("group:sales"); len(got) != 2 || got[0] != "group:local@x.org" || got[1] != "group:sales" {
		t.Fatalf("groups %v", got)
	}
}
