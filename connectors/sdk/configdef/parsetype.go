package configdef

import (
	"math"
	"strings"
)

// ParseType turns a value given for a key into a value of type t: a text is read
// as the type, a value of the type stays as it is, and null (nil) stays null. It
// accepts an int32 for a LONG and any number for a DOUBLE. A text loses its white
// space at both ends first, as Java's String.trim removes it: every character up
// to U+0020. Classes are looked up with classes, which may be nil if t is not
// TypeClass.
//
// The error is an [*Error] in Kafka's words.
func ParseType(name string, value any, t Type, classes ClassResolver) (any, error) {
	if value == nil {
		return nil, nil
	}
	parsed, reason := parse(value, t, classes)
	if reason != "" {
		return nil, Invalid(name, value, reason)
	}
	return parsed, nil
}

// parse returns the parsed value, or why there is none.
func parse(value any, t Type, classes ClassResolver) (parsed any, reason string) {
	s, isText := value.(string)
	trimmed := trim(s)
	switch t {
	case TypeBoolean:
		return parseBoolean(value, trimmed, isText)
	case TypeString:
		if isText {
			return trimmed, ""
		}
		return nil, "Expected value to be a string, but it was a " + javaType(value)
	case TypePassword:
		return parsePassword(value, trimmed, isText)
	case TypeInt, TypeShort, TypeLong:
		return parseInteger(value, trimmed, isText, t)
	case TypeDouble:
		return parseDouble(value, trimmed, isText)
	case TypeList:
		return parseList(value, trimmed, isText)
	case TypeClass:
		return parseClass(value, trimmed, isText, classes)
	}
	return nil, "Unknown type " + t.String()
}

func parseBoolean(value any, trimmed string, isText bool) (any, string) {
	if b, ok := value.(bool); ok {
		return b, ""
	}
	switch {
	case isText && strings.EqualFold(trimmed, "true"):
		return true, ""
	case isText && strings.EqualFold(trimmed, "false"):
		return false, ""
	}
	return nil, "Expected value to be either true or false"
}

func parsePassword(value any, trimmed string, isText bool) (any, string) {
	if p, ok := value.(Password); ok {
		return p, ""
	}
	if isText {
		return NewPassword(trimmed), ""
	}
	return nil, "Expected value to be a string, but it was a " + javaType(value)
}

func parseInteger(value any, trimmed string, isText bool, t Type) (any, string) {
	if isText {
		n, ok := parseJavaInteger(trimmed)
		if !ok || n < integers[t].min || n > integers[t].max {
			return nil, "Not a number of type " + t.String()
		}
		return integers[t].value(n), ""
	}
	switch v := value.(type) {
	case int16:
		if t == TypeShort {
			return v, ""
		}
	case int32:
		if t == TypeInt {
			return v, ""
		}
		if t == TypeLong {
			return int64(v), ""
		}
	case int64:
		if t == TypeLong {
			return v, ""
		}
	}
	return nil, "Expected value to be a " + integers[t].words + ", but it was a " + javaType(value)
}

// integers says how each integer type is bounded, made and called.
//
//nolint:gochecknoglobals // a constant table; Go has no constant maps or arrays
var integers = map[Type]struct {
	min, max int64
	words    string
	value    func(int64) any
}{
	TypeShort: {math.MinInt16, math.MaxInt16, "16-bit integer (short)", func(n int64) any { return int16(n) }},
	TypeInt:   {math.MinInt32, math.MaxInt32, "32-bit integer", func(n int64) any { return int32(n) }},
	TypeLong:  {math.MinInt64, math.MaxInt64, "64-bit integer (long)", func(n int64) any { return n }},
}

func parseDouble(value any, trimmed string, isText bool) (any, string) {
	if isText {
		if f, ok := parseJavaDouble(trimmed); ok {
			return f, ""
		}
		return nil, "Not a number of type DOUBLE"
	}
	if f, ok := asFloat(value); ok {
		return f, ""
	}
	return nil, "Expected value to be a double, but it was a " + javaType(value)
}

func parseList(value any, trimmed string, isText bool) (any, string) {
	if list, ok := value.([]string); ok {
		return list, ""
	}
	if !isText {
		return nil, "Expected a comma separated list."
	}
	return splitList(trimmed), ""
}

// splitList splits at commas and the white space around them. Empty values stay,
// but the empty text is the empty list.
func splitList(s string) []string {
	if s == "" {
		return []string{}
	}
	list := strings.Split(s, ",")
	for i, v := range list {
		if i > 0 {
			v = strings.TrimLeft(v, javaSpace)
		}
		if i < len(list)-1 {
			v = strings.TrimRight(v, javaSpace)
		}
		list[i] = v
	}
	return list
}

// javaSpace is what \s matches in a Java regular expression.
const javaSpace = " \t\n\v\f\r"

func parseClass(value any, trimmed string, isText bool, classes ClassResolver) (any, string) {
	if c, ok := value.(Class); ok {
		return c, ""
	}
	if !isText {
		return nil, "Expected a Class instance or class name."
	}
	if classes != nil {
		if c, ok := classes(trimmed); ok {
			return c, ""
		}
	}
	return nil, "Class " + text(value) + " could not be found."
}

// trim is Java's String.trim.
func trim(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
}
