package content_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sextant/content"
	"sextant/content/iam"
	"sextant/content/store/blob"
)

// notebook has one code cell with one big output.
func notebook(source string, output string) string {
	return `{"cells":[{"cell_type":"code","id":"a","source":"` + source + `","outputs":[{"output_type":"stream","name":"stdout","text":"` +
		output + `"}]}],"metadata":{},"nbformat":4,"nbformat_minor":5}`
}

func usage(t *testing.T, b content.Blobs) (count int, stored int64) {
	t.Helper()
	must0(t, b.List(t.Context(), func(i content.BlobInfo) error { count++; stored += i.Stored; return nil }))
	return count, stored
}

// TestOutputsAreStoredOnce saves a notebook many times with one big output that stays and one that changes back.
func TestOutputsAreStoredOnce(t *testing.T) {
	f := newFixture(t, openSQLite(t), content.Options{})
	big := incompressible(10 << 20)
	r, err := f.Create(as(admin), content.NewResource{Parent: root, Type: content.Notebook, Name: "n.ipynb", Content: strings.NewReader(notebook("0", big))})
	must0(t, err)
	const saves = 100
	for i := range saves {
		f.save(admin, r.ID, content.AnyRevision, notebook(fmt.Sprint("select ", i), big))
	}
	_, stored := usage(t, f.blobs)
	if stored > 12<<20 {
		t.Errorf("%d revisions take %d MiB", saves+1, stored>>20)
	}
	t.Logf("%d revisions of 10 MiB take %.1f MiB", saves+1, float64(stored)/(1<<20))
	want := notebook("select 7", big)
	history := all(t, 1000, func(p content.PageRequest) (content.Page[content.Revision], error) {
		return f.History(as(admin), r.ID, false, p)
	})
	old := history[len(history)-9].ID
	if got := f.read(admin, r.ID, content.ReadOptions{Revision: old}); got != want {
		t.Fatal("an old revision differs")
	}
	source := f.read(admin, r.ID, content.ReadOptions{Revision: old, SourceOnly: true})
	if source != strings.Replace(want, want[strings.Index(want, `{"output_type"`):strings.LastIndex(want, `]}],"meta`)], "", 1) {
		t.Errorf("source %q", source)
	}
	for _, c := range []content.Range{{0, 10}, {50, 100}, {90, 5 << 20}, {int64(len(want)) - 20, -1}, {int64(len(want)), 5}} {
		from, to := c.Offset, int64(len(want))
		if c.Length >= 0 {
			to = min(to, from+c.Length)
		}
		if got := f.read(admin, r.ID, content.ReadOptions{Revision: old, Range: &c}); got != want[from:to] {
			t.Errorf("range %v: %d bytes", c, len(got))
		}
	}
}

// TestSameOutputTwice: one blob that stands in a document more than once is read from its start each time, whatever
// comes between.
func TestSameOutputTwice(t *testing.T) {
	f := newFixture(t, openSQLite(t), content.Options{})
	cell := func(output string) string {
		return `{"cell_type":"code","source":"select 1","outputs":[{"text":"` + output + `"}]}`
	}
	big, small := incompressible(9000), "small"
	var cells []string
	for _, output := range []string{big, small, big, "", big, small, incompressible(5000), big} {
		cells = append(cells, cell(output))
	}
	text := `{"cells":[` + strings.Join(cells, ",") + `],"nbformat":4}`
	r, err := f.Create(as(admin), content.NewResource{Parent: root, Type: content.Notebook, Name: "n", Content: strings.NewReader(text)})
	must0(t, err)
	if f.read(admin, r.ID, content.ReadOptions{}) != text {
		t.Error("read differs")
	}
	for from := 0; from < len(text); from += 997 {
		rest := f.read(admin, r.ID, content.ReadOptions{Range: &content.Range{Offset: int64(from), Length: 20_000}})
		if rest != text[from:min(len(text), from+20_000)] {
			t.Errorf("range from %d differs", from)
		}
	}
	if count, _ := usage(t, f.blobs); count != 4 {
		t.Errorf("%d blobs", count)
	}
}

