package results

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sextant/content"
	"sextant/kernel/wire"
	"sextant/sessions/agent"
	"sextant/sessions/sandbox"
)

func TestMain(m *testing.M) {
	if code, handled := agent.Main(os.Args[1:]); handled {
		os.Exit(code)
	}
	os.Exit(m.Run())
}

// newPool is a pool of the real program's workers.
func newPool(t *testing.T, o Options) *Pool {
	t.Helper()
	python := os.Getenv("SEXTANT_TEST_PYTHON")
	if python == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("SEXTANT_TEST_PYTHON is not set")
		}
		t.Skip("SEXTANT_TEST_PYTHON is not set")
	}
	o.Program = []string{filepath.Join(filepath.Dir(python), "sextant-kernel"), "results"}
	o.Dir, o.Log = filepath.Join(t.TempDir(), "results"), slog.New(slog.NewTextHandler(t.Output(), nil))
	o.Confine = func(string) sandbox.Spec { return sandbox.Spec{} }
	p, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Close()
		if _, err := os.Stat(o.Dir); !errors.Is(err, os.ErrNotExist) {
			t.Error("something is left behind")
		}
	})
	return p
}

// source is the test's result under an id of its own; opened counts how often it is fetched.
func source(id string, opened *atomic.Int64) Source {
	return Source{ID: id, Open: func(context.Context) (io.ReadCloser, error) {
		if opened != nil {
			opened.Add(1)
		}
		return os.Open("testdata/rows.parquet")
	}}
}

func TestManyReaders(t *testing.T) {
	p := newPool(t, Options{Workers: 2})
	var opened atomic.Int64
	var work sync.WaitGroup
	for i := range 24 {
		work.Go(func() {
			s := source(fmt.Sprint("r", i%3), &opened)
			a, err := p.Query(t.Context(), s, fmt.Sprintf("SELECT c1 FROM r WHERE c0 = %d", i), 10)
			if err != nil || len(a.Rows) != 1 || *a.Rows[0][0] != fmt.Sprintf("it's %d", i%7) {
				t.Errorf("%+v %v", a, err)
			}
			if a, err := p.Page(t.Context(), s, int64(i*10), 3); err != nil || len(a.Rows) != 3 || *a.Rows[0][0] != fmt.Sprint(i*10) || !a.Columns[0].Numeric || a.Columns[1].Numeric {
				t.Errorf("%+v %v", a, err)
			}
		})
	}
	work.Wait()
	if n := opened.Load(); n != 3 {
		t.Errorf("the files were fetched %d times", n)
	}
	if a, err := p.Page(t.Context(), source("r0", nil), 999, 100); err != nil || len(a.Rows) != 1 {
		t.Errorf("%+v %v", a, err)
	}
	if a, err := p.Page(t.Context(), source("r0", nil), 5_000, 100); err != nil || len(a.Rows) != 0 || len(a.Columns) != 2 {
		t.Errorf("%+v %v", a, err)
	}
}

