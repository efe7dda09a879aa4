package javaregex

import (
	"regexp"
	"strings"
)

// Regexp is a compiled pattern. It may be used concurrently.
type Regexp struct {
	pattern string
	groups  int
	names   map[string]int
	// match is anchored at both ends, find is not; they are nil when only the backtracking engine can do it.
	match, find *regexp.Regexp
	// slow is for the backtracking engine, nil when it is never needed.
	slow *program
	// hasEnd and hasBoundary say for which texts the backtracking engine is needed although there is the other, loopGroups that it is
	// needed for groups.
	hasEnd, hasBoundary, loopGroups bool
}

// Compile parses a pattern of java.util.regex.Pattern. An error is a *SyntaxError with Java's text.
func Compile(pattern string) (*Regexp, error) {
	p, root, err := parse(pattern)
	if err != nil {
		return nil, err
	}
	re := &Regexp{pattern: pattern, groups: p.groups, names: p.names, hasEnd: p.hasEnd, hasBoundary: p.hasBoundary, loopGroups: p.loopGroups}
	slow := p.backtracks
	if !slow {
		// Go refuses a few patterns that are too large for it, such as a{2000}.
		slow = re.compileFast(render(root)) != nil
	}
	if slow || p.hasEnd || p.hasBoundary || p.loopGroups {
		re.slow = build(p, root)
	}
	return re, nil
}

func render(root *node) string {
	var b strings.Builder
	root.write(&b)
	return b.String()
}

func (re *Regexp) compileFast(expr string) (err error) {
	find, err := regexp.Compile(expr)
	if err != nil {
		return err
	}
	match, err := regexp.Compile(`\A(?:` + expr + `)\z`)
	if err != nil {
		return err
	}
	re.find, re.match = find, match
	return nil
}

// String returns the pattern as it was given.
func (re *Regexp) String() string { return re.pattern }

// Matches reports whether the whole of s matches (Matcher.matches). It fails only when backtracking takes too long, with a *LimitError.
func (re *Regexp) Matches(s string) (bool, error) {
	if !re.isSlow(s) {
		return re.match.MatchString(s), nil
	}
	m, err := re.slow.run(re.pattern, []rune(s), true)
	return m != nil, err
}

// Find reports whether s contains a match (Matcher.find). It fails as Matches does.
func (re *Regexp) Find(s string) (bool, error) {
	if !re.isSlow(s) {
		return re.find.MatchString(s), nil
	}
	m, err := re.slow.run(re.pattern, []rune(s), false)
	return m != nil, err
}

// FindGroup returns group i of the first match in s (Matcher.group after Matcher.find), the whole match for 0; found is false when
// there is no match. A group that took no part is empty. i must not be above Groups.
func (re *Regexp) FindGroup(s string, i int) (group string, found bool, err error) {
	m, err := re.first(s)
	if err != nil || m == nil {
		return "", false, err
	}
	return m.group(i), true, nil
}

// Groups returns the number of groups (Matcher.groupCount).
func (re *Regexp) Groups() int { return re.groups }

// isSlow reports whether s needs the backtracking engine.
func (re *Regexp) isSlow(s string) bool {
	return re.match == nil || re.hasEnd && endsInTerminator(s) || re.hasBoundary && !isASCII(s)
}

func endsInTerminator(s string) bool {
	for _, t := range []string{"\n", "\r", "\u0085", "\u2028", "\u2029"} {
		if strings.HasSuffix(s, t) {
			return true
		}
	}
	return false
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// ReplaceFirst returns s with the first match replaced (Matcher.replaceFirst), or s itself when there is none. In
// replacement, $1 and ${name} stand for groups and a backslash makes the next character literal; a mistake in it is a
// *ReplacementError, found only when there is a match.
func (re *Regexp) ReplaceFirst(s, replacement string) (string, error) {
	m, err := re.first(s)
	if err != nil || m == nil {
		return s, err
	}
	expanded, err := re.expand(replacement, m.group)
	if err != nil {
		return "", err
	}
	return m.before + expanded + m.after, nil
}

// occurrence is a match: the text around it and its groups.
type occurrence struct {
	before, after string
	group         func(i int) string // empty for a group that took no part
}

func (re *Regexp) first(s string) (*occurrence, error) {
	if !re.isSlow(s) && !re.loopGroups {
		at := re.find.FindStringSubmatchIndex(s)
		if at == nil {
			return nil, nil
		}
		return &occurrence{before: s[:at[0]], after: s[at[1]:], group: func(i int) string {
			if at[2*i] < 0 {
				return ""
			}
			return s[at[2*i]:at[2*i+1]]
		}}, nil
	}
	m, err := re.slow.run(re.pattern, []rune(s), false)
	if m == nil {
		return nil, err
	}
	return &occurrence{before: string(m.text[:m.groups[0]]), after: string(m.text[m.groups[1]:]), group: func(i int) string {
		if m.groups[2*i] < 0 {
			return ""
		}
		return string(m.text[m.groups[2*i]:m.groups[2*i+1]])
	}}, nil
}
