package content_test

import (
	"context"
	"testing"
	"time"

	"sextant/content"
	"sextant/content/iam"
)

// TestRightsChangeOnEveryServer has one server change rights and another one, which has found out about them before,
// asked at once.
func TestRightsChangeOnEveryServer(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		other, err := content.New(content.Options{Store: f.store, Blobs: f.blobs, Now: f.clock.Now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := other.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
		folder := f.folder(admin, root, "a")
		inner := f.folder(admin, folder.ID, "b")
		doc := f.sql(admin, inner.ID, "q", "select 1")
		elsewhere := f.folder(admin, root, "c")
		must0(t, f.PutGroup(as(admin), content.GroupInfo{Member: "group:g"}))
		f.grant(elsewhere.ID, iam.Viewer, "", bo)
		secret, token, err := f.CreateToken(as(ana), content.NewToken{Name: "t"})
		must0(t, err)
		session, err := f.CreateSignIn(context.Background(), content.NewSignIn{Principal: content.Principal{Member: ana}, Lifetime: time.Hour, Method: "password"})
		must0(t, err)
		see := func(who iam.Member) bool { _, err := other.Get(as(who), doc.ID); return err == nil }
		byToken := func(iam.Member) bool {
			_, err := other.AuthenticateToken(context.Background(), secret)
			return err == nil
		}
		bySession := func(iam.Member) bool {
			_, _, err := other.AuthenticateSignIn(context.Background(), session)
			return err == nil
		}
		policy := func(role iam.RoleName, members ...iam.Member) func() error {
			return func() error {
				p, err := f.GetIamPolicy(as(admin), folder.ID)
				if err != nil {
					return err
				}
				p.Bindings = nil
				if len(members) > 0 {
					p.Bindings = []iam.Binding{{Role: role, Members: members}}
				}
				_, err = f.SetIamPolicy(as(admin), folder.ID, p)
				return err
			}
		}
		nothing := func() error { return nil }
		move := func(to content.ResourceID) func() error {
			return func() error { _, err := f.Move(as(admin), inner.ID, to, "b", ""); return err }
		}
		for _, step := range []struct {
			name string
			do   func() error
			may  func(iam.Member) bool
			who  iam.Member
			want bool
		}{
			{"nobody gave anything", nothing, see, ana, false},
			{"a grant above", policy(iam.Viewer, ana), see, ana, true},
			{"it is taken back", policy(iam.Viewer), see, ana, false},
			{"a grant to a group", policy(iam.Viewer, "group:g"), see, ana, false},
			{"she joins the group", func() error { return f.SetGroupMember(as(admin), "group:g", ana, true) }, see, ana, true},
			{"she leaves it", func() error { return f.SetGroupMember(as(admin), "group:g", ana, false) }, see, ana, false},
			{"she joins again", func() error { return f.SetGroupMember(as(admin), "group:g", ana, true) }, see, ana, true},
			{"bo sees another folder", nothing, see, bo, false},
			{"the folder moves there", move(elsewhere.ID), see, bo, true},
			{"which she may not see", nothing, see, ana, false},
			{"the folder moves back", move(folder.ID), see, bo, false},
			{"where she may", nothing, see, ana, true},
			{"the folder goes into the trash", func() error { return f.Trash(as(admin), folder.ID, "") }, see, ana, false},
			{"and comes out again", func() error { _, err := f.Restore(as(admin), folder.ID, ""); return err }, see, ana, true},
			{"her token", nothing, byToken, ana, true},
			{"her session", nothing, bySession, ana, true},
			{"she is disabled", func() error { return f.SetDisabled(as(admin), ana, true) }, see, ana, false},
			{"so is her token", nothing, byToken, ana, false},
			{"and her session", nothing, bySession, ana, false},
			{"she is enabled", func() error { return f.SetDisabled(as(admin), ana, false) }, see, ana, true},
			{"and her token", nothing, byToken, ana, true},
			{"it is revoked", func() error { return f.RevokeToken(as(ana), token.ID) }, byToken, ana, false},
		} {
			if err := step.do(); err != nil {
				t.Fatal(step.name, err)
			}
			for range 2 { // found out, and remembered
				if got := step.may(step.who); got != step.want {
					t.Errorf("%s: %s may: %v", step.name, step.who, got)
				}
			}
		}
	})
}
