package javatext

import (
	"strings"
	"testing"
	"unicode"
)

// What String.toUpperCase(Locale.ROOT) and toLowerCase(Locale.ROOT) answer; testdata has more.
func TestCaseIsThatOfJava(t *testing.T) {
	for _, c := range []struct{ text, upper, lower string }{
		{"", "", ""},
		{"aZ09-_", "AZ09-_", "az09-_"},
		{"straße ÄÖÜ", "STRASSE ÄÖÜ", "straße äöü"},
		{"ﬃ ŉ ǰ", "FFI ʼN J̌", "ﬃ ŉ ǰ"},
		{"ᾀ ᾬ ᾳ ᾼ", "ἈΙ ὬΙ ΑΙ ΑΙ", "ᾀ ᾤ ᾳ ᾳ"},
		{"İıIi", "İIII", "i̇ıii"},
		{"ΟΔΟΣ ΣΑΣ Σ Α.Σ", "ΟΔΟΣ ΣΑΣ Σ Α.Σ", "οδος σας σ α.ς"},
		{"ǆ ǅ", "Ǆ Ǆ", "ǆ ǆ"},
		{"日本 😀", "日本 😀", "日本 😀"},
		{"\xed\xa0\x80a", "\xed\xa0\x80A", "\xed\xa0\x80a"}, // half of a surrogate pair
	} {
		if got := string(AppendUpper(nil, c.text)); got != c.upper {
			t.Errorf("%q in capitals: got %q, want %q", c.text, got, c.upper)
		}
		if got := string(AppendLower(nil, c.text)); got != c.lower {
			t.Errorf("%q in small letters: got %q, want %q", c.text, got, c.lower)
		}
	}
}

// Characters have the case that Go's Unicode tables give them, but for those that become several.
func TestCaseOfSingleCharacters(t *testing.T) {
	for r := range rune(0x11000) {
		text := string(r)
		if upper := string(AppendUpper(nil, text)); len([]rune(upper)) == 1 && upper != strings.ToUpper(text) {
			t.Errorf("%U in capitals: got %U, want %U", r, []rune(upper), unicode.ToUpper(r))
		}
		if lower := string(AppendLower(nil, text)); r != 'İ' && lower != strings.ToLower(text) {
			t.Errorf("%U in small letters: got %q", r, lower)
		}
	}
}
