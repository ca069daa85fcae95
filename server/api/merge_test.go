package api_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"sextant/content/notebook"
	"sextant/server/servertest"
)

// editor is a client that edits one notebook with others, over the API: it changes what it read, and where somebody was
// quicker it merges.
type editor struct {
	s      *servertest.Server
	t      *testing.T
	name   string
	id     string
	random *rand.Rand
	merges int
	n      int
}

func (e *editor) path(more string) string { return "v1/resources/" + e.id + more }

// read gives the newest revision.
func (e *editor) read() (*notebook.Notebook, string) {
	a := e.s.Want(http.StatusOK, admin, "GET", e.path("/content"), nil)
	nb, report, err := notebook.Read([]byte(a.Text))
	if err != nil || len(report.Repairs)+len(report.Problems) > 0 {
		e.t.Errorf("%s read %v %v", e.name, report, err)
	}
	return nb, strings.Trim(a.Header.Get("ETag"), `"`)
}

func (e *editor) marker() string {
	e.n++
	return fmt.Sprintf("%s-%d;", e.name, e.n)
}

// edit changes a notebook at random: cells come, go and move, sources get lines, outputs and metadata change.
func (e *editor) edit(nb *notebook.Notebook) {
	for range 1 + e.random.IntN(3) {
		at := e.random.IntN(len(nb.Cells) + 1)
		switch what := e.random.IntN(6); {
		case what <= 1 || len(nb.Cells) < 3:
			m := e.marker()
			nb.Cells = slices.Insert(nb.Cells, at, notebook.Cell{ID: strings.TrimSuffix(m, ";"), Type: notebook.Code, Source: m + "\n", Metadata: notebook.Object{}})
		case what == 2: // a line at a random place of any cell
			c := &nb.Cells[e.random.IntN(len(nb.Cells))]
			lines := strings.SplitAfter(c.Source, "\n")
			c.Source = strings.Join(slices.Insert(lines, e.random.IntN(len(lines)), e.marker()+"\n"), "")
		case what == 3: // a cell of its own goes
			i := slices.IndexFunc(nb.Cells, func(c notebook.Cell) bool {
				return strings.HasPrefix(c.ID, e.name+"-") && strings.Count(c.Source, ";") == 1
			})
			if i >= 0 {
				nb.Cells = slices.Delete(nb.Cells, i, i+1)
			}
		case what == 4: // one moves
			from := e.random.IntN(len(nb.Cells))
			c := nb.Cells[from]
			nb.Cells = slices.Insert(slices.Delete(nb.Cells, from, from+1), e.random.IntN(len(nb.Cells)), c)
		default: // one is run
			if c := &nb.Cells[e.random.IntN(len(nb.Cells))]; c.Type == notebook.Code {
				count := int64(e.n)
				c.ExecutionCount, c.Outputs = &count, []notebook.Output{notebook.NewStream("stdout", fmt.Sprint(e.name, e.n, "\n"))}
			}
		}
	}
}

// save saves on top of base, merging as often as it takes. Of each merge it checks that no marker of either side is
// missing, or that the conflicts say so.
func (e *editor) save(nb *notebook.Notebook, base string) {
	var text strings.Builder
	if err := notebook.Write(&text, nb); err != nil {
		e.t.Error(err)
		return
	}
	ours := text.String()
	for content, on := ours, base; ; {
		a := e.s.Do(admin, "PUT", e.path("/content"), content, "If-Match", `"`+on+`"`)
		if a.StatusCode == http.StatusOK {
			return
		}
		told, _ := a.JSON(e.t)["conflict"].(map[string]any)
		if a.StatusCode != http.StatusPreconditionFailed || told["base"] != on || a.Header.Get("ETag") != `"`+fmt.Sprint(told["current"].(map[string]any)["id"])+`"` {
			e.t.Errorf("save: %d %s", a.StatusCode, a.Text)
			return
		}
		e.merges++
		// What was merged already is not to be merged again: it is made from what it was merged with.
		offered := e.s.Want(http.StatusOK, admin, "POST", fmt.Sprint(told["merge"]), content)
		var merged struct {
			Content   string
			Current   struct{ ID string }
			Conflicts []notebook.Conflict
		}
		if err := json.Unmarshal([]byte(offered.Text), &merged); err != nil {
			e.t.Error(err)
			return
		}
		theirs := e.s.Want(http.StatusOK, admin, "GET", e.path("/content?revision="+merged.Current.ID), nil).Text
		before := e.s.Want(http.StatusOK, admin, "GET", e.path("/content?revision="+on), nil).Text
		e.check(before, content, theirs, merged.Content, merged.Conflicts)
		content, on = merged.Content, merged.Current.ID
	}
}

// check compares the markers of a merge: what a side added is there, what a side took out is not, unless a conflict names
// a source or a cell.
func (e *editor) check(base, ours, theirs, merged string, conflicts []notebook.Conflict) {
	was, x, y, out := markers(base), markers(ours), markers(theirs), markers(merged)
	for m, n := range out {
		if n > 1 {
			e.t.Errorf("%s stands there %d times", m, n)
		}
	}
	excused := slices.ContainsFunc(conflicts, func(c notebook.Conflict) bool {
		return c.Field == notebook.SourceConflict || c.Field == notebook.CellConflict
	})
	for _, side := range []map[string]int{x, y} {
		for m := range side {
			if was[m] == 0 && out[m] == 0 && !excused {
				e.t.Errorf("%s was added and is lost", m)
			}
		}
		for m := range was {
			if side[m] == 0 && out[m] > 0 && !excused {
				e.t.Errorf("%s was taken out and is back", m)
			}
		}
	}
}

