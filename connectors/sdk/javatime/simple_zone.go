package javatime

// zoneName reads an offset as in +0130, GMT with or without one as in GMT+1:30, or the name of a zone.
func (p *simpleParser) zoneName(at int) bool {
	switch p.text[at] {
	case '+':
		return p.numericZone(at+1, 1, 0, false)
	case '-':
		return p.numericZone(at+1, -1, 0, false)
	}
	// Java looks for GMT before the blanks, if there are any, and finds it only as a name behind them.
	n := matchPrefix(p.text[p.pos:], "GMT")
	if n == 0 || at != p.pos {
		return p.namedZone(at)
	}
	at += n
	if at < len(p.text) && p.text[at] == '+' {
		return p.numericZone(at+1, 1, 0, true)
	}
	if at < len(p.text) && p.text[at] == '-' {
		return p.numericZone(at+1, -1, 0, true)
	}
	p.setOffset(0)
	p.pos = at
	return true
}

// isoZone reads Z, or an offset of hours (count 1), hours and minutes (2) or the same with a colon (3).
func (p *simpleParser) isoZone(at, count int) bool {
	switch p.text[at] {
	case 'Z':
		p.setOffset(0)
		p.pos = at + 1
		return true
	case '+':
		return p.numericZone(at+1, 1, count, count == 3)
	case '-':
		return p.numericZone(at+1, -1, count, count == 3)
	}
	return false
}

// numericZone reads hh, hhmm or hh:mm. Behind GMT, where count is 0 and there is a colon, one digit is enough for the hours.
func (p *simpleParser) numericZone(at int, sign int32, count int, colon bool) bool {
	r := digitReader{text: p.text, pos: at}
	hours, ok := r.digit()
	if !ok {
		return false
	}
	if second, two := r.digit(); two {
		hours = hours*10 + second
	} else if count > 0 || !colon || r.pos >= len(r.text) {
		return false
	}
	minutes := int32(0)
	if count != 1 {
		if colon && !r.colon() {
			return false
		}
		tens, ok := r.digit()
		ones, also := r.digit()
		minutes = tens*10 + ones
		if !ok || !also || minutes > 59 {
			return false
		}
	}
	if hours > 23 {
		return false
	}
	p.setOffset((hours*60 + minutes) * sign * millisPerMinute)
	p.pos = r.pos
	return true
}

func (p *simpleParser) setOffset(millis int32) {
	p.fields.set(fieldZoneOffset, millis)
	p.fields.set(fieldDSTOffset, 0)
}

type digitReader struct {
	text string
	pos  int
}

func (r *digitReader) digit() (n int32, ok bool) {
	if r.pos >= len(r.text) || r.text[r.pos]-'0' > 9 {
		return 0, false
	}
	r.pos++
	return int32(r.text[r.pos-1] - '0'), true
}

func (r *digitReader) colon() bool {
	if r.pos >= len(r.text) || r.text[r.pos] != ':' {
		return false
	}
	r.pos++
	return true
}

// namedZone reads the name of a zone, its own first. A name of daylight saving time counts as such even in winter, and one of
// standard time even in summer, unless the zone has the same name for both or saves nothing.
func (p *simpleParser) namedZone(at int) bool {
	z, i, n := p.findZone(p.text[at:])
	if n == 0 {
		return false
	}
	if i < 2 && z.names[i] != z.names[i+2] || i >= 2 && z.saving != 0 {
		saving := int32(0)
		if i >= 2 {
			saving = z.saving
		}
		p.fields.clear(fieldZoneOffset)
		p.fields.set(fieldDSTOffset, saving)
	}
	p.pos = at + n
	return true
}

// findZone finds the zone whose name text begins with, and makes it that of the date.
func (p *simpleParser) findZone(text string) (z *zoneNames, index, length int) {
	own := "UTC"
	if p.format.zone != nil {
		own = p.format.zone.String()
	}
	if z = zonesByID()[own]; z != nil {
		if index, length = z.match(text); length > 0 {
			return z, index, length
		}
	}
	for _, z = range zones() {
		if index, length = z.match(text); length == 0 {
			continue
		}
		p.zone = z.location()
		return z, index, length
	}
	return nil, 0, 0
}

// match returns which of the names text begins with. Java looks at them in this order: a long name is never taken for its
// beginning.
func (z *zoneNames) match(text string) (index, length int) {
	for i, name := range z.names {
		if n := matchPrefix(text, name); n > 0 {
			return i, n
		}
	}
	return 0, 0
}
