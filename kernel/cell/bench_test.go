package cell

import (
	"context"
	"testing"

	"sextant/kernel"
	"sextant/kernel/engine/duckdb"
)

// nowhere is an output that nobody reads.
type nowhere struct{ bytes int }

func (n *nowhere) Stream(string, string)             {}
func (n *nowhere) Display(b kernel.Bundle, _ string) { n.Result(b) }
func (n *nowhere) Update(kernel.Bundle, string)      {}
func (n *nowhere) Result(b kernel.Bundle) {
	for _, v := range b.Texts {
		n.bytes += len(v)
	}
	for _, v := range b.Data {
		n.bytes += len(v)
	}
}
func (n *nowhere) Clear(bool)         {}
func (n *nowhere) Page(kernel.Bundle) {}
func (n *nowhere) Input(context.Context, string, bool) (string, error) {
	return "", kernel.ErrNoStdin
}

func benchmark(b *testing.B, code string) {
	db, err := duckdb.Open(b.Context(), duckdb.Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	s, err := New(b.Context(), db, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Run(b.Context(), kernel.Cell{Code: code}, &nowhere{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSelect1(b *testing.B) { benchmark(b, "SELECT 1") }
func BenchmarkThousandRows(b *testing.B) {
	benchmark(b, "SELECT i, i * 1.5 AS x, 'name ' || i AS s FROM range(1000) r(i)")
}
func BenchmarkTenMegabytes(b *testing.B) { benchmark(b, "SELECT repeat('x', 10000000)") }
