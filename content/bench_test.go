//go:build unix

package content_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"sextant/content"
	"sextant/content/iam"
	"sextant/content/store"
	"sextant/content/store/blob"
	"sextant/content/store/storetest"
)

// The generated company: sizes of the figures that the design promises, scaled by SEXTANT_BENCH_DOCS, the number of
// documents (default 20,000; the figures are for 1,000,000, of which searchedDocs have text). SEXTANT_BENCH_DIR keeps
// what was made in SQLite for the next run, SEXTANT_BENCH_POSTGRES is a database of its own that is kept as well;
// SEXTANT_TEST_POSTGRES also measures PostgreSQL.
type company struct {
	*content.Service
	store      content.Store
	docs       int
	folders    int
	groups     int
	bindings   int
	documents  []content.ResourceID
	people     []iam.Member
	newest     time.Time
	fewGrants  iam.Member // in no group, a handful of grants
	manyGroups iam.Member // in groups that see a tenth of everything
}

// searchedDocs is how many documents have text: what the figures of search are promised for.
const searchedDocs = 200_000

func benchID(kind, n int) content.ResourceID {
	return content.ResourceID(fmt.Sprintf("01890000-000%d-7000-8000-%012d", kind, n))
}

func openCompany(b *testing.B, url string) *company {
	docs := 20_000
	if s := os.Getenv("SEXTANT_BENCH_DOCS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			b.Fatal(err)
		}
		docs = n
	}
	c := &company{docs: docs, folders: docs / 100, groups: 1000, bindings: docs / 50, fewGrants: "user:few@x.org", manyGroups: "user:many@x.org",
		newest: time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)}
	ctx := context.Background()
	var err error
	if c.store, err = store.Open(ctx, url); err != nil {
		b.Fatal(err)
	}
	disk, err := blob.OpenDisk(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	if c.Service, err = content.New(content.Options{Store: c.store, Blobs: disk}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := c.Service.Close(ctx); err != nil {
			b.Error(err)
		}
		if err := c.store.Close(); err != nil {
			b.Error(err)
		}
	})
	made, err := c.Initialize(ctx, content.Principal{Member: admin})
	if err != nil {
		b.Fatal(err)
	}
	for i := range docs {
		c.documents = append(c.documents, benchID(2, i))
	}
	for i := range 1000 {
		c.people = append(c.people, iam.Member(fmt.Sprintf("user:p%d@x.org", i)))
	}
	if made {
		start := time.Now()
		c.generate(b)
		b.Logf("generated %d documents in %v", docs, time.Since(start).Round(time.Second))
	}
	return c
}

