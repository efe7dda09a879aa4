package javatime

import (
	"math"
	"strconv"
	"time"
)

// AppendFormat appends t as it is in its own location.
func (f *DateTimeFormatter) AppendFormat(dst []byte, t time.Time) ([]byte, error) {
	return appendParts(dst, f.parts, t)
}

func appendParts(dst []byte, parts []part, t time.Time) ([]byte, error) {
	var err error
	for i := range parts {
		p := &parts[i]
		if f, least, most, sign := p.digits(); most > 0 {
			dst, err = appendNumber(dst, p, t, f, least, most, sign)
		} else {
			dst, err = appendOther(dst, p, t)
		}
		if err != nil {
			return dst, err
		}
	}
	return dst, nil
}

func appendNumber(dst []byte, p *part, t time.Time, f temporalField, least, most int, sign signStyle) ([]byte, error) {
	v := numberOf(t, f)
	switch {
	case f == temporalFraction:
		return append(dst, strconv.Itoa(nanosPerSecond + t.Nanosecond())[1:1+p.count]...), nil
	case f == temporalYear && p.letter == 'y' && v <= 0:
		v = 1 - v
	}
	if f == temporalYear && p.count == 2 {
		return appendPadded(dst, max(v, -v)%100, 2), nil
	}
	limit := int64(math.MaxInt64)
	if least < anyDigits {
		limit = int64(math.Pow10(min(least, 18)))
	}
	switch {
	case v < 0:
		dst, v = append(dst, '-'), -v
	case sign == signExceeding && v >= limit:
		dst = append(dst, '+')
	}
	if most < anyDigits && v >= int64(math.Pow10(most)) {
		return dst, &FieldError{Letter: p.letter, Value: v}
	}
	return appendPadded(dst, v, least), nil
}

// FieldError is a value that the number of letters in the pattern has no room for.
type FieldError struct {
	Letter byte
	Value  int64
}

// Error names the letter and the value.
func (e *FieldError) Error() string {
	return "the value " + strconv.FormatInt(e.Value, 10) + " has too many digits for the pattern letter " + string(rune(e.Letter))
}

func numberOf(t time.Time, f temporalField) int64 {
	hour := int64(t.Hour())
	ofDay := hour*nanosPerHour + int64(t.Minute())*nanosPerMinute + int64(t.Second())*nanosPerSecond + int64(t.Nanosecond())
	switch f {
	case temporalYear:
		return int64(t.Year())
	case temporalMonth:
		return int64(t.Month())
	case temporalDay:
		return int64(t.Day())
	case temporalDayOfYear:
		return int64(t.YearDay())
	case temporalHour:
		return hour
	case temporalClockHour:
		return oneTo(hour, 24)
	case temporalHourOfAMPM:
		return hour % 12
	case temporalClockHourOfAMPM:
		return oneTo(hour%12, 12)
	case temporalMinute:
		return int64(t.Minute())
	case temporalSecond:
		return int64(t.Second())
	case temporalNanoOfDay:
		return ofDay
	case temporalMilliOfDay:
		return ofDay / 1_000_000
	}
	return int64(t.Nanosecond())
}

func appendOther(dst []byte, p *part, t time.Time) ([]byte, error) {
	switch p.letter {
	case '[':
		whole, err := appendParts(dst, p.optional, t)
		if err != nil {
			return dst, err
		}
		return whole, nil
	case 'G':
		return append(dst, isoEra(t.Year(), p.count)...), nil
	case 'M', 'L':
		return appendShort(dst, monthNames[t.Month()-1], p.count == 4), nil
	case 'E':
		return appendShort(dst, dayNames[t.Weekday()], p.count == 4), nil
	case 'a':
		return append(dst, halfNames[t.Hour()/12]...), nil
	case 'V':
		return append(dst, zoneID(t)...), nil
	case 'X', 'x', 'Z':
		_, offset := t.Zone()
		return appendISOOffset(dst, p, offset), nil
	}
	return append(dst, p.text...), nil
}

func isoEra(year, count int) string {
	era := 1
	if year <= 0 {
		era = 0
	}
	if count == 4 {
		return longEras[era]
	}
	return eraNames[era]
}

// zoneID is the identifier of a location; a zone of the database, or the offset.
func zoneID(t time.Time) string {
	switch name := t.Location().String(); {
	case t.Location() == time.UTC:
		return "Z"
	case name != "" && name != "Local":
		return name
	}
	_, offset := t.Zone()
	return string(appendISOOffset(nil, &part{letter: 'X', count: 5}, offset))
}

// offsetStyle says what an offset looks like: whether there are colons, and minutes and seconds always, never, or unless they
// are zero.
type offsetStyle struct {
	colon            bool
	minutes, seconds presence
	zero             string
}

type presence uint8

const (
	never presence = iota
	ifNotZero
	always
)

func (p *part) offsetStyle() offsetStyle {
	s := offsetStyle{minutes: always, zero: "Z"}
	switch p.letter {
	case 'Z':
		s.zero = "+0000"
		return s
	case 'x':
		s.zero = [...]string{"+00", "+0000", "+00:00", "+0000", "+00:00"}[p.count-1]
	}
	switch p.count {
	case 1:
		s.minutes = ifNotZero
	case 3:
		s.colon = true
	case 4:
		s.seconds = ifNotZero
	case 5:
		s.colon, s.seconds = true, ifNotZero
	}
	return s
}

func appendISOOffset(dst []byte, p *part, offset int) []byte {
	s := p.offsetStyle()
	if offset == 0 {
		return append(dst, s.zero...)
	}
	start, sign := len(dst), byte('+')
	if offset < 0 {
		offset, sign = -offset, '-'
	}
	written := offset / 3600
	dst = appendPadded(append(dst, sign), int64(offset/3600), 2)
	add := func(n int, p presence) bool {
		if p == never || p == ifNotZero && n == 0 {
			return false
		}
		if s.colon {
			dst = append(dst, ':')
		}
		written += n
		dst = appendPadded(dst, int64(n), 2)
		return true
	}
	if add(offset/60%60, s.minutes) {
		add(offset%60, s.seconds)
	}
	if written == 0 { // what is left of a small offset is none
		return append(dst[:start], s.zero...)
	}
	return dst
}
