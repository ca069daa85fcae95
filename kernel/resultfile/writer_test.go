package resultfile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"sextant/kernel/engine"
)

var (
	numberSchema = arrow.NewSchema([]arrow.Field{{Name: "n", Type: arrow.PrimitiveTypes.Int64}, {Name: "s", Type: arrow.BinaryTypes.String}}, nil)
	numberCols   = []engine.Column{{Name: "n", Type: "BIGINT"}, {Name: "s", Type: "VARCHAR"}}
)

// numbers is a batch of the rows from to to; a string of the given length stands beside each.
func numbers(from, to, width int) arrow.RecordBatch {
	b := array.NewRecordBuilder(memory.DefaultAllocator, numberSchema)
	defer b.Release()
	for i := from; i < to; i++ {
		b.Field(0).(*array.Int64Builder).Append(int64(i))
		b.Field(1).(*array.StringBuilder).Append(fmt.Sprint(i) + strings.Repeat("x", width))
	}
	return b.NewRecordBatch()
}

func create(t testing.TB, opts Options) (*Writer, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "r.parquet")
	w, err := Create(path, numberSchema, numberCols, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Abort)
	return w, path
}

// read gives the numbers that rows offset to offset+limit hold.
func read(t interface{ Fatal(...any) }, r *Reader, offset, limit int64) []int64 {
	batches, err := r.ReadRange(context.Background(), offset, limit)
	if err != nil {
		t.Fatal(err)
	}
	defer releaseAll(batches)
	var out []int64
	for _, b := range batches {
		out = append(out, b.Column(0).(*array.Int64).Int64Values()...)
	}
	return out
}

// onlyFile fails unless the folder holds this file alone, or nothing where name is empty.
func onlyFile(t *testing.T, folder, name string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != name {
			t.Errorf("%s was left behind", e.Name())
		}
	}
	if name != "" && len(entries) != 1 {
		t.Errorf("%d files in the folder", len(entries))
	}
}

func TestFileAppearsAtClose(t *testing.T) {
	w, path := create(t, Options{RowGroupRows: 10})
	for i := range 5 {
		b := numbers(i*7, i*7+7, 0)
		if full, err := w.Write(b); full || err != nil {
			t.Fatal(full, err)
		}
		b.Release()
		if _, err := os.Stat(path); err == nil {
			t.Fatal("the file is there before Close")
		}
	}
	info, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	onlyFile(t, filepath.Dir(path), "r.parquet")
	stat, _ := os.Stat(path)
	if info.Rows != 35 || !info.Complete || info.Bytes != stat.Size() || info.Path != path {
		t.Errorf("%+v, %d bytes", info, stat.Size())
	}
	if _, err := w.Write(numbers(0, 1, 0)); !errors.Is(err, ErrClosed) {
		t.Errorf("Write after Close: %v", err)
	}
	w.Abort()
	onlyFile(t, filepath.Dir(path), "r.parquet")
}

func TestCutFileSaysSo(t *testing.T) {
	for _, c := range []struct {
		name     string
		opts     Options
		batches  int // of 10 rows
		mark     bool
		rows     int64
		complete bool
	}{
		{"within the limit", Options{MaxRows: 30}, 2, false, 20, true},
		{"exactly the limit", Options{MaxRows: 30}, 3, false, 30, true},
		{"one batch too many", Options{MaxRows: 30}, 4, false, 30, false},
		{"within a batch", Options{MaxRows: 25}, 3, false, 25, false},
		{"interrupted", Options{}, 3, true, 30, false},
		{"nothing", Options{}, 0, false, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, path := create(t, c.opts)
			for i := range c.batches {
				b := numbers(i*10, i*10+10, 0)
				full, err := w.Write(b)
				b.Release()
				if err != nil {
					t.Fatal(err)
				}
				if want := c.opts.MaxRows > 0 && int64(i*10+10) >= c.opts.MaxRows; full != want {
					t.Errorf("batch %d: full %v, want %v", i, full, want)
				}
			}
			if c.mark {
				w.MarkIncomplete()
			}
			info, err := w.Close()
			if err != nil {
				t.Fatal(err)
			}
			r, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			for _, i := range []Info{info, r.Info()} {
				if i.Rows != c.rows || i.Complete != c.complete || i.Bytes != info.Bytes || len(i.Columns) != 2 || i.Columns[0] != (Column{"n", "BIGINT", "n", "plain"}) {
					t.Errorf("%+v", i)
				}
			}
			if got := read(t, r, 0, 1000); int64(len(got)) != c.rows {
				t.Errorf("%d rows read", len(got))
			}
		})
	}
}

func TestMaxBytesEndsTheFile(t *testing.T) {
	w, path := create(t, Options{MaxBytes: 50_000, RowGroupRows: 1000, Workers: 1})
	full, taken := false, 0 // the last batch may be refused: encoding goes on between the calls
	for i := 0; !full && i < 1000; i++ {
		b := numbers(i*1000, i*1000+1000, 0)
		var err error
		if full, err = w.Write(b); err != nil {
			t.Fatal(err)
		}
		b.Release()
		taken += 1000
	}
	info, err := w.Close()
	if err != nil || !full {
		t.Fatal(full, err)
	}
	if info.Bytes > 75_000 || info.Bytes < 50_000 || info.Rows < int64(taken)-1000 || info.Rows > int64(taken) {
		t.Errorf("%+v after %d rows", info, taken)
	}
	onlyFile(t, filepath.Dir(path), "r.parquet")
}