func TestWhatGoesWrong(t *testing.T) {
	p := newPool(t, Options{Timeout: 5 * time.Second})
	s := source("r", nil)
	var told *Error
	if _, err := p.Query(t.Context(), s, "SELECT nonsense FROM r", 10); !errors.As(err, &told) || !strings.Contains(told.Text, "nonsense") {
		t.Error(err)
	}
	// Nothing but its own result is in a worker's reach.
	for _, sql := range []string{"SELECT * FROM read_text('/etc/passwd')", "COPY r TO '/tmp/elsewhere.csv'", "SET enable_external_access = true", "ATTACH '/tmp/x.db'", "INSTALL httpfs"} {
		if a, err := p.Query(t.Context(), s, sql, 10); !errors.As(err, &told) {
			t.Errorf("%s: %+v %v", sql, a, err)
		}
	}
	missing := Source{ID: "m", Open: func(context.Context) (io.ReadCloser, error) { return nil, content.ErrNotFound }}
	for range 2 {
		if _, err := p.Page(t.Context(), missing, 0, 1); !errors.Is(err, content.ErrNotFound) {
			t.Error(err)
		}
	}
	broken := Source{ID: "b", Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader("no Parquet")), nil
	}}
	if _, err := p.Page(t.Context(), broken, 0, 1); !errors.As(err, &told) {
		t.Error(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Query(gone, s, "SELECT 1", 1); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if a, err := p.Page(t.Context(), s, 0, 1); err != nil || len(a.Rows) != 1 {
		t.Errorf("%+v %v", a, err)
	}
}

// TestSomebodyElsesRefusal is about two who want a result at once, of whom the first may not, or leaves.
func TestSomebodyElsesRefusal(t *testing.T) {
	p := newPool(t, Options{})
	asked, refuse := make(chan struct{}), make(chan struct{})
	first := Source{ID: "r", Open: func(context.Context) (io.ReadCloser, error) {
		close(asked)
		<-refuse
		return nil, content.ErrNotFound
	}}
	var work sync.WaitGroup
	work.Go(func() {
		if _, err := p.Page(t.Context(), first, 0, 1); !errors.Is(err, content.ErrNotFound) {
			t.Error(err)
		}
	})
	<-asked
	work.Go(func() {
		if a, err := p.Page(t.Context(), source("r", nil), 0, 1); err != nil || len(a.Rows) != 1 {
			t.Errorf("%+v %v", a, err)
		}
	})
	for { // until the second waits for the first one's file
		p.files.mu.Lock()
		uses := p.files.byID["r"].uses
		p.files.mu.Unlock()
		if uses == 2 {
			break
		}
		runtime.Gosched()
	}
	close(refuse)
	work.Wait()
}

func TestAQueryThatTakesTooLong(t *testing.T) {
	p := newPool(t, Options{Timeout: 2 * time.Second})
	s := source("r", nil)
	if _, err := p.Query(t.Context(), s, "SELECT count(*) FROM range(1000000) a, range(1000000) b, r WHERE a.range + b.range = c0", 1); !errors.Is(err, ErrTimeout) {
		t.Error(err)
	}
	if a, err := p.Page(t.Context(), s, 0, 1); err != nil || len(a.Rows) != 1 { // by another worker
		t.Errorf("%+v %v", a, err)
	}
}

// stuck is a reader who leaves in the middle.
type stuck struct{ n int }

func (s *stuck) Write(b []byte) (int, error) {
	if s.n += len(b); s.n > 100_000 {
		return 0, io.ErrClosedPipe
	}
	return len(b), nil
}

func TestCopies(t *testing.T) {
	p := newPool(t, Options{})
	s := source("r", nil)
	for _, piped := range []bool{true, false} {
		var out bytes.Buffer
		err := p.Copy(t.Context(), s, func(path string) wire.ResultRequest {
			return wire.ResultRequest{SQL: "COPY r TO '" + path + "' (FORMAT csv, HEADER, USE_TMP_FILE false)"}
		}, piped, &out)
		if lines := strings.Count(out.String(), "\n"); err != nil || lines != 1001 {
			t.Errorf("%d lines, %v", lines, err)
		}
		var told *Error
		if err := p.Copy(t.Context(), s, func(string) wire.ResultRequest { return wire.ResultRequest{SQL: "COPY nothing TO 'x'"} }, piped, &out); !errors.As(err, &told) {
			t.Error(err)
		}
		many := func(path string) wire.ResultRequest {
			return wire.ResultRequest{SQL: "COPY (SELECT a.c0, b.c1 FROM r a, r b) TO '" + path + "' (FORMAT csv, USE_TMP_FILE false)"}
		}
		if err := p.Copy(t.Context(), s, many, piped, &stuck{}); !errors.Is(err, io.ErrClosedPipe) {
			t.Error(err)
		}
	}
	if a, err := p.Page(t.Context(), s, 0, 1); err != nil || len(a.Rows) != 1 {
		t.Errorf("%+v %v", a, err)
	}
}

// TestAnExpectedReaderFindsAWorker has one start ahead, which the first reader then has: the only one that is started for them. A
// file of some size is fetched ahead, and once.
func TestAnExpectedReaderFindsAWorker(t *testing.T) {
	p := newPool(t, Options{})
	var small, large atomic.Int64
	fetched := make(chan struct{}, 1)
	s := source("b", &large)
	open := s.Open
	s.Open = func(ctx context.Context) (io.ReadCloser, error) { fetched <- struct{}{}; return open(ctx) }
	ctx, cancel := context.WithCancel(t.Context())
	p.Expect(ctx, source("a", &small), 1000)
	p.Expect(ctx, s, 2<<20)
	cancel() // who made it does not wait for it
	<-fetched
	for _, s := range []Source{source("a", &small), s} {
		if _, err := p.Page(t.Context(), s, 0, 1); err != nil {
			t.Fatal(err)
		}
	}
	if small.Load() != 1 || large.Load() != 1 {
		t.Errorf("fetched %d and %d times", small.Load(), large.Load())
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if name := filepath.Base(p.workers[0].dir); name != "w0" {
		t.Errorf("the reader's worker is %s", name)
	}
}

func TestWorkersThatNobodyUsesEnd(t *testing.T) {
	p := newPool(t, Options{Idle: 200 * time.Millisecond, Kept: 1})
	if _, err := p.Page(t.Context(), source("r", nil), 0, 1); err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	w := p.workers[0]
	p.mu.Unlock()
	select {
	case <-w.ended:
	case <-time.After(20 * time.Second):
		t.Fatal("it stays")
	}
	p.Close()
	if _, err := p.Page(t.Context(), source("r", nil), 0, 1); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}
