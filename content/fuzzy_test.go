package content_test

import (
	"slices"
	"strings"
	"testing"

	"sextant/content"
	"sextant/content/iam"
)

func TestMisspeltWordsAreFound(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		folder := f.folder(admin, root, "shared")
		f.grant(folder.ID, iam.Viewer, "", ana)
		f.sql(admin, folder.ID, "Quarterly revenue.sql", "select sum(amount) from turnover")
		f.sql(admin, folder.ID, "churn.sql", "select 1")
		f.sql(admin, folder.ID, "2026 plan.sql", "")
		f.sql(admin, root, "Quarterly salaries.sql", "select 2")
		for _, c := range []struct {
			query string
			who   iam.Member
			want  []string
		}{
			{"revenue", ana, []string{"Quarterly revenue.sql"}},
			{"revenu", ana, []string{"Quarterly revenue.sql"}},
			{"revenune", ana, []string{"Quarterly revenue.sql"}},         // a letter too many
			{"rveenue", ana, []string{"Quarterly revenue.sql"}},          // two swapped
			{"reveneu ", ana, []string{"Quarterly revenue.sql"}},         // and the word ended
			{"quartelry revnue", ana, []string{"Quarterly revenue.sql"}}, // both words
			{"quartrely turnover", ana, []string{"Quarterly revenue.sql"}},
			{"quarteryl rvv", ana, nil}, // what is too short is not guessed
			{"chrun", ana, []string{"churn.sql"}},
			{"chrn", ana, []string{"churn.sql"}},
			{"xylophone", ana, nil},
			{"2026", ana, []string{"2026 plan.sql"}},
			{"2027", ana, nil}, // a number is not another one
			// What may not be read is not found by a misspelt word either.
			{"salareis", ana, nil},
			{"salareis", admin, []string{"Quarterly salaries.sql"}},
		} {
			page, err := f.Search(as(c.who), content.SearchRequest{Query: c.query})
			must0(t, err)
			var got []string
			for _, h := range page.Items {
				got = append(got, h.Name)
				if exact := strings.Contains(strings.ToLower(h.Name), strings.Fields(c.query)[0]); h.Approximate == exact {
					t.Errorf("%q: %s is approximate: %v", c.query, h.Name, h.Approximate)
				}
				if len(h.Snippets) == 0 || len(h.Snippets[0].Marks) == 0 {
					t.Errorf("%q: nothing is marked in %s", c.query, h.Name)
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q as %s: %q, want %q", c.query, c.who, got, c.want)
			}
		}
	})
}

// TestSearchTokensTellNothing: the place of a page is that of all documents, also of those that may not be read.
func TestSearchTokensTellNothing(t *testing.T) {
	f := newFixture(t, openSQLite(t), content.Options{})
	for _, name := range []string{"a many", "b many", "c many"} {
		f.sql(admin, root, name, "")
	}
	first := must1(f.Search(as(admin), content.SearchRequest{Query: "many", Page: content.PageRequest{Size: 1}}))
	again := must1(f.Search(as(admin), content.SearchRequest{Query: "many", Page: content.PageRequest{Size: 1}}))
	if first.Next == "" || first.Next == again.Next {
		t.Errorf("tokens %q and %q", first.Next, again.Next)
	}
	_, err := f.Search(as(admin), content.SearchRequest{Query: "many", Page: content.PageRequest{Token: first.Next[1:]}})
	wantError(t, content.ErrInvalid, err)
}
