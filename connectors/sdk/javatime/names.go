package javatime

import "unicode"

//nolint:gochecknoglobals // constant tables; Go has no constant arrays
var (
	eraNames   = [...]string{"BC", "AD"}
	halfNames  = [...]string{"AM", "PM"}
	dayNames   = [...]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
	monthNames = [...]string{
		"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
	}
	// longEras are understood, but never written.
	longEras = [...]string{"Before Christ", "Anno Domini"}
)

// matchName returns which of the names text begins with, in full or by its first three letters, and how long it is there;
// length 0 when it is none. The longest wins.
func matchName(text string, names []string) (index, length int) {
	for i, name := range names {
		n := matchPrefix(text, name)
		if n == 0 && len(name) > 3 {
			n = matchPrefix(text, name[:3])
		}
		if n > length {
			index, length = i, n
		}
	}
	return index, length
}

// matchPrefix returns the length of the prefix of text that equals name, regardless of case; 0 when there is none.
func matchPrefix(text, name string) int {
	at := 0
	for _, want := range name {
		if at >= len(text) {
			return 0
		}
		got, size := decode(text[at:])
		if got != want && !foldEqual(got, want) {
			return 0
		}
		at += size
	}
	return at
}

// foldEqual compares as String.regionMatches does: also by the upper case, and by the lower case of that. So the long s is an
// S, and the Turkish letters without and with a dot are an I.
func foldEqual(a, b rune) bool {
	a, b = unicode.ToUpper(a), unicode.ToUpper(b)
	if a == b {
		return true
	}
	lower := func(r rune) rune {
		if r == 'İ' {
			return 'i'
		}
		return unicode.ToLower(r)
	}
	return lower(a) == lower(b)
}
