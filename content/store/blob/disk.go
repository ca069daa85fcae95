package blob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"sextant/content"
)

// Disk keeps blobs as files below one directory: ab/abcdef… by digest, and tmp/ for what is being written. A file is
// written, synced, renamed and its directory synced, in this order, so that a blob is whole or absent after a crash.
// Several processes may use one directory.
type Disk struct {
	dir   string
	codec *codec
}

const tmpDir = "tmp"

// abandoned is the age at which a temporary file has no writer any more.
const abandoned = 24 * time.Hour

// OpenDisk uses dir, making it where it is not there, and removes what writers that died a day ago left behind.
func OpenDisk(dir string) (*Disk, error) {
	c, err := newCodec()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, tmpDir), 0o700); err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	for i := range 256 {
		if err := os.Mkdir(filepath.Join(dir, fmt.Sprintf("%02x", i)), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, fmt.Errorf("blob: %w", err)
		}
	}
	// Both: the directories made here, and dir itself in its parent.
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := syncDir(d); err != nil {
			return nil, fmt.Errorf("blob: %w", err)
		}
	}
	s := &Disk{dir: dir, codec: c}
	return s, s.clean(time.Now().Add(-abandoned))
}

func (s *Disk) clean(before time.Time) error {
	entries, err := os.ReadDir(filepath.Join(s.dir, tmpDir))
	if err != nil {
		return fmt.Errorf("blob: %w", err)
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.ModTime().Before(before) {
			if err := os.Remove(filepath.Join(s.dir, tmpDir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("blob: %w", err)
			}
		}
	}
	return nil
}

func (s *Disk) path(d content.Digest) string {
	name := d.String()
	return filepath.Join(s.dir, name[:2], name)
}

// Put implements content.Blobs.
func (s *Disk) Put(ctx context.Context, r io.Reader) (content.BlobInfo, error) {
	info, err := s.put(ctx, r)
	if err != nil {
		return content.BlobInfo{}, fmt.Errorf("blob: put: %w", err)
	}
	return info, nil
}

func (s *Disk) put(ctx context.Context, r io.Reader) (info content.BlobInfo, err error) {
	sp := &spool{dir: filepath.Join(s.dir, tmpDir)}
	defer func() { err = errors.Join(err, sp.close()) }()
	info.Digest, info.Size, info.Stored, err = s.codec.encode(sp, contextReader{ctx, r})
	if err != nil {
		return info, err
	}
	final := s.path(info.Digest)
	info.Touched = time.Now()
	if err := os.Chtimes(final, info.Touched, info.Touched); err == nil {
		// It is there, but whoever put it may not yet have come to sync the directory.
		return info, syncDir(filepath.Dir(final))
	}
	if err := sp.rename(final); err != nil {
		return info, err
	}
	info.Created = true
	return info, syncDir(filepath.Dir(final))
}

// heldBlob is how many stored bytes are held before a file is made for them. Whether a blob is there already is known
// only at its end, and making a file in vain costs more than all else.
const heldBlob = 256 << 10

// spool takes what a blob stores: in memory at first, then in a temporary file.
type spool struct {
	dir  string
	held []byte
	f    *os.File
}

// Write implements io.Writer.
func (s *spool) Write(p []byte) (int, error) {
	if s.f == nil {
		if len(s.held)+len(p) <= heldBlob {
			s.held = append(s.held, p...)
			return len(p), nil
		}
		if err := s.spill(); err != nil {
			return 0, err
		}
	}
	return s.f.Write(p)
}

func (s *spool) spill() (err error) {
	if s.f, err = os.CreateTemp(s.dir, "put-"); err != nil {
		return err
	}
	_, err = s.f.Write(s.held)
	s.held = nil
	return err
}

// rename makes all that was written a file of its own, synced.
func (s *spool) rename(to string) error {
	if s.f == nil {
		if err := s.spill(); err != nil {
			return err
		}
	}
	if err := s.f.Sync(); err != nil {
		return err
	}
	if err := os.Rename(s.f.Name(), to); err != nil {
		return err
	}
	f := s.f
	s.f = nil
	return f.Close()
}

// close drops what was not renamed.
func (s *spool) close() error {
	if s.f == nil {
		return nil
	}
	return errors.Join(s.f.Close(), os.Remove(s.f.Name()))
}

// Open implements content.Blobs.
func (s *Disk) Open(_ context.Context, d content.Digest, offset, length int64) (io.ReadCloser, error) {
	f, frames, info, tail, err := s.table(d)
	if err != nil {
		return nil, err
	}
	src := diskSource{f: f}
	if int64(len(tail)) == info.Size() {
		src.whole = tail
	}
	return newReader(s.codec, d, src, frames, offset, length)
}

// table opens a blob's file and reads its seek table; tail is the end of the file that was read for it, all of it where
// it is small.
func (s *Disk) table(d content.Digest) (f *os.File, frames []frame, info fs.FileInfo, tail []byte, err error) {
	f, err = os.Open(s.path(d))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil, nil, fmt.Errorf("blob %s: %w", d, content.ErrNotFound)
	}
	if err != nil {
		return nil, nil, nil, nil, fmt.Errorf("blob %s: %w", d, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
			f = nil
		}
	}()
	if info, err = f.Stat(); err != nil {
		return f, nil, nil, nil, fmt.Errorf("blob %s: %w", d, err)
	}
	// One read gets footer and table of all but very large blobs.
	tail = make([]byte, min(info.Size(), 8192))
	if _, err = f.ReadAt(tail, info.Size()-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return f, nil, nil, nil, fmt.Errorf("blob %s: %w", d, err)
	}
	if len(tail) < footerSize {
		return f, nil, nil, nil, corrupt(d, errors.New("no footer"))
	}
	size, err := tableSize(tail[len(tail)-footerSize:])
	if err != nil {
		return f, nil, nil, nil, corrupt(d, err)
	}
	if size > info.Size() {
		return f, nil, nil, nil, corrupt(d, errors.New("seek table does not fit"))
	}
	if size > int64(len(tail)) {
		tail = make([]byte, size)
		if _, err = f.ReadAt(tail, info.Size()-size); err != nil && !errors.Is(err, io.EOF) {
			return f, nil, nil, nil, fmt.Errorf("blob %s: %w", d, err)
		}
	}
	if frames, err = parseTable(tail[int64(len(tail))-size:], info.Size()); err != nil {
		return f, nil, nil, nil, corrupt(d, err)
	}
	return f, frames, info, tail, nil
}