// generate writes the company straight into the store, a few thousand rows a transaction.
func (c *company) generate(b *testing.B) {
	rnd := rand.New(rand.NewPCG(3, 4))
	zipf := rand.NewZipf(rnd, 1.1, 3, 60_000)
	batch := func(n int, fn func(tx content.Tx, i int) error) {
		for from := 0; from < n; from += 5000 {
			err := c.store.Update(context.Background(), func(tx content.Tx) error {
				for i := from; i < min(n, from+5000); i++ {
					if err := fn(tx, i); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	groupName := func(i int) iam.Member { return iam.Member(fmt.Sprintf("group:g%d@x.org", i)) }
	batch(len(c.people)+2, func(tx content.Tx, i int) error {
		m := c.fewGrants
		if i == 1 {
			m = c.manyGroups
		}
		if i > 1 {
			m = c.people[i-2]
		}
		return tx.PutPrincipal(content.Principal{Member: m})
	})
	batch(c.groups, func(tx content.Tx, i int) error {
		if err := tx.PutGroup(content.GroupInfo{Member: groupName(i)}); err != nil {
			return err
		}
		for range 10 {
			if err := tx.SetGroupMember(groupName(i), c.people[rnd.IntN(len(c.people))], true, c.newest); err != nil {
				return err
			}
		}
		if i > 10 && i%4 == 0 { // nested
			return tx.SetGroupMember(groupName(rnd.IntN(i)), groupName(i), true, c.newest)
		}
		return nil
	})
	folders := []content.ResourceID{content.RootID}
	batch(c.folders, func(tx content.Tx, i int) error {
		parent := folders[0]
		if i >= 100 { // a hundred at the top, the rest somewhere below
			parent = folders[1+rnd.IntN(len(folders)-1)]
		}
		r := content.Resource{ID: benchID(1, i), ParentID: parent, Type: content.Folder, Name: fmt.Sprintf("folder %d", i), Owner: admin,
			CreatedAt: c.newest.AddDate(-1, 0, 0), UpdatedAt: c.newest.AddDate(-1, 0, 0), Version: 1}
		folders = append(folders, r.ID)
		return tx.CreateResource(r)
	})
	batch(c.docs, func(tx content.Tx, i int) error {
		at := c.newest.Add(-time.Duration(c.docs-i) * time.Second)
		r := content.Resource{ID: benchID(2, i), ParentID: folders[1+rnd.IntN(len(folders)-1)], Type: content.SQL, Name: fmt.Sprintf("report %d w%d.sql", i, zipf.Uint64()),
			Owner: c.people[rnd.IntN(len(c.people))], CreatedAt: at, UpdatedAt: at, Version: 1}
		if i%1000 < 2 {
			r.ParentID = folders[1+i%100]
		}
		if err := tx.CreateResource(r); err != nil {
			return err
		}
		if i < c.docs-searchedDocs {
			return nil
		}
		var words strings.Builder
		for range 44 {
			fmt.Fprintf(&words, "w%d ", zipf.Uint64())
		}
		return tx.IndexText(r.ID, content.SearchText{Name: r.Name, Source: words.String()})
	})
	conditions, err := iam.NewConditions()
	if err != nil {
		b.Fatal(err)
	}
	roles := iam.NewRoles(nil)
	policies := map[content.ResourceID][]iam.Binding{}
	for i := range c.bindings {
		id := folders[1+rnd.IntN(len(folders)-1)]
		if i%2 == 0 {
			id = benchID(2, rnd.IntN(c.docs))
		}
		m := c.people[rnd.IntN(len(c.people))]
		if i%3 == 0 {
			m = groupName(rnd.IntN(c.groups))
		}
		binding := iam.Binding{Role: pick(rnd, []iam.RoleName{iam.Viewer, iam.Editor, iam.Runner}), Members: []iam.Member{m}}
		if i%10 == 0 {
			binding.Condition = &iam.Condition{Expression: `resource.type == "sql" && request.time < timestamp("2027-01-01T00:00:00Z")`}
		}
		policies[id] = append(policies[id], binding)
	}
	for i := range 9 {
		policies[benchID(2, i*7)] = append(policies[benchID(2, i*7)], iam.Binding{Role: iam.Viewer, Members: []iam.Member{c.fewGrants}})
	}
	for i := range 10 { // ten of the hundred folders at the top: a tenth of everything
		policies[benchID(1, i)] = append(policies[benchID(1, i)], iam.Binding{Role: iam.Editor, Members: []iam.Member{groupName(1)}})
	}
	ids := make([]content.ResourceID, 0, len(policies))
	for id := range policies {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	batch(len(ids), func(tx content.Tx, i int) error {
		p, err := iam.Policy{Bindings: policies[ids[i]]}.Normalize(roles, conditions)
		if err != nil {
			return err
		}
		return tx.SetPolicy(ids[i], p, c.newest.Add(time.Duration(i)*time.Millisecond))
	})
	batch(1, func(tx content.Tx, _ int) error {
		return tx.SetGroupMember(groupName(1), c.manyGroups, true, c.newest)
	})
}

// onEachDatabase measures over SQLite, and over PostgreSQL where there is one.
func onEachDatabase(b *testing.B, bench func(*testing.B, *company)) {
	b.Run("sqlite", func(b *testing.B) {
		dir := os.Getenv("SEXTANT_BENCH_DIR")
		if dir == "" {
			dir = b.TempDir()
		}
		bench(b, openCompany(b, "sqlite://"+filepath.ToSlash(filepath.Join(dir, "bench.db"))))
	})
	b.Run("postgres", func(b *testing.B) {
		url := os.Getenv("SEXTANT_BENCH_POSTGRES")
		if url == "" {
			url = storetest.Postgres(b)
		}
		bench(b, openCompany(b, url))
	})
}

// BenchmarkAuthorization measures what the design gives figures for, with the 50th, 95th and 99th percentile in
// microseconds.
func BenchmarkAuthorization(b *testing.B) {
	onEachDatabase(b, func(b *testing.B, c *company) {
		rnd := rand.New(rand.NewPCG(5, 6))
		measure := func(name string, fn func() error) {
			b.Run(name, func(b *testing.B) {
				var took []time.Duration
				for b.Loop() {
					start := time.Now()
					if err := fn(); err != nil {
						b.Fatal(err)
					}
					took = append(took, time.Since(start))
				}
				slices.Sort(took)
				for _, p := range []int{50, 95, 99} {
					b.ReportMetric(float64(took[min(len(took)-1, len(took)*p/100)].Microseconds()), fmt.Sprintf("p%d-µs", p))
				}
			})
		}
		measure("check", func() error {
			_, err := c.TestIamPermissions(as(pick(rnd, c.people)), pick(rnd, c.documents), []iam.Permission{iam.DocumentsRead})
			return err
		})
		measure("get", func() error {
			_, err := c.Get(as(admin), pick(rnd, c.documents))
			return err
		})
		measure("shared-with-me/person", func() error {
			_, err := c.SharedWithMe(as(pick(rnd, c.people)), content.PageRequest{})
			return err
		})
		measure("shared-with-me/many-groups", func() error {
			_, err := c.SharedWithMe(as(c.manyGroups), content.PageRequest{})
			return err
		})
		for name, who := range map[string]iam.Member{"few-grants": c.fewGrants, "many-groups": c.manyGroups, "owner": admin} {
			measure("visible/"+name, func() error {
				_, err := c.Visible(as(who), content.Filter{}, content.PageRequest{})
				return err
			})
			measure("search/"+name, func() error {
				zipf := rand.NewZipf(rnd, 1.1, 3, 60_000)
				_, err := c.Search(as(who), content.SearchRequest{Query: fmt.Sprintf("w%d", zipf.Uint64()), Page: content.PageRequest{Size: 20}})
				return err
			})
		}
		measure("search/common-words", func() error {
			_, err := c.Search(as(pick(rnd, c.people)), content.SearchRequest{Query: "w0 w1 w2", Page: content.PageRequest{Size: 20}})
			return err
		})
		measure("list-folder", func() error {
			_, err := c.List(as(admin), benchID(1, rnd.IntN(c.folders)), "", content.PageRequest{Size: 1000})
			return err
		})
	})
}

// BenchmarkDocuments measures reads and saves with everything on: checks, revisions, search index, audit, syncs.
func BenchmarkDocuments(b *testing.B) {
	for _, size := range []int{10_000, 1_000_000, 20_000_000} {
		text := incompressible(size - 300)
		f := newFixture(b, openSQLite(b), content.Options{Now: time.Now})
		r, err := f.Create(as(admin), content.NewResource{Parent: root, Type: content.Notebook, Name: "n.ipynb", Content: strings.NewReader(notebook("0", text))})
		must0(b, err)
		b.Run(fmt.Sprintf("read/%d", size), func(b *testing.B) {
			b.SetBytes(int64(size))
			defer reportCPU(b)()
			for b.Loop() {
				reading, err := f.Read(as(admin), r.ID, content.ReadOptions{})
				must0(b, err)
				_, err = copyAndClose(discard{}, reading)
				must0(b, err)
			}
		})
		n := 0
		b.Run(fmt.Sprintf("save-source/%d", size), func(b *testing.B) {
			b.SetBytes(int64(size))
			defer reportCPU(b)()
			for b.Loop() {
				n++
				f.save(admin, r.ID, content.AnyRevision, notebook(fmt.Sprint(n), text))
			}
		})
		b.Run(fmt.Sprintf("save-output/%d", size), func(b *testing.B) {
			b.SetBytes(int64(size))
			defer reportCPU(b)()
			for b.Loop() {
				n++
				f.save(admin, r.ID, content.AnyRevision, notebook("1", fmt.Sprint(n)+text))
			}
		})
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// reportCPU also reports the processor time of an operation, the program's and the system's for it.
func reportCPU(b *testing.B) func() {
	spent := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	before := spent()
	return func() { b.ReportMetric(float64((spent()-before).Microseconds())/float64(b.N), "cpu-µs/op") }
}
