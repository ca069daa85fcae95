package render

import (
	"context"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"testing"

	"sextant/content/notebook"
)

// BenchmarkFile renders the notebook that SEXTANT_BENCH_NOTEBOOK names, reading included. scripts/bench/measure_render.py
// runs it beside nbconvert.
func BenchmarkFile(b *testing.B) {
	file := os.Getenv("SEXTANT_BENCH_NOTEBOOK")
	if file == "" {
		b.Skip("SEXTANT_BENCH_NOTEBOOK names no notebook")
	}
	content, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	r := New(Config{Cache: none{}})
	defer r.Close()
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Page(context.Background(), io.Discard, Document{Name: "n.ipynb", Content: content}, PageOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

// none is a cache that keeps nothing: what is measured is the work.
type none struct{}

func (none) Get(string) ([]byte, bool) { return nil, false }
func (none) Put(string, []byte)        {}

// BenchmarkMemory says how much larger the heap ever was than before, in bytes for each byte of the notebook. The
// collector runs as in the server.
func BenchmarkMemory(b *testing.B) {
	file := os.Getenv("SEXTANT_BENCH_NOTEBOOK")
	if file == "" {
		b.Skip("SEXTANT_BENCH_NOTEBOOK names no notebook")
	}
	r := New(Config{Cache: none{}})
	defer r.Close()
	for b.Loop() {
		debug.FreeOSMemory()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		content, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		size := len(content)
		nb, _, err := notebook.Read(content)
		if err != nil {
			b.Fatal(err)
		}
		content = nil
		if _, err := r.Notebook(context.Background(), io.Discard, nb, Options{}); err != nil {
			b.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapSys-after.HeapReleased-(before.HeapSys-before.HeapReleased))/float64(size), "memory/byte")
	}
}