// incompressible is text that a compressor cannot shorten by much.
func incompressible(n int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	b := make([]byte, n)
	x := uint64(88172645463325252)
	for i := range b {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b[i] = letters[x>>58]
	}
	return string(b)
}

func TestTrash(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		team := f.folder(admin, root, "team")
		f.grant(team.ID, iam.Editor, "", ana)
		sub := f.folder(ana, team.ID, "sub")
		doc := f.sql(ana, sub.ID, "doc.sql", "select 1")
		must0(t, f.Trash(as(ana), doc.ID, ""))
		wantError(t, content.ErrNotFound, ignore(f.Get(as(ana), doc.ID)))
		wantError(t, content.ErrNotFound, f.Trash(as(ana), doc.ID, ""))
		// Its name is free meanwhile.
		other := f.sql(ana, sub.ID, "doc.sql", "select 2")
		wantError(t, content.ErrExists, ignore(f.Restore(as(ana), doc.ID, "")))
		back, err := f.Restore(as(ana), doc.ID, "doc (2).sql")
		if err != nil || back.Name != "doc (2).sql" {
			t.Fatal(back, err)
		}
		wantError(t, content.ErrInvalid, ignore(f.Restore(as(ana), doc.ID, "")))

		// A folder takes along what is in it, also what was trashed before, which stays trashed when it comes back.
		must0(t, f.Trash(as(ana), other.ID, ""))
		must0(t, f.Trash(as(ana), sub.ID, ""))
		wantError(t, content.ErrNotFound, ignore(f.Get(as(ana), doc.ID)))
		wantError(t, content.ErrNotFound, ignore(f.Create(as(ana), content.NewResource{Parent: sub.ID, Type: content.SQL, Name: "x"})))
		wantError(t, content.ErrNotFound, ignore(f.Restore(as(ana), other.ID, "")))
		listed := all(t, 1, func(p content.PageRequest) (content.Page[content.Resource], error) { return f.ListTrash(as(ana), p) })
		if got := fmt.Sprint(names(listed)); got != "[sub doc.sql]" {
			t.Errorf("trash %s", got)
		}
		if page, err := f.ListTrash(as(bo), content.PageRequest{}); err != nil || len(page.Items) != 0 {
			t.Error(page, err)
		}
		must0(t, ignore(f.Restore(as(ana), sub.ID, "")))
		must0(t, ignore(f.Get(as(ana), doc.ID)))
		wantError(t, content.ErrNotFound, ignore(f.Get(as(ana), other.ID)))

		// Purging needs more, and the trash.
		wantError(t, content.ErrDenied, f.Purge(as(ana), doc.ID))
		wantError(t, content.ErrInvalid, f.Purge(as(admin), doc.ID))
		must0(t, f.Trash(as(ana), sub.ID, ""))
		must0(t, f.Purge(as(admin), sub.ID))
		for _, id := range []content.ResourceID{sub.ID, doc.ID, other.ID} {
			must0(t, f.store.View(t.Context(), func(tx content.Tx) error {
				if _, err := tx.Resource(id); !errors.Is(err, content.ErrNotFound) {
					t.Errorf("%s is still there: %v", id, err)
				}
				return nil
			}))
		}
		// What is old goes by itself.
		late := f.sql(ana, team.ID, "late.sql", "")
		must0(t, f.Trash(as(ana), late.ID, ""))
		must0(t, ignore(f.Maintain(as(admin))))
		must0(t, ignore(f.Restore(as(ana), late.ID, "")))
		must0(t, f.Trash(as(ana), late.ID, ""))
		f.clock.pass(31 * 24 * time.Hour)
		m, err := f.Maintain(content.WithMaintenance(t.Context()))
		if err != nil || m.Purged != 1 {
			t.Errorf("%+v, %v", m, err)
		}
		f.clean()
	})
}

