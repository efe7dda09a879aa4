package javaregex

import (
	"strconv"
	"strings"
)

// expand fills a replacement with groups, by the rules and with the errors of Matcher.appendReplacement.
func (re *Regexp) expand(replacement string, group func(i int) string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(replacement); {
		switch c := replacement[i]; c {
		case '\\':
			if i++; i == len(replacement) {
				return "", illegalArgument("character to be escaped is missing")
			}
			b.WriteByte(replacement[i]) // the rest of a longer character follows literally
			i++
		case '$':
			n, next, err := re.reference(replacement, i+1)
			if err != nil {
				return "", err
			}
			b.WriteString(group(n))
			i = next
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String(), nil
}

// reference reads what follows a dollar and returns the number of the group and where to go on.
func (re *Regexp) reference(replacement string, i int) (group, next int, err error) {
	if i == len(replacement) {
		return 0, 0, illegalArgument("Illegal group reference: group index is missing")
	}
	if replacement[i] == '{' {
		return re.namedReference(replacement, i+1)
	}
	if !isDigit(rune(replacement[i])) {
		return 0, 0, illegalArgument("Illegal group reference")
	}
	group = int(replacement[i] - '0')
	// More digits belong to the number as long as there is such a group.
	for i++; i < len(replacement) && isDigit(rune(replacement[i])); i++ {
		longer := group*10 + int(replacement[i]-'0')
		if longer > re.groups {
			break
		}
		group = longer
	}
	if group > re.groups {
		return 0, 0, &ReplacementError{Class: "java.lang.IndexOutOfBoundsException", Message: "No group " + strconv.Itoa(group)}
	}
	return group, i, nil
}

func (re *Regexp) namedReference(replacement string, i int) (group, next int, err error) {
	start := i
	for i < len(replacement) && (isLetter(rune(replacement[i])) || isDigit(rune(replacement[i]))) {
		i++
	}
	name := replacement[start:i]
	if name == "" || i == len(replacement) || replacement[i] != '}' {
		return 0, 0, illegalArgument("named capturing group is missing trailing '}'")
	}
	if isDigit(rune(name[0])) {
		return 0, 0, illegalArgument("capturing group name {" + name + "} starts with digit character")
	}
	group, ok := re.names[name]
	if !ok {
		return 0, 0, illegalArgument("No group with name {" + name + "}")
	}
	return group, i + 1, nil
}
