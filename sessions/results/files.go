package results

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// files keeps results as files while workers use them, and after that as many as there is room for.
type files struct {
	dir  string
	kept int64
	uid  int

	mu     sync.Mutex
	byID   map[string]*file
	oldest []string // ids that nobody uses, the one used longest ago first
	size   int64
}

type file struct {
	uses  int
	size  int64
	ready chan struct{} // closed when it is there, or err set
	err   error
}

func newFiles(dir string, kept int64, uid int) (*files, error) {
	return &files{dir: dir, kept: kept, uid: uid, byID: map[string]*file{}}, os.MkdirAll(dir, 0o711)
}

// get gives the path of a result's file; done lets go of it. Where somebody else is fetching it and fails, as their rights or
// patience end, it is fetched anew.
func (f *files) get(ctx context.Context, s Source) (path string, done func(), err error) {
	path = filepath.Join(f.dir, s.ID+".parquet")
	for {
		f.mu.Lock()
		one := f.byID[s.ID]
		own := one == nil
		if own {
			one = &file{ready: make(chan struct{})}
			f.byID[s.ID] = one
		}
		one.uses++
		f.unlist(s.ID)
		f.mu.Unlock()
		done = sync.OnceFunc(func() { f.release(s.ID, one) })
		if own {
			size, err := f.fetch(ctx, s, path)
			f.mu.Lock()
			one.size, one.err = size, err
			f.size += size
			if err != nil {
				delete(f.byID, s.ID)
			}
			f.mu.Unlock()
			close(one.ready)
		}
		select {
		case <-one.ready:
			err = one.err
		case <-ctx.Done():
			err = ctx.Err()
		}
		if err == nil {
			return path, done, nil
		}
		done()
		if own || ctx.Err() != nil {
			return "", nil, err
		}
	}
}

func (f *files) fetch(ctx context.Context, s Source, path string) (int64, error) {
	from, err := s.Open(ctx)
	if err != nil {
		return 0, err
	}
	defer from.Close() // it is only read
	// It is written anew, since a worker may still have the one that was.
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	to, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o400)
	if err != nil {
		return 0, err
	}
	n, err := overlapped(to, from)
	if err = errors.Join(err, to.Close()); err == nil && f.uid != 0 {
		// Workers read it, and must not change it for those who read it after them.
		err = errors.Join(os.Chown(path, os.Geteuid(), f.uid), os.Chmod(path, 0o440))
	}
	if err != nil {
		return 0, errors.Join(err, os.Remove(path))
	}
	return n, nil
}

// overlapped copies, and reads on while it writes: reading is mostly checking, and a first reader waits for all of it.
func overlapped(to io.Writer, from io.Reader) (int64, error) {
	const piece = 256 << 10
	out, in := io.Pipe()
	var reading sync.WaitGroup
	reading.Go(func() {
		_, err := io.CopyBuffer(in, struct{ io.Reader }{from}, make([]byte, piece))
		_ = in.CloseWithError(err) // it always gives nil
	})
	n, err := io.CopyBuffer(struct{ io.Writer }{to}, out, make([]byte, piece))
	_ = out.CloseWithError(err) // where writing failed, reading ends
	reading.Wait()
	return n, err
}

func (f *files) unlist(id string) {
	for i, o := range f.oldest {
		if o == id {
			f.oldest = append(f.oldest[:i], f.oldest[i+1:]...)
			return
		}
	}
}

func (f *files) release(id string, one *file) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if one.uses--; one.uses > 0 || f.byID[id] != one {
		return
	}
	f.oldest = append(f.oldest, id)
	for f.size > f.kept && len(f.oldest) > 0 {
		old := f.oldest[0]
		f.oldest = f.oldest[1:]
		f.size -= f.byID[old].size
		delete(f.byID, old)
		_ = os.Remove(filepath.Join(f.dir, old+".parquet")) // the next pool removes what is left
	}
}
