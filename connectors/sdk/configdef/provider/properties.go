package provider

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
)

// ParseProperties reads text in the format of java.util.Properties (described at
// its method load): one "key = value", "key: value" or "key value" on each line,
// comments after # or !, a backslash at the end to continue on the next line, and
// backslash escapes, of which \uXXXX is one UTF-16 unit. White space at the end of a
// value belongs to it. The last of equal keys counts. It fails on a malformed \u
// escape.
func ParseProperties(text string) (map[string]string, error) {
	all := make(map[string]string)
	for _, line := range logicalLines(text) {
		key, value := splitProperty(line)
		k, err := unescape(key)
		if err != nil {
			return nil, err
		}
		v, err := unescape(value)
		if err != nil {
			return nil, err
		}
		all[k] = v
	}
	return all, nil
}

// propertySpace is the white space of the format, apart from the ends of lines.
const propertySpace = " \t\f"

// logicalLines joins continued lines, and leaves out comments, blank lines and the
// white space that lines begin with.
//
// A backslash that is all there was of a line leaves nothing to continue: what
// follows is a line of its own, which may be blank or a comment. At the end of the
// text it leaves an empty line, which is the empty key.
func logicalLines(text string) []string {
	var lines []string
	var line []byte
	begin, continued, escape := true, false, false // in the white space before a line, one that continues another, after an escaping backslash
	for i := 0; i < len(text); i++ {
		c := text[i]
		end := isLineEnd(c)
		if begin {
			if strings.IndexByte(propertySpace, c) >= 0 || end && !continued {
				continue
			}
			begin, continued = false, false
		}
		switch {
		case len(line) == 0 && (end || c == '#' || c == '!'):
			for i < len(text) && !isLineEnd(text[i]) {
				i++
			}
			begin = true
		case !end:
			line = append(line, c)
			escape = c == '\\' && !escape
		case escape && i+1 == len(text): // the backslash stays until the end
		case escape:
			line = line[:len(line)-1]
			begin, continued, escape = true, true, false
			if text[i:i+2] == "\r\n" {
				i++
			}
		default:
			lines = append(lines, string(line))
			line, begin = line[:0], true
		}
	}
	if len(line) > 0 && escape {
		lines = append(lines, string(line[:len(line)-1]))
	} else if len(line) > 0 {
		lines = append(lines, string(line))
	}
	return lines
}

func isLineEnd(c byte) bool { return c == '\n' || c == '\r' }

// splitProperty cuts a line at the first white space, = or : that is not escaped.
// White space, one = or :, and white space again separate key and value.
func splitProperty(line string) (key, value string) {
	end := 0
	for end < len(line) && !strings.ContainsRune(propertySpace+"=:", rune(line[end])) {
		if line[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(line) {
		return line, ""
	}
	key = line[:end]
	value = strings.TrimLeft(line[end:], propertySpace)
	if value != "" && (value[0] == '=' || value[0] == ':') {
		value = strings.TrimLeft(value[1:], propertySpace)
	}
	return key, value
}

// unescape replaces backslash escapes. An unknown one stands for its character.
func unescape(s string) (string, error) {
	if !strings.Contains(s, `\`) {
		return s, nil
	}
	var b strings.Builder
	var units []uint16 // the \u escapes since the last other character
	flush := func() {
		b.WriteString(string(utf16.Decode(units)))
		units = units[:0]
	}
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			flush()
			b.WriteByte(s[i])
			continue
		}
		i++
		if s[i] == 'u' {
			unit, err := unicodeEscape(s[i+1:])
			if err != nil {
				return "", err
			}
			units = append(units, unit)
			i += 4
			continue
		}
		flush()
		b.WriteByte(escaped(s[i]))
	}
	flush()
	return b.String(), nil
}

func escaped(c byte) byte {
	switch c {
	case 't':
		return '\t'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 'f':
		return '\f'
	}
	return c
}

// unicodeEscape reads the four hexadecimal digits that s begins with.
func unicodeEscape(s string) (uint16, error) {
	if len(s) < 4 {
		return 0, fmt.Errorf(`malformed \uxxxx encoding: four hexadecimal digits must follow \u`)
	}
	unit, err := strconv.ParseUint(s[:4], 16, 16)
	if err != nil {
		return 0, fmt.Errorf(`malformed \uxxxx encoding: four hexadecimal digits must follow \u`)
	}
	return uint16(unit), nil
}
