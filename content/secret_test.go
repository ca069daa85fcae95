package content_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"sextant/content"
	"sextant/content/iam"
)

var secretKey = bytes.Repeat([]byte{7}, content.SecretKeySize)

// onEachWithSecrets is onEach with a key for secrets.
func onEachWithSecrets(t *testing.T, test func(*testing.T, *fixture)) {
	o := content.Options{SecretKey: secretKey}
	t.Run("sqlite", func(t *testing.T) { test(t, newFixture(t, openSQLite(t), o)) })
	t.Run("postgres", func(t *testing.T) { test(t, newFixture(t, openPostgres(t), o)) })
}

func (f *fixture) environment(who iam.Member, parent content.ResourceID, name, text string) content.Resource {
	f.t.Helper()
	return must1(f.Create(as(who), content.NewResource{Parent: parent, Type: content.Environment, Name: name, Content: strings.NewReader(text)}))
}

func TestWhoMayNotUseAnEnvironmentSeesNothingOfIt(t *testing.T) {
	onEachWithSecrets(t, func(t *testing.T, f *fixture) {
		folder := f.folder(admin, root, "team")
		e := f.environment(admin, folder.ID, "etl", "one")
		missing := content.ResourceID("01890000-0000-7000-8000-000000000077")
		_, denied := f.UseEnvironment(as(bo), e.ID, "")
		_, absent := f.UseEnvironment(as(bo), missing, "")
		if !errors.Is(denied, content.ErrNotFound) || denied.Error() != absent.Error() {
			t.Errorf("denied %v, missing %v", denied, absent)
		}
		if all := must1(f.Usable(as(bo), content.Environment)); len(all) != 0 {
			t.Errorf("listed: %v", all)
		}
		f.grant(e.ID, iam.UserRole, "", bo)
		used := must1(f.UseEnvironment(as(bo), e.ID, ""))
		if string(used.Content) != "one" || used.Resource.Name != "etl" {
			t.Errorf("used: %+v", used)
		}
		if all := must1(f.Usable(as(bo), content.Environment)); len(all) != 1 || all[0].ID != e.ID {
			t.Errorf("listed: %v", all)
		}
		// Using is not reading, and an environment is no data source.
		if _, err := f.Read(as(bo), e.ID, content.ReadOptions{}); !errors.Is(err, content.ErrDenied) {
			t.Errorf("read: %v", err)
		}
		if _, err := f.UseDataSource(as(bo), e.ID, ""); !errors.Is(err, content.ErrNotFound) {
			t.Errorf("as a data source: %v", err)
		}
		// An old revision is there for users once it is a checkpoint.
		first := used.Revision.ID
		f.save(admin, e.ID, first, "two")
		if _, err := f.UseEnvironment(as(bo), e.ID, first); !errors.Is(err, content.ErrNotFound) {
			t.Errorf("an old revision: %v", err)
		}
		must0(t, f.NameRevision(as(admin), e.ID, first, "stable"))
		if got := must1(f.UseEnvironment(as(bo), e.ID, first)); string(got.Content) != "one" {
			t.Errorf("the checkpoint: %q", got.Content)
		}
	})
}

func TestSecretsAreGivenToWhatMayNameThem(t *testing.T) {
	onEachWithSecrets(t, func(t *testing.T, f *fixture) {
		team := f.folder(admin, root, "team")
		inner := f.folder(admin, team.ID, "inner")
		f.grant(inner.ID, iam.Editor, "", ana)
		must0(t, f.PutSecret(as(admin), team.ID, "db", "hunter22"))
		e := f.environment(admin, inner.ID, "etl", "x")
		f.grant(e.ID, iam.UserRole, "", bo)
		used := must1(f.UseEnvironment(as(bo), e.ID, ""))
		if v := must1(f.UseSecret(as(bo), used, "db")); v != "hunter22" {
			t.Errorf("value %q", v)
		}
		// Ana may write in the inner folder only: what she saves gets no secret of the outer one.
		f.save(ana, e.ID, used.Revision.ID, "y")
		used = must1(f.UseEnvironment(as(bo), e.ID, ""))
		var why *content.SecretError
		if v, err := f.UseSecret(as(bo), used, "db"); !errors.As(err, &why) || v != "" {
			t.Errorf("a secret of another folder: %q, %v", v, err)
		}
		// Her own folder's hides it.
		must0(t, f.PutSecret(as(ana), inner.ID, "db", "inner-value"))
		if v := must1(f.UseSecret(as(bo), used, "db")); v != "inner-value" {
			t.Errorf("the nearer one: %q", v)
		}
		// One's own.
		if _, err := f.UseSecret(as(bo), used, "own:pg"); !errors.As(err, &why) {
			t.Errorf("one's own, not set: %v", err)
		}
		must0(t, f.PutSecret(as(bo), "", "pg", "bo's password"))
		if v := must1(f.UseSecret(as(bo), used, "own:pg")); v != "bo's password" {
			t.Errorf("one's own: %q", v)
		}
		if _, err := f.UseSecret(as(ana), used, "own:pg"); !errors.As(err, &why) {
			t.Errorf("another's own: %v", err)
		}
	})
}

