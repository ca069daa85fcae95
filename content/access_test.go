package content_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"sextant/content"
	"sextant/content/iam"
)

// calls is every method that is about one resource, as one function each.
func calls(f *fixture, id content.ResourceID, revision content.RevisionID) map[string]func(context.Context) error {
	name, rule := "renamed", &content.Retention{Revisions: 3}
	return map[string]func(context.Context) error{
		"Get":          func(c context.Context) error { return ignore(f.Get(c, id)) },
		"ResolveBelow": func(c context.Context) error { return ignore(f.ResolveBelow(c, id, "")) },
		"Ancestors":    func(c context.Context) error { return ignore(f.Ancestors(c, id)) },
		"Create": func(c context.Context) error {
			return ignore(f.Create(c, content.NewResource{Parent: id, Type: content.SQL, Name: "new"}))
		},
		"Save": func(c context.Context) error {
			_, _, err := f.Save(c, id, content.NewRevision{Base: content.AnyRevision, Content: strings.NewReader("x")})
			return err
		},
		"Read": func(c context.Context) error {
			r, err := f.Read(c, id, content.ReadOptions{})
			if err == nil {
				err = r.Body.Close()
			}
			return err
		},
		"History":  func(c context.Context) error { return ignore(f.History(c, id, false, content.PageRequest{})) },
		"Revision": func(c context.Context) error { return ignore(f.Revision(c, id, revision)) },
		"RestoreRevision": func(c context.Context) error {
			_, _, err := f.RestoreRevision(c, id, revision, content.AnyRevision)
			return err
		},
		"NameRevision":    func(c context.Context) error { return f.NameRevision(c, id, revision, "n") },
		"HoldRevision":    func(c context.Context) error { return f.HoldRevision(c, id, revision, "run:1") },
		"ReleaseRevision": func(c context.Context) error { return f.ReleaseRevision(c, id, revision, "run:1") },
		"Update":          func(c context.Context) error { return ignore(f.Update(c, id, content.Edit{Name: &name})) },
		"Move":            func(c context.Context) error { return ignore(f.Move(c, id, root, "moved", "")) },
		"Copy":            func(c context.Context) error { return ignore(f.Copy(c, id, root, "copy", "")) },
		"Trash":           func(c context.Context) error { return f.Trash(c, id, "") },
		"Restore":         func(c context.Context) error { return ignore(f.Restore(c, id, "")) },
		"Purge":           func(c context.Context) error { return f.Purge(c, id) },
		"SetRetention":    func(c context.Context) error { return f.SetRetention(c, id, rule, "") },
		"Mark":            func(c context.Context) error { return f.Mark(c, id, content.Star, true) },
		"List":            func(c context.Context) error { return ignore(f.List(c, id, "", content.PageRequest{})) },
		"GetIamPolicy":    func(c context.Context) error { return ignore(f.GetIamPolicy(c, id)) },
		"SetIamPolicy":    func(c context.Context) error { return ignore(f.SetIamPolicy(c, id, iam.Policy{})) },
		"Explain":         func(c context.Context) error { return ignore(f.Explain(c, id, bo, iam.DocumentsRead)) },
		"WhoCan":          func(c context.Context) error { return ignore(f.WhoCan(c, id, iam.DocumentsRead)) },
		"TransferOwnership": func(c context.Context) error {
			return f.TransferOwnership(c, id, bo)
		},
		"AccessRequests": func(c context.Context) error { return ignore(f.AccessRequests(c, id, false)) },
		"Visible": func(c context.Context) error {
			return ignore(f.Visible(c, content.Filter{Folder: id}, content.PageRequest{}))
		},
		"Search": func(c context.Context) error {
			return ignore(f.Search(c, content.SearchRequest{Query: "x", Filter: content.Filter{Folder: id}}))
		},
	}
}

