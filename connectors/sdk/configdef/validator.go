package configdef

import (
	"fmt"
	"strconv"
	"strings"
)

// Validator checks a parsed value. It must be safe for concurrent use.
type Validator interface {
	// Validate returns an error if value, which is nil for null, is not allowed
	// for the named key. Use [Invalid] for the usual wording.
	Validate(name string, value any) error
	// String describes what is allowed, for documentation.
	fmt.Stringer
}

// number is what a Range can be given as a bound.
type number interface {
	int | int16 | int32 | int64 | float64
}

// AtLeast allows numbers from min on.
func AtLeast[N number](min N) Validator {
	return rangeValidator{min: bound{float64(min), text(min)}, hasMin: true}
}

// AtMost allows numbers up to max.
func AtMost[N number](max N) Validator {
	return rangeValidator{max: bound{float64(max), text(max)}, hasMax: true}
}

// Between allows numbers from min to max, both included.
func Between[N number](min, max N) Validator {
	return rangeValidator{
		min: bound{float64(min), text(min)}, hasMin: true,
		max: bound{float64(max), text(max)}, hasMax: true,
	}
}

type bound struct {
	value float64
	text  string
}

// rangeValidator is Kafka's Range. It compares as float64, as Kafka does, so NaN
// is within every range.
type rangeValidator struct {
	min, max       bound
	hasMin, hasMax bool
}

func (r rangeValidator) Validate(name string, value any) error {
	if value == nil {
		return Invalid(name, nil, "Value must be non-null")
	}
	n, ok := asFloat(value)
	switch {
	case !ok:
		return Invalid(name, value, "Value must be a number")
	case r.hasMin && n < r.min.value:
		return Invalid(name, value, "Value must be at least "+r.min.text)
	case r.hasMax && n > r.max.value:
		return Invalid(name, value, "Value must be no more than "+r.max.text)
	}
	return nil
}

func (r rangeValidator) String() string {
	switch {
	case !r.hasMin && !r.hasMax:
		return "[...]"
	case !r.hasMax:
		return "[" + r.min.text + ",...]"
	case !r.hasMin:
		return "[...," + r.max.text + "]"
	}
	return "[" + r.min.text + ",...," + r.max.text + "]"
}

// ValidString allows the given texts only, and so not null.
func ValidString(allowed ...string) Validator {
	return validString(append([]string(nil), allowed...))
}

type validString []string

func (v validString) Validate(name string, value any) error {
	s, isText := value.(string)
	if isText {
		for _, allowed := range v {
			if s == allowed {
				return nil
			}
		}
	}
	return Invalid(name, value, "String must be one of: "+strings.Join(v, ", "))
}

func (v validString) String() string { return "[" + strings.Join(v, ", ") + "]" }

// CaseInsensitiveValidString allows the given texts in any mixture of cases. The
// parsed value keeps the user's spelling. Messages list the texts in upper case
// and in the order of a Java HashSet, which is what Kafka shows.
func CaseInsensitiveValidString(allowed ...string) Validator {
	upper := make([]string, len(allowed))
	for i, s := range allowed {
		upper[i] = upperCase(s)
	}
	return caseInsensitive(hashSetOrder(upper))
}

type caseInsensitive []string

func (v caseInsensitive) Validate(name string, value any) error {
	s, isText := value.(string)
	if isText {
		upper := upperCase(s)
		for _, allowed := range v {
			if upper == allowed {
				return nil
			}
		}
	}
	return Invalid(name, value, "String must be one of (case insensitive): "+strings.Join(v, ", "))
}

func (v caseInsensitive) String() string {
	return "(case insensitive) [" + strings.Join(v, ", ") + "]"
}

// NonNull allows everything but null.
func NonNull() Validator {
	return Lambda("non-null string", func(name string, value any) error {
		if value == nil {
			return Invalid(name, nil, "entry must be non null")
		}
		return nil
	})
}

// NonEmptyString allows every text but the empty one. It allows null, and texts
// of blanks.
func NonEmptyString() Validator {
	return Lambda("non-empty string", func(name string, value any) error {
		if s, isText := value.(string); isText && s == "" {
			return Invalid(name, value, "String must be non-empty")
		}
		return nil
	})
}

// NonEmptyStringWithoutControlChars allows null, and every text that is not empty
// and holds no ISO control character (U+0000 to U+001F, U+007F to U+009F).
func NonEmptyStringWithoutControlChars() Validator {
	return Lambda("non-empty string without ISO control characters", func(name string, value any) error {
		s, isText := value.(string)
		if !isText {
			return nil
		}
		if s == "" {
			return Invalid(name, value, "String may not be empty")
		}
		var found []string
		for _, r := range s {
			if r <= 0x1f || (r >= 0x7f && r <= 0x9f) {
				found = append(found, strconv.Itoa(int(r)))
			}
		}
		if len(found) > 0 {
			return Invalid(name, value, "String may not contain control sequences but had the following ASCII chars: "+strings.Join(found, ", "))
		}
		return nil
	})
}

// ValidRegex allows every text that compile accepts as a pattern. It does not
// allow null.
func ValidRegex(compile func(pattern string) error) Validator {
	return Lambda("valid regex", func(name string, value any) error {
		s, isText := value.(string)
		if !isText {
			return Invalid(name, value, "Invalid regex: the value is null or no text")
		}
		if err := compile(s); err != nil {
			e := Invalid(name, value, "Invalid regex: "+err.Error())
			e.Cause = err
			return e
		}
		return nil
	})
}

// Composite asks the validators one after the other; the first complaint counts.
func Composite(validators ...Validator) Validator {
	return composite(append([]Validator(nil), validators...))
}

type composite []Validator

func (c composite) Validate(name string, value any) error {
	for _, v := range c {
		if err := v.Validate(name, value); err != nil {
			return err
		}
	}
	return nil
}

func (c composite) String() string {
	texts := make([]string, len(c))
	for i, v := range c {
		texts[i] = v.String()
	}
	return strings.Join(texts, ", ")
}

// Lambda makes a Validator of a function and a description of what it allows.
func Lambda(description string, validate func(name string, value any) error) Validator {
	return lambda{description, validate}
}

type lambda struct {
	description string
	validate    func(name string, value any) error
}

func (l lambda) Validate(name string, value any) error { return l.validate(name, value) }

func (l lambda) String() string { return l.description }