func TestSecretsAreListedAndSetByWhoMay(t *testing.T) {
	onEachWithSecrets(t, func(t *testing.T, f *fixture) {
		team := f.folder(admin, root, "team")
		must0(t, f.PutSecret(as(admin), team.ID, "db", "hunter22"))
		for _, role := range []iam.RoleName{"", iam.Viewer, iam.Runner, iam.UserRole} {
			want := content.ErrDenied
			if role == "" {
				want = content.ErrNotFound
			} else {
				f.grant(team.ID, role, "", bo)
			}
			_, list := f.Secrets(as(bo), team.ID)
			for what, err := range map[string]error{"list": list, "put": f.PutSecret(as(bo), team.ID, "x", "12345"), "delete": f.DeleteSecret(as(bo), team.ID, "db")} {
				if !errors.Is(err, want) {
					t.Errorf("%s as %q: %v", what, role, err)
				}
			}
		}
		f.grant(team.ID, iam.Editor, "", bo)
		all := must1(f.Secrets(as(bo), team.ID))
		if len(all) != 1 || all[0].Name != "db" || all[0].SetBy != admin {
			t.Errorf("listed: %+v", all)
		}
		must0(t, f.DeleteSecret(as(bo), team.ID, "db"))
		if err := f.DeleteSecret(as(bo), team.ID, "db"); !errors.Is(err, content.ErrNotFound) {
			t.Errorf("again: %v", err)
		}
		for name, value := range map[string]string{"": "12345", "a/b": "12345", "ok": "123", "own:x": "12345", "big": strings.Repeat("x", content.MaxSecretSize+1), "nul": "a\x00bcd"} {
			if err := f.PutSecret(as(bo), team.ID, name, value); !errors.Is(err, content.ErrInvalid) {
				t.Errorf("%q: %v", name, err)
			}
		}
	})
}

func TestSecretsAreSealed(t *testing.T) {
	f := newFixture(t, openSQLite(t), content.Options{SecretKey: secretKey})
	team := f.folder(admin, root, "team")
	must0(t, f.PutSecret(as(admin), team.ID, "db", "hunter22"))
	e := f.environment(admin, team.ID, "etl", "x")
	used := must1(f.UseEnvironment(as(admin), e.ID, ""))
	other := must1(content.New(content.Options{Store: f.store, Blobs: f.blobs, SecretKey: bytes.Repeat([]byte{8}, content.SecretKeySize)}))
	var why *content.SecretError
	if _, err := other.UseSecret(as(admin), used, "db"); !errors.As(err, &why) || !strings.Contains(err.Error(), "another key") {
		t.Errorf("with another key: %v", err)
	}
	// A sealed value that somebody puts in another place or under another name does not open there.
	must0(t, f.store.Update(t.Context(), func(tx content.Tx) error {
		s, err := tx.Secret(string(team.ID), "db")
		if err != nil || bytes.Contains(s.Sealed, []byte("hunter22")) {
			t.Errorf("sealed %q, %v", s.Sealed, err)
		}
		s.Name = "moved"
		return tx.PutSecret(string(team.ID), s)
	}))
	if _, err := f.UseSecret(as(admin), used, "moved"); !errors.As(err, &why) {
		t.Errorf("moved: %v", err)
	}
	none := must1(content.New(content.Options{Store: f.store, Blobs: f.blobs}))
	if err := none.PutSecret(as(admin), team.ID, "x", "12345"); !errors.Is(err, content.ErrNoSecretKey) {
		t.Errorf("without a key: %v", err)
	}
	must0(t, other.Close(t.Context()))
	must0(t, none.Close(t.Context()))
}
