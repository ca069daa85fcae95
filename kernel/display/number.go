package display

import (
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
)

// appendFloat writes the shortest digits that give v back, with an exponent from 1e16 up and below 1e-4.
func appendFloat(dst []byte, v float64, bits int) []byte {
	switch {
	case math.IsNaN(v):
		return append(dst, "nan"...)
	case math.IsInf(v, 1):
		return append(dst, "inf"...)
	case math.IsInf(v, -1):
		return append(dst, "-inf"...)
	}
	start := len(dst)
	if bits == 32 && roundsAsDouble(float32(v)) {
		bits = 64
	}
	dst = strconv.AppendFloat(dst, v, 'e', -1, bits)
	at := strings.LastIndexByte(string(dst[start:]), 'e')
	if exp, _ := strconv.Atoi(string(dst[start+at+1:])); exp < -4 || exp >= 16 {
		return dst
	}
	dst = strconv.AppendFloat(dst[:start], v, 'f', -1, bits)
	if strings.IndexByte(string(dst[start:]), '.') < 0 {
		dst = append(dst, ".0"...)
	}
	return dst
}

// roundsAsDouble reports whether DuckDB writes a FLOAT with the digits that its value has as a DOUBLE: its fast
// algorithm gives up where the shortest digits are no clear choice, and what it falls back to knows doubles only.
// That is where two shortest candidates are equally near, or where one as short lies on the border to the next float.
func roundsAsDouble(v float32) bool {
	abs := math.Abs(float64(v))
	if abs == 0 || abs >= math.MaxFloat32 {
		return false
	}
	var buf [32]byte
	text := strconv.AppendFloat(buf[:0], abs, 'e', -1, 32)
	shortest := digitCount(text)
	chosen, _ := strconv.ParseFloat(string(text), 64)
	exact := strconv.AppendFloat(buf[:0], abs, 'e', -1, 64)
	if at := strings.IndexByte(string(exact), 'e'); digitCount(exact) == shortest+1 && exact[at-1] == '5' && isExact(exact, abs) {
		return true
	}
	for _, side := range []float32{0, math.MaxFloat32} {
		border := (abs + float64(math.Nextafter32(float32(abs), side))) / 2
		text := strconv.AppendFloat(buf[:0], border, 'e', -1, 64)
		if (digitCount(text) < shortest || border == chosen) && isExact(text, border) {
			return true
		}
	}
	return false
}

// digitCount counts the significant digits of a number written d.ddde+xx.
func digitCount(text []byte) int {
	at := strings.IndexByte(string(text), 'e')
	if at > 1 {
		at-- // the point
	}
	return at
}

func isExact(text []byte, v float64) bool {
	parsed, ok := new(big.Rat).SetString(string(text))
	return ok && parsed.Cmp(new(big.Rat).SetFloat64(v)) == 0
}

func appendDecimal128(dst []byte, v decimal128.Num, typ arrow.DecimalType) []byte {
	if v.HighBits() == int64(v.LowBits())>>63 { // fits 64 bits: no allocation
		n := int64(v.LowBits())
		var digits [24]byte
		text := strconv.AppendInt(digits[:0], n, 10)
		return appendScaled(dst, text, typ)
	}
	return appendDecimal(dst, v.BigInt(), typ)
}

func appendDecimal(dst []byte, v *big.Int, typ arrow.DecimalType) []byte {
	return appendScaled(dst, v.Append(nil, 10), typ)
}

// appendScaled sets the decimal point into digits. Where the scale takes every digit of the type, DuckDB writes no
// zero before the point: DECIMAL(4,4) has .1234.
func appendScaled(dst, digits []byte, typ arrow.DecimalType) []byte {
	scale := int(typ.GetScale())
	if digits[0] == '-' {
		dst, digits = append(dst, '-'), digits[1:]
	}
	if scale <= 0 {
		dst = append(dst, digits...)
		for range -scale {
			dst = append(dst, '0')
		}
		return dst
	}
	if len(digits) > scale {
		dst = append(dst, digits[:len(digits)-scale]...)
		digits = digits[len(digits)-scale:]
	} else if int(typ.GetPrecision()) > scale {
		dst = append(dst, '0')
	}
	dst = append(dst, '.')
	for range scale - len(digits) {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}
