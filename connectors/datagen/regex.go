package datagen

import (
	"fmt"
	"regexp/syntax"
	"unicode/utf8"
)

// unboundedRepeat is how often x* and x+ repeat x at most, beyond what they must.
const unboundedRepeat = 8

// compilePattern returns a pattern that makes texts which the regular expression matches.
func compilePattern(expression string) (pattern, error) {
	re, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("regex %q: %w", expression, err)
	}
	p, err := compileNode(re)
	if err != nil {
		return nil, fmt.Errorf("regex %q: %w", expression, err)
	}
	return p, nil
}

func compileNode(re *syntax.Regexp) (pattern, error) {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText:
		return sequence(nil), nil
	case syntax.OpLiteral:
		return literal(string(re.Rune)), nil
	case syntax.OpCharClass:
		return newClass(re.Rune)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return newClass([]rune{' ', '~'})
	case syntax.OpConcat:
		subs, err := compileAll(re.Sub)
		return sequence(subs), err
	case syntax.OpAlternate:
		subs, err := compileAll(re.Sub)
		return alternatives(subs), err
	case syntax.OpCapture:
		return compileNode(re.Sub[0])
	}
	least, most, ok := bounds(re)
	if !ok {
		return nil, fmt.Errorf("%s makes no text", re)
	}
	of, err := compileNode(re.Sub[0])
	return repeated{of, int64(least), int64(most) + 1}, err
}

func compileAll(res []*syntax.Regexp) ([]pattern, error) {
	patterns := make([]pattern, len(res))
	for i, re := range res {
		var err error
		if patterns[i], err = compileNode(re); err != nil {
			return nil, err
		}
	}
	return patterns, nil
}

// bounds returns how often the operand of a repetition is repeated.
func bounds(re *syntax.Regexp) (least, most int, ok bool) {
	switch re.Op {
	case syntax.OpStar:
		return 0, unboundedRepeat, true
	case syntax.OpPlus:
		return 1, 1 + unboundedRepeat, true
	case syntax.OpQuest:
		return 0, 1, true
	case syntax.OpRepeat:
		if re.Max < 0 {
			return re.Min, re.Min + unboundedRepeat, true
		}
		return re.Min, re.Max, true
	}
	return 0, 0, false
}

// literal is a fixed text.
type literal string

func (p literal) appendTo(d *draft) { d.text = append(d.text, p...) }

// sequence is patterns one after the other.
type sequence []pattern

func (p sequence) appendTo(d *draft) {
	for _, part := range p {
		part.appendTo(d)
	}
}

// alternatives is one of some patterns.
type alternatives []pattern

func (p alternatives) appendTo(d *draft) { p[d.random.below(uint64(len(p)))].appendTo(d) }

// repeated is a pattern from min to max-1 times.
type repeated struct {
	of       pattern
	min, max int64
}

func (p repeated) appendTo(d *draft) {
	for range d.random.between(p.min, p.max) {
		p.of.appendTo(d)
	}
}

// class is one character out of ranges.
type class struct {
	ranges []rune // from, to, from, to …, both included
	total  uint64
}

// newClass keeps to the printable characters of ASCII where the class has some: [^,] should not make text that is hard to
// look at.
func newClass(ranges []rune) (pattern, error) {
	printable := class{}
	all := class{}
	for i := 0; i+1 < len(ranges); i += 2 {
		all.add(ranges[i], ranges[i+1])
		printable.add(max(ranges[i], ' '), min(ranges[i+1], '~'))
	}
	if printable.total > 0 {
		return printable, nil
	}
	if all.total == 0 {
		return nil, fmt.Errorf("a class of characters is empty")
	}
	return all, nil
}

func (c *class) add(from, to rune) {
	if from <= to {
		c.ranges = append(c.ranges, from, to)
		c.total += uint64(to-from) + 1
	}
}

func (c class) appendTo(d *draft) {
	n := d.random.below(c.total)
	for i := 0; i < len(c.ranges); i += 2 {
		size := uint64(c.ranges[i+1]-c.ranges[i]) + 1
		if n < size {
			d.text = utf8.AppendRune(d.text, c.ranges[i]+rune(n))
			return
		}
		n -= size
	}
}