// TestDeniedLooksMissing calls everything that is about a resource, as somebody who may not see it, on a document, on a
// folder and on what does not exist: the three answers are one.
func TestDeniedLooksMissing(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		folder := f.folder(admin, root, "secret")
		doc := f.sql(admin, folder.ID, "doc.sql", "select 1")
		trashed := f.sql(admin, folder.ID, "trashed.sql", "select 1")
		must0(t, f.Trash(as(admin), trashed.ID, ""))
		missing := content.ResourceID("01890000-0000-7000-8000-000000000000")
		for _, who := range []context.Context{as(ana), as("user:stranger@z.org"), context.Background()} {
			for name := range calls(f, missing, doc.Head) {
				if name == "Mark" && content.ActorFrom(who).Principal != ana {
					continue // that asks for a sign-in first, whatever it is about
				}
				if name == "Copy" && content.ActorFrom(who).Principal != ana {
					continue
				}
				want := calls(f, missing, doc.Head)[name](who)
				wantError(t, content.ErrNotFound, want)
				for what, id := range map[string]content.ResourceID{"document": doc.ID, "folder": folder.ID, "trashed": trashed.ID} {
					if got := calls(f, id, doc.Head)[name](who); got == nil || got.Error() != want.Error() {
						t.Errorf("%s of a denied %s: %v; of what is missing: %v", name, what, got, want)
					}
				}
			}
		}
		if p, err := f.TestIamPermissions(as(ana), doc.ID, iam.Permissions()); err != nil || p != nil {
			t.Errorf("permissions %v, %v", p, err)
		}
		if err := f.RequestAccess(as(ana), missing, iam.Viewer, "please"); err != nil {
			t.Errorf("asking for what is missing: %v", err)
		}
	})
}

// TestEachPermissionOpensItsMethod gives a custom role with one permission and tries every method: what needs that
// permission may fail, but not for want of rights; everything else is refused.
func TestEachPermissionOpensItsMethod(t *testing.T) {
	f := newFixture(t, openSQLite(t), content.Options{})
	table := map[string]iam.Permission{}
	for _, op := range content.Operations() {
		table[op.Name] = op.Permission
	}
	// Visible and Search need to see the folder that they filter by.
	table["Visible"], table["Search"] = iam.ResourcesGet, iam.ResourcesGet
	for _, p := range iam.Permissions() {
		role := iam.Role{Name: iam.RoleName("custom/" + strings.ReplaceAll(string(p), ".", "-")), Permissions: []iam.Permission{p}}
		must0(t, f.PutRole(as(admin), role))
		doc := f.sql(admin, root, "doc "+string(p), "select 1")
		f.grant(doc.ID, role.Name, "", ana)
		for name, needs := range table {
			if _, ok := calls(f, doc.ID, doc.Head)[name]; !ok {
				continue
			}
			if p == needs { // what is allowed may change it
				doc = f.sql(admin, root, "doc "+string(p)+" "+name, "select 1")
				f.grant(doc.ID, role.Name, "", ana)
			}
			call := calls(f, doc.ID, doc.Head)[name]
			err := call(as(ana))
			refused := errors.Is(err, content.ErrNotFound) || errors.Is(err, content.ErrDenied)
			// Moving and copying also need the right to put something into the target folder.
			both := (name == "Move" || name == "Copy")
			if refused == (p == needs) && !(both && refused) {
				t.Errorf("with %s alone, %s: %v (needs %s)", p, name, err, needs)
			}
		}
	}
}

func TestTokenLimitsItsPrincipal(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		doc := f.sql(admin, root, "doc.sql", "select 1")
		secret, token, err := f.CreateToken(as(admin), content.NewToken{Name: "reader", Permissions: []iam.Permission{iam.ResourcesGet, iam.DocumentsRead}, Expires: time.Time{}})
		must0(t, err)
		actor, err := f.AuthenticateToken(t.Context(), secret)
		must0(t, err)
		limited := content.WithActor(t.Context(), actor)
		must0(t, ignore(f.Get(limited, doc.ID)))
		_, _, err = f.Save(limited, doc.ID, content.NewRevision{Base: doc.Head, Content: strings.NewReader("x")})
		wantError(t, content.ErrDenied, err)
		if page, err := f.Search(limited, content.SearchRequest{Query: "doc"}); err != nil || len(page.Items) != 1 {
			t.Error(page, err)
		}
		// A token cannot make a stronger one.
		_, _, err = f.CreateToken(limited, content.NewToken{Name: "more", Permissions: []iam.Permission{iam.DocumentsUpdate}, Expires: time.Time{}})
		wantError(t, content.ErrDenied, err)
		_, weak, err := f.CreateToken(limited, content.NewToken{Name: "same", Permissions: nil, Expires: time.Time{}})
		if err != nil || len(weak.Permissions) != 2 {
			t.Fatal(weak, err)
		}
		must0(t, f.RevokeToken(as(admin), token.ID))
		_, err = f.AuthenticateToken(t.Context(), secret)
		wantError(t, content.ErrUnauthenticated, err)
		secret, _, err = f.CreateToken(as(admin), content.NewToken{Name: "short", Permissions: nil, Expires: f.clock.Now().Add(time.Hour)})
		must0(t, err)
		must0(t, ignore(f.AuthenticateToken(t.Context(), secret)))
		f.clock.pass(2 * time.Hour)
		_, err = f.AuthenticateToken(t.Context(), secret)
		wantError(t, content.ErrUnauthenticated, err)
		_, err = f.AuthenticateToken(t.Context(), "sxt_nonsense")
		wantError(t, content.ErrUnauthenticated, err)
		// Another's tokens are theirs.
		_, err = f.Tokens(as(ana), admin)
		wantError(t, content.ErrDenied, err)
		wantError(t, content.ErrNotFound, f.RevokeToken(as(ana), token.ID))
		tokens, err := f.Tokens(as(admin), "")
		if err != nil || len(tokens) != 3 || tokens[0].LastUsed.IsZero() {
			t.Error(tokens, err)
		}
	})
}

