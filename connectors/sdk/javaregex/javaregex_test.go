package javaregex_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/javaregex"
)

func TestMatchesTheWholeText(t *testing.T) {
	for _, c := range []struct {
		pattern string
		yes, no []string
	}{
		{"", []string{""}, []string{"a"}},
		{"a|ab", []string{"a", "ab"}, []string{"b", "abc"}},
		{".*", []string{"", "été"}, []string{"a\nb", "a\u2028", "a\u0085b", "a\r"}},
		{"(?s).*", []string{"a\nb"}, nil},
		{"(?d).*", []string{"a\rb"}, []string{"a\nb"}},
		{`\d+`, []string{"12"}, []string{"", "１２"}},
		{`\w+`, []string{"a_1"}, []string{"é"}},
		{`\s\h\v\H`, []string{"\x0b\u00a0\u2028x"}, []string{"\u00a0\u00a0\nx"}},
		{`\p{L}+\p{Lu}\p{IsGreek}\P{L}`, []string{"éÉλ1"}, []string{"é"}},
		{`\p{Alpha}\p{Punct}\p{javaLowerCase}\p{IsAlphabetic}`, []string{"a.éé"}, []string{"é.éé"}},
		{`\p{script=Han}\p{gc=Lu}`, []string{"世A"}, nil},
		{"(?i)straße", []string{"STRAßE"}, []string{"STRASSE"}},
		{"(?i)é", []string{"é"}, []string{"É"}},
		{"(?iu)é", []string{"É"}, nil},
		{"(?i)[a-c]x(?-i)Y", []string{"BXY"}, []string{"BXy"}},
		{"((?i)a)b", []string{"Ab"}, []string{"AB"}},
		{"[a-z&&[^t]]", []string{"a"}, []string{"t", "A"}},
		{"[a-z&&[def]&&[^e]]", []string{"d", "f"}, []string{"e", "a"}},
		{"[^a-d&&c-f]", []string{"a", "e", "z"}, []string{"c", "d"}},
		{"[]a]", []string{"]", "a"}, nil},
		{"[a-]", []string{"a", "-"}, []string{"b"}},
		{"[a[bc]&&[b]]", []string{"b"}, []string{"a", "c"}},
		{`[\w&&[^\d]]+`, []string{"ab_"}, []string{"a1"}},
		{`\Q.*\E`, []string{".*"}, []string{"ab"}},
		{`[\Q^]\E]`, []string{"^", "]"}, []string{"a"}},
		{`a{2}b{1,}c{0,1}`, []string{"aab", "aabbc"}, []string{"ab"}},
		{"a{2000}", []string{strings.Repeat("a", 2000)}, []string{"a"}},
		{"^a$", []string{"a"}, []string{"a\n"}},
		{"(?s)a$.", []string{"a\n"}, []string{"ab"}},
		{"(?m)a$\n^b", []string{"a\nb"}, nil},
		{"(?x) a b # c", []string{"ab"}, []string{"a b"}},
		{"a++b", []string{"aab"}, []string{"aa"}},
		{".*+", []string{"abc"}, nil},
		{".*+b", nil, []string{"ab"}},
		{"(?>a|ab)c", []string{"ac"}, []string{"abc"}},
		{"(?=t)t", []string{"t"}, []string{"x"}},
		{"(?!t).*", []string{"x", ""}, []string{"t"}},
		{".*(?<=a)", []string{"ba"}, []string{"ab"}},
		{".*(?<!a)", []string{"ab"}, []string{"ba"}},
		{`(\w)\1`, []string{"aa"}, []string{"ab"}},
		{`(?<x>.)\k<x>`, []string{"aa"}, []string{"ab"}},
		{`(?i)(a)\1`, []string{"aA"}, []string{"ab"}},
		{`(a)\11`, []string{"aa1"}, []string{"aaaaaaaaaaaa"}},
		{`\x41\u00e9\x{1F600}\uD83D\uDE00\t\0101\e\cA`, []string{"Aé😀😀\tA\x1b\x01"}, nil},
		{`a\R`, []string{"a\r\n", "a\n"}, []string{"a"}},
		{`\ba\b.`, []string{"a.", "aé"}, []string{"ab"}},
		{"a??b*?c+?", []string{"c", "abbcc"}, nil},
		{`\-\.\/\_é`, []string{"-./_é"}, nil},
		{"mysql-(?!internal).*", []string{"mysql-orders"}, []string{"mysql-internal-x"}},
	} {
		re, err := javaregex.Compile(c.pattern)
		if err != nil {
			t.Errorf("%q: %v", c.pattern, err)
			continue
		}
		for want, texts := range map[bool][]string{true: c.yes, false: c.no} {
			for _, s := range texts {
				if got, err := re.Matches(s); got != want || err != nil {
					t.Errorf("%q on %.20q: got %t, %v", c.pattern, s, got, err)
				}
			}
		}
	}
}