// clean checks that nothing in the store contradicts itself.
func (f *fixture) clean() {
	f.t.Helper()
	must0(f.t, f.Check(as(admin), content.CheckOptions{Read: true}, func(p content.Problem) error {
		f.t.Errorf("problem %+v", p)
		return nil
	}))
}

func TestMove(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		a, b := f.folder(admin, root, "a"), f.folder(admin, root, "b")
		f.grant(a.ID, iam.Editor, "", ana)
		f.grant(b.ID, iam.Viewer, "", ana)
		sub := f.folder(admin, a.ID, "sub")
		deep := f.folder(admin, sub.ID, "deep")
		doc := f.sql(admin, deep.ID, "doc.sql", "select 1")
		wantError(t, content.ErrDenied, ignore(f.Move(as(ana), sub.ID, b.ID, "", "")))
		wantError(t, content.ErrInvalid, ignore(f.Move(as(admin), sub.ID, deep.ID, "", "")))
		wantError(t, content.ErrInvalid, ignore(f.Move(as(admin), sub.ID, sub.ID, "", "")))
		wantError(t, content.ErrInvalid, ignore(f.Move(as(admin), root, a.ID, "x", "")))
		wantError(t, content.ErrInvalid, ignore(f.Move(as(admin), sub.ID, doc.ID, "", "")))
		f.folder(admin, b.ID, "sub")
		wantError(t, content.ErrExists, ignore(f.Move(as(admin), sub.ID, b.ID, "", "")))
		moved, err := f.Move(as(admin), sub.ID, b.ID, "sub2", sub.Etag())
		if err != nil || moved.ParentID != b.ID || moved.Name != "sub2" {
			t.Fatal(moved, err)
		}
		wantError(t, content.ErrPrecondition, ignore(f.Move(as(admin), sub.ID, a.ID, "", sub.Etag())))
		found, err := f.Resolve(as(admin), "/b/sub2/deep/doc.sql")
		if err != nil || found.ID != doc.ID {
			t.Fatal(found, err)
		}
		// Rights go by the new place at once.
		must0(t, ignore(f.Get(as(ana), doc.ID)))
		_, _, err = f.Save(as(ana), doc.ID, content.NewRevision{Base: doc.Head, Content: strings.NewReader("x")})
		wantError(t, content.ErrDenied, err)
		// A trashed folder inside moves along and stays hidden; moving out of hiding is impossible.
		must0(t, f.Trash(as(admin), deep.ID, ""))
		must0(t, ignore(f.Move(as(admin), sub.ID, a.ID, "", "")))
		wantError(t, content.ErrNotFound, ignore(f.Get(as(admin), doc.ID)))
		must0(t, ignore(f.Restore(as(admin), deep.ID, "")))
		must0(t, ignore(f.Get(as(admin), doc.ID)))
		f.clean()

		// Depth has a bound.
		at := root
		for range content.MaxDepth - 1 {
			at = f.folder(admin, at, "d").ID
		}
		wantError(t, content.ErrInvalid, ignore(f.Create(as(admin), content.NewResource{Parent: at, Type: content.Folder, Name: "d"})))
		wantError(t, content.ErrInvalid, ignore(f.Move(as(admin), b.ID, at, "", "")))
	})
}

func TestCopy(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		inbox := f.folder(admin, root, "inbox")
		f.grant(inbox.ID, iam.Editor, "", ana)
		doc := f.sql(admin, root, "doc.sql", "select revenue")
		f.grant(doc.ID, iam.Viewer, "", ana)
		old := doc.Head
		f.save(admin, doc.ID, doc.Head, "select profit")
		count, _ := usage(t, f.blobs)
		copied, err := f.Copy(as(ana), doc.ID, inbox.ID, "mine.sql", "")
		must0(t, err)
		if copied.Owner != ana || copied.HeadNumber != 1 || f.read(ana, copied.ID, content.ReadOptions{}) != "select profit" {
			t.Errorf("%+v", copied)
		}
		earlier, err := f.Copy(as(ana), doc.ID, inbox.ID, "earlier.sql", old)
		must0(t, err)
		if f.read(ana, earlier.ID, content.ReadOptions{}) != "select revenue" {
			t.Error("another revision was copied")
		}
		if now, _ := usage(t, f.blobs); now != count {
			t.Errorf("%d blobs became %d", count, now)
		}
		wantError(t, content.ErrNotFound, ignore(f.Copy(as(bo), doc.ID, inbox.ID, "x", "")))
		wantError(t, content.ErrNotFound, ignore(f.Copy(as(ana), doc.ID, root, "x", "")))
		hits, err := f.Search(as(ana), content.SearchRequest{Query: "profit"})
		if err != nil || len(hits.Items) != 2 {
			t.Error(hits, err)
		}
	})
}

