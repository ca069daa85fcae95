package content_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sextant/content"
	"sextant/content/store"
	"sextant/content/store/blob"
	"sextant/content/store/storetest"
)

// childEnv makes the test binary run as the process that is killed: its value is a JSON childConfig.
const childEnv = "SEXTANT_TEST_FAULT_CHILD"

type childConfig struct {
	Store, Blobs string
	Round        int
}

// acknowledged is one line that the child prints when, and only when, an operation has been answered.
type acknowledged struct {
	Op       string
	Resource content.ResourceID
	Revision content.RevisionID
	Text     string
}

func openAt(ctx context.Context, c childConfig) (*content.Service, func() error, error) {
	s, err := store.Open(ctx, c.Store)
	if err != nil {
		return nil, nil, err
	}
	b, err := blob.Open(ctx, c.Blobs)
	if err != nil {
		return nil, nil, errors.Join(err, s.Close())
	}
	service, err := content.New(content.Options{Store: s, Blobs: b, BlobGrace: time.Nanosecond})
	if err != nil {
		return nil, nil, errors.Join(err, s.Close(), b.Close())
	}
	return service, func() error { return errors.Join(service.Close(context.Background()), s.Close(), b.Close()) }, nil
}

// runChild works on the store from several goroutines until it is killed.
func runChild(config string) error {
	var c childConfig
	if err := json.Unmarshal([]byte(config), &c); err != nil {
		return err
	}
	ctx := as(admin)
	service, _, err := openAt(ctx, c)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	tell := func(a acknowledged) {
		line, _ := json.Marshal(a)
		mu.Lock()
		defer mu.Unlock()
		fmt.Printf("%s\n", line)
	}
	errs := make(chan error)
	for w := range 4 {
		go func() {
			errs <- func() error {
				for i := 0; ; i++ {
					text := fmt.Sprintf("round %d writer %d step %d %s", c.Round, w, i, repeat("padding ", i%50*100))
					r, err := service.Create(ctx, content.NewResource{Parent: root, Type: content.SQL, Name: fmt.Sprintf("%d-%d-%d", c.Round, w, i), Content: strings.NewReader(text)})
					if errors.Is(err, content.ErrRetry) {
						continue
					}
					if err != nil {
						return err
					}
					tell(acknowledged{"create", r.ID, r.Head, text})
					next, _, err := service.Save(ctx, r.ID, content.NewRevision{Base: r.Head, Content: strings.NewReader(text + " saved")})
					if errors.Is(err, content.ErrRetry) {
						continue
					}
					if err != nil {
						return err
					}
					tell(acknowledged{"save", r.ID, next.ID, text + " saved"})
					if i%5 == 0 {
						if err := service.Trash(ctx, r.ID, ""); err != nil {
							return err
						}
						tell(acknowledged{Op: "trash", Resource: r.ID})
						if err := service.Purge(ctx, r.ID); err != nil {
							return err
						}
						tell(acknowledged{Op: "purge", Resource: r.ID})
					}
					if i%7 == w {
						if _, err := service.Maintain(ctx); err != nil {
							return err
						}
					}
				}
			}()
		}()
	}
	return <-errs
}

// TestKill kills a process at random moments while it creates, saves, trashes, purges and collects, again and again
// over the same store. After each death: what was acknowledged is there, byte for byte; no name is taken by what was
// not; nothing contradicts itself.
func TestKill(t *testing.T) {
	kill := func(t *testing.T, storeURL string, rounds int) {
		c := childConfig{Store: storeURL, Blobs: "file://" + filepath.ToSlash(filepath.Join(t.TempDir(), "blobs"))}
		service, done, err := openAt(t.Context(), c)
		must0(t, err)
		must(t, true, ignore(service.Initialize(t.Context(), content.Principal{Member: admin})))
		must0(t, done())
		rnd := rand.New(rand.NewPCG(1, 2))
		expected := map[content.ResourceID]acknowledged{}
		gone := map[content.ResourceID]bool{}
		total := 0
		for round := range rounds {
			c.Round = round
			config, err := json.Marshal(c)
			must0(t, err)
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			cmd := exec.CommandContext(ctx, os.Args[0])
			cmd.Env = append(os.Environ(), childEnv+"="+string(config))
			cmd.Stderr = os.Stderr
			// One that hangs says where.
			cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGQUIT) }
			out, err := cmd.StdoutPipe()
			must0(t, err)
			must0(t, cmd.Start())
			// The moment is a random number of answers and then a random bit of work more.
			after, lines := rnd.IntN(40), bufio.NewScanner(out)
			lines.Buffer(nil, 1<<20)
			for seen := 0; lines.Scan(); seen++ {
				if seen == after {
					time.AfterFunc(time.Duration(rnd.IntN(5000))*time.Microsecond, func() { _ = cmd.Process.Kill() })
				}
				var a acknowledged
				if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
					continue // the line that death cut
				}
				total++
				switch a.Op {
				case "purge":
					gone[a.Resource] = true
					delete(expected, a.Resource)
				case "trash":
					// Purged next, acknowledged or not.
					delete(expected, a.Resource)
				default:
					expected[a.Resource] = a
				}
			}
			err = cmd.Wait()
			if cmd.ProcessState.Exited() {
				t.Fatalf("the child ended by itself: %v", err)
			}
			cancel()

			service, done, err := openAt(t.Context(), c)
			must0(t, err)
			for id, a := range expected {
				reading, err := service.Read(as(admin), id, content.ReadOptions{Revision: a.Revision})
				if errors.Is(err, content.ErrNotFound) && a.Op == "save" {
					// It may have been on its way out: trashed or purged without an answer.
					listed := false
					for _, r := range all(t, 1000, func(p content.PageRequest) (content.Page[content.Resource], error) {
						return service.ListTrash(as(admin), p)
					}) {
						listed = listed || r.ID == id
					}
					if listed || strings.Contains(a.Text, fmt.Sprintf("round %d ", round)) && trashes(a.Text) {
						delete(expected, id)
						continue
					}
				}
				must0(t, err)
				b, err := io.ReadAll(reading.Body)
				must0(t, errors.Join(err, reading.Body.Close()))
				if string(b) != a.Text {
					t.Errorf("%s of %s reads %.80q, acknowledged was %.80q", a.Op, id, b, a.Text)
				}
			}
			for id := range gone {
				wantError(t, content.ErrNotFound, ignore(service.Get(as(admin), id)))
			}
			must0(t, service.Check(as(admin), content.CheckOptions{Read: true}, func(p content.Problem) error {
				t.Errorf("after round %d: %+v", round, p)
				return nil
			}))
			must0(t, done())
		}
		t.Logf("%d kills, %d answers, %d documents", rounds, total, len(expected))
	}
	rounds := 25
	if testing.Short() {
		rounds = 3
	}
	t.Run("sqlite", func(t *testing.T) {
		kill(t, "sqlite://"+filepath.ToSlash(filepath.Join(t.TempDir(), "s.db")), rounds)
	})
	t.Run("postgres", func(t *testing.T) { kill(t, storetest.Postgres(t), rounds/3+1) })
}

// trashes tells whether the child goes on to trash the document of a text.
func trashes(text string) bool {
	var round, writer, step int
	_, err := fmt.Sscanf(text, "round %d writer %d step %d", &round, &writer, &step)
	return err == nil && step%5 == 0
}
