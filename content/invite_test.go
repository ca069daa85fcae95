package content_test

import (
	"slices"
	"testing"
	"time"

	"sextant/content"
	"sextant/content/iam"
)

const kim = iam.Member("user:kim@partner.org")

// owned is a script whose policy somebody may set.
func (f *fixture) owned(who iam.Member, name string) content.ResourceID {
	id := f.sql(admin, root, name, "SELECT 1").ID
	f.grant(id, iam.Owner, "", who)
	return id
}

// TestAnInvitationLetsSomebodyInOnce invites as whoever shares a document may, on either database.
func TestAnInvitationLetsSomebodyInOnce(t *testing.T) {
	o := content.Options{InviteDomains: []string{"partner.org"}}
	for name, store := range map[string]content.Store{"sqlite": openSQLite(t), "postgres": openPostgres(t)} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, store, o)
			doc := f.owned(ana, "a")
			f.grant(doc, iam.Viewer, "", bo)
			_, _, err := f.Invite(as(bo), doc, kim)
			wantError(t, content.ErrDenied, err)
			_, _, err = f.Invite(as(cy), doc, kim)
			wantError(t, content.ErrNotFound, err)
			narrow := content.WithActor(t.Context(), content.Actor{Principal: ana, Permissions: []iam.Permission{iam.ResourcesSetIamPolicy, iam.ResourcesGet}})
			_, _, err = f.Invite(narrow, doc, kim)
			wantError(t, content.ErrDenied, err)
			for who, want := range map[iam.Member]error{"user:kim": content.ErrInvalid, "user:@partner.org": content.ErrInvalid, "group:kim@partner.org": content.ErrInvalid,
				"user:kim@other.org": content.ErrDenied, "user:kim@sub.partner.org": content.ErrDenied, "user:a b@partner.org": content.ErrInvalid} {
				_, _, err = f.Invite(as(ana), doc, who)
				wantError(t, want, err)
			}
			first, _, err := f.Invite(as(ana), doc, kim)
			must0(t, err)
			secret, expires, err := f.Invite(as(ana), doc, "user:Kim@Partner.org") // again, since the first was lost
			must0(t, err)
			if left := expires.Sub(f.clock.Now()); left > content.InvitationLifetime || left < content.InvitationLifetime-time.Minute {
				t.Errorf("it lasts %s", left)
			}
			f.grant(doc, iam.Viewer, "", kim)
			names, err := f.Names(as(ana), []iam.Member{kim})
			if err != nil || !slices.Equal(names, []content.Entry{{Member: kim, Invited: true}}) {
				t.Error(names, err)
			}
			in := content.NewSignIn{Lifetime: time.Hour, Method: "url"}
			_, err = f.FollowLink(t.Context(), first, in)
			wantError(t, content.ErrUnauthenticated, err)
			_, err = f.FollowLink(t.Context(), secret, in)
			must0(t, err)
			_, err = f.FollowLink(t.Context(), secret, in)
			wantError(t, content.ErrUnauthenticated, err)
			if _, err := f.Get(as(kim), doc); err != nil {
				t.Error(err)
			}
			// Who is here already cannot be taken over.
			for _, who := range []iam.Member{kim, "user:old@partner.org"} {
				if who != kim {
					must0(t, f.PutPrincipal(as(admin), content.Principal{Member: who}))
				}
				_, _, err = f.Invite(as(ana), doc, who)
				wantError(t, content.ErrExists, err)
			}
			// Nor can what others have given to an address.
			theirs := f.owned(bo, "b")
			f.grant(theirs, iam.Viewer, "", "user:lee@partner.org")
			_, _, err = f.Invite(as(ana), doc, "user:lee@partner.org")
			wantError(t, content.ErrDenied, err)
			// What lies in the trash may be restored.
			gone := f.owned(bo, "c")
			f.grant(gone, iam.Viewer, "", "user:tia@partner.org")
			must0(t, f.Trash(as(admin), gone, ""))
			_, _, err = f.Invite(as(ana), doc, "user:tia@partner.org")
			wantError(t, content.ErrDenied, err)
			must0(t, f.PutGroup(as(admin), content.GroupInfo{Member: "group:risk@x.org"}))
			must0(t, f.SetGroupMember(as(admin), "group:risk@x.org", "user:jo@partner.org", true))
			_, _, err = f.Invite(as(ana), doc, "user:jo@partner.org")
			wantError(t, content.ErrDenied, err)
			f.grant(theirs, iam.Viewer, "", "domain:partner.org")
			_, _, err = f.Invite(as(ana), doc, "user:max@partner.org")
			wantError(t, content.ErrDenied, err)
			late, _, err := f.Invite(as(admin), doc, "user:max@partner.org") // who could give all of it
			must0(t, err)
			f.clock.pass(content.InvitationLifetime)
			_, err = f.FollowLink(t.Context(), late, in)
			wantError(t, content.ErrUnauthenticated, err)
		})
	}
}

// TestNobodyIsInvitedUnlessTheAdministratorLets is the default, and what providers' domains are.
func TestNobodyIsInvitedUnlessTheAdministratorLets(t *testing.T) {
	for _, c := range []struct {
		o    content.Options
		want error
	}{
		{content.Options{}, content.ErrDenied},
		{content.Options{InviteDomains: []string{content.AnyDomain}}, nil},
		{content.Options{InviteDomains: []string{content.AnyDomain}, ProviderDomains: []string{"partner.org"}}, content.ErrDenied},
	} {
		f := newFixture(t, openSQLite(t), c.o)
		_, _, err := f.Invite(as(ana), f.owned(ana, "a"), kim)
		wantError(t, c.want, err)
		self, err := f.Me(as(ana))
		must0(t, err)
		if !slices.Equal(self.Invites, c.o.InviteDomains) {
			t.Errorf("one may invite %v", self.Invites)
		}
	}
}

func TestOwnNameIsSetOnce(t *testing.T) {
	f := newFixture(t, openSQLite(t), content.Options{})
	for _, name := range []string{"", "  ", "a\nb"} {
		wantError(t, content.ErrInvalid, f.SetOwnName(as(ana), name))
	}
	wantError(t, content.ErrUnauthenticated, f.SetOwnName(as(""), "Ana"))
	must0(t, f.SetOwnName(as(ana), " Ana Ruiz "))
	wantError(t, content.ErrExists, f.SetOwnName(as(ana), "Somebody else"))
	if self, err := f.Me(as(ana)); err != nil || self.DisplayName != "Ana Ruiz" {
		t.Error(self, err)
	}
}
