package javatime

import (
	"strconv"
	"strings"
)

// ParseError says where a text does not match a pattern.
type ParseError struct {
	Text  string
	Index int // of the byte that does not fit; the length of the text when the parts contradict each other
}

// Error quotes the text.
func (e *ParseError) Error() string {
	if e.Index >= len(e.Text) {
		return "Text '" + e.Text + "' could not be parsed"
	}
	return "Text '" + e.Text + "' could not be parsed at index " + strconv.Itoa(e.Index)
}

// Parse reads the whole text, as strictly as Java does: letters of the right case, as many digits as the pattern says. Errors are of
// type *ParseError.
func (f *DateTimeFormatter) Parse(text string) (Temporal, error) {
	p := temporalParser{text: text}
	end := p.parts(f.parts, 0)
	if end < 0 || end < len(text) {
		return Temporal{}, &ParseError{Text: text, Index: max(end, ^end)}
	}
	t, ok := p.read.resolve()
	if !ok {
		return Temporal{}, &ParseError{Text: text, Index: len(text)}
	}
	return t, nil
}

// temporalParser reads parts. Each function returns the position behind what it read, or the complement of where it failed.
type temporalParser struct {
	text string
	read temporals
}

func (p *temporalParser) parts(parts []part, pos int) int {
	for i := range parts {
		if pos = p.part(&parts[i], pos); pos < 0 {
			return pos
		}
	}
	return pos
}

func (p *temporalParser) part(e *part, pos int) int {
	if f, least, most, sign := e.digits(); most > 0 {
		return p.number(e, pos, f, least, most, sign)
	}
	switch e.letter {
	case '[':
		before := p.read
		if end := p.parts(e.optional, pos); end >= 0 {
			return end
		}
		p.read = before
		return pos
	case 'G':
		if e.count == 4 {
			return p.name(pos, temporalEra, longEras[:], 0, true)
		}
		return p.name(pos, temporalEra, eraNames[:], 0, true)
	case 'a':
		return p.name(pos, temporalAMPM, halfNames[:], 0, true)
	case 'M', 'L':
		return p.name(pos, temporalMonth, monthNames[:], 1, e.count == 4)
	case 'E':
		return p.name(pos, temporalDayOfWeek, dayNames[:], 0, e.count == 4)
	case 'X', 'x', 'Z':
		return p.offset(e, pos)
	case 'V':
		return p.zoneID(pos)
	}
	if !strings.HasPrefix(p.text[pos:], e.text) {
		return ^pos
	}
	return pos + len(e.text)
}

// name reads one of some names, in full or the first three letters. first is the value of the first one.
func (p *temporalParser) name(pos int, f temporalField, names []string, first int64, full bool) int {
	for i, name := range names {
		if !full {
			name = name[:3]
		}
		if !strings.HasPrefix(p.text[pos:], name) {
			continue
		}
		v := int64(i) + first
		if f == temporalDayOfWeek && v == 0 {
			v = 7
		}
		return p.set(f, v, pos, pos+len(name))
	}
	return ^pos
}

func (p *temporalParser) set(f temporalField, v int64, pos, end int) int {
	if !p.read.set(f, v) {
		return ^pos
	}
	return end
}

func (p *temporalParser) number(e *part, pos int, f temporalField, least, most int, sign signStyle) int {
	start := pos
	if pos < len(p.text) && (p.text[pos] == '-' && sign != signNever || p.text[pos] == '+' && sign == signExceeding) {
		pos++
	}
	limit := most
	if f != temporalFraction {
		limit += e.reserved
	}
	end := p.countDigits(pos, limit)
	if e.reserved > 0 && f != temporalFraction {
		end = min(end, pos+max(least, end-pos-e.reserved))
	}
	if end-pos < least || end == pos {
		return ^pos
	}
	v, ok := signed(p.text[start:end], end-pos, least, sign)
	if !ok {
		return ^start
	}
	switch {
	case f == temporalFraction:
		for range 9 - (end - pos) {
			v *= 10
		}
	case f == temporalYear && e.count == 2:
		v += 2000
	}
	if e.letter == 'y' {
		f = temporalYearOfEra
	}
	return p.set(f, v, start, end)
}

// signed returns a number of so many digits, if its sign is as it must be.
func signed(text string, digits, least int, sign signStyle) (v int64, ok bool) {
	v, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil, text[0] == '-' && v == 0, text[0] == '+' && digits <= least:
		return 0, false
	}
	return v, sign != signExceeding || text[0] == '-' || text[0] == '+' || digits <= least
}

// countDigits returns the end of the digits at pos, of which it takes at most limit.
func (p *temporalParser) countDigits(pos, limit int) (end int) {
	for end = pos; end < len(p.text) && end-pos < limit && p.text[end]-'0' <= 9; end++ {
	}
	return end
}

func (p *temporalParser) offset(e *part, pos int) int {
	s := e.offsetStyle()
	if strings.HasPrefix(p.text[pos:], s.zero) {
		return p.set(temporalOffset, 0, pos, pos+len(s.zero))
	}
	seconds, end := readOffset(p.text, pos, s)
	if end < 0 {
		return ^pos
	}
	return p.set(temporalOffset, int64(seconds), pos, end)
}

// readOffset reads a sign, hours and, as the style has it, minutes and seconds. end is -1 when it is none.
func readOffset(text string, pos int, s offsetStyle) (seconds, end int) {
	if pos >= len(text) || text[pos] != '+' && text[pos] != '-' {
		return 0, -1
	}
	r := digitReader{text: text, pos: pos + 1}
	hours, ok := r.pair(false)
	if !ok || hours > 23 {
		return 0, -1
	}
	minutes, ok := r.pair(s.colon)
	if !ok && s.minutes == always || s.minutes == never {
		return 0, -1
	}
	rest := int32(0)
	if ok && s.seconds != never {
		rest, _ = r.pair(s.colon)
	}
	seconds = int(hours)*3600 + int(minutes)*60 + int(rest)
	if text[pos] == '-' {
		seconds = -seconds
	}
	return seconds, r.pos
}

// pair reads two digits of at most 59, behind a colon if there must be one. It reads nothing when they are not there.
func (r *digitReader) pair(colon bool) (n int32, ok bool) {
	before := r.pos
	if !colon || r.colon() {
		tens, first := r.digit()
		ones, second := r.digit()
		if first && second && tens < 6 {
			return tens*10 + ones, true
		}
	}
	r.pos = before
	return 0, false
}

// zoneID reads the longest identifier of a zone, Z, or an offset.
func (p *temporalParser) zoneID(pos int) int {
	text := p.text[pos:]
	if seconds, end := readOffset(p.text, pos, offsetStyle{colon: true, minutes: always, seconds: ifNotZero}); end > 0 && seconds == min(max(seconds, -maxOffset), maxOffset) {
		p.read.zone = string(appendISOOffset(nil, &part{letter: 'X', count: 5}, seconds))
		return end
	}
	n := 0
	for n < len(text) && (isLetter(text[n]) || text[n]-'0' <= 9 || strings.IndexByte("/_-+", text[n]) >= 0) {
		n++
	}
	for ; n > 0; n-- {
		id := text[:n]
		if _, known := zonesByID()[id]; known && !strings.Contains(shortIDs, id+"=") && !strings.HasPrefix(id, "SystemV/") {
			p.read.zone = id
			return pos + n
		}
	}
	if strings.HasPrefix(text, "Z") {
		p.read.zone = "Z"
		return pos + 1
	}
	return ^pos
}
