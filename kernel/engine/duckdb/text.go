package duckdb

import (
	"encoding/binary"
	"fmt"
	"math/big"
	"strings"
)

// The texts of DuckDB's own types, from the bytes of its lossless Arrow export, as CAST(… AS VARCHAR) writes them.

func uuidText(b []byte) string {
	if len(b) != 16 {
		return ""
	}
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

func uhugeintText(b []byte) string {
	if len(b) != 16 {
		return ""
	}
	be := make([]byte, 16)
	for i := range b {
		be[15-i] = b[i]
	}
	return new(big.Int).SetBytes(be).String()
}

// timeTZText reads DuckDB's dtime_tz_t: microseconds in the upper 40 bits, and in the lower 24 the offset from UTC in
// seconds, counted down from the largest, 15:59:59.
func timeTZText(b []byte) string {
	if len(b) != 8 {
		return ""
	}
	const maxOffset = 16*60*60 - 1
	bits := binary.LittleEndian.Uint64(b)
	micros := int64(bits >> 24)
	offset := maxOffset - int64(bits&0xffffff)
	var s strings.Builder
	seconds := micros / 1e6
	fmt.Fprintf(&s, "%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	if frac := micros % 1e6; frac != 0 {
		s.WriteString(strings.TrimRight(fmt.Sprintf(".%06d", frac), "0"))
	}
	sign := '+'
	if offset < 0 {
		sign, offset = '-', -offset
	}
	fmt.Fprintf(&s, "%c%02d", sign, offset/3600)
	if offset%3600 != 0 {
		fmt.Fprintf(&s, ":%02d", offset/60%60)
	}
	if offset%60 != 0 {
		fmt.Fprintf(&s, ":%02d", offset%60)
	}
	return s.String()
}

// bitText reads a BIT: a byte that counts the padding bits, then the bits, padding first.
func bitText(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	padding := int(b[0])
	var s strings.Builder
	for i, x := range b[1:] {
		for bit := 7; bit >= 0; bit-- {
			if i*8+(7-bit) < padding {
				continue
			}
			s.WriteByte('0' + x>>bit&1)
		}
	}
	return s.String()
}

// bignumText reads a BIGNUM: a three-byte header (sign bit set when not negative, then the length), and the magnitude,
// most significant byte first; all bytes are inverted in a negative number.
func bignumText(b []byte) string {
	if len(b) < 3 {
		return ""
	}
	negative := b[0]&0x80 == 0
	magnitude := make([]byte, len(b)-3)
	copy(magnitude, b[3:])
	if negative {
		for i := range magnitude {
			magnitude[i] = ^magnitude[i]
		}
	}
	n := new(big.Int).SetBytes(magnitude)
	if negative {
		n.Neg(n)
	}
	return n.String()
}
