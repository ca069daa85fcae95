//go:build linux

package content_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"sextant/content"
	"sextant/content/store/blob"
	"sextant/content/store/sqlite"
)

// TestFullDisk fills a small file system with saves until nothing fits any more, and goes on trying. What was answered
// is there, what failed is not, reading goes on, and when there is room again so does writing.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=6m"); err != nil {
		if os.Getenv("CI") == "true" && os.Getuid() == 0 {
			t.Fatalf("a file system of its own cannot be mounted: %v", err)
		}
		t.Skipf("a file system of its own cannot be mounted: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	store, err := sqlite.Open(t.Context(), filepath.Join(dir, "s.db"))
	must0(t, err)
	disk, err := blob.OpenDisk(filepath.Join(dir, "blobs"))
	must0(t, err)
	f := newFixture(t, store, content.Options{Blobs: disk})
	doc := f.sql(admin, root, "doc.sql", "version 0")
	head, text := doc.Head, "version 0"
	saved, failed := map[content.RevisionID]string{head: text}, 0
	for i := 1; failed < 20; i++ {
		next := fmt.Sprintf("version %d %s", i, incompressible(60_000+i))
		r, _, err := f.Save(as(admin), doc.ID, content.NewRevision{Base: head, Content: strings.NewReader(next)})
		if err != nil {
			failed++
			if errors.Is(err, content.ErrConflict) {
				t.Fatalf("a failed save left something: %v", err)
			}
			continue
		}
		head, text = r.ID, next
		saved[head] = next
	}
	if len(saved) < 10 {
		t.Fatalf("only %d saves fit", len(saved))
	}
	t.Logf("%d saves fit", len(saved))
	for id, want := range saved {
		if got := f.read(admin, doc.ID, content.ReadOptions{Revision: id}); got != want {
			t.Errorf("%s reads %.40q", id, got)
		}
	}
	history := all(t, 1000, func(p content.PageRequest) (content.Page[content.Revision], error) {
		return f.History(as(admin), doc.ID, false, p)
	})
	if len(history) != len(saved) || history[0].ID != head {
		t.Errorf("%d revisions, %d answered", len(history), len(saved))
	}
	must0(t, syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=40m"))
	f.save(admin, doc.ID, head, "room again")
	f.clean()
}
