package javatime

import (
	"math"
	"strconv"
	"time"
)

// AppendFormat appends the instant, in milliseconds since 1970-01-01T00:00:00Z, in the zone of the format.
func (f *SimpleDateFormat) AppendFormat(dst []byte, millis int64) []byte {
	return f.AppendFormatIn(dst, millis, f.zone)
}

// AppendFormatIn appends the instant as it is in the given zone; nil is UTC.
func (f *SimpleDateFormat) AppendFormatIn(dst []byte, millis int64, zone *time.Location) []byte {
	c := calendarOf(millis, zone)
	for i := range f.elements {
		e := &f.elements[i]
		switch e.letter {
		case 0:
			dst = append(dst, e.text...)
		case 'G', 'M', 'L', 'E', 'a', 'z':
			dst = c.appendName(dst, e)
		case 'Z', 'X':
			dst = c.appendOffset(dst, e)
		case 'y', 'Y':
			dst = c.appendYear(dst, e)
		default:
			dst = appendPadded(dst, c.number(e.letter), e.count)
		}
	}
	return dst
}

// number returns the value of a field that is always a number.
func (c *calendar) number(letter byte) int64 {
	hour := c.time / millisPerHour
	switch letter {
	case 'd':
		return int64(c.day)
	case 'H':
		return hour
	case 'k':
		return oneTo(hour, 24)
	case 'K':
		return hour % 12
	case 'h':
		return oneTo(hour%12, 12)
	case 'm':
		return c.time / millisPerMinute % 60
	case 's':
		return c.time / millisPerSecond % 60
	case 'S':
		return c.time % millisPerSecond
	case 'D':
		return c.dayOfYear()
	case 'F':
		return (c.days-c.monthStart())/7 + 1
	case 'w':
		return c.weekOfYear()
	case 'W':
		return weekOf(c.monthStart(), c.days)
	}
	return floorMod(c.days+3, 7) + 1 // u: Monday is 1
}

// oneTo makes hour 0 the last one.
func oneTo(hour, last int64) int64 {
	if hour == 0 {
		return last
	}
	return hour
}

func (c *calendar) appendName(dst []byte, e *element) []byte {
	switch e.letter {
	case 'G':
		return append(dst, eraNames[c.era()]...)
	case 'a':
		return append(dst, halfNames[c.time/(12*millisPerHour)]...)
	case 'E':
		return appendShort(dst, dayNames[weekday(c.days)], e.count >= 4)
	case 'z':
		return c.appendZoneName(dst, e.count >= 4)
	}
	if e.count < 3 {
		return appendPadded(dst, int64(c.month), e.count)
	}
	return appendShort(dst, monthNames[c.month-1], e.count >= 4)
}

func appendShort(dst []byte, name string, long bool) []byte {
	if !long {
		name = name[:3]
	}
	return append(dst, name...)
}

func (c *calendar) appendYear(dst []byte, e *element) []byte {
	year := c.yearOfEra()
	if e.letter == 'Y' {
		year = c.weekYear()
	}
	if e.count == 2 {
		if year < 0 {
			dst, year = append(dst, '-'), -year
		}
		return appendPadded(dst, year%100, 2)
	}
	return appendPadded(dst, year, e.count)
}

// appendOffset appends +0130 for Z, and +01, +0130 or +01:30 for X, which writes Z for UTC.
func (c *calendar) appendOffset(dst []byte, e *element) []byte {
	if e.letter == 'X' && c.offset == 0 {
		return append(dst, 'Z')
	}
	minutes, sign := c.offset/60, byte('+')
	if minutes < 0 {
		minutes, sign = -minutes, '-'
	}
	dst = appendPadded(append(dst, sign), int64(minutes/60), 2)
	if e.letter == 'X' && e.count == 1 {
		return dst
	}
	if e.letter == 'X' && e.count == 3 {
		dst = append(dst, ':')
	}
	return appendPadded(dst, int64(minutes%60), 2)
}

// maxDigits is the most digits that DecimalFormat writes for an integer.
const maxDigits = 309

// appendPadded appends n with at least width digits.
func appendPadded(dst []byte, n int64, width int) []byte {
	if width == 2 && uint64(n) < 100 { // nearly all fields
		return append(dst, byte('0'+n/10), byte('0'+n%10))
	}
	if n < 0 && n != math.MinInt64 {
		dst, n = append(dst, '-'), -n
	}
	limit := int64(10)
	for width = min(width, maxDigits); width > 1; width-- {
		switch {
		case n < limit:
			dst = append(dst, '0')
		case limit <= math.MaxInt64/10:
			limit *= 10
		}
	}
	return strconv.AppendInt(dst, n, 10)
}

func itoa(n int) string { return strconv.Itoa(n) }
