package content_test

import (
	"strings"
	"testing"

	"sextant/content"
	"sextant/content/iam"
)

func TestPreferences(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		must0(t, f.PutPreference(as(ana), "lab", "theme", []byte("dark"), 0))
		must0(t, f.PutPreference(as(bo), "lab", "theme", []byte("light"), 0))
		must0(t, f.PutPreference(as(ana), "lab", "theme", []byte("darker"), 0))
		p, err := f.Preference(as(ana), "lab", "theme")
		if err != nil || string(p.Value) != "darker" || !p.UpdatedAt.After(p.CreatedAt) {
			t.Error(p, err)
		}
		if all, err := f.Preferences(as(bo), "lab"); err != nil || len(all) != 1 || string(all[0].Value) != "light" {
			t.Error(all, err)
		}
		_, err = f.Preference(as(cy), "lab", "theme")
		wantError(t, content.ErrNotFound, err)
		for i, name := range []string{"1", "2", "3"} {
			must0(t, f.PutPreference(as(cy), "few", name, []byte{byte(i)}, 2))
		}
		if all, err := f.Preferences(as(cy), "few"); err != nil || len(all) != 2 || all[0].Name != "2" {
			t.Error(all, err)
		}
		wantError(t, content.ErrTooLarge, f.PutPreference(as(ana), "lab", "big", make([]byte, content.MaxPreferenceSize+1), 0))
		for _, name := range []string{"", "a\x00b", strings.Repeat("x", 401), "\xff"} {
			wantError(t, content.ErrInvalid, f.PutPreference(as(ana), "lab", name, nil, 0))
		}
		wantError(t, content.ErrUnauthenticated, f.PutPreference(t.Context(), "lab", "x", nil, 0))
		_, err = f.Preferences(t.Context(), "lab")
		wantError(t, content.ErrUnauthenticated, err)
		must0(t, f.DeletePreference(as(ana), "lab", "theme"))
		wantError(t, content.ErrNotFound, f.DeletePreference(as(ana), "lab", "theme"))
		// A token that only reads leaves them as they are.
		secret, _, err := f.CreateToken(as(bo), content.NewToken{Name: "reader", Permissions: []iam.Permission{iam.DocumentsRead}})
		must0(t, err)
		actor, err := f.AuthenticateToken(t.Context(), secret)
		must0(t, err)
		limited := content.WithActor(t.Context(), actor)
		wantError(t, content.ErrDenied, f.PutPreference(limited, "lab", "theme", nil, 0))
		wantError(t, content.ErrDenied, f.DeletePreference(limited, "lab", "theme"))
		must0(t, ignore(f.Preference(limited, "lab", "theme")))
	})
}

func TestHome(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		home, err := f.Home(as(ana))
		if err != nil || home.Owner != ana || home.Name != "ana@x.org" || home.ParentID != "" {
			t.Fatal(home, err)
		}
		again, err := f.Home(as(ana))
		if err != nil || again.ID != home.ID {
			t.Error(again, err)
		}
		must0(t, ignore(f.Create(as(ana), content.NewResource{Parent: home.ID, Type: content.SQL, Name: "a.sql"})))
		_, err = f.Get(as(bo), home.ID)
		wantError(t, content.ErrNotFound, err)
		if found, err := f.Resolve(as(ana), "/home/ana@x.org/a.sql"); err != nil || found.Owner != ana {
			t.Error(found, err)
		}
		below, err := f.ResolveBelow(as(ana), root, "home/ana@x.org/a.sql")
		must0(t, err)
		if again, err := f.ResolveBelow(as(ana), home.ID, "a.sql"); err != nil || again.ID != below.ID {
			t.Error(again, err)
		}
		for _, path := range []string{"b.sql", "a.sql/x", "..", "/a.sql"} {
			if found, err := f.ResolveBelow(as(ana), home.ID, path); err == nil {
				t.Error(path, found)
			}
		}
		_, err = f.Home(t.Context())
		wantError(t, content.ErrUnauthenticated, err)

		// Somebody else's folder in its place is no home, even where one may see it.
		homes, err := f.Resolve(as(admin), "/home")
		must0(t, err)
		trap := f.folder(admin, homes.ID, "bo@x.org")
		_, err = f.Home(as(bo))
		wantError(t, content.ErrNotFound, err)
		f.grant(trap.ID, iam.Editor, "", bo)
		_, err = f.Home(as(bo))
		wantError(t, content.ErrNotFound, err)

		// A token that may not create makes none.
		secret, _, err := f.CreateToken(as(cy), content.NewToken{Name: "reader", Permissions: []iam.Permission{iam.ResourcesGet}})
		must0(t, err)
		actor, err := f.AuthenticateToken(t.Context(), secret)
		must0(t, err)
		_, err = f.Home(content.WithActor(t.Context(), actor))
		wantError(t, content.ErrNotFound, err)
	})
}
