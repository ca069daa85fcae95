package environment

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration is a time span, written as Go does: "90s", "30m", "12h", and "7d" for days.
type Duration time.Duration

// UnmarshalText reads a duration.
func (d *Duration) UnmarshalText(text []byte) error {
	s := string(text)
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseFloat(days, 64)
		if err != nil || n < 0 || n > 10_000 || math.IsNaN(n) {
			return fmt.Errorf("%.40q is no time span: want as in \"90s\", \"30m\", \"12h\" or \"7d\"", s)
		}
		*d = Duration(n * float64(24*time.Hour))
		return nil
	}
	v, err := time.ParseDuration(s)
	if err != nil || v < 0 {
		return fmt.Errorf("%.40q is no time span: want as in \"90s\", \"30m\", \"12h\" or \"7d\"", s)
	}
	*d = Duration(v)
	return nil
}

// Size is a number of bytes, written as "500MB" or "2GiB".
type Size int64

var units = []struct {
	name  string
	bytes float64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1}}

// UnmarshalText reads a size.
func (z *Size) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	for _, u := range units {
		number, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || !(n >= 0) || n*u.bytes > 1<<50 {
			break
		}
		*z = Size(n * u.bytes)
		return nil
	}
	return fmt.Errorf("%.40q is no size: want as in \"500MB\" or \"2GiB\"", s)
}

// String is the size in bytes, as DuckDB takes it too.
func (z Size) String() string { return strconv.FormatInt(int64(z), 10) + "B" }
