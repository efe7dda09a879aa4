package javatime

import "strings"

// DateTimeFormatter is a compiled pattern of java.time.format.DateTimeFormatter with the resolver style SMART, as ofPattern makes it.
// It is immutable. The calendar is the proleptic Gregorian one.
type DateTimeFormatter struct {
	parts []part
}

// part is one piece of a pattern: a field, a text, or a section in brackets.
type part struct {
	// letter is the pattern letter, 0 for text and '[' for a section.
	letter   byte
	count    int
	text     string
	optional []part
	// reserved is the number of digits that fixed fields directly behind this one need.
	reserved int
}

// formatterLetters are the letters that are supported, with the highest count of each.
const formatterLetters = "G4 u19 y19 M4 L4 d2 D3 E4 a1 h2 H2 k2 K2 m2 s2 S9 n19 N19 A19 X5 x5 Z3 V2"

// unsupportedLetters are the others that Java knows.
const unsupportedLetters = "QqwWYFgecBOzvp"

// CompileDateTimeFormatter compiles a pattern. Supported are the letters G u y M L d D E a h H K k m s S n N A X x V, Z of up to
// three, texts between apostrophes and sections in brackets, all with the meaning they have in Java for the locale en_US. Not
// supported, and said so, are narrow names (five letters), names of zones (z v), localized offsets (O ZZZZ), weeks (w W Y e c F),
// quarters (Q q), parts of the day (B), Julian days (g), ZZZZZ and padding (p). Errors are of type *PatternError.
func CompileDateTimeFormatter(pattern string) (*DateTimeFormatter, error) {
	parts, rest, err := compileParts(pattern, 0)
	if err != nil {
		return nil, err
	}
	if rest != "" {
		return nil, &PatternError{"Pattern invalid as it contains ] without previous ["}
	}
	return &DateTimeFormatter{parts: parts}, nil
}

// maxSections bounds the nesting of sections.
const maxSections = 100

// compileParts compiles up to the end or a closing bracket, with which rest begins.
func compileParts(pattern string, depth int) (parts []part, rest string, err error) {
	for len(pattern) > 0 && pattern[0] != ']' {
		var p part
		n := 1
		switch c := pattern[0]; {
		case c == '[':
			if depth == maxSections {
				return nil, "", &PatternError{"sections are nested too deeply"}
			}
			section, after, err := compileParts(pattern[1:], depth+1)
			if err != nil {
				return nil, "", err
			}
			p, pattern = part{letter: '[', optional: section}, strings.TrimPrefix(after, "]") // the last ones may be left open
			n = 0
		case c == '\'':
			if p.text, n, err = quotedText(pattern); err != nil {
				return nil, "", err
			}
		case c == '{' || c == '}' || c == '#':
			return nil, "", &PatternError{"Pattern includes reserved character: '" + pattern[:1] + "'"}
		case isLetter(c):
			n = run(pattern)
			if p, err = compileLetter(c, n); err != nil {
				return nil, "", err
			}
		default:
			p.text = pattern[:1]
		}
		parts, pattern = append(parts, p), pattern[n:]
	}
	reserve(parts)
	return parts, pattern, nil
}

func quotedText(pattern string) (text string, n int, err error) {
	if strings.HasPrefix(pattern, "''") {
		return "'", 2, nil
	}
	text, n, ok := unquote(pattern)
	if !ok {
		return "", 0, &PatternError{"Pattern ends with an incomplete string literal: " + pattern}
	}
	return text, n, nil
}

func compileLetter(c byte, n int) (part, error) {
	for spec := range strings.FieldsSeq(formatterLetters) {
		if spec[0] != c {
			continue
		}
		limit := 0
		for _, d := range spec[1:] {
			limit = limit*10 + int(d-'0')
		}
		switch {
		case c == 'V' && n != 2:
			return part{}, &PatternError{"Pattern letter count must be 2: V"}
		case n == 5 && strings.IndexByte("GMLEZ", c) >= 0, n == 4 && c == 'Z':
			return part{}, &PatternError{"Pattern letters are not supported: " + strings.Repeat(spec[:1], n)}
		case n > limit:
			return part{}, &PatternError{"Too many pattern letters: " + spec[:1]}
		}
		return part{letter: c, count: n}, nil
	}
	if strings.IndexByte(unsupportedLetters, c) >= 0 {
		return part{}, &PatternError{"Pattern letter is not supported: " + string(rune(c))}
	}
	return part{}, &PatternError{"Unknown pattern letter: " + string(rune(c))}
}

// reserve works out how many digits a number of any length must leave to the fields of fixed length directly behind it.
func reserve(parts []part) {
	active := -1
	for i := range parts {
		_, least, most, sign := parts[i].digits()
		switch {
		case most == 0:
			active = -1
		case active >= 0 && least == most && sign == signNever:
			parts[active].reserved += most
		default:
			active = i
		}
	}
}

// signStyle says when a number has a sign.
type signStyle uint8

const (
	signNever signStyle = iota
	// signNegative allows a minus.
	signNegative
	// signExceeding also demands a plus if there are more digits than the least number.
	signExceeding
)

const anyDigits = 19

// digits describes a part that is a number; most is 0 for others.
func (p *part) digits() (f temporalField, least, most int, sign signStyle) {
	n := p.count
	switch p.letter {
	case 'u', 'y':
		f = temporalYear
		switch {
		case n == 2:
			return f, 2, 2, signNever
		case n >= 4:
			return f, n, anyDigits, signExceeding
		}
		return f, n, anyDigits, signNegative
	case 'M', 'L':
		if n > 2 {
			return 0, 0, 0, signNever
		}
		f = temporalMonth
	case 'D':
		if n > 1 {
			return temporalDayOfYear, n, 3, signNever
		}
		f = temporalDayOfYear
	case 'S':
		return temporalFraction, n, n, signNever
	case 'n', 'N', 'A':
		return temporalField(strings.IndexByte("nNA", p.letter)) + temporalNano, n, anyDigits, signNever
	default:
		i := strings.IndexByte("dHkKhms", p.letter)
		if i < 0 {
			return 0, 0, 0, signNever
		}
		f = temporalDay + temporalField(i)
	}
	if n == 2 {
		return f, 2, 2, signNever
	}
	return f, 1, anyDigits, signNegative
}
