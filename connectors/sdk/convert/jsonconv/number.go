package jsonconv

import (
	"encoding/binary"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"unsafe"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
)

// numeral is a number of a document: its text and, when it is short, its value as mantissa × 10^-scale.
type numeral struct {
	text     []byte
	mantissa uint64
	scale    int
	integer  bool // neither point nor exponent
	short    bool // at most maxShortDigits digits and no exponent
	negative bool
}

// maxShortDigits is how many digits always fit 63 bits.
const maxShortDigits = 18

// readNumeral validates the number at d[i]; end is the index behind it.
func readNumeral(d []byte, i int) (n numeral, end int, ok bool) {
	n.negative = d[i] == '-'
	if n.mantissa, n.scale, end, ok = readShort(d, i); ok {
		n.short, n.integer, n.text = true, n.scale == 0, d[i:end]
		return n, end, true
	}
	end, integer, err := skipNumber(d, i)
	if err != nil {
		return n, 0, false
	}
	n.integer, n.text = integer, d[i:end]
	return n, end, true
}

// readShort reads the number at d[i] if it is short; otherwise, also if it is none, ok is false. The sign is left to the caller.
func readShort(d []byte, i int) (mantissa uint64, scale, end int, ok bool) {
	if d[i] == '-' {
		i++
	}
	first := i
	if i+8 <= len(d) {
		n := 0
		mantissa, n = leadingDigits(binary.LittleEndian.Uint64(d[i:]))
		i += n
	}
	if i == first || i == first+8 {
		mantissa, i = readDigits(mantissa, d, i)
	}
	digits := i - first
	if digits == 0 || digits > maxShortDigits {
		return 0, 0, 0, false
	}
	if i == len(d) {
		return mantissa, 0, i, true
	}
	if d[i] == '.' {
		point := i
		mantissa, i = readDigits(mantissa, d, i+1)
		scale = i - point - 1
		if scale == 0 || digits+scale > maxShortDigits {
			return 0, 0, 0, false
		}
	}
	return mantissa, scale, i, i == len(d) || d[i]|0x20 != 'e'
}

// readDigits appends the digits at d[i] to those of m; end is the index behind them. Beyond 19 digits m is of no use.
func readDigits(m uint64, d []byte, i int) (_ uint64, end int) {
	for i+8 <= len(d) {
		v, n := leadingDigits(binary.LittleEndian.Uint64(d[i:]))
		m, i = m*powersOf10[n]+v, i+n
		if n < 8 {
			return m, i
		}
	}
	for i < len(d) && isDigit(d[i]) {
		m, i = m*10+uint64(d[i]-'0'), i+1
	}
	return m, i
}

// leadingDigits returns the number that the first of eight bytes are, and how many of them are digits.
//
// A digit becomes its value; adding 6 then carries into the upper half of everything that is none, and a carry into the next
// byte can only come from such. The digits are brought to the top, where what is shifted in below counts as leading zeros, and
// neighbours are joined to numbers below 100, then 10⁴, then 10⁸.
func leadingDigits(w uint64) (v uint64, n int) {
	w ^= lows * '0'
	n = bits.TrailingZeros64((w+lows*6|w)&(lows*0xF0)) / 8
	w <<= 64 - 8*n
	w = (w*10 + w>>8) & 0x00FF00FF00FF00FF
	w = (w*100 + w>>16) & 0x0000FFFF0000FFFF
	return (w*10_000 + w>>32) & 0xFFFFFFFF, n
}

// int64 returns what Java's Number.longValue gives: the fraction is dropped, and of the rest the low 64 bits are left.
func (n *numeral) int64() int64 {
	m := n.mantissa
	if !n.short {
		m = wholeBits(n.text)
	} else if n.scale > 0 {
		m /= powersOf10[n.scale]
	}
	if n.negative {
		return -int64(m)
	}
	return int64(m)
}

// fitsInt32 reports whether n is an integer of 32 bits: Jackson's isInt.
func (n *numeral) fitsInt32() bool {
	if !n.integer {
		return false
	}
	m := n.mantissa
	if !n.short {
		digits := digitsOf(nil, n.text)
		for len(digits) > 0 && digits[0] == '0' {
			digits = digits[1:]
		}
		if len(digits) > maxShortDigits {
			return false
		}
		m = wholeBits(n.text)
	}
	return m <= math.MaxInt32 || n.negative && m == -math.MinInt32
}