func TestSignIns(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		secret, err := f.CreateSignIn(t.Context(), content.NewSignIn{Principal: content.Principal{Member: "user:New@x.org", DisplayName: "New"},
			Lifetime: time.Hour, Method: "oidc", Address: "192.0.2.7"})
		must0(t, err)
		actor, session, err := f.AuthenticateSignIn(t.Context(), secret)
		if err != nil || actor.Principal != "user:new@x.org" || session.Method != "oidc" {
			t.Fatal(actor, session, err)
		}
		me, err := f.Me(content.WithActor(t.Context(), actor))
		if err != nil || me.DisplayName != "New" {
			t.Fatal(me, err)
		}
		must0(t, f.SetDisabled(as(admin), actor.Principal, true))
		_, _, err = f.AuthenticateSignIn(t.Context(), secret)
		wantError(t, content.ErrUnauthenticated, err)
		_, err = f.CreateSignIn(t.Context(), content.NewSignIn{Principal: content.Principal{Member: actor.Principal}, Lifetime: time.Hour})
		wantError(t, content.ErrUnauthenticated, err)
		must0(t, f.SetDisabled(as(admin), actor.Principal, false))
		_, _, err = f.AuthenticateSignIn(t.Context(), secret) // that session is over all the same
		wantError(t, content.ErrUnauthenticated, err)
		secret, err = f.CreateSignIn(t.Context(), content.NewSignIn{Principal: content.Principal{Member: actor.Principal}, Lifetime: time.Hour})
		must0(t, err)
		must0(t, f.EndSignIn(t.Context(), secret))
		_, _, err = f.AuthenticateSignIn(t.Context(), secret)
		wantError(t, content.ErrUnauthenticated, err)
		secret, err = f.CreateSignIn(t.Context(), content.NewSignIn{Principal: content.Principal{Member: actor.Principal}, Lifetime: time.Hour})
		must0(t, err)
		f.clock.pass(time.Hour)
		_, _, err = f.AuthenticateSignIn(t.Context(), secret)
		wantError(t, content.ErrUnauthenticated, err)
	})
}

func TestDisabledLosesEverything(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		doc := f.sql(admin, root, "doc.sql", "select 1")
		f.grant(doc.ID, iam.Viewer, "", ana)
		must0(t, ignore(f.Get(as(ana), doc.ID)))
		must0(t, f.SetDisabled(as(admin), ana, true))
		wantError(t, content.ErrNotFound, ignore(f.Get(as(ana), doc.ID)))
		must0(t, f.SetDisabled(as(admin), ana, false))
		must0(t, ignore(f.Get(as(ana), doc.ID)))
	})
}

