package resultfile

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
)

// dictionaryBytes bounds the words of a dictionary, as the Parquet library does.
const dictionaryBytes = 1 << 20

// dictionaryType is what dictionary makes of strings.
var dictionaryType = &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}

// dictionary numbers the distinct strings of a column, or gives nil where they are too many or too long to be worth it.
// The library would do the same, but allocates memory for each value it looks up. The caller releases what it gets.
func dictionary(col *arrow.Chunked) *arrow.Chunked {
	numbers := map[string]int32{}
	words := array.NewStringBuilder(memory.DefaultAllocator)
	defer words.Release()
	indices := array.NewInt32Builder(memory.DefaultAllocator)
	defer indices.Release()
	indices.Reserve(col.Len())
	bytes := 0
	for _, chunk := range col.Chunks() {
		values, ok := chunk.(*array.String)
		if !ok {
			return nil
		}
		for i := range values.Len() {
			if values.IsNull(i) {
				indices.UnsafeAppendBoolToBitmap(false)
				continue
			}
			v := values.Value(i)
			number, ok := numbers[v]
			if !ok {
				if bytes += len(v); bytes > dictionaryBytes {
					return nil
				}
				number = int32(len(numbers))
				numbers[v] = number // the batches outlive the map
				words.Append(v)
			}
			indices.UnsafeAppend(number)
		}
	}
	places, distinct := indices.NewArray(), words.NewArray()
	defer places.Release()
	defer distinct.Release()
	arr := array.NewDictionaryArray(dictionaryType, places, distinct)
	defer arr.Release()
	return arrow.NewChunked(dictionaryType, []arrow.Array{arr})
}
