package content_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sextant/content"
	"sextant/content/iam"
	"sextant/content/store/blob"
	"sextant/content/store/postgres"
	"sextant/content/store/sqlite"
	"sextant/content/store/storetest"
)

const (
	root  = content.RootID
	admin = iam.Member("user:admin@x.org")
	ana   = iam.Member("user:ana@x.org")
	bo    = iam.Member("user:bo@x.org")
	cy    = iam.Member("user:cy@y.org")
)

// clock is time that passes only when told to, but never stands still: each look is a microsecond later.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(time.Microsecond)
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// fixture is a service over an empty store of its own with four users.
type fixture struct {
	*content.Service
	t     testing.TB
	clock *clock
	store content.Store
	blobs content.Blobs
	dir   string
}

// onEach runs a test over every database: small content in blobs on one, with its revision on the other.
func onEach(t *testing.T, test func(*testing.T, *fixture)) {
	t.Run("sqlite", func(t *testing.T) { test(t, newFixture(t, openSQLite(t), content.Options{})) })
	t.Run("postgres", func(t *testing.T) { test(t, newFixture(t, openPostgres(t), content.Options{MaxHeld: 16 << 10})) })
}

func openSQLite(t testing.TB) content.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "sextant.db"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func openPostgres(t testing.TB) content.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), storetest.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// newFixture keeps all content in blobs, where tests look for it, unless the options say otherwise.
func newFixture(t testing.TB, store content.Store, o content.Options) *fixture {
	t.Helper()
	f := &fixture{t: t, store: store, dir: filepath.Join(t.TempDir(), "blobs"),
		clock: &clock{now: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)}}
	disk, err := blob.OpenDisk(f.dir)
	if err != nil {
		t.Fatal(err)
	}
	f.blobs = disk
	if o.MaxHeld == 0 {
		o.MaxHeld = -1
	}
	if o.Blobs == nil {
		o.Blobs = disk
	}
	if o.Now == nil {
		o.Now = f.clock.Now
	}
	o.Store = store
	f.Service, err = content.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(f.Service.Close(context.Background()), store.Close()); err != nil {
			t.Error(err)
		}
	})
	if made, err := f.Initialize(t.Context(), content.Principal{Member: admin, DisplayName: "Admin"}); err != nil || !made {
		t.Fatal(made, err)
	}
	for _, m := range []iam.Member{ana, bo, cy, "serviceAccount:nightly"} {
		must0(t, f.PutPrincipal(as(admin), content.Principal{Member: m}))
	}
	return f
}

// as is a context in which a principal acts.
func as(m iam.Member) context.Context {
	return content.WithActor(context.Background(), content.Actor{Principal: m, Address: "192.0.2.1", RequestID: "r1"})
}

func must[T any](t testing.TB, v T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func must0(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantError(t testing.TB, want, err error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error %v, want %v", err, want)
	}
}

func (f *fixture) folder(who iam.Member, parent content.ResourceID, name string) content.Resource {
	f.t.Helper()
	r, err := f.Create(as(who), content.NewResource{Parent: parent, Type: content.Folder, Name: name})
	return must(f.t, r, err)
}

func (f *fixture) sql(who iam.Member, parent content.ResourceID, name, text string) content.Resource {
	f.t.Helper()
	r, err := f.Create(as(who), content.NewResource{Parent: parent, Type: content.SQL, Name: name, Content: strings.NewReader(text)})
	return must(f.t, r, err)
}

func (f *fixture) save(who iam.Member, id content.ResourceID, base content.RevisionID, text string) content.Revision {
	f.t.Helper()
	r, _, err := f.Save(as(who), id, content.NewRevision{Base: base, Content: strings.NewReader(text)})
	return must(f.t, r, err)
}

func (f *fixture) read(who iam.Member, id content.ResourceID, o content.ReadOptions) string {
	f.t.Helper()
	r, err := f.Read(as(who), id, o)
	if err != nil {
		f.t.Fatal(err)
	}
	b, err := io.ReadAll(r.Body)
	if err := errors.Join(err, r.Body.Close()); err != nil {
		f.t.Fatal(err)
	}
	if o.Range == nil && int64(len(b)) != r.Size {
		f.t.Fatalf("read %d bytes, size %d", len(b), r.Size)
	}
	return string(b)
}

func (f *fixture) grant(id content.ResourceID, role iam.RoleName, condition string, members ...iam.Member) {
	f.t.Helper()
	p, err := f.GetIamPolicy(as(admin), id)
	must(f.t, p, err)
	b := iam.Binding{Role: role, Members: members}
	if condition != "" {
		b.Condition = &iam.Condition{Expression: condition}
	}
	p.Bindings = append(p.Bindings, b)
	_, err = f.SetIamPolicy(as(admin), id, p)
	must0(f.t, err)
}

// all reads a list page by page.
func all[T any](t testing.TB, size int, list func(content.PageRequest) (content.Page[T], error)) []T {
	t.Helper()
	var out []T
	for token := ""; ; {
		page, err := list(content.PageRequest{Size: size, Token: token})
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Items) > size {
			t.Fatalf("%d items on a page of %d", len(page.Items), size)
		}
		out = append(out, page.Items...)
		if page.Next == "" {
			return out
		}
		if page.Next == token || len(page.Items) == 0 {
			t.Fatalf("an empty page, or one that leads to itself")
		}
		token = page.Next
	}
}

func names(resources []content.Resource) []string {
	out := []string{}
	for _, r := range resources {
		out = append(out, r.Name)
	}
	return out
}

func repeat(s string, n int) string { return string(bytes.Repeat([]byte(s), n)) }

func copyAndClose(w io.Writer, r *content.Reading) (int64, error) {
	n, err := io.Copy(w, r.Body)
	return n, errors.Join(err, r.Body.Close())
}
