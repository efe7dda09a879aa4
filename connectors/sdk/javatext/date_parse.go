package javatext

import "math"

// The three functions below read what a lenient SimpleDateFormat in UTC reads for its pattern. Lenient means: fields have
// any number of digits, of any script, may be negative and roll over when they are out of range; blanks may stand before a
// field; and whatever follows the last field is ignored. The result is in milliseconds since 1970-01-01T00:00:00Z.

// ParseISODate reads yyyy-MM-dd.
func ParseISODate(s string) (millis int64, ok bool) {
	p := dateParser{text: s}
	days := p.date()
	return days * millisPerDay, !p.failed
}

// ParseISOTime reads HH:mm:ss.SSS'Z'.
func ParseISOTime(s string) (millis int64, ok bool) {
	p := dateParser{text: s}
	millis = p.clock()
	return millis, !p.failed
}

// ParseISOTimestamp reads yyyy-MM-dd'T'HH:mm:ss.SSS'Z'.
func ParseISOTimestamp(s string) (millis int64, ok bool) {
	p := dateParser{text: s}
	days := p.date()
	p.literal('T')
	millis = days*millisPerDay + p.clock()
	return millis, !p.failed
}

type dateParser struct {
	text   string
	pos    int
	failed bool
}

func (p *dateParser) date() (days int64) {
	year := p.number()
	p.literal('-')
	month := p.number()
	p.literal('-')
	return DaysOf(year, month, p.number())
}

func (p *dateParser) clock() (millis int64) {
	hours := p.number()
	p.literal(':')
	minutes := p.number()
	p.literal(':')
	seconds := p.number()
	p.literal('.')
	millis = p.number()
	p.literal('Z')
	return hours*millisPerHour + minutes*millisPerMinute + seconds*millisPerSecond + millis
}

func (p *dateParser) literal(c byte) {
	if p.pos >= len(p.text) || p.text[p.pos] != c {
		p.failed = true
		return
	}
	p.pos++
}

// number reads a field as DecimalFormat does, including an exponent: 20E2 is 2000.
func (p *dateParser) number() int64 {
	for p.pos < len(p.text) && (p.text[p.pos] == ' ' || p.text[p.pos] == '\t') {
		p.pos++
	}
	negative := p.pos < len(p.text) && p.text[p.pos] == '-'
	if negative {
		p.pos++
	}
	n, ok := p.digits()
	if !ok {
		p.failed = true
		return 0
	}
	n = p.exponent(n)
	if negative {
		n = -n
	}
	return int64(toInt(n))
}

func (p *dateParser) digits() (n float64, ok bool) {
	for p.pos < len(p.text) {
		d, size := digitValue(p.text[p.pos:])
		if d < 0 {
			break
		}
		n, ok = n*10+float64(d), true
		p.pos += size
	}
	return n, ok
}

// exponent reads the E and what follows, if digits follow; otherwise the E is left for the next literal to stumble over.
func (p *dateParser) exponent(n float64) float64 {
	rest := *p
	if rest.pos >= len(rest.text) || rest.text[rest.pos] != 'E' {
		return n
	}
	rest.pos++
	negative := rest.pos < len(rest.text) && rest.text[rest.pos] == '-'
	if negative {
		rest.pos++
	}
	exp, ok := rest.digits()
	if !ok {
		return n
	}
	p.pos = rest.pos
	if negative {
		exp = -exp
	}
	return n * math.Pow(10, exp)
}

// toInt is Number.intValue: numbers of 64 bits wrap around, larger ones, which Java holds as doubles, saturate.
func toInt(n float64) int32 {
	switch {
	case math.IsNaN(n): // 0E with a huge exponent
		return 0
	case math.Abs(n) < math.MaxInt64:
		return int32(int64(n))
	case n > 0:
		return math.MaxInt32
	}
	return math.MinInt32
}