// float64 returns the nearest float64, an infinity beyond all. Zero has no sign: Jackson reads numbers as integers or as
// BigDecimal, which have none.
func (n *numeral) float64() float64 {
	if n.short && n.mantissa < 1<<53 && n.scale < len(exactPowers) {
		f := float64(n.mantissa) / exactPowers[n.scale] // both exact, so rounded once
		if n.negative && f != 0 {
			return -f
		}
		return f
	}
	return n.parseFloat(64)
}

// float32 returns the nearest float32, likewise.
func (n *numeral) float32() float32 {
	if n.short && n.mantissa < 1<<24 && n.scale <= 10 {
		f := float32(n.mantissa) / float32(exactPowers[n.scale])
		if n.negative && f != 0 {
			return -f
		}
		return f
	}
	return float32(n.parseFloat(32))
}

func (n *numeral) parseFloat(bits int) float64 {
	// ParseFloat keeps no reference to the text; a conversion would allocate for each long number.
	f, _ := strconv.ParseFloat(unsafe.String(unsafe.SliceData(n.text), len(n.text)), bits) // only ErrRange is possible
	if f == 0 && n.negative && !n.nonZero() {
		return 0
	}
	return f
}

// nonZero reports whether a digit other than 0 is in the mantissa.
func (n *numeral) nonZero() bool {
	for _, c := range n.text {
		switch {
		case c|0x20 == 'e':
			return false
		case c >= '1' && c <= '9':
			return true
		}
	}
	return false
}

// decimal returns n with the scale it is written with.
func (n *numeral) decimal() connect.Value {
	if n.short {
		m := int64(n.mantissa)
		if n.negative {
			m = -m
		}
		return connect.Decimal(m, int32(n.scale))
	}
	m, _ := new(big.Int).SetString(string(digitsOf(nil, n.text)), 10) // nothing but digits
	if n.negative {
		m.Neg(m)
	}
	return connect.BigDecimal(m, int32(scaleOf(n.text)))
}

// digitsOf appends the digits of a valid number without its exponent to dst.
func digitsOf(dst, text []byte) []byte {
	for _, c := range text {
		if c|0x20 == 'e' {
			break
		}
		if isDigit(c) {
			dst = append(dst, c)
		}
	}
	return dst
}

// scaleOf returns the scale of a valid number: the digits behind the point less the exponent. Where an exponent has so many
// digits that it fits nothing, neither does the result fit 32 bits.
func scaleOf(text []byte) (scale int64) {
	i, point := 0, -1
	for ; i < len(text) && text[i]|0x20 != 'e'; i++ {
		if text[i] == '.' {
			point = i
		}
	}
	if point >= 0 {
		scale = int64(i - point - 1)
	}
	if i == len(text) {
		return scale
	}
	exponent, negative := int64(0), text[i+1] == '-'
	for _, c := range text[i+1:] {
		if isDigit(c) {
			exponent = min(exponent*10+int64(c-'0'), math.MaxInt64/100)
		}
	}
	if negative {
		return scale + exponent
	}
	return scale - exponent
}

// wholeBits returns the low 64 bits of the magnitude of a valid number without its fraction.
func wholeBits(text []byte) uint64 {
	var buf [64]byte
	digits, scale := digitsOf(buf[:0], text), scaleOf(text)
	if scale > 0 {
		digits = digits[:max(0, int64(len(digits))-scale)]
	}
	var m uint64
	for _, c := range digits {
		m = m*10 + uint64(c-'0')
	}
	for ; scale < 0 && m != 0; scale++ { // 10^64 has no low bits left, so this ends early
		m *= 10
	}
	return m
}

//nolint:gochecknoglobals // constant tables; Go has no constant arrays
var (
	powersOf10 = [maxShortDigits + 1]uint64{
		1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
	}
	// exactPowers are the powers of ten that a float64 holds exactly.
	exactPowers = [...]float64{
		1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
	}
)
