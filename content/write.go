package content

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"time"
)

// smallOutput is the size below which an output is stored together with the other small ones: a blob of its own costs
// a file and two syncs.
const smallOutput = 4 << 10

// written is content that has been stored but belongs to no revision yet.
type written struct {
	layout Layout
	size   int64
	digest Digest
	// sizes and reused tell of each of layout's blobs its size, and whether it was there before.
	sizes  map[Digest]int64
	reused map[Digest]bool
	// problem is as in Revision.
	problem string
	// began is when the first of it was stored.
	began time.Time
}

// write stores content in pieces. Sources go to one blob, small outputs to another, larger outputs to one each. It
// holds no piece whole: the two collecting blobs are streamed to the store while the content is read.
func write(ctx context.Context, blobs Blobs, split Splitter, content io.Reader, limit int64) (written, error) {
	if split == nil {
		split = func(content io.Reader, piece func(PieceKind, io.Reader) error) error {
			return piece(SourcePiece, content)
		}
	}
	whole := sha256.New()
	counted := &limitedReader{r: content, left: limit}
	w := &writer{ctx: ctx, blobs: blobs, out: written{sizes: map[Digest]int64{}, reused: map[Digest]bool{}}}
	err := split(io.TeeReader(counted, whole), w.piece)
	if err == nil && counted.err == nil {
		// A splitter that stops early would lose the rest.
		var n int
		if n, err = counted.Read(make([]byte, 1)); n > 0 {
			err = errors.New("the splitter left content over")
		} else if errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if counted.err != nil && !errors.Is(counted.err, io.EOF) {
		err = counted.err
	}
	err = errors.Join(err, w.finish(err))
	if err != nil {
		return written{}, err
	}
	w.out.size = limit - counted.left
	whole.Sum(w.out.digest[:0])
	if n := w.out.layout.Size(false); n != w.out.size {
		return written{}, fmt.Errorf("the splitter made %d bytes of %d", n, w.out.size)
	}
	return w.out, nil
}

type writer struct {
	ctx              context.Context
	blobs            Blobs
	out              written
	segments         []pendingSegment
	sources, outputs *collecting
}

// pendingSegment is a segment whose blob's digest may not be known yet.
type pendingSegment struct {
	kind   PieceKind
	into   *collecting
	blob   Digest
	length int64
}

// collecting is a blob that grows piece by piece while a goroutine stores it.
type collecting struct {
	w    *io.PipeWriter
	done chan struct{}
	info BlobInfo
	err  error
}

func (w *writer) collect() *collecting {
	r, pw := io.Pipe()
	c := &collecting{w: pw, done: make(chan struct{})}
	go func() {
		defer close(c.done)
		c.info, c.err = w.blobs.Put(w.ctx, r)
		// Whoever still writes learns that nobody reads.
		r.CloseWithError(errors.Join(c.err, io.ErrClosedPipe))
	}()
	return c
}

func (w *writer) piece(kind PieceKind, r io.Reader) error {
	if len(w.segments) >= MaxSegments {
		return fmt.Errorf("%w: more than %d pieces", ErrTooLarge, MaxSegments)
	}
	if kind == OutputPiece {
		head := make([]byte, smallOutput)
		n, err := io.ReadFull(r, head)
		switch {
		case err == nil:
			info, err := w.blobs.Put(w.ctx, io.MultiReader(bytes.NewReader(head), r))
			if err != nil {
				return err
			}
			w.note(info)
			w.segments = append(w.segments, pendingSegment{kind: kind, blob: info.Digest, length: info.Size})
			return nil
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, io.ErrUnexpectedEOF):
			r = bytes.NewReader(head[:n])
		default:
			return err
		}
	}
	into := &w.sources
	if kind == OutputPiece {
		into = &w.outputs
	}
	if *into == nil {
		*into = w.collect()
	}
	n, err := io.Copy((*into).w, r)
	if err != nil {
		return err
	}
	if n > 0 {
		w.segments = append(w.segments, pendingSegment{kind: kind, into: *into, length: n})
	}
	return nil
}

func (w *writer) note(info BlobInfo) {
	if _, known := w.out.sizes[info.Digest]; !known {
		w.out.sizes[info.Digest] = info.Size
		w.out.reused[info.Digest] = !info.Created
	}
}

// finish ends the collecting blobs, with failure as their end where it is set, waits for them and builds the layout.
func (w *writer) finish(failure error) error {
	var errs []error
	for _, c := range []*collecting{w.sources, w.outputs} {
		if c == nil {
			continue
		}
		if failure != nil {
			c.w.CloseWithError(failure)
		} else if err := c.w.Close(); err != nil {
			errs = append(errs, err)
		}
		<-c.done
		if c.err != nil {
			errs = append(errs, c.err)
		} else {
			w.note(c.info)
		}
	}
	if err := errors.Join(errs...); err != nil || failure != nil {
		return err
	}
	index := map[any]int{}
	for _, s := range w.segments {
		// Blobs are used from their start, so a blob that stands alone is listed anew each time it recurs.
		var key any = len(w.out.layout.Segments) + 1
		digest := s.blob
		if s.into != nil {
			key, digest = s.into, s.into.info.Digest
		}
		i, known := index[key]
		if !known {
			i = len(w.out.layout.Blobs)
			index[key] = i
			w.out.layout.Blobs = append(w.out.layout.Blobs, digest)
		}
		w.out.layout.Segments = append(w.out.layout.Segments, Segment{s.kind, i, s.length})
	}
	return nil
}

// limitedReader ends in ErrTooLarge where more than left bytes come.
type limitedReader struct {
	r    io.Reader
	left int64
	err  error
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if l.err != nil {
		return 0, l.err
	}
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.r.Read(p)
	if int64(n) > l.left {
		n, err = int(l.left), fmt.Errorf("content: %w", ErrTooLarge)
	}
	l.left -= int64(n)
	l.err = err
	return n, err
}