func TestPolicies(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		folder := f.folder(admin, root, "team")
		doc := f.sql(admin, folder.ID, "doc.sql", "select 1")
		policy, err := f.GetIamPolicy(as(admin), folder.ID)
		must0(t, err)
		if policy.Etag != iam.EmptyEtag() || len(policy.Bindings) != 0 {
			t.Fatalf("%+v", policy)
		}
		set, err := f.SetIamPolicy(as(admin), folder.ID, iam.Policy{Etag: policy.Etag, Bindings: []iam.Binding{
			{Role: iam.Owner, Members: []iam.Member{"group:team@x.org"}},
			{Role: iam.Viewer, Members: []iam.Member{"domain:Y.org"}, Condition: &iam.Condition{Title: "sql only", Expression: `resource.type == "sql"`}},
		}})
		must0(t, err)
		_, err = f.SetIamPolicy(as(admin), folder.ID, policy)
		wantError(t, content.ErrPrecondition, err)
		_, err = f.SetIamPolicy(as(admin), folder.ID, iam.Policy{Bindings: []iam.Binding{{Role: "king", Members: []iam.Member{ana}}}})
		wantError(t, content.ErrInvalid, err)

		// Nested groups, in a circle.
		for _, g := range []iam.Member{"group:team@x.org", "group:core@x.org"} {
			must0(t, f.PutGroup(as(admin), content.GroupInfo{Member: g}))
		}
		must0(t, f.SetGroupMember(as(admin), "group:team@x.org", "group:core@x.org", true))
		must0(t, f.SetGroupMember(as(admin), "group:core@x.org", "group:team@x.org", true))
		must0(t, f.SetGroupMember(as(admin), "group:core@x.org", ana, true))
		must0(t, ignore(f.GetIamPolicy(as(ana), doc.ID)))
		f.save(ana, doc.ID, doc.Head, "select 2")
		must0(t, ignore(f.Get(as(cy), doc.ID)))
		wantError(t, content.ErrNotFound, ignore(f.Get(as(cy), folder.ID)))
		wantError(t, content.ErrNotFound, ignore(f.Get(as(bo), doc.ID)))
		wantError(t, content.ErrDenied, f.Trash(as(cy), doc.ID, ""))

		// What cy sees has no way up, since its folder is not for cy.
		got, err := f.Get(as(cy), doc.ID)
		if err != nil || got.ParentID != "" {
			t.Errorf("%+v, %v", got, err)
		}
		if up, err := f.Ancestors(as(cy), doc.ID); err != nil || len(up) != 0 {
			t.Error(up, err)
		}
		if up, err := f.Ancestors(as(ana), doc.ID); err != nil || len(up) != 1 || up[0].Name != "team" {
			t.Error(up, err)
		}

		// Why.
		why, err := f.Explain(as(admin), doc.ID, ana, iam.DocumentsUpdate)
		must0(t, err)
		i := slices.IndexFunc(why.Reasons, func(r iam.Reason) bool { return r.Outcome == iam.Grants })
		if !why.Allowed || i < 0 || !slices.Equal(why.Reasons[i].Via, []iam.Member{"group:team@x.org", "group:core@x.org", ana}) {
			t.Errorf("%+v", why)
		}
		why, err = f.Explain(as(ana), doc.ID, admin, iam.DocumentsUpdate)
		must0(t, err)
		for _, r := range why.Reasons {
			if r.ResourceID == string(root) || slices.Contains(r.Binding.Members, admin) {
				t.Errorf("ana may not read the root's policy, but is shown %+v", r)
			}
		}
		if !why.Allowed {
			t.Error("the admin may, whoever asks")
		}
		who, err := f.WhoCan(as(admin), doc.ID, iam.DocumentsUpdate)
		if err != nil || len(who) != 2 {
			t.Errorf("%+v, %v", who, err)
		}
		p, err := f.TestIamPermissions(as(cy), doc.ID, []iam.Permission{iam.DocumentsRead, iam.DocumentsUpdate})
		if err != nil || len(p) != 1 || p[0] != iam.DocumentsRead {
			t.Errorf("%v, %v", p, err)
		}

		// The last owner stays.
		_, err = f.SetIamPolicy(as(ana), folder.ID, iam.Policy{Etag: set.Etag, Bindings: []iam.Binding{{Role: iam.Viewer, Members: []iam.Member{ana}}}})
		wantError(t, content.ErrLastOwner, err)
	})
}

func TestLastOwnerOfTheServer(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		wantError(t, content.ErrLastOwner, f.SetDisabled(as(admin), admin, true))
		_, err := f.SetIamPolicy(as(admin), root, iam.Policy{})
		wantError(t, content.ErrLastOwner, err)
		// A group that nobody is in owns nothing.
		must0(t, f.PutGroup(as(admin), content.GroupInfo{Member: "group:ops@x.org"}))
		byGroup := iam.Policy{Bindings: []iam.Binding{{Role: iam.Owner, Members: []iam.Member{"group:ops@x.org"}}, {Role: iam.Admin, Members: []iam.Member{admin}}}}
		_, err = f.SetIamPolicy(as(admin), root, iam.Policy{Bindings: byGroup.Bindings[:1]})
		wantError(t, content.ErrLastOwner, err)
		must0(t, f.SetGroupMember(as(admin), "group:ops@x.org", ana, true))
		_, err = f.SetIamPolicy(as(admin), root, iam.Policy{Bindings: byGroup.Bindings[:1]})
		must0(t, err)
		_, err = f.SetIamPolicy(as(ana), root, iam.Policy{Bindings: []iam.Binding{byGroup.Bindings[0], {Role: iam.Admin, Members: byGroup.Bindings[0].Members}}})
		must0(t, err)
		wantError(t, content.ErrLastOwner, f.SetGroupMember(as(ana), "group:ops@x.org", ana, false))
		wantError(t, content.ErrLastOwner, f.DeleteGroup(as(ana), "group:ops@x.org"))
		wantError(t, content.ErrLastOwner, f.SetDisabled(as(ana), ana, true))
		must0(t, f.SetGroupMember(as(ana), "group:ops@x.org", bo, true))
		must0(t, f.SetGroupMember(as(ana), "group:ops@x.org", ana, false))
	})
}

