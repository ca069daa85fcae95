package content_test

import (
	"slices"
	"testing"
	"time"

	"sextant/content"
	"sextant/content/iam"
)

func TestSessionsAreEndedByTheirOwnerOrAnAdministrator(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		signIn := func(m iam.Member) string {
			return must1(f.CreateSignIn(t.Context(), content.NewSignIn{Principal: content.Principal{Member: m}, Lifetime: time.Hour, Method: "password"}))
		}
		open := func(secret string) bool { _, _, err := f.AuthenticateSignIn(t.Context(), secret); return err == nil }
		one, two, other := signIn(ana), signIn(ana), signIn(bo)
		sessions := must1(f.SignIns(as(ana), ""))
		if len(sessions) != 2 || sessions[0].ID() == sessions[1].ID() || len(sessions[0].ID()) != 32 {
			t.Fatalf("sessions %+v", sessions)
		}
		// Nobody ends another's, not even with its id; nor is anything told about it.
		wantError(t, content.ErrDenied, f.EndSession(as(bo), ana, sessions[0].ID()))
		wantError(t, content.ErrNotFound, f.EndSession(as(bo), "", sessions[0].ID()))
		wantError(t, content.ErrDenied, f.EndSessions(as(bo), ana))
		wantError(t, content.ErrUnauthenticated, f.EndSessions(as(""), ""))
		if !open(one) || !open(two) {
			t.Fatal("a session was ended by somebody who may not")
		}
		must0(t, f.EndSession(as(ana), "", sessions[1].ID())) // newest first: this is the first one
		if open(one) || !open(two) {
			t.Error("another session was ended")
		}
		wantError(t, content.ErrNotFound, f.EndSession(as(ana), "", sessions[1].ID()))
		must0(t, f.EndSession(as(admin), ana, sessions[0].ID()))
		if open(two) || !open(other) {
			t.Error("the administrator has ended the wrong one")
		}
		again := signIn(bo)
		link := must1(f.CreateLink(as(admin), bo, time.Hour))
		secret, _, err := f.CreateToken(as(bo), content.NewToken{Name: "stays"})
		must0(t, err)
		must0(t, f.EndSessions(as(admin), bo))
		if open(other) || open(again) {
			t.Error("a session goes on")
		}
		_, err = f.FollowLink(t.Context(), link, content.NewSignIn{Lifetime: time.Hour, Method: "url"})
		wantError(t, content.ErrUnauthenticated, err)
		must1(f.AuthenticateToken(t.Context(), secret))
		var acts []string
		for _, e := range must1(f.Audit(as(admin), content.AuditFilter{Actor: admin}, content.PageRequest{Size: 1000})).Items {
			acts = append(acts, e.Operation)
		}
		if !slices.Contains(acts, "EndSession") || !slices.Contains(acts, "EndSessions") {
			t.Errorf("the audit log has %q", acts)
		}
	})
}

func TestTokensAreMadeOncePerKey(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		n := content.NewToken{Name: "ci", IdempotencyKey: "k"}
		_, made, err := f.CreateToken(as(ana), n)
		must0(t, err)
		secret, _, err := f.CreateToken(as(ana), n)
		wantError(t, content.ErrExists, err)
		if secret != "" || len(must1(f.Tokens(as(ana), ""))) != 1 {
			t.Errorf("a second token was made beside %s", made.ID)
		}
		n.Name = "other"
		_, _, err = f.CreateToken(as(ana), n)
		wantError(t, content.ErrInvalid, err)
		// Keys are each principal's own.
		if _, _, err := f.CreateToken(as(bo), content.NewToken{Name: "ci", IdempotencyKey: "k"}); err != nil {
			t.Error(err)
		}
	})
}
