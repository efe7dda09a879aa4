package javaregex

import (
	"errors"
	"strings"
	"testing"
)

// FuzzEnginesAgree asks both engines the same: a pattern is printed for each of them, and where both can take it they must
// agree on whether a text matches.
func FuzzEnginesAgree(f *testing.F) {
	for _, seed := range []string{"(.*)", "[a-z&&[^t]]+", `\Qa\E\p{L}|b`, "a{2,3}?", "(?i-s:x)", `[^\w\s]\x{41}`, `^a$`, `\bab\b`, `(?i)é|ſ`, `\h\R`} {
		f.Add(seed, "ab é")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 60 || len(text) > 20 {
			return
		}
		p, root, err := parse(pattern)
		if err != nil || p.backtracks || p.hasEnd && endsInTerminator(text) || p.hasBoundary && !isASCII(text) {
			return
		}
		var re Regexp
		if re.compileFast(render(root)) != nil {
			return
		}
		runes := []rune(text)
		whole, err := build(p, root).run(pattern, runes, true)
		if err != nil {
			return
		}
		text = string(runes) // with what is not UTF-8 replaced
		if fast := re.match.MatchString(text); fast != (whole != nil) {
			t.Fatalf("%q on %q: the linear engine says %t with %s, the other %t", pattern, text, fast, re.match, whole != nil)
		}
		first, err := build(p, root).run(pattern, runes, false)
		at := re.find.FindStringIndex(text)
		if err == nil && (first == nil) != (at == nil) || first != nil && at != nil && string(runes[:first.groups[0]]) != text[:at[0]] {
			t.Fatalf("%q in %q: the linear engine finds %v with %s, the other %v", pattern, text, at, re.find, first)
		}
	})
}

func TestEveryPatternForOneEngineIsRefusedByParsing(t *testing.T) {
	for _, pattern := range []string{"(", "[", `\`, "(?<", "a{", "(?z)", `\p{`, `\u12`, "[a-", `\k<n>`, "(?", "x{1", `\c`, `\0`} {
		_, err := Compile(pattern)
		if _, ok := errors.AsType[*SyntaxError](err); !ok {
			t.Errorf("%q: %v", pattern, err)
		}
	}
}

func TestEveryWayToMatchIsLimited(t *testing.T) {
	for _, c := range []struct{ pattern, text string }{
		{`(?=a)(a+)+b\1`, strings.Repeat("a", 60)},
		{`(?!b)(?:a|aa)+b`, strings.Repeat("a", 100)},
		{`(.*?,){20}(?=P)P`, strings.Repeat("1,", 60)},
		{`(?!b)(?:a|b)*c`, strings.Repeat("ab", 100_000)}, // Java overflows its stack
	} {
		re, err := Compile(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		re.slow.steps = 100_000
		for name, match := range map[string]func() (bool, error){
			"matches": func() (bool, error) { return re.Matches(c.text) },
			"find":    func() (bool, error) { return re.Find(c.text) },
			"replace": func() (bool, error) { _, err := re.ReplaceFirst(c.text, "x"); return false, err },
		} {
			if _, err := match(); !errors.As(err, new(*LimitError)) {
				t.Errorf("%s of %q: got %v", name, c.pattern, err)
			}
		}
	}
}
