package jupyter

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"sextant/content"
	"sextant/content/iam"
)

// Bounds of uploads in chunks.
const (
	// maxUploads bounds those of one person that are not complete.
	maxUploads = 32
	// uploadPatience is how long one may stand still.
	uploadPatience = time.Hour
)

// uploads are files that come in chunks. They are gathered beside the documents, so that a document is only ever there
// as a whole; what never becomes complete leaves nothing behind.
type uploads struct {
	dir   string
	limit int64
	now   func() time.Time

	mu   sync.Mutex
	open map[uploadKey]*upload
}

// uploadKey names an upload: one person's to one path.
type uploadKey struct {
	who  iam.Member
	path string
}

// upload is one file. Its own lock is held while a chunk is taken.
type upload struct {
	mu    sync.Mutex
	file  *os.File
	size  int64
	chunk int
	// last is the digest of the newest chunk: the same sent again, after an answer that was lost, is not appended again.
	last [sha256.Size]byte
	used time.Time // guarded by uploads.mu
}

func newUploads(dir string, limit int64, now func() time.Time) (*uploads, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	return &uploads{dir: dir, limit: limit, now: now, open: map[uploadKey]*upload{}}, nil
}

func (u *uploads) close() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	var faults []error
	for key, one := range u.open {
		faults = append(faults, one.file.Close())
		delete(u.open, key)
	}
	return errors.Join(faults...)
}

// take finds the upload that a chunk belongs to; the first chunk begins one, in place of an earlier one.
func (u *uploads) take(key uploadKey, chunk int) (*upload, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	now, own := u.now(), 0
	for k, one := range u.open {
		if now.Sub(one.used) > uploadPatience && one.mu.TryLock() {
			one.mu.Unlock()
			u.drop(k)
			continue
		}
		if k.who == key.who {
			own++
		}
	}
	known := u.open[key]
	if chunk != 1 {
		if known == nil {
			return nil, badRequest("no upload of '%s' is in progress here: begin again with chunk 1", key.path)
		}
		known.used = now
		return known, nil
	}
	if known != nil && known.chunk <= 1 { // perhaps the same again
		known.used = now
		return known, nil
	}
	if known != nil {
		u.drop(key)
		own--
	}
	if own >= maxUploads {
		return nil, &apiError{status: http.StatusTooManyRequests, message: fmt.Sprintf("you have %d uploads in progress; finish some first", own)}
	}
	f, err := os.CreateTemp(u.dir, "upload-")
	if err != nil {
		return nil, err
	}
	// Nobody else needs its name, and a crash leaves nothing.
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	one := &upload{file: f, used: now}
	u.open[key] = one
	return one, nil
}

// drop forgets an upload. The lock is held.
func (u *uploads) drop(key uploadKey) {
	if one := u.open[key]; one != nil {
		delete(u.open, key)
		_ = one.file.Close() // the file has no name and is not read any more
	}
}

func (u *uploads) end(key uploadKey, one *upload) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.open[key] == one {
		u.drop(key)
	}
}

// add appends a chunk. Chunks come in order; -1 is the last one, after whichever.
func (u *upload) add(chunk int, part []byte, limit int64) error {
	digest := sha256.Sum256(part)
	if chunk == u.chunk && digest == u.last {
		return nil
	}
	if chunk == 1 && u.chunk == 1 { // another file, from its start
		if err := u.file.Truncate(0); err != nil {
			return err
		}
		u.size = 0
	} else if chunk != -1 && chunk != u.chunk+1 || u.chunk == -1 {
		return badRequest("chunk %d came where %d was expected: begin again with chunk 1", chunk, u.chunk+1)
	}
	if u.size+int64(len(part)) > limit {
		return fmt.Errorf("%w: more than %d bytes", content.ErrTooLarge, limit)
	}
	if _, err := u.file.WriteAt(part, u.size); err != nil {
		return err
	}
	u.size += int64(len(part))
	u.chunk, u.last = chunk, digest
	return nil
}

// putChunk takes one chunk of a file, and with the last one saves it.
func (s *Server) putChunk(ctx context.Context, p string, n node, exists bool, v saving) (model, error) {
	if v.chunk < -1 {
		return model{}, badRequest("chunk %d: chunks are counted from 1, and -1 is the last", v.chunk)
	}
	part, err := v.bytes()
	if err != nil {
		return model{}, err
	}
	if err := s.maySave(ctx, p, n, exists); err != nil { // before anything is stored
		return model{}, err
	}
	key := uploadKey{content.ActorFrom(ctx).Principal, p}
	one, err := s.uploads.take(key, v.chunk)
	if err != nil {
		return model{}, err
	}
	one.mu.Lock()
	defer one.mu.Unlock()
	if err := one.add(v.chunk, part, s.uploads.limit); err != nil {
		if errors.Is(err, content.ErrTooLarge) {
			s.uploads.end(key, one)
		}
		return model{}, err
	}
	if v.chunk != -1 {
		now := date(s.o.Now())
		m := model{Path: p, Name: node{path: p}.name(), Created: now, LastModified: now, Writable: true, Type: "file", Mimetype: mimeOf(p), Size: &one.size}
		return m, nil
	}
	if _, err := one.file.Seek(0, 0); err != nil {
		return model{}, err
	}
	m, err := s.put(ctx, p, n, exists, one.file, "file")
	if err == nil {
		s.uploads.end(key, one)
	}
	return m, err
}

// maySave checks the right to save under a path before its content is there; saving checks it again.
func (s *Server) maySave(ctx context.Context, p string, n node, exists bool) error {
	if !exists {
		folder, _, err := s.parent(ctx, p)
		if err != nil {
			return err
		}
		n = folder
	}
	ok, err := s.mayWrite(ctx, n)
	if err == nil && !ok {
		err = content.ErrDenied
	}
	return err
}
