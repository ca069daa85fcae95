package content

import (
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// maxHeld is the most content that is kept with its revision instead of in a blob: making a file and syncing it twice
// costs a save of some kilobytes more than everything else does.
const maxHeld = 16 << 10

// heldCodec compresses held content. Frames carry a checksum, which unpacking checks.
var heldCodec = sync.OnceValues(func() (heldCoders, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderCRC(true), zstd.WithWindowSize(maxHeld))
	if err != nil {
		return heldCoders{}, err
	}
	dec, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxHeld), zstd.WithDecoderMaxWindow(maxHeld), zstd.WithDecoderLowmem(true))
	return heldCoders{enc, dec}, err
})

// heldCoders are safe for concurrent use.
type heldCoders struct {
	enc *zstd.Encoder
	dec *zstd.Decoder
}

// packHeld compresses at most maxHeld bytes.
func packHeld(plain []byte) ([]byte, error) {
	c, err := heldCodec()
	if err != nil {
		return nil, fmt.Errorf("content: zstd: %w", err)
	}
	return c.enc.EncodeAll(plain, make([]byte, 0, len(plain)/2+64)), nil
}

// heldIsWhole reports whether held content, where there is any, can be read and is as long as the layout says.
func (l Layout) heldIsWhole() bool {
	var want int64
	for _, s := range l.Segments {
		if s.Blob == len(l.Blobs) {
			want += s.Length
		}
	}
	if l.Held == nil {
		return want == 0
	}
	plain, err := unpackHeld(l.Held)
	return err == nil && int64(len(plain)) == want
}

// unpackHeld gives what packHeld was given. Damage wraps ErrCorrupt.
func unpackHeld(packed []byte) ([]byte, error) {
	c, err := heldCodec()
	if err != nil {
		return nil, fmt.Errorf("content: zstd: %w", err)
	}
	plain, err := c.dec.DecodeAll(packed, nil)
	if err != nil {
		return nil, fmt.Errorf("held content: %w: %v", ErrCorrupt, err)
	}
	return plain, nil
}
