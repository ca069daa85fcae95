package result

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"sextant/content"
)

// MaxBins is how many bars a histogram has at most.
const MaxBins = 50

// Scale is how a column's values lie beside each other.
type Scale int

// The scales.
const (
	Nominal Scale = iota // texts and all else: there are only equal and other values
	Numeric
	Temporal // dates and timestamps
)

// ScaleOf is the scale of a column's type.
func ScaleOf(kind string) Scale {
	switch kind {
	case "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT", "DOUBLE":
		return Numeric
	case "DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE":
		return Temporal
	}
	if strings.HasPrefix(kind, "DECIMAL(") && strings.HasSuffix(kind, ")") { // lists end in brackets
		return Numeric
	}
	return Nominal
}

// SummarySQL gives one row about a column of the query's rows: how many there are, how many are filled, roughly how many
// values differ, the smallest and the largest as text and, of numbers, as numbers, and their mean.
func (q Query) SummarySQL(columns, column int, scale Scale) (string, error) {
	q = q.Rows()
	q.Group = []Group{{Column: column}}
	if err := q.check(columns); err != nil {
		return "", err
	}
	c := Column(column)
	numbers := "NULL, NULL, NULL"
	if scale == Numeric {
		d := "CAST(" + c + " AS DOUBLE)"
		finite := "CASE WHEN isfinite(" + d + ") THEN " + d + " END"
		numbers = "min(" + finite + "), max(" + finite + "), avg(" + finite + ")"
	}
	return "SELECT count(*), count(" + c + "), approx_count_distinct(" + c + "), CAST(min(" + c + ") AS VARCHAR), CAST(max(" + c + ") AS VARCHAR), " + numbers + " FROM " + q.source() + q.where(columns), nil
}

// Bins are the bars of a histogram of numbers: the first begins at From, each is Step wide, a whole multiple of a power of ten.
// Closed tells that the last one has its upper bound in it.
type Bins struct {
	From, Step float64
	N          int
	Closed     bool
}

// BinsOf are bars of numbers between two finite ones, with bounds that are easy to read: of whole numbers they are whole.
func BinsOf(least, most float64, whole bool) Bins {
	span := most - least
	if !(span > 0) || math.IsInf(span, 0) {
		return Bins{least, 1, 1, true}
	}
	step := math.Pow(10, math.Floor(math.Log10(span/20)))
	for _, times := range []float64{1, 2, 2.5, 5, 10, 20, 25, 50} {
		next := step * times
		if whole && next != math.Trunc(next) {
			continue
		}
		from := math.Floor(least/next) * next
		n := int(math.Floor((most-from)/next)) + 1
		closed := !whole && n > 1 && from+float64(n-1)*next >= most
		if closed { // a bar for the largest value alone would look like few
			n--
		}
		if n <= 30 {
			return Bins{from, next, n, closed}
		}
	}
	return Bins{least, span, 1, true}
}

// Bound is where a bar begins, 0 for the first; it is also where the one before ends.
func (b Bins) Bound(n int) float64 {
	at := b.From + float64(n)*b.Step
	// Without what binary fractions add.
	if r, err := strconv.ParseFloat(strconv.FormatFloat(at, 'g', 12, 64), 64); err == nil {
		return r
	}
	return at
}

// Text is a bound as SQL reads it.
func (b Bins) Text(n int) string { return strconv.FormatFloat(b.Bound(n), 'f', -1, 64) }

// BinsSQL gives, for each bar that has rows, its number and that of its rows.
func (q Query) BinsSQL(columns, column int, b Bins) (string, error) {
	q = q.Rows()
	q.Group = []Group{{Column: column}}
	if err := q.check(columns); err != nil {
		return "", err
	}
	if b.N < 1 || b.N > 1_000 || !finite(b.From) || !finite(b.Step) || b.Step <= 0 {
		return "", fmt.Errorf("%w query: bars cannot be of that width", content.ErrInvalid)
	}
	d := "CAST(" + Column(column) + " AS DOUBLE)"
	where := q.where(columns)
	if where == "" {
		where = " WHERE "
	} else {
		where += " AND "
	}
	number := func(v float64) string { return "CAST(" + quote(strconv.FormatFloat(v, 'g', -1, 64)) + " AS DOUBLE)" }
	return "SELECT CAST(floor((" + d + " - " + number(b.From) + ") / " + number(b.Step) + ") AS BIGINT), count(*) FROM " + q.source() + where + "isfinite(" + d + ") GROUP BY 1 ORDER BY 1", nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// PartFor is the part of a time by which what lies between two values makes at most MaxBins bars: the smallest such, no
// smaller than an hour. It reports false where the values are no times that it can read.
func PartFor(least, most string) (Part, bool) {
	from, ok := readTime(least)
	to, ok2 := readTime(most)
	if !ok || !ok2 {
		return Whole, false
	}
	hours := to.Sub(from).Hours()
	dated := len(least) == len(time.DateOnly)
	for _, p := range []struct {
		part  Part
		hours float64
	}{{Hour, 1}, {Day, 24}, {Week, 7 * 24}, {Month, 30.4 * 24}, {Quarter, 91.3 * 24}, {Year, 365.25 * 24}} {
		if dated && p.part == Hour {
			continue
		}
		if hours/p.hours <= MaxBins-2 || p.part == Year {
			return p.part, true
		}
	}
	return Year, true
}

func readTime(text string) (time.Time, bool) {
	if len(text) > len(time.DateTime) {
		text = text[:len(time.DateTime)]
	}
	for _, layout := range []string{time.DateOnly, time.DateTime} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
