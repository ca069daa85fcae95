package content_test

import (
	"fmt"
	"slices"
	"testing"

	"sextant/content"
	"sextant/content/iam"
)

// TestDirectory looks people and groups up as whoever signed in may.
func TestDirectory(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		for _, p := range []content.Principal{{Member: ana, DisplayName: "Ana Ruiz"}, {Member: "user:former@x.org", DisplayName: "Anatol Former"}, {Member: "serviceAccount:nightly"}} {
			must0(t, f.PutPrincipal(as(admin), p))
		}
		must0(t, f.SetDisabled(as(admin), "user:former@x.org", true))
		must0(t, f.PutGroup(as(admin), content.GroupInfo{Member: "group:ops@x.org", Title: "Network operations"}))
		find := func(q string, limit int) []string {
			t.Helper()
			found, err := f.Directory(as(bo), q, limit)
			must0(t, err)
			var out []string
			for _, e := range found {
				out = append(out, fmt.Sprint(e.Member, " ", e.Name))
			}
			return out
		}
		for q, want := range map[string][]string{
			"ANA":        {"user:ana@x.org Ana Ruiz"}, // not who is disabled
			"ru":         {"user:ana@x.org Ana Ruiz"},
			"ruiz ana":   {"user:ana@x.org Ana Ruiz"},
			"uiz":        nil,
			"net":        {"group:ops@x.org Network operations"},
			"ops@x":      {"group:ops@x.org Network operations"},
			"nightly":    {"serviceAccount:nightly "},
			"ana nobody": nil,
		} {
			if got := find(q, 0); !slices.Equal(got, want) {
				t.Errorf("%s: %q", q, got)
			}
		}
		if got := find("", 2); len(got) != 2 {
			t.Errorf("a limit of two gives %d", len(got))
		}
		names, err := f.Names(as(bo), []iam.Member{ana, bo, "group:ops@x.org", "user:none@x.org"})
		if err != nil || !slices.Equal(names, []content.Entry{{Member: ana, Name: "Ana Ruiz"}, {Member: bo}, {Member: "group:ops@x.org", Name: "Network operations"}}) {
			t.Error(names, err)
		}
		_, err = f.Directory(as(""), "a", 0)
		wantError(t, content.ErrUnauthenticated, err)
		_, err = f.Names(as(""), []iam.Member{ana})
		wantError(t, content.ErrUnauthenticated, err)
		// A token that is for something else tells nothing of others.
		narrow := content.WithActor(t.Context(), content.Actor{Principal: bo, Permissions: []iam.Permission{iam.DocumentsRead}})
		_, err = f.Directory(narrow, "a", 0)
		wantError(t, content.ErrDenied, err)
		_, err = f.Names(narrow, []iam.Member{ana})
		wantError(t, content.ErrDenied, err)
		_, err = f.Names(as(bo), make([]iam.Member, content.MaxNamed+1))
		wantError(t, content.ErrInvalid, err)
	})
}

// TestListByType lists only what is of some types.
func TestListByType(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		in := f.folder(admin, root, "in")
		below := f.folder(admin, in.ID, "below")
		f.sql(admin, in.ID, "a.sql", "select 1")
		found, err := f.List(as(admin), in.ID, content.ByName, content.PageRequest{}, content.Folder)
		if err != nil || len(found.Items) != 1 || found.Items[0].ID != below.ID {
			t.Error(found.Items, err)
		}
	})
}
