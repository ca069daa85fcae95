package content

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
)

// PieceKind says what a piece of a document's content is.
type PieceKind byte

// The kinds of piece.
const (
	SourcePiece PieceKind = 0 // what people write
	OutputPiece PieceKind = 1 // what runs leave
)

// Splitter cuts content into pieces that are stored apart, so that what recurs from save to save is stored once. It
// calls piece for each in order; the pieces together are the content, byte for byte. The content without its output
// pieces must be a readable document of its own. A piece must be read before Splitter goes on. Content that it does
// not understand is one source piece.
type Splitter func(content io.Reader, piece func(PieceKind, io.Reader) error) error

// Layout says which stretches of which blobs, in which order, are a revision's content.
type Layout struct {
	Blobs    []Digest
	Segments []Segment
	// Held is content that is small enough to be kept here rather than in a blob of its own, compressed (see packHeld);
	// nil for none.
	Held []byte
}

// Segment is the next Length bytes of a blob. Each blob is used from its start, segment after segment.
type Segment struct {
	Kind   PieceKind
	Blob   int // index into Layout.Blobs; the one after the last is Held
	Length int64
}

// MaxSegments bounds a layout: a notebook of 100,000 cells with outputs.
const MaxSegments = 200_001

// The versions of a layout's stored form: without Held, and with it.
const (
	layoutVersion     = 1
	layoutVersionHeld = 2
)

// Encode gives the layout's stored form.
func (l Layout) Encode() []byte {
	out := []byte{layoutVersion}
	if l.Held != nil {
		out[0] = layoutVersionHeld
	}
	out = binary.AppendUvarint(out, uint64(len(l.Blobs)))
	for _, d := range l.Blobs {
		out = append(out, d[:]...)
	}
	if l.Held != nil {
		out = binary.AppendUvarint(out, uint64(len(l.Held)))
		out = append(out, l.Held...)
	}
	for _, s := range l.Segments {
		out = binary.AppendUvarint(out, uint64(s.Blob)<<1|uint64(s.Kind))
		out = binary.AppendUvarint(out, uint64(s.Length))
	}
	return out
}

// DecodeLayout reads what Encode gives. The error wraps ErrCorrupt.
func DecodeLayout(b []byte) (Layout, error) {
	var l Layout
	broken := fmt.Errorf("layout: %w", ErrCorrupt)
	if len(b) == 0 || b[0] != layoutVersion && b[0] != layoutVersionHeld {
		return l, broken
	}
	held := b[0] == layoutVersionHeld
	b = b[1:]
	next := func() (uint64, bool) {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			return 0, false
		}
		b = b[n:]
		return v, true
	}
	count, ok := next()
	if !ok || count > uint64(len(b)/len(Digest{})) {
		return l, broken
	}
	for range count {
		l.Blobs = append(l.Blobs, Digest(b[:len(Digest{})]))
		b = b[len(Digest{}):]
	}
	if held {
		length, ok := next()
		if !ok || length == 0 || length > uint64(len(b)) {
			return Layout{}, broken
		}
		l.Held, b = slices.Clone(b[:length]), b[length:]
		count++ // a segment may refer to it
	}
	for len(b) > 0 {
		at, ok := next()
		length, ok2 := next()
		if !ok || !ok2 || at>>1 >= count || length > 1<<62 || len(l.Segments) >= MaxSegments {
			return Layout{}, broken
		}
		l.Segments = append(l.Segments, Segment{PieceKind(at & 1), int(at >> 1), int64(length)})
	}
	return l, nil
}

// Size is the content's length; of its source pieces only where sourceOnly is set.
func (l Layout) Size(sourceOnly bool) int64 {
	var n int64
	for _, s := range l.Segments {
		if s.Kind == SourcePiece || !sourceOnly {
			n += s.Length
		}
	}
	return n
}

// heldBlob stands for Layout.Held among digests. Nothing has it as its digest.
var heldBlob Digest

// stretch is part of one blob that is read in one go.
type stretch struct {
	blob           Digest
	offset, length int64
}

// stretches lists what to read for a range of the content.
func (l Layout) stretches(sourceOnly bool, offset, length int64) []stretch {
	var out []stretch
	used := make([]int64, len(l.Blobs)+1)
	for _, s := range l.Segments {
		at := used[s.Blob]
		used[s.Blob] += s.Length
		if sourceOnly && s.Kind != SourcePiece {
			continue
		}
		skip := min(offset, s.Length)
		offset -= skip
		take := min(length, s.Length-skip)
		if take <= 0 {
			continue
		}
		length -= take
		next := stretch{heldBlob, at + skip, take}
		if s.Blob < len(l.Blobs) {
			next.blob = l.Blobs[s.Blob]
		}
		if n := len(out); n > 0 && out[n-1].blob == next.blob && out[n-1].offset+out[n-1].length == next.offset {
			out[n-1].length += take
			continue
		}
		out = append(out, next)
	}
	return out
}

