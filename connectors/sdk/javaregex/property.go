package javaregex

import (
	"strings"
	"unicode"
)

// classEscape returns the set of a predefined class such as \d.
func classEscape(c rune) (set, bool) {
	var s set
	switch unicode.ToLower(c) {
	case 'd':
		s = ranges('0', '9')
	case 'w':
		s = ranges('0', '9', 'A', 'Z', '_', '_', 'a', 'z')
	case 's':
		s = ranges('\t', '\r', ' ', ' ')
	case 'h':
		s = ranges('\t', '\t', ' ', ' ', 0xA0, 0xA0, 0x1680, 0x1680, 0x180E, 0x180E, 0x2000, 0x200A, 0x202F, 0x202F, 0x205F, 0x205F, 0x3000, 0x3000)
	case 'v':
		s = lineTerminators().union(ranges('\n', '\r'))
	default:
		return nil, false
	}
	if unicode.IsUpper(c) {
		s = s.negate()
	}
	return s, true
}

// lineTerminators are the characters that a dot does not match and before which $ may match.
func lineTerminators() set { return ranges('\n', '\n', '\r', '\r', 0x85, 0x85, 0x2028, 0x2029) }

// property returns the set that \p{name} stands for, and whether its letters lose their case under the flag i.
func property(name string) (s set, cased, ok bool) {
	if s, ok := posix(name); ok {
		return s, name == "Lower" || name == "Upper", true
	}
	if key, value, found := strings.Cut(name, "="); found {
		return keyed(strings.ToLower(key), value)
	}
	if rest, found := strings.CutPrefix(name, "java"); found {
		return javaProperty(rest)
	}
	if rest, found := strings.CutPrefix(name, "Is"); found {
		if s, ok := binary(strings.ToUpper(rest)); ok {
			return s, strings.HasSuffix(strings.ToUpper(rest), "CASE"), true
		}
		if s, ok := script(rest); ok {
			return s, false, true
		}
		name = rest
	}
	return category(name)
}

func posix(name string) (set, bool) {
	switch name {
	case "Lower":
		return ranges('a', 'z'), true
	case "Upper":
		return ranges('A', 'Z'), true
	case "ASCII":
		return ranges(0, 0x7F), true
	case "Alpha":
		return ranges('A', 'Z', 'a', 'z'), true
	case "Digit":
		return ranges('0', '9'), true
	case "Alnum":
		return ranges('0', '9', 'A', 'Z', 'a', 'z'), true
	case "Punct":
		return ranges('!', '/', ':', '@', '[', '`', '{', '~'), true
	case "Graph":
		return ranges('!', '~'), true
	case "Print":
		return ranges(' ', '~'), true
	case "Blank":
		return ranges('\t', '\t', ' ', ' '), true
	case "Cntrl":
		return ranges(0, 0x1F, 0x7F, 0x7F), true
	case "XDigit":
		return ranges('0', '9', 'A', 'F', 'a', 'f'), true
	case "Space":
		return ranges('\t', '\r', ' ', ' '), true
	}
	return nil, false
}

func keyed(key, value string) (s set, cased, ok bool) {
	switch key {
	case "sc", "script":
		s, ok = script(value)
		return s, false, ok
	case "gc", "general_category":
		return category(value)
	}
	return nil, false, false
}

func javaProperty(name string) (s set, cased, ok bool) {
	switch name {
	case "LowerCase":
		return fromTables(unicode.Ll, unicode.Other_Lowercase), true, true
	case "UpperCase":
		return fromTables(unicode.Lu, unicode.Other_Uppercase), true, true
	case "TitleCase":
		return fromTables(unicode.Lt), true, true
	case "Letter":
		return fromTables(unicode.L), false, true
	case "Digit":
		return fromTables(unicode.Nd), false, true
	case "LetterOrDigit":
		return fromTables(unicode.L, unicode.Nd), false, true
	case "Alphabetic":
		return alphabetic(), false, true
	case "Whitespace":
		return fromTables(unicode.Z).intersect(ranges(0xA0, 0xA0, 0x2007, 0x2007, 0x202F, 0x202F).negate()).union(ranges('\t', '\r', 0x1C, 0x1F)), false, true
	case "ISOControl":
		return ranges(0, 0x1F, 0x7F, 0x9F), false, true
	}
	return nil, false, false
}

func alphabetic() set { return fromTables(unicode.L, unicode.Nl, unicode.Other_Alphabetic) }

func binary(name string) (set, bool) {
	switch strings.ReplaceAll(name, "_", "") {
	case "ALPHABETIC":
		return alphabetic(), true
	case "LETTER":
		return fromTables(unicode.L), true
	case "IDEOGRAPHIC":
		return fromTables(unicode.Ideographic), true
	case "LOWERCASE":
		return fromTables(unicode.Ll, unicode.Other_Lowercase), true
	case "UPPERCASE":
		return fromTables(unicode.Lu, unicode.Other_Uppercase), true
	case "TITLECASE":
		return fromTables(unicode.Lt), true
	case "WHITESPACE":
		return fromTables(unicode.White_Space), true
	case "CONTROL":
		return fromTables(unicode.Cc), true
	case "PUNCTUATION":
		return fromTables(unicode.P), true
	case "DIGIT":
		return fromTables(unicode.Nd), true
	case "HEXDIGIT":
		return fromTables(unicode.Nd).union(ranges('A', 'F', 'a', 'f', 0xFF21, 0xFF26, 0xFF41, 0xFF46)), true
	}
	return nil, false
}

func script(name string) (set, bool) {
	for known, table := range unicode.Scripts {
		if strings.EqualFold(known, name) {
			return fromTables(table), true
		}
	}
	return nil, false
}

func category(name string) (s set, cased, ok bool) {
	switch name {
	case "LC":
		return fromTables(unicode.Lu, unicode.Ll, unicode.Lt), false, true
	case "LD":
		return fromTables(unicode.L, unicode.Nd), false, true
	case "L1":
		return ranges(0, 0xFF), false, true
	case "all":
		return ranges(0, maxRune), false, true
	}
	t, ok := unicode.Categories[name]
	if !ok {
		return nil, false, false
	}
	return fromTables(t), name == "Lu" || name == "Ll" || name == "Lt", true
}
