package blob

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"sort"
	"sync"

	"sextant/content"
)

// source is stored bytes that can be read from any place on. sequential opens a stream of them from one place to
// another; a store for which each opening costs a round trip opens one per read.
type source interface {
	sequential(from, to int64) (io.ReadCloser, error)
	Close() error
}

// reader hands out a range of one blob's content, frame by frame, each checked before a byte of it is given. A read
// of the whole blob is checked against its digest too, before its last byte.
type reader struct {
	codec   *codec
	digest  content.Digest
	src     source
	stream  io.ReadCloser
	frames  []frame
	whole   hash.Hash // nil where only a part is read; hashing has it until it is done
	hashing sync.WaitGroup
	skip    int           // content to drop from the first frame
	left    int64         // content still to hand out
	plain   []byte        // of the frame in hand, not yet handed out
	b       *frameBuffers // from the pool, until Close
	err     error
}

// newReader takes over src and closes it in any case.
func newReader(c *codec, d content.Digest, src source, frames []frame, offset, length int64) (*reader, error) {
	size := contentSize(frames)
	offset = min(max(offset, 0), size)
	if length < 0 || length > size-offset {
		length = size - offset
	}
	r := &reader{codec: c, digest: d, src: src, left: length}
	if offset == 0 && length == size {
		r.whole = sha256.New()
	}
	if length == 0 {
		return r, nil
	}
	first := sort.Search(len(frames), func(i int) bool { return frames[i].plainAt+int64(frames[i].plainSize) > offset })
	last := sort.Search(len(frames), func(i int) bool { return frames[i].plainAt+int64(frames[i].plainSize) >= offset+length })
	r.frames = frames[first : last+1]
	r.skip = int(offset - frames[first].plainAt)
	stream, err := src.sequential(frames[first].at, frames[last].at+int64(frames[last].length))
	if err != nil {
		return nil, errors.Join(err, src.Close())
	}
	r.stream = stream
	return r, nil
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	if len(r.plain) == 0 && r.err == nil {
		r.err = r.next()
	}
	if len(r.plain) == 0 {
		return 0, r.err
	}
	n := copy(p, r.plain)
	r.plain = r.plain[n:]
	return n, nil
}

func (r *reader) next() error {
	if len(r.frames) == 0 {
		return io.EOF
	}
	f := r.frames[0]
	r.frames = r.frames[1:]
	if r.b == nil {
		r.b = framePool.Get().(*frameBuffers)
	}
	if cap(r.b.packed) < f.length {
		r.b.packed = make([]byte, f.length)
	}
	r.b.packed = r.b.packed[:f.length]
	if _, err := io.ReadFull(r.stream, r.b.packed); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return corrupt(r.digest, errors.New("it ends too early"))
		}
		return fmt.Errorf("blob %s: %w", r.digest, err)
	}
	plain, err := r.codec.dec.DecodeAll(r.b.packed, r.b.plain[:0])
	if err != nil {
		return corrupt(r.digest, err)
	}
	if len(plain) != f.plainSize {
		return corrupt(r.digest, errors.New("a frame has another size"))
	}
	r.b.plain = plain
	if r.whole != nil {
		r.hashing.Wait()
		if len(r.frames) > 0 {
			// It takes as long as all else together, and goes on while the next frame is read.
			r.b.plain, r.b.before = r.b.before, plain
			r.hashing.Go(func() { r.whole.Write(r.b.before) })
		} else if r.whole.Write(plain); !bytes.Equal(r.whole.Sum(nil), r.digest[:]) {
			return corrupt(r.digest, errors.New("the digest differs"))
		}
	}
	plain = plain[r.skip:]
	r.skip = 0
	if int64(len(plain)) > r.left {
		plain = plain[:r.left]
	}
	r.left -= int64(len(plain))
	r.plain = plain
	return nil
}

// Close implements io.Closer.
func (r *reader) Close() error {
	r.plain, r.frames, r.err = nil, nil, io.ErrClosedPipe
	r.hashing.Wait()
	if r.b != nil {
		framePool.Put(r.b)
		r.b = nil
	}
	var err error
	if r.stream != nil {
		err = r.stream.Close()
	}
	return errors.Join(err, r.src.Close())
}

func corrupt(d content.Digest, err error) error {
	return fmt.Errorf("blob %s: %w: %v", d, content.ErrCorrupt, err)
}
