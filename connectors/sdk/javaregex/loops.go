package javaregex

// unlimited is the maximum of a repetition that has none.
const unlimited = -1

// repeat is a repeated character. It goes back over what it took without a step within a step for each.
type repeat struct {
	set      set
	min, max int
	mode     byte
	next     step
}

func (s *repeat) match(m *matcher, i int) bool {
	most := len(m.text) - i
	if s.max != unlimited {
		most = min(most, s.max)
	}
	n := 0
	fits := func() bool { return n < most && s.set.contains(m.text[i+n]) }
	if s.mode == reluctant {
		for ; n < s.min; n++ {
			if !fits() {
				return false
			}
		}
		for {
			if m.try(s.next, i+n) {
				return true
			}
			if !fits() || m.limit != "" {
				return false
			}
			n++
		}
	}
	for fits() {
		n++
	}
	m.steps += n
	if s.mode == possessive {
		return n >= s.min && m.try(s.next, i+n)
	}
	for ; n >= s.min && m.limit == ""; n-- {
		if m.try(s.next, i+n) {
			return true
		}
	}
	return false
}

// enter begins a loop; loop follows each iteration. An iteration that took nothing is the last.
type enter struct{ loop *loop }

type loop struct {
	slot     int // in matcher.loops
	min, max int
	lazy     bool
	body     step // leads to the loop
	next     step
}

func (s enter) match(m *matcher, i int) bool {
	l := s.loop
	it := &m.loops[l.slot]
	saved := it.count
	ok := false
	switch {
	case l.min > 0:
		ok = l.iterate(m, i, 1)
	case l.lazy:
		ok = m.try(l.next, i) || l.max != 0 && l.iterate(m, i, 1)
	default:
		ok = l.max != 0 && l.iterate(m, i, 1) || m.try(l.next, i)
	}
	it.count = saved
	return ok
}

// iterate makes another iteration, number n, and takes it back if it leads nowhere.
func (l *loop) iterate(m *matcher, i, n int) bool {
	it := &m.loops[l.slot]
	saved := *it
	it.begin, it.count = i, n
	if m.try(l.body, i) {
		return true
	}
	*it = saved
	return false
}

func (l *loop) match(m *matcher, i int) bool {
	it := &m.loops[l.slot]
	n := it.count
	if i == it.begin {
		return m.try(l.next, i)
	}
	more := l.max == unlimited || n < l.max
	switch {
	case n < l.min:
		return l.iterate(m, i, n+1)
	case l.lazy:
		return m.try(l.next, i) || more && l.iterate(m, i, n+1)
	}
	return more && l.iterate(m, i, n+1) || m.try(l.next, i)
}

// once is a group, or a choice, that is repeated without going back into an iteration.
type once struct {
	sub      step
	min, max int
	next     step
}

func (s *once) match(m *matcher, i int) bool {
	for n := 0; s.max == unlimited || n < s.max; n++ {
		if !m.try(s.sub, i) {
			if n < s.min {
				return false
			}
			break
		}
		if m.last == i && n >= s.min {
			break
		}
		i = m.last
	}
	return m.try(s.next, i)
}

// curly repeats a part that is matched by itself, without going back into it: look-around, a back-reference, an anchor, an atomic group,
// or any group that can be matched in one way only. What groups inside of it captured in a part that is taken back stays, as in Java.
type curly struct {
	sub      step
	group    int // that captures the part; 0 for none
	min, max int
	lazy     bool
	next     step
}

func (s *curly) match(m *matcher, i int) bool {
	saved := s.captured(m)
	ok := true
	for n := 0; ok && n < s.min; n++ {
		if ok = m.try(s.sub, i); ok {
			s.capture(m, i, m.last)
			i = m.last
		}
	}
	if ok && s.lazy {
		ok = s.few(m, i)
	} else if ok {
		ok = s.many(m, i, s.min)
	}
	if !ok && s.group > 0 {
		s.capture(m, saved[0], saved[1])
	}
	return ok
}

func (s *curly) captured(m *matcher) [2]int { return [2]int(m.groups[2*s.group : 2*s.group+2]) }

func (s *curly) capture(m *matcher, start, stop int) {
	if s.group > 0 {
		m.groups[2*s.group], m.groups[2*s.group+1] = start, stop
	}
}

func (s *curly) more(n int) bool { return s.max == unlimited || n < s.max }

// few takes what is needed. A part that matched nothing ends it.
func (s *curly) few(m *matcher, i int) bool {
	for n := s.min; ; n++ {
		if m.try(s.next, i) {
			return true
		}
		if !s.more(n) || !m.try(s.sub, i) || m.last == i {
			return false
		}
		s.capture(m, i, m.last)
		i = m.last
	}
}

// many takes all there is from part n on, and goes back part by part as long as they are of one length.
func (s *curly) many(m *matcher, i, n int) bool {
	saved := s.captured(m)
	if s.more(n) && m.try(s.sub, i) {
		length, taken := m.last-i, 0
		if length == 0 {
			s.capture(m, i, i)
		}
		for length > 0 {
			s.capture(m, i, m.last)
			i = m.last
			if taken++; !s.more(n+taken) || !m.try(s.sub, i) {
				break
			}
			if m.last != i+length {
				if s.many(m, i, n+taken) {
					return true
				}
				break
			}
		}
		for ; taken > 0 && m.limit == ""; taken-- {
			if m.try(s.next, i) {
				s.capture(m, i-length, i)
				return true
			}
			i -= length
			s.capture(m, i-length, i)
		}
	}
	s.capture(m, saved[0], saved[1])
	return m.try(s.next, i)
}
