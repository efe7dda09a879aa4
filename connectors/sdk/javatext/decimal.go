package javatext

import (
	"math"
	"math/big"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// AppendDecimal appends the BigDecimal.toString of unscaled × 10^-scale: plain when scale is not negative and the first
// digit lies at or above 10^-6, otherwise scientific with a signed exponent such as 1E+2 or 1.5E-7.
func AppendDecimal(dst []byte, unscaled *big.Int, scale int32) []byte {
	if unscaled.IsInt64() {
		return AppendDecimal64(dst, unscaled.Int64(), scale)
	}
	start := len(dst)
	dst = unscaled.Append(dst, 10)
	if scale == 0 {
		return dst
	}
	if unscaled.Sign() < 0 {
		start++
	}
	digits := append([]byte(nil), dst[start:]...)
	return appendScaled(dst[:start], digits, scale)
}

// AppendDecimal64 is AppendDecimal for an unscaled value of 64 bits; it does not allocate.
func AppendDecimal64(dst []byte, unscaled int64, scale int32) []byte {
	if scale == 0 {
		return strconv.AppendInt(dst, unscaled, 10)
	}
	var buf [24]byte
	digits := strconv.AppendInt(buf[:0], unscaled, 10)
	if unscaled < 0 {
		dst, digits = append(dst, '-'), digits[1:]
	}
	return appendScaled(dst, digits, scale)
}

func appendScaled(dst, digits []byte, scale int32) []byte {
	adjusted := int64(len(digits)) - 1 - int64(scale)
	if scale >= 0 && adjusted >= -6 {
		return appendPlain(dst, digits, int(scale))
	}
	dst = append(dst, digits[0])
	if len(digits) > 1 {
		dst = append(dst, '.')
		dst = append(dst, digits[1:]...)
	}
	if adjusted == 0 {
		return dst
	}
	dst = append(dst, 'E')
	if adjusted > 0 {
		dst = append(dst, '+')
	}
	return strconv.AppendInt(dst, adjusted, 10)
}

func appendPlain(dst, digits []byte, scale int) []byte {
	whole := len(digits) - scale
	if whole > 0 {
		dst = append(dst, digits[:whole]...)
		dst = append(dst, '.')
		return append(dst, digits[whole:]...)
	}
	dst = append(dst, '0', '.')
	for ; whole < 0; whole++ {
		dst = append(dst, '0')
	}
	return append(dst, digits...)
}

// ParseDecimal reads what the constructor BigDecimal(String) reads: an optional sign, digits with an optional point, an
// optional exponent of at most ten digits; no blanks. Digits may be those of any script. The scale is the number of
// digits behind the point less the exponent. Errors are *NumberFormatError.
func ParseDecimal(s string) (unscaled *big.Int, scale int32, err error) {
	p := decimalParser{text: s, digits: make([]byte, 0, len(s))}
	p.sign()
	if !p.significand() {
		return nil, 0, numberFormat(s)
	}
	exp, ok := p.exponent()
	if !ok || p.pos != len(s) {
		return nil, 0, numberFormat(s)
	}
	wide := int64(p.fraction) - exp
	if wide < math.MinInt32 || wide > math.MaxInt32 {
		return nil, 0, &NumberFormatError{Message: "Scale out of range."}
	}
	unscaled, ok = new(big.Int).SetString(string(p.digits), 10)
	if !ok {
		return nil, 0, numberFormat(s)
	}
	if p.negative {
		unscaled.Neg(unscaled)
	}
	return unscaled, int32(wide), nil
}

type decimalParser struct {
	text     string
	pos      int
	digits   []byte
	fraction int // digits behind the point
	negative bool
}

func (p *decimalParser) sign() (negative bool) {
	if p.pos < len(p.text) && (p.text[p.pos] == '-' || p.text[p.pos] == '+') {
		negative = p.text[p.pos] == '-'
		p.pos++
	}
	p.negative = negative
	return negative
}

func (p *decimalParser) significand() bool {
	point := false
	for p.pos < len(p.text) {
		if p.text[p.pos] == '.' && !point {
			point = true
			p.pos++
			continue
		}
		d, size := digitValue(p.text[p.pos:])
		if d < 0 {
			break
		}
		p.digits = append(p.digits, byte('0'+d))
		if point {
			p.fraction++
		}
		p.pos += size
	}
	return len(p.digits) > 0
}

// maxExponentDigits is how many digits, leading zeros aside, BigDecimal reads in an exponent.
const maxExponentDigits = 10

func (p *decimalParser) exponent() (exp int64, ok bool) {
	if p.pos == len(p.text) {
		return 0, true
	}
	if p.text[p.pos]|0x20 != 'e' {
		return 0, false
	}
	p.pos++
	mantissaNegative := p.negative
	negative := p.sign()
	p.negative = mantissaNegative
	read, significant := 0, 0
	for p.pos < len(p.text) {
		d, size := digitValue(p.text[p.pos:])
		if d < 0 {
			return 0, false
		}
		if significant > 0 || d > 0 {
			significant++
		}
		if significant > maxExponentDigits {
			return 0, false
		}
		exp = exp*10 + int64(d)
		read++
		p.pos += size
	}
	if negative {
		exp = -exp
	}
	return exp, read > 0
}

// digitValue returns the decimal value of the character s begins with, -1 if it is no digit, and its length in bytes.
// Java looks at UTF-16 units, so digits beyond U+FFFF are none.
func digitValue(s string) (value, size int) {
	if c := s[0]; c < utf8.RuneSelf {
		if c-'0' > 9 {
			return -1, 1
		}
		return int(c - '0'), 1
	}
	r, size := utf8.DecodeRuneInString(s)
	for _, block := range unicode.Nd.R16 { // every block is a multiple of ten digits, from zero upwards
		if r >= rune(block.Lo) && r <= rune(block.Hi) {
			return int(r-rune(block.Lo)) % 10, size
		}
	}
	return -1, size
}
