package notebook

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// largeNotebook makes a file of about size bytes: images in base64, charts as JSON, tables in HTML and small cells, in
// about equal shares.
func largeNotebook(t rapid.TB, size int) []byte {
	nb := New()
	image := StringValue(strings.Repeat("iVBORw0KGgoAAAANSUhEUgAAAAUA", size/4/28))
	var chart, table strings.Builder
	chart.WriteString(`{"data":{"values":[`)
	for i := 0; chart.Len() < size/12; i++ {
		if i > 0 {
			chart.WriteByte(',')
		}
		fmt.Fprintf(&chart, `{"x":%d,"y":%d.25,"name":"point é %d"}`, i, i*7, i)
	}
	chart.WriteString(`]},"mark":"bar"}`)
	for i := 0; table.Len() < size/4; i++ {
		fmt.Fprintf(&table, "<tr>\n  <td class=\"n\">%d</td>\n</tr>\n", i)
	}
	vega, err := ParseValue([]byte(chart.String()))
	if err != nil {
		t.Fatal(err)
	}
	for i, data := range []Object{{"image/png": image}, {"application/vnd.vegalite.v5+json": vega},
		{"text/html": StringValue(table.String())}} {
		nb.Cells = append(nb.Cells, Cell{ID: fmt.Sprint("large", i), Type: Code, Source: "x", Metadata: Object{},
			Outputs: []Output{NewDisplayData(data, Object{})}})
	}
	for i := range size / 4 / 400 {
		nb.Cells = append(nb.Cells, Cell{ID: fmt.Sprint("small", i), Type: Code, Source: "select *\nfrom t\nwhere i = 1\n",
			Metadata: Object{"tags": `["a"]`}, Outputs: []Output{NewStream("stdout", "one\ntwo\n")}})
	}
	return written(t, nb)
}

func BenchmarkRead(b *testing.B) {
	for _, size := range []int{10 << 10, 1 << 20, 20 << 20} {
		data := largeNotebook(b, size)
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				mustRead(b, data)
			}
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	for _, size := range []int{10 << 10, 1 << 20, 20 << 20} {
		data := largeNotebook(b, size)
		nb := mustRead(b, data)
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if err := Write(io.Discard, nb); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSplit(b *testing.B) {
	data := largeNotebook(b, 20<<20)
	nb := mustRead(b, data)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Split(nb); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkJoin(b *testing.B) {
	data := largeNotebook(b, 20<<20)
	parts, err := Split(mustRead(b, data))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if err := WriteJoined(io.Discard, parts.Source, func(n int) (Value, error) { return parts.Values[n], nil }); err != nil {
			b.Fatal(err)
		}
	}
}

// TestMemory holds reading to what it promises: about the size of the notebook, and no trees.
func TestMemory(t *testing.T) {
	const size = 20 << 20
	data := largeNotebook(t, size)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	nb := mustRead(t, data)
	runtime.ReadMemStats(&after)
	allocated := after.TotalAlloc - before.TotalAlloc
	runtime.GC()
	runtime.ReadMemStats(&after)
	kept := after.HeapAlloc - min(before.HeapAlloc, after.HeapAlloc)
	t.Logf("%d MB: %d MB allocated, %d MB kept", len(data)>>20, allocated>>20, kept>>20)
	if allocated > 4*size || kept > size*3/2 {
		t.Errorf("reading %d bytes allocated %d and kept %d", len(data), allocated, kept)
	}
	runtime.ReadMemStats(&before)
	if err := Write(io.Discard, nb); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > size {
		t.Errorf("writing %d bytes allocated %d", len(data), n)
	}
	var out bytes.Buffer
	if err := Write(&out, nb); err != nil || !bytes.Equal(out.Bytes(), data) {
		t.Errorf("written anew it differs (%v)", err)
	}
}
