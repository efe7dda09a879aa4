package catalog

import (
	"strconv"
	"strings"

	"github.com/ferry-connect/ferry/connectors/sdk/configdef"
)

// ParseValidator makes a validator from its description. ok is false for a description that is not enough to do so; then
// the validator must run where the plugin is. The result describes itself as text does.
//
// Only connectors are bound to describable validators, since the coordinator does not link them.
func ParseValidator(text string) (v configdef.Validator, ok bool) {
	switch {
	case text == "":
		return nil, true
	case text == configdef.NonEmptyString().String():
		v = configdef.NonEmptyString()
	case text == configdef.NonNull().String():
		v = configdef.NonNull()
	case text == configdef.NonEmptyStringWithoutControlChars().String():
		v = configdef.NonEmptyStringWithoutControlChars()
	case text == configdef.NonEmptyList().String():
		v = configdef.NonEmptyList()
	default:
		v = parseBracketed(text)
	}
	return v, v != nil && v.String() == text
}

// parseBracketed reads [1,...], [...,2], [1,...,2], [a, b] and (case insensitive) [A, B].
func parseBracketed(text string) configdef.Validator {
	inner, insensitive := strings.CutPrefix(text, "(case insensitive) ")
	if !strings.HasPrefix(inner, "[") || !strings.HasSuffix(inner, "]") {
		return nil
	}
	inner = inner[1 : len(inner)-1]
	if insensitive {
		return configdef.CaseInsensitiveValidString(strings.Split(inner, ", ")...)
	}
	const gap = "..."
	switch before, after, isRange := strings.Cut(inner, gap); {
	case !isRange:
		return configdef.ValidString(strings.Split(inner, ", ")...)
	case strings.HasSuffix(before, ",") && after == "":
		return bounded(strings.TrimSuffix(before, ","), "")
	case before == "" && strings.HasPrefix(after, ","):
		return bounded("", strings.TrimPrefix(after, ","))
	case strings.HasSuffix(before, ",") && strings.HasPrefix(after, ","):
		return bounded(strings.TrimSuffix(before, ","), strings.TrimPrefix(after, ","))
	}
	return nil
}

// bounded returns a range of whole numbers if both bounds are, else of numbers; an empty bound is none.
func bounded(least, most string) configdef.Validator {
	lo, loErr := strconv.ParseInt(least, 10, 64)
	hi, hiErr := strconv.ParseInt(most, 10, 64)
	if (least == "" || loErr == nil) && (most == "" || hiErr == nil) {
		return rangeOf(least != "", most != "", lo, hi)
	}
	from, fromErr := strconv.ParseFloat(least, 64)
	to, toErr := strconv.ParseFloat(most, 64)
	if (least != "" && fromErr != nil) || (most != "" && toErr != nil) {
		return nil
	}
	return rangeOf(least != "", most != "", from, to)
}

func rangeOf[N int64 | float64](hasLeast, hasMost bool, least, most N) configdef.Validator {
	switch {
	case hasLeast && hasMost:
		return configdef.Between(least, most)
	case hasLeast:
		return configdef.AtLeast(least)
	case hasMost:
		return configdef.AtMost(most)
	}
	return nil
}