func TestRetention(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		keep := f.folder(admin, root, "keep")
		prune := f.folder(admin, root, "prune")
		inner := f.folder(admin, prune.ID, "inner")
		all20 := func(folder content.ResourceID) content.Resource {
			r := f.sql(admin, folder, "doc.sql", "0")
			for i := range 19 {
				f.clock.pass(24 * time.Hour)
				f.save(admin, r.ID, content.AnyRevision, fmt.Sprint(i+1))
			}
			return r
		}
		kept, pruned, byDay := all20(keep.ID), all20(prune.ID), all20(inner.ID)
		numbers := func(id content.ResourceID) (out []int64) {
			for _, r := range all(t, 100, func(p content.PageRequest) (content.Page[content.Revision], error) {
				return f.History(as(admin), id, false, p)
			}) {
				out = append(out, r.Number)
			}
			return out
		}
		revisions := all(t, 100, func(p content.PageRequest) (content.Page[content.Revision], error) {
			return f.History(as(admin), pruned.ID, false, p)
		})
		must0(t, f.NameRevision(as(admin), pruned.ID, revisions[17].ID, "checkpoint"))
		must0(t, f.HoldRevision(as(admin), pruned.ID, revisions[12].ID, "schedule:1"))
		must0(t, f.SetRetention(as(admin), prune.ID, &content.Retention{Revisions: 3}, ""))
		must0(t, f.SetRetention(as(admin), inner.ID, &content.Retention{Days: 5}, inner.Etag()))
		wantError(t, content.ErrPrecondition, f.SetRetention(as(admin), inner.ID, nil, inner.Etag()))
		wantError(t, content.ErrInvalid, f.SetRetention(as(admin), inner.ID, &content.Retention{Days: -1}, ""))
		m, err := f.Maintain(as(admin))
		must0(t, err)
		if got := fmt.Sprint(numbers(pruned.ID)); got != "[20 19 18 8 3]" {
			t.Errorf("by number: %s", got)
		}
		if got := fmt.Sprint(numbers(byDay.ID)); got != "[20 19 18 17 16]" {
			t.Errorf("by day: %s", got)
		}
		if got := numbers(kept.ID); len(got) != 20 || m.Pruned != 15+15 {
			t.Errorf("kept %v, %+v", got, m)
		}
		must0(t, f.ReleaseRevision(as(admin), pruned.ID, revisions[12].ID, "schedule:1"))
		must0(t, ignore(f.Maintain(as(admin))))
		if got := fmt.Sprint(numbers(pruned.ID)); got != "[20 19 18 3]" {
			t.Errorf("after release: %s", got)
		}
		// Their content goes too, once the grace is over; what others use stays.
		f.clock.pass(48 * time.Hour)
		must0(t, ignore(f.Maintain(as(admin))))
		f.clean()
		if next := f.save(admin, pruned.ID, content.AnyRevision, "new"); next.Number != 21 {
			t.Errorf("number %d", next.Number)
		}
	})
}

