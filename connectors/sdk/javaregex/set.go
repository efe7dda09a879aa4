package javaregex

import (
	"slices"
	"unicode"
)

// set is a set of characters as ranges, sorted and apart from each other once clean was called.
type set []span

type span struct{ lo, hi rune }

const maxRune = unicode.MaxRune

func single(r rune) set { return set{{r, r}} }

func ranges(pairs ...rune) set {
	var s set
	for i := 0; i < len(pairs); i += 2 {
		s = append(s, span{pairs[i], pairs[i+1]})
	}
	return s
}

func fromTables(tables ...*unicode.RangeTable) set {
	var s set
	for _, t := range tables {
		for _, r := range t.R16 {
			s = s.addStride(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
		for _, r := range t.R32 {
			s = s.addStride(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
	}
	return s.clean()
}

func (s set) addStride(lo, hi, stride rune) set {
	if stride == 1 {
		return append(s, span{lo, hi})
	}
	for r := lo; r <= hi; r += stride {
		s = append(s, span{r, r})
	}
	return s
}

// clean sorts the ranges and joins those that touch.
func (s set) clean() set {
	slices.SortFunc(s, func(a, b span) int { return int(a.lo) - int(b.lo) })
	var joined set
	for _, r := range s {
		if n := len(joined); n > 0 && r.lo <= joined[n-1].hi+1 {
			joined[n-1].hi = max(joined[n-1].hi, r.hi)
			continue
		}
		joined = append(joined, r)
	}
	return joined
}

func (s set) union(t set) set { return append(slices.Clone(s), t...).clean() }

func (s set) negate() set {
	var rest set
	next := rune(0)
	for _, r := range s.clean() {
		if r.lo > next {
			rest = append(rest, span{next, r.lo - 1})
		}
		next = r.hi + 1
	}
	if next <= maxRune {
		rest = append(rest, span{next, maxRune})
	}
	return rest
}

func (s set) intersect(t set) set { return s.negate().union(t.negate()).negate() }

// fold adds the characters that a range matches under the flag i: those of ASCII that are in another case, or, with unicodeCase, all
// whose upper case, or the lower case of that, is in it. That is not the same in both directions: [a-z] matches the sign of Kelvin,
// [A-Z] does not.
func (s set) fold(unicodeCase bool) set {
	folded := slices.Clone(s)
	if !unicodeCase {
		for _, r := range s {
			for c := max(r.lo, 'A'); c <= min(r.hi, 'z'); c++ {
				if isLetter(c) {
					folded = append(folded, span{c ^ 0x20, c ^ 0x20})
				}
			}
		}
		return folded.clean()
	}
	in := s.clean()
	for _, c := range s.otherCases() {
		if upper := unicode.ToUpper(c); in.contains(upper) || in.contains(unicode.ToLower(upper)) {
			folded = append(folded, span{c, c})
		}
	}
	return folded.clean()
}

// otherCases returns what can be another case of a character in s, but for the dotless and the dotted i, which Go counts as none, and
// which are there always.
func (s set) otherCases() []rune {
	others := []rune{0x130, 0x131}
	for _, r := range s {
		for c := r.lo; c <= min(r.hi, lastCased); c++ {
			for f := unicode.SimpleFold(c); f != c; f = unicode.SimpleFold(f) {
				others = append(others, f)
			}
		}
	}
	return others
}

// lastCased is the last character that has cases.
const lastCased = 0x1E943

func isLetter(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' && r < 0x80 }

func isDigit(r rune) bool { return r >= '0' && r <= '9' }
