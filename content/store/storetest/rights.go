package storetest

import (
	"errors"
	"time"

	"sextant/content"
	"sextant/content/iam"
)

// rightsVersion checks that whatever decisions are made of raises the version, and that what is done all day does not.
func rightsVersion(s *suite) {
	s.tree()
	ana := content.Principal{Member: "user:ana@x.org", CreatedAt: base}
	disabled := ana
	disabled.Disabled = base
	seen := ana
	seen.LastSeen = base.Add(time.Hour)
	policy := iam.Policy{Etag: "e", Bindings: []iam.Binding{{Role: iam.Viewer, Members: []iam.Member{"user:ana@x.org"}}}}
	other := iam.Policy{Etag: "f", Bindings: []iam.Binding{{Role: iam.Editor, Members: []iam.Member{"user:ana@x.org"}}}}
	token := content.Token{ID: "t", Principal: ana.Member, Digest: content.Digest{1}, CreatedAt: base}
	revoked := token
	revoked.RevokedAt = base
	signIn := content.SignIn{Digest: content.Digest{1}, Principal: ana.Member, CreatedAt: base, Expires: base.Add(time.Hour)}
	folder, document := resource(1, content.RootID, content.Folder, "a"), resource(3, id(2), content.SQL, "doc")
	renamed, described, retained := folder, folder, folder
	renamed.Name, described.Description, retained.Retention = "z", "other", &content.Retention{Days: 3}
	retained.Name = "z"
	renamedDocument := document
	renamedDocument.Name = "other"
	revision := content.Revision{ID: revisionID(1), ResourceID: id(3), Number: 1, Author: ana.Member, CreatedAt: base, Origin: content.ByUser}
	for _, step := range []struct {
		name   string
		raises bool
		do     func(tx content.Tx) error
	}{
		{"a principal", true, func(tx content.Tx) error { return tx.PutPrincipal(ana) }},
		{"a principal that came by", false, func(tx content.Tx) error { return tx.PutPrincipal(seen) }},
		{"a principal disabled", true, func(tx content.Tx) error { return tx.PutPrincipal(disabled) }},
		{"a principal enabled", true, func(tx content.Tx) error { return tx.PutPrincipal(ana) }},
		{"a group", false, func(tx content.Tx) error { return tx.PutGroup(content.GroupInfo{Member: "group:g", CreatedAt: base}) }},
		{"a member", true, func(tx content.Tx) error { return tx.SetGroupMember("group:g", ana.Member, true, base) }},
		{"a member less", true, func(tx content.Tx) error { return tx.SetGroupMember("group:g", ana.Member, false, base) }},
		{"another member", true, func(tx content.Tx) error { return tx.SetGroupMember("group:g", ana.Member, true, base) }},
		{"a group less", true, func(tx content.Tx) error { return tx.DeleteGroup("group:g") }},
		{"a role", true, func(tx content.Tx) error { return tx.PutRole(iam.Role{Name: "custom.r"}) }},
		{"another role", true, func(tx content.Tx) error { return tx.PutRole(iam.Role{Name: "custom.r", Title: "R"}) }},
		{"a role less", true, func(tx content.Tx) error { return tx.DeleteRole("custom.r") }},
		{"a policy", true, func(tx content.Tx) error { return tx.SetPolicy(id(1), policy, base) }},
		{"another policy", true, func(tx content.Tx) error { return tx.SetPolicy(id(1), other, base) }},
		{"no policy", true, func(tx content.Tx) error { return tx.SetPolicy(id(1), iam.Policy{}, base) }},
		{"a folder's name", true, func(tx content.Tx) error { return tx.UpdateResource(renamed) }},
		{"a folder's retention", true, func(tx content.Tx) error { return tx.UpdateResource(retained) }},
		{"a folder moved", true, func(tx content.Tx) error { return tx.MoveResource(id(2), content.RootID, "b") }},
		{"a folder in the trash", true, func(tx content.Tx) error { return tx.SetTrashed(id(1), base, "") }},
		{"a folder out of it", true, func(tx content.Tx) error { return tx.SetTrashed(id(1), time.Time{}, "") }},
		{"a document's name", false, func(tx content.Tx) error { return tx.UpdateResource(renamedDocument) }},
		{"a document moved", false, func(tx content.Tx) error { return tx.MoveResource(id(3), id(1), "doc") }},
		{"a save", false, func(tx content.Tx) error { return tx.CreateRevision(revision) }},
		{"a new document", false, func(tx content.Tx) error { return tx.CreateResource(resource(5, id(1), content.SQL, "new")) }},
		{"a token", false, func(tx content.Tx) error { return tx.PutToken(token) }},
		{"a token's use", false, func(tx content.Tx) error { return tx.TouchToken("t", base.Add(time.Minute)) }},
		{"a token revoked", true, func(tx content.Tx) error { return tx.PutToken(revoked) }},
		{"a session", false, func(tx content.Tx) error { return tx.PutSignIn(signIn) }},
		{"a session's end", true, func(tx content.Tx) error { return tx.DeleteSignIn(signIn.Digest) }},
	} {
		var before, within, after, located int64
		s.update(func(tx content.Tx) error {
			var err, err2 error
			before, err = tx.RightsVersion()
			if err := step.do(tx); err != nil {
				return err
			}
			within, err2 = tx.RightsVersion()
			return errors.Join(err, err2)
		})
		s.view(func(tx content.Tx) error {
			var err, err2 error
			after, err = tx.RightsVersion()
			_, _, located, err2 = tx.Located(content.RootID)
			return errors.Join(err, err2)
		})
		if step.raises != (within > before) || after != within || located != after {
			s.Errorf("%s: the rights version was %d, then %d, later %d and %d", step.name, before, within, after, located)
		}
	}
	// What is undone was never there.
	stop := errors.New("stop")
	var undone int64
	err := s.store.Update(s.Context(), func(tx content.Tx) error {
		err := tx.PutRole(iam.Role{Name: "custom.s"})
		undone, _ = tx.RightsVersion()
		return errors.Join(err, stop)
	})
	s.want(stop, err)
	s.view(func(tx content.Tx) error {
		now, err := tx.RightsVersion()
		if now >= undone {
			s.Errorf("the rights version is %d after %d was undone", now, undone)
		}
		return err
	})
}
