package javaregex

import (
	"strings"
	"unicode"
)

// classEscape returns the set of a predefined class such as \d.
func classEscape(c rune, wide bool) (set, bool) {
	var s set
	switch l := unicode.ToLower(c); l {
	case 'd', 'w', 's':
		s = classOf(l, wide)
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

// classOf returns the set of \d, \w or \s, which is of all scripts under the flag U.
func classOf(c rune, wide bool) set {
	switch {
	case c == 'd' && wide:
		return fromTables(unicode.Nd)
	case c == 'd':
		return ranges('0', '9')
	case c == 'w' && wide:
		return alphabetic().union(fromTables(unicode.M, unicode.Nd, unicode.Pc, unicode.Join_Control))
	case c == 'w':
		return ranges('0', '9', 'A', 'Z', '_', '_', 'a', 'z')
	case wide:
		return fromTables(unicode.White_Space)
	}
	return ranges('\t', '\r', ' ', ' ')
}

// lineTerminators are the characters that a dot does not match and before which $ may match.
func lineTerminators() set { return ranges('\n', '\n', '\r', '\r', 0x85, 0x85, 0x2028, 0x2029) }

// property returns the set that \p{name} stands for, under the flags U and i.
func property(name string, wide, fold bool) (s set, ok bool) {
	if wide {
		s, ok = widePOSIX(name)
	}
	if !ok {
		s, ok = posix(name)
	}
	switch {
	case ok && fold && wide && (name == "Lower" || name == "Upper"):
		return cased(), true
	case ok && fold && (name == "Lower" || name == "Upper"):
		return ranges('A', 'Z', 'a', 'z'), true
	case ok:
		return s, true
	}
	if key, value, found := strings.Cut(name, "="); found {
		return keyed(strings.ToLower(key), value, fold)
	}
	if rest, found := strings.CutPrefix(name, "java"); found {
		if fold && strings.HasSuffix(rest, "Case") {
			return cased(), true
		}
		return javaProperty(rest)
	}
	if rest, found := strings.CutPrefix(name, "In"); found {
		return block(rest)
	}
	if rest, found := strings.CutPrefix(name, "Is"); found {
		if s, ok := binary(strings.ToUpper(rest)); ok {
			if fold && strings.HasSuffix(strings.ToUpper(rest), "CASE") {
				s = cased()
			}
			return s, true
		}
		if s, ok := script(rest); ok {
			return s, true
		}
		name = rest
	}
	return category(name, fold)
}

// cased are the letters that have a case.
func cased() set {
	return fromTables(unicode.Lu, unicode.Ll, unicode.Lt, unicode.Other_Lowercase, unicode.Other_Uppercase)
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

// widePOSIX is posix under the flag U.
func widePOSIX(name string) (s set, ok bool) {
	switch name {
	case "Lower":
		return fromTables(unicode.Ll, unicode.Other_Lowercase), true
	case "Upper":
		return fromTables(unicode.Lu, unicode.Other_Uppercase), true
	case "Alpha":
		return alphabetic(), true
	case "Digit":
		return fromTables(unicode.Nd), true
	case "Alnum":
		return alphabetic().union(fromTables(unicode.Nd)), true
	case "Punct":
		return fromTables(unicode.P), true
	case "Graph":
		return graphic(), true
	case "Print":
		return graphic().union(blank()).intersect(fromTables(unicode.Cc).negate()), true
	case "Blank":
		return blank(), true
	case "Cntrl":
		return fromTables(unicode.Cc), true
	case "XDigit":
		return hexDigits(), true
	case "Space":
		return fromTables(unicode.White_Space), true
	}
	return nil, false
}

func graphic() set {
	return fromTables(unicode.White_Space, unicode.Cc, unicode.Cs).union(unassigned()).negate()
}

func blank() set {
	return fromTables(unicode.White_Space).intersect(ranges('\n', '\r', 0x85, 0x85, 0x2028, 0x2029).negate())
}

func hexDigits() set {
	return fromTables(unicode.Nd).union(ranges('A', 'F', 'a', 'f', 0xFF21, 0xFF26, 0xFF41, 0xFF46))
}

func unassigned() set {
	return fromTables(unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.C).negate()
}

func keyed(key, value string, fold bool) (s set, ok bool) {
	switch key {
	case "sc", "script":
		return script(value)
	case "blk", "block":
		return block(value)
	case "gc", "general_category":
		return category(value, fold)
	}
	return nil, false
}

// javaProperty returns the characters of which a method of java.lang.Character says that they are something.
func javaProperty(name string) (s set, ok bool) {
	switch name {
	case "LowerCase":
		return fromTables(unicode.Ll, unicode.Other_Lowercase), true
	case "UpperCase":
		return fromTables(unicode.Lu, unicode.Other_Uppercase), true
	case "TitleCase":
		return fromTables(unicode.Lt), true
	case "Letter":
		return fromTables(unicode.L), true
	case "Digit":
		return fromTables(unicode.Nd), true
	case "LetterOrDigit":
		return fromTables(unicode.L, unicode.Nd), true
	case "Alphabetic":
		return alphabetic(), true
	case "Ideographic":
		return fromTables(unicode.Ideographic), true
	case "SpaceChar":
		return fromTables(unicode.Z), true
	case "Whitespace":
		return fromTables(unicode.Z).intersect(ranges(0xA0, 0xA0, 0x2007, 0x2007, 0x202F, 0x202F).negate()).union(ranges('\t', '\r', 0x1C, 0x1F)), true
	case "ISOControl":
		return ranges(0, 0x1F, 0x7F, 0x9F), true
	case "Defined":
		return unassigned().negate(), true
	}
	return javaIdentifier(name)
}

// javaIdentifier returns the characters that may begin identifiers, or be in them.
func javaIdentifier(name string) (s set, ok bool) {
	ignorable := fromTables(unicode.Cf).union(ranges(0, 8, 0x0E, 0x1B, 0x7F, 0x9F))
	part := ignorable.union(fromTables(unicode.L, unicode.Nl, unicode.Pc, unicode.Nd, unicode.Mn, unicode.Mc))
	switch name {
	case "IdentifierIgnorable":
		return ignorable, true
	case "JavaIdentifierStart":
		return fromTables(unicode.L, unicode.Nl, unicode.Sc, unicode.Pc), true
	case "JavaIdentifierPart":
		return part.union(fromTables(unicode.Sc)), true
	case "UnicodeIdentifierStart":
		return fromTables(unicode.L, unicode.Nl, unicode.Other_ID_Start), true
	case "UnicodeIdentifierPart":
		return part.union(fromTables(unicode.Other_ID_Start, unicode.Other_ID_Continue)), true
	}
	return nil, false
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
	case "ASSIGNED":
		return unassigned().negate(), true
	case "JOINCONTROL":
		return fromTables(unicode.Join_Control), true
	case "NONCHARACTERCODEPOINT":
		return fromTables(unicode.Noncharacter_Code_Point), true
	case "HEXDIGIT":
		return hexDigits(), true
	}
	return nil, false
}

func script(name string) (set, bool) {
	if long, ok := unicodeName("script", name); ok {
		name = long
	}
	for known, table := range unicode.Scripts {
		if strings.EqualFold(known, name) {
			return fromTables(table), true
		}
	}
	return nil, false
}

func category(name string, fold bool) (set, bool) {
	switch name {
	case "LC":
		return fromTables(unicode.Lu, unicode.Ll, unicode.Lt), true
	case "LD":
		return fromTables(unicode.L, unicode.Nd), true
	case "L1":
		return ranges(0, 0xFF), true
	case "all":
		return ranges(0, maxRune), true
	case "Cn":
		return unassigned(), true
	case "Lu", "Ll", "Lt":
		if fold {
			return fromTables(unicode.Lu, unicode.Ll, unicode.Lt), true
		}
	}
	t, ok := unicode.Categories[name]
	if !ok {
		return nil, false
	}
	return fromTables(t), true
}
