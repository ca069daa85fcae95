package display

import (
	"math"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a sandboxed kernel may see no zone files, and a wrong zone would be a wrong value

	"github.com/apache/arrow-go/v18/arrow"
)

const daySeconds = 86_400

// appendDate writes a number of days since 1970-01-01; DuckDB keeps its infinities at the ends of 32 bits.
func appendDate(dst []byte, days int64) []byte {
	switch days {
	case math.MaxInt32:
		return append(dst, "infinity"...)
	case -math.MaxInt32:
		return append(dst, "-infinity"...)
	}
	return appendDay(dst, days)
}

func appendDay(dst []byte, days int64) []byte {
	year, month, day := civil(days)
	bc := year <= 0
	if bc {
		year = 1 - year // there is no year 0: 1 BC is followed by 1 AD
	}
	dst = appendPadded(dst, year, 4)
	dst = append(dst, '-')
	dst = appendPadded(dst, month, 2)
	dst = append(dst, '-')
	dst = appendPadded(dst, day, 2)
	if bc {
		dst = append(dst, " (BC)"...)
	}
	return dst
}

// civil gives the proleptic Gregorian date of a day since 1970-01-01. The time package would do only within the years
// that fit its internal count.
func civil(days int64) (year, month, day int64) {
	days += 719_468 // days from 0000-03-01, so that the leap day ends a year
	era := floorDiv(days, 146_097)
	ofEra := days - era*146_097
	yearOfEra := (ofEra - ofEra/1_460 + ofEra/36_524 - ofEra/146_096) / 365
	ofYear := ofEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	shifted := (5*ofYear + 2) / 153
	day = ofYear - (153*shifted+2)/5 + 1
	month = shifted + 3
	year = yearOfEra + era*400
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

// appendTime writes a time of day; 24:00:00 is one.
func appendTime(dst []byte, v int64, unit arrow.TimeUnit) []byte {
	per := perSecond(unit)
	seconds := floorDiv(v, per)
	return appendClock(dst, seconds, (v-seconds*per)*(1_000_000_000/per))
}

// appendClock writes hours, which may pass 99, minutes, seconds and what is not zero of nanoseconds.
func appendClock(dst []byte, seconds, nanos int64) []byte {
	dst = appendPadded(dst, seconds/3600, 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, seconds/60%60, 2)
	dst = append(dst, ':')
	dst = appendPadded(dst, seconds%60, 2)
	if nanos == 0 {
		return dst
	}
	dst = append(dst, '.')
	dst = appendPadded(dst, nanos, 9)
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

func (f *Formatter) appendTimestamp(dst []byte, v int64, typ *arrow.TimestampType) []byte {
	switch v {
	case math.MaxInt64:
		return append(dst, "infinity"...)
	case -math.MaxInt64:
		return append(dst, "-infinity"...)
	}
	per := perSecond(typ.Unit)
	seconds := floorDiv(v, per)
	nanos := (v - seconds*per) * (1_000_000_000 / per)
	offset := 0
	if typ.TimeZone != "" {
		if zone := f.zones[typ.TimeZone]; zone != nil {
			_, offset = time.Unix(seconds, 0).In(zone).Zone()
		}
	}
	seconds += int64(offset)
	days := floorDiv(seconds, daySeconds)
	dst = appendDay(dst, days)
	dst = append(dst, ' ')
	dst = appendClock(dst, seconds-days*daySeconds, nanos)
	if typ.TimeZone != "" {
		dst = appendOffset(dst, offset)
	}
	return dst
}

// appendOffset writes a distance from UTC as DuckDB does: hours, minutes only where there are some, seconds never.
func appendOffset(dst []byte, offset int) []byte {
	sign := byte('+')
	if offset < 0 {
		sign, offset = '-', -offset
	}
	dst = append(dst, sign)
	dst = appendPadded(dst, int64(offset/3600), 2)
	if minutes := offset / 60 % 60; minutes != 0 {
		dst = append(dst, ':')
		dst = appendPadded(dst, int64(minutes), 2)
	}
	return dst
}

func appendInterval(dst []byte, months, days int32, nanos int64) []byte {
	start := len(dst)
	part := func(n int32, unit string) {
		if n == 0 {
			return
		}
		if len(dst) > start {
			dst = append(dst, ' ')
		}
		dst = strconv.AppendInt(dst, int64(n), 10)
		dst = append(dst, ' ')
		dst = append(dst, unit...)
		if n != 1 && n != -1 {
			dst = append(dst, 's')
		}
	}
	part(months/12, "year")
	part(months%12, "month")
	part(days, "day")
	if nanos == 0 && len(dst) > start {
		return dst
	}
	if len(dst) > start {
		dst = append(dst, ' ')
	}
	return appendSignedClock(dst, nanos/1_000_000_000, nanos%1_000_000_000)
}

func appendDuration(dst []byte, v int64, unit arrow.TimeUnit) []byte {
	per := perSecond(unit)
	return appendSignedClock(dst, v/per, v%per*(1_000_000_000/per))
}

// appendSignedClock writes seconds and nanoseconds of the same sign.
func appendSignedClock(dst []byte, seconds, nanos int64) []byte {
	if seconds < 0 || nanos < 0 {
		dst, seconds, nanos = append(dst, '-'), -seconds, -nanos
	}
	return appendClock(dst, seconds, nanos)
}

// loadZones finds every time zone named in a type. One that is not known is left out, and its values are shown in
// UTC with their +00, which is still true.
func (f *Formatter) loadZones(typ arrow.DataType) {
	switch t := typ.(type) {
	case *arrow.TimestampType:
		if t.TimeZone != "" && f.zones[t.TimeZone] == nil {
			f.zones[t.TimeZone] = loadZone(t.TimeZone)
		}
	case *arrow.DictionaryType:
		f.loadZones(t.ValueType)
	case arrow.ExtensionType:
		f.loadZones(t.StorageType())
	case arrow.NestedType:
		for _, field := range t.Fields() {
			f.loadZones(field.Type)
		}
	}
}

// loadZone understands names of the zone database and fixed distances such as +05:30; nil when it does not know.
func loadZone(name string) *time.Location {
	if zone, err := time.LoadLocation(name); err == nil && !strings.EqualFold(name, "local") {
		return zone
	}
	for _, layout := range []string{"-07:00", "-0700", "-07", "UTC-07:00", "GMT-07:00"} {
		if at, err := time.Parse(layout, name); err == nil {
			return at.Location()
		}
	}
	return nil
}

func perSecond(unit arrow.TimeUnit) int64 {
	switch unit {
	case arrow.Second:
		return 1
	case arrow.Millisecond:
		return 1_000
	case arrow.Microsecond:
		return 1_000_000
	}
	return 1_000_000_000
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// appendPadded writes a number that is not negative with at least width digits.
func appendPadded(dst []byte, v int64, width int) []byte {
	limit := int64(1)
	for range width - 1 {
		limit *= 10
	}
	for ; v < limit && limit > 1; limit /= 10 {
		dst = append(dst, '0')
	}
	return strconv.AppendInt(dst, v, 10)
}
