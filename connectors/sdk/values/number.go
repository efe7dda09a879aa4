package values

import (
	"math"
	"math/big"
	"strconv"
	"unsafe"

	"github.com/ferry-connect/ferry/connectors/sdk/connect"
	"github.com/ferry-connect/ferry/connectors/sdk/javatext"
)

// classify picks the narrowest type for a number: an integer type if it is whole and fits, else FLOAT32 if it is not too
// large for it, however many digits that costs, then FLOAT64, then a Decimal of its own scale. Numbers of scale 0 are never
// floating.
func classify(d connect.Value) parsed {
	if n, ok := whole(d); ok {
		return integer(n)
	}
	if d.Scale() != 0 {
		if f := DecimalToFloat(d, 32); !math.IsInf(f, 0) {
			return parsed{connect.Float32Schema, connect.Float32(float32(f))}
		}
		if f := DecimalToFloat(d, 64); !math.IsInf(f, 0) {
			return parsed{connect.Float64Schema, connect.Float64(f)}
		}
	}
	return parsed{connect.NewDecimalSchema(d.Scale()).MustBuild(), d}
}

func integer(n int64) parsed {
	switch {
	case int64(int8(n)) == n:
		return parsed{connect.Int8Schema, connect.Int8(int8(n))}
	case int64(int16(n)) == n:
		return parsed{connect.Int16Schema, connect.Int16(int16(n))}
	case int64(int32(n)) == n:
		return parsed{connect.Int32Schema, connect.Int32(int32(n))}
	}
	return parsed{connect.Int64Schema, connect.Int64(n)}
}

// maxDigits64 is the number of digits that always fit 64 bits.
const maxDigits64 = 18

// whole returns the value of a decimal that has no fraction and fits 64 bits.
func whole(d connect.Value) (int64, bool) {
	scale := d.Scale()
	n, small := d.Unscaled64()
	if !small {
		return wholeBig(d.Unscaled(), scale)
	}
	if n == 0 {
		return 0, true
	}
	for ; scale > 0; scale-- {
		if n%10 != 0 {
			return 0, false
		}
		n /= 10
	}
	for ; scale < 0; scale++ {
		if n > math.MaxInt64/10 || n < math.MinInt64/10 {
			return 0, false
		}
		n *= 10
	}
	return n, true
}

// wholeBig is whole for an unscaled value beyond 64 bits: only zeros behind the point can make it fit.
func wholeBig(n *big.Int, scale int32) (int64, bool) {
	if scale <= 0 || int(scale) > digits(n) {
		return 0, false
	}
	q, r := new(big.Int).QuoRem(n, powerOfTen(scale), new(big.Int))
	return q.Int64(), r.Sign() == 0 && q.IsInt64()
}

// digits returns the number of decimal digits of n, or one more.
func digits(n *big.Int) int { return int(float64(n.BitLen())*math.Log10(2)) + 1 }

func powerOfTen(n int32) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// DecimalToLong is BigDecimal.longValue: the fraction of the decimal d is cut off and the lowest 64 bits of the rest are taken.
func DecimalToLong(d connect.Value) int64 {
	scale := d.Scale()
	if scale <= -64 { // a multiple of 2^64
		return 0
	}
	n, small := d.Unscaled64()
	switch {
	case small && scale > maxDigits64:
		return 0
	case small || scale <= 0:
		if !small {
			n = lowBits(d.Unscaled())
		}
		for ; scale > 0; scale-- {
			n /= 10
		}
		for ; scale < 0; scale++ {
			n *= 10
		}
		return n
	case int(scale) > digits(d.Unscaled()):
		return 0
	}
	return lowBits(new(big.Int).Quo(d.Unscaled(), powerOfTen(scale)))
}

func lowBits(n *big.Int) int64 {
	low := new(big.Int).And(n, new(big.Int).SetUint64(math.MaxUint64)) // two's complement, as And sees it
	return int64(low.Uint64())
}

// DecimalToFloat is BigDecimal.floatValue or doubleValue of the decimal d, for bits of 32 or 64: correctly rounded, infinite when too
// large. It does not allocate for unscaled values of 64 bits.
func DecimalToFloat(d connect.Value, bits int) float64 {
	var buf [64]byte
	text := buf[:0]
	if n, small := d.Unscaled64(); small {
		text = strconv.AppendInt(text, n, 10)
	} else {
		text = d.Unscaled().Append(text, 10)
	}
	text = strconv.AppendInt(append(text, 'e'), -int64(d.Scale()), 10)
	f, _ := strconv.ParseFloat(unsafe.String(unsafe.SliceData(text), len(text)), bits) // the only error is the range
	return f
}

// doubleToLong is the cast from double to long: saturating, NaN becomes 0.
func doubleToLong(f float64) int64 {
	switch {
	case math.IsNaN(f):
		return 0
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	}
	return int64(f)
}

// parseDecimal reads what the constructor BigDecimal(String) reads. It does not allocate for numbers of up to 18 digits.
func parseDecimal(s string) (connect.Value, bool) {
	if n, scale, ok := shortDecimal(s); ok {
		return connect.Decimal(n, scale), true
	}
	if numberFormatError(s) != nil {
		return connect.Value{}, false
	}
	n, scale, err := javatext.ParseDecimal(s)
	if err != nil {
		return connect.Value{}, false
	}
	return connect.BigDecimal(n, scale), true
}

// shortDecimal reads [sign] digits [. digits] [e [sign] digits] of few ASCII digits.
func shortDecimal(s string) (n int64, scale int32, ok bool) {
	i, negative := sign(s, 0)
	count, point := 0, -1
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c-'0' <= 9:
			n = n*10 + int64(c-'0')
			count++
		case c == '.' && point < 0:
			point = count
		case c|0x20 == 'e' && count > 0:
			exp, ok := shortExponent(s, i+1)
			return signed(n, negative), fraction(count, point) - exp, ok && count <= maxDigits64
		default:
			return 0, 0, false
		}
		if count > maxDigits64 {
			return 0, 0, false
		}
	}
	return signed(n, negative), fraction(count, point), count > 0
}

func shortExponent(s string, i int) (exp int32, ok bool) {
	i, negative := sign(s, i)
	if i == len(s) || len(s)-i > 8 {
		return 0, false
	}
	for ; i < len(s); i++ {
		if s[i]-'0' > 9 {
			return 0, false
		}
		exp = exp*10 + int32(s[i]-'0')
	}
	if negative {
		exp = -exp
	}
	return exp, true
}

func sign(s string, i int) (next int, negative bool) {
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		return i + 1, s[i] == '-'
	}
	return i, false
}

func signed(n int64, negative bool) int64 {
	if negative {
		return -n
	}
	return n
}

func fraction(count, point int) int32 {
	if point < 0 {
		return 0
	}
	return int32(count - point)
}
