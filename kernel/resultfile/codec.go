package resultfile

import (
	"sync"

	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/klauspost/compress/zstd"
)

// window is how far back zstd looks for matches: a few pages.
const window = 1 << 20

// frugalZstd is the Parquet library's zstd but for its encoders, each of which keeps 8 MB to look back in, where pages
// have a quarter of a megabyte. One is in use per worker, and as many again wait in its pool.
type frugalZstd struct {
	zstdCodec
	pools [zstd.SpeedBestCompression + 1]sync.Pool // of *zstd.Encoder, by level
}

// zstdCodec is what the library asks of its codec; reading stays its own.
type zstdCodec interface {
	compress.ErrorCodec
	compress.StreamingCodec
}

// The library takes its codecs from a register that is the program's, written to only before main.
func init() {
	if theirs, err := compress.GetCodec(compress.Codecs.Zstd); err == nil {
		if theirs, ok := theirs.(zstdCodec); ok {
			compress.RegisterCodec(compress.Codecs.Zstd, &frugalZstd{zstdCodec: theirs})
		}
	}
}

// EncodeLevel compresses one page.
func (c *frugalZstd) EncodeLevel(dst, src []byte, level int) []byte {
	speed := zstd.EncoderLevelFromZstd(level)
	pool := &c.pools[speed]
	enc, _ := pool.Get().(*zstd.Encoder)
	if enc == nil {
		var err error
		enc, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(speed), zstd.WithEncoderConcurrency(1), zstd.WithZeroFrames(true),
			zstd.WithAllLitEntropyCompression(true), zstd.WithWindowSize(window), zstd.WithLowerEncoderMem(true), zstd.WithEncoderCRC(false))
		if err != nil { // fixed options
			panic(err)
		}
	}
	defer pool.Put(enc)
	return enc.EncodeAll(src, dst[:0])
}