// openLayout reads a range of a layout's content: length bytes from offset, to the end where length is negative. Blobs
// that take turns, as sources and small outputs do, are each kept open and read on.
func openLayout(ctx context.Context, blobs Blobs, l Layout, sourceOnly bool, offset, length int64) (io.ReadCloser, error) {
	size := l.Size(sourceOnly)
	offset = min(max(offset, 0), size)
	if length < 0 || length > size-offset {
		length = size - offset
	}
	r := &layoutReader{ctx: ctx, blobs: blobs, held: l.Held, todo: l.stretches(sourceOnly, offset, length), open: map[Digest]*openBlob{}}
	for _, s := range r.todo {
		if o := r.open[s.blob]; o == nil {
			r.open[s.blob] = &openBlob{at: s.offset, uses: 1}
		} else {
			o.uses++
		}
	}
	// The first blob is opened here, so that what is missing is an error before the first byte is promised.
	if len(r.todo) > 0 {
		if err := r.prepare(); err != nil {
			return nil, errors.Join(err, r.Close())
		}
	}
	return r, nil
}

type layoutReader struct {
	ctx   context.Context
	blobs Blobs
	held  []byte
	todo  []stretch
	open  map[Digest]*openBlob
}

type openBlob struct {
	r    io.ReadCloser // nil before its first use
	at   int64
	uses int
}

// prepare opens the blob of the stretch in hand and brings it to the stretch's place.
func (r *layoutReader) prepare() error {
	s := r.todo[0]
	o := r.open[s.blob]
	if o.r != nil && o.at == s.offset {
		return nil
	}
	if o.r != nil {
		// A stretch was left out, an output in a reading without outputs: opening there is cheaper than reading over.
		if err := o.r.Close(); err != nil {
			return err
		}
		o.r = nil
	}
	if s.blob == heldBlob {
		plain, err := unpackHeld(r.held)
		if err != nil {
			return err
		}
		if s.offset > int64(len(plain)) {
			return fmt.Errorf("held content: %w: shorter than its layout", ErrCorrupt)
		}
		o.r, o.at = io.NopCloser(bytes.NewReader(plain[s.offset:])), s.offset
		return nil
	}
	length := s.length
	if o.uses > 1 || s.offset == 0 {
		length = -1 // and a whole blob is checked as a whole
	}
	opened, err := r.blobs.Open(r.ctx, s.blob, s.offset, length)
	if err != nil {
		return missing(s.blob, err)
	}
	o.r, o.at = opened, s.offset
	return nil
}

// missing turns the absence of a blob that a revision uses into damage: for the reader the document is there.
func missing(d Digest, err error) error {
	if errors.Is(err, ErrNotFound) {
		return fmt.Errorf("blob %s: %w: %w", d, ErrCorrupt, errMissing)
	}
	return err
}

var errMissing = errors.New("it is missing")

func (r *layoutReader) Read(p []byte) (int, error) {
	if len(r.todo) == 0 {
		return 0, io.EOF
	}
	if err := r.prepare(); err != nil {
		return 0, err
	}
	s := &r.todo[0]
	o := r.open[s.blob]
	n, err := o.r.Read(p[:min(int64(len(p)), s.length)])
	o.at += int64(n)
	s.offset, s.length = s.offset+int64(n), s.length-int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, err
	}
	if s.length > 0 {
		if err != nil {
			return n, fmt.Errorf("blob %s: %w: shorter than its layout", s.blob, ErrCorrupt)
		}
		return n, nil
	}
	r.todo = r.todo[1:]
	if o.uses--; o.uses == 0 {
		delete(r.open, s.blob)
		return n, o.r.Close()
	}
	return n, nil
}

// Close closes every blob that is still open.
func (r *layoutReader) Close() error {
	var err error
	for _, o := range r.open {
		if o.r != nil {
			err = errors.Join(err, o.r.Close())
		}
	}
	r.open, r.todo = nil, nil
	return err
}

// newBlobs lists those of l's blobs that base does not use, each once.
func (l Layout) newBlobs(base Layout) []Digest {
	known := make(map[Digest]bool, len(base.Blobs))
	for _, d := range base.Blobs {
		known[d] = true
	}
	var out []Digest
	for _, d := range l.Blobs {
		if !known[d] {
			known[d] = true
			out = append(out, d)
		}
	}
	return slices.Clip(out)
}
