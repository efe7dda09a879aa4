package javaregex

// class reads a character class after its opening bracket: a union of characters, ranges and classes, or the intersection
// of several such unions joined by &&; the whole may be negated.
func (p *parser) class() set {
	defer p.enter()()
	negated := p.accept("^")
	var union set
	var intersection *set
	empty := true // of the current union
	for first := true; ; first = false {
		if !p.more() {
			p.fail("Unclosed character class", len(p.text)-1)
		}
		switch {
		case p.text[p.pos] == ']' && !first:
			p.pos++
			return finish(union, intersection, empty, negated)
		case p.accept("&&"):
			intersection = narrowed(intersection, union, empty)
			union, empty = nil, true
			continue
		case p.accept("["):
			union = union.union(p.class())
		default:
			union = union.union(p.classItem())
		}
		empty = false
	}
}

// narrowed is the intersection so far and one more union. Java ignores an empty side of &&.
func narrowed(intersection *set, union set, empty bool) *set {
	switch {
	case empty:
		return intersection
	case intersection == nil:
		return &union
	}
	both := intersection.intersect(union)
	return &both
}

func finish(union set, intersection *set, empty, negated bool) set {
	s := union
	if all := narrowed(intersection, union, empty); all != nil {
		s = *all
	}
	if negated {
		return s.negate()
	}
	return s
}

// classItem reads a character, a range or an escaped class.
func (p *parser) classItem() set {
	low, ok := p.classCharacter()
	if !ok {
		return low
	}
	if p.pos >= len(p.text) || p.text[p.pos] != '-' || p.pos+1 < len(p.text) && (p.text[p.pos+1] == ']' || p.text[p.pos+1] == '[') {
		return p.folded(low)
	}
	if p.pos++; p.pos == len(p.text) {
		p.fail("Illegal character range", p.pos)
	}
	high, ok := p.classCharacter()
	if !ok || high[0].lo < low[0].lo {
		p.fail("Illegal character range", p.pos-1)
	}
	return p.folded(ranges(low[0].lo, high[0].lo))
}

// classCharacter reads one character, or returns false with the set that an escape stands for.
func (p *parser) classCharacter() (set, bool) {
	c := p.next()
	if c != '\\' {
		return single(c), true
	}
	if p.pos == len(p.text) {
		p.fail("Unclosed character class", p.pos)
	}
	s, _ := p.escapedSet()
	return s, len(s) == 1 && s[0].lo == s[0].hi
}
