package resultfile

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow-go/v18/parquet/compress"
)

// TestPagesAreCompressedFrugally checks that the library took our codec, and that the pages it makes are the library's own.
func TestPagesAreCompressedFrugally(t *testing.T) {
	codec, err := compress.GetCodec(compress.Codecs.Zstd)
	if err != nil {
		t.Fatal(err)
	}
	ours, ok := codec.(*frugalZstd)
	if !ok {
		t.Fatalf("the library compresses with %T", codec)
	}
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 3*window)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	for _, level := range []int{1, 3, 7, 19} {
		for _, page := range [][]byte{nil, []byte("a"), bytes.Repeat([]byte("row "), 100_000), noise, bytes.Repeat(noise[:100_000], 30)} {
			packed := ours.EncodeLevel(nil, page, level)
			got, err := compress.Decode(ours.zstdCodec, make([]byte, len(page)), packed)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, page) {
				t.Errorf("level %d: a page of %d bytes came back as %d bytes", level, len(page), len(got))
			}
		}
	}
}