// TestCollectorAgainstSaves lets the collector run without any grace while writers save, restore, copy, purge and save
// the same few contents again. Every revision that was acknowledged must be readable afterwards.
func TestCollectorAgainstSaves(t *testing.T) {
	onEachStore(t, func(t *testing.T, store content.Store) {
		// The real clock: file times are real too.
		f := newFixture(t, store, content.Options{BlobGrace: time.Nanosecond, TrashDays: 1, Now: time.Now})
		var writers sync.WaitGroup
		var retries atomic.Int64
		for w := range 3 {
			writers.Go(func() {
				for i := range 40 {
					name := fmt.Sprintf("%d-%d", w, i)
					text := fmt.Sprintf("content %d", i%4)
					r, err := f.Create(as(admin), content.NewResource{Parent: root, Type: content.SQL, Name: name, Content: strings.NewReader(text)})
					if errors.Is(err, content.ErrRetry) {
						retries.Add(1)
						continue
					}
					if err != nil {
						t.Error(err)
						return
					}
					_, _, err = f.Save(as(admin), r.ID, content.NewRevision{Base: r.Head, Content: strings.NewReader(text + " more")})
					if err != nil && !errors.Is(err, content.ErrRetry) {
						t.Error(err)
						return
					}
					if i%3 == 0 {
						if err := errors.Join(f.Trash(as(admin), r.ID, ""), f.Purge(as(admin), r.ID)); err != nil {
							t.Error(err)
							return
						}
					}
				}
			})
		}
		done := make(chan struct{})
		go func() { writers.Wait(); close(done) }()
		runs, collected := 0, 0
		for running := true; running; runs++ {
			select {
			case <-done:
				running = false
			default:
			}
			m, err := f.Maintain(as(admin))
			must0(t, err)
			collected += m.Collected
		}
		t.Logf("%d collections took %d blobs, %d uploads were swept away", runs, collected, retries.Load())
		f.clean()
	})
}

func onEachStore(t *testing.T, test func(*testing.T, content.Store)) {
	t.Run("sqlite", func(t *testing.T) { test(t, openSQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, openPostgres(t)) })
}

// failing is a blob store that fails when told to, and can lose or damage what it has.
type failing struct {
	content.Blobs
	put atomic.Bool
}

var errDisk = errors.New("no space left on device")

func (b *failing) Put(ctx context.Context, r io.Reader) (content.BlobInfo, error) {
	if b.put.Load() {
		_, _ = io.CopyN(io.Discard, r, 10)
		return content.BlobInfo{}, errDisk
	}
	return b.Blobs.Put(ctx, r)
}

func TestFailingBlobs(t *testing.T) {
	disk, err := blob.OpenDisk(t.TempDir())
	must0(t, err)
	b := &failing{Blobs: disk}
	f := newFixture(t, openSQLite(t), content.Options{Blobs: b})
	doc := f.sql(admin, root, "doc.sql", "select 1")
	b.put.Store(true)
	for _, text := range []string{"select 2", repeat("x", 1<<20)} {
		_, _, err = f.Save(as(admin), doc.ID, content.NewRevision{Base: doc.Head, Content: strings.NewReader(text)})
		wantError(t, errDisk, err)
	}
	_, err = f.Create(as(admin), content.NewResource{Parent: root, Type: content.Notebook, Name: "new", Content: strings.NewReader(notebook("1", repeat("x", 1<<20)))})
	wantError(t, errDisk, err)
	wantError(t, content.ErrNotFound, ignore(f.Resolve(as(admin), "/new")))
	b.put.Store(false)
	f.save(admin, doc.ID, doc.Head, "select 2")
	f.clean()
}

func TestFailingUpload(t *testing.T) {
	f := newFixture(t, openSQLite(t), content.Options{})
	doc := f.sql(admin, root, "doc.sql", "select 1")
	broken := errors.New("connection lost")
	_, _, err := f.Save(as(admin), doc.ID, content.NewRevision{Base: doc.Head, Content: io.MultiReader(strings.NewReader("select"), failingReader{broken})})
	wantError(t, broken, err)
	if f.read(admin, doc.ID, content.ReadOptions{}) != "select 1" {
		t.Error("a broken upload was saved")
	}
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }
