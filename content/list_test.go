package content_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"sextant/content"
	"sextant/content/iam"
)

// world is a random tree with random policies.
type world struct {
	*fixture
	rnd       *rand.Rand
	resources []content.ResourceID
	folders   []content.ResourceID
	people    []iam.Member
}

var worldConditions = []string{
	"", "", "", `resource.type == "sql"`, `resource.path.startsWith("/folder-1")`, `"public" in resource.tags`,
	`resource.owner == "user:ana@x.org"`, `request.time < timestamp("2026-01-01T00:00:00Z")`, `resource.tags[5] == "x"`,
}

func newWorld(f *fixture, seed uint64, size int) *world {
	f.t.Helper()
	w := &world{fixture: f, rnd: rand.New(rand.NewPCG(seed, seed)), folders: []content.ResourceID{root}, people: []iam.Member{ana, bo, cy}}
	for i := range 4 {
		must0(f.t, f.PutGroup(as(admin), content.GroupInfo{Member: group(i)}))
	}
	for i := range 4 {
		for range 2 {
			m := pick(w.rnd, []iam.Member{ana, bo, cy, group(w.rnd.IntN(4)), "domain:y.org"})
			must0(f.t, f.SetGroupMember(as(admin), group(i), m, true))
		}
	}
	for i := range size {
		n := content.NewResource{Parent: pick(w.rnd, w.folders), Type: content.SQL, Name: fmt.Sprintf("doc-%d.sql", i)}
		if w.rnd.IntN(3) == 0 {
			n.Type, n.Name = content.Folder, fmt.Sprintf("folder-%d", i)
		} else {
			n.Content = strings.NewReader(fmt.Sprintf("select revenue%d from sales where x = %d", i%3, i))
		}
		if w.rnd.IntN(3) == 0 {
			n.Tags = []string{"public"}
		}
		r, err := f.Create(as(admin), n)
		must0(f.t, err)
		w.resources = append(w.resources, r.ID)
		if n.Type == content.Folder {
			w.folders = append(w.folders, r.ID)
		}
		if w.rnd.IntN(4) == 0 {
			members := []iam.Member{ana, bo, cy, group(w.rnd.IntN(4)), "domain:x.org", iam.AllUsers, iam.AllAuthenticatedUsers}
			f.grant(r.ID, pick(w.rnd, []iam.RoleName{iam.Viewer, iam.Editor, iam.UserRole, iam.Auditor}), pick(w.rnd, worldConditions),
				pick(w.rnd, members), pick(w.rnd, members))
		}
	}
	for range size / 15 {
		err := f.Trash(as(admin), pick(w.rnd, w.resources), "")
		if err != nil && !errors.Is(err, content.ErrNotFound) {
			f.t.Fatal(err)
		}
	}
	for range size / 10 {
		_, err := f.Move(as(admin), pick(w.rnd, w.resources), pick(w.rnd, w.folders), "", "")
		if err != nil && !errors.Is(err, content.ErrNotFound) && !errors.Is(err, content.ErrInvalid) {
			f.t.Fatal(err)
		}
	}
	return w
}

func group(i int) iam.Member { return iam.Member(fmt.Sprintf("group:g%d@x.org", i)) }

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// TestListingsAgainstGet compares every listing with the naive one: try each resource by itself.
func TestListingsAgainstGet(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		w := newWorld(f, 7, 60)
		for _, who := range append(w.people, admin) {
			var visible []content.Resource
			readable := map[content.ResourceID]bool{}
			byFolder := map[content.ResourceID][]string{}
			for _, id := range append([]content.ResourceID{root}, w.resources...) {
				r, err := f.Get(as(who), id)
				if errors.Is(err, content.ErrNotFound) {
					continue
				}
				must0(t, err)
				if p, err := f.TestIamPermissions(as(who), id, []iam.Permission{iam.DocumentsRead}); err != nil || len(p) == 1 {
					must0(t, err)
					readable[id] = true
				}
				if id == root {
					continue
				}
				visible = append(visible, r)
				full, err := f.Get(as(admin), id)
				must0(t, err)
				byFolder[full.ParentID] = append(byFolder[full.ParentID], r.Name)
			}
			slices.SortFunc(visible, func(a, b content.Resource) int {
				if c := b.UpdatedAt.Compare(a.UpdatedAt); c != 0 {
					return c
				}
				return strings.Compare(string(b.ID), string(a.ID))
			})
			for _, size := range []int{3, 1000} {
				got := all(t, size, func(p content.PageRequest) (content.Page[content.Resource], error) {
					return f.Visible(as(who), content.Filter{}, p)
				})
				if fmt.Sprint(got) != fmt.Sprint(visible) {
					t.Fatalf("%s, page %d: visible\n%v\nwant\n%v", who, size, names(got), names(visible))
				}
			}
			for _, folder := range w.folders {
				for _, order := range []content.Order{content.ByName, content.ByNewest} {
					var got []string
					list := func(p content.PageRequest) (content.Page[content.Resource], error) {
						return f.List(as(who), folder, order, p)
					}
					if _, err := list(content.PageRequest{}); err != nil {
						if p, _ := f.TestIamPermissions(as(who), folder, []iam.Permission{iam.ResourcesList}); len(p) > 0 {
							t.Fatal(err)
						}
						continue
					}
					got = names(all(t, 2, list))
					if order == content.ByName && !slices.IsSorted(got) {
						t.Errorf("not sorted: %v", got)
					}
					slices.Sort(got)
					want := byFolder[folder]
					slices.Sort(want)
					if !slices.Equal(got, want) {
						t.Errorf("%s lists %v, want %v", who, got, want)
					}
				}
			}

			// Search finds what may be read and holds the words; filters narrow.
			for _, q := range []string{"revenue1", "rev", "sales public", "doc", "folder "} {
				for _, filter := range []content.Filter{{}, {Types: []content.Type{content.SQL}}, {Tag: "public"}, {Owner: admin}, {Owner: bo},
					{Folder: pick(w.rnd, w.folders)}, {UpdatedAfter: visible[len(visible)/2].UpdatedAt}} {
					var want, got []string
					inFolder := map[content.ResourceID]bool{}
					if filter.Folder != "" {
						if _, err := f.Get(as(who), filter.Folder); err != nil {
							continue
						}
						for _, r := range all(t, 1000, func(p content.PageRequest) (content.Page[content.Resource], error) {
							return f.Visible(as(admin), content.Filter{Folder: filter.Folder}, p)
						}) {
							inFolder[r.ID] = true
						}
					}
					for _, r := range visible {
						text := r.Name + " " + strings.Join(r.Tags, " ")
						if r.Type == content.SQL && readable[r.ID] {
							text += " " + f.read(who, r.ID, content.ReadOptions{})
						}
						if !readable[r.ID] || len(filter.Types) > 0 && r.Type != content.SQL || filter.Tag != "" && !slices.Contains(r.Tags, filter.Tag) ||
							filter.Owner != "" && r.Owner != filter.Owner || filter.Folder != "" && !inFolder[r.ID] ||
							!filter.UpdatedAfter.IsZero() && !r.UpdatedAt.After(filter.UpdatedAfter) {
							continue
						}
						if holds(text, q) {
							want = append(want, r.Name)
						}
					}
					for _, h := range all(t, 9, func(p content.PageRequest) (content.Page[content.Hit], error) {
						return f.Search(as(who), content.SearchRequest{Query: q, Filter: filter, Page: p})
					}) {
						got = append(got, h.Name)
						if len(h.Snippets) == 0 {
							t.Errorf("%q found %s without a snippet", q, h.Name)
						}
					}
					slices.Sort(got)
					slices.Sort(want)
					if !slices.Equal(got, want) {
						t.Errorf("%s searches %q %+v: %v, want %v", who, q, filter, got, want)
					}
				}
			}
		}
	})
}

// holds is search as naive as can be.
func holds(text, query string) bool {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9') })
	terms := strings.Fields(query)
	for i, term := range terms {
		if !slices.ContainsFunc(words, func(w string) bool {
			return w == term || i == len(terms)-1 && !strings.HasSuffix(query, " ") && strings.HasPrefix(w, term)
		}) {
			return false
		}
	}
	return true
}

func TestSharedWithMe(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		must0(t, f.PutGroup(as(admin), content.GroupInfo{Member: group(1)}))
		must0(t, f.SetGroupMember(as(admin), group(1), ana, true))
		var want []string
		share := func(name string, role iam.RoleName, condition string, m iam.Member, listed bool) content.Resource {
			r := f.sql(admin, root, name, "select 1")
			f.grant(r.ID, role, condition, m)
			if listed {
				want = append([]string{name}, want...)
			}
			return r
		}
		share("direct", iam.Viewer, "", ana, true)
		share("by group", iam.Editor, "", group(1), true)
		share("by domain", iam.Viewer, "", "domain:x.org", true)
		share("public", iam.Viewer, "", iam.AllUsers, false)
		share("for bo", iam.Viewer, "", bo, false)
		share("role that sees nothing", iam.RoleName("viewer"), `resource.type == "folder"`, ana, false)
		share("conditional", iam.Viewer, `resource.type == "sql"`, ana, true)
		gone := share("trashed", iam.Viewer, "", ana, false)
		must0(t, f.Trash(as(admin), gone.ID, ""))
		first := share("shared again", iam.Viewer, "", ana, true)
		// What is granted once more, or changed otherwise, keeps its place.
		f.grant(first.ID, iam.Viewer, "", bo)
		own := share("own", iam.Owner, "", ana, false)
		must0(t, f.TransferOwnership(as(admin), own.ID, ana))
		for _, size := range []int{1, 2, 50} {
			got := names(all(t, size, func(p content.PageRequest) (content.Page[content.Resource], error) { return f.SharedWithMe(as(ana), p) }))
			if !slices.Equal(got, want) {
				t.Errorf("pages of %d: %v, want %v", size, got, want)
			}
		}
		_, err := f.SharedWithMe(t.Context(), content.PageRequest{})
		wantError(t, content.ErrUnauthenticated, err)
		_, err = f.SharedWithMe(as(ana), content.PageRequest{Token: "nonsense"})
		wantError(t, content.ErrInvalid, err)
	})
}

// TestFewVisibleAmongMany has more resources than a walk looks at, of which one person may see few, old and new.
func TestFewVisibleAmongMany(t *testing.T) {
	f := newFixture(t, openSQLite(t), content.Options{})
	team := f.folder(admin, root, "team")
	f.grant(team.ID, iam.Viewer, "", ana)
	var want []string
	must0(t, f.store.Update(t.Context(), func(tx content.Tx) error {
		for i := range 2600 {
			r := content.Resource{ID: content.ResourceID(fmt.Sprintf("01890000-0000-7000-8000-%012d", i)), ParentID: root, Type: content.SQL,
				Name: fmt.Sprintf("many %d", i), Owner: admin, CreatedAt: f.clock.Now(), Version: 1}
			r.UpdatedAt = r.CreatedAt
			if i%650 == 3 {
				r.ParentID = team.ID
				want = append([]string{r.Name}, want...)
			}
			if err := tx.CreateResource(r); err != nil {
				return err
			}
			if err := tx.IndexText(r.ID, content.SearchText{Name: r.Name}); err != nil {
				return err
			}
		}
		return nil
	}))
	want = append(want, "team")
	for _, size := range []int{1, 3, 100} {
		got := names(all(t, size, func(p content.PageRequest) (content.Page[content.Resource], error) {
			return f.Visible(as(ana), content.Filter{}, p)
		}))
		if !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	}
	var found []string
	for _, h := range all(t, 2, func(p content.PageRequest) (content.Page[content.Hit], error) {
		return f.Search(as(ana), content.SearchRequest{Query: "many", Page: p})
	}) {
		found = append(found, h.Name)
	}
	if !slices.Equal(found, want[:len(want)-1]) {
		t.Errorf("found %v", found)
	}
	everything := all(t, 1000, func(p content.PageRequest) (content.Page[content.Hit], error) {
		return f.Search(as(admin), content.SearchRequest{Query: "many", Page: p})
	})
	if len(everything) != 2600 {
		t.Errorf("the admin finds %d", len(everything))
	}
}

func TestSearchRanksAndMarks(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		body := f.sql(admin, root, "old.sql", "-- nothing\nselect total_revenue, naïve from sales -- Revenue of 東京\n"+repeat("-- filler words here\n", 50))
		f.sql(admin, root, "quarterly revenue.sql", "select 1")
		f.sql(admin, root, "revenue by region.sql", "select 1")
		f.sql(admin, root, "revenue.sql", "select 1")
		newest := f.sql(admin, root, "new.sql", "select revenue")
		hits, err := f.Search(as(admin), content.SearchRequest{Query: "Revenue"})
		must0(t, err)
		var got []string
		for _, h := range hits.Items {
			got = append(got, h.Name)
		}
		want := []string{"revenue.sql", "revenue by region.sql", "quarterly revenue.sql", "new.sql", "old.sql"}
		if !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		for _, h := range hits.Items {
			for _, s := range h.Snippets {
				for _, m := range s.Marks {
					if w := strings.ToLower(s.Text[m[0]:m[1]]); w != "revenue" {
						t.Errorf("%s marks %q in %q", h.Name, w, s.Text)
					}
				}
			}
		}
		if s := hits.Items[4].Snippets; len(s) != 1 || s[0].Field != "source" || len(s[0].Marks) != 2 || !strings.HasPrefix(s[0].Text, "select total_revenue") {
			t.Errorf("%+v", s)
		}
		for q, n := range map[string]int{"naive": 1, "NAÏVE sales": 1, "東京": 1, "京": 1, "nai": 1, "nai ": 0, "total revenue": 1, "nothing there": 0, "": 0, "--": 0, `" OR *`: 0} {
			page, err := f.Search(as(admin), content.SearchRequest{Query: q})
			if err != nil || len(page.Items) != n {
				t.Errorf("%q: %d found, %v; want %d", q, len(page.Items), err, n)
			}
		}
		// The index goes with the save.
		f.save(admin, newest.ID, newest.Head, "select profit")
		page, err := f.Search(as(admin), content.SearchRequest{Query: "profit"})
		if err != nil || len(page.Items) != 1 {
			t.Error(page, err)
		}
		page, err = f.Search(as(admin), content.SearchRequest{Query: "revenue "})
		if err != nil || len(page.Items) != 4 {
			t.Error(page, err)
		}
		must0(t, f.Trash(as(admin), body.ID, ""))
		must0(t, f.Purge(as(admin), body.ID))
		page, err = f.Search(as(admin), content.SearchRequest{Query: "naive"})
		if err != nil || len(page.Items) != 0 {
			t.Error(page, err)
		}
	})
}

func TestMarks(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		a, b := f.sql(admin, root, "a", "1"), f.sql(admin, root, "b", "1")
		f.grant(a.ID, iam.Viewer, "", ana)
		f.grant(b.ID, iam.Viewer, "", ana)
		must0(t, f.Mark(as(ana), a.ID, content.Star, true))
		must0(t, f.Mark(as(ana), b.ID, content.Star, true))
		must0(t, f.Mark(as(ana), b.ID, content.Pin, true))
		wantError(t, content.ErrInvalid, f.Mark(as(ana), b.ID, content.Recent, true))
		starred := func() []content.MarkedItem {
			return all(t, 1, func(p content.PageRequest) (content.Page[content.MarkedItem], error) {
				return f.Marked(as(ana), content.Star, p)
			})
		}
		if got := starred(); len(got) != 2 || got[0].Name != "b" || fmt.Sprint(got[0].Marks) != "[pin star]" {
			t.Errorf("%+v", got)
		}
		must0(t, f.Mark(as(ana), b.ID, content.Star, false))
		if got := starred(); len(got) != 1 {
			t.Errorf("%+v", got)
		}
		// A lost right takes it from the list.
		_, err := f.SetIamPolicy(as(admin), a.ID, iam.Policy{})
		must0(t, err)
		if got := starred(); len(got) != 0 {
			t.Errorf("%+v", got)
		}
		f.read(ana, b.ID, content.ReadOptions{})
		f.clock.pass(time.Second)
		must0(t, ignore(f.Audit(as(admin), content.AuditFilter{}, content.PageRequest{}))) // what was read is written now
		recent, err := f.Marked(as(ana), content.Recent, content.PageRequest{})
		if err != nil || len(recent.Items) != 1 || recent.Items[0].Name != "b" {
			t.Errorf("%+v, %v", recent, err)
		}
	})
}
