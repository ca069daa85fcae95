package resultfile

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
)

// properties choose encodings from the first row group. A dictionary is worth its hashing only for strings that
// repeat; numbers are left to zstd, which is faster here than hashing them.
func (l *layout) properties(first []arrow.RecordBatch, opts Options) *parquet.WriterProperties {
	props := []parquet.WriterProperty{
		parquet.WithVersion(parquet.V2_LATEST),
		parquet.WithCompression(compress.Codecs.Zstd),
		parquet.WithCompressionLevel(opts.Level),
		parquet.WithDictionaryDefault(false),
		parquet.WithDataPageSize(256 << 10),
		parquet.WithBatchSize(8192),
		parquet.WithStoreDecimalAsInteger(true),
		parquet.WithMaxRowGroupLength(int64(opts.RowGroupRows) + 1),
		parquet.WithCreatedBy("sextant"),
	}
	for i, f := range l.forms {
		if f.stored.ID() != arrow.STRING || f.kind != asIs && f.kind != asText {
			continue
		}
		path := parquet.ColumnPath{l.stored.Field(i).Name}
		// Comparing all strings takes as long as copying them, and their least and greatest rarely tell row groups apart.
		props = append(props, parquet.WithStatsPath(path, false))
		if repeats(first, i, f) {
			l.repeats[i] = true
			props = append(props, parquet.WithDictionaryPath(path, true))
		}
	}
	return parquet.NewWriterProperties(props...)
}

// repeats samples a string column: are at most half of its values distinct?
func repeats(group []arrow.RecordBatch, i int, f *form) bool {
	const perBatch, atMost = 256, 4096
	seen := map[string]struct{}{}
	n := 0
	for _, b := range group {
		if f.kind == asText {
			return b.Column(i).DataType().ID() == arrow.DICTIONARY // an ENUM repeats by nature
		}
		col, ok := b.Column(i).(*array.String)
		if !ok {
			return false
		}
		for r := 0; r < min(col.Len(), perBatch) && n < atMost; r++ {
			seen[col.Value(r)] = struct{}{}
			n++
		}
	}
	return n > 0 && 2*len(seen) <= n
}
