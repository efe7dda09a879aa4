package javaregex

import (
	"fmt"
	"sort"
	"unicode"
)

// Bounds of one match in the backtracking engine. What reaches one ends with an error; Java would run on, or overflow its stack.
const (
	maxSteps         = 10_000_000
	maxStepsOverText = 16      // more for each character
	maxNests         = 100_000 // steps within steps: some 30 MiB of stack
)

// LimitError says that a match was given up, since a bad pattern can take exponential time.
type LimitError struct {
	// Pattern is the pattern, Length the number of characters of the text.
	Pattern string
	Length  int
	// Limit is what was reached, in words.
	Limit string
}

// Error names the pattern.
func (e *LimitError) Error() string {
	return fmt.Sprintf("the regular expression %s was given up on a text of %d characters after %s", e.Pattern, e.Length, e.Limit)
}

// step is one node of a compiled pattern, linked to those that follow: match reports whether it and all behind it match at i. It
// follows java.util.regex.Pattern node by node, since which of several ways is tried first, and what groups hold then, is all
// that a pattern means there.
type step interface {
	match(m *matcher, i int) bool
}

// matcher is the state of one match. A failed step leaves it as it was, but for groups inside of look-around and atomic groups: what
// they captured stays, as in Java.
type matcher struct {
	text   []rune
	groups []int // start and end of each; -1 if it took no part
	starts []int // of groups that are open
	loops  []iteration
	last   int  // where the innermost sub-pattern ended
	behind int  // where a look-behind has to end
	whole  bool // the match must end with the text

	steps, most, nested int
	limit               string // that was reached
}

// iteration is where a loop's latest iteration began, and how many there were.
type iteration struct{ begin, count int }

// try is how every step goes on to another: it keeps the bounds. When one is reached nothing matches any more.
func (m *matcher) try(s step, i int) bool {
	switch {
	case m.limit != "":
		return false
	case m.steps >= m.most:
		m.limit = fmt.Sprintf("%d steps", m.most)
		return false
	case m.nested >= maxNests:
		m.limit = fmt.Sprintf("%d steps within each other", maxNests)
		return false
	}
	m.steps++
	m.nested++
	ok := s.match(m, i)
	m.nested--
	return ok
}

// program is a pattern for the backtracking engine.
type program struct {
	start         step
	groups, loops int
	steps         int // that a match may take on a short text
}

// run looks for the first match, or, if whole, whether all of text matches.
func (p *program) run(pattern string, text []rune, whole bool) (*matcher, error) {
	m := &matcher{
		text: text, most: p.steps + maxStepsOverText*len(text),
		groups: make([]int, 2*(p.groups+1)), starts: make([]int, p.groups+1), loops: make([]iteration, p.loops), whole: whole,
	}
	for i := range m.groups {
		m.groups[i] = -1
	}
	last := len(text)
	if whole {
		last = 0
	}
	for i := 0; i <= last && m.limit == ""; i++ {
		if m.try(p.start, i) && m.limit == "" {
			m.groups[0], m.groups[1] = i, m.last
			return m, nil
		}
	}
	if m.limit != "" {
		return nil, &LimitError{Pattern: pattern, Length: len(text), Limit: m.limit}
	}
	return nil, nil
}

// end is what follows the whole pattern.
type end struct{}

func (end) match(m *matcher, i int) bool {
	m.last = i
	return !m.whole || i == len(m.text)
}

// accept is what follows a sub-pattern that is matched by itself.
type accept struct{}

func (accept) match(m *matcher, i int) bool {
	m.last = i
	return true
}

// arrive is what follows a look-behind.
type arrive struct{}

func (arrive) match(m *matcher, i int) bool { return i == m.behind }

// character is one character of a set.
type character struct {
	set  set
	next step
}

func (s *character) match(m *matcher, i int) bool {
	return i < len(m.text) && s.set.contains(m.text[i]) && m.try(s.next, i+1)
}

// contains looks for a character in a clean set.
func (s set) contains(c rune) bool {
	i := sort.Search(len(s), func(i int) bool { return s[i].hi >= c })
	return i < len(s) && s[i].lo <= c
}

// branch tries alternatives, each of which leads to what follows.
type branch struct{ subs []step }

func (s *branch) match(m *matcher, i int) bool {
	for _, sub := range s.subs {
		if m.try(sub, i) {
			return true
		}
	}
	return false
}

// open and closing are the ends of a capturing group.
type open struct {
	group int
	next  step
}

func (s *open) match(m *matcher, i int) bool {
	saved := m.starts[s.group]
	m.starts[s.group] = i
	ok := m.try(s.next, i)
	m.starts[s.group] = saved
	return ok
}

type closing struct {
	group int
	next  step
}

func (s *closing) match(m *matcher, i int) bool {
	g := m.groups[2*s.group : 2*s.group+2]
	start, stop := g[0], g[1]
	g[0], g[1] = m.starts[s.group], i
	if m.try(s.next, i) {
		return true
	}
	g[0], g[1] = start, stop
	return false
}

// atomic takes the first way through a sub-pattern, and no other.
type atomic struct{ sub, next step }

func (s *atomic) match(m *matcher, i int) bool { return m.try(s.sub, i) && m.try(s.next, m.last) }

// ahead looks ahead for a sub-pattern, or for its absence.
type ahead struct {
	sub, next step
	absent    bool
}

func (s *ahead) match(m *matcher, i int) bool { return m.try(s.sub, i) != s.absent && m.try(s.next, i) }

// back looks behind for a sub-pattern of min to max characters, or for its absence.
type back struct {
	sub, next step
	min, max  int
	absent    bool
}

func (s *back) match(m *matcher, i int) bool {
	saved, found := m.behind, false
	m.behind = i
	for j := i - s.min; !found && j >= max(0, i-s.max); j-- {
		found = m.try(s.sub, j)
	}
	m.behind = saved
	return found != s.absent && m.try(s.next, i)
}

// same is what a group matched, again.
type same struct {
	group             int
	fold, unicodeCase bool
	next              step
}

func (s *same) match(m *matcher, i int) bool {
	if 2*s.group >= len(m.groups) { // a group that does not exist never matches
		return false
	}
	start, stop := m.groups[2*s.group], m.groups[2*s.group+1]
	if start < 0 || i+stop-start > len(m.text) {
		return false
	}
	for k, c := range m.text[start:stop] {
		if d := m.text[i+k]; c != d && !(s.fold && equalFold(c, d, s.unicodeCase)) {
			return false
		}
	}
	return m.try(s.next, i+stop-start)
}

// equalFold compares two characters without regard to case, of ASCII letters or of all.
func equalFold(c, d rune, unicodeCase bool) bool {
	if !unicodeCase {
		return c^d == 0x20 && isLetter(c)
	}
	c, d = unicode.ToUpper(c), unicode.ToUpper(d)
	return c == d || unicode.ToLower(c) == unicode.ToLower(d)
}
