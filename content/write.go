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

// write stores content in pieces. Sources go to one blob and small outputs to another, or into the layout where there are
// at most held bytes of them; larger outputs go to one blob each. It holds no large piece whole: what exceeds heldContent, or as an output heldOutput, is streamed
// to the store while the content is read. What base's layout uses is stored already and is not stored again.
func write(ctx context.Context, blobs Blobs, split Splitter, content io.Reader, limit int64, held int, base Layout) (written, error) {
	if split == nil {
		split = func(content io.Reader, piece func(PieceKind, io.Reader) error) error {
			return piece(SourcePiece, content)
		}
	}
	whole := sha256.New()
	counted := &limitedReader{r: content, left: limit}
	w := &writer{ctx: ctx, blobs: blobs, held: held, known: map[Digest]bool{},
		out: written{sizes: map[Digest]int64{}, reused: map[Digest]bool{}}}
	for _, d := range base.Blobs {
		w.known[d] = true
	}
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
	held             int
	known            map[Digest]bool
	out              written
	segments         []pendingSegment
	sources, outputs *collecting
	// output is the beginning of the output in hand.
	output bytes.Buffer
}

// put stores a blob: head, and what follows in rest where head is longer than heldOutput. Compressing what is there
// already would be in vain, and a digest is quickly made.
func (w *writer) put(head []byte, rest io.Reader) (BlobInfo, error) {
	if len(head) > heldOutput {
		return w.blobs.Put(w.ctx, io.MultiReader(bytes.NewReader(head), rest))
	}
	if d := Digest(sha256.Sum256(head)); w.known[d] {
		return BlobInfo{Digest: d, Size: int64(len(head))}, nil
	}
	return w.blobs.Put(w.ctx, bytes.NewReader(head))
}

// pendingSegment is a segment whose blob's digest may not be known yet.
type pendingSegment struct {
	kind   PieceKind
	into   *collecting
	blob   Digest
	length int64
}

// collecting is a blob that grows piece by piece: in memory up to heldContent, and beyond while a goroutine stores it.
type collecting struct {
	writer *writer
	held   bytes.Buffer
	w      *io.PipeWriter // nil while all is held
	done   chan struct{}
	info   BlobInfo
	err    error
}

// heldContent is how much of a blob is held before it is streamed: handing over between goroutines costs more than
// storing what is small, and what is held is not compressed where it is stored already.
const heldContent = 128 << 10

// heldOutput is how much of an output is held to see whether it is stored already, as most are: pictures are smaller.
const heldOutput = 1 << 20

// Write implements io.Writer.
func (c *collecting) Write(p []byte) (int, error) {
	if c.w == nil {
		if c.held.Len()+len(p) <= heldContent {
			return c.held.Write(p)
		}
		c.stream()
	}
	return c.w.Write(p)
}

func (c *collecting) stream() {
	r, pw := io.Pipe()
	c.w, c.done = pw, make(chan struct{})
	go func() {
		defer close(c.done)
		c.info, c.err = c.writer.blobs.Put(c.writer.ctx, io.MultiReader(&c.held, r))
		// Whoever still writes learns that nobody reads.
		r.CloseWithError(errors.Join(c.err, io.ErrClosedPipe))
	}()
}

// end stores what is held, or waits until what was streamed is stored. With a failure nothing is.
func (c *collecting) end(failure error) error {
	switch {
	case c.w == nil && failure == nil:
		c.info, c.err = c.writer.put(c.held.Bytes(), nil)
	case c.w == nil:
		c.err = failure
	default:
		c.w.CloseWithError(failure) // nil is the end
		<-c.done
	}
	return c.err
}

func (w *writer) piece(kind PieceKind, r io.Reader) error {
	if len(w.segments) >= MaxSegments {
		return fmt.Errorf("%w: more than %d pieces", ErrTooLarge, MaxSegments)
	}
	if kind == OutputPiece {
		w.output.Reset()
		n, err := io.CopyN(&w.output, r, heldOutput+1)
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			return err
		case n == 0:
			return nil
		case n >= smallOutput:
			info, err := w.put(w.output.Bytes(), r)
			if err != nil {
				return err
			}
			w.note(info)
			w.segments = append(w.segments, pendingSegment{kind: kind, blob: info.Digest, length: info.Size})
			return nil
		}
		r = &w.output
	}
	into := &w.sources
	if kind == OutputPiece {
		into = &w.outputs
	}
	if *into == nil {
		*into = &collecting{writer: w}
	}
	n, err := io.Copy(*into, r)
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
	inLayout := map[*collecting]bool{}
	if failure == nil {
		packed, err := w.pack(inLayout)
		w.out.layout.Held = packed
		errs = append(errs, err)
	}
	for _, c := range []*collecting{w.sources, w.outputs} {
		if c == nil || inLayout[c] {
			continue
		}
		if err := c.end(failure); err != nil {
			errs = append(errs, err)
		} else {
			w.note(c.info)
		}
	}
	if err := errors.Join(errs...); err != nil || failure != nil {
		return err
	}
	index := map[any]int{}
	const heldPlace = -1
	for _, s := range w.segments {
		if inLayout[s.into] {
			w.out.layout.Segments = append(w.out.layout.Segments, Segment{s.kind, heldPlace, s.length})
			continue
		}
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
	for i := range w.out.layout.Segments {
		if s := &w.out.layout.Segments[i]; s.Blob == heldPlace {
			s.Blob = len(w.out.layout.Blobs)
		}
	}
	return nil
}

// pack gives what stands in the layout, and notes what that is: sources where there are few enough, and small outputs too
// where there is room for all of them.
func (w *writer) pack(inLayout map[*collecting]bool) ([]byte, error) {
	size := 0
	for _, c := range []*collecting{w.sources, w.outputs} {
		if c != nil && c.w == nil && size+c.held.Len() <= w.held {
			size += c.held.Len()
			inLayout[c] = true
		} else if c == w.sources {
			break
		}
	}
	if size == 0 {
		clear(inLayout)
		return nil, nil
	}
	plain := make([]byte, 0, size)
	at := map[*collecting]int64{}
	for _, s := range w.segments {
		if inLayout[s.into] {
			plain = append(plain, s.into.held.Bytes()[at[s.into]:at[s.into]+s.length]...)
			at[s.into] += s.length
		}
	}
	return packHeld(plain)
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
