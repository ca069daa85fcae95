// Package storetest holds the suites that every store must pass: Blobs for content by digest, Store for everything
// else. A driver's own test opens the driver and calls its suite.
package storetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/iotest"

	"sextant/content"
)

// Blobs checks a blob store. open gives an empty one; the suite does not close it.
func Blobs(t *testing.T, open func(t *testing.T) content.Blobs) {
	random := func(n int) []byte {
		b := make([]byte, n)
		rnd := rand.NewChaCha8([32]byte{byte(n)})
		_, _ = rnd.Read(b)
		return b
	}
	put := func(t *testing.T, s content.Blobs, b []byte) content.BlobInfo {
		t.Helper()
		info, err := s.Put(t.Context(), bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	read := func(t *testing.T, s content.Blobs, d content.Digest, offset, length int64) []byte {
		t.Helper()
		r, err := s.Open(t.Context(), d, offset, length)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil {
			t.Fatal(err)
		}
		return b
	}

	t.Run("what is put can be read", func(t *testing.T) {
		s := open(t)
		for name, b := range map[string][]byte{
			"empty": nil, "one byte": {0}, "text": []byte("select 1"), "zeros": make([]byte, 5<<20),
			"one frame": random(1 << 20), "one more": random(1<<20 + 1), "three": random(3<<20 - 7), "many": random(9 << 20),
		} {
			info := put(t, s, b)
			if info.Digest != sha256.Sum256(b) || info.Size != int64(len(b)) || !info.Created {
				t.Errorf("%s: put gives %+v", name, info)
			}
			if got := read(t, s, info.Digest, 0, -1); !bytes.Equal(got, b) {
				t.Errorf("%s: read %d bytes, want %d", name, len(got), len(b))
			}
			stat, err := s.Stat(t.Context(), info.Digest)
			if err != nil || stat.Size != info.Size || stat.Stored != info.Stored || stat.Touched.IsZero() {
				t.Errorf("%s: stat %+v, %v; put gave %+v", name, stat, err, info)
			}
		}
	})
	t.Run("the same twice is stored once", func(t *testing.T) {
		s := open(t)
		first := put(t, s, []byte("same"))
		again := put(t, s, []byte("same"))
		if again.Created || again.Digest != first.Digest || again.Touched.Before(first.Touched) {
			t.Errorf("first %+v, again %+v", first, again)
		}
		count := 0
		if err := s.List(t.Context(), func(content.BlobInfo) error { count++; return nil }); err != nil || count != 1 {
			t.Errorf("%d listed, %v", count, err)
		}
	})
	t.Run("ranges", func(t *testing.T) {
		s := open(t)
		b := random(3<<20 + 100)
		d := put(t, s, b).Digest
		size := int64(len(b))
		for _, c := range [][2]int64{{0, 1}, {0, 1 << 20}, {1<<20 - 1, 2}, {1 << 20, 1 << 20}, {5, -1}, {size - 1, 1},
			{size - 1, 50}, {size, 10}, {size + 10, -1}, {100, 0}, {0, size}, {2<<20 + 7, 1<<20 + 5}} {
			from := min(c[0], size)
			to := size
			if c[1] >= 0 {
				to = min(size, from+c[1])
			}
			if got := read(t, s, d, c[0], c[1]); !bytes.Equal(got, b[from:to]) {
				t.Errorf("range %v: %d bytes, want %d", c, len(got), to-from)
			}
		}
	})
	t.Run("missing", func(t *testing.T) {
		s := open(t)
		d := content.Digest(sha256.Sum256([]byte("nowhere")))
		if _, err := s.Open(t.Context(), d, 0, -1); !errors.Is(err, content.ErrNotFound) {
			t.Errorf("open: %v", err)
		}
		if _, err := s.Stat(t.Context(), d); !errors.Is(err, content.ErrNotFound) {
			t.Errorf("stat: %v", err)
		}
		if err := s.Delete(t.Context(), d); err != nil {
			t.Errorf("delete: %v", err)
		}
	})
	t.Run("deleted", func(t *testing.T) {
		s := open(t)
		d := put(t, s, []byte("gone")).Digest
		if err := s.Delete(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open(t.Context(), d, 0, -1); !errors.Is(err, content.ErrNotFound) {
			t.Errorf("open: %v", err)
		}
		if !put(t, s, []byte("gone")).Created {
			t.Error("put again is not created")
		}
	})
	t.Run("a failing source stores nothing", func(t *testing.T) {
		s := open(t)
		broken := errors.New("broken")
		r := io.MultiReader(bytes.NewReader(random(2<<20)), iotest.ErrReader(broken))
		if _, err := s.Put(t.Context(), r); !errors.Is(err, broken) {
			t.Errorf("put: %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		r = io.MultiReader(bytes.NewReader(random(2<<20)), readerFunc(func([]byte) (int, error) { cancel(); return 0, nil }))
		if _, err := s.Put(ctx, r); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled put: %v", err)
		}
		if err := s.List(t.Context(), func(i content.BlobInfo) error { t.Errorf("stored %v", i); return nil }); err != nil {
			t.Error(err)
		}
	})
	t.Run("many at once", func(t *testing.T) {
		s := open(t)
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for i := range 20 {
					b := random(i * 1000)
					info, err := s.Put(t.Context(), bytes.NewReader(b))
					if err != nil {
						t.Error(err)
						return
					}
					if got := read(t, s, info.Digest, 0, -1); !bytes.Equal(got, b) {
						t.Error("read differs")
					}
				}
			})
		}
		wg.Wait()
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
