package content_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"sextant/content"
	"sextant/content/iam"
	"sextant/content/store/blob"
)

// restore reads a backup into an empty store of either database.
func restore(t *testing.T, store content.Store, backup []byte) (*content.Service, content.Blobs, error) {
	t.Helper()
	disk, err := blob.OpenDisk(filepath.Join(t.TempDir(), "restored"))
	must0(t, err)
	if _, err := content.RestoreBackup(t.Context(), store, disk, bytes.NewReader(backup)); err != nil {
		return nil, disk, errors.Join(err, store.Close())
	}
	service, err := content.New(content.Options{Store: store, Blobs: disk})
	must0(t, err)
	t.Cleanup(func() {
		if err := errors.Join(service.Close(context.Background()), store.Close()); err != nil {
			t.Error(err)
		}
	})
	return service, disk, nil
}

// TestBackup backs up each database while writers go on, restores it into each, and compares what can be seen.
func TestBackup(t *testing.T) {
	onEach(t, func(t *testing.T, f *fixture) {
		newWorld(f, 11, 60)
		n, err := f.Create(as(admin), content.NewResource{Parent: root, Type: content.Notebook, Name: "n.ipynb", Content: strings.NewReader(notebook("1", incompressible(5<<20)))})
		must0(t, err)
		f.grant(n.ID, iam.Viewer, `resource.type == "notebook"`, ana)
		secret, _, err := f.CreateToken(as(ana), content.NewToken{Name: "t", Permissions: nil, Expires: f.clock.now.AddDate(10, 0, 0)})
		must0(t, err)
		stop := make(chan struct{})
		var wg sync.WaitGroup
		for w := range 2 {
			wg.Go(func() {
				for i := 0; ; i++ {
					select {
					case <-stop:
						return
					default:
					}
					if _, err := f.Create(as(admin), content.NewResource{Parent: root, Type: content.SQL, Name: fmt.Sprintf("meanwhile %d-%d", w, i), Content: strings.NewReader(fmt.Sprint(w, i))}); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		var backup bytes.Buffer
		m, err := f.Backup(as(admin), &backup)
		close(stop)
		wg.Wait()
		if err != nil || len(m.Damaged) != 0 || m.Blobs < 1 {
			t.Fatalf("%+v, %v", m, err)
		}
		_, err = f.Backup(as(ana), io.Discard)
		wantError(t, content.ErrDenied, err)
		t.Logf("%+v, %d bytes", m, backup.Len())

		for name, open := range map[string]func(testing.TB) content.Store{"into sqlite": openSQLite, "into postgres": openPostgres} {
			t.Run(name, func(t *testing.T) {
				restored, _, err := restore(t, open(t), backup.Bytes())
				must0(t, err)
				must0(t, restored.Check(as(admin), content.CheckOptions{Read: true}, func(p content.Problem) error {
					t.Errorf("%+v", p)
					return nil
				}))
				for _, who := range []iam.Member{admin, ana, cy} {
					see := func(s *content.Service) (out []string) {
						for _, r := range all(t, 1000, func(p content.PageRequest) (content.Page[content.Resource], error) {
							return s.Visible(as(who), content.Filter{}, p)
						}) {
							if strings.HasPrefix(r.Name, "meanwhile") {
								continue
							}
							line := fmt.Sprint(r)
							if r.Type != content.Folder {
								var b strings.Builder
								if reading, err := s.Read(as(who), r.ID, content.ReadOptions{}); err == nil {
									_, err := copyAndClose(&b, reading)
									must0(t, err)
								}
								line += b.String()
							}
							out = append(out, line)
						}
						for _, h := range all(t, 1000, func(p content.PageRequest) (content.Page[content.Hit], error) {
							return s.Search(as(who), content.SearchRequest{Query: "revenue1", Page: p})
						}) {
							out = append(out, fmt.Sprint(h))
						}
						return out
					}
					want, got := see(f.Service), see(restored)
					if len(want) < 10 || fmt.Sprint(got) != fmt.Sprint(want) {
						t.Errorf("%s sees %d, before %d", who, len(got), len(want))
					}
				}
				if actor, err := restored.AuthenticateToken(t.Context(), secret); err != nil || actor.Principal != ana {
					t.Error(actor, err)
				}
				report, err := restored.VerifyAudit(as(admin))
				if err != nil || report.Broken != 0 || report.Entries < 100 {
					t.Errorf("%+v, %v", report, err)
				}
				// It goes on from there.
				_, err = restored.Create(as(admin), content.NewResource{Parent: root, Type: content.SQL, Name: "afterwards"})
				must0(t, err)
			})
		}
	})
}

// TestBrokenBackups: what is cut or changed anywhere is refused and leaves nothing; so is a store that is in use.
func TestBrokenBackups(t *testing.T) {
	f := newFixture(t, openSQLite(t), content.Options{})
	f.sql(admin, root, "doc.sql", "select 1")
	var backup bytes.Buffer
	must0(t, ignore(f.Backup(as(admin), &backup)))
	whole := backup.Bytes()
	broken := map[string][]byte{"empty": nil, "no tar": []byte("hello"), "half": whole[:len(whole)/2], "without its end": whole[:len(whole)-3*1024]}
	row := bytes.Index(whole, []byte("user:bo@x.org"))
	changed := bytes.Clone(whole)
	changed[row+5] = 'x'
	broken["a row changed"] = changed
	content1 := bytes.Index(whole, []byte("select 1"))
	for i := content1; i >= 0 && i < len(whole); {
		changed = bytes.Clone(whole)
		changed[i] ^= 1
		broken[fmt.Sprintf("content changed at %d", i)] = changed
		next := bytes.Index(whole[i+1:], []byte("select 1"))
		if next < 0 {
			break
		}
		i += 1 + next
	}
	for name, b := range broken {
		store := openSQLite(t)
		disk, err := blob.OpenDisk(t.TempDir())
		must0(t, err)
		_, err = content.RestoreBackup(t.Context(), store, disk, bytes.NewReader(b))
		if !errors.Is(err, content.ErrInvalid) && !errors.Is(err, content.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
		must0(t, store.View(t.Context(), func(tx content.Tx) error {
			if _, err := tx.Resource(root); !errors.Is(err, content.ErrNotFound) {
				t.Errorf("%s left something: %v", name, err)
			}
			return nil
		}))
		must0(t, store.Close())
	}
	_, err := content.RestoreBackup(t.Context(), f.store, f.blobs, bytes.NewReader(whole))
	wantError(t, content.ErrExists, err)
}