// markers counts what editors wrote.
func markers(text string) map[string]int {
	out := map[string]int{}
	nb, _, err := notebook.Read([]byte(text))
	if err != nil {
		return out
	}
	for _, c := range nb.Cells {
		for m := range strings.FieldsSeq(c.Source) {
			out[m]++
		}
	}
	return out
}

// TestClientsThatMergeLoseNothing has clients edit one notebook at once.
func TestClientsThatMergeLoseNothing(t *testing.T) {
	s := servertest.Start(t)
	id, _ := create(t, s, "n.ipynb", "")
	editors := make([]*editor, 3)
	var group sync.WaitGroup
	for i := range editors {
		e := &editor{s: s, t: t, name: string(rune('a' + i)), id: id, random: rand.New(rand.NewPCG(7, uint64(i)))}
		editors[i] = e
		group.Go(func() {
			for range 25 {
				nb, base := e.read()
				e.edit(nb)
				e.save(nb, base)
			}
		})
	}
	group.Wait()
	merges, revisions := 0, s.Want(http.StatusOK, admin, "GET", "v1/resources/"+id, nil).JSON(t)["revisionNumber"].(float64)
	last, _ := editors[0].read()
	for _, e := range editors {
		merges += e.merges
	}
	if merges < 5 || revisions < 40 || len(last.Cells) < 10 {
		t.Errorf("%d merges, %v revisions, %d cells", merges, revisions, len(last.Cells))
	}
	t.Logf("%d merges, %v revisions, %d cells", merges, revisions, len(last.Cells))
}

func TestComparingAndMergingAnyTwo(t *testing.T) {
	s := servertest.Start(t)
	id, first := create(t, s, "a.sql", "a\nb\nc\n")
	path := "v1/resources/" + id
	save := func(text string) string {
		return revisionOf(t, s.Want(http.StatusOK, admin, "PUT", path+"/content", text, "If-Match", "*"))["id"].(string)
	}
	second, third := save("A\nb\nc\n"), save("a\nb\nC\n")
	other, _ := create(t, s, "b.sql", "x\nb\nc\n")
	for _, c := range []struct {
		query string
		same  bool
		lines string
	}{
		{"?from=" + first + "&to=" + second, false, "a>A"},
		{"?from=" + second + "&to=" + first, false, "A>a"},
		{"", false, "A>a c>C"},
		{"?from=" + third, true, ""},
		{"?from=" + first + "&otherId=" + other, false, "a>x"},
	} {
		d := s.Want(http.StatusOK, admin, "GET", path+"/diff"+c.query, nil).JSON(t)
		var got []string
		for _, line := range d["lines"].([]any) {
			l := line.(map[string]any)
			got = append(got, fmt.Sprint(l["old"].([]any)[0], ">", l["new"].([]any)[0]))
		}
		if d["same"] != c.same || strings.Join(got, " ") != c.lines {
			t.Errorf("diff %s: %v", c.query, d)
		}
	}
	merge := func(status int, body string, query ...string) map[string]any {
		q := url.Values{}
		for i := 0; i < len(query); i += 2 {
			q.Set(query[i], query[i+1])
		}
		return s.Want(status, admin, "POST", path+"/merge?"+q.Encode(), body).JSON(t)
	}
	if m := merge(http.StatusOK, "", "base", first, "ours", second); m["content"] != "A\nb\nC\n" || m["current"].(map[string]any)["id"] != third {
		t.Errorf("revisions merged: %v", m)
	}
	if m := merge(http.StatusOK, "a\nb\nc\nd\n", "base", first, "theirs", second); m["content"] != "A\nb\nc\nd\n" || m["current"].(map[string]any)["id"] != second {
		t.Errorf("merged with an older one: %v", m)
	}
	for _, c := range []struct {
		status int
		body   string
		query  []string
	}{
		{http.StatusBadRequest, "x", nil},
		{http.StatusBadRequest, "x", []string{"base", first, "ours", second}},
		{http.StatusNotFound, "x", []string{"base", "nothing"}},
		{http.StatusNotFound, "", []string{"base", first, "ours", "nothing"}},
		{http.StatusBadRequest, "\x00", []string{"base", first}},
	} {
		merge(c.status, c.body, c.query...)
	}
	// A document that cannot be read as a notebook says where, and no merge pretends to know.
	broken, base := create(t, s, "n.ipynb", "")
	s.Want(http.StatusOK, admin, "PUT", "v1/resources/"+broken+"/content", "{", "If-Match", "*")
	if p := s.Want(http.StatusBadRequest, admin, "POST", "v1/resources/"+broken+"/merge?base="+base, "{}").JSON(t); !strings.Contains(fmt.Sprint(p["detail"]), "notebook") {
		t.Errorf("merge of what is broken: %v", p)
	}
}
