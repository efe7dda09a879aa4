package javatime

import (
	"strings"
	"time"
)

// Parse reads an instant, in milliseconds since 1970-01-01T00:00:00Z, from the beginning of text. ok is false when text does
// not match. It does not allocate, except the first time that it meets the name of a zone.
func (f *SimpleDateFormat) Parse(text string) (millis int64, ok bool) {
	millis, _, ok = f.ParseZone(text)
	return millis, ok
}

// ParseZone is Parse. It also returns the zone that text names, or that of the format; nil is UTC.
func (f *SimpleDateFormat) ParseZone(text string) (millis int64, zone *time.Location, ok bool) {
	p := simpleParser{format: f, text: text, zone: f.zone}
	for i := range f.elements {
		if !p.element(&f.elements[i]) {
			return 0, nil, false
		}
	}
	if p.pos == 0 { // Java takes it for a failure, even with nothing to read
		return 0, nil, false
	}
	millis = p.fields.millis(p.zone)
	if p.ambiguous && millis < f.centuryStart {
		p.fields.values[fieldYear] += 100
		p.fields.values[fieldWeekYear] += 100
		millis = p.fields.millis(p.zone)
	}
	return millis, p.zone, true
}

type simpleParser struct {
	format *SimpleDateFormat
	text   string
	pos    int
	fields fields
	zone   *time.Location
	// ambiguous says that the year is the one in which the century of two-digit years begins.
	ambiguous bool
}

// element reads one element of the pattern and reports whether it is there.
func (p *simpleParser) element(e *element) bool {
	if e.letter == 0 {
		if !strings.HasPrefix(p.text[p.pos:], e.text) {
			return false
		}
		p.pos += len(e.text)
		return true
	}
	start := p.pos
	for start < len(p.text) && (p.text[start] == ' ' || p.text[start] == '\t') {
		start++
	}
	if start == len(p.text) {
		return false
	}
	switch e.letter {
	case 'G', 'E', 'a':
		return p.name(e) // blanks before a name are not skipped
	case 'M', 'L':
		if e.count > 2 {
			return p.name(e)
		}
	case 'z', 'Z':
		return p.zoneName(start)
	case 'X':
		return p.isoZone(start, e.count)
	}
	return p.number(e, start)
}

func (p *simpleParser) number(e *element, start int) bool {
	text := p.text
	if e.bounded {
		end, ok := units(text, p.pos, e.count)
		if !ok {
			return false
		}
		text = text[:end]
	}
	if start > len(text) {
		return false
	}
	n, end, ok := parseNumber(text, start)
	if !ok {
		return false
	}
	p.pos = end
	if e.letter == 'y' || e.letter == 'Y' {
		p.year(e, n, p.text[start:end])
		return true
	}
	p.set(e.letter, n)
	return true
}

// year takes exactly two digits for a year of the century that began 80 years ago, unless the pattern has three letters.
func (p *simpleParser) year(e *element, n int32, text string) {
	if e.count <= 2 && n >= 0 && twoDigits(text) {
		first := p.format.centuryYear % 100
		p.ambiguous = n == first
		if n < first {
			n += 100
		}
		n += p.format.centuryYear / 100 * 100
	}
	if e.letter == 'Y' {
		p.fields.set(fieldWeekYear, n)
		return
	}
	p.fields.set(fieldYear, n)
}

func twoDigits(s string) bool {
	first, size := digit(s)
	if first < 0 || size == len(s) {
		return false
	}
	second, rest := digit(s[size:])
	return second >= 0 && size+rest == len(s)
}

func (p *simpleParser) set(letter byte, n int32) {
	f := &p.fields
	switch letter {
	case 'M', 'L':
		f.set(fieldMonth, n-1)
	case 'd':
		f.set(fieldDayOfMonth, n)
	case 'D':
		f.set(fieldDayOfYear, n)
	case 'F':
		f.set(fieldDayOfWeekInMonth, n)
	case 'w':
		f.set(fieldWeekOfYear, n)
	case 'W':
		f.set(fieldWeekOfMonth, n)
	case 'u':
		f.setISODayOfWeek(n)
	default:
		p.setTime(letter, n)
	}
}

func (p *simpleParser) setTime(letter byte, n int32) {
	f := &p.fields
	switch letter {
	case 'H':
		f.set(fieldHourOfDay, n)
	case 'k':
		f.set(fieldHourOfDay, zeroFor(n, 24))
	case 'K':
		f.set(fieldHour, n)
	case 'h':
		f.set(fieldHour, zeroFor(n, 12))
	case 'm':
		f.set(fieldMinute, n)
	case 's':
		f.set(fieldSecond, n)
	case 'S':
		f.set(fieldMillis, n)
	}
}

// zeroFor makes the last hour the hour 0.
func zeroFor(n, last int32) int32 {
	if n == last {
		return 0
	}
	return n
}

// name reads a name in full or short, whatever the count says.
func (p *simpleParser) name(e *element) bool {
	text := p.text[p.pos:]
	var x field
	var i, n, first int
	switch e.letter {
	case 'G':
		x = fieldEra
		if i, n = matchName(text, longEras[:]); n <= 3 {
			i, n = matchName(text, eraNames[:])
		}
	case 'a':
		x = fieldAMPM
		i, n = matchName(text, halfNames[:])
	case 'E':
		x, first = fieldDayOfWeek, 1
		i, n = matchName(text, dayNames[:])
	default:
		x = fieldMonth
		i, n = matchName(text, monthNames[:])
	}
	p.fields.set(x, int32(i+first))
	p.pos += n
	return n > 0
}