func TestAbortLeavesNothing(t *testing.T) {
	w, path := create(t, Options{RowGroupRows: 10})
	for i := range 20 {
		b := numbers(i*10, i*10+15, 0)
		w.Write(b)
		b.Release()
	}
	w.Abort()
	w.Abort()
	onlyFile(t, filepath.Dir(path), "")
	if _, err := w.Close(); !errors.Is(err, ErrClosed) {
		t.Errorf("Close after Abort: %v", err)
	}
}

// fullDisk takes so many bytes.
type fullDisk struct{ room int }

var errDiskFull = errors.New("no space left on device")

func (d *fullDisk) Write(p []byte) (int, error) {
	if len(p) > d.room {
		n := d.room
		d.room = 0
		return n, errDiskFull
	}
	d.room -= len(p)
	return len(p), nil
}

func TestFullDiskIsAnErrorAndLeavesNothing(t *testing.T) {
	for _, room := range []int{0, 3, 100, 20_000, 40_000} {
		w, path := create(t, Options{RowGroupRows: 1000, Workers: 3})
		w.out = &fullDisk{room}
		var err error
		for i := 0; i < 30 && err == nil; i++ {
			b := numbers(i*1000, i*1000+1000, 0)
			_, err = w.Write(b)
			b.Release()
		}
		if err == nil {
			_, err = w.Close()
		}
		w.Abort()
		if !errors.Is(err, errDiskFull) || !strings.HasPrefix(err.Error(), "store result: ") {
			t.Errorf("room %d: %v", room, err)
		}
		onlyFile(t, filepath.Dir(path), "")
	}
}

func TestFolderThatIsNotThere(t *testing.T) {
	_, err := Create(filepath.Join(t.TempDir(), "no", "r.parquet"), numberSchema, numberCols, Options{})
	if !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), "store result: ") {
		t.Error(err)
	}
}

func TestReadRange(t *testing.T) {
	const rows = 1000
	w, path := create(t, Options{RowGroupRows: 97})
	for i := 0; i < rows; i += 41 {
		b := numbers(i, min(i+41, rows), 0)
		w.Write(b)
		b.Release()
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	rapid.Check(t, func(t *rapid.T) {
		offset, limit := rapid.Int64Range(0, rows+50).Draw(t, "offset"), rapid.Int64Range(0, rows+50).Draw(t, "limit")
		got := read(t, r, offset, limit)
		if want := max(min(limit, rows-offset), 0); int64(len(got)) != want {
			t.Fatalf("%d rows, want %d", len(got), want)
		}
		for i, n := range got {
			if n != offset+int64(i) {
				t.Fatalf("row %d is %d", offset+int64(i), n)
			}
		}
	})
	if _, err := r.ReadRange(context.Background(), -1, 1); err == nil {
		t.Error("a negative offset is read")
	}
	if got := read(t, r, 990, 1<<62); len(got) != 10 {
		t.Errorf("%d rows", len(got))
	}
}

// Wide rows must not add up: 400 MB of strings go through in row groups of 4 MB.
func TestMemoryIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("writes 400 MB")
	}
	w, path := create(t, Options{RowGroupBytes: 4 << 20, Workers: 2})
	var peak uint64
	for i := range 200 {
		b := numbers(i*20, i*20+20, 100_000)
		if _, err := w.Write(b); err != nil {
			t.Fatal(err)
		}
		b.Release()
		if i%20 == 0 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		}
	}
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if peak > 90<<20 {
		t.Errorf("%d MB at the peak", peak>>20)
	}
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if got := read(t, r, 3999, 1); len(got) != 1 || got[0] != 3999 {
		t.Errorf("the last row is %v", got)
	}
}

// A file that is not ours, or is damaged, gives an error.
func TestOpenForeignFiles(t *testing.T) {
	w, path := create(t, Options{})
	b := numbers(0, 100, 10)
	w.Write(b)
	b.Release()
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	try := func(content []byte) error {
		other := filepath.Join(t.TempDir(), "x.parquet")
		if err := os.WriteFile(other, content, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := Open(other)
		if err != nil {
			return err
		}
		defer r.Close()
		batches, err := r.ReadRange(context.Background(), 0, 100)
		releaseAll(batches)
		return err
	}
	for _, content := range [][]byte{nil, []byte("PAR1"), []byte("PAR1PAR1PAR1"), whole[:len(whole)/2], whole[1:]} {
		if try(content) == nil {
			t.Errorf("%d bytes were opened", len(content))
		}
	}
	for i := 0; i < len(whole); i += 7 { // no damage may do worse than an error
		damaged := append([]byte(nil), whole...)
		damaged[i] ^= 0x55
		try(damaged)
	}
}

func BenchmarkWriter(b *testing.B) {
	batch := numbers(0, 2048, 10)
	defer batch.Release()
	b.SetBytes(2048 * 500)
	b.ReportAllocs()
	for b.Loop() {
		w, err := Create(filepath.Join(b.TempDir(), "r.parquet"), numberSchema, numberCols, Options{})
		if err != nil {
			b.Fatal(err)
		}
		for range 500 {
			w.Write(batch)
		}
		if _, err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