// Stat implements content.Blobs.
func (s *Disk) Stat(_ context.Context, d content.Digest) (content.BlobInfo, error) {
	f, frames, info, _, err := s.table(d)
	if err != nil {
		return content.BlobInfo{}, err
	}
	return content.BlobInfo{Digest: d, Size: contentSize(frames), Stored: info.Size(), Touched: info.ModTime()}, f.Close()
}

// Delete implements content.Blobs.
func (s *Disk) Delete(_ context.Context, d content.Digest) error {
	// Not synced: a deletion that a crash undoes leaves an unused blob, which the next collection finds again.
	if err := os.Remove(s.path(d)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("blob: delete: %w", err)
	}
	return nil
}

// List implements content.Blobs. Files that are named like no blob are passed over.
func (s *Disk) List(ctx context.Context, fn func(content.BlobInfo) error) error {
	for i := range 256 {
		entries, err := os.ReadDir(filepath.Join(s.dir, fmt.Sprintf("%02x", i)))
		if err != nil {
			return fmt.Errorf("blob: list: %w", err)
		}
		for _, e := range entries {
			if err := ctx.Err(); err != nil {
				return err
			}
			d, err := content.ParseDigest(e.Name())
			if err != nil {
				continue
			}
			info, err := e.Info()
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return fmt.Errorf("blob: list: %w", err)
			}
			if err := fn(content.BlobInfo{Digest: d, Size: -1, Stored: info.Size(), Touched: info.ModTime()}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close releases nothing but makes a Disk a Store like any other.
func (s *Disk) Close() error { return nil }

type diskSource struct {
	f     *os.File
	whole []byte // all of a small file; else nil
}

func (s diskSource) sequential(from, to int64) (io.ReadCloser, error) {
	if s.whole != nil {
		return io.NopCloser(bytes.NewReader(s.whole[from:to])), nil
	}
	return io.NopCloser(io.NewSectionReader(s.f, from, to-from)), nil
}
func (s diskSource) Close() error { return s.f.Close() }

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// contextReader ends a long copy when nobody waits for it any more.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
