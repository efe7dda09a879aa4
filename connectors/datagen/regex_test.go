package datagen

import (
	"regexp"
	"testing"
)

func TestPatternsMakeTextThatMatches(t *testing.T) {
	for _, expression := range []string{
		"", "abc", "a*", "a+b?", "[0-9]{3}", "[a-f]{2,}", "(x|yy|z{2})+", "[^,]{5}", `\d\w\s\S`, ".{4}", "^a$", "[à-ö]", `[\[\]]{2}`, "(?i)hello", `\x{1F600}`,
	} {
		p, err := compilePattern(expression)
		if err != nil {
			t.Errorf("%q: %v", expression, err)
			continue
		}
		re := regexp.MustCompile("^(?:" + expression + ")$")
		for n := range int64(200) {
			d := draft{random: newRandom(1, 2, n)}
			p.appendTo(&d)
			if !re.Match(d.text) {
				t.Errorf("%q makes %q", expression, d.text)
				break
			}
		}
	}
}

func TestRandomNumbersAreSpreadEvenly(t *testing.T) {
	var counts [10]int
	for n := range int64(10_000) {
		r := newRandom(5, 0, n)
		counts[r.below(10)]++
	}
	for digit, n := range counts {
		if n < 850 || n > 1150 {
			t.Errorf("%d comes %d times in 10000", digit, n)
		}
	}
}
