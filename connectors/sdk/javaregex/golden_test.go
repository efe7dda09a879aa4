package javaregex_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/ferry-connect/ferry/connectors/sdk/javaregex"
)

// goldenPattern is one line of regex.jsonl: what Java makes of a pattern.
type goldenPattern struct {
	Pattern string
	Error   *string
	Texts   []goldenText
}

// goldenText is what a pattern makes of a text: whether it matches as a whole, and where it is found first, with its groups.
type goldenText struct {
	Text    string
	Matches bool
	Start   *int // in characters
	Groups  []*string
}

func golden(t *testing.T) (patterns []goldenPattern) {
	t.Helper()
	f, err := os.Open("testdata/regex.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Buffer(nil, 1<<20); lines.Scan(); {
		var p goldenPattern
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		patterns = append(patterns, p)
	}
	if len(patterns) < 3000 || lines.Err() != nil {
		t.Fatalf("there are %d patterns, %v", len(patterns), lines.Err())
	}
	return patterns
}

// refusals are patterns that Java takes and Ferry refuses, with the reason that the error gives.
func refusals() map[string]string {
	return map[string]string{
		`\p{IsEmoji}`: "The character property {IsEmoji} is not supported", `\p{javaMirrored}`: "The character property {javaMirrored} is not supported",
		`\X`: `Grapheme clusters, \X, are not supported`, `\b{g}`: `The boundary of grapheme clusters, \b{g}, is not supported`,
		`\N{SPACE}`: `Characters by name, \N{…}, are not supported`, `\N{LATIN SMALL LETTER A}`: `Characters by name, \N{…}, are not supported`,
		`(?x)\x{ 41}`: "Illegal hexadecimal escape sequence", // Java takes blanks even here
	}
}

// differences are texts of which Ferry finds something else, with the reason.
func differences() map[[2]string]string {
	const halves = "Java also looks between the two halves of a character beyond U+FFFF"
	return map[[2]string]string{
		{`\B`, "a😀b"}: halves, {`\B.`, "a😀b"}: halves, {`(?<=..)b`, "a😀b"}: halves,
	}
}

func TestPatternsMatchWhatTheyMatchInJava(t *testing.T) {
	refused, different, texts := refusals(), differences(), 0
	for _, c := range golden(t) {
		re, err := javaregex.Compile(c.Pattern)
		if reason, ok := refused[c.Pattern]; ok {
			if err == nil || !strings.Contains(err.Error(), reason) {
				t.Errorf("%q: got %v, want %s", c.Pattern, err, reason)
			}
			continue
		}
		switch {
		case c.Error != nil && err == nil:
			t.Errorf("%q is taken, Java says %s", c.Pattern, *c.Error)
		case c.Error != nil:
			if syntax, ok := errors.AsType[*javaregex.SyntaxError](err); !ok || syntax.Error() != *c.Error {
				t.Errorf("%q: got  %v\nwant %s", c.Pattern, err, *c.Error)
			}
		case err != nil:
			t.Errorf("%q is refused: %v", c.Pattern, err)
		}
		if c.Error != nil || err != nil {
			continue
		}
		for _, text := range c.Texts {
			texts++
			problem := text.check(re)
			if _, ok := different[[2]string{c.Pattern, text.Text}]; ok != (problem != "") {
				t.Errorf("%q on %q: %s; listed as different is %t", c.Pattern, text.Text, problem, ok)
			}
		}
	}
	t.Logf("%d texts", texts)
}

func (c *goldenText) check(re *javaregex.Regexp) string {
	if got, err := re.Matches(c.Text); got != c.Matches || err != nil {
		return "matches is " + describe(got, err)
	}
	found, err := re.Find(c.Text)
	if found != (c.Groups != nil) || err != nil {
		return "find is " + describe(found, err)
	}
	for i, want := range c.Groups {
		if want == nil {
			want = new(string)
		}
		if got, _, err := re.FindGroup(c.Text, i); got != *want || err != nil {
			return "group " + string(rune('0'+i)) + " is " + got + ", want " + *want
		}
	}
	if !found {
		return ""
	}
	runes := []rune(c.Text)
	want := string(runes[:*c.Start]) + "<>" + string(runes[*c.Start+len([]rune(*c.Groups[0])):])
	if got, err := re.ReplaceFirst(c.Text, "<>"); got != want || err != nil {
		return "it is replaced to " + got + ", want " + want
	}
	return ""
}

func describe(got bool, err error) string {
	switch {
	case err != nil:
		return err.Error()
	case got:
		return "true"
	}
	return "false"
}
