package blob

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"gocloud.dev/blob/memblob"

	"github.com/klauspost/compress/zstd"

	"sextant/content"
	"sextant/content/store/storetest"
)

func openDisk(t *testing.T) *Disk {
	t.Helper()
	s, err := OpenDisk(filepath.Join(t.TempDir(), "blobs"))
	if err == nil {
		return s
	}
	t.Fatal(err)
	return nil
}

// opened is a store that is there until the test ends.
func opened(t *testing.T, s Store, err error) content.Blobs {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestDisk(t *testing.T) {
	storetest.Blobs(t, func(t *testing.T) content.Blobs { return openDisk(t) })
}

func TestBucket(t *testing.T) {
	storetest.Blobs(t, func(t *testing.T) content.Blobs {
		s, err := NewBucket(memblob.OpenBucket(nil), t.TempDir())
		return opened(t, s, err)
	})
}

func TestOpenURL(t *testing.T) {
	s, err := Open(t.Context(), "file://"+filepath.ToSlash(filepath.Join(t.TempDir(), "a b"))+"")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "file://host/x", "file:rel", "ftp://x/y", "::"} {
		if s, err := Open(t.Context(), bad); !errors.Is(err, content.ErrInvalid) {
			t.Errorf("Open(%q) = %v, %v", bad, s, err)
		}
	}
}

// TestDamageIsFound flips each byte of a stored file in turn: the read must fail or give the right bytes, never others.
func TestDamageIsFound(t *testing.T) {
	s := openDisk(t)
	want := bytes.Repeat([]byte("select a, b from t;\n"), 20)
	info, err := s.Put(t.Context(), bytes.NewReader(want))
	if err != nil {
		t.Fatal(err)
	}
	path := s.path(info.Digest)
	stored, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	check := func(what string, i int, b []byte) {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, part := range []struct {
			offset, length int64
			want           []byte
		}{{0, -1, want}, {7, 20, want[7:27]}} {
			r, err := s.Open(t.Context(), info.Digest, part.offset, part.length)
			var got []byte
			if err == nil {
				got, err = io.ReadAll(r)
				if err := r.Close(); err != nil {
					t.Fatal(err)
				}
			}
			switch {
			case err != nil && !errors.Is(err, content.ErrCorrupt):
				t.Errorf("%s at %d: %v", what, i, err)
			case err != nil:
				found++
			case !bytes.Equal(got, part.want):
				t.Errorf("%s at %d: other bytes were read", what, i)
			}
		}
	}
	for i := range stored {
		b := bytes.Clone(stored)
		b[i] ^= 0x21
		check("flip", i, b)
		check("cut", i, stored[:i])
	}
	if found < 3*len(stored) {
		t.Errorf("%d of %d damages found", found, 4*len(stored))
	}
}

// TestAnyZstdDecoderReadsIt reads a blob's file as one stream, as the program zstd does, which knows nothing of seeking.
func TestAnyZstdDecoderReadsIt(t *testing.T) {
	s := openDisk(t)
	want := bytes.Repeat([]byte("0123456789"), 300_000)
	info, err := s.Put(t.Context(), bytes.NewReader(want))
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(s.path(info.Digest))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	decoder, err := zstd.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	defer decoder.Close()
	got, err := io.ReadAll(decoder)
	if err != nil || !bytes.Equal(got, want) {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
}

func TestAbandonedFilesAreRemoved(t *testing.T) {
	s := openDisk(t)
	tmp := filepath.Join(s.dir, tmpDir)
	for name, age := range map[string]time.Duration{"put-old": 48 * time.Hour, "put-new": time.Minute} {
		path := filepath.Join(tmp, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		at := time.Now().Add(-age)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := OpenDisk(s.dir); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(tmp)
	if err != nil || len(left) != 1 || left[0].Name() != "put-new" {
		t.Fatalf("left %v, %v", left, err)
	}
}

// TestMemoryIsBounded stores and reads 256 MiB and compares what was allocated in total, which bounds what was held.
func TestMemoryIsBounded(t *testing.T) {
	s := openDisk(t)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	info, err := s.Put(t.Context(), io.LimitReader(zeros{}, 256<<20))
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Open(t.Context(), info.Digest, 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, r)
	if err := errors.Join(err, r.Close()); err != nil || n != 256<<20 {
		t.Fatal(n, err)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > 64<<20 {
		t.Errorf("%d MiB allocated", got>>20)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func BenchmarkPut10kB(b *testing.B) {
	s, err := OpenDisk(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	buf := bytes.Repeat([]byte("select 1;\n"), 1000)
	for i := 0; b.Loop(); i++ {
		copy(buf, time.Now().String())
		if _, err := s.Put(b.Context(), bytes.NewReader(buf)); err != nil {
			b.Fatal(err)
		}
	}
}