func TestCompileRefusesWithTheTextOfJava(t *testing.T) {
	for pattern, want := range map[string]string{
		"(":            "Unclosed group near index 1\n(",
		"*":            "Dangling meta character '*' near index 0\n*\n^",
		"a{2,1}":       "Illegal repetition range near index 5\na{2,1}\n     ^",
		"a)":           "Unmatched closing ')' near index 0\na)\n^",
		"[a":           "Unclosed character class near index 1\n[a\n ^",
		"[b-a]":        "Illegal character range near index 3\n[b-a]\n   ^",
		`\p{Nope}`:     "Unknown character property name {Nope} near index 7\n\\p{Nope}\n       ^",
		`\X`:           "Grapheme clusters, \\X, are not supported near index 1\n\\X\n ^",
		"(?<a>)(?<a>)": "Named capturing group <a> is already defined near index 10\n(?<a>)(?<a>)\n          ^",
	} {
		_, err := javaregex.Compile(pattern)
		if syntax, ok := errors.AsType[*javaregex.SyntaxError](err); !ok || syntax.Error() != want {
			t.Errorf("%q: got %v\nwant %s", pattern, err, want)
		}
	}
}

func TestReplaceFirst(t *testing.T) {
	for _, c := range []struct{ pattern, text, replacement, want string }{
		{"(.*)", "a", "prefix-$1", "prefix-a"},
		{"(.*?)(\\d*)", "user_42", "$1-$2", "-user_42"},
		{"(?<n>.*)", "t", "${n}-x", "t-x"},
		{"(.*)", "t", `\$1\\é\é`, `$1\éé`},
		{"(.*)", "t", "$10", "t0"},
		{"(a)?(t)", "t", "[$1][$2]", "[][t]"},
		{"b", "abab", "x", "axab"},
		{"z", "abab", "$9", "abab"},
		{"(?<=é)b", "aébé", "x", "aéxé"},
		{`(\w)\1`, "xaax", "back-$1", "xback-ax"},
	} {
		re, err := javaregex.Compile(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := re.ReplaceFirst(c.text, c.replacement); got != c.want || err != nil {
			t.Errorf("%q on %q with %q: got %q, %v, want %q", c.pattern, c.text, c.replacement, got, err, c.want)
		}
	}
}

func TestReplaceFirstRefusesWithTheTextOfJava(t *testing.T) {
	re, err := javaregex.Compile("(.*)")
	if err != nil {
		t.Fatal(err)
	}
	for replacement, want := range map[string]string{
		"$2": "No group 2", "$": "Illegal group reference: group index is missing", "$x": "Illegal group reference",
		`\`: "character to be escaped is missing", "${missing}": "No group with name {missing}",
		"${1}": "capturing group name {1} starts with digit character", "${a": "named capturing group is missing trailing '}'",
	} {
		_, err := re.ReplaceFirst("t", replacement)
		if e, ok := errors.AsType[*javaregex.ReplacementError](err); !ok || e.Message != want {
			t.Errorf("%q: got %v, want %s", replacement, err, want)
		}
	}
}

func TestFindLooksAnywhereInTheText(t *testing.T) {
	for _, c := range []struct{ pattern, text, group string }{
		{`(?:[.]|^)([^.]*)$`, "com.acme.Order", "Order"},
		{`(?:[.]|^)([^.]*)$`, "Order", "Order"},
		{`b(x)?c`, "abcd", ""},
		{`(?<=a)(b)`, "cab", "b"}, // for the backtracking engine
		{`(é)\b`, "née é", "é"},
	} {
		re, err := javaregex.Compile(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if re.Groups() != 1 {
			t.Errorf("%s has %d groups", c.pattern, re.Groups())
		}
		found, err := re.Find(c.text)
		group, groupFound, groupErr := re.FindGroup(c.text, 1)
		if !found || err != nil || !groupFound || groupErr != nil || group != c.group {
			t.Errorf("%s in %q: got %t %v, group %q %t %v", c.pattern, c.text, found, err, group, groupFound, groupErr)
		}
		found, err = re.Find("zzz.")
		if _, groupFound, groupErr = re.FindGroup("zzz.", 1); found != groupFound || err != nil || groupErr != nil || found != (c.text == "Order" || c.group == "Order") {
			t.Errorf("%s in zzz.: got %t %v, %t %v", c.pattern, found, err, groupFound, groupErr)
		}
	}
}

func TestARunawayPatternEndsWithAnErrorThatNamesIt(t *testing.T) {
	const pattern = `(?=a)(a+)+$`
	re, err := javaregex.Compile(pattern)
	if err != nil {
		t.Fatal(err)
	}
	_, err = re.Matches(strings.Repeat("a", 50) + "b")
	if limit, ok := errors.AsType[*javaregex.LimitError](err); !ok || limit.Pattern != pattern || !strings.Contains(err.Error(), pattern) {
		t.Errorf("got %v", err)
	}
}

func TestLookBehindOfMoreThanThereIs(t *testing.T) {
	for pattern, want := range map[string]bool{
		`(?<=(?:(?:(?:(?:a{9999}){9999}){9999}){9999}){9999})\bb`: false, `(?<!(?:(?:(?:(?:a{9999}){9999}){9999}){9999}){9999})\bb`: true, `(?<=a{0,99999})b`: true, `(?<=ca*)b`: false,
	} {
		re, err := javaregex.Compile(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := re.Find("b"); got != want || err != nil {
			t.Errorf("%s: got %t, %v", pattern, got, err)
		}
	}
}

// Without look-around and the like a pattern is linear whatever it looks like.
func TestAPatternForTheLinearEngineHasNoLimit(t *testing.T) {
	re, err := javaregex.Compile(`(a+)+$`)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := re.Find(strings.Repeat("a", 100_000) + "b"); ok || err != nil {
		t.Errorf("got %t, %v", ok, err)
	}
}

func TestLinearPatternsDoNotAllocate(t *testing.T) {
	re, err := javaregex.Compile(`(?i)orders-[a-z]+\.\d+`)
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() {
		if ok, _ := re.Matches("Orders-eu.42"); !ok {
			t.Error("no match")
		}
	}); n != 0 {
		t.Errorf("a match takes %v allocations", n)
	}
}

// FuzzCompile asks that every pattern compiles or is refused with an error that fits it.
func FuzzCompile(f *testing.F) {
	for _, seed := range []string{"(.*)", "[a-z&&[^t]]", `\Qa\E\p{L}`, "(?<n>a)\\k<n>", "a{2,3}+", "(?im-s:x)", "[[[", `\x{41}`, "(?", "\\"} {
		f.Add(seed, "abc")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 100 || len(text) > 100 {
			return
		}
		re, err := javaregex.Compile(pattern)
		if err != nil {
			if syntax, ok := errors.AsType[*javaregex.SyntaxError](err); ok && syntax.Pattern != pattern {
				t.Fatalf("%q: the error is about %q", pattern, syntax.Pattern)
			}
			return
		}
		ok, err := re.Matches(text)
		if err != nil || !ok {
			return
		}
		if _, err := re.ReplaceFirst(text, "$0"); err != nil {
			t.Fatalf("%q on %q: %v", pattern, text, err)
		}
	})
}
