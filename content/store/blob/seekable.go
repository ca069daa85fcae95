package blob

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"

	"sextant/content"
)

// The numbers of the seekable format's specification, version 0.1.1.
const (
	skippableMagic = 0x184D2A5E
	seekableMagic  = 0x8F92EAB1
	footerSize     = 9
	entrySize      = 8
	// frameContent is how much content a frame holds: what a read or write keeps in memory, twice. maxFrame is the most
	// that a reader takes.
	frameContent = 256 << 10
	maxFrame     = 1 << 20
	// maxFrames bounds the seek table that a reader allocates: 1 TiB of content.
	maxFrames = 1 << 22
)

// frameBuffers are a frame's content and its stored form, used again and again; before is of the frame before, where two are held.
type frameBuffers struct{ plain, packed, before []byte }

var framePool = sync.Pool{New: func() any { return new(frameBuffers) }}

// codec compresses and decompresses frames. Both halves are safe for concurrent use.
type codec struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

func newCodec() (*codec, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(true),
		zstd.WithWindowSize(frameContent))
	if err != nil {
		return nil, fmt.Errorf("blob: zstd: %w", err)
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(2*maxFrame), zstd.WithDecoderMaxWindow(2*maxFrame))
	if err != nil {
		return nil, fmt.Errorf("blob: zstd: %w", err)
	}
	return &codec{enc, dec}, nil
}

// encode writes r to w in the seekable format and gives the content's digest and size and the bytes written. It holds
// one frame at a time.
func (c *codec) encode(w io.Writer, r io.Reader) (d content.Digest, size, stored int64, err error) {
	hash := sha256.New()
	var table []byte
	b := framePool.Get().(*frameBuffers)
	defer framePool.Put(b)
	if cap(b.plain) == 0 {
		// What comes decides how much to allocate: most content is far smaller than a frame.
		b.plain = make([]byte, 0, 32<<10)
	}
	for ended := false; !ended; {
		b.plain, ended, err = fill(r, b.plain[:0])
		if err != nil {
			return d, 0, 0, err
		}
		if len(b.plain) == 0 {
			break
		}
		hash.Write(b.plain)
		b.packed = c.enc.EncodeAll(b.plain, b.packed[:0])
		if _, err := w.Write(b.packed); err != nil {
			return d, 0, 0, err
		}
		table = binary.LittleEndian.AppendUint32(table, uint32(len(b.packed)))
		table = binary.LittleEndian.AppendUint32(table, uint32(len(b.plain)))
		size += int64(len(b.plain))
		stored += int64(len(b.packed))
		if len(table)/entrySize >= maxFrames {
			return d, 0, 0, fmt.Errorf("blob: %w: more than %d frames", content.ErrTooLarge, maxFrames)
		}
	}
	tail := binary.LittleEndian.AppendUint32(nil, skippableMagic)
	tail = binary.LittleEndian.AppendUint32(tail, uint32(len(table)+footerSize))
	tail = append(tail, table...)
	tail = binary.LittleEndian.AppendUint32(tail, uint32(len(table)/entrySize))
	tail = append(tail, 0) // descriptor: no checksums of its own, each frame carries one
	tail = binary.LittleEndian.AppendUint32(tail, seekableMagic)
	if _, err := w.Write(tail); err != nil {
		return d, 0, 0, err
	}
	hash.Sum(d[:0])
	return d, size, stored + int64(len(tail)), nil
}

// fill reads up to one frame of content into buf, growing it as needed.
func fill(r io.Reader, buf []byte) (out []byte, ended bool, err error) {
	for len(buf) < frameContent {
		if len(buf) == cap(buf) {
			grown := make([]byte, len(buf), min(frameContent, 4*cap(buf)))
			copy(grown, buf)
			buf = grown
		}
		n, err := r.Read(buf[len(buf):min(cap(buf), frameContent)])
		buf = buf[:len(buf)+n]
		if errors.Is(err, io.EOF) {
			return buf, true, nil
		}
		if err != nil {
			return buf, false, err
		}
	}
	return buf, false, nil
}

// frame is the place of one frame in the stored bytes and in the content.
type frame struct {
	at, plainAt       int64
	length, plainSize int
}

// tableSize tells from a footer how many bytes at the end of the stored bytes hold the seek table, footer included.
func tableSize(footer []byte) (int64, error) {
	if len(footer) != footerSize || binary.LittleEndian.Uint32(footer[5:]) != seekableMagic || footer[4] != 0 {
		return 0, errors.New("no seek table")
	}
	n := binary.LittleEndian.Uint32(footer)
	if n > maxFrames {
		return 0, errors.New("seek table too long")
	}
	return 8 + int64(n)*entrySize + footerSize, nil
}

// parseTable reads a seek table that ends stored bytes of the given size.
func parseTable(table []byte, stored int64) ([]frame, error) {
	if len(table) < 8+footerSize || binary.LittleEndian.Uint32(table) != skippableMagic ||
		int(binary.LittleEndian.Uint32(table[4:])) != len(table)-8 {
		return nil, errors.New("broken seek table")
	}
	entries := table[8 : len(table)-footerSize]
	frames := make([]frame, 0, len(entries)/entrySize)
	var at, plainAt int64
	for ; len(entries) > 0; entries = entries[entrySize:] {
		f := frame{at: at, plainAt: plainAt, length: int(binary.LittleEndian.Uint32(entries)),
			plainSize: int(binary.LittleEndian.Uint32(entries[4:]))}
		if f.plainSize == 0 || f.plainSize > maxFrame || f.length == 0 || f.length > 2*maxFrame {
			return nil, errors.New("broken seek table")
		}
		at, plainAt = at+int64(f.length), plainAt+int64(f.plainSize)
		frames = append(frames, f)
	}
	if at+int64(len(table)) != stored {
		return nil, errors.New("seek table does not fit")
	}
	return frames, nil
}

func contentSize(frames []frame) int64 {
	if len(frames) == 0 {
		return 0
	}
	last := frames[len(frames)-1]
	return last.plainAt + int64(last.plainSize)
}