func TestAccessRequests(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		doc := f.sql(admin, root, "doc.sql", "select 1")
		must0(t, f.RequestAccess(as(ana), doc.ID, iam.Viewer, "please"))
		must0(t, f.RequestAccess(as(ana), doc.ID, iam.Editor, "pretty please"))
		must0(t, f.RequestAccess(as(bo), doc.ID, iam.Editor, "me too"))
		wantError(t, content.ErrInvalid, f.RequestAccess(as(ana), doc.ID, "king", ""))
		wantError(t, content.ErrUnauthenticated, f.RequestAccess(t.Context(), doc.ID, iam.Viewer, ""))
		open, err := f.AccessRequests(as(admin), doc.ID, true)
		must0(t, err)
		if len(open) != 2 || open[0].Requester != bo || open[1].Message != "pretty please" {
			t.Fatalf("%+v", open)
		}
		wantError(t, content.ErrNotFound, f.DecideAccess(as(ana), open[1].ID, true, ""))
		must0(t, f.DecideAccess(as(admin), open[1].ID, true, iam.Viewer))
		must0(t, f.DecideAccess(as(admin), open[0].ID, false, ""))
		wantError(t, content.ErrPrecondition, f.DecideAccess(as(admin), open[0].ID, true, ""))
		must0(t, ignore(f.Get(as(ana), doc.ID)))
		wantError(t, content.ErrDenied, f.Trash(as(ana), doc.ID, ""))
		wantError(t, content.ErrNotFound, ignore(f.Get(as(bo), doc.ID)))
		done, err := f.AccessRequests(as(admin), doc.ID, false)
		if err != nil || len(done) != 2 || done[1].State != content.Approved || done[0].State != content.Declined || done[1].DecidedBy != admin {
			t.Errorf("%+v, %v", done, err)
		}
	})
}

func TestTransferOwnership(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		folder := f.folder(admin, root, "team")
		f.grant(folder.ID, iam.Editor, "", ana)
		doc := f.sql(ana, folder.ID, "doc.sql", "select 1")
		wantError(t, content.ErrDenied, f.TransferOwnership(as(ana), doc.ID, bo))
		f.grant(doc.ID, iam.Owner, "", ana)
		wantError(t, content.ErrInvalid, f.TransferOwnership(as(ana), doc.ID, "user:nobody@x.org"))
		must0(t, f.TransferOwnership(as(ana), doc.ID, bo))
		got, err := f.Get(as(bo), doc.ID)
		if err != nil || got.Owner != bo {
			t.Fatal(got, err)
		}
		must0(t, ignore(f.GetIamPolicy(as(bo), doc.ID)))
		wantError(t, content.ErrDenied, ignore(f.GetIamPolicy(as(ana), doc.ID)))
		f.save(ana, doc.ID, doc.Head, "select 2")
	})
}

func TestRoles(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		role := iam.Role{Name: "custom/reader", Title: "Reader", Permissions: []iam.Permission{iam.ResourcesGet}}
		wantError(t, content.ErrDenied, f.PutRole(as(ana), role))
		wantError(t, content.ErrUnauthenticated, f.PutRole(t.Context(), role))
		must0(t, f.PutRole(as(admin), role))
		doc := f.sql(admin, root, "doc.sql", "select 1")
		f.grant(doc.ID, role.Name, "", ana)
		wantError(t, content.ErrDenied, ignore(f.Read(as(ana), doc.ID, content.ReadOptions{})))
		role.Permissions = append(role.Permissions, iam.DocumentsRead)
		must0(t, f.PutRole(as(admin), role))
		if text := f.read(ana, doc.ID, content.ReadOptions{}); text != "select 1" {
			t.Error(text)
		}
		wantError(t, content.ErrPrecondition, f.DeleteRole(as(admin), role.Name))
		_, err := f.SetIamPolicy(as(admin), doc.ID, iam.Policy{})
		must0(t, err)
		must0(t, f.DeleteRole(as(admin), role.Name))
		wantError(t, content.ErrNotFound, f.DeleteRole(as(admin), role.Name))
	})
}
