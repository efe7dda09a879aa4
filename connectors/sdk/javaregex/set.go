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

// fold adds the other cases of all letters: of ASCII only, or of all scripts.
func (s set) fold(unicodeCase bool) set {
	folded := slices.Clone(s)
	for _, r := range s {
		if !unicodeCase {
			for c := max(r.lo, 'A'); c <= min(r.hi, 'z'); c++ {
				if isLetter(c) {
					folded = append(folded, span{c ^ 0x20, c ^ 0x20})
				}
			}
			continue
		}
		for c := r.lo; c <= min(r.hi, lastCased); c++ {
			for f := unicode.SimpleFold(c); f != c; f = unicode.SimpleFold(f) {
				folded = append(folded, span{f, f})
			}
		}
	}
	return folded.clean()
}

// lastCased is the last character that has cases.
const lastCased = 0x1E943

func isLetter(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' && r < 0x80 }

func isDigit(r rune) bool { return r >= '0' && r <= '9' }
