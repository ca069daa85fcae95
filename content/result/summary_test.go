package result

import (
	"math"
	"testing"
)

func TestBins(t *testing.T) {
	for _, c := range []struct {
		least, most float64
		whole       bool
		want        Bins
		last        string
	}{
		{0, 10, true, Bins{0, 1, 11, false}, "11"},
		{-1000, 1000, false, Bins{-1000, 100, 20, true}, "1000"},
		{0, 1, false, Bins{0, .05, 20, true}, "1"},
		{0.1, 0.7, false, Bins{}, ""},
		{3, 3, true, Bins{3, 1, 1, true}, "4"},
		{0, 999_999, true, Bins{0, 50_000, 20, false}, "1000000"},
		{1, 7_000_000_000, true, Bins{0, 250_000_000, 29, false}, "7250000000"},
		{-1e308, 1e308, false, Bins{}, ""},
	} {
		got := BinsOf(c.least, c.most, c.whole)
		if c.last != "" && (got != c.want || got.Text(got.N) != c.last) {
			t.Errorf("%v to %v: %+v to %s", c.least, c.most, got, got.Text(got.N))
		}
		if got.N < 1 || got.N > 30 || got.Bound(0) > c.least || got.N > 1 && got.Bound(got.N) < c.most || !got.Closed && got.Bound(got.N) <= c.most {
			t.Errorf("%v to %v do not fit %+v", c.least, c.most, got)
		}
	}
}

func FuzzBins(f *testing.F) {
	f.Add(0.1, 0.7, false)
	f.Add(-5.0, 1e18, true)
	f.Fuzz(func(t *testing.T, least, most float64, whole bool) {
		if math.IsNaN(least) || math.IsInf(least, 0) || math.IsNaN(most) || math.IsInf(most, 0) || most < least {
			return
		}
		if b := BinsOf(least, most, whole); b.N < 1 || b.N > 30 || !(b.Step > 0) {
			t.Errorf("%v to %v: %+v", least, most, b)
		}
	})
}

func TestPartFor(t *testing.T) {
	for _, c := range []struct {
		least, most string
		want        Part
		ok          bool
	}{
		{"2024-01-01 00:00:00", "2024-01-01 23:59:59.5", Hour, true}, {"2024-01-01", "2024-01-02", Day, true}, {"2024-01-01", "2024-06-01", Week, true},
		{"2020-01-01", "2023-06-01", Month, true}, {"2000-01-01", "2009-01-01", Quarter, true}, {"1800-01-01", "2020-01-01", Year, true},
		{"2024-01-01 00:00:00+00", "2024-02-01 00:00:00+00", Day, true}, {"-infinity", "2020-01-01", Whole, false}, {"0044-03-15 (BC)", "x", Whole, false},
	} {
		if got, ok := PartFor(c.least, c.most); got != c.want || ok != c.ok {
			t.Errorf("%s to %s: %q %v", c.least, c.most, got, ok)
		}
	}
}

func TestScaleOf(t *testing.T) {
	for kind, want := range map[string]Scale{"BIGINT": Numeric, "DECIMAL(18,3)": Numeric, "DOUBLE": Numeric, "DATE": Temporal, "TIMESTAMP WITH TIME ZONE": Temporal, "VARCHAR": Nominal, "INTEGER[]": Nominal, "DECIMAL(18,3)[]": Nominal, "TIME": Nominal, "": Nominal} {
		if got := ScaleOf(kind); got != want {
			t.Errorf("%s: %d", kind, got)
		}
	}
}
